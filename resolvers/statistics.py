"""The tables of statistics: fixed, counted once a day, small counts withheld (article 4).

Three trees are counted: city, county and township by who is registered; city, county and permit;
city, county, month and outcome of applications. All are protected as policies/suppression.py says,
and everybody who asks on one day is told of the same tables: a desk the lines of its division, and
nothing that the city's table withholds. The first two trees have the same counties, with the same
counts: so they withhold the same ones, and neither gives the other's away. The table of
coordinators says of a county only what its count does.

There is no filter, no day to choose and no division to draw: two tables that overlap, or differ by
few persons, can't be had. This module never touches a person.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from db.statistics import COUNTED, NO_PERMIT, Counting, Counts
from policies.permission import Scope
from policies.suppression import Key, protect, rounded
from regulation import divisions
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.proceedings import State
from regulation.staffing import coordinators_required

MONTHS: Final = 12
"""How many months of applications are told, this one included."""

HOLDINGS: Final = (NO_PERMIT, *(status.value for status in COUNTED))
STATES: Final = tuple(state.value for state in State)


class Registered(NamedTuple):
    """How many persons are registered in a division; in the whole city where it is None."""

    division: str | None
    persons: int | None


class Holding(NamedTuple):
    """How many of those registered in a county hold a permit of one status, or none."""

    division: str
    holding: str
    persons: int | None


class Applied(NamedTuple):
    """How many applications were filed; None stands for all divisions, months and outcomes."""

    division: str | None
    month: str | None
    state: str | None
    applications: int | None


class Staffed(NamedTuple):
    """How many coordinators a county's mobile residents ask for (article 4, R31)."""

    division: str
    required: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The tables of one day, as far as somebody's division reaches."""

    day: str
    registered: Sequence[Registered]
    permits: Sequence[Holding]
    applications: Sequence[Applied]
    coordinators: Sequence[Staffed]

    def within(self, reaches: Callable[[str | None], bool]) -> "Tables":
        """The lines of those divisions that are reached."""
        return Tables(
            day=self.day,
            registered=[line for line in self.registered if reaches(line.division)],
            permits=[line for line in self.permits if reaches(line.division)],
            applications=[line for line in self.applications if reaches(line.division)],
            coordinators=[line for line in self.coordinators if reaches(line.division)],
        )


class Statistics:
    """Counts once a day. One for the process; it keeps the day's tables and no whole count."""

    __slots__ = ("_counting", "_day", "_made", "_policy")

    def __init__(self, counting: Counting, policy: Parameters | Schedule = AS_ISSUED) -> None:
        self._counting = counting
        self._policy = policy
        self._day: date | None = None
        self._made: asyncio.Task[Tables] | None = None

    async def tables(
        self, day: date, scopes: frozenset[Scope], division: str | None
    ) -> Tables | None:
        """The day's tables for these scopes; None where they reach no division.

        Whoever asks first waits until all is counted, and whoever asks meanwhile waits with them:
        giving up ends the waiting and not the counting.
        """
        reaches = _reach(scopes, division)
        if reaches is None:
            return None
        made = self._made
        if made is None or self._day != day or _failed(made):
            made = self._made = asyncio.create_task(self._make(day), name="statistics")
            self._day = day
        return (await asyncio.shield(made)).within(reaches)

    async def _make(self, day: date) -> Tables:
        months = _months(day)
        since = date.fromisoformat(f"{months[0]}-01")
        counts = await self._counting.counts(day, since=since)
        return tables_of(counts, day, self._policy.on(day))


def tables_of(counts: Counts, day: date, parameters: Parameters = AS_ISSUED) -> Tables:
    """Lay out the tables of a day: always the same lines, whatever was counted."""
    counties = [county.code for county in divisions.COUNTIES]
    places = [(each, place.code) for each in counties for place in divisions.townships(each)]
    by_place: dict[Key, int] = dict.fromkeys(places, 0)
    holdings = [(each, holding) for each in counties for holding in HOLDINGS]
    by_holding: dict[Key, int] = dict.fromkeys(holdings, 0)
    for (township, holding), count in counts.registered.items():
        county = township[: divisions.COUNTY_DIGITS]
        # Both or neither: the two trees must have the same counties.
        if (county, township) in by_place and (county, holding) in by_holding:
            by_place[county, township] += count
            by_holding[county, holding] += count
    by_state = dict.fromkeys(_grid(counties, _months(day), STATES), 0)
    by_state |= {key: count for key, count in counts.applications.items() if key in by_state}
    persons, holders, applied = protect(by_place), protect(by_holding), protect(by_state)
    return Tables(
        day=day.isoformat(),
        registered=[
            Registered(key[-1] if key else None, rounded(count))
            for key, count in sorted(persons.items())
        ],
        permits=[
            Holding(county, holding, rounded(holders[county, holding]))
            for county, holding in holdings
        ],
        applications=[
            Applied(*_padded(key), rounded(count)) for key, count in sorted(applied.items())
        ],
        coordinators=[Staffed(county, _staff(persons[county,], parameters)) for county in counties],
    )


def _staff(population: int | None, parameters: Parameters) -> int | None:
    return None if population is None else coordinators_required(population, parameters)


def _grid(*axes: Iterable[str]) -> list[Key]:
    """Every place of a table that has these axes."""
    keys: list[Key] = [()]
    for axis in map(tuple, axes):
        keys = [(*key, value) for key in keys for value in axis]
    return keys


def _padded(key: Key) -> tuple[str | None, str | None, str | None]:
    division, month, state, *_ = (*key, None, None, None)
    return division, month, state


def _months(day: date) -> list[str]:
    """The months up to this one, the earliest first."""
    last = day.year * 12 + day.month - 1
    return [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(last - MONTHS + 1, last + 1)]


def _failed(made: asyncio.Task[Tables]) -> bool:
    return made.done() and (made.cancelled() or made.exception() is not None)


def _reach(scopes: frozenset[Scope], division: str | None) -> Callable[[str | None], bool] | None:
    """Which divisions these scopes reach, all of which must hold; None where they reach none."""
    if not scopes or not scopes <= {Scope.ALL, Scope.OWN_DIVISION}:
        return None
    if Scope.OWN_DIVISION not in scopes:
        return lambda _code: True
    if division is None:
        return None
    own = division
    return lambda code: code is not None and divisions.within(code, own)
