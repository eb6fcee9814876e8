"""Residence as GraphQL sees it: the registration, the current address, the clock."""

from datetime import date
from typing import Annotated

import strawberry

from policies.catalogue import Kind
from regulation import divisions
from regulation.residence import continuous_at_least
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.plan import ChildKind
from schema.division import Division
from schema.sources import (
    Children,
    Column,
    Derived,
    Item,
    Moment,
    Of,
    about,
    declared,
    declared_call,
)

_PLACE = (Column("county"), Column("township"))
_MOST_MONTHS = 1200


def _division(
    _moment: Moment, _arguments: dict[str, object], county: str, township: str | None
) -> str:
    return township or county


def _within(
    _moment: Moment, arguments: dict[str, object], county: str, township: str | None
) -> bool:
    code = str(arguments["division"])
    if divisions.division(code) is None:
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
    return divisions.within(township or county, code)


def _continuous(
    moment: Moment, arguments: dict[str, object], clock_start: str | None
) -> bool | None:
    months = arguments["months"]
    if not isinstance(months, int) or not 0 < months <= _MOST_MONTHS:
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
    if clock_start is None:
        return False
    return continuous_at_least(
        date.fromisoformat(clock_start), months=months, day=moment.day, readings=moment.readings
    )


@strawberry.type(
    description=about(
        "一段居住地址；历史地址仅供人口管理使用。",
        "A period at one address; the history serves population management only.",
        article="12、19",
    )
)
class AddressPeriod:
    """One address period; its value is an opened period row."""

    division: Division | None = declared(
        Of(lambda row: row["township"] or row["county"]),
        "所在区划。",
        "The division.",
        kind=Kind.DIVISION,
    )
    address: str | None = declared(
        Of(lambda row: row["address"], "residence"), "地址。", "The address.", kind=Kind.ADDRESS
    )
    from_: date | None = declared(
        Of(lambda row: row["from"]),
        "起始日期。",
        "The first day at this address.",
        name="from",
        kind=Kind.DATE,
    )
    changed_on: date | None = declared(
        Of(lambda row: row["changedOn"]),
        "变更日期；现居住地为空。",
        "The day on which it was changed; null for the current address.",
        kind=Kind.DATE,
    )


@strawberry.type(
    description=about(
        "居住登记及居住期限。",
        "The residence registration and the residence clock.",
        article="10、11、19",
    )
)
class Residence:
    """A person's residence; its record is the person's."""

    division: Division | None = declared(
        Derived(_PLACE, _division),
        "现居住地所在旗县区或苏木乡镇、街道。",
        "The division of the current address.",
        kind=Kind.DIVISION,
        article="11",
    )
    address: str | None = declared(
        Item("residence", "address"),
        "现居住地住址。",
        "The current address.",
        kind=Kind.ADDRESS,
        article="11",
    )
    registered_on: date | None = declared(
        Column("registered_on"),
        "居住登记日期。",
        "The day of registration.",
        kind=Kind.DATE,
        article="10",
    )
    arrived_on: date | None = declared(
        Column("arrived_on"), "到达日期。", "The day of arrival.", kind=Kind.DATE, article="10"
    )
    reason: str | None = declared(
        Column("reason"), "居住事由。", "The reason for residence.", article="11"
    )
    late: bool | None = declared(
        Derived((Column("late"),), lambda _moment, _arguments, late: bool(late)),
        "是否逾期登记（仅作标记，不影响权益）。",
        "Whether the registration was late (a mark without consequence).",
        kind=Kind.BOOLEAN,
        article="10",
    )
    clock_start: date | None = declared(
        Column("clock_start"),
        "居住期限起算日。",
        "The day from which the period of residence counts.",
        kind=Kind.DATE,
        article="19、20",
    )
    history: list[AddressPeriod] | None = declared(
        Children(ChildKind.PERIODS),
        "历次居住地址，由近及远。",
        "The address periods, latest first.",
        kind=Kind.OBJECT,
        article="12",
    )

    @declared_call(
        Derived((Column("clock_start"),), _continuous),
        "至今连续居住是否已满所给月数。",
        "Whether residence has been continuous for so many months.",
        kind=Kind.BOOLEAN,
        article="2、19、20",
    )
    def continuous_at_least(
        self,
        months: Annotated[
            int, strawberry.argument(description=about("月数（1–1200）。", "Months, 1 to 1200."))
        ],
    ) -> bool | None:
        """Declared here, read by the plan."""

    @declared_call(
        Derived(_PLACE, _within),
        "现居住地是否在所给区划之内。",
        "Whether the current address lies within a division.",
        kind=Kind.BOOLEAN,
        article="11",
    )
    def within(
        self,
        division: Annotated[
            str,
            strawberry.argument(
                description=about("6位或9位区划代码。", "A division's code of 6 or 9 digits.")
            ),
        ],
    ) -> bool | None:
        """Declared here, read by the plan."""
