"""Who takes part in the tests of the server: issuers with real keys, a clock that stands still."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import orjson
from joserfc.jwk import ECKey, OKPKey, RSAKey

from db.register import Client, ClientKey, Official, Snapshot
from db.register_founding import STARTING_DEPARTMENTS
from server.public_keys import ALGORITHMS, PublicKey, read_public_key

AUDIENCE = "juzhu"
NOON = 1_795_320_000.0
"""2026-11-22 12:00 in Asia/Shanghai."""

DAY = "2026-11-22"


@dataclass
class StillClock:
    """A clock that moves only when a test moves it."""

    seconds: float = NOON

    def now(self) -> float:
        return self.seconds


@dataclass(frozen=True)
class Issuer:
    """Somebody with a key pair who signs what a test wants signed."""

    name: str
    algorithm: str
    key: ECKey | OKPKey | RSAKey

    @property
    def public(self) -> PublicKey:
        return read_public_key(orjson.dumps(self.key.as_dict(private=False)))

    def header(self) -> dict[str, object]:
        return {"alg": self.algorithm, "typ": "JWT", "kid": self.public.kid}

    def claims(self, *, now: float = NOON, **changed: object) -> dict[str, object]:
        """Good claims of a five-minute assertion; a change to None leaves a claim out."""
        return self.changed_claims(changed, now=now)

    def changed_claims(
        self, changed: Mapping[str, object], *, now: float = NOON
    ) -> dict[str, object]:
        claims: dict[str, object] = {
            "iss": self.name,
            "sub": "demo-01",
            "aud": AUDIENCE,
            "nbf": int(now),
            "exp": int(now) + 300,
            "jti": "0b9c",
            "department": "education",
        }
        claims.update(changed)
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, now: float = NOON, **changed: object) -> bytes:
        return self.sign(self.header(), self.claims(now=now, **changed))

    def signed(self, changed: Mapping[str, object]) -> bytes:
        """Good claims with some of them changed, signed."""
        return self.sign(self.header(), self.changed_claims(changed))

    def sign(self, header: Mapping[str, object], claims: object) -> bytes:
        """Sign any header and claims, right or wrong."""
        signing_input = segment(header) + b"." + segment(claims)
        signature = ALGORITHMS[self.algorithm].sign(signing_input, self.key)
        return signing_input + b"." + encoded(signature)


def segment(value: object) -> bytes:
    return encoded(orjson.dumps(value))


def encoded(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def es256(name: str) -> Issuer:
    return Issuer(name, "ES256", ECKey.generate_key("P-256"))


def eddsa(name: str) -> Issuer:
    return Issuer(name, "EdDSA", OKPKey.generate_key("Ed25519"))


def rs256(name: str) -> Issuer:
    return Issuer(name, "RS256", RSAKey.generate_key(2048))


@dataclass
class Roll:
    """A register in memory; a test changes it by replacing the snapshot, as a refresh does."""

    clients: list[Client] = field(default_factory=list)
    keys: list[ClientKey] = field(default_factory=list)
    officials: list[Official] = field(default_factory=list)
    snapshot: Snapshot = field(init=False)

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        self.snapshot = Snapshot(
            version=1,
            seal=b"",
            departments=STARTING_DEPARTMENTS,
            clients=MappingProxyType({client.id: client for client in self.clients}),
            keys=MappingProxyType(
                {
                    key.client: tuple(k for k in self.keys if k.client == key.client)
                    for key in self.keys
                }
            ),
            officials=MappingProxyType(
                {
                    (o.department, o.official): tuple(
                        p
                        for p in self.officials
                        if (p.department, p.official) == (o.department, o.official)
                    )
                    for o in self.officials
                }
            ),
        )

    def add(self, issuer: Issuer, *, department: str = "education", until: str = DAY) -> None:
        if all(client.id != issuer.name for client in self.clients):
            self.clients.append(
                Client(
                    id=issuer.name,
                    department=department,
                    valid_from="2026-01-01",
                    valid_until=until,
                    revoked_at=None,
                )
            )
        self.add_key(issuer, until=until)

    def add_key(self, issuer: Issuer, *, until: str = DAY) -> None:
        self.keys.append(
            ClientKey(
                client=issuer.name,
                kid=issuer.public.kid,
                jwk=issuer.public.jwk(),
                valid_from="2026-01-01",
                valid_until=until,
                revoked_at=None,
            )
        )
        self.refresh()

    def add_official(
        self,
        *,
        department: str,
        official: str = "demo-01",
        role: str | None = None,
        division: str | None = None,
        until: str | None = None,
    ) -> None:
        self.officials.append(
            Official(
                id="00",
                department=department,
                official=official,
                role=role or department,
                division=division,
                valid_from="2026-01-01",
                valid_until=until,
                ended_at=None,
            )
        )
        self.refresh()
