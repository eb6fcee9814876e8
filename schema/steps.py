"""Planned roots → steps: which access, which scopes, which leave; or a value of the catalogue."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from db.load import Access, PersonLoad
from policies.catalogue import ROWS, owner
from policies.permission import Action, Path, Rendering, Scope
from policies.table import FieldTable
from regulation import divisions
from regulation.told import YES_OR_NO, ChangeKind
from resolvers.context import Context
from resolvers.desk.correction import REQUESTING
from resolvers.desk.counter import BATCH, OPENING
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.following import FOLLOW
from resolvers.plan import Plan, Step, StepKind
from schema.coercion import Arguments
from schema.discovery import Viewing
from schema.planner import INTROSPECTION, MUTATION, TYPENAME, Selected, Tree, needs, walk
from schema.printed import FORMS, leaves
from schema.rendering import Show, compile_root
from schema.service_item import service_list
from schema.view import View

_ACCESS: Final[Mapping[StepKind, Mapping[str, Access]]] = MappingProxyType(
    {
        StepKind.PERSON: {"Person": Access.ID_NAME},
        StepKind.PERMIT: {"Permit": Access.PERMIT_NUMBER},
        StepKind.NODE: {"Person": Access.PERSON, "Permit": Access.PERMIT},
        StepKind.PERSONS: {"Person": Access.LIST},
        StepKind.PERMITS: {"Person": Access.LIST},
        StepKind.APPLICATIONS: {"Person": Access.PERSON},
        StepKind.REPORTS: {},
        StepKind.VERIFY: {"Person": Access.ID_NAME},
        StepKind.ACCESS_LOG: {},
        StepKind.ACCESSES_OF: {},
        StepKind.STATISTICS: {},
        StepKind.CHANGES: {},
        StepKind.SUBJECT_REQUESTS: {},
        StepKind.CORRECTIONS: {},
        StepKind.DOCUMENT: {},
    }
)
_ROWS: Final = MappingProxyType(
    {
        StepKind.SUBJECT_REQUESTS: "SubjectRequest",
        StepKind.CORRECTIONS: "Correction",
        StepKind.APPLICATIONS: "Application",
        StepKind.REPORTS: "Report",
    }
)
"""The row rules of steps whose rows are no persons."""

_STEPS: Final = MappingProxyType({kind.value: kind for kind in StepKind})
_FROM_GET: Final = frozenset({TYPENAME, "services", "divisions", "departments", "purposes"})
_THRESHOLDS: Final = frozenset({("Person", "ageAtLeast"), ("Residence", "continuousAtLeast")})
"""Yes-or-no fields that would give the value away if many thresholds could be asked at once."""

_LOADED_WHERE_SELECTED: Final = frozenset({StepKind.NODE, StepKind.APPLICATIONS})
_EDGES: Final = frozenset({"PersonEdge", "PermitEdge"})
_CATCHMENT: Final = ("Person", "inCatchment")

_CASE_OF_THEIR_OWN: Final = frozenset({OPENING, BATCH})
_CASES_OF_THEIR_OWN: Final = frozenset({StepKind.VERIFY, StepKind.CHANGES})
"""Reads whose rows have cases of their own."""

DOCUMENT_ROWS: Final = 100
"""What a document counts as: it takes as long as a long page of persons."""

CatalogueRead = Callable[[Context, Mapping[str, object]], object]


@dataclass(frozen=True, slots=True)
class Root:
    """One root field: how its value is got and how it is shown.

    Exactly one of `step`, `catalogue`, `act` and `introspects` says where the value comes from,
    none of them for `__typename`.
    """

    key: str
    name: str
    arguments: dict[str, object] | int
    show: Show
    step: Step | None
    catalogue: bool
    introspects: bool
    act: bool = False
    reach: PersonLoad | None = None
    """Whom an act reaches that looks for a person by the caller's row rules."""

    shows: frozenset[str] = frozenset()
    """The paths of persons that the caller's view reads, for an act that names one of them."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A plan with everything that is needed to answer: made once a variant."""

    roots: tuple[Root, ...]
    plan: Plan
    arguments: tuple[Arguments, ...]
    thresholds: int
    """How often the most frequent of the yes-or-no fields with a threshold is asked."""

    mutates: bool = False
    """Whether it is a mutation: its root fields are done one after another."""

    catchments: tuple[dict[str, object] | int, ...] = ()
    """The arguments of each question about a catchment."""

    @property
    def discloses(self) -> bool:
        """Whether an answer needs a record: whether it reads anything governed."""
        return bool(self.plan.steps)

    @property
    def introspects(self) -> bool:
        """Whether graphql-core's executor has a part in the answer."""
        return any(root.introspects for root in self.roots)

    @property
    def from_get(self) -> bool:
        """Whether a GET may ask for it: introspection and the catalogue only, and no mutation."""
        return not self.mutates and all(
            root.introspects or root.name in _FROM_GET for root in self.roots
        )

    @property
    def needs_case(self) -> bool:
        """Whether the request must name a case: rows may have their own, one may be opened."""
        if self.mutates:
            return any(root.act and root.name not in _CASE_OF_THEIR_OWN for root in self.roots)
        steps = self.plan.steps
        return any(step.kind not in _CASES_OF_THEIR_OWN for step in steps)

    @property
    def only_verifies(self) -> bool:
        """Whether the larger body of `verify` is its due."""
        return not self.mutates and all(root.name == StepKind.VERIFY for root in self.roots)


