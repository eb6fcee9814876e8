"""Every partner "no" is the same bytes, whatever the reason; the desk with the case sees why.

Unknown, another name, suspended, lapsed to the day, cancelled on each ground, not yet valid, never
issued, registration ended: a partner department can tell none of them from another.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.facts import Cancel, Close, NewPerson
from regulation.permit import CancelGround
from tests import builders
from tests.builders import ISSUED_ACTIVE, OFFICE, TODAY, issued
from tests.end_to_end.house import Answered, House, Seat, house_of
from tests.end_to_end.matrix import PARTNERS, Column

DAY = timedelta(days=1)
LAST_DAY_TODAY = replace(issued(TODAY - 365 * DAY), valid_to=TODAY)
LAST_DAY_YESTERDAY = replace(issued(TODAY - 365 * DAY), valid_to=TODAY - DAY)
FROM_TOMORROW = issued(TODAY + DAY)
LEFT = (
    issued(ISSUED_ACTIVE),
    Cancel(happened_on=TODAY - DAY, ground=CancelGround.NO_LONGER_QUALIFIES, office=OFFICE),
    Close(happened_on=TODAY - DAY, office=OFFICE),
)


def in_case(new: NewPerson) -> NewPerson:
    """The same person with a case that the desk has open."""
    return replace(new, cases=(builders.case(),))


PEOPLE = {
    name: in_case(new)
    for name, new in {
        "holder": builders.active(1),
        "holder to the last day": builders.person(2, acts=[LAST_DAY_TODAY]),
        "lapsed yesterday": builders.person(3, acts=[LAST_DAY_YESTERDAY]),
        "suspended": builders.suspended(4),
        "not yet valid": builders.person(5, acts=[FROM_TOMORROW]),
        "without a permit": builders.person(6),
        "gone": builders.person(7, acts=LEFT),
        **{
            f"cancelled: {ground}": builders.cancelled(8 + number, ground)
            for number, ground in enumerate(CancelGround)
        },
    }.items()
}
NO = [name for name in PEOPLE if not name.startswith("holder")]
PERSON = """query($n:String!,$m:String!){person(idNumber:$n,name:$m){
  permit{active entitled(service:"24(4)") entitlements{answer}} residence{division{name}}}}"""
VERIFY = "query($r:[VerifyRow!]!){verify(rows:$r){ref answer basis on notice refusal{code}}}"
NOTICE = (
    "未能确认其持有有效居住证。本答复不构成可以拒绝提供服务的结论；请核对姓名与公民身份号码，"
    "或者请当事人到居住地受理机构查询。"
)
DESK = Seat(department="receiving-office", purpose="annual-endorsement", case=builders.CASE_NUMBER)


def presented(name: str) -> dict[str, str]:
    given = PEOPLE[name].registration
    return {"idNumber": given.id_number, "name": given.name}


REFUSED: dict[str, dict[str, str]] = {
    **{name: presented(name) for name in NO},
    "unknown": {"idNumber": builders.id_number(900), "name": "测试900"},
    "another's name": {**presented("holder"), "name": "测试2"},
    "a holder's name with another's number": {**presented("suspended"), "name": "测试1"},
}


def bare(answer: Answered) -> tuple[int, bytes, dict[str, str]]:
    """An answer without what names its request and record."""
    own = {"x-request-id", "content-length"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return answer.status, answer.data_bytes, headers


async def person(house: House, seat: Seat, given: dict[str, str]) -> Answered:
    return await house.ask(seat, PERSON, {"n": given["idNumber"], "m": given["name"]})


async def verify(house: House, seat: Seat, *given: dict[str, str]) -> Answered:
    rows = [{"ref": "r", "presented": one} for one in given]
    return await house.ask(seat, VERIFY, {"r": rows})


@pytest.mark.parametrize("column", PARTNERS, ids=str)
async def test_every_no_of_person_is_the_same_bytes(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    async with house_of(tmp_path, database_url, PEOPLE) as house:
        for name in ("holder", "holder to the last day"):
            found = await person(house, column.seat, presented(name))
            assert found.data["person"] is not None
        first = await person(house, column.seat, REFUSED["unknown"])
        assert first.data_bytes == b'{"person":null}'
        assert first.errors == []
        for name, given in REFUSED.items():
            answer = await person(house, column.seat, given)
            assert bare(answer) == bare(first), name
            assert set(answer.whole) == {"data", "extensions"}
            assert set(answer.audit) == {"log", "index", "leaf"}
            kept = await house.record(answer)
            assert (kept.says["outcome"], kept.subjects, kept.missed) == ("missed", [], 1)


@pytest.mark.parametrize("column", PARTNERS, ids=str)
async def test_every_no_of_verify_is_the_same_bytes_with_the_notice(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    no = {
        "ref": "r", "answer": "NO", "basis": None, "on": "2026-11-20", "notice": NOTICE,
        "refusal": None,
    }  # fmt: skip
    async with house_of(tmp_path, database_url, PEOPLE) as house:
        yes = await verify(house, column.seat, presented("holder to the last day"))
        assert yes.data == {
            "verify": [no | {"answer": "YES", "basis": "PRESENTED", "notice": None}]
        }
        first = await verify(house, column.seat, REFUSED["unknown"])
        assert first.data == {"verify": [no]}
        for name, given in REFUSED.items():
            answer = await verify(house, column.seat, given)
            assert bare(answer) == bare(first), name
        together = await verify(house, column.seat, *REFUSED.values())
        assert together.data == {"verify": [no] * len(REFUSED)}
        kept = await house.record(together)
        assert (kept.subjects, kept.missed) == ([], len(REFUSED))


@pytest.mark.parametrize("column", PARTNERS, ids=str)
async def test_no_row_of_any_of_says_more(
    tmp_path: Path, database_url: str, column: Column
) -> None:
    names = list(REFUSED)
    async with house_of(tmp_path, database_url, PEOPLE) as house:
        rows: list[dict[str, object]] = [
            {"ref": "r", "anyOf": [REFUSED[name] for name in names[start : start + 3]]}
            for start in range(0, len(names), 3)
        ]
        answer = await house.ask(column.seat, VERIFY, {"r": rows})
        assert {str(row) for row in answer.data["verify"]} == {
            str(
                {
                    "ref": "r", "answer": "NO", "basis": None, "on": "2026-11-20",
                    "notice": NOTICE, "refusal": None,
                }
            )
        }  # fmt: skip
        parent = {"ref": "r", "anyOf": [REFUSED["suspended"], presented("holder")]}
        answer = await house.ask(column.seat, VERIFY, {"r": [parent]})
        (row,) = answer.data["verify"]
        assert (row["answer"], row["basis"]) == ("YES", "ANY_OF_2")


async def test_a_yes_for_a_later_day_never_shows_the_last_one(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, PEOPLE) as house:
        seat = PARTNERS[0].seat
        given = presented("holder to the last day")
        answers = {}
        for days in (-1, 0, 1, 90, 91):
            on = (TODAY + days * DAY).isoformat()
            row = {"ref": "r", "presented": given, "on": on}
            answer = await house.ask(seat, VERIFY, {"r": [row]})
            (one,) = answer.data["verify"]
            answers[days] = one["answer"] or one["refusal"]["code"]
        assert answers == {
            -1: "DAY_OUT_OF_RANGE", 0: "YES", 1: "NO", 90: "NO", 91: "DAY_OUT_OF_RANGE",
        }  # fmt: skip
        tomorrow = (TODAY + DAY).isoformat()
        row = {"ref": "r", "presented": presented("not yet valid"), "on": tomorrow}
        answer = await house.ask(seat, VERIFY, {"r": [row]})
        (one,) = answer.data["verify"]
        assert one["answer"] == "YES"


async def test_the_desk_with_the_case_sees_each_of_them_and_why(
    tmp_path: Path, database_url: str
) -> None:
    document = """query($n:String!,$m:String!){person(idNumber:$n,name:$m){
      name permit{active status cancelGround suspendedFrom}}}"""
    seen = {}
    async with house_of(tmp_path, database_url, PEOPLE) as house:
        for name in PEOPLE:
            given = presented(name)
            answer = await house.ask(DESK, document, {"n": given["idNumber"], "m": given["name"]})
            person_ = answer.data["person"]
            assert person_["name"] == given["name"]
            seen[name] = person_["permit"]
    yesterday, long_ago = TODAY.isoformat(), "2026-07-09"

    def permit(status: str, ground: str | None = None, since: str | None = None) -> object:
        return {
            "active": status == "ACTIVE", "status": status, "cancelGround": ground,
            "suspendedFrom": since,
        }  # fmt: skip

    assert seen == {
        "holder": permit("ACTIVE"),
        "holder to the last day": permit("ACTIVE"),
        "lapsed yesterday": permit("SUSPENDED", since=yesterday),
        "suspended": permit("SUSPENDED", since=long_ago),
        "not yet valid": permit("PENDING"),
        "without a permit": None,
        "gone": permit("CANCELLED", "no_longer_qualifies"),
        **{f"cancelled: {one}": permit("CANCELLED", one.value) for one in CancelGround},
    }
