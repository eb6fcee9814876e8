"""Remedies against a decision: dated reference data (article 30).

The shipped file gives reconsideration (行政复议) within sixty days and litigation (行政诉讼) within
six months: Administrative Reconsideration Law article 20; Administrative Litigation Law article 46.
What a decision tells in a sentence and what a document prints in full are read from one file.

Never: reckons the last day of a period: it runs from when the person learned of the decision.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

_PLACES = ("{period}", "{county}")


class RemediesError(ValueError):
    """A file of remedies can't be used; the message says why and what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One remedy: its sentence with places for period and county, and the law it rests on.

    `period_en` is the period in English, where the file has it.
    """

    text: str
    period: str
    basis: str
    period_en: str = ""

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

    def told(self, language: Literal["zh-CN", "en"] = "zh-CN") -> str:
        """Return both in one sentence, without naming a county."""
        first, second = self.reconsideration, self.litigation
        if language == "en":
            return (
                f"You may apply for administrative reconsideration within {first.period_en} of "
                "learning of this decision, or bring an administrative action within "
                f"{second.period_en}."
            )
        return (
            f"不服本决定的，可以自知道之日起{first.period}内申请行政复议，"
            f"或者{second.period}内提起行政诉讼。"
        )


def remedies_of(text: str) -> tuple[Remedies, ...]:
    """Return what a file says, oldest first.

    Raises:
        RemediesError: it is no such file.
    """
    try:
        entries = tomllib.loads(text)["remedies"]
        found = tuple(sorted(map(_remedies, entries), key=lambda each: each.since))
    except (ValueError, KeyError, TypeError) as fault:
        raise RemediesError(
            f"the file of remedies cannot be read ({type(fault).__name__}):"
            " write it like regulation/remedies.toml"
        ) from None
    if not found:
        raise RemediesError("the file of remedies is empty: write it like regulation/remedies.toml")
    return found


@cache
def shipped_remedies() -> tuple[Remedies, ...]:
    """Return what the shipped file says, oldest first."""
    return remedies_of(files("regulation").joinpath("remedies.toml").read_text(encoding="utf-8"))


def remedies_on(remedies: Sequence[Remedies], day: date) -> Remedies:
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
    english = entry.get("period_en", "")
    if not all(isinstance(each, str) and each for each in (text, period, basis)):
        raise TypeError
    if not isinstance(english, str):
        raise TypeError
    if not all(place in text for place in _PLACES):
        raise ValueError
    return Remedy(text=text, period=period, basis=basis, period_en=english)
