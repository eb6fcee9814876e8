"""What the operator decides, read once from the environment and checked.

Every value is checked here, and a wrong one is a `SettingsError` that names the variable and the
next step. A production start without its security settings is refused; a demonstration start has a
default for each of them.

This module never reads a clock, opens a database or repeats a value that was set: an address may
hold a password.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from schema.errors import Language

DEMONSTRATION_ISSUER: Final = "urn:juzhu:demonstration"
"""The issuer of demonstration tokens. Nothing signed in its name is taken in production."""

DEMONSTRATION_AUDIENCE: Final = "juzhu"

_DATABASE_SCHEMES: Final = frozenset({"sqlite", "postgresql", "postgres"})
_LAST_PORT: Final = 65535
_FIRST_YEAR: Final = 2017
_LAST_YEAR: Final = 2100
"""Days on which people may train: since the Measures, and while deadlines can be reckoned."""


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names it and says what to set."""


class Mode(StrEnum):
    """What this deployment is for."""

    DEMO = "demo"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """The city's identity provider: its name in `iss`, and where its public keys are.

    `jwks` is an https address or the path of a file.
    """

    issuer: str
    jwks: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What documents are set with besides what is shipped: a folder of fonts, two files."""

    fonts: Path | None = None
    labels: Path | None = None
    remedies: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a deployment decides. Addresses stay out of `repr`, they may hold a password."""

    home: Path
    mode: Mode
    database_url: str = field(repr=False)
    root_key: str = field(repr=False)
    provider: IdentityProvider | None
    audience: str
    language: Language
    host: str
    port: int
    proxies: str | None = None
    rules: Path | None = None
    """The city's policy file, its holiday notices, and where items of article 26 are introduced."""
    holidays: Path | None = None
    roll_out: Path | None = None
    training_day: date | None = None
    """The day that a demonstration pretends; never in production."""
    paper: Paper = Paper()
    limits: Path | None = None
    """The file of limits on requests and rows."""
    redis: str | None = field(default=None, repr=False)
    """Where replicas count together."""

    @property
    def embedded(self) -> bool:
        """Whether the database is a SQLite file, which one process alone may write."""
        return self.database_url.startswith("sqlite:")

    @property
    def demonstration_key(self) -> Path:
        """Where the demonstration issuer's private key lies; only demonstration data has one."""
        return self.home / "keys" / "demonstration-issuer.jwk"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read and check every setting.

    Raises:
        SettingsError: A value is wrong, or production lacks a security setting.
    """
    mode = _mode(environment)
    home = Path(_value(environment, "JUZHU_HOME") or "var")
    return Settings(
        home=home,
        mode=mode,
        database_url=_database_url(environment, home),
        root_key=_root_key(environment, mode, home),
        provider=_provider(environment),
        audience=_audience(environment, mode),
        language=_language(environment),
        host=_value(environment, "JUZHU_HOST") or "127.0.0.1",
        port=_port(environment),
        proxies=_proxies(environment),
        rules=_path(environment, "JUZHU_RULES"),
        holidays=_path(environment, "JUZHU_HOLIDAYS"),
        roll_out=_path(environment, "JUZHU_ROLL_OUT"),
        training_day=_training_day(environment, mode),
        paper=Paper(
            fonts=_path(environment, "JUZHU_FONTS"),
            labels=_path(environment, "JUZHU_LABELS"),
            remedies=_path(environment, "JUZHU_REMEDIES"),
        ),
        limits=_path(environment, "JUZHU_LIMITS"),
        redis=_value(environment, "JUZHU_REDIS"),
    )


def _value(environment: Mapping[str, str], name: str) -> str | None:
    """A variable's value; blank counts as not set."""
    return environment.get(name, "").strip() or None


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    value = _value(environment, name)
    return None if value is None else Path(value)


def _mode(environment: Mapping[str, str]) -> Mode:
    value = _value(environment, "JUZHU_MODE")
    if value is None:
        return Mode.DEMO
    try:
        return Mode(value)
    except ValueError:
        raise SettingsError("JUZHU_MODE is neither `demo` nor `production`: set one") from None


def _database_url(environment: Mapping[str, str], home: Path) -> str:
    value = _value(environment, "JUZHU_DATABASE_URL")
    if value is None:
        return f"sqlite:///{home / 'juzhu.db'}"
    scheme, separator, _ = value.partition("://")
    if not separator or scheme not in _DATABASE_SCHEMES:
        raise SettingsError(
            "JUZHU_DATABASE_URL must begin with `sqlite:///` or `postgresql://`: correct it, or "
            "unset it for the embedded database under JUZHU_HOME"
        )
    return value


