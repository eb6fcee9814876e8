"""What is refused says which of the things that its code stands for it was, in both languages."""

import os
from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from schema.errors import Language
from schema.reasons import Reason
from tests.end_to_end.house import House, Seat, house_of
from tests.end_to_end.matrix import NAME, NUMBER, the_person
from tests.postgres import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHOOL = Seat(department="education", purpose="school-place", case="demo-1")
VERIFY = "query($r:[VerifyRow!]!){verify(rows:$r){ref answer refusal{code message reason}}}"
ONE = {"idNumber": NUMBER, "name": NAME}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """One service a database for all of these: a refusal leaves nothing behind."""
    home = tmp_path_factory.mktemp("clear-refusals")
    url, server = f"sqlite:///{home / 'juzhu.db'}", None
    name = f"juzhu_clear_refusals_{os.getpid()}"
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        assert isinstance(server, Server)
        url = server.create_database(name)
    async with house_of(home, url, {"one": the_person()}) as service:
        yield service
    if server is not None:
        server.drop_database(name)


# --- rows of verify ------------------------------------------------------------------------------

LONG = "r" * 64
ROWS: dict[str, tuple[dict[str, object], str, str]] = {
    "a long mark": ({"ref": f"{LONG}a", "presented": ONE}, "REF_LENGTH", "ref 须为1至64个字符。"),
    "four of any": (
        {"ref": "b", "anyOf": [ONE] * 4},
        "ANY_OF_COUNT",
        "anyOf 须有一至三人。",
    ),
    "presented and any": (
        {"ref": "c", "presented": ONE, "anyOf": [ONE]},
        "PRESENTED_OR_ANY_OF",
        "presented 与 anyOf 须且只须给出其一。",
    ),
    "a long case": (
        {"ref": "d", "presented": ONE, "case": "x" * 129},
        "CASE_LENGTH",
        "行内 case 至多128个字符。",
    ),
    "a long name": (
        {"ref": "e", "presented": {**ONE, "name": "名" * 257}},
        "NAME_LENGTH",
        "姓名至多256个字符。",
    ),
}


async def test_each_refused_row_has_its_mark_whole_and_its_reason_named(house: House) -> None:
    rows = [row for row, _, _ in ROWS.values()]
    answer = await house.ask(SCHOOL, VERIFY, {"r": [*rows, {"ref": f"{LONG}b", "presented": ONE}]})
    found = answer.data["verify"]
    assert [row["ref"] for row in found] == [*(row["ref"] for row in rows), f"{LONG}b"]
    assert [
        (row["refusal"]["code"], row["refusal"]["reason"], row["refusal"]["message"])
        for row in found[:-1]
    ] == [("ARGUMENT_INVALID", reason, message) for _, reason, message in ROWS.values()]
    english = await house.ask(SCHOOL, VERIFY, {"r": rows}, headers={"accept-language": "en"})
    messages = [row["refusal"]["message"] for row in english.data["verify"]]
    assert len(set(messages)) == len(ROWS)
    assert all(message.isascii() for message in messages)


# --- the request beside its body -----------------------------------------------------------------

LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")
TYPENAME = b'{"query":"{__typename}"}'
REQUESTS: dict[str, tuple[dict[str, str], bytes, str]] = {
    "a case that is no UTF-8": ({"juzhu-case": "%ff%fe"}, TYPENAME, "CASE_ENCODING"),
    "a purpose cut in a character": ({"juzhu-purpose": "%E4%zz"}, TYPENAME, "PURPOSE_ENCODING"),
    "a case of 129 characters": ({"juzhu-case": "x" * 129}, TYPENAME, "CASE_TOO_LONG"),
    "a purpose of 65 characters": ({"juzhu-purpose": "x" * 65}, TYPENAME, "PURPOSE_TOO_LONG"),
    "a case with a line break": ({"juzhu-case": "a%0ab"}, TYPENAME, "CASE_CHARACTERS"),
    "a purpose with a line break": ({"juzhu-purpose": "a%0ab"}, TYPENAME, "PURPOSE_CHARACTERS"),
    "a number for our extension": (
        {},
        b'{"query":"{__typename}","extensions":{"juzhu":1}}',
        "EXTENSION_TYPE",
    ),
    "a number for a case": (
        {},
        b'{"query":"{__typename}","extensions":{"juzhu":{"case":1}}}',
        "EXTENSION_TYPE",
    ),
    "a list for variables": ({}, b'{"query":"{__typename}","variables":[]}', "MEMBER_TYPE"),
    "a member twice": ({}, b'{"query":"{a}","query":"{b}"}', "MEMBER_TWICE"),
    "no query": ({}, b"{}", "QUERY_REQUIRED"),
}


