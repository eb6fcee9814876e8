"""What a GraphQL field reads, said once where the field is declared.

The planner turns these values into columns, sealed groups and rendering; nothing here runs a
query. A field that declares no source can't be planned and so can't be read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, Literal, TypeVar

import strawberry

from policies.catalogue import Kind
from policies.permission import Action, Path
from regulation.parameters import RECOMMENDED, Readings
from regulation.permit import PermitValidity
from regulation.roll_out import NOWHERE, RollOut
from regulation.work_list import Phase
from resolvers.plan import ChildKind

F = TypeVar("F", bound=Callable[..., object])

METADATA = "juzhu"
"""The key under which a Strawberry field's metadata carries its `Declared`."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a derived value may depend on besides the record: the day and the caller's ids.

    `encode(kind, uuid)` gives the opaque global id of a row for this caller; `phase` says what a
    permit asks of a desk on the day, which takes the calendar; `readings` are those of the day,
    `roll_out` says where items of article 26 have been introduced; `catchments` has the townships
    of the catchment that this request may ask about, by its name.
    """

    day: date
    encode: Callable[[str, bytes], str]
    phase: Callable[[PermitValidity], Phase | None]
    readings: Readings = RECOMMENDED
    roll_out: RollOut = NOWHERE
    catchments: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A plain column of the person's read-model row."""

    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a sealed group."""

    group: Literal["core", "contact", "residence"]
    name: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A pure function of columns, items, the moment and the field's arguments."""

    needs: tuple[Column | Item, ...]
    compute: Callable[..., object]


@dataclass(frozen=True, slots=True)
class Whole:
    """The same record seen as another type; null where the column `present` is null."""

    present: Column | None = None


@dataclass(frozen=True, slots=True)
class Children:
    """Rows that hang on the person, loaded in one statement for all persons of the answer.

    `group` is the sealed group that is opened for `compute`, where the rows themselves are shown.
    """

    kind: ChildKind
    compute: Callable[..., object] | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Of:
    """A pure function of the parent's value, for values that are not rows of a person.

    `group` is the sealed group that the value comes from, where it comes from one.
    """

    compute: Callable[..., object]
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A pure function of the parent's value and the field's arguments, of values as of `Of`."""

    compute: Callable[[Any, Mapping[str, object]], object]


@dataclass(frozen=True, slots=True)
class Root:
    """A field of `Query`; the planner knows it by name."""


Source = Column | Item | Derived | Whole | Children | Of | Asked | Root


@dataclass(frozen=True, slots=True)
class Declared:
    """A field's declaration: what it reads, what kind of value it shows, who governs it.

    `governed` is False for structure that carries no data of its own (connections, edges) and
    for what every authenticated caller may read. `grant` names another path and action where the
    grant does not stand on `Type.field` itself (filters, sorts, totals).
    """

    source: Source | None
    kind: Kind
    governed: bool = True
    grant: tuple[Path, Action] | None = None


def about(zh: str, en: str, *, article: str | None = None) -> str:
    """A bilingual description; `article` is the article of the Measures that it rests on."""
    if article is None:
        return f"{zh}\n\n{en}"
    return f"{zh}（第{article}条）\n\n{en} (article {article})"


def value(name: str, zh: str, en: str, *, article: str | None = None) -> Any:
    """Declare a value of an enum: the member's own value, with its description."""
    return strawberry.enum_value(name, description=about(zh, en, article=article))


def declared(
    source: Source,
    zh: str,
    en: str,
    *,
    kind: Kind = Kind.TEXT,
    article: str | None = None,
    governed: bool = True,
    grant: tuple[Path, Action] | None = None,
    name: str | None = None,
) -> Any:
    """Declare a field: a Strawberry field that carries its `Declared` as metadata."""
    return strawberry.field(
        name=name,
        description=about(zh, en, article=article),
        metadata={METADATA: Declared(source, kind, governed, grant)},
    )


def told(attribute: str, zh: str, en: str) -> Any:
    """Declare an attribute of the parent's value that every caller who reaches it may read."""
    return declared(Of(attrgetter(attribute)), zh, en, kind=Kind.OBJECT, governed=False)


def declared_input(
    zh: str, en: str, *, grant: tuple[Path, Action] | None = None, name: str | None = None
) -> Any:
    """Declare an input field; `grant` is what a caller needs to use it."""
    return strawberry.field(
        name=name,
        description=about(zh, en),
        metadata={METADATA: Declared(None, Kind.OBJECT, grant is not None, grant)},
    )


def declared_call(
    source: Source,
    zh: str,
    en: str,
    *,
    kind: Kind = Kind.TEXT,
    article: str | None = None,
    governed: bool = True,
) -> Callable[[F], F]:
    """Declare a field with arguments: the decorated signature names them, its body never runs."""
    made: Callable[[F], F] = declared(source, zh, en, kind=kind, article=article, governed=governed)
    return made
