"""What an act is answered: the decision in the caller's language, the version, whom it was about.

The values are those of `resolvers.desk.answer`, put beside the caller's language and ids; this
module never decides and never words a decision itself (`regulation.outcome` does).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter, itemgetter
from typing import Any

import strawberry

from db.ledger import Receipt
from policies.catalogue import Kind
from resolvers.desk.answer import Acted, RowActed
from schema.errors import Language
from schema.refusals import worded
from schema.sources import Of, about, declared, told


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDecision:
    """A decision in one language, as `Decision.explain` says it, with the days that it sets."""

    says: Mapping[str, Any]
    days: Mapping[str, str]
    official: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAct:
    """An act's answer for one caller: its ids are global ids."""

    decision: ToldDecision
    version: int | None
    person: str | None
    report: str | None
    request: str | None
    correction: str | None
    case: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFault:
    """Why a row was not done, in one language."""

    code: str
    reason: str | None
    message: str
    at: str | None
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """One row of a batch."""

    ref: str | None
    acted: ToldAct | None
    refusals: Sequence[ToldFault]


@dataclass(frozen=True, slots=True)
class Told:
    """What an act's field shows, and where its record stands."""

    value: object
    receipt: Receipt | None


def tell(acted: Acted, language: Language, encode: Callable[[str, bytes], str]) -> ToldAct:
    """Put an answer into the caller's language and ids; `encode` takes the kind of an id."""
    return ToldAct(
        decision=ToldDecision(
            says=acted.decision.explain(language),
            days={name: day.isoformat() for name, day in acted.days.items()},
            official=acted.official,
        ),
        version=acted.version,
        person=None if acted.person is None else encode("Person", acted.person),
        report=None if acted.report is None else encode("Report", acted.report),
        request=None if acted.request is None else encode("SubjectRequest", acted.request),
        correction=None if acted.correction is None else encode("Correction", acted.correction),
        case=acted.case,
    )


def tell_row(row: RowActed, language: Language, encode: Callable[[str, bytes], str]) -> ToldRow:
    """Put a row's answer, or what stood against it, into the caller's language."""
    return ToldRow(
        ref=row.ref,
        acted=None if row.acted is None else tell(row.acted, language, encode),
        refusals=[
            ToldFault(
                code=each.fault.code,
                reason=each.fault.reason,
                message=worded(each.fault, language),
                at=each.place,
                version=each.version,
            )
            for each in row.faults
        ],
    )


def _item(name: str, zh: str, en: str) -> Any:
    return declared(Of(itemgetter(name)), zh, en, kind=Kind.OBJECT, governed=False)


def _said(name: str, zh: str, en: str, *, article: str | None = None) -> Any:
    """A part of what a decision says of itself."""
    return declared(
        Of(lambda decision: decision.says[name]),
        zh,
        en,
        kind=Kind.OBJECT,
        governed=False,
        article=article,
    )


def _day(name: str, zh: str, en: str, *, article: str | None = None) -> Any:
    """A day that some decisions set."""
    return declared(
        Of(lambda decision: decision.days.get(name)),
        zh,
        en,
        kind=Kind.OBJECT,
        governed=False,
        article=article,
    )


@strawberry.type(description=about("一项理由。", "A reason.", article="30"))
class DecisionReason:
    """Why; its value is one of `Decision.explain`."""

    code: str | None = _item("code", "代码，不随版本改变。", "The code; it does not change.")
    article: str | None = _item("article", "依据条款。", "The article.")
    message: str | None = _item("says", "说明。", "What it means.")


@strawberry.type(description=about("一项缺少的材料或内容。", "Something missing.", article="16"))
class DecisionGap:
    """What is missing; its value is one of `Decision.explain`."""

    code: str | None = _item("code", "代码。", "The code.")
    message: str | None = _item("says", "说明。", "What it is.")


@strawberry.type(
    description=about(
        "决定所用的一种条文理解。", "A reading of the text that the decision touched."
    )
)
class DecisionReading:
    """A reading; its value is one of `Decision.explain`."""

    id: str | None = _item("id", "理解编号，如 R3。", "The reading's number, such as R3.")
    question: str | None = _item("question", "条文中的疑问。", "What the text leaves open.")
    choice: str | None = _item("choice", "所选理解的代码。", "The code of the choice made.")
    message: str | None = _item("says", "所选理解。", "The choice made.")
    recommended: bool | None = _item(
        "recommended", "是否为建议理解。", "Whether it is the recommended one."
    )


@strawberry.type(description=about("决定另行注明的事项。", "What else the decision notes."))
class DecisionMark:
    """A mark, never a sanction; its value is one of `Decision.explain`."""

    code: str | None = _item("code", "代码。", "The code.")
    message: str | None = _item("says", "说明。", "What it means.")


@strawberry.type(description=about("期限。", "A deadline."))
class DecisionDeadline:
    """A deadline; its value is one of `Decision.explain`."""

    day: date | None = _item("day", "最后一日。", "The last day.")
    provisional: bool | None = _item(
        "provisional",
        "是否因年度放假安排未公布而为暂定。",
        "Whether it is provisional, as a year's notice on holidays is not out yet.",
    )


