"""Declaring residence (articles 10, 11, 31; R14, R16, R29, R30)."""

from dataclasses import replace
from datetime import date

import pytest

from regulation.calendar import mainland_calendar
from regulation.declaration import (
    CONTENTS,
    REQUIRED_CONTENTS,
    Declaration,
    DeclarationDecision,
    division_known,
    hukou_known,
    judge_declaration,
    missing_contents,
    over_collected,
)
from regulation.id_number import Sex
from regulation.outcome import Actor, Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.scope import PersonKind, Route

_CALENDAR = mainland_calendar()
_ALL = frozenset(content.value for content in CONTENTS)
_BASE = Declaration(
    number="110105199005129975",
    born=date(1990, 5, 12),
    sex=Sex.MALE,
    hukou="110105",
    division="150402",
    arrived_on=date(2025, 9, 1),
    contents=_ALL,
    materials=frozenset({"resident_id_card", "lease_contract"}),
)
_DAY = date(2025, 9, 4)


def _judge(
    declaration: Declaration, day: date = _DAY, parameters: Parameters = AS_ISSUED
) -> DeclarationDecision:
    return judge_declaration(declaration, day=day, calendar=_CALENDAR, parameters=parameters)


def test_a_complete_declaration_is_recorded_and_says_from_when_a_permit_is_possible() -> None:
    judged = _judge(_BASE)
    assert (judged.outcome, judged.reasons, judged.missing) == (Outcome.RECORDED, (), ())
    assert (judged.on_time, judged.marks) == (True, ())
    assert (judged.prospect, judged.permit_from) == (None, date(2026, 3, 4))


@pytest.mark.parametrize(
    ("day", "on_time"), [(date(2025, 9, 10), True), (date(2025, 9, 11), False)]
)
def test_late_is_a_mark_and_is_recorded_all_the_same(day: date, *, on_time: bool) -> None:
    judged = _judge(_BASE, day)
    assert (judged.outcome, judged.on_time) == (Outcome.RECORDED, on_time)
    assert (Mark.LATE in judged.marks) is not on_time
    assert judged.deadline is not None
    assert judged.deadline.day == date(2025, 9, 10)


def test_s63_without_a_holiday_notice_the_limit_is_provisional() -> None:
    judged = _judge(replace(_BASE, arrived_on=date(2029, 2, 9)), date(2029, 2, 9))
    assert Mark.PROVISIONAL in judged.marks
    assert judged.deadline is not None
    assert judged.deadline.missing == (2029,)
    assert "R30" in {each.id for each in judged.readings}


def test_s03_the_three_district_clause_keeps_nobody_from_declaring() -> None:
    mover = replace(_BASE, hukou="150402", division="150404")
    judged = _judge(mover)
    assert (judged.outcome, judged.on_time) == (Outcome.RECORDED, True)
    assert judged.prospect is Reason.THREE_DISTRICT_EXCLUSION
    assert judged.permit_from is None
    left_out = _judge(mover, parameters=AS_ISSUED.reading(R14="no-registration"))
    assert left_out.outcome is Outcome.OUT_OF_SCOPE
    assert ("R14", "no-registration") in {(each.id, each.choice) for each in left_out.readings}


def test_s08_a_child_of_fourteen_is_registered_by_the_guardian() -> None:
    child = replace(
        _BASE,
        number="130802201009179972",
        born=date(2010, 9, 17),
        hukou="130802",
        materials=frozenset({"household_register", "lease_contract", "guardian_id"}),
        by=Actor.GUARDIAN,
    )
    judged = _judge(child)
    assert (judged.outcome, judged.agent) == (Outcome.RECORDED, Actor.GUARDIAN)
    unsaid = _judge(replace(child, born=None))
    assert unsaid.outcome is Outcome.RECORDED
    grown = _judge(replace(child, arrived_on=date(2026, 9, 16)), date(2026, 9, 17))
    assert (grown.outcome, grown.reasons) == (Outcome.REFUSED, (Reason.APPEAR_IN_PERSON,))


def test_a_trustee_acts_for_who_can_hardly_leave_the_house() -> None:
    trustee = replace(_BASE, by=Actor.TRUSTEE)
    assert _judge(trustee).reasons == (Reason.APPEAR_IN_PERSON,)
    admitted = _judge(replace(trustee, limited_mobility=True))
    assert (admitted.outcome, admitted.agent) == (Outcome.RECORDED, Actor.TRUSTEE)


def test_s09_a_missing_address_is_asked_for() -> None:
    judged = _judge(replace(_BASE, contents=_ALL - {"current_address"}))
    assert (judged.outcome, judged.missing) == (Outcome.INCOMPLETE, (Gap.CURRENT_ADDRESS,))


def test_all_gaps_are_told_at_once_and_a_workplace_is_none() -> None:
    judged = _judge(replace(_BASE, contents=frozenset({"name"}), materials=frozenset({"photo"})))
    assert set(judged.missing) == {
        *(set(REQUIRED_CONTENTS) - {Gap.NAME}),
        Gap.PROOF_OF_IDENTITY,
        Gap.PROOF_OF_RESIDENCE,
    }
    assert judged.reasons == (
        Reason.CONTENTS_MISSING,
        Reason.IDENTITY_PROOF_MISSING,
        Reason.RESIDENCE_PROOF_MISSING,
    )
    assert missing_contents(_ALL - {"workplace"}) == ()
    assert len(CONTENTS) == 10