def make_operation(tree: Tree, view: View) -> Operation:
    """Turn planned roots into steps."""
    roots = tuple(_root(selected, view) for selected in tree.roots)
    plan = Plan(tuple(root.step for root in roots if root.step is not None))
    asked = Counter(
        (item.owner, item.name)
        for item in walk(tree.roots)
        if (item.owner, item.name) in _THRESHOLDS
    )
    return Operation(
        roots,
        plan,
        tree.arguments,
        max(asked.values(), default=0),
        mutates=tree.mutates,
        catchments=tuple(
            item.arguments for item in walk(tree.roots) if (item.owner, item.name) == _CATCHMENT
        ),
    )


def _root(selected: Selected, view: View) -> Root:
    act = selected.owner == MUTATION and not selected.name.startswith("__")
    kind = None if act else _STEPS.get(selected.name)
    meta = selected.name.startswith("__")
    return Root(
        key=selected.key,
        name=selected.name,
        arguments=selected.arguments,
        show=_shown_as(selected.owner) if meta else compile_root(selected),
        step=None if kind is None else _step(kind, selected, view),
        catalogue=kind is None and not meta and not act,
        introspects=selected.name in INTROSPECTION,
        act=act,
        reach=_reach(view) if act and selected.name == FOLLOW else None,
        shows=_shows(view) if act and selected.name == REQUESTING else frozenset(),
    )


def _shown_as(text: str) -> Show:
    return lambda _value, _call, _path: text


def _step(kind: StepKind, selected: Selected, view: View) -> Step:
    need = needs(selected, view)
    disclosure = view.table.disclosure(need.fields)
    loads = {
        name: PersonLoad(access, _scopes(view, name), frozenset(need.groups))
        for name, access in _ACCESS[kind].items()
        if kind not in _LOADED_WHERE_SELECTED or name in _selected_types(kind, selected)
    }
    return Step(
        key=selected.key,
        kind=kind,
        loads=loads,
        groups=need.groups,
        children=need.children,
        disclosure=disclosure,
        fields=tuple(
            (field.path, field.action.value, field.rendering.value) for field in disclosure.fields
        ),
        counts=any(item.name == "totalCount" for item in walk([selected])),
        cursors=any(item.owner in _EDGES and item.name == "cursor" for item in walk([selected])),
        reached=view.table.scopes(_ROWS.get(kind, "")),
        reaches_log=view.table.scopes("AccessRecord") == {Scope.ALL},
        counted=view.table.scopes("Statistics"),
        tells=_tells(view) if kind is StepKind.CHANGES else frozenset(),
        leaves=leaves(view) if kind is StepKind.DOCUMENT else {},
        forms=frozenset(item.name for item in walk([selected])) & FORMS,
    )


def _reach(view: View) -> PersonLoad:
    return PersonLoad(Access.ID_NAME, _scopes(view, "Person"), frozenset())


