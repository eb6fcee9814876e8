"""Exports about persons who are registered already, for tests; the persons of `register_rows`."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from resolvers.intake.columns import COLUMNS, ENGLISH, Column, Kind
from tests.register_rows import id_number


def permit(serial: int = 0, /, **changes: str) -> dict[Column, str]:
    """A faultless permit of person `serial`, issued half a year after the registration."""
    cells = {
        Column.NUMBER: str(serial + 1),
        Column.NAME: "测试巴特尔",
        Column.ID_NUMBER: id_number(serial),
        Column.PERMIT_NUMBER: f"赤居{serial:08d}",
        Column.ISSUED_ON: "2025-12-24",
        Column.VALID_TO: "2026-12-24",
        Column.ISSUING_OFFICE: "测试公安局",
        Column.CANCELLED_ON: "",
        Column.CANCEL_GROUND: "",
    }
    return cells | {Column[name]: value for name, value in changes.items()}


def endorsement(serial: int = 0, /, **changes: str) -> dict[Column, str]:
    """A faultless endorsement of a permit that expires on 2026-07-01."""
    cells = {
        Column.NUMBER: str(serial + 1),
        Column.NAME: "测试巴特尔",
        Column.ID_NUMBER: id_number(serial),
        Column.ENDORSED_ON: "2026-06-15",
        Column.VALID_TO: "2027-07-01",
        Column.ENDORSING_OFFICE: "测试派出所",
    }
    return cells | {Column[name]: value for name, value in changes.items()}


def temporary(serial: int = 0, /, **changes: str) -> dict[Column, str]:
    """A temporary permit that was valid when the Measures took effect."""
    cells = {
        Column.NUMBER: str(serial + 1),
        Column.NAME: "测试巴特尔",
        Column.ID_NUMBER: id_number(serial),
        Column.TEMPORARY_FROM: "2017-03-01",
        Column.TEMPORARY_TO: "2018-02-28",
        Column.TEMPORARY_OFFICE: "测试派出所",
    }
    return cells | {Column[name]: value for name, value in changes.items()}


def past_text(kind: Kind, rows: Iterable[Mapping[Column, str]], *, english: bool = False) -> str:
    """The rows as CSV text with headings."""
    text = io.StringIO()
    writer = csv.writer(text)
    columns = COLUMNS[kind]
    writer.writerow([ENGLISH[column] if english else column.value for column in columns])
    writer.writerows([cells[column] for column in columns] for cells in rows)
    return text.getvalue()


def write_past(
    path: Path,
    kind: Kind,
    rows: Iterable[Mapping[Column, str]],
    *,
    encoding: str = "utf-8-sig",
    english: bool = False,
) -> Path:
    """Write the rows as a CSV file."""
    path.write_bytes(past_text(kind, rows, english=english).encode(encoding))
    return path
