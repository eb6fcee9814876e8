"""The tables of statistics as GraphQL shows them: counts of nobody in particular (article 4)."""

from datetime import date
from enum import Enum

import strawberry

from policies.catalogue import Kind
from schema.division import Division
from schema.sources import Of, about, declared, value


@strawberry.enum(
    description=about(
        "登记人员的持证情况：无证，或者居住证的状态。",
        "What a registered person holds: no permit, or one of a status.",
        article="17、20、23",
    )
)
class PermitHolding(Enum):
    """Whether registered persons hold a permit, and of which status."""

    NONE = value(
        "none",
        "无居住证，或者有效期尚未开始。",
        "No permit, or one whose validity has not begun.",
    )
    ACTIVE = value("active", "有效。", "Active.", article="17")
    SUSPENDED = value("suspended", "使用功能中止。", "Its function is suspended.", article="20")
    CANCELLED = value("cancelled", "已注销。", "Cancelled.", article="23")


@strawberry.enum(
    description=about("申领的结果或现状。", "What became of an application.", article="16、17")
)
class ApplicationOutcome(Enum):
    """Where applications stand."""

    INCOMPLETE = value("incomplete", "待补齐材料。", "Waits for materials.", article="16")
    ACCEPTED = value("accepted", "已受理。", "Accepted.", article="16")
    APPROVED = value("approved", "已批准，待签发。", "Approved, to be issued.", article="17")
    IN_PRODUCTION = value("in_production", "制证中。", "The card is being made.", article="17")
    ISSUED = value("issued", "已发证。", "Issued.", article="17")
    REFUSED = value("refused", "不予发证。", "Refused.", article="16、30")
    WITHDRAWN = value("withdrawn", "已撤回。", "Withdrawn.", article="16")


_ZH_COUNT = "取整到十；少于十的及须一并隐去的为空。"
_EN_COUNT = "To the nearest ten; null where below ten, or withheld beside one that is."


@strawberry.type(
    description=about("一个区划的登记人数。", "Registered persons of a division.", article="4")
)
class RegisteredCount:
    """A line; its value is a `resolvers.statistics.Registered`."""

    division: Division | None = declared(
        Of(lambda line: line.division),
        "区划；全市为空。",
        "The division; null for the whole city.",
        kind=Kind.DIVISION,
    )
    persons: int | None = declared(
        Of(lambda line: line.persons), f"人数。{_ZH_COUNT}", _EN_COUNT, kind=Kind.NUMBER
    )


@strawberry.type(
    description=about(
        "一个旗县区登记人员的持证人数。",
        "Registered persons of a county by what they hold.",
        article="4、17",
    )
)
class PermitCount:
    """A line; its value is a `resolvers.statistics.Holding`."""

    division: Division | None = declared(
        Of(lambda line: line.division), "旗县区。", "The county.", kind=Kind.DIVISION
    )
    holding: PermitHolding | None = declared(
        Of(lambda line: PermitHolding(line.holding)),
        "持证情况。",
        "What they hold.",
        kind=Kind.OBJECT,
    )
    persons: int | None = declared(
        Of(lambda line: line.persons), f"人数。{_ZH_COUNT}", _EN_COUNT, kind=Kind.NUMBER
    )


@strawberry.type(
    description=about(
        "一个旗县区一个月的申领件数（按提出月份）。",
        "Applications of a county, by the month in which they were filed.",
        article="4、15–17",
    )
)
class ApplicationCount:
    """A line; its value is a `resolvers.statistics.Applied`."""

    division: Division | None = declared(
        Of(lambda line: line.division),
        "旗县区；全市为空。",
        "The county; null for the whole city.",
        kind=Kind.DIVISION,
    )
    month: str | None = declared(
        Of(lambda line: line.month),
        "提出月份（YYYY-MM）；合计为空。",
        "The month of filing (YYYY-MM); null for all of them.",
    )
    outcome: ApplicationOutcome | None = declared(
        Of(lambda line: None if line.state is None else ApplicationOutcome(line.state)),
        "结果；合计为空。",
        "The outcome; null for all of them.",
        kind=Kind.OBJECT,
    )
    applications: int | None = declared(
        Of(lambda line: line.applications), f"件数。{_ZH_COUNT}", _EN_COUNT, kind=Kind.NUMBER
    )


@strawberry.type(
    description=about(
        "一个旗县区应配备的人口协管员：登记人数每满五百及余数一人。",
        "The population coordinators that a county needs: one for each 500 registered begun.",
        article="4",
    )
)
class CoordinatorCount:
    """A line; its value is a `resolvers.statistics.Staffed`."""

    division: Division | None = declared(
        Of(lambda line: line.division), "旗县区。", "The county.", kind=Kind.DIVISION
    )
    required: int | None = declared(
        Of(lambda line: line.required),
        "应配备人数；登记人数隐去的为空。",
        "How many; null where the county's count is withheld.",
        kind=Kind.NUMBER,
        article="4",
    )


@strawberry.type(
    description=about(
        "固定的统计表，每日一次，只有汇总数，不含任何人。",
        "Fixed tables, counted once a day: aggregates only, and nobody in them.",
        article="4",
    )
)
class Statistics:
    """The tables; their value is a `resolvers.statistics.Tables`."""

    day: date | None = declared(
        Of(lambda tables: tables.day),
        "统计日；当日首次查询时计数，当日不变。",
        "The day: counted when first asked for on it, and the same all day.",
        kind=Kind.DATE,
    )
    registered: list[RegisteredCount] | None = declared(
        Of(lambda tables: tables.registered),
        "登记人数：全市、旗县区、苏木乡镇（街道）。",
        "Registered persons: the city, its counties, their townships.",
        kind=Kind.OBJECT,
        article="4、10",
    )
    permits: list[PermitCount] | None = declared(
        Of(lambda tables: tables.permits),
        "各旗县区登记人员的持证情况。",
        "What the registered persons of each county hold.",
        kind=Kind.OBJECT,
        article="4、17",
    )
    applications: list[ApplicationCount] | None = declared(
        Of(lambda tables: tables.applications),
        "近十二个月的申领，按旗县区、月份、结果。",
        "Applications of the last twelve months by county, month and outcome.",
        kind=Kind.OBJECT,
        article="4、15–17",
    )
    coordinators: list[CoordinatorCount] | None = declared(
        Of(lambda tables: tables.coordinators),
        "各旗县区应配备的人口协管员。",
        "The population coordinators that each county needs.",
        kind=Kind.OBJECT,
        article="4",
    )
