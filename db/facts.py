"""What is written about a person, as plain values: a registration, acts, proofs, a photo.

Every value is checked before it comes here (`regulation`). No repr shows one: they are personal
data. No SQL here, and nothing is sealed yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from regulation.id_number import IdNumber
from regulation.permit import CancelGround
from regulation.proceedings import Step


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AtDesk:
    """Who acted at the desk, and in what role somebody came for another (articles 10, 30).

    `note` is what was said in words: reasons, materials. It is sealed. All are empty for what was
    not done at a desk.
    """

    official: str | None = None
    agent: str | None = None
    note: Mapping[str, object] | None = None


NOT_AT_A_DESK = AtDesk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A permit of another league or city of Inner Mongolia, by the dates printed on it (19)."""

    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Registration:
    """A residence registration with the contents of article 11.

    `township` is empty where only the county is known; `sex` is MALE or FEMALE.
    """

    id_number: IdNumber
    name: str
    sex: str
    ethnicity: str
    birth_date: date
    hukou_county: str
    hukou_address: str
    phone: str
    workplace: str
    county: str
    township: str
    address: str
    reason: str
    arrived_on: date
    registered_on: date
    office: str
    brought: Brought | None = None
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Move:
    """A change of address was declared (article 19)."""

    happened_on: date
    reported_on: date
    county: str
    township: str
    address: str
    office: str
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Return:
    """Somebody whose registration was closed registers again (article 10)."""

    happened_on: date
    reported_on: date
    county: str
    township: str
    address: str
    reason: str
    office: str
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Issue:
    """A permit was issued; `valid_to` is the date printed on it (article 17)."""

    happened_on: date
    valid_to: date
    office: str
    desk: AtDesk = NOT_AT_A_DESK
    number: str | None = None
    """The permit's opaque number; a random one where none is given."""
    application: bytes | None = None
    """The application that it answers; None where it came in with an import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorse:
    """A permit was endorsed; `valid_to` is the new date printed on it (article 20)."""

    happened_on: date
    valid_to: date
    office: str
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The community police officer reviewed an endorsement; `found` is a code (article 20)."""

    happened_on: date
    found: str
    office: str
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """A lost or damaged card was replaced (article 18)."""

    happened_on: date
    office: str
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """A permit was cancelled (article 23)."""

    happened_on: date
    ground: CancelGround
    office: str
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """A registration ended."""

    happened_on: date
    office: str
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTemporary:
    """A temporary residence permit of the time before the Measures (article 32)."""

    happened_on: date
    valid_to: date
    office: str
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """A step of an application for a permit (articles 15 to 17); its id is the caller's to make."""

    step: Step
    application: bytes
    happened_on: date
    county: str
    township: str
    office: str
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """The act that gave the file this version was a slip: it counts no more (article 30)."""

    happened_on: date
    voids: int
    office: str
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Identify:
    """A name or a number was corrected (article 28); `name` is empty where it stays.

    `former` is the core as it was: the event keeps it, sealed, and nothing is overwritten.
    """

    happened_on: date
    number: IdNumber
    name: str
    office: str
    former: Mapping[str, object]
    desk: AtDesk = NOT_AT_A_DESK


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Join:
    """A step of a merge or a split, of this file with another; `kind` says which (article 17)."""

    happened_on: date
    kind: str
    other: bytes
    office: str
    desk: AtDesk = NOT_AT_A_DESK


Act = (
    Return
    | Move
    | Apply
    | Issue
    | Reviewed
    | Endorse
    | Replace
    | Cancel
    | Close
    | Void
    | Identify
    | Join
)

PastAct = HoldTemporary | Issue | Endorse | Cancel
"""What an import adds to a person who is stored already, in its place among what happened."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Proof:
    """What was shown for a permit's condition (article 15)."""

    condition: str
    kind: str
    issuer: str
    presented_on: date


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Case:
    """A case that gives the office of `division` access to a person while it is open."""

    number: str
    division: str
    kind: str
    opened_on: date
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person to be stored, with everything that has happened since the registration."""

    registration: Registration
    temporary: HoldTemporary | None = None
    acts: tuple[Act, ...] = ()
    proofs: tuple[Proof, ...] = ()
    cases: tuple[Case, ...] = ()
    photo: bytes | None = field(default=None, repr=False)
