"""A city's policy file: how the Measures are read there, and its figures, by day.

It is TOML, an entry for each time:

    [[policy]]
    version = "2027-1"
    from = 2027-01-01
    until = 2027-12-31             # the last day; left out while it lasts
    basis = "赤司函〔2026〕00号"

    [policy.readings]              # readings.toml lists them and their choices
    R3 = "next-day"

    [policy.values]                # each with what it rests on
    replacement_fee_fen = { value = 2000, basis = "内发改费字〔2026〕00号" }

On a day that no entry covers the Measures are read as issued.

Never: reads a file itself, or takes a figure without its legal reference.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from regulation.parameters import (
    RECOMMENDED,
    Parameters,
    Readings,
    Schedule,
    UnknownReadingError,
    Values,
)


class ParametersError(ValueError):
    """A policy file cannot be read; says where and what to write."""


def read_parameters(text: str) -> Schedule:
    """Return the dated policies of a city's file.

    Raises:
        ParametersError: an entry is incomplete, names what is unknown, or overlaps another.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"the policy file is not TOML ({error}): write [[policy]] tables"
        raise ParametersError(msg) from None
    tables = document.pop("policy", [])
    wrong = next(iter(document), None)
    if wrong is not None or not isinstance(tables, list):
        place = _Place(text, 0)
        raise place.error(wrong or "policy", "stands alone", "write [[policy]] tables only")
    found = [_policy(table, _Place(text, n)) for n, table in enumerate(tables, start=1)]
    for position, parameters in enumerate(found, start=1):
        for earlier in found[: position - 1]:
            if parameters.since <= earlier.until and earlier.since <= parameters.until:
                hint = f"end {earlier.version} before {parameters.version} begins"
                raise _Place(text, position).error("from", "overlaps an earlier policy", hint)
    return Schedule(tuple(sorted(found, key=lambda parameters: parameters.since)))


_KEYS = frozenset({"version", "from", "until", "basis", "readings", "values"})
_POLICY = re.compile(r"^\s*\[\[\s*policy\s*\]\]")


@dataclass(frozen=True, slots=True)
class _Place:
    """One entry of a file, to say in which line a key stands."""

    text: str
    position: int

    def error(self, key: str, problem: str, hint: str) -> ParametersError:
        line = self._line(key)
        where = f"line {line}: " if line else ""
        return ParametersError(f"{where}policy {self.position}: {key} {problem}; {hint}")

    def _line(self, key: str) -> int | None:
        says = re.compile(rf"(^|[\s.{{,\[])[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
        entry, heading = 0, None
        for number, line in enumerate(self.text.splitlines(), start=1):
            if _POLICY.match(line):
                entry += 1
                heading = number if entry == self.position else heading
            if entry == self.position and says.search(line.partition("#")[0]):
                return number
        return heading


def _policy(table: object, place: _Place) -> Parameters:
    if not isinstance(table, Mapping):
        raise place.error("policy", "is no table", "write [[policy]]")
    for key in table:
        if key not in _KEYS:
            hint = f"write one of {', '.join(sorted(_KEYS))}"
            raise place.error(str(key), "is unknown", hint)
    for key in ("version", "basis"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise place.error(key, "is missing or no text", f'write {key} = "..."')
    if "from" not in table:
        raise place.error("from", "is missing", "write from = 2027-01-01")
    since = _day(table["from"], "from", place)
    until = _day(table["until"], "until", place) if "until" in table else date.max
    if until < since:
        raise place.error("until", "lies before from", "write the later day")
    values, bases = _values(table.get("values", {}), place)
    return Parameters(
        version=table["version"],
        basis=table["basis"],
        since=since,
        until=until,
        readings=_readings(table.get("readings", {}), place),
        values=values,
        bases=bases,
    )


def _readings(table: object, place: _Place) -> Readings:
    if not isinstance(table, Mapping):
        raise place.error("readings", "is no table", "write [policy.readings]")
    chosen = RECOMMENDED
    for id_, code in table.items():
        try:
            chosen = chosen.choosing({id_: str(code)})
        except UnknownReadingError as error:
            raise place.error(str(id_), "cannot be followed", str(error)) from None
    return chosen


def _values(table: object, place: _Place) -> tuple[Values, tuple[tuple[str, str], ...]]:
    if not isinstance(table, Mapping):
        raise place.error("values", "is no table", "write [policy.values]")
    numbers, bases = dict[str, int](), dict[str, str]()
    names = [each.name for each in fields(Values)]
    for name, says in table.items():
        if name not in names:
            raise place.error(str(name), "is unknown", f"write one of {', '.join(names)}")
        hint = f'write {name} = {{ value = 1, basis = "..." }}'
        if not isinstance(says, Mapping) or set(says) != {"value", "basis"}:
            raise place.error(name, "needs a value and its legal reference", hint)
        number, basis = says["value"], says["basis"]
        if type(number) is not int or number < 1:
            raise place.error(name, "is no whole number from 1", hint)
        if not isinstance(basis, str) or not basis.strip():
            raise place.error(name, "has no legal reference", hint)
        numbers[name], bases[name] = number, basis
    return replace(Values(), **numbers), tuple(bases.items())


def _day(value: object, key: str, place: _Place) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise place.error(key, "is no day", f"write {key} = 2027-01-01, without quotes")
