"""Which encoding a CSV file is in: told by its mark, else by the first letters beyond ASCII.

One pass over the bytes, in constant memory: it also takes the file's digest. A file is UTF-8 or
GB18030 as a whole or it is refused, with the byte and line where it breaks and none of its text.

Why not "the first encoding that decodes": a UTF-8 file with one broken byte often decodes as
GB18030 too, into other persons' names.
"""

import codecs
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, Final, Literal

Encoding = Literal["utf-8-sig", "utf-8", "gb18030"]

_CHUNK: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 16
_MARK: Final = codecs.BOM_UTF8
_BEYOND_ASCII: Final = re.compile(rb"[\x80-\xff]")
_WIDE_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDE_DELIMITER: Final = re.compile(rb"[,;\t]\x00|\x00[,;\t]")


class UndecodableError(ValueError):
    """The bytes are not text in this encoding; `offset` counts bytes from 0, `line` from 1."""

    def __init__(self, encoding: str, offset: int, line: int) -> None:
        super().__init__(f"byte {offset} (line {line}) is not {encoding}")
        self.encoding = encoding
        self.offset = offset
        self.line = line


class WideEncodingError(ValueError):
    """The file is UTF-16, which no register export is expected in."""


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What one pass over a text file tells."""

    encoding: Encoding
    digest: bytes


class _Watch:
    """Follows one encoding through the file and remembers where it first breaks."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.broken: tuple[int, int] | None = None
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")

    def feed(self, chunk: bytes, *, offset: int, lines: int, final: bool = False) -> None:
        """Decode the next chunk, which begins at `offset` after `lines` line ends."""
        if self.broken is not None:
            return
        pending = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            start = max(error.start - pending, 0)
            self.broken = (
                offset - pending + error.start,
                lines + 1 + chunk.count(b"\n", 0, start),
            )


class _FirstLetters:
    """Keeps the first line that holds a byte beyond ASCII: it tells the encodings apart."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._ended = False

    def feed(self, chunk: bytes) -> None:
        """Look at the next chunk."""
        if self._ended:
            return
        if not self._line:
            found = _BEYOND_ASCII.search(chunk)
            if found is None:
                return
            chunk = chunk[found.start() :]
        end = chunk.find(b"\n")
        self._line += chunk if end < 0 else chunk[:end]
        self._ended = end >= 0 or len(self._line) > _LONGEST_LINE

    def are_utf8(self) -> bool:
        """Whether that line is UTF-8, cut anywhere; true of a file that is ASCII throughout."""
        try:
            codecs.getincrementaldecoder("utf-8")("strict").decode(bytes(self._line))
        except UnicodeDecodeError:
            return False
        return True


def _is_wide(begins: bytes) -> bool:
    """Whether a file is UTF-16: by its mark, else by a NUL beside a delimiter of the first line."""
    line = begins[:_LONGEST_LINE].partition(b"\n")[0]
    return begins.startswith(_WIDE_MARKS) or _WIDE_DELIMITER.search(line) is not None


def digest_of(file: BinaryIO) -> bytes:
    """The SHA-256 of a whole file."""
    file.seek(0)
    digest = sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.digest()


def sniff(file: BinaryIO, *, wanted: Encoding | None) -> Sniffed:
    """Read the whole file once and tell its encoding; `wanted` overrides detection.

    Raises:
        UndecodableError: Not all of the file is text in its encoding.
        WideEncodingError: The file is UTF-16.
    """
    digest, letters = sha256(), _FirstLetters()
    utf8, gb18030 = _Watch("utf-8"), _Watch("gb18030")
    offset = lines = 0
    marked = False
    while chunk := file.read(_CHUNK):
        if offset == 0:
            marked = chunk.startswith(_MARK)
            if _is_wide(chunk):
                raise WideEncodingError
        digest.update(chunk)
        letters.feed(chunk)
        for watch in (utf8, gb18030):
            watch.feed(chunk, offset=offset, lines=lines)
        offset += len(chunk)
        lines += chunk.count(b"\n")
    for watch in (utf8, gb18030):
        watch.feed(b"", offset=offset, lines=lines, final=True)
    is_utf8 = wanted != "gb18030" if wanted else marked or letters.are_utf8()
    chosen = utf8 if is_utf8 else gb18030
    if chosen.broken is not None:
        at, line = chosen.broken
        raise UndecodableError(chosen.encoding.upper(), at, line)
    if not is_utf8:
        return Sniffed("gb18030", digest.digest())
    return Sniffed("utf-8-sig" if marked else "utf-8", digest.digest())
