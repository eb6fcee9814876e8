"""The Strawberry peer: what a sensible user of the library would write over the same store.

Parser and validation caches, a data loader for look-ups by key, one read for lists, permissions
and masks by a table that is made once, and graphql-core's executor calling a resolver for each
governed field, which looks its path up in that table and notes it for the record. Where there was a
choice the faster one was taken: no permission classes, plain attributes where nothing is governed,
fixed lists made once, one look-up for all rows of a verification.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from hashlib import sha256

import orjson
import strawberry
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from audit.entry import Subject
from benchmarks.release import Found, Operation, Releases, refused
from db.casefile import case_digest
from db.ledger import AuditUnavailableError, Ledger
from db.load import Access, Criteria, PersonLoad, ScopeFacts
from db.person_row import PERSON_COLUMNS, PersonRow
from db.reads import PersonReads
from db.sealed import Vault
from keys.ring import KeyRing, Tag
from policies.catalogue import Kind
from policies.permission import Action, Disclosure, Path, Rendering, Scope
from policies.renderings import mask
from policies.table import FieldTable, Policies
from regulation import divisions
from regulation.entitlement import Answer as Entitled
from regulation.entitlement import entitlements
from regulation.permit import PermitStatus as Status
from regulation.permit import PermitValidity, status
from resolvers.context import Caller
from resolvers.faults import ArgumentFaultError
from resolvers.listing import MOST_ROWS, cursor_of
from resolvers.presented import presented_tags
from resolvers.verify import NOTICE
from schema.errors import Code
from schema.service import Answer, Request
from server.clock import day_of

Shown = Callable[[object], object]

_KINDS = {
    "Person.name": Kind.NAME,
    "Person.idNumber": Kind.ID_NUMBER,
    "Permit.active": Kind.BOOLEAN,
    "Residence.division": Kind.DIVISION,
}
_PLACES = {name: place for place, name in enumerate(PERSON_COLUMNS)}


def _column(row: PersonRow, name: str) -> str | None:
    value = row.values[_PLACES[name]]
    return value if isinstance(value, str) else None


def _plain(value: object) -> object:
    return value


def _permissions(table: FieldTable, paths: Mapping[str, Action]) -> dict[str, Shown]:
    """Path → how it is shown; what is not granted is not in it."""
    shown: dict[str, Shown] = {}
    for path, action in paths.items():
        decision = table.decide(Path(path), action)
        if not decision.granted:
            continue
        rendering = decision.rendering or Rendering.PLAIN
        kind = _KINDS.get(path)
        shown[path] = (
            _plain if rendering is Rendering.PLAIN or kind is None else mask(rendering, kind)
        )
    return shown


@dataclass(slots=True)
class Asked:
    """One request: who asks, what they may see, and what was used of whom."""

    peer: "StrawberryPeer"
    caller: Caller
    scopes: frozenset[Scope]
    permissions: Mapping[str, Shown]
    renderings: Mapping[str, str]
    facts: ScopeFacts
    leave: Disclosure
    holders: DataLoader[Tag, PersonRow | None]
    used: dict[tuple[str, str, str], None] = field(default_factory=dict)
    persons: list[bytes] = field(default_factory=list)
    missed: list[bytes] = field(default_factory=list)
    listed: bool = False

    def shown(self, path: str, action: str = "read") -> Shown:
        """How a path is shown to this caller; using it is what the record will say.

        Raises:
            PermissionError: it is not granted.
        """
        found = self.permissions.get(path)
        if found is None:
            raise PermissionError(path)
        self.used[path, action, self.renderings[path]] = None
        return found


Info = strawberry.Info[Asked, None]


@strawberry.type
class Division:
    """A division."""

    code: str | None
    name: str | None


@strawberry.enum
class EntitlementAnswer(Enum):
    """The answer for one service."""

    YES = "YES"
    NO = "NO"
    NOT_GUARANTEED = "NOT_GUARANTEED"


@strawberry.type
class Service:
    """One of the 27 services."""

    code: str | None
    name: str | None


@strawberry.type
class Entitlement:
    """The answer for one service."""

    of: strawberry.Private[Service]
    given: strawberry.Private[EntitlementAnswer]
    reason: strawberry.Private[str]

    @strawberry.field
    def service(self, info: Info) -> Service | None:
        """The service."""
        info.context.shown("Entitlement.service")
        return self.of

    @strawberry.field
    def answer(self, info: Info) -> EntitlementAnswer | None:
        """The answer."""
        info.context.shown("Entitlement.answer")
        return self.given

    @strawberry.field
    def because(self, info: Info) -> str | None:
        """The reason."""
        info.context.shown("Entitlement.because")
        return self.reason


def _entitlements(*, active: bool) -> list[Entitlement]:
    return [
        Entitlement(
            of=Service(code=item.service.code, name=item.service.zh),
            given=_ANSWERS[item.answer],
            reason=item.because.value,
        )
        for item in entitlements(active=active)
    ]


_ANSWERS = {answer: EntitlementAnswer[answer.name] for answer in Entitled}
_ENTITLEMENTS = {active: _entitlements(active=active) for active in (True, False)}


@strawberry.enum
class PermitStatus(Enum):
    """The status of a permit."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CANCELLED = "CANCELLED"
    PENDING = "PENDING"


