"""Reports of third parties (articles 6 to 9) over HTTP: a row each, followed up once."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.models import Event, Person, PersonNow, Report, table_of
from tests.builders import COUNTY, TODAY
from tests.end_to_end.acts import CLERK, COLLEAGUE, ELSEWHERE, OFFICIALS, act, seat
from tests.end_to_end.house import Answered, House, Json, house_of

WHOLE = ["name", "id_type", "id_number"]
ON_THE_LAST_DAY = (TODAY - timedelta(days=9)).isoformat()
"""2026-11-11, a Wednesday: seven working days later it is the builders' day."""
A_DAY_LATE = (TODAY - timedelta(days=10)).isoformat()


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, {}, officials=OFFICIALS) as opened:
        yield opened


def hire(**more: Json) -> dict[str, Json]:
    return {"reporter": "EMPLOYER", "eventOn": ON_THE_LAST_DAY, "reported": WHOLE, **more}


async def stored(house: House, *columns: str) -> list[tuple[object, ...]]:
    table = table_of(Report)
    wanted = select(*(table.c[name] for name in columns)).order_by(table.c.recorded_at)
    return await house.beside.read(lambda session: [tuple(row) for row in session.execute(wanted)])


async def taken(house: House, **more: Json) -> Answered:
    return await act(house, "reportByThirdParty", hire(**more))


async def close(house: House, report: str, **more: Json) -> Answered:
    official = more.pop("official", CLERK)
    key = more.pop("key", None)
    by = seat("closeReport", official=official)
    given = {"report": report, "finding": "REGISTERED", **more}
    return await act(house, "closeReport", given, by=by, key=key)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (hire(), ("on_time", TODAY.isoformat())),
        (hire(eventOn=A_DAY_LATE), ("late", (TODAY - timedelta(days=1)).isoformat())),
        (hire(reporter="LANDLORD", eventOn="2025-01-01"), ("no_limit", None)),
    ],
    ids=["on the last day", "a day late", "a landlord, who has no limit"],
)
async def test_a_report_is_a_row_with_its_days_and_codes(
    house: House, given: dict[str, Json], kept: tuple[str, str | None]
) -> None:
    answer = await act(house, "reportByThirdParty", given)
    result = answer.data["reportByThirdParty"]
    assert result["decision"]["outcome"] == "recorded"
    assert (result["person"], result["version"]) == (None, 1)
    assert len(result["report"]) == 44
    rows = await stored(
        house, "timeliness", "due_on", "county", "township", "contents", "official", "state"
    )
    assert rows == [(*kept, COUNTY, "", "id_number id_type name", CLERK, "open")]
    assert (await house.record(answer)).says["decision"] == "Mutation.reportByThirdParty recorded"


async def test_a_report_registers_nobody_and_starts_no_clock(house: House) -> None:
    await taken(house)
    for model in (Person, PersonNow, Event):
        count = select(func.count()).select_from(table_of(model))
        assert await house.beside.read(lambda session, count=count: session.scalar(count)) == 0  # type: ignore[misc]  # bound for this turn


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (hire(reported=["name"]), "incomplete"),
        (hire(reported=[*WHOLE, "religion"]), "rejected_input"),
        (hire(eventOn=(TODAY + timedelta(days=1)).isoformat()), "rejected_input"),
    ],
    ids=["lacking", "telling too much", "of tomorrow"],
)
async def test_what_is_no_whole_report_is_recorded_and_leaves_no_row(
    house: House, given: dict[str, Json], outcome: str
) -> None:
    answer = await act(house, "reportByThirdParty", given)
    result = answer.data["reportByThirdParty"]
    assert (result["decision"]["outcome"], result["report"]) == (outcome, None)
    assert await stored(house, "id") == []
    assert (await house.record(answer)).says["action"] == "act"


