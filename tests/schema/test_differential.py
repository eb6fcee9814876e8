"""Plans and graphql-core's executor give the same answer to the same document.

Data byte for byte, keys in order, errors as a set of (path, code). The plan's side renders records
in memory through the compiled closures; the other side is tests/schema/oracle.py.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
import pytest
from graphql import GraphQLSchema, parse, validate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from db.person_row import PERSON_COLUMNS, PersonRow
from policies.permission import Action, Path, Rendering
from policies.table import Policies
from resolvers.records import PersonPage, Record
from schema.catalogue import catalogue
from schema.documents import Documents, RefusedDocumentError
from schema.errors import Code
from schema.rendering import Call, coerce_arguments
from schema.root import full_schema, graph
from schema.sources import Moment
from schema.steps import Operation, make_operation
from schema.view import View, build_view
from tests.schema import oracle
from tests.schema.documents_of import Document, documents

PURPOSES = {"receiving-office": "annual-endorsement", "community-police": "annual-endorsement"}


@cache
def full() -> GraphQLSchema:
    return graph(full_schema())


@cache
def policies() -> Policies:
    return Policies.load(catalogue=catalogue(full()))


def new_view(role: str) -> View:
    """A view of this role, of its own: the oracle gives its schema resolvers."""
    table = policies().table(frozenset({role}), PURPOSES[role], oracle.DAY)
    return build_view(full(), table)


def plain(number: int) -> oracle.Plain:
    """Person `number`: between them every state of a permit, and one without any."""
    states: list[tuple[str | None, str | None, str | None]] = [
        ("2026-03-01", "2027-03-01", None),
        ("2024-03-01", "2025-03-01", None),
        ("2026-01-01", "2027-01-01", "2026-06-01"),
        ("2027-01-01", "2028-01-01", None),
        (None, None, None),
    ]
    valid_from, valid_to, cancelled_on = states[number % len(states)]
    columns: dict[str, Any] = dict.fromkeys(PERSON_COLUMNS)
    columns |= {
        "person": bytes([number]) * 16,
        "county": "150402",
        "township": "150402001" if number % 2 else "",
        "registered_on": "2024-01-31",
        "arrived_on": "2024-01-30",
        "reason": "务工",
        "late": number % 2,
        "clock_start": None if number == 3 else "2024-08-31",
        "hukou_county": "152201",
        "permit": None if valid_from is None else bytes([number + 100]) * 16,
        "permit_number": None if valid_from is None else f"N{number}",
        "issued_on": valid_from,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "cancelled_on": cancelled_on,
        "cancel_ground": None if cancelled_on is None else "other",
        "issuing_office": None if valid_from is None else "测试派出所",
    }
    period = {"county": "150402", "township": "", "address": "测试路1号"}
    return oracle.Plain(
        key=number,
        columns=columns,
        core={
            "name": f"测试{number}",
            "idNumber": "152201199003079969",
            "sex": "FEMALE",
            "ethnicity": "汉族",
            "birthDate": "2004-02-29" if number % 2 else "1990-03-07",
        },
        contact={"phone": "19900000001", "workplace": "", "hukouAddress": "乌兰浩特市测试路1号"},
        residence={"address": "赤峰市红山区测试小区1号"},
        periods=tuple(
            period
            | {"from": f"2024-0{part + 1}-01", "changedOn": None if not part else "2024-09-01"}
            for part in range(number % 3)
        ),
        evidence=tuple(
            {"condition": "housing", "kind": "lease", "issuer": None, "presentedOn": "2024-01-02"}
            for _ in range(number % 2)
        ),
    )


def record(one: oracle.Plain) -> Record:
    """The same person as a fetched and opened record."""
    return Record(
        row=PersonRow(tuple(one.columns[name] for name in PERSON_COLUMNS), ()),
        core=dict(one.core),
        contact=dict(one.contact),
        residence=dict(one.residence),
        periods=[dict(period) for period in one.periods],
        evidence=[dict(proof) for proof in one.evidence],
        photo=b"PNG",
        cursor=f"cursor-{one.key}",
    )


def encode(kind: str, uuid: bytes) -> str:
    return f"{kind}-{uuid[0] - (100 if kind == 'Permit' else 0)}"


def planned(
    view: View, document: Document, values: Mapping[str, Any]
) -> tuple[bytes, set[tuple[tuple[str | int, ...], str]]]:
    """What plan and rendering make of a document, with these loaded values."""
    prepared = Documents().prepare(document.query, None, view)
    variables = prepared.variables.coerce(document.variables)
    true = frozenset(name for name in prepared.conditions if variables.get(name) is True)
    operation: Operation = make_operation(prepared.tree(true), view)
    call = Call(Moment(oracle.DAY, encode), coerce_arguments(operation.arguments, variables))
    data = {
        root.key: root.show(values.get(root.name), call, (None, root.key))
        for root in operation.roots
    }
    errors = {
        (tuple(path), "INTERNAL" if fault is None else fault.name) for fault, path in call.errors
    }
    return orjson.dumps(data), errors


def executed(
    schema: GraphQLSchema, document: Document
) -> tuple[bytes, set[tuple[tuple[str | int, ...], str]]]:
    """What graphql-core makes of it."""
    result = oracle.execute(schema, document.query, document.variables)
    errors = {
        (tuple(error.path or ()), str((error.extensions or {}).get("code", "INTERNAL")))
        for error in result.errors or ()
    }
    return orjson.dumps(result.data), errors


PEOPLE = [plain(number) for number in range(5)]


def both_sides(roots: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Loaded values for the plan, and the same for the oracle."""
    return (
        {name: value[0] for name, value in roots.items()},
        {name: value[1] for name, value in roots.items()},
    )


