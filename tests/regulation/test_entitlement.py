"""The 27 services and the answers with and without an active permit (articles 24, 25, 26; R27)."""

import pytest

from regulation.entitlement import (
    Answer,
    Because,
    UnknownServiceError,
    entitled,
    entitlements,
)
from regulation.services import SERVICES, Beneficiary, Condition, find_service


def _codes(article: str) -> list[str]:
    return [service.code for service in SERVICES if service.article.startswith(article)]


def test_article_24_lists_ten_services() -> None:
    assert _codes("24") == [f"24({n})" for n in range(1, 11)]


def test_article_25_lists_seven_conveniences() -> None:
    assert _codes("25") == [f"25({n})" for n in range(1, 8)]


def test_article_26_lists_ten_items_and_guarantees_none() -> None:
    listed = [service for service in SERVICES if service.article == "26"]
    assert len(listed) == 10
    assert not any(service.guaranteed for service in listed)
    assert len(SERVICES) == 27


def test_codes_are_unique_and_find_their_service() -> None:
    assert len({service.code for service in SERVICES}) == 27
    assert all(find_service(service.code) is service for service in SERVICES)
    assert find_service("24(11)") is None


def test_every_service_has_names_and_somebody_who_benefits() -> None:
    assert all(service.zh and service.en and service.beneficiaries for service in SERVICES)


def test_only_other_services_provided_by_the_state_name_no_department() -> None:
    assert [s.code for s in SERVICES if s.department is None] == ["24(10)", "25(7)"]


def test_a_childs_school_place_rests_on_a_parents_permit() -> None:
    children = [s.code for s in SERVICES if Beneficiary.CHILD in s.beneficiaries]
    assert children == ["24(4)", "26:zhongkao_gaokao"]


def test_an_active_permit_gives_articles_24_and_25_and_guarantees_nothing_of_26() -> None:
    answers = entitlements(active=True)
    assert [item.service for item in answers] == list(SERVICES)
    for item in answers:
        if item.service.article == "26":
            assert item.answer is Answer.NOT_GUARANTEED
            assert item.because is Because.NOT_GUARANTEED_ART_26
        else:
            assert item.answer is Answer.YES
            assert item.because is Because.ACTIVE_PERMIT


def test_without_an_active_permit_every_answer_is_the_same_no() -> None:
    answers = entitlements(active=False)
    assert [item.service for item in answers] == list(SERVICES)
    assert {(item.answer, item.because) for item in answers} == {
        (Answer.NO, Because.NO_ACTIVE_PERMIT)
    }


@pytest.mark.parametrize("active", [True, False])
def test_one_service_is_answered_as_in_the_list(*, active: bool) -> None:
    for item in entitlements(active=active):
        assert entitled(item.service.code, active=active) is item.answer


@pytest.mark.parametrize("active", [True, False])
def test_a_service_that_is_not_listed_is_a_fault_and_not_a_no(*, active: bool) -> None:
    with pytest.raises(UnknownServiceError):
        entitled("24(11)", active=active)


_CARE, _EXAMINATION = "26:elder_care", "26:zhongkao_gaokao"


def test_an_item_of_article_26_is_a_yes_only_where_it_is_introduced_and_the_permit_active() -> None:
    rolled_out = frozenset({_CARE})
    answers = {i.service.code: i for i in entitlements(active=True, rolled_out=rolled_out)}
    assert (answers[_CARE].answer, answers[_CARE].because) == (
        Answer.YES,
        Because.ROLLED_OUT_ART_26,
    )
    assert answers[_EXAMINATION].answer is Answer.NOT_GUARANTEED
    assert entitled(_CARE, active=True, rolled_out=rolled_out) is Answer.YES
    assert entitled(_CARE, active=False, rolled_out=rolled_out) is Answer.NO
    assert entitlements(active=False, rolled_out=rolled_out) == entitlements(active=False)


def test_every_service_cites_its_article_in_both_languages() -> None:
    cited = {service.code: (service.citation_zh, service.citation_en) for service in SERVICES}
    assert cited["24(4)"] == ("第二十四条第（四）项", "article 24(4)")
    assert cited["24(10)"] == ("第二十四条第（十）项", "article 24(10)")
    assert cited["25(1)"] == ("第二十五条第（一）项", "article 25(1)")
    assert cited[_EXAMINATION] == ("第二十六条第一款", "article 26 paragraph 1")


def test_every_service_names_its_purpose_and_terms() -> None:
    assert [s.code for s in SERVICES if s.purpose is None] == ["24(10)", "25(7)"]
    for service in SERVICES:
        assert service.conditions[0] is Condition.ACTIVE_PERMIT
        assert (Condition.ROLLED_OUT in service.conditions) is not service.guaranteed
        assert all(condition.zh and condition.en for condition in service.conditions)
    school = find_service("24(4)")
    assert school is not None
    assert Condition.SCHOOL_AGE in school.conditions


def test_a_service_whose_purpose_the_desks_know_bears_the_same_code() -> None:
    purposes = {service.code: service.purpose for service in SERVICES}
    assert purposes["24(4)"] == "school-place"
    assert purposes["24(2)"] == "social-insurance-enrolment"
    assert purposes["26:housing_support"] == "housing-support"
