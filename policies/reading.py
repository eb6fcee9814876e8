"""Rows of text → typed rules, roles, purposes, departments.

Every word must be one that this project knows: Casbin would take an unknown effect (`Deny`) for no
opinion and drop an unknown kind without a word. A row with a fault gives findings and no value.

Never: compares two rows; that is `policies.lint`.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from policies.files import Row
from policies.finding import Finding
from policies.permission import Action, Effect, Rendering, RuleId, Scope
from policies.ruleset import Department, FieldRule, RegisteredPurpose, Role, RowRule

_CODE: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_PATTERN: Final = re.compile(r"[A-Z][A-Za-z0-9]*\.(?:[a-z][A-Za-z0-9]*|\*)")
_TYPE: Final = re.compile(r"[A-Z][A-Za-z0-9]*")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ANSWERS: Final = {"yes": True, "no": False}

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


class _FaultError(ValueError):
    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend


def read_all(
    rows: Iterable[Row], read: Callable[[Row], Value]
) -> tuple[list[tuple[Row, Value]], list[Finding]]:
    """Read every row; a row that can't be read becomes a finding."""
    values: list[tuple[Row, Value]] = []
    findings: list[Finding] = []
    for row in rows:
        try:
            values.append((row, read(row)))
        except _FaultError as fault:
            findings.append(row.finding(fault.what, fault.mend))
    return values, findings


def rule(row: Row) -> FieldRule | RowRule:
    """One line of a department's rules."""
    match row.cells["kind"]:
        case "field":
            return _field_rule(row)
        case "row":
            return _row_rule(row)
        case _:
            raise _FaultError("`kind` is neither `field` nor `row`", "Write one of the two")


def _field_rule(row: Row) -> FieldRule:
    _empty(row, "scope", "a field rule")
    effect = _word(row, "effect", Effect)
    if effect is Effect.DENY:
        _empty(row, "rendering", "a deny")
        rendering = None
    else:
        rendering = _word(row, "rendering", Rendering)
    since, until = _days(row)
    return FieldRule(
        id=RuleId(f"{row.file}:{row.line}"),
        role=_code(row, "role"),
        purpose="*" if row.cells["purpose"] == "*" else _code(row, "purpose"),
        action=_word(row, "action", Action),
        pattern=_matching(row, "path", _PATTERN, "Write `Type.field` or `Type.*`"),
        rendering=rendering,
        effect=effect,
        since=since,
        until=until,
        because=_text(row, "because"),
    )


def _row_rule(row: Row) -> RowRule:
    _empty(row, "action", "a row rule")
    _empty(row, "rendering", "a row rule")
    if _word(row, "effect", Effect) is not Effect.ALLOW:
        raise _FaultError("a row rule can't deny", "Write `allow` with the scope `none`")
    since, until = _days(row)
    return RowRule(
        id=RuleId(f"{row.file}:{row.line}"),
        role=_code(row, "role"),
        purpose=_code(row, "purpose"),
        type=_matching(row, "path", _TYPE, "Write a type: `Person`"),
        scope=_word(row, "scope", Scope),
        since=since,
        until=until,
        because=_text(row, "because"),
    )


def role(row: Row) -> Role:
    """One line of roles.csv."""
    return Role(
        code=_code(row, "code"),
        zh=_text(row, "zh"),
        en=_text(row, "en"),
        inherits=_codes(row, "inherits"),
    )


def purpose(row: Row) -> RegisteredPurpose:
    """One line of purposes.csv."""
    roles = _codes(row, "roles")
    if not roles:
        raise _FaultError("no role may name this purpose", "Name a role, or remove the line")
    return RegisteredPurpose(
        code=_code(row, "code"),
        zh=_text(row, "zh"),
        en=_text(row, "en"),
        article=_text(row, "article"),
        roles=frozenset(roles),
        case_required=_answer(row, "case_required"),
        withheld=_answer(row, "withheld"),
        closed=_answer(row, "closed"),
    )


def department(row: Row) -> Department:
    """One line of departments.csv."""
    since, until = _days(row)
    roles = _codes(row, "roles")
    if not roles:
        raise _FaultError("the department has no role", "Name a role of roles.csv")
    return Department(
        code=_code(row, "code"),
        zh=_text(row, "zh"),
        en=_text(row, "en"),
        roles=frozenset(roles),
        since=since,
        until=until,
    )


def _matching(row: Row, column: str, pattern: re.Pattern[str], mend: str) -> str:
    value = row.cells[column]
    if not pattern.fullmatch(value):
        raise _FaultError(f"`{column}` is not well formed", mend)
    return value


def _code(row: Row, column: str) -> str:
    return _matching(row, column, _CODE, "Write a code: small letters, digits, single hyphens")


def _codes(row: Row, column: str) -> tuple[str, ...]:
    value = row.cells[column]
    if not value:
        return ()
    codes = tuple(value.split(" "))
    if not all(_CODE.fullmatch(code) for code in codes) or len(set(codes)) != len(codes):
        raise _FaultError(
            f"`{column}` is no list of codes", "Write each code once, one blank between two"
        )
    return codes


def _word(row: Row, column: str, words: type[Word]) -> Word:
    try:
        return words(row.cells[column])
    except ValueError:
        known = " ".join(words)
        raise _FaultError(f"`{column}` is an unknown word", f"Write one of: {known}") from None


def _text(row: Row, column: str) -> str:
    if not row.cells[column]:
        raise _FaultError(f"`{column}` is empty", "Write it; nobody can review an empty reason")
    return row.cells[column]


def _answer(row: Row, column: str) -> bool:
    answer = _ANSWERS.get(row.cells[column])
    if answer is None:
        raise _FaultError(f"`{column}` is neither `yes` nor `no`", "Write one of the two")
    return answer


def _empty(row: Row, column: str, what: str) -> None:
    if row.cells[column]:
        raise _FaultError(f"{what} has no `{column}`", f"Leave `{column}` empty")


def _days(row: Row) -> tuple[date, date | None]:
    since = _day(row, "from")
    until = _day(row, "until") if row.cells["until"] else None
    if until is not None and until < since:
        raise _FaultError("`until` is before `from`", "Write the last day, on or after the first")
    return since, until


def _day(row: Row, column: str) -> date:
    value = row.cells[column]
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # a month of 13, a 30 February: the fault below
    raise _FaultError(f"`{column}` is no day", "Write YYYY-MM-DD")
