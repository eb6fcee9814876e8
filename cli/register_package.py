"""An XLSX package as a place that isn't trusted: which parts a register needs, fed bit by bit.

A part is found by what the package says it is (its relationships), never by its path, and only
parts that are asked for are unpacked: the rest of the archive costs nothing, whatever it holds.
Each part has a limit on what it may unpack to, and on how far that may exceed its packed size. XML
is handed on in pieces, with limits on depth, on the length of a token and no document types, so
that memory never depends on what a part holds. Entries are stored or deflated and XML is UTF-8 or
UTF-16, as packages are written (ECMA-376 part 2); no other decoder is ever started.

This module never reads a cell, follows an address outside the package, or expands an entity.
"""

import posixpath
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO, Final, Protocol, cast
from urllib.parse import unquote
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

MOST_RATIO: Final = 200
"""How many times its packed size a large part may unpack to; registers stay under 40."""

MOST_OF_A_MAP: Final = 1 << 22
"""Bytes of a part that says what other parts are, or how cells look."""

MOST_OF_A_DIRECTORY: Final = 1 << 22
"""Bytes of the archive's list of entries; zipfile holds some ten times as much for it."""

MOST_RELATED: Final = 4_096
"""Parts that one part may name: a workbook names its sheets, and a few more."""

_ROOT: Final = "_rels/.rels"
_SMALL: Final = 1 << 20
_CHUNK: Final = 1 << 16
_LONGEST_TOKEN: Final = 1 << 20
_DEEPEST: Final = 100
_ENCRYPTED: Final = 1
_METHODS: Final = frozenset({ZIP_STORED, ZIP_DEFLATED})
_ENCODINGS: Final = frozenset({"us-ascii", "utf-8", "utf-16", "utf-16le", "utf-16be"})
_DAMAGE: Final = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    ValueError,  # a name that is not UTF-8, a place before the file's beginning
    struct.error,
    zlib.error,
)
"""What zipfile raises for a damaged archive."""


class BadWorkbookError(ValueError):
    """The workbook can't be read; the message says why, and no cell."""


class Handler(Protocol):
    """Takes the pieces of a part; names come without their prefix."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""

    def end(self, name: str) -> None:
        """End an element."""

    def text(self, piece: str) -> None:
        """Take a piece of text; a text may come in several."""


@dataclass(frozen=True, slots=True)
class Related:
    """A part that another one names: under which id, as what, and where."""

    id: str
    kind: str
    part: str


class Package:
    """An open package. Its parts are read one after the other, each as often as is wanted."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the archive's directory.

        Raises:
            BadWorkbookError: it is no package.
        """
        file.seek(0)
        with _damage_told("the file is a damaged ZIP archive"):
            self._archive = ZipFile(cast("IO[bytes]", _ShortReads(file)))
        self._parts: dict[str, ZipInfo] = {}
        for entry in self._archive.infolist():
            if entry.filename in self._parts:
                raise BadWorkbookError("the workbook holds two parts of one name")
            self._parts[entry.filename] = entry

    def related(self, part: str | None) -> list[Related]:
        """The parts inside the package that a part names; those of the package itself for None."""
        folder, name = posixpath.split(part or "")
        path = _ROOT if part is None else posixpath.join(folder, "_rels", f"{name}.rels")
        if path not in self._parts:
            return []
        found = _Relationships(folder)
        for _ in self.read(path, found, most=MOST_OF_A_MAP):
            pass
        return found.related

    def read(self, part: str, handler: Handler, *, most: int) -> Iterator[None]:
        """Feed a part to a handler; each step feeds another piece.

        Raises:
            BadWorkbookError: the part is missing, damaged, or unpacks to more than `most` bytes.
        """
        entry = self._parts.get(part)
        if entry is None:
            raise BadWorkbookError("a part of the workbook is missing")
        if entry.flag_bits & _ENCRYPTED:
            raise BadWorkbookError("the workbook is protected by a password")
        if entry.compress_type not in _METHODS:
            raise BadWorkbookError("the workbook is packed in a way that no spreadsheet writes")
        if entry.file_size > most:
            raise BadWorkbookError("a part of the workbook is too large")
        if entry.file_size > max(_SMALL, MOST_RATIO * entry.compress_size):
            raise BadWorkbookError("the workbook unpacks to far more than its size")
        with _damage_told("the workbook is damaged"):
            packed = self._archive.open(entry)
        with packed:
            feed = _Feed(handler)
            while piece := _piece(packed):
                feed.more(piece)
                yield
            feed.end()
            yield


@contextmanager
def _damage_told(message: str) -> Iterator[None]:
    try:
        yield
    except BadWorkbookError:
        raise
    except _DAMAGE:
        raise BadWorkbookError(message) from None


class _ShortReads:
    """An archive's file, as far as zipfile uses one; what it asks for at once has a limit.

    It reads the list of entries whole, and only after that could the entries be counted.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if size > MOST_OF_A_DIRECTORY:
            raise BadWorkbookError("the archive has too many entries")
        return self._file.read(size if size >= 0 else MOST_OF_A_DIRECTORY)


def _piece(packed: IO[bytes]) -> bytes:
    """The next piece of a part; zipfile never unpacks more than the entry declares."""
    with _damage_told("the workbook is damaged"):
        return packed.read(_CHUNK)


class _Feed:
    """The XML parser, with its limits."""

    def __init__(self, handler: Handler) -> None:
        self._fed = 0
        self._depth = 0
        self._handler = handler
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = handler.text
        self._parser.XmlDeclHandler = _check_encoding
        self._parser.StartDoctypeDeclHandler = _refuse_document_type

    def more(self, piece: bytes) -> None:
        """Feed a piece."""
        self._parse(piece, final=False)
        self._fed += len(piece)
        if self._fed - self._parser.CurrentByteIndex > _LONGEST_TOKEN:
            raise BadWorkbookError("a part of the workbook is no part of a register")

    def end(self) -> None:
        """Say that there are no more pieces."""
        self._parse(b"", final=True)

    def _parse(self, piece: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(piece, final)
        except (expat.ExpatError, UnicodeError):
            raise BadWorkbookError("the workbook is damaged") from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadWorkbookError("a part of the workbook is no part of a register")
        self._handler.start(name.rpartition(":")[2], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._handler.end(name.rpartition(":")[2])


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    """UTF-8 or UTF-16 (ECMA-376 part 2, on XML usage), told before a decoder is looked for."""
    if encoding is not None and encoding.lower() not in _ENCODINGS:
        raise BadWorkbookError(
            "the workbook's XML is declared in another encoding than UTF-8 or UTF-16, such as "
            "GB18030, which no spreadsheet writes"
        )


def _refuse_document_type(*_: object) -> None:
    raise BadWorkbookError("the workbook holds a document type, which no spreadsheet writes")


class _Relationships:
    """The relationships of one part (ECMA-376 part 2, clause 9.3)."""

    def __init__(self, folder: str) -> None:
        self.related: list[Related] = []
        self._folder = folder

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        if len(self.related) == MOST_RELATED:
            raise BadWorkbookError("the workbook names too many parts")
        target = unquote(attributes.get("Target", ""))
        part = posixpath.normpath(posixpath.join("/", self._folder, target)).lstrip("/")
        kind = attributes.get("Type", "").rpartition("/")[2]
        self.related.append(Related(attributes.get("Id", ""), kind, part))

    def end(self, name: str) -> None:
        pass

    def text(self, piece: str) -> None:
        pass
