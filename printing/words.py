"""The fixed words of documents, with a slot for a second language beside each.

words.csv has the Chinese. A deployment may hand a file of labels in a second language, such as
traditional Mongolian (`mn-Mong`): whatever it words appears beside the Chinese, the rest stays
Chinese alone. Values are never translated.

Never: takes a label for a code that no document has: a slip in the file would go unseen for years.
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

_VERTICAL: Final = "-Mong"


class LabelsError(ValueError):
    """A file of labels can't be used; the message says why and what to mend."""


@dataclass(frozen=True, slots=True)
class Label:
    """A fixed word in Chinese and, where the deployment has it, in the second language."""

    zh: str
    second: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLabels:
    """Labels of a second language by code; `language` is a tag of BCP 47."""

    language: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def vertical(self) -> bool:
        """Whether its script runs from top to bottom, as traditional Mongolian does."""
        return self.language.endswith(_VERTICAL)


NO_LABELS: Final = SecondLabels()


def _load() -> Mapping[str, str]:
    table = files("printing").joinpath("words.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["code"]: row["zh"] for row in csv.DictReader(table.splitlines())})


WORDS: Final = _load()
"""The Chinese of every code."""


def word(code: str, second: SecondLabels = NO_LABELS) -> Label:
    """Return the word of a code."""
    return Label(WORDS[code], second.labels.get(code))


def label(text: str, second: SecondLabels = NO_LABELS) -> Label:
    """Return the word of a code, or a text that is none as it stands."""
    return word(text, second) if text in WORDS else Label(text)


def read_labels(path: Path) -> SecondLabels:
    """Read a file of labels in a second language (TOML).

    Raises:
        LabelsError: it is no such file, or words a code that no document has.

    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise LabelsError(
            f"the file of labels cannot be read ({type(fault).__name__}): see docs/printing.md"
        ) from None
    language, labels = document.get("language"), document.get("labels")
    if not isinstance(language, str) or not language or not isinstance(labels, dict):
        raise LabelsError("the file of labels needs `language` and [labels]: see docs/printing.md")
    unknown = sorted(set(labels) - set(WORDS))
    if unknown:
        raise LabelsError(
            f"the file of labels words unknown codes ({', '.join(unknown)}):"
            " take codes of printing/words.csv"
        )
    if not all(isinstance(text, str) and text.strip() for text in labels.values()):
        raise LabelsError("a label is empty or no text: write it or take its line away")
    return SecondLabels(language=language, labels=labels)
