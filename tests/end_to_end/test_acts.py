"""The desks' acts over HTTP: each promise of a mutation, on both databases (ADR 11)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest

from db.facts import Cancel
from regulation.permit import CancelGround
from tests import builders
from tests.builders import CASE_NUMBER, COUNTY, OFFICE, TODAY, case, elsewhere
from tests.end_to_end.acts import (
    COLLEAGUE,
    ELSEWHERE,
    OFFICIALS,
    act,
    declaration,
    document,
    due,
    eligible,
    filing,
    presented,
    seat,
    with_case,
)
from tests.end_to_end.house import Answered, House, Json, Seat, house_of, on_database

DAY = timedelta(days=1)
TWO_DAYS_AWAY = TODAY - timedelta(days=2)
EARLY = with_case(builders.person(6, acts=[builders.issued(TODAY - timedelta(days=330))]))
WINDOW_OPENS = date(2026, 11, 25)
"""Thirty days before the last day of EARLY's permit (article 20, R7)."""
CANCELLED = with_case(
    builders.person(
        7,
        acts=[
            builders.issued(TODAY - timedelta(days=100)),
            Cancel(
                happened_on=TWO_DAYS_AWAY, ground=CancelGround.NO_LONGER_QUALIFIES, office=OFFICE
            ),
        ],
    )
)
PEOPLE = {
    "eligible": eligible(1),
    "due": due(2),
    "newcomer": with_case(
        builders.person(
            registered=replace(builders.registration(3), registered_on=TODAY - timedelta(days=30))
        )
    ),
    "without a case": builders.person(4),
    "closed case": with_case(builders.person(5), opened_on=TODAY - 9 * DAY, closed_on=TODAY - DAY),
    "early": EARLY,
    "cancelled": CANCELLED,
    "other county": elsewhere(builders.person(8)),
}


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=OFFICIALS) as house:
        yield house


def result(answered: Answered, name: str) -> Json:
    """The result of an act that was done."""
    return answered.data[name]


def places(answered: Answered) -> set[str | None]:
    return {entry["extensions"].get("at") for entry in answered.errors}


async def events(house: House) -> int:
    ((count,),) = await on_database(house.settings, "SELECT count(*) FROM event")
    assert isinstance(count, int)
    return count


# --- an application, from the counter to the card --------------------------------------------


async def test_an_application_is_filed_approved_issued_and_read_back(house: House) -> None:
    who = {"person": presented(PEOPLE["eligible"])}
    filed = result(
        await act(house, "fileApplication", filing(PEOPLE["eligible"])), "fileApplication"
    )
    approved = result(await act(house, "approveApplication", who), "approveApplication")
    ordered = result(await act(house, "orderCard", who), "orderCard")
    waiting = await house.ask(
        Seat(department="receiving-office", purpose="desk-list", official="clerk-1"),
        "{applications(filter:{state:[IN_PRODUCTION]}){nodes{state}}}",
    )
    assert waiting.data["applications"]["nodes"] == [{"state": "IN_PRODUCTION"}]
    twice = result(await act(house, "orderCard", who), "orderCard")
    assert twice["decision"]["outcome"] == "refused"
    issued = result(await act(house, "issueCard", who), "issueCard")
    assert [one["decision"]["outcome"] for one in (filed, approved, ordered, issued)] == [
        "accepted", "recorded", "recorded", "issued",
    ]  # fmt: skip
    assert filed["decision"]["acceptedOn"] == TODAY.isoformat()
    assert filed["decision"]["deadline"]["day"] == (TODAY + timedelta(days=30)).isoformat()
    assert issued["decision"]["validTo"] == "2027-11-20"
    assert [one["version"] for one in (filed, approved, ordered, issued)] == [2, 3, 4, 5]
    shown = await house.ask(
        seat("fileApplication"),
        "query($i:ID!){node(id:$i){... on Person{permit{status validTo}}}}",
        {"i": issued["person"]},
    )
    assert shown.data == {"node": {"permit": {"status": "ACTIVE", "validTo": "2027-11-20"}}}