_STATUSES = {each: PermitStatus[each.name] for each in Status}


@strawberry.type
class Permit:
    """A permit, by its row."""

    row: strawberry.Private[PersonRow]

    def _status(self, day: date) -> Status:
        cancelled = _column(self.row, "cancelled_on")
        validity = PermitValidity(
            valid_from=date.fromisoformat(_column(self.row, "valid_from") or ""),
            valid_to=date.fromisoformat(_column(self.row, "valid_to") or ""),
            cancelled_on=None if cancelled is None else date.fromisoformat(cancelled),
        )
        return status(validity, day)

    @strawberry.field
    def active(self, info: Info) -> bool | None:
        """Whether it is active today."""
        shown = info.context.shown("Permit.active")
        return bool(shown(self._status(info.context.facts.day) is Status.ACTIVE))

    @strawberry.field
    def number(self, info: Info) -> str | None:
        """The internal number."""
        info.context.shown("Permit.number")
        return _column(self.row, "permit_number")

    @strawberry.field
    def status(self, info: Info) -> PermitStatus | None:
        """The status today."""
        info.context.shown("Permit.status")
        return _STATUSES[self._status(info.context.facts.day)]

    @strawberry.field
    def valid_to(self, info: Info) -> str | None:
        """The last day of validity."""
        info.context.shown("Permit.validTo")
        return _column(self.row, "valid_to")

    @strawberry.field
    def entitlements(self, info: Info) -> list[Entitlement] | None:
        """What the permit entitles to."""
        info.context.shown("Permit.entitlements")
        return _ENTITLEMENTS[self._status(info.context.facts.day) is Status.ACTIVE]


@strawberry.type
class Residence:
    """A residence, by its row."""

    row: strawberry.Private[PersonRow]

    @strawberry.field
    def division(self, info: Info) -> Division | None:
        """The division of the current address."""
        code = _column(self.row, "township") or _column(self.row, "county")
        shown = info.context.shown("Residence.division")(code)
        if not isinstance(shown, str):
            return None
        known = divisions.division(shown)
        return Division(code=shown, name=None if known is None else known.zh)

    @strawberry.field
    def registered_on(self, info: Info) -> str | None:
        """The day of registration."""
        info.context.shown("Residence.registeredOn")
        return _column(self.row, "registered_on")


@strawberry.type
class Person:
    """A person, by their row; the sealed core is opened when a field needs it, once."""

    row: strawberry.Private[PersonRow]
    opened: strawberry.Private[dict[str, object] | None] = None

    def _core(self, asked: Asked) -> dict[str, object]:
        if self.opened is None:
            self.opened = asked.peer.vault.open(asked.leave, self.row, "core")
        return self.opened

    @strawberry.field
    def name(self, info: Info) -> str | None:
        """The name as the caller may see it."""
        shown = info.context.shown("Person.name")(self._core(info.context).get("name"))
        return shown if isinstance(shown, str) else None

    @strawberry.field
    def id_number(self, info: Info) -> str | None:
        """The number as the caller may see it."""
        shown = info.context.shown("Person.idNumber")(self._core(info.context).get("idNumber"))
        return shown if isinstance(shown, str) else None

    @strawberry.field
    def residence(self, info: Info) -> Residence | None:
        """The residence."""
        info.context.shown("Person.residence")
        return Residence(row=self.row)

    @strawberry.field
    def permit(self, info: Info) -> Permit | None:
        """The permit."""
        info.context.shown("Person.permit")
        return None if self.row.values[_PLACES["permit"]] is None else Permit(row=self.row)


@strawberry.type
class PageInfo:
    """About a page."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class PersonConnection:
    """A page of persons."""

    nodes: list[Person] | None
    page_info: PageInfo


@strawberry.enum
class PersonSort(Enum):
    """What to sort by."""

    REGISTERED_ON = "registered_on"
    VALID_TO = "valid_to"


@strawberry.enum
class Direction(Enum):
    """Which way."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.input
class PersonFilter:
    """Conditions."""

    status: list[PermitStatus] | None = None


