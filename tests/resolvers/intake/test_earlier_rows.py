"""The table of numbers answers as a dictionary would, at a quarter of its memory."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from regulation.id_number import IdNumber
from resolvers.intake.earlier_rows import EarlierRows
from tests.register_rows import id_number

NUMBERS = st.integers(10**16, 10**17 - 1).map(lambda body: IdNumber(f"{body}X"))


@given(st.lists(NUMBERS | st.sampled_from([IdNumber(id_number(n)) for n in range(5)])))
def test_a_number_stands_first_where_it_stood_first(numbers: list[IdNumber]) -> None:
    table = EarlierRows()
    first: dict[IdNumber, int] = {}
    for row, number in enumerate(numbers, 1):
        assert table.first_row(number, row) == first.setdefault(number, row)


def test_a_hundred_thousand_numbers_are_kept_in_five_megabytes() -> None:
    tracemalloc.start()
    table = EarlierRows()
    for row in range(1, 100_001):
        assert table.first_row(IdNumber(f"{150402 * 10**11 + row}0"), row) == row
    assert table.first_row(IdNumber(f"{150402 * 10**11 + 77}0"), 100_001) == 77
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 5_000_000
