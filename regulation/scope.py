"""To whom and since when the Measures apply (articles 31 and 33).

Foreigners, stateless persons and residents of Hong Kong, Macao and Taiwan are registered under
state rules and have cards of their own: they are shown the way and never asked for a resident
identity card. A number beginning 81, 82 or 83 passes the check digit, so the kind is told first.

Never: applies those other rules.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from regulation.outcome import Decision, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters


class PersonKind(StrEnum):
    """Which rules of registration a person comes under."""

    CITIZEN = "citizen"
    HONG_KONG = "hong_kong"
    MACAO = "macao"
    TAIWAN = "taiwan"
    FOREIGNER = "foreigner"


class Route(StrEnum):
    """The rules to turn to instead (article 31)."""

    FOREIGNERS = "foreigners"
    HONG_KONG_MACAO_TAIWAN = "hong_kong_macao_taiwan"
    NO_MAINLAND_HUKOU = "no_mainland_hukou"

    @property
    def zh(self) -> str:
        """Where to turn, in Chinese."""
        return _ROUTES[self][0]

    @property
    def en(self) -> str:
        """Where to turn, in English."""
        return _ROUTES[self][1]


_ROUTES = {
    Route.FOREIGNERS: (
        "外国人、无国籍人住宿登记和居留按《出境入境管理法》等国家有关规定办理（第三十一条）",
        "state rules on registration of foreigners (art 31)",
    ),
    Route.HONG_KONG_MACAO_TAIWAN: (
        "港澳台居民按《港澳台居民居住证申领发放办法》（国办发〔2018〕81号）办理（第三十一条）",
        "state rules on residents of Hong Kong, Macao and Taiwan (art 31)",
    ),
    Route.NO_MAINLAND_HUKOU: (
        "未登记常住户口的公民请先到户口登记机关办理（第二条）",
        "a citizen without registered hukou turns to the hukou office first (art 2)",
    ),
}
# Codes of the card for residents of Hong Kong, Macao and Taiwan (2018).
_BY_PREFIX = {"81": PersonKind.HONG_KONG, "82": PersonKind.MACAO, "83": PersonKind.TAIWAN}
# Taiwan's code in GB/T 2260, as a hukou division; 83 stands on the card only.
_OUTSIDE_MAINLAND = ("71", "81", "82", "83")
_CITIZEN = re.compile(r"[1-6][0-9]{16}[0-9X]|[0-9]{15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedAway(Decision):
    """The Measures do not apply; `route` says which rules do, where others do."""

    route: Route | None = None


def person_kind(document_number: str) -> PersonKind:
    """Tell the kind of person from the number of the document shown (article 31).

    A number that is none, or whose check digit is wrong, may still be a citizen's: that is for
    `regulation.id_number` to say.
    """
    text = document_number.strip().upper()
    if len(text) == len("810000199001159999") and text[:2] in _BY_PREFIX:
        return _BY_PREFIX[text[:2]]
    if _CITIZEN.fullmatch(text) or not re.match(r"[A-Z]|9[0-9]{16}[0-9X]$", text):
        return PersonKind.CITIZEN
    return PersonKind.FOREIGNER


def has_mainland_hukou(kind: PersonKind, hukou: str | None) -> bool:
    """Whether somebody is a citizen with mainland hukou (articles 2 and 31)."""
    if kind is not PersonKind.CITIZEN or not hukou:
        return False
    return not hukou.startswith(_OUTSIDE_MAINLAND)


def routed_away(
    kind: PersonKind, hukou: str | None, parameters: Parameters = AS_ISSUED
) -> RoutedAway | None:
    """Return the way to other rules for whoever has no mainland hukou, else None (article 31)."""
    if has_mainland_hukou(kind, hukou):
        return None
    if kind is PersonKind.FOREIGNER:
        route = Route.FOREIGNERS
    elif kind is PersonKind.CITIZEN and not hukou:
        route = Route.NO_MAINLAND_HUKOU
    else:
        route = Route.HONG_KONG_MACAO_TAIWAN
    return RoutedAway(
        outcome=Outcome.OUT_OF_SCOPE,
        reasons=(Reason.NOT_MAINLAND_HUKOU_CITIZEN,),
        articles=("2", "31"),
        route=route,
        version=parameters.version,
    )


def in_force(day: date, parameters: Parameters = AS_ISSUED) -> bool:
    """Whether the Measures were in force on `day` (article 33, R25)."""
    return day >= parameters.in_force_from


def not_in_force(day: date, parameters: Parameters = AS_ISSUED) -> RoutedAway | None:
    """Return why nothing is decided under the Measures on `day`, None once they are in force."""
    if in_force(day, parameters):
        return None
    return RoutedAway(
        outcome=Outcome.OUT_OF_SCOPE,
        reasons=(Reason.NOT_IN_FORCE,),
        articles=("33",),
        readings=parameters.readings.applied("R25"),
        earliest=parameters.in_force_from,
        version=parameters.version,
    )
