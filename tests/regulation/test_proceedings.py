"""Articles 15 to 17: an application's steps, each allowed and each refused one."""

from datetime import date, timedelta
from itertools import product

import pytest

from regulation.proceedings import (
    OPEN,
    ApplicationStanding,
    ApplicationStep,
    State,
    Step,
    StepError,
    applications,
)

DAY = date(2026, 3, 2)
ONE, OTHER = bytes(15) + b"\1", bytes(15) + b"\2"
TO = {
    State.INCOMPLETE: (Step.FILED,),
    State.ACCEPTED: (Step.FILED, Step.ACCEPTED),
    State.APPROVED: (Step.FILED, Step.ACCEPTED, Step.APPROVED),
    State.IN_PRODUCTION: (Step.FILED, Step.ACCEPTED, Step.APPROVED, Step.ORDERED),
    State.ISSUED: (Step.FILED, Step.ACCEPTED, Step.ISSUED),
    State.REFUSED: (Step.FILED, Step.REFUSED),
    State.WITHDRAWN: (Step.FILED, Step.WITHDRAWN),
}
ALLOWED = {
    (State.INCOMPLETE, Step.SUPPLEMENTED): State.INCOMPLETE,
    (State.INCOMPLETE, Step.ACCEPTED): State.ACCEPTED,
    (State.INCOMPLETE, Step.REFUSED): State.REFUSED,
    (State.INCOMPLETE, Step.WITHDRAWN): State.WITHDRAWN,
    (State.ACCEPTED, Step.APPROVED): State.APPROVED,
    (State.ACCEPTED, Step.REFUSED): State.REFUSED,
    (State.ACCEPTED, Step.WITHDRAWN): State.WITHDRAWN,
    (State.ACCEPTED, Step.ISSUED): State.ISSUED,
    (State.APPROVED, Step.WITHDRAWN): State.WITHDRAWN,
    (State.APPROVED, Step.ISSUED): State.ISSUED,
    (State.APPROVED, Step.ORDERED): State.IN_PRODUCTION,
    (State.IN_PRODUCTION, Step.WITHDRAWN): State.WITHDRAWN,
    (State.IN_PRODUCTION, Step.ISSUED): State.ISSUED,
}


def steps(*names: Step, application: bytes = ONE, day: date = DAY) -> list[ApplicationStep]:
    return [
        ApplicationStep(application=application, step=name, happened_on=day + timedelta(days=n))
        for n, name in enumerate(names)
    ]


def after(*names: Step) -> ApplicationStanding:
    (found,) = applications(steps(*names))
    return found


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)), ids=str)
def test_a_step_follows_only_where_article_16_or_17_lets_it(state: State, step: Step) -> None:
    expected = ALLOWED.get((state, step))
    if expected is None:
        with pytest.raises(StepError):
            after(*TO[state], step)
    else:
        assert after(*TO[state], step).state is expected


@pytest.mark.parametrize("state", list(State), ids=str)
def test_a_second_application_waits_for_the_end_of_the_first(state: State) -> None:
    both = [
        *steps(*TO[state]),
        *steps(Step.FILED, application=OTHER, day=DAY + timedelta(days=9)),
    ]
    if state in OPEN:
        with pytest.raises(StepError, match="another one is open"):
            applications(both)
    else:
        assert [found.is_open for found in applications(both)] == [False, True]


def test_the_days_of_filing_acceptance_and_end_are_kept() -> None:
    found = after(Step.FILED, Step.SUPPLEMENTED, Step.ACCEPTED, Step.APPROVED, Step.ISSUED)
    assert (found.filed_on, found.accepted_on, found.closed_on) == (
        DAY,
        DAY + timedelta(days=2),
        DAY + timedelta(days=4),
    )


def test_a_step_before_the_one_that_precedes_it_is_refused() -> None:
    late = ApplicationStep(application=ONE, step=Step.ACCEPTED, happened_on=DAY - timedelta(days=1))
    with pytest.raises(StepError, match="step 2"):
        applications([*steps(Step.FILED), late])


def test_a_step_of_an_unknown_application_is_refused() -> None:
    with pytest.raises(StepError, match="before its application"):
        applications(steps(Step.ACCEPTED))
