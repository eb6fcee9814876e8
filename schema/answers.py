"""What comes to the service and what leaves it: a well-formed request, an answer's bytes.

This module never decides what is answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import orjson

from db.ledger import Receipt
from schema.errors import Code


@dataclass(frozen=True, slots=True)
class Request:
    """A well-formed GraphQL-over-HTTP request; `size` is the body's length in bytes.

    A request has the text of its document in `query`, or names a trusted one in `document`.

    `purpose` and `case` are what headers and body agreed on; `conflict` says that they did not.
    """

    query: str = field(repr=False)
    operation_name: str | None
    variables: dict[str, object] | None = field(repr=False)
    extensions: dict[str, object] = field(repr=False)
    method: Literal["GET", "POST"]
    size: int
    purpose: str | None
    case: str | None = field(repr=False)
    conflict: bool = False
    document: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer's JSON bytes; `status` is that of `application/graphql-response+json`.

    `code` names the first error where there is no data, for the log and for headers.
    """

    status: int
    body: bytes = field(repr=False)
    code: str | None
    again: int | None = None
    """After how many seconds a refusal may be tried again, where that is known."""


def with_data(data: bytes, errors: Sequence[object], receipt: Receipt | None) -> Answer:
    """Put an answer together around the bytes that its record commits to."""
    body = b'{"data":' + data
    if errors:
        body += b',"errors":' + orjson.dumps(errors)
    if receipt is not None:
        body += b',"extensions":' + orjson.dumps(_audit(receipt))
    return Answer(200, body + b"}", None)


def without_data(code: Code, errors: Sequence[object], receipt: Receipt | None = None) -> Answer:
    """A refusal or a fault; `receipt` says where it is recorded."""
    body: dict[str, object] = {"errors": errors}
    if receipt is not None:
        body["extensions"] = _audit(receipt)
    return Answer(code.status, orjson.dumps(body), code.name)


def _audit(receipt: Receipt) -> dict[str, object]:
    """Where the record of an answer stands; on every answer that has one (audit.md)."""
    return {"audit": {"log": receipt.log, "index": receipt.index, "leaf": receipt.leaf.hex()}}
