"""The HTTP layer: hostile bodies, headers, purpose and case, statuses, and what the log says."""

import asyncio
import json
from collections.abc import Mapping
from urllib.parse import quote

import httpx2
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import Code
from schema.service import Answer
from server.limits import BODY_BYTES, FAILED_TOKENS, CallsAtOnce
from server.parameters import RequestError, from_body
from tests.server.actors import NOON, es256
from tests.server.http_house import DEMONSTRATION, House, client_of, house

GRAPHQL_RESPONSE = "application/graphql-response+json"
SECRET = "王小明15040219990101999X"
CASE = "赤红教〔2026〕12号"


@pytest.fixture
def place() -> House:
    return house()


async def post(
    place: House,
    body: bytes | Mapping[str, object],
    *,
    headers: dict[str, str] | list[tuple[str, str]] | None = None,
    accept: str = GRAPHQL_RESPONSE,
) -> tuple[int, dict[str, str], dict[str, object]]:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    given_headers = list((headers or {}).items()) if not isinstance(headers, list) else headers
    sent = [
        ("accept", accept),
        ("content-type", "application/json"),
        *place.headers().items(),
        *given_headers,
    ]
    async with client_of(place) as client:
        answer = await client.post("/graphql", content=content, headers=sent)
    return answer.status_code, dict(answer.headers), orjson.loads(answer.content)


def code_of(result: dict[str, object]) -> object:
    errors = result["errors"]
    assert isinstance(errors, list)
    return errors[0]["extensions"]["code"]


HOSTILE = {
    "nothing": b"",
    "malformed": b'{"query": "' + SECRET.encode(),
    "not utf-8": b'{"query":"{ __typename }","x":"\xff\xfe"}',
    "utf-16": '{"query":"{ __typename }"}'.encode("utf-16"),
    "null": b"null",
    "one": b"1",
    "text": b'"x"',
    "true": b"true",
    "not a number": b"NaN",
    "array": b"[]",
    "batch": b'[{"query":"{ __typename }"}]',
    "empty object": b"{}",
    "duplicate query": b'{"query":"{ services }","query":"{ __typename }"}',
    "duplicate by escape": b'{"query":"{ services }","qu\\u0065ry":"{ __typename }"}',
    "duplicate with blanks": b'{"query" : "{ services }", "query" : "{ __typename }"}',
    "duplicate in variables": b'{"query":"{ __typename }","variables":{"a":1,"a":2}}',
    "duplicate deep down": b'{"query":"{ __typename }","variables":{"r":[{"a":[{"b":1,"b":2}]}]}}',
    "duplicate purpose": b'{"query":"{a}","extensions":{"juzhu":{"purpose":"a","purpose":"b"}}}',
    "braces": b"{" * 100_000,
    "brackets": b"[" * 100_000,
    "nesting": b'{"query":"{ a }","variables":' + b'{"a":' * 300 + b"1" + b"}" * 301,
    "huge number": b'{"query":"{ a }","variables":{"a":1e999}}',
    "deep nesting": b'{"query":"{ __typename }","variables":'
    + b'{"a":' * 5000
    + b"1"
    + b"}" * 5001,
    "lone surrogate": b'{"query":"{ __typename }","operationName":"\\ud800"}',
    "control character": b'{"query":"{\x00}"}',
    "trailing text": b'{"query":"{ __typename }"} x',
    "two objects": b'{"query":"{ __typename }"}{"query":"{ __typename }"}',
    "query null": b'{"query":null}',
    "juzhu text": b'{"query":"{ __typename }","extensions":{"juzhu":"x"}}',
    "purpose number": b'{"query":"{ __typename }","extensions":{"juzhu":{"purpose":1}}}',
    "purpose too long": orjson.dumps(
        {"query": "{ __typename }", "extensions": {"juzhu": {"purpose": "x" * 65}}}
    ),
    "case with a line break": orjson.dumps(
        {"query": "{ __typename }", "extensions": {"juzhu": {"case": "a\nb"}}}
    ),
}


@pytest.mark.parametrize("name", list(HOSTILE))
@pytest.mark.parametrize("accept", [GRAPHQL_RESPONSE, "application/json"])
async def test_a_hostile_body_meets_a_clear_400_and_no_echo(
    place: House, name: str, accept: str
) -> None:
    status, headers, result = await post(place, HOSTILE[name], accept=accept)
    assert status == 400
    assert code_of(result) == "BAD_REQUEST"
    assert "data" not in result
    assert SECRET not in json.dumps(result, ensure_ascii=False)
    assert headers["x-request-id"] in json.dumps(result)
    assert not place.service.asked
    assert SECRET.encode() not in b"".join(place.lines)


