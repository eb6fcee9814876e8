"""Reports of an import: the shape that was promised, whole or not at all, and never a formula."""

import csv
import json
import os
import zipfile
from pathlib import Path

import pytest

from cli.import_ import import_
from cli.import_report import ReportError, Reports, Summary
from resolvers.intake.codes import Code, Finding
from resolvers.intake.columns import COLUMNS, ENGLISH, REQUIRED_OF, Column, Kind
from resolvers.intake.judgement import Outcome
from tests.cli.imports import Place
from tests.register_rows import csv_text, row, write_csv, write_xlsx

HEADINGS = {column: column.value for column in Column}
OUTCOMES = [
    Outcome(1, ()),
    Outcome(2, (Finding(Code.DUPLICATE_ROW, Column.ID_NUMBER, earlier=1),)),
    Outcome(
        3,
        (
            Finding(Code.SEX_CONTRADICTS, Column.SEX),
            Finding(Code.REASON_UNKNOWN, Column.REASON),
            Finding(Code.REGISTERED_LATE, Column.REGISTERED_ON),
        ),
    ),
    Outcome(
        4,
        (
            Finding(Code.ID_NUMBER_LOWER_X, Column.ID_NUMBER),
            Finding(Code.DATE_SERIAL, Column.ARRIVED_ON),
        ),
    ),
]


@pytest.fixture
def embedded(sqlite_url: str, tmp_path: Path) -> Place:
    return Place(tmp_path / "home", sqlite_url)


def written(tmp_path: Path, name: str, headings: dict[Column, str] = HEADINGS) -> Path:
    path = tmp_path / name
    summary = Summary()
    with Reports([path], language="en", source=tmp_path / "register.csv") as reports:
        for outcome in OUTCOMES:
            summary.add([outcome])
            reports.add([outcome], headings)
        assert not path.exists()
        reports.finish(summary)
    assert [one.name for one in tmp_path.iterdir()] == [name]
    return path


def test_the_json_report_has_the_promised_shape(tmp_path: Path) -> None:
    assert json.loads(written(tmp_path, "report.json").read_bytes()) == {
        "rows": 4,
        "accepted": 2,
        "rejected": 1,
        "held for review": 1,
        "results": [
            {"row": 1, "result": "accepted", "code": "ACCEPTED", "about": "", "why": ""},
            {
                "row": 2,
                "result": "rejected",
                "code": "DUPLICATE_ROW",
                "about": "公民身份号码",
                "why": "the same person stands in an earlier row (row 1)",
            },
            {
                "row": 3,
                "result": "held for review",
                "code": "SEX_CONTRADICTS",
                "about": "性别",
                "why": "sex contradicts the number; "
                "居住事由: not one of the listed reasons for residence",
            },
            {
                "row": 4,
                "result": "accepted",
                "code": "ID_NUMBER_LOWER_X",
                "about": "公民身份号码",
                "why": "lower-case x is normalised; 到达日期: spreadsheet serial day",
            },
        ],
    }


