"""The Strawberry peer's types: plain attributes where nothing is governed, resolvers elsewhere.

Lists that are always the same are made once.
"""

from datetime import date, timedelta
from enum import Enum

import strawberry

from benchmarks.strawberry_asked import PLACES, Asked, Info, column
from db.person_row import PersonRow
from regulation import divisions
from regulation.entitlement import Answer as Entitled
from regulation.entitlement import entitlements
from regulation.permit import PermitStatus as Status
from regulation.permit import PermitValidity, status
from resolvers.verify import NOTICE


@strawberry.type
class Division:
    """A division."""

    code: str | None
    name: str | None


@strawberry.enum
class EntitlementAnswer(Enum):
    """The answer for one service."""

    YES = "YES"
    NO = "NO"
    NOT_GUARANTEED = "NOT_GUARANTEED"


@strawberry.type
class Service:
    """One of the 27 services."""

    code: str | None
    name: str | None


@strawberry.type
class Entitlement:
    """The answer for one service."""

    of: strawberry.Private[Service]
    given: strawberry.Private[EntitlementAnswer]
    reason: strawberry.Private[str]

    @strawberry.field
    def service(self, info: Info) -> Service | None:
        """The service."""
        info.context.shown("Entitlement.service")
        return self.of

    @strawberry.field
    def answer(self, info: Info) -> EntitlementAnswer | None:
        """The answer."""
        info.context.shown("Entitlement.answer")
        return self.given

    @strawberry.field
    def because(self, info: Info) -> str | None:
        """The reason."""
        info.context.shown("Entitlement.because")
        return self.reason


def _entitlements(*, active: bool) -> list[Entitlement]:
    return [
        Entitlement(
            of=Service(code=item.service.code, name=item.service.zh),
            given=_ANSWERS[item.answer],
            reason=item.because.value,
        )
        for item in entitlements(active=active)
    ]


_ANSWERS = {answer: EntitlementAnswer[answer.name] for answer in Entitled}
_ENTITLEMENTS = {active: _entitlements(active=active) for active in (True, False)}


@strawberry.enum
class PermitStatus(Enum):
    """The status of a permit."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CANCELLED = "CANCELLED"
    PENDING = "PENDING"


_STATUSES = {each: PermitStatus[each.name] for each in Status}


def _state(row: PersonRow, day: date) -> Status:
    cancelled = column(row, "cancelled_on")
    validity = PermitValidity(
        valid_from=date.fromisoformat(column(row, "valid_from") or ""),
        valid_to=date.fromisoformat(column(row, "valid_to") or ""),
        cancelled_on=None if cancelled is None else date.fromisoformat(cancelled),
    )
    return status(validity, day)


@strawberry.type
class Permit:
    """A permit, by its row; its status is worked out once."""

    row: strawberry.Private[PersonRow]
    state: strawberry.Private[Status]

    @strawberry.field
    def active(self, info: Info) -> bool | None:
        """Whether it is active today."""
        shown = info.context.shown("Permit.active")
        return bool(shown(self.state is Status.ACTIVE))

    @strawberry.field
    def number(self, info: Info) -> str | None:
        """The internal number."""
        info.context.shown("Permit.number")
        return column(self.row, "permit_number")

    @strawberry.field
    def status(self, info: Info) -> PermitStatus | None:
        """The status today."""
        info.context.shown("Permit.status")
        return _STATUSES[self.state]

    @strawberry.field
    def issued_on(self, info: Info) -> str | None:
        """The day of issue."""
        info.context.shown("Permit.issuedOn")
        return column(self.row, "issued_on")

    @strawberry.field
    def valid_from(self, info: Info) -> str | None:
        """The first day of validity."""
        info.context.shown("Permit.validFrom")
        return column(self.row, "valid_from")

    @strawberry.field
    def suspended_from(self, info: Info) -> str | None:
        """The first suspended day, where it is suspended."""
        info.context.shown("Permit.suspendedFrom")
        if self.state is not Status.SUSPENDED:
            return None
        last = date.fromisoformat(column(self.row, "valid_to") or "")
        return (last + timedelta(days=1)).isoformat()

    @strawberry.field
    def cancelled_on(self, info: Info) -> str | None:
        """The day of cancellation."""
        info.context.shown("Permit.cancelledOn")
        return column(self.row, "cancelled_on")

    @strawberry.field
    def valid_to(self, info: Info) -> str | None:
        """The last day of validity."""
        info.context.shown("Permit.validTo")
        return column(self.row, "valid_to")

    @strawberry.field
    def entitlements(self, info: Info) -> list[Entitlement] | None:
        """What the permit entitles to."""
        info.context.shown("Permit.entitlements")
        return _ENTITLEMENTS[self.state is Status.ACTIVE]


@strawberry.type
class Residence:
    """A residence, by its row."""

    row: strawberry.Private[PersonRow]

    @strawberry.field
    def division(self, info: Info) -> Division | None:
        """The division of the current address."""
        code = column(self.row, "township") or column(self.row, "county")
        shown = info.context.shown("Residence.division")(code)
        if not isinstance(shown, str):
            return None
        known = divisions.division(shown)
        return Division(code=shown, name=None if known is None else known.zh)

    @strawberry.field
    def registered_on(self, info: Info) -> str | None:
        """The day of registration."""
        info.context.shown("Residence.registeredOn")
        return column(self.row, "registered_on")

    @strawberry.field
    def arrived_on(self, info: Info) -> str | None:
        """The day of arrival."""
        info.context.shown("Residence.arrivedOn")
        return column(self.row, "arrived_on")

    @strawberry.field
    def late(self, info: Info) -> bool | None:
        """Whether it was declared late."""
        info.context.shown("Residence.late")
        return bool(self.row.values[PLACES["late"]])


@strawberry.type
class Person:
    """A person, by their row; the sealed core is opened when a field needs it, once."""

    row: strawberry.Private[PersonRow]
    opened: strawberry.Private[dict[str, object] | None] = None

    def _core(self, asked: Asked) -> dict[str, object]:
        if self.opened is None:
            self.opened = asked.store.vault.open(asked.leave, self.row, "core")
        return self.opened

    @strawberry.field
    def name(self, info: Info) -> str | None:
        """The name as the caller may see it."""
        shown = info.context.shown("Person.name")(self._core(info.context).get("name"))
        return shown if isinstance(shown, str) else None

    @strawberry.field
    def id_number(self, info: Info) -> str | None:
        """The number as the caller may see it."""
        shown = info.context.shown("Person.idNumber")(self._core(info.context).get("idNumber"))
        return shown if isinstance(shown, str) else None

    @strawberry.field
    def residence(self, info: Info) -> Residence | None:
        """The residence."""
        info.context.shown("Person.residence")
        return Residence(row=self.row)

    @strawberry.field
    def permit(self, info: Info) -> Permit | None:
        """The permit."""
        info.context.shown("Person.permit")
        if self.row.values[PLACES["permit"]] is None:
            return None
        return Permit(row=self.row, state=_state(self.row, info.context.facts.day))


@strawberry.type
class PageInfo:
    """About a page."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class PersonConnection:
    """A page of persons."""

    nodes: list[Person] | None
    page_info: PageInfo


