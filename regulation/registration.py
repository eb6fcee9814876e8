"""Declaring residence and its changes (articles 10, 11 and 19 paragraph 1).

Late is a mark, never a refusal: the Measures set a limit and no sanction, so nothing here computes
one. What a declaration says against its own identity number is held for review (reading R29).

Never: starts the residence clock; that is `regulation.history`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from regulation.calendar import Deadline, WorkingCalendar
from regulation.id_number import IdNumber, Sex, birth_date, sex

WORKING_DAYS = 7
"""Articles 10 and 19: within seven working days of the arrival or the change."""


class Contradiction(StrEnum):
    """Where a declaration and its identity number disagree."""

    BIRTH_DATE = "ID_BIRTH_DATE_MISMATCH"
    SEX = "ID_SEX_MISMATCH"


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Whether a declaration came late; provisional if a year's notice was not known."""

    late: bool
    provisional: bool


@lru_cache(maxsize=1 << 12)  # counted day by day, and thousands arrive on one
def declare_by(happened_on: date, calendar: WorkingCalendar) -> Deadline:
    """Return the last day to declare an arrival or a move in time (R5)."""
    return calendar.add_working_days(happened_on, WORKING_DAYS)


def timeliness(*, happened_on: date, reported_on: date, calendar: WorkingCalendar) -> Timeliness:
    """Tell whether what happened on one day and was declared on another is late."""
    deadline = declare_by(happened_on, calendar)
    return Timeliness(late=reported_on > deadline.day, provisional=deadline.provisional)


def contradictions(
    number: IdNumber, *, born: date | None, declared_sex: Sex | None
) -> frozenset[Contradiction]:
    """Return where declared birth date and sex differ from the number (article 11).

    What was not declared contradicts nothing. Neither value is overwritten.
    """
    found = set[Contradiction]()
    if born is not None and born != birth_date(number):
        found.add(Contradiction.BIRTH_DATE)
    if declared_sex is not None and declared_sex is not sex(number):
        found.add(Contradiction.SEX)
    return frozenset(found)
