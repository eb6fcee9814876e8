"""The tree against published vectors and against the recursive definition of RFC 6962."""

import json
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tree import (
    EMPTY_ROOT,
    Frontier,
    FrontierError,
    leaf_hash,
    node_hash,
    perfect_subtrees,
    root_of,
)

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "rfc6962_tree.json").read_text(encoding="utf-8")
)
LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
NODES = [[bytes.fromhex(node) for node in level] for level in VECTORS["nodes"]]


def _by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, as the text has it: split at the largest power of two below n."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(_by_definition(leaves[:split]), _by_definition(leaves[split:]))


def _grown(count: int) -> Frontier:
    frontier = Frontier()
    for number in range(count):
        frontier.append(leaf_hash(str(number).encode()))
    return frontier


@pytest.mark.parametrize("size", range(9))
def test_the_root_of_every_published_size_is_the_published_one(size: int) -> None:
    assert root_of([leaf_hash(leaf) for leaf in LEAVES[:size]]) == ROOTS[size]


def test_leaves_and_inner_nodes_are_the_published_ones() -> None:
    assert [leaf_hash(leaf) for leaf in LEAVES] == NODES[0]
    for below, above in pairwise(NODES):
        pairs = zip(below[::2], below[1::2], strict=True)
        assert [node_hash(left, right) for left, right in pairs] == above


def test_a_tree_without_leaves_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == ROOTS[0]


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_growing_gives_the_root_of_the_definition(leaves: list[bytes]) -> None:
    assert root_of(leaves) == _by_definition(leaves)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 255, 256, 1000])
def test_a_stored_frontier_grows_on_as_if_never_stored(size: int) -> None:
    frontier = _grown(size)
    again = Frontier.parse(frontier.serialise(), root=frontier.root())
    assert (again.size, again.peaks) == (size, frontier.peaks)
    for tree in (again, frontier):
        tree.append(leaf_hash(b"next"))
    assert again.root() == frontier.root()


def test_the_stored_form_is_the_size_and_the_peaks_largest_first() -> None:
    frontier = Frontier()
    for leaf in LEAVES[:7]:
        frontier.append(leaf_hash(leaf))
    assert frontier.serialise() == (
        bytes.fromhex("0000000000000007") + NODES[2][0] + NODES[1][2] + NODES[0][6]
    )
    assert perfect_subtrees(7) == ((0, 4), (4, 6), (6, 7))


@pytest.mark.parametrize("position", range(8 + 3 * 32))
def test_a_changed_byte_anywhere_in_a_stored_frontier_is_found(position: int) -> None:
    frontier = _grown(7)
    data = bytearray(frontier.serialise())
    data[position] ^= 1
    if position < 8 and int.from_bytes(data[:8], "big").bit_count() == 3:
        pytest.skip("another size with as many peaks: the head row's own size tells")
    with pytest.raises(FrontierError):
        Frontier.parse(bytes(data), root=frontier.root())


@pytest.mark.parametrize("length", [0, 7, 8, 39, 41, 103, 105])
def test_a_frontier_of_another_length_is_refused(length: int) -> None:
    frontier = _grown(7)
    data = frontier.serialise().ljust(length, b"\0")[:length]
    with pytest.raises(FrontierError):
        Frontier.parse(data, root=frontier.root())
