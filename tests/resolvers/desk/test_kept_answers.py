"""What acts were answered is kept for a figure of days, and then taken away (PIPL article 19)."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from db.casefile import case_digest
from db.day_turn import DayTurns
from db.ledger import Ledger
from regulation.outcome import Outcome
from resolvers.desk.counter import Asked, Counter
from resolvers.recording import Recorder
from tests.builders import CASE_NUMBER, OFFICE, TODAY, case
from tests.builders import person as somebody
from tests.resolvers.desk.desks import Office, acting, office


def counter_of(at: Office) -> Counter:
    ledger = Ledger(at.store.database, deployment=at.store.ring.deployment)
    digest = at.store.ring
    recorder = Recorder(at.store.ring, ledger, lambda number: case_digest(digest, number))
    return Counter(desk=at.desk, recorder=recorder, office=lambda _context: OFFICE)


async def kept(at: Office) -> int:
    return await at.store.database.read(
        lambda session: int(session.scalar(text("SELECT count(*) FROM act")) or 0)
    )


async def test_an_answer_is_taken_away_after_its_days_and_its_key_may_act_again(
    database_url: str, tmp_path: Path
) -> None:
    async with office(database_url, tmp_path) as at:
        new = somebody(1, cases=[case()])
        await at.store.database.write(
            lambda session: at.store.intake.register(session, [new], recorded_at="2026-11-20")
        )
        context = replace(acting(TODAY).context, case=CASE_NUMBER)
        asked = Asked(context=context, operation=None, document=None)
        counter = counter_of(at)
        given = {
            "idempotencyKey": "one",
            "person": {"idNumber": new.registration.id_number, "name": new.registration.name},
            "claims": [{"condition": "housing"}],
            "materials": ["resident_id_card", "photo", "lease_contract"],
        }
        for _ in range(2):
            done = await counter.act("fileApplication", given, asked)
            assert done.decision.outcome is Outcome.ACCEPTED
        ledger = Ledger(at.store.database, deployment=at.store.ring.deployment)
        turns = DayTurns(at.store.database, at.store.ring, ledger, batch=1)
        assert await turns.prune_answers(TODAY) == 0
        assert await kept(at) == 1
        assert await turns.prune_answers(TODAY + timedelta(days=1)) == 1
        assert await kept(at) == 0
        again = await counter.act("fileApplication", given, asked)
        assert again.decision.outcome is not Outcome.ACCEPTED
