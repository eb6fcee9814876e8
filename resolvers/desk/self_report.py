"""The report that a person gets about his or her own data (article 28; PIPL articles 44, 45).

It says what is stored of the person and who saw it, and is printed only where the person has asked
to view or copy it: a request of that kind stands in the file, and was not withdrawn or refused.

Who saw it is read from the audit log by its index of persons, the files that were merged into this
one included. Uses of a purpose that purposes.csv withholds from its holder are left out before
anything is counted or cut, so that neither the number of lines nor the end of the list tells of
them. What was only looked for or refused told nobody anything, and is left out as well.

Never: decides whether a request is granted, or says which official looked for somebody in vain.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from audit.entry import Outcome
from db.errors import AuditDamagedError
from db.in_force import absorbed_by
from db.ledger_reads import LedgerReads, StoredRecord
from db.subject_requests import SubjectRequests
from printing.document import Access, Office, Section, SubjectReport
from regulation.subject_request import Answer, RequestStanding, RequestState, Right
from resolvers.desk.document import Found
from resolvers.faults import ArgumentFaultError, Fault

MOST_ACCESSES: Final = 500
"""The newest are printed; who wants to know of older ones asks the auditor."""

_PAGE: Final = 200
_SHOWN: Final = frozenset({"read", "filter"})

_BASICS: Final = (
    ("Person.sex", "core", "sex"),
    ("Person.ethnicity", "core", "ethnicity"),
    ("Person.birthDate", "core", "birthDate"),
    ("Person.phone", "contact", "phone"),
    ("Person.workplace", "contact", "workplace"),
    ("Person.hukouAddress", "contact", "hukouAddress"),
)
_RESIDENCE: Final = (
    ("Residence.registeredOn", "registered_on"),
    ("Residence.arrivedOn", "arrived_on"),
    ("Residence.reason", "reason"),
    ("Residence.clockStart", "clock_start"),
)
_PERMIT: Final = (
    ("Permit.number", "permit_number"),
    ("Permit.issuingOffice", "issuing_office"),
    ("Permit.issuedOn", "issued_on"),
    ("Permit.validFrom", "valid_from"),
    ("Permit.validTo", "valid_to"),
    ("Permit.cancelledOn", "cancelled_on"),
    ("Permit.cancelGround", "cancel_ground"),
)
SHOWN_PATHS: Final = (
    *(path for path, *_ in (*_BASICS, *_RESIDENCE, *_PERMIT)),
    "Residence.address",
    "SubjectRequest.kind",
    "SubjectRequest.status",
)
"""What a report discloses besides name and number, and what it rests on."""

SEARCHED: Final = (("AccessRecord.subjects", "filter", "plain"),)
"""What the record says of reading the log: it was searched by its subject. The lines themselves are
the person's own to see; no desk has them by a grant.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How codes are said in Chinese, and which purposes are withheld from holders."""

    field: Callable[[str], str]
    department: Callable[[str], str]
    purpose: Callable[[str], str]
    withheld: Callable[[str], bool]


