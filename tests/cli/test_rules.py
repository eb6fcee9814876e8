"""`juzhu rules`: what holds on a day, for the legal office."""

import os
from pathlib import Path

import orjson
from click.testing import CliRunner, Result

from cli.main import main
from tests.server.test_city import ROLL_OUT, RULES


def run(*words: str, **named: str) -> Result:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUZHU_")}
    return CliRunner().invoke(main, ["rules", *words], env={**kept, **named})


def test_as_issued_no_reading_is_marked(tmp_path: Path) -> None:
    shown = run("--on", "2026-11-20", JUZHU_HOME=str(tmp_path))
    assert shown.exit_code == 0
    assert "赤政办发〔2017〕25号" in shown.stdout
    assert not [line for line in shown.stdout.splitlines() if line.startswith("*")]
    assert not list(tmp_path.iterdir())


def test_a_citys_choices_figures_and_items_are_shown_for_their_days(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "items.toml").write_text(ROLL_OUT, encoding="utf-8")
    named = {
        "JUZHU_RULES": str(tmp_path / "rules.toml"),
        "JUZHU_ROLL_OUT": str(tmp_path / "items.toml"),
    }
    shown = run("--on", "2026-11-20", JUZHU_LANGUAGE="en", **named)
    (marked,) = [line for line in shown.stdout.splitlines() if line.startswith("*")]
    assert marked.startswith("* R3\tnext-day\t")
    assert "replacement_fee_fen\t2000\t内发改费字〔2026〕00号" in shown.stdout
    said = orjson.loads(run("--on", "2025-12-31", "--json", **named).stdout)
    assert said["policy"]["version"] == "赤政办发〔2017〕25号"
    assert said["rolledOut"] == []
    said = orjson.loads(run("--on", "2026-12-01", "--json", **named).stdout)
    assert said["rolledOut"] == [
        {"county": "150402", "item": "26:elder_care", "basis": "赤政办发〔2026〕00号"}
    ]
    assert said["holidays"]["missing"] == [2027]


def test_a_notice_is_wanted_from_december_on(tmp_path: Path) -> None:
    before = run("--on", "2026-11-30", JUZHU_HOME=str(tmp_path))
    after = run("--on", "2026-12-01", JUZHU_HOME=str(tmp_path))
    assert "缺放假通知" not in before.stdout
    assert "缺放假通知：2027" in after.stdout


def test_a_wrong_file_ends_with_2_and_says_where(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES.replace("R3", "R99"), encoding="utf-8")
    shown = run(JUZHU_RULES=str(tmp_path / "rules.toml"))
    assert shown.exit_code == 2
    assert "JUZHU_RULES" in shown.stderr
    assert "R99" in shown.stderr
