"""Rule files as rows of text: encoding, heading, number of cells, characters inside a cell.

A spreadsheet program's UTF-8 mark and line ends are read as what they are. What a cell means is
`policies.reading`'s business. Never: repairs a value, or skips a line in silence.
"""

import csv
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from policies.finding import Finding

RULE_HEADING: Final = (
    "kind", "role", "purpose", "action", "path", "rendering", "scope", "effect", "from", "until",
    "because",
)  # fmt: skip
PURPOSE_HEADING: Final = (
    "code", "zh", "en", "article", "roles", "case_required", "withheld", "closed",
)  # fmt: skip
ROLE_HEADING: Final = ("code", "zh", "en", "inherits")
DEPARTMENT_HEADING: Final = ("code", "zh", "en", "roles", "from", "until")

_SEPARATORS: Final = frozenset(',;"\\|')
_FORMULA_STARTS: Final = frozenset("=+-@")
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line's cells by heading."""

    file: str
    line: int
    cells: Mapping[str, str]

    def finding(self, what: str, mend: str) -> Finding:
        """A fault of this line."""
        return Finding(self.file, self.line, what, mend)


def read_rows(path: Path, name: str, heading: Sequence[str]) -> tuple[list[Row], list[Finding]]:
    """Read a file; rows with a finding of their own are left out of the rows."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return [], [Finding(name, 0, "the file is missing", "Put it back, with its heading line")]
    except UnicodeDecodeError:
        what = "the file is not UTF-8 (a spreadsheet may have saved it as GB18030)"
        return [], [Finding(name, 0, what, "Save it as CSV UTF-8")]
    rows: list[Row] = []
    findings: list[Finding] = []
    headed = False
    for line, cells in _lines(text, name, findings):
        if not headed:
            headed = True
            if tuple(cells) != tuple(heading):
                findings.append(
                    Finding(name, line, "the heading is another", f"Write {','.join(heading)}")
                )
                return [], findings
            continue
        faults = list(_faults(name, line, cells, heading))
        findings.extend(faults)
        if not faults:
            rows.append(Row(name, line, dict(zip(heading, cells, strict=True))))
    if not headed:
        findings.append(Finding(name, 0, "the file is empty", f"Write {','.join(heading)}"))
    elif not rows and not findings:
        findings.append(
            Finding(name, 0, "no line under the heading", "Write one, or remove the file")
        )
    return rows, findings


def _lines(text: str, name: str, findings: list[Finding]) -> Iterator[tuple[int, list[str]]]:
    # Split by line ends only: `str.splitlines` would also end a line at U+2028 inside a value.
    lines = text.replace("\r\n", "\n").split("\n")
    reader = csv.reader((line + "\n" for line in lines), strict=True)
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if cells:
                yield line, cells
    except csv.Error:
        findings.append(
            Finding(name, before + 1, "the quotes don't close", "Write values without quotes")
        )


def _faults(
    name: str, line: int, cells: Sequence[str], heading: Sequence[str]
) -> Iterator[Finding]:
    if len(cells) != len(heading):
        what = f"the line has {len(cells)} cells where the heading has {len(heading)}"
        yield Finding(name, line, what, "Give every column its cell, empty ones too")
        return
    for column, value in zip(heading, cells, strict=True):
        for what, mend in _faults_of(value):
            yield Finding(name, line, f"`{column}` {what}", mend)


def _faults_of(value: str) -> Iterator[tuple[str, str]]:
    if value != value.strip():
        yield "begins or ends with a blank", "Remove the blank"
    if any(unicodedata.category(char) in _HIDDEN_CATEGORIES for char in value):
        yield "holds a line break or an invisible character", "Type the value anew on one line"
    if not _SEPARATORS.isdisjoint(value):
        yield "holds a separator", "Use 、 or a new line of the file instead of , ; | or quotes"
    if value[:1] in _FORMULA_STARTS:
        yield "would be a formula in a spreadsheet", "Begin with a letter, a digit or a 汉字"
