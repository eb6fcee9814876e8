"""What can be wrong with the arguments of a read, as values that name no argument's value."""

from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """Faults of arguments; each is a code of the error table, or a reason under one of its codes.

    A reason says which of the things that a code stands for it was, so that a caller can mend it.
    """

    ARGUMENT_INVALID = "ARGUMENT_INVALID"
    REF_LENGTH = "REF_LENGTH"
    CASE_LENGTH = "CASE_LENGTH"
    NAME_LENGTH = "NAME_LENGTH"
    PRESENTED_OR_ANY_OF = "PRESENTED_OR_ANY_OF"
    ANY_OF_COUNT = "ANY_OF_COUNT"
    INVALID_ID_NUMBER = "INVALID_ID_NUMBER"
    ID_NUMBER_EMPTY = "ID_NUMBER_EMPTY"
    ID_NUMBER_FIFTEEN_DIGITS = "ID_NUMBER_FIFTEEN_DIGITS"
    ID_NUMBER_FULL_WIDTH = "ID_NUMBER_FULL_WIDTH"
    ID_NUMBER_BLANKS = "ID_NUMBER_BLANKS"
    ID_NUMBER_CHECK_DIGIT = "ID_NUMBER_CHECK_DIGIT"
    ID_NUMBER_BIRTH_DATE = "ID_NUMBER_BIRTH_DATE"
    ID_NUMBER_NOT_CITIZEN = "ID_NUMBER_NOT_CITIZEN"
    ID_NUMBER_DESTROYED = "ID_NUMBER_DESTROYED"
    NAME_UNREADABLE = "NAME_UNREADABLE"
    DAY_OUT_OF_RANGE = "DAY_OUT_OF_RANGE"
    CASE_REQUIRED = "CASE_REQUIRED"
    CURSOR_INVALID = "CURSOR_INVALID"
    TOO_COMPLEX = "TOO_COMPLEX"

    @property
    def code(self) -> str:
        """The code of the error table."""
        return _CODES.get(self, self).value

    @property
    def reason(self) -> str | None:
        """Which of the things that the code stands for; None where it stands for one."""
        return self.value if self in _CODES else None


_CODES: Final[dict[Fault, Fault]] = {
    Fault.REF_LENGTH: Fault.ARGUMENT_INVALID,
    Fault.CASE_LENGTH: Fault.ARGUMENT_INVALID,
    Fault.NAME_LENGTH: Fault.ARGUMENT_INVALID,
    Fault.PRESENTED_OR_ANY_OF: Fault.ARGUMENT_INVALID,
    Fault.ANY_OF_COUNT: Fault.ARGUMENT_INVALID,
    Fault.ID_NUMBER_EMPTY: Fault.INVALID_ID_NUMBER,
    Fault.ID_NUMBER_FIFTEEN_DIGITS: Fault.INVALID_ID_NUMBER,
    Fault.ID_NUMBER_FULL_WIDTH: Fault.INVALID_ID_NUMBER,
    Fault.ID_NUMBER_BLANKS: Fault.INVALID_ID_NUMBER,
    Fault.ID_NUMBER_CHECK_DIGIT: Fault.INVALID_ID_NUMBER,
    Fault.ID_NUMBER_BIRTH_DATE: Fault.INVALID_ID_NUMBER,
    Fault.ID_NUMBER_NOT_CITIZEN: Fault.INVALID_ID_NUMBER,
    Fault.ID_NUMBER_DESTROYED: Fault.INVALID_ID_NUMBER,
}


class ArgumentFaultError(ValueError):
    """An argument can't be accepted; `fault` says why, and never with the value."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault
