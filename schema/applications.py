"""`applications`: the desks' work list of what was filed and is not decided yet."""

from datetime import date
from enum import Enum
from operator import attrgetter

import strawberry

from policies.catalogue import Kind
from policies.permission import Action, Path
from schema.division import Division
from schema.page import PageInfo
from schema.person import Person
from schema.sources import Of, Whole, about, declared, declared_input, told, value


@strawberry.enum(
    description=about("在办申领所处环节。", "Where an open application stands.", article="16、17")
)
class ApplicationState(Enum):
    """The state of an open application; what is decided leaves the list."""

    INCOMPLETE = value(
        "INCOMPLETE",
        "待补齐材料，期限尚未起算。",
        "Waits for its gaps; no clock runs.",
        article="16",
    )
    ACCEPTED = value("ACCEPTED", "已受理，待审核。", "Accepted; to be reviewed.", article="16、17")
    APPROVED = value("APPROVED", "已批准，待发放。", "Approved; to be issued.", article="17")
    IN_PRODUCTION = value(
        "IN_PRODUCTION", "制证中，待发放。", "The card is being made; to be issued.", article="17"
    )


@strawberry.type(
    description=about(
        "一件在办的居住证申领。", "An open application for a permit.", article="15–17"
    )
)
class Application:
    """An application; its value is a `resolvers.records.ApplicationRecord`."""

    id: strawberry.ID | None = declared(
        Of(attrgetter("id")), "全局编号。", "The global id.", kind=Kind.OBJECT
    )
    state: ApplicationState | None = declared(
        Of(attrgetter("state")), "所处环节。", "Where it stands.", article="16、17"
    )
    filed_on: date | None = declared(
        Of(attrgetter("filed_on")), "申领日期。", "The day of filing.", kind=Kind.DATE, article="16"
    )
    accepted_on: date | None = declared(
        Of(attrgetter("accepted_on")),
        "受理日期；未受理为空。",
        "The day of acceptance; null before it.",
        kind=Kind.DATE,
        article="16",
    )
    due_on: date | None = declared(
        Of(attrgetter("due_on")),
        "应当发放的最后一日（受理之日起30日）；未受理为空。",
        "The last day to issue, 30 days from acceptance; null before it.",
        kind=Kind.DATE,
        article="17",
    )
    overdue: bool | None = declared(
        Of(attrgetter("overdue")),
        "是否已超过应当发放之日；逾期仍应发放。",
        "Whether that day has passed; the card is issued all the same.",
        kind=Kind.BOOLEAN,
        article="17",
    )
    due_soon: bool | None = declared(
        Of(attrgetter("due_soon")),
        "是否已受理十五日以上而未逾期。",
        "Whether it was accepted fifteen days ago or more, and is not overdue.",
        kind=Kind.BOOLEAN,
        article="17",
    )
    division: Division | None = declared(
        Of(attrgetter("division")),
        "申领时所在区划。",
        "The division in which it was filed.",
        kind=Kind.DIVISION,
        article="2",
    )
    person: Person | None = declared(
        Of(attrgetter("person")),
        "申领人；已迁出本辖区者为空。",
        "The applicant; null for who has moved to another division since.",
        kind=Kind.OBJECT,
        article="5",
    )


@strawberry.input(
    description=about(
        "筛选条件，须全部满足；每项须有各自的筛选授权。",
        "Conditions that must all hold; each needs its own grant to filter.",
    )
)
class ApplicationFilter:
    """The filter of `applications`."""

    state: list[ApplicationState] | None = declared_input(
        "所处环节。", "Where they stand.", grant=(Path("Application.state"), Action.FILTER)
    )
    due_before: date | None = declared_input(
        "应当发放之日早于此日。",
        "Those to be issued before this day.",
        grant=(Path("Application.dueOn"), Action.FILTER),
    )
    overdue: bool | None = declared_input(
        "是否已逾期（第十七条）。",
        "Whether they are overdue (article 17).",
        grant=(Path("Application.overdue"), Action.FILTER),
    )
    due_soon: bool | None = declared_input(
        "是否将到期（第十七条）。",
        "Whether they are due soon (article 17).",
        grant=(Path("Application.dueSoon"), Action.FILTER),
    )
    township: str | None = declared_input(
        "申领时所在苏木乡镇、街道代码。",
        "The township code of the division in which they were filed.",
        grant=(Path("Application.division"), Action.FILTER),
    )


@strawberry.type(description=about("申领列表的一条边。", "An edge of the list of applications."))
class ApplicationEdge:
    """An edge; its value is the application's."""

    cursor: str = told("cursor", "游标。", "The cursor.")
    node: Application | None = declared(
        Whole(), "申领。", "The application.", kind=Kind.OBJECT, governed=False
    )


@strawberry.type(
    description=about(
        "申领列表的一页，先申领者在前。",
        "A page of the list of applications, the first filed first.",
        article="17",
    )
)
class ApplicationConnection:
    """A page; its value is a `resolvers.records.ListPage`."""

    edges: list[ApplicationEdge] | None = told("records", "边。", "The edges.")
    nodes: list[Application] | None = told("records", "申领。", "The applications.")
    page_info: PageInfo = declared(
        Of(lambda page: page), "翻页信息。", "About the page.", kind=Kind.OBJECT, governed=False
    )
    total_count: int | None = declared(
        Of(lambda page: page.total),
        "符合条件的总数；须有计数授权。",
        "How many match; needs a grant to count.",
        kind=Kind.NUMBER,
        grant=(Path("Query.applications"), Action.COUNT),
    )
