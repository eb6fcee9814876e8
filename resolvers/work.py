"""Work lists of applications and reports: from a filter to rows, and from rows to records.

Days are worked out by the rules and compared with stored ones; nothing is judged here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Final

from db.rows import RowValues, integer
from db.work_rows import Applications, Reports
from keys.ring import KeyRing
from policies.permission import Action, Rendering
from regulation.proceedings import State
from resolvers.cursors import Cursors, question
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.kinds import APPLICATION_ID, REPORT_ID
from resolvers.listing import conditions_of
from resolvers.records import ApplicationRecord, ReportRecord

Encode = Callable[[int, bytes], str]
"""A kind and an id to the caller's opaque global id."""

_OF_APPLICATIONS: Final = {
    "state": "Application.state",
    "dueBefore": "Application.dueOn",
    "overdue": "Application.overdue",
    "dueSoon": "Application.dueSoon",
    "township": "Application.division",
}
_OF_REPORTS: Final = {
    "state": "Report.state",
    "reporter": "Report.reporter",
    "timeliness": "Report.timeliness",
}
_OPEN: Final = "open"


def applications_wanted(arguments: Mapping[str, object], warned_through: date) -> Applications:
    """What `applications` looks for; `warned_through` is the latest acceptance that is due soon.

    Raises:
        ArgumentFaultError: a township that no text can be.
    """
    given = conditions_of(arguments)
    due_before, township = given.get("dueBefore"), given.get("township")
    if isinstance(township, str) and "\0" in township:  # PostgreSQL has no such text
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
    return Applications(
        states=_codes(given.get("state")),
        township=township if isinstance(township, str) else None,
        due_before=due_before.isoformat() if isinstance(due_before, date) else None,
        overdue=_flag(given.get("overdue")),
        due_soon=_flag(given.get("dueSoon")),
        warned_through=warned_through.isoformat(),
    )


def reports_wanted(arguments: Mapping[str, object]) -> Reports:
    """What `reports` looks for: those that wait for their follow-up, unless another state is named.

    None of the values comes from a caller's own text.
    """
    given = conditions_of(arguments)
    state, timeliness = given.get("state"), given.get("timeliness")
    return Reports(
        state=state.name.lower() if isinstance(state, Enum) else _OPEN,
        reporters=_codes(given.get("reporter")),
        timeliness=timeliness.name.lower() if isinstance(timeliness, Enum) else None,
    )


def work_cursors(
    name: str,
    arguments: Mapping[str, object],
    ring: KeyRing,
    *,
    audience: str,
    division: str | None,
    order: str,
) -> Cursors:
    """The cursors of one question for a work list."""
    conditions = conditions_of(arguments)
    return Cursors(ring, audience, question(name, division, conditions, ((order, False),)))


def filters_used(name: str, arguments: Mapping[str, object]) -> tuple[tuple[str, str, str], ...]:
    """The paths that a filter uses: as visible in the log as paths that are read."""
    given = conditions_of(arguments)
    paths = _OF_REPORTS if name == "reports" else _OF_APPLICATIONS
    return tuple(
        (path, Action.FILTER.value, Rendering.PLAIN.value)
        for field, path in paths.items()
        if given.get(field) is not None
    )


def application_record(
    row: RowValues, encode: Encode, *, day: date, warned_through: date, cursor: str
) -> ApplicationRecord:
    """An application as the graph tells of it on a day."""
    due, accepted = _text(row["due_on"]), _text(row["accepted_on"])
    overdue = due is not None and due < day.isoformat()
    warned = accepted is not None and accepted <= warned_through.isoformat()
    return ApplicationRecord(
        id=encode(APPLICATION_ID, row_id(row)),
        state=State(str(row["state"])).name,
        division=str(row["township"] or row["county"]),
        filed_on=str(row["filed_on"]),
        accepted_on=accepted,
        due_on=due,
        overdue=overdue,
        due_soon=warned and not overdue,
        cursor=cursor,
    )


def report_record(row: RowValues, encode: Encode, *, cursor: str) -> ReportRecord:
    """A report as the graph tells of it."""
    contents, finding = _text(row["contents"]), _text(row["finding"])
    return ReportRecord(
        id=encode(REPORT_ID, row_id(row)),
        version=integer(row["revision"]),
        division=str(row["township"] or row["county"]),
        reporter=str(row["reporter"]).upper(),
        event_on=str(row["happened_on"]),
        learned_on=_text(row["learned_on"]),
        reported_on=str(row["reported_on"]),
        due_on=_text(row["due_on"]),
        provisional=bool(row["provisional"]),
        timeliness=str(row["timeliness"]).upper(),
        contents=None if contents is None else contents.split(),
        official=str(row["official"]),
        state=str(row["state"]).upper(),
        closed_on=_text(row["closed_on"]),
        finding=None if finding is None else finding.upper(),
        cursor=cursor,
    )


def row_id(row: RowValues, name: str = "id") -> bytes:
    """An id that stands in a row."""
    found = row[name]
    return found if isinstance(found, bytes) else b""


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _codes(given: object) -> tuple[str, ...] | None:
    """The codes of several members of a closed set, each once; none where the list is left out."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        return None
    return tuple(dict.fromkeys(each.name.lower() for each in given if isinstance(each, Enum)))
