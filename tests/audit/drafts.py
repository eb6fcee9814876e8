"""Drafts for the tests of the log. Every person in them is a random uuid."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from audit.entry import Actor, Draft, Outcome, PurposeClaim, Subject

NOW = datetime(2026, 11, 22, 8, 0, 0, 123000, tzinfo=UTC)
FIELDS = (("Permit.active", "read", "plain"), ("Query.permit", "call", "plain"))
ACTOR = Actor(
    client="school-system",
    official="demo-01",
    department="education",
    roles=("education",),
    division="150402",
    authentication="assertion",
    address="192.0.2.7",
)
PURPOSE = PurposeClaim(code="school-place", article="24(4)", case="ab" * 32)


def subjects(count: int) -> list[Subject]:
    return [Subject(person=uuid4().bytes, fields=FIELDS) for _ in range(count)]


def draft(
    *,
    persons: Sequence[bytes] = (),
    of: Sequence[Subject] = (),
    time: datetime = NOW,
    request: str = "request-1",
    id_: UUID | None = None,
) -> Draft:
    return Draft(
        id=(id_ or uuid4()).bytes,
        time=time,
        request=request,
        action="read",
        outcome=Outcome.RELEASED,
        actor=ACTOR,
        purpose=PURPOSE,
        revision="11" * 32,
        decision="22" * 32,
        operation="Permit",
        document="33" * 32,
        subjects=[*of, *(Subject(person=person, fields=FIELDS) for person in persons)],
        commitment=b"\x44" * 32,
    )
