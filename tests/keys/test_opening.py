"""Opening groups one after the other refuses what opening a single one refuses, in its words."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import KeyUnusableError, SealError, SuiteNotAllowedError
from keys.ring import BranchKeyRow, KeyRing, RootKey
from keys.suites import AllowedSuites, Kind, Suite
from tests.keys.conftest import DEPLOYMENT

OWNER = uuid4().bytes
PERIOD = uuid4().bytes
VALUE: dict[str, object] = {"name": "林小满", "idNumber": "350203199001019961"}


def sealed_for(
    ring: KeyRing, owner: bytes, *, group: str = "core", generation: int = 1
) -> tuple[bytes, bytes]:
    """A wrapped key and a group sealed under it, for the owner's own row."""
    key, wrapped = ring.wrap_new_data_key(owner)
    sealed = ring.seal_group(
        key, table="person", group=group, row=owner, generation=generation, value=VALUE
    )
    return wrapped, sealed


def told(work: Callable[[], object]) -> tuple[type[SealError], str]:
    """What is raised, by type and words."""
    with pytest.raises(SealError) as caught:
        work()
    return type(caught.value), str(caught.value)


def refused_alike(ring: KeyRing, given: tuple[bytes, bytes, bytes, int, bytes]) -> None:
    owner, wrapped, row, generation, sealed = given
    opener = ring.opener(table="person", group="core")
    alone = told(
        lambda: ring.open_group(
            ring.unwrap_data_key(owner, wrapped),
            table="person",
            group="core",
            row=row,
            generation=generation,
            sealed=sealed,
        )
    )
    assert told(lambda: opener.open(owner, wrapped, row, generation, sealed)) == alone
    assert "林" not in alone[1]


@given(st.dictionaries(st.text(st.characters(max_codepoint=127)), st.text(max_size=200)))
def test_a_group_comes_back_as_it_was_sealed(ring: KeyRing, value: dict[str, object]) -> None:
    key, wrapped = ring.wrap_new_data_key(OWNER)
    sealed = ring.seal_group(
        key, table="residence", group="residence", row=PERIOD, generation=7, value=value
    )
    opener = ring.opener(table="residence", group="residence")
    assert opener.open(OWNER, wrapped, PERIOD, 7, sealed) == value
    assert repr(opener) == "GroupOpener(redacted)"


def test_what_was_swapped_is_refused(ring: KeyRing) -> None:
    wrapped, sealed = sealed_for(ring, OWNER)
    other = uuid4().bytes
    others_wrapped, others_sealed = sealed_for(ring, other)
    contact = sealed_for(ring, OWNER, group="contact")
    later = sealed_for(ring, OWNER, generation=2)
    assert ring.opener(table="person", group="core").open(OWNER, wrapped, OWNER, 1, sealed) == VALUE
    for wrong in (
        (other, wrapped, OWNER, 1, sealed),
        (OWNER, wrapped, other, 1, sealed),
        (OWNER, wrapped, OWNER, 2, sealed),
        (OWNER, wrapped, OWNER, -1, sealed),
        (OWNER, wrapped, OWNER, 2**32, sealed),
        (OWNER, others_wrapped, OWNER, 1, sealed),
        (OWNER, wrapped, OWNER, 1, others_sealed),
        (other, others_wrapped, OWNER, 1, others_sealed),
        (OWNER, contact[0], OWNER, 1, contact[1]),
        (OWNER, later[0], OWNER, 1, later[1]),
        (OWNER, sealed, OWNER, 1, wrapped),
        (OWNER[:-1], wrapped, OWNER, 1, sealed),
        (OWNER, wrapped, OWNER + b"\0", 1, sealed),
        (OWNER, b"", OWNER, 1, sealed),
        (OWNER, wrapped, OWNER, 1, b""),
    ):
        refused_alike(ring, wrong)


def test_every_flipped_or_missing_byte_is_refused(ring: KeyRing) -> None:
    wrapped, sealed = sealed_for(ring, OWNER)
    for place in range(len(wrapped)):
        flipped = wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
        refused_alike(ring, (OWNER, flipped, OWNER, 1, sealed))
        refused_alike(ring, (OWNER, wrapped[:place], OWNER, 1, sealed))
    for place in range(len(sealed)):
        flipped = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        refused_alike(ring, (OWNER, wrapped, OWNER, 1, flipped))
        refused_alike(ring, (OWNER, wrapped, OWNER, 1, sealed[:place]))


def test_a_suite_that_is_not_allowed_is_refused(root: RootKey, rows: list[BranchKeyRow]) -> None:
    ring = KeyRing.open(root, DEPLOYMENT, rows)
    wrapped, sealed = sealed_for(ring, OWNER)
    for kind in (Kind.GROUP, Kind.WRAPPED_DATA_KEY):
        others = {each: (Suite.AES_256_GCM_HMAC_SHA_256,) for each in Kind if each is not kind}
        narrow = KeyRing.open(root, DEPLOYMENT, rows, allowed=AllowedSuites(others))
        opener = narrow.opener(table="person", group="core")
        with pytest.raises(SuiteNotAllowedError):
            opener.open(OWNER, wrapped, OWNER, 1, sealed)


def test_a_branch_key_that_is_not_held_is_said_to_be_missing(ring: KeyRing) -> None:
    wrapped, sealed = sealed_for(ring, OWNER)
    elsewhere = wrapped[:4] + (9).to_bytes(4) + wrapped[8:]
    with pytest.raises(KeyUnusableError):
        ring.opener(table="person", group="core").open(OWNER, elsewhere, OWNER, 1, sealed)
    refused_alike(ring, (OWNER, elsewhere, OWNER, 1, sealed))


def test_many_groups_come_back_in_their_order_and_one_wrong_is_refused_for_all(
    ring: KeyRing,
) -> None:
    opener = ring.opener(table="person", group="core")
    owners = [uuid4().bytes for _ in range(5)]
    groups = [(owner, *sealed_for(ring, owner)) for owner in owners]
    asked = [(owner, wrapped, owner, 1, sealed) for owner, wrapped, sealed in groups]
    assert opener.open_each(asked) == [VALUE] * len(owners)
    assert opener.open_each([]) == []
    for place, (owner, wrapped, row, generation, sealed) in enumerate(asked):
        other = asked[place - 1]
        for wrong in (
            (owner, wrapped, row, generation, other[4]),
            (owner, other[1], row, generation, sealed),
            (owner, wrapped, other[2], generation, sealed),
            (owner, wrapped, row, generation + 1, sealed),
            (owner, wrapped, row, generation, sealed[:-1]),
        ):
            mixed = [*asked[:place], wrong, *asked[place + 1 :]]
            assert told(lambda mixed=mixed: opener.open_each(mixed)) == told(  # type: ignore[misc]  # bound early
                lambda wrong=wrong: opener.open(*wrong)  # type: ignore[misc]
            )