def compare(
    view: View, schema: GraphQLSchema, document: Document, loaded: Mapping[str, Any]
) -> None:
    assert not validate(schema, parse(document.query)), document.query
    try:
        ours = planned(view, document, loaded)
    except RefusedDocumentError as error:
        # Over a limit on size: such a document is not answered, and says so.
        if {trouble.code for trouble in error.troubles} != {Code.TOO_COMPLEX}:
            raise
        assume(False)
        raise
    theirs = executed(schema, document)
    assert ours[0] == theirs[0], document.query
    assert ours[1] == theirs[1], document.query


def one_person(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    person = PEOPLE[number]
    has_permit = person.columns["permit"] is not None
    ours = record(person)
    return both_sides(
        {
            "person": (ours, person),
            "permit": (ours if has_permit else None, person if has_permit else None),
            "node": (
                ("Permit", ours) if has_permit else ("Person", ours),
                ("Permit", person) if has_permit else ("Person", person),
            ),
        }
    )


@cache
def desk(role: str, number: int) -> tuple[View, GraphQLSchema, dict[str, Any]]:
    loaded, roots = one_person(number)
    return new_view(role), oracle.executable(new_view(role).schema, roots), loaded


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("role", list(PURPOSES))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_plan_answers_as_graphql_core_would(role: str, number: int, data: st.DataObject) -> None:
    view, schema, loaded = desk(role, number)
    document = data.draw(documents(view.schema, ["person", "permit", "node"]))
    compare(view, schema, document, loaded)


class Everything:
    """A table that grants every path in plain: for documents over the whole schema."""

    revision = "everything"
    purpose = "test"
    digest = "everything"

    def __init__(self) -> None:
        self._table = policies().table(
            frozenset({"receiving-office"}), "annual-endorsement", oracle.DAY
        )

    def decide(self, _path: Path, _action: Action) -> Any:
        granted = self._table.decide(Path("Person.name"), Action.READ)
        assert granted.rendering is Rendering.PLAIN
        return granted

    def scopes(self, type_: str) -> Any:
        return self._table.scopes(type_)

    def disclosure(self, _fields: Any) -> Any:
        return self._table.disclosure(())


@cache
def everything() -> tuple[View, GraphQLSchema, dict[str, Any]]:
    """The list over the whole schema, whose connections have non-null fields and lists."""
    records = [record(person) for person in PEOPLE]
    loaded, roots = both_sides(
        {
            "persons": (
                PersonPage(records, has_next=True, has_previous=False, total=9),
                {"rows": PEOPLE, "next": True, "previous": False, "total": 9},
            ),
        }
    )
    table: Any = Everything()
    return (
        build_view(full(), table),
        oracle.executable(build_view(full(), table).schema, roots),
        loaded,
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_page_answers_as_graphql_core_would(data: st.DataObject) -> None:
    view, schema, loaded = everything()
    document = data.draw(documents(view.schema, ["persons"]))
    compare(view, schema, document, loaded)


def test_a_cursor_that_is_missing_nulls_the_nearest_nullable_ancestor() -> None:
    view, schema, _ = everything()
    records = [record(person) for person in PEOPLE[:2]]
    records[1].cursor = None  # type: ignore[assignment]  # the fault under test
    loaded = {"persons": PersonPage(records, has_next=False, has_previous=False, total=2)}
    document = Document("{ persons { totalCount edges { cursor node { name } } } }")
    data, errors = planned(view, document, loaded)
    # `edges: [PersonEdge!]`: the edge is null, so the list is, and no further.
    assert orjson.loads(data) == {"persons": {"totalCount": 2, "edges": None}}
    assert errors == {(("persons", "edges", 1, "cursor"), "INTERNAL")}
    assert schema.query_type is not None
