"""Each act is decided by what stands, and stands whole or not at all; on both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from db.application_rows import application_rows
from db.errors import DatabaseError
from db.models import ApplicationNow, Event, table_of
from db.read_model import load_sources
from regulation.cancellation import Proceeding
from regulation.duties import Refusal
from regulation.endorsement import Review
from regulation.outcome import Outcome, Reason
from regulation.permit import CancelGround, PermitStatus, status
from regulation.proceedings import State
from regulation.replacement import ReplacementReason
from resolvers.desk import application, moving, permit, recorded, registration
from tests.builders import OTHER_COUNTY, id_number
from tests.postgres import StorageFiles
from tests.resolvers.desk.desks import (
    ADDRESS,
    COMPLETE,
    ONE,
    OTHER,
    Office,
    acting,
    office,
)

REGISTERED = date(2025, 3, 3)
ELIGIBLE = date(2025, 9, 3)
NUMBER = id_number(0)
DONE_BEFORE = Proceeding(heard=True, official_named=True, reasoned=True, remedies_named=True)


@pytest.fixture
async def at(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(database_url, tmp_path) as opened:
        yield opened


async def holder(at: Office) -> date:
    """Somebody registers, applies and is issued a permit; the day of issue."""
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    done = await application.issue(at.desk, acting(ELIGIBLE), NUMBER)
    assert done.decision.outcome is Outcome.ISSUED
    return ELIGIBLE


async def events(at: Office) -> list[str]:
    table = table_of(Event)
    return await at.store.database.read(
        lambda session: list(session.scalars(select(table.c.kind).order_by(table.c.sequence)))
    )


async def test_a_declared_residence_is_registered_and_starts_the_clock(at: Office) -> None:
    done = await at.register(REGISTERED)
    assert (done.decision.outcome, done.version) == (Outcome.RECORDED, 1)
    file = await at.file_of(NUMBER)
    assert file.person == done.person
    assert (file.standing.clock_start, file.division) == (REGISTERED, "150402001")


async def test_who_is_registered_is_sent_to_declare_a_move_instead(at: Office) -> None:
    await at.register(REGISTERED)
    again = await at.register(REGISTERED + timedelta(days=1))
    assert again.decision.outcome is Outcome.REFUSED
    assert again.decision.reasons == (Reason.ALREADY_REGISTERED,)
    assert await events(at) == ["registered"]


async def test_who_left_registers_again_and_the_clock_begins_afresh(at: Office) -> None:
    await at.register(REGISTERED)
    left, back = date(2025, 6, 2), date(2025, 10, 13)
    await registration.close(at.desk, acting(left), NUMBER)
    done = await at.register(back)
    assert done.decision.outcome is Outcome.RECORDED
    assert (await at.file_of(NUMBER)).standing.clock_start == back
    assert await events(at) == ["registered", "registration-closed", "registered"]


async def test_what_is_not_recorded_stores_nobody_and_leaves_a_record(at: Office) -> None:
    future = await at.register(REGISTERED, arrived=REGISTERED + timedelta(days=1))
    assert future.decision.outcome is Outcome.REJECTED_INPUT
    assert (future.person, future.version) == (None, None)
    (record,) = await at.records()
    assert record["outcome"] == "denied"
    assert record["decision"] == "Mutation.registerResidence rejected_input DATE_IN_FUTURE"


async def test_an_application_becomes_a_permit_for_a_year(at: Office) -> None:
    await at.register(REGISTERED)
    early = await at.file(ELIGIBLE - timedelta(days=1), as_=OTHER)
    assert early.decision.outcome is Outcome.NOT_ELIGIBLE
    assert early.decision.earliest == ELIGIBLE
    filed = await at.file(ELIGIBLE)
    assert filed.decision.outcome is Outcome.ACCEPTED
    states = {each.application: each.state for each in (await at.file_of(NUMBER)).applications}
    assert states == {OTHER: State.REFUSED, ONE: State.ACCEPTED}
    await application.approve(at.desk, acting(ELIGIBLE), NUMBER)
    issued = await application.issue(at.desk, acting(ELIGIBLE), NUMBER)
    assert issued.decision.valid_to == date(2026, 9, 3)
    file = await at.file_of(NUMBER)
    assert file.standing.permit is not None
    assert status(file.standing.permit, ELIGIBLE) is PermitStatus.ACTIVE
    assert file.open_application is None


async def test_an_incomplete_application_waits_and_is_accepted_when_complete(at: Office) -> None:
    await at.register(REGISTERED)
    filed = await at.file(ELIGIBLE, materials=COMPLETE - {"photo"})
    assert filed.decision.outcome is Outcome.INCOMPLETE
    later = ELIGIBLE + timedelta(days=3)
    done = await application.supplement(at.desk, acting(later), NUMBER, frozenset({"photo"}))
    assert (done.decision.outcome, done.decision.accepted_on) == (Outcome.ACCEPTED, later)
    nothing = await application.supplement(at.desk, acting(later), NUMBER, frozenset({"photo"}))
    assert nothing.decision.reasons == (Reason.NO_APPLICATION,)


@pytest.mark.parametrize("stage", ["pending", "held", "withdrawn"])
async def test_one_person_has_one_application_or_permit(at: Office, stage: str) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    if stage == "held":
        await application.issue(at.desk, acting(ELIGIBLE), NUMBER)
    if stage == "withdrawn":
        await application.withdraw(at.desk, acting(ELIGIBLE), NUMBER)
    second = await at.file(ELIGIBLE, as_=OTHER)
    reasons: dict[str, tuple[Reason, ...]] = {
        "pending": (Reason.APPLICATION_PENDING,),
        "held": (Reason.ALREADY_HOLDS_PERMIT,),
        "withdrawn": (),
    }
    assert second.decision.reasons == reasons[stage]


async def test_of_fifty_applications_at_once_one_is_accepted(at: Office) -> None:
    await at.register(REGISTERED)
    done = await asyncio.gather(
        *(at.file(ELIGIBLE, as_=bytes(14) + n.to_bytes(2)) for n in range(1, 51))
    )
    assert Counter(each.decision.outcome for each in done) == {
        Outcome.ACCEPTED: 1,
        Outcome.REFUSED: 49,
    }
    assert len((await at.file_of(NUMBER)).applications) == 1


async def test_of_ten_registrations_at_once_one_person_is_stored(at: Office) -> None:
    done = await asyncio.gather(*(at.register(REGISTERED) for _ in range(10)))
    assert Counter(each.decision.outcome for each in done) == {
        Outcome.RECORDED: 1,
        Outcome.REFUSED: 9,
    }
    assert await events(at) == ["registered"]
    assert len(await at.records()) == 10


async def test_a_refusal_needs_reason_official_and_remedies(at: Office) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    nameless = await application.refuse(at.desk, acting(ELIGIBLE), NUMBER, Refusal())
    assert nameless.decision.outcome is Outcome.BLOCKED
    assert Reason.REFUSAL_WITHOUT_REASON in nameless.decision.reasons
    assert (await at.file_of(NUMBER)).open_application is not None


async def test_a_permit_is_endorsed_in_its_window_after_review(at: Office) -> None:
    await holder(at)
    expiry = date(2026, 9, 3)
    asked = permit.Endorsing(review=None, conditions=None)
    waiting = await permit.endorse(at.desk, acting(expiry), NUMBER, asked)
    assert waiting.decision.reasons == (Reason.POLICE_REVIEW_MISSING,)
    early = await permit.endorse(
        at.desk,
        acting(expiry - timedelta(days=31)),
        NUMBER,
        permit.Endorsing(review=Review.PASSED),
    )
    assert early.decision.reasons == (Reason.WINDOW_NOT_OPEN,)
    done = await permit.endorse(
        at.desk, acting(expiry), NUMBER, permit.Endorsing(review=Review.PASSED)
    )
    assert (done.decision.outcome, done.decision.valid_to) == (
        Outcome.ENDORSED,
        date(2027, 9, 3),
    )
    assert (await at.file_of(NUMBER)).standing.clock_start == REGISTERED


async def test_a_late_report_of_a_move_starts_the_clock_again(at: Office) -> None:
    await at.register(REGISTERED)
    moved, declared = date(2025, 5, 6), date(2025, 6, 9)
    done = await moving.report_move(
        at.desk,
        acting(declared, division=OTHER_COUNTY),
        NUMBER,
        moving.Moving(moves=(moved,), to=OTHER_COUNTY, address=ADDRESS),
    )
    assert done.decision.outcome is Outcome.RECORDED
    file = await at.file_of(NUMBER)
    assert (file.standing.clock_start, file.county) == (declared, OTHER_COUNTY)


async def test_a_new_card_changes_nothing_and_a_cancelled_permit_has_none(at: Office) -> None:
    issued = await holder(at)
    lost = await permit.replace_card(at.desk, acting(issued), NUMBER, ReplacementReason.LOST)
    assert lost.decision.outcome is Outcome.ACCEPTED
    cancelling = permit.Cancelling(
        ground=CancelGround.NO_LONGER_QUALIFIES, proceeding=DONE_BEFORE, reason="已无住所"
    )
    gone = await permit.cancel(at.desk, acting(issued), NUMBER, cancelling)
    assert gone.decision.outcome is Outcome.CANCELLED
    after = await permit.replace_card(at.desk, acting(issued), NUMBER, ReplacementReason.LOST)
    assert after.decision.reasons == (Reason.PERMIT_CANCELLED,)


async def test_a_case_of_nobody_is_decided_and_recorded(at: Office) -> None:
    filed = await at.file(ELIGIBLE, id_number(9))
    assert (filed.decision.reasons, filed.person) == ((Reason.NOT_REGISTERED,), None)
    custody = await recorded.record_custody(at.desk, acting(ELIGIBLE))
    assert custody.decision.reasons == (Reason.WITHHOLDING_FORBIDDEN_ART_27,)
    assert len(await at.records()) == 2


async def test_an_act_without_its_record_does_not_stand(at: Office) -> None:
    await at.register(REGISTERED)

    def break_the_log(session: object) -> None:
        session.execute(text("ALTER TABLE audit_record RENAME TO audit_record_gone"))  # type: ignore[attr-defined]

    await at.store.database.write(break_the_log)
    with pytest.raises(DatabaseError):
        await at.file(ELIGIBLE)
    assert await events(at) == ["registered"]


async def test_the_rows_of_applications_follow_their_events(at: Office) -> None:
    await holder(at)
    table = table_of(ApplicationNow)
    stored = await at.store.database.read(
        lambda session: [dict(row) for row in session.execute(select(table)).mappings()]
    )
    person = (await at.file_of(NUMBER)).person
    sources = await at.store.database.read(
        lambda session: load_sources(session, at.store.ring, [person])[person]
    )
    assert stored == application_rows(at.store.ring, sources)
    assert [row["state"] for row in stored] == ["issued"]


async def test_what_was_said_at_a_desk_is_nowhere_in_the_files(
    at: Office, storage_files: StorageFiles
) -> None:
    await holder(at)
    issued = ELIGIBLE
    reason = "哨兵理由不再居住"
    cancelling = permit.Cancelling(
        ground=CancelGround.NO_LONGER_QUALIFIES, proceeding=DONE_BEFORE, reason=reason
    )
    await permit.cancel(at.desk, acting(issued), NUMBER, cancelling)
    stored = b"".join(path.read_bytes() for path in storage_files())
    assert b"clerk-1" in stored
    for word in (reason, ADDRESS, NUMBER, "resident_id_card"):
        assert word.encode() not in stored
