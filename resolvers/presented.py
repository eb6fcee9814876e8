"""A presented person: what a caller typed, checked and turned into look-up tags.

The text is checked before it is hashed, so a slip of the pen gets its own message and never a
"no"; after this only keyed tags travel on.
"""

from collections.abc import Mapping
from typing import Final

from keys.ring import KeyRing, Tag
from regulation.id_number import IdNumber, IdNumberFault, InvalidIdNumberError, parse_id_number
from regulation.person_name import UnreadableNameError, match_key
from resolvers.faults import ArgumentFaultError, Fault

MOST_NAME: Final = 256
"""Characters of a presented name: the longest names in registers have a tenth of that."""


def checked_number(text: str) -> IdNumber:
    """The ID number that a text holds.

    Raises:
        ArgumentFaultError: it is malformed, of 15 digits, or its check digit is wrong.

    """
    try:
        return parse_id_number(text)
    except InvalidIdNumberError as error:
        if error.fault is IdNumberFault.FIFTEEN_DIGITS:
            raise ArgumentFaultError(Fault.ID_NUMBER_FIFTEEN_DIGITS) from None
        raise ArgumentFaultError(Fault.INVALID_ID_NUMBER) from None


def presented_tags(ring: KeyRing, presented: Mapping[str, object]) -> tuple[Tag, bytes]:
    """The look-up tag of a presented person, and the tag under which a miss is counted.

    Raises:
        ArgumentFaultError: the number or the name can't be read.

    """
    number = checked_number(str(presented["idNumber"]))
    name = str(presented["name"])
    if len(name) > MOST_NAME:
        raise ArgumentFaultError(Fault.NAME_LENGTH)
    try:
        key = match_key(name)
    except UnreadableNameError:
        raise ArgumentFaultError(Fault.NAME_UNREADABLE) from None
    return ring.id_name_tag(number, key), ring.miss_tag(number)
