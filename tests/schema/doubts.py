"""Corrections that departments ask for, as plain values of the reference's world."""

from dataclasses import dataclass

from resolvers.corrections import CorrectionRecord
from resolvers.records import ListPage


@dataclass(frozen=True)
class Doubt:
    """A request for a correction."""

    mark: str
    state: str = "OPEN"
    status: str = "OPEN"
    closed: str | None = None
    ruling: str | None = None
    grounds: tuple[str, ...] = ()
    division: str | None = "150402001"

    @property
    def cursor(self) -> str:
        """Where it stands in the list."""
        return f"after-{self.mark}"

    @property
    def row(self) -> str:
        """Which rows its position counts."""
        return "CONFIRMED" if self.division else "NOT_CONFIRMED"

    def record(self) -> CorrectionRecord:
        """The value that reading gives."""
        return CorrectionRecord(
            id=f"correction-{self.mark}",
            index=len(self.mark) * 10,
            row=self.row,
            position=len(self.mark),
            path="Permit.active",
            requested_on="2026-11-02",
            due_on="2026-11-23",
            state=self.state,
            version=len(self.mark),
            department="education",
            purpose="school-place",
            person=self.division and f"person-{self.mark}",
            division=self.division,
            status=self.status,
            overdue=self.ruling is None,
            closed_on=self.closed,
            ruling=self.ruling,
            grounds=self.grounds,
            official=self.ruling and "clerk",
            words=f"words {self.mark}",
            decision_words=self.ruling and f"decided {self.mark}",
            cursor=self.cursor,
        )


DOUBTS = (
    Doubt("a", division=None),
    Doubt("bb", "STANDS", "ENTERED", None, "REFUSED", ("PRESENTED_OTHERWISE",)),
    Doubt("ccc", "CHANGED", "DECIDED", "2026-11-20", "ACCEPTED", (), "150402"),
)


@dataclass(frozen=True)
class Doubts:
    """A page of requests for corrections."""

    doubts: tuple[Doubt, ...]
    more: bool
    continued: bool

    def page(self) -> ListPage[CorrectionRecord]:
        """The page that reading gives."""
        records = [item.record() for item in self.doubts]
        return ListPage(records, self.more, self.continued, len(DOUBTS))
