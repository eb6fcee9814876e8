"""The rows of one person: sealed, counted and under their MACs, ready to be inserted.

Contact, proofs and photo are sealed to the row that holds them before anything is inserted, so ids
are made here. This module never speaks to a database and never opens anything.
"""

from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from db.application_rows import application_rows
from db.casefile import case_row
from db.event_rows import EventRows
from db.facts import NewPerson
from db.lookup import ID_NAME, lookup_row, name_birth_row, tag_bytes
from db.read_model import row_of
from db.rows import EVIDENCE, PERSON, RowValues, Sources
from keys.ring import DataKey, KeyRing, tag_of
from regulation.calendar import WorkingCalendar
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.person_name import match_key

GENERATION: Final = 1
"""The first data key of a person."""


@dataclass(slots=True)
class PersonRows:
    """The rows of many persons, collected so that each table gets one statement."""

    lookup: list[RowValues] = field(default_factory=list)
    name_birth: list[RowValues] = field(default_factory=list)
    person: list[RowValues] = field(default_factory=list)
    residence: list[RowValues] = field(default_factory=list)
    event: list[RowValues] = field(default_factory=list)
    evidence: list[RowValues] = field(default_factory=list)
    blob: list[RowValues] = field(default_factory=list)
    casefile: list[RowValues] = field(default_factory=list)
    person_now: list[RowValues] = field(default_factory=list)
    application_now: list[RowValues] = field(default_factory=list)


class RowBuilder:
    """Builds rows under one key ring and calendar, recorded at one moment."""

    __slots__ = ("_calendar", "_events", "_policy", "_ring")

    def __init__(
        self,
        ring: KeyRing,
        calendar: WorkingCalendar,
        recorded_at: str,
        policy: Parameters | Schedule = AS_ISSUED,
    ) -> None:
        self._ring = ring
        self._calendar = calendar
        self._events = EventRows(ring, recorded_at)
        self._policy = policy

    def add(self, rows: PersonRows, person: bytes, new: NewPerson) -> None:
        """Seal a new person and collect all of their rows.

        Raises:
            HistoryError: the acts can't have happened so.
        """
        ring, facts = self._ring, new.registration
        data_key, wrapped = ring.wrap_new_data_key(person)
        core = self._seal(
            data_key,
            "person",
            "core",
            person,
            {
                "name": facts.name,
                "idNumber": facts.id_number,
                "sex": facts.sex,
                "ethnicity": facts.ethnicity,
                "birthDate": facts.birth_date.isoformat(),
            },
        )
        contact = self._seal(
            data_key,
            "person",
            "contact",
            person,
            {
                "phone": facts.phone,
                "workplace": facts.workplace,
                "hukouAddress": facts.hukou_address,
            },
        )
        name_key = match_key(facts.name)
        name_tag = ring.id_name_tag(facts.id_number, name_key)
        name_birth = ring.name_birth_tag(name_key, facts.birth_date.isoformat())
        values: RowValues = {
            "id": person,
            "revision": 0,
            "events": 0,
            "photo": None if new.photo is None else uuid4().bytes,
            "hukou_county": facts.hukou_county,
            "number_tag": tag_bytes(ring.id_number_tag(facts.id_number)),
            "name_tag": tag_bytes(name_tag),
            "name_birth_tag": tag_bytes(name_birth),
            "key_ref": int.from_bytes(wrapped[4:8]),
            "generation": GENERATION,
            "wrapped_key": wrapped,
            "core": core,
            "core_tag": tag_of(core),
            "contact": contact,
            "contact_tag": tag_of(contact),
        }
        sources = Sources(values, [], [])
        self._events.register(sources, data_key, new)
        self._events.apply(sources, data_key, new.acts)
        values["revision"] = 1
        PERSON.sign(ring, values)
        rows.lookup.append(lookup_row(ID_NAME, name_tag, person))
        rows.name_birth.append(name_birth_row(ring, name_birth, person))
        rows.person_now.append(row_of(ring, self._calendar, sources, self._policy))
        rows.application_now.extend(application_rows(ring, sources, self._policy))
        rows.person.append(values)
        rows.residence.extend(sources.periods)
        rows.event.extend(sources.events)
        self._proofs(rows, person, data_key, new)
        self._photo(rows, values, data_key, new.photo)
        for case in new.cases:
            rows.casefile.append(case_row(ring, person, case))

    def _proofs(self, rows: PersonRows, person: bytes, data_key: DataKey, new: NewPerson) -> None:
        for proof in new.proofs:
            row = uuid4().bytes
            sealed = self._seal(
                data_key,
                "evidence",
                "evidence",
                row,
                {
                    "condition": proof.condition,
                    "kind": proof.kind,
                    "issuer": proof.issuer,
                    "presentedOn": proof.presented_on.isoformat(),
                },
            )
            values: RowValues = {
                "id": row,
                "person": person,
                "revision": 1,
                "generation": GENERATION,
                "evidence": sealed,
                "evidence_tag": tag_of(sealed),
            }
            rows.evidence.append(EVIDENCE.sign(self._ring, values))

    def _photo(
        self, rows: PersonRows, person: RowValues, data_key: DataKey, photo: bytes | None
    ) -> None:
        """Seal a photo to the id that the person's row names."""
        blob = person["photo"]
        if photo is None or not isinstance(blob, bytes):
            return
        chunks = self._ring.seal_blob(
            data_key, table="blob", group="photo", row=blob, generation=GENERATION, data=photo
        )
        rows.blob.extend(
            {
                "id": blob,
                "chunk": number,
                "person": person["id"],
                "kind": "photo",
                "last": int(number == len(chunks) - 1),
                "generation": GENERATION,
                "sealed": chunk,
            }
            for number, chunk in enumerate(chunks)
        )

    def _seal(
        self, data_key: DataKey, table: str, group: str, row: bytes, value: dict[str, object]
    ) -> bytes:
        return self._ring.seal_group(
            data_key, table=table, group=group, row=row, generation=GENERATION, value=value
        )
