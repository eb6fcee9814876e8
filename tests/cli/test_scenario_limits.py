"""Cases on either side of a limit, with drawn days: the scenarios say what the rules say."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulation.eligibility import half_year_full_on
from regulation.moving import keeps_time_until
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import PermitValidity, expiry_endorsed, grace_ends, window_opens
from regulation.registration import declare_by
from regulation.residence import completed_on
from tests.cli.scenario_bench import CALENDAR, Bench

pytestmark = pytest.mark.long

DAYS = st.dates(date(2018, 3, 1), date(2025, 6, 1))
AROUND = st.integers(-2, 2)
READINGS = st.sampled_from(
    [AS_ISSUED, AS_ISSUED.reading(R3="next-day"), AS_ISSUED.reading(R6="no-roll", R9="s+29")]
)
_SETTINGS = settings(max_examples=25, deadline=None)


_P10 = {"person": "P10", "residence_division": "150402"}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("limits"))


@_SETTINGS
@given(registered=DAYS, beside=AROUND, parameters=READINGS)
def test_an_application_is_accepted_from_the_day_on_which_half_a_year_is_full(
    bench: Bench, registered: date, beside: int, parameters: Parameters
) -> None:
    full = half_year_full_on(registered, parameters)
    day = full + timedelta(days=beside)
    facts = _P10 | {"registration_date": registered, "conditions": ["housing"]}
    action = {
        "action": "apply_permit",
        "date": day,
        "materials": ["resident_id_card", "photo", "lease_contract"],
    }
    expected: dict[str, object] = {"decision": "accepted", "acceptance_date": day.isoformat()}
    if day < full:
        expected = {
            "decision": "not_eligible",
            "reasons": ["RESIDENCE_UNDER_HALF_YEAR"],
            "earliest_date": full.isoformat(),
            "receipt": False,
        }
    expected["residence_clock_start"] = registered.isoformat()
    assert bench.check(facts, action, expected, parameters).differences == ()


@_SETTINGS
@given(
    valid_to=DAYS.map(lambda day: day + timedelta(days=365)),
    edge=st.sampled_from(["opens", "ends", "grace"]),
    beside=AROUND,
    parameters=READINGS,
)
def test_an_endorsement_is_judged_as_the_rules_say_on_every_edge_of_its_window(
    bench: Bench, valid_to: date, edge: str, beside: int, parameters: Parameters
) -> None:
    permit = PermitValidity(valid_from=valid_to - timedelta(days=365), valid_to=valid_to)
    grace = grace_ends(permit, CALENDAR, parameters).day
    opens = window_opens(permit, parameters)
    day = {"opens": opens, "ends": valid_to, "grace": grace}[edge] + timedelta(days=beside)
    clock = valid_to - timedelta(days=700)
    facts = _P10 | {
        "residence_clock_start": clock,
        "conditions": ["housing"],
        "permit": {"valid_to": valid_to},
    }
    action = {
        "action": "endorse",
        "date": day,
        "police_review": "passed",
        "materials": ["residence_permit", "condition_evidence"],
    }
    expected: dict[str, object] = {
        "decision": "refused",
        "reasons": ["WINDOW_NOT_OPEN"],
        "earliest_date": opens.isoformat(),
        "valid_to": valid_to.isoformat(),
    }
    if day >= opens:
        expected = {
            "decision": "approved",
            "state": "active",
            "state_before": "active" if day <= valid_to else "suspended",
            "valid_to": expiry_endorsed(permit, day, CALENDAR, parameters).isoformat(),
            "residence_clock_start": (day if day > grace else clock).isoformat(),
            "continuity": "broken" if day > grace else "kept",
        }
    assert bench.check(facts, action, expected, parameters).differences == ()


@_SETTINGS
@given(moved=DAYS, late=st.booleans(), beside=AROUND, parameters=READINGS)
def test_a_report_of_a_move_is_late_and_loses_the_time_when_the_rules_say_so(
    bench: Bench, moved: date, *, late: bool, beside: int, parameters: Parameters
) -> None:
    keeps = keeps_time_until(moved, CALENDAR, parameters).day
    due = declare_by(moved, CALENDAR).day
    day = (keeps if late else due) + timedelta(days=beside)
    registered = moved - timedelta(days=200)
    facts = _P10 | {"registration_date": registered, "moved": moved}
    action = {
        "action": "report_address_change",
        "date": day,
        "materials": ["resident_id_card", "proof_of_new_residence"],
    }
    expected = {
        "decision": "recorded",
        "on_time": day <= due,
        "continuity_deadline": keeps.isoformat(),
        "residence_clock_start": (registered if day <= keeps else day).isoformat(),
    }
    assert bench.check(facts, action, expected, parameters).differences == ()


@_SETTINGS
@given(since=DAYS, beside=AROUND, parameters=READINGS)
def test_settlement_is_met_from_the_day_on_which_three_years_are_full(
    bench: Bench, since: date, beside: int, parameters: Parameters
) -> None:
    full = completed_on(since, months=36, readings=parameters.readings)
    day = full + timedelta(days=beside)
    facts = _P10 | {
        "residence_clock_start": since,
        "registration_date": since,
        "hukou_kind": "rural_pastoral",
        "area": "town",
        "whole_family": True,
    }
    action = {"action": "settlement_check", "date": day}
    expected: dict[str, object] = {"answer": "met" if day >= full else "not_met"}
    if day < full:
        expected["earliest_date"] = full.isoformat()
    assert bench.check(facts, action, expected, parameters).differences == ()
