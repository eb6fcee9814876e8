import os
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from keys.branch import CHECK_BYTES, check_value, kind_of
from keys.errors import (
    BranchKeyAlteredError,
    BranchKeyError,
    KeyUnusableError,
    SealError,
    SuiteNotAllowedError,
    WrongKeyError,
    WrongRootKeyError,
)
from keys.held import LATER
from keys.ring import (
    BranchKeyRow,
    KeyRing,
    Purpose,
    RootKey,
    State,
    move_branch_key,
    new_branch_keys,
)
from keys.suites import AllowedSuites, Kind, Suite

DEPLOYMENT = "lujiang"
OWNER = uuid4().bytes
Rows = list[BranchKeyRow]


def row_of(rows: Rows, purpose: Purpose) -> BranchKeyRow:
    return next(row for row in rows if row.purpose == purpose)


def without(rows: Rows, purpose: Purpose) -> Rows:
    return [row for row in rows if row.purpose != purpose]


def test_each_purpose_gets_one_active_key_of_version_1(rows: Rows) -> None:
    assert [row.purpose for row in rows] == list(Purpose)
    assert {(row.version, row.state) for row in rows} == {(1, State.ACTIVE)}
    assert len({row.id for row in rows}) == len({row.wrapped for row in rows}) == len(rows)
    assert {len(row.check) for row in rows} == {CHECK_BYTES}


def test_a_row_does_not_show_its_key(rows: Rows) -> None:
    assert "wrapped" not in repr(rows[0])
    assert "check" not in repr(rows[0])


def test_mac_keys_and_cipher_keys_are_wrapped_as_different_kinds() -> None:
    encrypting = {p for p in Purpose if kind_of(p) is Kind.WRAPPED_BRANCH_KEY}
    assert encrypting == {Purpose.DATA_KEY, Purpose.AUDIT_DETAIL, Purpose.NODE_ID}
    assert all(kind_of(p) is Kind.WRAPPED_MAC_KEY for p in set(Purpose) - encrypting)


def test_another_root_key_is_found_before_anything_is_opened(rows: Rows) -> None:
    other = RootKey(os.urandom(32))
    # The wrapped keys are no sealed bytes at all: nothing may try them before the check values.
    broken = [replace(row, wrapped=b"") for row in rows]
    with pytest.raises(WrongRootKeyError, match="doesn't belong"):
        KeyRing.open(other, DEPLOYMENT, broken)


def test_another_deployment_is_found_before_anything_is_opened(root: RootKey, rows: Rows) -> None:
    with pytest.raises(WrongRootKeyError):
        KeyRing.open(root, "xilan", rows)


ALTERATIONS: dict[str, Callable[[BranchKeyRow], BranchKeyRow]] = {
    "another id": lambda row: replace(row, id=uuid4().bytes),
    "an id that is no UUID": lambda row: replace(row, id=b""),
    "another purpose": lambda row: replace(row, purpose=Purpose.PSEUDONYM),
    "an unknown purpose": lambda row: replace(row, purpose="everything"),
    "another version": lambda row: replace(row, version=2),
    "a version no header can hold": lambda row: replace(row, version=-1),
    "another state": lambda row: replace(row, state=State.DECRYPT_ONLY),
    "an unknown state": lambda row: replace(row, state="resting"),
    "another check value": lambda row: replace(row, check=bytes(CHECK_BYTES)),
    "no check value": lambda row: replace(row, check=b""),
    "no wrapped key": lambda row: replace(row, wrapped=None),
    "another wrapped key": lambda row: replace(
        row, wrapped=(row.wrapped or b"")[:-1] + bytes([(row.wrapped or b"")[-1] ^ 1])
    ),
}


@pytest.mark.parametrize("alter", list(ALTERATIONS.values()), ids=list(ALTERATIONS))
def test_an_altered_row_is_found(
    root: RootKey, rows: Rows, alter: Callable[[BranchKeyRow], BranchKeyRow]
) -> None:
    altered = alter(row_of(rows, Purpose.DATA_KEY))
    with pytest.raises(BranchKeyAlteredError, match="restore the branch key table"):
        KeyRing.open(root, DEPLOYMENT, [*without(rows, Purpose.DATA_KEY), altered])


