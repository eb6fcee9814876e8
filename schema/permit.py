"""The residence permit as GraphQL sees it: dates, status, entitlements, evidence."""

from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Annotated

import strawberry

from policies.catalogue import Kind
from regulation import permit as rules
from regulation.entitlement import Answer, UnknownServiceError, entitled
from regulation.entitlement import Entitlement as Entitled
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.plan import ChildKind
from schema.node import PERMIT_ID, Node
from schema.service_item import Entitlement, entitlements
from schema.sources import (
    Children,
    Column,
    Derived,
    Moment,
    Of,
    Whole,
    about,
    declared,
    declared_call,
    value,
)

_COUNTY = Column("county")
_ACTIVE = rules.PermitStatus.ACTIVE.name
_SUSPENDED = rules.PermitStatus.SUSPENDED.name
_DATES = (Column("valid_from"), Column("valid_to"), Column("cancelled_on"))


@strawberry.enum(
    description=about(
        "居住证状态：有效、使用功能中止、已注销、尚未生效。",
        "The status of a permit: active, function suspended, cancelled, not yet valid.",
        article="17、20、23",
    )
)
class PermitStatus(Enum):
    """The status of a permit on a day."""

    ACTIVE = value("ACTIVE", "有效。", "Active.", article="17")
    SUSPENDED = value(
        "SUSPENDED",
        "逾期未签注，使用功能中止；补办签注后恢复。",
        "Not endorsed in time, so its function is suspended until it is.",
        article="20",
    )
    CANCELLED = value("CANCELLED", "已注销。", "Cancelled.", article="23")
    PENDING = value(
        "PENDING", "已签发，有效期尚未开始。", "Issued; its validity has not begun.", article="17"
    )


@strawberry.enum(
    description=about("居住证在签注工作中的阶段。", "What a permit asks of a desk.", article="20")
)
class PermitPhase(Enum):
    """What a permit asks of a desk."""

    ENTERING_WINDOW = value(
        "ENTERING_WINDOW",
        "七日之内可以开始签注。",
        "Its window opens within the next seven days.",
        article="20",
    )
    IN_WINDOW = value(
        "IN_WINDOW", "可以签注（期满前30日内）。", "Its window is open.", article="20"
    )
    IN_GRACE = value(
        "IN_GRACE",
        "使用功能中止，尚在30日补办期内（末日逢休息日顺延）。",
        "Its function is suspended, and an endorsement still keeps the clock (30 days, rolled over "
        "days off).",
        article="20",
    )
    LAPSED = value(
        "LAPSED",
        "已过补办期；仍可签注，居住期限重新计算。",
        "The grace is over; it may still be endorsed, and the clock starts again.",
        article="20",
    )


@lru_cache(maxsize=4096)
def validity(
    valid_from: str | None, valid_to: str | None, cancelled_on: str | None
) -> rules.PermitValidity | None:
    """The dates of a permit from the read model's columns; None without a permit.

    Kept by the dates alone: several fields of one permit ask, and many permits share a year.
    """
    if valid_from is None or valid_to is None:
        return None
    return rules.PermitValidity(
        valid_from=date.fromisoformat(valid_from),
        valid_to=date.fromisoformat(valid_to),
        cancelled_on=None if cancelled_on is None else date.fromisoformat(cancelled_on),
    )


@lru_cache(maxsize=4096)
def _status_on(
    day: date, valid_from: str | None, valid_to: str | None, cancelled_on: str | None
) -> str | None:
    """The name of the status on a day, kept like the dates; None without a permit."""
    permit = validity(valid_from, valid_to, cancelled_on)
    return None if permit is None else rules.status(permit, day).name


def _active(moment: Moment, _arguments: dict[str, object], *dates: str | None) -> bool:
    return _status_on(moment.day, *dates) == _ACTIVE


def _status(moment: Moment, _arguments: dict[str, object], *dates: str | None) -> str | None:
    return _status_on(moment.day, *dates)


def _phase(moment: Moment, _arguments: dict[str, object], *dates: str | None) -> str | None:
    permit = validity(*dates)
    phase = None if permit is None else moment.phase(permit)
    return None if phase is None else phase.name


def _suspended_from(
    moment: Moment, _arguments: dict[str, object], *dates: str | None
) -> str | None:
    permit = validity(*dates)
    if permit is None or _status_on(moment.day, *dates) != _SUSPENDED:
        return None
    return rules.suspended_from(permit).isoformat()


def _entitlements(
    moment: Moment, arguments: dict[str, object], county: str | None, *dates: str | None
) -> tuple[Entitled, ...]:
    codes = arguments.get("codes")
    return entitlements(
        active=_active(moment, {}, *dates),
        codes=codes if isinstance(codes, list) else None,
        rolled_out=moment.roll_out.items(county or "", moment.day),
    )


def _entitled(
    moment: Moment, arguments: dict[str, object], county: str | None, *dates: str | None
) -> bool:
    try:
        answer = entitled(
            str(arguments["service"]),
            active=_active(moment, {}, *dates),
            rolled_out=moment.roll_out.items(county or "", moment.day),
        )
    except UnknownServiceError:
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID) from None
    return answer is Answer.YES


