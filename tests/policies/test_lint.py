"""Every lint, each with a sample that fails it and words that say where and how to mend it."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path as FilePath

import pytest

from policies.catalogue import Catalogue, Kind, PathSpec
from policies.finding import Finding, LintError
from policies.lint import check, lint
from policies.oracle import MOST_INHERITANCES
from policies.permission import Action, Path
from policies.table import Policies
from tests.policies.city import ACTIVE, CATALOGUE, HEADING, ROWS, rewrite, shipped_copy, small_city


def findings(folder: FilePath) -> tuple[Finding, ...]:
    return check(folder, CATALOGUE)[1]


def whats(folder: FilePath) -> list[str]:
    return [finding.what for finding in findings(folder)]


def line(**cells: str) -> str:
    """The line that reads `Permit.active`, with some cells changed."""
    values = dict(zip(HEADING.split(","), ACTIVE.split(","), strict=True))
    return ",".join({**values, **cells}.values())


def row_line(**cells: str) -> str:
    values = dict(zip(HEADING.split(","), ROWS.split(","), strict=True))
    return ",".join({**values, **cells}.values())


def test_the_shipped_rules_have_no_finding(tmp_path: FilePath) -> None:
    assert findings(shipped_copy(tmp_path)) == ()


def test_the_small_city_of_these_tests_has_no_finding(tmp_path: FilePath) -> None:
    assert findings(small_city(tmp_path)) == ()


LINES = {
    "an unknown kind": (line(kind="fields"), "`kind` is neither"),
    "an unknown kind that Casbin would drop": (line(kind="p3"), "`kind` is neither"),
    "an unknown role": (line(role="educatoin"), "the role is unknown"),
    "a role of another department": (line(role="housing"), "the role is unknown"),
    "a role that is no code": (line(role="Education"), "`role` is not well formed"),
    "an unknown purpose": (line(purpose="school"), "the purpose is unknown"),
    "an allow for every purpose": (line(purpose="*"), "only a deny is for every purpose"),
    "an unknown action": (line(action="see"), "`action` is an unknown word"),
    "an action that the path does not have": (line(action="sort"), "the action means nothing"),
    "an unknown rendering": (line(rendering="last5"), "`rendering` is an unknown word"),
    "no rendering": (line(rendering=""), "`rendering` is an unknown word"),
    "an unknown effect": (line(effect="permit"), "`effect` is an unknown word"),
    "an effect that Casbin would ignore": (line(effect="Deny"), "`effect` is an unknown word"),
    "a deny with a rendering": (line(effect="deny"), "a deny has no `rendering`"),
    "a path of nothing": (line(path="Permit.activ"), "the path matches nothing"),
    "a pattern of nothing": (line(path="Permits.*"), "the path matches nothing"),
    "a star inside a segment": (line(path="Permit.act*"), "`path` is not well formed"),
    "a star for everything": (line(path="*"), "`path` is not well formed"),
    "a mask that does not apply": (line(rendering="last4"), "last4 does not apply"),
    "a mask for a whole type": (
        line(path="Person.*", rendering="last4"), "last4 does not apply to Person.name",
    ),
    "a field with a scope": (line(scope="all"), "a field rule has no `scope`"),
    "no reason": (line(because=""), "`because` is empty"),
    "no first day": (line(**{"from": ""}), "`from` is no day"),
    "a day of another form": (line(**{"from": "20260101"}), "`from` is no day"),
    "a day by week": (line(**{"from": "2026-W01-1"}), "`from` is no day"),
    "a day that is not": (line(until="2027-02-29"), "`until` is no day"),
    "a day in full-width digits": (line(**{"from": "２０２６-01-01"}), "`from` is no day"),
    "days reversed": (line(until="2025-12-31"), "`until` is before `from`"),
    "a row with an action": (row_line(action="read"), "a row rule has no `action`"),
    "a row with a rendering": (row_line(rendering="plain"), "a row rule has no `rendering`"),
    "a row that denies": (row_line(effect="deny"), "a row rule can't deny"),
    "a row without a scope": (row_line(scope=""), "`scope` is an unknown word"),
    "a row of an unknown scope": (row_line(scope="everybody"), "`scope` is an unknown word"),
    "a row of no type": (row_line(path="Person.*"), "`path` is not well formed"),
    "a row of a type without rows": (row_line(path="Permit"), "the type has no rows of its own"),
    "a row for every purpose": (row_line(purpose="*"), "`purpose` is not well formed"),
    "a line break inside": (line(because='"a\nreason"'), "holds a line break"),
    "a separator inside": (line(because='"a, reason"'), "holds a separator"),
    "a semicolon inside": (line(because="a; reason"), "holds a separator"),
    "a quote inside": (line(because='"a ""reason"""'), "holds a separator"),
    "a blank before": (line(because=" a reason"), "begins or ends with a blank"),
    "a blank after": (line(role="education "), "begins or ends with a blank"),
    "a wide blank after": (line(because="缘由\u3000"), "begins or ends with a blank"),
    "a formula": (line(because="=HYPERLINK(A1)"), "would be a formula"),
    "a formula with a sign": (line(because="@SUM(A1)"), "would be a formula"),
    "a turned direction": (line(because="a \u202ereason"), "an invisible character"),
    "a hidden joint": (line(role="educa\u200btion"), "an invisible character"),
    "a line separator": (line(because="a\u2028reason"), "a line break"),
    "a cell too few": (ACTIVE.rpartition(",")[0], "the line has 10 cells"),
    "a cell too many": (ACTIVE + ",more", "the line has 12 cells"),
    "an empty line of a spreadsheet": ("," * 10, "`kind` is neither"),
    "a quote that stays open": ('"' + ACTIVE, "the quotes don't close"),
    "the same twice": (ACTIVE, "education.csv:3 says the same"),
    "two renderings": (line(rendering="plain"), "Permit.active is shown otherwise"),
    "two renderings by a pattern": (
        line(path="Permit.*", rendering="plain"), "Permit.active is shown otherwise",
    ),
    "the same scope twice": (ROWS, "education.csv:2 says the same"),
    "a scope that ends before another": (
        row_line(scope="active-holders", until="2026-12-31"), "its days differ",
    ),
    "a scope that begins after another": (
        row_line(scope="active-holders", **{"from": "2026-02-01"}), "its days differ",
    ),
    "a filter without a read": (
        line(path="Permit.status", action="filter", rendering="plain"),
        "filter on Permit.status without leave to read",
    ),
    "a sort without a read": (
        line(path="Permit.validTo", action="sort", rendering="plain"),
        "sort on Permit.validTo without leave to read",
    ),
    "a count without a call": (
        line(path="Query.persons", action="count", rendering="plain"),
        "count on Query.persons without leave to read",
    ),
    "a field without a row rule": (
        line(path="AccessRecord.time", rendering="plain"), "which rows of AccessRecord",
    ),
    "a field of earlier days than its rows": (
        line(path="Permit.entitled", **{"from": "2025-12-31"}), "which rows of Person",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(LINES))
