"""Whole matrices: what each role sees, for each purpose, in text that an auditor can read."""

import pytest

from tests.policies.city import POLICIES
from tests.policies.matrix import GOLDEN, matrix


@pytest.mark.parametrize("role", list(POLICIES.roles))
def test_the_whole_matrix_of_a_role_is_the_reviewed_one(role: str) -> None:
    reviewed = (GOLDEN / f"{role}.txt").read_text(encoding="utf-8")
    assert matrix(role) == reviewed, "a rule changed: python -m tests.policies.matrix, then review"


def test_there_is_no_matrix_of_a_role_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(POLICIES.roles)
