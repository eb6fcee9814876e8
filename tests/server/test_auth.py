"""Who is asking: what tokens are taken, what each attack on them meets, how claims narrow."""

import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.auth import TOKENS_KEPT, Authenticator, Provider
from server.clock import day_of
from server.key_sources import KeySet
from server.log import Log
from server.public_keys import ALGORITHMS
from server.settings import DEMONSTRATION_ISSUER
from server.tokens import Refusal, TokenRefusedError, split
from tests.server.actors import (
    AUDIENCE,
    NOON,
    Issuer,
    Roll,
    StillClock,
    eddsa,
    encoded,
    es256,
    rs256,
    segment,
)

EDUCATION = es256("edu")
OTHER = es256("edu")
RSA = rs256("edu-rsa")
CITY = eddsa("https://id.example.cn")
DEMONSTRATION = es256(DEMONSTRATION_ISSUER)


def quiet(_line: bytes) -> None:
    """A log that nobody reads."""


def key_set(*issuers: Issuer) -> KeySet:
    text = orjson.dumps({"keys": [orjson.loads(issuer.public.jwk()) for issuer in issuers]})
    return KeySet("unused", Log(StillClock(), quiet), lambda _address: text)


def authenticator(
    roll: Roll,
    *,
    clock: StillClock | None = None,
    provider: Provider | None = None,
    demonstration: bool = False,
) -> Authenticator:
    return Authenticator(
        register=roll,
        provider=provider,
        audience=AUDIENCE,
        demonstration=demonstration,
        clock=clock or StillClock(),
    )


@pytest.fixture
def roll() -> Roll:
    roll = Roll()
    roll.add(EDUCATION)
    roll.add(RSA)
    return roll


def refusal(to: Authenticator, token: bytes) -> Refusal:
    with pytest.raises(TokenRefusedError) as caught:
        to.identify(token)
    assert to.known(token) is None
    return caught.value.reason


@pytest.mark.parametrize("make", [es256, eddsa, rs256])
def test_a_departments_own_assertion_says_who_and_the_register_says_what(
    make: Callable[[str], Issuer],
) -> None:
    issuer = make("edu-7")
    roll = Roll()
    roll.add(issuer)
    identity = authenticator(roll).identify(issuer.token(sub="T-17", color="blue"))
    assert (identity.client, identity.official) == ("edu-7", "T-17")
    assert (identity.department, identity.roles) == ("education", frozenset({"education"}))
    assert (identity.division, identity.purposes) == (None, None)
    assert identity.authentication == "client-key"


def test_a_checked_token_is_known_until_it_expires(roll: Roll) -> None:
    clock = StillClock()
    to = authenticator(roll, clock=clock)
    token = EDUCATION.token()
    assert to.known(token) is None
    assert to.known(token) is to.known(token)
    identity = to.identify(token)
    assert to.known(token) is identity
    clock.seconds = NOON + 300 - 1
    assert to.known(token) is identity
    clock.seconds = NOON + 300
    assert refusal(to, token) is Refusal.EXPIRED


