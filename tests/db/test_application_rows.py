"""Rows of applications that somebody altered by hand are computed anew, not stumbled over."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.models import ApplicationNow, table_of
from db.rows import RowValues
from regulation.outcome import Outcome
from resolvers.desk import application
from tests.builders import CALENDAR, id_number, rebuild_read_model
from tests.resolvers.desk.desks import OTHER, Office, acting, office

REGISTERED = date(2025, 3, 3)
ELIGIBLE = date(2025, 9, 3)


async def rows(at: Office) -> list[RowValues]:
    table = table_of(ApplicationNow)

    def read(session: Session) -> list[RowValues]:
        found = session.execute(select(table).order_by(table.c.id)).mappings()
        return [dict(row) for row in found]

    return await at.store.database.read(read)


async def moved_to_somebody_else(at: Office) -> list[RowValues]:
    """Two persons register and one applies; the row of that application is given to the other."""
    await at.register(REGISTERED)
    neighbour = (await at.register(REGISTERED, id_number(1))).person
    await at.file(ELIGIBLE)
    before = await rows(at)
    await at.store.database.write(
        lambda session: session.execute(
            text("UPDATE application_now SET person = :person"), {"person": neighbour}
        )
    )
    assert await rows(at) != before
    return before


async def test_a_rebuild_gives_a_row_back_to_its_person(database_url: str, tmp_path: Path) -> None:
    async with office(database_url, tmp_path) as at:
        before = await moved_to_somebody_else(at)
        heard: list[int] = []
        await rebuild_read_model(at.store.database, at.store.ring, CALENDAR, heard.append)
        assert await rows(at) == before


@pytest.mark.parametrize("who", [0, 1])
async def test_an_act_on_either_person_is_done(who: int, database_url: str, tmp_path: Path) -> None:
    async with office(database_url, tmp_path) as at:
        await moved_to_somebody_else(at)
        if who == 0:
            done = await application.issue(at.desk, acting(ELIGIBLE), id_number(0))
            assert done.decision.outcome is Outcome.ISSUED
        else:
            filed = await at.file(ELIGIBLE, id_number(1), as_=OTHER)
            assert filed.decision.outcome is Outcome.ACCEPTED
            await at.file(ELIGIBLE, id_number(1), as_=OTHER)
