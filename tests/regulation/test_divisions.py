"""The twelve counties and their townships (articles 2, 10)."""

import pytest

from regulation.divisions import COUNTIES, division, township_in_address, townships, within


def test_there_are_twelve_counties_with_chinese_and_english_names() -> None:
    assert [(county.code, county.zh, county.en) for county in COUNTIES] == [
        ("150402", "红山区", "Hongshan"),
        ("150403", "元宝山区", "Yuanbaoshan"),
        ("150404", "松山区", "Songshan"),
        ("150421", "阿鲁科尔沁旗", "Ar Horqin"),
        ("150422", "巴林左旗", "Bairin Left"),
        ("150423", "巴林右旗", "Bairin Right"),
        ("150424", "林西县", "Linxi"),
        ("150425", "克什克腾旗", "Hexigten"),
        ("150426", "翁牛特旗", "Ongniud"),
        ("150428", "喀喇沁旗", "Harqin"),
        ("150429", "宁城县", "Ningcheng"),
        ("150430", "敖汉旗", "Aohan"),
    ]


@pytest.mark.parametrize("code", ["150427", "150400", "110105", "", "15040", "150402999"])
def test_a_code_of_no_division_here_finds_none(code: str) -> None:
    assert division(code) is None
    assert townships(code) == ()


def test_every_township_has_nine_digits_in_its_county_and_a_name_of_its_own() -> None:
    for county in COUNTIES:
        here = townships(county.code)
        assert here
        assert len({township.zh for township in here}) == len(here)
        for township in here:
            assert len(township.code) == 9
            assert township.code.isdigit()
            assert township.county == county.code
            assert township.en is None
            assert division(township.code) is township
            assert not (township.zh.startswith(county.zh) and township.zh.endswith("街道"))
    assert sum(len(townships(county.code)) for county in COUNTIES) == 197


@pytest.mark.parametrize(
    ("code", "ancestor", "inside"),
    [
        ("150430100", "150430", True),
        ("150430", "150430", True),
        ("150430100", "150430100", True),
        ("150430101", "150430100", False),
        ("150430", "150430100", False),
        ("150430100", "150429", False),
        ("150430100", "1504", False),
        ("150430100", "", False),
    ],
)
def test_a_township_lies_in_its_county_and_nothing_lies_in_a_prefix(
    code: str, ancestor: str, *, inside: bool
) -> None:
    assert within(code, ancestor) is inside


@pytest.mark.parametrize(
    ("county", "address", "township"),
    [
        ("150430", "赤峰市敖汉旗新惠镇测试小区11号楼", "150430100"),
        ("150430", "内蒙古自治区赤峰市敖汉旗新州街道测试路1号", "150430404"),
        ("150403", "赤峰市元宝山区平庄东城街道测试路2号", "150403003"),
        ("150403", "赤峰市元宝山区小五家乡测试村", "150403200"),
        ("150403", "赤峰市元宝山区五家镇测试村", "150403104"),
        # The longest name wins; of two that are as long, the first is the larger place.
        ("150403", "赤峰市元宝山区平庄镇平庄城区街道", "150403002"),
        ("150428", "赤峰市喀喇沁旗锦山镇美林镇商店", "150428100"),
        ("150402", "赤峰市红山区测试小区1号楼", None),
        ("150402", "赤峰市敖汉旗新惠镇测试小区", None),
        ("150427", "赤峰市新惠镇", None),
        ("150402", "", None),
    ],
)
def test_an_address_names_its_township_or_none(
    county: str, address: str, township: str | None
) -> None:
    assert township_in_address(county, address) == township
