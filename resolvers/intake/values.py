"""Reading the cells of a row: days, sex, ethnic group, reason for residence, free text.

Every function is pure and says how it read a cell, so that the row can carry a mark. A cell that
can't be read is a `Code`, never an exception with the cell's text.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from resolvers.intake.codes import Code

_SERIAL_ZERO: Final = date(1899, 12, 30)
"""Day 0 of spreadsheets for every serial day after February 1900."""

_FORMS: Final = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00(?:\.0+)?)?)?"), None),
    (re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: 0?0:00(?::00)?)?"), Code.DATE_SLASHES),
    (re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"), Code.DATE_DOTS),
    (re.compile(r"(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日?"), Code.DATE_CHINESE),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), Code.DATE_COMPACT),
)
_SERIAL: Final = re.compile(r"\d{5}(?:\.0+)?")
_TWO_DIGIT_YEAR: Final = re.compile(
    r"\d{2}(?P<sign>[-/.])\d{1,2}(?P=sign)\d{1,2}|\d{1,2}(?P<last>[-/.])\d{1,2}(?P=last)\d{2}"
    r"|\d{2} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日?|\d{6}"
)
_EARLIEST_YEAR: Final = 1880

_SEX_WORDS: Final = {
    **dict.fromkeys(("男", "男性", "1", "01", "m", "male"), "MALE"),
    **dict.fromkeys(("女", "女性", "2", "02", "f", "female"), "FEMALE"),
}
_SEX_NOT_GIVEN: Final = frozenset(
    {"0", "9", "未知", "未知的性别", "未说明", "未说明的性别", "unknown", "not stated"}
)

REASONS: Final = {
    "务工": "work",
    "经商": "business",
    "就学": "study",
    "随迁": "family",
    "其他": "other",
}
"""The reasons for residence (居住事由): the word of the register and its English word."""

_REASON_WORDS: Final = {english: word for word, english in REASONS.items()} | {
    word: word for word in REASONS
}

_INVISIBLE: Final = re.compile("[\u200b-\u200d\u2060\ufeff]")
_BLANKS: Final = re.compile(r"\s+")
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was read, and the mark of the form in which it stood."""

    value: date
    mark: Code | None


def plain_word(text: str) -> str:
    """A word, code or day without the blanks around it; full-width forms make no difference."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=1 << 12)  # a register holds the same days again and again
def read_day(text: str) -> Day | Code:
    """Read a day: ISO, with slashes or dots, in Chinese form, 8 digits, or a serial day."""
    plain = plain_word(text)
    for form, mark in _FORMS:
        found = form.fullmatch(plain)
        if found is not None:
            year, month, day = (int(part) for part in found.groups())
            return _day(year, month, day, mark)
    if _SERIAL.fullmatch(plain):
        return Day(_SERIAL_ZERO + timedelta(days=int(plain[:5])), Code.DATE_SERIAL)
    if _TWO_DIGIT_YEAR.fullmatch(plain):
        return Code.DATE_TWO_DIGIT_YEAR
    return Code.DATE_UNREADABLE


def _day(year: int, month: int, day: int, mark: Code | None) -> Day | Code:
    if year < _EARLIEST_YEAR:
        return Code.DATE_UNREADABLE
    try:
        return Day(date(year, month, day), mark)
    except ValueError:
        return Code.DATE_UNREADABLE


def read_sex(text: str) -> str | Code | None:
    """Read a sex (GB/T 2261.1): MALE, FEMALE, or None where it is unknown or not stated."""
    word = plain_word(text).casefold()
    if not word or word in _SEX_NOT_GIVEN:
        return None
    return _SEX_WORDS.get(word, Code.SEX_UNKNOWN)


def read_reason(text: str) -> str | Code:
    """Read a reason for residence by its Chinese or English word."""
    word = plain_word(text).casefold()
    return _REASON_WORDS.get(word, Code.REASON_UNKNOWN)


def read_text(text: str, *, most: int) -> str | Code:
    """Read free text: NFC, trimmed, line ends and runs of blanks as one blank.

    A formula stays what it is, text: nothing here or later evaluates it.
    """
    plain = unicodedata.normalize("NFC", text).strip()
    if not plain.isprintable() or "  " in plain:  # only then is there anything to mend
        plain = _BLANKS.sub(" ", _INVISIBLE.sub("", plain)).strip()
    if len(plain) > most:
        return Code.TEXT_TOO_LONG
    if has_control_character(plain) or "\ufffd" in plain:
        return Code.TEXT_UNREADABLE
    return plain


def has_control_character(text: str) -> bool:
    """Whether a character commands a device instead of being read, as NUL does."""
    return not text.isprintable() and any(unicodedata.category(sign) == "Cc" for sign in text)
