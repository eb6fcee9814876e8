import os
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.blind_index import BlindIndex, Tag
from keys.errors import OpenError, SealError, UnsealableValueError
from keys.ring import (
    BranchKeyRow,
    KeyRing,
    Purpose,
    RootKey,
    State,
    move_branch_key,
    new_branch_keys,
)
from keys.row_mac import MAC_BYTES, Column, encode_row
from keys.suites import MacKey, Suite

DEPLOYMENT = "lujiang"
NUMBER = "350203199001019961"
ROW = uuid4().bytes
KEY = os.urandom(32)
SUITE = Suite.AES_256_GCM_HMAC_SHA_256


def index(
    name: str = "id+name",
    deployment: str = DEPLOYMENT,
    *,
    version: int = 1,
    bits: int = 128,
    key: bytes = KEY,
) -> BlindIndex:
    return BlindIndex(
        MacKey(SUITE, key), index=name, deployment=deployment, version=version, bits=bits
    )


# --- blind indexes ---------------------------------------------------------------------------


def test_equal_values_have_equal_tags_and_no_others(ring: KeyRing) -> None:
    assert ring.id_number_tag(NUMBER) == ring.id_number_tag(NUMBER)
    tags = {
        ring.id_number_tag(NUMBER),
        ring.id_number_tag(NUMBER[:-1] + "2"),
        ring.id_name_tag(NUMBER, "林小满"),
        ring.id_name_tag(NUMBER, "林小滿"),
        ring.id_name_tag(NUMBER, ""),
    }
    assert len(tags) == 5
    assert {(tag.version, len(tag.value)) for tag in tags} == {(1, 16)}


def test_tags_differ_by_index_deployment_version_and_key() -> None:
    tags = {
        index().tag("x").value,
        index("id").tag("x").value,
        index(deployment="xilan").tag("x").value,
        index(version=2).tag("x").value,
        index(key=os.urandom(32)).tag("x").value,
    }
    assert len(tags) == 5


@given(
    st.lists(st.text(max_size=4), min_size=1, max_size=3),
    st.lists(st.text(max_size=4), min_size=1, max_size=3),
)
def test_values_can_not_run_together(one: list[str], other: list[str]) -> None:
    assert (index().tag(*one) == index().tag(*other)) is (one == other)


@pytest.mark.parametrize("bits", [16, 24, 64, 128, 256])
def test_a_tag_is_cut_to_its_bits(bits: int) -> None:
    assert index(bits=256).tag("x").value.startswith(index(bits=bits).tag("x").value)
    assert len(index(bits=bits).tag("x").value) * 8 == bits


@pytest.mark.parametrize("bits", [0, 8, 17, 264])
def test_a_tag_of_other_sizes_is_refused(bits: int) -> None:
    with pytest.raises(UnsealableValueError):
        index(bits=bits)


@pytest.mark.parametrize("values", [(), ("\ud800",), ("x" * 65536,), ("x", "\ud800")])
def test_a_value_that_can_not_be_encoded_is_refused_and_not_carried_along(
    values: tuple[str, ...],
) -> None:
    with pytest.raises(UnsealableValueError) as caught:
        index().tag(*values)
    assert caught.value.__context__ is None


def test_a_tag_does_not_show_its_value() -> None:
    assert repr(Tag(3, b"secret")) == "Tag(version=3, value=redacted)"


# --- row MACs --------------------------------------------------------------------------------

COLUMNS: list[Column] = ["350203", 1, None, b"\x01\x02", "2026-11-22", "", 0, b""]
columns = st.lists(
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.binary(max_size=4)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
)


def test_a_row_mac_holds_for_its_row_only(ring: KeyRing) -> None:
    mac = ring.row_mac("person", ROW, COLUMNS)
    assert len(mac) == MAC_BYTES
    assert ring.verify_row_mac("person", ROW, COLUMNS, mac)
    assert ring.verify_row_mac("person", ROW, tuple(COLUMNS), mac)
    assert not ring.verify_row_mac("person_now", ROW, COLUMNS, mac)
    assert not ring.verify_row_mac("person", uuid4().bytes, COLUMNS, mac)


