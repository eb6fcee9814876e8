"""A desk looks for a visitor without papers by name and date of birth; nobody looks by less."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from db.facts import NewPerson
from tests import builders
from tests.builders import elsewhere
from tests.end_to_end.house import Answered, Entry, House, Seat, house_of

DESK = Seat(department="receiving-office", purpose="desk-list")
POLICE = Seat(department="community-police", purpose="desk-list")
NEIGHBOUR = replace(DESK, official="neighbour")
OFFICIALS = (
    Entry(department="receiving-office", division=builders.COUNTY),
    Entry(department="receiving-office", official="neighbour", division=builders.OTHER_COUNTY),
    Entry(department="community-police", division=builders.COUNTY),
)
NAME = "哨兵·同名"
BORN = builders.registration(0).birth_date.isoformat()


def named(number: int, name: str = NAME) -> NewPerson:
    return builders.person(number, registered=replace(builders.registration(number), name=name))


PEOPLE = {
    "one": named(0),
    "another": named(1),
    "a day later": named(4),
    "of another name": named(2, "哨兵"),
    "neighbour": elsewhere(named(3)),
}
QUESTION = (
    "query($f:PersonFilter,$n:Int){persons(filter:$f,first:$n)"
    "{totalCount nodes{name idNumber} pageInfo{hasNextPage endCursor}}}"
)


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=OFFICIALS) as opened:
        yield opened


async def look(
    house: House, given: dict[str, object], seat: Seat = DESK, first: int = 50
) -> Answered:
    return await house.ask(seat, QUESTION, {"f": given, "n": first})


@pytest.mark.parametrize("seat", [DESK, POLICE], ids=["receiving office", "community police"])
async def test_a_desk_finds_those_of_its_division_who_share_both_and_sees_them_masked(
    house: House, seat: Seat
) -> None:
    answer = await look(house, {"name": "哨兵・同名", "birthDate": BORN}, seat)
    page = answer.data["persons"]
    assert page["totalCount"] == 2
    assert {one["name"] for one in page["nodes"]} == {"哨*"}
    assert {one["idNumber"][-4:] for one in page["nodes"]} == {
        builders.id_number(number)[-4:] for number in (0, 1)
    }
    record = await house.record(answer)
    assert len(record.subjects) == 2
    for _, fields in record.subjects:
        assert ("Person.name", "filter", "plain") in fields


async def test_another_division_finds_its_own_alone(house: House) -> None:
    answer = await look(house, {"name": NAME, "birthDate": BORN}, NEIGHBOUR)
    assert answer.data["persons"]["totalCount"] == 1


@pytest.mark.parametrize("given", [{"name": NAME}, {"birthDate": BORN}], ids=["name", "day"])
async def test_one_without_the_other_is_refused(house: House, given: dict[str, object]) -> None:
    answer = await look(house, given)
    assert answer.codes == ["ARGUMENT_INVALID"]
    assert answer.errors[0]["extensions"]["reason"] == "NAME_WITH_BIRTH_DATE"
    assert answer.whole["data"]["persons"] is None
    assert NAME not in str(answer.whole)


async def test_a_name_that_can_not_be_read_is_no_miss(house: House) -> None:
    answer = await look(house, {"name": "哨?", "birthDate": BORN})
    assert answer.codes == ["NAME_UNREADABLE"]


async def test_a_miss_is_recorded_under_a_tag_that_says_nothing(house: House) -> None:
    given: dict[str, object] = {"name": "哨兵无此人", "birthDate": BORN}
    answers = [await look(house, given) for _ in range(2)]
    records = [await house.record(answer) for answer in answers]
    assert [record.says["outcome"] for record in records] == ["missed", "missed"]
    assert records[0].says["missed"] == records[1].says["missed"]
    assert "Person.name:filter" in records[0].says["decision"]


async def test_a_page_holds_ten_at_most_and_the_next_one_goes_on(
    tmp_path: Path, database_url: str
) -> None:
    day = date(1990, 5, 5)
    many = {
        str(number): builders.person(
            number,
            registered=replace(builders.registration(number), name=NAME, birth_date=day),
        )
        for number in range(12)
    }
    async with house_of(tmp_path, database_url, many, officials=OFFICIALS) as house:
        given: dict[str, object] = {"name": NAME, "birthDate": day.isoformat()}
        page = (await look(house, given, first=200)).data["persons"]
        assert (page["totalCount"], len(page["nodes"])) == (12, 10)
        assert page["pageInfo"]["hasNextPage"] is True
        after = page["pageInfo"]["endCursor"]
        answer = await house.ask(
            DESK,
            "query($f:PersonFilter,$a:String){persons(filter:$f,after:$a){nodes{idNumber}}}",
            {"f": given, "a": after},
        )
        assert len(answer.data["persons"]["nodes"]) == 2


async def test_a_partner_knows_of_no_such_search(house: House) -> None:
    answer = await look(
        house,
        {"name": NAME, "birthDate": BORN},
        Seat(department="education", purpose="school-place"),
    )
    assert "FIELD_FORBIDDEN" in answer.codes
