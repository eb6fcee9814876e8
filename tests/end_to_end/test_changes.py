"""What a department is told of the cases that it follows, over HTTP; and what it never learns."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.facts import NewPerson
from tests import builders
from tests.builders import COUNTY, OTHER_COUNTY, OTHER_TOWNSHIP, TODAY
from tests.end_to_end.acts import CLERK, COLLEAGUE, ELSEWHERE, OFFICIALS, act, presented, seat
from tests.end_to_end.house import Answered, House, Json, Seat, house_of, on_database

SCHOOL = Seat(department="education", purpose="school-place", case="赤红教〔2026〕12号")
OTHER_CASE = replace(SCHOOL, case="赤红教〔2026〕13号")
INSURANCE = Seat(department="social-insurance", purpose="social-insurance-enrolment", case="demo-1")
HOUSING = Seat(department="housing", purpose="housing-support", case="demo-1")
ALL_CASES = replace(SCHOOL, case=None)

FOLLOW = "mutation($i:FollowCaseInput!){followCase(input:$i){case ref until}}"
UNFOLLOW = "mutation($i:UnfollowCaseInput!){unfollowCase(input:$i){case ref until}}"
CHANGES = """query($f:Int,$a:String){changes(first:$f,after:$a){
 edges{cursor node{kind on}} nodes{case ref kind on} pageInfo{hasNextPage endCursor}}}"""
CASES = (builders.case(), builders.case(division=OTHER_COUNTY, kind="move"))
PEOPLE = {
    "one": replace(builders.active(1), cases=CASES),
    "two": replace(builders.active(2), cases=CASES),
    "suspended": replace(builders.suspended(3), cases=CASES),
    "last day": builders.person(4, acts=[builders.issued(TODAY.replace(year=TODAY.year - 1))]),
}
STRANGER = builders.active(77)
UNTIL = TODAY + timedelta(days=30)
FAR = OTHER_TOWNSHIP
NEAR = f"{COUNTY}002"


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=OFFICIALS) as opened:
        yield opened


def form(new: NewPerson, ref: str = "r1", **more: Json) -> dict[str, Json]:
    """A form to follow somebody with."""
    return {"ref": ref, "presented": presented(new), "until": UNTIL.isoformat(), **more}


async def follow(house: House, by: Seat, new: NewPerson, ref: str = "r1", **more: Json) -> Answered:
    return await house.ask(by, FOLLOW, {"i": form(new, ref, **more)})


async def follows(house: House) -> object:
    """How many follows are stored."""
    rows = await on_database(house.settings, "SELECT count(*) FROM follow")
    return rows[0][0]


async def changes(
    house: House, by: Seat, *, first: int = 50, after: str | None = None
) -> dict[str, Json]:
    """A page of changes."""
    answer = await house.ask(by, CHANGES, {"f": first, "a": after})
    page = answer.data["changes"]
    assert isinstance(page, dict)
    return page


async def told(house: House, by: Seat) -> list[tuple[Json, Json]]:
    """Mark and kind of every change that a department is told."""
    return [(one["ref"], one["kind"]) for one in (await changes(house, by))["nodes"]]


async def move(house: House, new: NewPerson, to: str) -> None:
    given = {
        "person": presented(new),
        "movedOn": [TODAY.isoformat()],
        "to": to,
        "address": "赤峰市测试路8号",
        "materials": ["resident_id_card", "lease_contract"],
    }
    official = CLERK if to.startswith(COUNTY) else ELSEWHERE
    answer = await act(house, "reportMove", given, by=seat("reportMove", official=official))
    assert answer.data["reportMove"]["decision"]["outcome"] == "recorded"


async def cancel(house: House, new: NewPerson) -> Json:
    """Cancel a permit; the version of the file after it."""
    given = {"person": presented(new), "ground": "OTHER", "writtenReason": "持证人交回"}
    answer = await act(house, "cancelPermit", given)
    assert answer.data["cancelPermit"]["decision"]["outcome"] == "cancelled", answer.body
    return answer.data["cancelPermit"]["version"]


async def test_a_department_is_told_that_a_followed_holders_permit_changed_and_not_why(
    house: House,
) -> None:
    answer = await follow(house, SCHOOL, PEOPLE["one"], "child-7")
    assert answer.data == {
        "followCase": {"case": SCHOOL.case, "ref": "child-7", "until": UNTIL.isoformat()}
    }
    assert (await changes(house, SCHOOL))["nodes"] == []
    await cancel(house, PEOPLE["one"])
    page = await changes(house, SCHOOL)
    assert page["nodes"] == [
        {
            "case": SCHOOL.case,
            "ref": "child-7",
            "kind": "ACTIVE_CHANGED",
            "on": TODAY.isoformat(),
        }
    ]


async def test_what_dates_alone_change_is_told_the_same_way(house: House) -> None:
    await follow(house, SCHOOL, PEOPLE["last day"])
    house.clock.seconds += 8 * 3600
    async with asyncio.timeout(10):
        while not (page := await changes(house, SCHOOL))["nodes"]:  # noqa: ASYNC110 - a client polls too
            await asyncio.sleep(0.1)
    (change,) = page["nodes"]
    day = (TODAY + timedelta(days=1)).isoformat()
    assert (change["kind"], change["on"]) == ("ACTIVE_CHANGED", day)


@pytest.mark.parametrize("name", ["stranger", "suspended", "another name"])
async def test_whoever_is_not_reached_is_followed_in_the_same_bytes_and_never_told_of(
    house: House, name: str
) -> None:
    named = replace(PEOPLE["two"].registration, name="另一人")
    others = {
        "stranger": STRANGER,
        "suspended": PEOPLE["suspended"],
        "another name": replace(PEOPLE["two"], registration=named),
    }
    known = await follow(house, SCHOOL, PEOPLE["one"])
    other = await follow(house, SCHOOL, others[name])
    assert (known.status, known.data_bytes) == (other.status, other.data_bytes)
    assert known.audit.keys() == other.audit.keys()
    await cancel(house, PEOPLE["two"])
    await cancel(house, PEOPLE["suspended"])
    assert await told(house, ALL_CASES) == []
    assert await follows(house) == 1


async def test_only_a_record_of_the_log_says_who_was_reached(house: House) -> None:
    known = await house.record(await follow(house, SCHOOL, PEOPLE["one"]))
    fields = [("Mutation.followCase", "call", "plain")]
    assert (known.says["action"], known.says["outcome"]) == ("act", "released")
    assert known.subjects == [(house.persons["one"], fields)]
    unknown = await house.record(await follow(house, SCHOOL, STRANGER))
    assert (unknown.says["outcome"], unknown.subjects, unknown.missed) == ("missed", [], 1)
    ended = await house.record(await house.ask(SCHOOL, UNFOLLOW, {"i": {"ref": "r1"}}))
    assert (ended.says["outcome"], ended.says["decision"]) == (
        "released",
        "Mutation.unfollowCase",
    )
    assert {one.says["purpose"]["code"] for one in (known, unknown, ended)} == {"school-place"}


async def test_each_disclosed_change_is_recorded_with_its_person_and_its_case(
    house: House,
) -> None:
    await follow(house, SCHOOL, PEOPLE["one"])
    await follow(house, OTHER_CASE, PEOPLE["two"])
    followed = await house.record(house.sent[-2])
    await cancel(house, PEOPLE["one"])
    answer = await house.ask(ALL_CASES, "{changes{nodes{ref}}}")
    kept = await house.record(answer)
    used = [("Query.changes", "call", "plain"), ("Change.ref", "read", "plain")]
    assert [(person, sorted(fields)) for person, fields in kept.subjects] == [
        (house.persons["one"], sorted(used))
    ]
    assert kept.says["subjects"][0]["case"] == followed.says["purpose"]["case"]
    assert house.commits_to(kept, answer.data_bytes)
    empty = await house.record(await house.ask(HOUSING, "{changes{nodes{ref}}}"))
    assert (empty.says["outcome"], empty.subjects) == ("released", [])
    assert "Query.changes:call" in empty.says["decision"]


async def test_another_departments_and_another_cases_changes_are_nobody_elses(
    house: House,
) -> None:
    await follow(house, SCHOOL, PEOPLE["one"], "a")
    await follow(house, OTHER_CASE, PEOPLE["two"], "b")
    await follow(house, HOUSING, PEOPLE["two"], "c")
    await cancel(house, PEOPLE["one"])
    await cancel(house, PEOPLE["two"])
    assert await told(house, SCHOOL) == [("a", "ACTIVE_CHANGED")]
    assert await told(house, OTHER_CASE) == [("b", "ACTIVE_CHANGED")]
    assert await told(house, ALL_CASES) == [("a", "ACTIVE_CHANGED"), ("b", "ACTIVE_CHANGED")]
    assert await told(house, HOUSING) == [("c", "ACTIVE_CHANGED")]
    assert await told(house, INSURANCE) == []


async def test_a_place_is_told_at_the_level_that_the_purpose_shows(house: House) -> None:
    for each in (SCHOOL, INSURANCE, HOUSING):
        await follow(house, each, PEOPLE["one"])
        await follow(house, each, PEOPLE["two"], "r2")
    await move(house, PEOPLE["one"], NEAR)
    await move(house, PEOPLE["two"], FAR)
    both = [("r1", "DIVISION_CHANGED"), ("r2", "DIVISION_CHANGED")]
    assert await told(house, SCHOOL) == both
    assert await told(house, INSURANCE) == both[1:]
    assert await told(house, HOUSING) == both[1:]


async def test_pages_go_on_from_a_cursor_that_only_this_department_can_use(house: House) -> None:
    for ref in ("a", "b", "c"):
        await follow(house, SCHOOL, PEOPLE["one"], ref)
    await move(house, PEOPLE["one"], NEAR)
    seen: list[Json] = []
    after: str | None = None
    for more in (True, True, False):
        page = await changes(house, SCHOOL, first=1, after=after)
        (edge,) = page["edges"]
        assert edge["cursor"] == page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is more
        seen += [one["ref"] for one in page["nodes"]]
        after = edge["cursor"]
    assert sorted(seen) == ["a", "b", "c"]
    last = await changes(house, SCHOOL, after=after)
    assert (last["nodes"], last["pageInfo"]) == ([], {"hasNextPage": False, "endCursor": None})
    for each, cursor in ((HOUSING, after), (SCHOOL, "x" * 40)):
        answer = await house.ask(each, CHANGES, {"a": cursor})
        assert answer.codes == ["CURSOR_INVALID"]


async def test_others_changes_neither_fill_a_page_nor_show_in_a_cursor(house: House) -> None:
    await follow(house, SCHOOL, PEOPLE["one"])
    await follow(house, HOUSING, PEOPLE["two"])
    await cancel(house, PEOPLE["two"])
    page = await changes(house, SCHOOL, first=1)
    assert page["pageInfo"] == {"hasNextPage": False, "endCursor": None}
    await cancel(house, PEOPLE["one"])
    first = await changes(house, HOUSING)
    second = await changes(house, SCHOOL)
    lengths = {len(page["pageInfo"]["endCursor"]) for page in (first, second)}
    assert len(lengths) == 1


async def test_nothing_is_told_of_before_a_case_was_followed(house: House) -> None:
    await move(house, PEOPLE["one"], NEAR)
    await follow(house, SCHOOL, PEOPLE["one"])
    assert await told(house, SCHOOL) == []
    await move(house, PEOPLE["one"], FAR)
    assert await told(house, SCHOOL) == [("r1", "DIVISION_CHANGED")]


async def test_a_renewal_goes_on_and_a_mark_used_for_somebody_else_begins_anew(
    house: House,
) -> None:
    await follow(house, SCHOOL, PEOPLE["one"])
    await move(house, PEOPLE["one"], NEAR)
    later = (UNTIL + timedelta(days=1)).isoformat()
    await follow(house, SCHOOL, PEOPLE["one"], until=later)
    assert await told(house, SCHOOL) == [("r1", "DIVISION_CHANGED")]
    await follow(house, SCHOOL, PEOPLE["two"])
    assert await told(house, SCHOOL) == []


async def test_a_follow_that_is_ended_tells_nothing_more_nor_what_was_not_read(
    house: House,
) -> None:
    await follow(house, SCHOOL, PEOPLE["one"])
    await cancel(house, PEOPLE["one"])
    ended = await house.ask(SCHOOL, UNFOLLOW, {"i": {"ref": "r1"}})
    never = await house.ask(SCHOOL, UNFOLLOW, {"i": {"ref": "r1"}})
    assert ended.data_bytes == never.data_bytes
    assert ended.data == {"unfollowCase": {"case": SCHOOL.case, "ref": "r1", "until": None}}
    assert await told(house, SCHOOL) == []


async def test_a_follow_holds_on_its_last_day_and_is_gone_on_the_next(house: House) -> None:
    await follow(house, SCHOOL, PEOPLE["one"], until=TODAY.isoformat())
    await cancel(house, PEOPLE["one"])
    house.clock.seconds += 8 * 3600 - 1
    assert len(await told(house, SCHOOL)) == 1
    house.clock.seconds += 1
    assert await told(house, SCHOOL) == []
    async with asyncio.timeout(10):
        while await follows(house):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(("by", "days"), [(SCHOOL, 180), (INSURANCE, 90), (HOUSING, 365)], ids=str)
async def test_a_case_is_followed_no_longer_than_its_purpose_needs(
    house: House, by: Seat, days: int
) -> None:
    for day, taken in ((0, True), (days, True), (days + 1, False), (-1, False)):
        until = (TODAY + timedelta(days=day)).isoformat()
        answer = await follow(house, by, PEOPLE["one"], until=until)
        assert (answer.whole["data"]["followCase"] is not None) is taken, day
        if not taken:
            assert reasons(answer) == {"input.until": "FOLLOW_DAYS"}


def reasons(answer: Answered) -> Mapping[str, str]:
    """Where each fault of a form stands, and which it is."""
    return {
        one["extensions"]["at"]: one["extensions"].get("reason", one["extensions"]["code"])
        for one in answer.errors
    }


async def test_a_form_is_told_all_its_faults_at_once_and_nothing_is_followed(
    house: House,
) -> None:
    given = {"ref": "r" * 65, "presented": {"idNumber": "12", "name": "?"}, "until": "soon"}
    answer = await house.ask(SCHOOL, FOLLOW, {"i": given})
    assert reasons(answer).keys() == {
        "input.ref",
        "input.presented.idNumber",
        "input.presented.name",
        "input.until",
    }
    assert "audit" not in answer.whole.get("extensions", {})
    assert await follows(house) == 0


async def test_a_case_must_be_named_to_follow_but_not_to_ask_for_changes(house: House) -> None:
    answer = await follow(house, ALL_CASES, PEOPLE["one"])
    assert (answer.status, answer.codes) == (403, ["CASE_REQUIRED"])
    assert (await changes(house, ALL_CASES))["nodes"] == []
    both = await house.ask(ALL_CASES, '{changes{nodes{ref}} node(id:"x"){__typename}}')
    assert both.status == 403


async def test_following_twice_at_once_keeps_one_follow(house: House) -> None:
    answers = await asyncio.gather(*(follow(house, SCHOOL, PEOPLE["one"]) for _ in range(8)))
    assert {answer.data_bytes for answer in answers} == {answers[0].data_bytes}
    assert await follows(house) == 1
    await cancel(house, PEOPLE["one"])
    assert len(await told(house, SCHOOL)) == 1


async def test_a_follow_altered_by_hand_tells_nothing(house: House) -> None:
    await follow(house, HOUSING, PEOPLE["one"])
    await cancel(house, PEOPLE["one"])
    await house.run("UPDATE follow SET department = 'education', purpose = 'school-place'")
    answer = await house.ask(ALL_CASES, CHANGES)
    assert (answer.status, answer.codes) == (500, ["INTERNAL"])


async def test_case_and_mark_lie_sealed(house: House) -> None:
    await follow(house, SCHOOL, PEOPLE["one"], "a-mark-of-ours")
    rows = await on_database(house.settings, "SELECT * FROM follow")
    text = repr(rows)
    assert "a-mark-of-ours" not in text
    assert "12号" not in text
    logged = b"".join(house.lines).decode()
    assert "a-mark-of-ours" not in logged


async def test_the_desk_can_neither_follow_nor_ask_for_changes(house: House) -> None:
    desk = Seat(
        department="receiving-office",
        official="clerk-1",
        purpose="address-change",
        case=builders.CASE_NUMBER,
    )
    for document, variables in ((FOLLOW, {"i": form(PEOPLE["one"])}), (CHANGES, {})):
        answer = await house.ask(desk, document, variables)
        assert (answer.status, answer.codes[0]) == (403, "FIELD_FORBIDDEN")


async def test_a_corrected_number_turns_the_answer_to_the_former_one_and_is_told(
    house: House,
) -> None:
    await follow(house, SCHOOL, PEOPLE["one"])
    given = {
        "person": presented(PEOPLE["one"]),
        "to": {"idNumber": str(builders.id_number(21))},
        "materials": ["household_register"],
        "writtenReason": "户口簿号码更正",
    }
    await act(house, "proposeIdentityChange", given)
    assert await told(house, SCHOOL) == []
    by = seat("confirmIdentityChange", official=COLLEAGUE)
    done = await act(house, "confirmIdentityChange", given, by=by)
    assert done.data["confirmIdentityChange"]["decision"]["outcome"] == "recorded"
    assert await told(house, SCHOOL) == [("r1", "ACTIVE_CHANGED")]


async def test_a_cancellation_that_was_a_slip_is_told_and_so_is_its_undoing(house: House) -> None:
    await follow(house, SCHOOL, PEOPLE["one"])
    version = await cancel(house, PEOPLE["one"])
    given = {
        "person": presented(PEOPLE["one"]),
        "version": version,
        "writtenReason": "录错人",
    }
    done = await act(house, "voidAct", given, by=seat("voidAct", official=COLLEAGUE))
    assert done.data["voidAct"]["decision"]["outcome"] == "recorded", done.body
    assert await told(house, SCHOOL) == [("r1", "ACTIVE_CHANGED")] * 2
