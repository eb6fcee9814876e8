"""What an active permit entitles to, service by service (articles 24 to 26).

A no means: not by virtue of the permit. Some services (compulsory education, equal work) exist
without one; nothing here says that they may be refused. Article 26 is a programme, so its items are
answered "not guaranteed", and yes only where the city has introduced them (reading R27).

Never: looks at a person; whether the permit is active is handed over.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from regulation.services import SERVICES, Service


class Answer(StrEnum):
    """The answer for one service."""

    YES = "yes"
    NO = "no"
    NOT_GUARANTEED = "not_guaranteed"


class Because(StrEnum):
    """The reason of an answer. Without an active permit it is one and the same (R28)."""

    ACTIVE_PERMIT = "ACTIVE_PERMIT"
    NO_ACTIVE_PERMIT = "NO_ACTIVE_PERMIT"
    NOT_GUARANTEED_ART_26 = "NOT_GUARANTEED_ART_26"
    ROLLED_OUT_ART_26 = "ROLLED_OUT_ART_26"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One service, the answer and its reason."""

    service: Service
    answer: Answer
    because: Because


class UnknownServiceError(LookupError):
    """The code names none of the 27 services."""

    def __init__(self) -> None:
        super().__init__("no service has this code: take one of those that `services` lists")


def _with_permit(service: Service, rolled_out: frozenset[str]) -> Entitlement:
    if service.guaranteed:
        return Entitlement(service, Answer.YES, Because.ACTIVE_PERMIT)
    if service.code in rolled_out:
        return Entitlement(service, Answer.YES, Because.ROLLED_OUT_ART_26)
    return Entitlement(service, Answer.NOT_GUARANTEED, Because.NOT_GUARANTEED_ART_26)


_NOTHING = frozenset[str]()
_INACTIVE = tuple(Entitlement(service, Answer.NO, Because.NO_ACTIVE_PERMIT) for service in SERVICES)


@cache
def _active(rolled_out: frozenset[str]) -> tuple[Entitlement, ...]:
    # A request asks again and again, and a county's roll-out changes with a decision of the city.
    return tuple(_with_permit(service, rolled_out) for service in SERVICES)


@cache
def _answers(rolled_out: frozenset[str]) -> dict[str, Answer]:
    return {item.service.code: item.answer for item in _active(rolled_out)}


def entitlements(*, active: bool, rolled_out: frozenset[str] = _NOTHING) -> tuple[Entitlement, ...]:
    """Return the answers for all 27 services, in the order of the articles.

    `rolled_out` holds the items of article 26 introduced where and when it matters
    (`regulation.roll_out`).
    """
    return _active(rolled_out) if active else _INACTIVE


def entitled(code: str, *, active: bool, rolled_out: frozenset[str] = _NOTHING) -> Answer:
    """Return the answer for the service with this code."""
    answer = _answers(rolled_out).get(code)
    if answer is None:
        raise UnknownServiceError
    return answer if active else Answer.NO
