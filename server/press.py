"""The printer of a deployment, from its settings: fonts, second labels, remedies.

What the operator has set is read at the start, and a fault in it stops the start and names the
variable. Without settings the shipped fonts are loaded when the first document is asked for.

Never: looks for fonts that nobody named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from printing.fonts import FontsError, GlyphMissingError, load_fonts
from printing.printer import Printer
from printing.remedies import read_remedies
from printing.words import NO_LABELS, LabelsError, read_labels
from regulation.remedies import Remedies, RemediesError
from server.settings import Paper, SettingsError


@dataclass(frozen=True, slots=True)
class Press:
    """What documents are set with."""

    printer: Callable[[], Printer]
    remedies: Sequence[Remedies]


def open_press(paper: Paper) -> Press:
    """Make the printer, or what makes it when it is first needed.

    Raises:
        SettingsError: what a variable names can't be used.
    """

    @cache
    def printer() -> Printer:
        labels = NO_LABELS if paper.labels is None else read_labels(paper.labels)
        return Printer(load_fonts(paper.fonts), labels)

    try:
        remedies = read_remedies(paper.remedies)
    except RemediesError as fault:
        raise SettingsError(f"JUZHU_REMEDIES: {fault}") from None
    if paper.fonts is not None or paper.labels is not None:
        try:
            printer()
        except FontsError as fault:
            raise SettingsError(f"JUZHU_FONTS: {fault}") from None
        except LabelsError as fault:
            raise SettingsError(f"JUZHU_LABELS: {fault}") from None
        except GlyphMissingError as missing:
            # Labels are the operator's own words, and of no person.
            named = ", ".join(missing.named)
            raise SettingsError(
                f"JUZHU_LABELS: no font has a glyph for {named}: name a folder in JUZHU_FONTS"
            ) from None
    return Press(printer=printer, remedies=remedies)
