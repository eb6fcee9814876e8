"""What the city has introduced of article 26, by county and date (R27)."""

from datetime import date

import pytest

from regulation.roll_out import RollOut, RollOutError, read_roll_out, shipped_roll_out

_CARE, _AID = "26:elder_care", "26:social_aid"
_HONGSHAN, _SONGSHAN = "150402", "150404"
_FILE = f"""
[[roll_out]]
item = "{_CARE}"
division = "150402"
from = 2027-01-01
until = "2029-12-31"
basis = "invented for this test"

[[roll_out]]
item = "{_AID}"
division = "1504"
from = 2028-07-01
basis = "invented for this test, too"
"""


@pytest.mark.parametrize(
    ("county", "day", "items"),
    [
        (_HONGSHAN, date(2026, 12, 31), set()),
        (_HONGSHAN, date(2027, 1, 1), {_CARE}),
        (_SONGSHAN, date(2027, 1, 1), set()),
        (_HONGSHAN, date(2028, 6, 30), {_CARE}),
        (_HONGSHAN, date(2028, 7, 1), {_CARE, _AID}),
        (_SONGSHAN, date(2028, 7, 1), {_AID}),
        (_HONGSHAN, date(2029, 12, 31), {_CARE, _AID}),
        (_HONGSHAN, date(2030, 1, 1), {_AID}),
    ],
)
def test_an_item_is_introduced_from_its_first_to_its_last_day_in_its_county(
    county: str, day: date, items: set[str]
) -> None:
    assert read_roll_out(_FILE).items(county, day) == items


def test_what_is_introduced_names_its_document() -> None:
    roll_out = read_roll_out(_FILE)
    assert roll_out.basis(_CARE, _HONGSHAN, date(2027, 1, 1)) == "invented for this test"
    assert roll_out.basis(_CARE, _SONGSHAN, date(2027, 1, 1)) is None


def test_the_shipped_file_introduces_nothing() -> None:
    assert shipped_roll_out() == RollOut()
    assert shipped_roll_out().items(_HONGSHAN, date(2027, 1, 1)) == frozenset()


def _entry(**changes: str) -> str:
    values = {
        "item": f'"{_CARE}"',
        "division": '"150402"',
        "from": "2027-01-01",
        "basis": '"a document"',
    } | changes
    return "[[roll_out]]\n" + "\n".join(
        f"{key} = {value}" for key, value in values.items() if value
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[roll_out", "not TOML"),
        ("[other]", "something else"),
        ("[roll_out]", "something else"),
        ("roll_out = [1]", "is no table"),
        (_entry(basis='""'), "lacks or misspells basis"),
        (_entry(item=""), "lacks or misspells item"),
        (_entry(form="2027-01-01"), "lacks or misspells form"),
        (_entry(item='"24(4)"'), "no item of article 26"),
        (_entry(item='"26:everything"'), "no item of article 26"),
        (_entry(division='"150427"'), "no county"),
        (_entry(division='"110105"'), "no county"),
        (_entry(until="2026-12-31"), "ends before"),
        (_entry(until='"2027-02-29"'), "a day that is none"),
        (_entry() + "\n" + _entry(), "says again"),
        (_entry(until="2027-01-01") + "\n" + _entry(), "says again"),
    ],
)
def test_what_is_no_roll_out_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(RollOutError, match=says) as caught:
        read_roll_out(text)
    assert "; write" in str(caught.value) or "; leave" in str(caught.value)


def test_an_item_may_be_introduced_again_after_it_ended() -> None:
    again = {"from": "2027-06-01"}
    text = _entry(until="2027-01-31") + "\n" + _entry(**again)
    assert len(read_roll_out(text).entries) == 2
