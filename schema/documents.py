"""A document on its way to a plan: parsed, measured, authorised, validated; each once.

The result is kept for the document, the operation and the view, so a repeated request pays
for none of it. What is refused is refused before any data is touched, and no message carries a
value that the document holds.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    ObjectFieldNode,
    OperationDefinitionNode,
    TokenKind,
    ValueNode,
    VariableNode,
    parse,
    specified_rules,
    validate,
)

from schema.authorise import Forbidden, forbidden_paths
from schema.coercion import Variables, compile_variables
from schema.errors import Code
from schema.limit_words import LimitPassed
from schema.limits import (
    MOST_COMMENTS,
    MOST_NESTING,
    MOST_SOURCE,
    MOST_TOKENS,
    DocumentTooComplexError,
    check_limits,
)
from schema.planner import Planner, Tree, condition_names
from schema.view import View

MOST_ERRORS = 20
MOST_DOCUMENTS = 1000
MOST_CHARACTERS = 256 * 1024
"""Characters of all documents that are kept: a parsed one takes up to 300 bytes for each."""

MOST_VARIANTS = 16

_OVER_LIMIT = {
    f"Syntax Error: Document contains more than {MOST_TOKENS} tokens": ("tokens", MOST_TOKENS),
    f"Syntax Error: Document contains more than {MOST_COMMENTS} ": ("comments", MOST_COMMENTS),
    "Syntax Error: Document is nested too deeply": ("nesting", MOST_NESTING),
}
"""How the parser begins to say which limit was passed, before it could quote anything."""

_UNWRITTEN = frozenset({TokenKind.SOF, TokenKind.EOF, TokenKind.COMMENT})
"""Tokens that change nothing of what a document asks."""

_ABORTED = ("Too many validation errors", "Validation aborted")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One reason why a document is refused.

    `message` is graphql-core's and None where the code's own text serves; `passed` is the limit
    that a document is over.
    """

    code: Code
    message: str | None = None
    locations: tuple[Mapping[str, int], ...] = ()
    passed: LimitPassed | None = None


class RefusedDocumentError(ValueError):
    """The document can't be parsed, is too complex or does not fit the view."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__(troubles[0].code.name)
        self.troubles = tuple(troubles)


class ForbiddenDocumentError(PermissionError):
    """The document uses paths that the view does not hold."""

    def __init__(self, uses: Sequence[Forbidden]) -> None:
        super().__init__("forbidden")
        self.uses = tuple(uses)


@dataclass(slots=True, eq=False)
class Prepared:
    """A validated operation of a document, with its variables and the plans made so far."""

    view: View
    document: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Variables
    conditions: frozenset[str]
    digest: str
    size: int
    plans: OrderedDict[frozenset[str], object] = field(default_factory=OrderedDict)

    @property
    def name(self) -> str | None:
        """The operation's name."""
        return None if self.operation.name is None else self.operation.name.value

    def tree(self, true: frozenset[str]) -> Tree:
        """Plan the variant in which these conditions are true."""
        return Planner(self.view, self.fragments, true).plan(self.operation)


