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
from cli.scenarios import keys, words
from cli.scenarios.one_case import ACTIONS
from cli.scenarios.reading import PERSON_KEYS

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


@pytest.mark.long
def test_all_published_cases_pass() -> None:
    result = run(PUBLISHED)
    assert result.output == "64 passed, 0 failed\n"
    assert result.exit_code == 0


@pytest.mark.long
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


@pytest.mark.long
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


Change = Callable[[Document], None]


def _set(part: str, **values: object) -> Change:
    return lambda case: case[part].update(values)


@pytest.mark.parametrize(
    ("id_", "change", "named"),
    [
        ("S01", _set("when", action="fly"), "when.action: unknown action 'fly'"),
        ("S01", _set("given", colour="red"), "unknown key 'colour' in given"),
        ("S01", _set("when", colour="red"), "unknown key 'colour' in when"),
        ("S01", _set("then", colour="red"), "unknown key 'colour' in then"),
        ("S01", lambda case: case.update(colour="red"), "unknown key 'colour'"),
        ("S01", _set("given", person="P99"), "given.person: test_persons has no 'P99'"),
        ("S01", _set("given", residence_division="150499"), "there is no division '150499'"),
        ("S01", _set("given", hukou_division="15"), "there is no division '15'"),
        ("S01", _set("when", materials=["passport_photo"]), "unknown material 'passport_photo'"),
        ("S01", _set("given", conditions=["luck"]), "unknown condition 'luck'"),
        ("S01", _set("when", date="2025-02-30"), "when.date: '2025-02-30' is not understood"),
        ("S01", lambda case: case["when"].pop("date"), "when.date is missing"),
        ("S01", lambda case: case.pop("then"), "then is missing"),
        ("S01", lambda case: case.update(reading="R99"), "unknown reading 'R99'"),
        ("S08", _set("when", by="neighbours_cat"), "unknown actor 'neighbours_cat'"),
        ("S11", _set("given", sex_entered="7"), "unknown sex '7'"),
        ("S14", _set("given", permit={"colour": "red"}), "given.permit: unknown key 'colour'"),
        ("S14", _set("given", permit={"state": "suspended", "valid_to": "2025-11-20"}), "says"),
        ("S21", _set("when", police_review="asleep"), "unknown word 'asleep'"),
        ("S27", _set("when", service="smile"), "unknown word 'smile'"),
        ("S33", _set("when", reason="boredom"), "unknown word 'boredom'"),
        ("S36", _set("when", ground="mood"), "unknown word 'mood'"),
        ("S37", _set("given", events=[{"type": "party", "date": "2025-06-05"}]), "event 'party'"),
        ("S54", _set("when", item="24(99)"), "unknown service '24(99)'"),
        ("S56", _set("when", fields=["shoe_size"]), "unknown field 'shoe_size'"),
        ("S59", _set("when", field="shoe_size"), "unknown word 'shoe_size'"),
        ("S63", _set("when", rule="art 99"), "unknown rule 'art 99'"),
    ],
)
def test_what_is_not_understood_is_an_error_that_names_it_and_the_case(
    changed: Callable[[str, Change], Result], id_: str, change: Change, named: str
) -> None:
    result = changed(id_, change)
    assert result.exit_code == 2
    assert result.stdout.splitlines()[-1] == "0 passed, 1 failed"
    assert result.stderr.startswith(f"error: {id_}: ")
    assert named in result.stderr


