"""The demonstration issuer: a key pair made with demonstration data, and tokens signed with it.

Its public key stands in the register under `DEMONSTRATION_ISSUER`, which marks the whole database
as demonstration data: a production start refuses such a database. The private key is a file that
its owner alone may read. This module never prints a key.
"""

import os
from dataclasses import dataclass
from secrets import token_hex
from typing import Final

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from db.database import Database
from db.register_changes import Moment, Registrar
from server.public_keys import PublicKey, read_public_key
from server.settings import DEMONSTRATION_ISSUER, Mode, Settings

TOKEN_SECONDS: Final = 12 * 3600
"""A working day with room: a token printed in the morning still answers in the evening."""

_OWNER_ONLY: Final = 0o600
_OTHERS: Final = 0o077


class DemonstrationError(RuntimeError):
    """There is no demonstration issuer here, or there must not be; the message says what to do."""


@dataclass(frozen=True, slots=True)
class DemonstrationIssuer:
    """Signs demonstration tokens. `repr` shows no key."""

    _key: ECKey

    def __repr__(self) -> str:
        """Say what it is, and nothing of the key."""
        return "DemonstrationIssuer()"

    def public_key(self) -> PublicKey:
        """What the register holds."""
        return read_public_key(orjson.dumps(self._key.as_dict(private=False)))

    def token(
        self,
        *,
        audience: str,
        department: str,
        official: str,
        purposes: tuple[str, ...],
        now: float,
    ) -> str:
        """A bearer token for an official of a department, good for TOKEN_SECONDS."""
        claims: dict[str, object] = {
            "iss": DEMONSTRATION_ISSUER,
            "sub": official,
            "aud": audience,
            "nbf": int(now),
            "exp": int(now) + TOKEN_SECONDS,
            "jti": token_hex(16),
            "department": department,
        }
        if purposes:
            claims["purposes"] = list(purposes)
        header = {"alg": "ES256", "kid": self.public_key().kid}
        return jwt.encode(header, claims, self._key, algorithms=["ES256"])


def create_issuer(settings: Settings) -> DemonstrationIssuer:
    """The issuer of this deployment, made where there is none.

    Raises:
        DemonstrationError: This is production, or the file can't be used.
    """
    _refuse_production(settings)
    path = settings.demonstration_key
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = orjson.dumps(ECKey.generate_key("P-256").as_dict(private=True))
        # Whole or not at all: a half-written key would stop every later start.
        draft = path.with_suffix(f".{token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return load_issuer(settings)


async def establish_issuer(
    settings: Settings, database: Database, registrar: Registrar, moment: Moment
) -> DemonstrationIssuer:
    """The issuer of this deployment, its public key in the register: run as often as you like.

    Raises:
        DemonstrationError: As `create_issuer` says.
    """
    issuer = create_issuer(settings)
    key = issuer.public_key()
    register = await database.read(registrar.snapshot)
    if all(known.kid != key.kid for known in register.keys.get(DEMONSTRATION_ISSUER, ())):
        await database.write(
            lambda session: registrar.add_key(
                session,
                issuer=DEMONSTRATION_ISSUER,
                kid=key.kid,
                jwk=key.jwk(),
                until=None,
                moment=moment,
            )
        )
    return issuer


def load_issuer(settings: Settings) -> DemonstrationIssuer:
    """The issuer of this deployment's demonstration data.

    Raises:
        DemonstrationError: This is production, there is no demonstration data, or its key's file
            can be read by others or not at all.
    """
    _refuse_production(settings)
    path = settings.demonstration_key
    try:
        if path.stat().st_mode & _OTHERS:
            raise DemonstrationError(f"{path.name} can be read by others: chmod 600 that file")
        members = orjson.loads(path.read_bytes())
        return DemonstrationIssuer(ECKey.import_key(members))
    except FileNotFoundError:
        raise DemonstrationError(
            "there is no demonstration data under JUZHU_HOME: `make run` creates it"
        ) from None
    except (OSError, ValueError, TypeError, KeyError, JoseError):
        raise DemonstrationError(
            f"{path.name} can't be read as a key: remove it, and `make run` makes a new one"
        ) from None


def _refuse_production(settings: Settings) -> None:
    if settings.mode is Mode.PRODUCTION:
        raise DemonstrationError(
            "demonstration tokens don't exist in production: use the city's identity provider or "
            "a department's own key (`juzhu client add`)"
        )