def test_two_rows_can_not_exchange_their_keys(root: RootKey, rows: Rows) -> None:
    data, detail = row_of(rows, Purpose.DATA_KEY), row_of(rows, Purpose.AUDIT_DETAIL)
    rest = without(without(rows, Purpose.DATA_KEY), Purpose.AUDIT_DETAIL)
    exchanged = [replace(data, wrapped=detail.wrapped), replace(detail, wrapped=data.wrapped)]
    with pytest.raises(BranchKeyAlteredError):
        KeyRing.open(root, DEPLOYMENT, [*rest, *exchanged])


def test_a_mac_key_does_not_unwrap_as_a_cipher_key(root: RootKey, rows: Rows) -> None:
    data = row_of(rows, Purpose.DATA_KEY)
    mac = row_of(rows, Purpose.ROW_MAC)
    with pytest.raises(WrongKeyError):
        KeyRing.open(
            root,
            DEPLOYMENT,
            [*without(rows, Purpose.DATA_KEY), replace(data, wrapped=mac.wrapped)],
        )


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - LATER))
def test_no_purpose_goes_without_an_active_key(root: RootKey, rows: Rows, purpose: Purpose) -> None:
    with pytest.raises(BranchKeyError, match=f"no active branch key for {purpose}"):
        KeyRing.open(root, DEPLOYMENT, without(rows, purpose))


def test_a_deployment_from_before_the_index_of_names_opens_and_indexes_none(
    root: RootKey, rows: Rows
) -> None:
    (purpose,) = LATER
    ring = KeyRing.open(root, DEPLOYMENT, without(rows, purpose))
    assert not ring.indexes_names
    with pytest.raises(BranchKeyError, match="juzhu rebuild"):
        ring.name_birth_tag("林小满", "1999-01-01")
    assert KeyRing.open(root, DEPLOYMENT, rows).indexes_names


def test_a_ring_of_nothing_does_not_open(root: RootKey) -> None:
    with pytest.raises(BranchKeyError, match="no active branch key"):
        KeyRing.open(root, DEPLOYMENT, [])


@pytest.mark.parametrize("version", [1, 2])
def test_a_purpose_has_one_active_key(root: RootKey, rows: Rows, version: int) -> None:
    second = new_branch_keys(root, DEPLOYMENT, [Purpose.ROW_MAC], version=version)
    with pytest.raises(BranchKeyError, match="row-mac has two"):
        KeyRing.open(root, DEPLOYMENT, [*rows, *second])


@pytest.mark.parametrize("deployment", ["", "x" * 256])
def test_a_deployment_has_a_name_of_bounded_length(root: RootKey, deployment: str) -> None:
    with pytest.raises(BranchKeyError, match="1 to 255 bytes"):
        KeyRing.open(root, deployment, [])


def test_a_suite_that_is_not_allowed_opens_no_branch_key(root: RootKey, rows: Rows) -> None:
    only_groups = AllowedSuites({Kind.GROUP: (Suite.AES_256_GCM_HMAC_SHA_256,)})
    with pytest.raises(SuiteNotAllowedError):
        KeyRing.open(root, DEPLOYMENT, rows, allowed=only_groups)


@pytest.mark.parametrize(
    ("version", "state"),
    [(0, State.ACTIVE), (2**32, State.ACTIVE), (1, State.DECRYPT_ONLY), (1, State.DESTROYED)],
)
def test_a_new_key_begins_at_its_beginning(root: RootKey, version: int, state: State) -> None:
    with pytest.raises(BranchKeyError, match="pending or active"):
        new_branch_keys(root, DEPLOYMENT, [Purpose.ROW_MAC], version=version, state=state)


def test_a_new_key_has_a_purpose_that_is_known(root: RootKey) -> None:
    with pytest.raises(BranchKeyError, match="purpose"):
        new_branch_keys(root, DEPLOYMENT, ["everything"])


# --- states ----------------------------------------------------------------------------------


def in_state(root: RootKey, state: State, *, version: int = 1) -> BranchKeyRow:
    (row,) = new_branch_keys(
        root, DEPLOYMENT, [Purpose.DATA_KEY], version=version, state=State.PENDING
    )
    for step in (State.ACTIVE, State.DECRYPT_ONLY, State.DESTROYED):
        if row.state != state:
            row = move_branch_key(root, DEPLOYMENT, row, step)
    return row


