"""The dated policy: readings, figures, and the city's file (articles 1 and 33)."""

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.parameters import (
    AS_ISSUED,
    READINGS,
    RECOMMENDED,
    AppliedReading,
    Parameters,
    Readings,
    Schedule,
    UnknownReadingError,
    Values,
)
from regulation.policy_file import ParametersError, read_parameters

_ROOM = Path(__file__).resolve().parents[2] / "regulation"
_FILE = """
[[policy]]
version = "2027-1"
from = 2027-01-01
until = 2027-12-31
basis = "letter 1"
[policy.readings]
R3 = "next-day"
[policy.values]
replacement_fee_fen = { value = 2000, basis = "price notice 9" }

[[policy]]
version = "2028-1"
from = 2028-01-01
basis = "letter 2"
"""


def test_there_are_31_readings_and_each_recommends_one_of_its_choices() -> None:
    assert list(READINGS) == [f"R{n}" for n in range(1, 32)]
    for reading in READINGS.values():
        assert reading.choice(reading.recommended) is not None
        assert all(choice.zh and choice.en for choice in reading.choices)
        assert RECOMMENDED.chosen(reading.id) == reading.recommended


def test_a_choice_is_made_and_named_and_the_recommended_one_leaves_no_trace() -> None:
    strict = RECOMMENDED.choosing({"R3": "next-day"})
    assert strict.chosen("R3") == "next-day"
    assert strict.chosen("R8") == "corresponding-day"
    assert strict.applied("R3", "R8") == (
        AppliedReading(id="R3", choice="next-day"),
        AppliedReading(id="R8", choice="corresponding-day"),
    )
    assert [each.recommended for each in strict.applied("R3", "R8")] == [False, True]
    assert strict.choosing({"R3": "same-day"}) == RECOMMENDED == Readings()


@pytest.mark.parametrize("choices", [{"R32": "x"}, {"R3": "tomorrow"}])
def test_an_unknown_reading_or_choice_is_refused(choices: dict[str, str]) -> None:
    with pytest.raises(UnknownReadingError):
        RECOMMENDED.choosing(choices)
    with pytest.raises(UnknownReadingError):
        RECOMMENDED.chosen("R32")


def _compared() -> set[tuple[str, str]]:
    """Every choice that code asks for: compared with, or a case of, `….chosen("Rn")`."""
    found = set[tuple[str, str]]()
    for path in _ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Compare(left=asked, comparators=[ast.Constant(value=str(code))]):
                    codes = [code]
                case ast.Match(subject=asked, cases=cases):
                    patterns = [case.pattern for case in cases]
                    values = [p.value for p in patterns if isinstance(p, ast.MatchValue)]
                    codes = [str(v.value) for v in values if isinstance(v, ast.Constant)]
                case _:
                    continue
            asks = re.search(r"chosen\('(R\d+)'\)", ast.unparse(asked))
            if asks:
                found |= {(asks[1], code) for code in codes}
    return found


def test_every_choice_that_code_asks_for_exists_and_none_is_without_effect() -> None:
    for reading, code in _compared():
        assert READINGS[reading].choice(code) is not None, (reading, code)
    # The choices of R25 are the days themselves.
    others = {
        (reading.id, choice.code)
        for reading in READINGS.values()
        for choice in reading.choices
        if choice.code != reading.recommended and reading.id != "R25"
    }
    assert others - _compared() == set()


def test_figures_are_those_of_the_measures_each_with_what_it_rests_on() -> None:
    values = AS_ISSUED.values
    assert (values.half_year_months, values.report_working_days) == (6, 7)
    assert (values.issue_days, values.issue_warning_days) == (30, 15)
    assert (values.window_days, values.grace_days, values.validity_years) == (30, 30, 1)
    assert (values.settlement_years, values.persons_per_coordinator) == (3, 500)
    assert values.replacement_fee_fen is None
    for name in Values.__dataclass_fields__:
        assert AS_ISSUED.basis_of(name)


def test_the_measures_took_effect_on_the_thirtieth_day_or_after_it() -> None:
    assert AS_ISSUED.in_force_from == date(2017, 5, 23) + timedelta(days=30)
    assert AS_ISSUED.reading(R25="2017-06-23").in_force_from == date(2017, 6, 23)


def test_a_file_holds_from_its_first_to_its_last_day_and_the_measures_elsewhere() -> None:
    schedule = read_parameters(_FILE)
    assert schedule.on(date(2026, 12, 31)) is AS_ISSUED
    for day in (date(2027, 1, 1), date(2027, 12, 31)):
        held = schedule.on(day)
        assert (held.version, held.chosen("R3")) == ("2027-1", "next-day")
        assert held.values.replacement_fee_fen == 2000
        assert held.basis_of("replacement_fee_fen") == "price notice 9"
        assert held.basis_of("issue_days") == AS_ISSUED.basis_of("issue_days")
    later = schedule.on(date(2028, 1, 1))
    assert (later.version, later.chosen("R3")) == ("2028-1", "same-day")
    assert schedule.on(date.max) is later


def _with(line: str, *, instead_of: str) -> str:
    assert instead_of in _FILE
    return _FILE.replace(instead_of, line, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("policy = [", "not TOML"),
        ("[[polic]]\n", "polic stands alone"),
        ("policy = [3]\n", "policy 1: policy is no table"),
        (_with('R33 = "x"', instead_of='R3 = "next-day"'), "line 8: policy 1: R33"),
        (_with('R3 = "some-day"', instead_of='R3 = "next-day"'), "same-day, next-day"),
        (
            _with("readings = 3", instead_of='[policy.readings]\nR3 = "next-day"'),
            "line 7: policy 1: readings",
        ),
        (_with("", instead_of='basis = "letter 2"'), "policy 2: basis is missing"),
        (_with("", instead_of="from = 2028-01-01"), "policy 2: from is missing"),
        (
            _with('from = "2028"', instead_of="from = 2028-01-01"),
            "line 14: policy 2: from is no day",
        ),
        (_with("until = 2026-01-01", instead_of="until = 2027-12-31"), "until lies before from"),
        (
            _with("from = 2027-12-31", instead_of="from = 2028-01-01"),
            "line 14: policy 2: from over",
        ),
        (_with("colour = 3", instead_of='basis = "letter 2"'), "line 15: policy 2: colour is unkn"),
        (
            _with("fee = { value = 2, ", instead_of="replacement_fee_fen = { value = 2000, "),
            "fee is",
        ),
        (_with("value = 0", instead_of="value = 2000"), "is no whole number"),
        (_with("value = true", instead_of="value = 2000"), "is no whole number"),
        (_with('basis = ""', instead_of='basis = "price notice 9"'), "has no legal reference"),
        (_with("2000", instead_of='{ value = 2000, basis = "price notice 9" }'), "needs a value"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ParametersError, match=re.escape(says)):
        read_parameters(text)


@given(st.dates(), st.dates(), st.dates())
def test_of_two_policies_that_meet_exactly_one_holds_on_each_day(
    one: date, other: date, day: date
) -> None:
    first, second = sorted([one, other])
    schedule = Schedule(
        (
            Parameters(version="a", until=first),
            Parameters(version="b", since=second),
        )
    )
    held = {"a": day <= first, "b": day >= second}
    assert schedule.on(day).version in {v for v, holds in held.items() if holds} or not any(
        held.values()
    )
