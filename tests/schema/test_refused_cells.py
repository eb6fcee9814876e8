"""Every cell of every department and purpose, asked alone of the view, without a database.

A document is authorised and validated before any data is touched, so what this finds refused is
refused on every database. The expected side is tests/end_to_end/matrix.py, written by hand;
tests/end_to_end/test_matrix.py asks over HTTP.
"""

from functools import cache

import pytest
from graphql import DocumentNode, parse, validate

from schema.authorise import forbidden_paths
from schema.view import View
from tests.end_to_end.documents import CELLS, Cell, question
from tests.end_to_end.matrix import COLUMNS, Column
from tests.schema.views import view_of


@cache
def asked(cell: Cell, root: str) -> tuple[DocumentNode, tuple[Cell, ...]]:
    """A cell's document, and what it uses on the way."""
    made = question(*cell, root)
    return parse(made.document), made.uses


@cache
def named(cell: Cell) -> DocumentNode:
    """A read path named out of place, where only its type is."""
    owner, _, name = cell[0].partition(".")
    return parse(f"{{ viewer {{ ... on {owner} {{ x: {name} }} }} }}")


view_for = cache(view_of)


def view(column: Column) -> View:
    return view_for(column.seat.department, column.seat.purpose)


def root_of(column: Column) -> str:
    listed = ("Query.persons", "call") in column.grants
    return "Query.persons" if listed else "Query.person"


def test_there_is_a_cell_for_each_path_and_action_and_no_two_columns_are_one() -> None:
    assert len(set(CELLS)) == len(CELLS)
    assert len({str(column) for column in COLUMNS}) == len(COLUMNS)


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_a_cell_is_refused_by_the_first_use_that_has_no_grant_and_by_nothing_else(
    column: Column,
) -> None:
    for cell in CELLS:
        document, uses = asked(cell, root_of(column))
        missing = next((use for use in uses if use not in column.grants), None)
        found = [
            (str(use.path), use.action.value) for use in forbidden_paths(document, view(column))
        ]
        assert found[:1] == ([] if missing is None else [missing]), cell


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_what_is_granted_is_valid_in_the_view(column: Column) -> None:
    schema = view(column).schema
    for cell in CELLS:
        document, uses = asked(cell, root_of(column))
        if all(use in column.grants for use in uses):
            assert validate(schema, document) == [], cell


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_what_is_not_granted_has_no_place_in_the_view(column: Column) -> None:
    types = view(column).schema.type_map
    for path, action in CELLS:
        owner, _, name = path.partition(".")
        if action in {"read", "call"} and (path, action) not in column.grants:
            assert name not in getattr(types.get(owner), "fields", {}), path


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_a_forbidden_field_is_named_itself_where_its_type_is_named(column: Column) -> None:
    for cell in CELLS:
        if cell[1] == "read" and cell not in column.grants:
            found = forbidden_paths(named(cell), view(column))
            assert [(str(use.path), use.action.value) for use in found] == [cell]
