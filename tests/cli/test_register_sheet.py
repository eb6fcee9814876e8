"""A workbook gives the rows of its first visible sheet, or is refused before it costs anything."""

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from cli import register_package, register_rows, register_sheet
from cli.register_cells import BadNumberError, is_day_format, number_text
from cli.register_file import open_register
from cli.register_source import RegisterFileError
from resolvers.intake.columns import COLUMNS, Column, Kind
from resolvers.intake.judgement import RegisterRow
from tests.register_rows import DATA, row, write_xlsx

HEADINGS = [column.value for column in COLUMNS[Kind.REGISTRATIONS]]
ROOT = Path(__file__).parents[2]


def read(path: Path) -> list[RegisterRow]:
    with open_register(path, encoding=None) as register:
        return list(register.rows)


def refused(path: Path) -> RegisterFileError:
    with pytest.raises(RegisterFileError) as raised:
        read(path)
    assert raised.value.hint
    assert "哨兵" not in f"{raised.value}{raised.value.hint}"
    return raised.value


def sheet(tmp_path: Path, *rows: list[object]) -> Path:
    return write_xlsx(tmp_path / "register.xlsx", [HEADINGS, *rows])


def changed(**changes: object) -> list[object]:
    cells: dict[Column, object] = dict(row())
    return list((cells | {Column[name]: value for name, value in changes.items()}).values())


def cell(path: Path, column: Column) -> str:
    cells = read(path)[0].cells
    assert cells is not None
    return cells[column]


def test_a_workbook_gives_the_rows_of_the_csv_file(tmp_path: Path) -> None:
    text = (DATA / "register.utf8-bom.csv").read_text(encoding="utf-8-sig")
    with io.StringIO(text, newline="") as file:
        rows = list(csv.reader(file))
    rows[59][1] = rows[59][1].replace("\x00", "?")  # XML has no NUL
    path = write_xlsx(tmp_path / "register.xlsx", rows)
    expected = read(DATA / "register.utf8-bom.csv")
    assert [found.cells for found in read(path)[:58]] == [found.cells for found in expected[:58]]
    assert [found.cells for found in read(path)[59:]] == [found.cells for found in expected[59:]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (19900000000, "19900000000"),
        (150402.0, "150402"),
        (datetime(2025, 6, 16), "2025-06-16"),  # noqa: DTZ001 — a sheet has no time zones
        (date(2025, 6, 16), "2025-06-16"),
        (datetime(2025, 6, 16, 8, 30), "2025-06-16 08:30:00"),  # noqa: DTZ001
        (True, "TRUE"),
        ("=1+1", "=1+1"),
        (152221810306997, "152221810306997"),
        (1.50426197107159979e17, "1.50426197107160E+17"),
        (150426197107160000, "1.50426197107160E+17"),
    ],
)
def test_cells_of_a_sheet_become_text(tmp_path: Path, value: object, text: str) -> None:
    assert cell(sheet(tmp_path, changed(PHONE=value)), Column.PHONE) == text


def test_empty_cells_at_the_end_of_a_row_make_no_ragged_row(tmp_path: Path) -> None:
    path = sheet(tmp_path, changed(OFFICE=None, REGISTERED_ON=None))
    assert cell(path, Column.OFFICE) == ""


def test_empty_rows_of_a_sheet_are_not_rows(tmp_path: Path) -> None:
    path = sheet(tmp_path, [None] * 16, changed(), [], changed(), [None])
    assert [found.number for found in read(path)] == [1, 2]


def test_a_workbook_that_counts_from_1904_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path, changed())
    _rewrite(
        path,
        "xl/workbook.xml",
        lambda xml: xml.replace(b"<workbookPr ", b'<workbookPr date1904="1" '),
    )
    assert "1904" in str(refused(path))


def test_another_kind_of_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", "<a/>")
    assert "not an XLSX workbook" in str(refused(path))