async def test_an_incomplete_application_lists_all_gaps_at_once_and_is_completed(
    house: House,
) -> None:
    gaps = await act(house, "fileApplication", filing(PEOPLE["eligible"], materials=[]))
    decision = result(gaps, "fileApplication")["decision"]
    assert decision["outcome"] == "incomplete"
    assert [gap["code"] for gap in decision["missing"]] == [
        "resident_id_card", "photo", "condition_evidence",
    ]  # fmt: skip
    assert (decision["official"], decision["remedies"]) == (None, None)
    whole = await act(
        house,
        "supplementApplication",
        {
            "person": presented(PEOPLE["eligible"]),
            "materials": ["resident_id_card", "photo", "lease_contract"],
        },
    )
    assert result(whole, "supplementApplication")["decision"]["outcome"] == "accepted"


async def test_who_is_not_eligible_is_told_reasons_day_official_and_remedies(house: House) -> None:
    answered = await act(house, "fileApplication", filing(PEOPLE["newcomer"]), language="en")
    decision = result(answered, "fileApplication")["decision"]
    assert decision["outcome"] == "not_eligible"
    assert [reason["code"] for reason in decision["reasons"]] == ["RESIDENCE_UNDER_HALF_YEAR"]
    assert decision["earliest"] == "2027-04-21"
    assert decision["official"] == "clerk-1"
    assert "reconsideration" in decision["remedies"]
    again = await act(house, "fileApplication", filing(PEOPLE["newcomer"]))
    assert "行政复议" in result(again, "fileApplication")["decision"]["remedies"]


@pytest.mark.parametrize("given", [{}, {"writtenReason": ""}, {"writtenReason": "  "}], ids=str)
async def test_nothing_is_refused_without_a_reason(house: House, given: dict[str, Json]) -> None:
    await act(house, "fileApplication", filing(PEOPLE["eligible"]))
    answered = await act(
        house, "refuseApplication", {"person": presented(PEOPLE["eligible"]), **given}
    )
    decision = result(answered, "refuseApplication")["decision"]
    assert decision["outcome"] == "blocked"
    assert [reason["code"] for reason in decision["reasons"]] == ["REFUSAL_WITHOUT_REASON"]


async def test_a_declared_residence_is_registered_and_found_again(house: House) -> None:
    answered = await act(house, "registerResidence", declaration(9))
    registered = result(answered, "registerResidence")
    assert registered["decision"]["outcome"] == "recorded"
    assert registered["decision"]["permitFrom"] == "2027-05-20"
    again = await act(house, "openCase", {"person": {
        "idNumber": builders.id_number(9), "name": builders.registration(9).name,
    }, "kind": "ENQUIRY"})  # fmt: skip
    assert result(again, "openCase")["person"] == registered["person"]


# --- once ------------------------------------------------------------------------------------


async def test_the_same_key_gives_the_first_answer_and_acts_once(house: House) -> None:
    first = await act(house, "fileApplication", filing(PEOPLE["eligible"]), key="k-1")
    before = await events(house)
    again = await act(house, "fileApplication", filing(PEOPLE["eligible"]), key="k-1")
    assert again.data == first.data
    assert await events(house) == before
    assert (await house.record(again)).says["decision"] == "Mutation.fileApplication repeated"
    assert again.index == first.index + 1


async def test_of_ten_thumbs_with_one_key_one_acts_and_all_get_its_answer(house: House) -> None:
    before = await events(house)
    answers = await asyncio.gather(
        *(act(house, "fileApplication", filing(PEOPLE["eligible"]), key="thumb") for _ in range(10))
    )
    assert len({orjson.dumps(one.data) for one in answers}) == 1
    assert result(answers[0], "fileApplication")["decision"]["outcome"] == "accepted"
    repeated = [
        one for one in answers if "repeated" in str((await house.record(one)).says["decision"])
    ]
    assert len(repeated) == 9
    assert await events(house) > before
    after = await events(house)
    await act(house, "fileApplication", filing(PEOPLE["eligible"]), key="thumb")
    assert await events(house) == after


async def test_a_repeated_answer_is_in_the_language_of_who_asks_again(house: House) -> None:
    first = await act(house, "fileApplication", filing(PEOPLE["eligible"]), key="k-1")
    again = await act(
        house, "fileApplication", filing(PEOPLE["eligible"]), key="k-1", language="en"
    )
    assert result(first, "fileApplication")["decision"]["message"] == "予以受理"
    assert result(again, "fileApplication")["decision"]["message"] == "accepted"


