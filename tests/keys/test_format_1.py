"""The golden file of format 1, read twice: by this release, and from its description alone.

`tests/vectors/format-1.golden.json` is never regenerated. If a test here fails, the code is wrong,
or what it writes is another format and needs another number.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

from keys.ring import BranchKeyRow, KeyRing, RootKey, Tag
from keys.row_mac import Column

GOLDEN = json.loads(
    (Path(__file__).resolve().parent.parent / "vectors" / "format-1.golden.json").read_text("utf-8")
)
DEPLOYMENT: str = GOLDEN["deployment"]
ROOT = bytes.fromhex(GOLDEN["root_key"])
GROUPS = [
    pytest.param(group, id=f"{group['table']}/{group['group']}") for group in GOLDEN["groups"]
]
COLUMNS: list[Column] = [
    bytes.fromhex(column["hex"]) if isinstance(column, dict) else column
    for column in GOLDEN["row_mac"]["columns"]
]


# --- by this release -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ring() -> KeyRing:
    rows = [
        BranchKeyRow(
            id=bytes.fromhex(row["id"]),
            purpose=row["purpose"],
            version=row["version"],
            state=row["state"],
            wrapped=bytes.fromhex(row["wrapped"]),
            check=bytes.fromhex(row["check"]),
        )
        for row in GOLDEN["branch_keys"]
    ]
    return KeyRing.open(
        RootKey(ROOT), DEPLOYMENT, rows, random=lambda size: bytes(range(0xA0, 0xA0 + size))
    )


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_sealed_and_opened_as_ever(ring: KeyRing, group: dict[str, object]) -> None:
    owner = bytes.fromhex(GOLDEN["wrapped_data_key"]["row"])
    key, wrapped = ring.wrap_new_data_key(owner)
    assert wrapped.hex() == GOLDEN["wrapped_data_key"]["sealed"]
    table, name, value = group["table"], group["group"], group["value"]
    assert isinstance(table, str)
    assert isinstance(name, str)
    assert isinstance(value, dict)
    row, sealed = bytes.fromhex(str(group["row"])), bytes.fromhex(str(group["sealed"]))
    opened = ring.open_group(
        ring.unwrap_data_key(owner, wrapped),
        table=table,
        group=name,
        row=row,
        generation=1,
        sealed=sealed,
    )
    assert opened == value
    again = ring.seal_group(key, table=table, group=name, row=row, generation=1, value=value)
    assert again == sealed


def test_a_blob_is_sealed_and_opened_as_ever(ring: KeyRing) -> None:
    blob = GOLDEN["blob"]
    key, _ = ring.wrap_new_data_key(bytes(16))
    row, chunks = bytes.fromhex(blob["row"]), [bytes.fromhex(chunk) for chunk in blob["chunks"]]
    data = bytes.fromhex(blob["data"])
    opened = ring.open_blob(key, table="blob", group="photo", row=row, generation=1, chunks=chunks)
    assert opened == data
    again = ring.seal_blob(key, table="blob", group="photo", row=row, generation=1, data=data)
    assert again == chunks


def test_a_detail_and_a_held_row_are_sealed_and_opened_as_ever(ring: KeyRing) -> None:
    detail, held = GOLDEN["audit_detail"], GOLDEN["held_row"]
    record, job = bytes.fromhex(detail["record"]), bytes.fromhex(held["job"])
    assert ring.open_detail(record, bytes.fromhex(detail["sealed"])) == detail["value"]
    assert ring.seal_detail(record, detail["value"]).hex() == detail["sealed"]
    assert ring.open_held_row(job, 17, bytes.fromhex(held["sealed"])) == held["value"]
    assert ring.seal_held_row(job, 17, held["value"]).hex() == held["sealed"]


def test_tags_macs_digests_and_ids_are_as_ever(ring: KeyRing) -> None:
    number, name = GOLDEN["id_name_tag"]["values"]
    person = bytes.fromhex(GOLDEN["row_mac"]["row"])
    record = bytes.fromhex(GOLDEN["commitment"]["record"])
    assert ring.id_number_tag(number) == Tag(1, bytes.fromhex(GOLDEN["id_number_tag"]["tag"]))
    assert ring.id_name_tag(number, name) == Tag(1, bytes.fromhex(GOLDEN["id_name_tag"]["tag"]))
    assert ring.row_mac("person", person, COLUMNS).hex() == GOLDEN["row_mac"]["mac"]
    assert ring.commit(record, b"answer").hex() == GOLDEN["commitment"]["mac"]
    assert ring.miss_tag(number).hex() == GOLDEN["miss_tag"]["tag"]
    assert ring.digest("pseudonym", b"2026-0007").hex() == GOLDEN["pseudonym"]["digest"]
    assert ring.digest("import-digest", b"file").hex() == GOLDEN["import_digest"]["digest"]
    assert ring.global_ids.encode("education", 1, person) == GOLDEN["global_id"]["id"]


# --- from docs/encryption-format.md alone: nothing of keys/ below --------------------------------


def lp(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(2) + part for part in parts)


def read(
    key: bytes, kind: int, place: tuple[str, str, str], sealed_hex: str, extra: bytes = b""
) -> bytes:
    """Open sealed bytes of key reference 1; a place is table, group and row in hex."""
    table, group, row = place
    sealed = bytes.fromhex(sealed_hex)
    assert sealed[:8] == b"J\x01\x01" + bytes([kind]) + b"\0\0\0\x01"
    context = lp(b"juzhu/v1", *(name.encode() for name in (DEPLOYMENT, table, group)))
    context += lp(bytes.fromhex(row)) + extra
    return AESGCM(key).decrypt(sealed[8:20], sealed[20:], sealed[:8] + context)


def unpadded(plaintext: bytes) -> bytes:
    assert len(plaintext) % 64 == 0
    data, mark, zeros = plaintext.rpartition(b"\x80")
    assert mark
    assert not zeros.strip(b"\0")
    return data


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)


def branch_key(purpose: str) -> bytes:
    (row,) = (row for row in GOLDEN["branch_keys"] if row["purpose"] == purpose)
    kind = 5 if purpose in {"data-key", "audit-detail", "node-id"} else 6
    return read(ROOT, kind, ("branch_key", purpose, row["id"]), row["wrapped"])


def data_key() -> bytes:
    wrapped = GOLDEN["wrapped_data_key"]
    place = ("person", "data-key", wrapped["row"])
    return read(branch_key("data-key"), 2, place, wrapped["sealed"])


def domain(purpose: str) -> bytes:
    return lp(b"juzhu/v1", purpose.encode(), DEPLOYMENT.encode())


@pytest.mark.parametrize("row", GOLDEN["branch_keys"], ids=lambda row: row["purpose"])
def test_the_description_explains_branch_keys_and_check_values(row: dict[str, str | int]) -> None:
    purpose = str(row["purpose"])
    assert len(branch_key(purpose)) == (64 if purpose == "node-id" else 32)
    message = lp(
        DEPLOYMENT.encode(),
        bytes.fromhex(str(row["id"])),
        purpose.encode(),
        int(row["version"]).to_bytes(4),
        str(row["state"]).encode(),
    )
    checking = mac(ROOT, lp(b"juzhu/v1", b"root-check"))
    assert mac(checking, message)[:16].hex() == row["check"]


@pytest.mark.parametrize("group", GROUPS)
def test_the_description_explains_groups(group: dict[str, str]) -> None:
    place = (group["table"], group["group"], group["row"])
    assert json.loads(unpadded(read(data_key(), 1, place, group["sealed"]))) == group["value"]


def test_the_description_explains_blobs_details_and_held_rows() -> None:
    blob, detail, held = GOLDEN["blob"], GOLDEN["audit_detail"], GOLDEN["held_row"]
    (chunk,) = blob["chunks"]
    last = (0).to_bytes(4) + b"\x01"
    opened = read(data_key(), 3, ("blob", "photo", blob["row"]), chunk, last)
    assert unpadded(opened).hex() == blob["data"]

    place = ("audit_record", "detail", detail["record"])
    opened = read(branch_key("audit-detail"), 4, place, detail["sealed"])
    assert json.loads(unpadded(opened)) == detail["value"]

    wrapped, sealed = held["sealed"][: 2 * 68], held["sealed"][2 * 68 :]
    key = read(branch_key("data-key"), 2, ("import_row", "data-key", held["job"]), wrapped)
    opened = read(key, 1, ("import_row", "row/17", held["job"]), sealed)
    assert json.loads(unpadded(opened)) == held["value"]


def test_the_description_explains_row_macs_and_commitments() -> None:
    row = GOLDEN["row_mac"]
    columns = [{"b": c.hex()} if isinstance(c, bytes) else c for c in COLUMNS]
    encoded = json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode()
    message = domain("row-mac") + lp(row["table"].encode(), bytes.fromhex(row["row"])) + encoded
    assert row["mac"] == "00000001" + mac(branch_key("row-mac"), message).hex()

    commitment = GOLDEN["commitment"]
    message = domain("audit-commitment") + lp(bytes.fromhex(commitment["record"])) + b"answer"
    assert commitment["mac"] == "00000001" + mac(branch_key("audit-commitment"), message).hex()


@pytest.mark.parametrize(
    ("name", "purpose"),
    [("id_number_tag", "index:id-number"), ("id_name_tag", "index:id-name")],
)
def test_the_description_explains_blind_indexes(name: str, purpose: str) -> None:
    tag = GOLDEN[name]
    values = lp(*(value.encode() for value in tag["values"]))
    message = domain(purpose) + lp((1).to_bytes(4)) + values
    assert mac(branch_key(purpose), message)[:16].hex() == tag["tag"]


@pytest.mark.parametrize(
    ("name", "purpose"), [("pseudonym", "pseudonym"), ("import_digest", "import-digest")]
)
def test_the_description_explains_digests(name: str, purpose: str) -> None:
    message = domain(purpose) + bytes.fromhex(GOLDEN[name]["data"])
    assert mac(branch_key(purpose), message).hex() == GOLDEN[name]["digest"]


def test_the_description_explains_miss_tags_and_global_ids() -> None:
    miss, ident = GOLDEN["miss_tag"], GOLDEN["global_id"]
    message = domain("audit-miss") + miss["text"].encode()
    assert mac(branch_key("audit-miss"), message)[:8].hex() == miss["tag"]

    context = [b"juzhu/v1", DEPLOYMENT.encode(), ident["audience"].encode()]
    opened = AESSIV(branch_key("node-id")).decrypt(urlsafe_b64decode(ident["id"]), context)
    assert opened.hex() == "01" + ident["uuid"]
