"""The catalogue fields: who the caller is, departments, purposes."""

from datetime import date
from typing import Annotated

import strawberry

from policies.catalogue import Kind
from schema.discovery import FieldGrant, grants
from schema.sources import Asked, Of, about, declared, declared_call, told


@strawberry.type(
    description=about(
        "部门；名称随机构改革变化，以登记为准。",
        "A department; names change with reforms, the register has them dated.",
        article="5",
    )
)
class Department:
    """A department; its value is a register entry."""

    code: str | None = told("code", "代码。", "The code.")
    name: str | None = told("zh", "中文名称。", "The Chinese name.")
    english_name: str | None = told("en", "英文名称。", "The English name.")


@strawberry.type(
    description=about(
        "查询目的：每次查询须说明目的及其依据条款。",
        "A purpose: every query names one, with the article that it rests on.",
        article="28",
    )
)
class Purpose:
    """A registered purpose; its value is a `policies` register entry."""

    code: str | None = told("code", "代码。", "The code.")
    name: str | None = told("zh", "中文名称。", "The Chinese name.")
    english_name: str | None = told("en", "英文名称。", "The English name.")
    article: str | None = told("article", "依据条款。", "The article.")
    case_required: bool | None = told(
        "case_required", "是否须有案号。", "Whether a case number is required."
    )


@strawberry.type(
    description=about("本次请求的调用方。", "Who this request comes from and what it may act as.")
)
class Viewer:
    """The caller; its value is a `schema.discovery.Viewing`."""

    client: str | None = told("context.caller.client", "系统标识。", "The client system.")
    official: str | None = told("context.caller.official", "经办人标识。", "The official.")
    department: str | None = told(
        "context.caller.department", "部门代码。", "The department's code."
    )
    roles: list[str] | None = declared(
        Of(lambda viewing: sorted(viewing.context.caller.roles)),
        "角色。",
        "The roles.",
        kind=Kind.OBJECT,
        governed=False,
    )
    division: str | None = told(
        "context.caller.division",
        "所辖区划代码（仅窗口与民警）。",
        "The code of the division, for desks.",
    )
    purpose: str | None = told(
        "context.purpose", "本次请求的目的。", "The purpose of this request."
    )
    policy_revision: str | None = told(
        "context.revision", "所用策略版本。", "The policy revision in force."
    )
    today: date | None = declared(
        Of(lambda viewing: viewing.context.today.isoformat()),
        "服务所用日期（北京时间）。",
        "The day that the service reckons with (Asia/Shanghai).",
        kind=Kind.OBJECT,
        governed=False,
    )
    purposes: list[Purpose] | None = declared(
        Of(lambda viewing: viewing.purposes),
        "本调用方可用的查询目的。",
        "The purposes that this caller may name.",
        kind=Kind.OBJECT,
        governed=False,
    )

    @declared_call(
        Asked(grants),
        "本次请求可用的全部，或所给路径、操作的各项；未列出的一律不可用。",
        "All that this request may use, or what concerns a path or an action; what is not listed "
        "is refused.",
        kind=Kind.OBJECT,
        governed=False,
        article="28",
    )
    def fields(
        self,
        path: Annotated[
            str | None,
            strawberry.argument(
                description=about("路径，如 Permit.active。", "A path such as Permit.active.")
            ),
        ] = strawberry.UNSET,
        action: Annotated[
            str | None,
            strawberry.argument(
                description=about(
                    "操作：read、filter、sort、count、call。",
                    "An action: read, filter, sort, count or call.",
                )
            ),
        ] = strawberry.UNSET,
    ) -> list[FieldGrant] | None:
        """Declared here, read by the plan."""
