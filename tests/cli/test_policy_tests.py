"""`juzhu policy test`: the tests that ship hold, and what isn't understood is named."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from tests.policies.city import POLICIES, small_city

SHIPPED = Path(__file__).parents[2] / "policies" / "tests"
ASKED = "{person(idNumber: $n, name: $m) { permit { active } } }"
TEST = f"""\
role: education
tests:
  - name: active
    purpose: school-place
    query: 'query($n: String!, $m: String!) {ASKED}'
"""


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["policy", "test", *map(str, words)])


def written(folder: Path, text: str) -> Path:
    file = folder / "a.yaml"
    file.write_text(text, "utf-8")
    return file


def test_every_policy_test_that_ships_holds() -> None:
    shown = run()
    assert (shown.exit_code, shown.stderr) == (0, ""), shown.stdout


def test_every_role_has_policy_tests() -> None:
    tested = {line.removeprefix("role: ")
              for file in SHIPPED.glob("*.yaml")
              for line in file.read_text("utf-8").splitlines()
              if line.startswith("role: ")}  # fmt: skip
    assert tested == set(POLICIES.roles), "write policies/tests/<role>.yaml: docs/policy-guide.md"


@pytest.mark.parametrize(
    ("expected", "fault"),
    [
        ("refused: [Permit.active]", "Permit.active should be refused, and is not"),
        ("renderings: {Permit.active: plain}",
         "Permit.active is shown yes-no, and should be shown plain"),
        ("renderings: {Permit.validTo: plain}",
         "Permit.validTo is shown not at all, and should be shown plain"),
        ("allowed: [Query.person, Person.permit]",
         "Permit.active is read, and is not in `allowed`"),
        ("allowed: [Query.person, Person.permit, Permit.active, Person.name]",
         "Person.name is in `allowed`, and not read"),
    ],
)  # fmt: skip
def test_a_test_that_does_not_hold_says_what_is_otherwise(
    tmp_path: Path, expected: str, fault: str
) -> None:
    shown = run(written(tmp_path, f"{TEST}    {expected}\n"))
    assert shown.exit_code == 1
    assert shown.stdout.splitlines() == [f"a.yaml: active: {fault}", "0 of 1 policy tests hold"]


def test_a_refusal_that_nobody_expected_fails(tmp_path: Path) -> None:
    text = (
        TEST.replace("active }", "active validTo }") + "    renderings: {Permit.active: yes-no}\n"
    )
    shown = run(written(tmp_path, text))
    assert "Permit.validTo is refused, and should not be" in shown.stdout


def test_a_search_is_named_with_its_action(tmp_path: Path) -> None:
    text = (
        "role: auditor\n"
        "tests:\n"
        "  - name: by expiry\n"
        "    purpose: privacy-audit\n"
        '    query: \'{ persons(filter: {permitValidTo: {onOrBefore: "2026-12-31"}}) '
        "{ totalCount } }'\n"
        "    refused: [Query.persons]\n"
    )
    # What hangs on a refused field is refused with it, and only the field is named.
    assert run(written(tmp_path, text)).exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEST + "    refuse: []\n", "a.yaml, test 1: unknown key 'refuse'"),
        (TEST + "    refused: []\nrights: 1\n", "a.yaml: unknown key 'rights'"),
        (TEST, "a.yaml, test 1: it expects nothing"),
        (TEST + "    refused: [Permit.active]\n    allowed: []\n",
         "a.yaml, test 1: a refused document shows nothing"),
        (TEST + "    refused: []\n    refused: []\n", "the key 'refused' stands twice"),
        (TEST.replace("education", "educaton") + "    refused: []\n",
         "a.yaml: the role is unknown"),
        (TEST + "    refused: Permit.active\n", "`refused` is no list of paths"),
        (TEST + "    renderings: {Permit.active: whole}\n", "an unknown rendering"),
        ("role: education\n", "a.yaml: there are no tests"),
        ("role: education\nday: soon\ntests: [{}]\n", "a.yaml: `day` is no day"),
        ("role: education\ntests: [3]\n", "a.yaml, test 1: no table of keys"),
        ("[" * 3000, "a.yaml: nested too deeply"),
        ("!!python/object/apply:os.system [true]", "a.yaml: not YAML"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_misuse_and_named(tmp_path: Path, text: str, said: str) -> None:
    shown = run(written(tmp_path, text))
    assert shown.exit_code == 2
    assert said in shown.stderr
    assert "hint: " in shown.stderr


def test_a_query_that_no_schema_has_fails_by_its_place_without_its_values(tmp_path: Path) -> None:
    text = TEST.replace("name: $m", 'name: $m, nickname: "林晓测"') + "    refused: []\n"
    shown = run(written(tmp_path, text))
    assert shown.exit_code == 1
    assert "VALIDATION_FAILED at line 1" in shown.stdout
    assert "林晓测" not in shown.output


def test_a_day_of_the_file_counts_more_than_that_of_the_command(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    text = TEST + "    refused: []\n"
    file = written(tmp_path, text.replace("tests:", "day: 2025-12-31\ntests:"))
    shown = run(file, "--rules", city, "--on", "2026-06-01")
    assert shown.exit_code == 1
    assert "is refused, and should not be" in shown.stdout


def test_no_tests_is_misuse(tmp_path: Path) -> None:
    shown = run("--rules", small_city(tmp_path))
    assert shown.exit_code == 2
    assert "there are no policy tests" in shown.stderr
