"""An intact log is told from one that was changed in any way, and the fault's index is named."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.canonical import canonical_json, load_canonical
from audit.entry import PreviousLog, opening, parts_of, stamp
from audit.persons import BUCKET, PersonIndexCheck, first_difference, persons_of
from audit.tree import Frontier, leaf_hash
from audit.verify import Broken, Carried, Intact, LogCheck, StoredHead, StoredLeaf
from tests.audit.drafts import NOW, draft, subjects

LOG = "demo/audit/2026"


def bodies(count: int, *, log: str = LOG, previous: PreviousLog | None = None) -> list[bytes]:
    """A log of `count` records of one lane; the first is the opening."""
    first = opening(log=log, year=2026, time=stamp(NOW), previous=previous)
    parts = [first, *(parts_of(draft(of=subjects(1)))[0] for _ in range(count - 1))]
    return [part.body(lane="lane-a", counter=number) for number, part in enumerate(parts, start=1)]


def stored(of: Sequence[bytes]) -> list[StoredLeaf]:
    return [
        StoredLeaf(index=index, leaf=leaf_hash(body), body=body) for index, body in enumerate(of)
    ]


def head_of(rows: Sequence[StoredLeaf], *, log: str = LOG, year: int = 2026) -> StoredHead:
    tree = Frontier()
    for row in rows:
        assert isinstance(row.leaf, bytes)
        tree.append(row.leaf)
    return StoredHead(
        year=year,
        log=log,
        size=tree.size,
        root=tree.root(),
        frontier=tree.serialise(),
        indexed=tree.size,
    )


def verify(
    rows: Sequence[StoredLeaf], head: StoredHead, carried: Carried | None = None
) -> Intact | Broken:
    check = LogCheck(head, carried or Carried())
    return check.feed(rows) or check.finish()


def broken_at(verdict: Intact | Broken) -> int:
    assert isinstance(verdict, Broken)
    return verdict.index


@pytest.mark.parametrize("count", [1, 2, 3, 8, 13])
def test_a_log_as_it_was_written_is_intact(count: int) -> None:
    rows = stored(bodies(count))
    head = head_of(rows)
    assert verify(rows, head) == Intact(LOG, count, head.root)


@pytest.mark.parametrize("index", range(13))
def test_a_changed_body_is_named_by_its_index(index: int) -> None:
    of = bodies(13)
    rows = stored(of)
    head = head_of(rows)
    rows[index] = replace(rows[index], body=of[index].replace(b'"v":1', b'"v":2'))
    assert broken_at(verify(rows, head)) == index


@pytest.mark.parametrize(("index", "start"), [(3, 0), (7, 0), (8, 8), (11, 8), (12, 12)])
def test_a_record_exchanged_with_its_hash_is_narrowed_to_a_subtree(index: int, start: int) -> None:
    of = bodies(13)
    rows = stored(of)
    head = head_of(rows)
    body = of[index].replace(b'"audit', b'"audix').replace(b'"Permit"', b'"Nobody"')
    rows[index] = StoredLeaf(index=index, leaf=leaf_hash(body), body=body)
    verdict = verify(rows, head)
    assert broken_at(verdict) == start
    assert isinstance(verdict, Broken)
    assert "exchanged" in verdict.why


@pytest.mark.parametrize("index", range(13))
def test_a_deleted_record_is_named_by_its_index(index: int) -> None:
    rows = stored(bodies(13))
    head = head_of(rows)
    del rows[index]
    assert broken_at(verify(rows, head)) == index


@pytest.mark.parametrize("index", range(13))
def test_a_record_deleted_by_closing_the_gap_is_found_by_its_lane(index: int) -> None:
    of = bodies(13)
    head = head_of(stored(of))
    del of[index]
    assert broken_at(verify(stored(of), head)) <= 12


@pytest.mark.parametrize("index", range(1, 14))
@pytest.mark.parametrize(("lane", "counter"), [("lane-a", None), ("lane-x", 1)])
def test_an_inserted_record_is_narrowed_to_the_subtree_that_it_spoils(
    index: int, lane: str, counter: int | None
) -> None:
    of = bodies(13)
    head = head_of(stored(of))
    forged = parts_of(draft())[0].body(lane=lane, counter=counter or index + 1)
    rows = stored([*of[:index], forged, *of[index:]])
    subtree = max(start for start in (0, 8, 12, 13) if start <= index)
    assert subtree <= broken_at(verify(rows, head)) <= index + 1


@given(st.data())
@settings(max_examples=30)
def test_two_swapped_records_are_found_at_the_first_of_them(data: st.DataObject) -> None:
    of = bodies(9)
    head = head_of(stored(of))
    first = data.draw(st.integers(1, 7))
    second = data.draw(st.integers(first + 1, 8))
    of[first], of[second] = of[second], of[first]
    assert broken_at(verify(stored(of), head)) == first


def test_only_hashes_swapped_are_found_at_the_first_of_them() -> None:
    rows = stored(bodies(5))
    head = head_of(rows)
    rows[2], rows[4] = replace(rows[2], leaf=rows[4].leaf), replace(rows[4], leaf=rows[2].leaf)
    assert broken_at(verify(rows, head)) == 2


def test_a_head_set_back_without_its_frontier_is_found() -> None:
    rows = stored(bodies(5))
    head = head_of(rows)
    assert broken_at(verify(rows[:4], replace(head, size=4))) == 4
    assert broken_at(verify(rows[:4], replace(head, size=4, root=head_of(rows[:4]).root))) == 4


def test_a_head_set_back_consistently_leaves_a_record_beyond_it() -> None:
    rows = stored(bodies(5))
    assert broken_at(verify(rows, head_of(rows[:4]))) == 4


def test_head_and_records_set_back_together_betray_themselves_by_the_lane_only() -> None:
    rows = stored(bodies(5))
    carried = Carried()
    assert isinstance(verify(rows[:4], head_of(rows[:4]), carried), Intact)
    assert carried.unfinished_lane({"lane-a": 5}) == "lane-a"
    assert carried.unfinished_lane({"lane-a": 4}) is None


def test_a_lane_without_a_record_is_unfinished() -> None:
    assert Carried().unfinished_lane({"lane-b": 1}) == "lane-b"


@pytest.mark.parametrize("root", [b"\0" * 32, b""])
def test_a_head_with_another_root_is_found(root: bytes) -> None:
    rows = stored(bodies(5))
    assert broken_at(verify(rows, replace(head_of(rows), root=root))) == 5


def test_a_body_that_is_no_canonical_record_is_found_though_its_hashes_fit() -> None:
    of = bodies(4)
    for forged in (b"{}", b"[]", b"", of[2] + b" ", of[2].replace(b'"v":1', b'"v":2')):
        rows = stored([*of[:2], forged, of[3]])
        assert broken_at(verify(rows, head_of(rows))) == 2


def test_an_opening_record_stands_first_and_nowhere_else() -> None:
    of = bodies(3)
    again = opening(log=LOG, year=2026, time=stamp(NOW), previous=None)
    rows = stored([*of, again.body(lane="lane-a", counter=4)])
    assert broken_at(verify(rows, head_of(rows))) == 3
    headless = stored([parts_of(draft())[0].body(lane="lane-a", counter=1)])
    assert broken_at(verify(headless, head_of(headless))) == 0


def test_the_opening_record_must_name_its_log() -> None:
    rows = stored(bodies(3))
    assert broken_at(verify(rows, head_of(rows, log="demo/audit/2025"))) == 0


def test_next_year_s_log_must_commit_to_the_last_root_of_the_year_before() -> None:
    old = stored(bodies(3))
    carried = Carried()
    before = verify(old, head_of(old), carried)
    assert isinstance(before, Intact)
    for previous, fits in (
        (PreviousLog(LOG, 3, before.root), True),
        (PreviousLog(LOG, 3, b"\0" * 32), False),
        (PreviousLog(LOG, 2, before.root), False),
        (None, False),
    ):
        of = opening(log="demo/audit/2027", year=2027, time=stamp(NOW), previous=previous)
        rows = stored([of.body(lane="lane-b", counter=1)])
        head = head_of(rows, log="demo/audit/2027", year=2027)
        again = Carried(previous=before)
        assert isinstance(verify(rows, head, again), Intact) is fits


def test_no_verdict_repeats_what_a_body_says() -> None:
    of = bodies(3)
    rows = stored(of)
    head = head_of(rows)
    rows[1] = replace(rows[1], body=of[1].replace(b'"Permit"', b'"sentinel"'))
    assert "sentinel" not in str(verify(rows, head))


def _index_of(of: Sequence[bytes]) -> list[tuple[bytes, int, int]]:
    return [
        (person, 2026, index)
        for index, body in enumerate(of)
        for person in persons_of(load_canonical(body))
    ]


def _differing(
    of: Sequence[bytes], index: Sequence[tuple[bytes, int, int]]
) -> tuple[int, int] | None:
    check = PersonIndexCheck()
    for number, body in enumerate(of):
        check.expect(2026, number, load_canonical(body))
    for entry in index:
        check.found(entry)
    return check.differing()


def test_the_index_of_persons_may_come_in_any_order() -> None:
    of = bodies(6)
    assert _differing(of, _index_of(of)[::-1]) is None


def test_a_missing_added_or_moved_row_of_the_index_is_found() -> None:
    of = bodies(6)
    index = _index_of(of)
    stranger = (b"\x01" * 16, 2026, 3)
    for changed, at in (
        (index[1:], 1),
        ([*index, stranger], 3),
        ([(index[0][0], 2026, 2), *index[1:]], 1),
    ):
        assert _differing(of, changed) == (2026, 0)
        assert first_difference(index, changed) == at


def test_the_lowest_differing_bucket_is_named() -> None:
    check = PersonIndexCheck()
    for index in (3 * BUCKET, BUCKET + 1, 5 * BUCKET):
        check.found((b"\x01" * 16, 2026, index))
    assert check.differing() == (2026, 1)


def test_equal_rows_of_one_bucket_have_no_first_difference() -> None:
    index = _index_of(bodies(4))
    assert first_difference(index, index[::-1]) is None


def changed(*counters: object) -> list[StoredLeaf]:
    """A log of changes of the register that left these counters."""
    first = opening(log=LOG, year=2026, time=stamp(NOW), previous=None)
    parts = [first]
    for counter in counters:
        change = replace(draft(), action="register.key-added", decision=f"client:a {counter}")
        parts += parts_of(change)
    return stored(
        [part.body(lane="lane-a", counter=number) for number, part in enumerate(parts, start=1)]
    )


def test_changes_of_the_register_count_from_one_and_without_a_gap() -> None:
    rows = changed("register:1", "register:2", "register:3")
    assert isinstance(verify(rows, head_of(rows)), Intact)


@pytest.mark.parametrize(
    ("counters", "index"),
    [
        (("register:2",), 1),
        (("register:1", "register:1"), 2),
        (("register:1", "register:3"), 2),
        (("register:1", "register:2", "register:1"), 3),
        (("register:1", "nothing"), 2),
        (("register:1", "register:02"), 2),
        (("register:1", "register:2 until:2026-12-31"), 2),
    ],
)
def test_a_register_that_was_set_back_between_two_changes_is_named(
    counters: tuple[str, ...], index: int
) -> None:
    rows = changed(*counters)
    verdict = verify(rows, head_of(rows))
    assert verdict == Broken(LOG, index, "the register's counter does not follow the change before")


def test_changes_of_the_register_count_on_over_the_years() -> None:
    carried = Carried()
    rows = changed("register:1", "register:2")
    assert isinstance(verify(rows, head_of(rows), carried), Intact)
    assert carried.register == 2


def test_fields_once_for_all_and_with_a_person_too_are_a_fault() -> None:
    first, second = bodies(1), parts_of(draft(of=subjects(2)))[0]
    content = load_canonical(second.body(lane="lane-a", counter=2))
    assert "fields" in content
    rows = stored([*first, canonical_json(content)])
    assert isinstance(verify(rows, head_of(rows)), Intact)
    persons = content["subjects"]
    assert isinstance(persons, list)
    assert isinstance(persons[0], dict)
    persons[0]["fields"] = []
    rows = stored([*first, canonical_json(content)])
    verdict = verify(rows, head_of(rows))
    assert verdict == Broken(LOG, 1, "the fields stand both once for all and with a person")
