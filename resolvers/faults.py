"""What can be wrong with the arguments of a read or an act; no fault holds a value."""

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
    FORM_REQUIRED = "FORM_REQUIRED"
    FORM_TOO_LONG = "FORM_TOO_LONG"
    FORM_CHARACTERS = "FORM_CHARACTERS"
    FORM_ROWS = "FORM_ROWS"
    DAY_MALFORMED = "DAY_MALFORMED"
    DAY_AHEAD = "DAY_AHEAD"
    DAY_TOO_OLD = "DAY_TOO_OLD"
    FOLLOW_DAYS = "FOLLOW_DAYS"
    LATE_REASON_REQUIRED = "LATE_REASON_REQUIRED"
    DIVISION_UNKNOWN = "DIVISION_UNKNOWN"
    HUKOU_UNKNOWN = "HUKOU_UNKNOWN"
    EVIDENCE_UNKNOWN = "EVIDENCE_UNKNOWN"
    SITUATION_UNKNOWN = "SITUATION_UNKNOWN"
    SITUATION_OF_ANOTHER_CONDITION = "SITUATION_OF_ANOTHER_CONDITION"
    KEY_LENGTH = "KEY_LENGTH"
    KIND_OF_CASE = "KIND_OF_CASE"
    PERSON_NOT_REACHED = "PERSON_NOT_REACHED"
    REPORT_NOT_REACHED = "REPORT_NOT_REACHED"
    SUBJECT_REQUEST_NOT_REACHED = "SUBJECT_REQUEST_NOT_REACHED"
    CONFLICT = "CONFLICT"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
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
    Fault.FORM_REQUIRED: Fault.ARGUMENT_INVALID,
    Fault.FORM_TOO_LONG: Fault.ARGUMENT_INVALID,
    Fault.FORM_CHARACTERS: Fault.ARGUMENT_INVALID,
    Fault.FORM_ROWS: Fault.ARGUMENT_INVALID,
    Fault.DAY_MALFORMED: Fault.ARGUMENT_INVALID,
    Fault.DAY_AHEAD: Fault.ARGUMENT_INVALID,
    Fault.DAY_TOO_OLD: Fault.ARGUMENT_INVALID,
    Fault.FOLLOW_DAYS: Fault.ARGUMENT_INVALID,
    Fault.LATE_REASON_REQUIRED: Fault.ARGUMENT_INVALID,
    Fault.DIVISION_UNKNOWN: Fault.ARGUMENT_INVALID,
    Fault.HUKOU_UNKNOWN: Fault.ARGUMENT_INVALID,
    Fault.EVIDENCE_UNKNOWN: Fault.ARGUMENT_INVALID,
    Fault.SITUATION_UNKNOWN: Fault.ARGUMENT_INVALID,
    Fault.SITUATION_OF_ANOTHER_CONDITION: Fault.ARGUMENT_INVALID,
    Fault.KEY_LENGTH: Fault.ARGUMENT_INVALID,
    Fault.KIND_OF_CASE: Fault.ARGUMENT_INVALID,
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
