"""Trusted documents over HTTP: asked for by identifier, alone where the department is locked."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from db.database import DatabaseSettings
from db.keystore import open_keyring
from db.register_changes import Moment
from db.register_record import operator
from db.session import open_database
from db.trusted import TrustedRegistrar, document_id
from keys.root import RootKey
from schema.trusted import SHIPPED
from tests import builders
from tests.builders import NOW, TODAY
from tests.end_to_end.house import Answered, House, Seat, prepare, started
from tests.server.real_house import settings_of

MOMENT = Moment(TODAY, NOW)
PEOPLE = {"holder": builders.active(1)}
SCHOOL = Seat(department="education", purpose="school-place", case="CASE-1")
HOUSING = Seat(department="housing", purpose="housing-support", case="CASE-1")
GIVEN = {"n": builders.id_number(1), "m": "测试1"}
TEXT = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"
BIRTH = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){birthDate}}"
DIGEST = "sha256:" + hashlib.sha256(TEXT.encode()).hexdigest()
NAME = "education.mine.v1"
YES = {"person": {"permit": {"active": True}}}


@asynccontextmanager
async def registered(
    home: Path, url: str, documents: Mapping[str | None, str], *, locked: bool = False
) -> AsyncIterator[House]:
    """A service whose department of education has registered these documents."""
    settings = settings_of(home, url)
    issuer, persons = await prepare(settings, PEOPLE)
    where = DatabaseSettings(url=settings.database_url, home=settings.home)
    async with await open_database(where) as database:
        ring = await open_keyring(database, RootKey.from_spec(settings.root_key), now=NOW)
        registrar = TrustedRegistrar(database, ring, operator("juzhu test"))
        for name, text in documents.items():
            await database.write(
                lambda session, name=name, text=text: registrar.add(  # type: ignore[misc]  # bound for this turn of the loop
                    session,
                    department="education",
                    name=name,
                    text=text,
                    until=None,
                    moment=MOMENT,
                )
            )
        if locked:
            await database.write(
                lambda session: registrar.lock(session, department="education", moment=MOMENT)
            )
    async with started(settings, issuer, persons) as house:
        yield house


async def send(house: House, seat: Seat, **members: object) -> Answered:
    headers = {"authorization": f"Bearer {house.token(seat)}", **seat.headers}
    return await house.post(orjson.dumps(members), headers)


@pytest.mark.parametrize("document", [DIGEST, NAME])
async def test_a_document_is_asked_for_by_digest_and_by_name(
    tmp_path: Path, database_url: str, document: str
) -> None:
    async with registered(tmp_path, database_url, {NAME: TEXT}) as house:
        by_text = await send(house, SCHOOL, query=TEXT, variables=GIVEN)
        answer = await send(house, SCHOOL, documentId=document, variables=GIVEN)
        assert answer.data == by_text.data == YES
        told = (await house.record(answer)).says
        assert told["document"] == (await house.record(by_text)).says["document"]


async def test_a_document_of_the_release_is_there_under_each_departments_name(
    tmp_path: Path, database_url: str
) -> None:
    rows = [{"ref": "r", "presented": {"idNumber": GIVEN["n"], "name": GIVEN["m"]}}]
    async with registered(tmp_path, database_url, {}) as house:
        for seat in (SCHOOL, HOUSING):
            for document in (f"{seat.department}.verify.v1", document_id(SHIPPED["verify.v1"])):
                answer = await send(house, seat, documentId=document, variables={"rows": rows})
                assert answer.data["verify"][0]["answer"] == "YES"
        other = await send(house, SCHOOL, documentId="housing.verify.v1", variables={"rows": rows})
        assert other.codes == ["DOCUMENT_UNKNOWN"]


async def test_another_departments_document_is_as_unknown_as_none(
    tmp_path: Path, database_url: str
) -> None:
    async with registered(tmp_path, database_url, {NAME: TEXT}) as house:
        unknown = await send(house, HOUSING, documentId="sha256:" + "0" * 64, variables=GIVEN)
        assert (unknown.status, unknown.codes) == (400, ["DOCUMENT_UNKNOWN"])
        for document in (DIGEST, NAME):
            answer = await send(house, HOUSING, documentId=document, variables=GIVEN)
            own = {"requestId"}
            told = [
                {
                    **entry,
                    "extensions": {k: v for k, v in entry["extensions"].items() if k not in own},
                }
                for each in (answer, unknown)
                for entry in each.errors
            ]
            assert told[0] == told[1]


async def test_a_trusted_document_sees_no_more_than_its_caller(
    tmp_path: Path, database_url: str
) -> None:
    async with registered(tmp_path, database_url, {NAME: BIRTH}) as house:
        answer = await send(house, SCHOOL, documentId=NAME, variables=GIVEN)
        assert (answer.status, answer.codes) == (403, ["FIELD_FORBIDDEN"])


async def test_a_locked_department_runs_nothing_else_and_what_it_tried_is_recorded(
    tmp_path: Path, database_url: str
) -> None:
    async with registered(tmp_path, database_url, {NAME: TEXT}, locked=True) as house:
        for query in (TEXT + " ", "{ __typename }", "{ __schema { types { name } } }", "{"):
            answer = await send(house, SCHOOL, query=query, variables=GIVEN)
            assert (answer.status, answer.codes) == (403, ["DOCUMENT_NOT_TRUSTED"])
            kept = await house.record(answer)
            assert kept.says["outcome"] == "denied"
            assert kept.says["decision"] == "DOCUMENT_NOT_TRUSTED document"
        assert (await send(house, SCHOOL, query=TEXT, variables=GIVEN)).data == YES
        assert (await send(house, SCHOOL, documentId=DIGEST, variables=GIVEN)).data == YES
        address = "/graphql?query=%7B__typename%7D"
        refused = await house.get(
            address, {"authorization": f"Bearer {house.token(SCHOOL)}", **SCHOOL.headers}
        )
        assert refused.codes == ["DOCUMENT_NOT_TRUSTED"]
        # The lock is that department's own.
        assert (await send(house, HOUSING, query="{ __typename }")).status == 200


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"query": TEXT, "documentId": DIGEST}, "QUERY_AND_DOCUMENT"),
        ({"documentId": 7}, "DOCUMENT_ID"),
        ({"documentId": ""}, "DOCUMENT_ID"),
        ({"documentId": "a" * 129}, "DOCUMENT_ID"),
        ({"documentId": None}, "QUERY_REQUIRED"),
    ],
)
async def test_what_is_no_identifier_is_told(
    tmp_path: Path, sqlite_url: str, members: dict[str, object], reason: str
) -> None:
    async with registered(tmp_path, sqlite_url, {}) as house:
        answer = await send(house, SCHOOL, **members)
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
        assert answer.errors[0]["extensions"]["reason"] == reason
