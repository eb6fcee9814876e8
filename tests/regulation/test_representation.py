"""Who may act for somebody else (article 10 paragraph 2; R16, R29)."""

from datetime import date

import pytest

from regulation.outcome import Actor, Reason
from regulation.parameters import AS_ISSUED
from regulation.representation import ADULT, DeskAct, Represented, admitted, agent_of, judge_agent

_BORN = date(2010, 9, 17)
_MINOR = Represented(born=_BORN)
_FRAIL = Represented(born=date(1944, 5, 1), limited_mobility=True)
_R, _A = DeskAct.REGISTRATION, DeskAct.APPLICATION
_DAY = date(2025, 9, 4)


@pytest.mark.parametrize(
    ("act", "by", "person", "reason"),
    [
        (_R, Actor.MOBILE_RESIDENT, ADULT, None),
        (_A, Actor.APPLICANT, _MINOR, None),
        (_R, Actor.GUARDIAN, _MINOR, None),
        (_R, Actor.TRUSTEE, _MINOR, Reason.AGENT_NOT_ADMITTED),
        (_R, Actor.GUARDIAN, _FRAIL, None),
        (_R, Actor.TRUSTEE, _FRAIL, None),
        (_R, Actor.CLOSE_RELATIVE, _FRAIL, Reason.AGENT_NOT_ADMITTED),
        (_R, Actor.TRUSTEE, ADULT, Reason.APPEAR_IN_PERSON),
        (_A, Actor.GUARDIAN, _MINOR, None),
        (_A, Actor.CLOSE_RELATIVE, _MINOR, None),
        (_A, Actor.CLOSE_RELATIVE, _FRAIL, None),
        (_A, Actor.TRUSTEE, _FRAIL, Reason.AGENT_NOT_ADMITTED),
        (_A, Actor.CLOSE_RELATIVE, ADULT, Reason.APPEAR_IN_PERSON),
    ],
)
def test_registration_and_application_admit_different_agents(
    act: DeskAct, by: Actor, person: Represented, reason: Reason | None
) -> None:
    assert judge_agent(act, by, person, day=_DAY) is reason
    in_person = by in {Actor.MOBILE_RESIDENT, Actor.APPLICANT}
    assert agent_of(by) is (None if in_person else by)


def test_a_guardian_acts_until_the_sixteenth_birthday() -> None:
    eve, birthday = date(2026, 9, 16), date(2026, 9, 17)
    assert judge_agent(_R, Actor.GUARDIAN, _MINOR, day=eve) is None
    assert judge_agent(_R, Actor.GUARDIAN, _MINOR, day=birthday) is Reason.APPEAR_IN_PERSON
    later = AS_ISSUED.reading(R29="day-after-birthday")
    assert judge_agent(_R, Actor.GUARDIAN, _MINOR, day=birthday, parameters=later) is None


def test_read_otherwise_an_application_admits_the_agents_of_a_registration() -> None:
    same = AS_ISSUED.reading(R16="as-registration")
    assert admitted(_A, _FRAIL, day=_DAY, parameters=same) == admitted(_R, _FRAIL, day=_DAY)
    assert admitted(_A, _MINOR, day=_DAY, parameters=same) == {Actor.GUARDIAN}
    assert admitted(_A, ADULT, day=_DAY) == set()
