"""A name or a number is corrected by two officials, and nothing before; on both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from db.desk import Done, OtherVersionError
from db.errors import DatabaseError, RowTamperedError
from db.imports import known_persons
from db.load import Access, PersonLoad
from db.lookup import ID_NUMBER
from db.models import Event, FormerLookup, Lookup, Person, PersonNow, Proposal, table_of
from policies.permission import Scope
from policies.table import leave_to_reseal
from regulation.id_number import IdNumber
from regulation.outcome import Decision, Outcome, Reason
from regulation.parameters import AS_ISSUED
from regulation.person_name import match_key
from resolvers.desk import case, identity, moving
from resolvers.desk.case import CaseKind
from resolvers.desk.form import Presented
from resolvers.desk.identity import Identity
from resolvers.desk.voiding import Slip, void
from tests.builders import CALENDAR, disclosure, facts, id_number
from tests.postgres import StorageFiles
from tests.resolvers.desk.desks import ADDRESS, Office, acting, office
from tests.resolvers.desk.test_voiding import by, kinds, require_computed, rows

REGISTERED = date(2025, 3, 3)
DAY = date(2025, 9, 3)
OLD, NEW, OTHER = id_number(0), id_number(5), id_number(9)
WAS = Presented(OLD, match_key("测试零"))
NOW = Presented(NEW, match_key("测试零"))
CARD = frozenset({"resident_id_card"})
CHANGE = Identity(number=NEW, materials=CARD, reason="哨兵理由派出所更正")
ANYBODY = PersonLoad(Access.ID_NAME, frozenset({Scope.ALL}), frozenset({"core"}))


@pytest.fixture
async def at(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(database_url, tmp_path) as opened:
        await opened.register(REGISTERED)
        yield opened


async def propose(at: Office, change: Identity = CHANGE, on: date = DAY) -> Done[Decision]:
    return await identity.propose(at.desk, acting(on), WAS, change)


async def confirm(
    at: Office, change: Identity = CHANGE, on: date = DAY, official: str = "clerk-2"
) -> Done[Decision]:
    return await identity.confirm(at.desk, by(on, official), WAS, change)


async def shown(at: Office, who: Presented) -> dict[str, object] | None:
    """What a partner or a desk would be shown of whoever is presented."""
    tag = at.store.ring.id_name_tag(who.number, who.name_key)
    row = await at.store.reads.one(ANYBODY, tag, facts())
    return None if row is None else at.store.vault.open(disclosure("core"), row, "core")


async def everything(at: Office) -> list[object]:
    models = (Person, PersonNow, Event, Lookup, FormerLookup, Proposal)
    return [await rows(at, model) for model in models]


# --- two officials ---------------------------------------------------------------------------


async def test_what_is_proposed_changes_nothing_and_says_until_when_it_waits(at: Office) -> None:
    before = (await everything(at))[:5]
    done = await propose(at)
    assert (done.decision.outcome, done.version) == (Outcome.PENDING, 1)
    assert done.decision.deadline is not None
    assert done.decision.deadline.day == date(2025, 9, 17)
    assert (await everything(at))[:5] == before
    (row,) = await rows(at, Proposal)
    assert (row["official"], row["until"], row["ended"]) == ("clerk-1", "2025-09-17", None)


async def test_a_second_official_who_enters_the_same_makes_it_so(at: Office) -> None:
    await propose(at)
    done = await confirm(at)
    assert (done.decision.outcome, done.version) == (Outcome.RECORDED, 2)
    assert await kinds(at) == ["registered", "identity-changed"]
    now = await shown(at, NOW)
    assert now is not None
    assert (now["idNumber"], now["name"], now["ethnicity"]) == (NEW, "测试零", "汉族")
    assert now["birthDate"] == f"{NEW[6:10]}-{NEW[10:12]}-{NEW[12:14]}"
    assert now["sex"] == ("MALE" if int(NEW[16]) % 2 else "FEMALE")
    (row,) = await rows(at, Proposal)
    assert (row["ended"], row["ended_by"]) == ("confirmed", "clerk-2")
    await require_computed(at)


async def test_the_former_number_finds_nobody_for_partners_and_the_person_for_a_desk(
    at: Office,
) -> None:
    person = (await at.file_of(OLD)).person
    await propose(at)
    await confirm(at)
    assert await shown(at, WAS) is None
    file = await at.file_of(OLD)
    assert file.person == (await at.file_of(NEW)).person == person
    for who in (WAS, NOW):
        opened = await case.open_case(at.desk, acting(DAY), who, CaseKind.ENQUIRY)
        assert opened.person == person
    assert await at.store.reads.former_persons(at.store.ring.id_number_tag(OLD)) == [person]
    assert not file.is_named_now(at.store.ring.id_name_tag(OLD, WAS.name_key))


async def test_a_corrected_name_is_found_and_the_former_one_by_desks_only(at: Office) -> None:
    change = Identity(name="测试改", materials=CARD, reason="更名")
    await propose(at, change)
    assert (await confirm(at, change)).decision.outcome is Outcome.RECORDED
    renamed = Presented(OLD, match_key("测试改"))
    now = await shown(at, renamed)
    assert now is not None
    assert (now["name"], now["idNumber"]) == ("测试改", OLD)
    assert await shown(at, WAS) is None
    for who in (WAS, renamed):
        opened = await case.open_case(at.desk, acting(DAY), who, CaseKind.ENQUIRY)
        assert opened.person is not None


async def test_a_desk_finds_by_the_corrected_and_by_the_former_name_with_their_days_of_birth(
    at: Office,
) -> None:
    person = (await at.file_of(OLD)).person
    change = replace(CHANGE, name="测试改")
    assert await at.named("测试改", NEW) == []
    await propose(at, change)
    await confirm(at, change)
    assert await at.named("测试改", NEW) == [person]
    assert await at.named("测试零", OLD) == [person]
    assert await at.named("测试他", NEW) == []
    await require_computed(at)


async def test_the_event_keeps_what_was_sealed_and_nothing_in_clear(
    at: Office, storage_files: StorageFiles
) -> None:
    await propose(at)
    await confirm(at)
    file = await at.file_of(NEW)
    note = at.desk.files.note(acting(DAY).leave, file, file.events[-1])
    assert note["former"] == {
        "name": "测试零",
        "idNumber": OLD,
        "sex": "MALE" if int(OLD[16]) % 2 else "FEMALE",
        "ethnicity": "汉族",
        "birthDate": f"{OLD[6:10]}-{OLD[10:12]}-{OLD[12:14]}",
    }
    assert note["proposedBy"] == "clerk-1"
    stored = b"".join(path.read_bytes() for path in storage_files())
    for word in (OLD, NEW, CHANGE.reason):
        assert word.encode() not in stored


async def test_what_was_sealed_before_is_opened_as_ever(at: Office) -> None:
    await propose(at)
    await confirm(at)
    file = await at.file_of(NEW)
    registered = at.desk.files.note(acting(DAY).leave, file, file.events[0])
    assert registered["materials"] == ["lease_contract", "resident_id_card"]
    tag = at.store.ring.id_name_tag(NEW, NOW.name_key)
    load = replace(ANYBODY, groups=frozenset({"residence", "contact"}))
    row = await at.store.reads.one(load, tag, facts())
    assert row is not None
    assert at.store.vault.open(disclosure("residence"), row, "residence")["address"] == ADDRESS
    assert at.store.vault.open(disclosure("contact"), row, "contact")["phone"] == "19900000000"


async def test_a_number_is_corrected_back_and_both_go_on_being_known(at: Office) -> None:
    await propose(at)
    await confirm(at)
    back = Identity(number=OLD, materials=CARD, reason="更正有误")
    await identity.propose(at.desk, acting(DAY), NOW, back)
    done = await identity.confirm(at.desk, by(DAY), NOW, back)
    assert done.decision.outcome is Outcome.RECORDED
    assert await shown(at, WAS) is not None
    assert await shown(at, NOW) is None
    assert (await at.file_of(NEW)).person == (await at.file_of(OLD)).person


# --- what stands against it ------------------------------------------------------------------


async def test_whoever_proposed_does_not_confirm(at: Office) -> None:
    await propose(at)
    done = await confirm(at, official="clerk-1")
    assert done.decision.reasons == (Reason.SAME_OFFICIAL,)
    assert await kinds(at) == ["registered"]


@pytest.mark.parametrize(
    "change",
    [
        replace(CHANGE, number=OTHER),
        replace(CHANGE, name="测试改"),
        Identity(name="测试改", materials=CARD, reason="更名"),
    ],
)
async def test_what_the_second_official_enters_otherwise_is_not_recorded(
    at: Office, change: Identity
) -> None:
    await propose(at)
    assert (await confirm(at, change)).decision.reasons == (Reason.PROPOSAL_DIFFERS,)
    assert await kinds(at) == ["registered"]
    assert (await confirm(at)).decision.outcome is Outcome.RECORDED


async def test_nothing_is_confirmed_that_nobody_proposed_or_that_is_done(at: Office) -> None:
    assert (await confirm(at)).decision.reasons == (Reason.NOTHING_PROPOSED,)
    await propose(at)
    await confirm(at)
    again = await confirm(at, official="clerk-3")
    assert again.decision.reasons == (Reason.NOTHING_PROPOSED,)
    assert (await kinds(at)).count("identity-changed") == 1


async def test_a_later_proposal_replaces_the_one_that_waits(at: Office) -> None:
    await propose(at)
    later = replace(CHANGE, number=OTHER)
    await propose(at, later)
    assert (await confirm(at)).decision.reasons == (Reason.PROPOSAL_DIFFERS,)
    assert (await confirm(at, later)).decision.outcome is Outcome.RECORDED
    ends = Counter(row["ended"] for row in await rows(at, Proposal))
    assert ends == {"replaced": 1, "confirmed": 1}


async def test_a_proposal_waits_ten_working_days(at: Office) -> None:
    await propose(at)
    last = CALENDAR.add_working_days(DAY, AS_ISSUED.values.proposal_working_days).day
    late = await confirm(at, on=last + timedelta(days=1))
    assert late.decision.reasons == (Reason.PROPOSAL_EXPIRED,)
    assert (await confirm(at, on=last)).decision.outcome is Outcome.RECORDED


async def test_a_file_that_has_changed_since_is_a_conflict(at: Office) -> None:
    await propose(at)
    told = moving.Moving(moves=(DAY,), to="150402001", address="赤峰市红山区测试街2号")
    await moving.report_move(at.desk, acting(DAY), OLD, told)
    with pytest.raises(OtherVersionError) as conflict:
        await confirm(at)
    assert conflict.value.version == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (replace(CHANGE, number=OLD), Reason.NOTHING_CHANGED),
        (replace(CHANGE, number=None, name="测试零"), Reason.NOTHING_CHANGED),
        (replace(CHANGE, materials=frozenset({"photo"})), Reason.IDENTITY_PROOF_MISSING),
        (replace(CHANGE, reason=" "), Reason.CORRECTION_WITHOUT_REASON),
    ],
)
async def test_a_correction_needs_a_change_papers_and_a_reason(
    at: Office, change: Identity, reason: Reason
) -> None:
    assert (await propose(at, change)).decision.reasons == (reason,)
    assert await rows(at, Proposal) == []


async def test_a_number_of_another_file_is_refused_and_points_to_a_merge(at: Office) -> None:
    await propose(at, replace(CHANGE, number=OTHER))
    await at.register(REGISTERED, OTHER)
    early = await propose(at, replace(CHANGE, number=OTHER))
    late = await confirm(at, replace(CHANGE, number=OTHER))
    for done in (early, late):
        assert done.decision.reasons == (Reason.NUMBER_OF_ANOTHER,)
        assert "合并" in Reason.NUMBER_OF_ANOTHER.zh
    assert "identity-changed" not in await kinds(at)


async def test_of_two_who_confirm_at_once_one_does(at: Office) -> None:
    await propose(at)
    done = await asyncio.gather(*(confirm(at, official=f"clerk-{n}") for n in range(2, 6)))
    assert Counter(each.decision.outcome for each in done) == {
        Outcome.RECORDED: 1,
        Outcome.BLOCKED: 3,
    }
    assert (await kinds(at)).count("identity-changed") == 1


async def test_of_two_files_that_get_one_number_at_once_one_does(at: Office) -> None:
    await at.register(REGISTERED, OTHER)
    others = Presented(OTHER, WAS.name_key)
    free = replace(CHANGE, number=id_number(13))
    for who in (WAS, others):
        await identity.propose(at.desk, acting(DAY), who, free)
    done = await asyncio.gather(
        *(identity.confirm(at.desk, by(DAY), who, free) for who in (WAS, others))
    )
    outcomes = sorted((each.decision.outcome, *each.decision.reasons) for each in done)
    assert outcomes == [(Outcome.BLOCKED, Reason.NUMBER_OF_ANOTHER), (Outcome.RECORDED,)]


async def test_an_identity_change_is_no_slip(at: Office) -> None:
    await propose(at)
    await confirm(at)
    done = await void(at.desk, by(DAY, "clerk-3"), NEW, Slip(version=2, reason="错"))
    assert done.decision.reasons == (Reason.TAKES_TWO_OFFICIALS,)


# --- rows and duplicates ---------------------------------------------------------------------


async def test_who_comes_under_a_former_number_is_not_registered_twice(at: Office) -> None:
    await propose(at)
    await confirm(at)
    again = await at.register(DAY, OLD)
    assert again.decision.reasons == (Reason.ALREADY_REGISTERED,)
    tag = at.store.ring.id_number_tag(OLD)
    known = await at.store.database.read(lambda session: known_persons(session, [tag]))
    assert known[tag.value].person == (await at.file_of(NEW)).person


async def test_a_proposal_that_was_altered_by_hand_is_found(at: Office) -> None:
    await propose(at)
    await at.store.database.write(
        lambda session: session.execute(table_of(Proposal).update().values(until="2099-01-01"))
    )
    with pytest.raises(RowTamperedError):
        await confirm(at)


async def test_a_former_number_that_was_pointed_at_by_hand_is_found(at: Office) -> None:
    await propose(at)
    await confirm(at)
    table, tag = table_of(FormerLookup), at.store.ring.id_number_tag(OTHER).value
    await at.store.database.write(
        lambda session: session.execute(
            table.update().where(table.c.index == ID_NUMBER).values(tag=tag)
        )
    )
    with pytest.raises(RowTamperedError):
        await at.file_of(OTHER)


async def test_only_the_leave_to_reseal_opens_the_core(at: Office) -> None:
    file = await at.file_of(OLD)
    leave = leave_to_reseal("0" * 64, "residence-registration")
    assert at.desk.files.core(leave, file)["idNumber"] == OLD
    assert leave.groups == {"core"}
    assert "core" not in acting(DAY).leave.groups


@pytest.mark.parametrize(
    "table", ["event", "person_now", "lookup", "former_lookup", "proposal", "audit_record"]
)
async def test_a_fault_at_any_step_leaves_everything_as_it_was(at: Office, table: str) -> None:
    await propose(at)
    before = await everything(at)

    async def renamed(old: str, new: str) -> None:
        await at.store.database.write(
            lambda session: session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
        )

    await renamed(table, f"{table}_gone")
    with pytest.raises(DatabaseError):
        await confirm(at)
    await renamed(f"{table}_gone", table)
    assert await everything(at) == before


async def test_records_name_two_officials_and_no_value(at: Office) -> None:
    await propose(at)
    await confirm(at)
    found = [
        (one["decision"], one["actor"]["official"], len(one["subjects"]))
        for one in (await at.records())[-2:]
    ]
    assert found == [
        ("Mutation.proposeIdentityChange pending", "clerk-1", 1),
        ("Mutation.confirmIdentityChange recorded", "clerk-2", 1),
    ]
    assert all(repr(each) == "Identity()" for each in (CHANGE, Identity(number=IdNumber(OLD))))


async def test_a_former_number_of_two_persons_finds_neither(at: Office) -> None:
    await propose(at)
    await confirm(at)
    first = (await at.file_of(NEW)).person
    form_of_old = Presented(OTHER, WAS.name_key)
    await at.register(REGISTERED, OTHER)
    take = Identity(number=OLD, materials=CARD, reason="更正")
    leave = Identity(number=id_number(13), materials=CARD, reason="更正")
    await identity.propose(at.desk, acting(DAY), form_of_old, take)
    await identity.confirm(at.desk, by(DAY), form_of_old, take)
    assert (await at.file_of(OLD)).person != first
    now = Presented(OLD, WAS.name_key)
    await identity.propose(at.desk, acting(DAY), now, leave)
    await identity.confirm(at.desk, by(DAY), now, leave)
    assert await at.desk.files.look(at.store.ring.id_number_tag(OLD)) is None
    former = await at.store.reads.former_persons(at.store.ring.id_number_tag(OLD))
    assert len(former) == 2
