"""Two files of one person become one, and two again, by two officials; on both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from db.desk import Done, NotReachedError, OtherVersionError
from db.errors import DatabaseError
from db.load import Access, PersonLoad
from db.models import ApplicationNow, Event, FormerLookup, Lookup, Person, PersonNow, Proposal
from db.proposals import ProposalKind
from policies.permission import Scope
from regulation.cancellation import Proceeding
from regulation.id_number import IdNumber
from regulation.outcome import Decision, Mark, Outcome, Reason
from regulation.permit import CancelGround
from regulation.person_name import match_key
from resolvers.desk import application, case, merging, moving, permit
from resolvers.desk.case import CaseKind
from resolvers.desk.form import Presented
from resolvers.desk.merging import Pair
from resolvers.desk.voiding import Slip, void
from tests.builders import CALENDAR, facts, id_number, rebuild_read_model
from tests.resolvers.desk.desks import OTHER, Office, acting, office
from tests.resolvers.desk.test_voiding import by, require_computed, rows

REGISTERED = date(2025, 3, 3)
DAY = date(2025, 9, 3)
ONE, TWO, THREE = id_number(0), id_number(5), id_number(9)
KEY = match_key("测试零")
GOES_ON, ABSORBED = Presented(ONE, KEY), Presented(TWO, KEY)
PAIR = Pair(
    kind=ProposalKind.MERGE,
    goes_on=GOES_ON,
    other=ABSORBED,
    materials=frozenset({"household_register"}),
    reason="同一人重复建档",
)
UNDO = replace(PAIR, kind=ProposalKind.SPLIT, reason="并非同一人")
ANYBODY = PersonLoad(Access.ID_NAME, frozenset({Scope.ALL}), frozenset())
HEARD = Proceeding(heard=True, official_named=True, reasoned=True, remedies_named=True)


@pytest.fixture
async def at(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(database_url, tmp_path) as opened:
        for number in (ONE, TWO):
            await opened.register(REGISTERED, number)
        yield opened


async def propose(at: Office, pair: Pair = PAIR, on: date = DAY) -> Done[Decision]:
    return await merging.propose(at.desk, acting(on), pair)


async def confirm(
    at: Office, pair: Pair = PAIR, on: date = DAY, official: str = "clerk-2"
) -> Done[Decision]:
    return await merging.confirm(at.desk, by(on, official), pair)


async def both(at: Office, pair: Pair = PAIR) -> Done[Decision]:
    await propose(at, pair)
    return await confirm(at, pair)


async def is_shown(at: Office, number: IdNumber) -> bool:
    tag = at.store.ring.id_name_tag(number, KEY)
    return await at.store.reads.one(ANYBODY, tag, facts()) is not None


async def everything(at: Office) -> list[object]:
    models = (Person, PersonNow, Event, Lookup, FormerLookup, Proposal)
    return [sorted(await rows(at, model), key=str) for model in models]


async def test_a_merged_file_is_found_by_name_as_the_one_that_goes_on_and_after_a_split_itself(
    at: Office,
) -> None:
    kept, gone = [(await at.file_of(number)).person for number in (ONE, TWO)]
    assert await at.named("测试零", TWO) == [gone]
    await both(at)
    assert await at.named("测试零", TWO) == [kept]
    assert await at.named("测试零", ONE) == [kept]
    await both(at, UNDO)
    assert await at.named("测试零", TWO) == [gone]
    assert await at.named("测试零", ONE) == [kept]


async def hold(at: Office, number: IdNumber, as_: bytes) -> None:
    await at.file(DAY, number, as_=as_)
    await application.issue(at.desk, acting(DAY), number)


# --- a merge ---------------------------------------------------------------------------------


async def test_a_proposed_merge_changes_nothing(at: Office) -> None:
    before = (await everything(at))[:5]
    assert (await propose(at)).decision.outcome is Outcome.PENDING
    assert (await everything(at))[:5] == before


async def test_after_a_merge_the_number_finds_nobody_for_partners_and_the_other_for_desks(
    at: Office,
) -> None:
    first, second = (await at.file_of(ONE)).person, (await at.file_of(TWO)).person
    done = await both(at)
    assert (done.decision.outcome, done.person) == (Outcome.RECORDED, first)
    assert await is_shown(at, ONE)
    assert not await is_shown(at, TWO)
    assert (await at.file_of(TWO)).person == first
    opened = await case.open_case(at.desk, acting(DAY), ABSORBED, CaseKind.ENQUIRY)
    assert opened.person == first
    again = await at.register(DAY, TWO)
    assert again.decision.reasons == (Reason.ALREADY_REGISTERED,)
    tag = at.store.ring.id_number_tag(TWO)
    assert set(await at.store.reads.former_persons(tag)) == {first, second}
    kept = Counter((row["person"], row["kind"]) for row in await rows(at, Event))
    assert kept == {
        (first, "registered"): 1,
        (first, "file-merged"): 1,
        (second, "registered"): 1,
        (second, "file-absorbed"): 1,
    }
    await require_computed(at)


async def test_the_permit_of_the_file_that_goes_on_goes_on(at: Office) -> None:
    await hold(at, ONE, OTHER)
    before = (await at.file_of(ONE)).standing
    assert (await both(at)).decision.outcome is Outcome.RECORDED
    assert (await at.file_of(ONE)).standing == before


async def test_two_permits_are_one_too_many_until_the_duplicate_is_cancelled(at: Office) -> None:
    await hold(at, ONE, OTHER)
    await hold(at, TWO, bytes(15) + b"\7")
    assert (await propose(at)).decision.reasons == (Reason.BOTH_HOLD_PERMITS,)
    cancelling = permit.Cancelling(ground=CancelGround.OTHER, proceeding=HEARD, reason="重复")
    gone = await permit.cancel(at.desk, acting(DAY), TWO, cancelling)
    assert gone.decision.outcome is Outcome.CANCELLED
    assert (await both(at)).decision.outcome is Outcome.RECORDED
    assert len(await rows(at, ApplicationNow)) == 1
    await require_computed(at)


@pytest.mark.parametrize("waits", ["permit", "application"])
async def test_a_file_with_a_permit_or_an_application_is_not_absorbed(
    at: Office, waits: str
) -> None:
    await at.file(DAY, TWO, as_=OTHER)
    reason = Reason.APPLICATION_PENDING
    if waits == "permit":
        await application.issue(at.desk, acting(DAY), TWO)
        reason = Reason.HOLDER_GOES_ON
    assert (await propose(at)).decision.reasons == (reason,)
    if waits == "permit":
        other_way = replace(PAIR, goes_on=ABSORBED, other=GOES_ON)
        assert (await both(at, other_way)).decision.outcome is Outcome.RECORDED


async def test_a_file_is_not_merged_with_itself(at: Office) -> None:
    itself = replace(PAIR, other=GOES_ON)
    assert (await propose(at, itself)).decision.reasons == (Reason.SAME_FILE,)


async def test_longer_residence_in_the_other_file_is_looked_at_by_a_person(at: Office) -> None:
    await at.register(date(2025, 1, 6), THREE)
    done = await propose(at, replace(PAIR, other=Presented(THREE, KEY)))
    assert done.decision.marks == (Mark.MANUAL_REVIEW,)


async def test_nobody_merges_alone_or_what_nobody_proposed(at: Office) -> None:
    assert (await confirm(at)).decision.reasons == (Reason.NOTHING_PROPOSED,)
    await propose(at)
    assert (await confirm(at, official="clerk-1")).decision.reasons == (Reason.SAME_OFFICIAL,)
    await at.register(REGISTERED, THREE)
    differs = replace(PAIR, other=Presented(THREE, KEY))
    assert (await confirm(at, differs)).decision.reasons == (Reason.PROPOSAL_DIFFERS,)
    assert (await confirm(at, UNDO_OF_NOTHING)).decision.reasons == (Reason.NOTHING_PROPOSED,)


UNDO_OF_NOTHING = replace(PAIR, goes_on=ABSORBED, other=GOES_ON)


@pytest.mark.parametrize("number", [ONE, TWO])
async def test_whichever_file_has_changed_since_is_a_conflict(at: Office, number: IdNumber) -> None:
    await propose(at)
    told = moving.Moving(moves=(DAY,), to="150402001", address="赤峰市红山区测试街2号")
    await moving.report_move(at.desk, acting(DAY), number, told)
    with pytest.raises(OtherVersionError) as conflict:
        await confirm(at)
    assert conflict.value.version == 2


async def test_who_is_not_stored_or_is_named_otherwise_is_not_reached(at: Office) -> None:
    for other in (Presented(THREE, KEY), Presented(TWO, match_key("测试改"))):
        with pytest.raises(NotReachedError):
            await propose(at, replace(PAIR, other=other))


async def test_of_merges_both_ways_at_once_one_is_done(at: Office) -> None:
    other_way = replace(PAIR, goes_on=ABSORBED, other=GOES_ON)
    for pair in (PAIR, other_way):
        await propose(at, pair)
    done = await asyncio.gather(confirm(at, PAIR), confirm(at, other_way), return_exceptions=True)
    recorded = [
        one for one in done if isinstance(one, Done) and one.decision.outcome is Outcome.RECORDED
    ]
    assert len(recorded) == 1
    assert len(await rows(at, PersonNow)) == 1


async def test_a_merge_is_no_slip(at: Office) -> None:
    await both(at)
    done = await void(at.desk, by(DAY, "clerk-3"), ONE, Slip(version=2, reason="错"))
    assert done.decision.reasons == (Reason.TAKES_TWO_OFFICIALS,)


async def test_the_records_name_both_files(at: Office) -> None:
    persons = {(await at.file_of(one)).person.hex() for one in (ONE, TWO)}
    await both(at)
    for record, path in zip(
        (await at.records())[-2:],
        ("Mutation.proposeMerge pending", "Mutation.confirmMerge recorded"),
        strict=True,
    ):
        assert record["decision"] == path
        assert {subject["person"] for subject in record["subjects"]} == persons


# --- a split ---------------------------------------------------------------------------------


async def test_a_split_gives_both_files_their_histories_back(at: Office) -> None:
    await at.file(DAY, TWO, as_=OTHER)
    await application.withdraw(at.desk, acting(DAY), TWO)
    before = {number: await at.file_of(number) for number in (ONE, TWO)}
    await both(at)
    done = await both(at, UNDO)
    assert done.decision.outcome is Outcome.RECORDED
    for number, file in before.items():
        after = await at.file_of(number)
        assert (after.person, after.standing) == (file.person, file.standing)
        assert after.applications == file.applications
        assert await is_shown(at, number)
    await require_computed(at)
    assert len(await rows(at, ApplicationNow)) == 1


async def test_what_was_split_is_merged_again(at: Office) -> None:
    for pair in (PAIR, UNDO, PAIR):
        assert (await both(at, pair)).decision.outcome is Outcome.RECORDED
    assert (await at.file_of(TWO)).person == (await at.file_of(ONE)).person


async def test_a_merge_of_a_merged_file_is_undone_in_turn(at: Office) -> None:
    await at.register(REGISTERED, THREE)
    third = (await at.file_of(THREE)).person
    await both(at)
    second = replace(PAIR, goes_on=Presented(THREE, KEY), other=GOES_ON)
    await both(at, second)
    for number in (ONE, TWO):
        assert (await at.file_of(number)).person == third
    undo = replace(second, kind=ProposalKind.SPLIT)
    assert (await both(at, undo)).decision.outcome is Outcome.RECORDED
    first = (await at.file_of(ONE)).person
    assert first != third
    assert (await at.file_of(TWO)).person == first


async def test_what_was_not_merged_is_not_split(at: Office) -> None:
    for merged in (False, True):
        if merged:
            await both(at)
        with pytest.raises(NotReachedError):
            await propose(at, replace(UNDO, other=Presented(THREE, KEY)))


async def test_the_rebuilding_brings_no_absorbed_file_back(at: Office) -> None:
    async def rebuilt() -> int:
        return await rebuild_read_model(
            at.store.database, at.store.ring, CALENDAR, lambda _done: None
        )

    await both(at)
    assert await rebuilt() == 0
    assert not await is_shown(at, TWO)
    await both(at, UNDO)
    assert await rebuilt() == 0


@pytest.mark.parametrize("pair", [PAIR, UNDO], ids=["merge", "split"])
@pytest.mark.parametrize(
    "table", ["event", "person_now", "lookup", "former_lookup", "proposal", "audit_record"]
)
async def test_a_fault_at_any_step_leaves_everything_as_it_was(
    at: Office, pair: Pair, table: str
) -> None:
    if pair is UNDO:
        await both(at)
    await propose(at, pair)
    before = await everything(at)

    async def renamed(old: str, new: str) -> None:
        await at.store.database.write(
            lambda session: session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
        )

    await renamed(table, f"{table}_gone")
    with pytest.raises(DatabaseError):
        await confirm(at, pair)
    await renamed(f"{table}_gone", table)
    assert await everything(at) == before
