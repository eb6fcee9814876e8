"""The desks' work lists over HTTP: both sides of every limit, and nobody else's rows."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from db.facts import Cancel, Endorse, NewPerson
from regulation.permit import CancelGround
from tests import builders
from tests.builders import OFFICE, OTHER_TOWNSHIP, TODAY, TOWNSHIP, elsewhere
from tests.end_to_end.house import Entry, House, Json, Seat, house_of

DAY = timedelta(days=1)
DESK = Seat(department="receiving-office", purpose="desk-list")
POLICE = Seat(department="community-police", purpose="desk-list")
NEIGHBOUR = replace(DESK, official="neighbour")
STREET = replace(DESK, official="street")
OFFICIALS = (
    Entry(department="receiving-office", division=builders.COUNTY),
    Entry(department="receiving-office", official="neighbour", division=builders.OTHER_COUNTY),
    Entry(department="receiving-office", official="street", division=f"{builders.COUNTY}002"),
    Entry(department="community-police", division=builders.COUNTY),
    Entry(department="auditor"),
)


def expiring(number: int, away: int) -> NewPerson:
    """A holder whose permit has its last day of validity so many days from today."""
    expiry = TODAY + away * DAY
    issued = replace(builders.issued(expiry.replace(year=expiry.year - 1)), valid_to=expiry)
    registered = replace(
        builders.registration(number),
        arrived_on=issued.happened_on - 202 * DAY,
        registered_on=issued.happened_on - 200 * DAY,
    )
    return builders.person(number, acts=[issued], registered=registered)


def late(number: int) -> NewPerson:
    """Somebody who registered thirty days after the arrival."""
    registered = replace(
        builders.registration(number), arrived_on=TODAY - 60 * DAY, registered_on=TODAY - 30 * DAY
    )
    return builders.person(number, registered=registered)


AWAY = (-400, -32, -31, -1, 0, 30, 31, 37, 38)
"""2026-11-20 is a Friday: a grace of 31 days after expiry ends on it, and rolls nowhere."""
PEOPLE: dict[str, NewPerson] = {
    **{str(away): expiring(number, away) for number, away in enumerate(AWAY)},
    "cancelled": builders.cancelled(20),
    "none": builders.person(21),
    "late": late(22),
    "neighbour": elsewhere(expiring(23, 5)),
    "neighbour, late": elsewhere(late(24)),
}
PHASES = {
    "ENTERING_WINDOW": [31, 37],
    "IN_WINDOW": [0, 30],
    "IN_GRACE": [-31, -1],
    "LAPSED": [-400, -32],
}


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=OFFICIALS) as opened:
        yield opened


def move_clock(house: House, day: date) -> None:
    house.clock.seconds += (day - TODAY).days * 86_400


async def listed(house: House, given: str, seat: Seat = DESK) -> Json:
    answer = await house.ask(
        seat,
        f"{{permits(filter:{given})"
        "{totalCount nodes{phase validTo holder{name}} pageInfo{hasNextPage}}}",
    )
    return answer.data["permits"]


def days(page: Json) -> list[int]:
    """How far from today the permits of a page expire."""
    return [(date.fromisoformat(one["validTo"]) - TODAY).days for one in page["nodes"]]


@pytest.mark.parametrize("seat", [DESK, POLICE], ids=["receiving office", "community police"])
async def test_each_phase_lists_the_permits_on_its_first_and_last_day_and_no_other(
    house: House, seat: Seat
) -> None:
    for phase, expected in PHASES.items():
        page = await listed(house, f"{{phase:{phase}}}", seat)
        assert days(page) == expected, phase
        assert page["totalCount"] == len(expected)
        assert {one["phase"] for one in page["nodes"]} == {phase}
        assert {one["holder"]["name"] for one in page["nodes"]} == {"测*"}
    assert days(await listed(house, "{}", seat)) == sorted(AWAY)


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        (date(2026, 12, 19), "IN_GRACE"),
        (date(2026, 12, 21), "IN_GRACE"),
        (date(2026, 12, 22), "LAPSED"),
    ],
    ids=["on its Saturday", "on the Monday that it rolls to", "on the Tuesday after"],
)
async def test_the_last_day_of_a_grace_rolls_over_a_weekend(
    tmp_path: Path, database_url: str, day: date, phase: str
) -> None:
    # Expired on Wednesday 18 November; the thirtieth day after the suspension is a Saturday.
    people = {"one": expiring(1, -2)}
    async with house_of(tmp_path, database_url, people, officials=OFFICIALS) as house:
        move_clock(house, day)
        (one,) = (await listed(house, f"{{phase:{phase}}}"))["nodes"]
        assert one["phase"] == phase


async def test_no_permit_of_another_division_is_seen_or_counted(house: House) -> None:
    for phase, expected in (("IN_WINDOW", [5]), ("LAPSED", []), ("IN_GRACE", [])):
        page = await listed(house, f"{{phase:{phase}}}", NEIGHBOUR)
        assert (days(page), page["totalCount"]) == (expected, len(expected))
    assert (await listed(house, "{}", STREET))["totalCount"] == 0
    # To name another division finds nothing: conditions narrow what the scope leaves.
    for given in ('{county:"150430"}', f'{{township:"{OTHER_TOWNSHIP}"}}'):
        assert (await listed(house, given))["totalCount"] == 0
    assert (await listed(house, f'{{township:"{TOWNSHIP}"}}'))["totalCount"] == len(AWAY)


async def test_a_range_narrows_a_phase_and_never_widens_it(house: House) -> None:
    wide = '{phase:IN_WINDOW,validTo:{from:"2000-01-01",to:"2100-01-01"}}'
    assert days(await listed(house, wide)) == [0, 30]
    tomorrow, today = (TODAY + DAY).isoformat(), TODAY.isoformat()
    assert days(await listed(house, f'{{phase:IN_WINDOW,validTo:{{from:"{tomorrow}"}}}}')) == [30]
    assert days(await listed(house, f'{{phase:IN_WINDOW,validTo:{{to:"{today}"}}}}')) == [0]
    assert days(await listed(house, f'{{phase:LAPSED,validTo:{{from:"{today}"}}}}')) == []


async def test_late_registrations_are_a_list_of_their_own(house: House) -> None:
    asked = "{persons(filter:{late:%s}){totalCount nodes{residence{late}}}}"
    found = (await house.ask(DESK, asked % "true")).data["persons"]
    assert found == {"totalCount": 1, "nodes": [{"residence": {"late": True}}]}
    timely = (await house.ask(DESK, asked % "false")).data["persons"]
    assert timely["totalCount"] == len(AWAY) + 2
    assert {one["residence"]["late"] for one in timely["nodes"]} == {False}


async def test_pages_follow_one_another_and_each_row_is_recorded_with_what_it_was_searched_by(
    house: House,
) -> None:
    asked = (
        "query($after:String){permits(filter:{phase:LAPSED},first:1,after:$after)"
        "{edges{cursor node{validTo}} pageInfo{hasNextPage hasPreviousPage endCursor}}}"
    )
    first = await house.ask(DESK, asked, {"after": None})
    page = first.data["permits"]
    assert page["pageInfo"]["hasNextPage"]
    assert page["edges"][0]["cursor"] == page["pageInfo"]["endCursor"]
    rest = (await house.ask(DESK, asked, {"after": page["pageInfo"]["endCursor"]})).data["permits"]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    seen = [edge["node"]["validTo"] for each in (page, rest) for edge in each["edges"]]
    assert seen == [(TODAY + away * DAY).isoformat() for away in PHASES["LAPSED"]]
    (subject,) = (await house.record(first)).subjects
    assert subject[0] == house.persons["-400"]
    assert ("Permit.phase", "filter", "plain") in subject[1]


async def test_a_permit_that_leaves_the_list_between_two_pages_moves_no_other(
    house: House,
) -> None:
    asked = (
        "query($after:String){permits(filter:{phase:IN_GRACE},first:1,after:$after)"
        "{nodes{validTo} pageInfo{hasNextPage endCursor}}}"
    )
    page = (await house.ask(DESK, asked, {"after": None})).data["permits"]
    assert days(page) == [-31]
    await house.run("UPDATE person_now SET valid_to = '2099-01-01' WHERE valid_to = '2026-10-20'")
    rest = (await house.ask(DESK, asked, {"after": page["pageInfo"]["endCursor"]})).data["permits"]
    assert days(rest) == [-1]


@pytest.mark.parametrize(
    ("seat", "asked"),
    [
        (DESK, "permits(filter:{phase:IN_GRACE},after:$a)"),
        (DESK, "permits(after:$a)"),
        (DESK, 'permits(filter:{phase:LAPSED,county:"150402"},after:$a)'),
        (DESK, "persons(orderBy:[{field:VALID_TO}],after:$a)"),
        (NEIGHBOUR, "permits(filter:{phase:LAPSED},after:$a)"),
        (POLICE, "permits(filter:{phase:LAPSED},after:$a)"),
    ],
    ids=["phase", "no filter", "one more condition", "list", "division", "department"],
)
async def test_a_cursor_goes_on_only_with_the_question_it_was_made_for(
    house: House, seat: Seat, asked: str
) -> None:
    made = "{permits(filter:{phase:LAPSED},first:1){pageInfo{endCursor}}}"
    cursor = (await house.ask(DESK, made)).data["permits"]["pageInfo"]["endCursor"]
    answer = await house.ask(seat, f"query($a:String){{{asked}{{nodes{{id}}}}}}", {"a": cursor})
    assert answer.codes == ["CURSOR_INVALID"]
    assert answer.whole["data"] == {asked.partition("(")[0]: None}
    same = "query($a:String){permits(filter:{phase:LAPSED},after:$a){nodes{id}}}"
    assert len((await house.ask(DESK, same, {"a": cursor})).data["permits"]["nodes"]) == 1


@pytest.mark.parametrize(
    ("first", "codes"),
    [(0, ["ARGUMENT_INVALID"]), (1, []), (101, []), (200, []), (201, ["ARGUMENT_INVALID"])],
)
async def test_a_page_has_one_to_two_hundred_rows(
    house: House, first: int, codes: list[str]
) -> None:
    answer = await house.ask(DESK, f"{{permits(first:{first}){{nodes{{id}}}}}}")
    assert answer.codes == codes


async def test_a_division_without_persons_has_empty_lists(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {}, officials=OFFICIALS) as house:
        for phase in PHASES:
            page = await listed(house, f"{{phase:{phase}}}")
            assert page == {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False}}


async def test_an_endorsed_permit_is_in_no_phase_and_a_cancelled_one_in_no_list(
    tmp_path: Path, database_url: str
) -> None:
    before, after = expiring(1, -1), expiring(2, 10)
    endorsed = Endorse(happened_on=TODAY, valid_to=TODAY + 364 * DAY, office=OFFICE)
    gone = Cancel(happened_on=TODAY, ground=CancelGround.OTHER, office=OFFICE)
    people = {
        "endorsed": replace(before, acts=(*before.acts, endorsed)),
        "cancelled today": replace(after, acts=(*after.acts, gone)),
    }
    async with house_of(tmp_path, database_url, people, officials=OFFICIALS) as house:
        for phase in PHASES:
            assert (await listed(house, f"{{phase:{phase}}}"))["totalCount"] == 0
        assert (await listed(house, "{}"))["totalCount"] == 1
