"""Remedies against a refusal: shipped periods, a city's own file, entries by day (article 30)."""

from datetime import date
from pathlib import Path

import pytest

from printing.remedies import read_remedies
from regulation.remedies import RemediesError, remedies_on

OWN = """
[[remedies]]
from = 2030-01-01
[remedies.reconsideration]
text = "{period}内向{county}人民政府申请行政复议"
period = "九十日"
basis = "《甲法》"
[remedies.litigation]
text = "{period}内向{county}人民法院起诉"
period = "一年"
basis = "《乙法》"
"""


def test_the_county_stands_in_both_sentences_with_the_law() -> None:
    remedies = remedies_on(read_remedies(), date(2026, 3, 2))
    assert "敖汉旗人民政府" in remedies.reconsideration.says("敖汉旗")
    assert "敖汉旗人民法院" in remedies.litigation.says("敖汉旗")
    assert "《中华人民共和国行政诉讼法》" in remedies.litigation.says("敖汉旗")


def test_a_county_that_looks_like_a_place_of_the_sentence_stays_text() -> None:
    remedy = remedies_on(read_remedies(), date(2026, 3, 2)).litigation
    assert "{period}人民法院" in remedy.says("{period}")


def test_a_citys_file_holds_from_its_day_on_and_not_the_day_before(tmp_path: Path) -> None:
    path = tmp_path / "remedies.toml"
    path.write_text(OWN + OWN.replace("2030", "2020").replace("九十", "八十"), "utf-8")
    remedies = read_remedies(path)
    assert remedies_on(remedies, date(2030, 1, 1)).reconsideration.period == "九十日"
    assert remedies_on(remedies, date(2029, 12, 31)).reconsideration.period == "八十日"
    with pytest.raises(RemediesError, match="so early"):
        remedies_on(remedies, date(2019, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "remedies = []",
        "remedies = 1",
        "[[remedies]]\nfrom = 2020-01-01",
        OWN.replace("2030-01-01", '"2030-01-01"'),
        OWN.replace("{county}", ""),
        OWN.replace("{period}", ""),
        OWN.replace('"九十日"', "90"),
        OWN.replace('"九十日"', '""'),
        "[[remedies]",
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "remedies.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(RemediesError, match="write it like"):
        read_remedies(path)
