"""A slip is undone by a second official, and leaves both entries; on both databases (ADR 19)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from db.application_rows import application_rows
from db.database import Value
from db.desk import Done
from db.errors import DatabaseError, RowTamperedError
from db.load import Access, PersonLoad
from db.models import (
    ApplicationNow,
    Base,
    Event,
    FormerLookup,
    Lookup,
    PersonNow,
    Residence,
    table_of,
)
from db.read_model import load_sources, row_of
from db.rows import EVENT
from policies.permission import Scope
from regulation.cancellation import Proceeding
from regulation.endorsement import Review
from regulation.outcome import Decision, Outcome, Reason
from regulation.parameters import AS_ISSUED
from regulation.permit import CancelGround, PermitStatus, status
from regulation.proceedings import State
from regulation.replacement import ReplacementReason
from resolvers.desk import application, moving, permit, registration
from resolvers.desk.acting import Acting
from resolvers.desk.voiding import Slip, void
from tests.builders import (
    CALENDAR,
    COUNTY,
    OTHER_COUNTY,
    disclosure,
    facts,
    id_number,
    issued,
    person,
    rebuild_read_model,
)
from tests.postgres import StorageFiles
from tests.resolvers.desk.desks import ADDRESS, OTHER, Office, acting, office

REGISTERED = date(2025, 3, 3)
ELIGIBLE = date(2025, 9, 3)
NUMBER = id_number(0)
HEARD = Proceeding(heard=True, official_named=True, reasoned=True, remedies_named=True)
WHY = "哨兵理由录错人"


@pytest.fixture
async def at(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(database_url, tmp_path) as opened:
        yield opened


def by(on: date, official: str = "clerk-2", *, division: str | None = COUNTY) -> Acting:
    """An act of the clerk's colleague."""
    act = acting(on, division=division)
    caller = replace(act.context.caller, official=official)
    return replace(act, context=replace(act.context, caller=caller))


async def undo(
    at: Office,
    version: int,
    on: date = ELIGIBLE,
    *,
    who: Acting | None = None,
    reason: str = WHY,
    card: bool = False,
) -> Done[Decision]:
    slip = Slip(version=version, reason=reason, card_with_office=card)
    return await void(at.desk, who or by(on), NUMBER, slip)


async def holder(at: Office) -> None:
    """Versions: 1 registered, 2 filed and accepted, 3 issued."""
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    await application.issue(at.desk, acting(ELIGIBLE), NUMBER)


async def rows(at: Office, model: type[Base]) -> list[dict[str, Value]]:
    return await at.store.database.read(
        lambda session: [dict(row) for row in session.execute(select(table_of(model))).mappings()]
    )


async def kinds(at: Office) -> list[str]:
    found = sorted(await rows(at, Event), key=lambda row: int(str(row["sequence"])))
    return [str(row["kind"]) for row in found]


async def require_computed(at: Office) -> None:
    """The read models are what one function makes of the sources."""
    people = [row["person"] for row in await rows(at, PersonNow)]
    ids = [one for one in people if isinstance(one, bytes)]
    sources = await at.store.database.read(
        lambda session: load_sources(session, at.store.ring, ids)
    )
    assert await rows(at, PersonNow) == [
        row_of(at.store.ring, CALENDAR, sources[one]) for one in ids
    ]
    computed = [row for one in ids for row in application_rows(at.store.ring, sources[one])]
    stored = await rows(at, ApplicationNow)
    assert sorted(stored, key=str) == sorted(computed, key=str)


# --- what is undone --------------------------------------------------------------------------


async def test_a_void_leaves_both_entries_and_the_fold_counts_neither(at: Office) -> None:
    await at.register(REGISTERED)
    before = await at.file_of(NUMBER)
    await at.file(ELIGIBLE)
    done = await undo(at, 2)
    assert (done.decision.outcome, done.version) == (Outcome.RECORDED, 3)
    assert await kinds(at) == [
        "registered", "application-filed", "application-accepted", "act-voided",
    ]  # fmt: skip
    after = await at.file_of(NUMBER)
    assert (after.standing, after.applications) == (before.standing, ())
    assert after.last_day == before.last_day
    await require_computed(at)


async def test_who_filed_by_a_slip_may_file_again(at: Office) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    await undo(at, 2)
    again = await at.file(ELIGIBLE, as_=OTHER)
    assert again.decision.outcome is Outcome.ACCEPTED
    assert [each.application for each in (await at.file_of(NUMBER)).applications] == [OTHER]


