"""Limits on a document, checked before validation, each in time linear in the document.

A fragment is measured once, however often it is spread: the count of what it expands to is
arithmetic, so 180 fragments that double each other cost 180 steps, not 2^180.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from schema.limit_words import LimitPassed

MOST_SOURCE = 64 * 1024
MOST_TOKENS = 4000
MOST_COMMENTS = 200
MOST_DEPTH = 10
MOST_INTROSPECTION_DEPTH = 20
MOST_NESTING = 100
"""Selection sets inside each other, with those of fragments: whatever walks a document recurses."""

MOST_FIELDS = 1000
MOST_ALIASES = 50
MOST_ROOT_FIELDS = 20
MOST_ACTS = 5
"""Fields at the top of a mutation: each is a transaction, and they run one after another."""

MOST_DIRECTIVES = 50
MOST_DEFINITIONS = 200
MOST_REPEATED = 200
"""Fields under a response key that their selection has already: validation compares each such pair,
which is the one step that is not linear."""

_INTROSPECTION = frozenset({"__schema", "__type"})


class DocumentTooComplexError(ValueError):
    """The document is over a limit; `passed` names which and how much is allowed."""

    def __init__(self, limit: str, most: int) -> None:
        super().__init__(f"{limit}: at most {most}")
        self.passed = LimitPassed(limit, most)


@dataclass(frozen=True, slots=True)
class _Size:
    """What a selection set expands to."""

    depth: int = 0
    introspection_depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    nesting: int = 0

    def beside(self, other: "_Size") -> "_Size":
        return _Size(
            max(self.depth, other.depth),
            max(self.introspection_depth, other.introspection_depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
            max(self.nesting, other.nesting),
        )


class _Measure:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, _Size] = {}
        self._open: set[str] = set()
        self._level = 0
        self.cyclic = False

    def selection(self, selection_set: SelectionSetNode | None) -> _Size:
        """The size of a selection set.

        Parsing has bounded the nesting of braces, but fragments pile it up: it is limited on the
        way down, which this method itself recurses, and on the way up, which others will.
        """
        total = _Size()
        if selection_set is None:
            return total
        self._level += 1
        _within("nesting", self._level, MOST_NESTING)
        for node in selection_set.selections:
            directives = _Size(directives=len(node.directives or ()))
            if isinstance(node, FieldNode):
                total = total.beside(self._field(node)).beside(directives)
            elif isinstance(node, InlineFragmentNode):
                total = total.beside(self.selection(node.selection_set)).beside(directives)
            elif isinstance(node, FragmentSpreadNode):
                total = total.beside(self.fragment(node.name.value)).beside(directives)
        self._level -= 1
        _within("nesting", total.nesting + 1, MOST_NESTING)
        return replace(total, nesting=total.nesting + 1)

    def _field(self, node: FieldNode) -> _Size:
        inner = self.selection(node.selection_set)
        introspects = node.name.value in _INTROSPECTION
        below = max(inner.depth, inner.introspection_depth) + 1
        return _Size(
            0 if introspects else inner.depth + 1,
            below if introspects or inner.introspection_depth else 0,
            inner.fields + 1,
            inner.aliases + (1 if node.alias is not None else 0),
            inner.directives,
            inner.nesting,
        )

    def fragment(self, name: str) -> _Size:
        """The size of a fragment, measured once; a cycle ends here and fails validation."""
        known = self._known.get(name)
        if known is not None:
            return known
        definition = self._fragments.get(name)
        self.cyclic = self.cyclic or name in self._open
        if definition is None or name in self._open:
            return _Size()
        if len(self._open) > MOST_INTROSPECTION_DEPTH * 2:
            raise DocumentTooComplexError("fragment nesting", MOST_INTROSPECTION_DEPTH * 2)
        self._open.add(name)
        size = self.selection(definition.selection_set)
        if definition.type_condition.name.value.startswith("__"):
            # A part of introspection by itself, as the standard query has it for nested types.
            below = max(size.depth, size.introspection_depth)
            size = replace(size, depth=0, introspection_depth=below)
        self._open.discard(name)
        self._known[name] = size
        return size


def _merged(
    selection_sets: Sequence[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[dict[str, list[SelectionSetNode]], int]:
    """The response keys that selections expand to, with what is below each; and repeated fields."""
    groups: dict[str, list[SelectionSetNode]] = {}
    repeated = 0
    spread: set[str] = set()
    stack = list(selection_sets)
    while stack:
        for node in stack.pop().selections:
            if isinstance(node, FieldNode):
                key = (node.alias or node.name).value
                repeated += key in groups
                below = groups.setdefault(key, [])
                if node.selection_set is not None:
                    below.append(node.selection_set)
            elif isinstance(node, InlineFragmentNode):
                stack.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                fragment = fragments.get(node.name.value)
                if fragment is not None and node.name.value not in spread:
                    spread.add(node.name.value)
                    stack.append(fragment.selection_set)
    return groups, repeated


def _repeated(
    selection_sets: Sequence[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> int:
    """How many fields repeat a response key, after merging (specification, section 5.3.2).

    Each field that the selection expands to is looked at once, so the limit on fields bounds this.
    """
    groups, repeated = _merged(selection_sets, fragments)
    return repeated + sum(_repeated(below, fragments) for below in groups.values() if below)


def check_limits(document: DocumentNode) -> None:
    """Measure a document against every limit.

    Raises:
        DocumentTooComplexError: the first limit that it is over.

    """
    definitions = document.definitions
    _within("definitions", len(definitions), MOST_DEFINITIONS)
    fragments = {
        node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
    }
    measure = _Measure(fragments)
    # A fragment that no operation spreads is measured too: validation would walk it all the same.
    sizes = [
        measure.fragment(node.name.value)
        for node in definitions
        if isinstance(node, FragmentDefinitionNode)
    ]
    for node in definitions:
        if isinstance(node, OperationDefinitionNode):
            sizes.append(measure.selection(node.selection_set))
            roots, _ = _merged([node.selection_set], fragments)
            if node.operation is OperationType.MUTATION:
                _within("acts", len(roots), MOST_ACTS)
            _within("root fields", len(roots), MOST_ROOT_FIELDS)
    for size in sizes:
        _within("depth", size.depth, MOST_DEPTH)
        _within("introspection depth", size.introspection_depth, MOST_INTROSPECTION_DEPTH)
        _within("fields", size.fields, MOST_FIELDS)
        _within("aliases", size.aliases, MOST_ALIASES)
        _within("directives", size.directives, MOST_DIRECTIVES)
    if not measure.cyclic:  # a cycle has no expansion; validation refuses it
        for node in definitions:
            if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode):
                repeated = _repeated([node.selection_set], fragments)
                _within("repeated fields", repeated, MOST_REPEATED)


def _within(limit: str, found: int, most: int) -> None:
    if found > most:
        raise DocumentTooComplexError(limit, most)