@pytest.mark.parametrize("proof", ["household_register", "driving_licence", "passport"])
def test_another_valid_proof_of_identity_serves_a_declaration(proof: str) -> None:
    assert _judge(replace(_BASE, materials=frozenset({proof, "lease_contract"}))).missing == ()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("110105199005129974", Reason.ID_CHECK_DIGIT),
        ("110105900512997", Reason.ID_FIFTEEN_DIGITS),
        ("11010519900512997", Reason.ID_MALFORMED),
        ("", Reason.ID_EMPTY),
        ("1.10105E+17", Reason.ID_DESTROYED),
    ],
)
def test_s10_a_number_that_is_none_is_rejected_with_its_fault(number: str, reason: Reason) -> None:
    judged = _judge(replace(_BASE, number=number))
    assert (judged.outcome, judged.reasons) == (Outcome.REJECTED_INPUT, (reason,))


def test_s11_a_contradiction_is_held_for_review_or_rejected_where_read_so() -> None:
    contrary = replace(_BASE, sex=Sex.FEMALE)
    judged = _judge(contrary)
    assert (judged.outcome, judged.reasons) == (Outcome.HELD_FOR_REVIEW, (Reason.ID_SEX_MISMATCH,))
    hard = _judge(contrary, parameters=AS_ISSUED.reading(R29="contradictions-rejected"))
    assert (hard.outcome, hard.reasons) == (Outcome.REJECTED_INPUT, (Reason.ID_SEX_MISMATCH,))
    born = _judge(replace(_BASE, born=date(1990, 5, 13)))
    assert born.reasons == (Reason.ID_BIRTH_DATE_MISMATCH,)
    assert {each.id for each in born.readings} >= {"R29"}


@pytest.mark.parametrize(
    ("number", "kind", "route"),
    [
        ("810000199001159999", PersonKind.CITIZEN, Route.HONG_KONG_MACAO_TAIWAN),
        ("820000197811119975", PersonKind.CITIZEN, Route.HONG_KONG_MACAO_TAIWAN),
        ("830000199106069985", PersonKind.CITIZEN, Route.HONG_KONG_MACAO_TAIWAN),
        (None, PersonKind.FOREIGNER, Route.FOREIGNERS),
    ],
)
def test_whoever_comes_under_state_rules_is_routed_away(
    number: str | None, kind: PersonKind, route: Route
) -> None:
    judged = _judge(replace(_BASE, number=number, kind=kind, hukou=None))
    assert (judged.outcome, judged.route) == (Outcome.OUT_OF_SCOPE, route)
    assert judged.missing == ()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (replace(_BASE, arrived_on=date(2025, 9, 5)), Reason.DATE_IN_FUTURE),
        (replace(_BASE, arrived_on=date(1990, 5, 11)), Reason.DATE_BEFORE_BIRTH),
        (replace(_BASE, division="150427"), Reason.DIVISION_UNKNOWN),
        (replace(_BASE, division="15"), Reason.DIVISION_UNKNOWN),
        (replace(_BASE, hukou="150400"), Reason.DIVISION_UNKNOWN),
        (replace(_BASE, hukou="Beijing"), Reason.DIVISION_UNKNOWN),
        (replace(_BASE, contents=_ALL | {"religion"}), Reason.NOT_A_CONTENT_ART_11),
    ],
)
def test_what_cannot_be_true_or_may_not_be_asked_is_rejected(
    changed: Declaration, reason: Reason
) -> None:
    judged = _judge(changed)
    assert (judged.outcome, judged.reasons) == (Outcome.REJECTED_INPUT, (reason,))


def test_an_arrival_at_the_end_of_time_is_a_fault_and_has_no_limit() -> None:
    judged = _judge(replace(_BASE, arrived_on=date.max))
    assert judged.reasons == (Reason.DATE_IN_FUTURE,)
    assert (judged.deadline, judged.on_time) == (None, None)


def test_who_arrives_today_or_was_born_here_may_declare_it() -> None:
    assert _judge(replace(_BASE, arrived_on=_DAY)).outcome is Outcome.RECORDED
    assert _judge(replace(_BASE, arrived_on=date(1990, 5, 12))).outcome is Outcome.RECORDED


def test_the_office_of_another_place_shows_the_way() -> None:
    judged = _judge(replace(_BASE, office="150425"))
    assert (judged.outcome, judged.competent_division) == (Outcome.REDIRECTED, "150402")
    assert judged.reasons == (Reason.ADDRESS_OUTSIDE_DIVISION,)
    assert _judge(replace(_BASE, office="150402")).outcome is Outcome.RECORDED


def test_before_the_measures_took_effect_nothing_is_declared_under_them() -> None:
    early = replace(_BASE, arrived_on=date(2017, 6, 20))
    assert _judge(early, date(2017, 6, 21)).reasons == (Reason.NOT_IN_FORCE,)
    assert _judge(early, date(2017, 6, 22)).outcome is Outcome.RECORDED


def test_divisions_are_checked_where_they_are_known() -> None:
    assert division_known("150402")
    assert not division_known("110105")
    assert hukou_known("110105")
    assert hukou_known("150426")
    assert not hukou_known("150427")
    assert over_collected(["religion", "name"]) == {"religion"}


def test_a_declaration_shows_nothing_of_a_person() -> None:
    assert "1990" not in repr(_BASE)
    assert "150402" not in repr(_BASE)
