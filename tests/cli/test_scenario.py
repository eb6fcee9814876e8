"""`juzhu scenario check`: the published cases, and what is said of those that differ."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from click.testing import CliRunner, Result

from cli.main import main

PUBLISHED = Path(__file__).parents[1] / "data" / "scenarios.yaml"
Document = dict[str, Any]


def run(*arguments: str | Path) -> Result:
    """Run the command as from a terminal."""
    return CliRunner().invoke(main, ["scenario", "check", *map(str, arguments)])


def document() -> Document:
    loaded = yaml.safe_load(PUBLISHED.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def with_case(path: Path, id_: str, change: Callable[[Document], None]) -> Path:
    """A file with one of the published cases, changed."""
    whole = document()
    case = next(each for each in whole["scenarios"] if each["id"] == id_)
    change(case)
    whole["scenarios"] = [case]
    path.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, Callable[[Document], None]], Result]:
    def check(id_: str, change: Callable[[Document], None]) -> Result:
        return run(with_case(tmp_path / "case.yaml", id_, change))

    return check


def test_all_published_cases_pass() -> None:
    result = run(PUBLISHED)
    assert result.output == "64 passed, 0 failed\n"
    assert result.exit_code == 0


def test_each_alternative_comes_out_when_its_reading_is_chosen_and_the_others_are_no_switch() -> (
    None
):
    result = run(PUBLISHED, "--alternatives")
    lines = result.output.splitlines()
    assert lines[-1] == "16 passed, 0 failed"
    beside = [re.sub(r" .*", "", line) for line in lines[:-1]]
    assert beside == ["S55", "S56", "S57", "S58", "S60", "S62"]
    assert all(line.endswith(": not a switch") for line in lines[:-1])
    assert result.exit_code == 0


def test_a_case_that_comes_out_otherwise_names_case_article_key_and_both_values(
    changed: Callable[[str, Callable[[Document], None]], Result],
) -> None:
    result = changed("S18", lambda case: case["then"].update(overdue_days=2))
    assert result.output.splitlines() == [
        "S18 [art 17] overdue_days: expected 2, got 1",
        "0 passed, 1 failed",
    ]
    assert result.exit_code == 1


def test_every_single_expectation_is_compared(tmp_path: Path) -> None:
    whole = document()
    for case in whole["scenarios"]:
        then = [_otherwise(key, value) for key, value in case["then"].items()]
        case["then"] = {key: value for each in then for key, value in each.items()}
    path = tmp_path / "otherwise.yaml"
    path.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    answer = json.loads(run(path, "--json").output)
    differed = {
        case["id"]: {each["key"] for each in case["differences"]} for case in answer["cases"]
    }
    assert differed == {case["id"]: set(case["then"]) for case in whole["scenarios"]}


def _otherwise(key: str, value: object) -> Document:
    """The same expectation turned into one that must not come out."""
    match value:
        case bool():
            return {key: not value}
        case int():
            return {key: value + 1}
        case list() if key in {"must", "must_not"}:
            return {"must" if key == "must_not" else "must_not": value}
        case list():
            return {key: [*value, "something else"]}
        case None:
            return {key: "2025-01-01"}
        case _:
            return {key: "2001-01-01" if str(value)[:2] == "20" else "something else"}


def test_json_says_the_same_and_through_what_of_the_product(tmp_path: Path) -> None:
    path = with_case(tmp_path / "case.yaml", "S18", lambda case: case["then"].update(state="none"))
    answer = json.loads(run(path, "--json").output)
    (case,) = answer.pop("cases")
    assert answer == {"passed": 0, "failed": 1, "not_a_switch": 0}
    assert case["differences"] == [{"key": "state", "expected": "none", "got": "active"}]
    assert (case["id"], case["article"], case["result"]) == ("S18", "17", "failed")
    assert case["through"] == "use case"


def test_junit_has_a_suite_a_file_and_a_test_a_case(tmp_path: Path) -> None:
    path = with_case(tmp_path / "<a>&.yaml", "S18", lambda case: case["then"].update(state="<no>"))
    report = tmp_path / "report.xml"
    assert run(path, "--junit", report).exit_code == 1
    root = ET.fromstring(report.read_text(encoding="utf-8"))  # noqa: S314 — our own
    (suite,) = root.findall("testsuite")
    assert (suite.get("name"), suite.get("failures"), suite.get("tests")) == ("<a>&.yaml", "1", "1")
    (case,) = suite.findall("testcase")
    assert case.get("classname") == "art 17"
    failure = case.find("failure")
    assert failure is not None
    assert failure.text == "S18 [art 17] state: expected <no>, got active"
