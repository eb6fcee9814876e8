"""What the Strawberry peer hands to its resolvers: the caller, the table of permissions, the store.

Permissions and masks come from a table made once for a role and a purpose; each governed field
looks itself up in it and is noted for the audit record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import strawberry
from strawberry.dataloader import DataLoader

from db.load import Criteria, PersonLoad, ScopeFacts
from db.person_row import PERSON_COLUMNS, PersonRow
from db.sealed import Vault
from keys.ring import KeyRing, Tag
from policies.catalogue import Kind
from policies.permission import Action, Disclosure, Path, Rendering, Scope
from policies.renderings import mask
from policies.table import FieldTable
from resolvers.context import Caller

Shown = Callable[[object], object]

_KINDS = {
    "Person.name": Kind.NAME,
    "Person.idNumber": Kind.ID_NUMBER,
    "Permit.active": Kind.BOOLEAN,
    "Residence.division": Kind.DIVISION,
}
PLACES = {name: place for place, name in enumerate(PERSON_COLUMNS)}


def column(row: PersonRow, name: str) -> str | None:
    """The text in a plain column."""
    value = row.values[PLACES[name]]
    return value if isinstance(value, str) else None


def _plain(value: object) -> object:
    return value


@dataclass(frozen=True, slots=True)
class Grant:
    """How a field is shown, and what the record says where it was."""

    shown: Shown
    mark: tuple[str, str, str]


def grants(table: FieldTable) -> dict[str, Grant]:
    """What is granted of what is asked here, by its name in `GOVERNED`."""
    granted: dict[str, Grant] = {}
    for name, (path, action) in GOVERNED.items():
        decision = table.decide(Path(path), action)
        if not decision.granted:
            continue
        rendering = decision.rendering or Rendering.PLAIN
        kind = _KINDS.get(path)
        plain = rendering is Rendering.PLAIN or kind is None
        shown = _plain if plain or kind is None else mask(rendering, kind)
        granted[name] = Grant(shown, (path, str(action), str(rendering)))
    return granted


class Reads(Protocol):
    """How persons are read: as we do it, or as SQLAlchemy does."""

    async def many(
        self, load: PersonLoad, tags: Sequence[Tag], facts: ScopeFacts
    ) -> dict[Tag, PersonRow]:
        """The persons of these tags."""

    async def page(
        self, load: PersonLoad, criteria: Criteria, facts: ScopeFacts
    ) -> list[PersonRow]:
        """A page of persons."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where persons are read and opened."""

    reads: Reads
    vault: Vault
    ring: KeyRing


@dataclass(slots=True)
class Asked:
    """One request: who asks, what they may see, and what was used of whom."""

    store: Store
    caller: Caller
    scopes: frozenset[Scope]
    grants: Mapping[str, Grant]
    facts: ScopeFacts
    leave: Disclosure
    holders: DataLoader[Tag, PersonRow | None]
    used: dict[tuple[str, str, str], None] = field(default_factory=dict)
    persons: list[bytes] = field(default_factory=list)
    missed: list[bytes] = field(default_factory=list)
    listed: bool = False

    def shown(self, name: str) -> Shown:
        """How a field is shown to this caller; using it is what the record will say.

        Raises:
            PermissionError: it is not granted.
        """
        grant = self.grants.get(name)
        if grant is None:
            raise PermissionError(name)
        self.used[grant.mark] = None
        return grant.shown


Info = strawberry.Info[Asked, None]

_CALLED = ("Query.person", "Query.persons", "Query.verify")
_READ = (
    "Person.name",
    "Person.idNumber",
    "Person.residence",
    "Person.permit",
    "Permit.active",
    "Permit.number",
    "Permit.status",
    "Permit.issuedOn",
    "Permit.validFrom",
    "Permit.validTo",
    "Permit.suspendedFrom",
    "Permit.cancelledOn",
    "Permit.entitlements",
    "Residence.division",
    "Residence.registeredOn",
    "Residence.arrivedOn",
    "Residence.late",
    "Entitlement.service",
    "Entitlement.answer",
    "Entitlement.because",
    "VerifyResult.ref",
    "VerifyResult.answer",
    "VerifyResult.on",
    "VerifyResult.notice",
    "VerifyResult.refusal",
)

GOVERNED: Mapping[str, tuple[str, Action]] = {
    **{path: (path, Action.CALL) for path in _CALLED},
    **{path: (path, Action.READ) for path in _READ},
    "filter by Permit.status": ("Permit.status", Action.FILTER),
    "sort by Permit.validTo": ("Permit.validTo", Action.SORT),
    "sort by Residence.registeredOn": ("Residence.registeredOn", Action.SORT),
}
"""What is looked up in the table of permissions, by the name that resolvers use."""
