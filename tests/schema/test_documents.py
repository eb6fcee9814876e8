"""A document is refused early, cheaply and without an echo of what it holds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FloatValueNode,
    IntValueNode,
    StringValueNode,
    Visitor,
    get_introspection_query,
    print_ast,
    print_schema,
    visit,
)
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import Mode, nodes, queries

import schema.documents
from schema.documents import (
    Documents,
    ForbiddenDocumentError,
    Prepared,
    RefusedDocumentError,
    Trouble,
)
from schema.errors import Code
from schema.limits import (
    MOST_ALIASES,
    MOST_COMMENTS,
    MOST_DEFINITIONS,
    MOST_DEPTH,
    MOST_DIRECTIVES,
    MOST_FIELDS,
    MOST_NESTING,
    MOST_ROOT_FIELDS,
    MOST_SOURCE,
    MOST_TOKENS,
)
from tests.schema.views import DESK_LIST, EDUCATION, EVERYTHING, NO_PURPOSE, VIEWS

SENTINEL = "哨兵150402199001019964"
NUMBER = "150402199001019964"
MOST_SECONDS = 2.0


def prepare(document: str, name: str | None = None) -> Prepared:
    return Documents().prepare(document, name, EVERYTHING)


def refused(document: str, name: str | None = None) -> tuple[Trouble, ...]:
    """Why a document is refused; it takes no time to speak of."""
    began = time.thread_time()
    with pytest.raises(RefusedDocumentError) as caught:
        prepare(document, name)
    assert time.thread_time() - began < MOST_SECONDS
    return caught.value.troubles


def codes(document: str) -> list[Code]:
    return [trouble.code for trouble in refused(document)]


@contextmanager
def nothing_validated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever is refused here is refused before validation, planning and the walk of paths."""

    def called(*_given: object) -> None:
        pytest.fail("it went on after a limit")

    with monkeypatch.context() as patched:
        for step in ("validate", "forbidden_paths", "compile_variables"):
            patched.setattr(schema.documents, step, called)
        yield


def doubling(count: int) -> str:
    """Fragments each of which spreads the next one twice: 2^count fields."""
    spreads = " ".join(
        f"fragment F{n} on Viewer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(count)
    )
    return f"{{ viewer {{ ...F0 }} }} {spreads} fragment F{count} on Viewer {{ client }}"


def backwards(count: int) -> str:
    """The same with the innermost first, so that each finds the next one measured."""
    head, *rest = doubling(count).replace(" fragment", "\nfragment").split("\n")
    return "\n".join([head, *reversed(rest)])


def nested(depth: int, opening: str, inside: str = "code") -> str:
    return f"{opening} {{ " * depth + inside + " }" * depth


def chain(count: int, depth: int, opening: str) -> str:
    """Fragments that each nest deeply and spread the next one at the bottom."""
    texts = [
        f"fragment F{n} on Viewer {{ {nested(depth, opening, f'...F{n + 1}')} }}"
        for n in range(count)
    ]
    texts.append(f"fragment F{count} on Viewer {{ client }}")
    return "{ viewer { ...F0 } } " + " ".join(texts)


