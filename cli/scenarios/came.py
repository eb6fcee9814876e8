"""What came of an action: the decision, what else it gave, and what of the product gave it.

Never: decides, or knows what the case expects.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from regulation.outcome import Decision


class Through(StrEnum):
    """What of the product an action ran through."""

    USE_CASE = "use case"
    SERVICE = "service"
    RULE = "decision function"


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """The outcome of an action.

    `says` holds keys of `then` that the action gives beside its decision; `claims` what sentences
    of `must` and `must_not` ask for. `word` is the decision's word where there is no decision.
    """

    decision: Decision | None = None
    word: str | None = None
    says: dict[str, object] = field(default_factory=dict)
    claims: dict[str, bool] = field(default_factory=dict)
    through: Through = Through.USE_CASE
