"""The service behind `/graphql`: one request in, one answer out.

Order of a read, which nothing may change: purpose → view → plan (the authorisation) → load and
open → render → durable audit record → answer. Whatever fails on the way gives no data. Refusals
are recorded before they are told.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLSchema, execute_sync, type_from_ast

from audit.entry import Outcome
from db.errors import LATER, AuditDamagedError
from db.ledger import AuditUnavailableError, Receipt
from policies.ruleset import RegisteredPurpose
from policies.table import FieldTable, Policies, PurposeRefusedError
from regulation.dates import day_in_shanghai
from regulation.parameters import Schedule
from regulation.roll_out import NOWHERE, RollOut
from resolvers.catchments import CatchmentRefusedError, Catchments
from resolvers.context import Caller, Context
from resolvers.desk.answer import Refused
from resolvers.desk.counter import BATCH, ActRefusedError, Asked, Counter
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.following import UNFOLLOW, Following
from resolvers.kinds import (
    CORRECTION_ID,
    PERMIT_ID,
    PERSON_ID,
    REPORT_ID,
    SUBJECT_REQUEST_ID,
)
from resolvers.patience import within
from resolvers.quotas import Left, OverQuotaError, Quotas
from resolvers.read import Loaded, Reader
from resolvers.recording import Recorder, operation_name
from resolvers.turns import TooManyListsError
from schema.acted import Told, tell, tell_row
from schema.answers import Answer, Request, with_data, without_data
from schema.authorise import Forbidden, forbidden_input
from schema.coercion import CoercionError
from schema.documents import (
    MOST_VARIANTS,
    Documents,
    ForbiddenDocumentError,
    Prepared,
    RefusedDocumentError,
)
from schema.errors import Code
from schema.limit_words import LimitPassed
from schema.refusals import (
    RefusedError,
    act_entries,
    entry_of,
    explained,
    fault_entries,
    forbidden,
    not_coerced,
    over_limit,
    refused,
    refused_document,
)
from schema.rendering import Call, Path, coerce_arguments, spell
from schema.sources import Moment
from schema.steps import (
    Operation,
    Root,
    catalogue_value,
    estimated_rows,
    is_list_of_persons,
    make_operation,
)
from schema.trusted import TrustedDocuments
from schema.view import View, build_view

__all__ = ["Answer", "Request", "Service"]

SMALL_BODY = 256 * 1024
OPERATION_SECONDS = 20.0
MOST_ROWS = 1000
MOST_THRESHOLDS = 4
MOST_VIEWS = 256

_KINDS = {
    "Person": PERSON_ID,
    "Permit": PERMIT_ID,
    "Report": REPORT_ID,
    "SubjectRequest": SUBJECT_REQUEST_ID,
    "Correction": CORRECTION_ID,
}

Registered = Mapping[str, Callable[[Context], Sequence[Any]]]


class Service:
    """Answers requests. One for the process."""

    def __init__(
        self,
        *,
        full: GraphQLSchema,
        policies: Policies,
        reader: Reader,
        recorder: Recorder,
        registered: Registered,
        encode: Callable[[str, int, bytes], str],
        now: Callable[[], datetime],
        report: Callable[[str, BaseException], None],
        counter: Counter | None = None,
        schedule: Schedule | None = None,
        roll_out: RollOut = NOWHERE,
        day: Callable[[datetime], date] = day_in_shanghai,
        catchments: Catchments | None = None,
        following: Following | None = None,
        quotas: Quotas | None = None,
        trusted: TrustedDocuments | None = None,
    ) -> None:
        """Hand over what the service works with.

        Args:
            full: the whole schema.
            policies: the rule set in force.
            reader: loads the steps of plans.
            recorder: writes audit records.
            registered: catalogue field → what the register holds of it.
            encode: (audience, kind, uuid) → opaque global id.
            now: the clock, aware.
            report: told of every internal fault, with the request id.
            counter: has acts done; a service without one only reads.
            schedule: how the Measures are read, by day; as issued where absent.
            roll_out: where items of article 26 have been introduced.
            day: the day of an instant.
            catchments: admits questions about catchments; a service without it answers none.
            following: has cases followed; goes with the counter.
            quotas: counts requests and rows; a service without it has no such limits.
            trusted: documents that are asked for by name; a service without it knows none.

        """
        self._full = full
        self._policies = policies
        self._reader = reader
        self._recorder = recorder
        self._registered = registered
        self._encode = encode
        self._now = now
        self._report = report
        self._counter = counter
        self._schedule = schedule or Schedule()
        self._roll_out = roll_out
        self._day = day
        self._catchments = catchments
        self._following = following
        self._quotas = quotas
        self._trusted = trusted
        self._documents = Documents()
        self._views: dict[str, View] = {}

    async def answer(self, request: Request, caller: Caller) -> Answer:
        """Answer one request; never raises for anything that a caller can cause."""
        context = self._context(caller, purpose=request.purpose, case=request.case)
        try:
            return await self._answer(request, context)
        except RefusedError as refusal:
            return await self._refuse(refusal, context)
        except OverQuotaError as over:
            return await self._over(over, context)
        except AuditUnavailableError:
            return _bare(Code.AUDIT_UNAVAILABLE, context)
        except TooManyListsError:
            # As with all that came too often, no record: a flood must not fill the log as well.
            return _bare(Code.RATE_LIMITED, context)
        except (TimeoutError, *LATER) as fault:
            self._report(caller.request_id, fault)
            return await self._failed(context, Code.UNAVAILABLE)
        except AuditDamagedError as fault:
            self._report(caller.request_id, fault)
            return await self._failed(context, Code.AUDIT_DAMAGED)
        except Exception as fault:  # noqa: BLE001 — the last line: no fault may carry data out
            self._report(caller.request_id, fault)
            return await self._failed(context, Code.INTERNAL)

    def left(self, caller: Caller) -> list[Left]:
        """What is left of this caller's limits."""
        return [] if self._quotas is None else self._quotas.left(caller, self._now())

    def _context(self, caller: Caller, *, purpose: str | None, case: str | None) -> Context:
        now = self._now()
        today = self._day(now)
        return Context(
            caller=self._acting(caller, today),
            purpose=purpose,
            case=case,
            case_required=False,
            revision=self._policies.revision,
            today=today,
            now=now,
        )

    async def _answer(self, request: Request, context: Context) -> Answer:
        if self._quotas is not None:
            await self._quotas.admit(context.caller, context.now)
        if request.conflict:
            raise refused(Code.PURPOSE_CONFLICT, context, denied="two purposes or cases")
        try:
            purpose = self._purpose(context)
        except PurposeRefusedError:
            raise refused(Code.PURPOSE_NOT_ALLOWED, context, denied="purpose") from None
        context = _for(purpose, context)
        request = self._with_text(request, context)
        table = self._policies.table(context.caller.roles, context.purpose, context.today)
        view = self._view(table)
        prepared = self._prepared(request, view, context)
        variables = self._variables(prepared, request, context)
        operation = _operation(prepared, variables)
        self._allowed(request, operation, context)
        call = Call(
            Moment(
                context.today,
                lambda kind, uuid: self._global_id(context, kind, uuid),
                lambda validity: self._reader.phase(validity, context.today),
                self._schedule.on(context.today).readings,
                self._roll_out,
            ),
            coerce_arguments(operation.arguments, variables),
        )
        rows = self._affordable(operation, call, context)
        if self._quotas is not None:
            await self._quotas.reserve(context.caller, context.now, rows)
        if operation.mutates:
            return await self._act(operation, call, prepared, context)
        if operation.catchments:
            await self._admit_catchment(operation, call, context)
        loaded = await within(OPERATION_SECONDS, self._load(operation, call, context))
        if self._quotas is not None:
            spare = _spare_rows(operation, call, loaded)
            self._quotas.give_back(context.caller, context.now, spare)
        data = self._render(operation, loaded, call, prepared, request, context)
        released = orjson.dumps(data)
        receipt: Receipt | None = None
        if operation.discloses:
            receipt = await self._recorder.released(
                context, prepared.name, prepared.digest, list(loaded.values()), released
            )
        characters = {key: found.characters for key, found in loaded.items()}
        return with_data(released, fault_entries(call.errors, context, characters), receipt)

    # --- before any data is touched ----------------------------------------------------------

    def _purpose(self, context: Context) -> RegisteredPurpose | None:
        """The purpose that the request names; None where it names none.

        Raises:
            PurposeRefusedError: it is unknown, or not this caller's.

        """
        if context.purpose is None:
            return None
        caller = context.caller
        return self._policies.admit(caller.roles, context.purpose, among=caller.purposes)

    def _acting(self, caller: Caller, today: date) -> Caller:
        """The caller with those of its roles that its department has today.

        Here and nowhere later: what is refused, shown, and recorded must speak of the same roles.
        """
        roles = self._policies.acting(caller.department, caller.roles, today)
        return caller if roles == caller.roles else replace(caller, roles=roles)

    def _with_text(self, request: Request, context: Context) -> Request:
        """The request with its document's text, if its department may run that document."""
        department = context.caller.department
        if request.document is None:
            if self._trusted is not None and not self._trusted.may_run(
                department, request.query, context.today
            ):
                raise refused(Code.DOCUMENT_NOT_TRUSTED, context, denied="document")
            return request
        text = None
        if self._trusted is not None:
            text = self._trusted.text(department, request.document, context.today)
        if text is None:
            raise refused(Code.DOCUMENT_UNKNOWN, context)
        return replace(request, query=text)

    def _view(self, table: FieldTable) -> View:
        view = self._views.get(table.digest)
        if view is None:
            if len(self._views) >= MOST_VIEWS:
                self._views.pop(next(iter(self._views)))
            view = self._views[table.digest] = build_view(self._full, table)
        return view

    def _prepared(self, request: Request, view: View, context: Context) -> Prepared:
        name = request.operation_name
        known = self._documents.known(request.query, name, view)
        if known is not None:
            return known
        try:
            return self._documents.prepare(request.query, name, view)
        except ForbiddenDocumentError as error:
            raise forbidden(error.uses, view, context) from None
        except RefusedDocumentError as error:
            raise refused_document(error.troubles, context) from None

    def _variables(
        self, prepared: Prepared, request: Request, context: Context
    ) -> dict[str, object]:
        given = request.variables or {}
        try:
            coerced = prepared.variables.coerce(given)
        except CoercionError as error:
            uses = _forbidden_variables(prepared, given)
            if uses:
                raise forbidden(uses, prepared.view, context) from None
            raise not_coerced(error, context) from None
        for name in prepared.conditions:
            if coerced.get(name) is None:
                raise refused(Code.VARIABLES_INVALID, context)
        return coerced

    def _allowed(self, request: Request, operation: Operation, context: Context) -> None:
        """What can be said only of a planned operation: method, body size, case."""
        if request.method == "GET" and not operation.from_get:
            raise refused(Code.METHOD_NOT_ALLOWED, context)
        if request.size > SMALL_BODY and not operation.only_verifies:
            raise refused(Code.TOO_LARGE, context)
        if context.case_required and context.case is None and operation.needs_case:
            raise refused(Code.CASE_REQUIRED, context, denied="no case")

    def _affordable(self, operation: Operation, call: Call, context: Context) -> int:
        """Refuse more rows than one request may read, or more thresholds than a purpose needs."""
        rows = 0
        for root in operation.roots:
            arguments = _arguments(root, call)
            if not isinstance(arguments, Fault):
                rows += estimated_rows(root, arguments)
        if rows > MOST_ROWS:
            raise over_limit(LimitPassed("rows", MOST_ROWS), context)
        if operation.thresholds > MOST_THRESHOLDS:
            raise over_limit(LimitPassed("thresholds", MOST_THRESHOLDS), context)
        return rows

    async def _admit_catchment(self, operation: Operation, call: Call, context: Context) -> None:
        """Settle which catchment the request asks about, or refuse it whoever it asks about."""
        given = [
            each if isinstance(each, dict) else call.arguments[each]
            for each in operation.catchments
        ]
        names = [str(each["catchment"]) for each in given if not isinstance(each, Fault)]
        if not names:
            return
        if self._catchments is None:
            raise refused(Code.UNAVAILABLE, context)
        try:
            admitted = self._catchments.admit(names, context)
            found = await within(OPERATION_SECONDS, admitted)
        except CatchmentRefusedError as error:
            raise refused(Code[error.refusal], context, denied="Person.inCatchment") from None
        call.moment = replace(call.moment, catchments=found)

    # --- acts --------------------------------------------------------------------------------

    async def _act(
        self, operation: Operation, call: Call, prepared: Prepared, context: Context
    ) -> Answer:
        """Do the acts of a mutation one after another, in the document's order (section 6.2.2).

        An act that is refused nulls its own field; those before it stand and those after it are
        done. After a fault of ours there is no data: each act's key gives its answer again.
        """
        asked = Asked(
            context=context, operation=operation_name(prepared.name), document=prepared.digest
        )
        data: dict[str, object] = {}
        errors: list[dict[str, object]] = []
        receipt: Receipt | None = None
        async with asyncio.timeout(OPERATION_SECONDS):
            for root in operation.roots:
                path: Path = (None, root.key)
                arguments = _arguments(root, call)
                if not root.act:
                    data[root.key] = root.show(None, call, path)
                    continue
                try:
                    if isinstance(arguments, Fault):
                        raise ActRefusedError([Refused(arguments)])  # noqa: TRY301 — one way out
                    done = await self._done(root, arguments, asked)
                except ActRefusedError as error:
                    data[root.key] = None
                    errors.extend(act_entries(error.refused, spell(path), context))
                    receipt = error.receipt or receipt
                else:
                    data[root.key] = root.show(done.value, call, path)
                    receipt = done.receipt or receipt
        errors.extend(fault_entries(call.errors, context))
        return with_data(orjson.dumps(data), errors, receipt)

    async def _done(self, root: Root, arguments: Mapping[str, object], asked: Asked) -> Told:
        if self._counter is None or self._following is None:
            raise refused(Code.UNAVAILABLE, asked.context)
        given = arguments["input"]
        if not isinstance(given, dict):
            raise ActRefusedError([Refused(Fault.ARGUMENT_INVALID)])
        name = root.name
        if root.reach is not None:
            followed = await self._following.follow(given, root.reach, asked)
            return Told(followed, followed.receipt)
        if name == UNFOLLOW:
            ended = await self._following.unfollow(given, asked)
            return Told(ended, ended.receipt)
        context = asked.context

        def encode(kind: str, uuid: bytes) -> str:
            return self._global_id(context, kind, uuid)

        if name == BATCH:
            rows = await self._counter.batch(given, asked)
            receipts = [row.acted.receipt for row in rows if row.acted is not None]
            shown = [tell_row(row, context.caller.language, encode) for row in rows]
            return Told(shown, next((each for each in reversed(receipts) if each), None))
        if root.shows:
            asked = replace(asked, shows=root.shows)
        acted = await self._counter.act(name, given, asked)
        return Told(tell(acted, context.caller.language, encode), acted.receipt)

    # --- data --------------------------------------------------------------------------------

    async def _load(self, operation: Operation, call: Call, context: Context) -> dict[str, Loaded]:
        def explain(fault: Fault) -> str:
            return explained(fault, context)

        loaded: dict[str, Loaded] = {}
        for root in operation.roots:
            if root.step is None:
                continue
            arguments = _arguments(root, call)
            if isinstance(arguments, Fault):
                loaded[root.key] = Loaded(fault=arguments)
            else:
                loaded[root.key] = await self._reader.load(root.step, arguments, context, explain)
        return loaded

    def _render(  # noqa: PLR0917 — one beat of `_answer`, with all that it has found so far
        self,
        operation: Operation,
        loaded: Mapping[str, Loaded],
        call: Call,
        prepared: Prepared,
        request: Request,
        context: Context,
    ) -> dict[str, object]:
        introspected: Mapping[str, object] = {}
        if operation.introspects:
            introspected = _introspect(prepared, request).data or {}
        data: dict[str, object] = {}
        for root in operation.roots:
            path: Path = (None, root.key)
            if root.introspects:
                data[root.key] = introspected.get(root.key)
            elif root.step is not None:
                found = loaded[root.key]
                if found.fault is not None:
                    call.errors.append((found.fault, spell(path)))
                data[root.key] = root.show(found.value, call, path)
            elif root.catalogue:
                table = prepared.view.table
                data[root.key] = self._catalogue(root, call, context, path, table=table)
            else:
                data[root.key] = root.show(None, call, path)
        return data

    def _catalogue(
        self, root: Root, call: Call, context: Context, path: Path, *, table: FieldTable
    ) -> object:
        arguments = _arguments(root, call)
        fault = arguments if isinstance(arguments, Fault) else None
        value: object = None
        if not isinstance(arguments, Fault):
            try:
                value = catalogue_value(root.name, arguments, context, self._registered, table)
            except ArgumentFaultError as error:
                fault = error.fault
        if fault is not None:
            call.errors.append((fault, spell(path)))
            return None
        return root.show(value, call, path)

    def _global_id(self, context: Context, kind: str, uuid: bytes) -> str:
        return self._encode(context.caller.department, _KINDS[kind], uuid)

    # --- refusals ----------------------------------------------------------------------------

    async def _refuse(self, refusal: RefusedError, context: Context) -> Answer:
        receipt: Receipt | None = None
        if refusal.denied is not None:
            decision = f"{refusal.code.name} {refusal.denied}"
            try:
                receipt = await self._recorder.refused(
                    self._claimed(context), Outcome.DENIED, decision
                )
            except AuditUnavailableError:
                return _bare(Code.AUDIT_UNAVAILABLE, context)
        return without_data(refusal.code, refusal.entries, receipt)

    async def _over(self, over: OverQuotaError, context: Context) -> Answer:
        """Record a reached limit once in its span: a flood must not fill the log as well."""
        denied = over.quota if over.first else None
        refusal = refused(Code.RATE_LIMITED, context, denied=denied, quota=over.quota)
        answer = await self._refuse(refusal, context)
        return replace(answer, again=over.again)

    async def _failed(self, context: Context, code: Code) -> Answer:
        try:
            receipt = await self._recorder.refused(
                self._claimed(context), Outcome.FAILED, code.name
            )
        except AuditUnavailableError:
            return _bare(Code.AUDIT_UNAVAILABLE, context)
        return without_data(code, [entry_of(code, context)], receipt)

    def _claimed(self, context: Context) -> Context:
        """The request as its record names it: with the purpose, where it is this caller's."""
        try:
            return _for(self._purpose(context), context)
        except PurposeRefusedError:
            return context


