"""`verify`: a thousand presented persons, one answer a row (articles 24–26 and 28).

Rows are judged first, looked up together, answered one by one; one row's fault never spoils
another. Every "no" is the same: unknown, another name, suspended, cancelled. Nothing is opened:
the name and number together find the row, and its dates answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from audit.entry import Subject
from db.load import PersonLoad, ScopeFacts
from db.person_row import PersonRow
from db.reads import PersonReads
from keys.ring import KeyRing, Tag
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.presented import presented_tags
from resolvers.records import RowRefusal, Verified

MOST_ROWS = 1000
MOST_PERSONS_OF_A_ROW = 3
MOST_REF = 64
MOST_DAYS_AHEAD = 90
MOST_DAYS_OF_A_PERSON = 4
"""Days for which one call answers about one person: many would show the day of expiry."""
MOST_CASE = 128

NOTICE = (
    "未能确认其持有有效居住证。本答复不构成可以拒绝提供服务的结论；请核对姓名与公民身份号码，"
    "或者请当事人到居住地受理机构查询。"
)
"""Goes with every "no", always in Chinese: what the answer is not, and what to do next."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What all rows of a call share.

    `case` is the request's own case number, `case_required` whether the purpose needs one;
    `explain` words a fault in the caller's language.
    """

    today: date
    case: str | None
    case_required: bool
    digest: Callable[[str], bytes]
    explain: Callable[[Fault], str]
    fields: tuple[tuple[str, str, str], ...]


class _Row(NamedTuple):
    ref: str
    on: date
    case: str | None
    tags: tuple[tuple[Tag, bytes], ...]
    any_of: bool


@dataclass(frozen=True, slots=True)
class Verification:
    """The answers, and what the audit record must say: who was found and what was missed."""

    results: Sequence[Verified]
    subjects: tuple[Subject, ...]
    missed: tuple[bytes, ...]


async def verify(
    rows: Sequence[Mapping[str, object]],
    load: PersonLoad,
    terms: Terms,
    reads: PersonReads,
    ring: KeyRing,
) -> Verification:
    """Answer every row.

    Raises:
        ArgumentFaultError: there are more than 1,000 rows.

    """
    if len(rows) > MOST_ROWS:
        raise ArgumentFaultError(Fault.TOO_COMPLEX)
    judged = _within_days([_judge(row, terms, ring) for row in rows])
    found = await _look_up([row for row in judged if isinstance(row, _Row)], load, terms, reads)
    results: list[Verified] = []
    subjects: list[Subject] = []
    missed: list[bytes] = []

    @cache  # for this call alone, whose rows mostly share one case
    def digest(number: str | None) -> str | None:
        return None if number is None else terms.digest(number).hex()

    for given, row in zip(rows, judged, strict=True):
        if isinstance(row, Fault):
            results.append(_refused(given, row, terms))
            continue
        day = found[row.on]
        holder = None
        for position, (tag, miss) in enumerate(row.tags):
            person = day.get(tag)
            if person is None:
                missed.append(miss)
                continue
            case = digest(row.case or terms.case)
            subjects.append(Subject(person=person.person, fields=terms.fields, case=case))
            holder = position if holder is None else holder
        results.append(_answered(row, holder))
    return Verification(results, tuple(subjects), tuple(missed))


def _within_days(judged: Sequence[_Row | Fault]) -> list[_Row | Fault]:
    """Refuse rows that ask about one person on more days than a purpose needs."""
    days: dict[Tag, set[date]] = {}
    for row in judged:
        if isinstance(row, _Row):
            for tag, _ in row.tags:
                days.setdefault(tag, set()).add(row.on)
    over = {tag for tag, found in days.items() if len(found) > MOST_DAYS_OF_A_PERSON}
    return [
        Fault.DAY_OUT_OF_RANGE
        if isinstance(row, _Row) and any(tag in over for tag, _ in row.tags)
        else row
        for row in judged
    ]


async def _look_up(
    rows: Sequence[_Row], load: PersonLoad, terms: Terms, reads: PersonReads
) -> dict[date, Mapping[Tag, PersonRow]]:
    """The active holders among the presented, a look-up for each day that rows ask about."""
    days: dict[date, list[Tag]] = {}
    for row in rows:
        days.setdefault(row.on, []).extend(tag for tag, _ in row.tags)
    digest = None if terms.case is None else terms.digest(terms.case)
    return {
        day: await reads.many(load, tags, ScopeFacts(day=day, division=None, case=digest))
        for day, tags in days.items()
    }


def _judge(row: Mapping[str, object], terms: Terms, ring: KeyRing) -> _Row | Fault:
    ref, on, case = row["ref"], row.get("on"), row.get("case")
    # Blanks are no case number: they would pass where a purpose needs one.
    case = case.strip() if isinstance(case, str) else None
    presented, any_of = row.get("presented"), row.get("anyOf")
    if case is not None and len(case) > MOST_CASE:
        return Fault.CASE_LENGTH
    if not isinstance(ref, str) or not 0 < len(ref) <= MOST_REF:
        return Fault.REF_LENGTH
    day = terms.today
    if isinstance(on, date):
        day = on
        if not terms.today <= day <= terms.today + timedelta(days=MOST_DAYS_AHEAD):
            return Fault.DAY_OUT_OF_RANGE
    if terms.case_required and not (case or terms.case):
        return Fault.CASE_REQUIRED
    persons = [presented] if presented is not None else any_of
    if (presented is None) is (any_of is None) or not isinstance(persons, list):
        return Fault.PRESENTED_OR_ANY_OF
    if not 0 < len(persons) <= MOST_PERSONS_OF_A_ROW:
        return Fault.ANY_OF_COUNT
    try:
        tags = tuple([presented_tags(ring, person) for person in persons])
    except ArgumentFaultError as error:
        return error.fault
    return _Row(ref, day, case, tags, presented is None)


def _answered(row: _Row, holder: int | None) -> Verified:
    on = row.on.isoformat()
    if holder is None:
        return Verified(row.ref, "NO", None, on, NOTICE, None)
    basis = f"ANY_OF_{holder + 1}" if row.any_of else "PRESENTED"
    return Verified(row.ref, "YES", basis, on, None, None)


def _refused(given: Mapping[str, object], fault: Fault, terms: Terms) -> Verified:
    # Whole even where it is too long: cut, two rows could no more be told apart.
    ref = str(given["ref"])
    refusal = RowRefusal(fault.code, terms.explain(fault), fault.reason)
    return Verified(ref, None, None, None, None, refusal)
