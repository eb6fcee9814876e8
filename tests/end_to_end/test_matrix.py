"""What each department sees of one known person over HTTP, and that everything else is refused.

The expected side is tests/end_to_end/matrix.py, written by hand; which paths there are comes from
the schema's own catalogue. Each column is asked for all that it may see at once and for all that it
may not see at once, on both databases; the columns of `ALONE` for each cell alone as well.
tests/schema/test_refused_cells.py asks every cell of every column alone, without a database. Each
answer's record must name what was shown, and nothing else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests import builders
from tests.builders import CASE_NUMBER, COUNTY, elsewhere
from tests.end_to_end.documents import (
    CELLS,
    Cell,
    Question,
    fits_nobody,
    forbidden_at_once,
    question,
    search,
    shown,
    together,
)
from tests.end_to_end.house import DESKS as AT_DESKS
from tests.end_to_end.house import Answered, Entry, House, Seat, house_of
from tests.end_to_end.matrix import (
    APART,
    ASKED,
    COLUMNS,
    MASKED,
    NAME,
    NUMBER,
    OPAQUE,
    VALUES,
    Column,
    the_person,
    the_report,
)

ABOUT_NOBODY = {"privacy-audit", "population-statistics"}
ABOUT_PERSONS = [column for column in COLUMNS if column.seat.purpose not in ABOUT_NOBODY]
DESKS = [column for column in COLUMNS if ("Query.node", "call") in column.grants]
ACTING = [column for column in COLUMNS if column.seat.case == CASE_NUMBER]
DESK_LISTS = [column for column in COLUMNS if column.seat.purpose == "desk-list"]
LISTLESS = [column for column in COLUMNS if ("Query.persons", "call") not in column.grants]
ALONE = [
    column
    for column in COLUMNS
    if str(column)
    in {
        "education for school-place",
        "receiving-office for permit-application",
        "receiving-office for desk-list",
    }
]
"""A partner, a desk under a case and a desk's list: asked for each cell alone over HTTP too."""

OFFICIALS = (
    *AT_DESKS,
    Entry(department="hukou-police", division=COUNTY),
    Entry(department="public-security", division=COUNTY),
)
PEOPLE = {"one": the_person(), "other": elsewhere(builders.active(1))}


def matrix_house(home: Path, url: str) -> AbstractAsyncContextManager[House]:
    """A house with the person of the matrix, and an official for every desk."""
    return house_of(home, url, PEOPLE, officials=OFFICIALS, reports=[the_report()])


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
    async with matrix_house(tmp_path, database_url) as house:
        listed = {
            (column.seat.department, purpose["code"])
            for column in COLUMNS
            for purpose in (await house.ask(column.seat, "{purposes{code}}")).data["purposes"]
        }
    assert listed == {(column.seat.department, column.seat.purpose) for column in COLUMNS}


async def test_all_that_a_column_allows_is_shown_at_once_and_recorded_whole(
    tmp_path: Path, database_url: str
) -> None:
    async with matrix_house(tmp_path, database_url) as house:
        await file_request(house)
        for column in ABOUT_PERSONS:
            for asked in by_roots(column):
                whole = together(asked)
                answer = await house.ask(column.seat, whole.document, whole.variables)
                for each in asked:
                    path = each.uses[-1][0]
                    if path not in OPAQUE:
                        value = expected(path, column.grants[each.uses[-1]])
                        assert holds(shown(answer.data, each), value), (str(column), path)
                await recorded_as_shown(house, column, answer, whole.uses)


def by_roots(column: Column) -> Iterable[list[Question]]:
    """What a column may read, as questions gathered by the field that they begin with."""
    found: dict[str, list[Question]] = {}
    for path, action in column.grants:
        if action in {"read", "call"} and path not in APART and not path.startswith("Mutation."):
            asked = question(path, action, root_of(column))
            found.setdefault(asked.uses[0][0], []).append(asked)
    return found.values()


def holds(value: object, wanted: object) -> bool:
    """Whether a value is the one that is wanted; of an object or a list of some, its type."""
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        return all(value.get(name) == each for name, each in wanted.items())
    if isinstance(wanted, list) and isinstance(value, list) and len(value) == len(wanted):
        return all(holds(*pair) for pair in zip(value, wanted, strict=True))
    return value == wanted


@pytest.mark.parametrize("column", ALONE, ids=str)
async def test_each_allowed_field_shows_its_value_and_its_record_names_it_alone(
    tmp_path: Path, sqlite_url: str, column: Column
) -> None:
    async with matrix_house(tmp_path, sqlite_url) as house:
        await file_request(house)
        for (path, action), rendering in column.grants.items():
            if path.startswith("Mutation.") or path in APART or action not in {"read", "call"}:
                continue
            asked = question(path, action, root_of(column))
            answer = await house.ask(column.seat, asked.document, asked.variables)
            if path not in OPAQUE:
                assert shown(answer.data, asked) == expected(path, rendering), path
            await recorded_as_shown(house, column, answer, asked.uses)


