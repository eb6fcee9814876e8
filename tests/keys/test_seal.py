import json
import os
from dataclasses import dataclass, replace
from itertools import product
from uuid import uuid4

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import (
    OpenError,
    SealError,
    SuiteNotAllowedError,
    SuiteNotImplementedError,
    UnknownFormatError,
    UnknownSuiteError,
    UnsealableValueError,
    WrongKeyError,
)
from keys.seal import (
    PAD_TO,
    decode_json,
    encode_json,
    open_sealed,
    pad,
    place_of,
    row_part,
    seal,
    tag_of,
    unpad,
)
from keys.suites import SUITE_01_ONLY, AllowedSuites, Kind, MacKey, SealingKey, Suite

SUITE = Suite.AES_256_GCM_HMAC_SHA_256
KEY = SealingKey(SUITE, os.urandom(32))
ROW = uuid4().bytes
VALUE: dict[str, object] = {"name": "林小满", "idNumber": "350203199001019961", "phone": None}

plain_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner, max_size=3)
    ),
    max_leaves=12,
)
groups = st.dictionaries(st.text(st.characters(max_codepoint=127)), plain_json, max_size=6)


@dataclass(frozen=True)
class Where:
    """Everything that a sealed group is bound to."""

    deployment: str = "lujiang"
    table: str = "person"
    group: str = "core"
    row: bytes = ROW
    generation: int = 1
    kind: Kind = Kind.GROUP

    @property
    def place(self) -> bytes:
        return place_of(self.deployment, self.table, self.group) + row_part(self.row)


def seal_at(where: Where, plaintext: bytes = b"x") -> bytes:
    return seal(
        KEY, kind=where.kind, key_ref=where.generation, place=where.place, plaintext=plaintext
    )


def open_at(where: Where, sealed: bytes, allowed: AllowedSuites = SUITE_01_ONLY) -> bytes:
    return open_sealed(
        KEY,
        allowed=allowed,
        kind=where.kind,
        key_ref=where.generation,
        place=where.place,
        sealed=sealed,
    )


WRONG_PLACES = {
    "another deployment": {"deployment": "xilan"},
    "another table": {"table": "residence"},
    "another group": {"group": "contact"},
    "another row": {"row": uuid4().bytes},
    "another generation": {"generation": 2},
    "a generation no header can hold": {"generation": 2**32},
    "a negative generation": {"generation": -1},
    "another kind": {"kind": Kind.AUDIT_DETAIL},
    "table and group run together": {"table": "personcore", "group": "x"},
}


@pytest.mark.parametrize("change", list(WRONG_PLACES.values()), ids=list(WRONG_PLACES))
def test_sealed_bytes_open_only_where_they_were_sealed(change: dict[str, object]) -> None:
    sealed = seal_at(Where())
    assert open_at(Where(), sealed) == b"x"
    with pytest.raises((OpenError, WrongKeyError)):
        open_at(replace(Where(), **change), sealed)  # type: ignore[arg-type]  # a table of changes


@pytest.mark.parametrize(
    ("one", "other"), [pair for pair in product(Kind, repeat=2) if pair[0] is not pair[1]]
)
def test_no_kind_opens_as_another(one: Kind, other: Kind) -> None:
    sealed = seal_at(Where(kind=one))
    with pytest.raises(WrongKeyError):
        open_at(Where(kind=other), sealed)
    relabelled = sealed[:3] + bytes([other]) + sealed[4:]
    with pytest.raises(OpenError):
        open_at(Where(kind=other), relabelled)


def test_a_relabelled_generation_does_not_open() -> None:
    sealed = seal_at(Where())
    relabelled = sealed[:4] + (2).to_bytes(4) + sealed[8:]
    with pytest.raises(OpenError):
        open_at(Where(generation=2), relabelled)


def test_another_key_does_not_open() -> None:
    with pytest.raises(OpenError):
        open_sealed(
            SealingKey(SUITE, os.urandom(32)),
            allowed=SUITE_01_ONLY,
            kind=Kind.GROUP,
            key_ref=1,
            place=Where().place,
            sealed=seal_at(Where()),
        )


def test_every_truncation_fails() -> None:
    sealed = seal_at(Where(), pad(encode_json(VALUE)))
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            open_at(Where(), sealed[:length])
    with pytest.raises(SealError):
        open_at(Where(), sealed + b"\0")


def test_every_flipped_bit_fails() -> None:
    sealed = seal_at(Where(), pad(encode_json(VALUE)))
    for position, bit in product(range(len(sealed)), range(8)):
        changed = bytearray(sealed)
        changed[position] ^= 1 << bit
        with pytest.raises(SealError):
            open_at(Where(), bytes(changed))


@pytest.mark.parametrize(
    ("position", "byte", "error"),
    [
        pytest.param(0, ord("j"), UnknownFormatError, id="another magic byte"),
        pytest.param(1, 0x00, UnknownFormatError, id="format 0"),
        pytest.param(1, 0x02, UnknownFormatError, id="format 2"),
        pytest.param(2, 0x00, UnknownSuiteError, id="suite 00"),
        pytest.param(2, 0xFF, UnknownSuiteError, id="suite FF"),
        pytest.param(2, 0x03, UnknownSuiteError, id="a suite of no registry"),
        pytest.param(2, 0x02, SuiteNotImplementedError, id="SM4, which has a number only"),
        pytest.param(3, 0x00, WrongKeyError, id="kind 00"),
        pytest.param(3, 0x07, WrongKeyError, id="a kind that doesn't exist"),
    ],
)
def test_a_header_of_another_time_is_named_for_what_it_is(
    position: int, byte: int, error: type[SealError]
) -> None:
    sealed = bytearray(seal_at(Where()))
    sealed[position] = byte
    with pytest.raises(error):
        open_at(Where(), bytes(sealed))