@pytest.mark.parametrize("position", range(len(COLUMNS)))
@pytest.mark.parametrize("change", ["350211", 2, None, b"\x01\x03", "null", '{"b":""}'])
def test_a_changed_column_is_seen(ring: KeyRing, position: int, change: Column) -> None:
    mac = ring.row_mac("person", ROW, COLUMNS)
    changed = [*COLUMNS[:position], change, *COLUMNS[position + 1 :]]
    assert ring.verify_row_mac("person", ROW, changed, mac) is (changed == COLUMNS)


@pytest.mark.parametrize(
    "changed",
    [COLUMNS[:-1], [*COLUMNS, None], COLUMNS[::-1], []],
    ids=["cut", "longer", "turned", "none"],
)
def test_a_column_can_not_be_dropped_added_or_moved(ring: KeyRing, changed: list[Column]) -> None:
    assert not ring.verify_row_mac("person", ROW, changed, ring.row_mac("person", ROW, COLUMNS))


def test_every_truncation_and_flipped_bit_of_a_mac_is_seen(ring: KeyRing) -> None:
    mac = ring.row_mac("person", ROW, COLUMNS)
    for position in range(len(mac)):
        assert not ring.verify_row_mac("person", ROW, COLUMNS, mac[:position])
        for bit in range(8):
            changed = bytearray(mac)
            changed[position] ^= 1 << bit
            assert not ring.verify_row_mac("person", ROW, COLUMNS, bytes(changed))
    assert not ring.verify_row_mac("person", ROW, COLUMNS, mac + b"\0")


def test_many_rows_of_a_table_are_checked_as_one_is(ring: KeyRing) -> None:
    macs, mac = ring.row_macs("person"), ring.row_mac("person", ROW, COLUMNS)
    assert macs.holds(ROW, COLUMNS, mac)
    assert macs.holds(ROW, tuple(COLUMNS), mac)
    assert not ring.row_macs("person_now").holds(ROW, COLUMNS, mac)
    assert not macs.holds(uuid4().bytes, COLUMNS, mac)
    assert not macs.holds(ROW, COLUMNS[:-1], mac)
    assert not macs.holds(ROW + b"\0", COLUMNS, mac)
    assert not macs.holds(ROW[:-1], COLUMNS, mac)
    for position in range(len(mac)):
        changed = bytearray(mac)
        changed[position] ^= 1
        assert not macs.holds(ROW, COLUMNS, bytes(changed))
        assert not macs.holds(ROW, COLUMNS, mac[:position])
    assert "redacted" in repr(macs)


@given(columns, columns)
def test_two_rows_are_encoded_alike_only_if_they_are_alike(
    one: list[Column], other: list[Column]
) -> None:
    alike = encode_row("person", ROW, one) == encode_row("person", ROW, other)
    assert alike is (one == other)


@pytest.mark.parametrize("column", ["\ud800", object(), {1, 2}, 2**64])
def test_a_column_that_has_no_encoding_is_refused(ring: KeyRing, column: Column) -> None:
    with pytest.raises(UnsealableValueError) as caught:
        ring.row_mac("person", ROW, [column])
    assert caught.value.__context__ is None


def test_a_mac_of_an_older_key_still_holds(root: RootKey, rows: list[BranchKeyRow]) -> None:
    before = KeyRing.open(root, DEPLOYMENT, rows)
    mac = before.row_mac("person", ROW, COLUMNS)
    rest = [row for row in rows if row.purpose != Purpose.ROW_MAC]
    (old,) = (row for row in rows if row.purpose == Purpose.ROW_MAC)
    old = move_branch_key(root, DEPLOYMENT, old, State.DECRYPT_ONLY)
    new = new_branch_keys(root, DEPLOYMENT, [Purpose.ROW_MAC], version=2)
    after = KeyRing.open(root, DEPLOYMENT, [*rest, old, *new])
    assert after.verify_row_mac("person", ROW, COLUMNS, mac)
    newer = after.row_mac("person", ROW, COLUMNS)
    assert newer[:4] == (2).to_bytes(4)
    assert not before.verify_row_mac("person", ROW, COLUMNS, newer)