@pytest.mark.parametrize(
    "damage",
    [
        lambda xml: xml[: len(xml) // 2],
        lambda xml: xml.replace(b'r="A2"', b'r="2A"'),
        lambda xml: xml.replace(b"<v>", b"<v>x"),
    ],
    ids=["cut", "no coordinate", "no index"],
)
def test_a_damaged_sheet_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = sheet(tmp_path, changed(NAME="哨兵", PHONE=1))
    _rewrite(path, "xl/worksheets/sheet1.xml", damage)
    assert "damaged" in str(refused(path))


def _rewrite(
    path: Path, name: str, change: Callable[[bytes], bytes], *, stored: bool = False
) -> None:
    """Replace one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    before = parts[name]
    parts[name] = change(before)
    assert parts[name] != before
    how = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", how) as archive:
        for entry, content in parts.items():
            archive.writestr(entry, content)


# --- what a workbook may hold --------------------------------------------------------------------

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def with_part(path: Path, kind: str, target: str, content: bytes) -> Path:
    """Add a part to a workbook, related as `kind`."""
    _rewrite(
        path,
        "xl/_rels/workbook.xml.rels",
        lambda xml: xml.replace(
            b"</Relationships>",
            f'<Relationship Id="rIdX" Type="{RELATIONS}/{kind}" Target="{target}"/>'
            "</Relationships>".encode(),
        ),
    )
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(str(Path("xl") / target), content)
    return path


def with_rows(path: Path, xml: str) -> Path:
    """Write a sheet's data anew, behind the line of headings."""
    at = b"</row>"
    _rewrite(
        path,
        "xl/worksheets/sheet1.xml",
        lambda old: old[: old.index(at) + len(at)] + f"{xml}</sheetData></worksheet>".encode(),
    )
    return path


def shared(*texts: str) -> bytes:
    items = "".join(f"<si>{text}</si>" for text in texts)
    return f'<sst xmlns="{SPACE}">{items}</sst>'.encode()


def use_shared(path: Path) -> None:
    """Let the name of the first row be the second shared text."""
    inline = "<is><t>测试巴特尔</t></is>".encode()
    _rewrite(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b't="inlineStr">' + inline, b't="s"><v>1</v>'),
    )


@pytest.mark.parametrize("target", ["sharedStrings.xml", "worksheets/texts.xml"])
def test_shared_texts_are_found_by_relationship_wherever_they_lie(
    tmp_path: Path, target: str
) -> None:
    path = sheet(tmp_path, changed())
    use_shared(path)
    text = "<r><t>测试</t></r><r><t>共享</t></r><rPh sb='0' eb='1'><t>ceshi</t></rPh>"
    with_part(path, "sharedStrings", target, shared("<t>甲</t>", text))
    assert cell(path, Column.NAME) == "测试共享"


def test_a_character_that_xml_lacks_is_read_from_its_escape(tmp_path: Path) -> None:
    path = sheet(tmp_path, changed())
    use_shared(path)
    text = "<t>测_x0000_试_x005F_x_xD83D__xDE00__xD800_</t>"
    with_part(path, "sharedStrings", "sharedStrings.xml", shared("<t/>", text))
    assert cell(path, Column.NAME) == "测\0试_x\U0001f600\ufffd"


@pytest.mark.parametrize("target", ["sharedStrings.xml", "worksheets/texts.xml"])
def test_shared_texts_have_a_limit_of_size_wherever_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    path = sheet(tmp_path, changed())
    texts = shared("<t>甲</t>", "<t>乙</t>")
    with_part(path, "sharedStrings", target, texts)
    monkeypatch.setattr(register_sheet, "MOST_SHARED", len(texts))
    assert len(read(path)) == 1
    monkeypatch.setattr(register_sheet, "MOST_SHARED", len(texts) - 1)
    assert "too large" in str(refused(path))


def test_shared_texts_have_a_limit_of_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sheet(tmp_path, changed())
    with_part(path, "sharedStrings", "sharedStrings.xml", shared("<t>甲</t>", "<t>乙</t>"))
    monkeypatch.setattr(register_rows, "MOST_TEXTS", 2)
    assert len(read(path)) == 1
    monkeypatch.setattr(register_rows, "MOST_TEXTS", 1)
    assert "too many texts" in str(refused(path))


