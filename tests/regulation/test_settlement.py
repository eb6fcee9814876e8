"""Settlement of rural and pastoral families: an indication only (article 22; R3, R22)."""

from dataclasses import replace
from datetime import date

import pytest

from regulation.outcome import Actor, Outcome, Reason
from regulation.parameters import AS_ISSUED
from regulation.settlement import Area, HukouKind, SettlementFacts, check_settlement

_MET = SettlementFacts(
    hukou_kind=HukouKind.RURAL_PASTORAL,
    area=Area.URBAN,
    whole_family=True,
    since=date(2023, 3, 15),
)


@pytest.mark.parametrize(
    ("day", "outcome"),
    [(date(2026, 3, 14), Outcome.NOT_MET), (date(2026, 3, 15), Outcome.MET)],
)
def test_exactly_three_years_suffice(day: date, outcome: Outcome) -> None:
    told = check_settlement(_MET, day=day)
    assert told.outcome is outcome
    assert told.who is Actor.PUBLIC_SECURITY
    if outcome is Outcome.NOT_MET:
        assert told.reasons == (Reason.RESIDENCE_UNDER_THREE_YEARS,)
        assert told.earliest == date(2026, 3, 15)


def test_read_otherwise_three_years_are_full_a_day_later() -> None:
    later = AS_ISSUED.reading(R3="next-day")
    told = check_settlement(_MET, day=date(2026, 3, 15), parameters=later)
    assert (told.outcome, told.earliest) == (Outcome.NOT_MET, date(2026, 3, 16))


def test_three_years_from_29_february_are_full_on_the_28th() -> None:
    leap = replace(_MET, since=date(2024, 2, 29))
    assert check_settlement(leap, day=date(2027, 2, 27)).earliest == date(2027, 2, 28)
    assert check_settlement(leap, day=date(2027, 2, 28)).outcome is Outcome.MET


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(_MET, whole_family=False), Reason.NOT_WHOLE_FAMILY),
        (replace(_MET, area=Area.VILLAGE), Reason.NOT_URBAN_OR_TOWN),
        (replace(_MET, hukou_kind=HukouKind.URBAN), Reason.NOT_RURAL_PASTORAL),
        (replace(_MET, own_wish=False), Reason.NOT_OWN_WISH),
        (replace(_MET, since=None), Reason.NOT_REGISTERED),
    ],
)
def test_each_requirement_that_is_not_met_is_named(facts: SettlementFacts, reason: Reason) -> None:
    told = check_settlement(facts, day=date(2026, 3, 16))
    assert (told.outcome, told.reasons) == (Outcome.NOT_MET, (reason,))
    assert told.earliest is None


def test_a_designated_town_is_as_good_as_the_urban_area() -> None:
    assert check_settlement(replace(_MET, area=Area.TOWN), day=date(2026, 3, 16)).outcome is (
        Outcome.MET
    )


def test_all_that_is_not_met_is_told_at_once_and_time_alone_would_not_turn_it() -> None:
    facts = SettlementFacts(
        hukou_kind=HukouKind.URBAN,
        area=Area.VILLAGE,
        whole_family=False,
        since=date(2026, 1, 1),
        own_wish=False,
    )
    told = check_settlement(facts, day=date(2026, 3, 16))
    assert told.reasons == (
        Reason.NOT_WHOLE_FAMILY,
        Reason.NOT_URBAN_OR_TOWN,
        Reason.NOT_RURAL_PASTORAL,
        Reason.NOT_OWN_WISH,
        Reason.RESIDENCE_UNDER_THREE_YEARS,
    )
    assert told.earliest is None
