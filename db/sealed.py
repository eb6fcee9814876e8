"""The vault: the only place where sealed groups of a person are opened.

Opening needs a `Disclosure`, which only a FieldTable makes and which the audit record is built
from: one choke point for decryption and audit. The sealed bytes must be those that the row's MAC
vouches for. This module never keeps what it opened, nor a key, and never opens without leave.
"""

from collections.abc import Iterable, Mapping, Sequence
from hmac import compare_digest

from db.database import Row, Value
from db.errors import DatabaseError
from db.person_row import MAC_PLACE, PersonRow
from db.rows import (
    CORRECTION,
    CORRECTION_STEP,
    DESK_ACT,
    EVENT,
    EVIDENCE,
    FOLLOW,
    PERSON,
    RESIDENCE,
    SUBJECT_REQUEST_STEP,
    Covered,
    integer,
    tampered,
)
from keys.errors import KeyUnusableError, SealError
from keys.ring import TAG_BYTES, KeyRing, tag_of
from policies.permission import Disclosure

_TABLES = {"core": "person", "contact": "person", "residence": "residence"}


class DisclosureError(Exception):
    """A group was to be opened that no rule gave leave for: a defect of a plan."""


class GroupNotLoadedError(DatabaseError):
    """A group was to be opened that the load did not fetch: a defect of a plan."""


