"""Bad input over HTTP meets a clear error, and nothing is lost: the next good request is answered.

Each hostile request is refused before any data is read; where a person or a purpose is concerned
the refusal stands in the log. No value that was sent comes back.
"""

import os
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import pytest_asyncio

from db.database import DatabaseSettings
from db.session import open_database
from regulation.id_number import with_check_digit
from schema.errors import Code
from schema.reasons import Reason
from server.settings import DEMONSTRATION_ISSUER
from tests import builders
from tests.end_to_end.documents import VARIABLES
from tests.end_to_end.house import INSTANT, MOMENT, Answered, House, Seat, house_of, started
from tests.end_to_end.matrix import NAME, NUMBER, the_person
from tests.postgres import Server
from tests.server.actors import Issuer, encoded, es256, segment
from tests.server.real_house import registrar_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHOOL = Seat(department="education", purpose="school-place", case="demo-1")
DESK = Seat(department="community-police", purpose="desk-list")
PERSON = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"
VERIFY = "query($r:[VerifyRow!]!){verify(rows:$r){ref answer refusal{code message reason}}}"
SPEAKER: Mapping[str, object] = {"n": NUMBER, "m": NAME}
BUREAU = es256("edu-1")
STRANGER = es256("edu-1")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """One service a database for all of these: a refusal leaves nothing behind."""
    home = tmp_path_factory.mktemp("bad-input")
    url, server = f"sqlite:///{home / 'juzhu.db'}", None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        assert isinstance(server, Server)
        url = server.create_database(f"juzhu_bad_input_{os.getpid()}")
    people = {"one": the_person()}
    async with house_of(home, url, people, clients=[(BUREAU, "education")]) as house:
        yield house
    if server is not None:
        server.drop_database(f"juzhu_bad_input_{os.getpid()}")


@pytest_asyncio.fixture(loop_scope="module")
async def house(served: House) -> AsyncIterator[House]:
    """The service, which answers a good request after whatever the test did."""
    yield served
    answer = await served.ask(SCHOOL, PERSON, SPEAKER)
    assert answer.data == {"person": {"permit": {"active": True}}}


def refused(answer: Answered, status: int, code: str) -> None:
    """One clear refusal without data, which repeats nothing of the person."""
    assert (answer.status, answer.codes[0]) == (status, code), answer.body
    assert answer.whole.get("data") is None
    for value in (NUMBER, NAME):
        assert value.encode() not in answer.body


async def denied(house: House, answer: Answered, decision: str) -> None:
    """The refusal is in the log, with its code and the paths, and nobody's name."""
    kept = await house.record(answer)
    assert (kept.says["outcome"], kept.subjects, kept.missed) == ("denied", [], 0)
    assert str(kept.says["decision"]).startswith(decision)


# --- who asks ------------------------------------------------------------------------------------


def signed(claims: Mapping[str, object], issuer: Issuer = BUREAU) -> str:
    return issuer.sign(issuer.header(), claims).decode()


def unsigned(header: Mapping[str, object], claims: Mapping[str, object]) -> str:
    return (segment(header) + b"." + segment(claims) + b".").decode()


GOOD = BUREAU.claims(now=INSTANT)
TOKENS: Mapping[str, str] = {
    "no token at all": "x",
    "somebody else's key under the same name": signed(GOOD, STRANGER),
    "expired": signed(BUREAU.claims(now=INSTANT - 3600)),
    "not valid yet": signed(BUREAU.claims(now=INSTANT + 3600)),
    "for another audience": signed(GOOD | {"aud": "another-service"}),
    "of another department": signed(GOOD | {"department": "housing"}),
    "of an unknown issuer": signed(GOOD | {"iss": "nobody"}),
    "in the demonstration's name": signed(GOOD | {"iss": DEMONSTRATION_ISSUER}),
    "alg none": unsigned({"alg": "none", "kid": BUREAU.public.kid}, GOOD),
    "alg none with a signature": signed(GOOD).replace(
        signed(GOOD).split(".")[0], segment({"alg": "none"}).decode()
    ),
    "the public key as a shared secret": unsigned({"alg": "HS256", "kid": BUREAU.public.kid}, GOOD)
    + encoded(b"0" * 32).decode(),
    "another algorithm's name": signed(GOOD).replace(
        signed(GOOD).split(".")[0],
        segment({"alg": "EdDSA", "typ": "JWT", "kid": BUREAU.public.kid}).decode(),
    ),
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=list(TOKENS))
async def test_a_wrong_token_is_refused_and_leaves_no_record(house: House, token: str) -> None:
    before = len(await house.records())
    answer = await house.ask(SCHOOL, PERSON, SPEAKER, token=token)
    refused(answer, 401, "UNAUTHENTICATED")
    assert "bearer" in answer.headers["www-authenticate"].lower()
    # Or the log could be flooded by whoever finds the address.
    assert len(await house.records()) == before
    good = await house.ask(SCHOOL, PERSON, SPEAKER, token=signed(GOOD))
    assert good.data == {"person": {"permit": {"active": True}}}


