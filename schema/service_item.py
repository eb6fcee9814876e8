"""The 27 services of articles 24–26 and what a permit entitles its holder to."""

from enum import Enum

import strawberry

from policies.catalogue import Kind
from regulation import entitlement as rules
from regulation import services
from schema.sources import Of, about, declared, told, value


@strawberry.enum(
    description=about(
        "权益答复：是、否，或第二十六条所列尚未保证的事项。",
        "The answer: yes, no, or not guaranteed (article 26).",
    )
)
class EntitlementAnswer(Enum):
    """The answer for one service."""

    YES = value("YES", "凭本证享有。", "The permit entitles to it.", article="24–26")
    NO = value(
        "NO",
        "没有有效居住证，不因居住证而享有。",
        "There is no active permit, so none entitles to it.",
        article="17、20",
    )
    NOT_GUARANTEED = value(
        "NOT_GUARANTEED",
        "逐步享受的事项，尚未保证。",
        "To be introduced step by step; not guaranteed.",
        article="26",
    )


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
        "理由代码："
        "ACTIVE_PERMIT 持有有效居住证，由 service.article 所指条款保证（第二十四条、第二十五条）；"
        "NO_ACTIVE_PERMIT 没有有效居住证（第十七条、第二十条）；"
        "NOT_GUARANTEED_ART_26 逐步享受的事项，居住地尚未推行（第二十六条）；"
        "ROLLED_OUT_ART_26 逐步享受的事项，居住地已经推行（第二十六条）。",
        "The reason, as a code. ACTIVE_PERMIT: an active permit, guaranteed by the article that "
        "`service.article` names (articles 24 and 25). NO_ACTIVE_PERMIT: no active permit "
        "(articles 17 and 20). NOT_GUARANTEED_ART_26: step by step, and not introduced where the "
        "holder lives (article 26). ROLLED_OUT_ART_26: step by step, and introduced there "
        "(article 26).",
        kind=Kind.OBJECT,
    )


def entitlements(
    *, active: bool, codes: list[str] | None, rolled_out: frozenset[str]
) -> tuple[rules.Entitlement, ...]:
    """The entitlements under a permit, all 27 or those whose code is named."""
    every = rules.entitlements(active=active, rolled_out=rolled_out)
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