def test_the_counts_of_a_large_report_find_room(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    summary = Summary()
    with Reports([path], language="en", source=tmp_path / "register.csv") as reports:
        reports.finish(summary)
    assert json.loads(path.read_bytes()) == {
        "rows": 0,
        "accepted": 0,
        "rejected": 0,
        "held for review": 0,
        "results": [],
    }
    most = {"rows": 10**12, "accepted": 10**12, "rejected": 10**12, "held for review": 10**12}
    assert len(json.dumps(most)) + len(',"results":[') <= 160


def test_the_csv_report_has_a_byte_order_mark_and_the_same_rows(tmp_path: Path) -> None:
    path = written(tmp_path, "report.CSV")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfrow,result,code,about,why\r\n")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1] == ["1", "accepted", "ACCEPTED", "", ""]
    assert rows[2][:4] == ["2", "rejected", "DUPLICATE_ROW", "公民身份号码"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_report_is_a_live_formula(tmp_path: Path, sign: str) -> None:
    path = written(tmp_path, "report.csv", HEADINGS | {Column.ID_NUMBER: f"{sign}公民身份号码"})
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[2][3] == f"'{sign}公民身份号码"


def test_reasons_are_in_chinese_where_that_is_wanted() -> None:
    assert OUTCOMES[2].why(HEADINGS, "zh-CN") == "性别与号码不符；居住事由：居住事由不在所列之中"
    assert OUTCOMES[1].why(HEADINGS, "zh-CN") == "同一人已在前面第1行出现"


def test_an_import_that_fails_leaves_no_report_and_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with Reports([path], language="en", source=tmp_path / "register.csv") as reports:
        reports.add(OUTCOMES, HEADINGS)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]


def test_a_report_that_can_not_be_written_is_refused_before_a_row_is_read(
    tmp_path: Path,
) -> None:
    first, second = tmp_path / "report.json", tmp_path / "no" / "report.csv"
    with pytest.raises(ReportError, match="No such file"):
        Reports([first, second], language="en", source=tmp_path / "register.csv").__enter__()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_the_old_report(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with Reports([path], language="en", source=tmp_path / "register.csv") as reports:
        draft = next(one for one in tmp_path.iterdir() if one.name.startswith("."))
        _fill_disk_under(draft)
        with pytest.raises(ReportError, match="can't be written"):
            reports.finish(Summary())
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]


def _fill_disk_under(draft: Path) -> None:
    """Let what this process has open under `draft` be a device that is always full."""
    full = os.open("/dev/full", os.O_WRONLY)
    for entry in Path("/proc/self/fd").iterdir():
        if os.path.realpath(entry) == str(draft):
            os.dup2(full, int(entry.name))
    os.close(full)


# --- on the command line -------------------------------------------------------------------------


def test_reports_of_both_kinds_can_be_wanted_at_once(embedded: Place, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "register.csv", [row(0), row(1, SEX="女")])
    names = [tmp_path / "a.json", tmp_path / "b.csv", tmp_path / "c.json"]
    result = embedded.run(file, *(part for name in names for part in ("--report", name)))
    assert result.exit_code == 1
    first, second, third = (name.read_bytes() for name in names)
    assert first == third
    assert len(second.splitlines()) == 3


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("register.csv", "would overwrite the register"),
        ("linked.csv", "would overwrite the register"),
        ("hard.csv", "would overwrite the register"),
        ("report.txt", "neither .json nor .csv"),
        ("no/report.csv", "can't be written"),
        ("folder.csv", "is a folder"),
    ],
)
def test_a_report_in_a_wrong_place_is_misuse_and_changes_nothing(
    embedded: Place, tmp_path: Path, name: str, words: str
) -> None:
    file = write_csv(tmp_path / "register.csv", [row(0)])
    (tmp_path / "linked.csv").symlink_to(file)
    (tmp_path / "hard.csv").hardlink_to(file)
    (tmp_path / "folder.csv").mkdir()
    before = file.read_bytes()
    result = embedded.run(file, "--report", tmp_path / name)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "hint: " in result.stderr
    assert file.read_bytes() == before
    assert not embedded.home.exists()


def test_a_report_named_twice_is_misuse(embedded: Place, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "register.csv", [row(0)])
    report = tmp_path / "report.json"
    result = embedded.run(file, "--report", report, "--report", tmp_path / "." / "report.json")
    assert (result.exit_code, report.exists()) == (2, False)


def test_exit_0_where_every_row_is_accepted(embedded: Place) -> None:
    taken = embedded.take([row(0), row(1, PHONE="")])
    assert taken.result.exit_code == 0
    assert taken.result.stdout == "2 rows: accepted 2, rejected 0, held for review 0\n"


def test_rows_that_were_not_accepted_are_printed_with_heading_and_reason(embedded: Place) -> None:
    taken = embedded.take([row(0), row(1, SEX="女"), row(2, CURRENT_DIVISION="150427")])
    assert taken.result.stdout.splitlines() == [
        "2\theld for review\t性别\tsex contradicts the number",
        "3\trejected\t现居住地区划代码\tno such division today",
        "3 rows: accepted 1, rejected 1, held for review 1",
    ]


def test_only_the_first_rows_are_printed(embedded: Place) -> None:
    taken = embedded.take([row(serial, SEX="公") for serial in range(23)])
    lines = taken.result.stdout.splitlines()
    assert (len(lines), lines[20]) == (22, "3 more rows were not accepted: see --report")


