"""Acts where something else is in the way: an ended registration, an open request, a lost race."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import TODAY
from tests.end_to_end.acts import COLLEAGUE, OFFICIALS, act, due, eligible, filing, presented, seat
from tests.end_to_end.house import House, Json, house_of, on_database

PEOPLE = {"goes on": eligible(1), "due": due(2), "other": eligible(3), "also due": due(4)}


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=OFFICIALS) as house:
        yield house


@pytest.fixture
async def on_postgres(tmp_path: Path, postgres_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, postgres_url, PEOPLE, officials=OFFICIALS) as house:
        yield house


def row(ref: str, name: str, **more: Json) -> dict[str, Json]:
    return {"ref": ref, "person": presented(PEOPLE[name]), "review": "PASSED", **more}


async def test_who_is_registered_no_more_is_refused_an_endorsement_and_spoils_no_batch(
    house: House,
) -> None:
    await act(house, "closeRegistration", {"person": presented(PEOPLE["due"])})
    rows = [row("gone", "due"), row("here", "also due")]
    answered = await act(house, "endorsePermits", {"rows": rows})
    gone, here = (one["result"]["decision"] for one in answered.data["endorsePermits"])
    assert gone["outcome"] == "refused"
    assert [reason["code"] for reason in gone["reasons"]] == ["NOT_REGISTERED"]
    assert (gone["official"], here["outcome"]) == ("clerk-1", "endorsed")


async def test_a_file_with_an_open_request_is_merged_after_its_answer(house: House) -> None:
    """Merged before, it would be found by nobody, and the request never answered."""
    asked = {"person": presented(PEOPLE["other"]), "kind": "VIEW", "words": "请出示"}
    filed = await act(house, "fileSubjectRequest", asked)
    pair = {
        "person": presented(PEOPLE["goes on"]),
        "other": presented(PEOPLE["other"]),
        "materials": ["resident_id_card"],
        "writtenReason": "同一人",
    }
    blocked = (await act(house, "proposeMerge", pair)).data["proposeMerge"]["decision"]
    assert blocked["outcome"] == "blocked"
    assert [reason["code"] for reason in blocked["reasons"]] == ["REQUEST_OPEN"]
    answer = {
        "person": presented(PEOPLE["other"]),
        "request": filed.data["fileSubjectRequest"]["request"],
        "answer": "GRANTED",
    }
    await act(house, "answerSubjectRequest", answer)
    proposed = await act(house, "proposeMerge", pair)
    assert proposed.data["proposeMerge"]["decision"]["outcome"] == "pending"
    await act(house, "fileSubjectRequest", asked)
    second = seat("confirmMerge", official=COLLEAGUE)
    late = (await act(house, "confirmMerge", pair, by=second)).data["confirmMerge"]["decision"]
    assert [reason["code"] for reason in late["reasons"]] == ["REQUEST_OPEN"]


async def test_the_key_of_a_batch_stands_for_its_day_too(house: House) -> None:
    rows = [row("1", "due", review="FAILED", reviewReason="人去屋空")]
    yesterday = {"happenedOn": (TODAY - timedelta(days=1)).isoformat(), "lateReason": "停电"}
    first = await act(house, "endorsePermits", {"rows": rows, **yesterday}, key="batch")
    again = await act(house, "endorsePermits", {"rows": rows, **yesterday}, key="batch")
    assert again.data == first.data
    other = await act(house, "endorsePermits", {"rows": rows}, key="batch")
    (one,) = other.data["endorsePermits"]
    assert [refusal["code"] for refusal in one["refusals"]] == ["IDEMPOTENCY_KEY_REUSED"]


# --- transactions that are lost --------------------------------------------------------------

LOSES = """CREATE FUNCTION loses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('tries') <= {times} THEN
    RAISE EXCEPTION 'in the way' USING ERRCODE = '{state}';
  END IF;
  RETURN NEW;
END $$"""
TRIGGER = "CREATE TRIGGER loses BEFORE INSERT ON act FOR EACH ROW EXECUTE FUNCTION loses()"


async def lose(house: House, times: int, state: str) -> None:
    """Let so many tries end as PostgreSQL ends one of two that wait for each other."""
    await house.run("CREATE SEQUENCE tries", LOSES.format(times=times, state=state), TRIGGER)


@pytest.mark.parametrize("state", ["40P01", "40001"])
async def test_an_act_that_lost_a_race_is_tried_again(on_postgres: House, state: str) -> None:
    await lose(on_postgres, 2, state)
    answered = await act(on_postgres, "fileApplication", filing(PEOPLE["goes on"]))
    assert answered.data["fileApplication"]["decision"]["outcome"] == "accepted"
    ((kept,),) = await on_database(on_postgres.settings, "SELECT count(*) FROM act")
    assert kept == 1


@pytest.mark.parametrize(
    ("state", "times"),
    [("40P01", 3), ("53100", 1), ("25006", 1)],
    ids=["lost", "disk full", "no primary any more"],
)
async def test_an_act_that_the_database_ends_did_not_happen_and_says_try_later(
    on_postgres: House, state: str, times: int
) -> None:
    await lose(on_postgres, times, state)
    given = filing(PEOPLE["goes on"])
    answered = await act(on_postgres, "fileApplication", given, key="k-1")
    assert (answered.status, answered.codes) == (503, ["UNAVAILABLE"])
    ((steps,),) = await on_database(
        on_postgres.settings, "SELECT count(*) FROM event WHERE application IS NOT NULL"
    )
    assert steps == 0
    again = await act(on_postgres, "fileApplication", given, key="k-1")
    assert again.data["fileApplication"]["decision"]["outcome"] == "accepted"