def test_the_store_of_checked_tokens_is_bounded(roll: Roll) -> None:
    to = authenticator(roll)
    first = EDUCATION.token()
    identity = to.identify(first)
    to._kept.update({str(n).encode(): identity for n in range(TOKENS_KEPT - 1)})
    to.identify(EDUCATION.token(jti="2"))
    assert to.known(first) is None
    assert len(to._kept) == TOKENS_KEPT


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": int(NOON) - 5, "nbf": None}, Refusal.EXPIRED),
        ({"exp": int(NOON), "nbf": None}, Refusal.EXPIRED),
        ({"exp": None}, Refusal.CLAIM),
        ({"exp": "tomorrow"}, Refusal.CLAIM),
        ({"exp": True}, Refusal.CLAIM),
        ({"nbf": int(NOON) + 31, "exp": int(NOON) + 60}, Refusal.NOT_YET),
        ({"iat": int(NOON) + 31, "exp": int(NOON) + 60}, Refusal.NOT_YET),
        ({"nbf": "now"}, Refusal.CLAIM),
        ({"nbf": int(NOON) - 1}, Refusal.TOO_LONG),
        ({"nbf": None, "exp": int(NOON) + 331}, Refusal.TOO_LONG),
        ({"nbf": None, "iat": int(NOON) - 1}, Refusal.TOO_LONG),
        ({"aud": "someone-else"}, Refusal.AUDIENCE),
        ({"aud": ["someone-else"]}, Refusal.AUDIENCE),
        ({"aud": {"juzhu": 1}}, Refusal.AUDIENCE),
        ({"aud": None}, Refusal.AUDIENCE),
        ({"sub": None}, Refusal.CLAIM),
        ({"sub": ""}, Refusal.CLAIM),
        ({"sub": "王小明"}, Refusal.CLAIM),
        ({"sub": 17}, Refusal.CLAIM),
        ({"jti": None}, Refusal.CLAIM),
        ({"iss": None}, Refusal.CLAIM),
        ({"iss": 5}, Refusal.CLAIM),
        ({"iss": "nobody"}, Refusal.ISSUER),
        ({"iss": DEMONSTRATION_ISSUER}, Refusal.ISSUER),
        ({"iss": "edu-rsa"}, Refusal.KEY),
        ({"department": None}, Refusal.CLAIM),
        ({"department": "housing"}, Refusal.DEPARTMENT),
        ({"department": "weather"}, Refusal.DEPARTMENT),
        ({"roles": "education"}, Refusal.CLAIM),
        ({"roles": [1]}, Refusal.CLAIM),
        ({"roles": []}, Refusal.NARROWED),
        ({"roles": ["auditor"]}, Refusal.NARROWED),
        ({"purposes": "school-place"}, Refusal.CLAIM),
        ({"division": 150402}, Refusal.CLAIM),
        ({"division": "15"}, Refusal.CLAIM),
    ],
)
def test_a_token_with_one_wrong_claim_is_refused(
    roll: Roll, changed: dict[str, object], reason: Refusal
) -> None:
    assert refusal(authenticator(roll), EDUCATION.signed(changed)) is reason


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(NOON) + 1, "nbf": int(NOON) - 299},
        {"nbf": int(NOON) + 29},
        {"nbf": None, "exp": int(NOON) + 330},
        {"nbf": None},
        {"iat": int(NOON)},
        {"aud": ["someone-else", AUDIENCE]},
        {"exp": NOON + 299.5},
    ],
)
def test_a_token_just_inside_each_limit_is_taken(roll: Roll, changed: dict[str, object]) -> None:
    assert authenticator(roll).identify(EDUCATION.signed(changed)).client == "edu"


def test_alg_none_is_refused_however_it_is_spelt(roll: Roll) -> None:
    for name in ("none", "None", "NONE", "nOnE"):
        token = segment({"alg": name}) + b"." + segment(EDUCATION.claims()) + b"."
        assert refusal(authenticator(roll), token) is Refusal.ALGORITHM


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_never_a_shared_secret(roll: Roll, algorithm: str) -> None:
    """RFC 8725 section 2.1: RS256 swapped for HS256, keyed with the public key's own text."""
    signing_input = (
        segment({"alg": algorithm, "kid": RSA.public.kid}) + b"." + segment(RSA.claims())
    )
    secret = RSA.key.as_pem(private=False)
    signature = hmac.digest(secret, signing_input, f"sha{algorithm[2:]}")
    token = signing_input + b"." + encoded(signature)
    assert refusal(authenticator(roll), token) is Refusal.ALGORITHM


@pytest.mark.parametrize("algorithm", ["RS384", "PS256", "ES384", "ES256K", "Ed25519", 5, None])
def test_no_other_algorithm_is_taken(roll: Roll, algorithm: object) -> None:
    token = EDUCATION.sign({"alg": algorithm}, EDUCATION.claims())
    assert refusal(authenticator(roll), token) is Refusal.ALGORITHM


def test_a_header_that_names_another_allowed_algorithm_finds_no_key(roll: Roll) -> None:
    for algorithm in ALGORITHMS.keys() - {"ES256"}:
        token = EDUCATION.sign({"alg": algorithm}, EDUCATION.claims())
        assert refusal(authenticator(roll), token) is Refusal.KEY


def test_a_key_that_travels_in_the_header_is_not_looked_at(roll: Roll) -> None:
    stranger = es256("edu")
    for name, value in (
        ("jwk", stranger.key.as_dict(private=False)),
        ("jku", "https://evil.example/jwks"),
        ("x5u", "https://evil.example/cert"),
        ("x5c", ["AAAA"]),
    ):
        header = {"alg": "ES256", name: value}
        token = stranger.sign(header, stranger.claims())
        assert refusal(authenticator(roll), token) is Refusal.SIGNATURE


