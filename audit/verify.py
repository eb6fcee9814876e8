"""Verification of a stored log: every leaf, their order, the tree, the heads.

Pure: rows in, a verdict out. The first fault found is named with its index. Says only that a log
is consistent with its own head; that the head is the one that was published needs a signature
held elsewhere (docs/audit-log-format.md, "What a log without signatures cannot show"). Never
repairs anything and never repeats what a body says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from audit.canonical import NotCanonicalError, load_canonical
from audit.entry import FORMAT, OPENING
from audit.persons import PersonIndexCheck
from audit.register_changes import counter_of, is_change
from audit.tree import Frontier, FrontierError, leaf_hash, perfect_subtrees


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLeaf:
    """One record as it is stored: SQLite keeps in any column a value of any type."""

    index: object
    leaf: object
    body: object


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHead:
    """The head row of one log; the index of persons covers its first `indexed` records."""

    year: int
    log: str
    size: int
    root: bytes
    frontier: bytes
    indexed: int


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


@dataclass(slots=True)
class Carried:
    """What verification carries from one year's log to the next."""

    persons: PersonIndexCheck = field(default_factory=PersonIndexCheck)
    lanes: dict[str, int] = field(default_factory=dict)
    register: int = 0
    """The register's counter after its last change so far."""
    previous: Intact | None = None

    def unfinished_lane(self, stored: Mapping[str, int]) -> str | None:
        """A lane whose stored counter is not its last record's: records at the end are missing."""
        for lane, counter in sorted(stored.items()):
            if counter != self.lanes.get(lane, 0):
                return lane
        return None


def read_head(
    *, year: object, log: object, size: object, root: object, frontier: object, indexed: object
) -> StoredHead | Broken:
    """A head row, or the fault where a column is not of its type."""
    if (
        isinstance(year, int)
        and isinstance(log, str)
        and isinstance(size, int)
        and isinstance(root, bytes)
        and isinstance(frontier, bytes)
        and isinstance(indexed, int)
    ):
        return StoredHead(
            year=year, log=log, size=size, root=root, frontier=frontier, indexed=indexed
        )
    named = log if isinstance(log, str) else "a log whose name is unreadable"
    at = size if isinstance(size, int) else 0
    return Broken(named, at, "the head: a column is not of its type")


class _FaultError(Exception):
    """Ends the walk at the first fault."""

    def __init__(self, index: int, why: str) -> None:
        super().__init__(why)
        self.index = index
        self.why = why