@pytest.mark.parametrize("other", ["input", "act", "official"])
async def test_a_key_that_was_used_for_something_else_is_refused(house: House, other: str) -> None:
    await act(house, "fileApplication", filing(PEOPLE["eligible"]), key="k-1")
    before = await events(house)
    match other:
        case "input":
            given = filing(PEOPLE["eligible"], limitedMobility=True)
            answered = await act(house, "fileApplication", given, key="k-1")
        case "act":
            who = {"person": presented(PEOPLE["eligible"])}
            answered = await act(house, "approveApplication", who, key="k-1")
        case _:
            by = seat("fileApplication", official=COLLEAGUE)
            answered = await act(
                house, "fileApplication", filing(PEOPLE["eligible"]), key="k-1", by=by
            )
    assert answered.codes == ["IDEMPOTENCY_KEY_REUSED"]
    assert await events(house) == before


@pytest.mark.parametrize("key", ["", "x" * 65, "two words", "tab\there", "键\u200b"])
async def test_a_key_is_1_to_64_visible_characters(house: House, key: str) -> None:
    answered = await house.ask(
        seat("fileApplication"),
        document("fileApplication"),
        {"input": {"idempotencyKey": key, **filing(PEOPLE["eligible"])}},
    )
    assert places(answered) == {"input.idempotencyKey"}


# --- two clerks ------------------------------------------------------------------------------


async def test_the_slower_clerk_gets_conflict_with_the_present_version(house: House) -> None:
    who = filing(PEOPLE["eligible"], expectedVersion=1)
    assert result(await act(house, "fileApplication", who), "fileApplication")["version"] == 2
    late = await act(
        house,
        "withdrawApplication",
        {"person": presented(PEOPLE["eligible"]), "expectedVersion": 1},
        by=seat("withdrawApplication", official=COLLEAGUE),
    )
    assert late.codes == ["CONFLICT"]
    assert late.errors[0]["extensions"]["version"] == 2
    assert (await house.record(late)).says["outcome"] == "denied"


async def test_of_two_clerks_at_once_one_wins(house: House) -> None:
    await act(house, "fileApplication", filing(PEOPLE["eligible"]))
    who = {"person": presented(PEOPLE["eligible"]), "expectedVersion": 2}
    answers = await asyncio.gather(
        act(house, "approveApplication", who, key="one"),
        act(
            house,
            "withdrawApplication",
            who,
            key="other",
            by=seat("withdrawApplication", official=COLLEAGUE),
        ),
    )
    assert sorted(str(one.codes) for one in answers) == ["['CONFLICT']", "[]"]


# --- who is reached --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    ["unknown", "wrong name", "without a case", "closed case", "other county", "another's case"],
)
async def test_whoever_is_not_reached_gets_one_and_the_same_answer(
    house: House, asked: str
) -> None:
    who = presented(PEOPLE["eligible"])
    by = seat("fileApplication")
    match asked:
        case "unknown":
            who = presented(builders.person(99))
        case "wrong name":
            who["name"] = "另一测"
        case "another's case":
            by = seat("fileApplication", official=ELSEWHERE)
        case _:
            who = presented(PEOPLE[asked])
    before = await events(house)
    answered = await act(
        house, "fileApplication", {**filing(PEOPLE["eligible"]), "person": who}, by=by
    )
    entry = answered.errors[0]
    entry["extensions"].pop("requestId")
    assert answered.whole["data"] == {"fileApplication": None}
    assert entry == {
        "message": "在本案号下未找到此人：请核对姓名与公民身份号码，并先用 openCase 立案；"
        "外辖区人员须以到达或变更事由立案。",
        "path": ["fileApplication"],
        "extensions": {"code": "PERSON_NOT_REACHED"},
    }
    kept = await house.record(answered)
    assert (kept.says["outcome"], kept.subjects, kept.missed) == ("missed", [], 1)
    assert await events(house) == before


