"""`juzhu print`: one document from a file of values, as PDF or HTML.

Exit 0: the file was written. 1: the document is refused (no glyph for a character, a photo that is
none, what its article forbids). 2: the form, a folder or the command is wrong. It needs no key and
no database. The characters that no font has are named to whoever runs it, and nothing else of the
values is printed; the output is readable by its owner alone and comes whole or not at all.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click
import orjson

from cli.refusals import MISUSE, REFUSED, end
from printing.document import Document, DocumentError, Kind
from printing.fonts import FontsError, GlyphMissingError, load_fonts
from printing.form import InputError
from printing.pdf import TypesettingError
from printing.photo import PhotoError
from printing.printer import Printer
from printing.reading import read_document
from printing.remedies import read_remedies
from printing.text import code_point
from printing.words import NO_LABELS, LabelsError, read_labels
from regulation.remedies import RemediesError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the command line asked for."""

    kind: Kind
    source: Path
    output: Path
    fonts: Path | None
    labels: Path | None
    remedies: Path | None


@dataclass(frozen=True, slots=True)
class _Ending:
    """Why nothing was written."""

    code: str
    error: str
    hint: str
    exit: int
    more: Mapping[str, object]


@click.command(name="print")
@click.option(
    "--kind",
    required=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="Which document.",
)
@click.option(
    "--input", "source", required=True, type=_FILE, help="Its values as JSON: docs/printing.md."
)
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to: a name ending in .pdf or .html.",
)
@click.option("--fonts", type=_FOLDER, help="A folder of fonts to add for rare characters.")
@click.option("--labels", type=_FILE, help="Labels in a second language (TOML).")
@click.option("--remedies", type=_FILE, help="The city's remedies instead of the shipped (TOML).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, errors too.")
def print_(
    *,
    kind: str,
    source: Path,
    output: Path,
    fonts: Path | None,
    labels: Path | None,
    remedies: Path | None,
    as_json: bool,
) -> None:
    """Print a document: receipt, missing-list, refusal, card-contents or subject-report.

    Example: `juzhu print --kind receipt --input receipt.json --output receipt.pdf`.
    """
    wanted = _Wanted(Kind(kind), source, output, fonts, labels, remedies)
    ending = _write(wanted)
    if ending is not None:
        _stop(ending, as_json=as_json)
    if as_json:
        click.echo(orjson.dumps({"written": str(output)}).decode())
    else:
        click.echo(f"written: {output}")


def _write(wanted: _Wanted) -> _Ending | None:
    """Set the document and write it; say why not, if not."""
    form = wanted.output.suffix.lower()
    if form not in {".pdf", ".html"}:
        return _misuse("OUTPUT", "the output is neither .pdf nor .html: name it so")
    try:
        printer = _printer(wanted)
        document = _document(wanted)
        html = form == ".html"
        content = printer.html(document).encode() if html else printer.pdf(document)
    except GlyphMissingError as missing:
        return _glyph_missing(missing)
    except (PhotoError, DocumentError, TypesettingError) as refused:
        return _of(type(refused).__name__, str(refused), REFUSED)
    except InputError as wrong:
        return _Ending(
            "INPUT",
            "the input is not the form of this kind: " + "; ".join(wrong.faults),
            "correct what is named: docs/printing.md has an example of each",
            MISUSE,
            {"faults": list(wrong.faults)},
        )
    except (FontsError, LabelsError, RemediesError) as wrong:
        return _of(type(wrong).__name__, str(wrong), MISUSE)
    try:
        _keep(wanted.output, content)
    except OSError as fault:
        return _misuse("OUTPUT", f"the output cannot be written ({fault.strerror}): name another")
    return None


def _printer(wanted: _Wanted) -> Printer:
    labels = NO_LABELS if wanted.labels is None else read_labels(wanted.labels)
    return Printer(load_fonts(wanted.fonts), labels)


def _document(wanted: _Wanted) -> Document:
    remedies = read_remedies(wanted.remedies)
    try:
        given = orjson.loads(wanted.source.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise InputError(("the file: JSON in UTF-8 is wanted",)) from None
    return read_document(wanted.kind, given, remedies)


def _keep(output: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    folder = output.parent
    handle, name = tempfile.mkstemp(prefix=".juzhu-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(output)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _glyph_missing(missing: GlyphMissingError) -> _Ending:
    characters = [{"character": each, "codePoint": code_point(each)} for each in missing.characters]
    return _Ending(
        "GLYPH_MISSING",
        f"no font has a glyph for {', '.join(missing.named)}",
        "add a folder of fonts that has it: --fonts FOLDER (docs/printing.md)",
        REFUSED,
        {"characters": characters},
    )


def _of(name: str, message: str, code: int) -> _Ending:
    error, _, hint = message.partition(": ")
    words = {
        "PhotoError": "PHOTO",
        "DocumentError": "DOCUMENT",
        "TypesettingError": "TYPESETTING",
        "FontsError": "FONTS",
        "LabelsError": "LABELS",
        "RemediesError": "REMEDIES",
    }
    return _Ending(words[name], error, hint, code, {})


def _misuse(code: str, message: str) -> _Ending:
    error, _, hint = message.partition(": ")
    return _Ending(code, error, hint, MISUSE, {})


def _stop(ending: _Ending, *, as_json: bool) -> NoReturn:
    if as_json:
        told = {"code": ending.code, "message": ending.error, "hint": ending.hint, **ending.more}
        click.echo(orjson.dumps({"error": told}).decode())
        raise SystemExit(ending.exit)
    end(ending.error, ending.hint, ending.exit)