def test_a_suite_opens_only_the_kinds_it_is_allowed_for() -> None:
    sealed = seal_at(Where())
    with pytest.raises(SuiteNotAllowedError):
        open_at(Where(), sealed, AllowedSuites({}))
    with pytest.raises(SuiteNotAllowedError):
        open_at(Where(), sealed, AllowedSuites({Kind.AUDIT_DETAIL: (SUITE,)}))
    assert open_at(Where(), sealed, AllowedSuites({Kind.GROUP: (SUITE,)})) == b"x"


@pytest.mark.parametrize(
    ("suite", "error"),
    [(0x02, SuiteNotImplementedError), (0x00, UnknownSuiteError), (0xFF, UnknownSuiteError)],
)
def test_a_deployment_can_not_allow_what_can_not_be_computed(
    suite: int, error: type[SealError]
) -> None:
    with pytest.raises(error):
        AllowedSuites({Kind.GROUP: (suite,)})


def test_no_key_is_made_for_a_suite_that_can_not_be_computed() -> None:
    with pytest.raises(SuiteNotImplementedError):
        SealingKey(Suite.SM4_GCM_HMAC_SM3, os.urandom(32))


def test_nonces_are_fresh() -> None:
    assert len({seal_at(Where())[8:20] for _ in range(2000)}) == 2000


@pytest.mark.parametrize("key_ref", [0, -1, 2**32])
def test_a_key_reference_out_of_bounds_is_not_written(key_ref: int) -> None:
    with pytest.raises(UnsealableValueError):
        seal_at(Where(generation=key_ref))


@pytest.mark.parametrize("length", [0, 15, 17])
def test_a_row_id_is_a_uuid(length: int) -> None:
    with pytest.raises(UnsealableValueError):
        row_part(bytes(length))


@pytest.mark.parametrize(
    "parts", [("", "t", "g"), ("d", "", "g"), ("d", "t", ""), ("d" * 65536, "t", "g")]
)
def test_a_place_has_all_its_parts(parts: tuple[str, str, str]) -> None:
    with pytest.raises(UnsealableValueError):
        place_of(*parts)


def test_the_tag_is_the_end_of_the_sealed_bytes() -> None:
    sealed = seal_at(Where())
    assert tag_of(sealed) == sealed[-16:]
    with pytest.raises(UnknownFormatError):
        tag_of(b"not sealed")


# --- padding and JSON ------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_padding_comes_off_again_and_hides_the_length(data: bytes) -> None:
    padded = pad(data)
    assert unpad(padded) == data
    assert len(padded) == (len(data) // PAD_TO + 1) * PAD_TO


@pytest.mark.parametrize(
    "padded",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(bytes(64), id="zeros only"),
        pytest.param(b"\x80" + bytes(62), id="not a multiple of 64"),
        pytest.param(b"\x80" + bytes(127), id="more than one block of padding"),
        pytest.param(b"a" * 64, id="no mark"),
    ],
)
def test_other_paddings_are_refused(padded: bytes) -> None:
    with pytest.raises(OpenError):
        unpad(padded)


@given(groups)
def test_json_comes_back_as_it_went_in_and_is_canonical(value: dict[str, object]) -> None:
    encoded = encode_json(value)
    assert decode_json(encoded) == value
    assert encoded == rfc8785.dumps(json.loads(encoded))


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(1.5, id="a float"),
        pytest.param(2**53, id="an integer too large"),
        pytest.param((1, 2), id="a tuple"),
        pytest.param({"名": 1}, id="a key that isn't ASCII"),
        pytest.param({1: 1}, id="a key that isn't text"),
        pytest.param(b"x", id="bytes"),
        pytest.param(uuid4(), id="a UUID"),
        pytest.param("\ud800", id="half a character"),
    ],
)
def test_what_would_come_back_changed_is_not_sealed(item: object) -> None:
    with pytest.raises(UnsealableValueError):
        encode_json({"item": [item]})


def test_the_largest_integer_is_sealed() -> None:
    assert decode_json(encode_json({"n": 2**53 - 1})) == {"n": 2**53 - 1}


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null"])
def test_an_opened_plaintext_that_is_no_object_is_refused_without_its_bytes(data: bytes) -> None:
    with pytest.raises(OpenError) as caught:
        decode_json(data)
    assert not isinstance(caught.value.__context__, orjson.JSONDecodeError)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(UnsealableValueError):
        SealingKey(SUITE, bytes(length))
    with pytest.raises(UnsealableValueError):
        MacKey(SUITE, bytes(length))


def test_no_mac_is_made_for_a_suite_that_can_not_be_computed() -> None:
    with pytest.raises(SuiteNotImplementedError):
        MacKey(Suite.SM4_GCM_HMAC_SM3, os.urandom(32))
