"""Names against the golden file, and the shipped private-use table against a codec."""

import csv
import json
from importlib.resources import files
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.person_name import UnreadableNameError, match_key, stored_name


class Readable(TypedDict):
    why: str
    given: str
    stored: str
    key: str


class Unreadable(TypedDict):
    why: str
    given: str


class Golden(TypedDict):
    readable: list[Readable]
    unreadable: list[Unreadable]


_GOLDEN: Golden = json.loads(
    (Path(__file__).parent.parent / "data" / "names.golden.json").read_text(encoding="utf-8")
)
_NAMES = st.text(alphabet="测试阿拉坦\u00b7\u2022\u30fb\uff0e.\u3000 ＡA\ue81e\u9fb4\U00020087")


@pytest.mark.parametrize("case", _GOLDEN["readable"], ids=lambda case: case["why"])
def test_a_name_is_stored_and_compared_as_the_golden_file_says(case: Readable) -> None:
    assert stored_name(case["given"]) == case["stored"]
    assert match_key(case["given"]) == case["key"]


@pytest.mark.parametrize("case", _GOLDEN["unreadable"], ids=lambda case: case["why"])
def test_an_unreadable_name_is_refused_and_never_shown(case: Unreadable) -> None:
    for reader in (stored_name, match_key):
        with pytest.raises(UnreadableNameError) as caught:
            reader(case["given"])
        assert "测" not in str(caught.value)
        assert "试" not in str(caught.value)


@given(_NAMES)
def test_storing_changes_no_key_and_storing_again_changes_nothing(name: str) -> None:
    try:
        stored = stored_name(name)
    except UnreadableNameError:
        return
    assert match_key(stored) == match_key(name)
    assert stored_name(stored) == stored
    assert match_key(match_key(name)) == match_key(name)


def _table() -> list[dict[str, str]]:
    text = files("regulation").joinpath("gb18030_private_use.csv").read_text(encoding="ascii")
    return list(csv.DictReader(text.splitlines()))


def test_every_code_point_of_the_private_range_is_mapped_once() -> None:
    private = [int(row["private_use"], 16) for row in _table()]
    assert private == [0xE7C7, 0xE7C8, *range(0xE815, 0xE865)]
    assigned = [int(row["assigned"], 16) for row in _table()]
    assert len(set(assigned)) == len(assigned)
    assert not any(0xE000 <= code <= 0xF8FF for code in assigned)


def test_the_codec_knows_each_pair_by_one_of_its_two_code_points() -> None:
    # The codec is of the year 2000: it still gives the private code point for 15 of the bytes.
    decoded = [(ord(bytes.fromhex(row["bytes"]).decode("gb18030")), row) for row in _table()]
    assert all(
        code in {int(row["private_use"], 16), int(row["assigned"], 16)} for code, row in decoded
    )
    still_private = [row for code, row in decoded if code == int(row["private_use"], 16)]
    assert len(still_private) == 15
