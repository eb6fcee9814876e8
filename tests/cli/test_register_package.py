"""A hostile workbook ends soon, with a reason, and starts no decoder that packages don't use."""

import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from cli import register_package, register_rows, register_sheet
from cli.register_cells import LONGEST_FORMAT, is_day_format
from cli.register_file import open_register
from cli.register_source import RegisterFileError
from resolvers.intake.columns import COLUMNS, Kind
from resolvers.intake.judgement import RegisterRow
from tests.register_rows import row

ROOT = Path(__file__).parents[2]
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET, SHARED, STYLES = "xl/s.xml", "xl/t.xml", "xl/y.xml"
MAP = "xl/_rels/w.xml.rels"


def related(*parts: tuple[str, str]) -> str:
    items = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts)
    )
    return f"<Relationships>{items}</Relationships>"


def inline(cells: list[str]) -> str:
    content = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f"<row>{content}</row>"


def parts(*more: tuple[str, str], xml: Mapping[str, str] | None = None) -> dict[str, str | bytes]:
    """A workbook with one row, with more parts than it needs."""
    rows = inline([column.value for column in COLUMNS[Kind.REGISTRATIONS]])
    rows += inline(list(row().values()))
    return {
        "_rels/.rels": related(("officeDocument", "xl/w.xml")),
        "xl/w.xml": '<workbook><sheets><sheet name="a" r:id="r0"/></sheets></workbook>',
        MAP: related(("worksheet", "s.xml"), *more),
        SHEET: f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        **(xml or {}),
    }


def written(
    tmp_path: Path, content: Mapping[str, str | bytes], how: int = zipfile.ZIP_DEFLATED
) -> Path:
    path = tmp_path / "register.xlsx"
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return path


def read(path: Path) -> list[RegisterRow]:
    with open_register(path, encoding=None) as register:
        return list(register.rows)


def refused(path: Path) -> str:
    with pytest.raises(RegisterFileError) as raised:
        read(path)
    assert raised.value.hint
    return str(raised.value)


@pytest.mark.parametrize(
    ("how", "sound"),
    [
        (zipfile.ZIP_STORED, True),
        (zipfile.ZIP_DEFLATED, True),
        (zipfile.ZIP_BZIP2, False),
        (zipfile.ZIP_LZMA, False),
    ],
)
def test_entries_are_stored_or_deflated(tmp_path: Path, how: int, *, sound: bool) -> None:
    path = written(tmp_path, parts(), how)
    if sound:
        assert [found.cells for found in read(path)] == [row()]
    else:
        assert "packed in a way that no spreadsheet writes" in refused(path)


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-16", "US-ASCII"])
def test_xml_is_read_in_the_encodings_of_a_package(tmp_path: Path, encoding: str) -> None:
    content = parts()
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{content[SHEET]!s}'
    content[SHEET] = declared.encode(encoding, "xmlcharrefreplace")
    assert [found.cells for found in read(written(tmp_path, content))] == [row()]


@pytest.mark.parametrize(
    "encoding",
    ["gbk", "GB18030", "big5", "shift_jis", "utf-7", "utf-32", "hex", "idna", "undefined", "x"],
)
@pytest.mark.parametrize("part", ["_rels/.rels", "xl/w.xml", MAP, SHEET])
def test_xml_in_another_encoding_is_refused(tmp_path: Path, part: str, encoding: str) -> None:
    content = parts()
    content[part] = f'<?xml version="1.0" encoding="{encoding}"?>{content[part]!s}'
    assert "another encoding than UTF-8 or UTF-16" in refused(written(tmp_path, content))


def test_one_part_names_so_many_others_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, parts(("theme", "a.xml"), ("theme", "b.xml")))
    monkeypatch.setattr(register_package, "MOST_RELATED", 3)
    assert len(read(path)) == 1
    monkeypatch.setattr(register_package, "MOST_RELATED", 2)
    assert "names too many parts" in refused(path)


@pytest.mark.parametrize(
    ("kind", "target", "xml"),
    [("sharedStrings", "t.xml", "<sst/>"), ("styles", "y.xml", "<styleSheet/>")],
)
def test_a_workbook_has_one_part_of_a_kind(
    tmp_path: Path, kind: str, target: str, xml: str
) -> None:
    held = {f"xl/{target}": xml}
    assert len(read(written(tmp_path, parts((kind, target), xml=held)))) == 1
    twice = parts((kind, target), (kind, target), xml=held)
    assert "two parts of a kind" in refused(written(tmp_path, twice))


def test_a_package_has_one_workbook(tmp_path: Path) -> None:
    content = parts()
    content["_rels/.rels"] = related(("officeDocument", "xl/w.xml"), ("officeDocument", "b.xml"))
    assert "two parts of a kind" in refused(written(tmp_path, content))


