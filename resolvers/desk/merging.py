"""Two files of one person are merged at a desk, and split again, by two officials (article 30).

Both are presented, each under a case that reaches it. The file that is merged into the other keeps
its events and is found by nobody; desks find the other one by its number. A split restores it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import orjson

from audit.entry import Draft
from db.casefile import case_digest
from db.desk import Done, File, OtherVersionError, Second, Terms, Written
from db.facts import Join
from db.in_force import ABSORBED, MERGED, RESTORED, SPLIT
from db.proposals import NewProposal, ProposalKind, StoredProposal, proposal_digest
from regulation.identity import Proposed, propose_until
from regulation.merging import Joining, judge_confirmed_joining, judge_proposed_joining
from regulation.outcome import Decision, Outcome
from resolvers.desk.acting import Acting, Desk, also_about, recorder
from resolvers.desk.form import Presented

_PATHS: Final = {
    (ProposalKind.MERGE, False): "Mutation.proposeMerge",
    (ProposalKind.MERGE, True): "Mutation.confirmMerge",
    (ProposalKind.SPLIT, False): "Mutation.proposeSplit",
    (ProposalKind.SPLIT, True): "Mutation.confirmSplit",
}
_STEPS: Final = {
    ProposalKind.MERGE: (MERGED, ABSORBED),
    ProposalKind.SPLIT: (SPLIT, RESTORED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The file that goes on and the other one; papers and reason. Its repr shows none of it.

    `other_case` is the case under which the other is reached, where it is not the request's.
    """

    kind: ProposalKind
    goes_on: Presented = field(repr=False)
    other: Presented = field(repr=False)
    other_case: str = field(default="", repr=False)
    materials: frozenset[str] = frozenset()
    reason: str = field(default="", repr=False)


async def propose(desk: Desk, acting: Acting, pair: Pair) -> Done[Decision]:
    """Enter a merge or a split as the first of two officials."""

    def decide(found: File | None) -> Written[Decision]:
        parameters = desk.on(acting.day)
        until = propose_until(acting.day, desk.calendar, parameters)
        decision = judge_proposed_joining(_entered(acting, found, pair), until, parameters)
        proposal: NewProposal | None = None
        other = None if found is None else found.other
        if found is not None and other is not None and decision.outcome is Outcome.PENDING:
            proposal = NewProposal(
                kind=pair.kind,
                version=found.version,
                other=other.person,
                other_version=other.version,
                digest=_digest(desk, pair),
                official=acting.context.caller.official,
                office=acting.office,
                proposed_on=acting.day,
                until=until.day,
                contents=_papers(pair),
            )
        record = _recorder(desk, acting, pair, found, confirms=False)
        return Written(decision=decision, record=record, proposes=proposal)

    return await _act(desk, acting, pair, decide)


async def confirm(desk: Desk, acting: Acting, pair: Pair) -> Done[Decision]:
    """Enter the same as the second official: from now on it holds.

    Raises:
        OtherVersionError: one of the files has changed since it was proposed.
    """

    def decide(found: File | None) -> Written[Decision]:
        waiting = _waiting(found, pair)
        decision = judge_confirmed_joining(
            _entered(acting, found, pair),
            _proposed(desk, acting, waiting, pair),
            day=acting.day,
            parameters=desk.on(acting.day),
        )
        record = _recorder(desk, acting, pair, found, confirms=True)
        other = None if found is None else found.other
        if found is None or other is None or waiting is None:
            return Written(decision=decision, record=record)
        if decision.outcome is not Outcome.RECORDED:
            return Written(decision=decision, record=record)
        note = {"proposedBy": waiting.official, **_papers(pair)}
        mine, theirs = (
            Join(
                happened_on=acting.day,
                kind=kind,
                other=file.person,
                office=acting.office,
                desk=acting.at_desk(note),
            )
            for kind, file in zip(_STEPS[pair.kind], (other, found), strict=True)
        )
        return Written(
            decision=decision, record=record, acts=[mine], of_other=[theirs], confirms=waiting
        )

    return await _act(desk, acting, pair, decide)


async def _act(
    desk: Desk,
    acting: Acting,
    pair: Pair,
    decide: Callable[[File | None], Written[Decision]],
) -> Done[Decision]:
    ring, case = desk.ring, acting.terms.case
    if case is not None and pair.other_case:
        digest = case_digest(ring, pair.other_case)
        case = replace(case, digest=digest)
    second = Second(
        number=ring.id_number_tag(pair.other.number),
        terms=Terms(
            named=ring.id_name_tag(pair.other.number, pair.other.name_key),
            current=True,
            case=case,
        ),
        absorbed=pair.kind is ProposalKind.SPLIT,
    )
    number = ring.id_number_tag(pair.goes_on.number)
    return await desk.files.act(number, decide, acting.terms, second=second)


def _entered(acting: Acting, found: File | None, pair: Pair) -> Joining:
    other = None if found is None else found.other
    merges = pair.kind is ProposalKind.MERGE
    return Joining(
        official=acting.context.caller.official,
        materials=pair.materials,
        reasoned=bool(pair.reason.strip()),
        same_file=found is None or other is None or other.person == found.person,
        holds=merges and _holds(found),
        other_holds=merges and _holds(other),
        other_applies=merges and other is not None and other.open_application is not None,
        other_asks=merges and other is not None and other.asks,
        of_another=found is not None and found.wanted_of is not None,
        longer=merges and _longer(found, other),
    )


def _holds(file: File | None) -> bool:
    permit = None if file is None else file.standing.permit
    return permit is not None and permit.cancelled_on is None


def _longer(found: File | None, other: File | None) -> bool:
    ours = None if found is None else found.standing.clock_start
    theirs = None if other is None else other.standing.clock_start
    return theirs is not None and (ours is None or theirs < ours)


def _waiting(found: File | None, pair: Pair) -> StoredProposal | None:
    waiting = None if found is None else found.proposal
    if found is None or waiting is None or waiting.kind is not pair.kind:
        return None
    if waiting.version != found.version:
        raise OtherVersionError(found.version)
    other = found.other
    meant = other is not None and waiting.values["other"] == other.person
    if other is not None and meant and other.version != waiting.other_version:
        raise OtherVersionError(other.version)
    return waiting


def _proposed(
    desk: Desk, acting: Acting, waiting: StoredProposal | None, pair: Pair
) -> Proposed | None:
    if waiting is None or not desk.serves(acting.context, waiting.official):
        return None
    same = waiting.is_of(_digest(desk, pair))
    return Proposed(official=waiting.official, until=waiting.until, same=same)


def _digest(desk: Desk, pair: Pair) -> bytes:
    entered = [pair.kind, pair.goes_on.number, pair.other.number]
    return proposal_digest(desk.ring, orjson.dumps(entered))


def _papers(pair: Pair) -> dict[str, object]:
    return {"materials": sorted(pair.materials), "inWords": pair.reason}


def _recorder(
    desk: Desk, acting: Acting, pair: Pair, found: File | None, *, confirms: bool
) -> Callable[[Decision, bytes | None], Draft]:
    """The record names both: whoever asks what became of either is told of it."""
    path = _PATHS[pair.kind, confirms]
    first = recorder(desk, acting, path)
    other = None if found is None else found.other

    def record(decision: Decision, person: bytes | None) -> Draft:
        draft = first(decision, person)
        return draft if other is None else also_about(draft, other.person, path)

    return record
