"""`juzhu policy`: what each command answers, prints, refuses and exits with."""

import re
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from cli.main import main
from cli.policy import policy
from tests.policies.city import ACTIVE, POLICIES, ROWS, rewrite, shipped_copy, small_city

ON = ("--on", "2026-11-22")
TESTS = Path(__file__).parents[2] / "policies" / "tests"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["policy", *map(str, words)])


def told(*words: str | Path) -> dict[str, object]:
    said: dict[str, object] = orjson.loads(run(*words, "--json").stdout)
    return said


# --- lint ----------------------------------------------------------------------------------------


def test_the_shipped_rules_lint_with_their_revision() -> None:
    shown = run("lint")
    assert shown.exit_code == 0
    assert POLICIES.revision in shown.stdout
    assert told("lint")["findings"] == []


def test_lint_names_file_line_and_the_mend_and_exits_1(tmp_path: Path) -> None:
    city = small_city(tmp_path, [ROWS, ACTIVE, ACTIVE.replace("yes-no", "oui-non")])
    shown = run("lint", "--rules", city)
    assert shown.exit_code == 1
    (line,) = shown.stdout.splitlines()
    assert line.startswith("education.csv:4: `rendering` is an unknown word. Write one of: plain")
    said = told("lint", "--rules", city)
    assert said["revision"] is None
    assert [(one["file"], one["line"]) for one in said["findings"]] == [("education.csv", 4)]  # type: ignore[attr-defined]  # JSON


def test_a_question_to_faulty_rules_is_refused_with_the_findings(tmp_path: Path) -> None:
    city = small_city(tmp_path, [ROWS, ACTIVE.replace("allow", "Allow")])
    shown = run("who-can", "Permit.active", "--rules", city)
    assert shown.exit_code == 1
    assert "education.csv:3: `effect` is an unknown word" in shown.stderr


# --- questions -----------------------------------------------------------------------------------


