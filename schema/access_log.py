"""The audit log as an auditor reads it: who, when, why, which fields; never the values."""

import strawberry

from policies.catalogue import Kind
from schema.page import PageInfo
from schema.sources import Of, about, declared, told


@strawberry.type(
    description=about("所用字段及其显示方式。", "A field that was used, and how it was shown.")
)
class AccessField:
    """One field; its value is (path, action, rendering)."""

    path: str | None = declared(Of(lambda item: item[0]), "字段路径。", "The path.")
    action: str | None = declared(Of(lambda item: item[1]), "用法。", "How it was used.")
    rendering: str | None = declared(Of(lambda item: item[2]), "显示方式。", "How it was shown.")


@strawberry.type(
    description=about(
        "被查询的人（化名）及所用字段。",
        "A person who was looked up (a pseudonym) and the fields used.",
    )
)
class AccessSubject:
    """One subject; its value is a `resolvers.access.AccessedSubject`."""

    person: strawberry.ID | None = declared(
        Of(lambda subject: subject.pseudonym),
        "化名；可用于 accessesOf。",
        "The pseudonym; `accessesOf` takes it.",
        kind=Kind.OBJECT,
    )
    fields: list[AccessField] | None = declared(
        Of(lambda subject: subject.fields), "所用字段。", "The fields used.", kind=Kind.OBJECT
    )


@strawberry.type(
    description=about(
        "一条查询记录。",
        "One record of the audit log.",
        article="28、30",
    )
)
class AccessRecord:
    """One record; its value is a `resolvers.access.Accessed`."""

    index: int | None = declared(
        Of(lambda record: record.index), "序号。", "Its index in the log.", kind=Kind.NUMBER
    )
    time: str | None = declared(Of(lambda record: record.time), "时间（UTC）。", "The time (UTC).")
    action: str | None = declared(Of(lambda record: record.action), "动作。", "The action.")
    outcome: str | None = declared(
        Of(lambda record: record.outcome),
        "结果。",
        "The outcome: released, denied, missed, failed.",
    )
    client: str | None = declared(Of(lambda record: record.client), "系统。", "The client system.")
    official: str | None = declared(Of(lambda record: record.official), "经办人。", "The official.")
    department: str | None = declared(
        Of(lambda record: record.department), "部门。", "The department."
    )
    roles: list[str] | None = declared(Of(lambda record: record.roles), "角色。", "The roles.")
    division: str | None = declared(
        Of(lambda record: record.division), "区划。", "The division.", kind=Kind.OBJECT
    )
    purpose: str | None = declared(Of(lambda record: record.purpose), "目的。", "The purpose.")
    operation: str | None = declared(
        Of(lambda record: record.operation), "操作名。", "The operation's name."
    )
    document: str | None = declared(
        Of(lambda record: record.document), "文档哈希。", "The document's hash."
    )
    subjects: list[AccessSubject] | None = declared(
        Of(lambda record: record.subjects),
        "被查询的人。",
        "Who was looked up.",
        kind=Kind.OBJECT,
    )
    missed: int | None = declared(
        Of(lambda record: record.missed),
        "未命中的查询数。",
        "How many look-ups found nothing.",
        kind=Kind.NUMBER,
    )


@strawberry.type(description=about("查询记录的一条边。", "An edge of the access log."))
class AccessRecordEdge:
    """An edge; its value is a `resolvers.access.Accessed`."""

    cursor: str = told("cursor", "游标。", "The cursor.")
    node: AccessRecord | None = declared(
        Of(lambda record: record), "记录。", "The record.", kind=Kind.OBJECT, governed=False
    )


@strawberry.type(
    description=about("查询记录的一页，由近及远。", "A page of the log, latest first.")
)
class AccessRecordConnection:
    """A page; its value is a `resolvers.access.AccessPage`."""

    edges: list[AccessRecordEdge] | None = told("records", "边。", "The edges.")
    nodes: list[AccessRecord] | None = told("records", "记录。", "The records.")
    page_info: PageInfo = declared(
        Of(lambda page: page), "翻页信息。", "About the page.", kind=Kind.OBJECT, governed=False
    )
