"""Withheld counts stay withheld: what can be worked out from all that is shown, tried in full."""

from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.suppression import LEAST, Key, protect, rounded

COUNTIES = ("150402", "150403", "150404")


def places_of(leaves: Mapping[Key, int]) -> dict[Key, int]:
    """Every place's count, added up anew."""
    places: dict[Key, int] = {}
    for leaf, count in leaves.items():
        for depth in range(len(leaf) + 1):
            places[leaf[:depth]] = places.get(leaf[:depth], 0) + count
    return places


def worlds(shown: Mapping[Key, int | None], keys: Sequence[Key]) -> Iterator[dict[Key, int]]:
    """Every city whose table would show just these counts where they are shown."""
    total = shown[()]
    assert total is not None
    for counts in _parted(total, [shown[key] for key in keys]):
        places = places_of(dict(zip(keys, counts, strict=True)))
        if all(count is None or places[place] == count for place, count in shown.items()):
            yield places


def _parted(total: int, fixed: Sequence[int | None]) -> Iterator[tuple[int, ...]]:
    """Every way to part a total, some of its parts being known."""
    if not fixed:
        if total == 0:
            yield ()
        return
    first, *others = fixed
    for count in range(total + 1) if first is None else [first]:
        if count <= total:
            yield from ((count, *rest) for rest in _parted(total - count, others))


LINES = st.lists(st.integers(0, 14), min_size=1, max_size=4)


@settings(deadline=None)
@given(LINES)
def test_a_withheld_part_may_be_everything_from_nothing_to_all_that_is_withheld(
    counts: list[int],
) -> None:
    leaves = _line(counts)
    shown = protect(leaves)
    if shown[()] is None:
        assert set(shown.values()) == {None}
        assert sum(counts) < LEAST
        return
    withheld = [place for place, count in shown.items() if count is None]
    hidden = sum(leaves[place] for place in withheld)
    possible = list(worlds(shown, list(leaves)))
    for place in withheld:
        assert {world[place] for world in possible} == set(range(hidden + 1))
        assert hidden >= LEAST


TREES = st.fixed_dictionaries(
    {("a", "1"): st.integers(0, 13), ("a", "2"): st.integers(0, 13), ("b", "1"): st.integers(0, 13)}
) | st.fixed_dictionaries(
    {("a", "1"): st.integers(0, 13), ("b", "1"): st.integers(0, 13), ("c", "1"): st.integers(0, 13)}
)


@settings(deadline=None)
@given(TREES)
def test_no_sum_of_a_tree_gives_a_withheld_count_away(leaves: dict[Key, int]) -> None:
    shown = protect(leaves)
    if shown[()] is None:
        return
    possible = list(worlds(shown, list(leaves)))
    for place in (place for place, count in shown.items() if count is None):
        values = {world[place] for world in possible}
        assert min(values) < LEAST <= max(values), place


CITIES = st.dictionaries(
    st.tuples(st.sampled_from(COUNTIES), st.sampled_from("123456789")),
    st.integers(0, 60),
    min_size=1,
    max_size=27,
)


@given(CITIES)
def test_what_is_shown_is_true_and_ten_or_more(leaves: dict[Key, int]) -> None:
    true = places_of(leaves)
    shown = protect(leaves)
    assert shown.keys() == true.keys()
    for place, count in shown.items():
        assert count is None or count == true[place] >= LEAST


@given(CITIES)
def test_of_a_place_two_parts_and_ten_persons_are_withheld_together_or_none(
    leaves: dict[Key, int],
) -> None:
    true, shown = places_of(leaves), protect(leaves)
    for place, count in shown.items():
        parts = [other for other in true if other[:-1] == place and other]
        hidden = [part for part in parts if shown[part] is None]
        if count is None:
            assert hidden == parts
        elif hidden:
            assert len(hidden) > 1
            assert sum(true[part] for part in hidden) >= LEAST


@given(st.lists(st.integers(0, 60), min_size=1, max_size=9), st.data())
def test_what_falls_away_does_not_depend_on_the_sizes_of_what_is_not_small(
    counts: list[int], data: st.DataObject
) -> None:
    grown = [count if count < LEAST else LEAST + data.draw(st.integers(0, 60)) for count in counts]
    falling = [
        {place for place, count in protect(line).items() if count is None}
        for line in (_line(counts), _line(grown))
    ]
    assert falling[0] == falling[1]


def _line(counts: Sequence[int]) -> dict[Key, int]:
    return {(str(number),): count for number, count in enumerate(counts)}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([9, 30], [None, None]),
        ([10, 30], [10, 30]),
        ([9, 30, 40], [None, None, 40]),
        ([40, 30, 9], [None, 30, None]),
        ([4, 5, 30], [None, None, None]),
        ([5, 5, 30], [None, None, 30]),
        ([0, 30, 40], [None, None, 40]),
        ([25], [25]),
        ([5, 5], [None, None]),
    ],
)
def test_the_next_part_falls_away_beside_a_small_one(
    counts: list[int], expected: list[int | None]
) -> None:
    shown = protect(_line(counts))
    assert shown[()] == sum(counts)
    assert [shown[str(number),] for number in range(len(counts))] == expected


@pytest.mark.parametrize(("count", "expected"), [(None, None), (10, 10), (14, 10), (15, 20)])
def test_a_count_is_shown_to_the_nearest_ten(count: int | None, expected: int | None) -> None:
    assert rounded(count) == expected