def _shows(view: View) -> frozenset[str]:
    """The paths of persons that a view reads: what a department can think wrong (article 28)."""
    return frozenset(
        str(path)
        for path, spec in view.table.specs.items()
        if ROWS.get(owner(path)) == "Person"
        and Action.READ in spec.actions
        and view.table.decide(path, Action.READ).granted
    )


def _selected_types(kind: StepKind, selected: Selected) -> frozenset[str]:
    """The types of rows that an answer can hold: of a node, or of persons under applications."""
    if kind is StepKind.NODE:
        return frozenset(selected.selections)
    named = any((item.owner, item.name) == ("Application", "person") for item in walk([selected]))
    return frozenset({"Person"} if named else ())


def _scopes(view: View, _name: str) -> frozenset[Scope]:
    # A permit, a residence and their parts are a person's: the scopes of Person govern them all.
    return view.table.scopes("Person") or frozenset({Scope.NONE})


def _tells(view: View) -> frozenset[ChangeKind]:
    """Which changes a view tells: a place's only at the level that it shows (article 28)."""
    if view.table.scopes("Change") != {Scope.OPEN_CASE}:
        return frozenset()
    place = view.table.decide(Path("Residence.division"), Action.READ)
    match place.rendering if place.granted else None:
        case Rendering.COUNTY:
            return YES_OR_NO | {ChangeKind.COUNTY_CHANGED}
        case Rendering.PLAIN | Rendering.TOWNSHIP:
            return YES_OR_NO | {ChangeKind.COUNTY_CHANGED, ChangeKind.TOWNSHIP_CHANGED}
        case _:
            return YES_OR_NO


def estimated_rows(root: Root, arguments: Mapping[str, object]) -> int:
    """How many rows a root field may read, before any is read."""
    if root.name == BATCH and root.act:
        given = arguments.get("input")
        rows = given.get("rows") if isinstance(given, Mapping) else None
        return len(rows) if isinstance(rows, list) else 0
    if root.step is None:
        return 1 if root.act else 0
    match root.step.kind:
        case (
            StepKind.PERSONS
            | StepKind.PERMITS
            | StepKind.APPLICATIONS
            | StepKind.REPORTS
            | StepKind.ACCESS_LOG
            | StepKind.ACCESSES_OF
            | StepKind.CHANGES
            | StepKind.SUBJECT_REQUESTS
            | StepKind.CORRECTIONS
        ):
            first = arguments.get("first")
            # Never below nothing: a page of minus a thousand would pay for other pages.
            return max(first, 0) if isinstance(first, int) else 0
        case StepKind.DOCUMENT:
            return DOCUMENT_ROWS
        case StepKind.VERIFY:
            rows = arguments.get("rows")
            return len(rows) if isinstance(rows, list) else 0
        case _:
            return 1


_LISTS_OF_PERSONS: Final = frozenset(
    {
        StepKind.PERSONS,
        StepKind.PERMITS,
        StepKind.APPLICATIONS,
        StepKind.REPORTS,
        StepKind.SUBJECT_REQUESTS,
    }
)


def is_list_of_persons(kind: StepKind) -> bool:
    """Whether a step's subjects are the rows that it shows, at most as many as were asked for."""
    return kind in _LISTS_OF_PERSONS


def catalogue_value(
    name: str,
    arguments: Mapping[str, object],
    context: Context,
    registered: Mapping[str, Callable[[Context], Sequence[Any]]],
    table: FieldTable,
) -> object:
    """The value of a catalogue field; `registered` reads what the register and policies hold.

    `table` is that of the request.

    Raises:
        ArgumentFaultError: an argument names no county.

    """
    match name:
        case "viewer":
            return Viewing(context, table, registered["purposes"](context))
        case "services":
            article = arguments.get("article")
            return service_list(article if isinstance(article, str) else None)
        case "divisions":
            return _divisions(arguments.get("within"))
        case _:
            return registered[name](context)


def _divisions(within: object) -> Sequence[str]:
    if not isinstance(within, str):
        return [division.code for division in divisions.COUNTIES]
    if divisions.division(within) is None or len(within) != divisions.COUNTY_DIGITS:
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
    return [division.code for division in divisions.townships(within)]
