"""`permits`: the desks' work list of endorsements, by the last day of validity."""

import strawberry

from policies.catalogue import Kind
from policies.permission import Action, Path
from schema.page import PageInfo
from schema.permit import Permit, PermitPhase
from schema.persons import DateRange
from schema.sources import Of, Whole, about, declared, declared_input, told


@strawberry.input(
    description=about(
        "筛选条件，须全部满足；每项须有各自的筛选授权。",
        "Conditions that must all hold; each needs its own grant to filter.",
    )
)
class PermitFilter:
    """The filter of `permits`."""

    phase: PermitPhase | None = declared_input(
        "当日所处签注阶段；空则列未注销者。",
        "What it asks of a desk today; all that are not cancelled where absent.",
        grant=(Path("Permit.phase"), Action.FILTER),
    )
    valid_to: DateRange | None = declared_input(
        "有效期最后一日。",
        "The permit's last day of validity.",
        grant=(Path("Permit.validTo"), Action.FILTER),
    )
    county: str | None = declared_input(
        "持证人现居住旗县区代码。",
        "The county code of the holder's current address.",
        grant=(Path("Residence.division"), Action.FILTER),
    )
    township: str | None = declared_input(
        "持证人现居住苏木乡镇、街道代码。",
        "The township code of the holder's current address.",
        grant=(Path("Residence.division"), Action.FILTER),
    )


@strawberry.type(description=about("居住证列表的一条边。", "An edge of the list of permits."))
class PermitEdge:
    """An edge; its record is the holder's."""

    cursor: str = told("cursor", "游标。", "The cursor.")
    node: Permit | None = declared(
        Whole(), "居住证。", "The permit.", kind=Kind.OBJECT, governed=False
    )


@strawberry.type(
    description=about(
        "居住证列表的一页，先到期者在前。",
        "A page of the list of permits, the first to expire first.",
        article="20",
    )
)
class PermitConnection:
    """A page; its value is a `resolvers.records.PersonPage`."""

    edges: list[PermitEdge] | None = told("records", "边。", "The edges.")
    nodes: list[Permit] | None = told("records", "居住证。", "The permits.")
    page_info: PageInfo = declared(
        Of(lambda page: page), "翻页信息。", "About the page.", kind=Kind.OBJECT, governed=False
    )
    total_count: int | None = declared(
        Of(lambda page: page.total),
        "符合条件的总数；须有计数授权。",
        "How many match; needs a grant to count.",
        kind=Kind.NUMBER,
        grant=(Path("Query.permits"), Action.COUNT),
    )