class LogCheck:
    """Walks one year's log: `feed` all its records in ascending order, then `finish`.

    After the first `Broken` nothing more is fed.
    """

    def __init__(self, head: StoredHead, carried: Carried) -> None:
        self._head = head
        self._carried = carried
        self._tree = Frontier()
        self._peaks: dict[int, tuple[int, bytes]] | None = None

    def feed(self, rows: Iterable[StoredLeaf]) -> Broken | None:
        """Check some records."""
        try:
            for row in rows:
                self._check(row)
        except _FaultError as fault:
            return Broken(self._head.log, fault.index, fault.why)
        return None

    def finish(self) -> Intact | Broken:
        """Say what the whole log is, all records having been fed."""
        head = self._head
        try:
            self._check_size()
        except _FaultError as fault:
            return Broken(head.log, fault.index, fault.why)
        self._carried.previous = Intact(head.log, head.size, head.root)
        return self._carried.previous

    def _check_size(self) -> None:
        self._read_head()
        if self._tree.size != self._head.size:
            raise _FaultError(self._tree.size, "the record is missing: the head counts more")

    def _read_head(self) -> dict[int, tuple[int, bytes]]:
        """The head's perfect subtrees by their ends; where they differ, a range is known."""
        if self._peaks is not None:
            return self._peaks
        head = self._head
        try:
            frontier = Frontier.parse(head.frontier, root=head.root)
        except FrontierError as error:
            raise _FaultError(head.size, f"the head: {error}") from None
        if frontier.size != head.size:
            at = min(frontier.size, head.size)
            raise _FaultError(at, "the head: its size is not the frontier's, it was set back or on")
        if not 0 <= head.indexed <= head.size:
            why = (
                "the head: the index of persons cannot cover so many records, it was set back or on"
            )
            raise _FaultError(head.size, why)
        ranges = perfect_subtrees(head.size)
        self._peaks = {
            end: (start, peak) for (start, end), peak in zip(ranges, frontier.peaks, strict=True)
        }
        return self._peaks

    def _check(self, row: StoredLeaf) -> None:
        peaks = self._read_head()
        tree = self._tree
        index, leaf, body = row.index, row.leaf, row.body
        if not isinstance(index, int):
            raise _FaultError(tree.size, "the record's index is no integer")
        if index >= self._head.size:
            raise _FaultError(self._head.size, "a record stands beyond the head's size")
        if index != tree.size:
            raise _FaultError(min(index, tree.size), "the record is missing or out of order")
        if not (isinstance(leaf, bytes) and isinstance(body, bytes)):
            raise _FaultError(index, "the record's body or leaf hash is not stored as bytes")
        self._check_leaf(index, leaf=leaf, body=body)
        tree.append(leaf)
        if tree.size in peaks:
            start, peak = peaks[tree.size]
            # Of the tree built so far the last peak is the subtree that ends here.
            if tree.peaks[-1] != peak:
                raise _FaultError(
                    start, f"one of the records {start} to {tree.size - 1} was exchanged"
                )

    def _check_leaf(self, index: int, *, leaf: bytes, body: bytes) -> None:
        if leaf_hash(body) != leaf:
            raise _FaultError(index, "the body does not give the stored leaf hash")
        try:
            record = load_canonical(body)
        except NotCanonicalError as error:
            raise _FaultError(index, f"the body holds {error}") from None
        if record.get("v") != FORMAT:
            raise _FaultError(index, f"the body is not a record of format {FORMAT}")
        if (record.get("action") == OPENING) != (index == 0):
            raise _FaultError(index, "an opening record stands at index 0 and nowhere else")
        if index == 0:
            self._check_opening(record)
        self._check_lane(index, record)
        self._check_register(index, record)
        self._check_fields(index, record)
        if index < self._head.indexed:
            self._carried.persons.expect(self._head.year, index, record)

    def _check_opening(self, record: Mapping[str, object]) -> None:
        if record.get("log") != self._head.log:
            raise _FaultError(0, "the opening record names another log")
        previous = self._carried.previous
        expected = None
        if previous is not None:
            expected = {"log": previous.log, "size": previous.size, "root": previous.root.hex()}
        if record.get("previous") != expected:
            raise _FaultError(0, "the opening record does not commit to the log before it")

    def _check_lane(self, index: int, record: Mapping[str, object]) -> None:
        lane, counter = record.get("lane"), record.get("counter")
        if not isinstance(lane, str) or not isinstance(counter, int):
            raise _FaultError(index, "the body names no lane and counter")
        lanes = self._carried.lanes
        if counter != lanes.get(lane, 0) + 1:
            raise _FaultError(index, "the counter of its lane does not follow the one before")
        lanes[lane] = counter

    def _check_register(self, index: int, record: Mapping[str, object]) -> None:
        """Each change of the register follows the one before: none is missing, none counts back."""
        if not is_change(record):
            return
        counter = counter_of(record)
        if counter != self._carried.register + 1:
            raise _FaultError(index, "the register's counter does not follow the change before")
        self._carried.register = counter

    @staticmethod
    def _check_fields(index: int, record: Mapping[str, object]) -> None:
        """What was used stands with each person or once for all, never in both places."""
        subjects = record.get("subjects")
        if "fields" not in record or not isinstance(subjects, list):
            return
        if any(isinstance(subject, dict) and "fields" in subject for subject in subjects):
            raise _FaultError(index, "the fields stand both once for all and with a person")