@pytest.mark.parametrize(("headers", "body", "reason"), REQUESTS.values(), ids=list(REQUESTS))
async def test_what_can_t_be_read_beside_the_body_is_named(
    house: House, headers: dict[str, str], body: bytes, reason: str
) -> None:
    token = {"authorization": f"Bearer {house.token(SCHOOL)}"}
    for language in LANGUAGES:
        answer = await house.post(body, {**token, **headers, "accept-language": language})
        (error,) = answer.errors
        assert answer.status == 400
        assert (error["extensions"]["code"], error["extensions"]["reason"]) == (
            "BAD_REQUEST",
            reason,
        )
        assert error["message"] == Reason[reason].message(language)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/graphql", "QUERY_REQUIRED"),
        ("/graphql?query={a}&query={b}", "MEMBER_TWICE"),
        ("/graphql?query={a}&variables=x", "PARAMETER_JSON"),
        ("/graphql?query=%FF", "PARAMETER_UNREADABLE"),
    ],
)
async def test_what_can_t_be_read_in_an_address_is_named(
    house: House, address: str, reason: str
) -> None:
    answer = await house.get(address, {"authorization": f"Bearer {house.token(SCHOOL)}"})
    (error,) = answer.errors
    assert (answer.status, error["extensions"]["reason"]) == (400, reason)


# --- documents and variables ---------------------------------------------------------------------

MISSING = (
    "Argument 'Query.person(idNumber:)' of type 'String!' is required, but it was not provided."
)
DOCUMENTS: dict[str, tuple[str, dict[str, object], str, str]] = {
    "an unknown field": (
        "{viewer{clint}}",
        {},
        "类型 Viewer 没有字段 clint。是否应为：client？",
        "Cannot query field 'clint' on type 'Viewer'. Did you mean 'client'?",
    ),
    "a missing argument": (
        '{person(name:"x"){permit{active}}}',
        {},
        "Query.person 缺少必需的参数 idNumber（类型 String!）。",
        MISSING,
    ),
    "too many levels": (
        "{viewer" + "{viewer" * 10 + "{client}" + "}" * 11,
        {},
        "请求过于复杂：字段层级至多10，请拆分或精简后重试。",
        "The request is too complex: at most 10 levels of fields; split or shorten it.",
    ),
    "a required variable without a value": (
        VERIFY,
        {},
        "必需的变量 $r（类型 [VerifyRow!]!）没有给值。",
        "The required variable $r of type [VerifyRow!]! has no value.",
    ),
    "too many rows": (
        VERIFY,
        {"r": [{"ref": "a", "presented": ONE}] * 1001},
        "请求过于复杂：一次请求的行数至多1,000，请拆分或精简后重试。",
        "The request is too complex: at most 1,000 rows a request; split or shorten it.",
    ),
}


@pytest.mark.parametrize(
    ("document", "variables", "chinese", "english"), DOCUMENTS.values(), ids=list(DOCUMENTS)
)
async def test_a_refused_document_speaks_one_language(
    house: House, document: str, variables: dict[str, object], chinese: str, english: str
) -> None:
    for language, said in (("zh", chinese), ("en", english)):
        answer = await house.ask(SCHOOL, document, variables, headers={"accept-language": language})
        assert answer.status == 400
        assert answer.errors[0]["message"] == said


# --- what is recorded, and what is not -----------------------------------------------------------


async def test_asking_for_too_many_thresholds_is_recorded(house: House) -> None:
    asked = " ".join(f"m{n}:continuousAtLeast(months:{n + 1})" for n in range(5))
    document = (
        f"query($n:String!,$m:String!){{person(idNumber:$n,name:$m){{residence{{{asked}}}}}}}"
    )
    answer = await house.ask(SCHOOL, document, {"n": NUMBER, "m": NAME})
    assert (answer.status, answer.codes) == (400, ["TOO_COMPLEX"])
    kept = await house.record(answer)
    assert (kept.says["outcome"], kept.says["decision"]) == ("denied", "TOO_COMPLEX thresholds")
    assert kept.says["purpose"]["code"] == "school-place"


async def test_slips_of_a_document_are_logged_and_no_record(house: House) -> None:
    before = len(await house.records())
    token = {"authorization": f"Bearer {house.token(SCHOOL)}"}
    said = [
        await house.ask(SCHOOL, "{"),
        await house.ask(SCHOOL, "{viewer{clint}}"),
        await house.ask(SCHOOL, VERIFY),
        await house.ask(SCHOOL, "{viewer" * 12 + "}" * 12),
        await house.get("/graphql?query={viewer{client}}", token),
        await house.post(TYPENAME + b" " * 1024 * 1024, token),
        await house.post(TYPENAME, {"authorization": "Bearer a.b.c"}),
    ]
    codes = ["PARSE_FAILED", "VALIDATION_FAILED", "VARIABLES_INVALID", "TOO_COMPLEX"]
    codes += ["METHOD_NOT_ALLOWED", "TOO_LARGE", "UNAUTHENTICATED"]
    assert [answer.codes[0] for answer in said] == codes
    assert not any("extensions" in answer.whole for answer in said)
    assert len(await house.records()) == before
    logged = [orjson.loads(line) for line in house.lines]
    assert [
        line["code"] for line in logged if line["event"] == "request" and line["code"] is not None
    ][-len(codes) :] == codes
