"""The printer of a deployment: what the operator sets is checked at the start."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from regulation.remedies import remedies_on
from server.press import open_press
from server.settings import Paper, SettingsError, read_settings
from tests.printing.documents import receipt
from tests.printing.made_fonts import make_font

LABELS = 'language = "mn-Mong"\n[labels]\nname = "ᠨᠡᠷ"\n'


def test_without_settings_the_shipped_fonts_print() -> None:
    press = open_press(Paper())
    assert press.printer().pdf(receipt()).startswith(b"%PDF-")
    assert press.printer() is press.printer()
    assert remedies_on(tuple(press.remedies), date(2026, 3, 2)).litigation.period == "六个月"


def test_the_three_variables_name_folder_and_files() -> None:
    settings = read_settings(
        {"JUZHU_FONTS": "fonts", "JUZHU_LABELS": "l.toml", "JUZHU_REMEDIES": "r.toml"}
    )
    assert settings.paper == Paper(
        fonts=Path("fonts"), labels=Path("l.toml"), remedies=Path("r.toml")
    )
    assert read_settings({"JUZHU_FONTS": " "}).paper == Paper()


def test_a_folder_and_labels_that_fit_are_used(tmp_path: Path) -> None:
    make_font(tmp_path / "mongolian.ttf", "ᠨᠡᠷ")
    (tmp_path / "labels.toml").write_text(LABELS, "utf-8")
    press = open_press(Paper(fonts=tmp_path, labels=tmp_path / "labels.toml"))
    assert "ᠨᠡᠷ" in press.printer().html(receipt())


@pytest.mark.parametrize("name", ["fonts", "labels", "remedies"])
def test_what_is_not_there_stops_the_start_and_names_the_variable(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=f"^JUZHU_{name.upper()}: "):
        open_press(replace(Paper(), **{name: tmp_path / "none"}))


def test_labels_without_a_glyph_stop_the_start_and_are_named(tmp_path: Path) -> None:
    (tmp_path / "labels.toml").write_text(LABELS, "utf-8")
    with pytest.raises(SettingsError, match=r"U\+1828.*JUZHU_FONTS"):
        open_press(Paper(labels=tmp_path / "labels.toml"))
