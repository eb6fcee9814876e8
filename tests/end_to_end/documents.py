"""One document for one path and action, asked the natural way: from a root down to the field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)

from policies.catalogue import Catalogue
from schema.catalogue import catalogue
from schema.root import full_schema, graph
from tests.end_to_end.matrix import BORN, NAME, NUMBER, PERMIT_NUMBER

_SCHEMA: Final = graph(full_schema())
CATALOGUE: Final[Catalogue] = catalogue(_SCHEMA)
CELLS: Final = [
    (str(path), action.value) for path, spec in CATALOGUE.paths.items() for action in spec.actions
]
"""Every governed path of the schema with every action that it can be granted."""

_WAY: Final[Mapping[str, tuple[str, ...]]] = {
    "Person": (),
    "Residence": ("Person.residence",),
    "AddressPeriod": ("Person.residence", "Residence.history"),
    "Permit": ("Person.permit",),
    "Evidence": ("Person.permit", "Permit.evidence"),
    "Entitlement": ("Person.permit", "Permit.entitlements"),
    "Application": (),
    "Report": (),
    "VerifyResult": (),
    "SubjectRequest": (),
    "Correction": (),
    "AccessRecord": (),
    "Change": (),
    "AccessSubject": ("AccessRecord.subjects",),
    "AccessField": ("AccessRecord.subjects", "AccessSubject.fields"),
    "Statistics": (),
    "RegisteredCount": ("Statistics.registered",),
    "PermitCount": ("Statistics.permits",),
    "ApplicationCount": ("Statistics.applications",),
    "CoordinatorCount": ("Statistics.coordinators",),
}
_ROOTS: Final[Mapping[str, str]] = {
    "Application": "Query.applications",
    "Report": "Query.reports",
    "VerifyResult": "Query.verify",
    "SubjectRequest": "Query.subjectRequests",
    "Correction": "Query.corrections",
    "AccessRecord": "Query.accessLog",
    "AccessSubject": "Query.accessLog",
    "AccessField": "Query.accessLog",
    "Statistics": "Query.statistics",
    "RegisteredCount": "Query.statistics",
    "PermitCount": "Query.statistics",
    "ApplicationCount": "Query.statistics",
    "CoordinatorCount": "Query.statistics",
    "Change": "Query.changes",
}
_ARGUMENTS: Final[Mapping[str, str]] = {
    "Query.person": "(idNumber:$n,name:$m)",
    "Query.document": "(kind:RECEIPT,person:{idNumber:$n,name:$m})",
    "Query.permit": f'(number:"{PERMIT_NUMBER}")',
    "Query.verify": "(rows:$r)",
    "Query.node": '(id:"nothing")',
    "Query.accessesOf": "(person:$n)",
    "Person.ageAtLeast": "(years:18)",
    "Person.inCatchment": '(catchment:"school-1")',
    "Residence.continuousAtLeast": "(months:6)",
    "Residence.within": '(division:"150402")',
    "Permit.entitled": '(service:"24(4)")',
    "Permit.entitlements": '(codes:["24(4)"])',
}
_SELECTED: Final[Mapping[str, str]] = {
    "Residence.division": "{code name level}",
    "AddressPeriod.division": "{code}",
    "Application.division": "{code name level}",
    "Report.division": "{code name level}",
    "Correction.division": "{code name level}",
    "RegisteredCount.division": "{code}",
    "PermitCount.division": "{code}",
    "ApplicationCount.division": "{code}",
    "CoordinatorCount.division": "{code}",
    "Entitlement.service": "{code}",
    "VerifyResult.refusal": "{code}",
}
_PAGES: Final = frozenset(
    {
        "Query.persons", "Query.permits", "Query.applications", "Query.reports",
        "Query.accessLog", "Query.accessesOf", "Query.changes",
        "Query.subjectRequests", "Query.corrections",
    }
)  # fmt: skip
_OBJECTS: Final = frozenset(
    {
        "Person.residence", "Person.permit", "Permit.holder", "Application.person",
        "Residence.history",
        "Permit.evidence",
        "Permit.entitlements", "AccessRecord.subjects", "AccessSubject.fields",
        "Statistics.registered", "Statistics.permits", "Statistics.applications",
        "Statistics.coordinators",
    }
)  # fmt: skip
_FILTERS: Final[Mapping[str, str]] = {
    "Person.idNumber": "{idNumber:$n}",
    "Person.name": "{name:$m,birthDate:$b}",
    "Residence.division": '{county:"150402" township:"150402001"}',
    "Residence.registeredOn": '{registeredOn:{from:"2024-11-20" to:"2024-11-20"}}',
    "Residence.late": "{late:false}",
    "Permit.status": "{status:[ACTIVE]}",
    "Permit.validTo": '{validTo:{from:"2027-08-12"}}',
}
_LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "Permit.phase": ("permits", "{phase:IN_WINDOW}"),
    "Application.state": ("applications", "{state:[INCOMPLETE]}"),
    "Application.dueOn": ("applications", '{dueBefore:"2026-11-20"}'),
    "Application.overdue": ("applications", "{overdue:true}"),
    "Application.dueSoon": ("applications", "{dueSoon:false}"),
    "Application.division": ("applications", '{township:"150402002"}'),
    "Report.state": ("reports", "{state:FOLLOWED_UP}"),
    "Report.reporter": ("reports", "{reporter:[LANDLORD]}"),
    "Report.timeliness": ("reports", "{timeliness:LATE}"),
    "Correction.status": ("corrections", "{open:false}"),
    "Correction.overdue": ("corrections", "{overdue:true}"),
}
"""Filters of other lists than `persons`: the list, and a filter that fits nobody here."""

_FILTER_TYPES: Final[Mapping[str, str]] = {
    "persons": "PersonFilter",
    "permits": "PermitFilter",
    "applications": "ApplicationFilter",
    "reports": "ReportFilter",
    "corrections": "CorrectionFilter",
}
_CONNECTIONS: Final[Mapping[str, str]] = {
    "Query.persons": "PersonConnection",
    "Query.permits": "PermitConnection",
    "Query.applications": "ApplicationConnection",
    "Query.reports": "ReportConnection",
    "Query.subjectRequests": "SubjectRequestConnection",
    "Query.corrections": "CorrectionConnection",
}
_SORTS: Final[Mapping[str, str]] = {
    "Residence.registeredOn": "REGISTERED_ON",
    "Permit.validTo": "VALID_TO",
}
VARIABLES: Final[Mapping[str, object]] = {
    "n": NUMBER,
    "m": NAME,
    "b": BORN,
    "r": [{"ref": "r1", "presented": {"idNumber": NUMBER, "name": NAME}}],
}
_TYPES: Final = {"n": "String!", "m": "String!", "b": "Date!", "r": "[VerifyRow!]!"}

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """A document, its variables, and what it uses in the order in which a refusal names it."""

    document: str
    variables: dict[str, object]
    uses: tuple[Cell, ...]


def _leaf(path: str) -> str:
    text = path.partition(".")[2] + _ARGUMENTS.get(path, "")
    if path in _SELECTED:
        return text + _SELECTED[path]
    return text + "{__typename}" if path in _OBJECTS or path.startswith("Query.") else text


def _open(path: str) -> str:
    return path.partition(".")[2] + _ARGUMENTS.get(path, "")


def _question(text: str, uses: tuple[Cell, ...]) -> Question:
    names = [name for name in _TYPES if f"${name}" in text]
    # A global id is an ID, which a String variable can't be.
    types = _TYPES | ({"n": "ID!"} if "accessesOf" in text else {})
    head = ",".join(f"${name}:{types[name]}" for name in names)
    document = f"query({head}){{{text}}}" if names else f"{{{text}}}"
    return Question(document, {name: VARIABLES[name] for name in names}, uses)


def act(path: str) -> Question:
    """Ask for an act with a form whose key is empty: heard where it may be asked, never done."""
    name = path.partition(".")[2]
    acts = _SCHEMA.mutation_type
    assert acts is not None
    field = acts.fields[name]
    given = field.args["input"].type
    selected = "{case}" if name == "openCase" else "{__typename}"
    text = f"mutation($input:{given}){{{name}(input:$input){selected}}}"
    return Question(text, {"input": _least(given)}, ((path, "call"),))


def _least(type_: GraphQLInputType) -> object:
    """The least value that a type takes."""
    if isinstance(type_, GraphQLNonNull):
        return _least(type_.of_type)
    if isinstance(type_, GraphQLList):
        return []
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        required = {
            name: each for name, each in type_.fields.items() if is_required_input_field(each)
        }
        return {name: _least(each.type) for name, each in required.items()}
    return {"Int": 0, "Boolean": False}.get(type_.name, "")


def read(path: str, root: str) -> Question:
    """Read one path; a person is come by through `root` (`Query.person` or `Query.persons`)."""
    owner = path.partition(".")[0]
    if owner == "Mutation":
        return act(path)
    if owner == "Query":
        return _question(_leaf(path), ((path, "call"),))
    way = _WAY[owner]
    start = _ROOTS.get(owner, root)
    text = _leaf(path)
    for step in reversed(way):
        text = f"{_open(step)}{{{text}}}"
    text = f"nodes{{{text}}}" if start in _PAGES else text
    uses = ((start, "call"), *((step, "read") for step in way), (path, "read"))
    return _question(f"{_open(start)}{{{text}}}", uses)


def together(asked: Sequence[Question]) -> Question:
    """Ask several questions of one root in one document, as a client does."""
    below: dict[str, list[str]] = {}
    for each in asked:
        for (above, _), (path, _) in pairwise(each.uses):
            known = below.setdefault(above, [])
            if path not in known:
                known.append(path)
    root = asked[0].uses[0][0]
    return _question(
        _text(root, below), tuple(dict.fromkeys(use for each in asked for use in each.uses))
    )


def _text(path: str, below: Mapping[str, Sequence[str]]) -> str:
    """A path with all that is asked below it."""
    if path not in below:
        return _leaf(path)
    inner = " ".join(["__typename", *(_text(each, below) for each in below[path])])
    if path in _PAGES:
        inner = f"__typename nodes{{{inner}}}"
    return f"{_open(path)}{{{inner}}}"


def forbidden_at_once(cells: Iterable[Cell]) -> str:
    """Name all of these cells in one document, out of place: none may be used, so none is read.

    A field is named where its type is named, a count by its connection, a filter or a sort key by
    a variable of its input type.
    """
    named: dict[str, list[str]] = {}
    for path, action in cells:
        owner, _, name = path.partition(".")
        if action in {"read", "call"}:
            named.setdefault(owner, []).append(name)
        elif action == "count":
            named.setdefault(_CONNECTIONS[path], []).append("totalCount")
    inputs = sorted({_input_of(path, action) for path, action in cells} - {""})
    head = ",".join(f"$v{number}:{type_}" for number, type_ in enumerate(inputs))
    spreads = " ".join(f"... on {owner} {{ {' '.join(names)} }}" for owner, names in named.items())
    return f"query{f'({head})' if head else ''}{{ viewer {{ {spreads} }} }}"


def _input_of(path: str, action: str) -> str:
    """The input type by which a path is filtered or sorted; nothing where it is read."""
    if action == "sort":
        return "[PersonOrder!]"
    name, _ = _LISTS.get(path, ("persons", ""))
    return _FILTER_TYPES[name] if action == "filter" else ""


def search(path: str, action: str) -> Question:
    """Filter, sort or count one of the desks' lists, written into the document."""
    name, given = _LISTS.get(path, ("persons", _FILTERS.get(path, "")))
    match action:
        case "filter":
            text = f"{name}(filter:{given}){{nodes{{__typename}}}}"
        case "sort":
            text = f"{name}(orderBy:[{{field:{_SORTS[path]}}}]){{nodes{{__typename}}}}"
        case _:
            name = path.partition(".")[2]
            text = f"{name}{{totalCount}}"
    return _question(text, ((f"Query.{name}", "call"), (path, action)))


def fits_nobody(path: str, action: str) -> bool:
    """Whether a filter here is one that the known person does not meet."""
    return action == "filter" and path in _LISTS


def question(path: str, action: str, root: str) -> Question:
    """The document of one cell."""
    return read(path, root) if action in {"read", "call"} else search(path, action)


def shown(data: Mapping[str, object], asked: Question) -> object:
    """The value of the last path in an answer's data; of each item where lists lie between."""
    value: object = data
    for path, _ in asked.uses:
        value = _inside(value, path.partition(".")[2])
        if path in _PAGES and path != asked.uses[-1][0]:
            nodes = _inside(value, "nodes")
            assert isinstance(nodes, list)
            # Only one person stands in the desk's division; of a log, the latest record.
            value = nodes[0]
    return value


def _inside(value: object, name: str) -> object:
    if isinstance(value, list):
        return [_inside(item, name) for item in value]
    assert isinstance(value, dict)
    return value[name]
