"""Applications and reports as work lists over HTTP: due, overdue, decided meanwhile, one's own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from db.facts import Apply, Move, NewPerson
from db.reports import TakenReport
from regulation.calendar import Deadline
from regulation.proceedings import Step
from regulation.third_party import Reporter, Timeliness
from tests import builders
from tests.builders import COUNTY, OFFICE, OTHER_COUNTY, OTHER_TOWNSHIP, TODAY, TOWNSHIP, elsewhere
from tests.end_to_end.acts import act, presented, seat, with_case
from tests.end_to_end.house import Entry, House, Json, Seat, house_of

DAY = timedelta(days=1)
DESK = Seat(department="receiving-office", official="clerk-1", purpose="desk-list")
POLICE = Seat(department="community-police", purpose="desk-list")
NEIGHBOUR = replace(DESK, official="neighbour")
STREET = replace(DESK, official="street")
OFFICIALS = (
    Entry(department="receiving-office", official="clerk-1", division=COUNTY),
    Entry(department="receiving-office", official="neighbour", division=OTHER_COUNTY),
    Entry(department="receiving-office", official="street", division=TOWNSHIP),
    Entry(department="community-police", division=COUNTY),
    Entry(department="auditor"),
)


def step(number: int, kind: Step, on: date, *, county: str = COUNTY) -> Apply:
    return Apply(
        step=kind,
        application=number.to_bytes(16, "big"),
        happened_on=on,
        county=county,
        township=TOWNSHIP if county == COUNTY else OTHER_TOWNSHIP,
        office=OFFICE,
    )


def applying(number: int, away: int, *more: Step, county: str = COUNTY) -> NewPerson:
    """Somebody whose application was accepted so many days ago."""
    on = TODAY - away * DAY
    kinds = (Step.FILED, Step.ACCEPTED, *more)
    new = builders.person(number, acts=[step(number, kind, on, county=county) for kind in kinds])
    return with_case(new if county == COUNTY else elsewhere(new))


GONE = Move(
    happened_on=TODAY - 3 * DAY,
    reported_on=TODAY - 2 * DAY,
    county=OTHER_COUNTY,
    township=OTHER_TOWNSHIP,
    address="赤峰市敖汉旗新惠镇测试小区6号",
    office=OFFICE,
)
MOVED = applying(6, 20)
PEOPLE: dict[str, NewPerson] = {
    "31": applying(1, 31),
    "30": applying(2, 30, Step.APPROVED),
    "moved": replace(MOVED, acts=(*MOVED.acts, GONE)),
    "15": applying(3, 15),
    "14": applying(4, 14),
    "incomplete": builders.person(5, acts=[step(5, Step.FILED, TODAY)]),
    "issued": applying(7, 40, Step.REFUSED),
    "neighbour": applying(8, 33, county=OTHER_COUNTY),
}
AWAY = {"31": 31, "30": 30, "moved": 20, "15": 15, "14": 14, "incomplete": 0}
"""The open ones of the county and how long ago each was filed, the first filed first."""


def report(number: int, reported: date, **more: Json) -> TakenReport:
    given: dict[str, Json] = {
        "division": COUNTY,
        "reporter": Reporter.EMPLOYER,
        "deadline": Deadline(reported, provisional=False),
        "timeliness": Timeliness.ON_TIME,
        "contents": frozenset({"name", "id_type", "id_number"}),
        **more,
    }
    return TakenReport(
        id=number.to_bytes(16, "big"),
        office=OFFICE,
        official="clerk-1",
        happened_on=reported - 9 * DAY,
        learned_on=None,
        reported_on=reported,
        **given,
    )


REPORTS = (
    report(1, TODAY - DAY),
    report(2, TODAY - 5 * DAY, timeliness=Timeliness.LATE, reporter=Reporter.INTERMEDIARY),
    report(
        3,
        TODAY,
        division=TOWNSHIP,
        reporter=Reporter.LANDLORD,
        deadline=None,
        timeliness=Timeliness.NO_LIMIT,
        contents=None,
    ),
    report(4, TODAY, division=OTHER_COUNTY),
)


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(
        tmp_path, database_url, PEOPLE, officials=OFFICIALS, reports=REPORTS
    ) as opened:
        yield opened


async def applications(house: House, given: str = "{}", by: Seat = DESK) -> Json:
    answer = await house.ask(
        by,
        f"{{applications(filter:{given})"
        "{totalCount nodes{state filedOn acceptedOn dueOn overdue dueSoon person{name idNumber}}}}",
    )
    return answer.data["applications"]


def filed(page: Json) -> list[int]:
    """How many days ago the applications of a page were filed."""
    return [(TODAY - date.fromisoformat(one["filedOn"])).days for one in page["nodes"]]


@pytest.mark.parametrize("by", [DESK, POLICE], ids=["receiving office", "community police"])
async def test_open_applications_come_first_filed_first_with_masked_names(
    house: House, by: Seat
) -> None:
    page = await applications(house, by=by)
    assert (filed(page), page["totalCount"]) == (list(AWAY.values()), len(AWAY))
    assert page["nodes"][0] == {
        "state": "ACCEPTED",
        "filedOn": (TODAY - 31 * DAY).isoformat(),
        "acceptedOn": (TODAY - 31 * DAY).isoformat(),
        "dueOn": (TODAY - DAY).isoformat(),
        "overdue": True,
        "dueSoon": False,
        "person": {"name": "测*", "idNumber": f"****{builders.id_number(1)[-4:]}"},
    }
    assert page["nodes"][-1]["dueOn"] is None
    assert [one["overdue"] for one in page["nodes"]] == [True, *[False] * 5]
    assert [one["dueSoon"] for one in page["nodes"]] == [False, True, True, True, False, False]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{overdue:true}", [31]),
        ("{overdue:false}", [30, 20, 15, 14, 0]),
        ("{dueSoon:true}", [30, 20, 15]),
        ("{dueSoon:false}", [31, 14, 0]),
        ("{overdue:true,dueSoon:true}", []),
        ("{state:[INCOMPLETE]}", [0]),
        ("{state:[APPROVED,INCOMPLETE]}", [30, 0]),
        ("{state:[]}", []),
        (f'{{dueBefore:"{TODAY.isoformat()}"}}', [31]),
        (f'{{dueBefore:"{(TODAY + DAY).isoformat()}"}}', [31, 30]),
        (f'{{township:"{TOWNSHIP}"}}', list(AWAY.values())),
        (f'{{township:"{OTHER_TOWNSHIP}"}}', []),
    ],
)
async def test_each_filter_holds_on_both_sides_of_its_limit(
    house: House, given: str, expected: list[int]
) -> None:
    page = await applications(house, given)
    assert (filed(page), page["totalCount"]) == (expected, len(expected))


async def test_the_thirtieth_day_is_in_time_and_the_thirty_first_is_overdue(house: House) -> None:
    # Issued on the day itself it would be in time: 30 days from acceptance (article 17).
    assert filed(await applications(house, "{overdue:true}")) == [31]
    house.clock.seconds += 86_400
    # A day later the next one is, and one more is due soon.
    assert filed(await applications(house, "{overdue:true}")) == [31, 30]
    assert filed(await applications(house, "{dueSoon:true}")) == [20, 15, 14]


async def test_no_application_of_another_division_is_seen_or_counted(house: House) -> None:
    page = await applications(house, by=NEIGHBOUR)
    assert (filed(page), page["totalCount"]) == ([33], 1)
    assert (await applications(house, by=STREET))["totalCount"] == len(AWAY)


async def test_who_moved_away_is_not_shown_and_the_application_stays_on_the_list(
    house: House,
) -> None:
    asked = "{applications(filter:{state:[ACCEPTED]}){nodes{id filedOn person{name}}}}"
    answer = await house.ask(DESK, asked)
    shown = {
        (TODAY - date.fromisoformat(one["filedOn"])).days: one["person"]
        for one in answer.data["applications"]["nodes"]
    }
    assert shown == {31: {"name": "测*"}, 20: None, 15: {"name": "测*"}, 14: {"name": "测*"}}
    kept = await house.record(answer)
    used = {person: {path for path, _, _ in fields} for person, fields in kept.subjects}
    assert "Person.name" not in used[house.persons["moved"]]
    assert "Application.filedOn" in used[house.persons["moved"]]
    assert "Person.name" in used[house.persons["15"]]
    assert all("Application.state" in paths for paths in used.values())


async def test_an_application_decided_between_two_pages_leaves_the_list_and_moves_no_other(
    house: House,
) -> None:
    asked = (
        "query($after:String){applications(first:2,after:$after)"
        "{totalCount nodes{filedOn} edges{cursor} pageInfo{hasNextPage endCursor}}}"
    )
    first = (await house.ask(DESK, asked, {"after": None})).data["applications"]
    assert (filed(first), first["totalCount"]) == ([31, 30], 6)
    assert first["edges"][-1]["cursor"] == first["pageInfo"]["endCursor"]
    given = {"person": presented(PEOPLE["15"])}
    decided = await act(house, "withdrawApplication", given, by=seat("withdrawApplication"))
    assert decided.data["withdrawApplication"]["decision"]["outcome"] == "recorded"
    after = first["pageInfo"]["endCursor"]
    second = (await house.ask(DESK, asked, {"after": after})).data["applications"]
    assert (filed(second), second["totalCount"]) == ([20, 14], 5)
    last = await house.ask(DESK, asked, {"after": second["pageInfo"]["endCursor"]})
    page = last.data["applications"]
    assert (filed(page), page["pageInfo"]["hasNextPage"]) == ([0], False)


async def test_an_altered_application_or_report_is_not_served(house: House) -> None:
    await house.run("UPDATE application_now SET due_on = '2099-01-01' WHERE due_on = '2026-11-19'")
    failed = await house.ask(DESK, "{applications{nodes{dueOn}}}")
    assert (failed.status, failed.codes) == (500, ["INTERNAL"])
    await house.run("UPDATE report SET county = '150402' WHERE county = '150430'")
    failed = await house.ask(DESK, "{reports{nodes{id}}}")
    assert (failed.status, failed.codes) == (500, ["INTERNAL"])


async def reports(house: House, given: str = "{}", by: Seat = DESK) -> Json:
    answer = await house.ask(
        by,
        f"{{reports(filter:{given}){{totalCount "
        "nodes{id version reporter reportedOn timeliness contents state finding}}}",
    )
    return answer.data["reports"]


def reported(page: Json) -> list[int]:
    return [(TODAY - date.fromisoformat(one["reportedOn"])).days for one in page["nodes"]]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{}", [5, 1, 0]),
        ("{state:OPEN}", [5, 1, 0]),
        ("{state:FOLLOWED_UP}", []),
        ("{timeliness:LATE}", [5]),
        ("{timeliness:NO_LIMIT}", [0]),
        ("{reporter:[EMPLOYER]}", [1]),
        ("{reporter:[EMPLOYER,LANDLORD]}", [1, 0]),
        ("{reporter:[PROPERTY_MANAGER]}", []),
        ("{reporter:[]}", []),
    ],
)
async def test_reports_come_first_made_first(house: House, given: str, expected: list[int]) -> None:
    page = await reports(house, given)
    assert (reported(page), page["totalCount"]) == (expected, len(expected))


async def test_no_report_of_another_division_is_seen_or_counted(house: House) -> None:
    for by, expected in ((NEIGHBOUR, [0]), (STREET, [0]), (POLICE, [5, 1, 0])):
        page = await reports(house, by=by)
        assert (reported(page), page["totalCount"]) == (expected, len(expected))
    assert (await reports(house, by=STREET))["nodes"][0]["reporter"] == "LANDLORD"


async def test_a_report_goes_from_one_list_to_the_other_when_it_is_followed_up(
    house: House,
) -> None:
    first = (await reports(house))["nodes"][0]
    given = {
        "report": first["id"], "finding": "NOT_LIVING_HERE", "expectedVersion": first["version"]
    }  # fmt: skip
    done = await act(house, "closeReport", given)
    assert done.data["closeReport"]["decision"]["outcome"] == "recorded"
    assert reported(await reports(house)) == [1, 0]
    (one,) = (await reports(house, "{state:FOLLOWED_UP}"))["nodes"]
    assert (one["id"], one["state"], one["finding"], one["version"]) == (
        first["id"], "FOLLOWED_UP", "NOT_LIVING_HERE", 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("by", "asked"),
    [
        (DESK, "applications(filter:{overdue:false},after:$a)"),
        (DESK, "reports(after:$a)"),
        (DESK, "persons(after:$a)"),
        (NEIGHBOUR, "applications(after:$a)"),
        (POLICE, "applications(after:$a)"),
    ],
    ids=["filter", "reports", "persons", "division", "department"],
)
async def test_a_cursor_goes_on_only_with_the_question_it_was_made_for(
    house: House, by: Seat, asked: str
) -> None:
    made = await house.ask(DESK, "{applications(first:1){pageInfo{endCursor}}}")
    cursor = made.data["applications"]["pageInfo"]["endCursor"]
    answer = await house.ask(by, f"query($a:String){{{asked}{{nodes{{id}}}}}}", {"a": cursor})
    assert answer.codes == ["CURSOR_INVALID"]


@pytest.mark.parametrize("name", ["applications", "reports"])
@pytest.mark.parametrize(
    ("first", "codes"),
    [(0, ["ARGUMENT_INVALID"]), (1, []), (101, []), (200, []), (201, ["ARGUMENT_INVALID"])],
)
async def test_a_page_has_one_to_two_hundred_rows(
    house: House, name: str, first: int, codes: list[str]
) -> None:
    answer = await house.ask(DESK, f"{{{name}(first:{first}){{nodes{{id}}}}}}")
    assert answer.codes == codes


async def test_lists_of_an_empty_register_are_empty(tmp_path: Path, database_url: str) -> None:
    async with house_of(tmp_path, database_url, {}, officials=OFFICIALS) as house:
        assert await applications(house) == {"totalCount": 0, "nodes": []}
        assert await reports(house) == {"totalCount": 0, "nodes": []}


async def test_one_request_counts_every_list_and_shows_what_is_oldest_in_each(
    house: House,
) -> None:
    asked = """{
      window: permits(filter: {phase: IN_WINDOW}, first: 1) { totalCount nodes { validTo } }
      lapsed: permits(filter: {phase: LAPSED}, first: 1) { totalCount nodes { validTo } }
      late: persons(filter: {late: true}, first: 1) { totalCount nodes { id } }
      overdue: applications(filter: {overdue: true}, first: 1) { totalCount nodes { filedOn } }
      soon: applications(filter: {dueSoon: true}, first: 1) { totalCount nodes { filedOn } }
      reports(first: 1) { totalCount nodes { reportedOn } }
    }"""
    found = (await house.ask(DESK, asked)).data
    assert {name: page["totalCount"] for name, page in found.items()} == {
        "window": 0, "lapsed": 0, "late": 0, "overdue": 1, "soon": 3, "reports": 3,
    }  # fmt: skip
    assert (filed(found["soon"]), reported(found["reports"])) == ([30], [5])