async def test_a_voided_issue_takes_the_permit_back_to_its_application(at: Office) -> None:
    await holder(at)
    done = await undo(at, 3, card=True)
    assert done.decision.outcome is Outcome.RECORDED
    file = await at.file_of(NUMBER)
    assert file.standing.permit is None
    assert file.open_application is not None
    assert file.open_application.state is State.ACCEPTED
    (now,) = await rows(at, PersonNow)
    assert (now["permit"], now["permit_number"], now["valid_to"]) == (None, None, None)
    await require_computed(at)


@pytest.mark.parametrize("act", ["issue", "endorsement", "replacement"])
async def test_what_a_card_says_is_undone_only_with_the_card_at_the_office(
    at: Office, act: str
) -> None:
    await holder(at)
    day, version = ELIGIBLE, 3
    if act == "endorsement":
        day, version = date(2026, 9, 3), 4
        asked = permit.Endorsing(review=Review.PASSED)
        await permit.endorse(at.desk, acting(day), NUMBER, asked)
    if act == "replacement":
        version = 4
        await permit.replace_card(at.desk, acting(day), NUMBER, ReplacementReason.LOST)
    out = await undo(at, version, day)
    assert (out.decision.outcome, out.decision.reasons) == (
        Outcome.BLOCKED,
        (Reason.CARD_HANDED_OUT,),
    )
    assert "act-voided" not in await kinds(at)
    assert (await undo(at, version, day, card=True)).decision.outcome is Outcome.RECORDED


async def test_a_voided_endorsement_leaves_the_expiry_that_was_printed_before(at: Office) -> None:
    await holder(at)
    day = date(2026, 9, 3)
    before = (await at.file_of(NUMBER)).standing
    await permit.endorse(at.desk, acting(day), NUMBER, permit.Endorsing(review=Review.PASSED))
    await undo(at, 4, day, card=True)
    assert (await at.file_of(NUMBER)).standing == before
    again = await permit.endorse(
        at.desk, acting(day), NUMBER, permit.Endorsing(review=Review.PASSED)
    )
    assert again.decision.valid_to == date(2027, 9, 3)
    await require_computed(at)


async def test_a_voided_cancellation_lets_the_permit_live_on(at: Office) -> None:
    await holder(at)
    gone = permit.Cancelling(ground=CancelGround.LOCAL_HUKOU, proceeding=HEARD, hukou=COUNTY)
    done = await permit.cancel(at.desk, acting(ELIGIBLE), NUMBER, gone)
    assert done.decision.outcome is Outcome.CANCELLED
    await undo(at, 4)
    held = (await at.file_of(NUMBER)).standing.permit
    assert held is not None
    assert status(held, ELIGIBLE) is PermitStatus.ACTIVE
    await require_computed(at)


async def test_a_voided_move_gives_the_address_before_back_and_is_shown_nowhere(
    at: Office,
) -> None:
    await at.register(REGISTERED)
    before = await at.file_of(NUMBER)
    moved, declared = date(2025, 5, 6), date(2025, 6, 9)
    there = moving.Moving(moves=(moved,), to=OTHER_COUNTY, address="赤峰市敖汉旗错录街1号")
    await moving.report_move(at.desk, acting(declared, division=OTHER_COUNTY), NUMBER, there)
    assert (await at.file_of(NUMBER)).county == OTHER_COUNTY
    await undo(at, 2, declared, who=by(declared, division=OTHER_COUNTY))
    after = await at.file_of(NUMBER)
    assert (after.standing, after.division) == (before.standing, before.division)
    row = await at.store.reads.one(
        PersonLoad(Access.ID_NUMBER, frozenset({Scope.ALL}), frozenset()),
        at.store.ring.id_number_tag(NUMBER),
        facts(),
    )
    assert row is not None
    periods = await at.store.reads.address_periods(disclosure("residence"), [row])
    (period,) = periods[row.person]
    assert (period["address"], period["changedOn"]) == (ADDRESS, None)
    assert len(await rows(at, Residence)) == 2
    await require_computed(at)


async def test_after_a_voided_move_the_right_one_is_declared(at: Office) -> None:
    await at.register(REGISTERED)
    moved, declared = date(2025, 5, 6), date(2025, 5, 12)
    for to, version in ((OTHER_COUNTY, 2), ("150403", None)):
        told = moving.Moving(moves=(moved,), to=to, address="赤峰市测试街1号")
        done = await moving.report_move(at.desk, acting(declared, division=to), NUMBER, told)
        assert done.decision.outcome is Outcome.RECORDED
        if version is not None:
            await undo(at, version, declared, who=by(declared, division=to))
    file = await at.file_of(NUMBER)
    assert (file.county, file.standing.clock_start) == ("150403", REGISTERED)
    await require_computed(at)


