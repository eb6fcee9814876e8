"""What a desk reads and writes of one person: the file, opened and closed in one transaction.

A person's row is the lock: whoever has opened a file decides by what stands, and nobody else acts
on that person until the transaction ends (article 17: one person, one permit). What was decided,
its events, the read model and the audit record stand or fall together.

This module never decides; it hands the file to whoever does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Generic, TypeVar

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from audit.entry import Draft, stamp
from db.acts import Acts, Kept, Once, TwiceAtOnceError
from db.application_rows import applications_of
from db.casefile import close_case, open_case_kind, open_cases
from db.changes import Changes
from db.corrections import (
    Came,
    KeptCorrection,
    KnownCorrection,
    NewCorrection,
    Place,
    StoredCorrection,
    find_correction,
    hold_department,
    known_correction,
    match_corrections,
    waiting,
    write_correction,
)
from db.database import Database
from db.errors import AlreadyStoredError, TransactionLostError
from db.facts import Act, Case, NewPerson
from db.identity import IDENTIFIED, former_names, formerly, who_else_has
from db.in_force import MERGED, absorbed_by, in_force, stands
from db.intake import Intake
from db.ledger import Ledger, Receipt
from db.lookup import ID_NUMBER, tag_bytes
from db.models import Lookup
from db.pointed import Asker, PointedAt, Pointer, pointed_at
from db.proposals import (
    Ending,
    NewProposal,
    StoredProposal,
    end_proposal,
    open_proposal,
    write_proposal,
)
from db.read_model import (
    BROUGHT,
    CANCELLED,
    CLOSED,
    ENDORSED,
    ISSUED,
    MOVED,
    REGISTERED,
    REVIEWED,
    load_sources,
    standing_of,
)
from db.reports import Kept as KeptReport
from db.reports import StoredReport, TakenReport, find_report, write_report
from db.rows import RowValues, Sources, integer, tampered
from db.sealed import Vault
from db.subject_requests import (
    KeptRequest,
    StoredRequest,
    find_request,
    waits_for_answer,
    write_request,
)
from keys.ring import Tag
from policies.permission import Disclosure
from regulation.calendar import WorkingCalendar
from regulation.dates import SHANGHAI
from regulation.divisions import within
from regulation.history import HistoryError, Standing
from regulation.outcome import Decision
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.proceedings import ApplicationStanding, Step, StepError
from regulation.told import Tellable, tellable_of

D = TypeVar("D", bound=Decision)
T = TypeVar("T")

_TRIES: Final = 3

_ENDS_REVIEW: Final = frozenset({REGISTERED, BROUGHT, MOVED, ISSUED, ENDORSED, CANCELLED, CLOSED})
"""What a review made before it says nothing about: another permit, period or address."""


class NotReachedError(Exception):
    """Nobody with this number and name is reached under the case; it never says which it was."""


class OtherVersionError(Exception):
    """The person's file has changed since it was looked at."""

    def __init__(self, version: int) -> None:
        super().__init__("another version")
        self.version = version


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderCase:
    """The case under which an office acts, as it stands on a day.

    `kinds` are those of cases that reach a person of the office's own division, `elsewhere` those
    that reach one of another.
    """

    division: str
    digest: bytes = field(repr=False)
    day: date
    kinds: frozenset[str]
    elsewhere: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What must hold before anything is decided; looked at under the person's lock.

    `named` is the tag of the name presented with the number: where it is given, the person must be
    stored under it, or must have been; `current` leaves former numbers and names out. Where `case`
    is given, the office must have it open for this person; `version` is the one that the caller
    has seen.
    """

    once: Once | None = None
    named: Tag | None = field(default=None, repr=False)
    current: bool = False
    case: UnderCase | None = None
    version: int | None = None


UNCONDITIONAL: Final = Terms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """The other of two files: the number, and what must hold of it.

    `absorbed` looks for it among the files that were merged into the first, under the name that
    `terms` give.
    """

    number: Tag = field(repr=False)
    terms: Terms
    absorbed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One person as a desk finds them; `version` is the number of the last change.

    `former_names` are the tags under which the person was stored before. Where a number is to be
    given, `wanted_of` is who else has it, None where nobody does, and `proposal` is the one that
    waits for a second official. `other` is the file to be merged with it, or split from it;
    `asks` says of that one whether a request about its data waits for an answer.
    """

    person: bytes
    version: int
    hukou_county: str
    county: str
    township: str
    standing: Standing
    applications: tuple[ApplicationStanding, ...]
    sources: Sources = field(repr=False)
    former_names: frozenset[bytes] = field(default=frozenset(), repr=False)
    wanted_of: bytes | None = None
    proposal: StoredProposal | None = None
    other: "File | None" = None
    asks: bool = False

    @property
    def division(self) -> str:
        """The code of the place of residence: a township's where it is known, else a county's."""
        return self.township or self.county

    def is_named(self, tag: Tag) -> bool:
        """Whether the person is, or was, stored under the name and number of this tag."""
        return self.is_named_now(tag) or tag_bytes(tag) in self.former_names

    def is_named_now(self, tag: Tag) -> bool:
        """Whether the person is stored under the name and number of this tag."""
        return bool(self.sources.person["name_tag"] == tag_bytes(tag))

    @property
    def last_day(self) -> date:
        """The day of the last act in force: what comes later can't have happened before it."""
        return max(date.fromisoformat(str(each["reported_on"])) for each in self.events)

    @property
    def events(self) -> Sequence[RowValues]:
        """What happened, in order, without what was voided."""
        return in_force(self.sources.events)

    @property
    def reviewed(self) -> RowValues | None:
        """The last review of the permit since anything else happened to it (article 20)."""
        of_permit = [each for each in self.events if each["kind"] in {REVIEWED, *_ENDS_REVIEW}]
        last = of_permit[-1] if of_permit else None
        return None if last is None or last["kind"] != REVIEWED else last

    @property
    def tellable(self) -> Tellable:
        """What partners can be told of, as it stands."""
        tag = self.sources.person["name_tag"]
        return tellable_of(
            self.standing.permit,
            county=self.county,
            township=self.township,
            found_by=tag if isinstance(tag, bytes) else b"",
        )

    @property
    def open_application(self) -> ApplicationStanding | None:
        """The application that is open; there is one at most (article 17)."""
        return next((each for each in self.applications if each.is_open), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer at which a department points, as its request is judged.

    `about` is the person whom the row names, where it names one that stands; `waiting` how many
    requests of the department's purpose wait; `known` is the request that points at the same.
    """

    at: PointedAt
    about: Place | None
    waiting: int
    known: KnownCorrection | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Generic[D]):
    """What a use case has decided, and what of it is to be stored.

    Where there is no file, `new` stores a person. `record` makes the audit record of a decision
    once the person's id is known. `otherwise` is what was decided where the acts turn out not to
    fit what happened before: nothing of them is stored then. `cases` are opened for who is stored.
    `closes` is the case that ends with it. `hidden` keeps the person out of the answer, where the
    name that was presented is another.
    `proposes` waits for a second official; `confirms` is what the acts confirm.
    `of_other` are acts on the other file, stored before those on this one.
    `report` is a report of a third party, or the end of its follow-up; it concerns no file.
    `request` is a person's request about their own data, or its next step.
    `correction` is a department's request to correct an answer, or its next step; `came` is who
    came to the desk, whose waiting requests are matched.
    """

    decision: D
    record: Callable[[D, bytes | None], Draft]
    acts: Sequence[Act] = ()
    new: NewPerson | None = None
    otherwise: D | None = None
    cases: Sequence[Case] = ()
    hidden: bool = False
    closes: UnderCase | None = None
    report: KeptReport | None = None
    proposes: NewProposal | None = None
    confirms: StoredProposal | None = None
    request: KeptRequest | None = None
    correction: KeptCorrection | None = None
    came: Came | None = None
    of_other: Sequence[Act] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[D]):
    """A decision that stands.

    `version` is the person's, the report's or the request's after it, None where nothing of them
    is stored, and where a department asks for a correction.
    """

    decision: D
    person: bytes | None
    version: int | None
    receipt: Receipt
    report: bytes | None = None
    request: bytes | None = None
    correction: bytes | None = None


About = StoredRequest | StoredCorrection | KnownCorrection
"""A request that an act is about."""


class Files:
    """Opens files under one key ring, calendar and policy. One for the process."""

    __slots__ = (
        "_acts",
        "_calendar",
        "_changes",
        "_database",
        "_intake",
        "_ledger",
        "_policy",
        "_vault",
    )

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        intake: Intake,
        ledger: Ledger,
        calendar: WorkingCalendar,
        policy: Parameters | Schedule = AS_ISSUED,
    ) -> None:
        self._database = database
        self._vault = vault
        self._intake = intake
        self._ledger = ledger
        self._calendar = calendar
        self._policy = policy
        self._acts = Acts(intake.ring, vault)
        self._changes = Changes(intake.ring)

    async def act(
        self,
        number: Tag | None,
        decide: Callable[[File | None], Written[D]],
        terms: Terms = UNCONDITIONAL,
        *,
        wanted: Tag | None = None,
        second: Second | None = None,
    ) -> Done[D]:
        """Find the person of an ID number's tag, let somebody decide, and store what was decided.

        `wanted` is the number that the person is to have from now on; `second` says which other
        file is looked at with it.

        Raises:
            DoneBeforeError: the act's key has acted already; see `answered`.
            KeyReusedError: its key stands for another input.
            NotReachedError: the person is not reached on these terms.
            OtherVersionError: the file has changed.
            HistoryError: an act can't follow what happened, and nothing else was decided then.
            StepError: the same of a step of an application.
            RowTamperedError: a row is not as it was written.
        """

        def work(session: Session) -> Done[D]:
            if number is not None and second is not None:
                self._lock_both(session, number, second.number)
            file = None if number is None else self._find(session, number)
            if terms.once is not None:
                # Under the lock: what another request with this key has done is seen here.
                self._acts.require_first(session, terms.once)
            self._require(session, file, terms)
            if file is not None and wanted is not None:
                file = self._beside(session, file, wanted)
            if file is not None and second is not None:
                file = self._with_other(session, file, second)
            return self._store(session, file, decide(file), terms.once)

        return await self._in_one(work)

    async def follow_up(
        self, report: bytes, decide: Callable[[StoredReport], Written[D]], terms: Terms
    ) -> Done[D]:
        """Find a report of this office's division, let somebody decide, and store what was decided.

        Raises:
            DoneBeforeError: the act's key has acted already; see `answered`.
            KeyReusedError: its key stands for another input.
            NotReachedError: no such report lies in the division.
            OtherVersionError: the report has changed.
            RowTamperedError: the row is not as it was written.
        """

        def work(session: Session) -> Done[D]:
            found = find_report(session, self._intake.ring, report)
            if terms.once is not None:
                self._acts.require_first(session, terms.once)
            if (
                found is None
                or terms.case is None
                or not within(found.division, terms.case.division)
            ):
                raise NotReachedError
            if terms.version is not None and terms.version != found.version:
                raise OtherVersionError(found.version)
            return self._store(session, None, decide(found), terms.once)

        return await self._in_one(work)

    async def on_request(
        self,
        number: Tag,
        request: bytes,
        decide: Callable[[StoredRequest], Written[D]],
        terms: Terms,
    ) -> Done[D]:
        """Find a request of the person of an ID number's tag, let somebody decide, and store it.

        `terms.version` is the request's own.

        Raises:
            DoneBeforeError: the act's key has acted already; see `answered`.
            KeyReusedError: its key stands for another input.
            NotReachedError: the person is not reached on these terms, or has no such request.
            OtherVersionError: the request has changed.
            RowTamperedError: a row is not as it was written.
        """

        def work(session: Session) -> Done[D]:
            file = self._find(session, number)
            if terms.once is not None:
                self._acts.require_first(session, terms.once)
            self._require(session, file, replace(terms, version=None))
            if file is None:
                raise NotReachedError
            ring = self._intake.ring
            found = find_request(session, ring, person=file.person, request=request)
            if found is None or terms.case is None:
                raise NotReachedError
            # Who has moved away since is answered by the office that took the request.
            if not any(within(each.division, terms.case.division) for each in (file, found)):
                raise NotReachedError
            if terms.version is not None and terms.version != found.version:
                raise OtherVersionError(found.version)
            return self._store(session, file, decide(found), terms.once, about=found)

        return await self._in_one(work)

    async def on_answer(
        self,
        pointer: Pointer,
        asker: Asker,
        day: date,
        decide: Callable[[Answer], Written[D]],
        terms: Terms,
    ) -> Done[D]:
        """Find the answer of a department's own at which it points, and store what was decided.

        Raises:
            DoneBeforeError: the act's key has acted already; see `answered`.
            KeyReusedError: its key stands for another input.
            NotReachedError: there is no such answer of the asker's.
            RowTamperedError: a row is not as it was written.
            AuditDamagedError: a record is not as the log writes them.
        """

        def work(session: Session) -> Done[D]:
            hold_department(session, asker)
            if terms.once is not None:
                self._acts.require_first(session, terms.once)
            at = pointed_at(session, pointer, asker)
            if at is None:
                raise NotReachedError
            answer = Answer(
                at=at,
                about=self._place(session, at.person),
                waiting=waiting(session, asker, day),
                known=known_correction(session, self._intake.ring, asker, pointer, at),
            )
            return self._store(session, None, decide(answer), terms.once, about=answer.known)

        return await self._in_one(work)

    async def on_correction(
        self,
        number: Tag | None,
        correction: bytes,
        decide: Callable[[StoredCorrection, File | None], Written[D]],
        terms: Terms,
    ) -> Done[D]:
        """Find a department's request about this person, or about nobody yet, and store a decision.

        `terms.version` is the request's own.

        Raises:
            DoneBeforeError: the act's key has acted already; see `answered`.
            KeyReusedError: its key stands for another input.
            NotReachedError: the person is not reached on these terms, or the request is not theirs.
            OtherVersionError: the request has changed.
            RowTamperedError: a row is not as it was written.
        """

        def work(session: Session) -> Done[D]:
            file = None if number is None else self._find(session, number)
            if terms.once is not None:
                self._acts.require_first(session, terms.once)
            if number is not None:
                self._require(session, file, replace(terms, version=None))
            found = find_correction(session, self._intake.ring, correction)
            if found is None or not self._is_about(session, found, file, named=number is not None):
                raise NotReachedError
            if terms.version is not None and terms.version != found.version:
                raise OtherVersionError(found.version)
            return self._store(session, file, decide(found, file), terms.once, about=found)

        return await self._in_one(work)

    def _is_about(
        self, session: Session, found: StoredCorrection, file: File | None, *, named: bool
    ) -> bool:
        """Whether a request is about a file's person; where nobody is named, about nobody known.

        A file that was voided as a whole is nobody's, or what was matched to it could never end.
        """
        if not named:
            return self._place(session, found.person) is None
        return file is not None and found.person in {file.person, *absorbed_by(file.sources)}

    def _place(self, session: Session, person: bytes | None) -> Place | None:
        """Where somebody lives whose file stands."""
        if person is None:
            return None
        sources = self._intake.open(session, person, lock=False)
        if not stands(sources):
            return None
        return _place_of(self._file(session, sources))

    async def answered(
        self, once: Once, leave: Disclosure, record: Callable[[Kept], Draft]
    ) -> tuple[Kept, Receipt] | None:
        """Give the first answer to an act again, and record that it was given.

        Raises:
            KeyReusedError: the key stands for another input.
            DisclosureError: `answer` is not in the leave.
            RowTamperedError: a row is not as it was written.
        """

        def work(session: Session) -> tuple[Kept, Receipt] | None:
            kept = self._acts.kept(session, once, leave)
            if kept is None:
                return None
            (receipt,) = self._ledger.append_within(session, [record(kept)])
            return kept, receipt

        return await self._in_one(work)

    async def _in_one(self, work: Callable[[Session], T]) -> T:
        """Run in one transaction, again where another was faster or in the way.

        Another desk may have stored this person a moment ago, or done this very act: then there is
        a file to decide by, or an answer to repeat. Nothing of a try that failed is stored.
        """
        for _ in range(_TRIES - 1):
            try:
                return await self._database.write(work)
            except (AlreadyStoredError, TwiceAtOnceError, TransactionLostError):
                continue
        return await self._database.write(work)

    def _require(self, session: Session, file: File | None, terms: Terms) -> None:
        if terms.named is not None and (file is None or not file.is_named(terms.named)):
            raise NotReachedError
        if file is None:
            if terms.version is not None:
                # As whoever is stored and not reached: a version must not tell the two apart.
                raise NotReachedError
            return
        if terms.current and terms.named is not None and not file.is_named_now(terms.named):
            # Age and sex are read from a number: nothing is decided by one that was wrong.
            raise NotReachedError
        if terms.case is not None:
            kind = open_case_kind(
                session,
                self._intake.ring,
                person=file.person,
                division=terms.case.division,
                digest=terms.case.digest,
                day=terms.case.day,
            )
            ours = within(file.division, terms.case.division)
            if kind not in (terms.case.kinds if ours else terms.case.elsewhere):
                raise NotReachedError
        if terms.version is not None and terms.version != file.version:
            raise OtherVersionError(file.version)

    def _store(
        self,
        session: Session,
        file: File | None,
        written: Written[D],
        once: Once | None,
        *,
        about: About | None = None,
    ) -> Done[D]:
        """Store what was decided; `about` is the request that it is about, where it is one."""
        decision = written.decision
        person, version = (None, None) if file is None else (file.person, file.version)
        # Now: what is written changes the sources of the file.
        before = None if file is None else file.tellable
        recorded_at = stamp(written.record(decision, person).time)
        if file is not None and written.acts:
            try:
                with session.begin_nested():
                    version = self._write(session, file, written, recorded_at)
            except (HistoryError, StepError):
                if written.otherwise is None:
                    raise
                decision = written.otherwise
        elif file is None and written.new is not None:
            person = self._intake.register_one(session, written.new, recorded_at=recorded_at)
            version = 1
        self._two_officials(session, file, written, recorded_at)
        stored = person if written.acts or file is None else None
        self._cases(session, person, written)
        version, made = self._beside_acts(session, file, written, about, version, recorded_at)
        draft = written.record(decision, person)
        if written.hidden:
            person, version = None, None
        if once is not None:
            answer = once.answer(decision, version=version, made=made)
            self._acts.store(session, once, answer, person=person, recorded_at=recorded_at)
        if stored is not None:
            day = draft.time.astimezone(SHANGHAI).date()
            self._changes.note(session, stored, before, day=day, recorded_at=recorded_at)
        (receipt,) = self._ledger.append_within(session, [draft])
        return Done(
            decision=decision,
            person=person,
            version=version,
            receipt=receipt,
            report=made["report"],
            request=made["request"],
            correction=made["correction"],
        )

    def _beside_acts(  # noqa: PLR0917 — one beat of `_store`, with all that it has found so far
        self,
        session: Session,
        file: File | None,
        written: Written[D],
        about: About | None,
        version: int | None,
        recorded_at: str,
    ) -> tuple[int | None, dict[str, bytes | None]]:
        """Write what stands beside a file; the version of what it is about, and the ids."""
        ring = self._intake.ring
        made: dict[str, bytes | None] = dict.fromkeys(("report", "request", "correction"))
        if about is not None:
            made["request" if isinstance(about, StoredRequest) else "correction"] = about.id
            version = about.version
        if written.report is not None:
            version, made["report"] = self._report(session, written.report, recorded_at)
        if written.request is not None and file is not None:
            made["request"] = written.request.id
            person = file.sources.person
            version = write_request(session, ring, person, written.request, recorded_at=recorded_at)
        if written.correction is not None:
            made["correction"], version = self._correction(session, written.correction, recorded_at)
        if written.came is not None and file is not None:
            self._match(session, written.came, file, recorded_at)
        return version, made

    def _correction(
        self, session: Session, kept: KeptCorrection, recorded_at: str
    ) -> tuple[bytes, int | None]:
        """Write a department's request or its next step; its id, and the version for a desk."""
        version = write_correction(session, self._intake.ring, kept, recorded_at=recorded_at)
        return kept.id, None if isinstance(kept, NewCorrection) else version

    def _match(self, session: Session, came: Came, file: File, recorded_at: str) -> None:
        match_corrections(
            session,
            self._intake.ring,
            came,
            _place_of(file),
            formerly=absorbed_by(file.sources),
            recorded_at=recorded_at,
        )

    def _beside(self, session: Session, file: File, wanted: Tag) -> File:
        return replace(
            file,
            wanted_of=who_else_has(session, wanted, file.person),
            proposal=open_proposal(session, self._intake.ring, file.person),
        )

    def _write(self, session: Session, file: File, written: Written[D], recorded_at: str) -> int:
        """Store the acts, those on the other file first; return this file's version after them."""
        if file.other is not None and written.of_other:
            theirs = file.other.sources
            self._intake.write(session, theirs, written.of_other, recorded_at=recorded_at)
        return self._intake.write(session, file.sources, written.acts, recorded_at=recorded_at)

    def _lock_both(self, session: Session, *numbers: Tag) -> None:
        """Lock two persons in the one order in which all do, or two desks could wait for ever."""
        persons = {_who_has(session, number) for number in numbers} - {None}
        load_sources(
            session, self._intake.ring, [one for one in persons if one is not None], lock=True
        )

    def _with_other(self, session: Session, file: File, second: Second) -> File:
        ring = self._intake.ring
        other: File | None = None
        if second.absorbed:
            for person in absorbed_by(file.sources):
                sources = self._intake.open(session, person)
                sources.require_whole()
                found = self._file(session, sources)
                if second.terms.named is not None and found.is_named_now(second.terms.named):
                    other = found
                    break
            if other is None:
                raise NotReachedError
        else:
            other = self._find(session, second.number)
            self._require(session, other, second.terms)
            if other is not None:
                other = replace(other, asks=waits_for_answer(session, ring, other.person))
        wanted_of = None
        if other is not None and second.absorbed:
            wanted_of = who_else_has(session, second.number, other.person)
        return replace(
            file,
            other=other,
            wanted_of=wanted_of,
            proposal=open_proposal(session, ring, file.person),
        )

    def _two_officials(
        self, session: Session, file: File | None, written: Written[D], recorded_at: str
    ) -> None:
        if file is None:
            return
        ring = self._intake.ring
        if written.proposes is not None:
            write_proposal(
                session, ring, file.sources.person, written.proposes, recorded_at=recorded_at
            )
        if written.confirms is not None:
            end_proposal(
                session,
                ring,
                written.confirms,
                Ending.CONFIRMED,
                by=written.acts[-1].desk.official or "",
                recorded_at=recorded_at,
            )

    def _report(self, session: Session, kept: KeptReport, recorded_at: str) -> tuple[int, bytes]:
        """Write a report or its end; its version and id."""
        version = write_report(session, self._intake.ring, kept, recorded_at=recorded_at)
        return version, kept.id if isinstance(kept, TakenReport) else kept.report.id

    def _cases(self, session: Session, person: bytes | None, written: Written[D]) -> None:
        """Open the cases of who is stored, and close the one that ends."""
        if person is None:
            return
        ring = self._intake.ring
        if written.cases:
            open_cases(session, ring, [(person, case) for case in written.cases])
        ends = written.closes
        if ends is not None:
            close_case(
                session,
                ring,
                person=person,
                division=ends.division,
                digest=ends.digest,
                day=ends.day,
            )

    async def look(self, number: Tag) -> File | None:
        """Read the file of an ID number's tag, without keeping anybody away."""

        def work(session: Session) -> File | None:
            if session.get_bind().dialect.name == "postgresql":
                # Each statement would otherwise see what was committed since the one before.
                session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            return self._find(session, number, lock=False)

        return await self._database.read(work)

    def note(self, disclosure: Disclosure, file: File, event: RowValues) -> Mapping[str, object]:
        """Open what was said in words at one event.

        Raises:
            DisclosureError: `note` is not in the disclosure.
            RowTamperedError: the sealed bytes are not those that were written.
        """
        return self._vault.open_note(disclosure, file.sources.person, event)

    def core(self, disclosure: Disclosure, file: File) -> Mapping[str, object]:
        """Open a person's core, to be sealed anew.

        Raises:
            DisclosureError: `core` is not in the disclosure.
            RowTamperedError: the sealed bytes are not those that were written.
        """
        return self._vault.open_core(disclosure, file.sources.person)

    def _find(self, session: Session, number: Tag, *, lock: bool = True) -> File | None:
        ring = self._intake.ring
        current = _who_has(session, number)
        person = current or formerly(session, ring, number)
        if person is None:
            return None
        sources = self._intake.open(session, person, lock=lock)
        sources.require_whole()
        if not stands(sources):
            # Voided as a whole or merged into another file, a moment ago.
            return None
        named = sources.person["number_tag"] == tag_bytes(number)
        # Before the lock a number may have been the person's that is a former one now.
        if not named and _who_has(session, number) == person:
            raise tampered("lookup")
        return self._file(session, sources)

    def _file(self, session: Session, sources: Sources) -> File:
        person = sources.person["id"]
        period = sources.periods[-1] if sources.periods else None
        if period is None or not isinstance(person, bytes):
            raise tampered("lookup")
        known = {IDENTIFIED, MERGED}
        renamed = any(event["kind"] in known for event in sources.events)
        former = former_names(session, self._intake.ring, person) if renamed else frozenset()
        return File(
            person=person,
            version=integer(sources.person["revision"]),
            hukou_county=str(sources.person["hukou_county"]),
            county=str(period["county"]),
            township=str(period["township"] or ""),
            standing=standing_of(sources.events, self._calendar, self._policy),
            applications=applications_of(sources.events),
            sources=sources,
            former_names=former,
        )


def _place_of(file: File) -> Place:
    return Place(person=file.person, county=file.county, township=file.township)


def _who_has(session: Session, number: Tag) -> bytes | None:
    """Find who has a number now."""
    return session.scalar(
        select(Lookup.person).where(
            Lookup.index == ID_NUMBER,
            Lookup.version == number.version,
            Lookup.tag == number.value,
        )
    )


def filing_of(file: File, application: bytes) -> RowValues:
    """Return the event by which an application was filed.

    Raises:
        RowTamperedError: there is none.
    """
    for event in file.events:
        if event["kind"] == Step.FILED.value and event["application"] == application:
            return event
    raise tampered("event")
