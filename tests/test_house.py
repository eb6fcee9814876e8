"""The rules of the house that no linter knows: read from the tree as git tracks it."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = tuple(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
PROMISED = (
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md",
    "docs/adr/0001-the-house.md", "docs/dependencies.md", ".ci/run",
)  # fmt: skip


def tracked() -> list[Path]:
    """Every file that git tracks and that is still there."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    names = [Path(name) for name in done.stdout.split("\0") if name]
    return [name for name in names if (ROOT / name).is_file()]


FILES = tracked()
PYTHON = [path for path in FILES if path.suffix == ".py"]
SERVED = [path for path in PYTHON if path.parts[0] in ROOMS]


def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def found(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Where a pattern occurs in text files, as `path:line`; this file names the patterns."""
    return [
        f"{path}:{number}"
        for path in paths
        if path != Path("tests/test_house.py")
        for number, line in enumerate(_lines(ROOT / path), 1)
        if pattern.search(line)
    ]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []  # a spreadsheet, or an export in GB18030


def used_names(path: Path) -> Iterator[tuple[str, int]]:
    """Every dotted name that a module uses, with its imports resolved, as `datetime.date.today`."""
    tree = tree_of(path)
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                # `import os.path` binds `os`; `import os.path as path` binds the module itself.
                top = name.name.partition(".")[0]
                known |= {name.asname: name.name} if name.asname else {top: top}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for name in node.names:
                known[name.asname or name.name] = f"{node.module}.{name.name}"
                yield f"{node.module}.{name.name}", node.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            parts: list[str] = []
            value: ast.expr = node
            while isinstance(value, ast.Attribute):
                parts.insert(0, value.attr)
                value = value.value
            if isinstance(value, ast.Name) and value.id in known:
                yield ".".join([known[value.id], *parts]), node.lineno


def uses(names: frozenset[str], paths: list[Path]) -> list[str]:
    return sorted(
        f"{path}:{line} {name}"
        for path in paths
        for name, line in used_names(path)
        if name in names
    )


# --- what is imported is what is here ------------------------------------------------------------


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_imported_is_the_one_in_this_checkout(room: str) -> None:
    # The registry has packages called schema, audit, policies: pip would overwrite ours silently.
    module = importlib.import_module(room)
    assert module.__file__ is not None
    assert Path(module.__file__) == ROOT / room / "__init__.py"


def test_casbin_is_pycasbin_and_not_the_abandoned_distribution_of_that_name() -> None:
    assert version("pycasbin")
    with pytest.raises(PackageNotFoundError):
        version("casbin")


def test_what_the_rooms_import_is_declared() -> None:
    project = PROJECT["project"]
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    declared = {canonicalize_name(Requirement(line).name) for line in lines}
    distributions = packages_distributions()
    undeclared = {
        f"{path}: {top}"
        for path in SERVED
        for top in _imported(path)
        if top not in sys.stdlib_module_names and top not in ROOMS
        if not declared & {canonicalize_name(name) for name in distributions.get(top, [])}
    }
    assert undeclared == set()


def _imported(path: Path) -> set[str]:
    imported = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            imported.add(node.module.partition(".")[0])
    return imported


# --- how it is written ---------------------------------------------------------------------------


def test_every_module_says_its_contract() -> None:
    # In tests the name of each test says it.
    modules = [path for path in PYTHON if path.parts[0] != "tests"]
    assert [str(path) for path in modules if not ast.get_docstring(tree_of(path))] == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX)\b|\braise NotImplementedError\b")
    assert found(later, PYTHON) == []


def test_only_commands_tools_and_benchmarks_print() -> None:
    printing = [
        f"{path}:{node.lineno}"
        for path in PYTHON
        if path.parts[0] not in {"cli", "tools", "benchmarks"}
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        if isinstance(node.func, ast.Name)
        if node.func.id == "print"
    ]
    assert printing == []


def test_only_the_clock_reads_the_clock() -> None:
    clock = frozenset(
        {
            "datetime.date.today",
            "datetime.datetime.now",
            "datetime.datetime.today",
            "datetime.datetime.utcnow",
            "time.time",
            "time.time_ns",
            "time.localtime",
            "time.gmtime",
            "time.strftime",
        }
    )
    paths = [path for path in SERVED if path != Path("server/clock.py")]
    assert uses(clock, paths) == []


def test_a_stopwatch_is_read_only_in_the_server_and_by_commands() -> None:
    stopwatch = frozenset(
        {"time.perf_counter", "time.perf_counter_ns", "time.monotonic", "time.monotonic_ns"}
    )
    paths = [path for path in SERVED if path.parts[0] not in {"server", "cli"}]
    assert uses(stopwatch, paths) == []


def test_only_server_and_commands_read_the_environment() -> None:
    environment = frozenset({"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv"})
    paths = [path for path in SERVED if path.parts[0] not in {"server", "cli"}]
    assert uses(environment, paths) == []


# --- what the tree says about where it was written -----------------------------------------------


def test_no_file_names_a_machine_or_a_package_index() -> None:
    place = re.compile(
        r"(?<![\w.~-])/(work|root|Users)/|--(extra-index|index|find)-(url|links)\b"
        r"|https?://[^ \"']*(/simple\b|/packages/|registry\.)|file:/{3}(?!(etc|run|srv|var)/)"
    )
    assert found(place, FILES) == []


def test_the_project_speaks_of_itself_alone() -> None:
    tooling = re.compile(
        r"\b(sub-?agents?|coding (agent|assistant)s?|language models?|co-authored-by)\b",
        re.IGNORECASE,
    )
    assert found(tooling, FILES) == []


@pytest.mark.parametrize("name", PROMISED)
def test_what_the_readme_leads_to_is_there(name: str) -> None:
    assert (ROOT / name).is_file()
