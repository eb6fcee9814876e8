"""The door of this room: bytes in, bytes out, and no caller needs a cipher library.

A KeyRing holds the branch keys of one deployment, opened once at start. Data keys are random, one
per owner, and live as long as the request that unwrapped them: nothing that was opened is kept
here. A ring never reads a table, never tries a second key, and never shows a key.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Final, NewType, final

from keys.blind_index import BlindIndex, Tag
from keys.branch import (
    BranchKeyRow,
    Purpose,
    State,
    move_branch_key,
    new_branch_keys,
    require_checked,
)
from keys.errors import BranchKeyError, OpenError, UnsealableValueError
from keys.global_id import GlobalIds
from keys.held import HeldKeys
from keys.opening import WRAPPED_KEY_BYTES, GroupOpener
from keys.root import RootKey, create_root_key
from keys.row_mac import Column, RowMacs, encode_row
from keys.seal import (
    RandomSource,
    decode_json,
    encode_json,
    open_sealed,
    pad,
    place_of,
    row_part,
    seal,
    tag_of,
    unpad,
)
from keys.suites import KEY_BYTES, SUITE_01_ONLY, TAG_BYTES, AllowedSuites, Kind, SealingKey

__all__ = [
    "CHUNK_BYTES",
    "TAG_BYTES",
    "BranchKeyRow",
    "DataKey",
    "GlobalIds",
    "GroupOpener",
    "KeyRing",
    "Purpose",
    "RootKey",
    "RowMacs",
    "State",
    "Tag",
    "create_root_key",
    "move_branch_key",
    "new_branch_keys",
    "tag_of",
]

CHUNK_BYTES: Final = 65535
"""Data in a full chunk: padded, it is exactly 64 KiB."""

MISS_TAG_BYTES: Final = 8

_DATA_KEY_GROUP: Final = "data-key"
_IMPORT_ROW: Final = "import_row"
_HELD_GROUP: Final = "row/{}"
_DETAIL: Final = ("audit_record", "detail")
_DIGESTS: Final[frozenset[str]] = frozenset({Purpose.PSEUDONYM, Purpose.IMPORT_DIGEST})
_LONGEST_NAME: Final = 255

DataKey = NewType("DataKey", SealingKey)
"""The key of one owner, unwrapped for one request. Never kept, never cached."""


@final
class KeyRing:
    """The opened branch keys of one deployment. `KeyRing.open` makes one."""

    __slots__ = (
        "_allowed",
        "_commitments",
        "_deployment",
        "_details",
        "_digests",
        "_id_name",
        "_id_number",
        "_miss",
        "_name_birth",
        "_random",
        "_row_macs",
        "_wrapping",
        "global_ids",
    )

    def __init__(
        self, deployment: str, held: HeldKeys, *, allowed: AllowedSuites, random: RandomSource
    ) -> None:
        self._deployment = deployment
        self._allowed = allowed
        self._random = random
        self._wrapping = held.wrapping(Purpose.DATA_KEY)
        self._details = held.wrapping(Purpose.AUDIT_DETAIL)
        self._row_macs = held.macs(Purpose.ROW_MAC)
        self._commitments = held.macs(Purpose.AUDIT_COMMITMENT)
        self._miss = held.digest_key(Purpose.AUDIT_MISS)
        self._digests = {purpose: held.digest_key(Purpose(purpose)) for purpose in _DIGESTS}
        self._id_number = held.index(Purpose.INDEX_ID_NUMBER)
        self._id_name = held.index(Purpose.INDEX_ID_NAME)
        self._name_birth = held.later_index(Purpose.INDEX_NAME_BIRTH)
        self.global_ids = GlobalIds(held.node_id_key(), deployment)

    @classmethod
    def open(
        cls,
        root: RootKey,
        deployment: str,
        rows: Sequence[BranchKeyRow],
        *,
        allowed: AllowedSuites = SUITE_01_ONLY,
        random: RandomSource = os.urandom,
    ) -> "KeyRing":
        """Check all rows against the root key, then unwrap them.

        Raises:
            BranchKeyError: another root key's rows, an altered row, or a purpose without exactly
                one active key.
        """
        if not 0 < len(deployment.encode()) <= _LONGEST_NAME:
            raise BranchKeyError("a deployment's name has 1 to 255 bytes: correct the setting")
        require_checked(root, deployment, rows)
        held = HeldKeys(root, deployment, rows, allowed)
        return cls(deployment, held, allowed=allowed, random=random)

    @property
    def deployment(self) -> str:
        """The name of the deployment; it is no secret."""
        return self._deployment

    def __repr__(self) -> str:
        """Say nothing of any key."""
        return "KeyRing(redacted)"

    # --- data keys ---------------------------------------------------------------------------

    def wrap_new_data_key(self, owner: bytes, *, table: str = "person") -> tuple[DataKey, bytes]:
        """Make the random data key of an owner, and its wrapped form for the owner's row."""
        version, wrapping = self._wrapping.active
        key = self._random(KEY_BYTES)
        wrapped = seal(
            wrapping,
            kind=Kind.WRAPPED_DATA_KEY,
            key_ref=version,
            place=place_of(self._deployment, table, _DATA_KEY_GROUP) + row_part(owner),
            plaintext=key,
            random=self._random,
        )
        return DataKey(SealingKey(wrapping.suite, key)), wrapped

    def unwrap_data_key(self, owner: bytes, wrapped: bytes, *, table: str = "person") -> DataKey:
        """Return the data key of an owner.

        Raises:
            SealError: not this owner's wrapped key, or its branch key isn't held any more.
        """
        version, wrapping = self._wrapping.named_in(
            wrapped, allowed=self._allowed, kind=Kind.WRAPPED_DATA_KEY
        )
        key = open_sealed(
            wrapping,
            allowed=self._allowed,
            kind=Kind.WRAPPED_DATA_KEY,
            key_ref=version,
            place=place_of(self._deployment, table, _DATA_KEY_GROUP) + row_part(owner),
            sealed=wrapped,
        )
        return DataKey(SealingKey(wrapping.suite, key))

    # --- sealed groups and blobs -------------------------------------------------------------

    def seal_group(
        self,
        data_key: DataKey,
        *,
        table: str,
        group: str,
        row: bytes,
        generation: int,
        value: Mapping[str, object],
    ) -> bytes:
        """Seal the items of one group to its row."""
        return seal(
            data_key,
            kind=Kind.GROUP,
            key_ref=generation,
            place=place_of(self._deployment, table, group) + row_part(row),
            plaintext=pad(encode_json(value)),
            random=self._random,
        )

    def open_group(
        self,
        data_key: DataKey,
        *,
        table: str,
        group: str,
        row: bytes,
        generation: int,
        sealed: bytes,
    ) -> dict[str, object]:
        """Open the items of one group. Only `db/sealed.py` may call this: it demands a disclosure.

        Raises:
            SealError: not what was sealed there, under this key and generation.
        """
        padded = open_sealed(
            data_key,
            allowed=self._allowed,
            kind=Kind.GROUP,
            key_ref=generation,
            place=place_of(self._deployment, table, group) + row_part(row),
            sealed=sealed,
        )
        return decode_json(unpad(padded))

    def opener(self, *, table: str, group: str) -> GroupOpener:
        """Return what opens many groups of persons. Only `db/sealed.py` may ask for one."""

        def single(
            owner: bytes, wrapped: bytes, row: bytes, generation: int, sealed: bytes
        ) -> dict[str, object]:
            return self.open_group(
                self.unwrap_data_key(owner, wrapped),
                table=table,
                group=group,
                row=row,
                generation=generation,
                sealed=sealed,
            )

        return GroupOpener(
            self._wrapping.by_header(
                allowed=self._allowed, kind=Kind.WRAPPED_DATA_KEY, wrapped=Kind.GROUP
            ),
            wrapped_at=place_of(self._deployment, "person", _DATA_KEY_GROUP),
            sealed_at=place_of(self._deployment, table, group),
            single=single,
        )

    def seal_blob(
        self,
        data_key: DataKey,
        *,
        table: str,
        group: str,
        row: bytes,
        generation: int,
        data: bytes,
    ) -> list[bytes]:
        """Seal a blob in chunks. `row` is new for every blob, or chunks of two could be mixed."""
        place = place_of(self._deployment, table, group) + row_part(row)
        starts = range(0, max(len(data), 1), CHUNK_BYTES)
        return [
            seal(
                data_key,
                kind=Kind.BLOB_CHUNK,
                key_ref=generation,
                place=place + _chunk_part(number, last=number == len(starts) - 1),
                plaintext=pad(data[start : start + CHUNK_BYTES]),
                random=self._random,
            )
            for number, start in enumerate(starts)
        ]

    def open_blob(
        self,
        data_key: DataKey,
        *,
        table: str,
        group: str,
        row: bytes,
        generation: int,
        chunks: Sequence[bytes],
    ) -> bytes:
        """Open a whole blob from all of its chunks in order.

        Raises:
            SealError: a chunk is missing, moved, altered or of another blob.
        """
        if not chunks:
            raise OpenError("a blob has at least one chunk: restore its rows from a backup")
        place = place_of(self._deployment, table, group) + row_part(row)
        return b"".join(
            unpad(
                open_sealed(
                    data_key,
                    allowed=self._allowed,
                    kind=Kind.BLOB_CHUNK,
                    key_ref=generation,
                    place=place + _chunk_part(number, last=number == len(chunks) - 1),
                    sealed=sealed,
                )
            )
            for number, sealed in enumerate(chunks)
        )

    # --- held import rows --------------------------------------------------------------------

    def seal_held_row(self, job: bytes, number: int, value: Mapping[str, object]) -> bytes:
        """Seal one row of a file that waits for a decision, under a data key of its own.

        The wrapped key stands before the sealed row: no person exists yet who could own it.
        """
        data_key, wrapped = self.wrap_new_data_key(job, table=_IMPORT_ROW)
        return wrapped + self.seal_group(
            data_key,
            table=_IMPORT_ROW,
            group=_HELD_GROUP.format(number),
            row=job,
            generation=1,
            value=value,
        )

    def open_held_row(self, job: bytes, number: int, sealed: bytes) -> dict[str, object]:
        """Open a held row.

        Raises:
            SealError: not what was sealed for this row of this import.
        """
        data_key = self.unwrap_data_key(job, sealed[:WRAPPED_KEY_BYTES], table=_IMPORT_ROW)
        return self.open_group(
            data_key,
            table=_IMPORT_ROW,
            group=_HELD_GROUP.format(number),
            row=job,
            generation=1,
            sealed=sealed[WRAPPED_KEY_BYTES:],
        )

    # --- look-up, row MACs, audit ------------------------------------------------------------

    def id_number_tag(self, number: str) -> Tag:
        """Return the tag of a checked identity number."""
        return self._id_number.tag(number)

    def id_name_tag(self, number: str, name_key: str) -> Tag:
        """Return the tag of a checked identity number with the match key of a name."""
        return self._id_name.tag(number, name_key)

    def name_birth_tag(self, name_key: str, birth_date: str) -> Tag:
        """Return the tag of the match key of a name with a birth date, YYYY-MM-DD.

        Raises:
            BranchKeyError: the deployment is of an older release and has no key for it yet.
        """
        return self.name_index().tag(name_key, birth_date)

    def name_index(self) -> BlindIndex:
        """Return the index of names with birth dates.

        Raises:
            BranchKeyError: it has no key: none was made yet, or it is gone.
        """
        if self._name_birth is None:
            raise BranchKeyError(
                f"no active branch key for {Purpose.INDEX_NAME_BIRTH}: run `juzhu rebuild` after "
                "an upgrade, else restore the key table from a backup"
            )
        return self._name_birth

    @property
    def indexes_names(self) -> bool:
        """Whether there is a key to index names with birth dates by."""
        return self._name_birth is not None

    def row_mac(self, table: str, row: bytes, columns: Sequence[Column]) -> bytes:
        """Return the MAC of a row over its columns, in an order that the table fixes."""
        return self._row_macs.mac(encode_row(table, row, columns))

    def verify_row_mac(self, table: str, row: bytes, columns: Sequence[Column], mac: bytes) -> bool:
        """Whether the MAC is of this row, table and columns. An unknown key version is no."""
        return self._row_macs.holds(encode_row(table, row, columns), mac)

    def row_macs(self, table: str) -> RowMacs:
        """Return what checks the MACs of many rows of one table."""
        return self._row_macs.of_rows(table)

    def seal_detail(self, record_id: bytes, value: Mapping[str, object]) -> bytes:
        """Seal what an audit record says only to an auditor."""
        version, key = self._details.active
        return seal(
            key,
            kind=Kind.AUDIT_DETAIL,
            key_ref=version,
            place=place_of(self._deployment, *_DETAIL) + row_part(record_id),
            plaintext=pad(encode_json(value)),
            random=self._random,
        )

    def open_detail(self, record_id: bytes, sealed: bytes) -> dict[str, object]:
        """Open the detail of an audit record.

        Raises:
            SealError: not this record's detail, or its key isn't held any more.
        """
        version, key = self._details.named_in(sealed, allowed=self._allowed, kind=Kind.AUDIT_DETAIL)
        padded = open_sealed(
            key,
            allowed=self._allowed,
            kind=Kind.AUDIT_DETAIL,
            key_ref=version,
            place=place_of(self._deployment, *_DETAIL) + row_part(record_id),
            sealed=sealed,
        )
        return decode_json(unpad(padded))

    def commit(self, record_id: bytes, data: bytes) -> bytes:
        """Return the commitment of an audit record to the bytes that were answered."""
        return self._commitments.mac(row_part(record_id) + data)

    def verify_commitment(self, record_id: bytes, data: bytes, commitment: bytes) -> bool:
        """Whether this record committed to these bytes: so an answer can be proved later."""
        return self._commitments.holds(row_part(record_id) + data, commitment)

    def miss_tag(self, text: str) -> bytes:
        """Return a short tag of what was searched in vain: equal for equal searches, no more."""
        return self._miss.mac(text.encode(errors="surrogatepass"))[:MISS_TAG_BYTES]

    def digest(self, purpose: str, data: bytes) -> bytes:
        """Return the 32-byte keyed digest of a case number, an official or an import row.

        Raises:
            UnsealableValueError: the purpose's key serves something else.
        """
        key = self._digests.get(purpose)
        if key is None:
            raise UnsealableValueError("only pseudonym and import-digest make digests")
        return key.mac(data)


def _chunk_part(number: int, *, last: bool) -> bytes:
    """Return chunk no (u32) and last (1 byte): no chunk can be cut, moved or appended."""
    return number.to_bytes(4) + last.to_bytes(1)
