"""Staff and delegated offices (article 4; reading R31).

The city's police may delegate collection, registration, acceptance and issue to offices of the
sumu, towns and subdistricts: dated data of the city, written in TOML, a table for each:

    [[delegation]]
    office = "红山区铁南街道流动人口服务管理中心"
    division = "150402"            # whom it serves: a county or a township
    tasks = ["collection", "registration", "acceptance", "issue"]
    from = 2027-01-01
    until = 2029-12-31             # the last day; left out while it lasts
    basis = "委托书〔2026〕00号"

Never: reads a file itself, or counts people; a number is handed over.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from regulation.divisions import division, within
from regulation.outcome import Reason
from regulation.parameters import AS_ISSUED, Parameters


class Task(StrEnum):
    """What the police may delegate (article 4 paragraph 2)."""

    COLLECTION = "collection"
    REGISTRATION = "registration"
    ACCEPTANCE = "acceptance"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """Tasks delegated to an office for a division; the last day is included."""

    office: str
    division: str
    tasks: frozenset[Task]
    since: date
    until: date | None
    basis: str


class DelegationError(ValueError):
    """An entry cannot be read; says which, counted from 1, and what to write."""

    def __init__(self, position: int, problem: str, hint: str) -> None:
        super().__init__(f"delegation entry {position}: {problem}; {hint}")


def coordinators_required(population: int, parameters: Parameters = AS_ISSUED) -> int:
    """Return how many coordinators so many mobile residents ask for, per county (article 4, R31).

    Raises:
        ValueError: a population below nought.
    """
    if population < 0:
        msg = "a population is not below nought: pass the number of mobile residents"
        raise ValueError(msg)
    ratio = parameters.values.persons_per_coordinator
    if parameters.chosen("R31") == "rounded-down":
        return population // ratio
    return -(-population // ratio)


def judge_delegation(
    delegations: tuple[Delegation, ...], *, office: str, task: Task, division: str, day: date
) -> Reason | None:
    """Return why an office may not do a task there on `day`, None if it may (article 4)."""
    for held in delegations:
        lasts = held.since <= day and (held.until is None or day <= held.until)
        if (
            held.office == office
            and task in held.tasks
            and within(division, held.division)
            and lasts
        ):
            return None
    return Reason.NOT_DELEGATED


def read_delegations(text: str) -> tuple[Delegation, ...]:
    """Return the delegations of a city's file (article 4).

    Raises:
        DelegationError: the text is no such file, or an entry is incomplete or names the unknown.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = "write [[delegation]]"
        raise DelegationError(0, f"the file is not TOML ({error})", hint) from None
    tables = document.pop("delegation", [])
    if document or not isinstance(tables, list):
        raise DelegationError(0, "the file holds something else", "write [[delegation]] only")
    return tuple(_entry(position, table) for position, table in enumerate(tables, start=1))


_NEEDED = ("office", "division", "tasks", "from", "basis")


def _entry(position: int, table: object) -> Delegation:
    if not isinstance(table, Mapping):
        raise DelegationError(position, "is no table", "write [[delegation]]")
    wrong = [str(key) for key in table if key not in {*_NEEDED, "until"}]
    wrong += [key for key in _NEEDED if not table.get(key)]
    if wrong:
        hint = f"write {', '.join(_NEEDED)} and, where it ends, until"
        raise DelegationError(position, f"lacks or misspells {wrong[0]}", hint)
    code, tasks = str(table["division"]), table["tasks"]
    if division(code) is None:
        hint = "write the code of a county or township"
        raise DelegationError(position, "names no division of the city", hint)
    if not isinstance(tasks, list) or not {*tasks} <= {*Task}:
        hint = f"write some of {', '.join(Task)}"
        raise DelegationError(position, "names a task that cannot be delegated", hint)
    since = _day(position, table["from"])
    until = _day(position, table["until"]) if "until" in table else None
    if until is not None and until < since:
        raise DelegationError(position, "ends before it begins", "write from before until")
    return Delegation(
        office=str(table["office"]),
        division=code,
        tasks=frozenset(map(Task, tasks)),
        since=since,
        until=until,
        basis=str(table["basis"]),
    )


def _day(position: int, value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise DelegationError(position, "has a day that is none", "write 2027-01-01, without quotes")
