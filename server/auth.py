"""Who is asking: the token says who, the register says what that one may act as.

Two ways to a token: the city's identity provider, or a department's own assertion, signed with a
key that the register holds and living five minutes at most. Claims may narrow what the register
says and never widen it. Checked tokens are kept until they expire; a change of the register, of
the provider's keys or of the day empties that store, so a revocation counts with the next request
after it is seen.

This module never tells a caller why a token was refused and never keeps more than a bounded
number of tokens.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Protocol

from db.register import EMPTY, Snapshot
from server.clock import DAY_SECONDS, Clock, day_of, end_of_day
from server.key_sources import KeySet
from server.public_keys import PublicKey, read_public_key
from server.settings import DEMONSTRATION_ISSUER
from server.tokens import (
    Claims,
    Refusal,
    SignedToken,
    TokenRefusedError,
    check_assertion,
    read_claims,
    split,
    verify_signature,
)

TOKENS_KEPT: Final = 10_000
"""Checking a signature costs a thousand times a look-up; the oldest tokens go first."""

_DIVISION: Final = re.compile(r"[0-9]{6}|[0-9]{9}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, as token and register together say, and until when that may be kept."""

    client: str
    official: str
    department: str
    roles: frozenset[str]
    division: str | None
    purposes: frozenset[str] | None
    authentication: str
    until: float


@dataclass(frozen=True, slots=True)
class Provider:
    """The city's identity provider: its issuer name and its keys."""

    issuer: str
    keys: KeySet


class Registered(Protocol):
    """Holds the register's newest snapshot."""

    snapshot: Snapshot


class Authenticator:
    """Turns tokens into identities."""

    __slots__ = (
        "_audience",
        "_clock",
        "_day",
        "_day_ends",
        "_demonstration",
        "_kept",
        "_provider",
        "_provider_keys",
        "_register",
        "_snapshot",
    )

    def __init__(
        self,
        *,
        register: Registered,
        provider: Provider | None,
        audience: str,
        demonstration: bool,
        clock: Clock,
    ) -> None:
        self._register = register
        self._provider = provider
        self._audience = audience
        self._demonstration = demonstration
        self._clock = clock
        self._kept: dict[bytes, Identity] = {}
        self._snapshot = register.snapshot
        self._provider_keys = provider.keys.keys if provider is not None else ()
        self._day, self._day_ends = day_of(clock.now()), end_of_day(clock.now())

    @property
    def trusts_register(self) -> bool:
        """Whether there is a register to judge by; else nobody can be answered."""
        return self._register.snapshot is not EMPTY

    def known(self, token: bytes) -> Identity | None:
        """Who sent this token, if it has been checked already and still stands."""
        now = self._clock.now()
        self._forget_outdated(now)
        identity = self._kept.get(token)
        return identity if identity is not None and now < identity.until else None

    def issuer_of(self, token: bytes) -> str | None:
        """The issuer that a token names, where this service has keys of it; nothing is proved."""
        try:
            issuer = split(token).issuer
        except TokenRefusedError:
            return None
        if self._provider is not None and issuer == self._provider.issuer:
            return issuer
        return issuer if self._register.snapshot.keys.get(issuer) else None

    def identify(self, token: bytes) -> Identity:
        """Check a token and say who sent it.

        Raises:
            TokenRefusedError: Nobody that this service knows.
        """
        now = self._clock.now()
        self._forget_outdated(now)
        identity = self._check(token, now)
        if len(self._kept) >= TOKENS_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[token] = identity
        return identity

    def _forget_outdated(self, now: float) -> None:
        """Empty the store where anything that it rests on has changed."""
        snapshot = self._register.snapshot
        keys = self._provider.keys.keys if self._provider is not None else ()
        if (
            snapshot is not self._snapshot
            or keys is not self._provider_keys
            or not self._day_ends - DAY_SECONDS <= now < self._day_ends
        ):
            self._kept.clear()
            self._snapshot, self._provider_keys = snapshot, keys
            self._day, self._day_ends = day_of(now), end_of_day(now)

    def _check(self, token: bytes, now: float) -> Identity:
        signed = split(token)
        if self._provider is not None and signed.issuer == self._provider.issuer:
            return self._from_provider(self._provider, signed, now)
        if signed.issuer == DEMONSTRATION_ISSUER:
            return self._from_demonstration(signed, now)
        return self._from_client(signed, now)

    def _from_provider(self, provider: Provider, signed: SignedToken, now: float) -> Identity:
        try:
            verify_signature(signed, provider.keys.keys)
        except TokenRefusedError as refused:
            if refused.reason is Refusal.KEY:
                provider.keys.unknown_key()
            raise
        claims = read_claims(signed.claims, audience=self._audience, now=now)
        return self._identity(signed.issuer, claims, "identity-provider")

    def _from_demonstration(self, signed: SignedToken, now: float) -> Identity:
        """Only a demonstration deployment takes these, and only its own key's."""
        if not self._demonstration:
            raise TokenRefusedError(Refusal.ISSUER)
        verify_signature(signed, _keys(self._snapshot, signed.issuer, self._day))
        claims = read_claims(signed.claims, audience=self._audience, now=now)
        return self._identity(f"demonstration-{claims.department}", claims, "demonstration")

    def _from_client(self, signed: SignedToken, now: float) -> Identity:
        client = self._snapshot.client(signed.issuer, self._day)
        if client is None:
            raise TokenRefusedError(Refusal.ISSUER)
        verify_signature(signed, _keys(self._snapshot, client.id, self._day))
        claims = read_claims(signed.claims, audience=self._audience, now=now)
        check_assertion(signed.claims, now=now)
        if claims.department != client.department:
            raise TokenRefusedError(Refusal.DEPARTMENT)
        return self._identity(client.id, claims, "client-key")

    def _identity(self, client: str, claims: Claims, authentication: str) -> Identity:
        roles, division = _acting_as(self._snapshot, claims, self._day)
        return Identity(
            client=client,
            official=claims.subject,
            department=claims.department,
            roles=roles,
            division=division,
            purposes=claims.purposes,
            authentication=authentication,
            until=claims.expires,
        )


