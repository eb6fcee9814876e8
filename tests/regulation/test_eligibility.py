"""Who may have a permit (article 2; R1 to R4, R13 to R15, R23), on both sides of each limit."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.divisions import COUNTIES, townships
from regulation.eligibility import (
    THREE_DISTRICTS,
    Residence,
    competent_office,
    eligibility,
    excluded_by_hukou,
    half_year_full_on,
    qualifying_start,
    three_district_excluded,
)
from regulation.evidence import QualifyingCondition
from regulation.outcome import Outcome, Reason
from regulation.parameters import AS_ISSUED

_HOUSING = frozenset({QualifyingCondition.HOUSING})
_DAY = timedelta(days=1)
_ANY = Residence(hukou="230102", division="150402", clock_start=date(2025, 1, 6))
_DATES = st.dates(date(2017, 6, 22), date(2100, 12, 31))
_COUNTY_CODES = st.sampled_from([county.code for county in COUNTIES])


@pytest.mark.parametrize(
    ("start", "full"),
    [
        (date(2025, 1, 6), date(2025, 7, 6)),
        (date(2024, 8, 31), date(2025, 2, 28)),
        (date(2023, 8, 31), date(2024, 2, 29)),
        (date(2023, 8, 29), date(2024, 2, 29)),
        (date(2025, 8, 28), date(2026, 2, 28)),
        (date(2024, 2, 29), date(2024, 8, 29)),
    ],
)
def test_half_a_year_is_full_on_the_corresponding_day_and_not_the_day_before(
    start: date, full: date
) -> None:
    residence = replace(_ANY, clock_start=start)
    early = eligibility(residence, _HOUSING, day=full - _DAY)
    assert early.reasons == (Reason.RESIDENCE_UNDER_HALF_YEAR,)
    assert (early.outcome, early.earliest) == (Outcome.NOT_ELIGIBLE, full)
    met = eligibility(residence, _HOUSING, day=full)
    assert (met.outcome, met.reasons, met.earliest) == (Outcome.MET, (), None)
    strict = AS_ISSUED.reading(R3="next-day")
    assert eligibility(residence, _HOUSING, day=full, parameters=strict).earliest == full + _DAY
    later = eligibility(residence, _HOUSING, day=full + _DAY, parameters=strict)
    assert later.outcome is Outcome.MET
    assert ("R3", "next-day") in {(each.id, each.choice) for each in later.readings}


@pytest.mark.parametrize(
    ("hukou", "division", "reason"),
    [
        ("150402", "150404", Reason.THREE_DISTRICT_EXCLUSION),
        ("150404", "150403", Reason.THREE_DISTRICT_EXCLUSION),
        ("150402", "150402", Reason.SAME_COUNTY_HUKOU),
        ("150425", "150425", Reason.SAME_COUNTY_HUKOU),
        ("150425", "150425100", Reason.SAME_COUNTY_HUKOU),
        ("150426", "150402", None),
        ("150402", "150425", None),
        ("110105", "150404", None),
    ],
)
def test_hukou_in_the_county_or_among_the_three_districts_excludes_a_permit(
    hukou: str, division: str, reason: Reason | None
) -> None:
    assert excluded_by_hukou(hukou=hukou, division=division) is reason
    residence = replace(_ANY, hukou=hukou, division=division)
    judged = eligibility(residence, _HOUSING, day=date(2026, 1, 1))
    assert judged.reasons == ((reason,) if reason else ())
    assert ("R14" in {each.id for each in judged.readings}) is (
        reason is Reason.THREE_DISTRICT_EXCLUSION
    )


@given(_COUNTY_CODES, _COUNTY_CODES)
def test_the_three_district_clause_is_symmetric_and_touches_no_other_county(
    one: str, other: str
) -> None:
    excluded = three_district_excluded(hukou=one, division=other)
    assert excluded is three_district_excluded(hukou=other, division=one)
    assert excluded is (one != other and one in THREE_DISTRICTS and other in THREE_DISTRICTS)


def test_all_reasons_are_told_at_once_and_no_date_where_time_does_not_help() -> None:
    residence = Residence(hukou="150402", division="150403", clock_start=date(2026, 1, 1))
    judged = eligibility(residence, frozenset(), day=date(2026, 1, 2))
    assert judged.reasons == (
        Reason.THREE_DISTRICT_EXCLUSION,
        Reason.RESIDENCE_UNDER_HALF_YEAR,
        Reason.NO_QUALIFYING_CONDITION,
    )
    assert judged.earliest is None


def test_who_never_registered_is_not_registered_however_long_they_live_here() -> None:
    judged = eligibility(replace(_ANY, clock_start=None), _HOUSING, day=date(2026, 1, 1))
    assert judged.reasons == (Reason.NOT_REGISTERED,)
    assert (judged.earliest, judged.qualifying_start) == (None, None)


def test_a_citizen_without_hukou_is_routed_away_and_asked_for_nothing() -> None:
    judged = eligibility(replace(_ANY, hukou=None), frozenset(), day=date(2026, 1, 1))
    assert judged.outcome is Outcome.OUT_OF_SCOPE
    assert judged.reasons == (Reason.NOT_MAINLAND_HUKOU_CITIZEN,)
    assert excluded_by_hukou(hukou=None, division="150402") is judged.reasons[0]


def test_before_the_measures_nothing_is_decided_and_the_later_of_both_days_is_told() -> None:
    for start, earliest in (
        (date(2016, 6, 1), date(2017, 6, 22)),
        (date(2017, 3, 1), date(2017, 9, 1)),
    ):
        residence = replace(_ANY, clock_start=start)
        judged = eligibility(residence, _HOUSING, day=date(2017, 6, 21))
        assert (judged.reasons, judged.earliest) == ((Reason.NOT_IN_FORCE,), earliest)


def test_the_half_year_counts_in_the_county_or_from_a_cancellation_only_where_read_so() -> None:
    moved = replace(_ANY, county_since=date(2025, 4, 15))
    county = AS_ISSUED.reading(R13="county-half-year")
    assert qualifying_start(moved) == date(2025, 1, 6)
    assert qualifying_start(moved, county) == date(2025, 4, 15)
    assert half_year_full_on(date(2025, 4, 15), county) == date(2025, 10, 15)
    cancelled = replace(_ANY, cancelled_on=date(2025, 6, 10))
    afresh = AS_ISSUED.reading(R23="from-cancellation")
    assert qualifying_start(cancelled) == date(2025, 1, 6)
    judged = eligibility(cancelled, _HOUSING, day=date(2025, 12, 9), parameters=afresh)
    assert judged.earliest == date(2025, 12, 10)
    assert "R23" in {each.id for each in judged.readings}
    assert qualifying_start(replace(_ANY, clock_start=None), afresh) is None


def test_an_office_of_the_county_or_of_the_township_is_competent() -> None:
    one, other = (township.code for township in townships("150402")[:2])
    assert competent_office("150402", "150402")
    assert competent_office("150402", one)
    assert competent_office(one, "150402")
    assert competent_office(one, one)
    assert not competent_office(other, one)
    assert not competent_office("150425", "150402")


@given(_DATES, _DATES, _DATES)
def test_who_is_eligible_stays_it_and_a_later_start_never_helps(
    start: date, later: date, day: date
) -> None:
    start, later = sorted([start, later])

    def met(since: date, on: date) -> bool:
        residence = replace(_ANY, clock_start=since)
        return eligibility(residence, _HOUSING, day=on).outcome is Outcome.MET

    if met(later, day):
        assert met(start, day)
    if met(start, day):
        assert met(start, day + _DAY)


@given(_DATES)
def test_the_earliest_date_is_the_first_on_which_the_decision_turns(start: date) -> None:
    residence = replace(_ANY, clock_start=start)
    full = eligibility(residence, _HOUSING, day=start).earliest
    assert full is not None
    assert eligibility(residence, _HOUSING, day=full).outcome is Outcome.MET
    assert eligibility(residence, _HOUSING, day=full - _DAY).outcome is Outcome.NOT_ELIGIBLE
    # Six calendar months, the clamp taking up to three days off.
    assert timedelta(days=178) <= full - start <= timedelta(days=184)