async def test_a_revoked_client_is_refused(tmp_path: Path, database_url: str) -> None:
    people = {"one": the_person()}
    async with house_of(tmp_path, database_url, people, clients=[(BUREAU, "education")]) as house:
        good = await house.ask(SCHOOL, PERSON, SPEAKER, token=signed(GOOD))
        assert good.status == 200
        settings = house.settings
    where = DatabaseSettings(url=settings.database_url, home=settings.home)
    async with await open_database(where) as database:
        registrar = await registrar_of(database, settings)
        await database.write(
            lambda session: registrar.revoke_client(session, client=BUREAU.name, moment=MOMENT)
        )
    async with started(settings, house.issuer, house.persons) as again:
        refused(
            await again.ask(SCHOOL, PERSON, SPEAKER, token=signed(GOOD)), 401, "UNAUTHENTICATED"
        )


# --- what for ------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["curiosity", "housing-support", "privacy-audit"])
async def test_an_unknown_or_foreign_purpose_is_refused_and_recorded(
    house: House, purpose: str
) -> None:
    answer = await house.ask(replace(SCHOOL, purpose=purpose), PERSON, SPEAKER)
    refused(answer, 403, "PURPOSE_NOT_ALLOWED")
    await denied(house, answer, "PURPOSE_NOT_ALLOWED")


async def test_no_purpose_is_refused_and_recorded(house: House) -> None:
    answer = await house.ask(replace(SCHOOL, purpose=None), PERSON, SPEAKER)
    refused(answer, 403, "PURPOSE_REQUIRED")
    await denied(house, answer, "PURPOSE_REQUIRED")


async def test_no_case_is_refused_and_recorded_where_the_purpose_needs_one(house: House) -> None:
    answer = await house.ask(replace(SCHOOL, case=None), PERSON, SPEAKER)
    refused(answer, 403, "CASE_REQUIRED")
    await denied(house, answer, "CASE_REQUIRED")


@pytest.mark.parametrize(
    "juzhu", [{"purpose": "housing-support"}, {"purpose": "school-place", "case": "demo-2"}]
)
async def test_a_purpose_or_case_that_differs_in_headers_and_body_is_a_conflict(
    house: House, juzhu: dict[str, str]
) -> None:
    body = {"query": PERSON, "variables": SPEAKER, "extensions": {"juzhu": juzhu}}
    head = {"authorization": f"Bearer {house.token(SCHOOL)}", **SCHOOL.headers}
    answer = await house.post(orjson.dumps(body), head)
    refused(answer, 400, "PURPOSE_CONFLICT")
    await denied(house, answer, "PURPOSE_CONFLICT two purposes or cases")
    assert "purpose" not in (await house.record(answer)).says
    same = body | {"extensions": {"juzhu": {"purpose": "school-place", "case": "demo-1"}}}
    assert (await house.post(orjson.dumps(same), head)).status == 200


# --- a forbidden field, by every road ------------------------------------------------------------

