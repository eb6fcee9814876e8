"""A null where none may be nulls the nearest field that may, as the executor does (6.4.4).

The schema here is a made one: in the served schema every field of data is nullable.
"""

from collections.abc import Callable, Mapping
from typing import Any, Optional, TypeVar

import orjson
import pytest
import strawberry
from graphql import (
    GraphQLNonNull,
    GraphQLResolveInfo,
    build_schema,
    execute_sync,
    parse,
    print_schema,
)
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from policies.catalogue import Kind
from resolvers.faults import ArgumentFaultError, Fault
from schema.documents import Documents
from schema.rendering import Call, coerce_arguments
from schema.root import graph
from schema.sources import Derived, Moment, Of, Root, declared, declared_call
from schema.view import build_view
from tests.policies.city import TODAY
from tests.schema.answers import operation_of, within_limits
from tests.schema.questions import Question, questions
from tests.schema.views import EVERYTHING, FULL, table_of

F = TypeVar("F", bound=Callable[..., object])


def _of(name: str) -> Any:
    return declared(Of(lambda row: row.get(name)), "字段", "A field", governed=False)


def _failing(_moment: Moment, arguments: dict[str, object]) -> object:
    if arguments["when"]:
        raise ArgumentFaultError(Fault.DAY_OUT_OF_RANGE)
    return arguments["gives"]


def _failing_child(_moment: Moment, arguments: dict[str, object]) -> object:
    _failing(_moment, {**arguments, "gives": None})
    return {"strict": 1}


def _call(compute: Callable[..., object]) -> Callable[[F], F]:
    return declared_call(Derived((), compute), "字段", "A field", kind=Kind.OBJECT, governed=False)


@strawberry.type
class Knot:
    """Everything that can be null or not, in itself."""

    strict: int = _of("strict")
    loose: int | None = _of("loose")
    child: Optional["Knot"] = _of("child")
    must_child: "Knot" = _of("mustChild")
    items: list["Knot"] | None = _of("items")
    loose_items: list[Optional["Knot"]] | None = _of("looseItems")
    strict_items: list["Knot"] = _of("strictItems")
    matrix: list[list[int]] | None = _of("matrix")
    loose_matrix: list[list[int | None] | None] = _of("looseMatrix")

    @_call(_failing)
    def fails(self, when: bool, gives: int | None = 7) -> int | None:  # noqa: FBT001
        """Declared here, read by the plan."""

    @_call(_failing)
    def must(self, when: bool, gives: int | None = 7) -> int:  # type: ignore[empty-body]  # noqa: FBT001
        """Declared here, read by the plan."""

    @_call(_failing_child)
    def made(self, when: bool) -> Optional["Knot"]:  # noqa: FBT001
        """Declared here, read by the plan."""


@strawberry.type
class Query:
    """One root field."""

    knot: Knot | None = declared(Root(), "根", "A root", governed=False)


VIEW = build_view(graph(strawberry.Schema(query=Query)), table_of([]))
SCHEMA = build_schema(print_schema(VIEW.schema))
DOCUMENTS = Documents()

Errors = frozenset[tuple[tuple[str | int, ...], str]]


def planned(question: Question, root: object) -> tuple[bytes, Errors]:
    prepared = DOCUMENTS.prepare(question.document, None, VIEW)
    variables = prepared.variables.coerce(question.variables)
    operation = operation_of(prepared, variables)
    moment = Moment(TODAY, lambda kind, _uuid: kind, lambda _validity: None)
    call = Call(moment, coerce_arguments(operation.arguments, variables))
    data = {item.key: item.show(root, call, (None, item.key)) for item in operation.roots}
    return orjson.dumps(data), frozenset(
        (tuple(path), "INTERNAL" if fault is None else fault.name) for fault, path in call.errors
    )


def executed(question: Question, root: object) -> tuple[bytes, Errors]:
    def resolve(value: Any, info: GraphQLResolveInfo[Any], **args: Any) -> object:
        if info.field_name == "knot":
            return root
        if args.get("when"):
            raise ZeroDivisionError
        if info.field_name == "made":
            return {"strict": 1}
        return args["gives"] if "gives" in args else value.get(info.field_name)

    result = execute_sync(
        SCHEMA,
        parse(question.document),
        variable_values=question.variables,
        field_resolver=resolve,
    )
    codes = frozenset(
        (
            tuple(error.path or ()),
            "DAY_OUT_OF_RANGE"
            if isinstance(error.original_error, ZeroDivisionError)
            else "INTERNAL"
            if error.message.startswith("Cannot return null")
            else "ARGUMENT_INVALID",
        )
        for error in result.errors or ()
    )
    return orjson.dumps(result.data), codes


