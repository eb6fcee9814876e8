"""Statistics over HTTP: tables and nobody in them, each desk its own, every reading recorded."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from db.facts import NewPerson
from regulation import divisions
from tests import builders
from tests.builders import COUNTY, TOWNSHIP
from tests.end_to_end.house import DESKS, Answered, Entry, Seat, house_of

OVERSIGHT = Seat(department="statistics", purpose="population-statistics")
DESK = Seat(department="receiving-office", purpose="population-statistics")
QUERY = """{statistics{
  day
  registered{division{code} persons}
  permits{division{code} holding persons}
  applications{division{code} month outcome applications}
  coordinators{division{code} required}
}}"""


def city() -> Mapping[str, NewPerson]:
    """Twelve in each county but one; there four with a permit beside them, and eight elsewhere."""
    people: dict[str, NewPerson] = {}

    def live(count: int, township: str, *, holds: bool = False) -> None:
        for _ in range(count):
            number = len(people)
            new = builders.active(number) if holds else builders.person(number)
            place = replace(new.registration, county=township[:6], township=township)
            people[str(number)] = replace(new, registration=place)

    for county in divisions.COUNTIES:
        live(12, divisions.townships(county.code)[0].code)
    live(4, TOWNSHIP, holds=True)
    live(8, divisions.townships(COUNTY)[1].code)
    return people


def counted(answer: Answered, table: str, *keys: str) -> dict[object, object]:
    """A table's counts by the named keys; a division by its code."""
    lines = answer.data["statistics"][table]

    def key(line: dict[str, object], name: str) -> object:
        held = line[name]
        return held["code"] if isinstance(held, dict) else held

    count = {"coordinators": "required", "applications": "applications"}.get(table, "persons")
    return {
        tuple(key(line, name) for name in keys) if len(keys) > 1 else key(line, keys[0]): line[
            count
        ]
        for line in lines
    }


async def test_small_counts_and_what_would_give_them_away_are_null(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, city()) as house:
        answer = await house.ask(OVERSIGHT, QUERY)
    registered = counted(answer, "registered", "division")
    other = divisions.townships(COUNTY)[1].code
    assert (registered[None], registered[COUNTY]) == (160, 20)
    # Eight in the second township: the first, with sixteen, would tell them.
    assert (registered[TOWNSHIP], registered[other]) == (None, None)
    assert registered["150430"] == 10
    permits = counted(answer, "permits", "division", "holding")
    assert {permits[COUNTY, holding] for holding in ("ACTIVE", "NONE")} == {None}
    assert set(counted(answer, "applications", "division", "month", "outcome").values()) == {None}
    assert set(counted(answer, "coordinators", "division").values()) == {1}


@pytest.mark.parametrize("division", [COUNTY, TOWNSHIP])
async def test_a_desk_gets_the_same_counts_for_its_own_division_and_no_other(
    tmp_path: Path, database_url: str, division: str
) -> None:
    officials = [Entry(department="receiving-office", division=division), *DESKS[1:]]
    async with house_of(tmp_path, database_url, city(), officials=officials) as house:
        whole = counted(await house.ask(OVERSIGHT, QUERY), "registered", "division")
        own = counted(await house.ask(DESK, QUERY), "registered", "division")
    assert own == {
        code: count
        for code, count in whole.items()
        if isinstance(code, str) and divisions.within(code, division)
    }


async def test_a_reading_of_tables_is_recorded_with_its_tables_and_without_subjects(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {}) as house:
        answer = await house.ask(OVERSIGHT, "{statistics{coordinators{required}}}")
        kept = await house.record(answer)
        assert house.commits_to(kept, answer.data_bytes)
    assert (kept.says["outcome"], kept.subjects, kept.missed) == ("released", [], 0)
    assert set(str(kept.says["decision"]).split()) == {
        "Query.statistics:call",
        "Statistics.coordinators:read",
        "CoordinatorCount.required:read",
    }


async def test_the_tables_of_a_day_are_the_same_all_day(tmp_path: Path, database_url: str) -> None:
    async with house_of(tmp_path, database_url, city()) as house:
        first = await house.ask(OVERSIGHT, QUERY)
        gone = "DELETE FROM person_now WHERE county = '150430'"
        await house.run(gone)
        again = await house.ask(OVERSIGHT, QUERY)
        house.clock.seconds += 24 * 3600
        later = await house.ask(OVERSIGHT, QUERY)
    assert first.data == again.data
    assert counted(later, "registered", "division")["150430"] is None


async def test_a_school_gets_no_table(tmp_path: Path, database_url: str) -> None:
    school = Seat(department="education", purpose="school-place", case="demo-1")
    async with house_of(tmp_path, database_url, {}) as house:
        answer = await house.ask(school, "{statistics{day}}")
        assert (answer.status, answer.codes[0]) == (403, "FIELD_FORBIDDEN")
        named = await house.ask(replace(OVERSIGHT, department="education"), "{statistics{day}}")
        assert (named.status, named.codes) == (403, ["PURPOSE_NOT_ALLOWED"])