def test_the_key_id_of_another_client_does_not_lend_its_key(roll: Roll) -> None:
    """A kid is looked for among the issuer's own keys only."""
    attacker = es256("housing-1")
    roll.add(attacker, department="housing")
    token = attacker.sign(attacker.header(), EDUCATION.claims())
    assert refusal(authenticator(roll), token) is Refusal.KEY
    header = {"alg": "ES256", "kid": EDUCATION.public.kid}
    assert refusal(authenticator(roll), attacker.sign(header, EDUCATION.claims())) is (
        Refusal.SIGNATURE
    )


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR 1=1 --", "unknown", ""])
def test_a_key_id_is_only_compared(roll: Roll, kid: str) -> None:
    token = EDUCATION.sign({"alg": "ES256", "kid": kid}, EDUCATION.claims())
    assert refusal(authenticator(roll), token) is Refusal.KEY


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"b64": False},
        {"kid": 5},
        {"kid": ["a"]},
    ],
)
def test_a_header_that_asks_for_more_is_refused(roll: Roll, header: dict[str, object]) -> None:
    token = EDUCATION.sign({"alg": "ES256", **header}, EDUCATION.claims())
    assert refusal(authenticator(roll), token) is Refusal.MALFORMED


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b".",
        b"..",
        b"a.b.c",
        b"a.b.c.d.e",
        b"e30.e30.",
        b"bnVsbA.bnVsbA.AAAA",
        b"MQ.MQ.AAAA",
        b"IngieyJh.IngieyJh.AAAA",
        b"\xff\xfe.\xff.\xff",
        b"eyJhbGciOiJFUzI1NiJ9.e30=.AAAA",
        b"A" * 8193,
        segment({"alg": "ES256"}) + b".e30.",
        segment({"alg": "ES256"}) + b"." + encoded(b"[" * 5000) + b".AAAA",
    ],
)
def test_what_is_no_token_is_refused(roll: Roll, token: bytes) -> None:
    refusal(authenticator(roll), token)


def test_every_changed_byte_of_a_token_is_noticed(roll: Roll) -> None:
    to = authenticator(roll)
    token = EDUCATION.token()
    for place in range(0, len(token), 3):
        changed = bytearray(token)
        changed[place] ^= 0x04
        if split_quietly(bytes(changed)) == split_quietly(token):
            continue  # the unused bits of the last character carry nothing
        refusal(to, bytes(changed))


def split_quietly(token: bytes) -> object:
    try:
        return split(token)
    except TokenRefusedError:
        return None


@given(st.binary(max_size=300))
def test_no_bytes_cause_anything_but_a_refusal(token: bytes) -> None:
    with pytest.raises(TokenRefusedError):
        authenticator(Roll()).identify(token)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-9, 9) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["exp", "nbf", "aud", "sub", "jti", "department", "roles", "division", "iss"]),
)
def test_a_signed_claim_of_any_kind_is_an_identity_or_a_refusal(value: object, name: str) -> None:
    roll = Roll()
    roll.add(EDUCATION)
    to = authenticator(roll)
    with suppress(TokenRefusedError):
        to.identify(EDUCATION.sign(EDUCATION.header(), {**EDUCATION.claims(), name: value}))


def test_a_revoked_client_is_refused_with_its_next_request(roll: Roll) -> None:
    to = authenticator(roll)
    token = EDUCATION.token()
    to.identify(token)
    roll.clients[0] = replace(roll.clients[0], revoked_at="2026-11-22T04:00:00.000Z")
    roll.refresh()
    assert to.known(token) is None
    assert refusal(to, token) is Refusal.ISSUER


def test_two_keys_are_good_until_one_is_revoked(roll: Roll) -> None:
    """Rotation: add the second, switch, revoke the first."""
    to = authenticator(roll)
    old, new = EDUCATION.token(), OTHER.token()
    assert refusal(to, new) is Refusal.KEY
    roll.add_key(OTHER)
    assert to.identify(old).client == to.identify(new).client == "edu"
    unnamed = OTHER.sign({"alg": "ES256"}, OTHER.claims())
    assert to.identify(unnamed).client == "edu"
    roll.keys[0] = replace(roll.keys[0], revoked_at="2026-11-22T04:00:00.000Z")
    roll.refresh()
    assert refusal(to, old) is Refusal.KEY
    assert to.identify(new).client == "edu"


