"""What can happen to a person's registration and permit, as dated events.

Each says when something happened and, where it was declared, when. Nothing is ever overwritten
(articles 12, 28, 30): a later event says what is true from then on.

Never: judges an event; that is `regulation.history`.
"""

from dataclasses import dataclass
from datetime import date

from regulation.permit import CancelGround


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """Residence was registered: arrived on one day, declared on another (article 10)."""

    happened_on: date
    reported_on: date
    division: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A change of address was declared (article 19)."""

    happened_on: date
    reported_on: date
    division: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitBrought:
    """A holder came from another league or city of Inner Mongolia and declared it (article 19).

    The permit's dates are those printed on it; with the declaration residence is registered.
    """

    happened_on: date
    reported_on: date
    division: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryPermitHeld:
    """A temporary residence permit (暂住证) of the time before the Measures (article 32)."""

    happened_on: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitIssued:
    """A permit was issued; `valid_to` is the date printed on it (article 17)."""

    happened_on: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsed:
    """A permit was endorsed; `valid_to` is the new date printed on it (article 20)."""

    happened_on: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReplaced:
    """A lost or damaged card was replaced (article 18)."""

    happened_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitCancelled:
    """A permit was cancelled, from this day on (article 23)."""

    happened_on: date
    ground: CancelGround


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationClosed:
    """A registration ended: the person left, died, settled, or it was false."""

    happened_on: date


Event = (
    Registered
    | Moved
    | PermitBrought
    | TemporaryPermitHeld
    | PermitIssued
    | Endorsed
    | CardReplaced
    | PermitCancelled
    | RegistrationClosed
)


_DECLARED = (Registered, Moved, PermitBrought)


def acted_on(event: Event) -> date:
    """Return the day on which the office acted: what was declared counts from its declaration."""
    if isinstance(event, _DECLARED):
        return event.reported_on
    return event.happened_on
