"""The service behind `/graphql`: one request in, one answer out."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Request:
    """A well-formed GraphQL-over-HTTP request; `size` is the body's length in bytes.

    `purpose` and `case` are what headers and body agreed on.
    """

    query: str = field(repr=False)
    operation_name: str | None
    variables: dict[str, object] | None = field(repr=False)
    extensions: dict[str, object] = field(repr=False)
    method: Literal["GET", "POST"]
    size: int
    purpose: str | None
    case: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer's JSON bytes; `status` is that of `application/graphql-response+json`.

    `code` names the first error where there is no data, for the log and for headers.
    """

    status: int
    body: bytes = field(repr=False)
    code: str | None
