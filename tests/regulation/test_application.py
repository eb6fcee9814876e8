"""Applications (articles 2, 15, 16, 17): the scenarios of the legal owner and their neighbours."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.application import Application, ApplicationDecision, judge_application
from regulation.eligibility import Residence
from regulation.evidence import Claim, OtherEvidence, QualifyingCondition
from regulation.outcome import Actor, Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.representation import Represented
from regulation.scope import PersonKind, Route

_EMPLOYMENT = Claim(condition=QualifyingCondition.EMPLOYMENT)
_HOUSING = Claim(condition=QualifyingCondition.HOUSING)
_COMPLETE = frozenset({"resident_id_card", "photo", "lease_contract"})
_BASE = Application(
    residence=Residence(hukou="150429", division="150402", clock_start=date(2024, 9, 2)),
    claims=(_HOUSING,),
    materials=_COMPLETE,
)
_FRAIL = Represented(born=date(1944, 5, 1), limited_mobility=True)


def _judge(
    application: Application, day: date, parameters: Parameters = AS_ISSUED
) -> ApplicationDecision:
    return judge_application(application, day=day, parameters=parameters)


def _at(hukou: str | None, division: str, clock_start: date | None) -> Application:
    return replace(
        _BASE, residence=Residence(hukou=hukou, division=division, clock_start=clock_start)
    )


def test_s01_the_three_district_clause_refuses_in_writing_without_a_receipt() -> None:
    application = replace(_at("150402", "150404", date(2023, 3, 1)), claims=(_HOUSING, _EMPLOYMENT))
    judged = _judge(application, date(2025, 9, 18))
    assert judged.outcome is Outcome.NOT_ELIGIBLE
    assert judged.reasons == (Reason.THREE_DISTRICT_EXCLUSION,)
    assert not judged.receipt
    assert Mark.REASON_IN_WRITING in judged.marks


def test_s02_a_move_within_the_county_is_none_from_outside_it() -> None:
    judged = _judge(_at("150425", "150425", date(2023, 3, 1)), date(2025, 9, 18))
    assert judged.reasons == (Reason.SAME_COUNTY_HUKOU,)


def test_s04_a_foreigner_is_shown_the_way_and_asked_for_no_identity_card() -> None:
    foreigner = replace(
        _BASE,
        residence=Residence(
            kind=PersonKind.FOREIGNER, hukou=None, division="150402", clock_start=None
        ),
        materials=frozenset({"passport", "photo", "labour_contract", "lease_contract"}),
    )
    judged = _judge(foreigner, date(2025, 9, 18))
    assert judged.outcome is Outcome.OUT_OF_SCOPE
    assert judged.reasons == (Reason.NOT_MAINLAND_HUKOU_CITIZEN,)
    assert (judged.route, judged.missing) == (Route.FOREIGNERS, ())


def test_s05_who_never_declared_residence_is_not_registered() -> None:
    judged = _judge(_at("230102", "150402", None), date(2025, 9, 18))
    assert (judged.outcome, judged.reasons) == (Outcome.NOT_ELIGIBLE, (Reason.NOT_REGISTERED,))


def test_s07_an_office_elsewhere_shows_the_way() -> None:
    elsewhere = replace(_BASE, office="150425")
    judged = _judge(elsewhere, date(2025, 9, 18))
    assert (judged.outcome, judged.receipt) == (Outcome.REDIRECTED, False)
    assert judged.competent_division == "150402"
    assert judged.reasons == (Reason.WRONG_OFFICE,)
    here = _judge(replace(_BASE, office="150402"), date(2025, 9, 18))
    assert here.outcome is Outcome.ACCEPTED


def test_an_office_elsewhere_also_says_what_would_make_the_errand_useless() -> None:
    hopeless = replace(_at("150404", "150402", date(2023, 3, 1)), office="150425")
    judged = _judge(hopeless, date(2025, 9, 18))
    assert judged.reasons == (Reason.WRONG_OFFICE, Reason.THREE_DISTRICT_EXCLUSION)


def test_s12_a_missing_photo_is_told_on_the_spot_and_starts_no_clock() -> None:
    judged = _judge(replace(_BASE, materials=_COMPLETE - {"photo"}), date(2025, 3, 3))
    assert (judged.outcome, judged.missing) == (Outcome.INCOMPLETE, (Gap.PHOTO,))
    assert (judged.receipt, judged.deadline, judged.who) == (False, None, Actor.APPLICANT)


def test_s13_the_thirty_days_run_from_the_completed_filing() -> None:
    judged = _judge(_BASE, date(2025, 3, 6))
    assert (judged.outcome, judged.accepted_on) == (Outcome.ACCEPTED, date(2025, 3, 6))
    assert judged.deadline is not None
    assert judged.deadline.day == date(2025, 4, 5)
    assert judged.who is Actor.RECEIVING_OFFICE
    assert judged.receipt


@pytest.mark.parametrize(
    ("application", "reasons"),
    [
        (replace(_BASE, holds_permit=True), (Reason.ALREADY_HOLDS_PERMIT,)),
        (replace(_BASE, application_pending=True), (Reason.APPLICATION_PENDING,)),
        (
            replace(_BASE, holds_permit=True, application_pending=True),
            (Reason.ALREADY_HOLDS_PERMIT, Reason.APPLICATION_PENDING),
        ),
    ],
)
def test_s14_s15_a_second_application_is_refused(
    application: Application, reasons: tuple[Reason, ...]
) -> None:
    judged = _judge(application, date(2025, 3, 3))
    assert (judged.outcome, judged.reasons) == (Outcome.REFUSED, reasons)
    assert judged.receipt is False


def test_s16_the_proof_of_address_is_used_again_unless_a_fresh_one_is_asked_for() -> None:
    application = replace(
        _BASE,
        claims=(_EMPLOYMENT,),
        materials=frozenset({"resident_id_card", "photo", "labour_contract"}),
        registration_proof="lodging_letter_employer",
    )
    judged = _judge(application, date(2025, 3, 3))
    assert judged.outcome is Outcome.ACCEPTED
    assert judged.relied_on is QualifyingCondition.EMPLOYMENT
    assert Mark.PROOF_REUSED in judged.marks
    fresh = _judge(application, date(2025, 3, 3), AS_ISSUED.reading(R17="fresh-proof"))
    assert (fresh.outcome, fresh.missing) == (Outcome.INCOMPLETE, (Gap.PROOF_OF_ADDRESS,))
    moved = _judge(replace(application, address_unchanged=False), date(2025, 3, 3))
    assert moved.missing == (Gap.PROOF_OF_ADDRESS,)


def test_a_proof_given_at_registration_also_shows_the_condition_of_housing() -> None:
    bare = replace(_BASE, materials=frozenset({"resident_id_card", "photo"}))
    known = _judge(replace(bare, registration_proof="lease_contract"), date(2025, 3, 3))
    assert known.outcome is Outcome.ACCEPTED
    assert known.relied_on is QualifyingCondition.HOUSING
    unknown = _judge(bare, date(2025, 3, 3))
    assert unknown.missing == (Gap.CONDITION_EVIDENCE,)


def test_s29_a_timely_move_keeps_the_half_year_unless_it_is_asked_for_in_the_county() -> None:
    moved = replace(
        _BASE,
        residence=Residence(
            hukou="230102",
            division="150425",
            clock_start=date(2025, 1, 6),
            county_since=date(2025, 4, 15),
        ),
    )
    judged = _judge(moved, date(2025, 7, 7))
    assert (judged.outcome, judged.qualifying_start) == (Outcome.ACCEPTED, date(2025, 1, 6))
    county = _judge(moved, date(2025, 7, 7), AS_ISSUED.reading(R13="county-half-year"))
    assert county.outcome is Outcome.NOT_ELIGIBLE
    assert county.qualifying_start == date(2025, 4, 15)
    assert county.earliest == date(2025, 10, 15)


def test_s38_s39_after_a_cancellation_a_new_application_is_possible_at_once() -> None:
    again = replace(
        _BASE,
        residence=Residence(
            hukou="230102",
            division="150402",
            clock_start=date(2024, 1, 8),
            cancelled_on=date(2025, 6, 10),
        ),
    )
    judged = _judge(again, date(2025, 9, 18))
    assert (judged.outcome, judged.qualifying_start) == (Outcome.ACCEPTED, date(2024, 1, 8))
    assert Mark.MANUAL_REVIEW not in judged.marks
    fraud = _judge(replace(again, cancelled_for_fraud=True), date(2025, 7, 14))
    assert fraud.outcome is Outcome.ACCEPTED
    assert Mark.MANUAL_REVIEW in fraud.marks
    afresh = _judge(again, date(2025, 9, 18), AS_ISSUED.reading(R23="from-cancellation"))
    assert (afresh.outcome, afresh.earliest) == (Outcome.NOT_ELIGIBLE, date(2025, 12, 10))


def test_s44_under_half_a_year_the_earliest_date_is_told() -> None:
    judged = _judge(_at("150424", "150402", date(2017, 12, 20)), date(2018, 1, 15))
    assert judged.reasons == (Reason.RESIDENCE_UNDER_HALF_YEAR,)
    assert judged.earliest == date(2018, 6, 20)


def test_s45_on_the_29th_day_after_issue_the_measures_are_not_in_force() -> None:
    resident = _at("110105", "150402", date(2016, 6, 1))
    judged = _judge(resident, date(2017, 6, 21))
    assert (judged.outcome, judged.reasons) == (Outcome.OUT_OF_SCOPE, (Reason.NOT_IN_FORCE,))
    assert _judge(resident, date(2017, 6, 22)).outcome is Outcome.ACCEPTED


def test_everything_that_is_missing_is_told_at_once() -> None:
    judged = _judge(
        replace(
            _BASE,
            materials=frozenset({"household_register"}),
            by=Actor.GUARDIAN,
            person=_FRAIL,
            address_unchanged=False,
        ),
        date(2025, 3, 3),
    )
    assert judged.outcome is Outcome.INCOMPLETE
    assert judged.missing == (
        Gap.RESIDENT_ID_CARD,
        Gap.PHOTO,
        Gap.CONDITION_EVIDENCE,
        Gap.PROOF_OF_ADDRESS,
    )


def test_ineligible_and_incomplete_at_once_is_ineligible_and_all_is_told() -> None:
    both = replace(
        _at("150404", "150402", date(2023, 3, 1)), materials=frozenset({"resident_id_card"})
    )
    judged = _judge(both, date(2025, 3, 3))
    assert judged.outcome is Outcome.NOT_ELIGIBLE
    assert judged.reasons == (Reason.THREE_DISTRICT_EXCLUSION,)
    assert judged.missing == (Gap.PHOTO, Gap.CONDITION_EVIDENCE)
    assert "R18" in {each.id for each in judged.readings}
    gaps_first = _judge(both, date(2025, 3, 3), AS_ISSUED.reading(R18="incompleteness-first"))
    assert gaps_first.outcome is Outcome.INCOMPLETE


def test_without_a_condition_no_material_helps() -> None:
    judged = _judge(replace(_BASE, claims=()), date(2025, 3, 3))
    assert judged.outcome is Outcome.NOT_ELIGIBLE
    assert (judged.reasons, judged.missing) == ((Reason.NO_QUALIFYING_CONDITION,), ())


def test_a_situation_that_article_15_does_not_mean_is_named() -> None:
    kindergarten = Claim(condition=QualifyingCondition.SCHOOLING, situation="kindergarten")
    judged = _judge(replace(_BASE, claims=(kindergarten,)), date(2025, 3, 3))
    assert judged.reasons == (Reason.NO_QUALIFYING_CONDITION, Reason.EVIDENCE_NOT_OF_CONDITION)
    beside = _judge(replace(_BASE, claims=(kindergarten, _HOUSING)), date(2025, 3, 3))
    assert (beside.outcome, beside.reasons) == (Outcome.ACCEPTED, ())


def test_other_evidence_needs_a_written_reason() -> None:
    silent = OtherEvidence(condition=QualifyingCondition.EMPLOYMENT, written_reason="")
    works = replace(
        _BASE,
        claims=(_EMPLOYMENT,),
        materials=frozenset({"resident_id_card", "photo"}),
        other_evidence=(silent,),
    )
    judged = _judge(works, date(2025, 3, 3))
    assert judged.outcome is Outcome.INCOMPLETE
    assert Reason.EVIDENCE_NOT_ACCEPTED in judged.reasons
    reasoned = replace(silent, written_reason="pays into the fund of the market's traders")
    accepted = _judge(replace(works, other_evidence=(reasoned,)), date(2025, 3, 3))
    assert accepted.outcome is Outcome.ACCEPTED


def test_an_application_shows_nothing_of_a_person() -> None:
    shown = repr((_BASE, _BASE.residence, _FRAIL, _HOUSING))
    assert not any(value in shown for value in ("150429", "2024", "1944", "housing"))


def test_an_agent_acts_only_for_whom_the_rules_admit_one() -> None:
    proxy = replace(_BASE, by=Actor.CLOSE_RELATIVE, materials=_COMPLETE | {"agent_id"})
    refused = _judge(proxy, date(2025, 3, 3))
    assert (refused.outcome, refused.reasons) == (Outcome.REFUSED, (Reason.APPEAR_IN_PERSON,))
    admitted = _judge(replace(proxy, person=_FRAIL), date(2025, 3, 3))
    assert (admitted.outcome, admitted.agent) == (Outcome.ACCEPTED, Actor.CLOSE_RELATIVE)
    assert "R16" in {each.id for each in admitted.readings}
    assert Mark.CHECK_AGENT not in admitted.marks
    unshown = _judge(replace(proxy, person=_FRAIL, materials=_COMPLETE), date(2025, 3, 3))
    assert (unshown.outcome, Mark.CHECK_AGENT in unshown.marks) == (Outcome.ACCEPTED, True)


_NEEDED = sorted(_COMPLETE)


@given(st.sets(st.sampled_from([*_NEEDED, "labour_contract", "household_register"])))
def test_an_eligible_person_with_a_complete_file_is_always_accepted(given_: set[str]) -> None:
    judged = _judge(replace(_BASE, materials=frozenset(given_)), date(2025, 3, 3))
    complete = given_ >= _COMPLETE
    assert (judged.outcome is Outcome.ACCEPTED) is complete
    assert bool(judged.missing) is not complete
    assert judged.receipt is complete
    more = _judge(replace(_BASE, materials=frozenset(given_) | {"passport"}), date(2025, 3, 3))
    assert set(more.missing) <= set(judged.missing)
