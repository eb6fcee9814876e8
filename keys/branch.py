"""Branch keys: one random key per purpose and version, wrapped by the root key.

A row of the branch key table is plain to whoever runs the database, so it carries a check value
under the root key over everything it says, its state too. All check values are compared before
any key is unwrapped: a wrong root key is found before data is touched, and a row that was moved,
relabelled or revived is found as altered. This module never decides when a key rotates, and never
reads or writes a table.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hmac import compare_digest
from typing import Final
from uuid import uuid4

from keys.errors import (
    BranchKeyAlteredError,
    BranchKeyError,
    OpenError,
    SealError,
    WrongRootKeyError,
)
from keys.root import ROOT_KEY_VERSION, RootKey
from keys.seal import (
    RandomSource,
    length_prefixed,
    open_sealed,
    place_of,
    row_part,
    seal,
)
from keys.suites import KEY_BYTES, AllowedSuites, Kind, Suite

BRANCH_KEY_TABLE: Final = "branch_key"
CHECK_BYTES: Final = 16
SIV_KEY_BYTES: Final = 64
_MAX_VERSION: Final = 2**32 - 1


class Purpose(StrEnum):
    """What a branch key is for. One key never serves two purposes."""

    DATA_KEY = "data-key"
    INDEX_ID_NUMBER = "index:id-number"
    INDEX_ID_NAME = "index:id-name"
    INDEX_NAME_BIRTH = "index:name-birth"
    ROW_MAC = "row-mac"
    AUDIT_DETAIL = "audit-detail"
    AUDIT_COMMITMENT = "audit-commitment"
    AUDIT_MISS = "audit-miss"
    PSEUDONYM = "pseudonym"
    NODE_ID = "node-id"
    IMPORT_DIGEST = "import-digest"


_ENCRYPTING: Final = frozenset({Purpose.DATA_KEY, Purpose.AUDIT_DETAIL, Purpose.NODE_ID})


class State(StrEnum):
    """The life of a branch key, in this order. None is skipped backwards."""

    PENDING = "pending"
    ACTIVE = "active"
    DECRYPT_ONLY = "decrypt-only"
    DESTROYED = "destroyed"


_NEXT: Final[dict[State, frozenset[State]]] = {
    State.PENDING: frozenset({State.ACTIVE, State.DESTROYED}),
    State.ACTIVE: frozenset({State.DECRYPT_ONLY}),
    State.DECRYPT_ONLY: frozenset({State.DESTROYED}),
    State.DESTROYED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchKeyRow:
    """One row of the branch key table. `wrapped` is None once the key is destroyed."""

    id: bytes
    purpose: str
    version: int
    state: str
    wrapped: bytes | None = field(repr=False)
    check: bytes = field(repr=False)


def kind_of(purpose: Purpose) -> Kind:
    """Return the kind a purpose's key is wrapped as: a MAC key never opens as a cipher's."""
    return Kind.WRAPPED_BRANCH_KEY if purpose in _ENCRYPTING else Kind.WRAPPED_MAC_KEY


def new_branch_keys(
    root: RootKey,
    deployment: str,
    purposes: Iterable[str] = tuple(Purpose),
    *,
    version: int = 1,
    state: State = State.ACTIVE,
    random: RandomSource = os.urandom,
) -> list[BranchKeyRow]:
    """Make a random key for each purpose, wrapped and ready to be inserted.

    Raises:
        BranchKeyError: a purpose is unknown, or the version or state can't begin a key's life.
    """
    if state not in {State.PENDING, State.ACTIVE} or not 1 <= version <= _MAX_VERSION:
        raise BranchKeyError("a new branch key is pending or active, its version 1 or more")
    rows = []
    for name in purposes:
        purpose = known_purpose(name)
        key_id = uuid4().bytes
        size = SIV_KEY_BYTES if purpose is Purpose.NODE_ID else KEY_BYTES
        wrapped = seal(
            root.wrap,
            kind=kind_of(purpose),
            key_ref=ROOT_KEY_VERSION,
            place=place_of(deployment, BRANCH_KEY_TABLE, purpose) + row_part(key_id),
            plaintext=random(size),
            random=random,
        )
        row = BranchKeyRow(
            id=key_id, purpose=purpose, version=version, state=state, wrapped=wrapped, check=b""
        )
        rows.append(replace(row, check=check_value(root, deployment, row)))
    return rows


def move_branch_key(
    root: RootKey, deployment: str, row: BranchKeyRow, state: State
) -> BranchKeyRow:
    """Return the row in its next state, its check value renewed; destroying drops the wrapped key.

    Raises:
        BranchKeyError: the state doesn't follow the row's.
        BranchKeyAlteredError: the row isn't as this root key wrote it, so it isn't signed anew.
    """
    if not _check_holds(root, deployment, row):
        raise _altered(row)
    if state not in _NEXT[State(row.state)]:
        raise BranchKeyError(
            f"a branch key that is {row.state} can't become {state}: "
            "it goes pending, active, decrypt-only, destroyed"
        )
    moved = replace(row, state=state, wrapped=None if state is State.DESTROYED else row.wrapped)
    return replace(moved, check=check_value(root, deployment, moved))


def check_value(root: RootKey, deployment: str, row: BranchKeyRow) -> bytes:
    """Return the 16 bytes that bind a row to the root key: deployment, id, purpose, version, state.

    The wrapped key isn't covered: its own tag is, by unwrapping it.
    """
    message = length_prefixed(
        deployment.encode(),
        row.id,
        row.purpose.encode(),
        row.version.to_bytes(4),
        row.state.encode(),
    )
    return root.check.mac(message)[:CHECK_BYTES]


def require_checked(root: RootKey, deployment: str, rows: Sequence[BranchKeyRow]) -> None:
    """Compare every check value before any key is used.

    Raises:
        WrongRootKeyError: none holds: the root key or the deployment's name is another one.
        BranchKeyAlteredError: some hold: the named row was altered.
    """
    failed = [row for row in rows if not _check_holds(root, deployment, row)]
    if failed and len(failed) == len(rows):
        raise WrongRootKeyError(
            "the root key doesn't belong to these branch keys: name the root key and deployment "
            "that made this database, or restore the branch keys that belong to them"
        )
    if failed:
        raise _altered(failed[0])


def unwrap(
    root: RootKey, deployment: str, row: BranchKeyRow, allowed: AllowedSuites
) -> tuple[Suite, bytes]:
    """Return the suite and key of a checked row.

    Raises:
        SealError: its header isn't one that this deployment reads.
        BranchKeyAlteredError: the wrapped key isn't the one that was made for this row.
    """
    purpose = known_purpose(row.purpose)
    if row.wrapped is None:
        raise _altered(row)
    try:
        key = open_sealed(
            root.wrap,
            allowed=allowed,
            kind=kind_of(purpose),
            key_ref=ROOT_KEY_VERSION,
            place=place_of(deployment, BRANCH_KEY_TABLE, purpose) + row_part(row.id),
            sealed=row.wrapped,
        )
    except OpenError:
        raise _altered(row) from None
    return root.wrap.suite, key


def known_purpose(name: str) -> Purpose:
    """Return the purpose of a name, or refuse."""
    try:
        return Purpose(name)
    except ValueError:
        raise BranchKeyError(
            "a branch key has a purpose this release doesn't know: upgrade, or restore the rows"
        ) from None


def _check_holds(root: RootKey, deployment: str, row: BranchKeyRow) -> bool:
    try:
        expected = check_value(root, deployment, row)
    except (SealError, OverflowError):
        # A part out of bounds was never written by us.
        return False
    return compare_digest(expected, row.check)


def _altered(row: BranchKeyRow) -> BranchKeyAlteredError:
    return BranchKeyAlteredError(
        f"a branch key row of version {row.version} isn't as the root key wrote it: "
        "restore the branch key table from a backup and look for tampering"
    )
