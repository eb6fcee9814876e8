"""The city's own files: dated policy, holiday notices, items of article 26."""

import re
from datetime import date
from pathlib import Path

import pytest

from server.city import read_city
from server.settings import SettingsError, read_settings

DAY = date(2026, 11, 20)
RULES = """
[[policy]]
version = "2026-1"
from = 2026-01-01
basis = "赤司函〔2026〕00号"

[policy.readings]
R3 = "next-day"

[policy.values]
replacement_fee_fen = { value = 2000, basis = "内发改费字〔2026〕00号" }
"""
HOLIDAYS = """
[2027]
source = "国务院办公厅关于2027年部分节假日安排的通知"
days_off = ["2027-01-01/2027-01-03", "2027-02-05/2027-02-11"]
make_up_days = ["2027-02-14"]
"""
ROLL_OUT = """
[[roll_out]]
item = "26:elder_care"
division = "150402"
from = 2026-01-01
basis = "赤政办发〔2026〕00号"
"""
FILES = {"JUZHU_RULES": RULES, "JUZHU_HOLIDAYS": HOLIDAYS, "JUZHU_ROLL_OUT": ROLL_OUT}


def test_without_files_the_measures_are_read_as_issued() -> None:
    city = read_city(read_settings({}), DAY)
    assert city.on(DAY).version == "赤政办发〔2017〕25号"
    assert city.roll_out.items("150402", DAY) == frozenset()
    assert city.digest == "as issued"


@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["UTF-8", "UTF-8 with a mark"])
def test_the_files_of_a_city_are_read(tmp_path: Path, start: str) -> None:
    named = {}
    for name, text in FILES.items():
        (tmp_path / name).write_text(start + text, encoding="utf-8")
        named[name] = str(tmp_path / name)
    city = read_city(read_settings(named), DAY)
    assert city.on(DAY).chosen("R3") == "next-day"
    assert city.on(DAY).values.replacement_fee_fen == 2000
    assert city.on(date(2025, 12, 31)).chosen("R3") == "same-day"
    assert 2027 in city.calendar.years
    assert city.roll_out.items("150402", DAY) == frozenset({"26:elder_care"})
    assert city.roll_out.items("150404", DAY) == frozenset()
    assert len(city.digest) == 16


@pytest.mark.parametrize("name", list(FILES))
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"= 1", "TOML"),
        (b"\xff\xfe", "UTF-8"),
        (b"#" * (1 << 20) + b"##", "over 1 MiB"),
        (b'other = "x"', ""),
    ],
    ids=["no TOML", "no UTF-8", "too large", "something else"],
)
def test_a_file_that_cannot_be_read_is_named_and_stops_the_start(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(SettingsError, match=name) as refused:
        read_city(read_settings({name: str(tmp_path / "file")}), DAY)
    assert words in str(refused.value)


@pytest.mark.parametrize("name", list(FILES))
@pytest.mark.parametrize("path", ["missing", "."], ids=["missing", "a folder"])
def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path, name: str, path: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: the file can't be read"):
        read_city(read_settings({name: str(tmp_path / path)}), DAY)


@pytest.mark.parametrize("name", list(FILES))
def test_the_example_of_the_guide_is_read(tmp_path: Path, name: str) -> None:
    guide = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
    (example,) = [
        part for part in re.findall(r"```toml\n(.*?)```", guide, re.DOTALL) if name in part
    ]
    (tmp_path / "file.toml").write_text(example, encoding="utf-8")
    assert read_city(read_settings({name: str(tmp_path / "file.toml")}), DAY).digest != "as issued"