def test_the_other_cases_of_a_file_still_run(tmp_path: Path) -> None:
    whole = document()
    whole["scenarios"] = whole["scenarios"][:3]
    whole["scenarios"][1]["when"]["action"] = "fly"
    path = tmp_path / "three.yaml"
    path.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    result = run(path)
    assert result.exit_code == 2
    assert result.stdout.splitlines()[-1] == "2 passed, 1 failed"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "not a table of keys"),
        ("a: [", "not YAML"),
        ("a: 2025-02-30", "not YAML"),
        ("scenarios: []", "there is no list of scenarios"),
        ("colour: red", "unknown key 'colour'"),
        ("scenarios: [x]\nscenarios: [y]", "the key 'scenarios' stands twice"),
        ("a: &a [*a]", "unknown key 'a'"),
        ("- " * 5000 + "x", "nested too deeply"),
        ("!!python/object/apply:os.getcwd []", "not YAML"),
        ("test_persons: [{id: P01, colour: red}]\nscenarios: [x]", "unknown key 'colour'"),
        ("calendar: {years: {x: {days_off: []}}}\nscenarios: [x]", "is not a year"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_hint(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    result = run(path)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert named in result.stderr
    assert "\nhint: " in result.stderr


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    for each in (path, tmp_path / "none.yaml", tmp_path):
        result = run(each)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("error: ")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--reading", "R14"), "chooses nothing"),
        (("--reading", "R99=x"), "there is no reading R99"),
        (("--reading", "R14=x"), "R14 knows no choice 'x'"),
        (("--reading", "R14=no-registration", "--alternatives"), "each say by what to judge"),
        (("--policy", "missing.toml"), "can't be read"),
    ],
)
def test_a_command_that_asks_for_nothing_known_is_misuse(
    arguments: tuple[str, ...], named: str
) -> None:
    result = run(PUBLISHED, *arguments)
    assert result.exit_code == 2
    assert named in result.stderr


def test_a_reading_holds_for_all_cases_and_takes_the_alternative_that_means_it(
    tmp_path: Path,
) -> None:
    path = with_case(tmp_path / "case.yaml", "S03", lambda _: None)
    assert run(path, "--reading", "R14=no-registration").exit_code == 0

    def without(case: Document) -> None:
        del case["alternatives"]

    path = with_case(tmp_path / "case.yaml", "S03", without)
    result = run(path, "--reading", "R14=no-registration")
    assert "S03 [art 2 para 2,10] decision: expected recorded, got out_of_scope" in result.output
    assert result.exit_code == 1


def test_a_policy_file_judges_on_the_days_that_it_covers(tmp_path: Path) -> None:
    policy = tmp_path / "city.toml"
    policy.write_text(
        '[[policy]]\nversion = "1"\nfrom = 2025-01-01\nbasis = "x"\n'
        '[policy.readings]\nR8 = "day-before"\n',
        encoding="utf-8",
    )
    path = with_case(tmp_path / "case.yaml", "S19", lambda _: None)
    result = run(path, "--policy", policy)
    assert "S19 [art 17] valid_to: expected 2026-03-20, got 2026-03-19" in result.output


def test_a_sentence_that_only_a_person_can_judge_is_named_and_strict_fails_on_it(
    tmp_path: Path,
) -> None:
    sentence = "greet the holder"
    path = with_case(tmp_path / "case.yaml", "S18", _set("then", must=[sentence]))
    result = run(path)
    assert f"S18 [art 17] for a person to check: must: {sentence}" in result.output
    assert result.exit_code == 0
    assert run(path, "--strict").exit_code == 1


def test_an_alternative_that_does_not_come_out_fails(tmp_path: Path) -> None:
    def change(case: Document) -> None:
        case["alternatives"][0]["then"] = {"decision": "recorded"}

    result = run(with_case(tmp_path / "case.yaml", "S03", change), "--alternatives")
    assert "(R14=no-registration) decision: expected recorded, got out_of_scope" in result.output
    assert result.exit_code == 1


def test_an_alternative_in_other_words_finds_the_choice_by_trying(tmp_path: Path) -> None:
    def change(case: Document) -> None:
        case["alternatives"][0]["reading"] = "in quite other words"

    path = with_case(tmp_path / "case.yaml", "S19", change)
    answer = json.loads(run(path, "--alternatives", "--json").output)
    assert [case["reading"] for case in answer["cases"]] == ["R8=day-before"]


def test_the_page_names_every_action_and_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([^`\n]+)`", page))
    named |= {part for each in named for part in re.split(r"[ ,]+", each)}
    inside = {key for part in keys.PARTS.values() for key in part}
    known = {*ACTIONS, *keys.TOP, *keys.CASE, *keys.GIVEN, *keys.WHEN, *keys.THEN, *inside}
    known |= {*PERSON_KEYS, *words.EVENTS, *words.REPLACEMENTS.keys() & {"lost", "damaged"}}
    assert sorted(known - named) == []
    assert set(ACTIONS) == set(words.ACTIONS)


def test_the_pages_example_passes(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert found is not None
    path = tmp_path / "example.yaml"
    path.write_text(found.group(1), encoding="utf-8")
    assert run(path).output == "1 passed, 0 failed\n"


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
