"""Public keys that check tokens: read from JWK or PEM, each bound to one algorithm.

A key decides the algorithm (P-256 → ES256, Ed25519 → EdDSA, RSA → RS256); a token's header can
only agree with it. That alone stops `alg: none` and an RSA public key used as an HMAC secret
(RFC 8725 sections 3.1 and 3.2). This module never takes a private or a symmetric key, and no error
carries key material.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwa import EdDSAAlgorithm, ESAlgorithm, JWSAlgModel, RSAAlgorithm
from joserfc.jwk import DictKey, ECKey, Key, OctKey, OKPKey, RSAKey

SMALLEST_RSA_BITS: Final = 2048
LARGEST_RSA_BITS: Final = 8192
"""Checking a signature by a giant key costs as much as the sender likes."""

ALGORITHMS: Final[dict[str, JWSAlgModel]] = {
    "EdDSA": EdDSAAlgorithm(),
    "ES256": ESAlgorithm("ES256", "P-256", 256),
    "RS256": RSAAlgorithm(256),
}
"""RFC 7518 section 3.1 and RFC 8037: the algorithms of this service, and no other."""

_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})
_PRIVATE_HINT: Final = (
    "this is a private key: keep it secret at the department, and hand over its public half only "
    "(openssl pkey -in key.pem -pubout -out key.pub.pem)"
)


class PublicKeyError(ValueError):
    """Not a public key that this service takes; the message says what is needed."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, its identifier and the one algorithm that it may be used with."""

    kid: str
    algorithm: str
    key: Key = field(repr=False)

    def verify(self, signing_input: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over these bytes (RFC 7515 section 5.2)."""
        try:
            return ALGORITHMS[self.algorithm].verify(signing_input, signature, self.key)
        except (JoseError, ValueError):
            return False

    def jwk(self) -> str:
        """The public key as canonical JWK text, as the register stores it."""
        members = {**self.key.as_dict(private=False), "kid": self.kid, "alg": self.algorithm}
        return orjson.dumps(members, option=orjson.OPT_SORT_KEYS).decode()


def read_public_key(text: bytes) -> PublicKey:
    """Read one public key: a JWK, a JWK set with one key, or PEM (also a certificate).

    Raises:
        PublicKeyError: It is a private key, no key at all, or of an unsupported kind.
    """
    stripped = text.strip()
    if stripped.startswith(b"{"):
        return _from_jwk(_json_object(stripped))
    if b"PRIVATE KEY" in stripped:
        raise PublicKeyError(_PRIVATE_HINT)
    if b"-----BEGIN" in stripped:
        return _from_pem(stripped)
    raise PublicKeyError("not a key: give a public key as JWK (JSON) or PEM")


def read_key_set(text: bytes) -> tuple[PublicKey, ...]:
    """Read a JWK set (RFC 7517 section 5); keys that can't check tokens here are left out.

    Raises:
        PublicKeyError: It is no JWK set, or none of its keys can be used.
    """
    keys = _json_object(text).get("keys")
    if not isinstance(keys, list):
        raise PublicKeyError("not a JWK set: a JSON object with `keys` is needed")
    usable = tuple(_usable(keys))
    if not usable:
        raise PublicKeyError("no usable key in the JWK set: P-256, Ed25519 or RSA is needed")
    return usable


def _usable(keys: Sequence[object]) -> list[PublicKey]:
    """RFC 7517 section 5: members that are not understood are ignored."""
    usable: list[PublicKey] = []
    for members in keys:
        if isinstance(members, dict):
            try:
                usable.append(_from_jwk(members))
            except PublicKeyError:
                continue
    return usable


def _json_object(text: bytes) -> dict[str, object]:
    try:
        members = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise PublicKeyError("not a key: its JSON can't be read") from None
    if not isinstance(members, dict):
        raise PublicKeyError("not a key: a JSON object is needed")
    return members


def _from_jwk(members: dict[str, object]) -> PublicKey:
    keys = members.get("keys")
    if isinstance(keys, list):
        if len(keys) != 1 or not isinstance(keys[0], dict):
            raise PublicKeyError("the JWK set must hold exactly one key")
        return _from_jwk(keys[0])
    if _PRIVATE_MEMBERS & members.keys():
        raise PublicKeyError(_PRIVATE_HINT)
    if members.get("use", "sig") != "sig":
        raise PublicKeyError("the key is meant for encryption: give a signing key (`use`: `sig`)")
    kinds: dict[str, type[ECKey | OKPKey | RSAKey]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
    kind = kinds.get(str(members.get("kty")))
    if kind is None:
        raise PublicKeyError("a shared secret or unknown kind: give P-256, Ed25519 or RSA")
    named = members.get("kid")
    # Only what makes the key is kept: not x5c, not a comment, not an algorithm we'd have to trust.
    wanted: DictKey = {
        name: value
        for name in ("kty", "crv", "x", "y", "n", "e")
        if isinstance(value := members.get(name), str)
    }
    key = _bound(_import(kind, wanted), named if isinstance(named, str) and named else None)
    if members.get("alg", key.algorithm) != key.algorithm:
        raise PublicKeyError(f"`alg` does not fit the key: this key is used with {key.algorithm}")
    return key


def _from_pem(text: bytes) -> PublicKey:
    for kind in (ECKey, OKPKey, RSAKey):
        try:
            return _bound(_import(kind, text), None)
        except PublicKeyError:
            continue
    raise PublicKeyError("the PEM holds no usable key: give P-256, Ed25519 or RSA of 2048 bits")


def _import(kind: type[ECKey | OKPKey | RSAKey], value: DictKey | bytes) -> Key:
    """Import a key; the library's own message may quote it, so it is not passed on."""
    try:
        with warnings.catch_warnings():
            # A short RSA key is refused below, so the library's warning about it adds nothing.
            warnings.simplefilter("ignore", SecurityWarning)
            return kind.import_key(value)
    except (JoseError, ValueError, TypeError, KeyError):
        raise PublicKeyError(
            "the key can't be read: check its members, or export it again"
        ) from None


def _bound(key: Key, kid: str | None) -> PublicKey:
    """Bind a key to its one algorithm."""
    if isinstance(key, OctKey) or key.is_private:
        raise PublicKeyError(_PRIVATE_HINT)
    if isinstance(key, RSAKey):
        bits = key.raw_value.key_size
        if not SMALLEST_RSA_BITS <= bits <= LARGEST_RSA_BITS:
            raise PublicKeyError(
                f"an RSA key of {bits} bits: {SMALLEST_RSA_BITS} to {LARGEST_RSA_BITS} are needed"
            )
        algorithm = "RS256"
    elif key.curve_name == "P-256":
        algorithm = "ES256"
    elif key.curve_name == "Ed25519":
        algorithm = "EdDSA"
    else:
        raise PublicKeyError("an unsupported curve: give P-256, Ed25519 or RSA")
    return PublicKey(kid=kid or key.thumbprint(), algorithm=algorithm, key=key)