def test_a_sheet_has_a_limit_of_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sheet(tmp_path, changed())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    monkeypatch.setattr(register_sheet, "MOST_STREAMED", size)
    assert len(read(path)) == 1
    monkeypatch.setattr(register_sheet, "MOST_STREAMED", size - 1)
    assert "too large" in str(refused(path))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "_rels/.rels"])
def test_a_part_that_is_held_has_a_limit_of_size(tmp_path: Path, part: str) -> None:
    path = sheet(tmp_path, changed())
    filling = b" " * register_package.MOST_OF_A_MAP
    with zipfile.ZipFile(path) as archive:
        size = len(archive.read(part))
    _rewrite(path, part, lambda xml: xml + filling[size:], stored=True)
    assert len(read(path)) == 1
    _rewrite(path, part, lambda xml: xml + b" ", stored=True)
    assert "too large" in str(refused(path))


def test_a_sheet_that_unpacks_to_far_more_than_its_size_is_refused(tmp_path: Path) -> None:
    path = with_rows(sheet(tmp_path), '<row r="2"><c r="A2"/></row>' * 100_000)
    assert "unpacks to far more" in str(refused(path))


def test_a_part_that_nothing_needs_costs_nothing(tmp_path: Path) -> None:
    path = sheet(tmp_path, changed())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/picture.emf", bytes(50 << 20))
        archive.writestr("docProps/custom.xml", b"<!DOCTYPE a>")
    assert len(read(path)) == 1