@strawberry.type(
    description=about(
        "申领时用以证明所依据条件的材料记录；不含材料原件。",
        "What was shown to prove the condition relied on; never the document itself.",
        article="15",
    )
)
class Evidence:
    """One proof; its value is an opened evidence row."""

    condition: str | None = declared(
        Of(lambda row: row.get("condition"), "evidence"),
        "所依据条件：合法稳定就业、合法稳定住所、连续就读。",
        "The condition: employment, housing or schooling.",
    )
    kind: str | None = declared(
        Of(lambda row: row.get("kind"), "evidence"), "材料种类。", "The kind of proof."
    )
    issuer: str | None = declared(
        Of(lambda row: row.get("issuer"), "evidence"), "出具单位。", "Who issued it."
    )
    presented_on: date | None = declared(
        Of(lambda row: row.get("presentedOn"), "evidence"),
        "出示日期。",
        "The day on which it was shown.",
        kind=Kind.DATE,
    )


@strawberry.type(
    description=about(
        "居住证：一人一证，有效期一年，每年签注一次。",
        "The residence permit: one a person, valid for a year, endorsed each year.",
        article="14、17、20",
    )
)
class Permit(Node):
    """A permit; its record is its holder's."""

    id: strawberry.ID = declared(PERMIT_ID, "全局编号。", "The global id.", kind=Kind.OBJECT)
    number: str | None = declared(
        Column("permit_number"),
        "内部编号（证面不印）。",
        "The internal number (the card prints none).",
    )
    active: bool | None = declared(
        Derived(_DATES, _active),
        "当日是否有效（使用功能未中止、未注销）。",
        "Whether it is active today (neither suspended nor cancelled).",
        kind=Kind.BOOLEAN,
        article="17、20",
    )
    status: PermitStatus | None = declared(
        Derived(_DATES, _status),
        "当日状态。",
        "Its status today.",
        article="17、20、23",
    )
    phase: PermitPhase | None = declared(
        Derived(_DATES, _phase),
        "当日所处签注阶段；无须办理为空。",
        "What it asks of a desk today; null where nothing.",
        article="20",
    )
    # A person has a permit and a permit a holder: this module is imported by the other.
    holder: Annotated["Person", strawberry.lazy("schema.person")] | None = declared(  # type: ignore[name-defined]  # noqa: F821
        Whole(), "持证人。", "The holder.", kind=Kind.OBJECT, article="17"
    )
    issued_on: date | None = declared(
        Column("issued_on"), "签发日期。", "The day of issue.", kind=Kind.DATE, article="17"
    )
    valid_from: date | None = declared(
        Column("valid_from"),
        "有效期起始日。",
        "The first day of validity.",
        kind=Kind.DATE,
        article="17",
    )
    valid_to: date | None = declared(
        Column("valid_to"),
        "有效期最后一日。",
        "The last day of validity.",
        kind=Kind.DATE,
        article="17",
    )
    suspended_from: date | None = declared(
        Derived(_DATES, _suspended_from),
        "使用功能中止的第一日；未中止为空。",
        "The first day on which its function is suspended; null where it is not.",
        kind=Kind.DATE,
        article="20",
    )
    cancelled_on: date | None = declared(
        Column("cancelled_on"),
        "注销日期。",
        "The day of cancellation.",
        kind=Kind.DATE,
        article="23",
    )
    cancel_ground: str | None = declared(
        Column("cancel_ground"), "注销事由。", "The ground of cancellation.", article="23"
    )
    issuing_office: str | None = declared(
        Column("issuing_office"), "签发机关。", "The issuing authority.", article="13"
    )
    evidence: list[Evidence] | None = declared(
        Children(ChildKind.EVIDENCE, None, "evidence"),
        "申领所凭材料的记录。",
        "What was shown for the application.",
        kind=Kind.OBJECT,
        article="15",
    )

    @declared_call(
        Derived((_COUNTY, *_DATES), _entitlements),
        "凭本证享有的二十七项服务与便利；可用 codes 限定。",
        "What the permit entitles to among the 27 services; `codes` narrows them.",
        kind=Kind.OBJECT,
        article="24–26",
    )
    def entitlements(
        self,
        codes: Annotated[
            list[str] | None,
            strawberry.argument(
                description=about("服务代码；空则全部。", "Codes of services; all where absent.")
            ),
        ] = strawberry.UNSET,
    ) -> list[Entitlement] | None:
        """Declared here, read by the plan."""

    @declared_call(
        Derived((_COUNTY, *_DATES), _entitled),
        "凭本证是否享有所指服务；第二十六条所列事项，居住地尚未推行的为否。",
        "Whether the permit entitles to one service; false for those of article 26 that have not "
        "been introduced where the holder lives.",
        kind=Kind.BOOLEAN,
        article="24–26",
    )
    def entitled(
        self,
        service: Annotated[
            str, strawberry.argument(description=about("服务代码。", "The code of the service."))
        ],
    ) -> bool | None:
        """Declared here, read by the plan."""