LIMITED = {
    "180 fragments that double each other": doubling(180),
    "30 fragments that double each other": doubling(30),
    "30 fragments that double each other, innermost first": backwards(30),
    "10,000 aliases": "{ viewer { " + " ".join(f"a{n}: client" for n in range(10_000)) + " } }",
    "one alias too many": "{ viewer { "
    + " ".join(f"a{n}: client" for n in range(MOST_ALIASES + 1))
    + " } }",
    "1 MB of braces": "{" * 1_000_000,
    "64 KiB of braces": "{a" * (MOST_SOURCE // 2),
    "braces nested 300 deep": "{ " + nested(300, "a") + " }",
    "lists nested 300 deep": "{ services(article: " + "[" * 300 + "]" * 300 + ") { code } }",
    "objects nested 300 deep": "{ services(article: "
    + "{a:" * 300
    + "1"
    + "}" * 300
    + ") { code } }",
    "types nested 300 deep": "query($v: " + "[" * 300 + "Int" + "]" * 300 + ") { __typename }",
    "one level too many": "{ " + nested(MOST_DEPTH, "a") + " }",
    "inline fragments nested too deep": "{ " + nested(MOST_NESTING, "...", "__typename") + " }",
    "fragments that pile their fields up": chain(6, 180, "a"),
    "fragments that pile their inline fragments up": chain(6, 150, "..."),
    "the same, each shallow": chain(20, 10, "..."),
    "1,000 directives": "{ viewer { client " + "@skip(if: false) " * 1000 + "} }",
    "one directive too many": "{ viewer { "
    + "... @skip(if: false) { client } " * (MOST_DIRECTIVES + 1)
    + "} }",
    "a huge string": '{ services(article: "' + "x" * MOST_SOURCE + '") { code } }',
    "a huge block string": '{ services(article: """' + "\n" * MOST_SOURCE + '""") { code } }',
    "blanks without end": " " * MOST_SOURCE + "{ viewer { client } }",
    "one comment too many": "#\n" * (MOST_COMMENTS + 1) + "{ viewer { client } }",
    "a comment for each token": "{ " + "#x\n__typename\n" * (MOST_COMMENTS + 1) + "}",
    "one token too many": "{ " + "__typename " * (MOST_TOKENS - 1) + "}",
    "too many fields": "{ viewer { " + "client " * (MOST_FIELDS + 1) + "} }",
    "one root field too many": "{ "
    + " ".join(f"a{n}: __typename" for n in range(MOST_ROOT_FIELDS + 1))
    + " }",
    "one root field too many, in fragments": "{ ... { __typename } ...F } fragment F on Query { "
    + " ".join(f"a{n}: __typename" for n in range(MOST_ROOT_FIELDS))
    + " }",
    "one definition too many": "{ viewer { ...F0 } } "
    + " ".join(f"fragment F{n} on Viewer {{ client }}" for n in range(MOST_DEFINITIONS)),
    "an unused fragment over a limit": "{ viewer { client } } fragment F on Viewer { "
    + " ".join(f"a{n}: client" for n in range(MOST_ALIASES + 1))
    + " }",
}


@pytest.mark.parametrize("document", LIMITED.values(), ids=list(LIMITED))
def test_a_document_over_a_limit_is_refused_before_anything_walks_it(
    document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nothing_validated(monkeypatch):
        assert codes(document) == [Code.TOO_COMPLEX]


WITHIN = {
    "aliases": "{ viewer { " + " ".join(f"a{n}: client" for n in range(MOST_ALIASES)) + " } }",
    "root fields": "{ " + " ".join(f"a{n}: __typename" for n in range(MOST_ROOT_FIELDS)) + " }",
    "root fields that are one": "{ " + "__typename " * (MOST_ROOT_FIELDS + 1) + "}",
    "directives": "{ viewer { " + "... @skip(if: false) { client } " * MOST_DIRECTIVES + "} }",
    "comments": "#\n" * MOST_COMMENTS + "{ viewer { client } }",
    "nesting": "{ " + nested(MOST_NESTING - 1, "...", "__typename") + " }",
    "source": "{ viewer { client } }".ljust(MOST_SOURCE),
    "definitions": "{ viewer { "
    + " ".join(f"...F{n}" for n in range(MOST_DEFINITIONS - 1))
    + " } } "
    + " ".join(f"fragment F{n} on Viewer {{ __typename }}" for n in range(MOST_DEFINITIONS - 1)),
    "doubling": doubling(5),
}


@pytest.mark.parametrize("document", WITHIN.values(), ids=list(WITHIN))
def test_a_document_at_a_limit_is_prepared(document: str) -> None:
    prepare(document)


def test_a_fragments_size_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []
    real = schema.limits._Measure.selection

    def counted(self: Any, selection_set: Any) -> Any:
        measured.append("")
        return real(self, selection_set)

    monkeypatch.setattr(schema.limits._Measure, "selection", counted)
    refused(backwards(35))
    assert len(measured) < 100


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer { ...A } } fragment A on Viewer { client ...A }",
        "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }",
        "{ ...A } fragment A on Query { viewer { client } ...B } fragment B on Query { ...A }",
        "{ viewer { ...A } } fragment A on Viewer { ...A " + "client " * 900 + "}",
    ],
)
def test_a_fragment_cycle_ends_and_has_its_standard_message(document: str) -> None:
    messages = [trouble.message or "" for trouble in refused(document)]
    assert any(
        message.startswith("Cannot spread fragment 'A' within itself") for message in messages
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {
            "descriptions": True,
            "specified_by_url": True,
            "directive_is_repeatable": True,
            "schema_description": True,
            "input_value_deprecation": True,
            "one_of": True,
        },
    ],
)
@pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
def test_the_standard_introspection_query_passes(view: Any, options: dict[str, bool]) -> None:
    Documents().prepare(get_introspection_query(**options), None, view)


def test_introspection_that_multiplies_is_refused() -> None:
    types = nested(4, "fields { type", "name") + " }" * 4
    document = f"{{ __schema {{ types {{ {types} }} }} }}"
    assert codes(document) == [Code.VALIDATION_FAILED]


