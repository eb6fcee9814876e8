"""Runs a plan: load the rows, open what the plan names, and record before anything is released.

The four beats of a read: the plan is the authorisation; `load` fetches and opens; the caller
renders; `record` makes the disclosure durable. An answer may leave only after `record` returned.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from audit.entry import Subject
from db.casefile import case_digest
from db.follows import FollowReads
from db.ledger_reads import LedgerReads, StoredRecord
from db.load import ScopeFacts
from db.person_row import PersonRow
from db.reads import PersonReads
from db.sealed import Vault
from db.work_rows import WorkRows
from keys.ring import KeyRing
from regulation.calendar import WorkingCalendar
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.permit import PermitValidity
from regulation.work_list import Phase, expiries, phase_of
from resolvers.access import AccessPage, accessed, place_of
from resolvers.changes import ChangePage, changes
from resolvers.context import Context
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.kinds import PERMIT_ID, PERSON_ID, SUBJECT_ID
from resolvers.listing import Listing, page_size, permits_listing, persons_listing
from resolvers.plan import ChildKind, Step, StepKind
from resolvers.presented import checked_number, presented_tags
from resolvers.records import ListPage, PersonPage, Printed, Record, Verified
from resolvers.statistics import Statistics, Tables
from resolvers.turns import Turns
from resolvers.verify import Terms, verify
from resolvers.work_lists import WorkLists

_NODE_TYPES: Final = {PERSON_ID: "Person", PERMIT_ID: "Permit"}

Value = (
    Record
    | tuple[str, Record]
    | PersonPage
    | Sequence[Verified]
    | AccessPage
    | ListPage[Any]
    | Tables
    | ChangePage
    | Printed
    | None
)


@dataclass(slots=True)
class Loaded:
    """What a step found: the value to render, and what the audit record must say of it.

    `searched` names the paths of a list, which are recorded even where the list is empty.
    `characters` are those of a document that no font has; the official alone is told them.
    """

    value: Value = None
    fault: Fault | None = None
    subjects: tuple[Subject, ...] = ()
    missed: tuple[bytes, ...] = field(default=(), repr=False)
    searched: tuple[tuple[str, str, str], ...] = ()
    characters: tuple[str, ...] = field(default=(), repr=False)


ListLoad = Callable[[Step, Mapping[str, object], Context, ScopeFacts], Awaitable[Loaded]]
"""Reads a list of rows that are no persons, with what its record must say."""


class Reader:
    """Loads the steps of plans. One for the process; it keeps nothing of a request."""

    def __init__(
        self,
        *,
        reads: PersonReads,
        work: WorkRows,
        vault: Vault,
        ring: KeyRing,
        ledger: LedgerReads,
        statistics: Statistics,
        follows: FollowReads,
        calendar: WorkingCalendar,
        policy: Parameters | Schedule = AS_ISSUED,
        lists: Mapping[StepKind, ListLoad] = MappingProxyType({}),
    ) -> None:
        """`papers` sets documents; a reader without it sets none."""
        self._reads = reads
        self._work = WorkLists(work=work, reads=reads, ring=ring)
        self._follows = follows
        self._vault = vault
        self._ring = ring
        self._ledger = ledger
        self._statistics = statistics
        self._calendar = calendar
        self._policy = policy
        self._lists = lists
        self._turns = Turns()

    async def load(
        self,
        step: Step,
        arguments: Mapping[str, object],
        context: Context,
        explain: Callable[[Fault], str],
    ) -> Loaded:
        """Fetch and open what one step names; a fault of its arguments nulls the step.

        Raises:
            TooManyListsError: this client has too many lists in work and waiting.
        """
        try:
            match step.kind:
                case StepKind.PERSON:
                    loaded = await self._person(step, arguments, context)
                case StepKind.PERMIT:
                    loaded = await self._by_key(step, str(arguments["number"]), context)
                case StepKind.NODE:
                    loaded = await self._node(step, str(arguments["id"]), context)
                case StepKind.PERSONS | StepKind.PERMITS:
                    loaded = await self._list(step, arguments, context)
                case StepKind.APPLICATIONS | StepKind.REPORTS:
                    loaded = await self._work_list(step, arguments, context)
                case StepKind.VERIFY:
                    loaded = await self._verify(step, arguments, context, explain)
                case StepKind.STATISTICS:
                    loaded = await self._counted(step, context)
                case StepKind.ACCESS_LOG:
                    loaded = await self._access_log(step, arguments, context)
                case StepKind.ACCESSES_OF:
                    loaded = await self._accesses_of(step, arguments, context)
                case StepKind.CHANGES:
                    loaded = await self._changes(step, arguments, context)
                case _:
                    async with self._turns.turn(context.caller.client):
                        loaded = await self._lists[step.kind](
                            step, arguments, context, self._facts(context)
                        )
        except ArgumentFaultError as error:
            return Loaded(fault=error.fault)
        return loaded

    def phase(self, validity: PermitValidity, day: date) -> Phase | None:
        """What a permit asks of a desk on a day (article 20)."""
        return phase_of(validity, day, self._calendar, self._on(day))

    def _on(self, day: date) -> Parameters:
        """What holds on a day."""
        policy = self._policy
        return policy.on(day) if isinstance(policy, Schedule) else policy

    def case_digest(self, number: str) -> bytes:
        """The keyed digest under which a case number is stored and recorded."""
        return case_digest(self._ring, number)

    def _facts(self, context: Context) -> ScopeFacts:
        digest = None if context.case is None else self.case_digest(context.case)
        return ScopeFacts(day=context.today, division=context.caller.division, case=digest)

    def _subject(self, step: Step, person: bytes, facts: ScopeFacts) -> Subject:
        return Subject(person=person, fields=step.fields, case=_recorded(facts))

    async def _person(
        self, step: Step, arguments: Mapping[str, object], context: Context
    ) -> Loaded:
        tag, miss = presented_tags(self._ring, arguments)
        facts = self._facts(context)
        row = await self._reads.one(step.load, tag, facts)
        if row is None:
            return Loaded(missed=(miss,))
        return await self._one(step, row, facts)

    async def _by_key(self, step: Step, key: str, context: Context) -> Loaded:
        # PostgreSQL has no text with NUL, and would fail; no permit has such a number.
        known = "\0" not in key
        facts = self._facts(context)
        row = await self._reads.one(step.load, key, facts) if known else None
        if row is None:
            return Loaded(missed=(self._ring.miss_tag(key),))
        return await self._one(step, row, facts)

    async def _node(self, step: Step, text: str, context: Context) -> Loaded:
        named = self._ring.global_ids.decode(context.caller.department, text)
        kind, uuid = named or (0, b"")
        name = _NODE_TYPES.get(kind)
        load = None if name is None else step.loads.get(name)
        if name is None or load is None:
            return Loaded(missed=(self._ring.miss_tag(text),))
        facts = self._facts(context)
        row = await self._reads.one(load, uuid, facts)
        if row is None:
            return Loaded(missed=(self._ring.miss_tag(text),))
        loaded = await self._one(step, row, facts)
        record = loaded.value
        if isinstance(record, Record):
            loaded.value = (name, record)
        return loaded

    async def _one(self, step: Step, row: PersonRow, facts: ScopeFacts) -> Loaded:
        records = await self._open(step, [row])
        return Loaded(value=records[0], subjects=(self._subject(step, row.person, facts),))

    async def _open(self, step: Step, rows: Sequence[PersonRow]) -> list[Record]:
        """Open the step's groups of every row, under the leave that the plan holds."""
        records = [Record(row) for row in rows]
        for group in step.groups:
            each = self._vault.open_each(step.disclosure, rows, group)
            for record, opened in zip(records, each, strict=True):
                setattr(record, group, opened)
        if step.children:
            await self._children(step, records)
        return records

    async def _children(self, step: Step, records: Sequence[Record]) -> None:
        rows = [record.row for record in records]
        for kind in step.children:
            match kind:
                case ChildKind.PERIODS:
                    found = await self._reads.address_periods(step.disclosure, rows)
                case ChildKind.EVIDENCE:
                    found = await self._reads.evidence(step.disclosure, rows)
                case ChildKind.PHOTO:
                    photos = await self._reads.photos(step.disclosure, rows)
                    for record in records:
                        record.photo = photos.get(record.row.person)
                    continue
            for record in records:
                setattr(record, kind.value, found.get(record.row.person, ()))

    async def _list(self, step: Step, arguments: Mapping[str, object], context: Context) -> Loaded:
        listing = self._listing(step, arguments, context)
        criteria, facts = listing.criteria, self._facts(context)
        size = page_size(arguments)
        total: int | None = None
        async with self._turns.turn(context.caller.client):
            rows = await self._reads.page(step.load, criteria, facts)
            if step.counts:
                total = await self._reads.count(step.load, criteria, facts)
        records = await self._open(step, rows[:size])
        # The page itself names its first and last row; sealing a cursor costs as much as opening.
        for record in records if step.cursors else (*records[:1], *records[1:][-1:]):
            record.cursor = listing.cursor_of(record.row)
        page = PersonPage(records, len(rows) > size, criteria.after is not None, total)
        fields = step.fields + listing.used
        case = _recorded(facts)
        subjects = tuple([Subject(row.person, fields, case) for row in rows[:size]])
        missed = () if records else listing.missed
        return Loaded(value=page, subjects=subjects, searched=fields, missed=missed)

    def _listing(self, step: Step, arguments: Mapping[str, object], context: Context) -> Listing:
        caller, day = context.caller, context.today
        if step.kind is StepKind.PERSONS:
            return persons_listing(
                arguments, self._ring, audience=caller.department, division=caller.division
            )
        return permits_listing(
            arguments,
            self._ring,
            lambda phase: expiries(phase, day, self._calendar, self._on(day)),
            audience=caller.department,
            division=caller.division,
        )

    async def _work_list(
        self, step: Step, arguments: Mapping[str, object], context: Context
    ) -> Loaded:
        async def opened(rows: Sequence[PersonRow]) -> Sequence[Record]:
            return await self._open(step, rows)

        async with self._turns.turn(context.caller.client):
            listed = await self._work.load(
                step,
                arguments,
                context,
                facts=self._facts(context),
                parameters=self._on(context.today),
                opened=opened,
            )
        return Loaded(value=listed.page, subjects=listed.subjects, searched=listed.fields)

    async def _verify(
        self,
        step: Step,
        arguments: Mapping[str, object],
        context: Context,
        explain: Callable[[Fault], str],
    ) -> Loaded:
        rows = arguments["rows"]
        if not isinstance(rows, list):
            raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
        terms = Terms(
            today=context.today,
            case=context.case,
            case_required=context.case_required,
            digest=self.case_digest,
            explain=explain,
            fields=step.fields,
        )
        found = await verify(rows, step.load, terms, self._reads, self._ring)
        return Loaded(value=found.results, subjects=found.subjects, missed=found.missed)

    async def _access_log(
        self, step: Step, arguments: Mapping[str, object], context: Context
    ) -> Loaded:
        size = page_size(arguments)
        after = _place(arguments)
        if not step.reaches_log:
            page = AccessPage((), False, after is not None)
            return Loaded(value=page, searched=step.fields)
        async with self._turns.turn(context.caller.client):
            found = await self._ledger.page(after=after, limit=size + 1)
        records = [accessed(item, self._pseudonym(context)) for item in found[:size]]
        page = AccessPage(records, len(found) > size, after is not None)
        return Loaded(value=page, searched=step.fields)

    async def _accesses_of(
        self, step: Step, arguments: Mapping[str, object], context: Context
    ) -> Loaded:
        size = page_size(arguments)
        after = _place(arguments)
        persons = await self._named(str(arguments["person"]), context)
        if not persons or not step.reaches_log:
            missed = (self._ring.miss_tag(str(arguments["person"])),)
            page = AccessPage((), False, after is not None)
            return Loaded(value=page, missed=missed, searched=step.fields)
        async with self._turns.turn(context.caller.client):
            found = await self._of_persons(persons, after, size + 1)
        records = [accessed(item, self._pseudonym(context)) for item in found[:size]]
        return Loaded(
            value=AccessPage(records, len(found) > size, after is not None),
            subjects=tuple(self._subject(step, each, self._facts(context)) for each in persons),
        )

    async def _changes(
        self, step: Step, arguments: Mapping[str, object], context: Context
    ) -> Loaded:
        size = page_size(arguments)
        async with self._turns.turn(context.caller.client):
            found = await changes(
                reads=self._follows,
                ring=self._ring,
                context=context,
                kinds=step.tells,
                after=arguments.get("after"),
                size=size,
                disclosure=step.disclosure,
            )
        subjects = tuple(
            Subject(person=person, fields=step.fields, case=case) for person, case in found.about
        )
        return Loaded(value=found.page, subjects=subjects, searched=step.fields)

    async def _counted(self, step: Step, context: Context) -> Loaded:
        """Aggregates have no subjects; the record names the tables that were read."""
        tables = await self._statistics.tables(context.today, step.counted, context.caller.division)
        return Loaded(value=tables, searched=step.fields)

    async def _of_persons(
        self, persons: Sequence[bytes], after: tuple[int, int] | None, limit: int
    ) -> list[StoredRecord]:
        """The newest records that name any of these persons, each once."""
        found: dict[tuple[int, int], StoredRecord] = {}
        for person in persons:
            page = await self._ledger.of_person(person, after=after, limit=limit)
            found |= {(record.year, record.index): record for record in page}
        return [found[place] for place in sorted(found, reverse=True)[:limit]]

    async def _named(self, text: str, context: Context) -> list[bytes]:
        """The person that a pseudonym names, or all who have or had an ID number (article 28)."""
        named = self._ring.global_ids.decode(context.caller.department, text)
        if named is not None:
            return [named[1]] if named[0] == SUBJECT_ID else []
        tag = self._ring.id_number_tag(checked_number(text))
        person = await self._reads.person_of(tag, self._facts(context))
        former = await self._reads.former_persons(tag)
        return list(dict.fromkeys([*(() if person is None else (person,)), *former]))

    def _pseudonym(self, context: Context) -> Callable[[bytes], str]:
        audience = context.caller.department
        return lambda person: self._ring.global_ids.encode(audience, SUBJECT_ID, person)


def _recorded(facts: ScopeFacts) -> str | None:
    """The case as a record names it."""
    return None if facts.case is None else facts.case.hex()


def _place(arguments: Mapping[str, object]) -> tuple[int, int] | None:
    given = arguments.get("after")
    if not isinstance(given, str):
        return None
    place = place_of(given)
    if place is None:
        raise ArgumentFaultError(Fault.CURSOR_INVALID)
    return place
