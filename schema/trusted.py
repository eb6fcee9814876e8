"""Trusted documents: an operation asked for by its identifier, and departments that run no others.

A department asks for a document that it registered by `sha256:` and the digest of its text, or by
the name that it registered it under. Documents of the release are there for every department under
the department's code: `education.verify.v1` is trusted_documents/verify.v1.graphql.

A document is planned against its caller's view as any other: being trusted it may run, never see
more. This module never reads a clock and never keeps what was asked.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    parse,
    validate,
    visit,
)

from db.register import Snapshot
from db.trusted import document_id
from schema.limits import (
    MOST_COMMENTS,
    MOST_SOURCE,
    MOST_TOKENS,
    DocumentTooComplexError,
    check_limits,
)

_SUFFIX: Final = ".graphql"
_LIKE_AN_ID_NUMBER: Final = re.compile(r"[0-9]{6}")


def _shipped() -> Mapping[str, str]:
    folder = files("schema") / "trusted_documents"
    return MappingProxyType(
        {
            file.name.removesuffix(_SUFFIX): file.read_text(encoding="utf-8")
            for file in folder.iterdir()
            if file.name.endswith(_SUFFIX)
        }
    )


SHIPPED: Final = _shipped()
"""The release's documents by their names without a department."""


class UntrustworthyError(ValueError):
    """A document can't be registered; the message says why and never quotes a literal."""


class TrustedDocuments:
    """What a department may ask for by name; one for the process."""

    __slots__ = ("_shipped_ids", "_snapshot")

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot
        self._shipped_ids = {document_id(text): text for text in SHIPPED.values()}

    def text(self, department: str, document: str, day: date) -> str | None:
        """The text of a department's document, by identifier or name; None if it has none such."""
        found = self._snapshot().trusted(department, document, day)
        if found is not None:
            return found.text
        if document.startswith(f"{department}."):
            return SHIPPED.get(document.removeprefix(f"{department}."))
        return self._shipped_ids.get(document)

    def may_run(self, department: str, text: str, day: date) -> bool:
        """Whether a department may run a document that it sent as text."""
        if department not in self._snapshot().locked:
            return True
        return self.text(department, document_id(text), day) is not None


def shipped_names(department: str) -> list[str]:
    """The names of the release's documents for a department."""
    return [f"{department}.{name}" for name in sorted(SHIPPED)]


def check_trustworthy(text: str, full: GraphQLSchema) -> list[str | None]:
    """Check a document against the whole schema; the names of its operations.

    Raises:
        UntrustworthyError: it can't be read, is over a limit, fits no view, or holds what looks
            like an ID number: values belong into variables.
    """
    if len(text) > MOST_SOURCE:
        raise UntrustworthyError(f"it has over {MOST_SOURCE} characters: split it")
    try:
        document = parse(text, max_lexical_tokens=MOST_TOKENS, max_comments=MOST_COMMENTS)
        check_limits(document)
    except GraphQLError as error:
        raise UntrustworthyError(f"it is no GraphQL document{_place(error)}") from None
    except DocumentTooComplexError as error:
        raise UntrustworthyError(f"it is over a limit: {error}") from None
    literals = _Literals()
    visit(document, literals)
    if literals.suspicious:
        raise UntrustworthyError(
            "it holds six digits in a string, as ID numbers do: hand values over in variables"
        )
    errors = validate(full, document)
    if errors:
        raise UntrustworthyError(f"{errors[0].message}{_place(errors[0])}")
    return [
        None if node.name is None else node.name.value
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    ]


class _Literals(Visitor):
    """Looks for strings that could be about somebody."""

    def __init__(self) -> None:
        super().__init__()
        self.suspicious = False

    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        """Look at one literal."""
        self.suspicious = self.suspicious or bool(_LIKE_AN_ID_NUMBER.search(node.value))


def _place(error: GraphQLError) -> str:
    place = next(iter(error.locations or ()), None)
    return "" if place is None else f" (line {place.line}, column {place.column})"