async def test_an_act_without_a_case_is_refused_and_opening_one_needs_none(house: House) -> None:
    without = await act(
        house,
        "fileApplication",
        filing(PEOPLE["eligible"]),
        by=seat("fileApplication", case=None),
    )
    assert (without.status, without.codes) == (403, ["CASE_REQUIRED"])
    opened = await act(
        house,
        "openCase",
        {"person": presented(PEOPLE["without a case"]), "kind": "ENQUIRY"},
        by=seat("openCase", case=None),
    )
    number = result(opened, "openCase")["case"]
    assert number.startswith(f"{COUNTY}-20261120-")
    filed = await act(
        house,
        "fileApplication",
        filing(PEOPLE["without a case"]),
        by=seat("fileApplication", case=number),
    )
    assert result(filed, "fileApplication")["decision"]["outcome"] == "accepted"


async def test_an_arrival_of_somebody_unknown_and_of_a_wrong_name_look_alike(house: House) -> None:
    unknown = presented(builders.person(99))
    misnamed = {**presented(PEOPLE["eligible"]), "name": "另一测"}
    by = Seat(department="receiving-office", official="clerk-1", purpose="residence-registration")
    shapes = []
    for who in (unknown, misnamed):
        answered = await act(house, "openCase", {"person": who, "kind": "ARRIVAL"}, by=by)
        opened = result(answered, "openCase")
        opened["case"] = len(opened["case"])
        shapes.append(opened)
    assert shapes[0] == shapes[1]
    assert shapes[0]["person"] is None


async def test_a_mover_is_found_from_another_county_once_the_case_is_open(house: House) -> None:
    who = presented(PEOPLE["other county"])
    by = Seat(department="receiving-office", official="clerk-1", purpose="address-change")
    opened = await act(house, "openCase", {"person": who, "kind": "MOVE"}, by=by)
    number = result(opened, "openCase")["case"]
    moved = await act(
        house,
        "reportMove",
        {
            "person": who,
            "movedOn": [TWO_DAYS_AWAY.isoformat()],
            "to": builders.TOWNSHIP,
            "address": "赤峰市红山区西屯街道测试路8号",
            "materials": ["resident_id_card", "lease_contract"],
        },
        by=replace(by, case=number),
    )
    assert result(moved, "reportMove")["decision"]["outcome"] == "recorded"


async def test_a_closed_case_reaches_nobody_any_more(house: House) -> None:
    who = {"person": presented(PEOPLE["eligible"])}
    read = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){idNumber}}"
    named = {"n": who["person"]["idNumber"], "m": who["person"]["name"]}
    assert (await house.ask(seat("closeCase"), read, named)).data["person"] is not None
    closed = await act(house, "closeCase", who)
    assert result(closed, "closeCase")["decision"]["outcome"] == "recorded"
    assert (await house.record(closed)).subjects[0][0] == house.persons["eligible"]
    assert (await house.ask(seat("closeCase"), read, named)).data == {"person": None}
    for name, given in (("fileApplication", filing(PEOPLE["eligible"])), ("closeCase", who)):
        assert (await act(house, name, given)).codes == ["PERSON_NOT_REACHED"]


async def test_a_case_ends_by_itself_after_sixty_days(house: House) -> None:
    opened = await act(
        house,
        "openCase",
        {"person": presented(PEOPLE["without a case"]), "kind": "ENQUIRY"},
        by=seat("openCase", case=None),
    )
    number = result(opened, "openCase")["case"]
    by = seat("checkEligibility", case=number)
    given = filing(PEOPLE["without a case"])
    house.clock.seconds += 59 * 86400
    last = await act(house, "checkEligibility", given, by=by)
    assert result(last, "checkEligibility")["decision"]["outcome"] == "accepted"
    house.clock.seconds += 86400
    assert (await act(house, "checkEligibility", given, by=by)).codes == ["PERSON_NOT_REACHED"]


# --- forms -----------------------------------------------------------------------------------

FAULTY: dict[str, Json] = {
    "person": {"idNumber": "12", "name": "?"},
    "claims": [],
    "materials": ["zz"],
    "hukou": "150427",
    "happenedOn": "2026-02-30",
    "otherEvidence": [{"condition": "HOUSING", "writtenReason": "\u0007"}],
}