def _root_key(environment: Mapping[str, str], mode: Mode, home: Path) -> str:
    value = _value(environment, "JUZHU_ROOT_KEY")
    if value is None:
        if mode is Mode.PRODUCTION:
            raise _missing("JUZHU_ROOT_KEY", "`file:` and the path of the root key")
        return f"file:{home / 'keys' / 'root.key'}"
    if not value.startswith("file:") or value == "file:":
        raise SettingsError(
            "JUZHU_ROOT_KEY must be `file:` and a path, such as file:/etc/juzhu/root.key"
        )
    return value


def _provider(environment: Mapping[str, str]) -> IdentityProvider | None:
    issuer = _value(environment, "JUZHU_ISSUER")
    jwks = _value(environment, "JUZHU_JWKS")
    if issuer is None and jwks is None:
        return None
    if issuer is None:
        raise _missing("JUZHU_ISSUER", "the `iss` that the identity provider behind JUZHU_JWKS has")
    if jwks is None:
        raise _missing("JUZHU_JWKS", "the file or https address of that issuer's public keys")
    if issuer == DEMONSTRATION_ISSUER:
        raise SettingsError(
            "JUZHU_ISSUER names the demonstration issuer: name the city's identity provider"
        )
    return IdentityProvider(issuer=issuer, jwks=_key_address(jwks))


def _key_address(jwks: str) -> str:
    """An https address or a path; plain http would let anybody on the way choose the keys."""
    scheme, separator, _ = jwks.partition("://")
    if not separator:
        return jwks
    if scheme == "file":
        return urlsplit(jwks).path
    if scheme != "https" or not urlsplit(jwks).hostname:
        raise SettingsError("JUZHU_JWKS must be a file or an https address: correct it")
    return jwks


def _audience(environment: Mapping[str, str], mode: Mode) -> str:
    value = _value(environment, "JUZHU_AUDIENCE")
    if value is None:
        if mode is Mode.PRODUCTION:
            raise _missing("JUZHU_AUDIENCE", "the `aud` that tokens for this service carry")
        return DEMONSTRATION_AUDIENCE
    return value


def _language(environment: Mapping[str, str]) -> Language:
    languages: dict[str, Literal["zh-CN", "en"]] = {"zh-CN": "zh-CN", "en": "en"}
    value = _value(environment, "JUZHU_LANGUAGE") or "zh-CN"
    if value not in languages:
        raise SettingsError("JUZHU_LANGUAGE is neither `zh-CN` nor `en`: set one, or unset it")
    return languages[value]


def _port(environment: Mapping[str, str]) -> int:
    name = "JUZHU_PORT" if _value(environment, "JUZHU_PORT") else "PORT"
    value = _value(environment, name) or "8000"
    if not (value.isascii() and value.isdecimal() and int(value) <= _LAST_PORT):
        raise SettingsError(f"{name} must be a number from 0 to {_LAST_PORT}: correct it")
    return int(value)


def _training_day(environment: Mapping[str, str], mode: Mode) -> date | None:
    """The day that people train on; a service that decides about people has the real one."""
    value = _value(environment, "JUZHU_TODAY")
    if value is None:
        return None
    if mode is Mode.PRODUCTION:
        raise SettingsError(
            "JUZHU_TODAY (`--today`) is for demonstration and training: unset it in production"
        )
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.min
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise SettingsError(
            "JUZHU_TODAY (`--today`) must be a day such as 2026-03-02, from 2017 to 2100: write one"
        )
    return day


def _proxies(environment: Mapping[str, str]) -> str | None:
    """The addresses of proxies in front, whose X-Forwarded-For is believed; nobody's by default."""
    value = _value(environment, "JUZHU_PROXIES")
    if value is None:
        return None
    try:
        networks = [ip_network(part.strip()) for part in value.split(",")]
    except ValueError:
        raise SettingsError(
            "JUZHU_PROXIES must be addresses or networks with commas between, such as "
            "10.0.0.5,10.1.0.0/24: correct it"
        ) from None
    return ",".join(map(str, networks))


def _missing(name: str, what: str) -> SettingsError:
    return SettingsError(f"{name} is missing: set it to {what}")