# --- audit -----------------------------------------------------------------------------------


def test_a_detail_opens_for_its_record_only(ring: KeyRing) -> None:
    sealed = ring.seal_detail(ROW, {"case": "2026-0007"})
    assert ring.open_detail(ROW, sealed) == {"case": "2026-0007"}
    with pytest.raises(OpenError):
        ring.open_detail(uuid4().bytes, sealed)
    for position in range(len(sealed)):
        with pytest.raises(SealError):
            ring.open_detail(ROW, sealed[:position])


def test_a_commitment_is_to_one_answer_of_one_record(ring: KeyRing) -> None:
    commitment = ring.commit(ROW, b"answer")
    assert ring.verify_commitment(ROW, b"answer", commitment)
    assert not ring.verify_commitment(ROW, b"another", commitment)
    assert not ring.verify_commitment(uuid4().bytes, b"answer", commitment)
    assert not ring.verify_commitment(ROW, b"answer", commitment[:-1])
    assert len(commitment) == MAC_BYTES


def test_a_miss_tag_is_short_and_takes_any_text(ring: KeyRing) -> None:
    assert ring.miss_tag(NUMBER) == ring.miss_tag(NUMBER)
    assert ring.miss_tag(NUMBER) != ring.miss_tag(NUMBER[:-1])
    assert {len(ring.miss_tag(text)) for text in ("", NUMBER, "\ud800", "x" * 100_000)} == {8}


def test_digests_differ_by_purpose(ring: KeyRing) -> None:
    assert ring.digest("pseudonym", b"x") == ring.digest(Purpose.PSEUDONYM, b"x")
    assert ring.digest("pseudonym", b"x") != ring.digest("import-digest", b"x")
    assert len(ring.digest("pseudonym", b"x")) == 32


@pytest.mark.parametrize("purpose", ["row-mac", "data-key", "audit-miss", "index:id-number", ""])
def test_no_other_key_makes_digests(ring: KeyRing, purpose: str) -> None:
    with pytest.raises(UnsealableValueError):
        ring.digest(purpose, b"x")


def test_no_two_uses_of_macs_give_the_same_bytes(ring: KeyRing) -> None:
    row = bytes(16)
    values = [
        ring.id_number_tag("x").value,
        ring.id_name_tag("x", "").value,
        ring.row_mac("x", row, [])[4:20],
        ring.commit(row, b"")[4:20],
        ring.digest("pseudonym", b"x")[:16],
        ring.digest("import-digest", b"x")[:16],
    ]
    assert all(one != other for one, other in combinations(values, 2))


def test_a_ring_serves_several_threads_at_once(ring: KeyRing) -> None:
    key, wrapped = ring.wrap_new_data_key(ROW)
    sealed = ring.seal_group(
        key, table="person", group="core", row=ROW, generation=1, value={"n": 1}
    )
    tag, mac = ring.id_number_tag(NUMBER), ring.row_mac("person", ROW, COLUMNS)

    def work(_: int) -> bool:
        opened = ring.open_group(
            ring.unwrap_data_key(ROW, wrapped),
            table="person", group="core", row=ROW, generation=1, sealed=sealed,
        )  # fmt: skip
        return (
            opened == {"n": 1}
            and ring.id_number_tag(NUMBER) == tag
            and ring.verify_row_mac("person", ROW, COLUMNS, mac)
            and ring.global_ids.decode("a", ring.global_ids.encode("a", 1, ROW)) == (1, ROW)
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(2000)))