async def test_all_faults_of_a_form_come_at_once_with_their_places_and_leave_no_record(
    house: House,
) -> None:
    before = len(await house.records())
    for language in ("zh-CN", "en"):
        answered = await act(house, "fileApplication", FAULTY, key="", language=language)
        assert places(answered) == {
            "input.happenedOn",
            "input.person.idNumber",
            "input.person.name",
            "input.claims",
            "input.materials[0]",
            "input.hukou",
            "input.otherEvidence[0].writtenReason",
        }
        chinese = [any("\u4e00" <= sign <= "\u9fff" for sign in one["message"])
                   for one in answered.errors]  # fmt: skip
        assert set(chinese) == {language == "zh-CN"}
        assert b"150427" not in answered.body
    assert len(await house.records()) == before


@pytest.mark.parametrize(
    ("happened", "reason", "at"),
    [
        (date(2026, 11, 13), "停电", set()),
        (date(2026, 11, 12), "停电", {"input.happenedOn"}),
        (date(2026, 11, 13), "", {"input.lateReason"}),
        (TODAY + DAY, "停电", {"input.happenedOn"}),
        (TODAY, "", set()),
    ],
    ids=["five working days", "six", "no reason", "ahead", "today"],
)
async def test_an_act_may_be_entered_five_working_days_late_with_a_reason(
    house: House, happened: date, reason: str, at: set[str]
) -> None:
    given = filing(PEOPLE["eligible"], happenedOn=happened.isoformat(), lateReason=reason)
    answered = await act(house, "fileApplication", given)
    assert places(answered) == at
    if not at:
        decision = result(answered, "fileApplication")["decision"]
        assert decision["acceptedOn"] == happened.isoformat()
        told = (await house.record(answered)).says["decision"]
        assert ("happened:2026-11-13" in told) is (happened != TODAY)
        assert "停电".encode() not in (await house.record(answered)).body


# --- a batch ---------------------------------------------------------------------------------


def row(ref: str, who: Json, **more: Json) -> dict[str, Json]:
    passed = {"review": "PASSED", "reviewer": "demo-01"}
    return {"ref": ref, "person": who, **passed, **more}


async def test_rows_of_a_batch_are_answered_each_for_itself(house: House) -> None:
    rows = [
        row("due", presented(PEOPLE["due"])),
        row("early", presented(PEOPLE["early"])),
        row("nobody", presented(builders.person(99))),
        row("cancelled", presented(PEOPLE["cancelled"])),
        row("slip", {"idNumber": "1", "name": "?"}),
    ]
    answered = await act(house, "endorsePermits", {"rows": rows}, key="batch")
    done = {one["ref"]: one for one in result(answered, "endorsePermits")}
    assert list(done) == ["due", "early", "nobody", "cancelled", "slip"]
    assert done["due"]["result"]["decision"]["outcome"] == "endorsed"
    early = done["early"]["result"]["decision"]
    assert [one["code"] for one in early["reasons"]] == ["WINDOW_NOT_OPEN"]
    assert early["earliest"] == WINDOW_OPENS.isoformat()
    assert [one["code"] for one in done["nobody"]["refusals"]] == ["PERSON_NOT_REACHED"]
    assert done["cancelled"]["result"]["decision"]["outcome"] == "refused"
    assert [one["at"] for one in done["slip"]["refusals"]] == [
        "input.rows[4].person.idNumber", "input.rows[4].person.name",
    ]  # fmt: skip
    again = await act(house, "endorsePermits", {"rows": rows}, key="batch")
    assert result(again, "endorsePermits")[0] == result(answered, "endorsePermits")[0]


async def test_a_row_may_carry_its_own_case(house: House) -> None:
    rows = [row("a", presented(PEOPLE["due"]), case=CASE_NUMBER), row("b", presented(EARLY))]
    by = seat("endorsePermits", case=None)
    answered = await act(house, "endorsePermits", {"rows": rows}, by=by)
    first, second = result(answered, "endorsePermits")
    assert first["result"]["decision"]["outcome"] == "endorsed"
    assert [one["code"] for one in second["refusals"]] == ["CASE_REQUIRED"]


@pytest.mark.parametrize(("count", "taken"), [(0, False), (1, True), (200, True), (201, False)])
async def test_a_batch_has_1_to_200_rows(house: House, count: int, *, taken: bool) -> None:
    rows = [row(f"r{n}", {"idNumber": "1", "name": "?"}) for n in range(count)]
    answered = await act(house, "endorsePermits", {"rows": rows})
    if taken:
        assert len(result(answered, "endorsePermits")) == count
    else:
        assert places(answered) == {"input.rows"}


