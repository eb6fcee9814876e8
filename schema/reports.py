"""`reports`: the desks' work list of what third parties reported (articles 6 to 9)."""

from datetime import date
from enum import Enum
from operator import attrgetter

import strawberry

from policies.catalogue import Kind
from policies.permission import Action, Path
from schema.act_codes import FindingOfFollowUp, ReportedBy
from schema.division import Division
from schema.page import PageInfo
from schema.sources import Of, Whole, about, declared, declared_input, told, value


@strawberry.enum(
    description=about("第三方报告的跟进状态。", "Whether a report was followed up.", article="6–9")
)
class ReportState(Enum):
    """The state of a follow-up."""

    OPEN = value("OPEN", "待跟进。", "It waits for its follow-up.")
    FOLLOWED_UP = value("FOLLOWED_UP", "已办结。", "It was followed up.")


@strawberry.enum(
    description=about("是否按期报告。", "How a report stands to its limit of days.", article="6–9")
)
class ReportTimeliness(Enum):
    """On time, late, or without a limit; lateness is a mark, and no sanction follows."""

    ON_TIME = value("ON_TIME", "按期。", "On time.", article="6–8")
    LATE = value("LATE", "逾期（仅作标记）。", "Late; a mark without consequence.", article="6–8")
    NO_LIMIT = value("NO_LIMIT", "未定期限。", "There is no limit of days.", article="9")


@strawberry.type(
    description=about(
        "一份第三方报告：只记日期与代码，不记姓名；不登记任何人。",
        "A report by a third party: days and codes, nobody's name; it registers nobody.",
        article="6–9",
    )
)
class Report:
    """A report; its value is a `resolvers.records.ReportRecord`."""

    id: strawberry.ID | None = declared(
        Of(attrgetter("id")), "全局编号。", "The global id.", kind=Kind.OBJECT
    )
    version: int | None = declared(
        Of(attrgetter("version")),
        "版本，供 closeReport 的 expectedVersion。",
        "Its version, for `expectedVersion` of `closeReport`.",
        kind=Kind.NUMBER,
    )
    division: Division | None = declared(
        Of(attrgetter("division")),
        "接收窗口所在区划。",
        "The division of the office that took it.",
        kind=Kind.DIVISION,
    )
    reporter: ReportedBy | None = declared(
        Of(attrgetter("reporter")), "报告人。", "Who reported.", article="6–9"
    )
    event_on: date | None = declared(
        Of(attrgetter("event_on")),
        "招用、成交或起租日期。",
        "The day of the hire, the deal or the start of the lease.",
        kind=Kind.DATE,
        article="6–9",
    )
    learned_on: date | None = declared(
        Of(attrgetter("learned_on")),
        "物业管理机构知悉日期。",
        "The day on which a property manager learned of it.",
        kind=Kind.DATE,
        article="7",
    )
    reported_on: date | None = declared(
        Of(attrgetter("reported_on")),
        "报告日期。",
        "The day of the report.",
        kind=Kind.DATE,
        article="6–9",
    )
    due_on: date | None = declared(
        Of(attrgetter("due_on")),
        "应当报告的最后一日；未定期限为空。",
        "The last day to report; null without a limit.",
        kind=Kind.DATE,
        article="6–9",
    )
    provisional: bool | None = declared(
        Of(attrgetter("provisional")),
        "该日是否因年度放假安排未公布而为暂定。",
        "Whether that day is provisional, as a year's notice on holidays was not out yet.",
        kind=Kind.BOOLEAN,
    )
    timeliness: ReportTimeliness | None = declared(
        Of(attrgetter("timeliness")), "是否按期。", "How it stands to the limit.", article="6–9"
    )
    contents: list[str] | None = declared(
        Of(attrgetter("contents")),
        "所报各项的代码（不含内容）。",
        "Codes of what was reported, without the contents.",
        article="6–9",
    )
    official: str | None = declared(
        Of(attrgetter("official")), "接收人。", "The official who took it."
    )
    state: ReportState | None = declared(
        Of(attrgetter("state")), "跟进状态。", "Whether it was followed up.", article="6–9"
    )
    closed_on: date | None = declared(
        Of(attrgetter("closed_on")),
        "办结日期；待跟进为空。",
        "The day on which the follow-up ended; null while it is open.",
        kind=Kind.DATE,
    )
    finding: FindingOfFollowUp | None = declared(
        Of(attrgetter("finding")), "跟进结果。", "What was found.", article="6–10"
    )


@strawberry.input(
    description=about(
        "筛选条件，须全部满足；每项须有各自的筛选授权。",
        "Conditions that must all hold; each needs its own grant to filter.",
    )
)
class ReportFilter:
    """The filter of `reports`."""

    state: ReportState | None = declared_input(
        "跟进状态；空则待跟进。",
        "Whether they were followed up; those that wait where absent.",
        grant=(Path("Report.state"), Action.FILTER),
    )
    reporter: list[ReportedBy] | None = declared_input(
        "报告人。", "Who reported.", grant=(Path("Report.reporter"), Action.FILTER)
    )
    timeliness: ReportTimeliness | None = declared_input(
        "是否按期。",
        "How they stand to the limit.",
        grant=(Path("Report.timeliness"), Action.FILTER),
    )


@strawberry.type(description=about("第三方报告列表的一条边。", "An edge of the list of reports."))
class ReportEdge:
    """An edge; its value is the report's."""

    cursor: str = told("cursor", "游标。", "The cursor.")
    node: Report | None = declared(
        Whole(), "报告。", "The report.", kind=Kind.OBJECT, governed=False
    )


@strawberry.type(
    description=about(
        "第三方报告列表的一页，先报告者在前。",
        "A page of the list of reports, the first made first.",
        article="6–9",
    )
)
class ReportConnection:
    """A page; its value is a `resolvers.records.ListPage`."""

    edges: list[ReportEdge] | None = told("records", "边。", "The edges.")
    nodes: list[Report] | None = told("records", "报告。", "The reports.")
    page_info: PageInfo = declared(
        Of(lambda page: page), "翻页信息。", "About the page.", kind=Kind.OBJECT, governed=False
    )
    total_count: int | None = declared(
        Of(lambda page: page.total),
        "符合条件的总数；须有计数授权。",
        "How many match; needs a grant to count.",
        kind=Kind.NUMBER,
        grant=(Path("Query.reports"), Action.COUNT),
    )
