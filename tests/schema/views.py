"""Views for tests of the schema: the shipped ones, and tables of any grants one likes."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from policies.permission import Action, Decision, Path, Reason, Rendering, RuleId, Scope
from policies.table import FieldTable, Policies
from schema.catalogue import catalogue
from schema.root import full_schema, graph
from schema.view import View, build_view
from tests.policies.city import TODAY

FULL = graph(full_schema())
CATALOGUE = catalogue(FULL)
POLICIES = Policies.load(catalogue=CATALOGUE)

EVERY_GRANT = tuple(
    (path, action) for path, spec in CATALOGUE.paths.items() for action in sorted(spec.actions)
)
"""Every path and action that a rule could grant."""

GRANTED = Decision(Reason.GRANTED, Rendering.PLAIN, (RuleId("test.csv:1"),), ("a reason",), None)


def table_of(
    grants: Iterable[tuple[Path, Action]],
    *,
    renderings: Mapping[Path, Rendering] = MappingProxyType({}),
) -> FieldTable:
    """A table that grants exactly this, plain unless a rendering is named."""
    decisions = {}
    for path, action in grants:
        shown = renderings.get(path, Rendering.PLAIN) if action is Action.READ else Rendering.PLAIN
        decisions[path, action] = Decision(
            Reason.GRANTED, shown, GRANTED.rules, GRANTED.because, None
        )
    return FieldTable(
        revision="test",
        purpose="test",
        decisions=MappingProxyType(decisions),
        rows=MappingProxyType({"Person": frozenset({Scope.ALL})}),
        specs=CATALOGUE.paths,
        digest=repr(sorted(decisions)),
    )


def view_of(role: str, purpose: str | None) -> View:
    """The view of a shipped role for a shipped purpose."""
    return build_view(FULL, POLICIES.table({role}, purpose, TODAY))


NO_PURPOSE = view_of("education", None)
EDUCATION = view_of("education", "school-place")
REGISTRATION = view_of("receiving-office", "residence-registration")
DESK_LIST = view_of("receiving-office", "desk-list")
AUDITOR = view_of("auditor", "privacy-audit")
EVERYTHING = build_view(FULL, table_of(EVERY_GRANT))
ONE_NODE_TYPE = build_view(
    FULL, table_of(grant for grant in EVERY_GRANT if grant[0] != "Permit.id")
)
"""Everything but the permit's id, so that only persons are nodes."""

VIEWS = {
    "without a purpose": NO_PURPOSE,
    "education": EDUCATION,
    "registration": REGISTRATION,
    "desk list": DESK_LIST,
    "auditor": AUDITOR,
    "everything": EVERYTHING,
    "only persons are nodes": ONE_NODE_TYPE,
}
