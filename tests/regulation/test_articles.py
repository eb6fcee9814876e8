"""docs/regulation.md against the code: what it lists exists, and what exists is listed."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

from regulation.parameters import READINGS

_ROOT = Path(__file__).resolve().parents[2]
_DOCUMENT = (_ROOT / "docs" / "regulation.md").read_text(encoding="utf-8")
_HEADING = re.compile(r"^## ", flags=re.MULTILINE)
_SECTIONS = dict(part.split("\n", maxsplit=1) for part in _HEADING.split(_DOCUMENT)[1:])
_TEST = re.compile(r"^def (test_\w+)", flags=re.MULTILINE)


def _rows(section: str) -> list[list[str]]:
    lines = [line for line in _SECTIONS[section].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines[2:]]


_ARTICLES = _rows("The 33 articles")
_FUNCTIONS = _rows("Every function")
_READINGS = _rows("The readings")


def _names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _exists(dotted: str) -> bool:
    module, _, name = dotted.removeprefix("regulation.").partition(".")
    found: object = importlib.import_module(f"regulation.{module}")
    for part in name.split("."):
        found = getattr(found, part, None)
    return callable(found)


def _tests() -> set[str]:
    return {
        f"{path.name}::{name}"
        for path in Path(__file__).parent.glob("test_*.py")
        for name in _TEST.findall(path.read_text(encoding="utf-8"))
    }


def _public_functions() -> set[str]:
    found = set[str]()
    for path in (_ROOT / "regulation").glob("[a-z]*.py"):
        module = importlib.import_module(f"regulation.{path.stem}")
        found |= {
            f"{module.__name__}.{name}"
            # A function that keeps its answers is one too.
            for name, value in inspect.getmembers(module, callable)
            if inspect.isfunction(inspect.unwrap(value))
            and value.__module__ == module.__name__
            and not name.startswith("_")
        }
    return found


def test_every_article_from_1_to_33_has_its_line() -> None:
    assert [row[0] for row in _ARTICLES] == [str(number) for number in range(1, 34)]


@pytest.mark.parametrize("row", _ARTICLES, ids=lambda row: f"article {row[0]}")
def test_an_article_has_function_and_test_or_a_reason_for_having_none(row: list[str]) -> None:
    _, text, functions, tests, readings, note = row
    assert re.match(r"[\u4e00-\u9fff]", text)
    if not _names(functions):
        assert len(note) > len("nothing to compute")
        return
    assert _names(tests)
    assert all(map(_exists, _names(functions)))
    assert set(_names(tests)) <= _tests()
    assert set(re.findall(r"R\d+", readings)) <= set(READINGS)


@pytest.mark.parametrize("row", _FUNCTIONS, ids=lambda row: f"article {row[0]}: {row[1]}")
def test_what_the_list_of_functions_names_exists(row: list[str]) -> None:
    assert row[2].strip("`") in _public_functions()
    assert row[3].strip("`") in _tests()
    assert set(re.findall(r"R\d+", row[4])) <= set(READINGS)


def test_every_public_function_is_on_the_page() -> None:
    named = {name for row in (*_ARTICLES, *_FUNCTIONS) for name in _names(row[2])}
    assert named >= _public_functions()


def test_every_reading_is_on_the_page_with_its_choices_as_they_are_shipped() -> None:
    assert [row[0] for row in _READINGS] == list(READINGS)
    for id_, question, recommended, others in _READINGS:
        reading = READINGS[id_]
        assert question == f"{reading.zh}。{reading.en}"
        shown = dict(re.findall(r"`([^`]+)`: (.*?)(?:<br>|$)", f"{recommended}<br>{others}"))
        assert next(iter(shown)) == reading.recommended
        assert shown == {choice.code: f"{choice.zh}。{choice.en}" for choice in reading.choices}


def test_every_reading_is_named_by_an_article_or_a_function() -> None:
    used = {reading for row in (*_ARTICLES, *_FUNCTIONS) for reading in re.findall(r"R\d+", row[4])}
    assert used == set(READINGS)