# --- the review of the community police officer ----------------------------------------------

POLICE = Seat(department="community-police", purpose="annual-endorsement", case=CASE_NUMBER)


async def reviewed(house: House, found: str, reason: str | None = None) -> Json:
    given = {"person": presented(PEOPLE["due"]), "review": found, "reason": reason}
    return result(await act(house, "reviewEndorsement", given, by=POLICE), "reviewEndorsement")


async def endorsed(house: House, **more: Json) -> Json:
    rows = [{"ref": "r", "person": presented(PEOPLE["due"]), **more}]
    (row,) = result(await act(house, "endorsePermits", {"rows": rows}), "endorsePermits")
    return row["result"]["decision"]


async def test_an_endorsement_waits_for_the_officers_review_and_goes_by_it(house: House) -> None:
    waits = await endorsed(house)
    assert waits["outcome"] == "pending"
    assert [one["code"] for one in waits["reasons"]] == ["POLICE_REVIEW_MISSING"]
    assert (await reviewed(house, "PASSED"))["decision"]["outcome"] == "recorded"
    assert (await endorsed(house))["outcome"] == "endorsed"


async def test_what_the_officer_recorded_stands_before_what_the_office_reports(
    house: House,
) -> None:
    assert (await reviewed(house, "FAILED", "人去屋空"))["decision"]["outcome"] == "recorded"
    refused = await endorsed(house, review="PASSED", reviewer="somebody")
    assert refused["outcome"] == "refused"
    assert [one["code"] for one in refused["reasons"]] == ["POLICE_REVIEW_FAILED"]
    await reviewed(house, "PASSED")
    assert (await endorsed(house))["outcome"] == "endorsed"


async def test_a_review_is_good_for_one_endorsement(house: House) -> None:
    await reviewed(house, "PASSED")
    await endorsed(house)
    again = await endorsed(house)
    assert [one["code"] for one in again["reasons"]] == ["WINDOW_NOT_OPEN"]
    early = await reviewed(house, "PASSED")
    assert early["decision"]["outcome"] == "refused"
    assert early["decision"]["earliest"] == "2027-11-05"


async def test_the_receiving_office_cannot_review_in_the_officers_place(house: House) -> None:
    given = {"person": presented(PEOPLE["due"]), "review": "PASSED"}
    answered = await act(house, "reviewEndorsement", given)
    assert (answered.status, answered.codes) == (403, ["FIELD_FORBIDDEN"])


# --- checks that change nothing --------------------------------------------------------------


async def test_a_dry_run_answers_like_the_application_and_files_nothing(house: House) -> None:
    before = await events(house)
    for name in ("eligible", "newcomer"):
        dry = await act(house, "checkEligibility", filing(PEOPLE[name]))
        assert await events(house) == before
        real = await act(house, "fileApplication", filing(PEOPLE[name]))
        decision = result(dry, "checkEligibility")["decision"]
        assert decision == result(real, "fileApplication")["decision"]
        assert result(dry, "checkEligibility")["version"] == 1
        before = await events(house)
        assert (await house.record(dry)).subjects[0][0] == house.persons[name]


@pytest.mark.parametrize(("family", "outcome"), [(True, "not_met"), (False, "not_met")])
async def test_a_settlement_check_is_an_indication_with_its_day(
    house: House, *, family: bool, outcome: str
) -> None:
    given = {
        "person": presented(PEOPLE["eligible"]),
        "hukouKind": "RURAL_PASTORAL",
        "area": "URBAN",
        "wholeFamily": family,
        "ownWish": True,
    }
    answered = await act(house, "checkSettlement", given)
    decision = result(answered, "checkSettlement")["decision"]
    assert decision["outcome"] == outcome
    assert decision["who"] == "公安机关"
    # Registered on 2024-11-20: three years are full on 2027-11-20, where nothing else lacks.
    assert decision["earliest"] == ("2027-11-20" if family else None)