def test_a_line_with_a_fault_is_a_finding(tmp_path: FilePath, name: str) -> None:
    spoiled, expected = LINES[name]
    folder = small_city(tmp_path, (ROWS, ACTIVE, spoiled))
    found = findings(folder)
    assert [finding.what for finding in found if expected in finding.what], found
    assert all(finding.mend for finding in found)
    assert {(finding.file, finding.line) for finding in found} == {("education.csv", 4)}


@pytest.mark.parametrize("name", list(LINES))
def test_a_set_with_a_finding_can_not_be_loaded(tmp_path: FilePath, name: str) -> None:
    folder = small_city(tmp_path, (ROWS, ACTIVE, LINES[name][0]))
    with pytest.raises(LintError) as refused:
        Policies.load(catalogue=CATALOGUE, directory=folder)
    assert refused.value.findings
    assert "education.csv:4: " in str(refused.value)


READ_STATUS = line(path="Permit.status", rendering="plain")
PAIRS = {
    "a filter whose read ended before": (
        line(path="Permit.status", rendering="plain", until="2026-06-30"),
        line(path="Permit.status", action="filter", rendering="plain"),
        "filter on Permit.status",
    ),
    "a filter whose read is denied": (
        READ_STATUS,
        line(path="Permit.status", action="filter", rendering="plain")
        + "\nfield,education,*,read,Permit.status,,,deny,2027-01-01,,a reason",
        "filter on Permit.status",
    ),
    "a sort that shows more than the read": (
        line(path="Permit.validTo", rendering="year"),
        line(path="Permit.validTo", action="sort", rendering="plain"),
        "sorting on Permit.validTo shows more",
    ),
}


