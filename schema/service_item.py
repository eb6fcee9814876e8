"""The 27 services of articles 24–26 and what a permit entitles its holder to."""

from enum import Enum

import strawberry

from policies.catalogue import Kind
from regulation import entitlement as rules
from regulation import services
from schema.sources import Of, about, declared, told


@strawberry.enum(
    description=about(
        "权益答复：是、否，或第二十六条所列尚未保证的事项。",
        "The answer: yes, no, or not guaranteed (article 26).",
    )
)
class EntitlementAnswer(Enum):
    """The answer for one service."""

    YES = "YES"
    NO = "NO"
    NOT_GUARANTEED = "NOT_GUARANTEED"


@strawberry.type(
    description=about(
        "居住证持有人享受的一项基本公共服务或者便利。",
        "A basic public service or convenience for permit holders.",
        article="24–26",
    )
)
class Service:
    """One of the 27 services; its value is a `regulation.services.Service`."""

    code: str | None = told("code", "服务代码。", "The code.")
    article: str | None = told("article", "依据条款。", "The article that it rests on.")
    name: str | None = told("zh", "中文名称。", "The Chinese name.")
    english_name: str | None = told("en", "英文名称。", "The English name.")
    department: str | None = told(
        "department", "主管部门代码。", "The code of the department in charge."
    )
    beneficiaries: list[str] | None = declared(
        Of(lambda service: list(service.beneficiaries)),
        "受益人：持证人、持证人子女。",
        "Who benefits: the holder, the holder's child.",
        kind=Kind.OBJECT,
        governed=False,
    )
    guaranteed: bool | None = told(
        "guaranteed",
        "是否已由办法保证；第二十六条所列事项为逐步享受。",
        "Whether the Measures guarantee it; those of article 26 come step by step.",
    )


@strawberry.type(
    description=about(
        "持证人就一项服务的权益。“否”仅指不因居住证而享有。",
        "What the permit entitles its holder to for one service. A no means: not by virtue of "
        "the permit.",
        article="24–26",
    )
)
class Entitlement:
    """One answer; its value is a `regulation.entitlement.Entitlement`."""

    service: Service | None = declared(
        Of(lambda entitlement: entitlement.service),
        "服务事项。",
        "The service.",
        kind=Kind.OBJECT,
    )
    answer: EntitlementAnswer | None = declared(
        Of(lambda entitlement: entitlement.answer.name), "答复。", "The answer.", kind=Kind.OBJECT
    )
    because: str | None = declared(
        Of(lambda entitlement: entitlement.because),
        "理由及条款。",
        "The reason with its article.",
        kind=Kind.OBJECT,
    )


def entitlements(*, active: bool, codes: list[str] | None) -> tuple[rules.Entitlement, ...]:
    """The entitlements under a permit, all 27 or those whose code is named."""
    every = rules.entitlements(active=active)
    if codes is None:
        return every
    wanted = frozenset(codes)
    return tuple(item for item in every if item.service.code in wanted)


def service_list(article: str | None) -> tuple[services.Service, ...]:
    """The services, all 27 or those of one article (`24`, `25(3)`)."""
    if article is None:
        return services.SERVICES
    return tuple(
        service
        for service in services.SERVICES
        if service.article == article or service.article.startswith(f"{article}(")
    )