def knots() -> st.SearchStrategy[Mapping[str, object]]:
    number = st.integers(0, 9)
    mostly = number | number | number | st.none()
    matrix = st.lists(st.lists(mostly, max_size=2) | st.none(), max_size=2)
    leaves = st.fixed_dictionaries(
        {"strict": mostly, "loose": mostly, "matrix": matrix, "looseMatrix": matrix | st.none()}
    )

    def grown(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        one = below | below | below | st.none()
        many = st.lists(one, max_size=3) | st.none()
        return st.builds(
            lambda own, rest: {**own, **rest},
            leaves,
            st.fixed_dictionaries(
                {
                    "child": one,
                    "mustChild": one,
                    "items": many,
                    "looseItems": many,
                    "strictItems": many,
                }
            ),
        )

    return st.recursive(leaves, grown, max_leaves=8)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(question=questions(SCHEMA), root=knots() | st.none())
def test_nulls_rise_as_the_executor_lets_them_rise(question: Question, root: object) -> None:
    found = within_limits(lambda: planned(question, root))
    if found is None:
        return
    assert found == executed(question, root)
    event(f"{min(len(found[1]), 3)} errors")


@pytest.mark.parametrize(
    ("document", "root", "data", "errors"),
    [
        ("{knot{strict}}", {}, '{"knot":null}', {("knot", "strict"): "INTERNAL"}),
        ("{knot{loose}}", {}, '{"knot":{"loose":null}}', {}),
        (
            "{knot{child{mustChild{strict}} loose}}",
            {"child": {"mustChild": {}}, "loose": 1},
            '{"knot":{"child":null,"loose":1}}',
            {("knot", "child", "mustChild", "strict"): "INTERNAL"},
        ),
        (
            "{knot{items{strict}}}",
            {"items": [{"strict": 1}, {}]},
            '{"knot":{"items":null}}',
            {("knot", "items", 1, "strict"): "INTERNAL"},
        ),
        (
            "{knot{looseItems{strict}}}",
            {"looseItems": [{"strict": 1}, {}, None]},
            '{"knot":{"looseItems":[{"strict":1},null,null]}}',
            {("knot", "looseItems", 1, "strict"): "INTERNAL"},
        ),
        (
            "{knot{strictItems{loose}}}",
            {"strictItems": [None]},
            '{"knot":null}',
            {("knot", "strictItems", 0): "INTERNAL"},
        ),
        (
            "{knot{matrix}}",
            {"matrix": [[1], [2, None]]},
            '{"knot":{"matrix":null}}',
            {("knot", "matrix", 1, 1): "INTERNAL"},
        ),
        (
            "{knot{fails(when:true) must(when:false)}}",
            {},
            '{"knot":{"fails":null,"must":7}}',
            {("knot", "fails"): "DAY_OUT_OF_RANGE"},
        ),
        (
            "{knot{loose child{must(when:true)}}}",
            {"loose": 1, "child": {}},
            '{"knot":{"loose":1,"child":null}}',
            {("knot", "child", "must"): "DAY_OUT_OF_RANGE"},
        ),
        (
            "{knot{must(when:false,gives:null)}}",
            {},
            '{"knot":null}',
            {("knot", "must"): "INTERNAL"},
        ),
    ],
)
def test_a_null_goes_no_higher_than_it_must(
    document: str, root: object, data: str, errors: dict[tuple[str | int, ...], str]
) -> None:
    question = Question(document, {})
    assert planned(question, root) == (data.encode(), frozenset(errors.items()))
    assert executed(question, root) == (data.encode(), frozenset(errors.items()))


def test_every_field_of_the_served_root_may_be_null() -> None:
    query = FULL.query_type
    assert query is not None
    assert EVERYTHING.schema.query_type is not None
    strict = [name for name, made in query.fields.items() if isinstance(made.type, GraphQLNonNull)]
    assert strict == []
