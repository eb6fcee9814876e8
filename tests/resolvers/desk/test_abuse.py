"""What a hurried, careless or dishonest desk may try, and what a database may be made to say."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.desk import Done
from db.errors import RowTamperedError
from regulation.duties import Refusal
from regulation.endorsement import Review
from regulation.outcome import Actor, Gap, Outcome, Reason
from regulation.permit import CancelGround
from regulation.replacement import ReplacementReason
from resolvers.desk import application, moving, permit, registration
from tests.builders import OTHER_COUNTY, id_number
from tests.resolvers.desk.desks import ADDRESS, COMPLETE, Office, acting, declared, office
from tests.resolvers.desk.test_acts import DONE_BEFORE, ELIGIBLE, NUMBER, REGISTERED, holder

REASONED = Refusal(reasons=(Reason.NO_QUALIFYING_CONDITION,), written_reason="无条件")


@pytest.fixture
async def at(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(database_url, tmp_path) as opened:
        yield opened


async def run(at: Office, statement: str) -> None:
    def work(session: Session) -> None:
        session.execute(text(statement))

    await at.store.database.write(work)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM event WHERE kind = 'application-withdrawn'",
        "DELETE FROM event WHERE sequence = 2",
        "DELETE FROM residence WHERE changed_on IS NULL",
    ],
    ids=["the last event", "one in the middle", "the present address"],
)
async def test_no_act_is_built_on_a_past_that_lacks_something(at: Office, statement: str) -> None:
    """The act would count the events anew and sign the count: the gap would be sealed over."""
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    await application.withdraw(at.desk, acting(ELIGIBLE), NUMBER)
    await run(at, statement)
    with pytest.raises(RowTamperedError):
        await application.issue(at.desk, acting(ELIGIBLE), NUMBER)
    with pytest.raises(RowTamperedError):
        await at.file_of(NUMBER)


async def test_a_cancellation_that_was_deleted_gives_no_new_card(at: Office) -> None:
    issued = await holder(at)
    cancelling = permit.Cancelling(
        ground=CancelGround.FALSE_MATERIALS, proceeding=DONE_BEFORE, reason="虚假材料"
    )
    await permit.cancel(at.desk, acting(issued), NUMBER, cancelling)
    await run(at, "DELETE FROM event WHERE kind = 'permit-cancelled'")
    with pytest.raises(RowTamperedError):
        await permit.replace_card(at.desk, acting(issued), NUMBER, ReplacementReason.LOST)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (ELIGIBLE + timedelta(days=1), Reason.DATE_IN_FUTURE),
        (date(9999, 12, 31), Reason.DATE_IN_FUTURE),
        (ELIGIBLE - timedelta(days=1), Reason.DATES_OUT_OF_ORDER),
        (date(1, 1, 1), Reason.DATES_OUT_OF_ORDER),
    ],
    ids=["tomorrow", "the last day of all", "before the last act", "the first day of all"],
)
async def test_an_act_of_another_time_is_refused_and_recorded(
    at: Office, day: date, reason: Reason
) -> None:
    await holder(at)
    before = len(await at.records())
    when = replace(acting(ELIGIBLE), day_of_act=day)
    number = NUMBER
    done: list[Done[Any]] = [
        await permit.endorse(at.desk, when, number, permit.Endorsing(review=Review.PASSED)),
        await permit.replace_card(at.desk, when, number, ReplacementReason.LOST),
        await registration.close(at.desk, when, number),
        await application.approve(at.desk, when, number),
        await moving.report_move(
            at.desk, when, number, moving.Moving(moves=(REGISTERED,), to=OTHER_COUNTY)
        ),
    ]
    assert [each.decision.reasons for each in done] == [(reason,)] * len(done)
    assert len(await at.records()) == before + len(done)


async def test_a_move_before_the_present_address_was_taken_is_refused_and_recorded(
    at: Office,
) -> None:
    await at.register(REGISTERED)
    done = await moving.report_move(
        at.desk,
        acting(REGISTERED, division=OTHER_COUNTY),
        NUMBER,
        moving.Moving(moves=(date(2024, 1, 2),), to=OTHER_COUNTY, address=ADDRESS),
    )
    assert done.decision.reasons == (Reason.DATES_OUT_OF_ORDER,)
    assert done.version == 1
    assert (await at.records())[-1]["outcome"] == "denied"
    assert (await at.file_of(NUMBER)).county != OTHER_COUNTY


async def test_a_kind_of_document_that_nobody_knows_is_refused_and_recorded(at: Office) -> None:
    await at.register(REGISTERED)
    filed = await at.file(ELIGIBLE, materials=COMPLETE | {"a_letter"})
    assert filed.decision.reasons == (Reason.EVIDENCE_NOT_ACCEPTED,)
    assert (await at.file_of(NUMBER)).applications == ()


async def test_another_office_can_not_supplement_an_application(at: Office) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE, materials=COMPLETE - {"photo"})
    elsewhere = acting(ELIGIBLE, division=OTHER_COUNTY)
    done = await application.supplement(at.desk, elsewhere, NUMBER, frozenset({"photo"}))
    assert (done.decision.outcome, done.version) == (Outcome.REDIRECTED, 2)


@pytest.mark.parametrize("by", [Actor.APPLICANT, Actor.GUARDIAN], ids=str)
@pytest.mark.parametrize("division", [None, OTHER_COUNTY], ids=["here", "elsewhere"])
async def test_nobody_refuses_the_eligible_alone(
    at: Office, by: Actor, division: str | None
) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    desk = acting(ELIGIBLE, by=by) if division is None else acting(ELIGIBLE, division=division)
    done = await application.refuse(at.desk, desk, NUMBER, REASONED)
    assert done.decision.outcome is Outcome.HELD_FOR_REVIEW
    assert (await at.file_of(NUMBER)).open_application is not None


async def test_a_closed_registration_ends_its_application(at: Office) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    await registration.close(at.desk, acting(ELIGIBLE), NUMBER)
    done = await application.issue(at.desk, acting(ELIGIBLE), NUMBER)
    assert done.decision.reasons == (Reason.NO_APPLICATION,)


async def test_no_card_is_issued_when_the_half_year_is_gone(at: Office) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    late = ELIGIBLE + timedelta(days=20)
    await moving.report_move(
        at.desk,
        acting(late),
        NUMBER,
        moving.Moving(moves=(date(2025, 7, 1),), to="150402002", address=ADDRESS),
    )
    done = await application.issue(at.desk, acting(late), NUMBER)
    assert done.decision.outcome is Outcome.REFUSED
    assert done.decision.reasons == (Reason.RESIDENCE_UNDER_HALF_YEAR,)


async def test_who_comes_back_under_another_name_waits_for_a_look(at: Office) -> None:
    await at.register(REGISTERED)
    left, back = date(2025, 6, 2), date(2025, 10, 13)
    await registration.close(at.desk, acting(left), NUMBER)
    form = declared(NUMBER, back)
    other = replace(form, contents={**form.contents, Gap.NAME: "别人"})
    done = await registration.register(at.desk, acting(back), other)
    assert done.decision.outcome is Outcome.HELD_FOR_REVIEW
    assert done.decision.reasons == (Reason.ID_NAME_MISMATCH,)
    assert (await at.file_of(NUMBER)).standing.registered_on is None


async def test_acts_show_nothing_of_a_person(at: Office) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE, id_number(0))
    shown = repr(
        [
            declared(NUMBER, REGISTERED),
            application.Filing(number=NUMBER),
            moving.Moving(moves=(REGISTERED,), to=OTHER_COUNTY, address=ADDRESS),
            await at.file_of(NUMBER),
            acting(ELIGIBLE),
        ]
    )
    for word in (NUMBER, ADDRESS, "赤红居"):
        assert word not in shown