async def test_a_voided_closing_opens_registration_and_application_again(at: Office) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    before = await at.file_of(NUMBER)
    await registration.close(at.desk, acting(ELIGIBLE), NUMBER)
    assert (await at.file_of(NUMBER)).open_application is None
    await undo(at, 3)
    after = await at.file_of(NUMBER)
    assert (after.standing, after.applications) == (before.standing, before.applications)
    await require_computed(at)


async def test_acts_are_undone_one_by_one_from_the_last(at: Office) -> None:
    await holder(at)
    early = await undo(at, 2)
    assert early.decision.reasons == (Reason.LATER_ACT_STANDS,)
    await undo(at, 3, card=True)
    done = await undo(at, 2)
    assert (done.decision.outcome, done.version) == (Outcome.RECORDED, 5)
    file = await at.file_of(NUMBER)
    assert (file.standing.permit, file.applications) == (None, ())
    assert await rows(at, ApplicationNow) == []


# --- a registration that made the file -------------------------------------------------------


async def test_who_was_registered_by_a_slip_is_found_by_nobody(at: Office) -> None:
    await at.register(REGISTERED)
    slip = await at.file_of(NUMBER)
    done = await undo(at, 1, REGISTERED)
    assert done.decision.outcome is Outcome.RECORDED
    tag = at.store.ring.id_number_tag(NUMBER)
    assert await at.desk.files.look(tag) is None
    assert await at.store.reads.person_of(tag, facts()) is None
    assert await rows(at, PersonNow) == []
    assert await rows(at, Lookup) == []
    assert await kinds(at) == ["registered", "act-voided"]
    assert await at.store.reads.former_persons(tag) == [slip.person]


async def test_a_number_registered_by_a_slip_is_registered_anew_for_whose_it_is(
    at: Office,
) -> None:
    first = await at.register(REGISTERED)
    await undo(at, 1, REGISTERED)
    again = await at.register(REGISTERED)
    assert again.decision.outcome is Outcome.RECORDED
    assert again.person != first.person
    assert (await at.file_of(NUMBER)).person == again.person
    await undo(at, 1, REGISTERED)
    former = await at.store.reads.former_persons(at.store.ring.id_number_tag(NUMBER))
    assert set(former) == {first.person, again.person}


async def test_a_former_tag_that_was_pointed_at_another_is_found(at: Office) -> None:
    await at.register(REGISTERED)
    await undo(at, 1, REGISTERED)
    await at.store.database.write(
        lambda session: session.execute(table_of(FormerLookup).update().values(person=bytes(16)))
    )
    with pytest.raises(RowTamperedError):
        await at.store.reads.former_persons(at.store.ring.id_number_tag(NUMBER))


async def test_the_rebuilding_finds_nothing_to_mend_and_brings_back_no_slip(at: Office) -> None:
    await holder(at)
    await undo(at, 3, card=True)
    await at.register(REGISTERED, id_number(5))
    slip = Slip(version=1, reason=WHY)
    await void(at.desk, by(REGISTERED), id_number(5), slip)

    async def rebuilt() -> int:
        return await rebuild_read_model(
            at.store.database, at.store.ring, CALENDAR, lambda _done: None
        )

    assert await rebuilt() == 0
    (now,) = await rows(at, PersonNow)
    await at.store.database.write(
        lambda session: session.execute(table_of(PersonNow).update().values(late=1))
    )
    assert await rebuilt() == 1
    assert await rows(at, PersonNow) == [now]


# --- what stands against it ------------------------------------------------------------------


async def test_whoever_did_the_act_does_not_void_it(at: Office) -> None:
    await at.register(REGISTERED)
    done = await undo(at, 1, who=acting(REGISTERED))
    assert done.decision.reasons == (Reason.SAME_OFFICIAL,)
    assert await kinds(at) == ["registered"]


async def test_another_office_does_not_void_it(at: Office) -> None:
    await at.register(REGISTERED)
    who = replace(by(REGISTERED), office="赤峰市敖汉旗受理机构")
    assert (await undo(at, 1, who=who)).decision.reasons == (Reason.OTHER_OFFICE,)


async def test_nothing_is_voided_without_a_reason(at: Office) -> None:
    await at.register(REGISTERED)
    done = await undo(at, 1, REGISTERED, reason="  ")
    assert done.decision.reasons == (Reason.VOID_WITHOUT_REASON,)