class SelfReports:
    """Makes reports. One for the process; it keeps nothing."""

    __slots__ = ("_ledger", "_requests", "_words")

    def __init__(self, *, ledger: LedgerReads, requests: SubjectRequests, words: Wording) -> None:
        self._ledger = ledger
        self._requests = requests
        self._words = words

    async def report(
        self, found: Found, opened: Mapping[str, Mapping[str, object]]
    ) -> SubjectReport:
        """Make the report of a person; `opened` are the groups core, contact and residence.

        Raises:
            ArgumentFaultError: no request of this person asks for it.
            AuditDamagedError: the log is not as it was written.
        """
        asked = await self._asked_for(found.row.person)
        context = found.acting.context
        return SubjectReport(
            reference=asked.hex(),
            office=Office(name=found.acting.office, official=context.caller.official),
            person=found.person,
            as_of=context.today,
            sections=self._sections(found, opened),
            accesses=await self.accesses((found.row.person, *absorbed_by(found.file.sources))),
        )

    async def _asked_for(self, person: bytes) -> bytes:
        """The newest request that a report answers."""
        for request in reversed(await self._requests.of_person(person)):
            if request.right in {Right.VIEW, Right.COPY} and _is_due(request.standing):
                return request.id
        raise ArgumentFaultError(Fault.NOTHING_TO_PRINT)

    def _sections(
        self, found: Found, opened: Mapping[str, Mapping[str, object]]
    ) -> tuple[Section, ...]:
        word = self._words.field
        basics = [(word(path), str(opened[group].get(name) or "")) for path, group, name in _BASICS]
        residence = [(word(path), found.text(column)) for path, column in _RESIDENCE]
        residence.insert(
            0, (word("Residence.address"), str(opened["residence"].get("address") or ""))
        )
        permit = [(word(path), found.text(column)) for path, column in _PERMIT]
        named = {"basics": basics, "residence": residence, "permits": permit}
        return tuple(
            Section(title=title, rows=tuple((label, value) for label, value in rows if value))
            for title, rows in named.items()
            if any(value for _, value in rows)
        )

    # --- who saw it ----------------------------------------------------------------------------

    async def accesses(self, persons: Sequence[bytes]) -> tuple[Access, ...]:
        """The newest accesses of these files that their holder is told of, each once.

        Raises:
            AuditDamagedError: the log is not as it was written.
        """
        kept: dict[tuple[int, int], Access] = {}
        for person in persons:
            kept.update(await self._of(person))
        newest = sorted(kept, reverse=True)[:MOST_ACCESSES]
        return tuple(kept[place] for place in newest)

    async def _of(self, person: bytes) -> dict[tuple[int, int], Access]:
        kept: dict[tuple[int, int], Access] = {}
        after: tuple[int, int] | None = None
        while len(kept) < MOST_ACCESSES:
            page = await self._ledger.of_person(person, after=after, limit=_PAGE)
            for record in page:
                access = self._access(record, person)
                if access is not None:
                    kept[record.year, record.index] = access
            if len(page) < _PAGE:
                break
            after = page[-1].year, page[-1].index
        return kept

    def _access(self, record: StoredRecord, person: bytes) -> Access | None:
        try:
            return self._told(orjson.loads(record.body), person)
        except (ValueError, LookupError, TypeError, AttributeError):
            # Whatever stands there was not written by this service; its text may be repeated.
            raise AuditDamagedError("an audit record") from None

    def _told(self, body: Mapping[str, Any], person: bytes) -> Access | None:
        """What the holder is told of a record; None where that is nothing."""
        purpose = body.get("purpose", {}).get("code")
        if body["outcome"] != Outcome.RELEASED or (purpose and self._words.withheld(purpose)):
            return None
        actor: Mapping[str, Any] = body.get("actor", {})
        return Access(
            at=datetime.fromisoformat(body["time"]),
            department=self._words.department(str(actor.get("department") or "")),
            official=str(actor.get("official") or ""),
            purpose=self._words.purpose(purpose) if purpose else "",
            fields=tuple(self._fields(body, person)),
            outcome="查询" if body["action"] == "query" else "办理",
        )

    def _fields(self, body: Mapping[str, Any], person: bytes) -> Sequence[str]:
        alike = body.get("fields", ())
        used = next(
            subject.get("fields", alike)
            for subject in body["subjects"]
            if subject["person"] == person.hex()
        )
        named = (self._words.field(path) for path, action, _ in used if action in _SHOWN)
        return list(dict.fromkeys(named))


def _is_due(standing: RequestStanding) -> bool:
    """Whether a request still waits, or was granted at least in part."""
    if standing.state is RequestState.WITHDRAWN:
        return False
    return standing.answer is None or standing.answer.answer is not Answer.REFUSED
