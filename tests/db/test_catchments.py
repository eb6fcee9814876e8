"""Catchments: loaded by a department, approved by public security of the place, under the MACs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from audit.entry import Actor
from db.catchment import Catchment
from db.catchment_changes import APPROVER, By, CatchmentRegistrar
from db.errors import RegisterTamperedError
from db.ledger_reads import LedgerReads
from db.register import Snapshot, read_snapshot
from db.register_changes import Moment
from db.register_refusals import RegisterError
from db.register_rows import CATCHMENT
from tests import builders
from tests.builders import COUNTY, NOW, OTHER_TOWNSHIP, TODAY, TOWNSHIP, Store

MOMENT = Moment(TODAY, NOW)
LEAST = 5


def by(department: str, *, division: str | None = None, role: str | None = None) -> By:
    roles = frozenset({role or department})
    actor = Actor(
        client=department,
        official=f"{department}-1",
        department=department,
        roles=tuple(roles),
        authentication="client-key",
        address="local",
        division=division,
    )
    return By(
        department=department,
        official=f"{department}-1",
        roles=roles,
        division=division,
        actor=actor,
    )


SCHOOLS = by("education")
POLICE = by(APPROVER, division=COUNTY)


@dataclass(frozen=True)
class Town:
    """A store, and its catchments."""

    store: Store

    def registrar(self, who: By) -> CatchmentRegistrar:
        return CatchmentRegistrar(self.store.database, self.store.ring, who)

    async def load(
        self,
        *places: str,
        who: By = SCHOOLS,
        name: str = "school-1",
        first: date = TODAY,
        last: date | None = None,
    ) -> str:
        return await self.store.database.write(
            lambda session: self.registrar(who).load(
                session,
                name=name,
                places=places or [TOWNSHIP],
                first=first,
                last=last,
                moment=MOMENT,
            )
        )

    async def approve(self, version: str, who: By = POLICE, least: int = LEAST) -> None:
        await self.store.database.write(
            lambda session: self.registrar(who).approve(
                session, version=version, least=least, moment=MOMENT
            )
        )

    async def retire(self, version: str, who: By = SCHOOLS) -> None:
        await self.store.database.write(
            lambda session: self.registrar(who).retire(session, version=version, moment=MOMENT)
        )

    async def register(self) -> Snapshot:
        ring = self.store.ring
        return await self.store.database.read(lambda session: read_snapshot(session, ring))

    async def found(self, day: date = TODAY, department: str = "education") -> Catchment | None:
        return (await self.register()).catchment(department, "school-1", day)


@pytest.fixture
async def town(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with builders.opened(database_url, tmp_path) as store:
        yield Town(store)


async def populated(town: Town, count: int = LEAST) -> None:
    await town.store.register(*(builders.person(number) for number in range(count)))


async def test_a_catchment_is_used_once_public_security_approved_it(town: Town) -> None:
    await populated(town)
    version = await town.load(TOWNSHIP, f"{COUNTY}002")
    assert await town.found() is None
    await town.approve(version)
    found = await town.found()
    assert found is not None
    assert found.id == version
    assert sorted(found.places) == [TOWNSHIP, f"{COUNTY}002"]
    assert await town.found(department="housing") is None
    await town.retire(version)
    assert await town.found() is None


@pytest.mark.parametrize(("days", "counts"), [(-1, False), (0, True), (9, True), (10, False)])
async def test_a_catchment_holds_from_its_first_day_to_its_last(
    town: Town, days: int, *, counts: bool
) -> None:
    await populated(town)
    await town.approve(await town.load(last=TODAY + timedelta(days=9)))
    assert (await town.found(TODAY + timedelta(days=days)) is not None) is counts


@pytest.mark.parametrize("persons", [LEAST - 1, LEAST])
async def test_too_few_registered_persons_are_no_catchment(town: Town, persons: int) -> None:
    await populated(town, persons)
    version = await town.load()
    if persons < LEAST:
        with pytest.raises(RegisterError, match="fewer than 5 persons"):
            await town.approve(version)
        assert await town.found() is None
    else:
        await town.approve(version)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (SCHOOLS, "only public security"),
        (by("receiving-office", division=COUNTY), "only public security"),
        (by(APPROVER), "outside this official's division"),
        (by(APPROVER, division="150430"), "outside this official's division"),
        (by(APPROVER, division=f"{COUNTY}002"), "outside this official's division"),
    ],
    ids=["the department", "another desk", "of no division", "another county", "a neighbour"],
)
async def test_nobody_approves_but_public_security_of_the_place(
    town: Town, who: By, said: str
) -> None:
    await populated(town)
    version = await town.load()
    with pytest.raises(RegisterError, match=said):
        await town.approve(version, who)
    assert await town.found() is None


async def test_who_loaded_a_catchment_does_not_approve_it(town: Town) -> None:
    await populated(town)
    version = await town.load(who=POLICE)
    with pytest.raises(RegisterError, match="does not approve"):
        await town.approve(version)


async def test_a_version_is_approved_once_and_never_after_it_was_retired(town: Town) -> None:
    await populated(town)
    first = await town.load()
    await town.approve(first)
    with pytest.raises(RegisterError, match="does not wait"):
        await town.approve(first)
    await town.retire(first, POLICE)
    with pytest.raises(RegisterError, match="already"):
        await town.retire(first)
    second = await town.load()
    await town.retire(second)
    with pytest.raises(RegisterError, match="does not wait"):
        await town.approve(second)


@pytest.mark.parametrize(
    ("first", "last", "refused"),
    [
        (TODAY, None, True),
        (TODAY + timedelta(days=9), TODAY + timedelta(days=30), True),
        (TODAY + timedelta(days=10), None, False),
        (TODAY - timedelta(days=30), TODAY, True),
    ],
)
async def test_two_versions_of_a_catchment_share_no_day(
    town: Town, first: date, last: date | None, *, refused: bool
) -> None:
    await town.load(last=TODAY + timedelta(days=9))
    if refused:
        with pytest.raises(RegisterError, match="some of these days"):
            await town.load(first=first, last=last)
    else:
        await town.load(first=first, last=last)
    await town.load(name="school-2")
    await town.load(who=by("housing"))


async def test_after_a_version_is_retired_its_days_are_free(town: Town) -> None:
    await town.retire(await town.load())
    await town.load()


@pytest.mark.parametrize("name", ["", "School", "学区", "a b", "-a", "a" * 65])
async def test_a_name_that_is_no_code_is_refused(town: Town, name: str) -> None:
    with pytest.raises(RegisterError, match="1 to 64"):
        await town.load(name=name)


async def test_days_that_have_passed_or_end_before_they_begin_are_refused(town: Town) -> None:
    for first, last in ((TODAY, TODAY - timedelta(days=1)), (TODAY + timedelta(days=2), TODAY)):
        with pytest.raises(RegisterError, match="last day"):
            await town.load(first=first, last=last)


@pytest.mark.parametrize("version", ["", "zz", "00" * 16])
async def test_an_id_of_nothing_is_refused(town: Town, version: str) -> None:
    for change in (town.approve, town.retire):
        with pytest.raises(RegisterError, match="no catchment"):
            await change(version, POLICE)


async def test_another_department_retires_no_catchment(town: Town) -> None:
    version = await town.load()
    with pytest.raises(RegisterError, match="by its department"):
        await town.retire(version, by("housing"))


async def test_each_change_is_a_record_by_the_official_whose_token_was_shown(town: Town) -> None:
    await populated(town)
    version = await town.load(OTHER_TOWNSHIP, TOWNSHIP)
    with pytest.raises(RegisterError):
        await town.approve(version)
    await town.retire(version)
    kept = await town.register()
    stored = await LedgerReads(town.store.database).page(after=None, limit=10)
    records = [orjson.loads(one.body) for one in reversed(stored)]
    changes = [one for one in records if one["action"].startswith("register.catchment")]
    assert [(one["action"], one["actor"]["official"]) for one in changes] == [
        ("register.catchment-loaded", "education-1"),
        ("register.catchment-retired", "education-1"),
    ]
    facts = changes[0]["decision"].split()
    assert facts[:4] == [
        f"catchment:{version}", "department:education", "name:school-1", "places:2",
    ]  # fmt: skip
    assert changes[-1]["decision"].split()[-1] == f"register:{kept.version}"


ALTERED = {
    "id": b"\7" * 16,
    "department": "housing",
    "name": "school-9",
    "places": f"{TOWNSHIP} {OTHER_TOWNSHIP}",
    "valid_from": "2000-01-01",
    "valid_until": "2099-01-01",
    "loaded_by": "somebody",
    "approved_by": "somebody",
    "approved_at": NOW,
    "retired_at": NOW,
}


def test_every_column_of_a_catchment_is_altered_below() -> None:
    assert set(CATCHMENT.columns) == set(ALTERED)


@pytest.mark.parametrize("column", list(ALTERED))
async def test_a_catchment_altered_by_hand_is_refused_with_the_whole_register(
    town: Town, column: str
) -> None:
    await town.load()
    await town.store.database.write(
        lambda session: session.execute(
            text(f"UPDATE catchment SET {column} = :value"),  # noqa: S608 - our own words
            {"value": ALTERED[column]},
        )
    )
    with pytest.raises(RegisterTamperedError):
        await town.register()


async def test_a_catchment_that_was_taken_away_is_missed(town: Town) -> None:
    await town.load()
    await town.store.database.write(lambda session: session.execute(text("DELETE FROM catchment")))
    with pytest.raises(RegisterTamperedError):
        await town.register()