class Vault:
    """Opens sealed groups under one key ring, and checks that rows are as they were written."""

    __slots__ = ("_openers", "_read_model", "_ring")

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._read_model = ring.row_macs("person_now")
        self._openers = {
            group: ring.opener(table=table, group=group) for group, table in _TABLES.items()
        }

    def open(self, disclosure: Disclosure, row: PersonRow, group: str) -> dict[str, object]:
        """Open a group that stands in the person's row: core, contact or residence.

        Raises:
            DisclosureError: the group is not in the disclosure.
            RowTamperedError: the sealed bytes are not those that the row's MAC covers.
        """
        (opened,) = self.open_each(disclosure, (row,), group)
        return opened

    def open_each(
        self, disclosure: Disclosure, rows: Iterable[PersonRow], group: str
    ) -> list[dict[str, object]]:
        """Open a group of many persons' rows, in their order.

        Raises:
            DisclosureError: the group is not in the disclosure.
            RowTamperedError: some sealed bytes are not those that their row's MAC covers.
        """
        _require_leave(disclosure, group)
        sealed = [_sealed_in(row, group) for row in rows]
        try:
            return self._openers[group].open_each(sealed)
        except KeyUnusableError:
            raise
        except SealError:
            raise tampered(_TABLES[group]) from None

    def open_period(
        self, disclosure: Disclosure, row: PersonRow, period: Mapping[str, Value]
    ) -> dict[str, object]:
        """Return an address period, its address opened where the disclosure has `residence`.

        Divisions and days of a period are plain; the address is None without leave.
        """
        self.require(RESIDENCE, period)
        address = None
        if "residence" in disclosure.groups:
            opened = self._open_child(row, "residence", period)
            address = opened.get("address")
        return {
            "county": period["county"],
            "township": period["township"],
            "address": address,
            "from": period["lived_from"],
            "changedOn": period["changed_on"],
        }

    def open_evidence(
        self, disclosure: Disclosure, row: PersonRow, evidence: Mapping[str, Value]
    ) -> dict[str, object]:
        """Open one proof.

        Raises:
            DisclosureError: `evidence` is not in the disclosure.
            RowTamperedError: the row or its sealed bytes are not as they were written.
        """
        _require_leave(disclosure, "evidence")
        self.require(EVIDENCE, evidence)
        return self._open_child(row, "evidence", evidence)

    def open_photo(
        self, disclosure: Disclosure, row: PersonRow, blob: bytes, chunks: Sequence[bytes]
    ) -> bytes:
        """Open a photo from all of its chunks in order.

        Raises:
            DisclosureError: `photo` is not in the disclosure.
            RowTamperedError: a chunk is missing, moved or altered.
        """
        _require_leave(disclosure, "photo")
        try:
            return self._ring.open_blob(
                self._ring.unwrap_data_key(row.person, row.wrapped_key),
                table="blob",
                group="photo",
                row=blob,
                generation=row.generation,
                chunks=chunks,
            )
        except KeyUnusableError:
            raise
        except SealError:
            raise tampered("blob") from None

    def open_note(
        self, disclosure: Disclosure, person: Mapping[str, Value], event: Mapping[str, Value]
    ) -> dict[str, object]:
        """Open what was said in words at one event of a person; nothing where nothing was said.

        Raises:
            DisclosureError: `note` is not in the disclosure.
            RowTamperedError: the row or its sealed bytes are not as they were written.
        """
        _require_leave(disclosure, "note")
        self.require(EVENT, event)
        act, sealed, tag = event["act"], event["note"], event["note_tag"]
        if sealed is None:
            return {}
        owner, wrapped = person["id"], person["wrapped_key"]
        if not (
            isinstance(act, bytes)
            and isinstance(sealed, bytes)
            and isinstance(tag, bytes)
            and isinstance(owner, bytes)
            and isinstance(wrapped, bytes)
            and compare_digest(tag_of(sealed), tag)
        ):
            raise tampered("event")
        try:
            return self._ring.open_group(
                self._ring.unwrap_data_key(owner, wrapped),
                table="event",
                group="note",
                row=act,
                generation=integer(person["generation"]),
                sealed=sealed,
            )
        except KeyUnusableError:
            raise
        except SealError:
            raise tampered("event") from None

    def open_core(self, disclosure: Disclosure, person: Mapping[str, Value]) -> dict[str, object]:
        """Open the core of a person's source row.

        Raises:
            DisclosureError: `core` is not in the disclosure.
            RowTamperedError: the row or its sealed bytes are not as they were written.
        """
        _require_leave(disclosure, "core")
        self.require(PERSON, person)
        owner, wrapped, sealed = person["id"], person["wrapped_key"], person["core"]
        tag = person["core_tag"]
        if not (
            isinstance(owner, bytes)
            and isinstance(wrapped, bytes)
            and isinstance(sealed, bytes)
            and isinstance(tag, bytes)
            and compare_digest(tag_of(sealed), tag)
        ):
            raise tampered("person")
        try:
            return self._ring.open_group(
                self._ring.unwrap_data_key(owner, wrapped),
                table="person",
                group="core",
                row=owner,
                generation=integer(person["generation"]),
                sealed=sealed,
            )
        except KeyUnusableError:
            raise
        except SealError:
            raise tampered("person") from None

    def open_answer(
        self, disclosure: Disclosure, act: Mapping[str, Value], person: Mapping[str, Value] | None
    ) -> dict[str, object]:
        """Open what an act was answered; `person` is None where the row has a key of its own.

        Raises:
            DisclosureError: `answer` is not in the disclosure.
            RowTamperedError: the row or its sealed bytes are not as they were written.
        """
        _require_leave(disclosure, "answer")
        self.require(DESK_ACT, act)
        row, sealed, tag = act["id"], act["answer"], act["answer_tag"]
        owner = row if person is None else person["id"]
        wrapped = act["wrapped_key"] if person is None else person["wrapped_key"]
        if not (
            isinstance(row, bytes)
            and isinstance(sealed, bytes)
            and isinstance(tag, bytes)
            and isinstance(owner, bytes)
            and isinstance(wrapped, bytes)
            and compare_digest(tag_of(sealed), tag)
        ):
            raise tampered("act")
        try:
            return self._ring.open_group(
                self._ring.unwrap_data_key(
                    owner, wrapped, table="act" if person is None else "person"
                ),
                table="act",
                group="answer",
                row=row,
                generation=integer(act["generation"]),
                sealed=sealed,
            )
        except KeyUnusableError:
            raise
        except SealError:
            raise tampered("act") from None

    def open_follow(self, disclosure: Disclosure, follow: Mapping[str, Value]) -> dict[str, object]:
        """Open which case a department follows, and its own mark of the person.

        Raises:
            DisclosureError: `follow` is not in the disclosure.
            RowTamperedError: the row or its sealed bytes are not as they were written.
        """
        _require_leave(disclosure, "follow")
        self.require(FOLLOW, follow)
        row, sealed, tag = follow["id"], follow["named"], follow["named_tag"]
        wrapped = follow["wrapped_key"]
        if not (
            isinstance(row, bytes)
            and isinstance(sealed, bytes)
            and isinstance(tag, bytes)
            and isinstance(wrapped, bytes)
            and compare_digest(tag_of(sealed), tag)
        ):
            raise tampered(FOLLOW.table)
        try:
            return self._ring.open_group(
                self._ring.unwrap_data_key(row, wrapped, table=FOLLOW.table),
                table=FOLLOW.table,
                group="named",
                row=row,
                generation=integer(follow["generation"]),
                sealed=sealed,
            )
        except KeyUnusableError:
            raise
        except SealError:
            raise tampered(FOLLOW.table) from None

    def open_words(
        self, disclosure: Disclosure, person: Mapping[str, Value], step: Mapping[str, Value]
    ) -> dict[str, object]:
        """Open what was said in words at one step of a person's request; nothing where nothing was.

        Raises:
            DisclosureError: `words` is not in the disclosure.
            RowTamperedError: the row or its sealed bytes are not as they were written.
        """
        _require_leave(disclosure, "words")
        self.require(SUBJECT_REQUEST_STEP, step)
        row, sealed, tag = step["id"], step["words"], step["words_tag"]
        if sealed is None:
            return {}
        owner, wrapped = person["id"], person["wrapped_key"]
        if not (
            isinstance(row, bytes)
            and isinstance(sealed, bytes)
            and isinstance(tag, bytes)
            and isinstance(owner, bytes)
            and isinstance(wrapped, bytes)
            and owner == step["person"]
            and compare_digest(tag_of(sealed), tag)
        ):
            raise tampered("subject_request_step")
        try:
            return self._ring.open_group(
                self._ring.unwrap_data_key(owner, wrapped),
                table="subject_request_step",
                group="words",
                row=row,
                generation=integer(step["generation"]),
                sealed=sealed,
            )
        except KeyUnusableError:
            raise
        except SealError:
            raise tampered("subject_request_step") from None

    def open_correction(
        self, disclosure: Disclosure, correction: Mapping[str, Value], step: Mapping[str, Value]
    ) -> dict[str, object]:
        """Open what was said in words at one step of a department's request; nothing where none.

        Raises:
            DisclosureError: `correction` is not in the disclosure.
            RowTamperedError: a row or its sealed bytes are not as they were written.
        """
        _require_leave(disclosure, "correction")
        self.require(CORRECTION, correction)
        self.require(CORRECTION_STEP, step)
        row, sealed, tag = step["id"], step["words"], step["words_tag"]
        if sealed is None:
            return {}
        owner, wrapped = correction["id"], correction["wrapped_key"]
        if not (
            isinstance(row, bytes)
            and isinstance(sealed, bytes)
            and isinstance(tag, bytes)
            and isinstance(owner, bytes)
            and isinstance(wrapped, bytes)
            and owner == step["correction"]
            and compare_digest(tag_of(sealed), tag)
        ):
            raise tampered(CORRECTION_STEP.table)
        try:
            return self._ring.open_group(
                self._ring.unwrap_data_key(owner, wrapped, table=CORRECTION.table),
                table=CORRECTION_STEP.table,
                group="words",
                row=row,
                generation=integer(step["generation"]),
                sealed=sealed,
            )
        except KeyUnusableError:
            raise
        except SealError:
            raise tampered(CORRECTION_STEP.table) from None

    def require(self, covered: Covered, values: Mapping[str, Value]) -> None:
        """Refuse a row that is not as it was written.

        Raises:
            RowTamperedError: some column differs.
        """
        covered.require(self._ring, values)

    def person_row(self, values: Row, groups: tuple[str, ...]) -> PersonRow:
        """Check the MAC of a row of the read model; groups are covered by their tags.

        Raises:
            RowTamperedError: some plain column differs.
        """
        person, mac = values[0], values[MAC_PLACE]
        if (
            isinstance(person, bytes)
            and isinstance(mac, bytes)
            and self._read_model.holds(person, values[1:MAC_PLACE], mac)
        ):
            return PersonRow(values, groups)
        raise tampered("person_now")

    def _open_child(
        self, row: PersonRow, group: str, child: Mapping[str, Value]
    ) -> dict[str, object]:
        """Open the group of a row that hangs on the person; table and group have one name."""
        place, sealed, tag = child["id"], child[group], child[f"{group}_tag"]
        if not (isinstance(place, bytes) and isinstance(sealed, bytes) and isinstance(tag, bytes)):
            raise tampered(group)
        return self._open(
            row,
            table=group,
            group=group,
            place=place,
            generation=integer(child["generation"]),
            sealed=sealed,
            tag=tag,
        )

    def _open(
        self,
        row: PersonRow,
        *,
        table: str,
        group: str,
        place: bytes,
        generation: int,
        sealed: bytes,
        tag: bytes,
    ) -> dict[str, object]:
        try:
            if not compare_digest(tag_of(sealed), tag):
                raise tampered(table)
            return self._ring.open_group(
                self._ring.unwrap_data_key(row.person, row.wrapped_key),
                table=table,
                group=group,
                row=place,
                generation=generation,
                sealed=sealed,
            )
        except KeyUnusableError:
            raise
        except SealError:
            raise tampered(table) from None


def _sealed_in(row: PersonRow, group: str) -> tuple[bytes, bytes, bytes, int, bytes]:
    found = row.to_open(group)
    if found is None:
        raise GroupNotLoadedError(f"The group {group} was not loaded", "Name it in the PersonLoad")
    person, wrapped, place, generation, sealed, tag = found
    if not (isinstance(sealed, bytes) and compare_digest(sealed[-TAG_BYTES:], tag)):
        raise tampered(_TABLES[group])
    return person, wrapped, place, generation, sealed


def _require_leave(disclosure: Disclosure, group: str) -> None:
    if group not in disclosure.groups:
        raise _without_leave(group)


def _without_leave(group: str) -> DisclosureError:
    return DisclosureError(
        f"No rule gives leave to open {group}: the plan must name it in its disclosure"
    )
