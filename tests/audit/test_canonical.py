"""One value, one byte sequence: three independent writers agree within the subset."""

import json
from enum import StrEnum

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import NotCanonicalError, canonical_json, load_canonical

KEYS = st.text(st.characters(max_codepoint=127), max_size=12)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LEAVES = st.one_of(TEXT, st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=30,
)


def _by_json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@given(VALUES)
def test_the_bytes_are_those_of_rfc8785_and_of_the_standard_library(value: object) -> None:
    ours = canonical_json(value)  # type: ignore[arg-type]  # hypothesis does not type recursion
    assert ours == _by_json(value)
    # rfc8785 takes integers up to 2^53 - 1 as well, so the subset is inside its domain.
    assert ours == rfc8785.dumps(value)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    "text",
    ["\x00\x1f\x7f", '"\\/\b\f\n\r\t', "欧阳·娜仁", "\U00020000", "\u2028\u2029", "é", "e\u0301"],
)
def test_escapes_and_rare_characters_are_written_alike(text: str) -> None:
    assert canonical_json({"t": text}) == rfc8785.dumps({"t": text}) == _by_json({"t": text})


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1, 0])
def test_integers_below_the_limit_are_written(number: int) -> None:
    assert canonical_json([number]) == f"[{number}]".encode()


@pytest.mark.parametrize(
    "value",
    [2**53, -(2**53), 1.5, 1.0, float("nan"), None, b"x", {1, 2}],
    ids=["2^53", "-2^53", "1.5", "1.0", "nan", "null", "bytes", "set"],
)
def test_what_is_outside_the_subset_is_refused_at_any_depth(value: object) -> None:
    for nested in (value, [value], {"a": [{"b": value}]}):
        with pytest.raises(NotCanonicalError):
            canonical_json(nested)  # type: ignore[arg-type]  # the refusal is the subject


@pytest.mark.parametrize("key", ["姓名", "é", 1, None])
def test_a_key_that_is_not_ascii_text_is_refused(key: object) -> None:
    with pytest.raises(NotCanonicalError):
        canonical_json({key: "x"})  # type: ignore[dict-item]  # the refusal is the subject


def test_a_lone_surrogate_is_refused_without_repeating_the_text() -> None:
    with pytest.raises(NotCanonicalError) as caught:
        canonical_json({"t": "secret\ud800"})
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_text_of_an_enumeration_is_its_value() -> None:
    class Colour(StrEnum):
        RED = "red"

    assert canonical_json([Colour.RED]) == b'["red"]'


def test_canonical_bytes_read_back_as_the_value() -> None:
    assert load_canonical(b'{"a":1,"b":["x",true]}') == {"a": 1, "b": ["x", True]}


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b'{"a":1.0}',
        b'{"a":null}',
        b'{"a":1,"a":1}',
        b'{"a":"\\u0041"}',
        b"[1]",
        b"",
        b"{",
        b'{"a":"\xff"}',
        b'{"a":1}\n',
    ],
)
def test_bytes_that_are_not_the_canonical_form_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        load_canonical(data)


def test_the_writer_sorts_by_key_at_every_depth() -> None:
    assert canonical_json({"b": {"d": 1, "c": 2}, "a": "x"}) == b'{"a":"x","b":{"c":2,"d":1}}'
    assert orjson.loads(canonical_json({"b": 1, "a": 2})) == {"a": 2, "b": 1}
