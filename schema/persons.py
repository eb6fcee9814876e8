"""`persons`: the desks' list with its filter, its order and its pages."""

from datetime import date
from enum import Enum

import strawberry

from policies.catalogue import Kind
from policies.permission import Action, Path
from schema.page import PageInfo
from schema.permit import PermitStatus
from schema.person import Person
from schema.sources import (
    METADATA,
    Declared,
    Of,
    Whole,
    about,
    declared,
    declared_input,
    told,
    value,
)


@strawberry.input(description=about("日期范围，首尾均含。", "A range of days, both ends included."))
class DateRange:
    """A range of days."""

    from_: date | None = declared_input("起。", "The first day.", name="from")
    to: date | None = declared_input("止。", "The last day.")


@strawberry.input(
    description=about(
        "筛选条件，须全部满足；每项须有各自的筛选授权。",
        "Conditions that must all hold; each needs its own grant to filter.",
    )
)
class PersonFilter:
    """The filter of `persons`."""

    id_number: str | None = declared_input(
        "公民身份号码（精确）。",
        "The citizen ID number (exact).",
        grant=(Path("Person.idNumber"), Action.FILTER),
    )
    name: str | None = declared_input(
        "姓名（精确，曾用名亦可）；须与 birthDate 同时给出，每页至多10人。",
        "The name (exact, a former one too); only together with `birthDate`, at most 10 persons a "
        "page.",
        grant=(Path("Person.name"), Action.FILTER),
    )
    birth_date: date | None = declared_input(
        "出生日期（精确）；须与 name 同时给出。",
        "The date of birth (exact); only together with `name`.",
        grant=(Path("Person.name"), Action.FILTER),
    )
    county: str | None = declared_input(
        "现居住旗县区代码。",
        "The county code of the current address.",
        grant=(Path("Residence.division"), Action.FILTER),
    )
    township: str | None = declared_input(
        "现居住苏木乡镇、街道代码。",
        "The township code of the current address.",
        grant=(Path("Residence.division"), Action.FILTER),
    )
    status: list[PermitStatus] | None = declared_input(
        "居住证当日状态。",
        "The permit's status today.",
        grant=(Path("Permit.status"), Action.FILTER),
    )
    valid_to: DateRange | None = declared_input(
        "有效期最后一日。",
        "The permit's last day of validity.",
        grant=(Path("Permit.validTo"), Action.FILTER),
    )
    registered_on: DateRange | None = declared_input(
        "居住登记日期。",
        "The day of registration.",
        grant=(Path("Residence.registeredOn"), Action.FILTER),
    )
    late: bool | None = declared_input(
        "是否逾期登记（第十条）。",
        "Whether the registration was late (article 10).",
        grant=(Path("Residence.late"), Action.FILTER),
    )


@strawberry.enum(description=about("可排序的字段。", "What `persons` can be sorted by."))
class PersonSort(Enum):
    """A sort key of `persons`."""

    REGISTERED_ON = value(
        "REGISTERED_ON", "居住登记日期。", "The day of registration.", article="10"
    )
    VALID_TO = value(
        "VALID_TO", "有效期最后一日。", "The permit's last day of validity.", article="17"
    )


SORT_GRANTS = {
    PersonSort.REGISTERED_ON: (Path("Residence.registeredOn"), Action.SORT),
    PersonSort.VALID_TO: (Path("Permit.validTo"), Action.SORT),
}
"""What a caller needs to sort by a key; the view drops the keys that it may not use."""


@strawberry.enum(description=about("排序方向。", "The direction of a sort."))
class Direction(Enum):
    """A direction."""

    ASC = value("ASC", "由早到晚。", "Earliest first.")
    DESC = value("DESC", "由晚到早。", "Latest first.")


@strawberry.input(description=about("一个排序键。", "One sort key."))
class PersonOrder:
    """One sort key of `persons`."""

    field: PersonSort = declared_input("字段。", "What to sort by.")
    direction: Direction = strawberry.field(
        default=Direction.ASC,
        description=about("方向。", "The direction."),
        metadata={METADATA: Declared(None, Kind.OBJECT, governed=False)},
    )


@strawberry.type(description=about("人员列表的一条边。", "An edge of the list of persons."))
class PersonEdge:
    """An edge; its record is the person's."""

    cursor: str = told("cursor", "游标。", "The cursor.")
    node: Person | None = declared(
        Whole(), "人员。", "The person.", kind=Kind.OBJECT, governed=False
    )


@strawberry.type(description=about("人员列表的一页。", "A page of the list of persons."))
class PersonConnection:
    """A page; its value is a `resolvers.records.PersonPage`."""

    edges: list[PersonEdge] | None = told("records", "边。", "The edges.")
    nodes: list[Person] | None = told("records", "人员。", "The persons.")
    page_info: PageInfo = declared(
        Of(lambda page: page), "翻页信息。", "About the page.", kind=Kind.OBJECT, governed=False
    )
    total_count: int | None = declared(
        Of(lambda page: page.total),
        "符合条件的总数；须有计数授权。",
        "How many match; needs a grant to count.",
        kind=Kind.NUMBER,
        grant=(Path("Query.persons"), Action.COUNT),
    )