# --- the parser's limits and the parser's complaints ----------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer { client } } tokens",
        "{ viewer { client } } comments",
        "{ a } Document is nested too deeply",
        '{ a } "Document contains more than 1 tokens. Parsing aborted."',
        "{ viewer { client }",
        "",
        "   ",
        "#only a comment",
        "{ services(article: $) { code } }",
        "}{",
        "\0",
        "{ viewer { client } \ufeff\ufffd }",
        "query { viewer { client } } fragment on on Viewer { client }",
    ],
)
def test_a_syntax_error_is_no_limit_whatever_words_it_meets(document: str) -> None:
    (trouble,) = refused(document)
    assert (trouble.code, trouble.message) == (Code.PARSE_FAILED, None)
    assert len(trouble.locations) == 1


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ("query A { viewer { client } } query B { viewer { client } }", None),
        ("query A { viewer { client } }", "B"),
        ("query A { viewer { client } }", ""),
        ("{ viewer { client } }", "A"),
    ],
)
def test_an_operation_that_is_not_there_is_refused(document: str, name: str | None) -> None:
    assert [trouble.code for trouble in refused(document, name)] == [Code.OPERATION_UNKNOWN]


@pytest.mark.parametrize("kind", ["mutation", "subscription"])
def test_there_are_only_queries(kind: str) -> None:
    assert codes(f"{kind} {{ services {{ code }} }}") == [Code.VALIDATION_FAILED]


@pytest.mark.parametrize(
    "definition",
    ["type A { a: Int }", "extend type Query { a: Int }", "schema { query: Query }", "scalar A"],
)
def test_a_definition_of_types_is_refused(definition: str) -> None:
    assert Code.VALIDATION_FAILED in codes(f"{{ viewer {{ client }} }} {definition}")


# --- no echo -------------------------------------------------------------------------------------

ECHOES = [
    f'{{ services(article: "{SENTINEL}) {{ code }} }}',
    f'{{ services(article: "{SENTINEL}\\q") {{ code }} }}',
    f'{{ services(article: "{SENTINEL}" {{ code }} }}',
    f'{{ services(article: "{SENTINEL}") {{ code }} }} "{SENTINEL}"',
    f"{{ {SENTINEL} }}",
    f"{{ services(article: {NUMBER}x) {{ code }} }}",
    f"{{ services(article: {NUMBER}) {{ code }} }}",
    f"{{ services(article: {NUMBER}.5) {{ code }} }}",
    f"{{ services(article: N{NUMBER}) {{ code }} }}",
    f'{{ services(article: ["{SENTINEL}"]) {{ code }} }}',
    f'{{ services(article: {{ a: "{SENTINEL}" }}) {{ code }} }}',
    f'{{ services(article: """{SENTINEL}""", article: "{SENTINEL}") {{ code }} }}',
    f'{{ services(size: "{SENTINEL}") {{ code }} }}',
    f'{{ services @skip(if: "{SENTINEL}") {{ code }} }}',
    f'{{ services @other(if: "{SENTINEL}") {{ code }} }}',
    f'{{ a: services(article: "{SENTINEL}") {{ code }} a: services(article: "1") {{ code }} }}',
    f'{{ person(idNumber: "{SENTINEL}") {{ sex }} }}',
    f'{{ person(idNumber: "{SENTINEL}", name: 7) {{ sex }} }}',
    f'{{ person(idNumber: "x", name: "x") {{ ageAtLeast(years: "{SENTINEL}") }} }}',
    f'{{ person(idNumber: "x", name: "x") {{ ageAtLeast(years: {NUMBER}) }} }}',
    f'{{ verify(rows: [{{ ref: "a", on: "{SENTINEL}" }}]) {{ ref }} }}',
    f'{{ verify(rows: [{{ ref: "a", on: {NUMBER} }}]) {{ ref }} }}',
    f'{{ verify(rows: [{{ ref: "a", on: {{ day: "{SENTINEL}" }} }}]) {{ ref }} }}',
    f'{{ verify(rows: [{{ ref: "{SENTINEL}", height: 1 }}]) {{ ref }} }}',
    f'{{ verify(rows: [{{ case: "{SENTINEL}" }}]) {{ ref }} }}',
    f'{{ verify(rows: [{{ ref: "a", presented: {{ idNumber: "{SENTINEL}" }} }}]) {{ ref }} }}',
    f'{{ verify(rows: [{{ ref: "a", presented: "{SENTINEL}" }}]) {{ ref }} }}',
    f'{{ verify(rows: "{SENTINEL}") {{ ref }} }}',
    f'{{ verify(rows: [{{ ref: "a", ref: "{SENTINEL}" }}]) {{ ref }} }}',
    f'{{ persons(filter: {{ validTo: {{ from: "{SENTINEL}" }} }}) {{ nodes {{ id }} }} }}',
    f'{{ persons(filter: {{ status: ["{SENTINEL}"] }}) {{ nodes {{ id }} }} }}',
    f"{{ persons(filter: {{ status: S{NUMBER} }}) {{ nodes {{ id }} }} }}",
    f"{{ persons(orderBy: {{ field: S{NUMBER} }}) {{ nodes {{ id }} }} }}",
    f"{{ persons(first: {NUMBER}) {{ nodes {{ id }} }} }}",
    f'{{ persons(after: {{ a: "{SENTINEL}" }}) {{ nodes {{ id }} }} }}',
    f'{{ node(id: ["{SENTINEL}", "{SENTINEL}"]) {{ id }} }}',
    f'{{ node(id: {{ a: "{SENTINEL}" }}) {{ id }} }}',
    f'query($v: Int = "{SENTINEL}") {{ services(article: $v) {{ code }} }}',
    f'query($v: Date = "{SENTINEL}") {{ verify(rows: {{ ref: "a", on: $v }}) {{ ref }} }}',
    f'query($v: VerifyRow = {{ no: "{SENTINEL}" }}) {{ verify(rows: [$v]) {{ ref }} }}',
    f'query($v: [String!] = ["{SENTINEL}", null]) {{ __typename }}',
    f'query($v: String = "{SENTINEL}") {{ __typename }}',
    f'{{ viewer {{ client(a: "{SENTINEL}") }} }}',
    f'"{SENTINEL}" query {{ nothing }}',
]