def _acting_as(register: Snapshot, claims: Claims, day: date) -> tuple[frozenset[str], str | None]:
    """Roles and division of an official on a day: the register's, narrowed by the claims."""
    department = register.department(claims.department, day)
    if department is None:
        raise TokenRefusedError(Refusal.DEPARTMENT)
    entry = register.official(claims.department, claims.subject, day)
    if entry is not None:
        roles, division = frozenset({entry.role}), entry.division
    elif department.officials_registered or register.is_registered(
        claims.department, claims.subject
    ):
        # An ended entry must not fall back to the department's own role.
        raise TokenRefusedError(Refusal.OFFICIAL)
    else:
        roles, division = frozenset({department.code}), None
    if claims.roles is not None:
        roles &= claims.roles
    if not roles:
        raise TokenRefusedError(Refusal.NARROWED)
    return roles, _narrowed(division, claims.division)


def _narrowed(registered: str | None, claimed: str | None) -> str | None:
    """The smaller of two divisions; a township's code begins with its county's (GB/T 2260).

    An official of no division has none by a claim either: to a desk that would give persons whom
    the register gives it not.
    """
    if claimed is None:
        return registered
    if not _DIVISION.fullmatch(claimed):
        raise TokenRefusedError(Refusal.CLAIM)
    if registered is None:
        return None
    if claimed.startswith(registered):
        return claimed
    if registered.startswith(claimed):
        return registered
    raise TokenRefusedError(Refusal.NARROWED)


def _keys(register: Snapshot, issuer: str, day: date) -> list[PublicKey]:
    return [_parsed(key.jwk) for key in register.keys_of(issuer, day)]


@lru_cache(maxsize=1024)
def _parsed(jwk: str) -> PublicKey:
    """A key of the register; it was checked when it was added."""
    return read_public_key(jwk.encode())
