"""Who may have a residence permit (articles 2 and 15; readings R1 to R4, R13 to R15, R23).

All guards are looked at and all reasons told at once. What time alone can cure carries the earliest
date on which the half year is full. Applying is voluntary (可以): nobody is in breach for not doing
it, and nothing here opens an application.

Never: takes hukou from an identity number (R15), or decides; a named official does.
"""

from dataclasses import dataclass
from datetime import date

from regulation.divisions import COUNTY_DIGITS, within
from regulation.evidence import QualifyingCondition
from regulation.outcome import Actor, Decision, Outcome, Reason
from regulation.parameters import AS_ISSUED, AppliedReading, Parameters
from regulation.residence import completed_on
from regulation.scope import PersonKind, Route, not_in_force, routed_away

THREE_DISTRICTS = frozenset({"150402", "150403", "150404"})
"""Hongshan, Yuanbaoshan, Songshan: the city's own districts (article 2 paragraph 2)."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Residence:
    """Where and since when somebody lives here, and where their hukou is.

    `hukou` is the current one (R15), None where there is none; `division` a county's or township's
    code. `clock_start` comes from `regulation.history`, None while nothing is registered.
    `county_since` is the day on which a move into the present county was declared, `cancelled_on`
    that of an earlier permit's cancellation; None where there was none.
    """

    kind: PersonKind = PersonKind.CITIZEN
    hukou: str | None
    division: str
    clock_start: date | None
    county_since: date | None = None
    cancelled_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityDecision(Decision):
    """Whether somebody may have a permit.

    `qualifying_start` is what the half year counts from, `route` the rules that apply instead.
    """

    qualifying_start: date | None = None
    route: Route | None = None


def three_district_excluded(*, hukou: str, division: str) -> bool:
    """Whether hukou and residence lie in two different ones of the three districts (R14)."""
    home, here = hukou[:COUNTY_DIGITS], division[:COUNTY_DIGITS]
    return home != here and {home, here} <= THREE_DISTRICTS


def excluded_by_hukou(*, hukou: str | None, division: str) -> Reason | None:
    """Return why the hukou excludes a permit for this place of residence (article 2)."""
    if hukou is None:
        return Reason.NOT_MAINLAND_HUKOU_CITIZEN
    if hukou[:COUNTY_DIGITS] == division[:COUNTY_DIGITS]:
        return Reason.SAME_COUNTY_HUKOU
    if three_district_excluded(hukou=hukou, division=division):
        return Reason.THREE_DISTRICT_EXCLUSION
    return None


def competent_office(office: str, residence: str) -> bool:
    """Whether a receiving office is one of the place of residence (article 2).

    An office of the county serves all its townships; a township's serves the township.
    """
    return within(residence, office) or within(office, residence)


def qualifying_start(residence: Residence, parameters: Parameters = AS_ISSUED) -> date | None:
    """Return the day from which the half year counts, None while nothing is registered.

    It is the residence clock (R1); a city may read otherwise that the half year has to be lived in
    the present county (R13), or after a cancellation (R23).
    """
    start = residence.clock_start
    if start is None:
        return None
    if parameters.chosen("R13") == "county-half-year" and residence.county_since is not None:
        start = max(start, residence.county_since)
    if parameters.chosen("R23") == "from-cancellation" and residence.cancelled_on is not None:
        start = max(start, residence.cancelled_on)
    return start


def half_year_full_on(start: date, parameters: Parameters = AS_ISSUED) -> date:
    """Return the first day on which half a year from `start` is full (article 2; R2, R3, R4)."""
    months = parameters.values.half_year_months
    return completed_on(start, months=months, readings=parameters.readings)


def eligibility(
    residence: Residence,
    conditions: frozenset[QualifyingCondition],
    *,
    day: date,
    parameters: Parameters = AS_ISSUED,
) -> EligibilityDecision:
    """Judge whether somebody may have a permit on `day` (articles 2, 15, 31, 33).

    `earliest` says when the half year is full, unless the hukou excludes a permit anyway.
    """
    outside = _outside(residence, day, parameters)
    if outside is not None:
        return outside
    reasons = list[Reason]()
    excluded = excluded_by_hukou(hukou=residence.hukou, division=residence.division)
    if excluded is not None:
        reasons.append(excluded)
    start, earliest = qualifying_start(residence, parameters), None
    if start is None:
        reasons.append(Reason.NOT_REGISTERED)
    elif day < (full := half_year_full_on(start, parameters)):
        reasons.append(Reason.RESIDENCE_UNDER_HALF_YEAR)
        earliest = None if excluded else full
    if not conditions:
        reasons.append(Reason.NO_QUALIFYING_CONDITION)
    return EligibilityDecision(
        outcome=Outcome.NOT_ELIGIBLE if reasons else Outcome.MET,
        reasons=tuple(reasons),
        articles=("2", "15"),
        readings=_touched(residence, parameters),
        earliest=earliest,
        who=Actor.APPLICANT,
        qualifying_start=start,
        version=parameters.version,
    )


def _outside(residence: Residence, day: date, parameters: Parameters) -> EligibilityDecision | None:
    """Articles 31 and 33: to whom or when the Measures do not apply at all."""
    away = routed_away(residence.kind, residence.hukou, parameters)
    found = away or not_in_force(day, parameters)
    if found is None:
        return None
    earliest = found.earliest
    start = qualifying_start(residence, parameters)
    if earliest is not None and start is not None:
        earliest = max(earliest, half_year_full_on(start, parameters))
    return EligibilityDecision(
        outcome=found.outcome,
        reasons=found.reasons,
        articles=found.articles,
        readings=found.readings,
        earliest=earliest,
        who=Actor.APPLICANT,
        route=found.route,
        version=parameters.version,
    )


def _touched(residence: Residence, parameters: Parameters) -> tuple[AppliedReading, ...]:
    """Name the readings that the facts bring into play (article 1)."""
    ids = ["R15"]
    if residence.clock_start is not None:
        ids = ["R1", "R2", "R3", "R4", "R15"]
    if residence.county_since is not None:
        ids.append("R13")
    if three_district_excluded(hukou=residence.hukou or "", division=residence.division):
        ids.append("R14")
    if residence.cancelled_on is not None:
        ids.append("R23")
    return parameters.readings.applied(*ids)
