"""Citizen identity numbers (公民身份号码, GB 11643-1999): what is one, and what it says.

`parse_id_number` accepts the 18 characters only; `read_id_number` also takes what old registers and
spreadsheets make of them, and marks each liberty. An `IdNumber` always has a calendar day of birth
and a right check digit.

Never: tells hukou or residence from the first six digits (they name the place of first issue,
often a division that no longer exists), refuses a number for them, or shows a number in an error.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType

from stdnum.cn import ric

IdNumber = NewType("IdNumber", str)
"""Eighteen characters, upper case, check digit and birth date verified."""


class IdNumberFault(StrEnum):
    """Why a text is no citizen identity number."""

    EMPTY = "EMPTY"
    FIFTEEN_DIGITS = "FIFTEEN_DIGITS"
    CHECK_DIGIT = "CHECK_DIGIT"
    BIRTH_DATE = "BIRTH_DATE"
    NOT_CITIZEN = "NOT_CITIZEN"
    DESTROYED = "DESTROYED"
    MALFORMED = "MALFORMED"


_NEXT_STEP = {
    IdNumberFault.EMPTY: "the identity number is empty: enter its 18 characters",
    IdNumberFault.FIFTEEN_DIGITS: (
        "numbers of 15 digits are out of use: enter the 18 characters of the present card "
        "(15位号码已停用，请使用18位公民身份号码)"
    ),
    IdNumberFault.CHECK_DIGIT: (
        "the check digit does not fit the other 17 digits: compare with the card"
    ),
    IdNumberFault.BIRTH_DATE: "digits 7 to 14 are no possible birth date: compare with the card",
    IdNumberFault.NOT_CITIZEN: (
        "not the number of a citizen with mainland hukou: other rules apply (article 31)"
    ),
    IdNumberFault.DESTROYED: (
        "a spreadsheet turned the number into a rounded figure: take it again from the source, "
        "with the column formatted as text"
    ),
    IdNumberFault.MALFORMED: (
        "not 17 digits and a check digit: enter 18 characters, digits 0-9 and perhaps a final X"
    ),
}


class InvalidIdNumberError(ValueError):
    """The text is no citizen identity number; `fault` says why, and nothing says the text."""

    def __init__(self, fault: IdNumberFault) -> None:
        super().__init__(_NEXT_STEP[fault])
        self.fault = fault


class IdNumberMark(StrEnum):
    """A liberty that was taken to read a number."""

    FIFTEEN_DIGITS = "FIFTEEN_DIGITS"
    FULL_WIDTH = "FULL_WIDTH"
    BLANKS = "BLANKS"
    LOWER_X = "LOWER_X"


class Sex(StrEnum):
    """Sex as GB/T 2261.1 codes it, as far as an identity number can say it."""

    MALE = "1"
    FEMALE = "2"


@dataclass(frozen=True, slots=True, repr=False)
class ReadIdNumber:
    """A number and the liberties taken to read it. Its repr shows the marks only."""

    number: IdNumber
    marks: frozenset[IdNumberMark]

    def __repr__(self) -> str:
        """Show the marks, never the number."""
        return f"ReadIdNumber(marks={sorted(self.marks)})"


# `[0-9]` and not `\d`: the latter takes digits of every script.
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN = re.compile(r"[0-9]{15}")
# 81, 82, 83: residents of Hong Kong, Macao and Taiwan. A leading 9: foreigners' permanent residence
# cards since 2023. Both kinds carry 18 characters and a right check digit.
_OTHER_EIGHTEEN = re.compile(r"(8[123]|9[0-9])[0-9]{15}[0-9X]")
# Passports, mainland travel permits, the foreigners' cards before 2023.
_DOCUMENT = re.compile(r"[A-Z]{1,3}[0-9]{6,12}")
_ROUNDED = re.compile(r"[0-9](\.[0-9]*)?E\+?[0-9]+|[0-9]{15,18}\.0*")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ．＋Ｅ", "0123456789Xx.+E")
# What shows nothing or reorders what is shown comes along when a number is copied from a page.
_BLANKS = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_EARLIEST_YEAR = 1850
_PRECISION = "000"
"""A spreadsheet keeps 15 figures of a number and writes noughts for the rest."""


def parse_id_number(text: str) -> IdNumber:
    """Return the number in `text`; a lower-case x is the only liberty (articles 10, 11)."""
    candidate = text.upper() if text.isascii() else text
    fault = _fault(candidate)
    if fault is not None:
        raise InvalidIdNumberError(fault)
    return IdNumber(candidate)


def read_id_number(text: str) -> ReadIdNumber:
    """Return the number in a register's cell, with a mark for each liberty taken."""
    marks = slips_of(text)
    dense = _BLANKS.sub("", text.translate(_FULL_WIDTH))
    if dense.endswith("x"):
        marks.add(IdNumberMark.LOWER_X)
    if _FIFTEEN.fullmatch(dense):
        # Cards of 15 digits were issued to people born in the twentieth century.
        dense = with_check_digit(f"{dense[:6]}19{dense[6:]}")
        marks.add(IdNumberMark.FIFTEEN_DIGITS)
    return ReadIdNumber(number=parse_id_number(dense), marks=frozenset(marks))


def slips_of(text: str) -> set[IdNumberMark]:
    """How a text is written otherwise than a number is: full-width characters, blanks."""
    marks = set[IdNumberMark]()
    if text.translate(_FULL_WIDTH) != text:
        marks.add(IdNumberMark.FULL_WIDTH)
    if _BLANKS.search(text):
        marks.add(IdNumberMark.BLANKS)
    return marks


def with_check_digit(body: str) -> str:
    """Return the 17 digits of `body` and their check digit (ISO 7064 MOD 11-2)."""
    # The library wants a number of full length and leaves its last character out of account.
    return body + ric.calc_check_digit(body + "0")


def birth_date(number: IdNumber) -> date:
    """Return the day of birth that the number carries."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex(number: IdNumber) -> Sex:
    """Return the sex that the number carries: an odd sequence is male, an even one female."""
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE


def _fault(text: str) -> IdNumberFault | None:
    shape = _fault_of_shape(text)
    if shape is not None:
        return shape
    if text[-1] != ric.calc_check_digit(text):
        rounded = text.endswith(_PRECISION)
        return IdNumberFault.DESTROYED if rounded else IdNumberFault.CHECK_DIGIT
    try:
        # The library's own birth date cleans the text again, which takes longer than all the rest.
        born = birth_date(IdNumber(text))
    except ValueError:
        return IdNumberFault.BIRTH_DATE
    return IdNumberFault.BIRTH_DATE if born.year < _EARLIEST_YEAR else None


def _fault_of_shape(text: str) -> IdNumberFault | None:
    if not text or text.isspace():
        return IdNumberFault.EMPTY
    if _FIFTEEN.fullmatch(text):
        return IdNumberFault.FIFTEEN_DIGITS
    if _ROUNDED.fullmatch(text):
        return IdNumberFault.DESTROYED
    # Before the check digit: these people need another door, not a closer look at the card.
    if _DOCUMENT.fullmatch(text) or _OTHER_EIGHTEEN.fullmatch(text):
        return IdNumberFault.NOT_CITIZEN
    return None if _EIGHTEEN.fullmatch(text) else IdNumberFault.MALFORMED
