import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import OpenError, SealError
from keys.ring import CHUNK_BYTES, DataKey, KeyRing
from keys.seal import OVERHEAD, PAD_TO

ROW = uuid4().bytes
VALUE: dict[str, object] = {"name": "林小满", "idNumber": "350203199001019961", "phone": None}
groups = st.dictionaries(
    st.text(st.characters(max_codepoint=127)),
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=200),
    max_size=6,
)


@pytest.mark.parametrize("phone", [None, "", "13800000000", "+86 138 0000 0000"])
def test_an_empty_field_is_as_long_as_a_full_one(ring: KeyRing, phone: str | None) -> None:
    key, _ = ring.wrap_new_data_key(ROW)
    sealed = ring.seal_group(
        key, table="person", group="contact", row=ROW, generation=1, value={"phone": phone}
    )
    assert len(sealed) == OVERHEAD + PAD_TO


@given(groups)
def test_a_group_comes_back_as_it_went_in(ring: KeyRing, value: dict[str, object]) -> None:
    key, wrapped = ring.wrap_new_data_key(ROW)
    sealed = ring.seal_group(key, table="person", group="core", row=ROW, generation=1, value=value)
    opened = ring.open_group(
        ring.unwrap_data_key(ROW, wrapped),
        table="person",
        group="core",
        row=ROW,
        generation=1,
        sealed=sealed,
    )
    assert opened == value
    assert (len(sealed) - OVERHEAD) % PAD_TO == 0


def blob_of(ring: KeyRing, key: DataKey, data: bytes, row: bytes = ROW) -> list[bytes]:
    return ring.seal_blob(key, table="blob", group="photo", row=row, generation=1, data=data)


def open_blob(ring: KeyRing, key: DataKey, chunks: list[bytes]) -> bytes:
    return ring.open_blob(key, table="blob", group="photo", row=ROW, generation=1, chunks=chunks)


@pytest.mark.parametrize(
    ("length", "chunks"),
    [(0, 1), (1, 1), (CHUNK_BYTES, 1), (CHUNK_BYTES + 1, 2), (2 * CHUNK_BYTES, 2)],
)
def test_a_blob_is_cut_into_chunks_of_64_kib(ring: KeyRing, length: int, chunks: int) -> None:
    key, _ = ring.wrap_new_data_key(ROW)
    data = os.urandom(length)
    sealed = blob_of(ring, key, data)
    assert len(sealed) == chunks
    assert all(len(chunk) == OVERHEAD + 65536 for chunk in sealed[:-1])
    assert open_blob(ring, key, sealed) == data


def test_chunks_can_not_be_cut_moved_doubled_or_mixed(ring: KeyRing) -> None:
    key, _ = ring.wrap_new_data_key(ROW)
    one, two, three = blob_of(ring, key, os.urandom(2 * CHUNK_BYTES + 1))
    other = blob_of(ring, key, os.urandom(2 * CHUNK_BYTES + 1), uuid4().bytes)[1]
    wrong = [[], [one], [one, two], [two, one, three], [one, two, two, three], [three]]
    for chunks in [*wrong, [one, other, three], [one, two, three, three]]:
        with pytest.raises(OpenError):
            open_blob(ring, key, chunks)
    assert len(open_blob(ring, key, [one, two, three])) == 2 * CHUNK_BYTES + 1


def test_no_error_carries_a_byte_of_what_was_sealed(ring: KeyRing) -> None:
    key, wrapped = ring.wrap_new_data_key(ROW)
    sealed = bytearray(
        ring.seal_group(key, table="person", group="core", row=ROW, generation=1, value=VALUE)
    )
    sealed[-1] ^= 1
    with pytest.raises(OpenError) as caught:
        ring.open_group(
            key, table="person", group="core", row=ROW, generation=1, sealed=bytes(sealed)
        )
    with pytest.raises(OpenError) as at_unwrap:
        ring.unwrap_data_key(uuid4().bytes, wrapped)
    for error in (caught.value, at_unwrap.value):
        assert all(isinstance(argument, str) for argument in error.args)
        assert "林" not in str(error)
        assert ROW.hex() not in str(error)


def test_a_held_row_opens_for_its_row_and_import_only(ring: KeyRing) -> None:
    sealed = ring.seal_held_row(ROW, 17, VALUE)
    assert ring.open_held_row(ROW, 17, sealed) == VALUE
    for job, number in ((ROW, 18), (uuid4().bytes, 17)):
        with pytest.raises(OpenError):
            ring.open_held_row(job, number, sealed)
    with pytest.raises(OpenError):
        ring.open_held_row(ROW, 17, ring.seal_held_row(ROW, 17, VALUE)[:68] + sealed[68:])
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            ring.open_held_row(ROW, 17, sealed[:length])
