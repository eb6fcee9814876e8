"""A planned read as plain values: which rows, which sealed groups, under which leave.

A plan is made by `schema/planner.py` and run by `resolvers/read.py`; it knows neither GraphQL nor
SQL. What a plan does not name can't be fetched, and the audit record is built from the plan's
disclosures and the rows that it found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from db.load import PersonLoad
from policies.permission import Disclosure, Scope
from regulation.told import ChangeKind


class ChildKind(StrEnum):
    """Rows that hang on a person."""

    PERIODS = "periods"
    EVIDENCE = "evidence"
    PHOTO = "photo"


class StepKind(StrEnum):
    """Which rows a step of a plan reads."""

    PERSON = "person"
    PERMIT = "permit"
    NODE = "node"
    PERSONS = "persons"
    PERMITS = "permits"
    APPLICATIONS = "applications"
    REPORTS = "reports"
    VERIFY = "verify"
    ACCESS_LOG = "accessLog"
    ACCESSES_OF = "accessesOf"
    STATISTICS = "statistics"
    CHANGES = "changes"
    SUBJECT_REQUESTS = "subjectRequests"
    CORRECTIONS = "corrections"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Leave:
    """What one kind of document may load and open, and how its record names that."""

    load: PersonLoad
    disclosure: Disclosure
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One root field of a plan.

    `loads` has a load for every object type that the step can answer with; `groups` are opened for
    every row found, `children` loaded for all rows at once; `fields` is the disclosure as the
    audit record writes it; `counts` says whether the total is asked for, `cursors` whether each
    row's own cursor is, `reaches_log` whether the row rules give the whole access log (there is no
    part of it to give), `counted` which rows statistics may count, `tells` which changes
    the purpose tells of the department's own cases, `reached` which rows of a step that has row
    rules of its own. `leaves` has a leave for each kind of document that the caller's table grants
    whole, `forms` the forms that are asked for.
    """

    key: str
    kind: StepKind
    loads: Mapping[str, PersonLoad]
    groups: tuple[str, ...]
    children: tuple[ChildKind, ...]
    disclosure: Disclosure
    fields: tuple[tuple[str, str, str], ...]
    counts: bool = False
    cursors: bool = False
    reaches_log: bool = False
    counted: frozenset[Scope] = frozenset()
    tells: frozenset[ChangeKind] = frozenset()
    reached: frozenset[Scope] = frozenset()
    leaves: Mapping[str, Leave] = field(default_factory=dict)
    forms: frozenset[str] = frozenset()

    @property
    def load(self) -> PersonLoad:
        """The load of a step that answers with one type only."""
        (load,) = self.loads.values()
        return load


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one operation, in the order of its root fields."""

    steps: tuple[Step, ...]
