"""The read model: one row a person, computed from the sources by one function, and rebuilt by it.

`row_of` is the only way to a row of `person_now`: intake, acts and the rebuilding all call it.
Every source row's MAC is checked first, so that a row altered by hand can't be laundered into a
read-model row with a good MAC.

This module never opens a sealed group: sealed bytes are carried over as they are.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.application_rows import STEPS
from db.database import Value
from db.identity import IDENTIFIED
from db.in_force import OF_MERGES, in_force
from db.models import Event, Person, Residence, table_of
from db.rows import (
    EVENT,
    PERSON,
    PERSON_NOW,
    RESIDENCE,
    RowValues,
    Sources,
    tampered,
)
from keys.ring import KeyRing
from regulation import history
from regulation.calendar import WorkingCalendar
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.permit import CancelGround
from regulation.registration import timeliness

REGISTERED: Final = "registered"
BROUGHT: Final = "permit-brought"
TEMPORARY: Final = "temporary-permit-held"
MOVED: Final = "moved"
ISSUED: Final = "permit-issued"
ENDORSED: Final = "endorsed"
REVIEWED: Final = "permit-reviewed"
REPLACED: Final = "card-replaced"
CANCELLED: Final = "permit-cancelled"
CLOSED: Final = "registration-closed"

_BESIDE: Final = frozenset({REVIEWED, IDENTIFIED}) | OF_MERGES
"""What changes neither registration nor clock nor permit."""


_PLACED: Final = frozenset({TEMPORARY, ISSUED, ENDORSED, CANCELLED})
"""What an import may add to a person who is stored already."""

_CARRIED: Final = (
    "revision",
    "hukou_county",
    "number_tag",
    "name_tag",
    "key_ref",
    "generation",
    "wrapped_key",
)


def row_of(
    ring: KeyRing,
    calendar: WorkingCalendar,
    sources: Sources,
    policy: Parameters | Schedule = AS_ISSUED,
) -> RowValues:
    """Compute a person's row of the read model; articles 10, 12, 17, 19, 20 and 23.

    Raises:
        HistoryError: the events can't have happened so.
        RowTamperedError: events or address periods are missing.
    """
    person, events = sources.person, in_force(sources.events)
    registered = _last(events, REGISTERED, BROUGHT)
    period = sources.periods[-1] if sources.periods else None
    if (
        registered is None
        or len(sources.events) != person["events"]
        or period is None
        or period["changed_on"] is not None
    ):
        raise tampered("event")
    stand = standing_of(events, calendar, policy)
    permit = stand.permit
    issued = _last(in_place(events), ISSUED, BROUGHT) or {}
    arrived, declared = _day(registered["happened_on"]), _day(registered["reported_on"])
    row: RowValues = {name: person[name] for name in _CARRIED}
    row |= {
        "person": person["id"],
        "county": period["county"],
        "township": period["township"],
        "registered_on": registered["reported_on"],
        "arrived_on": registered["happened_on"],
        "reason": registered["reason"],
        "late": int(timeliness(happened_on=arrived, reported_on=declared, calendar=calendar).late),
        "clock_start": _text(stand.clock_start),
        "permit": issued.get("permit"),
        "permit_number": issued.get("permit_number"),
        "issued_on": issued.get("valid_from") or issued.get("happened_on"),
        "issuing_office": issued.get("office"),
        "valid_from": _text(permit.valid_from if permit else None),
        "valid_to": _text(permit.valid_to if permit else None),
        "cancelled_on": _text(permit.cancelled_on if permit else None),
        "cancel_ground": permit.ground.value if permit and permit.ground else None,
        "residence": period["id"],
        "core_sealed": person["core"],
        "core_tag": person["core_tag"],
        "contact_sealed": person["contact"],
        "contact_tag": person["contact_tag"],
        "residence_sealed": period["residence"],
        "residence_tag": period["residence_tag"],
    }
    return PERSON_NOW.sign(ring, row)


def standing_of(
    events: Sequence[RowValues],
    calendar: WorkingCalendar,
    policy: Parameters | Schedule = AS_ISSUED,
) -> history.Standing:
    """Fold what happened to registration and permits, each act by what held on its day.

    Raises:
        HistoryError: the events can't have happened so.
    """
    folded = (
        _event(row)
        for row in in_place(events)
        # What happens to applications has a fold of its own, and a review changes no standing.
        if row["kind"] not in STEPS and row["kind"] not in _BESIDE
    )
    return history.standing(folded, calendar, policy)


def in_place(events: Sequence[RowValues]) -> Sequence[RowValues]:
    """Put what was imported about a permit where its day puts it; the rest stays as recorded.

    What was voided is left out.

    A city's old permits come in after its registrations, and endorsements after permits that were
    cancelled since. What was done at a desk is never moved: a back-dated act can't pass unseen.
    """
    placed: list[RowValues] = []
    for row in in_force(events):
        place = len(placed)
        if row["kind"] in _PLACED and row["official"] is None:
            day = str(row["reported_on"])
            # Article 32: who registered on the first day of a temporary permit held it by then.
            first = row["kind"] == TEMPORARY
            while place and _lies_behind(placed[place - 1], day, also_on=first):
                place -= 1
        placed.insert(place, row)
    return placed


def _lies_behind(row: RowValues, day: str, *, also_on: bool) -> bool:
    acted = str(row["reported_on"])
    return acted > day or (also_on and acted == day)


def load_sources(
    session: Session, ring: KeyRing, persons: Sequence[bytes], *, lock: bool = False
) -> dict[bytes, Sources]:
    """Read the sources of some persons and check every row; `lock` keeps other writers away.

    Raises:
        RowTamperedError: a row is not as it was written.
    """
    table = table_of(Person)
    # In one order everywhere, or two writers could wait for each other's rows for ever.
    found = select(table).where(table.c.id.in_(persons)).order_by(table.c.id)
    rows = session.execute(found.with_for_update() if lock else found).mappings()
    sources = {bytes(row["id"]): Sources(dict(row), [], []) for row in rows}
    periods = table_of(Residence)
    for row in session.execute(
        select(periods)
        .where(periods.c.person.in_(persons))
        .order_by(periods.c.changed_on.is_(None), periods.c.changed_on, periods.c.lived_from)
    ).mappings():
        sources[row["person"]].periods.append(dict(row))
    events = table_of(Event)
    for row in session.execute(
        select(events).where(events.c.person.in_(persons)).order_by(events.c.sequence)
    ).mappings():
        sources[row["person"]].events.append(dict(row))
    for source in sources.values():
        PERSON.require(ring, source.person)
        for row_values in source.periods:
            RESIDENCE.require(ring, row_values)
        for row_values in source.events:
            EVENT.require(ring, row_values)
    return sources


def _last(events: Sequence[RowValues], *kinds: str) -> RowValues | None:
    return next((row for row in reversed(events) if row["kind"] in kinds), None)


def _event(row: Mapping[str, Value]) -> history.Event:
    happened = _day(row["happened_on"])
    match row["kind"]:
        case "registered" | "moved" as kind:
            make = history.Registered if kind == REGISTERED else history.Moved
            return make(
                happened_on=happened,
                reported_on=_day(row["reported_on"]),
                division=str(row["township"] or row["county"]),
            )
        case "permit-brought":
            return history.PermitBrought(
                happened_on=happened,
                reported_on=_day(row["reported_on"]),
                division=str(row["township"] or row["county"]),
                valid_from=_day(row["valid_from"]),
                valid_to=_day(row["valid_to"]),
            )
        case "temporary-permit-held":
            return history.TemporaryPermitHeld(happened_on=happened, valid_to=_day(row["valid_to"]))
        case "permit-issued":
            return history.PermitIssued(happened_on=happened, valid_to=_day(row["valid_to"]))
        case "endorsed":
            return history.Endorsed(happened_on=happened, valid_to=_day(row["valid_to"]))
        case "card-replaced":
            return history.CardReplaced(happened_on=happened)
        case "permit-cancelled":
            ground = CancelGround(str(row["ground"]))
            return history.PermitCancelled(happened_on=happened, ground=ground)
        case "registration-closed":
            return history.RegistrationClosed(happened_on=happened)
        case _:
            raise tampered("event")


def _day(value: Value) -> date:
    return date.fromisoformat(str(value))


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
