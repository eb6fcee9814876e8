"""The 61 server audits of the GraphQL-over-HTTP reference suite, as data.

Ids, levels and expectations are those of the reference suite (github.com/graphql/graphql-http,
MIT licence); the requests are written here. `tests/server/test_graphql_over_http.py` runs them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

GRAPHQL_RESPONSE: Final = "application/graphql-response+json"
JSON: Final = "application/json"
TYPENAME: Final = "{ __typename }"
TYPE: Final = "query Type($name: String!) { __type(name: $name) { name } }"
# A field that exists in no schema; a name can't begin with a digit, so it doesn't even parse.
UNKNOWN_FIELD: Final = "{ 8f31403dfe404bccbb0e835f2629c6a7 }"
COERCION: Final = "query CoerceFailure($id: ID!){ __typename }"


@dataclass(frozen=True)
class Asked:
    """What is sent."""

    method: str = "POST"
    accept: str | None = None
    content_type: str | None = JSON
    body: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        return "/graphql" + (f"?{urlencode(self.query)}" if self.query else "")


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    content_type: str
    body: bytes

    @property
    def result(self) -> dict[str, object]:
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


Check = Callable[[Answered], bool]


@dataclass(frozen=True)
class Audit:
    """One audit: its id in the reference suite, its sentence, the request and what must hold."""

    id: str
    sentence: str
    asked: Asked
    checks: tuple[Check, ...]


def status(*expected: int) -> Check:
    return lambda answered: answered.status in expected


def between(first: int, last: int) -> Check:
    return lambda answered: first <= answered.status <= last


def typed(media_type: str) -> Check:
    return lambda answered: media_type in answered.content_type


def utf8(answered: Answered) -> bool:
    return bool(answered.body.decode("utf-8", "strict"))


def no_errors(answered: Answered) -> bool:
    return "errors" not in answered.result


def no_data(answered: Answered) -> bool:
    return "data" not in answered.result


def post(accept: str | None = None, **body: object) -> Asked:
    return Asked(accept=accept, body=json.dumps(body))


def get(accept: str | None = "*/*", **query: str) -> Asked:
    return Asked(method="GET", accept=accept, content_type=None, query=query)


WRONG_OBJECTS: Final = (("object", {"obj": "ect"}), ("number", 0), ("boolean", False))
WRONG_MAPS: Final = (("string", "string"), ("number", 0), ("boolean", False))
ARRAY: Final = (("array", ["array"]),)

OK: Final = status(200)
BAD: Final = status(400)

AUDITS: Final = (
    Audit(
        "22EB",
        "SHOULD accept application/graphql-response+json and match the content-type",
        post(GRAPHQL_RESPONSE, query=TYPENAME),
        (OK, typed(GRAPHQL_RESPONSE)),
    ),
    Audit(
        "4655",
        "MUST accept application/json and match the content-type",
        post(JSON, query=TYPENAME),
        (OK, typed(JSON)),
    ),
    Audit(
        "47DE",
        "SHOULD accept */* and use application/json for the content-type",
        post("*/*", query=TYPENAME),
        (OK, typed(JSON)),
    ),
    Audit(
        "80D8",
        "SHOULD assume application/json content-type when accept is missing",
        post(query=TYPENAME),
        (OK, typed(JSON)),
    ),
    Audit("82A3", "MUST use utf-8 encoding when responding", post(query=TYPENAME), (OK, utf8)),
    Audit(
        "BF61",
        "MUST accept utf-8 encoded request",
        Asked(
            content_type="application/json; charset=utf-8",
            body=json.dumps({"query": '{ __type(name: "Run🏃Swim🏊") { name } }'}),
        ),
        (OK,),
    ),
    Audit(
        "78D5",
        "MUST assume utf-8 in request if encoding is unspecified",
        post(query=TYPENAME),
        (OK,),
    ),
    Audit("2C94", "MUST accept POST requests", post(query=TYPENAME), (OK,)),
    Audit(
        "5A70",
        "MAY accept application/x-www-form-urlencoded formatted GET requests",
        get(query=TYPENAME),
        (OK,),
    ),
    Audit(
        "9C48",
        "MAY NOT allow executing mutations on GET requests",
        get(GRAPHQL_RESPONSE, query="mutation { __typename }"),
        (between(400, 499),),
    ),
    Audit(
        "9ABE",
        "SHOULD respond with 4xx status code if content-type is not supplied on POST requests",
        Asked(content_type=None, body=json.dumps({"query": TYPENAME})),
        (between(400, 499),),
    ),
    Audit("03D4", "MUST accept application/json POST requests", post(query=TYPENAME), (OK,)),
    Audit("A5BF", "MAY use 400 status code when request body is missing on POST", Asked(), (BAD,)),
    Audit(
        "423L",
        "MAY use 400 status code on missing {query} parameter",
        post(GRAPHQL_RESPONSE, notquery=TYPENAME),
        (BAD,),
    ),
    *(
        Audit(
            f"LKJ{index}",
            f"MAY use 400 status code on {kind} {{query}} parameter",
            post(query=wrong),
            (BAD,),
        )
        for index, (kind, wrong) in enumerate(WRONG_OBJECTS + ARRAY)
    ),
    Audit(
        "34A2",
        f"SHOULD allow string {{query}} parameter when accepting {GRAPHQL_RESPONSE}",
        post(GRAPHQL_RESPONSE, query=TYPENAME),
        (OK,),
    ),
    Audit(
        "13EE",
        f"MUST allow string {{query}} parameter when accepting {JSON}",
        post(JSON, query=TYPENAME),
        (OK, no_errors),
    ),
    *(
        Audit(
            f"6C0{index}",
            f"MAY use 400 status code on {kind} {{operationName}} parameter",
            post(operationName=wrong, query=TYPENAME),
            (BAD,),
        )
        for index, (kind, wrong) in enumerate(WRONG_OBJECTS + ARRAY)
    ),
    Audit(
        "8161",
        f"SHOULD allow string {{operationName}} parameter when accepting {GRAPHQL_RESPONSE}",
        post(GRAPHQL_RESPONSE, operationName="Query", query="query Query { __typename }"),
        (OK,),
    ),
    Audit(
        "B8B3",
        f"MUST allow string {{operationName}} parameter when accepting {JSON}",
        post(JSON, operationName="Query", query="query Query { __typename }"),
        (OK, no_errors),
    ),
    *(
        Audit(
            f"{prefix}{index}",
            f"{level} allow null {{{parameter}}} parameter when accepting {accept}",
            post(accept, **{"query": TYPENAME, parameter: None}),
            (OK, no_errors),
        )
        for index, parameter in enumerate(("variables", "operationName", "extensions"))
        for prefix, level, accept in (("94B", "SHOULD", GRAPHQL_RESPONSE), ("022", "MUST", JSON))
    ),
    *(
        Audit(
            f"476{index}",
            f"MAY use 400 status code on {kind} {{variables}} parameter",
            post(query=TYPENAME, variables=wrong),
            (BAD,),
        )
        for index, (kind, wrong) in enumerate(WRONG_MAPS + ARRAY)
    ),
    Audit(
        "2EA1",
        f"SHOULD allow map {{variables}} parameter when accepting {GRAPHQL_RESPONSE}",
        post(GRAPHQL_RESPONSE, query=TYPE, variables={"name": "sometype"}),
        (OK,),
    ),
    Audit(
        "28B9",
        f"MUST allow map {{variables}} parameter when accepting {JSON}",
        post(JSON, query=TYPE, variables={"name": "sometype"}),
        (OK, no_errors),
    ),
    *(
        Audit(
            audit_id,
            "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting "
            f"{accept}",
            get(accept, query=TYPE, variables=json.dumps({"name": "sometype"})),
            (OK, no_errors),
        )
        for audit_id, accept in (("D6D5", GRAPHQL_RESPONSE), ("6A70", JSON))
    ),
    *(
        Audit(
            f"58B{index}",
            f"MAY use 400 status code on {kind} {{extensions}} parameter",
            post(query=TYPENAME, extensions=wrong),
            (BAD,),
        )
        for index, (kind, wrong) in enumerate(WRONG_MAPS + ARRAY)
    ),
    Audit(
        "428F",
        f"SHOULD allow map {{extensions}} parameter when accepting {GRAPHQL_RESPONSE}",
        post(GRAPHQL_RESPONSE, query=TYPENAME, extensions={"some": "value"}),
        (OK,),
    ),
    Audit(
        "1B7A",
        f"MUST allow map {{extensions}} parameter when accepting {JSON}",
        post(JSON, query=TYPENAME, extensions={"some": "value"}),
        (OK, no_errors),
    ),
    Audit(
        "B6DC",
        f"MAY use 2xx, 4xx, or 5xx status codes on JSON parsing failure when accepting {JSON}",
        Asked(accept=JSON, body='{ "not a JSON'),
        (lambda answered: answered.status // 100 in {2, 4, 5},),
    ),
    Audit(
        "BCF8",
        f"SHOULD use 400 status code on JSON parsing failure when accepting {JSON}",
        Asked(accept=JSON, body='{ "not a JSON'),
        (BAD,),
    ),
    Audit(
        "B7N8",
        f"SHOULD use 400 status code on JSON parsing failure when accepting {GRAPHQL_RESPONSE}",
        Asked(accept=GRAPHQL_RESPONSE, body='{ "not a JSON'),
        (BAD,),
    ),
    Audit(
        "8764",
        "MAY use 4xx or 5xx status codes if parameters are invalid",
        post(qeury=TYPENAME),
        (between(400, 599),),
    ),
    Audit(
        "3E3A",
        "MAY use 400 status code if parameters are invalid",
        post(qeury=TYPENAME),
        (BAD,),
    ),
    *(
        Audit(
            audit_id,
            f"SHOULD use 200 status code on {failure} failure when accepting {JSON}",
            asked,
            (OK,),
        )
        for audit_id, failure, asked in (
            ("572B", "document parsing", post(JSON, query="{")),
            ("FDE2", "document validation", post(JSON, query=UNKNOWN_FIELD)),
            ("7B9B", "variable coercion", post(JSON, query=COERCION, variables={"id": None})),
        )
    ),
    *(
        Audit(
            audit_id,
            f"SHOULD {what} on {failure} failure when accepting {GRAPHQL_RESPONSE}",
            post(GRAPHQL_RESPONSE, query=document),
            (check,),
        )
        for failure, document, ids in (
            ("document parsing", "{", ("865D", "556A", "D586")),
            ("document validation", UNKNOWN_FIELD, ("51FE", "74FF", "5E5B")),
        )
        for audit_id, what, check in zip(
            ids,
            ("use 4xx or 5xx status codes", "use 400 status code", "not contain the data entry"),
            (between(400, 599), BAD, no_data),
            strict=True,
        )
    ),
    Audit(
        "86EE",
        f"SHOULD use a status code of 400 on variable coercion failure when accepting "
        f"{GRAPHQL_RESPONSE}",
        post(GRAPHQL_RESPONSE, query=COERCION, variables={"id": None}),
        (BAD,),
    ),
)