class Documents:
    """Prepared operations by document, operation and view; the oldest make room."""

    def __init__(self, most: int = MOST_DOCUMENTS, characters: int = MOST_CHARACTERS) -> None:
        self._most = most
        self._characters = characters
        self._held = 0
        self._known: OrderedDict[tuple[str, str | None, int], Prepared] = OrderedDict()

    def known(self, query: str, name: str | None, view: View) -> Prepared | None:
        """What is kept for a document under a view."""
        key = self._key(query, name, view)
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
        return found

    def prepare(self, query: str, name: str | None, view: View) -> Prepared:
        """Parse, measure, authorise and validate a document.

        Raises:
            RefusedDocumentError: it can't be parsed, is too complex or does not fit the view.
            ForbiddenDocumentError: it uses what the view does not hold.

        """
        document = _parse(query)
        _measure(document)
        uses = forbidden_paths(document, view)
        if uses:
            raise ForbiddenDocumentError(uses)
        _validate(document, view)
        operation = _operation(document, name)
        fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        prepared = Prepared(
            view=view,
            document=document,
            operation=operation,
            fragments=fragments,
            variables=compile_variables(view.schema, operation.variable_definitions or ()),
            conditions=condition_names(operation, fragments),
            digest=digest_of(document),
            size=len(query),
        )
        self._keep(self._key(query, name, view), prepared)
        return prepared

    def _keep(self, key: tuple[str, str | None, int], prepared: Prepared) -> None:
        self._known[key] = prepared
        self._held += prepared.size
        while len(self._known) > self._most or self._held > self._characters:
            _, gone = self._known.popitem(last=False)
            self._held -= gone.size

    @staticmethod
    def _key(query: str, name: str | None, view: View) -> tuple[str, str | None, int]:
        # The prepared operation keeps its view alive, so the view's identity can't be reused.
        return query, name, id(view)


def digest_of(document: DocumentNode) -> str:
    """SHA-256, in hexadecimal, of a document's tokens, each literal by its kind alone.

    This is the hash in the log: an ID number written into a document could be found again by
    trying all there are. It costs a walk over tokens that parsing has made already.
    """
    words: list[str] = []
    token = document.loc.start_token if document.loc else None
    while token is not None:
        if token.kind is TokenKind.NAME:
            words.append(token.value or "")
        elif token.kind not in _UNWRITTEN:
            words.append(token.kind.value)
        token = token.next
    return sha256(" ".join(words).encode("utf-8", "surrogatepass")).hexdigest()


def _locations(error: GraphQLError) -> tuple[Mapping[str, int], ...]:
    return tuple({"line": place.line, "column": place.column} for place in error.locations or ())


def _parse(query: str) -> DocumentNode:
    if len(query) > MOST_SOURCE:
        raise _over(LimitPassed("characters", MOST_SOURCE))
    try:
        return parse(query, max_lexical_tokens=MOST_TOKENS, max_comments=MOST_COMMENTS)
    except GraphQLError as error:
        for beginning, limit in _OVER_LIMIT.items():
            if error.message.startswith(beginning):
                raise _over(LimitPassed(*limit), _locations(error)) from None
        # The parser's message quotes the text that it tripped over: only the place travels on.
        trouble = Trouble(Code.PARSE_FAILED, None, _locations(error))
        raise RefusedDocumentError([trouble]) from None


def _measure(document: DocumentNode) -> None:
    try:
        check_limits(document)
    except DocumentTooComplexError as error:
        raise _over(error.passed) from None


def _over(
    passed: LimitPassed, locations: tuple[Mapping[str, int], ...] = ()
) -> RefusedDocumentError:
    return RefusedDocumentError([Trouble(Code.TOO_COMPLEX, None, locations, passed)])


def _validate(document: DocumentNode, view: View) -> None:
    errors = validate(view.schema, document, specified_rules, max_errors=MOST_ERRORS)
    if errors:
        raise RefusedDocumentError([_trouble(error) for error in errors])


def _trouble(error: GraphQLError) -> Trouble:
    # A field of an input object quotes the whole object; a scalar's own error stands at no node.
    names_a_value = not error.message.startswith(_ABORTED) and (
        not error.nodes
        or any(
            isinstance(node, ValueNode | ObjectFieldNode) and not isinstance(node, VariableNode)
            for node in error.nodes
        )
    )
    message = None if names_a_value else error.message
    code = Code.ARGUMENT_INVALID if names_a_value else Code.VALIDATION_FAILED
    return Trouble(code, message, _locations(error))


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    if name is None and len(operations) == 1:
        return operations[0]
    for operation in operations:
        if operation.name is not None and operation.name.value == name:
            return operation
    raise RefusedDocumentError([Trouble(Code.OPERATION_UNKNOWN)])
