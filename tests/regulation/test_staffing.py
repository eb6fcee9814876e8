"""Coordinators and delegated offices (article 4; R31)."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.outcome import Reason
from regulation.parameters import AS_ISSUED
from regulation.staffing import (
    DelegationError,
    Task,
    coordinators_required,
    judge_delegation,
    read_delegations,
)

_FILE = """
[[delegation]]
office = "centre"
division = "150402"
tasks = ["collection", "acceptance"]
from = 2027-01-01
until = 2027-12-31
basis = "letter"
"""


@pytest.mark.parametrize(
    ("population", "up", "down"),
    [(0, 0, 0), (1, 1, 0), (499, 1, 0), (500, 1, 1), (501, 2, 1), (1000, 2, 2), (1001, 3, 2)],
)
def test_s64_one_coordinator_for_each_500_begun(population: int, up: int, down: int) -> None:
    assert coordinators_required(population) == up
    rounded_down = AS_ISSUED.reading(R31="rounded-down")
    assert coordinators_required(population, rounded_down) == down


@given(st.integers(0, 10**7))
def test_the_coordinators_required_suffice_and_one_fewer_would_not(population: int) -> None:
    needed = coordinators_required(population)
    assert needed * 500 >= population
    assert (needed - 1) * 500 < population


def test_a_population_below_nought_is_refused() -> None:
    with pytest.raises(ValueError, match="below nought"):
        coordinators_required(-1)


def test_an_office_may_do_what_is_delegated_there_and_then_and_nothing_else() -> None:
    delegations = read_delegations(_FILE)

    def judge(
        day: date = date(2027, 1, 1),
        office: str = "centre",
        task: Task = Task.ACCEPTANCE,
        division: str = "150402",
    ) -> Reason | None:
        return judge_delegation(delegations, office=office, task=task, division=division, day=day)

    for allowed in (judge(), judge(date(2027, 12, 31)), judge(division="150402001")):
        assert allowed is None
    for refused in (
        judge(date(2026, 12, 31)),
        judge(date(2028, 1, 1)),
        judge(office="other"),
        judge(task=Task.ISSUE),
        judge(division="150403"),
    ):
        assert refused is Reason.NOT_DELEGATED


def test_a_delegation_without_an_end_lasts() -> None:
    lasting = read_delegations(_FILE.replace("until = 2027-12-31", ""))
    assert (
        judge_delegation(
            lasting, office="centre", task=Task.COLLECTION, division="150402", day=date.max
        )
        is None
    )
    assert read_delegations("") == ()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[[delegation]]", "[[delegatio]]", "entry 0: the file holds something else"),
        ("[[delegation]]", "[[delegation]", "entry 0: the file is not TOML"),
        ('office = "centre"', "", "entry 1: lacks or misspells office"),
        ("basis", "basic", "entry 1: lacks or misspells basic"),
        ('"150402"', '"110105"', "entry 1: names no division"),
        ('"collection"', '"cancellation"', "entry 1: names a task"),
        ('["collection", "acceptance"]', '"issue"', "entry 1: names a task"),
        ("until = 2027-12-31", "until = 2026-12-31", "entry 1: ends before it begins"),
        ("from = 2027-01-01", 'from = "soon"', "entry 1: has a day that is none"),
    ],
)
def test_a_file_of_delegations_that_cannot_be_read_says_why(old: str, new: str, says: str) -> None:
    assert old in _FILE
    with pytest.raises(DelegationError, match=re.escape(says)):
        read_delegations(_FILE.replace(old, new))


def test_an_entry_that_is_no_table_is_refused() -> None:
    with pytest.raises(DelegationError, match="is no table"):
        read_delegations("delegation = [3]")