_ROADS: Mapping[str, tuple[str, str]] = {
    "directly": ("{person(idNumber:$n,name:$m){permit{validTo}}}", "Permit.validTo"),
    "by an alias": ("{person(idNumber:$n,name:$m){permit{active:validTo}}}", "Permit.validTo"),
    "by a fragment": (
        ("{person(idNumber:$n,name:$m){permit{...F}}} fragment F on Permit{active ...G}"
        " fragment G on Permit{validTo}"),
        "Permit.validTo",
    ),
    "by a fragment in place": (
        "{person(idNumber:$n,name:$m){permit{...{...on Permit{validTo}}}}}",
        "Permit.validTo",
    ),
    "by an interface": ("{person(idNumber:$n,name:$m){...on Node{id}}}", "Node.id"),
    "by an interface and its type": (
        "{person(idNumber:$n,name:$m){...on Node{...on Person{phone}}}}",
        "Person.phone",
    ),
    "by node": ('{node(id:"x"){...on Person{name}} person(idNumber:$n,name:$m){permit{active}}}',
                "Query.node"),
    "skipped": (
        "{person(idNumber:$n,name:$m){permit{active validTo @skip(if:true)}}}",
        "Permit.validTo",
    ),
    "in another operation of the document": (
        "{person(idNumber:$n,name:$m){permit{active}}} query B{persons{totalCount}}",
        "Query.persons",
    ),
    "in a filter": (
        ('{person(idNumber:$n,name:$m){permit{active}} persons(filter:{county:"150402"})'
        "{nodes{__typename}}}"),
        "Query.persons",
    ),
    "in a sort": (
        ("{person(idNumber:$n,name:$m){permit{active}} persons(orderBy:[{field:VALID_TO}])"
        "{nodes{__typename}}}"),
        "Query.persons",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rest", "path"), _ROADS.values(), ids=list(_ROADS))
async def test_a_forbidden_field_is_refused_before_any_data_is_touched(
    house: House, rest: str, path: str
) -> None:
    document = f"query A($n:String!,$m:String!){rest}"
    async with house.without_persons():
        answer = await house.ask(SCHOOL, document, SPEAKER)
    refused(answer, 403, "FIELD_FORBIDDEN")
    assert [entry["extensions"]["path"] for entry in answer.errors] == [path]
    assert all(entry["extensions"]["reason"] == "no_grant" for entry in answer.errors)
    await denied(house, answer, f"FIELD_FORBIDDEN {path}:")


@pytest.mark.parametrize(
    ("declared", "value", "used"),
    [
        ("$v:PersonFilter", {"validTo": {"to": "2026-12-31"}}, "Permit.validTo:filter"),
        ("$v:PersonFilter!", {"idNumber": NUMBER}, "Person.idNumber:filter"),
        ("$v:[PersonOrder!]", [{"field": "VALID_TO"}], "Permit.validTo:sort"),
        ("$v:[PersonSort!]", ["VALID_TO"], "Permit.validTo:sort"),
        ('$v:PersonFilter={county:"150402"}', None, "Residence.division:filter"),
    ],
)
async def test_a_forbidden_filter_or_sort_in_a_variable_is_refused_even_unused(
    house: House, declared: str, value: object, used: str
) -> None:
    async with house.without_persons():
        answer = await house.ask(SCHOOL, f"query({declared}){{viewer{{client}}}}", {"v": value})
    refused(answer, 403, "ARGUMENT_FORBIDDEN")
    named = {
        f"{entry['extensions']['path']}:{entry['extensions']['action']}" for entry in answer.errors
    }
    assert used in named
    await denied(house, answer, "ARGUMENT_FORBIDDEN")


async def test_what_no_view_holds_is_not_told_by_introspection_either(house: House) -> None:
    document = '{f:__type(name:"PersonFilter"){name} p:__type(name:"Permit"){fields{name}}}'
    answer = await house.ask(SCHOOL, document)
    assert answer.data["f"] is None
    assert {field["name"] for field in answer.data["p"]["fields"]} == {
        "active", "entitled", "entitlements",
    }  # fmt: skip


# --- bombs ---------------------------------------------------------------------------------------

DEEP = " ".join(f"fragment F{n} on Permit{{...F{n + 1} ...F{n + 1}}}" for n in range(180))
BOMBS: Mapping[str, tuple[str, str]] = {
    "180 nested fragments": (
        (
            f"query($n:String!,$m:String!){{person(idNumber:$n,name:$m){{permit{{...F0}}}}}} {DEEP}"
            " fragment F180 on Permit{active}"
        ),
        "TOO_COMPLEX",
    ),
    "10,000 aliases": (
        "query($n:String!,$m:String!){"
        + " ".join(f"a{n}:person(idNumber:$n,name:$m){{permit{{active}}}}" for n in range(10_000))
        + "}",
        "TOO_COMPLEX",
    ),
    "10,000 aliases of the catalogue": (
        "{" + " ".join(f"a{n}:__typename" for n in range(10_000)) + "}",
        "TOO_COMPLEX",
    ),
    "directives": ("{" + "viewer" + " @include(if:true)" * 3000 + "{client}}", "TOO_COMPLEX"),
}


@pytest.mark.parametrize(("document", "code"), BOMBS.values(), ids=list(BOMBS))
async def test_a_bomb_is_refused_in_no_time(house: House, document: str, code: str) -> None:
    began = time.process_time()
    async with house.without_persons():
        answer = await house.ask(SCHOOL, document, SPEAKER)
    assert time.process_time() - began < 1
    refused(answer, 400, code)


@pytest.mark.parametrize("opening", ["{", "[", "{a", "{viewer", '"""', "#\n", "query($a:["])
async def test_a_megabyte_of_braces_is_refused_in_no_time(house: House, opening: str) -> None:
    document = opening * (1_000_000 // (len(orjson.dumps(opening)) - 2))
    began = time.process_time()
    answer = await house.ask(SCHOOL, document)
    assert time.process_time() - began < 1
    assert answer.status == 400
    assert answer.codes[0] in {"TOO_COMPLEX", "PARSE_FAILED"}


@pytest.mark.parametrize("value", [b"{" * 1_000_000, b"[" * 1_000_000, b'{"query":' * 100_000])
async def test_a_megabyte_of_braces_in_place_of_a_body_is_refused(
    house: House, value: bytes
) -> None:
    head = {"authorization": f"Bearer {house.token(SCHOOL)}", **SCHOOL.headers}
    began = time.process_time()
    answer = await house.post(value, head)
    assert time.process_time() - began < 1
    refused(answer, 400, "BAD_REQUEST")


# --- numbers and names ---------------------------------------------------------------------------

_WRONG_DIGIT = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
_FULL_WIDTH = "".join(chr(ord(place) + 0xFEE0) for place in NUMBER)
NUMBERS: Mapping[str, tuple[str, str | None]] = {
    "a wrong check digit": (_WRONG_DIGIT, "ID_NUMBER_CHECK_DIGIT"),
    "15 digits": (NUMBER[:6] + NUMBER[8:17], "ID_NUMBER_FIFTEEN_DIGITS"),
    "nothing": ("", "ID_NUMBER_EMPTY"),
    "blanks alone": (" \u3000", "ID_NUMBER_EMPTY"),
    "17 places": (NUMBER[:17], None),
    "a spreadsheet's number": ("1.52201E+17", "ID_NUMBER_DESTROYED"),
    "no birth date": (with_check_digit(NUMBER[:10] + "13" + NUMBER[12:17]), "ID_NUMBER_BIRTH_DATE"),
    "another country's": (with_check_digit("91" + NUMBER[2:17]), "ID_NUMBER_NOT_CITIZEN"),
    "full-width digits": (_FULL_WIDTH, "ID_NUMBER_FULL_WIDTH"),
    "one full-width digit": (_FULL_WIDTH[0] + NUMBER[1:], "ID_NUMBER_FULL_WIDTH"),
    "blanks": (f" {NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}\u3000", "ID_NUMBER_BLANKS"),
    "a blank at the end": (f"{NUMBER} ", "ID_NUMBER_BLANKS"),
    "a blank without width": (f"{NUMBER[:6]}\u200b{NUMBER[6:]}\ufeff", "ID_NUMBER_BLANKS"),
    "a mark of direction": (f"\u202d{NUMBER}\u202c", "ID_NUMBER_BLANKS"),
}


@pytest.mark.parametrize(("number", "reason"), NUMBERS.values(), ids=list(NUMBERS))
async def test_a_bad_number_is_refused_with_a_word_of_its_own_and_never_a_no(
    house: House, number: str, reason: str | None
) -> None:
    one = await house.ask(SCHOOL, PERSON, {"n": number, "m": NAME})
    rows = [
        {"ref": "bad", "presented": {"idNumber": number, "name": NAME}},
        {"ref": "good", "presented": {"idNumber": NUMBER, "name": NAME}},
    ]
    many = await house.ask(SCHOOL, VERIFY, {"r": rows})
    bad, good = many.data["verify"]
    assert good == {"ref": "good", "answer": "YES", "refusal": None}
    code = "INVALID_ID_NUMBER"
    assert (one.status, one.codes, one.whole["data"]) == (200, [code], {"person": None})
    assert one.errors[0]["extensions"].get("reason") == reason
    told = Code[code] if reason is None else Reason[reason]
    assert one.errors[0]["message"] == told.message("zh-CN")
    assert bad["answer"] is None
    assert bad["refusal"] == {"code": code, "message": told.message("zh-CN"), "reason": reason}
    for body in (one.body, many.body):
        assert not number.strip() or number.encode() not in body
    # A slip of the pen is no search: nobody was looked up, and the record says so.
    kept = await house.record(one)
    assert (kept.subjects, kept.missed) == ([], 0)


@pytest.mark.parametrize("mark", ["?", "？", "■", "*", "\ufffd", "\x07"])
async def test_an_unreadable_name_is_refused_with_a_word_of_its_own_and_never_a_no(
    house: House, mark: str
) -> None:
    name = NAME[:-1] + mark
    one = await house.ask(SCHOOL, PERSON, {"n": NUMBER, "m": name})
    assert (one.codes, one.whole["data"]) == (["NAME_UNREADABLE"], {"person": None})
    rows = [{"ref": "r", "presented": {"idNumber": NUMBER, "name": name}}]
    many = await house.ask(SCHOOL, VERIFY, {"r": rows})
    (row,) = many.data["verify"]
    assert (row["answer"], row["refusal"]["code"]) == (None, "NAME_UNREADABLE")
    assert name.encode() not in one.body + many.body


@pytest.mark.parametrize("name", [f" {NAME}", NAME.replace("晓", "·晓"), NAME + "\u3000"])
async def test_a_name_with_dots_and_blanks_is_still_the_name(house: House, name: str) -> None:
    answer = await house.ask(SCHOOL, PERSON, {"n": NUMBER, "m": name})
    assert answer.data == {"person": {"permit": {"active": True}}}


# --- too many rows -------------------------------------------------------------------------------


def presented(count: int) -> list[dict[str, object]]:
    one = {"idNumber": NUMBER, "name": NAME}
    other = {"idNumber": builders.id_number(1), "name": "测试1"}
    return [{"ref": str(n), "presented": one if n % 2 else other} for n in range(count)]


async def test_1001_rows_are_refused_and_1000_are_answered(house: House) -> None:
    answer = await house.ask(SCHOOL, VERIFY, {"r": presented(1001)})
    refused(answer, 400, "TOO_COMPLEX")
    await denied(house, answer, "TOO_COMPLEX rows")
    answer = await house.ask(SCHOOL, VERIFY, {"r": presented(1000)})
    answers = [row["answer"] for row in answer.data["verify"]]
    assert answers == ["NO", "YES"] * 500
    # Split at 200 persons a record; the first part holds the misses and the commitment.
    kept = await house.record(answer)
    assert (kept.says["part"], len(kept.subjects), kept.missed) == ([1, 3], 200, 500)
    assert house.commits_to(kept, answer.data_bytes)


async def test_rows_of_several_fields_count_together(house: House) -> None:
    document = "query($r:[VerifyRow!]!){a:verify(rows:$r){answer} b:verify(rows:$r){answer}}"
    answer = await house.ask(SCHOOL, document, {"r": presented(501)})
    refused(answer, 400, "TOO_COMPLEX")
    assert (await house.ask(SCHOOL, document, {"r": presented(500)})).status == 200


@pytest.mark.parametrize("first", [0, -1, 201])
async def test_a_page_of_no_or_too_many_rows_is_refused(house: House, first: int) -> None:
    answer = await house.ask(DESK, "query($f:Int!){persons(first:$f){totalCount}}", {"f": first})
    assert (answer.codes, answer.whole["data"]) == (["ARGUMENT_INVALID"], {"persons": None})


async def test_every_variable_of_the_wrong_type_is_refused_without_its_value(house: House) -> None:
    sentinel = "哨值15220119870615"
    born = 'query($b:Date!){persons(filter:{name:"测试",birthDate:$b}){totalCount}}'
    asked = {"n": (SCHOOL, PERSON), "m": (SCHOOL, PERSON), "r": (SCHOOL, VERIFY), "b": (DESK, born)}
    assert asked.keys() == VARIABLES.keys()
    for name, (seat, document) in asked.items():
        wrong: object = [sentinel] if name != "r" else sentinel
        answer = await house.ask(seat, document, {**SPEAKER, name: wrong})
        refused(answer, 400, "VARIABLES_INVALID")
        assert sentinel.encode() not in answer.body
