"""The counter: takes a form, checks it whole, and has its act done once (ADR 11).

What an act needs before anything is decided (the key, the case, the presented name, the version
that the caller saw) is handed down as terms and looked at under the person's lock. Whatever
stands against an act is one refusal, recorded where somebody was refused something of a person;
a slip in a form is told and leaves no record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import uuid4

import orjson

from audit.entry import Draft, Outcome, Subject
from db.acts import DoneBeforeError, Kept, KeyReusedError, Once
from db.casefile import case_digest
from db.desk import Done, NotReachedError, OtherVersionError, Terms, UnderCase
from db.ledger import Receipt
from keys.ring import Purpose, Tag
from regulation.outcome import Actor, Decision
from resolvers.context import Context
from resolvers.desk import case
from resolvers.desk.acting import ACTION, Acting, Desk, claim_of, recorded_actor
from resolvers.desk.answer import Acted, Refused, RowActed, acted, told
from resolvers.desk.case import CaseKind
from resolvers.desk.correction import REQUESTING
from resolvers.desk.filled import ACTS, Act, sought
from resolvers.desk.form import FaultyFormError, FilledForm, Presented
from resolvers.faults import Fault
from resolvers.recording import Recorder

BATCH: Final = "endorsePermits"
OPENING: Final = "openCase"
_OF_A_DIVISION: Final = frozenset({OPENING, "registerResidence"})
"""Acts that need no open case, and so an office of some division."""
_NOT_REACHED: Final[Mapping[str, tuple[Fault, str]]] = MappingProxyType(
    {
        "closeReport": (Fault.REPORT_NOT_REACHED, "input.report"),
        "answerSubjectRequest": (Fault.SUBJECT_REQUEST_NOT_REACHED, "input.request"),
        "withdrawSubjectRequest": (Fault.SUBJECT_REQUEST_NOT_REACHED, "input.request"),
        REQUESTING: (Fault.ANSWER_NOT_REACHED, "input.answer"),
        "decideCorrection": (Fault.CORRECTION_NOT_REACHED, "input.correction"),
    }
)
"""What is told, and where, of an act that reaches nobody; the person of all others."""

MOST_BATCH: Final = 200
BACK_DATED_WORKING_DAYS: Final = 5
"""How many working days after it happened an act may still be entered."""

_KEY: Final = b"act-key\x00"
_INPUT: Final = b"act-input\x00"
"""Keep digests of acts apart from others under the same key."""


class ActRefusedError(Exception):
    """Nothing was done; `refused` says why, all at once, `receipt` where that is recorded."""

    def __init__(self, refused: Sequence[Refused], receipt: Receipt | None = None) -> None:
        super().__init__(" ".join(each.fault for each in refused))
        self.refused = tuple(refused)
        self.receipt = receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which request asks for an act: its context, and what a record names of its document.

    `shows` are the paths of persons that the caller's view reads, for an act that names one.
    """

    context: Context
    operation: str | None
    document: str | None
    shows: frozenset[str] = frozenset()


