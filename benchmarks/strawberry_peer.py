"""The Strawberry peer: what a sensible user of the library would write over the same store.

Parser and validation caches, a data loader for look-ups by key, one read for lists, permissions
and masks by a table that is made once, and graphql-core's executor calling a resolver for each
governed field, which looks its path up in that table and notes it for the record. Where there was a
choice the faster one was taken: no permission classes, plain attributes where nothing is governed,
fixed lists made once, one look-up for all rows of a verification.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import strawberry
from graphql import parse
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from audit.entry import Subject
from benchmarks.release import Found, Operation, Releases, answered, refused, worded
from benchmarks.strawberry_asked import (
    Asked,
    Grant,
    Info,
    Reads,
    Store,
    grants,
)
from benchmarks.strawberry_types import (
    Direction,
    PageInfo,
    Person,
    PersonConnection,
    PersonFilter,
    PersonOrder,
    PersonSort,
    VerifyAnswer,
    VerifyRefusal,
    VerifyResult,
    VerifyRow,
)
from db.casefile import case_digest
from db.ledger import AuditUnavailableError, Ledger
from db.load import Access, Criteria, PersonLoad, ScopeFacts
from db.person_row import PersonRow
from db.sealed import Vault
from keys.ring import KeyRing, Tag
from policies.permission import Disclosure, Scope
from policies.table import FieldTable, Policies
from regulation.permit import PermitStatus as Status
from resolvers.context import Caller
from resolvers.cursors import Cursors, question
from resolvers.faults import ArgumentFaultError
from resolvers.listing import MOST_ROWS, cursor_of
from resolvers.presented import presented_tags
from resolvers.quotas import Left
from schema.documents import digest_of
from schema.errors import Code
from schema.service import Answer, Request
from server.clock import day_of

_SORTED = {
    PersonSort.VALID_TO: "sort by Permit.validTo",
    PersonSort.REGISTERED_ON: "sort by Residence.registeredOn",
}


@strawberry.type
class Query:
    """The three roots that are asked."""

    @strawberry.field
    async def person(self, info: Info, id_number: str, name: str) -> Person | None:
        """One presented person."""
        asked = info.context
        asked.shown("Query.person")
        given = {"idNumber": id_number, "name": name}
        tag, miss = presented_tags(asked.store.ring, given)
        row = await asked.holders.load(tag)
        if row is None:
            asked.missed.append(miss)
            return None
        asked.persons.append(row.person)
        return Person(row=row)

    @strawberry.field
    async def persons(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        filter: PersonFilter | None = None,  # noqa: A002  # the argument's name in the graph
        order_by: list[PersonOrder] | None = None,
    ) -> PersonConnection | None:
        """A page of persons."""
        asked = info.context
        if not 0 < first <= MOST_ROWS:
            raise ValueError("first")
        asked.shown("Query.persons")
        wanted = None if filter is None else filter.status
        if wanted is not None:
            asked.shown("filter by Permit.status")
        for key in order_by or ():
            asked.shown(_SORTED[key.field])
        order = tuple((key.field.value, key.direction is Direction.DESC) for key in order_by or ())
        made_for = question(
            "persons",
            asked.facts.division,
            {} if wanted is None else {"status": [each.name for each in wanted]},
            order,
        )
        cursors = Cursors(asked.store.ring, asked.caller.department, made_for)
        criteria = Criteria(
            equals=(),
            ranges=(),
            statuses=None if wanted is None else frozenset(Status[each.name] for each in wanted),
            id_number=None,
            order=order,
            after=cursors.open(after),
            limit=first + 1,
        )
        load = PersonLoad(Access.LIST, asked.scopes, frozenset({"core"}))
        rows = await asked.store.reads.page(load, criteria, asked.facts)
        shown = rows[:first]
        end = None
        if shown:
            end = cursor_of(shown[-1], order, cursors)
        asked.persons.extend(row.person for row in shown)
        asked.listed = True
        return PersonConnection(
            nodes=[Person(row=row) for row in shown],
            page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=end),
        )

    @strawberry.field
    async def verify(self, info: Info, rows: list[VerifyRow]) -> list[VerifyResult] | None:
        """Verify presented persons."""
        asked = info.context
        asked.shown("Query.verify")
        results = [VerifyResult(row=row.ref) for row in rows]
        tags: list[tuple[VerifyResult, Tag, bytes]] = []
        for row, result in zip(rows, results, strict=True):
            given = {"idNumber": row.presented.id_number, "name": row.presented.name}
            try:
                tags.append((result, *presented_tags(asked.store.ring, given)))
            except ArgumentFaultError as error:
                message = worded(error.fault, asked.caller.language)
                result.refused = VerifyRefusal(code=error.fault.code, message=message)
        load = PersonLoad(Access.ID_NAME, asked.scopes, frozenset())
        found = await asked.store.reads.many(load, [tag for _, tag, _ in tags], asked.facts)
        day = asked.facts.day.isoformat()
        for result, tag, miss in tags:
            result.day = day
            person = found.get(tag)
            if person is None:
                result.given = VerifyAnswer.NO
                asked.missed.append(miss)
            else:
                result.given = VerifyAnswer.YES
                asked.persons.append(person.person)
        return results


@dataclass(frozen=True, slots=True)
class _Leave:
    """All that a role may do for a purpose, worked out once."""

    scopes: frozenset[Scope]
    grants: Mapping[str, Grant]
    disclosure: Disclosure


@dataclass(frozen=True, slots=True)
class Asking:
    """One request on its way: what the resolvers are handed, and what its record will say."""

    asked: Asked
    purpose: str
    article: str
    case: str | None
    now: datetime


class StrawberryPeer:
    """Answers documents through Strawberry's schema and graphql-core's executor.

    `reads` is how rows are got: ours where the peer shares our HTTP layer, SQLAlchemy's where it
    stands alone.
    """

    def __init__(
        self,
        *,
        reads: Reads,
        vault: Vault,
        ring: KeyRing,
        ledger: Ledger,
        policies: Policies,
        now: Callable[[], datetime],
    ) -> None:
        self._store = Store(reads, vault, ring)
        self._policies = policies
        self._releases = Releases(ring, ledger, policies.revision)
        self._now = now
        self.schema = strawberry.Schema(query=Query, extensions=[ParserCache, ValidationCache])
        self._leaves: dict[str, _Leave] = {}
        self._operations: dict[tuple[str, str | None, str], Operation] = {}

    def left(self, caller: Caller) -> Sequence[Left]:  # noqa: ARG002 — as with ours, nobody is limited
        """Nobody has a limit in a comparison."""
        return ()

    async def answer(self, request: Request, caller: Caller) -> Answer:
        """Answer one document behind our HTTP layer."""
        asking = self.asking(caller, purpose=request.purpose, case=request.case)
        if asking is None:
            return refused(Code.PURPOSE_NOT_ALLOWED, caller)
        result = await self.schema.execute(
            request.query,
            variable_values=request.variables,
            context_value=asking.asked,
            operation_name=request.operation_name,
        )
        if result.errors:
            return refused(Code.VALIDATION_FAILED, caller)
        try:
            data, audit = await self.recorded(
                asking, request.query, request.operation_name, result.data
            )
        except AuditUnavailableError:
            return refused(Code.AUDIT_UNAVAILABLE, caller)
        return answered(data, audit)

    def asking(self, caller: Caller, *, purpose: str | None, case: str | None) -> Asking | None:
        """What a caller may do for a purpose; None where it is not theirs, or lacks a case."""
        now = self._now()
        day = day_of(now.timestamp())
        known = self._policies.purposes.get(purpose or "")
        if known is None or not caller.roles & known.roles:
            return None
        if caller.purposes is not None and known.code not in caller.purposes:
            return None
        if known.case_required and case is None:
            return None
        leave = self._leave(self._policies.table(caller.roles, known.code, day))
        digest = None if case is None else case_digest(self._store.ring, case)
        facts = ScopeFacts(day, caller.division, digest)

        async def load_holders(keys: list[Tag]) -> list[PersonRow | None]:
            load = PersonLoad(Access.ID_NAME, leave.scopes, frozenset())
            rows = await self._store.reads.many(load, keys, facts)
            return [rows.get(key) for key in keys]

        asked = Asked(
            store=self._store,
            caller=caller,
            scopes=leave.scopes,
            grants=leave.grants,
            facts=facts,
            leave=leave.disclosure,
            holders=DataLoader(load_fn=load_holders),
        )
        return Asking(
            asked, known.code, known.article, None if digest is None else digest.hex(), now
        )

    async def recorded(
        self, asking: Asking, query: str, operation_name: str | None, data: object
    ) -> tuple[bytes, Mapping[str, object]]:
        """Record what was found; its bytes, and where the record stands.

        Raises:
            AuditUnavailableError: it could not be recorded.
        """
        asked = asking.asked
        fields = tuple(asked.used)
        found = Found(
            data,
            [Subject(person=person, fields=fields, case=asking.case) for person in asked.persons],
            missed=asked.missed,
            searched=fields if asked.listed else (),
            case=asking.case,
        )
        operation = self._operation(query, operation_name, asking)
        return await self._releases.record(operation, found, asked.caller, asking.now)

    def _leave(self, table: FieldTable) -> _Leave:
        known = self._leaves.get(table.digest)
        if known is None:
            known = self._leaves[table.digest] = _Leave(
                table.scopes("Person"),
                grants(table),
                Disclosure(table.revision, table.purpose or "", (), frozenset({"core"})),
            )
        return known

    def _operation(self, query: str, operation_name: str | None, asking: Asking) -> Operation:
        key = (query, operation_name, asking.purpose)
        known = self._operations.get(key)
        if known is None:
            name = query.split("(", 1)[0].rsplit(maxsplit=1)[-1]
            digest = digest_of(parse(query))
            known = self._operations[key] = Operation(name, digest, asking.purpose, asking.article)
        return known