def test_blanks_and_escapes_alone_are_no_duplicates() -> None:
    for body in (
        b'{ "query" : "{ a }",\n  "variables" :\t{ "a" : { "a" : 1 } } }',
        b'{"query":"{ a(x: \\"b\\":1) }","variables":{"\\":":1,"a\\\\":2}}',
        b'{"query":"{ a }","variables":{"a":[{"b":1},{"b":1}]}}',
        b'{"query":"\\u007b a }","operationName":"a:b"}',
    ):
        assert from_body(body).query


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-9, 9)
        | st.text(st.sampled_from('ab":\\ \n'), max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.lists(
                st.tuples(st.text(st.sampled_from('ab":\\ '), max_size=2), inner), max_size=3
            )
        ),
        max_leaves=10,
    ),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :"), (",\n", ":\n")]),
)
def test_a_duplicate_is_found_exactly_where_there_is_one(
    tree: object, separators: tuple[str, str]
) -> None:
    """Objects are lists of pairs here, so that a name can be written twice."""
    duplicates = False

    def spelt(value: object) -> str:
        nonlocal duplicates
        comma, colon = separators
        if not isinstance(value, list):
            return json.dumps(value)
        if value and all(isinstance(item, tuple) for item in value):
            names = [name for name, _ in value]
            duplicates |= len(set(names)) < len(names)
            pairs = (json.dumps(name) + colon + spelt(item) for name, item in value)
            return "{" + comma.join(pairs) + "}"
        return "[" + comma.join(map(spelt, value)) + "]"

    body = '{"query":"{ a }","variables":{"v":' + spelt(tree) + "}}"
    if duplicates:
        with pytest.raises(RequestError):
            from_body(body.encode())
    else:
        assert from_body(body.encode()).variables == json.loads(body)["variables"]


@given(st.binary(max_size=200))
def test_no_body_causes_anything_but_a_request_or_a_refusal(body: bytes) -> None:
    try:
        assert isinstance(from_body(body).query, str)
    except RequestError as error:
        assert error.code is Code.BAD_REQUEST  # noqa: PT017 - both outcomes are right


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "query=",
        "query=%FF",
        "query=a&query=b",
        "query={__typename}&variables=x",
        "query={__typename}&variables=[]",
        'query={__typename}&variables={"a":1,"a":2}',
        "query={__typename}&extensions=1",
        "&".join(f"x{n}=1" for n in range(40)),
    ],
)
async def test_a_hostile_address_meets_a_clear_4xx(place: House, query_string: str) -> None:
    async with client_of(place) as client:
        answer = await client.get(
            f"/graphql?{query_string}", headers=place.headers() | {"accept": GRAPHQL_RESPONSE}
        )
    assert answer.status_code == 400


async def test_get_passes_all_four_parameters(place: House) -> None:
    parameters = {
        "query": "query A { services }",
        "operationName": "A",
        "variables": '{"a":"赤"}',
        "extensions": '{"juzhu":{"purpose":"school-place"}}',
    }
    async with client_of(place) as client:
        answer = await client.get("/graphql", params=parameters, headers=place.headers())
    assert answer.status_code == 200
    ((request, _),) = place.service.asked
    assert (request.method, request.operation_name) == ("GET", "A")
    assert request.variables == {"a": "赤"}
    assert request.purpose == "school-place"


