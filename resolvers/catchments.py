"""May this request ask about this catchment? Decided before anything of a person is touched.

A catchment is the caller's own department's, approved, of today; enough people are registered in
it today, not only when it was approved; and the request's case has asked about no other. So a
refusal says nothing of whoever is asked about, and the answers stay the same yes or no
(articles 24(4) and 28). This module never sees a person.
"""

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum

from db.catchment import Catchment
from db.catchment_cases import CatchmentCases
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from resolvers.context import Context

Find = Callable[[str, str, date], Catchment | None]
"""(department, name, day) → the version in use."""


class CatchmentRefusal(StrEnum):
    """Why a catchment may not be asked about; each is a code of the error table."""

    CASE_REQUIRED = "CASE_REQUIRED"
    UNKNOWN = "CATCHMENT_UNKNOWN"
    TOO_SMALL = "CATCHMENT_TOO_SMALL"
    OTHER_FOR_CASE = "CATCHMENT_OTHER_FOR_CASE"


class CatchmentRefusedError(Exception):
    """The catchment may not be asked about; `refusal` says why, and the code what to do."""

    def __init__(self, refusal: CatchmentRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class Catchments:
    """Admits questions about catchments. One for the process."""

    __slots__ = ("_cases", "_digest", "_find", "_policy")

    def __init__(
        self,
        *,
        find: Find,
        cases: CatchmentCases,
        digest: Callable[[str], bytes],
        policy: Parameters | Schedule = AS_ISSUED,
    ) -> None:
        self._find = find
        self._cases = cases
        self._digest = digest
        self._policy = policy

    async def admit(self, names: Sequence[str], context: Context) -> dict[str, frozenset[str]]:
        """The townships of the one catchment that a request asks about, by its name.

        Raises:
            CatchmentRefusedError: it may not be asked about.
        """
        if context.case is None:
            raise CatchmentRefusedError(CatchmentRefusal.CASE_REQUIRED)
        name, *others = dict.fromkeys(names)
        if others:
            raise CatchmentRefusedError(CatchmentRefusal.OTHER_FOR_CASE)
        department = context.caller.department
        found = self._find(department, name, context.today)
        if found is None:
            raise CatchmentRefusedError(CatchmentRefusal.UNKNOWN)
        least = self._policy.on(context.today).values.catchment_least_persons
        if not await self._cases.holds(sorted(found.places), least):
            raise CatchmentRefusedError(CatchmentRefusal.TOO_SMALL)
        asked = bytes.fromhex(found.id)
        if await self._cases.settle(department, self._digest(context.case), asked) != asked:
            raise CatchmentRefusedError(CatchmentRefusal.OTHER_FOR_CASE)
        return {name: found.places}
