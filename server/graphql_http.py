"""`/graphql` as raw ASGI: the GraphQL over HTTP specification around one call of the service.

Order of a request: method → media type of the answer → token → media type of the body → bytes →
parameters → purpose and case → service → status and headers. The token comes before the body, so
an unknown caller can't make this process read a megabyte.

Every answer has a request id, and every refusal a code of schema/errors.py. Nothing that a caller
sent is repeated in an answer or in the log, and no fault of ours tells more than `INTERNAL`.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address
from secrets import token_hex
from typing import Final, Literal, Protocol

from starlette.types import Receive, Scope, Send

from resolvers.context import Caller
from resolvers.patience import within
from resolvers.quotas import Left
from schema.errors import Code, Language
from schema.reasons import Reason
from schema.service import Answer, Request
from server.auth import Authenticator, Identity
from server.clock import elapsed
from server.exchange import (
    AGAIN_SECONDS,
    Exchange,
    Head,
    Reply,
    headers_for,
    quota_headers,
    read_head,
    refusal,
    send_reply,
)
from server.limits import BODY_BYTES, BODY_SECONDS, CallsAtOnce, CheckingTime, FailureCount
from server.log import Log
from server.negotiation import JSON, is_json, language, media_type
from server.parameters import RequestError, from_body, from_query_string, why
from server.tokens import Refusal, TokenRefusedError

# A GraphQL answer with errors is a success of HTTP for clients that take application/json, save
# where a proxy or a client's HTTP library has to act on the status.
_KEPT_FOR_JSON: Final = frozenset({401, 405, 413, 429, 500, 503})
# Nobody who holds the issuer's key made such a token: waiting takes nothing from the issuer's own.
_FORGED: Final = frozenset({Refusal.ISSUER, Refusal.KEY, Refusal.SIGNATURE})
_METHODS: Final[dict[str, Literal["GET", "POST"]]] = {"GET": "GET", "POST": "POST"}


class Service(Protocol):
    """What answers a well-formed request."""

    async def answer(self, request: Request, caller: Caller) -> Answer:
        """Answer one request of one caller."""

    def left(self, caller: Caller) -> Sequence[Left]:
        """What is left of this caller's limits."""


class _RefusedError(Exception):
    """The request ends here, with this code."""

    def __init__(
        self, code: Code, *, again: int = AGAIN_SECONDS, challenge: bytes | None = None
    ) -> None:
        super().__init__(code.name)
        self.code = code
        self.again = again
        self.challenge = challenge


class _DisconnectedError(Exception):
    """The client has gone; there is nobody to answer."""