@strawberry.enum
class PersonSort(Enum):
    """What to sort by."""

    REGISTERED_ON = "registered_on"
    VALID_TO = "valid_to"


@strawberry.enum
class Direction(Enum):
    """Which way."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.input
class PersonFilter:
    """Conditions."""

    status: list[PermitStatus] | None = None


@strawberry.input
class PersonOrder:
    """One sort key."""

    field: PersonSort
    direction: Direction = Direction.ASC


@strawberry.input
class PresentedPerson:
    """A presented person."""

    id_number: str
    name: str


@strawberry.input
class VerifyRow:
    """One row of `verify`."""

    ref: str
    presented: PresentedPerson


@strawberry.enum
class VerifyAnswer(Enum):
    """Yes or no."""

    YES = "YES"
    NO = "NO"


@strawberry.type
class VerifyRefusal:
    """Why a row could not be verified."""

    code: str | None
    message: str | None


@strawberry.type
class VerifyResult:
    """The answer to one row."""

    row: strawberry.Private[str]
    given: strawberry.Private[VerifyAnswer | None] = None
    day: strawberry.Private[str | None] = None
    refused: strawberry.Private[VerifyRefusal | None] = None

    @strawberry.field
    def ref(self, info: Info) -> str | None:
        """The row's mark."""
        info.context.shown("VerifyResult.ref")
        return self.row

    @strawberry.field
    def answer(self, info: Info) -> VerifyAnswer | None:
        """Yes or no."""
        info.context.shown("VerifyResult.answer")
        return self.given

    @strawberry.field
    def on(self, info: Info) -> str | None:
        """The day."""
        info.context.shown("VerifyResult.on")
        return self.day

    @strawberry.field
    def notice(self, info: Info) -> str | None:
        """What goes with a no."""
        info.context.shown("VerifyResult.notice")
        return NOTICE if self.given is VerifyAnswer.NO else None

    @strawberry.field
    def refusal(self, info: Info) -> VerifyRefusal | None:
        """Why the row could not be verified."""
        info.context.shown("VerifyResult.refusal")
        return self.refused
