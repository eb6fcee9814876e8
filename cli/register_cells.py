"""What a cell of a sheet says, as text: numbers, days, error values; and which formats are days.

A spreadsheet keeps 15 digits of a number and writes noughts for the rest; a number that lost its
last digits is shown as such, so that it is never taken for an ID number. This module evaluates
nothing and never sees more than one cell.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

EXACT_DIGITS: Final = 15
LONGEST_FORMAT: Final = 255
"""Letters of a format code, as spreadsheets have them."""

NO_DAY: Final = "#VALUE!"
"""What a spreadsheet shows for a day outside its calendar."""

_WHOLE: Final = re.compile(r"-?[0-9]+")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LONGEST_NUMBER: Final = 40
_DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001  (a sheet has no time zones)
_LAST_DAY: Final = 2_958_465
"""31 December 9999."""

_FIRST_TRUE_DAY: Final = 61
"""1 March 1900: before it, spreadsheets count a 29 February that never was."""

_SECONDS: Final = 86_400

# ECMA-376 part 1, clause 18.8.30; 27 to 36 and 50 to 58 are the forms of Chinese spreadsheets.
_BUILT_IN_DAYS: Final = frozenset([*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)])
# A quote or bracket that nothing closes reaches to the end: each letter is looked at once.
_NO_LETTERS: Final = re.compile(r'"[^"]*(?:"|\Z)|\[[^\]]*(?:\]|\Z)|\\.|_.|\*.')
_DAY_LETTERS: Final = re.compile("[ydYD]")


class BadNumberError(ValueError):
    """The text of a number is none."""


def is_day_format(number: int, custom: Mapping[int, str]) -> bool:
    """Whether a number under this format is shown as a day; times alone are none."""
    code = custom.get(number)
    if code is None:
        return number in _BUILT_IN_DAYS
    return _DAY_LETTERS.search(_NO_LETTERS.sub("", code)) is not None


def number_text(text: str, *, is_day: bool) -> str:
    """The text of a number cell.

    Raises:
        BadNumberError: it holds no number.
    """
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise BadNumberError
    if is_day:
        return _day(float(text))
    if _WHOLE.fullmatch(text):
        return _whole(text)
    number = float(text)
    if abs(number) >= 10**EXACT_DIGITS:
        return _lost(number)
    return str(int(number)) if number.is_integer() else repr(number)


def _whole(digits: str) -> str:
    rounded = len(digits) > EXACT_DIGITS and not digits[EXACT_DIGITS:].strip("0")
    return _lost(float(digits)) if rounded else digits


def _lost(number: float) -> str:
    return f"{number:.14E}"


def _day(serial: float) -> str:
    if not 1 <= serial < _LAST_DAY + 1:
        return NO_DAY
    days, rest = divmod(round(serial * _SECONDS), _SECONDS)
    if days > _LAST_DAY:
        return NO_DAY
    shift = 1 if days < _FIRST_TRUE_DAY else 0
    moment = _DAY_ZERO + timedelta(days=days + shift, seconds=rest)
    return moment.date().isoformat() if rest == 0 else moment.isoformat(sep=" ")
