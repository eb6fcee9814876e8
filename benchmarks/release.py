"""What the peers share: the audit record of an answer, and the answer around its data.

Same content and commitment as resolvers/recording.py writes, made from what a hand-written handler
has at hand. This module never decides what is released.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import orjson

from audit.entry import Actor, Draft, Outcome, PurposeClaim, Subject
from db.ledger import Ledger
from keys.ring import KeyRing
from resolvers.context import Caller
from resolvers.faults import Fault
from schema.errors import Code, Language, error_body
from schema.reasons import Reason
from schema.service import Answer

Fields = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a record says of a document: its name, its digest, and why it was asked."""

    name: str
    digest: str
    purpose: str
    article: str


@dataclass(frozen=True, slots=True)
class Found:
    """An answer's data, and whom the record names for it; `case` is the case number's digest."""

    data: object
    subjects: Sequence[Subject]
    missed: Sequence[bytes] = ()
    searched: Fields = ()
    case: str | None = None
    errors: Sequence[object] = field(default=())


class Releases:
    """Makes records durable and answers complete."""

    def __init__(self, ring: KeyRing, ledger: Ledger, revision: str) -> None:
        self._ring = ring
        self._ledger = ledger
        self._revision = revision

    async def release(
        self, operation: Operation, found: Found, caller: Caller, now: datetime
    ) -> Answer:
        """Record what was found, then hand it out.

        Raises:
            AuditUnavailableError: it could not be recorded.
        """
        return answered(*await self.record(operation, found, caller, now), found.errors)

    async def record(
        self, operation: Operation, found: Found, caller: Caller, now: datetime
    ) -> tuple[bytes, Mapping[str, object]]:
        """Record what was found: the bytes of the data, and where the record stands.

        Raises:
            AuditUnavailableError: it could not be recorded.
        """
        data = orjson.dumps(found.data)
        record = uuid4().bytes
        receipt = await self._ledger.append(
            Draft(
                id=record,
                time=now,
                request=caller.request_id,
                action="query",
                outcome=Outcome.MISSED if found.missed and not found.subjects else Outcome.RELEASED,
                actor=Actor(
                    client=caller.client,
                    official=caller.official,
                    department=caller.department,
                    roles=tuple(sorted(caller.roles)),
                    division=caller.division,
                    authentication=caller.authentication,
                    address=caller.address,
                ),
                purpose=PurposeClaim(
                    code=operation.purpose, article=operation.article, case=found.case
                ),
                revision=self._revision,
                decision=" ".join(f"{path}:{action}" for path, action, _ in found.searched) or None,
                operation=operation.name,
                document=operation.digest,
                subjects=found.subjects,
                commitment=self._ring.commit(record, data),
                missed=found.missed,
            )
        )
        return data, {"log": receipt.log, "index": receipt.index, "leaf": receipt.leaf.hex()}


def answered(data: bytes, audit: Mapping[str, object], errors: Sequence[object] = ()) -> Answer:
    """An answer around the bytes that its record commits to."""
    body = b'{"data":' + data
    if errors:
        body += b',"errors":' + orjson.dumps(errors)
    return Answer(200, body + b',"extensions":' + orjson.dumps({"audit": audit}) + b"}", None)


def worded(fault: Fault, language: Language) -> str:
    """A fault of arguments in words: those of its reason, or of its code."""
    told = Code[fault.code] if fault.reason is None else Reason[fault.reason]
    return told.message(language)


def refused(code: Code, caller: Caller) -> Answer:
    """A refusal with no data."""
    body = error_body(code, language=caller.language, request_id=caller.request_id)
    return Answer(code.status, body, code.name)