@strawberry.input
class PersonOrder:
    """One sort key."""

    field: PersonSort
    direction: Direction = Direction.ASC


@strawberry.input
class PresentedPerson:
    """A presented person."""

    id_number: str
    name: str


@strawberry.input
class VerifyRow:
    """One row of `verify`."""

    ref: str
    presented: PresentedPerson


@strawberry.enum
class VerifyAnswer(Enum):
    """Yes or no."""

    YES = "YES"
    NO = "NO"


@strawberry.type
class VerifyRefusal:
    """Why a row could not be verified."""

    code: str | None
    message: str | None


@strawberry.type
class VerifyResult:
    """The answer to one row."""

    row: strawberry.Private[str]
    given: strawberry.Private[VerifyAnswer | None] = None
    day: strawberry.Private[str | None] = None
    refused: strawberry.Private[VerifyRefusal | None] = None

    @strawberry.field
    def ref(self, info: Info) -> str | None:
        """The row's mark."""
        info.context.shown("VerifyResult.ref")
        return self.row

    @strawberry.field
    def answer(self, info: Info) -> VerifyAnswer | None:
        """Yes or no."""
        info.context.shown("VerifyResult.answer")
        return self.given

    @strawberry.field
    def on(self, info: Info) -> str | None:
        """The day."""
        info.context.shown("VerifyResult.on")
        return self.day

    @strawberry.field
    def notice(self, info: Info) -> str | None:
        """What goes with a no."""
        info.context.shown("VerifyResult.notice")
        return NOTICE if self.given is VerifyAnswer.NO else None

    @strawberry.field
    def refusal(self, info: Info) -> VerifyRefusal | None:
        """Why the row could not be verified."""
        info.context.shown("VerifyResult.refusal")
        return self.refused


_SORTED = {
    PersonSort.VALID_TO: "Permit.validTo",
    PersonSort.REGISTERED_ON: "Residence.registeredOn",
}


@strawberry.type
class Query:
    """The three roots that are asked."""

    @strawberry.field
    async def person(self, info: Info, id_number: str, name: str) -> Person | None:
        """One presented person."""
        asked = info.context
        asked.shown("Query.person", "call")
        given = {"idNumber": id_number, "name": name}
        tag, miss = presented_tags(asked.peer.ring, given)
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
        asked.shown("Query.persons", "call")
        wanted = None if filter is None else filter.status
        order = tuple((key.field.value, key.direction is Direction.DESC) for key in order_by or ())
        criteria = Criteria(
            equals=(),
            ranges=(),
            statuses=None if wanted is None else frozenset(Status[each.name] for each in wanted),
            id_number=None,
            order=order,
            after=asked.peer.after(after, order, asked.caller.department),
            limit=first + 1,
        )
        load = PersonLoad(Access.LIST, asked.scopes, frozenset({"core"}))
        rows = await asked.peer.reads.page(load, criteria, asked.facts)
        shown = rows[:first]
        end = None
        if shown:
            end = cursor_of(shown[-1], order, asked.peer.ring, asked.caller.department)
        asked.persons.extend(row.person for row in shown)
        asked.listed = True
        if wanted is not None:
            asked.used["Permit.status", "filter", "plain"] = None
        for key in order_by or ():
            asked.used[_SORTED[key.field], "sort", "plain"] = None
        return PersonConnection(
            nodes=[Person(row=row) for row in shown],
            page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=end),
        )

    @strawberry.field
    async def verify(self, info: Info, rows: list[VerifyRow]) -> list[VerifyResult] | None:
        """Verify presented persons."""
        asked = info.context
        asked.shown("Query.verify", "call")
        results = [VerifyResult(row=row.ref) for row in rows]
        tags: list[tuple[VerifyResult, Tag, bytes]] = []
        for row, result in zip(rows, results, strict=True):
            given = {"idNumber": row.presented.id_number, "name": row.presented.name}
            try:
                tags.append((result, *presented_tags(asked.peer.ring, given)))
            except ArgumentFaultError as error:
                message = Code[error.fault.name].message(asked.caller.language)
                result.refused = VerifyRefusal(code=error.fault.value, message=message)
        load = PersonLoad(Access.ID_NAME, asked.scopes, frozenset())
        found = await asked.peer.reads.many(load, [tag for _, tag, _ in tags], asked.facts)
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


