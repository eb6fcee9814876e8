"""The roots of the graph. Every field of data is nullable; a refusal nulls nothing beside it."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Annotated

import strawberry
from graphql import GraphQLSchema, print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.base_scalars import DateDefinition

from policies.catalogue import Kind
from resolvers.listing import MOST_ROWS
from schema.access_log import AccessRecordConnection
from schema.applications import ApplicationConnection, ApplicationFilter
from schema.changes import ChangeConnection
from schema.corrections import CorrectionConnection, CorrectionFilter
from schema.division import Division
from schema.mutation import Mutation
from schema.node import Node
from schema.permit import Permit
from schema.permits import PermitConnection, PermitFilter
from schema.person import Person
from schema.persons import PersonConnection, PersonFilter, PersonOrder
from schema.printed import DocumentKind, PrintedDocument
from schema.register import Department, Purpose, Viewer
from schema.reports import ReportConnection, ReportFilter
from schema.service_item import Service
from schema.sources import Root, about, declared, declared_call
from schema.statistics import Statistics
from schema.subject_requests import SubjectRequestConnection
from schema.verification import PresentedPerson, VerifyResult, VerifyRow

_First = Annotated[
    int,
    strawberry.argument(
        description=about(f"每页条数，1–{MOST_ROWS}。", f"Rows a page, 1 to {MOST_ROWS}.")
    ),
]
_After = Annotated[
    str | None,
    strawberry.argument(
        description=about("上一页的 endCursor。", "The previous page's endCursor.")
    ),
]


@strawberry.type(description=about("查询。", "Queries."))
class Query:
    """The query root; each field is a step of a plan."""

    viewer: Viewer | None = declared(
        Root(),
        "本次请求的调用方、目的与策略版本。",
        "Who is asking, for what, under which policy revision.",
        kind=Kind.OBJECT,
        governed=False,
    )
    departments: list[Department] | None = declared(
        Root(),
        "现行部门目录。",
        "The departments of today.",
        kind=Kind.OBJECT,
        governed=False,
    )
    purposes: list[Purpose] | None = declared(
        Root(),
        "本调用方可用的查询目的。",
        "The purposes that this caller may name.",
        kind=Kind.OBJECT,
        governed=False,
    )

    @declared_call(
        Root(),
        "第二十四至二十六条所列服务与便利。",
        "The services and conveniences of articles 24–26.",
        kind=Kind.OBJECT,
        governed=False,
        article="24–26",
    )
    def services(
        self,
        article: Annotated[
            str | None,
            strawberry.argument(
                description=about("条款，如 24 或 25(3)。", "An article such as 24 or 25(3).")
            ),
        ] = strawberry.UNSET,
    ) -> list[Service] | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "本市旗县区及其苏木乡镇、街道。",
        "The counties of the city and their townships.",
        kind=Kind.OBJECT,
        governed=False,
    )
    def divisions(
        self,
        within: Annotated[
            str | None,
            strawberry.argument(
                description=about(
                    "旗县区代码；空则列旗县区。", "A county's code; the counties where absent."
                )
            ),
        ] = strawberry.UNSET,
    ) -> list[Division] | None:
        """Declared here, read by the plan."""

    statistics: Statistics | None = declared(
        Root(),
        "统计表：固定、每日一次、只有汇总数；少于十的隐去。",
        "Tables of statistics: fixed, once a day, aggregates only; counts below ten are withheld.",
        kind=Kind.OBJECT,
        article="4",
    )

    @declared_call(
        Root(),
        "按公民身份号码与姓名（须一致）查一人。查无、姓名不符、中止、注销：一律为空。",
        "One person by ID number and name, which must belong together. Unknown, another name, "
        "suspended, cancelled: one and the same null.",
        kind=Kind.OBJECT,
        article="28",
    )
    def person(
        self,
        id_number: Annotated[
            str,
            strawberry.argument(
                description=about("18位公民身份号码。", "The citizen ID number of 18 places.")
            ),
        ],
        name: Annotated[str, strawberry.argument(description=about("姓名。", "The name."))],
    ) -> Person | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "按居住证内部编号查一证（仅窗口与民警）。",
        "One permit by its internal number (desks only).",
        kind=Kind.OBJECT,
        article="17",
    )
    def permit(
        self,
        number: Annotated[
            str, strawberry.argument(description=about("内部编号。", "The internal number."))
        ],
    ) -> Permit | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "核验所出示的人，每次至多1000行，逐行答复、逐人记录。",
        "Verify presented persons, at most 1,000 rows a call; one answer a row, one record a "
        "person.",
        kind=Kind.OBJECT,
        article="24–26、28",
    )
    def verify(
        self,
        rows: Annotated[
            list[VerifyRow],
            strawberry.argument(description=about("1–1000行。", "1 to 1,000 rows.")),
        ],
    ) -> list[VerifyResult] | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "本辖区人员列表（仅窗口与民警）。",
        "The persons of one's division (desks only).",
        kind=Kind.OBJECT,
        article="5",
    )
    def persons(
        self,
        filter: Annotated[  # noqa: A002 — the argument's name in the graph
            PersonFilter | None,
            strawberry.argument(description=about("筛选。", "The filter.")),
        ] = strawberry.UNSET,
        order_by: Annotated[
            list[PersonOrder] | None,
            strawberry.argument(description=about("排序。", "The order.")),
        ] = strawberry.UNSET,
        first: _First = 50,
        after: _After = strawberry.UNSET,
    ) -> PersonConnection | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "本辖区居住证列表，先到期者在前：将可签注、可签注、补办期内、已过补办期（仅窗口与民警）。",
        "The permits of one's division, the first to expire first: entering their window, in it, "
        "in grace, lapsed (desks only).",
        kind=Kind.OBJECT,
        article="5、20",
    )
    def permits(
        self,
        filter: Annotated[  # noqa: A002 — the argument's name in the graph
            PermitFilter | None,
            strawberry.argument(description=about("筛选。", "The filter.")),
        ] = strawberry.UNSET,
        first: _First = 50,
        after: _After = strawberry.UNSET,
    ) -> PermitConnection | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "本人就其个人信息的请求，期限近者在前（仅窗口）。",
        "Requests about one's own data, the most urgent first (desks only).",
        kind=Kind.OBJECT,
        article="28",
    )
    def subject_requests(
        self,
        open: Annotated[  # noqa: A002 — the argument's name in the graph
            bool | None,
            strawberry.argument(
                description=about(
                    "真：只列未办结；假：只列已办结；空：全部。",
                    "True: those that wait; false: those that ended; all where absent.",
                )
            ),
        ] = strawberry.UNSET,
        first: _First = 50,
        after: _After = strawberry.UNSET,
    ) -> SubjectRequestConnection | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "更正请求，期限近者在前：窗口所见为本辖区的与尚未确定何人的，部门所见为本案本部门所提的。",
        "Requests for corrections, the most urgent first: a desk sees its division's and "
        "those that nobody is matched to, a department its own of the request's case.",
        kind=Kind.OBJECT,
        article="28、30",
    )
    def corrections(
        self,
        filter: Annotated[  # noqa: A002 — the argument's name in the graph
            CorrectionFilter | None,
            strawberry.argument(description=about("筛选。", "The filter.")),
        ] = strawberry.UNSET,
        first: _First = 50,
        after: _After = strawberry.UNSET,
    ) -> CorrectionConnection | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "本辖区在办申领列表：待补齐、已受理、已批准，将到期与已逾期（仅窗口与民警）。",
        "The open applications of one's division: incomplete, accepted, approved; due soon and "
        "overdue (desks only).",
        kind=Kind.OBJECT,
        article="5、16、17",
    )
    def applications(
        self,
        filter: Annotated[  # noqa: A002 — the argument's name in the graph
            ApplicationFilter | None,
            strawberry.argument(description=about("筛选。", "The filter.")),
        ] = strawberry.UNSET,
        first: _First = 50,
        after: _After = strawberry.UNSET,
    ) -> ApplicationConnection | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "本辖区第三方报告列表，先报告者在前（仅窗口与民警）。",
        "The reports of third parties in one's division, the first made first (desks only).",
        kind=Kind.OBJECT,
        article="5–9",
    )
    def reports(
        self,
        filter: Annotated[  # noqa: A002 — the argument's name in the graph
            ReportFilter | None,
            strawberry.argument(description=about("筛选。", "The filter.")),
        ] = strawberry.UNSET,
        first: _First = 50,
        after: _After = strawberry.UNSET,
    ) -> ReportConnection | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "打印在办案件所涉之人的一份文书（HTML 与 PDF）；字体缺字即停，并指出该字。",
        "Print a document for the person of one's open case (HTML and PDF). A character that no "
        "font has stops it and is named.",
        kind=Kind.OBJECT,
        article="13、16、17、30",
    )
    def document(
        self,
        kind: Annotated[
            DocumentKind, strawberry.argument(description=about("文书种类。", "Which document."))
        ],
        person: Annotated[
            PresentedPerson,
            strawberry.argument(description=about("所出示的人。", "The person presented.")),
        ],
    ) -> PrintedDocument | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "按全局编号取对象；不可见与不存在同样为空。",
        "An object by its global id; what may not be seen is null like what does not exist.",
        kind=Kind.OBJECT,
    )
    def node(
        self,
        id: Annotated[  # noqa: A002 — the argument's name in the graph
            strawberry.ID, strawberry.argument(description=about("全局编号。", "The global id."))
        ],
    ) -> Node | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "查询记录，由近及远（仅审计）；读取本身也被记录。",
        "The audit log, latest first (auditors only); reading it is recorded.",
        kind=Kind.OBJECT,
        article="28、30",
    )
    def access_log(
        self, first: _First = 50, after: _After = strawberry.UNSET
    ) -> AccessRecordConnection | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "何人何时因何查询过此人（仅审计）。person 为化名或18位公民身份号码。",
        "Who looked up this person, when and why (auditors only). `person` is a pseudonym or a "
        "citizen ID number of 18 places.",
        kind=Kind.OBJECT,
        article="28、30",
    )
    def accesses_of(
        self,
        person: Annotated[
            strawberry.ID,
            strawberry.argument(
                description=about("化名或公民身份号码。", "A pseudonym or a citizen ID number.")
            ),
        ],
        first: _First = 50,
        after: _After = strawberry.UNSET,
    ) -> AccessRecordConnection | None:
        """Declared here, read by the plan."""

    @declared_call(
        Root(),
        "本部门所跟踪案件的变化，由先到后。请求写明案号则只列该案。",
        "What has changed of the cases that the department follows, oldest first; of one case "
        "where the request names it.",
        kind=Kind.OBJECT,
        article="28",
    )
    def changes(
        self, first: _First = 50, after: _After = strawberry.UNSET
    ) -> ChangeConnection | None:
        """Declared here, read by the plan."""


@cache
def full_schema() -> strawberry.Schema:
    """The one Strawberry schema; every caller's view is a part of it. Made once in a process."""
    dates = replace(
        DateDefinition,
        description=about(
            "日期，YYYY-MM-DD，按北京时间（Asia/Shanghai）的日历日。",
            "A day, YYYY-MM-DD, of the calendar in Asia/Shanghai.",
        ),
    )
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=[Person, Permit],
        config=StrawberryConfig(scalar_map={date: dates}),
    )


def graph(schema: strawberry.Schema) -> GraphQLSchema:
    """The graphql-core schema behind a Strawberry schema."""
    return schema._schema  # noqa: SLF001 — Strawberry hands it out under no public name


def printed_schema() -> str:
    """The whole schema in SDL, as schema/schema.graphql holds it."""
    return print_schema(graph(full_schema())) + "\n"
