"""Following a case: a partner department asks to be told what changes of a presented person.

A follow is of the request's own case and of the person whose card was presented, reached by the
same row rules as `person` and `verify` (articles 24–26, 28). Whoever is not reached is followed in
the same way without effect: the answer is the same in every byte, and no change ever comes. What
has changed is told without name and reason: only that it is worth asking again.

Keeping and ending need no key of their own: done twice they come to the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import uuid4

from audit.entry import Draft, Outcome, PurposeClaim, Subject
from db.casefile import case_digest
from db.follows import Followed, Follows
from db.ledger import Receipt
from db.load import PersonLoad, ScopeFacts
from db.reads import PersonReads
from keys.ring import KeyRing
from regulation.parameters import Parameters, Schedule
from regulation.told import longest_follow
from resolvers.context import Context
from resolvers.desk.acting import ACTION, recorded_actor
from resolvers.desk.counter import ActRefusedError, Asked
from resolvers.desk.form import FilledForm
from resolvers.faults import Fault

FOLLOW: Final = "followCase"
UNFOLLOW: Final = "unfollowCase"
MOST_REF: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFollowed:
    """The answer to keeping or ending a follow; `until` is None for one that is ended."""

    case: str = field(repr=False)
    ref: str = field(repr=False)
    until: str | None
    receipt: Receipt


class Following:
    """Has cases followed. One for the process; it keeps nothing of a request."""

    __slots__ = ("_follows", "_policy", "_reads", "_ring")

    def __init__(
        self,
        *,
        reads: PersonReads,
        follows: Follows,
        ring: KeyRing,
        policy: Parameters | Schedule,
    ) -> None:
        self._reads = reads
        self._follows = follows
        self._ring = ring
        self._policy = policy

    async def follow(
        self, given: Mapping[str, object], load: PersonLoad, asked: Asked
    ) -> CaseFollowed:
        """Follow the request's case with a presented person; `load` says whom the caller reaches.

        Raises:
            ActRefusedError: the form has faults, all of them told at once.
        """
        context = asked.context
        form = FilledForm(given)
        followed = self._followed(form, context)
        presented = form.presented("presented")
        until = self._until(form, context)
        if form.faults:
            raise ActRefusedError(form.faults)
        facts = ScopeFacts(
            day=context.today, division=None, case=case_digest(self._ring, followed.case)
        )
        tag = self._ring.id_name_tag(presented.number, presented.name_key)
        row = await self._reads.one(load, tag, facts)
        person = None if row is None else row.person

        def record() -> Draft:
            missed = () if person is not None else (self._ring.miss_tag(presented.number),)
            return self._record(FOLLOW, asked, person=person, missed=missed)

        receipt = await self._follows.keep(followed, person, until, record)
        return CaseFollowed(
            case=followed.case, ref=followed.ref, until=until.isoformat(), receipt=receipt
        )

    async def unfollow(self, given: Mapping[str, object], asked: Asked) -> CaseFollowed:
        """Follow a person of the request's case no more.

        Raises:
            ActRefusedError: the form has faults.
        """
        form = FilledForm(given)
        followed = self._followed(form, asked.context)
        if form.faults:
            raise ActRefusedError(form.faults)
        receipt = await self._follows.end(followed, lambda: self._record(UNFOLLOW, asked))
        return CaseFollowed(case=followed.case, ref=followed.ref, until=None, receipt=receipt)

    @staticmethod
    def _followed(form: FilledForm, context: Context) -> Followed:
        ref = form.text("ref", required=True, most=MOST_REF)
        if context.case is None:
            form.fault("case", Fault.CASE_REQUIRED)
        return Followed(
            department=context.caller.department,
            purpose=context.purpose or "",
            case=context.case or "",
            ref=ref,
        )

    def _until(self, form: FilledForm, context: Context) -> date:
        policy = self._policy
        parameters = policy.on(context.today) if isinstance(policy, Schedule) else policy
        longest = longest_follow(context.purpose or "", context.today, parameters)
        until = form.day("until", required=True)
        if until is not None and not context.today <= until <= longest:
            form.fault("until", Fault.FOLLOW_DAYS)
        return until or context.today

    def _record(
        self,
        name: str,
        asked: Asked,
        *,
        person: bytes | None = None,
        missed: Sequence[bytes] = (),
    ) -> Draft:
        context = asked.context
        purpose: PurposeClaim | None = None
        case = None if context.case is None else case_digest(self._ring, context.case).hex()
        if context.purpose is not None and context.article is not None:
            purpose = PurposeClaim(code=context.purpose, article=context.article, case=case)
        fields = ((f"Mutation.{name}", "call", "plain"),)
        subjects = () if person is None else (Subject(person=person, fields=fields, case=case),)
        return Draft(
            id=uuid4().bytes,
            time=context.now,
            request=context.caller.request_id,
            action=ACTION,
            outcome=Outcome.MISSED if missed else Outcome.RELEASED,
            actor=recorded_actor(context),
            purpose=purpose,
            revision=context.revision,
            decision=f"Mutation.{name}",
            operation=asked.operation,
            document=asked.document,
            subjects=subjects,
            missed=missed,
        )