_PATHS: Mapping[str, Action] = {
    **dict.fromkeys(("Query.person", "Query.persons", "Query.verify"), Action.CALL),
    **dict.fromkeys(
        (
            "Person.name",
            "Person.idNumber",
            "Person.residence",
            "Person.permit",
            "Permit.active",
            "Permit.number",
            "Permit.status",
            "Permit.validTo",
            "Permit.entitlements",
            "Residence.division",
            "Residence.registeredOn",
            "Entitlement.service",
            "Entitlement.answer",
            "Entitlement.because",
            "VerifyResult.ref",
            "VerifyResult.answer",
            "VerifyResult.on",
            "VerifyResult.notice",
            "VerifyResult.refusal",
        ),
        Action.READ,
    ),
}


@dataclass(frozen=True, slots=True)
class _Leave:
    """All that a role may do for a purpose, worked out once."""

    scopes: frozenset[Scope]
    permissions: Mapping[str, Shown]
    renderings: Mapping[str, str]
    disclosure: Disclosure


class StrawberryPeer:
    """Answers documents through Strawberry's schema and graphql-core's executor."""

    def __init__(
        self,
        *,
        reads: PersonReads,
        vault: Vault,
        ring: KeyRing,
        ledger: Ledger,
        policies: Policies,
        now: Callable[[], datetime],
    ) -> None:
        self.reads = reads
        self.vault = vault
        self.ring = ring
        self._policies = policies
        self._releases = Releases(ring, ledger, policies.revision)
        self._now = now
        self._schema = strawberry.Schema(query=Query, extensions=[ParserCache, ValidationCache])
        self._leaves: dict[str, _Leave] = {}
        self._operations: dict[tuple[str, str | None, str], Operation] = {}

    def after(
        self, given: str | None, order: tuple[tuple[str, bool], ...], audience: str
    ) -> tuple[str | bytes | None, ...] | None:
        """The place that a cursor names."""
        if given is None:
            return None
        payload = self.ring.global_ids.open_cursor(audience, given)
        made_for, values, person = orjson.loads(payload or b"[0,0,0]")
        if made_for != [list(key) for key in order]:
            raise ValueError("after")
        return (*values, bytes.fromhex(person))

    async def answer(self, request: Request, caller: Caller) -> Answer:
        """Answer one document."""
        now = self._now()
        day = day_of(now.timestamp())
        purpose = self._policies.purposes.get(request.purpose or "")
        if purpose is None or not caller.roles & purpose.roles:
            return refused(Code.PURPOSE_NOT_ALLOWED, caller)
        if purpose.case_required and request.case is None:
            return refused(Code.CASE_REQUIRED, caller)
        leave = self._leave(self._policies.table(caller.roles, purpose.code, day))
        case = None if request.case is None else case_digest(self.ring, request.case)
        facts = ScopeFacts(day, caller.division, case)

        async def load_holders(keys: list[Tag]) -> list[PersonRow | None]:
            load = PersonLoad(Access.ID_NAME, leave.scopes, frozenset())
            rows = await self.reads.many(load, keys, facts)
            return [rows.get(key) for key in keys]

        asked = Asked(
            peer=self,
            caller=caller,
            scopes=leave.scopes,
            permissions=leave.permissions,
            renderings=leave.renderings,
            facts=facts,
            leave=leave.disclosure,
            holders=DataLoader(load_fn=load_holders),
        )
        result = await self._schema.execute(
            request.query,
            variable_values=request.variables,
            context_value=asked,
            operation_name=request.operation_name,
        )
        if result.errors:
            return refused(Code.VALIDATION_FAILED, caller)
        fields = tuple(asked.used)
        digest = None if case is None else case.hex()
        found = Found(
            result.data,
            [Subject(person=person, fields=fields, case=digest) for person in asked.persons],
            missed=asked.missed,
            searched=fields if asked.listed else (),
            case=digest,
        )
        operation = self._operation(request, purpose.code, purpose.article)
        try:
            return await self._releases.release(operation, found, caller, now)
        except AuditUnavailableError:
            return refused(Code.AUDIT_UNAVAILABLE, caller)

    def _leave(self, table: FieldTable) -> _Leave:
        known = self._leaves.get(table.digest)
        if known is None:
            renderings = {
                path: str(table.decide(Path(path), action).rendering)
                for path, action in _PATHS.items()
            }
            purpose = table.purpose or ""
            known = self._leaves[table.digest] = _Leave(
                table.scopes("Person"),
                _permissions(table, _PATHS),
                renderings,
                Disclosure(table.revision, purpose, (), frozenset({"core"})),
            )
        return known

    def _operation(self, request: Request, purpose: str, article: str) -> Operation:
        key = (request.query, request.operation_name, purpose)
        known = self._operations.get(key)
        if known is None:
            name = request.query.split("(", 1)[0].split()[-1]
            digest = sha256(request.query.encode()).hexdigest()
            known = self._operations[key] = Operation(name, digest, purpose, article)
        return known
