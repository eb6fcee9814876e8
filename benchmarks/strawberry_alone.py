"""Strawberry as its documentation has one write it: its own ASGI application, SQLAlchemy Core.

The same types, caches, loader and permissions as `strawberry_peer`; what differs is what stands
around them: Starlette's routing and requests, Strawberry's HTTP view, and reads through Core. The
token check, the reading of purpose and case, the vault, the audit log, the uvicorn server and the
line in the log are those of all candidates, or a candidate would leave out what the others do.

This module never adds our limits on documents, bodies and calls: no such user would have them.
"""

from collections.abc import Mapping
from secrets import token_hex
from typing import cast

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLRequestData
from strawberry.types import ExecutionResult

from benchmarks.strawberry_asked import Asked
from benchmarks.strawberry_peer import Asking, StrawberryPeer
from db.ledger import AuditUnavailableError
from resolvers.context import Caller
from schema.errors import Language
from server.auth import Authenticator, Identity
from server.clock import elapsed
from server.log import Log
from server.negotiation import language
from server.parameters import RequestError, why
from server.tokens import TokenRefusedError


class Application(GraphQL[Asked, None]):
    """Strawberry's view with a context of ours."""

    def __init__(
        self,
        *,
        peer: StrawberryPeer,
        authenticator: Authenticator,
        log: Log,
        default_language: Language,
    ) -> None:
        super().__init__(peer.schema, graphql_ide=None)
        self._peer = peer
        self._authenticator = authenticator
        self._log = log
        self._language = default_language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and write the line that every request leaves in the log."""
        began = elapsed()
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = token_hex(8)
        status: int | None = None

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await super().__call__(scope, receive, sending)
        caller: Caller | None = state.get("caller")
        self._log.event(
            "request",
            request=request_id,
            method=scope["method"],
            status=status,
            code=None,
            client=None if caller is None else caller.client,
            department=None if caller is None else caller.department,
            size=state.get("size", 0),
            milliseconds=round((elapsed() - began) * 1000, 1),
        )

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Asked:
        """Who asks, what for, and what they may."""
        headers = request.headers
        state = request.state
        caller = state.caller = self._caller(request, self._identified(headers))
        try:
            reason = why(
                purposes=[value.encode("latin-1") for value in headers.getlist("juzhu-purpose")],
                cases=[value.encode("latin-1") for value in headers.getlist("juzhu-case")],
                extensions={},
            )
        except RequestError as error:
            raise HTTPException(error.code.status, error.code.message(caller.language)) from None
        asking = self._peer.asking(caller, purpose=reason.purpose, case=reason.case)
        if asking is None:
            raise HTTPException(403, "the purpose is not this caller's, or a case is missing")
        state.asking = asking
        if isinstance(response, Response):
            response.headers["x-request-id"] = caller.request_id
            response.headers["cache-control"] = "no-store"
        return asking.asked

    async def execute_single(  # noqa: PLR0917  # the signature is Strawberry's
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Asked,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """Execute one document, and make its record durable before anything leaves."""
        result = await super().execute_single(
            request, request_adapter, sub_response, context, root_value, request_data
        )
        request.state.size = len(await request.body())
        if result.data is None:
            return result
        asking: Asking = request.state.asking
        try:
            data, audit = await self._peer.recorded(
                asking, request_data.query or "", request_data.operation_name, result.data
            )
        except AuditUnavailableError:
            raise HTTPException(503, "the audit log cannot be written") from None
        # The bytes that the record commits to; orjson takes them where a value may stand.
        committed = cast("dict[str, object]", orjson.Fragment(data))
        return ExecutionResult(committed, result.errors, {"audit": audit})

    def decode_json(self, data: str | bytes) -> object:
        """Strawberry's documentation recommends orjson."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        """The same for answers."""
        return orjson.dumps(data)

    def _identified(self, headers: Mapping[str, str]) -> Identity:
        if not self._authenticator.trusts_register:
            raise HTTPException(503, "the register of who may act cannot be trusted")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = token.strip().encode() if scheme.lower() == "bearer" else b""
        try:
            return self._authenticator.known(given) or self._authenticator.identify(given)
        except TokenRefusedError:
            raise HTTPException(401, "the token is refused") from None

    def _caller(self, request: Request | WebSocket, identity: Identity) -> Caller:
        accepted = request.headers.get("accept-language")
        return Caller(
            client=identity.client,
            official=identity.official,
            department=identity.department,
            roles=identity.roles,
            division=identity.division,
            purposes=identity.purposes,
            authentication=identity.authentication,
            address=request.client.host if request.client else "",
            language=language(accepted.encode("latin-1") if accepted else None, self._language),
            request_id=request.state.request_id,
        )


def application(view: Application, pages: ASGIApp) -> Starlette:
    """The view at /graphql, and the benchmark's own page elsewhere."""
    return Starlette(routes=[Route("/graphql", view), Mount("/", pages)])