class GraphQLEndpoint:
    """Serves one address; `service` answers, everything else here is HTTP."""

    def __init__(
        self,
        *,
        service: Service,
        authenticator: Authenticator,
        log: Log,
        default_language: Language,
        calls: CallsAtOnce | None = None,
        failures: FailureCount | None = None,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._service = service
        self._authenticator = authenticator
        self._log = log
        self._language = default_language
        self._calls = calls or CallsAtOnce()
        self._failures = failures or FailureCount(elapsed)
        self._checking = CheckingTime(elapsed)
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        began = elapsed()
        head = read_head(scope)
        kind = media_type(head.accept)
        client = scope.get("client")
        exchange = Exchange(
            method=scope["method"],
            head=head,
            kind=kind or JSON,
            language=language(head.accept_language, self._language),
            request_id=token_hex(8),
            address=_address(client[0]) if client else "",
        )
        try:
            reply = await self._reply(exchange, scope, receive, acceptable=kind is not None)
        except _DisconnectedError:
            reply = None
        if reply is not None:
            await send_reply(send, exchange, reply)
        self._log.event(
            "request",
            request=exchange.request_id,
            method=exchange.method,
            status=reply.status if reply is not None else None,
            code=reply.code if reply is not None else "DISCONNECTED",
            client=exchange.identity.client if exchange.identity is not None else None,
            department=exchange.identity.department if exchange.identity is not None else None,
            size=exchange.size,
            milliseconds=round((elapsed() - began) * 1000, 1),
        )

    async def _reply(
        self, exchange: Exchange, scope: Scope, receive: Receive, *, acceptable: bool
    ) -> Reply:
        try:
            answer, left = await self._admitted(exchange, scope, receive, acceptable=acceptable)
        except RequestError as error:
            return refusal(exchange, error.code, reason=error.reason)
        except _RefusedError as error:
            return refusal(exchange, error.code, again=error.again, challenge=error.challenge)
        status = answer.status
        if exchange.kind is JSON and status not in _KEPT_FOR_JSON:
            status = 200
        headers = headers_for(exchange, status, again=answer.again or AGAIN_SECONDS)
        return Reply(status, answer.body, answer.code, (*headers, *quota_headers(left)))

    async def _admitted(
        self, exchange: Exchange, scope: Scope, receive: Receive, *, acceptable: bool
    ) -> tuple[Answer, Sequence[Left]]:
        if exchange.method not in _METHODS:
            raise RequestError(Reason.METHOD_UNKNOWN)
        if not acceptable:
            raise _RefusedError(Code.NOT_ACCEPTABLE)
        identity = exchange.identity = self._identify(exchange)
        if not self._calls.enter(identity.client):
            raise _RefusedError(Code.RATE_LIMITED, again=1)
        try:
            return await self._answer(exchange, identity, scope, receive)
        finally:
            self._calls.leave(identity.client)

    def _identify(self, exchange: Exchange) -> Identity:
        """RFC 6750 section 3: a token in the Authorization header, and a challenge without one.

        Offices share an address. Whoever floods it with bad tokens is told to wait; a token that
        names a registered issuer is checked all the same, as long as checking costs little, and a
        good one is answered.
        """
        if not self._authenticator.trusts_register:
            raise _RefusedError(Code.UNAVAILABLE)
        authorization = exchange.head.authorization
        token = None
        if authorization is not None and authorization[:7].lower() == b"bearer ":
            token = authorization[7:].strip()
            identity = self._authenticator.known(token)
            if identity is not None:
                return identity
        issuer = self._authenticator.issuer_of(token) if token else None
        wait = self._failures.wait(exchange.address, issuer)
        if wait and (issuer is None or not self._checking.left):
            raise _RefusedError(Code.RATE_LIMITED, again=wait)
        reason = Refusal.MISSING
        if token:
            began = elapsed()
            try:
                return self._authenticator.identify(token)
            except TokenRefusedError as refused:
                reason = refused.reason
            finally:
                if wait:
                    self._checking.spend(elapsed() - began)
        if wait and reason in _FORGED:
            raise _RefusedError(Code.RATE_LIMITED, again=wait)
        self._failures.failed(exchange.address, issuer)
        self._log.event("token refused", request=exchange.request_id, reason=reason.value)
        challenge = b'Bearer realm="juzhu"' + (b', error="invalid_token"' if token else b"")
        raise _RefusedError(Code.UNAUTHENTICATED, challenge=challenge)

    async def _answer(
        self, exchange: Exchange, identity: Identity, scope: Scope, receive: Receive
    ) -> tuple[Answer, Sequence[Left]]:
        head = exchange.head
        method = _METHODS[exchange.method]
        if method == "POST":
            if not is_json(head.content_type):
                raise _RefusedError(Code.UNSUPPORTED_MEDIA_TYPE)
            body = await self._body(head, receive)
            exchange.size = len(body)
            parameters = from_body(body)
        else:
            exchange.size = len(scope["query_string"])
            parameters = from_query_string(scope["query_string"])
        reason = why(purposes=head.purposes, cases=head.cases, extensions=parameters.extensions)
        request = Request(
            query=parameters.query,
            operation_name=parameters.operation_name,
            variables=parameters.variables,
            extensions=parameters.extensions,
            method=method,
            size=exchange.size,
            purpose=reason.purpose,
            case=reason.case,
            conflict=reason.conflict,
            document=parameters.document,
        )
        caller = _caller(exchange, identity)
        try:
            answer = await self._service.answer(request, caller)
            return answer, self._service.left(caller)
        except Exception as error:  # noqa: BLE001 - a fault of ours must end as INTERNAL, whatever it is
            self._log.fault("request failed", error, request=exchange.request_id)
            raise _RefusedError(Code.INTERNAL) from None

    async def _body(self, head: Head, receive: Receive) -> bytes:
        """Read the body up to the limit, however its length is announced, and only so long."""
        announced = head.content_length
        if announced is not None and announced.isdigit() and int(announced) > BODY_BYTES:
            raise _RefusedError(Code.TOO_LARGE)
        try:
            return await within(self._body_seconds, _whole_body(receive))
        except TimeoutError:
            raise _RefusedError(Code.TIMED_OUT) from None


async def _whole_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _DisconnectedError
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > BODY_BYTES:
            raise _RefusedError(Code.TOO_LARGE)
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


@lru_cache(maxsize=1024)
def _address(text: str) -> str:
    """The client's address, or nothing: a proxy may pass on what its client wrote."""
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


def _caller(exchange: Exchange, identity: Identity) -> Caller:
    return Caller(
        client=identity.client,
        official=identity.official,
        department=identity.department,
        roles=identity.roles,
        division=identity.division,
        purposes=identity.purposes,
        authentication=identity.authentication,
        address=exchange.address,
        language=exchange.language,
        request_id=exchange.request_id,
    )
