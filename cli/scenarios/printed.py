"""A permit as a case gives it, by the dates on it; the printed expiry is taken as it stands (R8).

Never: makes dates agree that contradict the state which the case names.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cli.scenarios.keys import WrongValueError
from cli.scenarios.reading import Case
from regulation.dates import add_months
from regulation.moving import CITY
from regulation.permit import PermitValidity, status

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A permit as it was issued, by the dates on it."""

    issued_on: date
    valid_to: date
    endorsed_on: date | None = None
    first_expiry: date | None = None
    cancelled_on: date | None = None


def comes_from_elsewhere(case: Case) -> bool:
    """Whether the permit is one of another league or city of Inner Mongolia (article 19)."""
    permit = case.given.part("permit")
    by = None if permit is None else permit.text("issued_by_division")
    return by is not None and not by.startswith(CITY)


def printed_of(case: Case) -> Printed | None:
    """The permit's dates; the printed expiry is taken as it stands (R8)."""
    permit, day = case.given.part("permit"), case.when.need_day("date")
    if permit is None or permit.text("state") in {"none", "no permit"}:
        return None
    state, cancelled = permit.text("state"), permit.day("cancelled")
    if state == "cancelled" and cancelled is None:
        cancelled = day - timedelta(days=30)
    valid_to = permit.day("valid_to")
    if valid_to is None:
        days = -10 if state == "suspended" else 100
        valid_to = (cancelled or day) + timedelta(days=days)
    endorsed = permit.value("endorsed")
    first = add_months(valid_to, -12) if endorsed not in {None, False} else None
    issued = add_months(first or valid_to, -12)
    begins = [*_acts_on_holder(case), day, *((cancelled,) if cancelled else ())]
    if issued >= min(day, cancelled or day):
        # Printed for longer than a year from any day before the case: issued before all it tells.
        issued = min(begins) - _DAY
    registered = case.given.day("registration_date")
    if registered is not None and not comes_from_elsewhere(case):
        issued = max(issued, registered)
    printed = Printed(
        issued_on=issued,
        valid_to=valid_to,
        endorsed_on=_endorsed_on(endorsed, first),
        first_expiry=first,
        cancelled_on=cancelled,
    )
    _agree(printed, state, day)
    return printed


def _endorsed_on(endorsed: object, first: date | None) -> date | None:
    if first is None:
        return None
    try:
        return date.fromisoformat(str(endorsed))
    except ValueError:
        return first


def _acts_on_holder(case: Case) -> list[date]:
    given = case.given
    found = [given.day(key) for key in ("moved", "change_reported")]
    found += [*given.days("moves"), *(event.day("date") for event in given.parts("events"))]
    return [each for each in found if each is not None]


def _agree(printed: Printed, state: str | None, day: date) -> None:
    stands = status(
        PermitValidity(
            valid_from=printed.issued_on,
            valid_to=printed.valid_to,
            cancelled_on=printed.cancelled_on,
        ),
        day,
    )
    if state is not None and state != stands.value:
        raise WrongValueError(
            "given.permit.state",
            f"says {state!r}, but by its dates the permit is {stands.value} on {day}",
            "correct one of them, or leave the state out",
        )
