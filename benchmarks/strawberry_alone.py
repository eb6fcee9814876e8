"""Strawberry as its documentation has one write it: its own ASGI application, SQLAlchemy Core.

The same types, caches, loader and permissions as `strawberry_peer`; what differs is what stands
around them: Starlette's routing and requests, Strawberry's HTTP view, and reads through Core. The
token check, the vault, the audit log, the uvicorn server and the line in the log are those of all
candidates, or a candidate would leave out what the others do.
"""

from collections.abc import Mapping
from typing import Literal, cast
from urllib.parse import unquote

import orjson
import strawberry
from cross_web import HTTPException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.types import ExecutionResult

from benchmarks.strawberry_asked import Asked
from benchmarks.strawberry_peer import Asking, StrawberryPeer
from db.ledger import AuditUnavailableError
from resolvers.context import Caller
from server.auth import Authenticator, Identity
from server.clock import elapsed
from server.log import Log
from server.tokens import TokenRefusedError

_CALLER, _ASKING, _SIZE = "caller", "asking", "size"


class Application(GraphQL[Asked, None]):
    """Strawberry's view with a context of ours."""

    def __init__(self, peer: StrawberryPeer, authenticator: Authenticator, log: Log) -> None:
        super().__init__(peer.schema, graphql_ide=None)
        self._peer = peer
        self._authenticator = authenticator
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and write the line that every request leaves in the log."""
        began = elapsed()
        state = scope.setdefault("state", {})
        status: list[int] = []

        async def sending(message: Mapping[str, object]) -> None:
            if message["type"] == "http.response.start":
                status.append(cast("int", message["status"]))
            await send(cast("dict[str, object]", message))

        await super().__call__(scope, receive, sending)
        caller: Caller | None = state.get(_CALLER)
        self._log.event(
            "request",
            request=None if caller is None else caller.request_id,
            method=scope["method"],
            status=status[0] if status else None,
            code=None,
            client=None if caller is None else caller.client,
            department=None if caller is None else caller.department,
            size=int(state.get(_SIZE, 0)),
            milliseconds=round((elapsed() - began) * 1000, 1),
        )

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Asked:
        """Who asks, what for, and what they may."""
        del response
        headers = request.headers
        identity = self._identified(headers.get("authorization", ""))
        caller = _caller(identity, request.client.host if request.client else "")
        case = headers.get("juzhu-case")
        asking = self._peer.asking(
            caller,
            purpose=headers.get("juzhu-purpose"),
            case=None if case is None else unquote(case),
        )
        if asking is None:
            raise HTTPException(403, "the purpose is not this caller's, or a case is missing")
        request.state.caller, request.state.asking = caller, asking
        request.state.size = headers.get("content-length", "0")
        return asking.asked

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Make the record durable before anything leaves."""
        if result.errors:
            return await super().process_result(request, result)
        asking: Asking = request.state.asking
        body = orjson.loads(await request.body())
        try:
            data, audit = await self._peer.recorded(
                asking, body["query"], body.get("operationName"), result.data
            )
        except AuditUnavailableError:
            raise HTTPException(503, "the audit log cannot be written") from None
        answer = {"data": orjson.Fragment(data), "extensions": {"audit": audit}}
        return cast("GraphQLHTTPResponse", answer)

    def decode_json(self, data: str | bytes) -> object:
        """Strawberry's documentation recommends orjson."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        """The same for answers."""
        return orjson.dumps(data)

    def _identified(self, authorization: str) -> Identity:
        token = authorization.partition(" ")[2].strip().encode()
        try:
            return self._authenticator.known(token) or self._authenticator.identify(token)
        except TokenRefusedError:
            raise HTTPException(401, "the token is refused") from None


def application(view: Application, pages: ASGIApp) -> Starlette:
    """The view at /graphql, and the benchmark's own page elsewhere."""
    return Starlette(routes=[Route("/graphql", view), Mount("/", pages)])


def _caller(identity: Identity, address: str) -> Caller:
    language: Literal["zh-CN", "en"] = "zh-CN"
    return Caller(
        client=identity.client,
        official=identity.official,
        department=identity.department,
        roles=identity.roles,
        division=identity.division,
        purposes=identity.purposes,
        authentication=identity.authentication,
        address=address,
        language=language,
        request_id=strawberry.ID("0123456789abcdef"),
    )
