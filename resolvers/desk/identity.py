"""A name or an ID number is corrected at a desk, by two officials who enter the same (article 30).

The second entry is made from the papers, not from the first one: it is compared with it by a keyed
digest, and nobody is shown what the other entered. Nothing of the file changes before.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import orjson

from audit.entry import Draft
from db.desk import Done, File, OtherVersionError, Written
from db.facts import Act, Identify
from db.proposals import NewProposal, ProposalKind, StoredProposal, proposal_digest
from keys.ring import Tag
from policies.table import leave_to_reseal
from regulation.id_number import IdNumber
from regulation.identity import (
    Correction,
    Proposed,
    judge_confirmed_identity,
    judge_proposed_identity,
    propose_until,
)
from regulation.outcome import Decision, Outcome
from regulation.person_name import match_key, stored_name
from resolvers.desk.acting import Acting, Desk, also_about, recorder
from resolvers.desk.form import Presented

PROPOSE: Final = "Mutation.proposeIdentityChange"
CONFIRM: Final = "Mutation.confirmIdentityChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is to be recorded from now on, by which papers and why; None and empty where it stays.

    Its repr shows none of it.
    """

    number: IdNumber | None = None
    name: str = ""
    materials: frozenset[str] = frozenset()
    reason: str = field(default="", repr=False)

    def __repr__(self) -> str:
        """Show no value of a person."""
        return "Identity()"


async def propose(
    desk: Desk, acting: Acting, presented: Presented, change: Identity
) -> Done[Decision]:
    """Enter a correction as the first of two officials; it replaces one that still waits."""
    wanted = desk.ring.id_number_tag(change.number or presented.number)

    def decide(found: File | None) -> Written[Decision]:
        parameters = desk.on(acting.day)
        until = propose_until(acting.day, desk.calendar, parameters)
        entered = _entered(desk, acting, found, presented, change)
        decision = judge_proposed_identity(entered, until, parameters)
        proposal: NewProposal | None = None
        if found is not None and decision.outcome is Outcome.PENDING:
            proposal = NewProposal(
                kind=ProposalKind.IDENTITY,
                version=found.version,
                digest=_digest(desk, presented, change),
                official=acting.context.caller.official,
                office=acting.office,
                proposed_on=acting.day,
                until=until.day,
                contents={
                    "idNumber": change.number or "",
                    "name": change.name and stored_name(change.name),
                    **_papers(change),
                },
            )
        record = _recorder(desk, acting, PROPOSE, found, change)
        return Written(decision=decision, record=record, proposes=proposal)

    return await desk.files.act(
        desk.ring.id_number_tag(presented.number), decide, acting.terms, wanted=wanted
    )


async def confirm(
    desk: Desk, acting: Acting, presented: Presented, change: Identity
) -> Done[Decision]:
    """Enter the same correction as the second official: from now on it holds.

    Raises:
        OtherVersionError: the file has changed since it was proposed.
    """
    wanted = desk.ring.id_number_tag(change.number or presented.number)

    def decide(found: File | None) -> Written[Decision]:
        waiting = None if found is None else found.proposal
        if found is not None and waiting is not None and waiting.version != found.version:
            raise OtherVersionError(found.version)
        decision = judge_confirmed_identity(
            _entered(desk, acting, found, presented, change),
            _proposed(desk, acting, waiting, presented, change),
            day=acting.day,
            parameters=desk.on(acting.day),
        )
        acts: list[Act] = []
        holds = found is not None and decision.outcome is Outcome.RECORDED
        if found is not None and waiting is not None and holds:
            acts = [_identify(desk, acting, found, presented, change, waiting=waiting)]
        return Written(
            decision=decision,
            acts=acts,
            record=_recorder(desk, acting, CONFIRM, found, change),
            confirms=waiting if holds else None,
        )

    return await desk.files.act(
        desk.ring.id_number_tag(presented.number), decide, acting.terms, wanted=wanted
    )


def _identify(
    desk: Desk,
    acting: Acting,
    found: File,
    presented: Presented,
    change: Identity,
    *,
    waiting: StoredProposal,
) -> Identify:
    context = acting.context
    leave = leave_to_reseal(context.revision, context.purpose or "")
    note = {"proposedBy": waiting.official, **_papers(change)}
    return Identify(
        happened_on=acting.day,
        number=change.number or presented.number,
        name=change.name and stored_name(change.name),
        office=acting.office,
        former=desk.files.core(leave, found),
        desk=acting.at_desk(note),
    )


def _entered(
    desk: Desk, acting: Acting, found: File | None, presented: Presented, change: Identity
) -> Correction:
    return Correction(
        official=acting.context.caller.official,
        changes=found is not None and not found.is_named_now(_named(desk, presented, change)),
        of_another=found is not None and found.wanted_of is not None,
        materials=change.materials,
        reasoned=bool(change.reason.strip()),
    )


def _named(desk: Desk, presented: Presented, change: Identity) -> Tag:
    name = match_key(change.name) if change.name else presented.name_key
    return desk.ring.id_name_tag(change.number or presented.number, name)


def _proposed(
    desk: Desk,
    acting: Acting,
    waiting: StoredProposal | None,
    presented: Presented,
    change: Identity,
) -> Proposed | None:
    if waiting is None or waiting.kind is not ProposalKind.IDENTITY:
        return None
    if not desk.serves(acting.context, waiting.official):
        return None
    same = waiting.is_of(_digest(desk, presented, change))
    return Proposed(official=waiting.official, until=waiting.until, same=same)


def _digest(desk: Desk, presented: Presented, change: Identity) -> bytes:
    number = change.number or presented.number
    name = change.name and stored_name(change.name)
    return proposal_digest(desk.ring, orjson.dumps([ProposalKind.IDENTITY, number, name]))


def _recorder(
    desk: Desk, acting: Acting, path: str, found: File | None, change: Identity
) -> Callable[[Decision, bytes | None], Draft]:
    """Whoever enters a number learns whether it is stored: the record says of whom it was asked."""
    first = recorder(desk, acting, path)
    other = None if found is None else found.wanted_of

    def record(decision: Decision, person: bytes | None) -> Draft:
        draft = first(decision, person)
        if change.number is None:
            return draft
        if other is None:
            return replace(draft, missed=(desk.ring.miss_tag(change.number),))
        return also_about(draft, other, path)

    return record


def _papers(change: Identity) -> dict[str, object]:
    return {"materials": sorted(change.materials), "inWords": change.reason}
