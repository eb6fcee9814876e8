"""`corrections`: what departments ask to have corrected, for the desks and for themselves.

What the desks decide and what a department is told of it are fields of their own, with grants of
their own (articles 28 and 30).
"""

from datetime import date
from enum import Enum
from operator import attrgetter
from typing import Any

import strawberry

from policies.catalogue import Kind
from policies.permission import Action, Path
from schema.act_codes import CorrectionRow, GroundOfCorrection, RulingOnCorrection
from schema.division import Division
from schema.page import PageInfo
from schema.sources import Of, about, declared, declared_input, told, value


@strawberry.enum(
    description=about(
        "部门所提更正请求的告知状态；何人、何时、因何办结不予告知。",
        "What a department is told of its request; who decided, when and why is not.",
        article="28",
    )
)
class CorrectionState(Enum):
    """What the department that asked is told."""

    OPEN = value("OPEN", "期限未满。", "Its last day has not passed.")
    CHANGED = value(
        "CHANGED",
        "已有更正，请重新核验。",
        "A correction was made: verify again.",
    )
    STANDS = value(
        "STANDS", "期限已满，原答复不变。", "Its last day has passed: the answer stands."
    )


@strawberry.enum(description=about("更正请求的办理状态。", "How a request stands at the desks."))
class CorrectionStatus(Enum):
    """How a request stands."""

    OPEN = value("OPEN", "待办。", "It waits for its decision.")
    ENTERED = value(
        "ENTERED",
        "已填报决定，待另一名经办人核准。",
        "A decision is entered that another official must confirm.",
    )
    DECIDED = value("DECIDED", "已办结。", "Decided.")


def _item(
    name: str, zh: str, en: str, *, kind: Kind = Kind.OBJECT, group: str | None = None
) -> Any:
    return declared(Of(attrgetter(name), group), zh, en, kind=kind)


@strawberry.type(
    description=about(
        "部门就其所得答复提出的更正请求（校核纠错）。",
        "A department's request to correct an answer that it was given.",
        article="28、30",
    )
)
class Correction:
    """A request; its value is a `resolvers.corrections.CorrectionRecord`."""

    id: strawberry.ID | None = _item("id", "全局编号。", "The global id.")
    index: int | None = _item(
        "index",
        "所指答复的审计序号（extensions.audit.index）。",
        "The index of the answer's record (extensions.audit.index).",
        kind=Kind.NUMBER,
    )
    row: CorrectionRow | None = _item("row", "所指的行。", "Which rows the position counts.")
    position: int | None = _item("position", "第几。", "The position.", kind=Kind.NUMBER)
    field: str | None = _item("path", "所指字段。", "The field that it points at.")
    requested_on: date | None = _item(
        "requested_on", "提出日。", "The day of the request.", kind=Kind.DATE
    )
    due_on: date | None = _item(
        "due_on", "办理期限。", "The last day to decide it.", kind=Kind.DATE
    )
    state: CorrectionState | None = _item(
        "state", "告知本部门的状态。", "What the department is told."
    )
    version: int | None = _item(
        "version",
        "版本，供 decideCorrection 的 expectedVersion。",
        "The version, for `expectedVersion` of `decideCorrection`.",
        kind=Kind.NUMBER,
    )
    department: str | None = _item(
        "department", "提出部门的代码。", "The code of the department that asks."
    )
    purpose: str | None = _item("purpose", "查询目的。", "The purpose of the answer.")
    person: strawberry.ID | None = _item(
        "person",
        "所涉人员的全局编号；尚未确定则为空。",
        "The person's global id; null while nobody is matched.",
    )
    division: Division | None = _item(
        "division",
        "所涉人员居住地区划；尚未确定则为空。",
        "Where the person lives; null while nobody is matched.",
        kind=Kind.DIVISION,
    )
    status: CorrectionStatus | None = _item("status", "办理状态。", "How it stands.")
    overdue: bool | None = _item(
        "overdue", "是否逾期未办结。", "Whether its last day has passed undecided."
    )
    closed_on: date | None = _item(
        "closed_on", "办结日；未办结为空。", "The day of the decision; null while open."
    )
    ruling: RulingOnCorrection | None = _item(
        "ruling", "已填报或者作出的决定。", "The decision that is entered or given."
    )
    grounds: list[GroundOfCorrection] | None = _item(
        "grounds", "不予更正的理由。", "The grounds of a refusal."
    )
    official: str | None = _item(
        "official", "填报或者作出决定的经办人。", "Who entered or gave the decision."
    )
    words: str | None = _item(
        "words", "部门所述理由。", "The department's reason.", kind=Kind.TEXT, group="correction"
    )
    decision_words: str | None = _item(
        "decision_words",
        "决定的书面理由。",
        "The decision's reason in words.",
        kind=Kind.TEXT,
        group="correction",
    )


@strawberry.input(
    description=about(
        "筛选条件，须全部满足；每项须有各自的筛选授权。",
        "Conditions that must all hold; each needs its own grant to filter.",
    )
)
class CorrectionFilter:
    """The filter of `corrections`."""

    open: bool | None = declared_input(
        "真：只列未办结；假：只列已办结。",
        "True: those that wait; false: those that are decided.",
        grant=(Path("Correction.status"), Action.FILTER),
    )
    overdue: bool | None = declared_input(
        "是否逾期未办结。",
        "Whether their last day has passed undecided.",
        grant=(Path("Correction.overdue"), Action.FILTER),
    )


@strawberry.type(description=about("更正请求列表的一条边。", "An edge of the list of corrections."))
class CorrectionEdge:
    """An edge; its value is the request's."""

    cursor: str = told("cursor", "游标。", "The cursor.")
    node: Correction | None = declared(
        Of(lambda record: record), "请求。", "The request.", kind=Kind.OBJECT, governed=False
    )


@strawberry.type(
    description=about(
        "更正请求列表的一页，期限近者在前。", "A page of corrections, the most urgent first."
    )
)
class CorrectionConnection:
    """A page; its value is a `resolvers.records.ListPage`."""

    edges: list[CorrectionEdge] | None = told("records", "边。", "The edges.")
    nodes: list[Correction] | None = told("records", "请求。", "The requests.")
    page_info: PageInfo = declared(
        Of(lambda page: page), "翻页信息。", "About the page.", kind=Kind.OBJECT, governed=False
    )
    total_count: int | None = declared(
        Of(lambda page: page.total),
        "符合条件的总数；须有计数授权。",
        "How many match; needs a grant to count.",
        kind=Kind.NUMBER,
        grant=(Path("Query.corrections"), Action.COUNT),
    )
