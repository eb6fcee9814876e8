import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import UnsealableValueError
from keys.global_id import GlobalIds

IDS = GlobalIds(os.urandom(64), "lujiang")
NODE = uuid4().bytes


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(1, 255),
    st.binary(min_size=16, max_size=16),
)
def test_an_id_comes_back_as_its_node(audience: str, kind: int, uuid: bytes) -> None:
    text = IDS.encode(audience, kind, uuid)
    assert re.fullmatch(r"[A-Za-z0-9_-]{44}", text)
    assert IDS.decode(audience, text) == (kind, uuid)


def test_one_audience_always_gets_the_same_id_and_another_gets_another() -> None:
    assert IDS.encode("education", 1, NODE) == IDS.encode("education", 1, NODE)
    assert IDS.encode("education", 1, NODE) != IDS.encode("housing", 1, NODE)
    assert IDS.encode("education", 1, NODE) != IDS.encode("education", 2, NODE)


def test_neighbours_have_nothing_in_common() -> None:
    one, two = (urlsafe_b64decode(IDS.encode("a", 1, bytes(15) + bytes([n]))) for n in (1, 2))
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 5


def test_an_id_of_another_audience_deployment_or_key_is_nothing() -> None:
    text = IDS.encode("education", 1, NODE)
    assert IDS.decode("housing", text) is None
    assert GlobalIds(os.urandom(64), "lujiang").decode("education", text) is None
    key = os.urandom(64)
    text = GlobalIds(key, "lujiang").encode("education", 1, NODE)
    assert GlobalIds(key, "xilan").decode("education", text) is None


def test_every_flipped_bit_is_nothing() -> None:
    raw = urlsafe_b64decode(IDS.encode("education", 1, NODE))
    for position in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[position] ^= 1 << bit
            assert IDS.decode("education", urlsafe_b64encode(changed).decode()) is None


@given(st.text(max_size=60))
def test_any_other_text_is_nothing(text: str) -> None:
    assert IDS.decode("education", text) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text + "\n", id="a line end"),
        pytest.param(lambda text: text + "=", id="padding"),
        pytest.param(lambda text: text[:-1], id="cut"),
        pytest.param(lambda text: " " + text[1:], id="a blank"),
        pytest.param(lambda text: "é" + text[1:], id="no ASCII"),
    ],
)
def test_an_id_has_one_spelling(change: object) -> None:
    assert callable(change)
    assert IDS.decode("education", change(IDS.encode("education", 1, NODE))) is None


def test_the_other_alphabet_of_base64_is_nothing() -> None:
    texts = (IDS.encode("education", 1, uuid4().bytes) for _ in range(1000))
    text = next(text for text in texts if "-" in text or "_" in text)
    assert IDS.decode("education", text.replace("-", "+").replace("_", "/")) is None


@pytest.mark.parametrize(
    ("kind", "uuid"),
    [(0, NODE), (256, NODE), (-1, NODE), (1, b""), (1, NODE * 2)],
    # Not of their bytes, which are random: a test has one name in every process.
    ids=["kind 0", "kind 256", "kind -1", "no uuid", "two uuids"],
)
def test_a_node_has_a_kind_and_a_uuid(kind: int, uuid: bytes) -> None:
    with pytest.raises(UnsealableValueError):
        IDS.encode("education", kind, uuid)


def test_ids_do_not_show_their_key() -> None:
    assert repr(IDS) == "GlobalIds(redacted)"
