"""Results as text for people, JSON for programs, JUnit for a build server.

Never: shows a value of a person beyond what the file itself says.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import orjson

from cli.scenarios.running import Result


def count(results: Sequence[Result]) -> tuple[int, int, int]:
    """Return how many passed, failed, and are no switch of the product."""
    beside = sum(result.not_a_switch for result in results)
    passed = sum(result.passed for result in results)
    return passed, len(results) - passed - beside, beside


def lines_of(result: Result) -> list[str]:
    """Say what came out otherwise; nothing for a case that passed with nothing to add."""
    where = f"{result.case} [art {result.article}]"
    if result.alternative is not None:
        where += f" alternative {result.alternative!r}"
    if result.reading is not None:
        where += f" ({result.reading})"
    if result.not_a_switch:
        return [f"{where}: not a switch"]
    lines = [f"{where}: error: {problem}" for problem in result.problems]
    lines += [
        f"{where} {each.key}: expected {_said(each.expected)}, got {_said(each.got)}"
        for each in result.differences
    ]
    return lines + [f"{where} for a person to check: {each}" for each in result.unchecked]


def summary(results: Sequence[Result]) -> str:
    """The last line."""
    passed, failed, _ = count(results)
    return f"{passed} passed, {failed} failed"


def as_json(results: Sequence[Result]) -> str:
    """One JSON object."""
    passed, failed, beside = count(results)
    return orjson.dumps(
        {
            "passed": passed,
            "failed": failed,
            "not_a_switch": beside,
            "cases": [_case(result) for result in results],
        }
    ).decode()


def _case(result: Result) -> dict[str, object]:
    return {
        "file": result.file,
        "id": result.case,
        "article": result.article,
        "title": result.title,
        "result": _word(result),
        "through": result.through,
        "alternative": result.alternative,
        "reading": result.reading,
        "differences": [
            {"key": each.key, "expected": each.expected, "got": each.got}
            for each in result.differences
        ],
        "errors": list(result.problems),
        "unchecked": list(result.unchecked),
    }


def _word(result: Result) -> str:
    if result.not_a_switch:
        return "not a switch"
    if result.problems:
        return "error"
    return "passed" if result.passed else "failed"


def as_junit(results: Sequence[Result]) -> str:
    """A JUnit report: a suite a file, a test a case."""
    _, failed, beside = count(results)
    errors = sum(bool(result.problems) for result in results)
    suites = list(dict.fromkeys(result.file for result in results))
    totals = f'tests="{len(results)}" failures="{failed - errors}" errors="{errors}"'
    parts = ['<?xml version="1.0" encoding="UTF-8"?>']
    parts.append(f'<testsuites {totals} skipped="{beside}">')
    for suite in suites:
        inside = [result for result in results if result.file == suite]
        _, failed, beside = count(inside)
        errors = sum(bool(result.problems) for result in inside)
        parts.append(
            f'<testsuite name={quoteattr(suite)} tests="{len(inside)}" '
            f'failures="{failed - errors}" errors="{errors}" skipped="{beside}">'
        )
        parts += [_testcase(result) for result in inside]
        parts.append("</testsuite>")
    return "\n".join([*parts, "</testsuites>", ""])


def _testcase(result: Result) -> str:
    name = " ".join(filter(None, (result.case, result.title, result.alternative, result.reading)))
    opening = f"<testcase classname={quoteattr(f'art {result.article}')} name={quoteattr(name)}"
    text = escape("\n".join(lines_of(result)))
    if result.not_a_switch:
        return f'{opening}><skipped message="not a switch"/></testcase>'
    if result.problems:
        return f'{opening}><error message="not understood">{text}</error></testcase>'
    if result.differences:
        return f'{opening}><failure message="otherwise">{text}</failure></testcase>'
    said = f"<system-out>{text}</system-out>" if text else ""
    return f"{opening}>{said}</testcase>" if said else f"{opening}/>"


def _said(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "[" + ", ".join(_said(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_said(each)}" for name, each in value.items()) + "}"
    return str(value)
