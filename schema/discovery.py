"""What a caller may see, why and until when: `viewer.fields`, read off the table of the request.

Never: tells what another role or purpose would be granted, or what is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import strawberry

from policies.catalogue import Kind
from policies.permission import Action, Decision, Path, Scope
from policies.ruleset import RegisteredPurpose
from policies.table import FieldTable
from resolvers.context import Context
from schema.sources import Of, about, declared, told


@dataclass(frozen=True, slots=True)
class Viewing:
    """One request, the table that answers it, and the purposes that its caller may name."""

    context: Context
    table: FieldTable
    purposes: Sequence[RegisteredPurpose]


@dataclass(frozen=True, slots=True)
class Grant:
    """One cell of a table that may be used."""

    path: Path
    action: Action
    decision: Decision
    scopes: frozenset[Scope] | None


def grants(viewing: Viewing, given: Mapping[str, object]) -> list[Grant]:
    """The cells that a request may use, all of them or those of a path or an action."""
    path, action = given.get("path"), given.get("action")
    table = viewing.table
    return [
        Grant(each, does, decision, table.scopes_of(each))
        for each, does, decision in table.granted()
        if path in (None, each) and action in (None, does.value)
    ]


@strawberry.type(
    description=about(
        "本次请求可用的一项：字段、操作、呈现、范围、依据、截止日。",
        "One thing that this request may use: field, action, rendering, rows, grounds, last day.",
        article="28",
    )
)
class FieldGrant:
    """A granted cell; its value is a `Grant`."""

    path: str | None = told("path", "路径，如 Permit.active。", "The path, such as Permit.active.")
    action: str | None = told(
        "action.value",
        "操作：read、filter、sort、count、call。",
        "The action: read, filter, sort, count or call.",
    )
    rendering: str | None = told(
        "decision.rendering.value", "呈现方式：plain 或掩码。", "The rendering: plain, or a mask."
    )
    scope: list[str] | None = declared(
        Of(lambda grant: None if grant.scopes is None else sorted(grant.scopes)),
        "可及范围，须同时满足；不涉及人员时为空。",
        "The rows that it reaches, all of which must hold; null where it shows no rows.",
        kind=Kind.OBJECT,
        governed=False,
    )
    because: list[str] | None = declared(
        Of(lambda grant: list(grant.decision.because)),
        "依据。",
        "The grounds.",
        kind=Kind.OBJECT,
        governed=False,
    )
    until: date | None = declared(
        Of(lambda grant: grant.decision.until and grant.decision.until.isoformat()),
        "最后一日（含）；不定期为空。",
        "The last day, inclusive; null where it is open.",
        kind=Kind.OBJECT,
        governed=False,
    )
    rule: list[str] | None = declared(
        Of(lambda grant: list(grant.decision.rules)),
        "规则所在文件与行。",
        "The rules, by file and line.",
        kind=Kind.OBJECT,
        governed=False,
    )
