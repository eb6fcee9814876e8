"""The city's entitlements on a day, as counts: by service and answer, with status and clock.

Two trees are counted, of the same persons in the same counties as the tables of statistics: city,
county and permit; city, county and clock. They are protected as policies/suppression.py says, and
shown to the nearest ten. What is told of a service is read off the counts that are shown, never
off those that are withheld: so it tells nothing more.

Days are today and the first days of months: two days of one's choice could be subtracted. This
module never touches a person.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from db.standings import Stood
from db.statistics import NO_PERMIT
from policies.suppression import Key, protect, rounded
from regulation import divisions
from regulation.entitlement import Answer, entitlements
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import PermitStatus
from regulation.residence import HALF_A_YEAR, THREE_YEARS, continuous_at_least
from regulation.roll_out import NOWHERE, RollOut
from resolvers.statistics import HOLDINGS


class Clock(StrEnum):
    """For how long residence counted on the day (articles 2, 22)."""

    NONE = "none"
    UNDER_HALF_A_YEAR = "under-half-a-year"
    HALF_A_YEAR = "half-a-year"
    THREE_YEARS = "three-years"


CLOCKS: Final = tuple(clock.value for clock in Clock)


class Line(NamedTuple):
    """How many persons of a county, or of the city where it is None; None where it is withheld."""

    division: str | None
    what: str
    persons: int | None


class ServiceLine(NamedTuple):
    """How many persons of a county or the city have one answer for one service."""

    division: str | None
    service: str
    answer: str
    persons: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementTables:
    """The tables of one day; the same lines whatever was counted."""

    day: str
    permits: Sequence[Line]
    clocks: Sequence[Line]
    services: Sequence[ServiceLine]


class Counted:
    """Whole counts, as they grow; they are shown to nobody."""

    __slots__ = ("clocks", "permits", "persons")

    def __init__(
        self, persons: int = 0, permits: Mapping[Key, int] = {}, clocks: Mapping[Key, int] = {}
    ) -> None:
        self.persons = persons
        self.permits: Counter[Key] = Counter(permits)
        self.clocks: Counter[Key] = Counter(clocks)

    def add(self, stood: Iterable[Stood], day: date, parameters: Parameters = AS_ISSUED) -> None:
        """Count some persons."""
        for one in stood:
            self.persons += 1
            self.permits[one.county, _holding(one.status)] += 1
            self.clocks[one.county, _clock(one.clock_start, day, parameters)] += 1


def is_offered(day: date, today: date) -> bool:
    """Whether tables are made of a day: of today, and of the first of a month."""
    return day == today or day.day == 1


def tables_of(counted: Counted, day: date, roll_out: RollOut = NOWHERE) -> EntitlementTables:
    """Lay out the tables of a day."""
    counties = [county.code for county in divisions.COUNTIES]
    permits = protect(_leaves(counted.permits, counties, HOLDINGS))
    clocks = protect(_leaves(counted.clocks, counties, CLOCKS))
    services: list[ServiceLine] = []
    for county in counties:
        services.extend(_services(county, permits, roll_out.items(county, day)))
    return EntitlementTables(
        day=day.isoformat(),
        permits=_lines(permits, counties, HOLDINGS),
        clocks=_lines(clocks, counties, CLOCKS),
        services=[*_of_the_city(services), *services],
    )


def _holding(status: PermitStatus | None) -> str:
    return NO_PERMIT if status is None or status is PermitStatus.PENDING else status.value


def _clock(start: date | None, day: date, parameters: Parameters) -> str:
    if start is None:
        return Clock.NONE.value
    for months, clock in ((THREE_YEARS, Clock.THREE_YEARS), (HALF_A_YEAR, Clock.HALF_A_YEAR)):
        if continuous_at_least(start, months=months, day=day, readings=parameters.readings):
            return clock.value
    return Clock.UNDER_HALF_A_YEAR.value


def _leaves(
    counts: Mapping[Key, int], counties: Sequence[str], parts: Sequence[str]
) -> dict[Key, int]:
    return {(county, part): counts.get((county, part), 0) for county in counties for part in parts}


def _lines(
    shown: Mapping[Key, int | None], counties: Sequence[str], parts: Sequence[str]
) -> list[Line]:
    return [
        Line(county, part, rounded(shown[county, part])) for county in counties for part in parts
    ]


def _services(
    county: str, permits: Mapping[Key, int | None], rolled_out: frozenset[str]
) -> list[ServiceLine]:
    active = rounded(permits[county, PermitStatus.ACTIVE.value])
    others = _sum(
        rounded(permits[county, each]) for each in HOLDINGS if each != PermitStatus.ACTIVE.value
    )
    lines: list[ServiceLine] = []
    for item in entitlements(active=True, rolled_out=rolled_out):
        counts = {Answer.NO: others, item.answer: active}
        lines.extend(
            ServiceLine(county, item.service.code, answer.value, counts.get(answer, 0))
            for answer in Answer
        )
    return lines


def _of_the_city(lines: Sequence[ServiceLine]) -> list[ServiceLine]:
    """The sums of what is shown of the counties; withheld where one of them is."""
    sums: dict[tuple[str, str], list[int | None]] = {}
    for line in lines:
        sums.setdefault((line.service, line.answer), []).append(line.persons)
    return [
        ServiceLine(None, service, answer, _sum(counts))
        for (service, answer), counts in sums.items()
    ]


def _sum(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(count for count in known if count is not None)
