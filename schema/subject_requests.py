"""`subjectRequests`: what people ask about their own data (PIPL articles 44 to 50), as a list."""

from datetime import date
from enum import Enum
from operator import attrgetter
from typing import Any

import strawberry

from policies.catalogue import Kind
from policies.permission import Action, Path
from schema.act_codes import AnswerToRequest, CameAs, GroundOfAnswer, KindOfSubjectRequest
from schema.page import PageInfo
from schema.sources import Of, about, declared, told, value


@strawberry.enum(description=about("本人请求的办理状态。", "How a request stands."))
class SubjectRequestStatus(Enum):
    """How a request stands."""

    OPEN = value("OPEN", "待答复。", "It waits for its answer.")
    ENTERED = value(
        "ENTERED",
        "已填报答复，待另一名经办人核准。",
        "An answer is entered that another official must confirm.",
    )
    ANSWERED = value("ANSWERED", "已答复。", "Answered.")
    WITHDRAWN = value("WITHDRAWN", "已撤回。", "Withdrawn.")


def _item(
    name: str, zh: str, en: str, *, kind: Kind = Kind.OBJECT, group: str | None = None
) -> Any:
    return declared(Of(attrgetter(name), group), zh, en, kind=kind)


@strawberry.type(
    description=about(
        "本人就其个人信息的请求（个人信息保护法第四十四至五十条）。",
        "A request about one's own data (PIPL articles 44 to 50).",
        article="28",
    )
)
class SubjectRequest:
    """A request; its value is a `resolvers.subject_requests.RequestRecord`."""

    id: strawberry.ID | None = _item("id", "全局编号。", "The global id.")
    person: strawberry.ID | None = _item(
        "person", "所涉人员的全局编号。", "The global id of the person."
    )
    version: int | None = _item("version", "版本。", "The version.", kind=Kind.NUMBER)
    kind: KindOfSubjectRequest | None = _item("kind", "请求事项。", "What is asked for.")
    by: CameAs | None = _item("by", "由谁提出。", "Who filed it.")
    status: SubjectRequestStatus | None = _item("status", "办理状态。", "How it stands.")
    filed_on: date | None = _item("filed_on", "提出日。", "The day of filing.", kind=Kind.DATE)
    due_on: date | None = _item(
        "due_on", "答复期限。", "The last day to answer it.", kind=Kind.DATE
    )
    closed_on: date | None = _item(
        "closed_on", "办结日；未办结为空。", "The day of its end; null while open.", kind=Kind.DATE
    )
    answer: AnswerToRequest | None = _item(
        "answer", "已填报或者作出的答复。", "The answer that is entered or given."
    )
    grounds: list[GroundOfAnswer] | None = _item(
        "grounds", "不同意的法定理由。", "The legal grounds of a refusal."
    )
    official: str | None = _item(
        "official", "填报或者作出答复的经办人。", "Who entered or gave the answer.", kind=Kind.TEXT
    )
    words: str | None = _item(
        "words", "请求内容。", "What is asked in words.", kind=Kind.TEXT, group="words"
    )
    answer_words: str | None = _item(
        "answer_words",
        "答复内容。",
        "What is answered in words.",
        kind=Kind.TEXT,
        group="words",
    )


@strawberry.type(description=about("本人请求列表的一条边。", "An edge of the list of requests."))
class SubjectRequestEdge:
    """An edge; its value is the request's."""

    cursor: str = told("cursor", "游标。", "The cursor.")
    node: SubjectRequest | None = declared(
        Of(lambda record: record), "请求。", "The request.", kind=Kind.OBJECT, governed=False
    )


@strawberry.type(
    description=about(
        "本人请求列表的一页，期限近者在前。", "A page of requests, the most urgent first."
    )
)
class SubjectRequestConnection:
    """A page; its value is a `resolvers.records.ListPage`."""

    edges: list[SubjectRequestEdge] | None = told("records", "边。", "The edges.")
    nodes: list[SubjectRequest] | None = told("records", "请求。", "The requests.")
    page_info: PageInfo = declared(
        Of(lambda page: page), "翻页信息。", "About the page.", kind=Kind.OBJECT, governed=False
    )
    total_count: int | None = declared(
        Of(lambda page: page.total),
        "符合条件的总数；须有计数授权。",
        "How many match; needs a grant to count.",
        kind=Kind.NUMBER,
        grant=(Path("Query.subjectRequests"), Action.COUNT),
    )
