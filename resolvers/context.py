"""Who asks, what for, and what a use case is handed.

Everything a use case needs is in its `Context`; it reads no clock, environment or global.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from policies.permission import Scope


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

    `case` is the case number as given; it is never logged in clear. `today` is the day in
    Asia/Shanghai, `time` the instant as RFC 3339 UTC.
    """

    caller: Caller
    purpose: str | None
    case: str | None
    revision: str
    scopes: frozenset[Scope]
    today: date
    time: str
