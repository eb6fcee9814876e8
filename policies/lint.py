"""Lint: a directory of rule files becomes a `RuleSet`, or findings that say how to mend it.

Everything that Casbin would swallow in silence is a finding here. A set with one finding can't be
loaded, so no decision ever rests on it.

Never: guesses what a line meant, or loads the lines that happen to be good.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from policies import checks, coverage, reading
from policies.catalogue import Catalogue
from policies.files import (
    DEPARTMENT_HEADING,
    PURPOSE_HEADING,
    ROLE_HEADING,
    RULE_HEADING,
    Row,
    read_rows,
)
from policies.finding import Finding, LintError
from policies.ruleset import (
    Department,
    FieldRule,
    RegisteredPurpose,
    Role,
    RowRule,
    RuleSet,
)

SHIPPED: Final = Path(__file__).resolve().parent
"""Where the rules of this project lie: purposes.csv, roles.csv, departments.csv, rules/."""


def lint(directory: Path, catalogue: Catalogue) -> RuleSet:
    """Read a directory of rules.

    Raises:
        LintError: the rules have findings.

    """
    rules, findings = check(directory, catalogue)
    if findings:
        raise LintError(findings)
    return rules


def shipped_departments(directory: Path = SHIPPED) -> tuple[Department, ...]:
    """Read the departments and their roles alone, for who needs no rule.

    Raises:
        LintError: departments.csv has findings.

    """
    found: list[Finding] = []
    read = _read(directory / "departments.csv", DEPARTMENT_HEADING, reading.department, found)
    if found:
        raise LintError(found)
    return tuple(department for _, department in read)


def check(directory: Path, catalogue: Catalogue) -> tuple[RuleSet, tuple[Finding, ...]]:
    """Read a directory and report everything at once; the set is sound only without findings."""
    found: list[Finding] = []
    roles = _read(directory / "roles.csv", ROLE_HEADING, reading.role, found)
    purposes = _read(directory / "purposes.csv", PURPOSE_HEADING, reading.purpose, found)
    departments = _read(
        directory / "departments.csv", DEPARTMENT_HEADING, reading.department, found
    )
    registers_read = not found
    lines = _rules(directory / "rules", found)
    rules = RuleSet(
        fields=tuple(rule for _, rule in lines if isinstance(rule, FieldRule)),
        rows=tuple(rule for _, rule in lines if isinstance(rule, RowRule)),
        roles={role.code: role for _, role in roles},
        purposes={purpose.code: purpose for _, purpose in purposes},
        departments=tuple(department for _, department in departments),
    )
    if registers_read:
        # Against a broken register every line of every department would seem wrong.
        faults = [
            *_registers(rules, roles, purposes, departments),
            *checks.inheritance(roles, rules),
            *checks.types(catalogue),
        ]
        found += faults
        if not faults:
            found += (
                fault for row, rule in lines for fault in checks.line(row, rule, rules, catalogue)
            )
    if not found:
        # What is missing can be told only once every line reads.
        found.extend(coverage.contradictions(rules, catalogue))
        found.extend(coverage.idle(roles, purposes, rules))
        found.extend(coverage.absences(rules, catalogue))
    return rules, tuple(sorted(set(found)))


def _read(
    path: Path,
    heading: tuple[str, ...],
    read: Callable[[Row], reading.Value],
    found: list[Finding],
) -> list[tuple[Row, reading.Value]]:
    rows, faults = read_rows(path, path.name, heading)
    values, misread = reading.read_all(rows, read)
    found += faults
    found += misread
    return values


def _rules(folder: Path, found: list[Finding]) -> list[tuple[Row, FieldRule | RowRule]]:
    lines: list[tuple[Row, FieldRule | RowRule]] = []
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in paths:
        if path.suffix == ".csv":
            lines += _read(path, RULE_HEADING, reading.rule, found)
        else:
            what, mend = "no rule file", "Name it <department>.csv, or move it elsewhere"
            found.append(Finding(path.name, 0, what, mend))
    if not any(path.suffix == ".csv" for path in paths):
        found.append(Finding("rules", 0, "there are no rules", "Write one file a department"))
    return lines


def _registers(
    rules: RuleSet,
    roles: Iterable[tuple[Row, Role]],
    purposes: Iterable[tuple[Row, RegisteredPurpose]],
    departments: Iterable[tuple[Row, Department]],
) -> Iterator[Finding]:
    """Codes stand once, and every role that is named exists."""
    named: list[tuple[Row, Iterable[str]]] = [
        *((row, role.inherits) for row, role in roles),
        *((row, purpose.roles) for row, purpose in purposes),
        *((row, department.roles) for row, department in departments),
    ]
    for row, codes in named:
        for code in sorted(set(codes) - rules.roles.keys()):
            yield row.finding(f"the role {code} is unknown", "Add it to roles.csv, or correct it")
    yield from checks.twice(row for row, _ in roles)
    yield from checks.twice(row for row, _ in purposes)
    yield from checks.overlapping_names(departments)