class Counter:
    """Has acts done. One for the process; it keeps nothing of a request."""

    __slots__ = ("_desk", "_office", "_recorder")

    def __init__(self, *, desk: Desk, recorder: Recorder, office: Callable[[Context], str]) -> None:
        """`office` names the caller's receiving office, as cards and receipts show it."""
        self._desk = desk
        self._recorder = recorder
        self._office = office

    async def act(self, name: str, given: Mapping[str, object], asked: Asked) -> Acted:
        """Do one act, or repeat the answer that its key was given.

        Raises:
            ActRefusedError: nothing was done.
        """
        form = FilledForm(given)
        key = form.key()
        happened_on, late_reason = self._when(form, asked.context.today)
        return await self._do(
            name, form, asked, key=key, given=given, when=(happened_on, late_reason)
        )

    async def batch(self, given: Mapping[str, object], asked: Asked) -> list[RowActed]:
        """Endorse up to 200 permits, each row for itself: one refusal never spoils the others.

        Raises:
            ActRefusedError: the batch as a whole can't be taken.
        """
        form = FilledForm(given)
        key = form.key()
        when = self._when(form, asked.context.today)
        rows = given.get("rows")
        rows = rows if isinstance(rows, list) else []
        if not 0 < len(rows) <= MOST_BATCH:
            form.fault("rows", Fault.FORM_ROWS)
        if form.faults:
            raise ActRefusedError(form.faults)
        return [
            await self._row(index, row, asked, key=key, when=when) for index, row in enumerate(rows)
        ]

    async def _row(
        self,
        index: int,
        row: Mapping[str, object],
        asked: Asked,
        *,
        key: str,
        when: tuple[date | None, str],
    ) -> RowActed:
        form = FilledForm(row, f"input.rows[{index}]")
        ref = form.text("ref", required=True, most=64)
        own = form.text("case", most=128)
        said, (day, late_reason) = dict(row), when
        if day is not None:
            # What holds of the whole batch is part of what each key stands for.
            said |= {"happenedOn": day.isoformat(), "lateReason": late_reason}
        context = replace(asked.context, case=own) if own else asked.context
        try:
            done = await self._do(
                BATCH,
                form,
                replace(asked, context=context),
                key=f"{key}\x1f{index}",
                given=said,
                when=when,
            )
        except ActRefusedError as error:
            return RowActed(ref=ref or None, faults=error.refused)
        return RowActed(ref=ref, acted=done)

    # --- one act -----------------------------------------------------------------------------

    async def _do(
        self,
        name: str,
        form: FilledForm,
        asked: Asked,
        *,
        key: str,
        given: Mapping[str, object],
        when: tuple[date | None, str],
    ) -> Acted:
        presented, act = ACTS[name](form)
        context = asked.context
        if name == OPENING:
            self._kind_fits(form, context)
        elif context.case is None:
            form.fault("case", Fault.CASE_REQUIRED)
        try:
            form.require()
        except FaultyFormError as error:
            raise ActRefusedError(error.faults) from None
        happened_on, late_reason = when
        acting = Acting(
            context=context,
            office=self._office(context),
            by=form.choice("by", Actor) or Actor.APPLICANT,
            day_of_act=happened_on,
            late_reason=late_reason,
            operation=asked.operation,
            document=asked.document,
        )
        if name == REQUESTING and form.text("field") not in asked.shows:
            # Whether the schema has the path or only others may read it: one and the same.
            refused = Refused(Fault.FIELD_FORBIDDEN, "input.field")
            raise await self._refused(name, acting, refused)
        number: str | None = None
        if name == OPENING:
            number = case.new_number(acting)
            acting = replace(acting, context=replace(context, case=number))
        once = self._once(name, key=key, given=given, context=context, number=number)
        terms = self._terms(name, once, presented, acting, form.whole("expectedVersion"))
        looked_for = sought(name, form, presented)
        return await self._once_only(name, act, replace(acting, terms=terms), looked_for, once)

    async def _once_only(
        self, name: str, act: Act, acting: Acting, looked_for: str, once: Once
    ) -> Acted:
        try:
            if acting.division is None and name in _OF_A_DIVISION:
                raise NotReachedError  # noqa: TRY301 — one way out
            done = await act(self._desk, acting)
        except DoneBeforeError:
            return await self._repeated(name, acting, once)
        except KeyReusedError:
            raise await self._refused(name, acting, Refused(Fault.IDEMPOTENCY_KEY_REUSED)) from None
        except OtherVersionError as error:
            refused = Refused(Fault.CONFLICT, "input.expectedVersion", error.version)
            raise await self._refused(name, acting, refused) from None
        except NotReachedError:
            refused = Refused(*_NOT_REACHED.get(name, (Fault.PERSON_NOT_REACHED, None)))
            raise await self._refused(name, acting, refused, missed=looked_for) from None
        return self._first(done, once)

    def _first(self, done: Done[Decision], once: Once) -> Acted:
        # Made of what is kept, so that the first answer and a repeated one can't differ.
        made = {"report": done.report, "request": done.request, "correction": done.correction}
        kept = once.answer(done.decision, version=done.version, made=made)
        return acted(kept, person=done.person, receipt=done.receipt)

    async def _repeated(self, name: str, acting: Acting, once: Once) -> Acted:
        def record(kept: Kept) -> Draft:
            fields = ((f"Mutation.{name}", "call", "plain"),)
            person = kept.person
            return Draft(
                id=uuid4().bytes,
                time=acting.context.now,
                request=acting.context.caller.request_id,
                action=ACTION,
                outcome=Outcome.RELEASED,
                actor=recorded_actor(acting.context),
                purpose=claim_of(self._desk, acting.context),
                revision=acting.context.revision,
                decision=f"Mutation.{name} repeated",
                operation=acting.operation,
                document=acting.document,
                subjects=() if person is None else (Subject(person=person, fields=fields),),
            )

        found = await self._desk.files.answered(once, acting.leave, record)
        if found is None:
            raise RuntimeError("an act that was done is gone: look for tampering with `act`")
        kept, receipt = found
        return acted(kept.answer, person=kept.person, receipt=receipt)

    async def _refused(
        self, name: str, acting: Acting, refused: Refused, *, missed: str = ""
    ) -> ActRefusedError:
        """Record that an act was refused, before it is told."""
        tags = (self._desk.ring.miss_tag(missed),) if missed else ()
        outcome = Outcome.MISSED if missed else Outcome.DENIED
        receipt = await self._recorder.refused(
            acting.context,
            outcome,
            f"Mutation.{name} {refused.fault.value}",
            action=ACTION,
            missed=tags,
        )
        return ActRefusedError([refused], receipt)

    # --- terms -------------------------------------------------------------------------------

    def _terms(
        self,
        name: str,
        once: Once,
        presented: Presented | None,
        acting: Acting,
        version: int | None,
    ) -> Terms:
        named: Tag | None = None
        if presented is not None:
            named = self._desk.ring.id_name_tag(presented.number, presented.name_key)
        number, division = acting.context.case, acting.division
        under: UnderCase | None = None
        if name != OPENING:
            digest = case_digest(self._desk.ring, number or "")
            under = case.under_case(name, division or "", digest, acting.context)
        return Terms(once=once, named=named, current=True, case=under, version=version)

    def _once(
        self,
        name: str,
        *,
        key: str,
        given: Mapping[str, object],
        context: Context,
        number: str | None,
    ) -> Once:
        caller = context.caller
        said = orjson.dumps(
            [name, caller.department, caller.official, context.purpose, context.case, given],
            option=orjson.OPT_SORT_KEYS,
        )
        ring = self._desk.ring
        # An office's own: many may come through one identity provider, each counting from one.
        whose = orjson.dumps([caller.department, caller.division, key])

        def says(decision: Decision) -> dict[str, object]:
            kept: dict[str, object] = {"decision": told(decision), "official": caller.official}
            return kept if number is None else {**kept, "case": number}

        return Once(
            client=caller.client,
            key=ring.digest(Purpose.PSEUDONYM, _KEY + whose),
            input=ring.digest(Purpose.PSEUDONYM, _INPUT + said),
            says=says,
        )

    def _when(self, form: FilledForm, today: date) -> tuple[date | None, str]:
        """The day on which it happened, where that was earlier, with the reason (article 30)."""
        day, reason = form.day("happenedOn"), form.text("lateReason")
        if day is None or day == today:
            return None, reason
        if day > today:
            form.fault("happenedOn", Fault.DAY_AHEAD)
        elif self._desk.calendar.add_working_days(day, BACK_DATED_WORKING_DAYS).day < today:
            form.fault("happenedOn", Fault.DAY_TOO_OLD)
        if not reason:
            form.fault("lateReason", Fault.LATE_REASON_REQUIRED)
        return day, reason

    @staticmethod
    def _kind_fits(form: FilledForm, context: Context) -> None:
        kind = form.choice("kind", CaseKind) or CaseKind.ENQUIRY
        if kind in case.PURPOSES and context.purpose not in case.PURPOSES[kind]:
            form.fault("kind", Fault.KIND_OF_CASE)
