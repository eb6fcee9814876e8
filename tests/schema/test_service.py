"""Requests that could end in a fault of ours end in a clear refusal of the caller's."""

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
import pytest_asyncio

from tests.server.real_house import RealHouse, real_house

SCHOOL = {"juzhu-purpose": "school-place", "juzhu-case": "C-1"}
DESK = {"juzhu-purpose": "desk-list"}
SENTINEL = "哨兵150402199001019964"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealHouse]:
    """One service for all these requests; none of them reads a row."""
    folder: Path = tmp_path_factory.mktemp("house")
    async with real_house(folder) as found:
        yield found


pytestmark = pytest.mark.asyncio(loop_scope="module")


def deep(levels: int, inside: object) -> object:
    for _ in range(levels):
        inside = [inside]
    return inside


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"f": deep(200, {"county": SENTINEL})}, "$f"),
        ({"f": {"county": deep(200, SENTINEL)}}, "$f.county"),
        ({"f": {"county": {"a": SENTINEL}}}, "$f.county"),
        ({"f": {SENTINEL: 1}}, "$f"),
        ({"f": SENTINEL}, "$f"),
        ({"f": {"status": ["ACTIVE", SENTINEL]}}, "$f.status[1]"),
        ({"f": {"validTo": {"from": SENTINEL}}}, "$f.validTo.from"),
        ({"f": {"validTo": {"to": 20261122}}}, "$f.validTo.to"),
    ],
)
async def test_a_variable_that_does_not_fit_is_named_by_its_place_alone(
    house: RealHouse, variables: dict[str, object], place: str
) -> None:
    answer = await house.ask(
        "query($f: PersonFilter) { persons(filter: $f) { totalCount } }",
        variables=variables,
        department="community-police",
        headers=DESK,
    )
    assert answer.status_code == 400, answer.text
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "VARIABLES_INVALID"
    assert f" {place} " in error["message"]
    assert SENTINEL not in answer.text
    assert SENTINEL not in b"".join(house.lines).decode()


async def test_a_condition_that_is_null_is_refused(house: RealHouse) -> None:
    answer = await house.ask(
        "query($yes: Boolean = true) { viewer @include(if: $yes) { client } }",
        variables={"yes": None},
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "VARIABLES_INVALID"


@pytest.mark.parametrize("opening", ["viewer", "..."])
async def test_fragments_that_pile_up_are_too_complex_and_no_fault(
    house: RealHouse, opening: str
) -> None:
    nest = [f"{opening} {{ " * 90 + f"...F{number + 1}" + " }" * 90 for number in range(10)]
    texts = [f"fragment F{number} on Query {{ {text} }}" for number, text in enumerate(nest)]
    for order in (texts, texts[::-1]):
        document = " ".join(["{ ...F0 }", *order, "fragment F10 on Query { viewer { client } }"])
        answer = await house.ask(document)
        assert answer.status_code == 400, answer.text
        assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_COMPLEX"


async def test_a_refusal_names_path_action_purpose_and_rules_once(house: RealHouse) -> None:
    answer = await house.ask(
        'query { a: person(idNumber: "x", name: "x") { phone b: phone } '
        "persons(orderBy: { field: VALID_TO }) { totalCount } }",
        headers=SCHOOL,
    )
    assert answer.status_code == 403
    body = answer.json()
    assert "data" not in body
    told = [
        (error["extensions"]["code"], error["extensions"]["path"], error["extensions"]["action"])
        for error in body["errors"]
    ]
    assert told == [
        ("FIELD_FORBIDDEN", "Person.phone", "read"),
        ("FIELD_FORBIDDEN", "Query.persons", "call"),
    ]
    for error in body["errors"]:
        assert error["extensions"]["purpose"] == "school-place"
        assert error["extensions"]["reason"] == "no_grant"
        assert error["extensions"]["policyRevision"]
        assert error["locations"]
    assert body["extensions"]["audit"]["index"] >= 0


async def test_introspection_answers_for_the_callers_view_alone(house: RealHouse) -> None:
    document = '{ a: __type(name: "Permit") { fields { name } } b: __type(name: "AccessRecord") '
    document += "{ name } __schema { queryType { name } } __typename }"
    answer = await house.ask(document, headers=SCHOOL)
    data = answer.json()["data"]
    assert {field["name"] for field in data["a"]["fields"]} == {
        "active",
        "entitled",
        "entitlements",
    }
    assert orjson.dumps({name: data[name] for name in list(data)[1:]}) == (
        b'{"b":null,"__schema":{"queryType":{"name":"Query"}},"__typename":"Query"}'
    )
