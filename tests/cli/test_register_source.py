"""What is no plain file is refused at once, and a file that changes while it is read is told."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.register_file import open_register
from cli.register_source import RegisterFileError
from cli.register_text import LONGEST_CELL
from resolvers.intake.columns import COLUMNS, Kind
from tests.register_rows import csv_text, row, write_csv, write_xlsx

HEADINGS = [column.value for column in COLUMNS[Kind.REGISTRATIONS]]


def refused(path: Path) -> RegisterFileError:
    with pytest.raises(RegisterFileError) as raised, open_register(path, encoding=None) as register:
        list(register.rows)
    assert raised.value.hint
    return raised.value


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    os.mkfifo(path)
    assert "not a plain file" in str(refused(path))


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_not_read(device: str) -> None:
    assert "not a plain file" in str(refused(Path(device)))


def test_links_that_lead_to_each_other_are_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.symlink_to(other)
    other.symlink_to(one)
    assert "can't be opened" in str(refused(one))


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(write_csv(tmp_path / "register.csv", [row()]))
    with open_register(link, encoding=None) as register:
        assert [found.cells for found in register.rows] == [row()]


def shrink(path: Path) -> None:
    os.truncate(path, 20_000)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\r\n")


def spoil(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b'\xff"\xff' * 1000)


@pytest.mark.parametrize("change", [shrink, grow, spoil], ids=lambda one: one.__name__)
def test_a_file_of_text_that_changes_while_it_is_read_is_told(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = write_csv(tmp_path / "register.csv", [row(serial) for serial in range(2000)])
    with open_register(path, encoding=None) as register:
        next(register.rows)
        change(path)
        with pytest.raises(RegisterFileError, match="changed while it was read"):
            list(register.rows)


@pytest.mark.parametrize("change", [shrink, grow, spoil], ids=lambda one: one.__name__)
def test_a_workbook_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    rows = [list(row(serial).values()) for serial in range(2000)]
    path = write_xlsx(tmp_path / "register.xlsx", [HEADINGS, *rows])
    with open_register(path, encoding=None) as register:
        next(register.rows)
        change(path)
        with pytest.raises(RegisterFileError, match=r"damaged|changed while it was read"):
            list(register.rows)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("english", [False, True])
def test_utf16_is_told_with_and_without_its_mark(
    tmp_path: Path, encoding: str, delimiter: str, *, english: bool
) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(csv_text([row()], delimiter=delimiter, english=english).encode(encoding))
    assert "UTF-16" in str(refused(path))


@pytest.mark.parametrize("letter", ["x", "测"])
def test_a_cell_of_text_has_a_limit_and_its_row_and_column_are_named(
    tmp_path: Path, letter: str
) -> None:
    path = tmp_path / "register.csv"
    longest = row(1, WORKPLACE=letter * LONGEST_CELL)
    write_csv(path, [row(), longest])
    with open_register(path, encoding=None) as register:
        assert [found.cells for found in register.rows] == [row(), longest]
    for letters in (LONGEST_CELL + 1, 300_000):
        write_csv(path, [row(), row(1, WORKPLACE=letter * letters)])
        assert "row 2, column 12 has more than 65,536 letters" in str(refused(path))


def test_a_heading_that_is_too_long_stands_in_row_0(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(csv_text([row()]).replace("登记机关", "x" * 300_000), newline="")
    assert "row 0, column 16" in str(refused(path))
