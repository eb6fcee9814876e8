"""The report of an import, as JSON or CSV: every row, its result, and why. No value of a row.

A report appears whole or not at all: it is written beside its place and put there at the end.
Results are written as they come, so a report of a million rows takes no memory. Cells of a CSV
report are never formulas: what a spreadsheet would run gets an apostrophe before it.
"""

import csv
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self, TextIO

import orjson

from resolvers.intake.codes import Language, Result
from resolvers.intake.columns import Column
from resolvers.intake.judgement import Outcome
from resolvers.intake.values import FORMULA_SIGNS

FIELDS: Final = ("row", "result", "code", "about", "why")
_HEAD_BYTES: Final = 160
_COUNTED: Final = (Result.ACCEPTED, Result.REJECTED, Result.HELD)


class ReportError(Exception):
    """A report can't be written where it was wanted; `hint` is the next step."""

    def __init__(self, fault: str, hint: str) -> None:
        super().__init__(fault)
        self.hint = hint


class Summary:
    """How many rows there were, and what became of them."""

    def __init__(self) -> None:
        self._counts = Counter[Result]()

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count some outcomes."""
        self._counts.update(outcome.result for outcome in outcomes)

    @property
    def all_accepted(self) -> bool:
        """Whether no row was held or rejected."""
        return self._counts.total() == self._counts[Result.ACCEPTED]

    def counts(self) -> dict[str, int]:
        """The counts as the report names them."""
        return {"rows": self._counts.total()} | {
            result.value: self._counts[result] for result in _COUNTED
        }


class _Format(Protocol):
    def rows(self, file: TextIO, rows: Sequence[Sequence[str | int]]) -> None: ...
    def end(self, file: TextIO, summary: Summary) -> None: ...


class Reports:
    """All reports of one import. Leaving the block without `finish` leaves no trace of them."""

    def __init__(self, paths: Sequence[Path], *, language: Language, source: Path) -> None:
        self._language = language
        self._reports = [_Report(path) for path in _checked(paths, source)]
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Open every report beside its place.

        Raises:
            ReportError: one of them can't be written.
        """
        with ExitStack() as opened:
            for report in self._reports:
                opened.enter_context(report)
            self._open = opened.pop_all()
        return self

    def add(self, outcomes: Iterable[Outcome], headings: Mapping[Column, str]) -> None:
        """Write some outcomes to every report."""
        if not self._reports:
            return
        rows = [
            (
                outcome.row,
                outcome.result.value,
                outcome.code.name,
                outcome.about(headings),
                outcome.why(headings, self._language),
            )
            for outcome in outcomes
        ]
        for report in self._reports:
            report.rows(rows)

    def finish(self, summary: Summary) -> None:
        """Complete the reports and put them in their places."""
        for report in self._reports:
            report.finish(summary)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take away what was not finished."""
        self._open.close()


class _Report:
    """One report on its way to its place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        self._format: _Format = _Json() if path.suffix.lower() == ".json" else _Csv()

    def __enter__(self) -> Self:
        encoding = "utf-8" if isinstance(self._format, _Json) else "utf-8-sig"
        try:
            self._file = self._draft.open("x", encoding=encoding, newline="")
            self._format.rows(self._file, [])
        except OSError as error:
            raise _unwritable(self._path, error) from None
        return self

    def rows(self, rows: Sequence[Sequence[str | int]]) -> None:
        try:
            self._format.rows(self._file, rows)
        except OSError as error:
            raise _unwritable(self._path, error) from None

    def finish(self, summary: Summary) -> None:
        try:
            self._format.end(self._file, summary)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._draft.replace(self._path)
        except OSError as error:
            raise _unwritable(self._path, error) from None

    def __exit__(self, *_: object) -> None:
        # Closing flushes, which fails again on a full disk.
        with suppress(OSError):
            self._file.close()
        self._draft.unlink(missing_ok=True)


class _Json:
    """`{"rows", "accepted", "rejected", "held for review", "results": […]}`.

    The counts stand first though they are known last: room is left for them, in blanks.
    """

    def __init__(self) -> None:
        self._separator = ""

    def rows(self, file: TextIO, rows: Sequence[Sequence[str | int]]) -> None:
        if not self._separator:
            file.write(" " * _HEAD_BYTES)
            self._separator = "\n"
        for row in rows:
            file.write(self._separator)
            file.write(orjson.dumps(dict(zip(FIELDS, row, strict=True))).decode())
            self._separator = ",\n"

    def end(self, file: TextIO, summary: Summary) -> None:
        file.write("\n]}\n")
        counts = orjson.dumps(summary.counts()).decode().removesuffix("}")
        file.seek(0)
        file.write(f'{counts},"results":['.ljust(_HEAD_BYTES))


class _Csv:
    """The results with headings, in UTF-8 with a byte order mark, as spreadsheets expect it."""

    def __init__(self) -> None:
        self._begun = False

    def rows(self, file: TextIO, rows: Sequence[Sequence[str | int]]) -> None:
        writer = csv.writer(file)
        if not self._begun:
            writer.writerow(FIELDS)
            self._begun = True
        writer.writerows([_inert(cell) for cell in row] for row in rows)

    def end(self, file: TextIO, summary: Summary) -> None:
        """The counts stand in the JSON report and on standard output."""


def _inert(cell: str | int) -> str | int:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


def _checked(paths: Sequence[Path], source: Path) -> Sequence[Path]:
    places = [path.resolve() for path in paths]
    for path, place in zip(paths, places, strict=True):
        if path.suffix.lower() not in {".json", ".csv"}:
            raise ReportError(
                f"the report {path} is neither .json nor .csv", "end its name with one of them"
            )
        if place == source.resolve() or _same(place, source):
            raise ReportError("a report would overwrite the register", "name another file")
        if place.is_dir():
            raise ReportError(f"the report {path} is a folder", "name a file in it")
        if places.count(place) > 1:
            raise ReportError(f"the report {path} is named twice", "name it once")
    return paths


def _same(place: Path, source: Path) -> bool:
    """Whether two names are of one file, through links too."""
    try:
        return place.samefile(source)
    except OSError:
        return False


def _unwritable(path: Path, error: OSError) -> ReportError:
    return ReportError(
        f"the report {path} can't be written: {os.strerror(error.errno or 0)}",
        "name another place, or free the disk; importing the file again changes nothing and "
        "writes the report",
    )
