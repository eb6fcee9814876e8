"""Who may act as what comes from the register; a token says who, and its claims never widen it.

Over HTTP on both databases: claims, ended and missing officials, a desk's own division, and the
open case, which alone lets a desk see a person of another division.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.database import DatabaseSettings
from db.facts import NewPerson
from db.session import open_database
from tests import builders
from tests.builders import COUNTY, OTHER_COUNTY, TODAY, case, elsewhere
from tests.end_to_end.house import (
    DESKS,
    INSTANT,
    MOMENT,
    Answered,
    Entry,
    House,
    Json,
    Seat,
    house_of,
    started,
)
from tests.server.actors import es256
from tests.server.real_house import registrar_of

DAY = timedelta(days=1)
EDUCATION = es256("edu-1")
POLICE = es256("police-1")
CLIENTS = [(EDUCATION, "education"), (POLICE, "community-police")]

OWN, THEIRS, CLOSED, LATER, FOREIGN, ENDING = (f"案{n}号" for n in "一二三四五六")


def person(number: int, *, permit: str) -> NewPerson:
    return builders.person(number, acts=[builders.issued(builders.ISSUED_ACTIVE, number=permit)])


def with_case(new: NewPerson, **of: Json) -> NewPerson:
    return replace(new, cases=(replace(case(kind="move"), **of),))


PEOPLE = {
    "ours": person(1, permit="P-1"),
    "theirs with our case": with_case(elsewhere(person(2, permit="P-2")), number=OWN),
    "theirs": elsewhere(person(3, permit="P-3")),
    "theirs with our closed case": with_case(
        elsewhere(person(4, permit="P-4")), number=CLOSED, closed_on=TODAY
    ),
    "theirs with our case of tomorrow": with_case(
        elsewhere(person(5, permit="P-5")), number=LATER, opened_on=TODAY + DAY
    ),
    "theirs with their own case": with_case(
        elsewhere(person(6, permit="P-6")), number=FOREIGN, division=OTHER_COUNTY
    ),
    "theirs with our case until tomorrow": with_case(
        elsewhere(person(8, permit="P-8")), number=ENDING, closed_on=TODAY + DAY
    ),
    "ours with our case": with_case(person(7, permit="P-7"), number=OWN),
}
NUMBERS = {name: new.registration.id_number for name, new in PEOPLE.items()}
LIST = Seat(department="community-police", purpose="desk-list")
CASE = Seat(department="community-police", purpose="annual-endorsement", case=OWN)
VIEWER = "{viewer{client official department roles division purpose}}"


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, clients=CLIENTS) as house:
        yield house


# --- tokens and the register ---------------------------------------------------------------------


def police_token(**claims: Json) -> str:
    given = {"department": "community-police", **claims}
    return POLICE.token(now=INSTANT, **given).decode()


def education_token(**claims: Json) -> str:
    return EDUCATION.token(now=INSTANT, **claims).decode()


async def viewer(house: House, token: str) -> dict[str, Json]:
    seen = (await house.ask(Seat(department=""), VIEWER, token=token)).data["viewer"]
    assert isinstance(seen, dict)
    return seen


async def test_the_register_says_roles_and_division_and_the_token_only_who(house: House) -> None:
    assert await viewer(house, police_token()) == {
        "client": "police-1", "official": "demo-01", "department": "community-police",
        "roles": ["community-police"], "division": COUNTY, "purpose": None,
    }  # fmt: skip
    assert await viewer(house, education_token(sub="anybody")) == {
        "client": "edu-1", "official": "anybody", "department": "education",
        "roles": ["education"], "division": None, "purpose": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": ["community-police"]},
        {"roles": ["auditor", "receiving-office"]},
        {"roles": []},
        {"department": "community-police"},
        {"department": "auditor"},
    ],
)
async def test_a_claimed_role_or_department_of_others_is_no_entry(
    house: House, claims: dict[str, Json]
) -> None:
    answer = await house.ask(LIST, VIEWER, token=education_token(**claims))
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])


async def test_a_claimed_role_beside_the_own_one_adds_nothing(house: House) -> None:
    token = education_token(roles=["education", "auditor", "community-police"])
    assert (await viewer(house, token))["roles"] == ["education"]
    for seat in (LIST, Seat(department="auditor", purpose="privacy-audit")):
        answer = await house.ask(seat, "{persons{totalCount}}", token=token)
        assert (answer.status, answer.codes) == (403, ["PURPOSE_NOT_ALLOWED"])


async def test_claimed_purposes_narrow_and_never_widen(house: House) -> None:
    document = "{purposes{code}}"
    everything = ["desk-list", "annual-endorsement", "privacy-audit", "school-place"]
    wide = await house.ask(Seat(department=""), document, token=police_token(purposes=everything))
    assert {one["code"] for one in wide.data["purposes"]} == {"desk-list", "annual-endorsement"}
    narrow = police_token(purposes=["desk-list"])
    answer = await house.ask(CASE, '{permit(number:"P-1"){id}}', token=narrow)
    assert (answer.status, answer.codes) == (403, ["PURPOSE_NOT_ALLOWED"])
    assert (await house.ask(LIST, "{persons{totalCount}}", token=narrow)).status == 200
    answer = await house.ask(LIST, "{persons{totalCount}}", token=police_token(purposes=[]))
    assert (answer.status, answer.codes) == (403, ["PURPOSE_NOT_ALLOWED"])


async def test_a_claimed_division_narrows_and_never_widens(house: House) -> None:
    counted = {}
    for division in (None, COUNTY, f"{COUNTY}001", f"{COUNTY}002"):
        claims = {} if division is None else {"division": division}
        answer = await house.ask(LIST, "{persons{totalCount}}", token=police_token(**claims))
        counted[division] = answer.data["persons"]["totalCount"]
    assert counted == {None: 2, COUNTY: 2, f"{COUNTY}001": 2, f"{COUNTY}002": 0}
    for division in (OTHER_COUNTY, f"{OTHER_COUNTY}100", "15", "1504", "150402%", ""):
        answer = await house.ask(LIST, VIEWER, token=police_token(division=division))
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"]), division


@pytest.mark.parametrize("department", ["receiving-office", "community-police", "auditor"])
async def test_an_official_without_an_entry_is_no_desk_and_no_auditor(
    house: House, department: str
) -> None:
    answer = await house.ask(Seat(department=department, official="nobody"), VIEWER)
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])


async def test_an_entry_of_one_department_is_none_of_another(
    tmp_path: Path, database_url: str
) -> None:
    entries = [Entry(department="auditor", official="one"), *DESKS]
    async with house_of(tmp_path, database_url, {}, officials=entries) as house:
        auditor = Seat(department="auditor", official="one")
        assert (await house.ask(auditor, VIEWER)).status == 200
        answer = await house.ask(replace(auditor, department="community-police"), VIEWER)
        assert answer.status == 401


async def test_a_school_that_the_register_names_auditor_gets_nothing_of_the_auditors(
    tmp_path: Path, database_url: str
) -> None:
    entries = [Entry(department="education", official="t-1", role="auditor"), *DESKS]
    async with house_of(tmp_path, database_url, PEOPLE, officials=entries) as house:
        auditor = Seat(department="auditor", purpose="privacy-audit")
        log = "{accessLog(first:5){nodes{index outcome roles}}}"
        teacher = Seat(department="education", official="t-1")
        looking = (await house.ask(teacher, "{viewer{roles} purposes{code}}")).data
        assert looking == {"viewer": {"roles": []}, "purposes": []}
        for purpose in ("privacy-audit", "school-place"):
            for document in (log, '{accessesOf(person:"x"){nodes{index}}}', "{viewer{roles}}"):
                answer = await house.ask(replace(teacher, purpose=purpose), document)
                assert (answer.status, answer.codes) == (403, ["PURPOSE_NOT_ALLOWED"])
                assert answer.whole.keys() == {"errors", "extensions"}
        shown = (await house.ask(auditor, log)).data["accessLog"]["nodes"]
        assert (shown[0]["outcome"], shown[0]["roles"]) == ("denied", [])
        answer = await house.ask(teacher, log)
        assert (answer.status, answer.codes) == (403, ["PURPOSE_REQUIRED"])
        colleague = replace(teacher, official="t-2")
        assert (await house.ask(colleague, VIEWER)).data["viewer"]["roles"] == ["education"]


async def test_an_ended_official_is_refused_a_partners_too(
    tmp_path: Path, database_url: str
) -> None:
    entries = [Entry(department="education", official="t-1"), *DESKS]
    async with house_of(tmp_path, database_url, PEOPLE, officials=entries) as house:
        seats = [Seat(department="education", official="t-1"), LIST]
        for seat in seats:
            assert (await house.ask(seat, VIEWER)).status == 200
        settings, issuer, persons = house.settings, house.issuer, house.persons
    where = DatabaseSettings(url=settings.database_url, home=settings.home)
    async with await open_database(where) as database:
        registrar = await registrar_of(database, settings)
        register = await database.read(registrar.snapshot)
        for seat in seats:
            entry = register.official(seat.department, seat.official, TODAY)
            assert entry is not None
            await database.write(
                lambda session, entry=entry: registrar.end_official(
                    session, entry=entry.id, moment=MOMENT
                )  # type: ignore[misc]  # bound for this turn of the loop
            )
    async with started(settings, issuer, persons) as house:
        for seat in seats:
            answer = await house.ask(seat, VIEWER)
            assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"]), seat
        colleague = await house.ask(replace(seats[0], official="t-2"), VIEWER)
        assert colleague.status == 200


async def test_an_entry_ends_with_its_last_day_in_shanghai(
    tmp_path: Path, database_url: str
) -> None:
    entry = Entry(department="community-police", division=COUNTY, until=TODAY)
    async with house_of(tmp_path, database_url, {}, officials=[entry]) as house:
        assert (await house.ask(LIST, VIEWER)).status == 200
        house.clock.seconds += 8 * 3600 - 1  # NOW is 16:00 in Shanghai
        assert (await house.ask(LIST, VIEWER)).status == 200
        house.clock.seconds += 1
        assert (await house.ask(LIST, VIEWER)).status == 401


# --- one's own division --------------------------------------------------------------------------


async def test_a_list_holds_ones_own_division_alone(house: House) -> None:
    for given in ("", "(orderBy:[{field:VALID_TO direction:DESC}])", '(filter:{county:"150402"})'):
        answer = await house.ask(
            LIST, f"{{persons{given}{{totalCount nodes{{permit{{number}}}}}}}}"
        )
        persons = answer.data["persons"]
        assert persons["totalCount"] == 2
        assert {one["permit"]["number"] for one in persons["nodes"]} == {"P-1", "P-7"}
        kept = await house.record(answer)
        ours = {house.persons["ours"], house.persons["ours with our case"]}
        assert {subject for subject, _ in kept.subjects} == ours
    for name, number in NUMBERS.items():
        answer = await house.ask(
            LIST,
            "query($n:String!){persons(filter:{idNumber:$n}){totalCount nodes{permit{number}}}}",
            {"n": number},
        )
        found = answer.data["persons"]["totalCount"]
        assert found == (1 if name.startswith("ours") else 0), name
    answer = await house.ask(LIST, f'{{persons(filter:{{county:"{OTHER_COUNTY}"}}){{totalCount}}}}')
    assert answer.data == {"persons": {"totalCount": 0}}


async def test_a_desk_without_a_division_reaches_nobody(tmp_path: Path, database_url: str) -> None:
    entry = Entry(department="community-police", division=None)
    async with house_of(tmp_path, database_url, PEOPLE, officials=[entry]) as house:
        assert (await house.ask(LIST, "{persons{totalCount}}")).data["persons"]["totalCount"] == 0
        answer = await house.ask(CASE, '{permit(number:"P-2"){id}}')
        assert answer.data == {"permit": None}


async def test_a_townships_desk_sees_its_township_alone(tmp_path: Path, database_url: str) -> None:
    def living_in(number: int, township: str) -> NewPerson:
        new = builders.active(number)
        return replace(new, registration=replace(new.registration, township=township))

    people = {"one": living_in(1, f"{COUNTY}001"), "other": living_in(2, f"{COUNTY}002")}
    entry = Entry(department="community-police", division=f"{COUNTY}002")
    async with house_of(tmp_path, database_url, people, officials=[entry]) as house:
        answer = await house.ask(LIST, "{persons{nodes{residence{division{code}}}}}")
        assert answer.data["persons"]["nodes"] == [
            {"residence": {"division": {"code": f"{COUNTY}002"}}}
        ]


# --- the open case -------------------------------------------------------------------------------


async def by_each_road(house: House, seat: Seat, name: str) -> dict[str, Json]:
    """A person asked for by name and number, by permit number, and by both global ids."""
    given = PEOPLE[name].registration
    permit = next(act.number for act in PEOPLE[name].acts if hasattr(act, "number"))
    document = (
        "query($n:String!,$m:String!,$p:String!,$i:ID!,$j:ID!){"
        "person(idNumber:$n,name:$m){idNumber} permit(number:$p){number}"
        " node(id:$i){...on Person{idNumber}} other:node(id:$j){...on Permit{number}}}"
    )
    uuid = house.persons[name]
    ids = [house.ring.global_ids.encode(seat.department, kind, uuid) for kind in (1, 2)]
    # A permit's id is its own: the second id names a permit only where it was told by the service.
    told = await house.ask(seat, "query($p:String!){permit(number:$p){id}}", {"p": permit})
    if told.data["permit"] is not None:
        ids[1] = told.data["permit"]["id"]
    variables = {
        "n": given.id_number, "m": given.name, "p": permit, "i": ids[0], "j": ids[1],
    }  # fmt: skip
    return (await house.ask(seat, document, variables)).data


def seen(name: str) -> dict[str, Json]:
    number = NUMBERS[name]
    permit = next(act.number for act in PEOPLE[name].acts if hasattr(act, "number"))
    return {
        "person": {"idNumber": number}, "permit": {"number": permit},
        "node": {"idNumber": number}, "other": {"number": permit},
    }  # fmt: skip


NOTHING = {"person": None, "permit": None, "node": None, "other": None}


async def test_a_person_of_another_division_appears_with_the_open_case_alone(house: House) -> None:
    name = "theirs with our case"
    assert await by_each_road(house, CASE, name) == seen(name)
    assert await by_each_road(house, replace(CASE, case=THEIRS), name) == NOTHING
    assert await by_each_road(house, replace(CASE, case=FOREIGN), name) == NOTHING
    answer = await house.ask(LIST, "{persons{nodes{permit{number}}}}")
    assert "P-2" not in answer.body.decode()
    answer = await house.ask(replace(CASE, case=None), '{permit(number:"P-2"){id}}')
    assert (answer.status, answer.codes) == (403, ["CASE_REQUIRED"])


@pytest.mark.parametrize("name", list(PEOPLE))
async def test_a_case_reaches_only_whom_it_is_open_for(house: House, name: str) -> None:
    in_case = name in {"theirs with our case", "ours with our case"}
    assert await by_each_road(house, CASE, name) == (seen(name) if in_case else NOTHING)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("theirs with our closed case", CLOSED),
        ("theirs with our case of tomorrow", LATER),
        ("theirs with their own case", FOREIGN),
        ("theirs", THEIRS),
    ],
)
async def test_a_case_that_is_closed_not_yet_open_or_anothers_gives_nothing(
    house: House, name: str, number: str
) -> None:
    seat = replace(CASE, case=number)
    assert await by_each_road(house, seat, name) == NOTHING
    last = (await house.records())[-1]
    assert (last.says["outcome"], last.subjects, last.missed) == ("missed", [], 4)


async def test_a_case_gives_nothing_from_the_day_on_which_it_is_closed(house: House) -> None:
    seat, name = replace(CASE, case=ENDING), "theirs with our case until tomorrow"
    assert await by_each_road(house, seat, name) == seen(name)
    house.clock.seconds += 8 * 3600 - 1  # the last second of the day in Shanghai
    assert await by_each_road(house, seat, name) == seen(name)
    house.clock.seconds += 1
    assert await by_each_road(house, seat, name) == NOTHING


async def test_what_may_not_be_seen_is_answered_like_what_does_not_exist(house: House) -> None:
    document = "query($p:String!){permit(number:$p){id}}"
    answers: list[Answered] = [
        await house.ask(CASE, document, {"p": permit}) for permit in ("P-3", "P-4", "NO-SUCH")
    ]
    assert {answer.data_bytes for answer in answers} == {b'{"permit":null}'}


async def test_an_id_holds_for_the_department_that_was_told_it(house: House) -> None:
    answer = await house.ask(CASE, '{permit(number:"P-7"){id}}')
    told = answer.data["permit"]["id"]
    document = "query($i:ID!){node(id:$i){id}}"
    assert (await house.ask(CASE, document, {"i": told})).data == {"node": {"id": told}}
    office = replace(CASE, department="receiving-office")
    assert (await house.ask(office, document, {"i": told})).data == {"node": None}
    for changed in (told[:-1] + ("A" if told[-1] != "A" else "B"), told[1:], "x", ""):
        assert (await house.ask(CASE, document, {"i": changed})).data == {"node": None}
