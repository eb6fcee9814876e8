"""How much an official and a department may ask: requests a minute, rows a day.

Four accounts a request: official and department, each with its requests of this minute and its rows
of this day in Asia/Shanghai. A row is one person whom the caller presented, or one row of a list
that was shown; a "no" counts as much as a "yes", so what is left tells nothing about anybody.

The figures stand in a store of the library `limits`: memory, or Redis where several replicas count
together. A process takes a hundredth at a time from the store and spends that by itself, so a
request costs no round trip. Where the store can't be reached, each process goes on with a tenth of
each figure, so a lost store never means no limit.

Rows are taken before anybody is looked up. What a list didn't need is given back within the
process. This module never reads a clock and never knows who was asked about.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

from resolvers.context import Caller

LEASE_SHARE: Final = 100
"""A process takes this fraction of a figure from the store at a time, at least what is asked."""

LOCAL_SHARE: Final = 10
"""Without the store each process has this fraction of a figure."""

AGAIN_SECONDS: Final = 5.0
"""How long a store that failed is left alone."""

MOST_ACCOUNTS: Final = 100_000
"""Accounts kept in memory. One that is dropped gives back nothing: what it took counts as spent."""

_MINUTE: Final = 60
_DAY: Final = 86_400
_SHANGHAI: Final = 8 * 3600
"""Asia/Shanghai has had no summer time since 1991."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The limits of one department and each of its officials; None where there is none.

    Requests are counted by the minute, rows by the day.
    """

    official_requests: int | None = None
    department_requests: int | None = None
    official_rows: int | None = None
    department_rows: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one limit: it spans `seconds` and begins anew `again` seconds from now."""

    name: str
    amount: int
    seconds: int
    remaining: int
    again: int


class OverQuotaError(Exception):
    """A limit is reached. `first` says that nobody was told so yet in this span."""

    def __init__(self, quota: str, *, again: int, first: bool) -> None:
        super().__init__(quota)
        self.quota = quota
        self.again = again
        self.first = first


@dataclass(frozen=True, slots=True)
class _Limit:
    name: str
    who: str
    amount: int
    seconds: int
    span: int
    again: int

    @property
    def item(self) -> RateLimitItem:
        # Two spans long: the span is in the key, so a count never ends in the middle of its span.
        if self.seconds == _MINUTE:
            return RateLimitItemPerMinute(self.amount, 2)
        return RateLimitItemPerDay(self.amount, 2)


class _Account:
    """What this process took of one limit in one span, and what it spent of that."""

    __slots__ = ("elsewhere", "spent", "taken", "told")

    def __init__(self, amount: int) -> None:
        self.elsewhere = amount
        self.taken = 0
        self.spent = 0
        self.told = False


