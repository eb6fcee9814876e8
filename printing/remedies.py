"""Remedies against a refusal: dated reference data that a city can set (article 30).

The shipped file gives reconsideration (行政复议) within sixty days and litigation (行政诉讼)
within six months. A deployment hands another file of the same form.

Never: reckons the last day of a period: it runs from when the person learned of the decision.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

_PLACES = ("{period}", "{county}")


class RemediesError(ValueError):
    """A file of remedies can't be used; the message says why and what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One remedy: its sentence with places for period and county, and the law it rests on."""

    text: str
    period: str
    basis: str

    def says(self, county: str) -> str:
        """Return the sentence for a county."""
        sentence = self.text.replace("{period}", self.period).replace("{county}", county)
        return f"{sentence}（{self.basis}）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies:
    """What may be done against a decision of a day."""

    since: date
    reconsideration: Remedy
    litigation: Remedy


def read_remedies(path: Path | None = None) -> tuple[Remedies, ...]:
    """Read a file of remedies, oldest first; without a path the one that is shipped.

    Raises:
        RemediesError: it is no such file.

    """
    source = files("printing").joinpath("remedies.toml") if path is None else path
    try:
        entries = tomllib.loads(source.read_text(encoding="utf-8"))["remedies"]
        found = tuple(sorted(map(_remedies, entries), key=lambda each: each.since))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise RemediesError(
            f"the file of remedies cannot be read ({type(fault).__name__}):"
            " write it like printing/remedies.toml"
        ) from None
    if not found:
        raise RemediesError("the file of remedies is empty: write it like printing/remedies.toml")
    return found


def remedies_on(remedies: tuple[Remedies, ...], day: date) -> Remedies:
    """Return what holds for a decision of `day`.

    Raises:
        RemediesError: the file has nothing for a day so early.

    """
    holding = [each for each in remedies if each.since <= day]
    if not holding:
        raise RemediesError("no remedies are set for a day so early: add an entry for it")
    return holding[-1]


def _remedies(entry: Mapping[str, object]) -> Remedies:
    since = entry["from"]
    if not isinstance(since, date):
        raise TypeError
    return Remedies(
        since=since,
        reconsideration=_remedy(entry["reconsideration"]),
        litigation=_remedy(entry["litigation"]),
    )


def _remedy(entry: object) -> Remedy:
    if not isinstance(entry, dict):
        raise TypeError
    text, period, basis = (entry[name] for name in ("text", "period", "basis"))
    if not all(isinstance(each, str) and each for each in (text, period, basis)):
        raise TypeError
    if not all(place in text for place in _PLACES):
        raise ValueError
    return Remedy(text=text, period=period, basis=basis)
