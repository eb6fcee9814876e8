"""The rows of what happens to a person: events in order, and the address periods that they begin.

An address and what was said at a desk are sealed before anything is inserted, each to its own id.
This module never speaks to a database, and never decides whether an act may be done.
"""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import uuid4

from db.facts import (
    NOT_AT_A_DESK,
    Act,
    Apply,
    AtDesk,
    Cancel,
    Close,
    Endorse,
    HoldTemporary,
    Identify,
    Issue,
    Join,
    Move,
    NewPerson,
    Registration,
    Replace,
    Return,
    Reviewed,
    Void,
)
from db.identity import IDENTIFIED, reseal_core
from db.in_force import VOIDED
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
    REVIEWED,
    TEMPORARY,
)
from db.rows import EVENT, RESIDENCE, RowValues, Sources, integer
from keys.ring import DataKey, KeyRing, tag_of

_EVENT_COLUMNS: Final = tuple(column.name for column in Event.__table__.columns)
_PERMIT_NUMBER_BYTES: Final = 8


class EventRows:
    """Makes the rows of acts under one key ring, recorded at one moment.

    The events of a call carry the version that follows the person's: whoever stores them raises it.
    """

    __slots__ = ("_recorded_at", "_ring")

    def __init__(self, ring: KeyRing, recorded_at: str) -> None:
        self._ring = ring
        self._recorded_at = recorded_at

    def apply(
        self, sources: Sources, data_key: DataKey, acts: Iterable[Act | HoldTemporary]
    ) -> None:
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
                case Reviewed():
                    self._event(
                        sources,
                        REVIEWED,
                        day,
                        at=(data_key, act.desk),
                        ground=act.found,
                        office=act.office,
                    )
                case HoldTemporary():
                    self._temporary(sources, data_key, act)
                case Void():
                    self._event(
                        sources,
                        VOIDED,
                        day,
                        at=(data_key, act.desk),
                        voids=act.voids,
                        office=act.office,
                    )
                    self._void_period(sources, act)
                case Join():
                    self._event(
                        sources,
                        act.kind,
                        day,
                        at=(data_key, act.desk),
                        other=act.other,
                        office=act.office,
                    )
                case Identify():
                    self._identified(sources, data_key, act)
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

    def register(self, sources: Sources, data_key: DataKey, new: NewPerson) -> None:
        """The first events: an old temporary permit, then the registration."""
        facts, held = new.registration, new.temporary
        if held is not None:
            self._temporary(sources, data_key, held)
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

    def _temporary(self, sources: Sources, data_key: DataKey, held: HoldTemporary) -> None:
        self._event(
            sources,
            TEMPORARY,
            held.happened_on,
            at=(data_key, held.desk),
            valid_to=held.valid_to.isoformat(),
            office=held.office,
        )

    def _event(
        self,
        sources: Sources,
        kind: str,
        happened_on: date,
        *,
        at: tuple[DataKey, AtDesk],
        reported_on: date | None = None,
        **columns: str | bytes | int | None,
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
            "version": integer(person["revision"]) + 1,
        }
        values |= columns
        data_key, desk = at
        if desk is not NOT_AT_A_DESK:
            values |= self._at_desk(data_key, desk, integer(person["generation"]))
        sources.events.append(EVENT.sign(self._ring, values))
        person["events"] = len(sources.events)

    def _at_desk(self, data_key: DataKey, desk: AtDesk, generation: int) -> RowValues:
        """Who acted, and what was said in words, sealed to the act."""
        act = uuid4().bytes
        values: RowValues = {"official": desk.official, "agent": desk.agent, "act": act}
        if desk.note is not None:
            note = self._ring.seal_group(
                data_key,
                table="event",
                group="note",
                row=act,
                generation=generation,
                value=desk.note,
            )
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
        generation = integer(sources.person["generation"])
        sealed = self._ring.seal_group(
            data_key,
            table="residence",
            group="residence",
            row=period,
            generation=generation,
            value={"address": place.address},
        )
        values: RowValues = {
            "id": period,
            "person": sources.person["id"],
            "revision": 1,
            "county": place.county,
            "township": place.township,
            "lived_from": lived_from.isoformat(),
            "changed_on": None,
            "voided_on": None,
            "generation": generation,
            "residence": sealed,
            "residence_tag": tag_of(sealed),
        }
        sources.periods.append(RESIDENCE.sign(self._ring, values))
        return period

    def _end_period(self, sources: Sources, day: date) -> None:
        period = sources.periods[-1]
        period["changed_on"] = day.isoformat()
        self._revise(period)

    def _identified(self, sources: Sources, data_key: DataKey, act: Identify) -> None:
        note = {**(act.desk.note or {}), "former": dict(act.former)}
        desk = replace(act.desk, note=note)
        self._event(sources, IDENTIFIED, act.happened_on, at=(data_key, desk), office=act.office)
        reseal_core(self._ring, sources.person, data_key, act)

    def _void_period(self, sources: Sources, void: Void) -> None:
        """The address before the voided act is the current one again, where there was one.

        A file that is a slip as a whole keeps its only period, under which nobody is found.
        """
        begun = {
            row["residence"]
            for row in sources.events
            if row["version"] == void.voids and row["residence"] is not None
        }
        for period in sources.periods:
            if period["id"] in begun:
                period["voided_on"] = void.happened_on.isoformat()
                self._revise(period)
        left = [period for period in sources.periods if period["voided_on"] is None]
        if not begun or not left:
            return
        ended = sources.periods[-1]
        ended["changed_on"] = ended["lived_from"]
        RESIDENCE.sign(self._ring, ended)
        left[-1]["changed_on"] = None
        self._revise(left[-1])
        sources.periods.remove(left[-1])
        sources.periods.append(left[-1])

    def _revise(self, period: RowValues) -> None:
        period["revision"] = integer(period["revision"]) + 1
        RESIDENCE.sign(self._ring, period)


def new_permit_number() -> str:
    """Make a permit number that says nothing: 16 hexadecimal digits at random."""
    return secrets.token_hex(_PERMIT_NUMBER_BYTES).upper()
