"""Requests that are small to send and dear to answer: each is refused before it costs much."""

import tracemalloc

import orjson
import pytest
from graphql import parse

from policies.table import Policies
from schema.catalogue import catalogue
from schema.documents import MOST_CHARACTERS, Documents, RefusedDocumentError
from schema.errors import Code
from schema.limits import (
    MOST_REPEATED,
    MOST_TOKENS,
    DocumentTooComplexError,
    check_limits,
)
from schema.root import full_schema, graph
from schema.view import View, build_view
from server.exchange import read_head
from server.negotiation import LONGEST_HEADER
from server.parameters import MOST_VALUES, RequestError, from_body
from tests.policies.city import TODAY

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def view() -> View:
    """A caller without a purpose: the smallest view that there is."""
    full = graph(full_schema())
    policies = Policies.load(catalogue=catalogue(full))
    return build_view(full, policies.table(frozenset({"education"}), None, TODAY))


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer {" + "client " * (MOST_REPEATED + 2) + "} }",
        "{ services {" + "department { code } " * 120 + "} }",
        "{ services {" + "department { code code } " * 80 + "} }",
        "{ viewer {"
        + " ".join(f"...F{n}" for n in range(190))
        + "} } "
        + " ".join(f"fragment F{n} on Viewer {{ client official }}" for n in range(190)),
        "{ viewer { client } } fragment F on Viewer {" + "client " * (MOST_REPEATED + 2) + "}",
    ],
)
def test_repeated_fields_are_limited_because_validation_compares_their_pairs(
    document: str,
) -> None:
    with pytest.raises(DocumentTooComplexError, match="repeated fields"):
        check_limits(parse(document))


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer {" + "client " * (MOST_REPEATED + 1) + "} }",
        "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }",
        "{ viewer { ...A } } fragment A on Viewer { b: client { ...A } c: client { ...A } }",
        # 2^38 ways through fragments without a field; each is looked at once.
        "{ viewer { ...F0 } } "
        + " ".join(f"fragment F{n} on Viewer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(38))
        + " fragment F38 on Viewer { ...Nowhere }",
    ],
)
def test_what_repeats_little_or_never_ends_is_left_to_validation(document: str) -> None:
    check_limits(parse(document))


def test_documents_that_are_kept_are_bounded_by_their_size(view: View) -> None:
    # A quarter of what the service keeps: counting every allocation is slow.
    documents = Documents(characters=MOST_CHARACTERS // 4)
    conditions = " ".join(f"$v{n}: Boolean = true" for n in range(40))
    fields = " ".join(f"client @include(if: $v{n})" for n in range(40)) + " official" * 150
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(60):
            query = f"query q{number}({conditions}) {{ viewer {{ {fields} }} }}"
            documents.prepare(query, None, view)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 25 * MEBIBYTE
    assert documents.known(query.replace(f"q{number}", "q0"), None, view) is None
    assert documents.known(query, None, view) is not None


def test_a_document_larger_than_what_is_kept_is_still_prepared(view: View) -> None:
    documents = Documents(characters=10)
    prepared = documents.prepare("{ viewer { client } }", None, view)
    assert prepared.name is None
    assert documents.known("{ viewer { client } }", None, view) is None


def test_refused_documents_are_not_kept(view: View) -> None:
    documents = Documents()
    with pytest.raises(RefusedDocumentError):
        documents.prepare("{ nothing }", None, view)
    assert documents.known("{ nothing }", None, view) is None


@pytest.mark.parametrize(
    "value",
    [
        b"[" + b",".join([b"[[[]]]"] * 140_000) + b"]",
        b"{" + b",".join(b'"%d":{}' % n for n in range(70_000)) + b"}",
    ],
)
def test_a_body_of_very_many_values_is_refused_unread(value: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        from_body(b'{"query":"{viewer{client}}","variables":{"a":' + value + b"}}")
    assert refused.value.code is Code.TOO_COMPLEX


def test_the_largest_verify_has_few_values() -> None:
    person = {"idNumber": "110101199003079964", "name": "欧阳·测"}
    row = {"ref": "1", "case": "c", "on": "2026-11-22", "anyOf": [person] * 3}
    body = orjson.dumps({"query": "{a}", "variables": {"rows": [row] * 1000}})
    from_body(body)
    assert body.count(b"[") + body.count(b"{") + body.count(b",") < MOST_VALUES / 2
    from_body(orjson.dumps({"query": "," * MOST_TOKENS}))


def test_headers_are_remembered_by_no_more_than_is_looked_at() -> None:
    giant = b"x" * 60_000
    names = (b"accept", b"accept", b"accept-language", b"content-type")
    head = read_head({"headers": [(name, giant) for name in names]})
    for value in (head.accept, head.accept_language, head.content_type):
        assert value is not None
        assert len(value) == LONGEST_HEADER
