"""Settlement of rural and pastoral families (article 22; reading R22).

A family that has lived together in the urban area or a designated town without a break for three
years may have its hukou here, if it wishes; a permit is no precondition. Housing, job and insurance
are not asked for, so they are no parameters here. The answer is an indication for the hukou police,
never their decision.

Never: says anything about other ways to a local hukou, which lie outside the Measures.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from regulation.outcome import Actor, Decision, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.residence import completed_on

_MONTHS = 12


class HukouKind(StrEnum):
    """Whether the hukou is rural or pastoral (农村牧区籍)."""

    RURAL_PASTORAL = "rural_pastoral"
    URBAN = "urban"


class Area(StrEnum):
    """What kind of place is lived in: urban area (市区), designated town (建制镇), or neither."""

    URBAN = "urban"
    TOWN = "town"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFacts:
    """What article 22 asks for, and no more.

    `since` is the day from which residence in urban area or town counts without a break, None
    while nothing is registered. `whole_family` is attested.
    """

    hukou_kind: HukouKind
    area: Area
    whole_family: bool
    since: date | None
    own_wish: bool = True


def check_settlement(
    facts: SettlementFacts, *, day: date, parameters: Parameters = AS_ISSUED
) -> Decision:
    """Indicate whether article 22 is met on `day`; all that is not met is named at once.

    `earliest` is the day on which three years are full, where nothing but time is missing.
    """
    unmet = [
        reason
        for reason, holds in (
            (Reason.NOT_WHOLE_FAMILY, facts.whole_family),
            (Reason.NOT_URBAN_OR_TOWN, facts.area is not Area.VILLAGE),
            (Reason.NOT_RURAL_PASTORAL, facts.hukou_kind is HukouKind.RURAL_PASTORAL),
            (Reason.NOT_OWN_WISH, facts.own_wish),
            (Reason.NOT_REGISTERED, facts.since is not None),
        )
        if not holds
    ]
    earliest = None
    if facts.since is not None:
        months = _MONTHS * parameters.values.settlement_years
        full = completed_on(facts.since, months=months, readings=parameters.readings)
        if day < full:
            earliest = None if unmet else full
            unmet.append(Reason.RESIDENCE_UNDER_THREE_YEARS)
    return Decision(
        outcome=Outcome.NOT_MET if unmet else Outcome.MET,
        articles=("22",),
        reasons=tuple(unmet),
        readings=parameters.readings.applied("R3", "R4", "R22"),
        earliest=earliest,
        who=Actor.PUBLIC_SECURITY,
        version=parameters.version,
    )
