"""Reading a signed token (RFC 7515 compact form, RFC 7519 claims) and checking what it says itself.

The steps are those of RFC 7519 section 7.2, with the advice of RFC 8725: the key decides the
algorithm, nothing in the header can name or carry a key, and an extension that must be understood
(`crit`) is refused. Encrypted tokens and detached payloads are not implemented.

No refusal says more to the caller than that the token is not valid; its `reason` is for the log.
"""

import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import orjson

from server.public_keys import ALGORITHMS, PublicKey

LONGEST_TOKEN: Final = 8192
CLOCK_SKEW: Final = 30.0
"""Seconds that the clocks of issuer and service may differ: a token may begin a little ahead of our
clock, so that it can be used at once. None lives past its `exp`, for its end was chosen."""

LONGEST_ASSERTION: Final = 300.0
"""A department's own assertion lives five minutes at most."""

_BASE64URL: Final = re.compile(rb"[A-Za-z0-9_-]*")
_TO_BASE64: Final = bytes.maketrans(b"-_", b"+/")
# Printable ASCII without blanks: an official's id goes into the audit record, a name must not.
_SUBJECT: Final = re.compile(r"[!-~]{1,128}")
_SEGMENTS: Final = 3


class Refusal(StrEnum):
    """Why a token is refused; a word for the log, never for the caller."""

    MISSING = "no bearer token"
    MALFORMED = "not a signed token"
    ALGORITHM = "algorithm not allowed"
    ISSUER = "issuer unknown or revoked"
    KEY = "key unknown or revoked"
    SIGNATURE = "signature wrong"
    AUDIENCE = "for another audience"
    EXPIRED = "expired"
    NOT_YET = "not valid yet"
    TOO_LONG = "lives too long for an assertion"
    CLAIM = "a claim is missing or of the wrong kind"
    DEPARTMENT = "department unknown or not the client's"
    OFFICIAL = "official not registered or ended"
    NARROWED = "claims leave nothing"


class TokenRefusedError(Exception):
    """The token can't be taken."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A token in its parts; nothing of it has been verified."""

    algorithm: str
    kid: str | None
    issuer: str
    claims: Mapping[str, object] = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token with a good signature says; unknown claims are ignored."""

    subject: str
    department: str
    expires: float
    roles: frozenset[str] | None
    purposes: frozenset[str] | None
    division: str | None


def is_subject(text: str) -> bool:
    """Whether `sub` may say this: visible ASCII, for it enters the log, and a name must not."""
    return _SUBJECT.fullmatch(text) is not None


def split(token: bytes) -> SignedToken:
    """Take a token apart without believing any of it (RFC 7515 section 5.2, steps 1 to 7).

    Raises:
        TokenRefusedError: It is not a signed token of an allowed algorithm.
    """
    segments = token.split(b".")
    if len(token) > LONGEST_TOKEN or len(segments) != _SEGMENTS:
        raise TokenRefusedError(Refusal.MALFORMED)
    header = _object(segments[0])
    algorithm = header.get("alg")
    # RFC 8725 section 3.1. `none` and every HMAC fall here, before any key is looked for.
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TokenRefusedError(Refusal.ALGORITHM)
    # RFC 7515 section 4.1.11: no extension is understood here; `b64` is one.
    if "crit" in header or "b64" in header:
        raise TokenRefusedError(Refusal.MALFORMED)
    kid = header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise TokenRefusedError(Refusal.MALFORMED)
    claims = _object(segments[1])
    issuer = claims.get("iss")
    if not isinstance(issuer, str):
        raise TokenRefusedError(Refusal.CLAIM)
    return SignedToken(
        algorithm=algorithm,
        kid=kid,
        issuer=issuer,
        claims=claims,
        signing_input=segments[0] + b"." + segments[1],
        signature=_bytes(segments[2]),
    )


def verify_signature(token: SignedToken, keys: Iterable[PublicKey]) -> None:
    """Check the signature with the issuer's keys (RFC 7515 section 5.2, step 8).

    Keys come from the issuer's own list only, and each with its own algorithm.

    Raises:
        TokenRefusedError: No key of the issuer fits, or none made this signature.
    """
    fitting = [
        key
        for key in keys
        if key.algorithm == token.algorithm and (token.kid is None or key.kid == token.kid)
    ]
    if not fitting:
        raise TokenRefusedError(Refusal.KEY)
    if not any(key.verify(token.signing_input, token.signature) for key in fitting):
        raise TokenRefusedError(Refusal.SIGNATURE)


def read_claims(claims: Mapping[str, object], *, audience: str, now: float) -> Claims:
    """Check the claims of a token whose signature is good (RFC 7519 section 4.1).

    Raises:
        TokenRefusedError: A claim is missing, of the wrong kind, or refuses this moment or service.
    """
    audiences = claims.get("aud")
    if audiences != audience and not (isinstance(audiences, list) and audience in audiences):
        raise TokenRefusedError(Refusal.AUDIENCE)
    expires = _time(claims, "exp")
    if expires is None:
        raise TokenRefusedError(Refusal.CLAIM)
    if now >= expires:
        raise TokenRefusedError(Refusal.EXPIRED)
    for name in ("nbf", "iat"):
        since = _time(claims, name)
        if since is not None and now < since - CLOCK_SKEW:
            raise TokenRefusedError(Refusal.NOT_YET)
    _text(claims, "jti")
    division = claims.get("division")
    if division is not None and not isinstance(division, str):
        raise TokenRefusedError(Refusal.CLAIM)
    return Claims(
        subject=_text(claims, "sub"),
        department=_text(claims, "department"),
        expires=expires,
        roles=_names(claims, "roles"),
        purposes=_names(claims, "purposes"),
        division=division,
    )


def check_assertion(claims: Mapping[str, object], *, now: float) -> None:
    """Hold a department's own assertion to five minutes, from its start and from now.

    Raises:
        TokenRefusedError: It lives longer.
    """
    expires = _time(claims, "exp")
    if expires is None or expires > now + LONGEST_ASSERTION + CLOCK_SKEW:
        raise TokenRefusedError(Refusal.TOO_LONG)
    for name in ("nbf", "iat"):
        since = _time(claims, name)
        if since is not None and expires - since > LONGEST_ASSERTION:
            raise TokenRefusedError(Refusal.TOO_LONG)


def _object(segment: bytes) -> dict[str, object]:
    try:
        value = orjson.loads(_bytes(segment))
    except orjson.JSONDecodeError:
        raise TokenRefusedError(Refusal.MALFORMED) from None
    if not isinstance(value, dict):
        raise TokenRefusedError(Refusal.MALFORMED)
    return value


def _bytes(segment: bytes) -> bytes:
    """Base64url without padding (RFC 7515 section 2); other alphabets are refused, not skipped."""
    if not _BASE64URL.fullmatch(segment):
        raise TokenRefusedError(Refusal.MALFORMED)
    padded = segment.translate(_TO_BASE64) + b"=" * (-len(segment) % 4)
    try:
        return binascii.a2b_base64(padded, strict_mode=True)
    except binascii.Error:
        raise TokenRefusedError(Refusal.MALFORMED) from None


def _time(claims: Mapping[str, object], name: str) -> float | None:
    """A NumericDate (RFC 7519 section 2). A boolean is no number here."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefusedError(Refusal.CLAIM)
    return float(value)


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not _SUBJECT.fullmatch(value):
        raise TokenRefusedError(Refusal.CLAIM)
    return value


def _names(claims: Mapping[str, object], name: str) -> frozenset[str] | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TokenRefusedError(Refusal.CLAIM)
    return frozenset(value)
