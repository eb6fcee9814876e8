"""`juzhu policy matrix`: as text, as JSON, and as pages in Chinese for signature."""

import io
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import orjson
import pytest
from click.testing import CliRunner, Result

from cli.main import main
from cli.policy_words import ACTIONS, RENDERINGS, SCOPES, type_in_chinese
from policies.catalogue import ROWS
from policies.permission import Action, Rendering, Scope
from tests.policies.city import POLICIES, TODAY, small_city


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["policy", "matrix", "--on", str(TODAY), *map(str, words)])


def test_as_text_each_department_has_a_table_with_a_column_a_purpose() -> None:
    shown = run("--department", "education").stdout.splitlines()
    assert shown[0].split() == ["education", "(education),", str(TODAY), "school-place"]
    assert any(line.split() == ["Permit.active", "read", "yes-no"] for line in shown)
    assert not any(line.startswith("Person.name") for line in shown)


def test_as_json_every_cell_is_the_tables() -> None:
    said = orjson.loads(run("--json").stdout)
    assert said["revision"] == POLICIES.revision
    for seat in said["seats"]:
        table = POLICIES.table({seat["role"]}, seat["purpose"], TODAY)
        granted = {cell for cell, decision in table.decisions.items() if decision.granted}
        assert {(cell["path"], cell["action"]) for cell in seat["cells"]} == granted
    assert {seat["department"] for seat in said["seats"]} == {
        one.code for one in POLICIES.departments
    }


def test_an_unknown_department_is_misuse() -> None:
    shown = run("--department", "educaton")
    assert shown.exit_code == 2
    assert "did you mean education" in shown.stderr


def test_the_workbook_has_a_tab_a_department_and_opens_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "all.xlsx"
    assert run("--xlsx", file).exit_code == 0
    book = openpyxl.load_workbook(file)
    assert len(book.sheetnames) == len({one.code for one in POLICIES.departments})
    cells = [[str(cell.value) for cell in row if cell.value] for row in book["教育局"].iter_rows()]
    assert cells[0] == ["居住证个人信息查询权限表：教育局"]
    assert POLICIES.revision in cells[2][0]
    assert ["字段", "路径", "操作", "呈现", "依据", "有效期至", "规则"] in cells
    (active,) = [row for row in cells if "Permit.active" in row]
    assert active[2:4] == ["读取", "只答是否"]
    assert active[4].startswith("办法第二十四条（四）")
    assert cells[-1][0].startswith("批准人")


def test_the_same_rules_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    run("--xlsx", one)
    run("--xlsx", other)
    assert one.read_bytes() == other.read_bytes()


def test_every_cell_of_the_workbook_is_text(tmp_path: Path) -> None:
    file = tmp_path / "one.xlsx"
    run("--department", "education", "--xlsx", file)
    with ZipFile(io.BytesIO(file.read_bytes())) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert set(re.findall(r'<c [^>]*t="(\w+)"', sheet)) == {"inlineStr"}
    assert "<f>" not in sheet


def test_the_html_page_is_chinese_for_signature_and_loads_nothing(tmp_path: Path) -> None:
    file = tmp_path / "all.html"
    assert run("--html", file).stdout == f"written: {file}\n"
    page = file.read_text("utf-8")
    assert "<td>居住证是否有效" in page or "只答是否" in page
    assert page.count("<section>") == len({one.code for one in POLICIES.departments})
    assert "default-src 'none'" in page
    assert "批准人" in page
    assert "<script" not in page


def test_what_a_rule_says_is_escaped(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>&amp;"
    city = small_city(tmp_path / "city", [
        "row,education,school-place,,Person,,presented,allow,2026-01-01,,a reason",
        f"field,education,school-place,read,Permit.active,yes-no,,allow,2026-01-01,,{hostile}"
        .replace(";", ""),
    ])  # fmt: skip
    html, book = tmp_path / "a.html", tmp_path / "a.xlsx"
    assert run("--rules", city, "--html", html, "--xlsx", book).exit_code == 0
    assert "<script" not in html.read_text("utf-8")
    sheet = openpyxl.load_workbook(book).worksheets[0]
    said = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert hostile.replace(";", "") in said


def test_a_file_that_can_not_be_written_is_misuse(tmp_path: Path) -> None:
    shown = run("--html", tmp_path / "nowhere" / "a.html")
    assert shown.exit_code == 2
    assert "hint: name another file" in shown.stderr


@pytest.mark.parametrize(
    ("words", "all_"),
    [(ACTIONS, Action), (RENDERINGS, Rendering), (SCOPES, Scope)],
    ids=["actions", "renderings", "scopes"],
)
def test_every_word_of_the_rules_has_its_chinese(
    words: Mapping[StrEnum, str], all_: type[StrEnum]
) -> None:
    assert set(words) == set(all_)


def test_every_type_with_rows_has_its_chinese() -> None:
    assert [type_ for type_ in set(ROWS.values()) if type_in_chinese(type_) == type_] == []
