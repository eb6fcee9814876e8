"""The limits that an operator sets (JUZHU_LIMITS), and the store that counts them (JUZHU_REDIS).

The file is TOML:

    [default]                                # departments that have no table of their own
    official_requests_per_minute = 600
    department_requests_per_minute = 6000
    official_rows_per_day = 5000
    department_rows_per_day = 100000

    [department.education]                   # what is left out is as in [default]
    department_rows_per_day = "unlimited"

Without a file production has the figures above; a demonstration has no limits.
"""

import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from limits.aio.storage import MemoryStorage, RedisStorage, Storage

from resolvers.quotas import Figures, Quotas
from server.clock import elapsed
from server.settings import Mode, Settings, SettingsError

SHIPPED: Final = Figures(
    official_requests=600,
    department_requests=6000,
    official_rows=5000,
    department_rows=100_000,
)
"""What production has without a file."""

_NAMES: Final = {
    "official_requests_per_minute": "official_requests",
    "department_requests_per_minute": "department_requests",
    "official_rows_per_day": "official_rows",
    "department_rows_per_day": "department_rows",
}
_UNLIMITED: Final = "unlimited"
_MOST: Final = 1_000_000_000
_MOST_BYTES: Final = 1 << 20
_STORE_SECONDS: Final = 0.5
"""How long a request may wait for the store before the process goes on alone."""


@dataclass(frozen=True, slots=True)
class QuotaFigures:
    """The limits of a deployment."""

    default: Figures = field(default_factory=Figures)
    departments: Mapping[str, Figures] = field(default_factory=dict)

    @property
    def unlimited(self) -> bool:
        """Whether nobody has any limit."""
        return self.default == Figures() and not self.departments


def read_figures(settings: Settings) -> QuotaFigures:
    """Read the limits that a deployment has.

    Raises:
        SettingsError: the file can't be read, or says what can't be; it names the place.
    """
    if settings.limits is None:
        return QuotaFigures(SHIPPED if settings.mode is Mode.PRODUCTION else Figures())
    document = _document(settings.limits)
    unknown = next((name for name in document if name not in {"default", "department"}), None)
    if unknown is not None:
        raise SettingsError(
            f"JUZHU_LIMITS: {unknown!r} is no table: write [default] or [department.<code>]"
        )
    tables = document.get("department", {})
    if not isinstance(tables, dict):
        raise SettingsError("JUZHU_LIMITS: department is no table: write [department.<code>]")
    default = _figures(document.get("default", {}), SHIPPED, "[default]")
    departments = {
        code: _figures(table, default, f"[department.{code}]") for code, table in tables.items()
    }
    return QuotaFigures(default, departments)


@asynccontextmanager
async def opened_quotas(
    figures: QuotaFigures, redis: str | None, report: Callable[[str], None]
) -> AsyncIterator[Quotas | None]:
    """Open what counts; None where nobody has a limit.

    Raises:
        SettingsError: JUZHU_REDIS can't be an address, or the client for it is not installed.
    """
    if figures.unlimited:
        yield None
        return
    async with opened_store(redis) as store:
        yield Quotas(
            default=figures.default,
            departments=figures.departments,
            store=store,
            elapsed=elapsed,
            report=report,
        )


@asynccontextmanager
async def opened_store(redis: str | None) -> AsyncIterator[Storage]:
    """Open where counts are kept: memory, or the store at an address. Nothing is asked of it yet.

    Raises:
        SettingsError: the address can't be one, or the client for it is not installed.
    """
    if redis is None:
        yield MemoryStorage()
        return
    if urlsplit(redis).scheme not in {"redis", "rediss"}:
        raise SettingsError("JUZHU_REDIS must be an address such as redis://127.0.0.1:6379/0")
    try:
        from redis.asyncio import ConnectionPool  # noqa: PLC0415 — installed with juzhu[redis] only
    except ImportError:
        raise SettingsError(
            "JUZHU_REDIS is set and the client for Redis is not installed: install juzhu[redis]"
        ) from None
    try:
        pool = ConnectionPool.from_url(
            redis, socket_timeout=_STORE_SECONDS, socket_connect_timeout=_STORE_SECONDS
        )
    except ValueError:
        # The address may hold a password: it is not repeated.
        raise SettingsError("JUZHU_REDIS is no address: write redis://host:port/number") from None
    try:
        yield RedisStorage(
            f"async+{redis}",
            wrap_exceptions=True,
            implementation="redispy",
            connection_pool=pool,  # type: ignore[arg-type]  # documented; only its type is narrower
        )
    finally:
        await pool.aclose()


def _document(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise SettingsError("JUZHU_LIMITS names a file of over 1 MiB: name the limits' own")
        return tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        why = error.strerror or "it can't be opened"
        raise SettingsError(f"JUZHU_LIMITS: the file can't be read ({why}): correct it") from None
    except UnicodeDecodeError:
        raise SettingsError("JUZHU_LIMITS: the file is not UTF-8: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"JUZHU_LIMITS: the file is not TOML ({error})") from None


def _figures(table: object, default: Figures, place: str) -> Figures:
    if not isinstance(table, dict):
        raise SettingsError(f"JUZHU_LIMITS: {place} is no table")
    found = default
    for name, value in table.items():
        where = _NAMES.get(name)
        if where is None:
            known = ", ".join(_NAMES)
            raise SettingsError(f"JUZHU_LIMITS: {place} has no {name!r}: write one of {known}")
        found = replace(found, **{where: _amount(value, f"{place} {name}")})
    return found


def _amount(value: object, place: str) -> int | None:
    if value == _UNLIMITED:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
        raise SettingsError(
            f'JUZHU_LIMITS: {place} must be a number from 1 to {_MOST}, or "{_UNLIMITED}"'
        )
    return value
