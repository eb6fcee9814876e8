"""Wycheproof: what our objects compute is what everybody computes, and they refuse what is bad."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from keys.global_id import GlobalIds
from keys.suites import MacKey, SealingKey, Suite

VECTORS = Path(__file__).resolve().parent.parent / "vectors" / "wycheproof"
SUITE = Suite.AES_256_GCM_HMAC_SHA_256


def cases(name: str) -> Iterator[object]:
    document = json.loads((VECTORS / name).read_text(encoding="ascii"))
    count = 0
    for group in document["testGroups"]:
        for case in group["tests"]:
            count += 1
            label = f"{case['tcId']} {case['comment'] or 'no comment'} is {case['result']}"
            yield pytest.param(group.get("tagSize", 0), case, id=label)
    assert count == document["numberOfTests"]


@pytest.mark.parametrize(("tag_bits", "case"), list(cases("aes_gcm.json")))
def test_aes_256_gcm(tag_bits: int, case: dict[str, str]) -> None:
    assert tag_bits == 128
    cipher = SealingKey(SUITE, bytes.fromhex(case["key"])).cipher
    nonce, aad, message = (bytes.fromhex(case[part]) for part in ("iv", "aad", "msg"))
    sealed = bytes.fromhex(case["ct"] + case["tag"])
    if case["result"] == "valid":
        assert cipher.encrypt(nonce, message, aad) == sealed
        assert cipher.decrypt(nonce, sealed, aad) == message
    else:
        with pytest.raises(InvalidTag):
            cipher.decrypt(nonce, sealed, aad)


@pytest.mark.parametrize(("tag_bits", "case"), list(cases("hmac_sha256.json")))
def test_hmac_sha_256_whole_and_with_its_beginning_taken_in(
    tag_bits: int, case: dict[str, str]
) -> None:
    key = MacKey(SUITE, bytes.fromhex(case["key"]))
    message = bytes.fromhex(case["msg"])
    middle = len(message) // 2
    whole = key.mac(message)[: tag_bits // 8]
    assert whole == key.after(message[:middle]).mac(message[middle:])[: tag_bits // 8]
    assert (whole == bytes.fromhex(case["tag"])) is (case["result"] == "valid")


@pytest.mark.parametrize(("tag_bits", "case"), list(cases("aes_siv_cmac.json")))
def test_aes_256_siv(tag_bits: int, case: dict[str, str]) -> None:
    assert tag_bits == 0, "the SIV is 128 bits always"
    siv = GlobalIds(bytes.fromhex(case["key"]), "lujiang")._siv
    context = [bytes.fromhex(case["aad"])]
    message, sealed = bytes.fromhex(case["msg"]), bytes.fromhex(case["ct"])
    if case["result"] == "valid":
        assert siv.encrypt(message, context) == sealed
        assert siv.decrypt(sealed, context) == message
    else:
        with pytest.raises(InvalidTag):
            siv.decrypt(sealed, context)