async def test_what_get_may_not_answer_is_405_in_both_media_types(place: House) -> None:
    for accept in (GRAPHQL_RESPONSE, "application/json"):
        async with client_of(place) as client:
            answer = await client.get(
                "/graphql",
                params={"query": "{ person }"},
                headers=place.headers() | {"accept": accept},
            )
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_405_before_anything_else(place: House, method: str) -> None:
    async with client_of(place) as client:
        answer = await client.request(method, "/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    if method != "HEAD":
        (error,) = answer.json()["errors"]
        assert error["message"] == "只接受 GET 和 POST。"
        assert error["extensions"]["reason"] == "METHOD_UNKNOWN"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/graphql-response+json;charset=utf-8", GRAPHQL_RESPONSE),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL_RESPONSE),
        ("application/json, application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/json, application/graphql-response+json;q=0.5", "application/json"),
        ("application/graphql-response+json;q=0, application/json", "application/json"),
        ("APPLICATION/JSON", "application/json"),
        ("application/*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("application/json;q=0, */*", GRAPHQL_RESPONSE),
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json;q=nonsense", None),
        ("application/json;charset=gb18030", None),
    ],
)
async def test_the_media_type_is_negotiated(
    place: House, accept: str, expected: str | None
) -> None:
    status, headers, result = await post(place, {"query": "{ __typename }"}, accept=accept)
    if expected is None:
        assert (status, code_of(result)) == (406, "NOT_ACCEPTABLE")
    else:
        assert status == 200
        assert headers["content-type"] == f"{expected}; charset=utf-8"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=gb18030",
        "application/json, text/plain",
        "",
    ],
)
async def test_a_body_that_is_not_declared_as_json_is_415(place: House, content_type: str) -> None:
    async with client_of(place) as client:
        answer = await client.post(
            "/graphql",
            content=b'{"query":"{ __typename }"}',
            headers=place.headers() | {"content-type": content_type},
        )
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("accept_language", "start"),
    [
        (None, "身份"),
        ("zh", "身份"),
        ("zh-TW", "身份"),
        ("en-GB, zh;q=0.5", "The bearer"),
        ("en;q=0.5, zh;q=0.4", "The bearer"),
        ("fr, en;q=0.1", "The bearer"),
        ("fr", "身份"),
        ("*", "身份"),
        ("en;q=0", "身份"),
    ],
)
async def test_messages_are_chinese_or_english(
    place: House, accept_language: str | None, start: str
) -> None:
    headers = {"accept-language": accept_language} if accept_language is not None else {}
    async with client_of(place) as client:
        answer = await client.post("/graphql", headers=headers)
    assert answer.json()["errors"][0]["message"].startswith(start)


async def test_without_a_token_nothing_of_the_body_is_read(place: House) -> None:
    async with client_of(place) as client:
        bare = await client.post("/graphql", content=b"{")
        wrong = await client.post("/graphql", content=b"{", headers={"authorization": "Bearer abc"})
        basic = await client.post("/graphql", headers={"authorization": "Basic YTpi"})
    for answer in (bare, wrong, basic):
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert bare.headers["www-authenticate"] == basic.headers["www-authenticate"]
    assert bare.headers["www-authenticate"] == 'Bearer realm="juzhu"'
    assert wrong.headers["www-authenticate"] == 'Bearer realm="juzhu", error="invalid_token"'


async def test_two_tokens_are_no_token(place: House) -> None:
    headers = [("authorization", place.headers()["authorization"])]
    status, _, result = await post(place, {"query": "{ __typename }"}, headers=headers)
    assert (status, code_of(result)) == (401, "UNAUTHENTICATED")


async def test_an_address_that_keeps_guessing_has_to_wait_while_a_known_token_goes_on(
    place: House,
) -> None:
    good = place.headers()
    async with client_of(place) as client:
        asked = {"content": b'{"query":"{ __typename }"}'}
        json_type = {"content-type": "application/json"}
        await client.post("/graphql", **asked, headers=good | json_type)  # type: ignore[arg-type] # one set of arguments
        for _ in range(FAILED_TOKENS):
            answer = await client.post("/graphql", headers={"authorization": "Bearer a.b.c"})
            assert answer.status_code == 401
        answer = await client.post("/graphql", headers={"authorization": "Bearer a.b.c"})
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 60
        known = await client.post("/graphql", **asked, headers=good | json_type)  # type: ignore[arg-type] # one set of arguments
        assert known.status_code == 200


async def flood(client: httpx2.AsyncClient, token: str) -> None:
    for _ in range(FAILED_TOKENS):
        answer = await client.post("/graphql", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401
    answer = await client.post("/graphql", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 429


@pytest.mark.parametrize("bad", ["a.b.c", "forged", "unknown"])
async def test_a_good_token_is_answered_beside_a_neighbours_flood_of_bad_ones(
    place: House, bad: str
) -> None:
    forged = DEMONSTRATION.token(exp=int(NOON) + 36_000).decode()
    tokens = {
        "a.b.c": "a.b.c",
        "forged": forged[: forged.rindex(".")] + "." + "A" * 86,
        "unknown": es256("nobody").token().decode(),
    }
    async with client_of(place) as client:
        await flood(client, tokens[bad])
        good = await client.post(
            "/graphql",
            content=b'{"query":"{ __typename }"}',
            headers=place.headers() | {"content-type": "application/json"},
        )
        assert good.status_code == 200
        # Who has an own token that has ended is told so, and fetches a new one.
        ended = place.headers(exp=int(NOON) - 1)
        assert (await client.post("/graphql", headers=ended)).status_code == 401
        again = await client.post("/graphql", headers={"authorization": f"Bearer {tokens[bad]}"})
        assert again.status_code == 429


async def test_a_flood_of_bad_tokens_costs_its_share_and_no_more(place: House) -> None:
    forged = DEMONSTRATION.token(exp=int(NOON) + 36_000).decode()
    forged = forged[: forged.rindex(".")] + "." + "A" * 86
    async with client_of(place) as client:
        await flood(client, forged)
        place.endpoint._checking.spend(1)
        answer = await client.post("/graphql", headers=place.headers())
        assert answer.status_code == 429


@pytest.mark.parametrize("where", ["header", "body", "both"])
async def test_purpose_and_case_come_from_headers_or_body(place: House, where: str) -> None:
    body: dict[str, object] = {"query": "{ __typename }"}
    headers = {}
    if where != "header":
        body["extensions"] = {"juzhu": {"purpose": "school-place", "case": CASE}}
    if where != "body":
        headers = {"juzhu-purpose": "school-place", "juzhu-case": quote(CASE)}
    status, _, _ = await post(place, body, headers=headers)
    assert status == 200
    ((request, _),) = place.service.asked
    assert (request.purpose, request.case) == ("school-place", CASE)


async def test_without_purpose_and_case_there_is_none(place: House) -> None:
    body = {"query": "{ __typename }", "extensions": {"juzhu": None}}
    await post(place, body, headers={"juzhu-purpose": "", "juzhu-case": " "})
    ((request, _),) = place.service.asked
    assert (request.purpose, request.case) == (None, None)


@pytest.mark.parametrize(
    ("headers", "juzhu"),
    [
        ({"juzhu-purpose": "school-place"}, {"purpose": "housing-support"}),
        ({"juzhu-case": quote(CASE)}, {"case": CASE + "之二"}),
        ([("juzhu-purpose", "school-place"), ("juzhu-purpose", "housing-support")], None),
    ],
)
async def test_two_different_purposes_or_cases_are_a_conflict(
    place: House, headers: dict[str, str], juzhu: dict[str, str] | None
) -> None:
    body = {"query": "{ __typename }", "extensions": {"juzhu": juzhu}}
    status, _, result = await post(place, body, headers=headers)
    assert (status, code_of(result)) == (400, "PURPOSE_CONFLICT")
    ((request, _),) = place.service.asked
    assert (request.purpose, request.case, request.conflict) == (None, None, True)


@pytest.mark.parametrize("value", ["%FF", "%E4%B8", "a%0Ab", "a%00b", "x" * 200])
async def test_a_header_that_is_not_readable_text_is_refused(place: House, value: str) -> None:
    status, _, result = await post(
        place, {"query": "{ __typename }"}, headers={"juzhu-case": value}
    )
    assert (status, code_of(result)) == (400, "BAD_REQUEST")


async def test_the_caller_is_what_token_and_register_say(place: House) -> None:
    status, headers, _ = await post(
        place, {"query": "{ __typename }"}, headers={"accept-language": "en"}
    )
    assert status == 200
    ((request, caller),) = place.service.asked
    assert (caller.client, caller.department) == ("demonstration-education", "education")
    assert (caller.official, caller.language) == ("demo-01", "en")
    assert caller.address == "127.0.0.1"
    assert caller.request_id == headers["x-request-id"]
    assert request.size == len(b'{"query":"{ __typename }"}')


@pytest.mark.parametrize(
    ("status", "for_json", "header"),
    [
        (200, 200, None),
        (400, 200, None),
        (401, 401, "www-authenticate"),
        (403, 200, None),
        (405, 405, "allow"),
        (413, 413, None),
        (429, 429, "retry-after"),
        (500, 500, None),
        (503, 503, "retry-after"),
    ],
)
async def test_the_services_status_is_kept_or_becomes_200_for_json(
    place: House, status: int, for_json: int, header: str | None
) -> None:
    place.service.answer_with = Answer(status, b'{"errors":[]}', "X")
    got, headers, _ = await post(place, {"query": "{ a }"})
    assert got == status
    assert header is None or headers[header]
    got, headers, _ = await post(place, {"query": "{ a }"}, accept="application/json")
    assert got == for_json
    assert headers["cache-control"] == "no-store"


async def test_a_fault_of_ours_is_internal_and_tells_nothing(place: House) -> None:
    place.service.fault = RuntimeError(SECRET)
    for accept in (GRAPHQL_RESPONSE, "application/json"):
        status, headers, result = await post(place, {"query": "{ a }"}, accept=accept)
        assert (status, code_of(result)) == (500, "INTERNAL")
        assert SECRET not in json.dumps(result, ensure_ascii=False)
        assert headers["x-request-id"] in json.dumps(result)
    assert SECRET.encode() not in b"".join(place.lines)
    assert "RuntimeError" in {line.get("fault") for line in place.log}


async def test_a_body_of_a_mebibyte_is_read_and_one_byte_more_is_not(place: House) -> None:
    frame = b'{"query":"{ __typename }","variables":{"x":"%s"}}'
    whole = frame % (b"x" * (BODY_BYTES - len(frame) + 2))
    assert len(whole) == BODY_BYTES
    status, _, _ = await post(place, whole)
    assert status == 200
    assert place.service.asked[-1][0].size == BODY_BYTES
    status, headers, result = await post(place, whole + b" ")
    assert (status, code_of(result)) == (413, "TOO_LARGE")
    assert headers["connection"] == "close"


async def test_a_client_has_a_limited_number_of_requests_in_work() -> None:
    place = house(calls=CallsAtOnce(1))
    place.service.hold = asyncio.Event()
    first = asyncio.create_task(post(place, {"query": "{ __typename }"}))
    await place.service.entered.wait()
    status, headers, result = await post(place, {"query": "{ __typename }"})
    assert (status, code_of(result), headers["retry-after"]) == (429, "RATE_LIMITED", "1")
    place.service.hold.set()
    assert (await first)[0] == 200
    assert (await post(place, {"query": "{ __typename }"}))[0] == 200


async def test_the_log_names_codes_and_sizes_and_nothing_that_was_sent(place: House) -> None:
    body: dict[str, object] = {
        "query": "query Q($n: String) { person(idNumber: $n) }",
        "variables": {"n": SECRET},
        "operationName": "Q",
    }
    _, headers, _ = await post(place, body, headers={"juzhu-case": quote(CASE)})
    await post(place, b"{" + SECRET.encode())
    answered, refused = (line for line in place.log if line["event"] == "request")
    assert answered["request"] == headers["x-request-id"]
    assert answered["status"] == 200
    assert answered["client"] == "demonstration-education"
    assert answered["department"] == "education"
    assert answered["size"] == len(orjson.dumps(body))
    assert refused["code"] == "BAD_REQUEST"
    text = b"".join(place.lines)
    for word in (SECRET, CASE, quote(CASE), "demo-01", "idNumber", "127.0.0.1"):
        assert word.encode() not in text


async def test_a_refused_token_is_logged_with_its_reason_only(place: House) -> None:
    token = place.token_of({"exp": int(NOON) - 3600})
    async with client_of(place) as client:
        await client.post("/graphql", headers={"authorization": f"Bearer {token}"})
    (line,) = (line for line in place.log if line["event"] == "token refused")
    assert line["reason"] == "expired"
    assert token.encode() not in b"".join(place.lines)


async def test_the_page_is_plain_works_offline_and_says_where(place: House) -> None:
    async with client_of(place) as client:
        page = await client.get("/", headers={"accept": "text/html"})
        style = await client.get("/console/console.css")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "居住证" in page.text
    assert "residence-permit" in page.text
    assert "http://juzhu.test/graphql" in page.text
    assert "接入指南.md" in page.text
    assert "script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-request-id"]
    assert style.headers["content-type"].startswith("text/css")
    for text in (page.text.replace("http://juzhu.test/graphql", ""), style.text):
        assert "//" not in text, "nothing is loaded from elsewhere"


async def test_a_strange_host_name_is_not_repeated(place: House) -> None:
    async with client_of(place) as client:
        page = await client.get("/", headers={"host": "<b>evil</b>"})
    assert "evil" not in page.text
    assert "<code>/graphql</code>" in page.text


async def test_health_says_live_always_and_ready_when_everything_is_there(place: House) -> None:
    async with client_of(place) as client:
        live = await client.get("/health/live")
        ready = await client.get("/health/ready")
        place.ready["database"] = False
        not_ready = await client.get("/health/ready")
        missing = await client.get("/graphql/")
        wrong = await client.post("/health/live")
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert not_ready.status_code == 503
    assert not_ready.json() == {"status": "not ready", "checks": {"database": False}}
    assert not_ready.headers["retry-after"] == "5"
    assert (missing.status_code, wrong.status_code) == (404, 405)
    for answer in (live, ready, not_ready, missing, wrong):
        assert answer.headers["x-request-id"]
