"""What is asked: three documents, and requests for them made from persons of the store.

Q1 one presented person with all entitlements, Q2 a page of a hundred masked persons, Q3 a thousand
presented persons verified. Every candidate gets the same bytes. This module never knows who
answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import quote

import orjson

PAGE = 100
ROWS = 1000

HOLDER = """
query Holder($idNumber: String!, $name: String!) {
  person(idNumber: $idNumber, name: $name) {
    permit { active entitlements { service { code name } answer because } }
    residence { division { code name } }
  }
}
"""

DESK_LIST = """
query DeskList($after: String) {
  persons(
    first: 100, after: $after,
    filter: { status: [ACTIVE] }, orderBy: [{ field: VALID_TO, direction: ASC }]
  ) {
    nodes {
      name
      idNumber
      residence { division { code name } registeredOn arrivedOn late }
      permit { number active status issuedOn validFrom validTo suspendedFrom cancelledOn }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

VERIFY = """
query Verify($rows: [VerifyRow!]!) {
  verify(rows: $rows) { ref answer on notice refusal { code message } }
}
"""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and for what: the department's token, the purpose and the case."""

    department: str
    purpose: str
    case: str | None


SCHOOL = Asker("education", "school-place", "赤红教〔2026〕7号")
DESK = Asker("community-police", "desk-list", None)


@dataclass(frozen=True, slots=True)
class Question:
    """One document and who asks it, at so many connections."""

    name: str
    title: str
    document: str
    asker: Asker
    connections: tuple[int, ...]


Q1 = Question("Q1", "one person by ID number, 27 entitlements", HOLDER, SCHOOL, (16, 64))
Q2 = Question("Q2", f"a page of {PAGE} persons, masked", DESK_LIST, DESK, (4,))
Q3 = Question("Q3", f"verify {ROWS:,} persons", VERIFY, SCHOOL, (4,))
QUESTIONS = (Q1, Q2, Q3)


@dataclass(frozen=True, slots=True)
class Presented:
    """A person as presented at a counter; all of them are synthetic."""

    id_number: str
    name: str
    holds: bool
    """Whether the person's permit should be active today."""


Variables = dict[str, object]


def holders(persons: Sequence[Presented], *, most: int) -> list[Variables]:
    """Variables of Q1: holders, so that nobody's answer is the short one."""
    return [
        {"idNumber": person.id_number, "name": person.name}
        for person in islice((each for each in persons if each.holds), most)
    ]


def verifications(persons: Sequence[Presented], *, most: int) -> list[Variables]:
    """Variables of Q3: holders and others as they come; a small store's persons come again."""
    everybody = cycle(persons)
    return [
        {
            "rows": [
                {
                    "ref": str(number),
                    "presented": {"idNumber": person.id_number, "name": person.name},
                }
                for number, person in enumerate(islice(everybody, ROWS))
            ]
        }
        for _ in range(most)
    ]


def request_bytes(question: Question, variables: Variables, *, token: str, path: str) -> bytes:
    """One HTTP request, as a client that keeps its connection sends it."""
    body = orjson.dumps({"query": question.document, "variables": variables})
    case = question.asker.case
    head = [
        f"POST {path} HTTP/1.1",
        "host: 127.0.0.1",
        f"authorization: Bearer {token}",
        "content-type: application/json",
        "accept: application/graphql-response+json",
        f"juzhu-purpose: {question.asker.purpose}",
        *([] if case is None else [f"juzhu-case: {quote(case)}"]),
        f"content-length: {len(body)}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body
