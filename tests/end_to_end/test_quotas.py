"""Limits over HTTP: headers tell what is left, a refusal touches nobody and is recorded once."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from server.settings import SettingsError
from tests import builders
from tests.end_to_end.house import Answered, House, Seat, house_of

PEOPLE = {"holder": builders.active(1), "suspended": builders.suspended(2)}
SCHOOL = Seat(department="education", purpose="school-place", case="CASE-1")
COLLEAGUE = Seat(department="education", purpose="school-place", case="CASE-1", official="demo-02")
LISTS = Seat(department="community-police", purpose="desk-list")
VERIFY = "query($r:[VerifyRow!]!){verify(rows:$r){answer}}"
LIST = "{ persons(first: 50) { totalCount nodes { name } } }"


def limited(tmp_path: Path, text: str) -> Mapping[str, str]:
    file = tmp_path / "limits.toml"
    file.write_text(f"[default]\n{text}\n")
    return {"JUZHU_LIMITS": str(file)}


def row(number: int) -> dict[str, object]:
    return {
        "ref": "r",
        "presented": {"idNumber": builders.id_number(number), "name": f"测试{number}"},
    }


async def verify(house: House, seat: Seat, *numbers: int) -> Answered:
    return await house.ask(seat, VERIFY, {"r": [row(number) for number in numbers]})


def left(answered: Answered) -> dict[str, int]:
    """What the header says is left of each limit."""
    found = {}
    for part in answered.headers["ratelimit"].split(", "):
        name, remaining, _ = part.split(";")
        found[name.strip('"')] = int(remaining.removeprefix("r="))
    return found


async def test_headers_tell_the_limits_and_what_is_left(tmp_path: Path, database_url: str) -> None:
    named = limited(tmp_path, "official_rows_per_day = 10")
    async with house_of(tmp_path, database_url, PEOPLE, named=named) as house:
        answer = await verify(house, SCHOOL, 1, 900)
        assert answer.headers["ratelimit-policy"] == (
            '"official-requests";q=600;w=60, "department-requests";q=6000;w=60, '
            '"official-rows";q=10;w=86400, "department-rows";q=100000;w=86400'
        )
        assert left(answer) == {
            "official-requests": 599,
            "department-requests": 5999,
            "official-rows": 8,
            "department-rows": 99_998,
        }


async def test_what_is_left_is_the_same_after_a_yes_and_after_a_no(
    tmp_path: Path, database_url: str
) -> None:
    named = limited(tmp_path, "")
    async with house_of(tmp_path, database_url, PEOPLE, named=named) as house:
        before = left(await verify(house, SCHOOL, 1))
        for number in (1, 2, 900):
            after = left(await verify(house, SCHOOL, number))
            assert {name: before[name] - after[name] for name in after} == dict.fromkeys(after, 1)
            before = after


async def test_rows_over_the_day_are_refused_before_anybody_is_touched_and_recorded_once(
    tmp_path: Path, database_url: str
) -> None:
    named = limited(tmp_path, "official_rows_per_day = 10")
    async with house_of(tmp_path, database_url, PEOPLE, named=named) as house:
        assert (await verify(house, SCHOOL, *range(1, 9))).status == 200
        records = len(await house.records())
        async with house.without_persons():
            refused = await verify(house, SCHOOL, *range(1, 4))
            again = await verify(house, SCHOOL, *range(1, 4))
        for answer in (refused, again):
            assert (answer.status, answer.codes) == (429, ["RATE_LIMITED"])
            assert answer.errors[0]["extensions"]["quota"] == "official-rows"
            # Until midnight in Shanghai: it is four in the afternoon there.
            assert answer.headers["retry-after"] == str(8 * 3600)
        kept = await house.record(refused)
        assert (kept.says["outcome"], kept.says["decision"]) == (
            "denied",
            "RATE_LIMITED official-rows",
        )
        assert len(await house.records()) == records + 1
        assert "audit" not in again.whole.get("extensions", {})
        # Fewer fit still, and a colleague has a day of their own.
        assert (await verify(house, SCHOOL, 1, 2)).status == 200
        assert (await verify(house, COLLEAGUE, *range(1, 11))).status == 200
        house.clock.seconds += 8 * 3600
        assert (await verify(house, SCHOOL, *range(1, 4))).status == 200


async def test_requests_over_the_minute_are_refused_before_the_document_is_read(
    tmp_path: Path, database_url: str
) -> None:
    named = limited(tmp_path, "official_requests_per_minute = 2")
    async with house_of(tmp_path, database_url, PEOPLE, named=named) as house:
        for _ in range(2):
            assert (await house.ask(SCHOOL, "{ __typename }")).status == 200
        refused = await house.ask(SCHOOL, "{ __typename")
        assert (refused.status, refused.codes) == (429, ["RATE_LIMITED"])
        assert refused.headers["retry-after"] == "60"
        house.clock.seconds += 60
        assert (await house.ask(SCHOOL, "{ __typename }")).status == 200


async def test_a_list_costs_the_rows_that_it_shows(tmp_path: Path, database_url: str) -> None:
    named = limited(tmp_path, "official_rows_per_day = 60")
    async with house_of(tmp_path, database_url, PEOPLE, named=named) as house:
        answer = await house.ask(LISTS, LIST)
        assert answer.data["persons"]["totalCount"] == 2
        assert left(answer)["official-rows"] == 58


async def test_without_limits_there_are_no_headers(tmp_path: Path, database_url: str) -> None:
    async with house_of(tmp_path, database_url, PEOPLE) as house:
        answer = await verify(house, SCHOOL, 1)
        assert not {"ratelimit", "ratelimit-policy"} & set(answer.headers)


async def test_a_limit_for_a_department_that_nobody_knows_stops_the_start(
    tmp_path: Path, database_url: str
) -> None:
    named = limited(tmp_path, "[department.educatoin]\nofficial_rows_per_day = 3")
    with pytest.raises(SettingsError, match=r"\[department.educatoin\] names no department"):
        async with house_of(tmp_path, database_url, PEOPLE, named=named):
            pass
