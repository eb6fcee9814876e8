"""A school asks whether somebody lives where its places are for, and nothing else (article 24(4)).

What is refused is refused whoever is asked about, before a person is touched, and is recorded.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from audit.entry import Actor
from db.catchment_changes import APPROVER, By, CatchmentRegistrar
from db.database import DatabaseSettings
from db.facts import NewPerson
from db.keystore import open_keyring
from db.session import open_database
from keys.root import RootKey
from regulation.parameters import AS_ISSUED
from tests import builders
from tests.builders import COUNTY, NOW, TODAY, TOWNSHIP
from tests.end_to_end.house import MOMENT, Answered, House, Seat, prepare, started
from tests.server.real_house import settings_of

SCHOOL = Seat(department="education", purpose="school-place", case="赤红教〔2026〕1号")
LEAST = AS_ISSUED.values.catchment_least_persons
NEXT = f"{COUNTY}002"
QUERY = (
    "query($n:String!,$m:String!,$c:String!)"
    "{person(idNumber:$n,name:$m){in:inCatchment(catchment:$c)}}"
)


def people() -> Mapping[str, NewPerson]:
    """As many as a catchment needs in each of two townships; of each the first holds a permit."""
    found: dict[str, NewPerson] = {}
    for place, first in ((TOWNSHIP, 0), (NEXT, LEAST)):
        for number in range(first, first + LEAST):
            new = builders.active(number) if number == first else builders.person(number)
            there = replace(new.registration, township=place)
            found[str(number)] = replace(new, registration=there)
    found["lapsed"] = builders.suspended(3 * LEAST)
    return found


PEOPLE = people()
INSIDE, OUTSIDE, LAPSED = "0", str(LEAST), "lapsed"


def by(department: str, division: str | None = None) -> By:
    actor = Actor(
        client=department,
        department=department,
        roles=(department,),
        authentication="client-key",
        address="local",
    )
    return By(
        department=department,
        official=f"{department}-1",
        roles=frozenset({department}),
        division=division,
        actor=actor,
    )


@asynccontextmanager
async def town(
    home: Path, url: str, catchments: Mapping[str, list[str]], *, waiting: tuple[str, ...] = ()
) -> AsyncIterator[House]:
    """A service whose education department has these catchments; some wait for approval."""
    settings = settings_of(home, url)
    issuer, ids = await prepare(settings, PEOPLE)
    where = DatabaseSettings(url=settings.database_url, home=settings.home)
    async with await open_database(where) as database:
        ring = await open_keyring(database, RootKey.from_spec(settings.root_key), now=NOW)
        schools = CatchmentRegistrar(database, ring, by("education"))
        police = CatchmentRegistrar(database, ring, by(APPROVER, COUNTY))
        for name, places in catchments.items():
            version = await database.write(
                lambda session, name=name, places=places: schools.load(  # type: ignore[misc]  # bound for this turn
                    session, name=name, places=places, first=TODAY, last=None, moment=MOMENT
                )
            )
            if name not in waiting:
                await database.write(
                    lambda session, version=version: police.approve(  # type: ignore[misc]  # as above
                        session, version=version, least=LEAST, moment=MOMENT
                    )
                )
    async with started(settings, issuer, ids) as house:
        yield house


async def ask(house: House, who: str, catchment: str = "school-1", case: str = "1") -> Answered:
    given = PEOPLE[who].registration
    named = {"n": str(given.id_number), "m": given.name, "c": catchment}
    return await house.ask(replace(SCHOOL, case=case), QUERY, named)


async def refused(house: House, answer: Answered, code: str) -> None:
    assert (answer.status, answer.codes) == (403, [code]), answer.body
    assert "data" not in answer.whole
    kept = await house.record(answer)
    assert (kept.says["outcome"], kept.subjects, kept.missed) == ("denied", [], 0)
    assert kept.says["decision"] == f"{code} Person.inCatchment"


async def test_a_school_learns_yes_or_no_and_each_answer_is_recorded(
    tmp_path: Path, database_url: str
) -> None:
    async with town(tmp_path, database_url, {"school-1": [TOWNSHIP]}) as house:
        for who, expected in ((INSIDE, True), (OUTSIDE, False)):
            answer = await ask(house, who)
            assert answer.data == {"person": {"in": expected}}
            kept = await house.record(answer)
            (subject,) = kept.subjects
            assert subject[0] == house.persons[who]
            assert ("Person.inCatchment", "read", "yes-no") in subject[1]
        for who in (LAPSED, "1"):
            assert (await ask(house, who)).data == {"person": None}


async def test_a_case_asks_about_one_catchment_and_one_version_of_it(
    tmp_path: Path, database_url: str
) -> None:
    drawn = {"school-1": [TOWNSHIP], "school-2": [TOWNSHIP, NEXT]}
    async with town(tmp_path, database_url, drawn) as house:
        assert (await ask(house, INSIDE)).data == {"person": {"in": True}}
        await refused(house, await ask(house, INSIDE, "school-2"), "CATCHMENT_OTHER_FOR_CASE")
        # Another person of the same case, or nobody: the case is what asked.
        await refused(house, await ask(house, "1", "school-2"), "CATCHMENT_OTHER_FOR_CASE")
        assert (await ask(house, OUTSIDE)).data == {"person": {"in": False}}
        assert (await ask(house, INSIDE, "school-2", case="2")).data == {"person": {"in": True}}
        given = PEOPLE[INSIDE].registration
        both = await house.ask(
            replace(SCHOOL, case="3"),
            "query($n:String!,$m:String!){person(idNumber:$n,name:$m){"
            'a:inCatchment(catchment:"school-1") b:inCatchment(catchment:"school-2")}}',
            {"n": str(given.id_number), "m": given.name},
        )
        await refused(house, both, "CATCHMENT_OTHER_FOR_CASE")


async def test_of_two_catchments_that_one_case_asks_about_at_once_one_is_answered(
    tmp_path: Path, database_url: str
) -> None:
    drawn = {"school-1": [TOWNSHIP], "school-2": [TOWNSHIP, NEXT]}
    async with town(tmp_path, database_url, drawn) as house:
        answers = await asyncio.gather(
            *(ask(house, INSIDE, name, case="9") for name in ["school-1", "school-2"] * 5)
        )
        answered = {"school-1": 0, "school-2": 0}
        for place, answer in enumerate(answers):
            if answer.status == 200:
                answered[("school-1", "school-2")[place % 2]] += 1
            else:
                assert answer.codes == ["CATCHMENT_OTHER_FOR_CASE"]
        assert sorted(answered.values()) == [0, 5]


@pytest.mark.parametrize("who", [INSIDE, "1"], ids=["a holder", "nobody"])
async def test_what_is_no_catchment_of_the_department_is_unknown(
    tmp_path: Path, database_url: str, who: str
) -> None:
    drawn = {"school-1": [TOWNSHIP], "school-2": [NEXT]}
    async with town(tmp_path, database_url, drawn, waiting=("school-2",)) as house:
        for name in ("school-2", "nothing", "", "\0", "学区" * 200):
            await refused(house, await ask(house, who, name), "CATCHMENT_UNKNOWN")
        # A case that was refused has asked about nothing yet.
        assert (await ask(house, INSIDE)).data == {"person": {"in": True}}


async def test_a_catchment_that_lost_its_people_is_asked_about_no_more(
    tmp_path: Path, database_url: str
) -> None:
    async with town(tmp_path, database_url, {"school-1": [NEXT]}) as house:
        assert (await ask(house, OUTSIDE)).data == {"person": {"in": True}}
        gone = house.persons[str(LEAST + 1)].hex()
        literal = f"x'{gone}'" if database_url.startswith("sqlite") else f"decode('{gone}', 'hex')"
        await house.run(f"DELETE FROM person_now WHERE person = {literal}")  # noqa: S608 - our own words
        for who in (OUTSIDE, "1"):
            await refused(house, await ask(house, who), "CATCHMENT_TOO_SMALL")


async def test_a_case_whose_catchment_was_exchanged_by_hand_is_answered_nothing(
    tmp_path: Path, database_url: str
) -> None:
    async with town(tmp_path, database_url, {"school-1": [TOWNSHIP]}) as house:
        assert (await ask(house, INSIDE)).status == 200
        other = "x'07'" if database_url.startswith("sqlite") else "decode('07', 'hex')"
        await house.run(f"UPDATE catchment_case SET catchment = {other}")  # noqa: S608 - our own words
        answer = await ask(house, INSIDE)
        assert (answer.status, answer.codes) == (500, ["INTERNAL"])
