"""A document tried against a caller's view, as a request's would be, and nothing more.

For policy tests and for whoever wants to know beforehand: the same parsing, authorisation,
validation and planning as for a request. Never: reads a row, or repeats a value of the document.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import print_schema

from policies.permission import Action, Path, Rendering
from policies.table import FieldTable
from schema.authorise import Forbidden
from schema.catalogue import catalogue
from schema.documents import Documents, ForbiddenDocumentError, RefusedDocumentError, Trouble
from schema.labels import field_labels
from schema.planner import needs
from schema.root import full_schema, graph
from schema.view import build_view


class DocumentFaultError(ValueError):
    """The document can't be tried: it doesn't parse, is too complex, or names what no schema has.

    Correct the document; schema/schema.graphql shows what there is.
    """


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a document: what of it is refused, or how everything that it reads is shown."""

    refused: tuple[tuple[Path, Action], ...]
    shown: Mapping[tuple[Path, Action], Rendering]


class WholeSchema:
    """The whole schema, for asking what a table leaves of it."""

    def __init__(self) -> None:
        self._full = graph(full_schema())
        self.catalogue = catalogue(self._full)
        self.labels = field_labels(self._full)

    def sdl(self, table: FieldTable) -> str:
        """A caller's view in SDL: what introspection shows to this caller, and nothing else."""
        return print_schema(build_view(self._full, table).schema) + "\n"

    def try_document(self, text: str, table: FieldTable) -> Trial:
        """Try a document's only operation, with every condition of `@include` and `@skip` true.

        Raises:
            DocumentFaultError: it would be refused whoever asked.

        """
        view = build_view(self._full, table)
        try:
            prepared = Documents().prepare(text, None, view)
        except ForbiddenDocumentError as error:
            return Trial(tuple(map(_cell, error.uses)), {})
        except RefusedDocumentError as error:
            raise DocumentFaultError(_said(error.troubles[0])) from None
        tree = prepared.tree(prepared.conditions)
        fields = [field for root in tree.roots for field in needs(root, view).fields]
        return Trial((), {(field.path, field.action): field.rendering for field in fields})


def _cell(use: Forbidden) -> tuple[Path, Action]:
    return use.path, use.action


def _said(trouble: Trouble) -> str:
    places = "".join(f" at line {place['line']}" for place in trouble.locations[:1])
    return f"{trouble.code.name}{places}" + (f": {trouble.message}" if trouble.message else "")