@pytest.mark.parametrize("name", list(PAIRS))
def test_a_search_that_finds_out_what_may_not_be_read_is_a_finding(
    tmp_path: FilePath, name: str
) -> None:
    first, second, expected = PAIRS[name]
    folder = small_city(tmp_path, (ROWS, ACTIVE, first, second))
    (found,) = findings(folder)
    assert expected in found.what
    assert found.line == 5


def test_a_filter_may_say_plain_on_a_read_that_is_masked(tmp_path: FilePath) -> None:
    lines = (
        ROWS,
        line(path="Person.idNumber", rendering="last4"),
        line(path="Person.idNumber", action="filter", rendering="plain"),
    )
    assert findings(small_city(tmp_path, lines)) == ()


def test_one_rule_may_follow_another(tmp_path: FilePath) -> None:
    lines = (
        ROWS,
        line(until="2026-06-30"),
        line(rendering="plain", **{"from": "2026-07-01"}),
    )
    assert findings(small_city(tmp_path, lines)) == ()


def test_rules_that_meet_on_one_day_overlap(tmp_path: FilePath) -> None:
    lines = (ROWS, line(until="2026-06-30"), line(**{"from": "2026-06-30"}))
    assert whats(small_city(tmp_path, lines)) == ["education.csv:3 says the same on the same days"]


def test_a_deny_may_stand_beside_an_allow(tmp_path: FilePath) -> None:
    lines = (ROWS, ACTIVE, line(purpose="*", effect="deny", rendering="", path="Permit.*"))
    assert findings(small_city(tmp_path, lines)) == ()


# --- registers -----------------------------------------------------------------------------------