ALLOWED_MOVES = {
    (State.PENDING, State.ACTIVE),
    (State.PENDING, State.DESTROYED),
    (State.ACTIVE, State.DECRYPT_ONLY),
    (State.DECRYPT_ONLY, State.DESTROYED),
}


@pytest.mark.parametrize("old", list(State))
@pytest.mark.parametrize("new", list(State))
def test_a_key_moves_only_forward(root: RootKey, old: State, new: State) -> None:
    row = in_state(root, old)
    if (old, new) in ALLOWED_MOVES:
        moved = move_branch_key(root, DEPLOYMENT, row, new)
        assert moved.state == new
        assert moved.check == check_value(root, DEPLOYMENT, moved)
        assert (moved.wrapped is None) is (new is State.DESTROYED)
    else:
        with pytest.raises(BranchKeyError, match="can't become"):
            move_branch_key(root, DEPLOYMENT, row, new)


def test_an_altered_row_is_not_signed_anew(root: RootKey) -> None:
    revived = replace(in_state(root, State.DECRYPT_ONLY), state=State.ACTIVE)
    with pytest.raises(BranchKeyAlteredError):
        move_branch_key(root, DEPLOYMENT, revived, State.DECRYPT_ONLY)


def test_after_a_change_of_key_the_old_one_opens_and_the_new_one_seals(
    root: RootKey, rows: Rows
) -> None:
    rest = without(rows, Purpose.DATA_KEY)
    old = in_state(root, State.ACTIVE)
    new = in_state(root, State.PENDING, version=2)
    before = KeyRing.open(root, DEPLOYMENT, [*rest, old, new])
    _, wrapped_before = before.wrap_new_data_key(OWNER)
    assert wrapped_before[4:8] == (1).to_bytes(4), "a pending key doesn't seal"

    old = move_branch_key(root, DEPLOYMENT, old, State.DECRYPT_ONLY)
    new = move_branch_key(root, DEPLOYMENT, new, State.ACTIVE)
    after = KeyRing.open(root, DEPLOYMENT, [*rest, old, new])
    _, wrapped_after = after.wrap_new_data_key(OWNER)
    assert wrapped_after[4:8] == (2).to_bytes(4)
    after.unwrap_data_key(OWNER, wrapped_before)
    before.unwrap_data_key(OWNER, wrapped_after)  # a replica that knew the key as pending

    destroyed = move_branch_key(root, DEPLOYMENT, old, State.DESTROYED)
    last = KeyRing.open(root, DEPLOYMENT, [*rest, destroyed, new])
    with pytest.raises(KeyUnusableError, match="version 1, which isn't held"):
        last.unwrap_data_key(OWNER, wrapped_before)
    last.unwrap_data_key(OWNER, wrapped_after)


# --- data keys -------------------------------------------------------------------------------


def test_a_data_key_is_random_and_bound_to_its_owner(ring: KeyRing) -> None:
    _, one = ring.wrap_new_data_key(OWNER)
    _, two = ring.wrap_new_data_key(OWNER)
    assert one[20:] != two[20:]
    assert len(one) == 68
    with pytest.raises(SealError):
        ring.unwrap_data_key(uuid4().bytes, one)
    with pytest.raises(SealError):
        ring.unwrap_data_key(OWNER, one, table="import_row")


def test_every_truncation_and_flipped_bit_of_a_wrapped_key_fails(ring: KeyRing) -> None:
    _, wrapped = ring.wrap_new_data_key(OWNER)
    for position in range(len(wrapped)):
        with pytest.raises(SealError):
            ring.unwrap_data_key(OWNER, wrapped[:position])
        for bit in range(8):
            changed = bytearray(wrapped)
            changed[position] ^= 1 << bit
            with pytest.raises(SealError):
                ring.unwrap_data_key(OWNER, bytes(changed))


def test_no_key_shows_itself(ring: KeyRing) -> None:
    data_key, _ = ring.wrap_new_data_key(OWNER)
    assert repr(ring) == "KeyRing(redacted)"
    assert repr(data_key) == "SealingKey(suite=01, key=redacted)"
    for part in (*(getattr(ring, name) for name in KeyRing.__slots__), *ring._digests.values()):
        # An object that doesn't say its own name shows where it lies, or its attributes.
        assert " object at 0x" not in repr(part) or part is ring._allowed
        assert "b'" not in repr(part)
