"""What each department sees of one known person over HTTP, and that everything else is refused.

The expected side is tests/end_to_end/matrix.py, written by hand; which paths there are comes from
the schema's own catalogue. Each answer's record must name what was shown, and nothing else.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests import builders
from tests.builders import CASE_NUMBER, elsewhere
from tests.end_to_end.documents import CELLS, Cell, fits_nobody, question, search, shown
from tests.end_to_end.house import Answered, House, Seat, house_of
from tests.end_to_end.matrix import (
    APART,
    ASKED,
    COLUMNS,
    MASKED,
    NAME,
    NUMBER,
    OPAQUE,
    PARTNERS,
    VALUES,
    Column,
    the_person,
    the_report,
)

ABOUT_NOBODY = {"privacy-audit", "population-statistics"}
ABOUT_PERSONS = [column for column in COLUMNS if column.seat.purpose not in ABOUT_NOBODY]
DESKS = [column for column in COLUMNS if ("Query.node", "call") in column.grants]
DESK_LISTS = [column for column in COLUMNS if column.seat.purpose == "desk-list"]
REPEATED = {"permit-application", "card-replacement", "address-change"}
"""Purposes whose column is that of residence-registration again: proved in CI, not in a hurry."""
AGAIN = {"development-reform", "finance", "community-police"}
"""Departments whose column of statistics is that of another again."""
PEOPLE = {"one": the_person(), "other": elsewhere(builders.active(1))}


def each(columns: Sequence[Column]) -> list[ParameterSet]:
    return [
        pytest.param(column, marks=pytest.mark.long if repeated(column) else ())
        for column in columns
    ]


def repeated(column: Column) -> bool:
    counting = column.seat.purpose == "population-statistics"
    return column.seat.purpose in REPEATED or (counting and column.seat.department in AGAIN)


def root_of(column: Column) -> str:
    """How this department comes by a person."""
    listed = ("Query.persons", "call") in column.grants
    return "Query.persons" if listed else "Query.person"


def expected(path: str, rendering: str) -> object:
    return VALUES[path] if rendering == "plain" else MASKED[path, rendering]


def refused(answer: Answered, column: Column, uses: tuple[Cell, ...]) -> None:
    """The answer is the clear refusal of the first use that has no grant, and holds no data."""
    missing = [use for use in uses if use not in column.grants]
    path, action = missing[0]
    argument = action in {"filter", "sort", "count"}
    entry = answer.errors[0]["extensions"]
    assert answer.status == 403, (answer.body, uses)
    assert entry["code"] == ("ARGUMENT_FORBIDDEN" if argument else "FIELD_FORBIDDEN")
    assert (entry["path"], entry["action"]) == (path, action)
    assert entry["purpose"] == column.seat.purpose
    assert entry["reason"] in {"no_grant", "explicit_deny"}
    assert entry["policyRevision"]
    assert "data" not in answer.whole


async def test_the_columns_are_every_department_and_purpose(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {}) as house:
        listed = {
            (column.seat.department, purpose["code"])
            for column in COLUMNS
            for purpose in (await house.ask(column.seat, "{purposes{code}}")).data["purposes"]
        }
    assert listed == {(column.seat.department, column.seat.purpose) for column in COLUMNS}


@pytest.mark.parametrize("column", each(ABOUT_PERSONS), ids=str)
async def test_each_allowed_field_shows_its_value_and_its_record_names_it_alone(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    async with house_of(tmp_path, database_url, PEOPLE, reports=[the_report()]) as house:
        for (path, action), rendering in column.grants.items():
            if path.startswith("Mutation.") or path in APART:
                continue
            if path == "Query.subjectRequests" and action == "call":
                await file_request(house)
            asked = question(path, action, root_of(column))
            answer = await house.ask(column.seat, asked.document, asked.variables)
            if action in {"read", "call"}:
                value = shown(answer.data, asked)
                if path not in OPAQUE:
                    assert value == expected(path, rendering), path
            elif action == "count":
                assert answer.data == {path.partition(".")[2]: {"totalCount": 1}}
            elif fits_nobody(path, action):
                assert all(page == {"nodes": []} for page in answer.data.values()), path
                await recorded_as_searched(house, answer, asked.uses)
                continue
            else:
                assert answer.data == {"persons": {"nodes": [{"__typename": "Person"}]}}, path
            if asked.uses[0][0] == "Query.reports":
                await recorded_as_searched(house, answer, asked.uses)
            else:
                await recorded_alone(house, column, answer, asked.uses)


async def file_request(house: House) -> None:
    """Let the person of the matrix ask to see who looked, through a guardian."""
    given = {
        "idempotencyKey": "matrix",
        "person": {"idNumber": NUMBER, "name": NAME},
        "by": "GUARDIAN",
        "kind": "VIEW",
        "words": ASKED,
    }
    document = "mutation($i:FileSubjectRequestInput!){fileSubjectRequest(input:$i){version}}"
    seat = Seat(department="receiving-office", purpose="subject-rights", case=CASE_NUMBER)
    answer = await house.ask(seat, document, {"i": given})
    assert answer.data == {"fileSubjectRequest": {"version": 1}}


@pytest.mark.parametrize("column", each(DESKS), ids=str)
async def test_each_allowed_act_is_heard_and_told_what_its_form_lacks(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    acts = [path for path, _ in column.grants if path.startswith("Mutation.")]
    async with house_of(tmp_path, database_url, PEOPLE) as house:
        for path in acts:
            asked = question(path, "call", root_of(column))
            answer = await house.ask(column.seat, asked.document, asked.variables)
            assert answer.status == 200, answer.body
            assert answer.whole["data"] == {path.partition(".")[2]: None}
            assert "input.idempotencyKey" in [
                entry["extensions"].get("at") for entry in answer.errors
            ], answer.body


async def recorded_alone(
    house: House, column: Column, answer: Answered, uses: tuple[Cell, ...]
) -> None:
    kept = await house.record(answer)
    assert house.commits_to(kept, answer.data_bytes)
    assert not house.commits_to(kept, answer.data_bytes + b" ")
    if uses == (("Query.node", "call"),):
        assert (kept.says["outcome"], kept.subjects, kept.missed) == ("missed", [], 1)
        return
    named = [(path, action, column.grants[path, action]) for path, action in uses]
    (subject,) = kept.subjects
    assert kept.says["outcome"] == "released"
    assert subject[0] == house.persons["one"]
    assert Counter(subject[1]) == Counter(named)


async def recorded_as_searched(house: House, answer: Answered, uses: tuple[Cell, ...]) -> None:
    """A list that holds nobody is recorded with what it was searched by."""
    kept = await house.record(answer)
    assert (kept.says["outcome"], kept.subjects, kept.missed) == ("released", [], 0)
    assert set(str(kept.says["decision"]).split()) == {f"{path}:{used}" for path, used in uses}


@pytest.mark.parametrize("column", each(DESKS), ids=str)
async def test_an_id_fetches_its_object_again(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    async with house_of(tmp_path, database_url, PEOPLE) as house:
        for kind in ("Person", "Permit"):
            asked = question(f"{kind}.id", "read", root_of(column))
            answer = await house.ask(column.seat, asked.document, asked.variables)
            again = await house.ask(
                column.seat,
                f"query($i:ID!){{node(id:$i){{__typename id ... on {kind}{{same:id}}}}}}",
                {"i": shown(answer.data, asked)},
            )
            text = shown(answer.data, asked)
            assert again.data == {"node": {"__typename": kind, "id": text, "same": text}}


@pytest.mark.parametrize("column", each(COLUMNS), ids=str)
async def test_every_other_path_is_refused_recorded_as_denied_and_touches_no_data(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    async with house_of(tmp_path, database_url, PEOPLE) as house, house.without_persons():
        forbidden = [cell for cell in CELLS if cell not in column.grants]
        assert forbidden
        for path, action in forbidden:
            asked = question(path, action, root_of(column))
            answer = await house.ask(column.seat, asked.document, asked.variables)
            refused(answer, column, asked.uses)
            kept = await house.record(answer)
            assert (kept.says["outcome"], kept.subjects, kept.missed) == ("denied", [], 0)
            assert kept.says["purpose"]["code"] == column.seat.purpose
        # The tables are away indeed: what is allowed can't be answered.
        allowed = next(cell for cell in column.grants if cell[1] == "call")
        if column.seat.department == "auditor":
            allowed = ("Query.accessesOf", "call")
        asked = question(*allowed, root_of(column))
        answer = await house.ask(column.seat, asked.document, asked.variables)
        assert (answer.status, answer.codes[0]) == (500, "INTERNAL")


@pytest.mark.parametrize("column", each(COLUMNS), ids=str)
async def test_each_forbidden_field_is_named_itself_where_its_type_is_named(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    async with house_of(tmp_path, database_url, {}) as house:
        for path, action in CELLS:
            if action != "read" or (path, action) in column.grants:
                continue
            owner, _, name = path.partition(".")
            # Out of place: a spread that can't be is refused before it is called impossible.
            answer = await house.ask(column.seat, f"{{ ... on {owner} {{ x: {name} }} }}")
            refused(answer, column, ((path, action),))


@pytest.mark.parametrize("column", PARTNERS, ids=str)
async def test_a_forbidden_filter_or_sort_is_refused_in_a_variable_too(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    given = {
        "filter": ("query($v:PersonFilter){persons(filter:$v){__typename}}", {"idNumber": "x"}),
        "sort": (
            "query($v:[PersonOrder!]){persons(orderBy:$v){__typename}}",
            [{"field": "VALID_TO"}],
        ),
    }
    async with house_of(tmp_path, database_url, {}) as house, house.without_persons():
        for action, (document, value) in given.items():
            answer = await house.ask(column.seat, document, {"v": value})
            assert (answer.status, answer.codes[0]) == (403, "ARGUMENT_FORBIDDEN")
            entries = [entry["extensions"] for entry in answer.errors]
            named = {(entry["path"], entry["action"]) for entry in entries}
            assert {
                (path, used)
                for path, used in CELLS
                if used == action and not fits_nobody(path, used)
            } <= named
            assert (await house.record(answer)).says["outcome"] == "denied"


@pytest.mark.parametrize("column", DESK_LISTS, ids=str)
async def test_a_filter_that_fits_nobody_finds_nobody(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    others = [
        '{county:"150404"}', '{township:"150402002"}', "{status:[SUSPENDED,CANCELLED,PENDING]}",
        '{validTo:{to:"2027-08-11"}}', '{registeredOn:{from:"2024-11-21"}}',
        f'{{idNumber:"{builders.id_number(1)}"}}',
    ]  # fmt: skip
    async with house_of(tmp_path, database_url, PEOPLE) as house:
        for given in others:
            answer = await house.ask(
                column.seat, f"{{persons(filter:{given}){{totalCount nodes{{id}}}}}}"
            )
            assert answer.data == {"persons": {"totalCount": 0, "nodes": []}}, given
        asked = search("Person.idNumber", "filter")
        answer = await house.ask(column.seat, asked.document, asked.variables)
        assert len(answer.data["persons"]["nodes"]) == 1