REGISTERS = {
    "an inheritance from nobody": (
        "roles.csv", "education,教育,Education,\n", "education,教育,Education,desk\n",
        "the role desk is unknown",
    ),
    "a role that inherits itself": (
        "roles.csv", "education,教育,Education,\n", "education,教育,Education,education\n",
        "the role education inherits itself",
    ),
    "a circle": (
        "roles.csv", "education,教育,Education,\n",
        "education,教育,Education,desk\ndesk,窗口,Desk,education\n",
        "the role desk inherits itself",
    ),
    "a role without rules": (
        "roles.csv", "education,教育,Education,\n",
        "education,教育,Education,\nhousing,住房,Housing,\n",
        "the role housing has no rule",
    ),
    "a role twice": (
        "roles.csv", "education,教育,Education,\n",
        "education,教育,Education,\neducation,教育,Education,\n",
        "education stands twice",
    ),
    "roles by bars": (
        "roles.csv", "education,教育,Education,\n", "education,教育,Education,a|b\n",
        "`inherits` holds a separator",
    ),
    "a purpose of an unknown role": (
        "purposes.csv", ",education,yes,", ",educatoin,yes,", "the role educatoin is unknown",
    ),
    "a purpose of nobody": (
        "purposes.csv", ",education,yes,", ",,yes,", "no role may name this purpose",
    ),
    "a purpose twice": (
        "purposes.csv", "yes,no,no\n",
        "yes,no,no\nschool-place,入学,School place,24(4),education,yes,no,no\n",
        "school-place stands twice",
    ),
    "a purpose that is neither": (
        "purposes.csv", ",yes,no,no", ",true,no,no", "`case_required` is neither",
    ),
    "a purpose without an article": (
        "purposes.csv", "24(4)", "", "`article` is empty",
    ),
    "another heading": ("purposes.csv", "code,zh", "code,cn", "the heading is another"),
    "a department of an unknown role": (
        "departments.csv", "Education,education,", "Education,desk,", "the role desk is unknown",
    ),
    "a department without a role": (
        "departments.csv", "Education,education,", "Education,,", "the department has no role",
    ),
    "a department of two names at once": (
        "departments.csv", "2017-06-22,\n",
        "2017-06-22,2020-01-01\neducation,教育局,Education,education,2020-01-01,\n",
        "education has two names at once",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(REGISTERS))
def test_a_register_with_a_fault_is_a_finding(tmp_path: FilePath, name: str) -> None:
    file, before, after, expected = REGISTERS[name]
    folder = small_city(tmp_path)
    text = (folder / file).read_text("utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after), "utf-8")
    found = findings(folder)
    assert [finding for finding in found if expected in finding.what], found
    assert {finding.file for finding in found} == {file}


def test_a_purpose_without_the_role_of_a_rule_is_a_finding(tmp_path: FilePath) -> None:
    folder = shipped_copy(tmp_path)
    text = (folder / "purposes.csv").read_text("utf-8")
    spoiled = text.replace(",24(4),education,", ",24(4),housing,")
    (folder / "purposes.csv").write_text(spoiled, "utf-8")
    assert set(whats(folder)) == {"the role may not name this purpose"}
    assert {finding.file for finding in findings(folder)} == {"education.csv"}


def test_a_line_in_another_departments_file_is_a_finding(tmp_path: FilePath) -> None:
    folder = shipped_copy(tmp_path)
    (folder / "rules" / "education.csv").rename(folder / "rules" / "school.csv")
    assert "the role is not of this file's department" in whats(folder)


@pytest.mark.parametrize(
    ("steps", "fits"), [(MOST_INHERITANCES, True), (MOST_INHERITANCES + 1, False)]
)
def test_roles_are_inherited_as_far_as_casbin_follows(
    tmp_path: FilePath,
    steps: int,
    fits: bool,  # noqa: FBT001 — a parameter of the table
) -> None:
    folder = small_city(tmp_path)
    codes = [f"r{number}" for number in range(steps)] + ["education"]
    chained = "".join(
        f"{code},角色,Role,{parent}\n" for code, parent in zip(codes, [*codes[1:], ""], strict=True)
    )
    (folder / "roles.csv").write_text("code,zh,en,inherits\n" + chained, "utf-8")
    too_long = [what for what in whats(folder) if "steps" in what]
    assert too_long == ([] if fits else [f"the role r0 inherits over more than {steps - 1} steps"])


def test_a_name_of_a_department_may_follow_another(tmp_path: FilePath) -> None:
    folder = small_city(tmp_path)
    (folder / "departments.csv").write_text(
        "code,zh,en,roles,from,until\n"
        "education,教育局,Education,education,2017-06-22,2019-12-31\n"
        "education,教育体育局,Education and sport,education,2020-01-01,\n",
        "utf-8",
    )
    assert findings(folder) == ()


# --- files ---------------------------------------------------------------------------------------


def test_no_rules_at_all_are_a_finding(tmp_path: FilePath) -> None:
    folder = small_city(tmp_path)
    (folder / "rules" / "education.csv").unlink()
    assert "there are no rules" in whats(folder)
    (folder / "rules").rmdir()
    assert "there are no rules" in whats(folder)


@pytest.mark.parametrize("text", ["", HEADING, HEADING + "\n", "\n\n"])
def test_a_file_without_a_rule_is_a_finding(tmp_path: FilePath, text: str) -> None:
    folder = small_city(tmp_path)
    (folder / "rules" / "education.csv").write_text(text, "utf-8")
    assert {finding.file for finding in findings(folder)} == {"education.csv"}


def test_a_folder_without_registers_names_each_file(tmp_path: FilePath) -> None:
    missing = {finding.file for finding in findings(tmp_path)}
    assert missing == {"roles.csv", "purposes.csv", "departments.csv", "rules"}


def test_a_stray_file_is_a_finding_and_not_skipped(tmp_path: FilePath) -> None:
    # `housing.CSV` or `housing.csv.txt` would otherwise be a department without its rules.
    folder = small_city(tmp_path)
    (folder / "rules" / "housing.CSV").write_text("", "utf-8")
    assert whats(folder) == ["no rule file"]


def test_a_file_in_gb18030_is_named_as_such(tmp_path: FilePath) -> None:
    folder = small_city(tmp_path)
    path = folder / "purposes.csv"
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    (found,) = findings(folder)
    assert "GB18030" in found.what
    assert found.mend == "Save it as CSV UTF-8"


def test_a_spreadsheets_mark_and_line_ends_change_neither_rules_nor_revision(
    tmp_path: FilePath,
) -> None:
    folder = small_city(tmp_path)
    before = Policies.load(catalogue=CATALOGUE, directory=folder).revision
    for path in (*folder.glob("*.csv"), *(folder / "rules").iterdir()):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert Policies.load(catalogue=CATALOGUE, directory=folder).revision == before


def test_all_faults_are_told_at_once(tmp_path: FilePath) -> None:
    lines = (ROWS, line(effect="Deny"), line(path="Permit.activ"), line(because=" x"))
    assert [finding.line for finding in findings(small_city(tmp_path, lines))] == [3, 4, 5]


def test_a_type_that_nobody_has_classed_is_a_finding(tmp_path: FilePath) -> None:
    # Else its fields would be granted with no word about whose rows they are.
    folder = small_city(tmp_path)
    new = {Path("Appeal.filedOn"): PathSpec(frozenset({Action.READ}), Kind.DATE)}
    _, found = check(folder, Catalogue({**CATALOGUE.paths, **new}))
    assert [finding.what for finding in found] == [
        "nothing says which row rules govern the type Appeal"
    ]


def test_no_finding_repeats_a_value_of_a_free_text(tmp_path: FilePath) -> None:
    lines = (ROWS, line(because="@secret"), line(until="secret"))
    with pytest.raises(LintError) as refused:
        lint(small_city(tmp_path, lines), CATALOGUE)
    assert "secret" not in str(refused.value)


MANY = 100_000
SOME = 10_000


@pytest.mark.long
@pytest.mark.parametrize(
    "made",
    [
        lambda number: line(until=f"{2026 + number % 7000}-12-31"),
        lambda number: row_line(until=f"{2026 + number % 7000}-12-31"),
        lambda _: line(action="filter", path="Permit.validTo", rendering="plain"),
    ],
    ids=["of one cell", "of rows", "of a filter without a read"],
)
def test_ten_thousand_lines_that_overlap_get_a_finding_each_and_not_each_pair(
    tmp_path: FilePath, made: Callable[[int], str]
) -> None:
    folder = small_city(tmp_path, (ROWS, ACTIVE, *map(made, range(SOME))))
    found = findings(folder)
    assert SOME - 1 <= len(found) <= 2 * SOME
    assert {finding.file for finding in found} == {"education.csv"}


@pytest.mark.long
def test_a_hundred_thousand_lines_that_follow_one_another_load(tmp_path: FilePath) -> None:
    first = date(1700, 1, 1)
    days = [(first + timedelta(days=number)).isoformat() for number in range(MANY)]
    lines = [line(**{"from": day, "until": day}) for day in days]
    folder = small_city(tmp_path, (row_line(**{"from": days[0]}), *lines))
    assert len(lint(folder, CATALOGUE).fields) == MANY


def test_roles_that_inherit_each_other_many_ways_are_told_as_fast_as_any(
    tmp_path: FilePath,
) -> None:
    """Forty layers of two: walked one way at a time they would be 2^40 ways."""
    folder = small_city(tmp_path)
    layers = "".join(
        f"l{n}{side},层,Layer,l{n + 1}a l{n + 1}b\n" for n in range(40) for side in "ab"
    )
    text = f"code,zh,en,inherits\neducation,教育,Education,l0a\n{layers}l40a,层,Layer,\n"
    (folder / "roles.csv").write_text(f"{text}l40b,层,Layer,\n", "utf-8")
    assert "the role education inherits over more than 9 steps" in whats(folder)


def test_a_chain_of_ten_thousand_roles_is_a_finding_and_no_fault(tmp_path: FilePath) -> None:
    folder = small_city(tmp_path)
    chain = "".join(f"r{n},链,Chain,r{n + 1}\n" for n in range(10_000))
    text = f"code,zh,en,inherits\neducation,教育,Education,r0\n{chain}r10000,链,Chain,\n"
    (folder / "roles.csv").write_text(text, "utf-8")
    assert "the role education inherits over more than 9 steps" in whats(folder)


def test_a_corrected_file_loads(tmp_path: FilePath) -> None:
    folder = small_city(tmp_path, (ROWS, line(effect="Allow")))
    with pytest.raises(LintError):
        lint(folder, CATALOGUE)
    rewrite(folder, (ROWS, ACTIVE))
    assert len(lint(folder, CATALOGUE).fields) == 1