@strawberry.type(
    description=about(
        "决定：结果、理由、缺项、条款与所用理解，以本次请求的语言说明。",
        "A decision: outcome, reasons, gaps, articles and readings, in the request's language.",
        article="16、30",
    )
)
class Decision:
    """A decision; its value is a `ToldDecision`."""

    outcome: str | None = _said(
        "outcome",
        "结果代码，如 accepted、incomplete、not_eligible、recorded、refused。",
        "The code of the outcome, such as accepted, incomplete, not_eligible, recorded, refused.",
    )
    message: str | None = _said("says", "结果说明。", "The outcome in words.")
    reasons: list[DecisionReason] | None = _said("reasons", "理由。", "The reasons.", article="30")
    missing: list[DecisionGap] | None = _said(
        "missing", "须补齐的全部事项，一次告知。", "All that is missing, at once.", article="16"
    )
    articles: list[str] | None = _said("articles", "所依据的条款。", "The articles.")
    readings: list[DecisionReading] | None = _said(
        "readings", "所涉条文理解。", "The readings that it touched."
    )
    earliest: date | None = _said(
        "earliest", "结果最早会改变的日期。", "The first day on which it would turn."
    )
    deadline: DecisionDeadline | None = _said("deadline", "期限。", "The deadline.")
    who: str | None = _said("who", "下一步由谁办理。", "Who has to act next.")
    marks: list[DecisionMark] | None = _said("marks", "注明事项。", "What else is noted.")
    official: str | None = declared(
        Of(attrgetter("official")),
        "作出不利决定的经办人；其他决定为空。",
        "The official who decided against the person; null with any other decision.",
        kind=Kind.OBJECT,
        governed=False,
        article="30",
    )
    remedies: str | None = _said(
        "remedies",
        "不利决定的救济途径与期限；其他决定为空。",
        "What may be done against a decision that goes against the person, and until when; null "
        "with any other decision.",
        article="30",
    )
    policy: str | None = _said(
        "version", "所用条文参数的版本。", "The version of the parameters that held.", article="1"
    )
    accepted_on: date | None = _day(
        "accepted_on",
        "受理日（出具回执）。",
        "The day of acceptance.",
        article="16",
    )
    valid_to: date | None = _day(
        "valid_to", "有效期最后一日。", "The last day of validity.", article="17、20"
    )
    permit_from: date | None = _day(
        "permit_from", "居住满半年之日。", "The day on which half a year is full.", article="2"
    )


@strawberry.type(
    description=about(
        "一次办理的答复；同键再次提交得到同一答复。",
        "The answer to an act; the same key again gives the same answer.",
    )
)
class ActResult:
    """An act's answer; its value is a `ToldAct`."""

    decision: Decision | None = told("decision", "决定。", "The decision.")
    version: int | None = told(
        "version",
        "办理后的档案（或报告、请求）版本；均未存为空，部门请求更正亦为空。",
        "The version of the file, the report or the request after it; null where none is stored, "
        "and where a department asks for a correction.",
    )
    person: strawberry.ID | None = told(
        "person",
        "人员的全局编号；未存人员为空。",
        "The person's global id; null where nobody is stored.",
    )
    report: strawberry.ID | None = told(
        "report",
        "第三方报告的全局编号；并非报告为空。",
        "The global id of a third party's report; null where the act concerns none.",
    )
    request: strawberry.ID | None = told(
        "request",
        "本人请求的全局编号；并非本人请求为空。",
        "The global id of a request about one's own data; null where the act concerns none.",
    )
    correction: strawberry.ID | None = told(
        "correction",
        "部门更正请求的全局编号；并非更正请求为空。",
        "The global id of a department's request for a correction; null where it concerns none.",
    )


@strawberry.type(
    description=about("已立之案。", "A case that was opened.", article="10、19、20、28")
)
class OpenedCase:
    """The answer to `openCase`; its value is a `ToldAct`."""

    case: str | None = told(
        "case",
        "案号；以后各次请求用于 Juzhu-Case。",
        "The number, for Juzhu-Case from now on.",
    )
    decision: Decision | None = told("decision", "决定。", "The decision.")
    version: int | None = told("version", "档案版本。", "The file's version.")
    person: strawberry.ID | None = told(
        "person",
        "人员的全局编号；未存人员为空。",
        "The person's global id; null where nobody is stored.",
    )


@strawberry.type(description=about("一行未能办理的原因。", "Why one row was not done."))
class RowRefusal:
    """A row's fault; its value is a `ToldFault`."""

    code: str | None = told("code", "错误代码。", "The code.")
    reason: str | None = told(
        "reason",
        "代码之下的具体原因；只有一种含义时为空。",
        "Which of the things that the code stands for; null where it stands for one.",
    )
    message: str | None = told("message", "说明。", "What it means.")
    at: str | None = told("at", "所在之处，如 input.rows[3].person.name。", "Where it stands.")
    version: int | None = told(
        "version", "CONFLICT 时的现行版本。", "The present version, with CONFLICT."
    )


@strawberry.type(description=about("一行的办理结果。", "The result of one row.", article="14、20"))
class EndorsedRow:
    """One row's result; its value is a `ToldRow`."""

    ref: str | None = told("ref", "所给行标识。", "The row's mark as given.")
    result: ActResult | None = told(
        "acted", "答复；未办理则为空。", "The answer; null where nothing was done."
    )
    refusals: list[RowRefusal] | None = told(
        "refusals", "未能办理的全部原因。", "All that stood against it."
    )
