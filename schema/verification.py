"""`verify`: presented persons, a thousand a call, one answer a row."""

from datetime import date
from enum import Enum

import strawberry

from policies.catalogue import Kind
from schema.sources import Of, about, declared, declared_input, value


@strawberry.enum(description=about("核验答复。", "The answer of a verification."))
class VerifyAnswer(Enum):
    """Yes or no; every no is the same no."""

    YES = value("YES", "当日持有有效居住证。", "An active permit on that day.", article="17、20")
    NO = value(
        "NO",
        "未能确认其持有有效居住证；不是可以拒绝服务的结论。",
        "No active permit could be confirmed; no finding that a service may be refused.",
        article="17、20",
    )


@strawberry.enum(
    description=about(
        "由所给哪一人得出“是”：本人，或 anyOf 中的第一、二、三人。",
        "Which presented person gave the yes: the one presented, or the first, second or third "
        "of anyOf.",
    )
)
class VerifyBasis(Enum):
    """Who holds the permit."""

    PRESENTED = value("PRESENTED", "presented 所出示的人。", "The one of `presented`.")
    ANY_OF_1 = value("ANY_OF_1", "anyOf 第一人。", "The first of `anyOf`.")
    ANY_OF_2 = value("ANY_OF_2", "anyOf 第二人。", "The second of `anyOf`.")
    ANY_OF_3 = value("ANY_OF_3", "anyOf 第三人。", "The third of `anyOf`.")


@strawberry.input(
    description=about(
        "当面出示证件的人：姓名与公民身份号码须一致。",
        "A person whose card was presented: name and ID number belong together.",
    )
)
class PresentedPerson:
    """Name and ID number as presented."""

    id_number: str = declared_input("18位公民身份号码。", "The citizen ID number of 18 places.")
    name: str = declared_input("姓名。", "The name.")


@strawberry.input(
    description=about(
        "一行核验：presented 与 anyOf 二者择一；anyOf 用于子女，由父、母或其他监护人持证"
        "（亲属关系由查询部门证明，本服务不存）。",
        "One row: either `presented` or `anyOf`. `anyOf` is for a child whose father, mother or "
        "guardian holds the permit; the department proves the relation, none is kept here.",
    )
)
class VerifyRow:
    """One row of `verify`."""

    ref: str = declared_input(
        "调用方自定的行标识（至多64字符），原样返回。",
        "The caller's own mark of the row (at most 64 characters), returned as it is.",
    )
    case: str | None = declared_input("本行案号。", "The row's own case number.")
    presented: PresentedPerson | None = declared_input("所出示的人。", "The person presented.")
    any_of: list[PresentedPerson] | None = declared_input(
        "父、母或其他监护人，至多三人。", "Father, mother or guardian, at most three."
    )
    on: date | None = declared_input(
        "核验日，今天起90天以内，同一人每次至多四个日期；空则今天。未来日期的“是”意为“若无变化则当日有效”。",
        "The day, from today to 90 days ahead, at most four for one person a call; today where "
        "absent. A yes for a day ahead means: active then if nothing changes.",
    )


@strawberry.type(
    description=about(
        "一行不能核验的原因；不影响其他行。",
        "Why one row could not be verified; the other rows are not affected.",
    )
)
class VerifyRefusal:
    """A row's refusal; its value is a `resolvers.records.RowRefusal`."""

    code: str | None = declared(
        Of(lambda refusal: refusal.code),
        "错误代码。",
        "The code.",
        kind=Kind.OBJECT,
        governed=False,
    )
    message: str | None = declared(
        Of(lambda refusal: refusal.message),
        "说明。",
        "What it means.",
        kind=Kind.OBJECT,
        governed=False,
    )
    reason: str | None = declared(
        Of(lambda refusal: refusal.reason),
        "代码之下的具体原因；代码只有一种含义时为空。",
        "Which of the things that the code stands for; null where it stands for one.",
        kind=Kind.OBJECT,
        governed=False,
    )


@strawberry.type(
    description=about(
        "一行的答复。",
        "The answer to one row.",
        article="24–26、28",
    )
)
class VerifyResult:
    """One result; its value is a `resolvers.verify.Verified`."""

    ref: str | None = declared(
        Of(lambda result: result.ref),
        "所给行标识。",
        "The row's mark as given.",
        kind=Kind.OBJECT,
    )
    answer: VerifyAnswer | None = declared(
        Of(lambda result: result.answer),
        "是：当日持有有效居住证。其余一律为同一个“否”。",
        "Yes: an active permit on that day. Everything else is one and the same no.",
        kind=Kind.OBJECT,
        article="17、20",
    )
    basis: VerifyBasis | None = declared(
        Of(lambda result: result.basis),
        "“是”由谁得出。",
        "Who gave the yes.",
        kind=Kind.OBJECT,
    )
    on: date | None = declared(
        Of(lambda result: result.on), "核验日。", "The day.", kind=Kind.OBJECT
    )
    notice: str | None = declared(
        Of(lambda result: result.notice),
        "随“否”附带的告知。",
        "The notice that goes with every no.",
        kind=Kind.OBJECT,
    )
    refusal: VerifyRefusal | None = declared(
        Of(lambda result: result.refusal),
        "本行不能核验的原因。",
        "Why this row could not be verified.",
        kind=Kind.OBJECT,
    )