def styled(code: str = "0", cells: int = 1) -> dict[str, str | bytes]:
    formats = f'<numFmts><numFmt numFmtId="170" formatCode="{code}"/></numFmts>'
    styles = "<cellXfs>" + '<xf numFmtId="170"/>' * cells + "</cellXfs>"
    return parts(("styles", "y.xml"), xml={STYLES: f"<styleSheet>{formats}{styles}</styleSheet>"})


def test_a_format_is_as_long_as_a_spreadsheet_allows_and_no_longer(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, styled("[" * LONGEST_FORMAT)))) == 1
    assert "a format of the workbook" in refused(written(tmp_path, styled("[" * 256)))


def test_styles_have_a_limit_of_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_sheet, "MOST_STYLES", 3)
    assert len(read(written(tmp_path, styled(cells=3)))) == 1
    assert "too many styles" in refused(written(tmp_path, styled(cells=4)))


@pytest.mark.parametrize(
    ("code", "is_day"),
    [
        ("[" * 1_000_000, False),
        ('"' * 999_999, False),
        ('"d', False),
        ("[d", False),
        ('yyyy"', True),
    ],
)
def test_a_quote_or_bracket_that_nothing_closes_reaches_to_the_end(
    code: str, *, is_day: bool
) -> None:
    # A million letters take minutes where each is looked at more than once.
    assert is_day_format(170, {170: code}) is is_day


def test_shared_texts_have_a_limit_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["甲" * 100, "a" * 100]
    held = sum(sys.getsizeof(text) + 8 for text in texts)
    table = "".join(f"<si><t>{text}</t></si>" for text in texts)
    path = written(tmp_path, parts(("sharedStrings", "t.xml"), xml={SHARED: f"<sst>{table}</sst>"}))
    monkeypatch.setattr(register_rows, "MOST_HELD", held)
    assert len(read(path)) == 1
    monkeypatch.setattr(register_rows, "MOST_HELD", held - 1)
    assert "texts of the workbook are too long together" in refused(path)


def test_the_archive_has_a_limit_of_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = parts() | {f"{number:050}": "" for number in range(1000)}
    path = written(tmp_path, content)
    listed = sum(46 + len(name) for name in content)
    monkeypatch.setattr(register_package, "MOST_OF_A_DIRECTORY", listed)
    assert len(read(path)) == 1
    monkeypatch.setattr(register_package, "MOST_OF_A_DIRECTORY", listed - 1)
    assert "too many entries" in refused(path)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def another_name(content: bytes) -> bytes:
    """Bytes that are no UTF-8 for the name that stands before the sheet's data."""
    at = content.index(SHEET.encode())
    flagged = bytearray(content)
    flagged[at - 30 + 7] |= 8  # the name is UTF-8
    flagged[at : at + 3] = b"\xff\xff\xff"
    return bytes(flagged)


def packed_size(content: bytes) -> bytes:
    at = content.rindex(SHEET.encode()) - 46
    return content[: at + 20] + struct.pack("<I", 1) + content[at + 24 :]


def offset(content: bytes) -> bytes:
    at = content.rindex(SHEET.encode()) - 46
    return content[: at + 42] + b"\xff\xff\xff\x7f" + content[at + 46 :]


def directory(content: bytes) -> bytes:
    at = content.rindex(b"PK\x05\x06")
    return content[: at + 12] + struct.pack("<I", len(content)) + content[at + 16 :]


def spoilt(content: bytes) -> bytes:
    at = content.index(SHEET.encode()) + len(SHEET)
    return content[: at + 9] + bytes(40) + content[at + 49 :]


@pytest.mark.parametrize(
    "damage",
    [cut, another_name, packed_size, offset, directory, spoilt],
    ids=lambda one: one.__name__,
)
def test_a_damaged_archive_is_told_as_damaged(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = written(tmp_path, parts())
    path.write_bytes(damage(path.read_bytes()))
    assert "damaged" in refused(path)


def test_an_archive_cut_or_changed_anywhere_is_read_or_refused(tmp_path: Path) -> None:
    whole = written(tmp_path, parts()).read_bytes()
    path = tmp_path / "damaged.xlsx"
    for at in range(4, len(whole), 3):
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]):
            path.write_bytes(content)
            with suppress(RegisterFileError):
                read(path)


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


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_a_list_of_a_hundred_thousand_entries_is_refused_before_it_is_held(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, parts() | {f"{number}": "" for number in range(100_000)})
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(path)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    assert "too many entries" in done.stdout
    assert int(done.stdout.split()[-1]) < 60
