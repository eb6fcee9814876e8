"""How codes are said, and what sentences mean: the words that carry the meaning, and the sentence.

A sentence is shown in the wording of the published scenarios.

Never: decides anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from regulation.cancellation import LEGAL_BASIS
from regulation.outcome import Reason
from regulation.scope import Route
from regulation.services import SERVICES as ALL_SERVICES


@dataclass(frozen=True, slots=True)
class Wording:
    """How a code is said: the pattern by which a sentence is understood, and the sentence."""

    pattern: str
    code: str
    sentence: str


def _article(item: str) -> Wording:
    return Wording(rf"(?<![\d(]){re.escape(item)}(?![\d(])", item, f"art {item}")


RATE: Final = "rate"
NEW_YEAR: Final = "new_year"
WORDINGS: Final[Mapping[str, tuple[Wording, ...]]] = {
    "route": (
        Wording(r"foreign|stateless", Route.FOREIGNERS, Route.FOREIGNERS.en),
        Wording(
            r"hong ?kong|macao|taiwan|\bHK\b|港澳台",
            Route.HONG_KONG_MACAO_TAIWAN,
            Route.HONG_KONG_MACAO_TAIWAN.en,
        ),
        Wording(r"hukou office|without .*hukou", Route.NO_MAINLAND_HUKOU, "the hukou office"),
    ),
    "told": (Wording(r"on the spot", "at_once", "on the spot, all missing items at once"),),
    "address_proof": (
        Wording(r"reused|again from|registration", "reused", "reused from registration"),
        Wording(r"given|fresh|submitted|new", "given", "given with the application"),
    ),
    "fee": (
        Wording(r"cost fee|published .*rate", RATE, "cost fee at the published national rate"),
    ),
    "flag": (
        Wording(r"manual review", "manual_review", "manual review of all evidence"),
        Wording(r"overdue|overrun", "overdue", "overdue"),
        Wording(r"\blate\b", "late", "late"),
        Wording(r"provisional", "provisional", "provisional"),
    ),
    "continuity": (
        Wording(r"broken|restart|afresh|interrupt", "broken", "broken"),
        Wording(r"kept|continu|unbroken", "kept", "kept"),
    ),
    "guidance": (
        Wording(
            r"report the (address )?change|change .*first",
            Reason.ADDRESS_CHANGE_NOT_REPORTED,
            "report the change first (may be done in the same visit)",
        ),
        Wording(r"endors.*replac|replac", Reason.ALREADY_HOLDS_PERMIT, "endorse or replace it"),
        Wording(r"window|opens", Reason.WINDOW_NOT_OPEN, "come back when the window is open"),
        Wording(r"review", Reason.POLICE_REVIEW_MISSING, "the community officer reviews first"),
        Wording(r"declare|regist", Reason.NOT_REGISTERED, "declare residence first"),
        Wording(r"half year|wait", Reason.RESIDENCE_UNDER_HALF_YEAR, "come back after half a year"),
    ),
    "next_step": (
        Wording(r"23\(2\)|cancellation", "23(2)", "cancellation proceeding (art 23(2))"),
    ),
    "old_card": (
        Wording(r"void|invalid", "void", "void"),
        Wording(r"hand|return|collect|taken", "handed_in", "handed in"),
    ),
    "legal_basis": tuple(_article(item) for item in LEGAL_BASIS.values()),
    "card": (
        Wording(r"confiscat", "confiscate_card", "confiscate (art 29)"),
        Wording(r"collect", "collect_card", "collect (art 22)"),
    ),
    "refer_to": (
        Wording(r"art(icle)?\.? 18", "18", "public security bureau, national Regulation art 18"),
        Wording(r"art(icle)?\.? 19", "19", "public security bureau, national Regulation art 19"),
    ),
    "note": (
        Wording(
            r"other settlement",
            Reason.NOT_RURAL_PASTORAL,
            "other settlement policies are outside these Measures",
        ),
        Wording(
            r"policy outside|depends on policy|step by step|programme",
            "not_guaranteed",
            "depends on policy outside these Measures",
        ),
        Wording(r"indication", "indication", "an indication, no decision"),
        Wording(r"not by virtue|without (a|the) permit", "no", "not by virtue of the permit"),
    ),
    "basis": tuple(
        _article(item) for item in (*(each.article for each in ALL_SERVICES), "24", "25", "26")
    ),
    "kind": (Wording(r"aggregate", "aggregate", "aggregate counts only"),),
    "permit_prospect": (
        Wording(r"^(none|no)\b", "none", "none"),
        Wording(r"possible|yes|after|later", "possible", "possible"),
    ),
    "fields": (Wording(r"ten items plus", "more", "the ten items plus others"),),
    "valid_to": (Wording(r"year from the new", NEW_YEAR, "one year from the new issue date"),),
}
"""Keys of `then` whose values are sentences."""


def understood(key: str, sentence: str) -> str | None:
    """Return the code that a sentence means under this key, None where none is known."""
    for wording in WORDINGS.get(key, ()):
        if re.search(wording.pattern, sentence, re.IGNORECASE):
            return wording.code
    return None


def spoken(key: str, code: object) -> object:
    """Return a code as the published scenarios would say it."""
    for wording in WORDINGS.get(key, ()):
        if wording.code == code:
            return wording.sentence
    return code


NOT_A_SWITCH: Final = ""
ALTERNATIVES: Final[tuple[tuple[str, str, str], ...]] = (
    ("R8", r"counted as the first day", "day-before"),
    ("R10", r"ends by itself", "lapses"),
    ("R12", r"only the declared latest move", "latest-move"),
    ("R12", r"endorse on the old address", "endorse-anyway"),
    ("R13", r"half a year in this", "county-half-year"),
    ("R14", r"is not registered under", "no-registration"),
    ("R17", r"fresh proof of address", "fresh-proof"),
    ("R20", r"new card, new year", "new-year"),
    ("R23", r"cancellation breaks|before the cancellation", "from-cancellation"),
    ("R24", r"no time limit", "no-limit"),
    ("R26", r"from the lease start", "from-lease-start"),
    ("R26", r"by analogy", "landlord-seven-days"),
    ("R28", r"art\.? 13 allows", "issue-date-on-card"),
    ("R28", r"others refused|catchment|account of|supervisor|44|unsuppressed", NOT_A_SWITCH),
    ("R29", r"rejection", "contradictions-rejected"),
    ("R30", r"weekends and statutory", "statutory-days"),
)
"""Which choice of a reading the published alternatives mean; for others the choices are tried."""


def choice_of(readings: tuple[str, ...], sentence: str) -> tuple[str, str] | None:
    """Return the reading and the choice that an alternative means, None where none is known."""
    for reading, pattern, choice in ALTERNATIVES:
        if reading in readings and re.search(pattern, sentence, re.IGNORECASE):
            return reading, choice
    return None