def _for(purpose: RegisteredPurpose | None, context: Context) -> Context:
    """The request with what its purpose says of it."""
    if purpose is None:
        return context
    return context.for_purpose(purpose.article, required=purpose.case_required)


def _bare(code: Code, context: Context) -> Answer:
    return without_data(code, [entry_of(code, context)])


def _operation(prepared: Prepared, variables: Mapping[str, object]) -> Operation:
    true = frozenset(name for name in prepared.conditions if variables.get(name) is True)
    known = prepared.plans.get(true)
    if isinstance(known, Operation):
        return known
    operation = make_operation(prepared.tree(true), prepared.view)
    prepared.plans[true] = operation
    while len(prepared.plans) > MOST_VARIANTS:
        prepared.plans.popitem(last=False)
    return operation


def _spare_rows(operation: Operation, call: Call, loaded: Mapping[str, Loaded]) -> int:
    """How many rows of lists were reserved and not shown."""
    spare = 0
    for root in operation.roots:
        found = loaded.get(root.key)
        if root.step is not None and found is not None and is_list_of_persons(root.step.kind):
            arguments = _arguments(root, call)
            if not isinstance(arguments, Fault):
                spare += max(estimated_rows(root, arguments) - len(found.subjects), 0)
    return spare


def _arguments(root: Root, call: Call) -> dict[str, object] | Fault:
    return root.arguments if isinstance(root.arguments, dict) else call.arguments[root.arguments]


def _introspect(prepared: Prepared, request: Request) -> ExecutionResult:
    """Let graphql-core answer introspection over the view; data fields have no resolver there."""
    # Never kept: one answer is up to a megabyte, and a thousand documents are.
    result = execute_sync(
        prepared.view.schema,
        prepared.document,
        variable_values=request.variables,
        operation_name=prepared.name,
    )
    if not isinstance(result, ExecutionResult):
        raise TypeError("Introspection is answered at once or not at all.")
    return result


def _forbidden_variables(prepared: Prepared, given: Mapping[str, object]) -> list[Forbidden]:
    uses: dict[Forbidden, None] = {}
    for definition in prepared.operation.variable_definitions or ():
        name = definition.variable.name.value
        type_: Any = type_from_ast(prepared.view.full, definition.type)
        if name in given and type_ is not None:
            uses.update(dict.fromkeys(forbidden_input(given[name], type_, prepared.view)))
    return list(uses)