def test_who_can_names_department_purpose_rendering_rows_and_rule(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    shown = run("who-can", "Permit.active", "--rules", city, *ON)
    assert shown.exit_code == 0
    assert shown.stdout == (
        "education  education  school-place  read  yes-no  presented  until open  education.csv:3\n"
    )
    held = told("who-can", "Permit.active", "--rules", city, *ON)["holders"]
    assert [one["because"] for one in held] == [["a reason"]]  # type: ignore[attr-defined]  # JSON


def test_who_can_exits_1_where_nobody_may(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    shown = run("who-can", "Permit.validTo", "--action", "read", "--rules", city, *ON)
    assert (shown.exit_code, shown.stdout) == (1, "nobody may read Permit.validTo on 2026-11-22\n")


def test_who_can_tells_a_reader_from_a_searcher() -> None:
    def actions(*more: str) -> set[str]:
        found = told("who-can", "Permit.validTo", *more, *ON)["holders"]
        return {one["action"] for one in found}  # type: ignore[attr-defined]  # JSON

    assert actions() == {"read", "filter", "sort"}
    assert actions("--action", "sort") == {"sort"}


@pytest.mark.parametrize("words", [["who-can", "Permit.activ"], ["explain", "Permit.activ",
    "--department", "education", "--purpose", "school-place"]])  # fmt: skip
def test_an_unknown_path_is_misuse_and_hints_at_the_near_one(words: list[str]) -> None:
    shown = run(*words)
    assert shown.exit_code == 2
    assert "error: there is no path 'Permit.activ'" in shown.stderr
    assert "hint: did you mean Permit.active" in shown.stderr


def explained(path: str, *more: str | Path, purpose: str = "school-place") -> Result:
    return run("explain", "--department", "education", "--purpose", purpose, path, *ON, *more)


def test_explain_says_rendering_rows_rule_days_and_because() -> None:
    shown = explained("Permit.active")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[:4] == [
        "Permit.active read: granted",
        "rendering: yes-no",
        "stands until: open",
        "rows: active-holders and presented",
    ]
    assert lines[4].startswith("rule: education.csv:")
    assert lines[5].startswith("because: 办法第二十四条（四）")


def test_explain_says_why_not_and_for_which_purpose_it_would_be() -> None:
    nothing = explained("Permit.validTo")
    assert nothing.exit_code == 1
    assert nothing.stdout == (
        "Permit.validTo read: refused: no rule grants it, and what isn't granted is refused\n"
    )
    foreign = explained("Permit.active", purpose="housing-support")
    assert foreign.exit_code == 1
    assert "doesn't open this purpose to the role" in foreign.stdout
    assert "granted for another purpose: school-place" in foreign.stdout


def test_explain_tells_ended_denied_and_coming_grants_apart(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    more = ("--rules", city)
    rewrite(city, [ROWS, ACTIVE.replace("2026-01-01,", "2026-01-01,2026-11-21"),
                   ACTIVE.replace("2026-01-01", "2026-12-01")])  # fmt: skip
    ended = explained("Permit.active", *more).stdout
    assert "the rule that granted it has ended" in ended
    assert "rule: education.csv:3, from 2026-01-01 until 2026-11-21" in ended
    assert "granted from: 2026-12-01" in ended
    deny = "field,education,*,read,Permit.active,,,deny,2026-01-01,,no more"
    rewrite(city, [ROWS, ACTIVE, deny])
    denied = explained("Permit.active", *more)
    assert denied.exit_code == 1
    assert "a rule denies it, and a deny wins" in denied.stdout
    assert "because: no more" in denied.stdout


def test_expiring_looks_as_far_as_it_is_told_and_says_what_follows(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    other = ACTIVE.replace("Permit.active,yes-no", "Residence.division,township")
    rewrite(city, [
        ROWS,
        ACTIVE.replace("2026-01-01,", "2026-01-01,2026-12-22"),
        other.replace("2026-01-01,", "2026-01-01,2026-12-22"),
        other.replace("township", "county").replace("2026-01-01", "2026-12-23"),
    ])  # fmt: skip
    near = run("expiring", "--within", "29", "--rules", city, *ON)
    assert near.stdout == "nothing ends from 2026-11-22 until 2026-12-21\n"
    far = run("expiring", "--within", "30", "--rules", city, *ON)
    assert far.stdout.splitlines() == [
        (
            "2026-12-22  education  education  school-place  Permit.active read (education.csv:3), "
            "then expired"
        ),
        (
            "2026-12-22  education  education  school-place  Residence.division read "
            "(education.csv:4), then county"
        ),
    ]


def test_rows_and_departments_that_end_are_told(tmp_path: Path) -> None:
    city = small_city(tmp_path, [line.replace("2026-01-01,", "2026-01-01,2026-12-01")
                                 for line in (ROWS, ACTIVE)])  # fmt: skip
    (city / "departments.csv").write_text(
        "code,zh,en,roles,from,until\neducation,教育局,Education,education,2017-06-22,2026-12-10\n",
        "utf-8",
    )
    said = told("expiring", "--within", "60", "--rules", city, *ON)["endings"]
    ends = {(one["until"], one["what"], one["then"]) for one in said}  # type: ignore[attr-defined]  # JSON
    assert ends == {
        ("2026-12-01", "Permit.active read", "expired"),
        ("2026-12-01", "rows of Person", "none"),
        ("2026-12-10", "the department's entry in departments.csv", "nobody of it may ask"),
    }


# --- diff ----------------------------------------------------------------------------------------


def test_nothing_differs_from_itself() -> None:
    same = run("diff", "shipped", "shipped", *ON)
    assert (same.exit_code, same.stdout) == (0, "nothing differs\n")


def test_diff_tells_what_is_allowed_refused_and_shown_otherwise(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    within = ACTIVE.replace("Permit.active", "Residence.within")
    place = ACTIVE.replace("Permit.active,yes-no", "Residence.division,township")
    small_city(before, [ROWS, ACTIVE, place])
    small_city(after, [ROWS, within, place.replace("township", "county"),
                       ROWS.replace("presented", "active-holders")])  # fmt: skip
    shown = run("diff", before, after, *ON)
    assert shown.exit_code == 1
    assert set(shown.stdout.splitlines()) == {
        "education",
        "  school-place (education): Residence.within read newly allowed: refused → yes-no",
        "  school-place (education): Permit.active read newly refused: yes-no → refused",
        "  school-place (education): Residence.division read otherwise rendered: township → county",
        (
            "  school-place (education): rows of Person reached otherwise: "
            "presented → active-holders and presented"
        ),
    }
    what = [one["what"] for one in told("diff", before, after, *ON)["changes"]]  # type: ignore[attr-defined]  # JSON
    assert sorted(what) == ["allowed", "refused", "rendered", "rows"]


def test_diff_sees_what_begins_and_ends_later(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    small_city(before)
    later = ACTIVE.replace("Permit.active", "Residence.within")
    small_city(after, [ROWS, ACTIVE.replace("2026-01-01,", "2026-01-01,2026-12-31"),
                       later.replace("2026-01-01,", "2027-02-01,2027-02-28")])  # fmt: skip
    lines = run("diff", before, after, *ON).stdout.splitlines()
    assert lines[1].endswith("newly refused: yes-no → refused, from 2027-01-01")
    assert lines[2].endswith("refused → yes-no, from 2027-02-01, until 2027-02-28")


def test_diff_of_registers_names_the_column(tmp_path: Path) -> None:
    city = shipped_copy(tmp_path)
    file = city / "purposes.csv"
    text = file.read_text("utf-8")
    file.write_text(text.replace("24(4),education,yes,no,no", "24(4),education,no,yes,no"), "utf-8")
    lines = run("diff", "shipped", city, *ON).stdout.splitlines()
    assert lines == [
        "purposes.csv: school-place case_required: yes → no",
        "purposes.csv: school-place withheld: no → yes",
    ]


def test_a_rule_that_was_only_written_otherwise_is_no_difference(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    small_city(before)
    small_city(after, [ACTIVE.replace("a reason", "another"), ROWS])
    assert run("diff", before, after, *ON).exit_code == 0


def test_what_is_no_directory_is_misuse() -> None:
    shown = run("diff", "shipped", "nowhere")
    assert shown.exit_code == 2
    assert "'nowhere' is no directory" in shown.stderr


# --- grant ---------------------------------------------------------------------------------------


def drafted(path: str, *more: str | Path) -> Result:
    return run("grant", path, "--department", "education", "--purpose", "school-place",
               "--because", "办法第二十四条（四）", "--from", "2026-12-01", *more)  # fmt: skip


def test_a_grant_is_drafted_and_changes_no_file(tmp_path: Path) -> None:
    city = shipped_copy(tmp_path)
    before = (city / "rules" / "education.csv").read_bytes()
    shown = drafted("Permit.issuedOn", "--rendering", "year", "--rules", city)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout == (
        "field,education,school-place,read,Permit.issuedOn,year,,allow,2026-12-01,,"
        "办法第二十四条（四）\n"
    )
    assert (city / "rules" / "education.csv").read_bytes() == before


def test_the_draft_at_the_end_of_the_file_is_what_was_asked_for(tmp_path: Path) -> None:
    city = shipped_copy(tmp_path)
    line = drafted("Person.ageAtLeast", "--rules", city).stdout
    with (city / "rules" / "education.csv").open("a", encoding="utf-8") as file:
        file.write(line)
    assert run("lint", "--rules", city).exit_code == 0
    shown = run("diff", "shipped", city, *ON).stdout
    assert "Person.ageAtLeast read newly allowed: refused → yes-no, from 2026-12-01" in shown


def test_a_value_is_never_drafted_whole_because_an_option_was_forgotten() -> None:
    shown = drafted("Permit.issuedOn")
    assert shown.exit_code == 2
    assert "hint: add --rendering, one of: plain" in shown.stderr


def test_a_draft_that_lint_would_refuse_says_why_and_exits_1() -> None:
    shown = drafted("Permit.validTo", "--action", "filter")
    assert shown.exit_code == 1
    assert "filter on Permit.validTo without leave to read it" in shown.stderr
    assert drafted("Permit.active").exit_code == 1  # it is granted already
    assert drafted("Person.ageAtLeast", "--until", "2026-11-30").exit_code == 1


def test_rows_are_drafted_beside_the_fields_of_a_new_purpose(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    with (city / "purposes.csv").open("a", encoding="utf-8") as file:
        file.write("boarding,寄宿,Boarding,24(4),education,yes,no,no\n")
    shown = run("grant", "Permit.active", "Permit.validTo", "--rendering", "plain", "--scope",
                "presented", "--scope", "active-holders", "--department", "education",
                "--purpose", "boarding", "--because", "x", "--rules", city)  # fmt: skip
    # The new purpose can't lint before the draft is there, so it is refused as a whole.
    assert shown.exit_code == 1
    assert "no rule allows education anything for boarding" in shown.stderr


# --- sdl -----------------------------------------------------------------------------------------


def test_the_sdl_of_a_department_shows_what_it_sees_and_nothing_else() -> None:
    shown = run("sdl", "--department", "education", "--purpose", "school-place", *ON).stdout
    assert "active: Boolean" in shown
    for absent in ("clockStart", "hukouAddress", "accessLog", "PersonSort"):
        assert absent not in shown


def test_without_a_purpose_only_the_catalogue_is_there() -> None:
    shown = run("sdl", "--department", "education", *ON).stdout
    assert "purposes: [Purpose!]" in shown
    assert "person(" not in shown


def test_a_foreign_purpose_has_no_sdl() -> None:
    shown = run("sdl", "--department", "education", "--purpose", "housing-support", *ON)
    assert shown.exit_code == 1
    assert "hint: it may name: school-place" in shown.stderr
    assert run("sdl", "--department", "educaton").exit_code == 2
    assert run("sdl", "--department", "education", "--role", "auditor").exit_code == 2
    assert run("sdl", "--department", "education", "--on", "2017-06-21").exit_code == 2


# --- the guide -----------------------------------------------------------------------------------


def test_every_command_of_the_guide_can_be_pasted(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "policy-guide.md").read_text("utf-8")
    commands = re.findall(r"^\| `juzhu policy ([^`]+)` \|", guide, re.MULTILINE)
    shipped_copy(tmp_path)
    assert {line.split()[0] for line in commands} == set(policy.commands)
    for line in commands:
        words = [str(tmp_path) if word == "./city" else word for word in line.split()]
        shown = run(*words)
        assert (shown.exit_code, shown.stderr) == (0, ""), line