def test_the_language_is_an_option_and_else_a_setting(embedded: Place, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "register.csv", [row(0, SEX="男")])
    chinese = "1\t待核\t性别\t性别与号码不符\n共1行：接受 0，拒绝 0，待核 1\n"
    assert embedded.run(file, JUZHU_LANGUAGE="zh-CN").stdout == chinese
    assert embedded.run(file, JUZHU_LANGUAGE="").stdout == chinese
    assert embedded.run(file, "--language", "zh-CN").stdout == chinese
    english = embedded.run(file, "--language", "en", JUZHU_LANGUAGE="zh-CN").stdout
    assert "sex contradicts the number" in english


def test_headings_stand_in_a_report_as_they_stand_in_the_file(
    embedded: Place, tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text(csv_text([row(0, SEX="男")], english=True), newline="")
    assert embedded.take_file(file).rows[0]["about"] == "sex"


def test_today_can_be_named(embedded: Place) -> None:
    cells = row(0, ARRIVED_ON="2031-01-01", REGISTERED_ON="2031-01-02")
    assert embedded.take([cells], "--today", "2030-12-31", "--dry-run").codes == [
        "REGISTRATION_IN_FUTURE"
    ]
    assert embedded.take([cells], "--today", "2031-01-02", "--dry-run").codes == ["ACCEPTED"]


def test_the_encoding_can_be_named(embedded: Place, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "register.csv", [row(0)], encoding="gb18030")
    assert embedded.run(file, "--dry-run", "--encoding", "gb18030").exit_code == 0
    refused = embedded.run(file, "--dry-run", "--encoding", "utf-8")
    assert refused.exit_code == 2
    assert "error: the file is not text in UTF-8: byte 0, line 1" in refused.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("missing.csv",),
        ("register.csv", "--today", "22.11.2026"),
        ("register.csv", "--encoding", "latin-1"),
        ("register.csv", "--language", "fr"),
        ("register.csv", "--force"),
        (),
    ],
)
def test_a_wrong_command_line_is_exit_2(
    embedded: Place, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    write_csv(tmp_path / "register.csv", [row(0)])
    named = [tmp_path / part if part.endswith(".csv") else part for part in arguments]
    assert embedded.run(*named).exit_code == 2


def test_a_progress_bar_stands_on_standard_error_where_it_is_wanted(
    embedded: Place, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "register.csv", [row(0)])
    shown = embedded.run(file, "--dry-run", "--progress")
    assert "1/1" in shown.stderr
    assert "1/1" not in shown.stdout
    assert embedded.run(file, "--dry-run", "--no-progress").stderr == ""
    assert embedded.run(file, "--dry-run").stderr == ""


def test_an_unknown_heading_is_a_warning(embedded: Place, tmp_path: Path) -> None:
    lines = csv_text([row(0)]).splitlines()
    file = tmp_path / "register.csv"
    file.write_text(f"{lines[0]},备注\r\n{lines[1]},无\r\n", newline="")
    result = embedded.run(file, "--dry-run")
    assert result.exit_code == 0
    assert result.stderr == "warning: not read, no such heading: 备注 (column 17)\n"


def test_a_workbook_that_breaks_half_way_is_exit_2_and_nothing_of_it_is_taken(
    embedded: Place, tmp_path: Path
) -> None:
    rows: list[list[object]] = [[column.value for column in COLUMNS[Kind.REGISTRATIONS]]]
    rows += [list(row(serial).values()) for serial in range(1200)]
    file = write_xlsx(tmp_path / "register.xlsx", rows)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(file.read_bytes())
    _cut_sheet(broken)
    report = tmp_path / "report.json"
    result = embedded.run(broken, "--report", report)
    assert result.exit_code == 2
    assert "the workbook is damaged (after row 1" in result.stderr
    assert not report.exists()
    assert not embedded.home.exists()
    assert set(embedded.take_file(file).codes) == {"ACCEPTED"}


def _cut_sheet(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet[: len(sheet) * 9 // 10]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


# --- docs/import.md ------------------------------------------------------------------------------


def test_the_documentation_lists_every_heading_code_and_option() -> None:
    text = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    for kind in Kind:
        assert kind.value in text
        for column in COLUMNS[kind]:
            required = "yes" if column in REQUIRED_OF[kind] else ""
            assert f"| {column.value} | {ENGLISH[column]} | {required} |" in text
    for code in Code:
        words = code.value.en.format(column="…", article="…", row="…")
        assert code is Code.ACCEPTED or f"| `{code.name}` |" in text
        assert words in text
    for option in import_.params:
        assert all(f"`{name}" in text for name in option.opts if name.startswith("--"))