@pytest.mark.parametrize(
    ("service", "fen", "reasons"),
    [
        ("REGISTRATION", 1, ["FREE_BY_ART_21"]),
        ("REGISTRATION", 0, []),
        ("REPLACEMENT_LOST", 2000, ["FEE_WITHOUT_BASIS"]),
    ],
)
async def test_what_is_free_is_never_charged(
    house: House, service: str, fen: int, reasons: list[str]
) -> None:
    answered = await act(house, "checkCharge", {"service": service, "fen": fen})
    decision = result(answered, "checkCharge")["decision"]
    assert [one["code"] for one in decision["reasons"]] == reasons
    assert (await house.record(answered)).says["outcome"] == ("denied" if reasons else "released")


# --- the document ----------------------------------------------------------------------------


async def test_acts_are_done_in_the_documents_order_and_a_refusal_stops_none(house: House) -> None:
    who = presented(PEOPLE["eligible"])
    step = "{decision{outcome}}"
    text = f"""mutation($f:FileApplicationInput!,$s:ApplicationStepInput!,
      $t:ApplicationStepInput!,$u:ApplicationStepInput!){{
      early:approveApplication(input:$s){step} filed:fileApplication(input:$f){step}
      wrong:approveApplication(input:$t){step} then:withdrawApplication(input:$u){step}}}"""
    answered = await house.ask(
        seat("fileApplication"),
        text,
        {
            "f": {"idempotencyKey": "1", **filing(PEOPLE["eligible"])},
            "s": {"idempotencyKey": "2", "person": who},
            "t": {"idempotencyKey": "3", "person": who, "expectedVersion": 77},
            "u": {"idempotencyKey": "4", "person": who},
        },
    )
    data = answered.whole["data"]
    assert list(data) == ["early", "filed", "wrong", "then"]
    assert data["early"]["decision"]["outcome"] == "refused"
    assert data["filed"]["decision"]["outcome"] == "accepted"
    assert data["wrong"] is None
    assert data["then"]["decision"]["outcome"] == "recorded"
    assert [(entry["path"], entry["extensions"]["code"]) for entry in answered.errors] == [
        (["wrong"], "CONFLICT")
    ]


async def test_an_act_never_comes_by_get(house: House) -> None:
    by = seat("openCase")
    headers = {"authorization": f"Bearer {house.token(by)}", **by.headers}
    answered = await house.get(
        '/graphql?query=mutation{openCase(input:{idempotencyKey:"1"}){case}}', headers
    )
    assert answered.status in {400, 405}
    assert "data" not in answered.whole


async def test_a_partner_has_no_acts_of_a_desk(house: House) -> None:
    school = Seat(department="education", purpose="school-place", case="demo-1")
    for name in ("openCase", "fileApplication"):
        answered = await act(house, name, filing(PEOPLE["eligible"]), by=school)
        assert answered.status in {400, 403}
        assert "data" not in answered.whole
    listed = await house.ask(school, "{__schema{mutationType{fields{name}}}}")
    acts = {field["name"] for field in listed.data["__schema"]["mutationType"]["fields"]}
    assert acts == {"followCase", "unfollowCase", "requestCorrection"}


# --- what must survive -----------------------------------------------------------------------


async def test_an_act_whose_record_cannot_be_written_did_not_happen(house: House) -> None:
    before = await events(house)
    await house.run("ALTER TABLE audit_record RENAME TO away_record")
    answered = await act(house, "fileApplication", filing(PEOPLE["eligible"]), key="k-1")
    await house.run("ALTER TABLE away_record RENAME TO audit_record")
    assert answered.status == 503
    assert "data" not in answered.whole
    assert await events(house) == before
    again = await act(house, "fileApplication", filing(PEOPLE["eligible"]), key="k-1")
    assert result(again, "fileApplication")["decision"]["outcome"] == "accepted"


async def test_what_is_kept_of_acts_holds_no_value_of_a_person(house: House) -> None:
    await act(house, "registerResidence", declaration(9), key="nine")
    new = builders.registration(9)
    tables = ("act", "event", "person", "person_now", "residence", "lookup", "casefile")
    kept = b""
    for table in tables:
        rows = await on_database(house.settings, f"SELECT * FROM {table}")  # noqa: S608 — names above
        kept += repr(rows).encode() + b"".join(
            value for one in rows for value in one if isinstance(value, bytes)
        )
    for value in (new.name, new.id_number, new.phone, new.address, new.birth_date.isoformat()):
        assert value.encode() not in kept
    assert case().number.encode() not in kept
