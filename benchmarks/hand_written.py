"""The hand-written peer: the three documents answered by plain Python, and nothing else.

It shares HTTP, tokens, checks of numbers and names, reads (with their row MACs), vault and ledger
with ours, and replaces parsing, validation, planning and rendering by what a careful programmer
would write for exactly these answers. It can answer no fourth document; that is what it saves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import orjson
from graphql import parse

from audit.entry import Subject
from benchmarks.questions import DESK_LIST, HOLDER, PAGE, ROWS, VERIFY
from benchmarks.release import Fields, Found, Operation, Releases, refused, worded
from db.casefile import case_digest
from db.ledger import AuditUnavailableError, Ledger
from db.load import Access, Criteria, PersonLoad, ScopeFacts
from db.person_row import PERSON_COLUMNS, PersonRow
from db.reads import PersonReads
from db.sealed import Vault
from keys.ring import KeyRing, Tag
from policies.permission import Disclosure, Scope
from policies.renderings import last4, surname_only
from regulation.divisions import division
from regulation.entitlement import entitlements
from regulation.permit import PermitStatus
from resolvers.context import Caller
from resolvers.cursors import Cursors, question
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.listing import cursor_of
from resolvers.presented import presented_tags
from resolvers.quotas import Left
from resolvers.verify import NOTICE
from schema.documents import digest_of
from schema.errors import Code
from schema.service import Answer, Request
from server.clock import day_of

_HOLDER = PersonLoad(
    Access.ID_NAME, frozenset({Scope.PRESENTED, Scope.ACTIVE_HOLDERS}), frozenset()
)
_LISTED = PersonLoad(Access.LIST, frozenset({Scope.OWN_DIVISION}), frozenset({"core"}))
_ORDER = (("valid_to", False),)
_CONDITIONS = {"status": ["ACTIVE"]}

_COUNTY = PERSON_COLUMNS.index("county")
_TOWNSHIP = PERSON_COLUMNS.index("township")
_REGISTERED_ON = PERSON_COLUMNS.index("registered_on")
_ARRIVED_ON = PERSON_COLUMNS.index("arrived_on")
_LATE = PERSON_COLUMNS.index("late")
_PERMIT = PERSON_COLUMNS.index("permit")
_NUMBER = PERSON_COLUMNS.index("permit_number")
_ISSUED_ON = PERSON_COLUMNS.index("issued_on")
_VALID_FROM = PERSON_COLUMNS.index("valid_from")
_VALID_TO = PERSON_COLUMNS.index("valid_to")
_CANCELLED_ON = PERSON_COLUMNS.index("cancelled_on")


def _read(*paths: str, call: str) -> Fields:
    shown = {
        "Permit.active": "yes-no",
        "Person.name": "surname-only",
        "Person.idNumber": "last4",
    }
    return (
        (call, "call", "plain"),
        *((path, "read", shown.get(path, "plain")) for path in paths),
    )


_HOLDER_FIELDS: Fields = (
    *_read(
        "Person.permit",
        "Permit.active",
        "Permit.entitlements",
        "Entitlement.service",
        "Entitlement.answer",
        "Entitlement.because",
        "Person.residence",
        call="Query.person",
    ),
    ("Residence.division", "read", "township"),
)
_LISTED_FIELDS: Fields = (
    *_read(
        "Person.name",
        "Person.idNumber",
        "Person.residence",
        "Residence.division",
        "Residence.registeredOn",
        "Residence.arrivedOn",
        "Residence.late",
        "Person.permit",
        "Permit.number",
        "Permit.status",
        "Permit.issuedOn",
        "Permit.validFrom",
        "Permit.validTo",
        "Permit.suspendedFrom",
        "Permit.cancelledOn",
        call="Query.persons",
    ),
    ("Permit.active", "read", "plain"),
    ("Permit.status", "filter", "plain"),
    ("Permit.validTo", "sort", "plain"),
)
_VERIFIED_FIELDS = _read(
    "VerifyResult.ref",
    "VerifyResult.answer",
    "VerifyResult.on",
    "VerifyResult.notice",
    "VerifyResult.refusal",
    call="Query.verify",
)


def _rendered(*, active: bool) -> orjson.Fragment:
    return orjson.Fragment(
        orjson.dumps(
            [
                {
                    "service": {"code": item.service.code, "name": item.service.zh},
                    "answer": item.answer.name,
                    "because": item.because.value,
                }
                for item in entitlements(active=active)
            ]
        )
    )


# There are two lists of entitlements in all: nobody would write either of them twice.
_ENTITLEMENTS = {active: _rendered(active=active) for active in (True, False)}


@dataclass(frozen=True, slots=True)
class _Call:
    variables: Mapping[str, object]
    caller: Caller
    case: str | None
    facts: ScopeFacts
    day: str


class _RefusedError(Exception):
    def __init__(self, code: Code) -> None:
        super().__init__(code.name)
        self.code = code


class HandWritten:
    """Answers the three documents."""

    def __init__(
        self,
        *,
        reads: PersonReads,
        vault: Vault,
        ring: KeyRing,
        ledger: Ledger,
        revision: str,
        now: Callable[[], datetime],
    ) -> None:
        self._reads = reads
        self._vault = vault
        self._ring = ring
        self._releases = Releases(ring, ledger, revision)
        self._now = now
        self._leave = Disclosure(revision, "desk-list", (), frozenset({"core"}))
        school = ("education", "school-place", "24(4)")
        desk = ("community-police", "desk-list", "5")
        self._known = {
            document: (role, Operation(name, digest_of(parse(document)), *why), answer)
            for document, name, (role, *why), answer in (
                (HOLDER, "Holder", school, self._holder),
                (DESK_LIST, "DeskList", desk, self._desk_list),
                (VERIFY, "Verify", school, self._verify),
            )
        }

    def left(self, caller: Caller) -> Sequence[Left]:  # noqa: ARG002 — as with ours, nobody is limited
        """Nobody has a limit in a comparison."""
        return ()

    async def answer(self, request: Request, caller: Caller) -> Answer:
        """Answer one of the three documents."""
        known = self._known.get(request.query)
        if known is None:
            return refused(Code.OPERATION_UNKNOWN, caller)
        role, operation, answer = known
        narrowed = caller.purposes is not None and operation.purpose not in caller.purposes
        if role not in caller.roles or request.purpose != operation.purpose or narrowed:
            return refused(Code.PURPOSE_NOT_ALLOWED, caller)
        now = self._now()
        day = day_of(now.timestamp())
        case = None if request.case is None else case_digest(self._ring, request.case)
        if case is None and role == "education":
            return refused(Code.CASE_REQUIRED, caller)
        call = _Call(
            request.variables or {},
            caller,
            None if case is None else case.hex(),
            ScopeFacts(day, caller.division, case),
            day.isoformat(),
        )
        try:
            found = await answer(call)
            return await self._releases.release(operation, found, caller, now)
        except _RefusedError as refusal:
            return refused(refusal.code, caller)
        except AuditUnavailableError:
            return refused(Code.AUDIT_UNAVAILABLE, caller)

    async def _holder(self, call: _Call) -> Found:
        variables = call.variables
        if not isinstance(variables.get("idNumber"), str) or not isinstance(
            variables.get("name"), str
        ):
            raise _RefusedError(Code.VARIABLES_INVALID)
        try:
            tag, miss = presented_tags(self._ring, variables)
        except ArgumentFaultError as error:
            raise _RefusedError(Code[error.fault.code]) from None
        row = await self._reads.one(_HOLDER, tag, call.facts)
        if row is None:
            return Found({"person": None}, (), missed=(miss,), case=call.case)
        values = row.values
        permit: object = None
        if values[_PERMIT] is not None:
            active = _status(row, call.day) == "ACTIVE"
            permit = {"active": active, "entitlements": _ENTITLEMENTS[active]}
        person = {"permit": permit, "residence": {"division": _place(row)}}
        subject = Subject(person=row.person, fields=_HOLDER_FIELDS, case=call.case)
        return Found({"person": person}, (subject,), case=call.case)

    async def _desk_list(self, call: _Call) -> Found:
        audience = call.caller.department
        asked = question("persons", call.caller.division, _CONDITIONS, _ORDER)
        cursors = Cursors(self._ring, audience, asked)
        try:
            after = cursors.open(call.variables.get("after"))
        except ArgumentFaultError as error:
            raise _RefusedError(Code[error.fault.code]) from None
        criteria = Criteria(
            equals=(),
            ranges=(),
            statuses=frozenset({PermitStatus.ACTIVE}),
            id_number=None,
            order=_ORDER,
            after=after,
            limit=PAGE + 1,
        )
        rows = await self._reads.page(_LISTED, criteria, call.facts)
        shown = rows[:PAGE]
        nodes = [self._listed(row, call.day) for row in shown]
        end = cursor_of(shown[-1], _ORDER, cursors) if shown else None
        info = {"hasNextPage": len(rows) > PAGE, "endCursor": end}
        subjects = [
            Subject(person=row.person, fields=_LISTED_FIELDS, case=call.case) for row in shown
        ]
        data = {"persons": {"nodes": nodes, "pageInfo": info}}
        return Found(data, subjects, searched=_LISTED_FIELDS, case=call.case)

    def _listed(self, row: PersonRow, day: str) -> dict[str, object]:
        core = self._vault.open(self._leave, row, "core")
        values = row.values
        permit = None
        if values[_PERMIT] is not None:
            status = _status(row, day)
            permit = {
                "number": values[_NUMBER],
                "active": status == "ACTIVE",
                "status": status,
                "issuedOn": values[_ISSUED_ON],
                "validFrom": values[_VALID_FROM],
                "validTo": values[_VALID_TO],
                "suspendedFrom": _day_after(values[_VALID_TO]) if status == "SUSPENDED" else None,
                "cancelledOn": values[_CANCELLED_ON],
            }
        return {
            "name": surname_only(core.get("name")),
            "idNumber": last4(core.get("idNumber")),
            "residence": {
                "division": _place(row),
                "registeredOn": values[_REGISTERED_ON],
                "arrivedOn": values[_ARRIVED_ON],
                "late": bool(values[_LATE]),
            },
            "permit": permit,
        }

    async def _verify(self, call: _Call) -> Found:
        rows = call.variables.get("rows")
        if not isinstance(rows, list) or len(rows) > ROWS:
            raise _RefusedError(Code.VARIABLES_INVALID)
        tags: list[tuple[Tag, bytes] | Fault] = []
        for row in rows:
            if row.keys() != {"ref", "presented"} or not isinstance(row["ref"], str):
                raise _RefusedError(Code.VARIABLES_INVALID)
            try:
                tags.append(presented_tags(self._ring, row["presented"]))
            except ArgumentFaultError as error:
                tags.append(error.fault)
        wanted = [each[0] for each in tags if not isinstance(each, Fault)]
        found = await self._reads.many(_HOLDER, wanted, call.facts)
        results: list[dict[str, object]] = []
        subjects: list[Subject] = []
        missed: list[bytes] = []
        for row, each in zip(rows, tags, strict=True):
            answer: str | None = None
            on: str | None = call.day
            notice = refusal = None
            if isinstance(each, Fault):
                on = None
                refusal = {"code": each.code, "message": worded(each, call.caller.language)}
            elif (person := found.get(each[0])) is None:
                answer, notice = "NO", NOTICE
                missed.append(each[1])
            else:
                answer = "YES"
                subjects.append(
                    Subject(person=person.person, fields=_VERIFIED_FIELDS, case=call.case)
                )
            results.append(
                {
                    "ref": row["ref"],
                    "answer": answer,
                    "on": on,
                    "notice": notice,
                    "refusal": refusal,
                }
            )
        return Found({"verify": results}, subjects, missed=missed, case=call.case)


def _place(row: PersonRow) -> dict[str, object]:
    # Partners see down to the township, which is all that a row holds.
    code = str(row.values[_TOWNSHIP] or row.values[_COUNTY])
    known = division(code)
    return {"code": code, "name": None if known is None else known.zh}


def _status(row: PersonRow, day: str) -> str:
    """The permit's status by its dates as text, which compare as days do."""
    values = row.values
    cancelled = values[_CANCELLED_ON]
    if cancelled is not None and str(cancelled) <= day:
        return "CANCELLED"
    if str(values[_VALID_FROM]) > day:
        return "PENDING"
    return "ACTIVE" if day <= str(values[_VALID_TO]) else "SUSPENDED"


def _day_after(day: object) -> str:
    return (date.fromisoformat(str(day)) + timedelta(days=1)).isoformat()
