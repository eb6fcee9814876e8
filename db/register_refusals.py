"""What a change of the register refuses, each with the next step.

This module never changes anything and never repeats what was given: an operator may have mistyped a
person's name.
"""

import re
from datetime import date
from typing import Final

from db.register import Snapshot

_CLIENT_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_OFFICIAL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIVISION: Final = re.compile(r"[0-9]{6}|[0-9]{9}")


class RegisterError(ValueError):
    """A change of the register is refused; `hint` says the next step."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def require_client_id(client: str) -> None:
    """Refuse what can't be the id of a client."""
    if not _CLIENT_ID.fullmatch(client):
        raise RegisterError(
            "a client id is 1 to 64 of a-z, 0-9 and -", hint="choose one with --id, such as edu-1"
        )


def require_official_id(official: str) -> None:
    """Refuse what can't be the id of an official."""
    if not _OFFICIAL.fullmatch(official):
        raise RegisterError(
            "an official's id is 1 to 64 letters, digits, dots, - or _",
            hint="use the staff number, as the `sub` of tokens has it",
        )


def require_division(division: str | None) -> None:
    """Refuse what can't be a division's code."""
    if division is not None and not _DIVISION.fullmatch(division):
        raise RegisterError(
            "a division is the 6 digits of a county or the 9 of a township",
            hint="use the division codes of GB/T 2260",
        )


def require_known_department(register: Snapshot, department: str, day: date) -> None:
    """Refuse a department that there is none of on a day."""
    if register.department(department, day) is None:
        raise RegisterError("no such department today", hint=f"one of: {_codes(register, day)}")


def require_known_role(register: Snapshot, role: str, day: date) -> None:
    """Refuse a role that there is none of on a day."""
    if register.department(role, day) is None:
        raise RegisterError("no such role", hint=f"one of: {_codes(register, day)}")


def _codes(register: Snapshot, day: date) -> str:
    return ", ".join(department.code for department in register.departments_on(day))


def require_day_to_come(until: date, day: date) -> None:
    """Refuse a last day that has passed."""
    if until < day:
        raise RegisterError("the last day has passed", hint="give a later day with --until")
