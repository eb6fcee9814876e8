"""The rows of one person: sealed, counted and under their MACs, ready to be inserted.

Address, contact, proofs and photo are sealed to the row that holds them before anything is
inserted, so ids are made here. This module never speaks to a database and never opens anything.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import uuid4

from db.casefile import case_row
from db.facts import (
    NOT_AT_A_DESK,
    Act,
    Apply,
    AtDesk,
    Cancel,
    Close,
    Endorse,
    Issue,
    Move,
    NewPerson,
    Registration,
    Replace,
    Return,
)
from db.lookup import ID_NAME, lookup_row, tag_bytes
from db.models import Event
from db.read_model import (
    BROUGHT,
    CANCELLED,
    CLOSED,
    ENDORSED,
    ISSUED,
    MOVED,
    REGISTERED,
    REPLACED,
    TEMPORARY,
    Sources,
    application_rows,
    row_of,
)
from db.rows import EVENT, EVIDENCE, PERSON, RESIDENCE, RowValues, integer
from keys.ring import DataKey, KeyRing, tag_of
from regulation.calendar import WorkingCalendar
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.person_name import match_key

GENERATION: Final = 1
"""The first data key of a person."""

_EVENT_COLUMNS: Final = tuple(column.name for column in Event.__table__.columns)
_PERMIT_NUMBER_BYTES: Final = 8


@dataclass(slots=True)
class PersonRows:
    """The rows of many persons, collected so that each table gets one statement."""

    lookup: list[RowValues] = field(default_factory=list)
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

    __slots__ = ("_calendar", "_policy", "_recorded_at", "_ring")

    def __init__(
        self,
        ring: KeyRing,
        calendar: WorkingCalendar,
        recorded_at: str,
        policy: Parameters | Schedule = AS_ISSUED,
    ) -> None:
        self._ring = ring
        self._calendar = calendar
        self._recorded_at = recorded_at
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
        name_tag = ring.id_name_tag(facts.id_number, match_key(facts.name))
        values: RowValues = {
            "id": person,
            "revision": 1,
            "events": 0,
            "photo": None if new.photo is None else uuid4().bytes,
            "hukou_county": facts.hukou_county,
            "number_tag": tag_bytes(ring.id_number_tag(facts.id_number)),
            "name_tag": tag_bytes(name_tag),
            "key_ref": int.from_bytes(wrapped[4:8]),
            "generation": GENERATION,
            "wrapped_key": wrapped,
            "core": core,
            "core_tag": tag_of(core),
            "contact": contact,
            "contact_tag": tag_of(contact),
        }
        sources = Sources(values, [], [])
        self._register(sources, data_key, new)
        self.apply(sources, data_key, new.acts)
        PERSON.sign(ring, values)
        rows.lookup.append(lookup_row(ID_NAME, name_tag, person))
        rows.person_now.append(row_of(ring, self._calendar, sources, self._policy))
        rows.application_now.extend(application_rows(ring, sources))
        rows.person.append(values)
        rows.residence.extend(sources.periods)
        rows.event.extend(sources.events)
        self._proofs(rows, person, data_key, new)
        self._photo(rows, values, data_key, new.photo)
        for case in new.cases:
            rows.casefile.append(case_row(ring, person, case))

    def apply(self, sources: Sources, data_key: DataKey, acts: Iterable[Act]) -> None:
        """Add the rows of acts to a person's sources."""
        for act in acts:
            day = act.happened_on
            match act:
                case Move() | Return():
                    self._end_period(sources, day)
                    period = self._period(sources, data_key, act, day)
                    self._event(
                        sources,
                        MOVED if isinstance(act, Move) else REGISTERED,
                        day,
                        at=(data_key, act.desk),
                        reported_on=act.reported_on,
                        county=act.county,
                        township=act.township,
                        residence=period,
                        reason=None if isinstance(act, Move) else act.reason,
                        office=act.office,
                    )
                case Apply():
                    self._event(
                        sources,
                        act.step.value,
                        day,
                        at=(data_key, act.desk),
                        application=act.application,
                        county=act.county,
                        township=act.township,
                        office=act.office,
                    )
                case Replace() | Close():
                    kind = REPLACED if isinstance(act, Replace) else CLOSED
                    self._event(sources, kind, day, at=(data_key, act.desk), office=act.office)
                case _:
                    self._of_permit(sources, data_key, act)

    def _of_permit(
        self, sources: Sources, data_key: DataKey, act: Issue | Endorse | Cancel
    ) -> None:
        day, at = act.happened_on, (data_key, act.desk)
        match act:
            case Issue():
                self._event(
                    sources,
                    ISSUED,
                    day,
                    at=at,
                    permit=uuid4().bytes,
                    permit_number=act.number or new_permit_number(),
                    valid_to=act.valid_to.isoformat(),
                    office=act.office,
                    application=act.application,
                )
            case Endorse():
                self._event(
                    sources,
                    ENDORSED,
                    day,
                    at=at,
                    valid_to=act.valid_to.isoformat(),
                    office=act.office,
                )
            case Cancel():
                self._event(
                    sources, CANCELLED, day, at=at, ground=act.ground.value, office=act.office
                )

    def _register(self, sources: Sources, data_key: DataKey, new: NewPerson) -> None:
        """The first events: an old temporary permit, then the registration."""
        facts, held = new.registration, new.temporary
        if held is not None:
            self._event(
                sources,
                TEMPORARY,
                held.happened_on,
                at=(data_key, held.desk),
                valid_to=held.valid_to.isoformat(),
                office=held.office,
            )
        period = self._period(sources, data_key, facts, facts.arrived_on)
        brought: dict[str, str | bytes | None] = {}
        if facts.brought is not None:
            brought = {
                "permit": uuid4().bytes,
                "permit_number": new_permit_number(),
                "valid_from": facts.brought.valid_from.isoformat(),
                "valid_to": facts.brought.valid_to.isoformat(),
            }
        self._event(
            sources,
            BROUGHT if brought else REGISTERED,
            facts.arrived_on,
            at=(data_key, facts.desk),
            reported_on=facts.registered_on,
            county=facts.county,
            township=facts.township,
            residence=period,
            reason=facts.reason,
            office=facts.office,
            **brought,
        )

    def _event(
        self,
        sources: Sources,
        kind: str,
        happened_on: date,
        *,
        at: tuple[DataKey, AtDesk],
        reported_on: date | None = None,
        **columns: str | bytes | None,
    ) -> None:
        person = sources.person
        values: RowValues = dict.fromkeys(_EVENT_COLUMNS)
        values |= {
            "person": person["id"],
            "sequence": len(sources.events) + 1,
            "kind": kind,
            "happened_on": happened_on.isoformat(),
            "reported_on": (reported_on or happened_on).isoformat(),
            "recorded_at": self._recorded_at,
        }
        values |= columns
        data_key, desk = at
        if desk is not NOT_AT_A_DESK:
            values |= self._at_desk(data_key, desk)
        sources.events.append(EVENT.sign(self._ring, values))
        person["events"] = len(sources.events)

    def _at_desk(self, data_key: DataKey, desk: AtDesk) -> RowValues:
        """Who acted, and what was said in words, sealed to the act."""
        act = uuid4().bytes
        values: RowValues = {"official": desk.official, "agent": desk.agent, "act": act}
        if desk.note is not None:
            note = self._seal(data_key, "event", "note", act, dict(desk.note))
            values |= {"note": note, "note_tag": tag_of(note)}
        return values

    def _period(
        self,
        sources: Sources,
        data_key: DataKey,
        place: Registration | Return | Move,
        lived_from: date,
    ) -> bytes:
        period = uuid4().bytes
        sealed = self._seal(data_key, "residence", "residence", period, {"address": place.address})
        values: RowValues = {
            "id": period,
            "person": sources.person["id"],
            "revision": 1,
            "county": place.county,
            "township": place.township,
            "lived_from": lived_from.isoformat(),
            "changed_on": None,
            "generation": sources.person["generation"],
            "residence": sealed,
            "residence_tag": tag_of(sealed),
        }
        sources.periods.append(RESIDENCE.sign(self._ring, values))
        return period

    def _end_period(self, sources: Sources, day: date) -> None:
        period = sources.periods[-1]
        period["changed_on"] = day.isoformat()
        period["revision"] = integer(period["revision"]) + 1
        RESIDENCE.sign(self._ring, period)

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


def new_permit_number() -> str:
    """Make a permit number that says nothing: 16 hexadecimal digits at random."""
    return secrets.token_hex(_PERMIT_NUMBER_BYTES).upper()
