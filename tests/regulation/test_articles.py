"""docs/regulation.md against the code: what it lists exists, and what exists is listed."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_DOCUMENT = (_ROOT / "docs" / "regulation.md").read_text(encoding="utf-8")
_HEADING = re.compile(r"^## ", flags=re.MULTILINE)
_SECTIONS = dict(part.split("\n", maxsplit=1) for part in _HEADING.split(_DOCUMENT)[1:])


def _rows(section: str) -> list[list[str]]:
    lines = [line for line in _SECTIONS[section].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


_ARTICLES = _rows("Article, function, test")


def _tests() -> set[str]:
    found = set[str]()
    for path in Path(__file__).parent.glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {
            f"{path.name}::{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)
        }
    return found


def _public_functions() -> set[str]:
    found = set[str]()
    for path in (_ROOT / "regulation").glob("[a-z]*.py"):
        module = importlib.import_module(f"regulation.{path.stem}")
        found |= {
            f"{module.__name__}.{name}"
            for name, value in inspect.getmembers(module, inspect.isfunction)
            if value.__module__ == module.__name__ and not name.startswith("_")
        }
    return found


@pytest.mark.parametrize("row", _ARTICLES, ids=lambda row: f"article {row[0]}: {row[1]}")
def test_what_the_page_lists_exists(row: list[str]) -> None:
    assert row[2].strip("`") in _public_functions()
    assert row[3].strip("`") in _tests()


def test_every_public_function_is_on_the_page() -> None:
    assert _public_functions() == {row[2].strip("`") for row in _ARTICLES}


def test_every_reading_that_is_used_is_explained_and_the_other_way_round() -> None:
    used = {reading for row in _ARTICLES for reading in re.findall(r"R\d+", row[4])}
    assert used == {row[0] for row in _rows("The readings used")}


def test_every_reading_named_in_the_code_is_on_the_page() -> None:
    named = {
        reading
        for path in (_ROOT / "regulation").glob("*.py")
        for reading in re.findall(r"\bR\d{1,2}\b", path.read_text(encoding="utf-8"))
    }
    assert named <= {row[0] for row in _rows("The readings used")}


def test_each_of_the_33_articles_is_either_here_or_named_as_missing() -> None:
    here = {int(n) for row in _ARTICLES for n in re.findall(r"\d+", row[0].split(" para")[0])}
    missing = {
        int(n)
        for numbers in re.findall(r"Article ((?:\d+(?:, )?)+)", _SECTIONS["Not here yet"])
        for n in re.findall(r"\d+", numbers)
    }
    assert here | missing == set(range(1, 34))