async def test_a_void_is_not_voided_and_nothing_twice(at: Office) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    await undo(at, 2)
    for version, reason in ((3, Reason.VOID_OF_VOID), (2, Reason.ALREADY_VOIDED)):
        done = await undo(at, version, who=by(ELIGIBLE, "clerk-3"))
        assert done.decision.reasons == (reason,)
    assert (await kinds(at)).count("act-voided") == 1


@pytest.mark.parametrize("version", [0, 2, 99, -1])
async def test_a_version_that_no_act_gave_names_nothing(at: Office, version: int) -> None:
    await at.register(REGISTERED)
    done = await undo(at, version, REGISTERED)
    assert done.decision.reasons == (Reason.NO_SUCH_ACT,)


async def test_what_was_imported_is_not_voided_at_a_desk(at: Office) -> None:
    await at.store.register(person(0, acts=[issued(ELIGIBLE)]))
    done = await undo(at, 1)
    assert done.decision.reasons == (Reason.NO_SUCH_ACT,)


async def test_the_last_day_to_void_is_the_fifth_working_day(at: Office) -> None:
    await at.register(REGISTERED)
    last = CALENDAR.add_working_days(REGISTERED, AS_ISSUED.values.void_working_days).day
    assert last == date(2025, 3, 10)
    late = await undo(at, 1, last + timedelta(days=1))
    assert late.decision.reasons == (Reason.VOID_TOO_LATE,)
    assert (await undo(at, 1, last)).decision.outcome is Outcome.RECORDED


async def test_of_two_who_void_at_once_one_does(at: Office) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    done = await asyncio.gather(*(undo(at, 2, who=by(ELIGIBLE, f"clerk-{n}")) for n in range(2, 6)))
    assert Counter(each.decision.outcome for each in done) == {
        Outcome.RECORDED: 1,
        Outcome.BLOCKED: 3,
    }
    assert (await kinds(at)).count("act-voided") == 1


# --- records and rows ------------------------------------------------------------------------


async def test_the_record_names_the_version_and_no_word_of_the_reason(
    at: Office, storage_files: StorageFiles
) -> None:
    await at.register(REGISTERED)
    await undo(at, 1, REGISTERED)
    record = (await at.records())[-1]
    assert record["decision"] == "Mutation.voidAct recorded version:1"
    assert record["actor"]["official"] == "clerk-2"
    assert record["outcome"] == "released"
    stored = b"".join(path.read_bytes() for path in storage_files())
    assert WHY.encode() not in stored


@pytest.mark.parametrize(
    "table", ["event", "residence", "person_now", "lookup", "former_lookup", "audit_record"]
)
async def test_a_fault_at_any_step_leaves_everything_as_it_was(at: Office, table: str) -> None:
    await at.register(REGISTERED)

    async def renamed(old: str, new: str) -> None:
        await at.store.database.write(
            lambda session: session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
        )

    models = (Event, Residence, PersonNow, ApplicationNow, Lookup, FormerLookup)
    before = [await rows(at, model) for model in models]
    await renamed(table, f"{table}_gone")
    with pytest.raises(DatabaseError):
        await undo(at, 1, REGISTERED)
    await renamed(f"{table}_gone", table)
    assert [await rows(at, model) for model in models] == before


@pytest.mark.parametrize("column", ["version", "voids"])
async def test_what_a_void_names_can_not_be_altered_by_hand(at: Office, column: str) -> None:
    await at.register(REGISTERED)
    await at.file(ELIGIBLE)
    await undo(at, 2)
    for value in (1, None):
        await at.store.database.write(
            lambda session, value=value: session.execute(  # type: ignore[misc]  # bound early
                table_of(Event)
                .update()
                .where(table_of(Event).c.kind == "act-voided")
                .values({column: value})
            )
        )
        with pytest.raises(RowTamperedError):
            await at.file_of(NUMBER)


async def test_rows_of_an_older_release_go_on_holding(at: Office) -> None:
    await at.store.register(person(0))
    (row,) = await rows(at, Event)
    older = row | {"version": None}
    columns = [older[name] for name in EVENT.columns]
    owner = older["person"]
    assert isinstance(owner, bytes)
    older["row_mac"] = at.store.ring.row_mac("event", owner, columns)
    await at.store.database.write(
        lambda session: session.execute(
            table_of(Event).update().values(version=None, row_mac=older["row_mac"])
        )
    )
    assert (await at.file_of(NUMBER)).standing.registered_on is not None
    assert (await undo(at, 1)).decision.reasons == (Reason.NO_SUCH_ACT,)
