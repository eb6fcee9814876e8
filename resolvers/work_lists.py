"""Runs a work list: its rows, the persons of its applications, and what the record says of it.

Rows come under the scopes of their own type, persons under those of persons: whoever has moved to
another division since is no longer this desk's to see, while the application stays its to decide.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from audit.entry import Subject
from db.load import ScopeFacts
from db.person_row import PersonRow
from db.reads import PersonReads
from db.rows import RowValues
from db.work_rows import WorkRows
from keys.ring import KeyRing
from regulation.parameters import Parameters
from regulation.work_list import warned_through
from resolvers.context import Context
from resolvers.listing import page_size
from resolvers.plan import Step, StepKind
from resolvers.records import ApplicationRecord, ListPage, Record, ReportRecord
from resolvers.work import (
    application_record,
    applications_wanted,
    filters_used,
    report_record,
    reports_wanted,
    row_id,
    work_cursors,
)

Fields = tuple[tuple[str, str, str], ...]
Opened = Callable[[Sequence[PersonRow]], Awaitable[Sequence[Record]]]
"""Opens what the plan names of persons, under the leave that the plan holds."""

_OF_APPLICATIONS = ("Query.applications", "Application.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A page, whom it speaks of, and the paths that it used."""

    page: ListPage[ApplicationRecord] | ListPage[ReportRecord]
    subjects: tuple[Subject, ...]
    fields: Fields


class WorkLists:
    """Loads pages of applications and reports. One for the process; it keeps nothing of them."""

    __slots__ = ("_reads", "_ring", "_work")

    def __init__(self, *, work: WorkRows, reads: PersonReads, ring: KeyRing) -> None:
        self._work = work
        self._reads = reads
        self._ring = ring

    async def load(
        self,
        step: Step,
        arguments: Mapping[str, object],
        context: Context,
        *,
        facts: ScopeFacts,
        parameters: Parameters,
        opened: Opened,
    ) -> Listed:
        """Load one page.

        Raises:
            ArgumentFaultError: the page size, the filter or the cursor is not valid.
        """
        caller, size, name = context.caller, page_size(arguments), step.kind.value
        of_applications = step.kind is StepKind.APPLICATIONS
        warned = warned_through(context.today, parameters)
        wanted = (
            applications_wanted(arguments, warned) if of_applications else reports_wanted(arguments)
        )
        cursors = work_cursors(
            name,
            arguments,
            self._ring,
            audience=caller.department,
            division=caller.division,
            order=wanted.order,
        )
        after = cursors.open(arguments.get("after"))
        found = await self._work.page(wanted, step.reached, facts, after=after, limit=size + 1)
        total = await self._work.count(wanted, step.reached, facts) if step.counts else None
        rows, fields = found[:size], step.fields + filters_used(name, arguments)

        def encode(kind: int, uuid: bytes) -> str:
            return self._ring.global_ids.encode(caller.department, kind, uuid)

        places = [cursors.seal([row[wanted.order]], row_id(row)) for row in rows]
        has_next, continued = len(found) > size, after is not None
        if not of_applications:
            reports = [
                report_record(row, encode, cursor=place)
                for row, place in zip(rows, places, strict=True)
            ]
            return Listed(ListPage(reports, has_next, continued, total), (), fields)
        records = [
            application_record(row, encode, day=context.today, warned_through=warned, cursor=place)
            for row, place in zip(rows, places, strict=True)
        ]
        subjects = await self._applicants(step, rows, records, facts, fields, opened)
        return Listed(ListPage(records, has_next, continued, total), subjects, fields)

    async def _applicants(  # noqa: PLR0917 — one beat of `load`, with all that it has found so far
        self,
        step: Step,
        rows: Sequence[RowValues],
        records: Sequence[ApplicationRecord],
        facts: ScopeFacts,
        fields: Fields,
        opened: Opened,
    ) -> tuple[Subject, ...]:
        """Put the persons into their applications, as far as they are reached, and name them."""
        ids = [row_id(row, "person") for row in rows]
        reached: dict[bytes, Record] = {}
        if step.loads:
            persons = await self._reads.of_ids(step.load, ids, facts)
            reached = {each.row.person: each for each in await opened(list(persons.values()))}
        case = None if facts.case is None else facts.case.hex()
        # Whoever is not reached is named with what was shown: that there is an application.
        alone = tuple(field for field in fields if field[0].startswith(_OF_APPLICATIONS))
        subjects = []
        for person, record in zip(ids, records, strict=True):
            record.person = reached.get(person)
            used = fields if record.person is not None else alone
            subjects.append(Subject(person=person, fields=used, case=case))
        return tuple(subjects)