_PEAK = """
import sys
from pathlib import Path
from cli.register_file import open_register
from cli.register_source import RegisterFileError
try:
    with open_register(Path(sys.argv[1]), encoding=None) as register:
        for row in register.rows: pass
except RegisterFileError as error:
    print(error)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


@pytest.mark.parametrize(
    "filling",
    [
        '<row><c t="inlineStr"><is><t>' + "甲" * 2000 + "</t></is></c></row>",
        "<row/>",
        "<row><c/></row>",
        "<x/>",
        "<x>",
        f"<x a='{'甲' * 20_000}'/>",
        "<!-- 甲 -->",
    ],
    ids=["texts", "rows", "cells", "elements", "depth", "attributes", "comments"],
)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_memory_does_not_depend_on_what_a_sheet_holds(tmp_path: Path, filling: str) -> None:
    size = 40 << 20
    path = sheet(tmp_path, changed())
    content = filling * (size // len(filling.encode()))
    _rewrite(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"</sheetData>", f"{content}</sheetData>".encode()),
        stored=True,
    )
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(path)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    assert int(done.stdout.split()[-1]) < 120, done.stdout


def test_a_cell_is_as_long_as_a_spreadsheet_allows_and_no_longer(tmp_path: Path) -> None:
    longest = register_rows.LONGEST_CELL
    one = "<c t='inlineStr'><is><t>{}</t></is></c>"
    path = with_rows(sheet(tmp_path), f"<row>{one.format('x' * longest)}</row>")
    assert len(read(path)) == 1
    with_rows(path, f"<row>{one.format('x' * (longest + 1))}</row>")
    assert "longer than a spreadsheet allows" in str(refused(path))


@pytest.mark.parametrize(
    ("place", "words"),
    [("SF2", None), ("SG2", "more than 500 cells"), ("XFD2", "more than 500 cells")],
)
def test_a_cell_with_content_beyond_500_columns_is_refused(
    tmp_path: Path, place: str, words: str | None
) -> None:
    path = with_rows(sheet(tmp_path), f"<row><c r='{place}'><v>1</v></c></row>")
    if words is None:
        assert read(path)[0].cells is None
    else:
        assert words in str(refused(path))


@pytest.mark.parametrize("content", ["", "<is><t> </t></is>"], ids=["a style alone", "a blank"])
@pytest.mark.parametrize("place", ["SF2", "SG2", "XFD2"])
def test_a_cell_without_content_is_passed_over_wherever_it_stands(
    tmp_path: Path, place: str, content: str
) -> None:
    path = sheet(tmp_path, changed())
    styled = f"<c r='{place}' s='0' t='inlineStr'>{content}</c></row></sheetData>".encode()
    _rewrite(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"</row></sheetData>", styled),
    )
    assert [found.cells for found in read(path)] == [row()]


@pytest.mark.parametrize("place", ["XFE2", "AAAA2"])
def test_a_cell_outside_the_columns_of_a_spreadsheet_is_damage(tmp_path: Path, place: str) -> None:
    path = with_rows(sheet(tmp_path), f"<row><c r='{place}'/></row>")
    assert "damaged" in str(refused(path))


@pytest.mark.parametrize("columns", [500, 501])
def test_the_first_line_has_a_limit_of_cells(tmp_path: Path, columns: int) -> None:
    headings = [*HEADINGS, *(f"列{number}" for number in range(columns - len(HEADINGS)))]
    path = write_xlsx(tmp_path / "register.xlsx", [headings, changed()])
    if columns == 500:
        assert len(read(path)) == 1
    else:
        assert "more than 500 cells" in str(refused(path))


def test_cells_out_of_order_are_damage(tmp_path: Path) -> None:
    path = with_rows(sheet(tmp_path), "<row><c r='B2'><v>1</v></c><c r='A2'><v>1</v></c></row>")
    assert "damaged" in str(refused(path))


def test_rows_may_be_far_apart_and_the_declared_size_wrong(tmp_path: Path) -> None:
    path = sheet(tmp_path, changed())
    _rewrite(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'<row r="2"', b'<row r="1048576"').replace(
            b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'
        ),
    )
    assert [found.number for found in read(path)] == [1]


def test_a_sheet_may_have_as_many_rows_as_the_limit_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sheet(tmp_path, changed(), changed())
    monkeypatch.setattr(register_rows, "MOST_RECORDS", 3)
    assert len(read(path)) == 2
    monkeypatch.setattr(register_rows, "MOST_RECORDS", 2)
    assert "too many rows (after row 1)" in str(refused(path))


_LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
_FILE = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("document_type", [_LAUGHS, _FILE])
@pytest.mark.parametrize(
    "part", ["_rels/.rels", "xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"]
)
def test_entities_are_refused_in_every_part(tmp_path: Path, part: str, document_type: str) -> None:
    path = sheet(tmp_path, changed())

    def change(xml: bytes) -> bytes:
        body = xml.split(b"?>", 1)[-1] if xml.startswith(b"<?xml") else xml
        return document_type.encode() + body

    _rewrite(path, part, change)
    assert "document type" in str(refused(path))


# --- which sheet ---------------------------------------------------------------------------------


def test_the_first_visible_sheet_is_read_and_the_others_are_counted(tmp_path: Path) -> None:
    workbook = Workbook()
    notes = workbook.active
    assert notes is not None
    notes.sheet_state = "hidden"
    notes.append(["哨兵"])
    for title in ("登记", "其他"):
        found = workbook.create_sheet(title)
        found.append(HEADINGS)
        found.append(changed(NAME=title))
    workbook.active = 1
    path = tmp_path / "register.xlsx"
    workbook.save(path)
    with open_register(path, encoding=None) as register:
        assert register.unread_sheets == 2
        assert register.expected == 1
        cells = next(register.rows).cells
    assert cells is not None
    assert cells[Column.NAME] == "登记"


def test_a_merged_cell_counts_for_its_first_row_only(tmp_path: Path) -> None:
    workbook = Workbook()
    found = workbook.active
    assert found is not None
    for cells in (HEADINGS, changed(), changed()):
        found.append(cells)
    found.merge_cells("B2:B3")
    path = tmp_path / "register.xlsx"
    workbook.save(path)
    names = [one.cells[Column.NAME] for one in read(path) if one.cells is not None]
    assert names == ["测试巴特尔", ""]


def test_a_sheet_of_charts_alone_is_no_register(tmp_path: Path) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.remove(workbook.active)
    workbook.create_chartsheet("图")
    path = tmp_path / "register.xlsx"
    workbook.save(path)
    assert "no visible sheet" in str(refused(path))


def test_an_empty_sheet_is_told(tmp_path: Path) -> None:
    assert "no headings" in str(refused(write_xlsx(tmp_path / "register.xlsx", [])))


def test_a_formula_stays_its_text_and_the_value_beside_it_is_not_read(tmp_path: Path) -> None:
    path = sheet(tmp_path, changed())
    _rewrite(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(
            "<is><t>测试巴特尔</t></is>".encode(), b"<f>CONCAT(A1)</f><v>x</v>"
        ),
    )
    assert cell(path, Column.NAME) == "=CONCAT(A1)"


# --- numbers and days ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0", "0"),
        ("-7", "-7"),
        ("19900000000", "19900000000"),
        ("150402.0", "150402"),
        ("1.5", "1.5"),
        ("999999999999999", "999999999999999"),
        ("152221810306997", "152221810306997"),
        ("150426197107160000", "1.50426197107160E+17"),
        ("150426197107159979", "150426197107159979"),
        ("1.50426197107159979E17", "1.50426197107160E+17"),
        ("1.5e15", "1.50000000000000E+15"),
        ("1e999", "INF"),
    ],
)
def test_numbers_become_text_and_lost_digits_are_shown(text: str, shown: str) -> None:
    assert number_text(text, is_day=False) == shown


@pytest.mark.parametrize("text", ["", "x", "1,5", "0x10", "1_000", "NaN", "٣", "9" * 41])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadNumberError):
        number_text(text, is_day=False)


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        ("0", "#VALUE!"),
        ("1", "1900-01-01"),
        ("59", "1900-02-28"),
        ("61", "1900-03-01"),
        ("45824", "2025-06-16"),
        ("45824.0", "2025-06-16"),
        ("45824.354166666664", "2025-06-16 08:30:00"),
        ("45823.999999999", "2025-06-16"),
        ("2958465", "9999-12-31"),
        ("2958465.9999999", "#VALUE!"),
        ("2958466", "#VALUE!"),
        ("-1", "#VALUE!"),
        ("1e300", "#VALUE!"),
    ],
)
def test_serial_days_become_days(serial: str, day: str) -> None:
    assert number_text(serial, is_day=True) == day


@pytest.mark.parametrize(
    ("number", "code", "is_day"),
    [
        (0, None, False),
        (14, None, True),
        (20, None, False),
        (31, None, True),
        (46, None, False),
        (49, None, False),
        (57, None, True),
        (164, 'yyyy"年"m"月"d"日"', True),
        (164, "[$-804]YYYY-MM-DD;@", True),
        (164, '0.00"days"', False),
        (164, "[Red]#,##0", False),
        (164, r"\d0", False),
        (164, "[h]:mm:ss", False),
        (14, "0", False),
    ],
)
def test_a_format_tells_a_day(number: int, code: str | None, *, is_day: bool) -> None:
    assert is_day_format(number, {} if code is None else {number: code}) is is_day


def test_a_day_in_a_chinese_form_is_a_day(tmp_path: Path) -> None:
    path = sheet(tmp_path, changed(ARRIVED_ON=datetime(2025, 6, 16)))  # noqa: DTZ001
    _rewrite(
        path,
        "xl/styles.xml",
        lambda xml: xml.replace(b'numFmtId="164"', b'numFmtId="31"').replace(
            b'numFmtId="22"', b'numFmtId="31"'
        ),
    )
    assert cell(path, Column.ARRIVED_ON) == "2025-06-16"


def test_a_day_outside_the_calendar_is_an_error_value(tmp_path: Path) -> None:
    path = sheet(tmp_path, changed(ARRIVED_ON=datetime(2025, 6, 16)))  # noqa: DTZ001
    _rewrite(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b">45824<", b">4582499999<"))
    assert cell(path, Column.ARRIVED_ON) == "#VALUE!"
