"""What an active permit entitles to, service by service (articles 24 to 26).

A no means: not by virtue of the permit. Some services (compulsory education, equal work) exist
without one; nothing here says that they may be refused. Article 26 is a programme, so its items are
answered "not guaranteed" and never yes (reading R27).

Never: looks at a person; whether the permit is active is handed over.
"""

from dataclasses import dataclass
from enum import StrEnum

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


def _with_permit(service: Service) -> Entitlement:
    if service.guaranteed:
        return Entitlement(service, Answer.YES, Because.ACTIVE_PERMIT)
    return Entitlement(service, Answer.NOT_GUARANTEED, Because.NOT_GUARANTEED_ART_26)


# Worked out once: a request asks for these again and again.
_ACTIVE = tuple(_with_permit(service) for service in SERVICES)
_INACTIVE = tuple(Entitlement(service, Answer.NO, Because.NO_ACTIVE_PERMIT) for service in SERVICES)
_ANSWERS = {
    True: {item.service.code: item.answer for item in _ACTIVE},
    False: {item.service.code: item.answer for item in _INACTIVE},
}


def entitlements(*, active: bool) -> tuple[Entitlement, ...]:
    """Return the answers for all 27 services, in the order of the articles."""
    return _ACTIVE if active else _INACTIVE


def entitled(code: str, *, active: bool) -> Answer:
    """Return the answer for the service with this code."""
    answer = _ANSWERS[active].get(code)
    if answer is None:
        raise UnknownServiceError
    return answer