@pytest.mark.parametrize("document", ECHOES)
def test_no_message_echoes_a_value_of_the_document(document: str) -> None:
    for trouble in refused(document):
        assert NUMBER not in (trouble.message or "")
        assert NUMBER not in repr(trouble)


class _Spoil(Visitor):
    """Puts the sentinel wherever a literal is."""

    @staticmethod
    def enter_string_value(_node: StringValueNode, *_more: object) -> StringValueNode:
        return StringValueNode(value=SENTINEL)

    @staticmethod
    def enter_int_value(_node: IntValueNode, *_more: object) -> IntValueNode:
        return IntValueNode(value=NUMBER)

    @staticmethod
    def enter_float_value(_node: FloatValueNode, *_more: object) -> FloatValueNode:
        return FloatValueNode(value=f"{NUMBER}.5")


def spoilt(document: DocumentNode) -> str:
    return print_ast(visit(document, _Spoil()))


SDL = print_schema(EVERYTHING.schema)
DAY_LITERALS = st.just("2026-11-22").map(nodes.String)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(
    document=queries(
        SDL, custom_scalars={"Date": DAY_LITERALS}, mode=Mode.NEGATIVE, print_ast=spoilt
    )
)
def test_no_violation_of_the_schema_makes_a_value_come_back(document: str) -> None:
    for view in (EVERYTHING, DESK_LIST, EDUCATION, NO_PURPOSE):
        try:
            Documents().prepare(document, None, view)
        except RefusedDocumentError as error:
            told = "".join(repr(trouble) for trouble in error.troubles)
        except ForbiddenDocumentError as error:
            told = repr(error.uses)
        else:
            continue
        event(f"refused by {len(told) // 1000} kB")
        if NUMBER in told:
            pytest.fail("a value came back")


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 90), text=st.text("{}()[]:!$@\"'\\#,.&|= \n\0é一", max_size=3))
def test_no_slip_in_the_syntax_makes_a_value_come_back(place: int, text: str) -> None:
    document = f'query Q {{ person(idNumber: "{SENTINEL}", name: "{SENTINEL}") {{ sex }} }}'
    try:
        prepare(document[:place] + text + document[place:])
    except RefusedDocumentError as error:
        told = "".join(repr(trouble) for trouble in error.troubles)
        if NUMBER in told:
            pytest.fail("a value came back")


# --- what is kept --------------------------------------------------------------------------------


def test_a_document_is_prepared_once_for_each_view_and_operation() -> None:
    documents = Documents()
    document = "query A { viewer { client } } query B { viewer { official } }"
    first = documents.prepare(document, "A", EVERYTHING)
    assert documents.known(document, "A", EVERYTHING) is first
    assert documents.known(document, "B", EVERYTHING) is None
    assert documents.known(document, "A", NO_PURPOSE) is None
    assert documents.known(document + " ", "A", EVERYTHING) is None


def test_the_oldest_document_makes_room() -> None:
    documents = Documents(most=2)
    asked = ["{ a: __typename }", "{ b: __typename }", "{ c: __typename }"]
    documents.prepare(asked[0], None, NO_PURPOSE)
    documents.prepare(asked[1], None, NO_PURPOSE)
    assert documents.known(asked[0], None, NO_PURPOSE) is not None
    documents.prepare(asked[2], None, NO_PURPOSE)
    held = [documents.known(document, None, NO_PURPOSE) is not None for document in asked]
    assert held == [True, False, True]