class Quotas:
    """Counts and refuses. One for the process."""

    def __init__(
        self,
        *,
        default: Figures,
        departments: Mapping[str, Figures],
        store: Storage,
        elapsed: Callable[[], float],
        report: Callable[[str], None],
    ) -> None:
        """Hand over what is counted by.

        Args:
            default: the figures of departments that have none of their own.
            departments: department → its figures.
            store: where counts are shared.
            elapsed: seconds on a clock that never jumps.
            report: told once each time that the store is lost (`lost`) or back (`found`).

        """
        self._default = default
        self._departments = departments
        self._windows = FixedWindowRateLimiter(store)
        self._elapsed = elapsed
        self._report = report
        self._lost_until: float | None = None
        self._accounts: OrderedDict[tuple[str, str, int], _Account] = OrderedDict()

    async def admit(self, caller: Caller, now: datetime) -> None:
        """Count one request.

        Raises:
            OverQuotaError: the official's or the department's requests of this minute are spent.

        """
        await self._spend(self._requests(caller, now), 1)

    async def reserve(self, caller: Caller, now: datetime, rows: int) -> None:
        """Count rows that are about to be read.

        Raises:
            OverQuotaError: fewer are left today.

        """
        if rows > 0:
            await self._spend(self._rows(caller, now), rows)

    def give_back(self, caller: Caller, now: datetime, rows: int) -> None:
        """Rows that were reserved at `now` and not shown."""
        for limit in self._rows(caller, now):
            account = self._accounts.get((limit.name, limit.who, limit.span))
            if account is not None:
                account.spent = max(account.spent - rows, 0)

    def left(self, caller: Caller, now: datetime) -> list[Left]:
        """What is left of each limit, as far as this process knows."""
        found = []
        for limit in (*self._requests(caller, now), *self._rows(caller, now)):
            account = self._accounts.get((limit.name, limit.who, limit.span))
            remaining = limit.amount
            if account is not None:
                remaining = account.elsewhere + account.taken - account.spent
            found.append(Left(limit.name, limit.amount, limit.seconds, remaining, limit.again))
        return found

    # --- the limits of a caller --------------------------------------------------------------

    def _requests(self, caller: Caller, now: datetime) -> list[_Limit]:
        figures = self._departments.get(caller.department, self._default)
        amounts = figures.official_requests, figures.department_requests
        return _limits("requests", amounts, caller, int(now.timestamp()), _MINUTE)

    def _rows(self, caller: Caller, now: datetime) -> list[_Limit]:
        figures = self._departments.get(caller.department, self._default)
        amounts = figures.official_rows, figures.department_rows
        return _limits("rows", amounts, caller, int(now.timestamp()) + _SHANGHAI, _DAY)

    # --- accounts ----------------------------------------------------------------------------

    async def _spend(self, limits: list[_Limit], count: int) -> None:
        """Take from each account, or from none."""
        spent: list[_Account] = []
        for limit in limits:
            account = self._account(limit)
            if account.spent + count > account.taken:
                await self._take(limit, account, count)
            if account.spent + count > account.taken:
                for other in spent:
                    other.spent -= count
                first, account.told = not account.told, True
                raise OverQuotaError(limit.name, again=limit.again, first=first)
            account.spent += count
            spent.append(account)

    def _account(self, limit: _Limit) -> _Account:
        place = limit.name, limit.who, limit.span
        account = self._accounts.get(place)
        if account is None:
            account = self._accounts[place] = _Account(limit.amount)
            if len(self._accounts) > MOST_ACCOUNTS:
                self._accounts.popitem(last=False)
        else:
            self._accounts.move_to_end(place)
        return account

    async def _take(self, limit: _Limit, account: _Account, count: int) -> None:
        """Take more of a limit from the store: what is asked for, or a share if that is more."""
        missing = account.spent + count - account.taken
        item, span = limit.item, str(limit.span)
        if self._lost_until is not None and self._elapsed() < self._lost_until:
            self._go_alone(limit, account)
            return
        try:
            window = await self._windows.get_window_stats(item, limit.name, limit.who, span)
            got = min(max(missing, limit.amount // LEASE_SHARE), max(window.remaining, 0))
            if got and not await self._windows.hit(item, limit.name, limit.who, span, cost=got):
                got = 0
        except StorageError:
            if self._lost_until is None:
                self._report("lost")
            self._lost_until = self._elapsed() + AGAIN_SECONDS
            self._go_alone(limit, account)
            return
        if self._lost_until is not None:
            self._report("found")
            self._lost_until = None
        account.taken += got
        account.elsewhere = max(window.remaining, 0) - got

    @staticmethod
    def _go_alone(limit: _Limit, account: _Account) -> None:
        account.taken = max(account.taken, ceil(limit.amount / LOCAL_SHARE))
        account.elsewhere = 0


def _limits(
    kind: str,
    amounts: tuple[int | None, int | None],
    caller: Caller,
    moment: int,
    seconds: int,
) -> list[_Limit]:
    span, past = divmod(moment, seconds)
    official, department = amounts
    found = []
    if official is not None:
        # A department's code has no slash, so nobody's name can look like another's.
        who = f"{caller.department}/{caller.official}"
        found.append(_Limit(f"official-{kind}", who, official, seconds, span, seconds - past))
    if department is not None:
        name = f"department-{kind}"
        found.append(_Limit(name, caller.department, department, seconds, span, seconds - past))
    return found