@pytest.mark.parametrize("column", DESK_LISTS, ids=str)
async def test_each_allowed_search_finds_whom_it_should_and_is_recorded(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    async with matrix_house(tmp_path, database_url) as house:
        await file_request(house)
        await doubt(house)
        for path, action in column.grants:
            if action in {"read", "call"}:
                continue
            asked = question(path, action, root_of(column))
            answer = await house.ask(column.seat, asked.document, asked.variables)
            if fits_nobody(path, action):
                assert all(page == {"nodes": []} for page in answer.data.values()), path
                await recorded_as_searched(house, answer, asked.uses)
                continue
            if action == "count":
                assert answer.data == {path.partition(".")[2]: {"totalCount": 1}}
            else:
                assert answer.data == {"persons": {"nodes": [{"__typename": "Person"}]}}, path
            await recorded_as_shown(house, column, answer, asked.uses)


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


async def doubt(house: House) -> None:
    """Let the school point at its "yes" about the person of the matrix."""
    seat = Seat(department="education", purpose="school-place", case="demo-1")
    person = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"
    answer = await house.ask(seat, person, {"n": NUMBER, "m": NAME})
    given = {
        "idempotencyKey": "matrix",
        "answer": {name: answer.audit[name] for name in ("log", "index", "leaf")},
        "row": "CONFIRMED",
        "position": 1,
        "field": "Permit.active",
        "reason": ASKED,
    }
    document = "mutation($i:RequestCorrectionInput!){requestCorrection(input:$i){version}}"
    done = await house.ask(seat, document, {"i": given})
    assert done.data == {"requestCorrection": {"version": None}}


async def test_each_allowed_act_is_heard_and_told_what_its_form_lacks(
    tmp_path: Path, database_url: str
) -> None:
    async with matrix_house(tmp_path, database_url) as house:
        for column in ACTING:
            for path in (path for path, _ in column.grants if path.startswith("Mutation.")):
                asked = question(path, "call", root_of(column))
                answer = await house.ask(column.seat, asked.document, asked.variables)
                assert answer.status == 200, (str(column), answer.body)
                assert answer.whole["data"] == {path.partition(".")[2]: None}
                assert "input.idempotencyKey" in [
                    entry["extensions"].get("at") for entry in answer.errors
                ], answer.body


async def recorded_as_shown(
    house: House, column: Column, answer: Answered, uses: tuple[Cell, ...]
) -> None:
    """The record names the person and these uses alone, and commits to the answer's bytes."""
    if uses[0][0] == "Query.reports":
        await recorded_as_searched(house, answer, uses)
        return
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


async def test_an_id_fetches_its_object_again(tmp_path: Path, database_url: str) -> None:
    async with matrix_house(tmp_path, database_url) as house:
        for column in DESKS:
            for kind in ("Person", "Permit"):
                asked = question(f"{kind}.id", "read", root_of(column))
                answer = await house.ask(column.seat, asked.document, asked.variables)
                text = shown(answer.data, asked)
                again = await house.ask(
                    column.seat,
                    f"query($i:ID!){{node(id:$i){{__typename id ... on {kind}{{same:id}}}}}}",
                    {"i": text},
                )
                assert again.data == {"node": {"__typename": kind, "id": text, "same": text}}


async def test_all_that_a_column_forbids_is_refused_by_name_and_touches_no_data(
    tmp_path: Path, database_url: str
) -> None:
    async with matrix_house(tmp_path, database_url) as house, house.without_persons():
        for column in COLUMNS:
            forbidden = [cell for cell in CELLS if cell not in column.grants]
            answer = await house.ask(column.seat, forbidden_at_once(forbidden))
            assert answer.status == 403, (str(column), answer.body)
            assert "data" not in answer.whole
            entries = [entry["extensions"] for entry in answer.errors]
            named = Counter((entry["path"], entry["action"]) for entry in entries)
            assert named == Counter(forbidden), str(column)
            assert {entry["purpose"] for entry in entries} == {column.seat.purpose}
            assert {entry["reason"] for entry in entries} <= {"no_grant", "explicit_deny"}
            kept = await house.record(answer)
            assert (kept.says["outcome"], kept.subjects, kept.missed) == ("denied", [], 0)
            assert kept.says["purpose"]["code"] == column.seat.purpose
            await nothing_can_be_answered(house, column)


async def nothing_can_be_answered(house: House, column: Column) -> None:
    """The tables are away indeed: what is allowed fails."""
    allowed = next((cell for cell in column.grants if cell[1] == "call"), None)
    if column.seat.department == "auditor":
        allowed = ("Query.accessesOf", "call")
    if allowed is not None:
        asked = question(*allowed, root_of(column))
        answer = await house.ask(column.seat, asked.document, asked.variables)
        assert (answer.status, answer.codes[0]) == (500, "INTERNAL")


@pytest.mark.parametrize("column", ALONE, ids=str)
async def test_every_other_path_is_refused_alone_and_recorded_as_denied(
    tmp_path: Path, sqlite_url: str, column: Column
) -> None:
    async with matrix_house(tmp_path, sqlite_url) as house, house.without_persons():
        for path, action in (cell for cell in CELLS if cell not in column.grants):
            asked = question(path, action, root_of(column))
            answer = await house.ask(column.seat, asked.document, asked.variables)
            refused(answer, column, asked.uses)
            kept = await house.record(answer)
            assert (kept.says["outcome"], kept.subjects, kept.missed) == ("denied", [], 0)
            assert kept.says["purpose"]["code"] == column.seat.purpose


async def test_a_forbidden_filter_or_sort_is_refused_in_a_variable_too(
    tmp_path: Path, database_url: str
) -> None:
    given = {
        "filter": ("query($v:PersonFilter){persons(filter:$v){__typename}}", {"idNumber": "x"}),
        "sort": (
            "query($v:[PersonOrder!]){persons(orderBy:$v){__typename}}",
            [{"field": "VALID_TO"}],
        ),
    }
    async with matrix_house(tmp_path, database_url) as house, house.without_persons():
        for column in LISTLESS:
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
    async with matrix_house(tmp_path, database_url) as house:
        for given in others:
            answer = await house.ask(
                column.seat, f"{{persons(filter:{given}){{totalCount nodes{{id}}}}}}"
            )
            assert answer.data == {"persons": {"totalCount": 0, "nodes": []}}, given
        asked = search("Person.idNumber", "filter")
        answer = await house.ask(column.seat, asked.document, asked.variables)
        assert len(answer.data["persons"]["nodes"]) == 1
