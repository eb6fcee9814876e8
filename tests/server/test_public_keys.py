"""Which public keys are taken, each bound to one algorithm, and how a private one is met."""

import base64
from collections.abc import Callable

import orjson
import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from server.public_keys import PublicKeyError, read_key_set, read_public_key
from tests.server.actors import Issuer, eddsa, es256, rs256

MAKERS = [es256, eddsa, rs256]


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


PUBLISHED = {
    "RFC 7515 appendix A.3": (
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        },
        "ES256",
        (
            b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
            b"eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ),
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    ),
    "RFC 8037 appendix A.4": (
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        "EdDSA",
        b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    ),
}


@pytest.mark.parametrize("name", list(PUBLISHED))
def test_published_signatures_are_verified(name: str) -> None:
    members, algorithm, signing_input, signature = PUBLISHED[name]
    key = read_public_key(orjson.dumps(members))
    assert key.algorithm == algorithm
    assert key.verify(signing_input, decoded(signature))
    assert not key.verify(signing_input + b"A", decoded(signature))
    assert not key.verify(signing_input, decoded(signature)[:-1])
    assert not key.verify(signing_input, b"")


def test_a_key_without_an_id_gets_its_thumbprint() -> None:
    """RFC 8037 appendix A.3 gives the thumbprint of its key."""
    key = read_public_key(orjson.dumps(PUBLISHED["RFC 8037 appendix A.4"][0]))
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize("make", MAKERS)
def test_jwk_pem_and_set_of_one_are_the_same_key(make: Callable[[str], Issuer]) -> None:
    issuer = make("edu")
    jwk = issuer.key.as_dict(private=False)
    from_jwk = read_public_key(orjson.dumps(jwk))
    from_pem = read_public_key(b"\n" + issuer.key.as_pem(private=False) + b"\n")
    from_set = read_public_key(orjson.dumps({"keys": [jwk]}))
    assert from_jwk.jwk() == from_pem.jwk() == from_set.jwk()
    assert from_jwk.algorithm == issuer.algorithm
    assert read_public_key(from_jwk.jwk().encode()).jwk() == from_jwk.jwk()


@pytest.mark.parametrize("make", MAKERS)
def test_a_private_key_is_refused_with_a_hint_and_not_repeated(
    make: Callable[[str], Issuer],
) -> None:
    key = make("edu").key
    members = key.as_dict(private=True)
    for text in (
        orjson.dumps(members),
        orjson.dumps({"keys": [members]}),
        key.as_pem(private=True),
        key.as_pem(private=True) + key.as_pem(private=False),
    ):
        with pytest.raises(PublicKeyError, match=r"private key.*-pubout") as caught:
            read_public_key(text)
        assert str(members["d"]) not in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        OctKey.generate_key(256).as_dict(),
        ECKey.generate_key("P-384").as_dict(private=False),
        ECKey.generate_key("secp256k1").as_dict(private=False),
        OKPKey.generate_key("Ed448").as_dict(private=False),
        OKPKey.generate_key("X25519").as_dict(private=False),
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "P-256", "x": 5, "y": None},
        {"kty": "EC"},
        {"kty": ["EC"]},
        {},
        es256("edu").key.as_dict(private=False, use="enc"),
        es256("edu").key.as_dict(private=False, alg="HS256"),
        rs256("edu").key.as_dict(private=False, alg="RS512"),
    ],
)
def test_no_other_kind_of_key_is_taken(key: dict[str, object]) -> None:
    with pytest.raises(PublicKeyError):
        read_public_key(orjson.dumps(key))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello",
        b"{",
        b"[]",
        b"\xff\xff",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        b'{"keys":[]}',
        b'{"keys":[1]}',
    ],
)
def test_what_is_no_key_is_refused(text: bytes) -> None:
    with pytest.raises(PublicKeyError):
        read_public_key(text)


# RSA moduli of these sizes as plain numbers: making an 8200-bit key takes too long for a test.
def rsa_of(bits: int) -> dict[str, str]:
    modulus = ((1 << bits) - 1).to_bytes((bits + 7) // 8, "big")
    return {
        "kty": "RSA",
        "n": base64.urlsafe_b64encode(modulus).rstrip(b"=").decode(),
        "e": "AQAB",
    }


@pytest.mark.parametrize(
    ("bits", "taken"), [(2047, False), (2048, True), (8192, True), (8193, False)]
)
def test_rsa_keys_are_taken_from_2048_to_8192_bits(bits: int, *, taken: bool) -> None:
    if taken:
        assert read_public_key(orjson.dumps(rsa_of(bits))).algorithm == "RS256"
    else:
        with pytest.raises(PublicKeyError, match=f"{bits} bits"):
            read_public_key(orjson.dumps(rsa_of(bits)))


def test_a_provider_may_publish_keys_for_other_uses_beside_ours() -> None:
    ours = es256("city")
    keys = [
        RSAKey.generate_key(2048).as_dict(private=False, use="enc"),
        {"kty": "future"},
        "not a key",
        ours.key.as_dict(private=False),
    ]
    (usable,) = read_key_set(orjson.dumps({"keys": keys}))
    assert usable.jwk() == ours.public.jwk()


@pytest.mark.parametrize("text", [b"{}", b'{"keys":1}', b'{"keys":[]}', b'{"keys":[1]}', b"[]"])
def test_a_key_set_without_a_usable_key_is_an_error(text: bytes) -> None:
    with pytest.raises(PublicKeyError):
        read_key_set(text)
