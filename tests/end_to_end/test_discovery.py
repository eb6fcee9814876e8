"""What may I see, why, until when: asked of the service, compared with what the rules say.

Introspection over HTTP, `juzhu policy sdl` and `viewer.fields` speak of one and the same view.
"""

from pathlib import Path

from graphql import build_client_schema, get_introspection_query, print_schema

from policies.asking import Seat, granted, table_of
from schema.trial import WholeSchema
from tests.builders import COUNTY, TODAY
from tests.end_to_end import house as houses
from tests.end_to_end.house import DESKS, Entry, House, house_of
from tests.end_to_end.matrix import COLUMNS, Column
from tests.policies.city import POLICIES

EVERYTHING = "{viewer{fields{path action rendering scope because until rule}}}"
WHOLE = WholeSchema()
NOBODY = houses.Seat(department="education")
OFFICIALS = (
    *DESKS,
    Entry(department="hukou-police", division=COUNTY),
    Entry(department="public-security", division=COUNTY),
)


async def introspected(house: House, seat: houses.Seat) -> str:
    answer = await house.ask(seat, get_introspection_query())
    assert answer.status == 200, answer.body
    return print_schema(build_client_schema(answer.data)) + "\n"  # type: ignore[arg-type]  # JSON


def seat_of(column: Column) -> Seat:
    seat = column.seat
    assert seat.purpose is not None
    # Each of these departments has one role, and it has the department's name.
    return Seat(department=seat.department, role=seat.department, purpose=seat.purpose)


async def test_introspection_is_the_printed_view_of_every_department_and_purpose(
    tmp_path: Path, sqlite_url: str
) -> None:
    # The view is made of rules alone, whatever the database.
    async with house_of(tmp_path, sqlite_url, {}, officials=OFFICIALS) as house:
        for column in COLUMNS:
            table = table_of(POLICIES, seat_of(column), TODAY)
            assert await introspected(house, column.seat) == WHOLE.sdl(table), column.seat
        table = POLICIES.table({"education"}, None, TODAY)
        assert await introspected(house, NOBODY) == WHOLE.sdl(table)


async def test_viewer_fields_is_the_table_of_every_department_and_purpose(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with house_of(tmp_path, sqlite_url, {}, officials=OFFICIALS) as house:
        for column in COLUMNS:
            seat = seat_of(column)
            answer = await house.ask(column.seat, EVERYTHING)
            told = answer.data["viewer"]["fields"]
            assert told == [
                {
                    "path": held.path,
                    "action": held.action.value,
                    "rendering": str(held.decision.rendering),
                    "scope": None if held.scopes is None else sorted(held.scopes),
                    "because": list(held.decision.because),
                    "until": held.decision.until and held.decision.until.isoformat(),
                    "rule": list(held.decision.rules),
                }
                for held in granted(table_of(POLICIES, seat, TODAY), seat)
            ], column.seat
            cells = {(each["path"], each["action"]) for each in told}
            assert cells == set(column.grants), column.seat


async def test_one_path_or_action_can_be_asked_about(tmp_path: Path, database_url: str) -> None:
    seat = houses.Seat(department="education", purpose="school-place")
    document = """query($path: String, $action: String) {
      viewer { fields(path: $path, action: $action) { path action rendering scope } }
    }"""
    async with house_of(tmp_path, database_url, {}) as house:

        async def told(**given: str) -> list[object]:
            answer = await house.ask(seat, document, given)
            fields: list[object] = answer.data["viewer"]["fields"]
            return fields

        active = {
            "path": "Permit.active",
            "action": "read",
            "rendering": "yes-no",
            "scope": ["active-holders", "presented"],
        }
        assert await told(path="Permit.active", action="read") == [active]
        assert await told(path="Permit.active") == [active]
        assert await told(path="Permit.active", action="filter") == []
        # What is refused and what does not exist are one and the same: not granted.
        assert await told(path="Permit.validTo") == await told(path="Permit.nothing") == []


async def test_the_purposes_of_the_viewer_are_its_own_and_without_one_nothing_is_granted(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {}) as house:
        answer = await house.ask(NOBODY, "{viewer{purposes{code caseRequired} fields{path}}}")
    assert answer.data["viewer"] == {
        "purposes": [{"code": "school-place", "caseRequired": True}],
        "fields": [],
    }
