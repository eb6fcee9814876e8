"""What a desk reads and writes of one person: the file, opened and closed in one transaction.

A person's row is the lock: whoever has opened a file decides by what stands, and nobody else acts
on that person until the transaction ends (article 17: one person, one permit). What was decided,
its events, the read model and the audit record stand or fall together.

This module never decides; it hands the file to whoever does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from audit.entry import Draft, stamp
from db.application_rows import applications_of
from db.database import Database
from db.errors import AlreadyStoredError
from db.facts import Act, NewPerson
from db.intake import Intake
from db.ledger import Ledger
from db.lookup import ID_NUMBER, tag_bytes
from db.models import Lookup
from db.read_model import standing_of
from db.rows import RowValues, Sources, integer, tampered
from db.sealed import Vault
from keys.ring import Tag
from policies.permission import Disclosure
from regulation.calendar import WorkingCalendar
from regulation.history import HistoryError, Standing
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.proceedings import ApplicationStanding, Step, StepError

D = TypeVar("D")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One person as a desk finds them; `version` is the number of the last change."""

    person: bytes
    version: int
    hukou_county: str
    county: str
    township: str
    standing: Standing
    applications: tuple[ApplicationStanding, ...]
    sources: Sources = field(repr=False)

    @property
    def division(self) -> str:
        """The code of the place of residence: a township's where it is known, else a county's."""
        return self.township or self.county

    def is_named(self, tag: Tag) -> bool:
        """Whether the person is stored under the name and number of this tag."""
        return bool(self.sources.person["name_tag"] == tag_bytes(tag))

    @property
    def last_day(self) -> date:
        """The day of the last act: what comes later can't have happened before it."""
        return max(date.fromisoformat(str(each["reported_on"])) for each in self.sources.events)

    @property
    def open_application(self) -> ApplicationStanding | None:
        """The application that is open; there is one at most (article 17)."""
        return next((each for each in self.applications if each.is_open), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Generic[D]):
    """What a use case has decided, and what of it is to be stored.

    Where there is no file, `new` stores a person. `record` makes the audit record of a decision
    once the person's id is known. `otherwise` is what was decided where the acts turn out not to
    fit what happened before: nothing of them is stored then.
    """

    decision: D
    record: Callable[[D, bytes | None], Draft]
    acts: Sequence[Act] = ()
    new: NewPerson | None = None
    otherwise: D | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[D]):
    """A decision that stands; `version` is the person's after it, None where nobody is stored."""

    decision: D
    person: bytes | None
    version: int | None


class Files:
    """Opens files under one key ring, calendar and policy. One for the process."""

    __slots__ = ("_calendar", "_database", "_intake", "_ledger", "_policy", "_vault")

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

    async def act(self, number: Tag | None, decide: Callable[[File | None], Written[D]]) -> Done[D]:
        """Find the person of an ID number's tag, let somebody decide, and store what was decided.

        Raises:
            HistoryError: an act can't follow what happened, and nothing else was decided then.
            StepError: the same of a step of an application.
            RowTamperedError: a row is not as it was written.
        """

        def work(session: Session) -> Done[D]:
            file = None if number is None else self._find(session, number)
            return self._store(session, file, decide(file))

        try:
            return await self._database.write(work)
        except AlreadyStoredError:
            # Another desk has stored this person a moment ago: now there is a file to decide by.
            return await self._database.write(work)

    def _store(self, session: Session, file: File | None, written: Written[D]) -> Done[D]:
        decision = written.decision
        person, version = (None, None) if file is None else (file.person, file.version)
        recorded_at = stamp(written.record(decision, person).time)
        if file is not None and written.acts:
            try:
                with session.begin_nested():
                    version = self._intake.write(
                        session, file.sources, written.acts, recorded_at=recorded_at
                    )
            except (HistoryError, StepError):
                if written.otherwise is None:
                    raise
                decision = written.otherwise
        elif file is None and written.new is not None:
            person = self._intake.register_one(session, written.new, recorded_at=recorded_at)
            version = 1
        self._ledger.append_within(session, [written.record(decision, person)])
        return Done(decision=decision, person=person, version=version)

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

    def _find(self, session: Session, number: Tag, *, lock: bool = True) -> File | None:
        person = session.scalar(
            select(Lookup.person).where(
                Lookup.index == ID_NUMBER,
                Lookup.version == number.version,
                Lookup.tag == number.value,
            )
        )
        if person is None:
            return None
        sources = self._intake.open(session, person, lock=lock)
        sources.require_whole()
        period = sources.periods[-1] if sources.periods else None
        if period is None or sources.person["number_tag"] != tag_bytes(number):
            raise tampered("lookup")
        return File(
            person=person,
            version=integer(sources.person["revision"]),
            hukou_county=str(sources.person["hukou_county"]),
            county=str(period["county"]),
            township=str(period["township"] or ""),
            standing=standing_of(sources.events, self._calendar, self._policy),
            applications=applications_of(sources.events),
            sources=sources,
        )


def filing_of(file: File, application: bytes) -> RowValues:
    """Return the event by which an application was filed.

    Raises:
        RowTamperedError: there is none.
    """
    for event in file.sources.events:
        if event["kind"] == Step.FILED.value and event["application"] == application:
            return event
    raise tampered("event")
