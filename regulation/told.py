"""What partner departments could be told of a person, and the days on which that changes.

To a partner a permit is active or it is not: suspended, cancelled, lapsed and not yet valid are
alike, and where a holder lives is told of an active one only (article 28, R28). So four things
can change: active or not, the number or name under which a holder is found, the county, the
township.

Never: says why, or reads a clock.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import PermitValidity, is_active

_DAY = timedelta(days=1)


class ChangeKind(StrEnum):
    """What changed of what a partner could be told; a closed list."""

    PERMIT_ACTIVE = "permit-active"
    PERMIT_NOT_ACTIVE = "permit-not-active"
    ANSWER_CHANGED = "answer-changed"
    """A number or a name was corrected: whoever presents the former one is told "no" now."""
    COUNTY_CHANGED = "county-changed"
    TOWNSHIP_CHANGED = "township-changed"
    """Within one county; who is told counties only is not told of it."""


OF_PERMIT = frozenset({ChangeKind.PERMIT_ACTIVE, ChangeKind.PERMIT_NOT_ACTIVE})
YES_OR_NO = OF_PERMIT | {ChangeKind.ANSWER_CHANGED}
"""What may turn the answer to who is presented; partners are told all of it alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tellable:
    """A person's permit and place, as far as they decide what a partner is told.

    `found_by` is the tag of number and name under which a partner finds the person.
    """

    permit: PermitValidity | None
    county: str
    township: str
    found_by: bytes = field(default=b"", repr=False)

    def active(self, day: date) -> bool:
        """Whether the permit gives anything on a day (articles 17, 20, 23)."""
        return self.permit is not None and is_active(self.permit, day)


def tellable_of(
    permit: PermitValidity | None, *, county: str, township: str, found_by: bytes = b""
) -> Tellable:
    """Return what of a permit and a place decides what a partner is told: no ground, no reading."""
    dates = permit and PermitValidity(
        valid_from=permit.valid_from, valid_to=permit.valid_to, cancelled_on=permit.cancelled_on
    )
    return Tellable(permit=dates, county=county, township=township, found_by=found_by)


def turned(told: Tellable, *, after: date, through: date) -> tuple[tuple[date, ChangeKind], ...]:
    """Return what dates alone change, each on its day, in order: after the one day, to the other.

    A permit begins on its first day and is suspended on the day after its last (article 20, R9).
    """
    permit = told.permit
    if permit is None:
        return ()
    days = {permit.valid_from, permit.valid_to + _DAY, permit.cancelled_on}
    return tuple(
        (day, _of_permit(active=told.active(day)))
        for day in sorted(day for day in days if day is not None and after < day <= through)
        if told.active(day) is not told.active(day - _DAY)
    )


def changed(before: Tellable | None, after: Tellable | None, day: date) -> ChangeKind | None:
    """Return what an act of this day changes; None where a partner could be told the same."""
    was = before is not None and before.active(day)
    now = after is not None and after.active(day)
    if was is not now:
        return _of_permit(active=now)
    if before is None or after is None or not now:
        return None
    if before.found_by != after.found_by:
        return ChangeKind.ANSWER_CHANGED
    if before.county != after.county:
        return ChangeKind.COUNTY_CHANGED
    return ChangeKind.TOWNSHIP_CHANGED if before.township != after.township else None


def longest_follow(purpose: str, today: date, parameters: Parameters = AS_ISSUED) -> date:
    """Return the last day until which a case may be followed for a purpose (PIPL article 19).

    For a purpose without a figure that is today: no case outlives the day.
    """
    values = parameters.values
    days = {
        "school-place": values.follow_school_place_days,
        "social-insurance-enrolment": values.follow_social_insurance_days,
        "housing-support": values.follow_housing_support_days,
    }
    return today + timedelta(days=days.get(purpose, 0))


def _of_permit(*, active: bool) -> ChangeKind:
    return ChangeKind.PERMIT_ACTIVE if active else ChangeKind.PERMIT_NOT_ACTIVE
