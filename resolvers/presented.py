"""A presented person: what a caller typed, checked and turned into look-up tags.

The text is checked before it is hashed, so a slip of the pen gets its own message and never a
"no"; after this only keyed tags travel on.
"""

from collections.abc import Mapping
from typing import Final

from keys.ring import KeyRing, Tag
from regulation.id_number import (
    IdNumber,
    IdNumberFault,
    IdNumberMark,
    InvalidIdNumberError,
    parse_id_number,
    slips_of,
)
from regulation.person_name import UnreadableNameError, match_key
from resolvers.faults import ArgumentFaultError, Fault

MOST_NAME: Final = 256
"""Characters of a presented name: the longest names in registers have a tenth of that."""


def checked_number(text: str) -> IdNumber:
    """The ID number that a text holds.

    Blanks and full-width digits are told, not taken away as in an import: whoever typed them can
    mend them, and a field of a caller's form that lets them through would do so everywhere.

    Raises:
        ArgumentFaultError: it is malformed, of 15 digits, or its check digit is wrong.

    """
    try:
        return parse_id_number(text)
    except InvalidIdNumberError as error:
        raise ArgumentFaultError(_told(error.fault, text)) from None


def _told(fault: IdNumberFault, text: str) -> Fault:
    """What is wrong with a number: how it is written before what it says."""
    if fault is not IdNumberFault.EMPTY:
        slips = slips_of(text)
        if IdNumberMark.BLANKS in slips:
            return Fault.ID_NUMBER_BLANKS
        if IdNumberMark.FULL_WIDTH in slips:
            return Fault.ID_NUMBER_FULL_WIDTH
    return _FAULTS.get(fault, Fault.INVALID_ID_NUMBER)


_FAULTS: Final = {
    IdNumberFault.EMPTY: Fault.ID_NUMBER_EMPTY,
    IdNumberFault.FIFTEEN_DIGITS: Fault.ID_NUMBER_FIFTEEN_DIGITS,
    IdNumberFault.CHECK_DIGIT: Fault.ID_NUMBER_CHECK_DIGIT,
    IdNumberFault.BIRTH_DATE: Fault.ID_NUMBER_BIRTH_DATE,
    IdNumberFault.NOT_CITIZEN: Fault.ID_NUMBER_NOT_CITIZEN,
    IdNumberFault.DESTROYED: Fault.ID_NUMBER_DESTROYED,
}


def presented_tags(ring: KeyRing, presented: Mapping[str, object]) -> tuple[Tag, bytes]:
    """The look-up tag of a presented person, and the tag under which a miss is counted.

    Raises:
        ArgumentFaultError: the number or the name can't be read.

    """
    number = checked_number(str(presented["idNumber"]))
    key = checked_name(str(presented["name"]))
    return ring.id_name_tag(number, key), ring.miss_tag(number)


def checked_name(name: str) -> str:
    """What a name is compared by.

    Raises:
        ArgumentFaultError: it is too long, or can't be read.
    """
    if len(name) > MOST_NAME:
        raise ArgumentFaultError(Fault.NAME_LENGTH)
    try:
        return match_key(name)
    except UnreadableNameError:
        raise ArgumentFaultError(Fault.NAME_UNREADABLE) from None
