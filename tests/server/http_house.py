"""The HTTP layer around a small schema: what its tests talk to.

The service here is graphql-core itself over three fields. It remembers what it was handed, so that
a test can see what the HTTP layer made of a request.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import orjson
from graphql import GraphQLError, OperationType, build_schema, get_operation_ast, parse, validate
from graphql.execution import ExecutionResult, execute_sync, get_variable_values

from resolvers.context import Caller
from resolvers.quotas import Left
from schema.errors import Code, error_entry
from schema.service import Answer, Request
from server.application import Application
from server.auth import Authenticator
from server.graphql_http import GraphQLEndpoint
from server.limits import CallsAtOnce
from server.log import Log
from server.pages import pages
from server.settings import DEMONSTRATION_ISSUER
from tests.server.actors import AUDIENCE, NOON, Issuer, Roll, StillClock, es256

DEMONSTRATION = es256(DEMONSTRATION_ISSUER)
SCHEMA = build_schema("type Query { services: [String] person(idNumber: String): String }")


@dataclass
class SmallService:
    """Executes documents on a schema without data; refuses GET for anything but catalogue."""

    asked: list[tuple[Request, Caller]] = field(default_factory=list)
    fault: BaseException | None = None
    answer_with: Answer | None = None
    hold: asyncio.Event | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request, caller: Caller) -> Answer:
        self.asked.append((request, caller))
        self.entered.set()
        if self.hold is not None:
            await self.hold.wait()
        if self.fault is not None:
            raise self.fault
        return self.answer_with or self._execute(request, caller)

    def left(self, caller: Caller) -> Sequence[Left]:  # noqa: ARG002 — nobody has a limit here
        return ()

    def _execute(self, request: Request, caller: Caller) -> Answer:
        def refused(code: Code) -> Answer:
            entry = error_entry(code, language=caller.language, request_id=caller.request_id)
            return Answer(code.status, orjson.dumps({"errors": [entry]}), code.name)

        if request.conflict:
            return refused(Code.PURPOSE_CONFLICT)
        try:
            document = parse(request.query)
        except GraphQLError:
            return refused(Code.PARSE_FAILED)
        if validate(SCHEMA, document):
            return refused(Code.VALIDATION_FAILED)
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            return refused(Code.OPERATION_UNKNOWN)
        if request.method == "GET" and (
            operation.operation is not OperationType.QUERY or "person" in request.query
        ):
            return refused(Code.METHOD_NOT_ALLOWED)
        values = get_variable_values(
            SCHEMA, operation.variable_definitions or (), request.variables or {}
        )
        if isinstance(values, list):
            return refused(Code.VARIABLES_INVALID)
        result = execute_sync(
            SCHEMA,
            document,
            operation_name=request.operation_name,
            variable_values=request.variables,
        )
        assert isinstance(result, ExecutionResult)
        return Answer(200, orjson.dumps({"data": result.data}), None)


@dataclass
class House:
    """The application, with everything of it that a test may want to look at."""

    service: SmallService
    roll: Roll
    clock: StillClock
    lines: list[bytes]
    application: Application
    endpoint: GraphQLEndpoint
    ready: dict[str, bool]

    def token_of(self, changed: Mapping[str, object], *, issuer: Issuer = DEMONSTRATION) -> str:
        """A token of ten hours with some claims changed."""
        return issuer.signed({"exp": int(NOON) + 36_000, **changed}).decode()

    def headers(self, **changed: object) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token_of(changed)}"}

    @property
    def log(self) -> list[dict[str, object]]:
        return [orjson.loads(line) for line in self.lines]


def house(
    *,
    calls: CallsAtOnce | None = None,
    body_seconds: float = 5.0,
) -> House:
    """Put the HTTP layer together, as a server does, in demonstration mode."""
    clock = StillClock()
    lines: list[bytes] = []
    log = Log(clock, lines.append)
    roll = Roll()
    roll.add_key(DEMONSTRATION)
    service = SmallService()
    ready = {"database": True}
    endpoint = GraphQLEndpoint(
        service=service,
        authenticator=Authenticator(
            register=roll, provider=None, audience=AUDIENCE, demonstration=True, clock=clock
        ),
        log=log,
        default_language="zh-CN",
        calls=calls,
        body_seconds=body_seconds,
    )
    application = Application(graphql=endpoint, pages=pages(health=lambda: ready, version="0.1.0"))
    return House(service, roll, clock, lines, application, endpoint, ready)


@asynccontextmanager
async def client_of(place: House) -> AsyncIterator[httpx2.AsyncClient]:
    """An HTTP client that reaches the application without a network."""
    transport = httpx2.ASGITransport(app=place.application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://juzhu.test") as client:
        yield client
