"""Policy tests: what a role may ask for a purpose, written down beside the rules.

A test says which paths of a document are refused, or how those that it reads are shown. What isn't
understood is named and refused; nothing is passed over. Never: reads a row, or runs what a file
says (safe YAML only).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path as FilePath
from typing import Final

import yaml

from cli.once_loader import OnceLoader
from policies.catalogue import SHOWING
from policies.permission import Action, Path, Rendering
from policies.table import Policies, PurposeRefusedError
from schema.trial import DocumentFaultError, Trial, WholeSchema

LARGEST: Final = 1024 * 1024
"""Bytes of a file."""

_OF_FILE: Final = ("role", "day", "tests")
_OF_TEST: Final = ("name", "purpose", "query", "allowed", "refused", "renderings")


class PolicyTestError(ValueError):
    """A file of policy tests can't be read; `hint` says how to mend it."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTest:
    """One test, all of it understood; `allowed` None: not said."""

    file: str
    name: str
    role: str
    day: date | None
    purpose: str
    query: str
    allowed: frozenset[str] | None
    refused: frozenset[str]
    renderings: Mapping[str, Rendering]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a test: nothing, or everything that is otherwise than it says."""

    file: str
    name: str
    faults: tuple[str, ...]


def read_tests(path: FilePath, policies: Policies) -> tuple[PolicyTest, ...]:
    """Read a file of tests.

    Raises:
        PolicyTestError: something in it isn't understood.

    """
    document = _table(_loaded(path), path.name)
    _only(document, _OF_FILE, path.name)
    role = _text(document, "role", path.name)
    if role not in policies.roles:
        raise PolicyTestError(f"{path.name}: the role is unknown", "Name one of roles.csv")
    day = document.get("day")
    if day is not None and type(day) is not date:
        raise PolicyTestError(f"{path.name}: `day` is no day", "Write YYYY-MM-DD")
    tests = document.get("tests")
    if not isinstance(tests, list) or not tests:
        raise PolicyTestError(f"{path.name}: there are no tests", "Write `tests:` with a list")
    return tuple(
        _test(_table(raw, f"{path.name}, test {place}"), f"{path.name}, test {place}", role, day)
        for place, raw in enumerate(tests, start=1)
    )


def _test(table: Mapping[str, object], where: str, role: str, day: date | None) -> PolicyTest:
    _only(table, _OF_TEST, where)
    if not {"allowed", "refused", "renderings"} & table.keys():
        raise PolicyTestError(
            f"{where}: it expects nothing", "Write `refused`, `allowed` or `renderings`"
        )
    refused = _list(table, "refused", where)
    if refused and {"allowed", "renderings"} & table.keys():
        raise PolicyTestError(
            f"{where}: a refused document shows nothing",
            "Leave out `allowed` and `renderings` beside `refused`",
        )
    return PolicyTest(
        file=where.partition(",")[0],
        name=_text(table, "name", where),
        role=role,
        day=day,
        purpose=_text(table, "purpose", where),
        query=_text(table, "query", where),
        allowed=_list(table, "allowed", where) if "allowed" in table else None,
        refused=refused,
        renderings=_renderings(table.get("renderings", {}), where),
    )


def _loaded(path: FilePath) -> object:
    hint = "Save it as YAML in UTF-8; docs/policy-guide.md has an example"
    try:
        if path.stat().st_size > LARGEST:
            raise PolicyTestError(f"{path.name}: larger than 1 MiB", "Split it")
        text = path.read_text(encoding="utf-8-sig")
        loaded: object = yaml.load(text, Loader=OnceLoader)  # noqa: S506 — derived from SafeLoader
    except OSError as error:
        raise PolicyTestError(f"{path.name}: can't be read", str(error.strerror)) from None
    except UnicodeDecodeError:
        raise PolicyTestError(f"{path.name}: not UTF-8", hint) from None
    except RecursionError:
        raise PolicyTestError(f"{path.name}: nested too deeply", hint) from None
    except (yaml.YAMLError, ValueError) as error:
        said = " ".join(str(error).split())
        raise PolicyTestError(f"{path.name}: not YAML: {said}", hint) from None
    return loaded


def _table(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise PolicyTestError(f"{where}: no table of keys", "docs/policy-guide.md has an example")
    return value


def _only(table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise PolicyTestError(
                f"{where}: unknown key {key[:60]!r}", f"Use one of: {' '.join(known)}"
            )


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise PolicyTestError(f"{where}: `{key}` is missing or no text", f"Write `{key}:`")
    return value


def _list(table: Mapping[str, object], key: str, where: str) -> frozenset[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise PolicyTestError(f"{where}: `{key}` is no list of paths", "Write one path a line")
    return frozenset(value)


def _renderings(value: object, where: str) -> Mapping[str, Rendering]:
    table = _table(value, f"{where}, renderings")
    try:
        return {path: Rendering(str(rendering)) for path, rendering in table.items()}
    except ValueError:
        known = " ".join(Rendering)
        raise PolicyTestError(f"{where}: an unknown rendering", f"Use one of: {known}") from None


def run_test(test: PolicyTest, policies: Policies, whole: WholeSchema, today: date) -> Verdict:
    """Try a test's document, and say everything that is otherwise than the test says."""
    return Verdict(file=test.file, name=test.name, faults=_faults(test, policies, whole, today))


def _faults(
    test: PolicyTest, policies: Policies, whole: WholeSchema, today: date
) -> tuple[str, ...]:
    day = test.day or today
    try:
        table = policies.table({test.role}, test.purpose, day)
        trial = whole.try_document(test.query, table)
    except PurposeRefusedError:
        return (f"the role may not name the purpose {test.purpose}",)
    except DocumentFaultError as fault:
        return (f"the query can't be tried: {fault}",)
    return (*_refusals(test, trial), *_shown(test, trial))


def _refusals(test: PolicyTest, trial: Trial) -> list[str]:
    refused = {_name(path, action) for path, action in trial.refused}
    return [
        *(f"{name} is refused, and should not be" for name in sorted(refused - test.refused)),
        *(f"{name} should be refused, and is not" for name in sorted(test.refused - refused)),
    ]


def _shown(test: PolicyTest, trial: Trial) -> list[str]:
    shown = {_name(path, action): rendering for (path, action), rendering in trial.shown.items()}
    faults = [
        f"{name} is shown {shown.get(name, 'not at all')}, and should be shown {rendering}"
        for name, rendering in test.renderings.items()
        if shown.get(name) is not rendering
    ]
    if test.allowed is not None and not trial.refused:
        read = frozenset(shown)
        faults += [
            f"{name} is read, and is not in `allowed`" for name in sorted(read - test.allowed)
        ]
        faults += [f"{name} is in `allowed`, and not read" for name in sorted(test.allowed - read)]
    return faults


def _name(path: Path, action: Action) -> str:
    """How a test names a cell: a searched path has its action behind it."""
    return path if action in SHOWING else f"{path} {action}"
