"""One HTTP exchange at `/graphql`: what was asked in its headers, and how an answer is sent.

Every answer names its request, forbids keeping and says its type. This module never decides what
the answer is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.types import Scope, Send

from resolvers.quotas import Left
from schema.errors import Code, Language, error_body
from schema.reasons import Reason
from server.auth import Identity
from server.negotiation import GRAPHQL_RESPONSE, JSON, LONGEST_HEADER

REQUEST_ID: Final = b"x-request-id"

AGAIN_SECONDS: Final = 5
_CLOSES: Final = frozenset({408, 413})


@dataclass(slots=True)
class Head:
    """The headers that matter here; the others are not looked at."""

    authorization: bytes | None = field(default=None, repr=False)
    accept: bytes | None = None
    accept_language: bytes | None = None
    content_type: bytes | None = None
    content_length: bytes | None = None
    purposes: list[bytes] = field(default_factory=list, repr=False)
    cases: list[bytes] = field(default_factory=list, repr=False)


@dataclass(slots=True)
class Exchange:
    """One request on its way, with what the log may say of it."""

    method: str
    head: Head
    kind: bytes
    language: Language
    request_id: str
    address: str
    identity: Identity | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back."""

    status: int
    body: bytes
    code: str | None
    headers: tuple[tuple[bytes, bytes], ...] = ()


def read_head(scope: Scope) -> Head:
    """Pick the headers that matter."""
    head = Head()
    for name, value in scope["headers"]:
        if name == b"authorization":
            # Two tokens are no token: which one counts must not be a guess.
            head.authorization = value if head.authorization is None else b""
        elif name == b"accept":
            accept = value if head.accept is None else head.accept + b"," + value
            head.accept = accept[:LONGEST_HEADER]
        elif name == b"accept-language":
            head.accept_language = value[:LONGEST_HEADER]
        elif name == b"content-type":
            head.content_type = value[:LONGEST_HEADER]
        elif name == b"content-length":
            head.content_length = value
        elif name == b"juzhu-purpose":
            head.purposes.append(value)
        elif name == b"juzhu-case":
            head.cases.append(value)
    return head


def refusal(
    exchange: Exchange,
    code: Code,
    *,
    again: int = AGAIN_SECONDS,
    challenge: bytes | None = None,
    reason: Reason | None = None,
) -> Reply:
    """A refusal before the service: its status stands for both media types."""
    body = error_body(
        code,
        language=exchange.language,
        request_id=exchange.request_id,
        message=None if reason is None else reason.message(exchange.language),
        extensions=None if reason is None else {"reason": reason.name},
    )
    headers = headers_for(exchange, code.status, again=again, challenge=challenge)
    return Reply(code.status, body, code.name, headers)


def headers_for(
    exchange: Exchange,
    status: int,
    *,
    again: int = AGAIN_SECONDS,
    challenge: bytes | None = None,
) -> tuple[tuple[bytes, bytes], ...]:
    """What a status obliges to say: RFC 9110 (10.2.1, 10.2.3, 11.6.1), RFC 9112 (9.6)."""
    if status in {429, 503}:
        return ((b"retry-after", str(again).encode()),)
    if status == Code.UNAUTHENTICATED.status:
        return ((b"www-authenticate", challenge or b'Bearer realm="juzhu"'),)
    if status == Code.METHOD_NOT_ALLOWED.status:
        return ((b"allow", b"POST" if exchange.method == "GET" else b"GET, POST"),)
    if status in _CLOSES:
        # The rest of the body is still on its way; nobody will read it.
        return ((b"connection", b"close"),)
    return ()


def quota_headers(left: Sequence[Left]) -> tuple[tuple[bytes, bytes], ...]:
    """The limits and what is left of them: draft-ietf-httpapi-ratelimit-headers-10, sections 3, 4.

    A row is a unit that the draft has no word for: the name of the limit says it.
    """
    if not left:
        return ()
    policies = ", ".join(f'"{each.name}";q={each.amount};w={each.seconds}' for each in left)
    states = ", ".join(f'"{each.name}";r={each.remaining};t={each.again}' for each in left)
    return (b"ratelimit-policy", policies.encode()), (b"ratelimit", states.encode())


async def send_reply(send: Send, exchange: Exchange, reply: Reply) -> None:
    """Send a whole answer."""
    kind = _CONTENT_TYPES[exchange.kind]
    headers = [
        kind,
        (b"content-length", str(len(reply.body)).encode()),
        (REQUEST_ID, exchange.request_id.encode()),
        *_ALWAYS,
        *reply.headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


_CONTENT_TYPES: Final = {
    kind: (b"content-type", kind + b"; charset=utf-8") for kind in (GRAPHQL_RESPONSE, JSON)
}
_ALWAYS: Final = (
    # An answer is about one person and one moment: nobody on the way may keep it.
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
