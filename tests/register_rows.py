"""Register exports for tests, all of synthetic persons (sequence 996 to 999)."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook

from regulation.id_number import with_check_digit
from resolvers.intake.columns import COLUMNS, ENGLISH, Column, Kind

DATA = Path(__file__).parent / "data"
TODAY = date(2026, 11, 22)
_FIRST_DAY = date(1950, 1, 1)
_PREFIXES = ("150426", "220302", "152221", "150502", "150429", "370102", "130802", "110105")
_COUNTIES = ("150402", "150403", "150404", "150428", "150430")


def id_number(serial: int) -> str:
    """The `serial`-th synthetic number; even ones are female."""
    days, rest = divmod(serial, 2)
    prefix = _PREFIXES[days // 18000 % len(_PREFIXES)]
    born = _FIRST_DAY + timedelta(days=days % 18000)
    return with_check_digit(f"{prefix}{born:%Y%m%d}{998 if rest == 0 else 999}")


def row(serial: int = 0, /, **changes: str) -> dict[Column, str]:
    """A faultless row, changed where a test says so: `row(NAME="李?")`."""
    number = id_number(serial)
    cells = {
        Column.NUMBER: str(serial + 1),
        Column.NAME: "测试巴特尔",
        Column.SEX: "女" if serial % 2 == 0 else "男",
        Column.ETHNICITY: "蒙古族",
        Column.BIRTH_DATE: f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
        Column.ID_NUMBER: number,
        Column.HUKOU_DIVISION: number[:6],
        Column.HUKOU_ADDRESS: f"测试旗测试路{serial}号",
        Column.CURRENT_DIVISION: _COUNTIES[serial % len(_COUNTIES)],
        Column.CURRENT_ADDRESS: f"测试小区{serial % 99 + 1}号楼",
        Column.REASON: "务工",
        Column.WORKPLACE: "测试矿业集团",
        Column.PHONE: f"199{serial:08d}",
        Column.ARRIVED_ON: "2025-06-16",
        Column.REGISTERED_ON: "2025-06-24",
        Column.OFFICE: "测试派出所",
    }
    return cells | {Column[name]: value for name, value in changes.items()}


def csv_text(
    rows: Iterable[Mapping[Column, str]], *, delimiter: str = ",", english: bool = False
) -> str:
    """The rows as CSV text with headings."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(
        [ENGLISH[column] if english else column.value for column in COLUMNS[Kind.REGISTRATIONS]]
    )
    writer.writerows([cells[column] for column in COLUMNS[Kind.REGISTRATIONS]] for cells in rows)
    return text.getvalue()


def write_csv(
    path: Path, rows: Iterable[Mapping[Column, str]], *, encoding: str = "utf-8-sig"
) -> Path:
    """Write the rows as a CSV file."""
    path.write_bytes(csv_text(rows).encode(encoding))
    return path


def write_xlsx(path: Path, rows: Iterable[Iterable[object]]) -> Path:
    """Write rows of cells, headings included, as a workbook."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for cells in rows:
        sheet.append(list(cells))
    workbook.save(path)
    return path
