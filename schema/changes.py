"""What has changed of followed cases, and following them: for partner departments.

A change says that a permit is active or not as it was not before, or that a holder's place is
another; never which, never why. `verify` and `person` say what is so now.
"""

from datetime import date
from enum import Enum

import strawberry

from policies.catalogue import Kind
from schema.page import PageInfo
from schema.sources import Of, about, declared, declared_input, told, value
from schema.verification import PresentedPerson


@strawberry.enum(description=about("变化的种类。", "What kind of change it is.", article="28"))
class ChangeKind(Enum):
    """What a department is told."""

    ACTIVE_CHANGED = value(
        "ACTIVE_CHANGED",
        "对所出示的人，“是”或“否”已有变化；现状请再核验，原因一律不告知。",
        "The yes or no to the person presented has changed; verify what it is now. Why is never "
        "told.",
        article="17、20、23",
    )
    DIVISION_CHANGED = value(
        "DIVISION_CHANGED",
        "有效持证人的居住地区划已有变化（以本目的可见的级别为限）。",
        "The division where an active holder lives has changed, at the level that the purpose "
        "shows.",
        article="19",
    )


@strawberry.type(
    description=about(
        "所跟踪案件的一项变化；不含姓名、号码与原因。",
        "A change of a followed case; without name, number and reason.",
        article="28",
    )
)
class Change:
    """One change; its value is a `resolvers.following.Changed`."""

    case: str | None = declared(
        Of(lambda change: change.case, "follow"),
        "所跟踪的案号。",
        "The number of the followed case.",
        kind=Kind.OBJECT,
    )
    ref: str | None = declared(
        Of(lambda change: change.ref, "follow"),
        "跟踪时所给标识。",
        "The mark given when it was followed.",
        kind=Kind.OBJECT,
    )
    kind: ChangeKind | None = declared(
        Of(lambda change: change.kind), "变化种类。", "The kind of change.", kind=Kind.OBJECT
    )
    on: date | None = declared(
        Of(lambda change: change.on),
        "自何日起。",
        "The day from which it holds.",
        kind=Kind.OBJECT,
    )


@strawberry.type(description=about("变化的一条边。", "An edge of the changes."))
class ChangeEdge:
    """An edge; its value is a `resolvers.following.Changed`."""

    cursor: str = told("cursor", "游标。", "The cursor.")
    node: Change | None = declared(
        Of(lambda change: change), "变化。", "The change.", kind=Kind.OBJECT, governed=False
    )


@strawberry.type(
    description=about(
        "变化的一页，由先到后；空页没有游标，下次仍用原游标。",
        "A page of changes, oldest first; an empty page has no cursor: go on with the one you had.",
    )
)
class ChangeConnection:
    """A page; its value is a `resolvers.following.ChangePage`."""

    edges: list[ChangeEdge] | None = told("records", "边。", "The edges.")
    nodes: list[Change] | None = told("records", "变化。", "The changes.")
    page_info: PageInfo = declared(
        Of(lambda page: page), "翻页信息。", "About the page.", kind=Kind.OBJECT, governed=False
    )


@strawberry.input(description=about("跟踪案件。", "To follow a case.", article="28"))
class FollowCaseInput:
    """Which person of the request's case is followed, until when."""

    ref: str = declared_input(
        "本部门自定的标识（1–64个字符），随每项变化返回；同案同标识再次提交即为续期。",
        "The department's own mark (1 to 64 characters), returned with each change. The same case "
        "and mark again is a renewal.",
    )
    presented: PresentedPerson = declared_input(
        "当面出示证件的人。", "The person whose card was presented."
    )
    until: str = declared_input(
        "跟踪至何日（含），YYYY-MM-DD。本市未另定时，入学至多180天，社会保险90天，住房保障365天。",
        "The last day, YYYY-MM-DD: at most 180 days ahead for a school place, 90 for social "
        "insurance, 365 for housing support, unless the city has set other figures.",
    )


@strawberry.input(description=about("结束跟踪。", "To end following.", article="28"))
class UnfollowCaseInput:
    """Which person of the request's case is followed no more."""

    ref: str = declared_input("跟踪时所给标识。", "The mark given when it was followed.")


@strawberry.type(
    description=about(
        "跟踪的答复；无论此人是否登记、是否持证，答复相同。",
        "The answer to following; the same whether or not the person is known or holds a permit.",
        article="28",
    )
)
class FollowedCase:
    """The answer; its value is a `resolvers.following.CaseFollowed`."""

    case: str | None = told("case", "案号。", "The case number.")
    ref: str | None = told("ref", "所给标识。", "The mark as given.")
    until: date | None = told(
        "until", "跟踪至何日；已结束则为空。", "The last day; null where it is ended."
    )
