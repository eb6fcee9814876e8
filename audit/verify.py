"""Verification of a stored log: every leaf, their order, the tree, the heads, the person index.

Pure: rows in, a verdict out. The first fault found is named with its index. Says only that a log
is consistent with its own head; that the head is the one that was published needs a signature
held elsewhere (docs/audit-log-format.md, "What a log without signatures cannot show"). Never
repairs anything and never repeats what a body says.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from audit.canonical import NotCanonicalError, load_canonical
from audit.entry import FORMAT, OPENING
from audit.tree import Frontier, FrontierError, leaf_hash, perfect_subtrees

_HEX_UUID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLeaf:
    """One record as it is stored; `persons` are those the index of persons leads to it."""

    index: int
    leaf: bytes
    body: bytes
    persons: frozenset[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHead:
    """The head row of one log."""

    log: str
    size: int
    root: bytes
    frontier: bytes


@dataclass(frozen=True, slots=True)
class Intact:
    """The log is what its head says."""

    log: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """The first fault: at which index of which log, and what is wrong there."""

    log: str
    index: int
    why: str


Verdict = Intact | Broken


@dataclass(slots=True)
class Lanes:
    """Last counter seen of each writer lane; carried from one year's log to the next."""

    seen: dict[str, int] = field(default_factory=dict)

    def follows(self, lane: str, counter: int) -> bool:
        """Whether this is the lane's next counter; remembers it."""
        expected = self.seen.get(lane, 0) + 1
        self.seen[lane] = counter
        return counter == expected


class _FaultError(Exception):
    """Ends the walk at the first fault."""

    def __init__(self, index: int, why: str) -> None:
        super().__init__(why)
        self.index = index
        self.why = why


def verify_log(
    rows: Iterable[StoredLeaf], head: StoredHead, *, previous: Intact | None, lanes: Lanes
) -> Verdict:
    """Walk one year's log.

    Args:
        rows: all stored records of the log in ascending order of index.
        head: the log's head row.
        previous: verdict on the log before it, None where this is the deployment's first.
        lanes: counters seen so far; filled here.
    """
    try:
        return _walk(iter(rows), head, previous, lanes)
    except _FaultError as fault:
        return Broken(head.log, fault.index, fault.why)


def unfinished_lane(lanes: Lanes, stored: dict[str, int]) -> str | None:
    """A lane whose stored counter is beyond its last record: records at the end are missing."""
    for lane, counter in sorted(stored.items()):
        if counter != lanes.seen.get(lane, 0):
            return lane
    return None


def _walk(
    rows: Iterator[StoredLeaf], head: StoredHead, previous: Intact | None, lanes: Lanes
) -> Intact:
    frontier = _head_frontier(head)
    peaks = dict(zip(perfect_subtrees(head.size), frontier.peaks, strict=True))
    ends = {end: (start, peak) for (start, end), peak in peaks.items()}
    tree = Frontier()
    for row in rows:
        if row.index >= head.size:
            raise _FaultError(head.size, "a record stands beyond the head's size")
        if row.index != tree.size:
            raise _FaultError(min(row.index, tree.size), "the record is missing or out of order")
        _check_leaf(row, head.log, previous, lanes)
        tree.append(row.leaf)
        if tree.size in ends:
            start, peak = ends[tree.size]
            # Of the tree built so far the last peak is the subtree that ends here.
            if tree.peaks[-1] != peak:
                raise _FaultError(
                    start, f"one of the records {start} to {tree.size - 1} was exchanged"
                )
    if tree.size != head.size:
        raise _FaultError(tree.size, "the record is missing: the head counts more")
    return Intact(head.log, head.size, head.root)


def _head_frontier(head: StoredHead) -> Frontier:
    try:
        frontier = Frontier.parse(head.frontier, root=head.root)
    except FrontierError as error:
        raise _FaultError(head.size, f"the head: {error}") from None
    if frontier.size != head.size:
        at = min(frontier.size, head.size)
        raise _FaultError(at, "the head: its size is not the frontier's, it was set back or on")
    return frontier


def _check_leaf(row: StoredLeaf, log: str, previous: Intact | None, lanes: Lanes) -> None:
    if leaf_hash(row.body) != row.leaf:
        raise _FaultError(row.index, "the body does not give the stored leaf hash")
    try:
        record = load_canonical(row.body)
    except NotCanonicalError as error:
        raise _FaultError(row.index, f"the body holds {error}") from None
    if record.get("v") != FORMAT:
        raise _FaultError(row.index, f"the body is not a record of format {FORMAT}")
    if (record.get("action") == OPENING) != (row.index == 0):
        raise _FaultError(row.index, "an opening record stands at index 0 and nowhere else")
    if row.index == 0:
        _check_opening(record, log, previous)
    lane, counter = record.get("lane"), record.get("counter")
    if not isinstance(lane, str) or not isinstance(counter, int):
        raise _FaultError(row.index, "the body names no lane and counter")
    if not lanes.follows(lane, counter):
        raise _FaultError(row.index, "the counter of its lane does not follow the one before")
    if _persons(record) != row.persons:
        raise _FaultError(row.index, "the index of persons does not agree with the body")


def _check_opening(record: Mapping[str, object], log: str, previous: Intact | None) -> None:
    if record.get("log") != log:
        raise _FaultError(0, "the opening record names another log")
    expected = None
    if previous is not None:
        expected = {"log": previous.log, "size": previous.size, "root": previous.root.hex()}
    if record.get("previous") != expected:
        raise _FaultError(0, "the opening record does not commit to the log before it")


def _persons(record: Mapping[str, object]) -> frozenset[bytes]:
    subjects = record.get("subjects", [])
    if not isinstance(subjects, list):
        return frozenset()
    found: set[bytes] = set()
    for subject in subjects:
        person = subject.get("person") if isinstance(subject, dict) else None
        # What is not a uuid's hex leads to no person and so disagrees with any index row.
        if isinstance(person, str) and _HEX_UUID.fullmatch(person):
            found.add(bytes.fromhex(person))
    return frozenset(found)
