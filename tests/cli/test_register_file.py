"""A register export is read as it stands, or refused with a reason that shows no row."""

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import register_text
from cli.register_encoding import Encoding
from cli.register_file import open_register
from cli.register_source import RegisterFileError
from resolvers.intake.columns import COLUMNS, ENGLISH, Column, Kind
from resolvers.intake.judgement import RegisterRow
from tests.register_rows import DATA, csv_text, row, write_csv

HEADINGS = [column.value for column in COLUMNS[Kind.REGISTRATIONS]]


def read(path: Path, encoding: Encoding | None = None) -> list[RegisterRow]:
    with open_register(path, encoding=encoding) as register:
        return list(register.rows)


def refused(path: Path, encoding: Encoding | None = None) -> RegisterFileError:
    with pytest.raises(RegisterFileError) as raised:
        read(path, encoding)
    assert raised.value.hint
    assert "哨兵" not in f"{raised.value}{raised.value.hint}"
    return raised.value


def test_both_encodings_of_the_register_give_the_same_rows() -> None:
    rows = read(DATA / "register.utf8-bom.csv")
    assert len(rows) == 200
    assert rows == read(DATA / "register.gb18030.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_encoding_is_detected(tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "register.csv", [row(NAME="测试䶮")], encoding=encoding)
    cells = read(path)[0].cells
    assert cells is not None
    assert cells[Column.NAME] == "测试䶮"


def test_an_ascii_beginning_of_any_length_does_not_hide_the_encoding(tmp_path: Path) -> None:
    text = csv_text([row(NAME="Test", WORKPLACE="")] * 20_000 + [row()], english=True)
    ascii_only = text.encode("ascii", "ignore")
    path = tmp_path / "register.csv"
    path.write_bytes(ascii_only + "1,测试巴特尔".encode("gb18030"))
    with open_register(path, encoding=None) as register:
        assert register.expected == 20_002


def test_the_override_wins_over_detection(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "register.csv", [row()], encoding="gb18030")
    assert read(path, "gb18030") == read(path)
    assert "UTF-8" in str(refused(path, "utf-8"))


def test_a_damaged_utf8_file_is_not_taken_for_gb18030(tmp_path: Path) -> None:
    whole = csv_text([row(), row(1)]).encode()
    at = whole.rindex("测试矿业".encode()) + 1
    path = tmp_path / "register.csv"
    path.write_bytes(whole[:at] + b"\x28" + whole[at + 1 :])
    assert f"byte {at - 1}, line 3" in str(refused(path))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_byte_that_is_no_text_is_named_across_chunks(tmp_path: Path, encoding: str) -> None:
    whole = csv_text(row(serial) for serial in range(9000)).encode(encoding)
    assert len(whole) > 1 << 20
    path = tmp_path / "register.csv"
    path.write_bytes(whole + b"\xff\r\n")
    assert f"byte {len(whole)}, line 9002" in str(refused(path))


@given(st.text(st.characters(codec="gb18030"), max_size=300), st.integers(1, 7))
def test_a_file_cut_anywhere_is_read_or_refused_and_nothing_else(text: str, cut: int) -> None:
    content = (",".join(HEADINGS) + "\r\n" + text).encode("gb18030")
    content = content[: max(len(content) - cut, 1)]
    path = _scratch(content)
    try:
        with suppress(RegisterFileError):
            read(path)
    finally:
        path.unlink()


def _scratch(content: bytes) -> Path:
    import tempfile  # noqa: PLC0415 — hypothesis forbids the function-scoped tmp_path

    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as file:
        file.write(content)
    return Path(file.name)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("english", [False, True])
def test_delimiter_and_language_of_the_headings_are_told(
    tmp_path: Path, delimiter: str, *, english: bool
) -> None:
    path = tmp_path / "register.txt"
    path.write_text(csv_text([row()], delimiter=delimiter, english=english), newline="")
    with open_register(path, encoding=None) as register:
        assert register.headings[Column.NAME] == ("name" if english else "姓名")
        assert [found.cells for found in register.rows] == [row()]


def test_headings_are_known_whatever_their_case_blanks_and_width(tmp_path: Path) -> None:
    text = csv_text([row()], english=True)
    text = text.replace("ID number", " id_NUMBER ").replace(
        "current address", "Ｃｕｒｒｅｎｔ-Address"
    )
    path = tmp_path / "register.csv"
    path.write_text(text, newline="")
    with open_register(path, encoding=None) as register:
        assert register.headings[Column.ID_NUMBER] == "id_NUMBER"
        assert next(register.rows).cells == row()


def test_a_missing_heading_is_named_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(csv_text([row(NAME="哨兵")]).replace("现居住地住址", "地址哨兵"), newline="")
    assert str(refused(path)) == "a heading is missing: 现居住地住址 (current address)"


def test_a_heading_that_stands_twice_is_named(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(csv_text([row()]).replace("序号", "ID number"), newline="")
    assert str(refused(path)) == "a heading stands twice: 公民身份号码 (ID number)"


def test_a_file_without_headings_shows_no_person(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("\r\n".join(csv_text([row(NAME="哨兵")]).splitlines()[1:]), newline="")
    assert "a heading is missing" in str(refused(path))


def test_an_unknown_heading_is_told_and_its_column_not_read(tmp_path: Path) -> None:
    lines = csv_text([row()]).splitlines()
    path = tmp_path / "register.csv"
    path.write_text(f"{lines[0]},宗教\x1b[2J\r\n{lines[1]},无\r\n", newline="")
    with open_register(path, encoding=None) as register:
        assert register.unread == ("宗教??2J (column 17)",)
        assert [found.cells for found in register.rows] == [row()]


def test_blank_lines_are_not_rows(tmp_path: Path) -> None:
    lines = csv_text([row(0), row(1)]).splitlines()
    path = tmp_path / "register.csv"
    path.write_text("\r\n".join([lines[0], "", lines[1], "," * 15, lines[2], "", ""]), newline="")
    assert [(found.number, found.cells) for found in read(path)] == [(1, row(0)), (2, row(1))]


def test_rows_with_too_few_or_too_many_cells_are_marked(tmp_path: Path) -> None:
    lines = csv_text([row(), row(), row(), row()]).splitlines()
    lines[1] = lines[1].rsplit(",", 1)[0]
    lines[2] += ",more"
    lines[3] += ",,"
    path = tmp_path / "register.csv"
    path.write_text("\r\n".join(lines), newline="")
    assert [found.cells is None for found in read(path)] == [True, True, False, False]


def test_quoted_line_ends_and_delimiters_stay_in_their_cell(tmp_path: Path) -> None:
    cells = row(CURRENT_ADDRESS='测试小区,\r\n"甲"号楼', WORKPLACE="测试\n矿业")
    path = write_csv(tmp_path / "register.csv", [cells, row(1)])
    assert [found.cells for found in read(path)] == [cells, row(1)]


@pytest.mark.parametrize("end", ['"哨兵', '"哨兵"x,'])
def test_quotes_that_do_not_match_refuse_the_file_before_a_row_is_read(
    tmp_path: Path, end: str
) -> None:
    path = tmp_path / "register.csv"
    path.write_text(csv_text([row(), row(1)]) + end, newline="")
    with (
        pytest.raises(RegisterFileError, match="quotes of row 3"),
        open_register(path, encoding=None),
    ):
        pytest.fail("the file was opened")


@pytest.mark.parametrize(
    "filling",
    ["哨" * 400, "哨,", '"哨\r\n",', '"哨\r\n'],
    ids=["one cell", "many cells", "many lines", "an open quote"],
)
def test_a_row_that_never_ends_is_refused_before_it_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filling: str
) -> None:
    monkeypatch.setattr(register_text, "LONGEST_RECORD", 100_000)
    path = tmp_path / "register.csv"
    path.write_text(csv_text([row(), row(1)]) + filling * 80_000, newline="")
    tracemalloc.start()
    try:
        found = refused(path)
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()
    assert str(found).startswith("row 3 is longer than any of a register") or (
        "quotes of row 3" in str(found)
    )


def test_a_row_may_be_as_long_as_the_limit_and_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "register.csv"
    text = csv_text([row(WORKPLACE="测" * 1000), row(1)])
    path.write_text(text, newline="")
    longest = max(len(line) for line in text.splitlines(keepends=True))
    monkeypatch.setattr(register_text, "LONGEST_RECORD", longest)
    assert len(read(path)) == 2
    monkeypatch.setattr(register_text, "LONGEST_RECORD", longest - 1)
    assert str(refused(path)).startswith("row 1 is longer")


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_lines_may_end_as_on_any_system(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "register.csv"
    path.write_text(csv_text([row(), row(1)]).replace("\r\n", ending), newline="")
    assert [found.cells for found in read(path)] == [row(), row(1)]


def test_headings_may_stand_in_any_order(tmp_path: Path) -> None:
    lines = csv_text([row()]).splitlines()
    path = tmp_path / "register.csv"
    path.write_text("\r\n".join(",".join(reversed(line.split(","))) for line in lines), newline="")
    assert [found.cells for found in read(path)] == [row()]


@pytest.mark.parametrize("more", [484, 485])
def test_a_file_has_a_limit_of_columns(tmp_path: Path, more: int) -> None:
    lines = csv_text([row()]).splitlines()
    headings = "".join(f",列{number}" for number in range(more))
    path = tmp_path / "register.csv"
    path.write_text(f"{lines[0]}{headings}\r\n{lines[1]}{',' * more}\r\n", newline="")
    if more == 484:
        assert [found.cells for found in read(path)] == [row()]
    else:
        assert str(refused(path)) == "the first line has more than 500 cells"


def test_a_byte_order_mark_of_gb18030_is_no_part_of_a_heading(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(("\ufeff" + csv_text([row()])).encode("gb18030"))
    with open_register(path, encoding=None) as register:
        assert register.unread == ()
        assert [found.cells for found in register.rows] == [row()]


def test_two_encodings_in_one_file_are_refused_at_the_line_that_breaks(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    other = csv_text([row(2, NAME="哨兵")]).splitlines()[1]
    path.write_bytes(csv_text([row(), row(1)]).encode() + other.encode("gb18030"))
    assert "UTF-8: byte" in str(refused(path))
    assert "line 4" in str(refused(path))


def test_a_nul_in_a_cell_is_handed_on(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "register.csv", [row(NAME="测试\x00某")])
    cells = read(path)[0].cells
    assert cells is not None
    assert cells[Column.NAME] == "测试\x00某"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "no headings"),
        (b"\xef\xbb\xbf", "no headings"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old .xls"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"SQLite format 3\x00....", "database"),
        (b"<html></html>", "web page"),
        ("序号,姓名".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04 damaged", "damaged ZIP"),
        (b"\x00\x01\x02\x03", "heading is missing"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_content(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(content)
    assert words in str(refused(path))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in str(refused(tmp_path / "no.csv"))
    assert "folder" in str(refused(tmp_path))


def test_every_column_has_two_headings_that_no_other_column_has() -> None:
    assert len({*(column.value for column in Column), *ENGLISH.values()}) == 2 * len(Column)
