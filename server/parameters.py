"""From bytes to a well-formed request: the GraphQL over HTTP specification, "Request".

A body is JSON in UTF-8 with `query` or `documentId` (appendix A), `operationName`, `variables` and
`extensions`, each of its own type, and no member named twice: two readers of such a body may see
two requests. Purpose and case come from headers or from `extensions.juzhu`; both given and
different is a conflict, which the service refuses and records.

This module never repeats a value: a fault is a code, with a reason where the body is not at fault.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

import orjson

from schema.errors import Code
from schema.reasons import Reason

LONGEST_PURPOSE: Final = 64
LONGEST_CASE: Final = 128

MOST_VALUES: Final = 50_000
"""Objects, lists and commas of a body. A thousand rows of `verify` have some 15,000; a megabyte of
empty lists is half a million objects, which all later steps would walk."""

_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffd]")
_ESCAPES: Final = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
"""RFC 3986 section 2.1. A percent sign before anything else stands for itself."""

_MEMBERS: Final = frozenset({"query", "documentId", "operationName", "variables", "extensions"})

LONGEST_DOCUMENT_ID: Final = 128


class RequestError(Exception):
    """The request can't be read; `code`, and perhaps `reason`, says why."""

    def __init__(self, why: Code | Reason) -> None:
        super().__init__(why.name)
        self.code = why.code if isinstance(why, Reason) else why
        self.reason = why if isinstance(why, Reason) else None


@dataclass(frozen=True, slots=True)
class Parameters:
    """The members of a request, each of its type; `query` is empty where `document` is named."""

    query: str = field(repr=False)
    operation_name: str | None
    variables: dict[str, object] | None = field(repr=False)
    extensions: dict[str, object] = field(repr=False)
    document: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Why:
    """What for, and for what case; nothing of both where two of one differ."""

    purpose: str | None
    case: str | None = field(repr=False)
    conflict: bool = False


def from_body(body: bytes) -> Parameters:
    """Read the body of a POST.

    Raises:
        RequestError: It is no JSON object in UTF-8 with a document, or has too many values.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestError(Code.BAD_REQUEST) from None
    if not isinstance(value, dict):
        raise RequestError(Code.BAD_REQUEST)
    if body.count(b"[") + body.count(b"{") + body.count(b",") > MOST_VALUES:
        raise RequestError(Reason.TOO_MANY_VALUES)
    _refuse_duplicates(body, value)
    return _typed(value)


def from_query_string(query_string: bytes) -> Parameters:
    """Read the address of a GET, where variables and extensions are JSON texts.

    Raises:
        RequestError: A parameter can't be read, is given twice or is of the wrong type.
    """
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=16,
        )
    except ValueError:
        raise RequestError(Reason.PARAMETER_UNREADABLE) from None
    value: dict[str, object] = {}
    for name, text in pairs:
        if name in value:
            raise RequestError(Reason.MEMBER_TWICE)
        if name in _MEMBERS:
            value[name] = text
    for name in ("variables", "extensions"):
        if given := value.pop(name, None):
            value[name] = _json(str(given).encode())
    if not value.get("operationName"):
        value.pop("operationName", None)
    return _typed(value)


def why(*, purposes: list[bytes], cases: list[bytes], extensions: dict[str, object]) -> Why:
    """What headers and body say of purpose and case; two that differ are a conflict.

    Raises:
        RequestError: One can't be read.
    """
    named = extensions.get("juzhu")
    if named is None:
        named = {}
    if not isinstance(named, dict):
        raise RequestError(Reason.EXTENSION_TYPE)
    purpose = _given(purposes, named.get("purpose"), _PURPOSE)
    case = _given(cases, named.get("case"), _CASE)
    if len(purpose) > 1 or len(case) > 1:
        return Why(None, None, conflict=True)
    return Why(purpose=next(iter(purpose), None), case=next(iter(case), None))


@dataclass(frozen=True, slots=True)
class _Form:
    """How a purpose or a case may be written, and what is said where it is not."""

    longest: int
    encoding: Reason
    too_long: Reason
    characters: Reason


_NOTHING: Final[frozenset[str]] = frozenset()
_PURPOSE: Final = _Form(
    LONGEST_PURPOSE, Reason.PURPOSE_ENCODING, Reason.PURPOSE_TOO_LONG, Reason.PURPOSE_CHARACTERS
)
_CASE: Final = _Form(
    LONGEST_CASE, Reason.CASE_ENCODING, Reason.CASE_TOO_LONG, Reason.CASE_CHARACTERS
)


def _given(headers: list[bytes], member: object, form: _Form) -> frozenset[str]:
    """The values that are given, each once."""
    if not headers and member is None:
        return _NOTHING
    if member is not None and not isinstance(member, str):
        raise RequestError(Reason.EXTENSION_TYPE)
    values = [_decoded(header, form) for header in headers]
    if member is not None:
        values.append(member.strip())
    for text in values:
        if len(text) > form.longest:
            raise RequestError(form.too_long)
        if _UNPRINTABLE.search(text):
            raise RequestError(form.characters)
    return frozenset(filter(None, values))


def _decoded(header: bytes, form: _Form) -> str:
    """A header's value: percent-encoded UTF-8, as 赤红教〔2026〕12号 has to travel."""
    try:
        return _ESCAPES.sub(_unescaped, header).decode().strip()
    except UnicodeDecodeError:
        raise RequestError(form.encoding) from None


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[0].replace(b"%", b"").decode("ascii"))


def _typed(value: dict[str, object]) -> Parameters:
    query = value.get("query")
    document = value.get("documentId")
    operation_name = value.get("operationName")
    variables = value.get("variables")
    extensions = value.get("extensions")
    if document is not None:
        if query is not None:
            raise RequestError(Reason.QUERY_AND_DOCUMENT)
        if not isinstance(document, str) or not 0 < len(document) <= LONGEST_DOCUMENT_ID:
            raise RequestError(Reason.DOCUMENT_ID)
        query = ""
    if not isinstance(query, str):
        raise RequestError(Reason.QUERY_REQUIRED)
    if (
        not (operation_name is None or isinstance(operation_name, str))
        or not (variables is None or isinstance(variables, dict))
        or not (extensions is None or isinstance(extensions, dict))
    ):
        raise RequestError(Reason.MEMBER_TYPE)
    return Parameters(
        query=query,
        operation_name=operation_name,
        variables=variables,
        extensions=extensions if extensions is not None else {},
        document=document,
    )


def _json(text: bytes) -> object:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise RequestError(Reason.PARAMETER_JSON) from None
    if isinstance(value, dict):
        _refuse_duplicates(text, value)
    return value


def _refuse_duplicates(text: bytes, value: dict[str, object]) -> None:
    """RFC 8259 section 4: names should be unique; here they must be.

    The fast parser keeps the last of two equal names and says nothing. A text that is written
    again byte for byte has lost no name, and most clients write just so; any other text is read
    once more by a parser that can tell.
    """
    try:
        if orjson.dumps(value) == text:
            return
    except orjson.JSONEncodeError:
        # More than 254 levels: no request of this service has a tenth of that.
        raise RequestError(Code.BAD_REQUEST) from None
    try:
        json.loads(text, object_pairs_hook=_unique)
    except _TwiceError:
        raise RequestError(Reason.MEMBER_TWICE) from None
    except (ValueError, RecursionError):
        raise RequestError(Code.BAD_REQUEST) from None


class _TwiceError(Exception):
    """A member is named twice."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _TwiceError
    return members
