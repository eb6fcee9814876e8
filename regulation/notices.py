"""Holiday notices (节假日安排的通知) from a file: how a city adds a year before the library has it.

A file of notices is TOML, a table for each year:

    [2027]
    source = "国务院办公厅关于2027年部分节假日安排的通知"
    days_off = ["2027-01-01/2027-01-03", "2027-02-05/2027-02-11"]
    make_up_days = ["2027-02-14"]

`source` names the notice. `days_off` lists days or ranges, both ends included; weekends may be left
out. `make_up_days` are the Saturdays and Sundays that are worked. A day lies in the table's year,
or in the week of New Year beside it.

Never: reads a file itself, fetches a notice, or passes over what it does not understand: the error
names the year and what to write.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from regulation.calendar import Notice, WorkingCalendar

_DAY = timedelta(days=1)
_SATURDAY = 5
_NEW_YEAR = timedelta(days=7)
_KEYS = frozenset({"source", "days_off", "make_up_days"})
_LONGEST = 16
_DIGITS = 4
_FIRST = "1950"


class NoticeError(ValueError):
    """A notice cannot be read; says where and what to write."""

    def __init__(self, year: str, problem: str, hint: str) -> None:
        super().__init__(f"holiday notice {year}: {problem}; {hint}")


def read_notices(text: str) -> tuple[Notice, ...]:
    """Return the notices of a file, by year (article 5; R5, R30).

    Raises:
        NoticeError: the text is not a file of notices.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NoticeError("file", f"is not TOML ({error})", "write a table [2027] a year") from None
    return tuple(_from_file(year, table) for year, table in sorted(document.items()))


def _from_file(year: str, table: object) -> Notice:
    if not isinstance(table, Mapping):
        raise NoticeError(year, "stands outside a year's table", "write a table [2027] a year")
    unknown = sorted(str(key) for key in table if key not in _KEYS)
    if unknown:
        raise NoticeError(
            year, f"has an unknown key {unknown[0]}", f"use {', '.join(sorted(_KEYS))}"
        )
    source = table.get("source")
    if not isinstance(source, str) or not source.strip():
        raise NoticeError(year, "names no source", 'write source = "the notice\'s title"')
    return notice_of(year, table)


def notice_of(year: str, table: Mapping[str, object]) -> Notice:
    """Return the notice that `days_off` and `make_up_days` of a year's table make.

    Other keys are left to the caller.

    Raises:
        NoticeError: a day is none, lies elsewhere, or is named twice over.
    """
    if not (year.isascii() and year.isdecimal() and len(year) == _DIGITS and year >= _FIRST):
        raise NoticeError(year, "is not a year of four digits", "write [2027]")
    if "days_off" not in table:
        raise NoticeError(year, "lists no days_off", "every notice has some: write them")
    days_off = _days(year, "days_off", table["days_off"])
    make_up_days = _days(year, "make_up_days", table.get("make_up_days", []))
    for day in sorted(make_up_days):
        if day.weekday() < _SATURDAY:
            hint = "a make-up day is a Saturday or Sunday"
            raise NoticeError(year, f"make_up_days has {day}, a weekday", hint)
        if day in days_off:
            raise NoticeError(year, f"{day} is both off and made up for", "leave one of them out")
    if not days_off:
        raise NoticeError(year, "has no days off", "every notice has some: write them")
    return Notice(year=int(year), days_off=days_off, make_up_days=make_up_days)


def calendar_of(years: Mapping[str, object]) -> WorkingCalendar:
    """Return the calendar of these years alone, as a file of scenarios lists them (R30).

    A table that lists no days (`other`, with prose) adds no year.

    Raises:
        NoticeError: a year cannot be read.
    """
    notices = []
    for name, table in years.items():
        if not isinstance(table, Mapping):
            raise NoticeError(str(name), "is no table", "write days_off and make_up_days under it")
        if "days_off" in table or "make_up_days" in table:
            notices.append(notice_of(str(name), table))
    empty = WorkingCalendar(years=frozenset(), days_off=frozenset(), make_up_days=frozenset())
    return empty.with_notices(sorted(notices, key=lambda notice: notice.year))


def _days(year: str, key: str, entries: object) -> frozenset[date]:
    if not isinstance(entries, list | tuple):
        raise NoticeError(year, f"{key} is no list", f'write {key} = ["{year}-01-01"]')
    days = set[date]()
    for entry in entries:
        first, last = _range(year, key, entry)
        while first <= last:
            days.add(first)
            first += _DAY
    for day in days:
        begin, end = date(int(year), 1, 1) - _NEW_YEAR, date(int(year), 12, 31) + _NEW_YEAR
        if not begin <= day <= end:
            raise NoticeError(year, f"{key} has {day}, of another year", "move it to its year")
    return frozenset(days)


def _range(year: str, key: str, entry: object) -> tuple[date, date]:
    if isinstance(entry, date) and not isinstance(entry, datetime):
        return entry, entry
    hint = f'write "{year}-05-01" or "{year}-05-01/{year}-05-05"'
    if not isinstance(entry, str):
        raise NoticeError(year, f"{key} has an entry that is no text", hint)
    begin, _, end = entry.partition("/")
    try:
        first, last = date.fromisoformat(begin), date.fromisoformat(end or begin)
    except ValueError:
        raise NoticeError(year, f"{key} has {entry[:32]!r}, which is no day", hint) from None
    if not first <= last <= first + timedelta(days=_LONGEST):
        raise NoticeError(year, f"{key} has {entry!r}, which is no range of days off", hint)
    return first, last