async def test_a_repeated_form_is_one_report(house: House) -> None:
    first = await act(house, "reportByThirdParty", hire(), key="again")
    second = await act(house, "reportByThirdParty", hire(), key="again")
    assert first.data == second.data
    assert len(await stored(house, "id")) == 1


async def test_a_follow_up_ends_once(house: House) -> None:
    report = (await taken(house)).data["reportByThirdParty"]["report"]
    ended = await close(house, report, official=COLLEAGUE, key="end")
    result = ended.data["closeReport"]
    assert (result["decision"]["outcome"], result["version"]) == ("recorded", 2)
    assert result["report"] == report
    columns = ("state", "closed_on", "finding", "closer", "official")
    row = ("followed_up", TODAY.isoformat(), "registered", COLLEAGUE, CLERK)
    assert await stored(house, *columns) == [row]
    assert (await close(house, report, official=COLLEAGUE, key="end")).data == ended.data
    again = (await close(house, report, finding="REPEATED")).data["closeReport"]
    assert again["decision"]["outcome"] == "none"
    assert [each["code"] for each in again["decision"]["reasons"]] == ["REPORT_FOLLOWED_UP"]
    assert await stored(house, *columns) == [row]


async def test_a_follow_up_of_another_version_is_a_conflict(house: House) -> None:
    report = (await taken(house)).data["reportByThirdParty"]["report"]
    slow = await close(house, report, expectedVersion=2)
    assert slow.codes == ["CONFLICT"]
    assert slow.errors[0]["extensions"]["version"] == 1
    assert (await close(house, report, expectedVersion=1)).data["closeReport"]["version"] == 2


async def test_no_report_of_another_division_is_reached_nor_told_from_none(house: House) -> None:
    answer = await taken(house)
    report = answer.data["reportByThirdParty"]["report"]
    person = house.ring.global_ids.encode("receiving-office", 1, bytes(16))
    nothing = house.ring.global_ids.encode("receiving-office", 4, bytes(16))
    foreign = house.ring.global_ids.encode("education", 4, bytes(16))
    entries = []
    for official, given in (
        (ELSEWHERE, report), (CLERK, person), (CLERK, nothing), (CLERK, foreign), (CLERK, "x"),
    ):  # fmt: skip
        refused = await close(house, given, official=official)
        assert refused.whole["data"] == {"closeReport": None}
        (entry,) = refused.errors
        entries.append((entry["message"], entry["extensions"]["code"], entry["extensions"]["at"]))
        assert (await house.record(refused)).says["outcome"] == "denied"
    assert set(entries) == {(entries[0][0], "REPORT_NOT_REACHED", "input.report")}
    assert await stored(house, "state") == [("open",)]


async def test_a_row_that_somebody_altered_is_not_followed_up(house: House) -> None:
    report = (await taken(house)).data["reportByThirdParty"]["report"]
    await house.run("UPDATE report SET timeliness = 'late'")
    failed = await close(house, report)
    assert (failed.status, failed.codes) == (500, ["INTERNAL"])
    assert await stored(house, "state") == [("open",)]


async def test_a_report_that_can_not_be_recorded_is_not_stored(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with house_of(tmp_path, sqlite_url, {}, officials=OFFICIALS) as house:
        await house.run(
            "CREATE TRIGGER full_log BEFORE INSERT ON audit_record "
            "BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        with pytest.raises(sqlite3.Error):
            await house.run("INSERT INTO audit_record VALUES (2026, 9999, x'00', x'00')")
        refused = await taken(house)
        assert refused.codes[0] in {"INTERNAL", "AUDIT_UNAVAILABLE", "UNAVAILABLE"}
        assert await stored(house, "id") == []


async def test_the_community_police_take_no_report(house: House) -> None:
    by = replace(seat("reportByThirdParty", official="demo-01"), department="community-police")
    refused = await act(house, "reportByThirdParty", hire(), by=by)
    assert (refused.status, refused.codes[0]) == (403, "PURPOSE_NOT_ALLOWED")
