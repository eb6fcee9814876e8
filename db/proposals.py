"""Proposals: what one official has entered and a second one has to enter again (ADR 19).

A row keeps a keyed digest of what is proposed, so that the second entry can be compared without
opening the first; the entry itself is sealed under the person's key. One proposal of a person is
open at most: a later one replaces it. Nothing of a file changes until a proposal is confirmed.

This module never decides and never opens what was proposed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.inserting import insert_rows
from db.models import Proposal, table_of
from db.rows import PROPOSAL, RowValues, integer, tampered
from keys.ring import KeyRing, Purpose, tag_of

_DOMAIN: Final = b"proposal\x00"


class ProposalKind(StrEnum):
    """What takes two officials."""

    IDENTITY = "identity"
    MERGE = "merge"
    SPLIT = "split"


class Ending(StrEnum):
    """How a proposal ended; one that expired has no ending."""

    CONFIRMED = "confirmed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProposal:
    """What an official proposes of a person at this version of the file."""

    kind: ProposalKind
    version: int
    digest: bytes = field(repr=False)
    official: str
    office: str
    proposed_on: date
    until: date
    contents: Mapping[str, object] = field(repr=False)
    other: bytes | None = field(default=None, repr=False)
    other_version: int | None = None


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """An open proposal whose row was verified."""

    values: RowValues = field(repr=False)

    @property
    def kind(self) -> ProposalKind:
        """What is proposed."""
        return ProposalKind(str(self.values["kind"]))

    @property
    def version(self) -> int:
        """The file's version when it was proposed."""
        return integer(self.values["version"])

    @property
    def other_version(self) -> int | None:
        """The other file's version then; None where there is no other."""
        found = self.values["other_version"]
        return None if found is None else integer(found)

    @property
    def official(self) -> str:
        """Who proposed it."""
        return str(self.values["official"])

    @property
    def until(self) -> date:
        """The last day on which it may be confirmed."""
        return date.fromisoformat(str(self.values["until"]))

    def is_of(self, digest: bytes) -> bool:
        """Whether this is what was proposed."""
        return self.values["digest"] == digest


def proposal_digest(ring: KeyRing, entered: bytes) -> bytes:
    """Return the digest by which two entries are compared."""
    return ring.digest(Purpose.PSEUDONYM, _DOMAIN + entered)


def open_proposal(session: Session, ring: KeyRing, person: bytes) -> StoredProposal | None:
    """Read the open proposal of a person, whose row is locked.

    Raises:
        RowTamperedError: the row is not as it was written, or there are two.
    """
    table = table_of(Proposal)
    wanted = select(table).where(table.c.person == person, table.c.ended.is_(None))
    rows: list[RowValues] = [dict(row) for row in session.execute(wanted).mappings()]
    for row in rows:
        PROPOSAL.require(ring, row)
    if len(rows) > 1:
        raise tampered(PROPOSAL.table)
    return StoredProposal(rows[0]) if rows else None


def write_proposal(
    session: Session, ring: KeyRing, person: RowValues, new: NewProposal, *, recorded_at: str
) -> None:
    """Store a proposal in the place of the one that is open."""
    owner, wrapped = person["id"], person["wrapped_key"]
    if not (isinstance(owner, bytes) and isinstance(wrapped, bytes)):
        raise tampered("person")
    standing = open_proposal(session, ring, owner)
    if standing is not None:
        end_proposal(
            session, ring, standing, Ending.REPLACED, by=new.official, recorded_at=recorded_at
        )
    row, generation = uuid4().bytes, integer(person["generation"])
    sealed = ring.seal_group(
        ring.unwrap_data_key(owner, wrapped),
        table=PROPOSAL.table,
        group="contents",
        row=row,
        generation=generation,
        value=new.contents,
    )
    values: RowValues = {
        "id": row,
        "person": owner,
        "kind": new.kind.value,
        "version": new.version,
        "other": new.other,
        "other_version": new.other_version,
        "digest": new.digest,
        "official": new.official,
        "office": new.office,
        "proposed_on": new.proposed_on.isoformat(),
        "until": new.until.isoformat(),
        "recorded_at": recorded_at,
        "ended": None,
        "ended_by": None,
        "ended_at": None,
        "generation": generation,
        "contents": sealed,
        "contents_tag": tag_of(sealed),
    }
    insert_rows(session, Proposal, [PROPOSAL.sign(ring, values)])


def end_proposal(
    session: Session,
    ring: KeyRing,
    proposal: StoredProposal,
    ending: Ending,
    *,
    by: str,
    recorded_at: str,
) -> None:
    """Note how a proposal ended, and through whom; the row stays."""
    row = dict(proposal.values)
    row |= {"ended": ending.value, "ended_by": by, "ended_at": recorded_at}
    PROPOSAL.sign(ring, row)
    table = table_of(Proposal)
    changed = ("ended", "ended_by", "ended_at", "row_mac")
    session.execute(
        update(table).where(table.c.id == row["id"]).values({name: row[name] for name in changed})
    )
