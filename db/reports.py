"""Reports of third parties (articles 6 to 9): taken, followed up once, and never taken away.

A row holds days and codes, and nobody's name. It is written in the transaction of the act that
takes the report or ends its follow-up. This module never decides and registers nobody.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.inserting import insert_rows
from db.models import Report, table_of
from db.rows import REPORT, RowValues, integer
from keys.ring import KeyRing
from regulation.calendar import Deadline
from regulation.divisions import COUNTY_DIGITS
from regulation.third_party import FollowUp, Reporter, Timeliness


class ReportStanding(StrEnum):
    """Whether a report still waits for its follow-up."""

    OPEN = "open"
    FOLLOWED_UP = "followed_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenReport:
    """A report as the office of `division` took it."""

    id: bytes
    division: str
    office: str
    official: str
    reporter: Reporter
    happened_on: date
    learned_on: date | None
    reported_on: date
    deadline: Deadline | None
    timeliness: Timeliness
    contents: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedUp:
    """The end of a follow-up: what was found, by whom, on which day."""

    report: "StoredReport"
    finding: FollowUp
    official: str
    closed_on: date


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report whose row was verified."""

    values: RowValues

    @property
    def id(self) -> bytes:
        """Its id."""
        found = self.values["id"]
        return found if isinstance(found, bytes) else b""

    @property
    def division(self) -> str:
        """The division of the office that took it."""
        return str(self.values["township"] or self.values["county"])

    @property
    def version(self) -> int:
        """The number of its last change."""
        return integer(self.values["revision"])

    @property
    def reporter(self) -> Reporter:
        """Who reported."""
        return Reporter(str(self.values["reporter"]))

    @property
    def reported_on(self) -> date:
        """The day on which it was made."""
        return date.fromisoformat(str(self.values["reported_on"]))

    @property
    def closed_on(self) -> date | None:
        """The day on which the follow-up ended; None while it is open."""
        closed = self.values["closed_on"]
        return None if closed is None else date.fromisoformat(str(closed))


Kept = TakenReport | FollowedUp
"""What an act writes of a report."""

_FIRST: Final = 1


def find_report(session: Session, ring: KeyRing, report: bytes) -> StoredReport | None:
    """Read a report and keep other writers away from it until the transaction ends.

    Raises:
        RowTamperedError: the row is not as it was written.
    """
    table = table_of(Report)
    row = session.execute(select(table).where(table.c.id == report).with_for_update()).mappings()
    found = row.first()
    if found is None:
        return None
    values: RowValues = dict(found)
    REPORT.require(ring, values)
    return StoredReport(values)


def write_report(session: Session, ring: KeyRing, kept: Kept, *, recorded_at: str) -> int:
    """Store a report, or the end of its follow-up; return its version after it."""
    if isinstance(kept, TakenReport):
        insert_rows(session, Report, [REPORT.sign(ring, _row(kept, recorded_at))])
        return _FIRST
    row = dict(kept.report.values)
    version = kept.report.version + 1
    row |= {
        "revision": version,
        "state": ReportStanding.FOLLOWED_UP.value,
        "closed_on": kept.closed_on.isoformat(),
        "finding": kept.finding.value,
        "closer": kept.official,
    }
    REPORT.sign(ring, row)
    table = table_of(Report)
    changed = ("revision", "state", "closed_on", "finding", "closer", "row_mac")
    session.execute(
        update(table)
        .where(table.c.id == bindparam("the_id"))
        .values({name: row[name] for name in changed}),
        {"the_id": row["id"]},
    )
    return version


def _row(taken: TakenReport, recorded_at: str) -> RowValues:
    code, deadline = taken.division, taken.deadline
    contents, learned = taken.contents, taken.learned_on
    return {
        "id": taken.id,
        "revision": _FIRST,
        "county": code[:COUNTY_DIGITS],
        "township": code if len(code) > COUNTY_DIGITS else "",
        "office": taken.office,
        "reporter": taken.reporter.value,
        "happened_on": taken.happened_on.isoformat(),
        "learned_on": None if learned is None else learned.isoformat(),
        "reported_on": taken.reported_on.isoformat(),
        "due_on": None if deadline is None else deadline.day.isoformat(),
        "provisional": int(deadline is not None and deadline.provisional),
        "timeliness": taken.timeliness.value,
        "contents": None if contents is None else " ".join(sorted(contents)),
        "official": taken.official,
        "recorded_at": recorded_at,
        "state": ReportStanding.OPEN.value,
        "closed_on": None,
        "finding": None,
        "closer": None,
    }