def test_a_client_ends_with_its_last_day_in_shanghai(roll: Roll) -> None:
    midnight = 1_795_363_200.0
    clock = StillClock(midnight - 1)
    to = authenticator(roll, clock=clock)
    token = EDUCATION.token(now=midnight - 10)
    assert to.identify(token).client == "edu"
    assert day_of(midnight).isoformat() == "2026-11-23"
    clock.seconds = midnight
    assert to.known(token) is None
    assert refusal(to, token) is Refusal.ISSUER


async def test_the_citys_provider_speaks_for_any_department(roll: Roll) -> None:
    provider = Provider(CITY.name, key_set(CITY))
    await provider.keys.load()
    to = authenticator(roll, provider=provider)
    token = CITY.token(department="housing", exp=int(NOON) + 36_000)
    identity = to.identify(token)
    assert (identity.client, identity.department) == (CITY.name, "housing")
    assert identity.authentication == "identity-provider"
    provider.keys.keys = ()
    assert refusal(to, token) is Refusal.KEY


async def test_a_client_can_not_sign_as_the_provider_nor_the_provider_as_a_client(
    roll: Roll,
) -> None:
    provider = Provider(CITY.name, key_set(CITY))
    await provider.keys.load()
    to = authenticator(roll, provider=provider)
    assert refusal(to, EDUCATION.token(iss=CITY.name)) is Refusal.KEY
    assert refusal(to, CITY.token(iss="edu")) is Refusal.KEY


def test_demonstration_tokens_are_taken_in_demonstration_only() -> None:
    roll = Roll()
    roll.add_key(DEMONSTRATION)
    token = DEMONSTRATION.token(exp=int(NOON) + 36_000)
    identity = authenticator(roll, demonstration=True).identify(token)
    assert (identity.client, identity.authentication) == (
        "demonstration-education",
        "demonstration",
    )
    assert refusal(authenticator(roll), token) is Refusal.ISSUER
    assert refusal(authenticator(Roll(), demonstration=True), token) is Refusal.KEY


def desk(roll: Roll) -> Issuer:
    issuer = es256("police-1")
    roll.add(issuer, department="community-police")
    return issuer


def test_a_desk_acts_only_through_a_registered_official(roll: Roll) -> None:
    issuer = desk(roll)
    token = issuer.token(department="community-police", sub="P-9")
    to = authenticator(roll)
    assert refusal(to, token) is Refusal.OFFICIAL
    roll.add_official(department="community-police", official="P-9", division="150402")
    identity = to.identify(token)
    assert (identity.roles, identity.division) == (frozenset({"community-police"}), "150402")


def test_an_ended_official_is_refused_even_by_a_partner_department(roll: Roll) -> None:
    to = authenticator(roll)
    assert to.identify(EDUCATION.token()).roles == {"education"}
    roll.add_official(department="education", until="2026-11-21")
    assert refusal(to, EDUCATION.token()) is Refusal.OFFICIAL
    assert to.identify(EDUCATION.token(sub="demo-02")).official == "demo-02"


@pytest.mark.parametrize(
    ("registered", "claimed", "result"),
    [
        ("150402", None, "150402"),
        ("150402", "150402001", "150402001"),
        ("150402001", "150402", "150402001"),
        ("150402", "150402", "150402"),
        ("150402", "150403", None),
        ("150402001", "150402002", None),
    ],
)
def test_a_claimed_division_narrows_and_never_widens(
    roll: Roll, registered: str | None, claimed: str | None, result: str | None
) -> None:
    issuer = desk(roll)
    roll.add_official(department="community-police", division=registered)
    token = issuer.token(department="community-police", division=claimed)
    to = authenticator(roll)
    if result is None:
        assert refusal(to, token) is Refusal.NARROWED
    else:
        assert to.identify(token).division == result


@pytest.mark.parametrize("claimed", ["150402", "150402001", "150430"])
def test_no_claim_gives_a_division_to_whom_the_register_gives_none(
    roll: Roll, claimed: str
) -> None:
    issuer = desk(roll)
    roll.add_official(department="community-police", division=None)
    to = authenticator(roll)
    assert (
        to.identify(issuer.token(department="community-police", division=claimed)).division is None
    )


def test_claims_narrow_roles_and_purposes(roll: Roll) -> None:
    to = authenticator(roll)
    token = EDUCATION.token(roles=["education", "auditor"], purposes=["school-place"])
    identity = to.identify(token)
    assert identity.roles == {"education"}
    assert identity.purposes == frozenset({"school-place"})
    assert to.identify(EDUCATION.token(purposes=[])).purposes == frozenset()
