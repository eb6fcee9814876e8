"""Masks: what each shows of names, numbers, days, divisions and addresses, and never more."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.catalogue import Kind
from policies.permission import Rendering
from policies.renderings import (
    COMPOUND_SURNAMES,
    MaskKindError,
    applies,
    at_least_as_strict,
    county_of_address,
    last4,
    mask,
    strictest,
    surname_only,
    township_of_address,
    year,
    yes_no,
)
from regulation.divisions import COUNTIES, townships

MASKS = [
    (rendering, kind)
    for rendering in Rendering
    for kind in Kind
    if rendering is not Rendering.PLAIN and applies(rendering, kind)
]
TOWNSHIPS = [(county.zh, township.zh) for county in COUNTIES for township in townships(county.code)]


def test_the_masks_that_exist_are_these() -> None:
    assert {(rendering.value, kind.value) for rendering, kind in MASKS} == {
        ("last4", "id-number"),
        ("last4", "phone"),
        ("surname-only", "name"),
        ("year", "date"),
        ("township", "division"),
        ("county", "division"),
        ("township", "address"),
        ("county", "address"),
        ("yes-no", "boolean"),
    }


@pytest.mark.parametrize("kind", list(Kind))
def test_plain_applies_to_everything_and_has_no_mask(kind: Kind) -> None:
    assert applies(Rendering.PLAIN, kind)
    with pytest.raises(MaskKindError, match="no mask"):
        mask(Rendering.PLAIN, kind)


def test_a_mask_of_another_kind_is_refused() -> None:
    with pytest.raises(MaskKindError, match="last4"):
        mask(Rendering.LAST4, Kind.NAME)


@pytest.mark.parametrize(("rendering", "kind"), MASKS)
def test_null_shows_nothing(rendering: Rendering, kind: Kind) -> None:
    expected = False if rendering is Rendering.YES_NO else None
    assert mask(rendering, kind)(None) is expected


@pytest.mark.parametrize(("rendering", "kind"), MASKS)
@pytest.mark.parametrize("value", [0, 13800138000, b"secret", ["secret"], {"a": "b"}, 1.5])
def test_a_value_of_another_type_shows_nothing(
    rendering: Rendering, kind: Kind, value: object
) -> None:
    expected = False if rendering is Rendering.YES_NO else None
    assert mask(rendering, kind)(value) is expected


@pytest.mark.parametrize(("rendering", "kind"), MASKS)
@given(value=st.text())
def test_a_mask_applied_twice_shows_what_it_showed_once(
    rendering: Rendering, kind: Kind, value: str
) -> None:
    applied = mask(rendering, kind)
    assert applied(applied(value)) == applied(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("150402199001019971", "****9971"),
        ("15040219900101997X", "****997X"),
        ("15040219900101997x", "****997x"),
        ("13800138000", "****8000"),
        ("0476-8331234", "****1234"),
        ("12345678", "****5678"),
        ("1234567", "****"),
        ("9971", "****"),
        ("1", "****"),
        ("", "****"),
        ("１５０４０２１９９００１０１９９７１", "****9971"),
        ("１２３４５６７", "****"),
    ],
)
def test_last4_shows_four_characters_and_no_length(value: str, shown: str) -> None:
    assert last4(value) == shown


@given(st.text())
def test_last4_never_shows_more_than_four_characters_or_more_than_half(value: str) -> None:
    shown = last4(value)
    assert shown is not None
    tail = shown.removeprefix("****")
    assert len(tail) in {0, 4}
    assert len(value) >= 2 * len(tail)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王伟", "王*"),
        ("王小明", "王*"),
        ("欧阳修", "欧阳*"),
        ("歐陽修", "歐陽*"),
        ("司马相如", "司马*"),
        ("诸葛亮", "诸葛*"),
        ("司马", "司*"),
        ("欧阳", "欧*"),
        ("巴图", "巴*"),
        ("巴特尔", "巴*"),
        ("额尔德尼·巴特尔", "额*"),
        ("孛儿只斤·巴图·蒙克", "孛*"),
        ("欧阳·巴图", "欧*"),
        ("额尔德尼•巴特尔", "额*"),
        ("额尔德尼・巴特尔", "额*"),
        ("额尔德尼．巴特尔", "额*"),
        ("·巴特尔", "*"),
        ("王", "*"),
        ("", "*"),
        ("Anna Schmidt", "A*"),
        ("𠮷田", "𠮷*"),
        ("㐂子", "㐂*"),
        (" 王伟 ", "王*"),
        ("*", "*"),
        ("王*", "王*"),
        ("欧阳*", "欧阳*"),
        ("?伟", "*"),
    ],
)
def test_a_name_shows_its_surname_and_a_star(name: str, shown: str) -> None:
    assert surname_only(name) == shown


@given(st.text())
def test_a_name_never_shows_more_than_a_surname(name: str) -> None:
    shown = surname_only(name)
    assert shown is not None
    kept = shown.removesuffix("*")
    assert len(kept) <= 1 or kept in COMPOUND_SURNAMES
    assert kept != name.strip() or not kept


@given(st.sampled_from(sorted(COMPOUND_SURNAMES)), st.text("一二三", min_size=1, max_size=2))
def test_a_compound_surname_is_shown_whole(surname: str, given_name: str) -> None:
    assert surname_only(surname + given_name) == surname + "*"


def test_a_compound_surname_has_two_characters() -> None:
    assert {len(surname) for surname in COMPOUND_SURNAMES} == {2}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1990-05-01", "1990"),
        ("1990-05-01T00:00:00Z", "1990"),
        ("1990", "1990"),
        ("1990-05", None),
        ("１９９０-05-01", None),
        ("90-05-01", None),
        ("secret", None),
        ("", None),
    ],
)
def test_a_day_shows_its_year(value: str, shown: str | None) -> None:
    assert year(value) == shown


@pytest.mark.parametrize(
    ("code", "township", "county"),
    [
        ("150402", "150402", "150402"),
        ("150402001", "150402001", "150402"),
        ("150402001002", "150402001", "150402"),
        ("15040", None, None),
        ("1504020", None, None),
        ("１５０４０２", None, None),
        ("150402001 ", None, None),
        ("", None, None),
    ],
)
def test_a_division_is_cut_to_its_level(
    code: str, township: str | None, county: str | None
) -> None:
    assert mask(Rendering.TOWNSHIP, Kind.DIVISION)(code) == township
    assert mask(Rendering.COUNTY, Kind.DIVISION)(code) == county


@pytest.mark.parametrize(
    ("address", "township", "county"),
    [
        ("内蒙古赤峰市红山区西屯街道幸福里3号楼", "红山区西屯街道", "红山区"),
        ("红山区西屯街道", "红山区西屯街道", "红山区"),
        ("赤峰市红山区无此街道12号", "红山区", "红山区"),
        ("西屯街道幸福里3号楼", None, None),
        ("北京市海淀区中关村大街1号", None, None),
        ("", None, None),
    ],
)
def test_an_address_shows_names_of_divisions_only(
    address: str, township: str | None, county: str | None
) -> None:
    assert township_of_address(address) == township
    assert county_of_address(address) == county


@pytest.mark.parametrize("mask_", [township_of_address, county_of_address])
@given(st.sampled_from(TOWNSHIPS), st.text(max_size=12))
def test_of_an_address_only_what_the_register_names_is_shown(
    mask_: Callable[[object], str | None], place: tuple[str, str], rest: str
) -> None:
    county, township = place
    named = {name for each in TOWNSHIPS for name in (each[0], "".join(each))}
    assert mask_(f"赤峰市{county}{township}{rest}") in named


@pytest.mark.parametrize("place", TOWNSHIPS)
def test_the_township_of_every_address_of_the_city_is_its_own(place: tuple[str, str]) -> None:
    county, township = place
    assert township_of_address(f"赤峰市{county}{township}幸福里3号楼") == county + township


def test_yes_is_yes_and_everything_else_the_same_no() -> None:
    assert yes_no(True) is True
    assert [yes_no(value) for value in (False, None, 1, "YES", "true")] == [False] * 5


def test_of_several_renderings_the_strictest_is_the_one_that_shows_least() -> None:
    assert strictest([Rendering.PLAIN, Rendering.LAST4]) is Rendering.LAST4
    assert strictest([Rendering.COUNTY, Rendering.TOWNSHIP]) is Rendering.COUNTY
    assert strictest([Rendering.YES_NO, Rendering.PLAIN]) is Rendering.YES_NO
    assert strictest([Rendering.PLAIN]) is Rendering.PLAIN


def test_a_rendering_is_as_strict_as_itself_and_stricter_than_plain() -> None:
    for rendering in Rendering:
        assert at_least_as_strict(rendering, rendering)
        assert at_least_as_strict(rendering, Rendering.PLAIN)
    assert not at_least_as_strict(Rendering.TOWNSHIP, Rendering.COUNTY)


@pytest.mark.parametrize("kind", [Kind.DIVISION, Kind.ADDRESS])
@given(st.sampled_from(TOWNSHIPS), st.sampled_from(["150402001", "150404", "x"]))
def test_a_stricter_rendering_shows_nothing_that_the_other_hides(
    kind: Kind, place: tuple[str, str], code: str
) -> None:
    value = code if kind is Kind.DIVISION else "".join(place)
    finer, coarser = mask(Rendering.TOWNSHIP, kind), mask(Rendering.COUNTY, kind)
    assert coarser(finer(value)) == coarser(value)
