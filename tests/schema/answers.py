"""The plan's side: a document planned over a view and rendered from records, without SQL."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from policies.table import FieldTable
from regulation.work_list import phase_of
from resolvers.context import Caller, Context
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.plan import StepKind
from schema.documents import Documents, Prepared, RefusedDocumentError
from schema.errors import Code
from schema.rendering import Call, coerce_arguments, spell
from schema.sources import Moment
from schema.steps import Operation, Root, catalogue_value, make_operation
from schema.view import View
from tests.builders import CALENDAR
from tests.policies.city import TODAY
from tests.schema import reference
from tests.schema.doubts import Doubts
from tests.schema.people import TABLES, List, Log, Notices, Requests, Work, record_of
from tests.schema.reference import Asked, Errors, RefusedError
from tests.schema.views import POLICIES

T = TypeVar("T")

CONTEXT = Context(
    caller=Caller(
        client="client",
        official="official-1",
        department="education",
        roles=frozenset({"education", "auditor"}),
        division=None,
        purposes=None,
        authentication="token",
        address="192.0.2.1",
        language="en",
        request_id="request-1",
    ),
    purpose="school-place",
    case="case",
    case_required=True,
    revision="revision-1",
    today=TODAY,
    now=datetime(2026, 11, 22, 8, tzinfo=UTC),
)

ASKED = Asked(
    policies=POLICIES,
    viewer={
        "client": "client",
        "official": "official-1",
        "department": "education",
        "roles": ["auditor", "education"],
        "division": None,
        "purpose": "school-place",
        "policyRevision": "revision-1",
        "today": TODAY,
        "purposes": list(POLICIES.purposes.values()),
    },
)

_REGISTERED: Mapping[str, Callable[[Context], Sequence[Any]]] = {
    "departments": lambda _context: POLICIES.departments,
    "purposes": lambda _context: list(POLICIES.purposes.values()),
}


def operation_of(prepared: Prepared, variables: Mapping[str, object]) -> Operation:
    """The variant of the plan that these variables choose."""
    true = frozenset(name for name in prepared.conditions if variables.get(name) is True)
    return make_operation(prepared.tree(true), prepared.view)


def within_limits(ask: Callable[[], T]) -> T | None:
    """What is answered; None where a limit refuses it, because fragments multiply what was drawn.

    Nothing else may refuse a document that was drawn to be valid.
    """
    try:
        return ask()
    except RefusedDocumentError as refused:
        if [trouble.code for trouble in refused.troubles] == [Code.TOO_COMPLEX]:
            return None
        raise


class Planned:
    """Answers documents as the service does, from records made here."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._documents = Documents()

    def answer(self, document: str, given: dict[str, object]) -> tuple[bytes, Errors]:
        """`data` as JSON bytes, and the errors."""
        prepared = self._documents.prepare(document, None, self._view)
        variables = prepared.variables.coerce(given)
        operation = operation_of(prepared, variables)
        moment = Moment(
            TODAY,
            lambda kind, uuid: f"{kind}:{uuid.hex()}",
            lambda validity: phase_of(validity, TODAY, CALENDAR),
        )
        call = Call(moment, coerce_arguments(operation.arguments, variables))
        data = {root.key: _shown(root, call, self._view.table) for root in operation.roots}
        errors = frozenset(
            (tuple(path), "INTERNAL" if fault is None else fault.name)
            for fault, path in call.errors
        )
        return orjson.dumps(data), errors


def _shown(root: Root, call: Call, table: FieldTable) -> object:
    path = (None, root.key)
    arguments = (
        root.arguments if isinstance(root.arguments, dict) else call.arguments[root.arguments]
    )
    value: object = None
    if isinstance(arguments, Fault):
        call.errors.append((arguments, spell(path)))
        return root.show(None, call, path)
    try:
        if root.step is not None:
            value = _loaded(root, arguments)
        elif root.catalogue:
            value = catalogue_value(root.name, arguments, CONTEXT, _REGISTERED, table)
    except ArgumentFaultError as error:
        call.errors.append((error.fault, spell(path)))
    except RefusedError as error:
        call.errors.append((Fault(error.code), spell(path)))
    return root.show(value, call, path)


def _loaded(root: Root, arguments: dict[str, Any]) -> object:
    step = root.step
    assert step is not None
    match step.kind:
        case StepKind.PERSON:
            human = reference.person(arguments)
            return None if human is None else record_of(human)
        case StepKind.PERMIT:
            human = reference.permit(arguments)
            return None if human is None else record_of(human)
        case StepKind.NODE:
            found = reference.node(arguments)
            if found is None or found[0] not in step.loads:
                return None
            return found[0], record_of(found[1])
        case StepKind.VERIFY:
            return [verdict.verified() for verdict in reference.verify(arguments)]
        case StepKind.STATISTICS:
            return TABLES
        case StepKind.DOCUMENT:
            raise ArgumentFaultError(Fault.NOTHING_TO_PRINT)
        case kind:
            return _PAGES[kind](arguments).page()


_PAGES: Mapping[
    StepKind, Callable[[dict[str, Any]], Doubts | List | Log | Notices | Requests | Work]
] = {
    StepKind.PERSONS: reference.persons,
    StepKind.PERMITS: reference.permits,
    StepKind.APPLICATIONS: reference.applications,
    StepKind.REPORTS: reference.reports,
    StepKind.ACCESS_LOG: reference.log,
    StepKind.ACCESSES_OF: reference.accesses_of,
    StepKind.CHANGES: reference.changes,
    StepKind.SUBJECT_REQUESTS: reference.subject_requests,
    StepKind.CORRECTIONS: reference.corrections,
}
