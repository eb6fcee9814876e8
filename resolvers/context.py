"""Who asks, what for, and what a use case is handed.

Everything a use case needs is in its `Context`; it reads no clock, environment or global.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the token and the register say (the register decides, claims only narrow).

    `purposes` is None where the token does not narrow the purposes; `division` is the code of a
    county (6 digits) or township (9 digits) for desks, None for partner departments.
    """

    client: str
    official: str
    department: str
    roles: frozenset[str]
    division: str | None
    purposes: frozenset[str] | None
    authentication: str
    address: str
    language: Literal["zh-CN", "en"]
    request_id: str


@dataclass(frozen=True, slots=True)
class Context:
    """One request: the caller, the purpose and case it named, and the day it happens on.

    `case_required` is the purpose's word on it; `case` is the case number as given and is never
    logged in clear. `today` is the day in Asia/Shanghai, `now` the instant; `article` is that of
    the purpose, None until the purpose is known to be this caller's.
    """

    caller: Caller
    purpose: str | None
    case: str | None = field(repr=False)
    case_required: bool
    revision: str
    today: date
    now: datetime
    article: str | None = None

    def for_purpose(self, article: str, *, required: bool) -> "Context":
        """The same request once its purpose is known to be the caller's."""
        # Spelled out: `replace` takes ten times as long, and every request comes by here.
        return Context(
            caller=self.caller,
            purpose=self.purpose,
            case=self.case,
            case_required=required,
            revision=self.revision,
            today=self.today,
            now=self.now,
            article=article,
        )
