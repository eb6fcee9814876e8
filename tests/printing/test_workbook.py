"""Workbooks of pages: names of tabs, and nothing without a page."""

import io

import openpyxl
import pytest

from printing.pages import Page, Table
from printing.workbook import pages_to_workbook


def page(name: str) -> Page:
    table = Table(title="t", notes=(), heading=("a", "b"), rows=(("=1+1", "ᠮᠣᠩᠭᠣᠯ"), ("'", '"&<')))
    return Page(name=name, title="T", facts=(), tables=(table,), signatures=("S",))


def tabs(*names: str) -> list[str]:
    content = pages_to_workbook(tuple(page(name) for name in names))
    return list(openpyxl.load_workbook(io.BytesIO(content)).sheetnames)


def test_tabs_have_legal_names_and_no_two_alike() -> None:
    long = "派" * 40
    assert tabs("a/b:c?", "A_B_C_", "", long, long) == [
        "a_b_c_", "A_B_C_ 2", "_", "派" * 31, "派" * 29 + " 2",
    ]  # fmt: skip


def test_what_looks_like_a_formula_stays_text() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(pages_to_workbook((page("a"),)))).worksheets[0]
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value}
    assert cells["=1+1"] in {"s", "inlineStr"}
    assert {"ᠮᠣᠩᠭᠣᠯ", "'", '"&<'} <= cells.keys()


def test_a_workbook_without_a_page_is_refused() -> None:
    with pytest.raises(ValueError, match="hand over one"):
        pages_to_workbook(())
