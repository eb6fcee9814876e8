"""What can be wrong with the arguments of a read, as values that name no argument's value."""

from enum import StrEnum


class Fault(StrEnum):
    """Faults of arguments; each is a code of the error table."""

    ARGUMENT_INVALID = "ARGUMENT_INVALID"
    INVALID_ID_NUMBER = "INVALID_ID_NUMBER"
    ID_NUMBER_FIFTEEN_DIGITS = "ID_NUMBER_FIFTEEN_DIGITS"
    NAME_UNREADABLE = "NAME_UNREADABLE"
    DAY_OUT_OF_RANGE = "DAY_OUT_OF_RANGE"
    CASE_REQUIRED = "CASE_REQUIRED"
    CURSOR_INVALID = "CURSOR_INVALID"
    TOO_COMPLEX = "TOO_COMPLEX"


class ArgumentFaultError(ValueError):
    """An argument can't be accepted; `fault` says why, and never with the value."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault
