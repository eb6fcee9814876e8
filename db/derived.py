"""By which rules what is derived was computed, and whether a city's files still say the same.

The read model is a fold of events by the city's dated policy and its working days. Where a file was
changed since for days that have passed, some rows would be what other rules made of them, and
nobody could tell which: such a database is not served until `juzhu rebuild` has been through it.
What files say of days to come changes no row; a reading or a figure that no row depends on is left
out.

This module never computes a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

import orjson
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from db.database import Database
from db.errors import RulesChangedError
from db.models import Derived, Person, table_of
from db.rows import DERIVED, RowValues, tampered
from keys.ring import KeyRing
from regulation.calendar import WorkingCalendar
from regulation.parameters import Parameters, Schedule, Values

FOLD: Final = 1
"""Raised by a release that computes another row from the same events, rules and days."""

BESIDE_READINGS: Final = frozenset(
    {"R3", "R14", "R16", "R17", "R18", "R21", "R22", "R25", "R26", "R27", "R28", "R29", "R31"}
)
BESIDE_VALUES: Final = frozenset(
    {
        "answers_kept_days",
        "case_days",
        "catchment_least_persons",
        "changes_kept_days",
        "correction_answer_days",
        "correction_working_days",
        "corrections_waiting_most",
        "follow_housing_support_days",
        "follow_school_place_days",
        "follow_social_insurance_days",
        "guardian_under_age",
        "issue_warning_days",
        "persons_per_coordinator",
        "proposal_working_days",
        "replacement_fee_fen",
        "settlement_years",
        "subject_request_working_days",
        "void_working_days",
        "window_days",
    }
)
"""What no row of a read model depends on. Whatever is not named here does count."""

_ONE: Final = 1


@dataclass(frozen=True, slots=True)
class Basis:
    """Rules and working days, as far as read models depend on them; `text` is canonical JSON."""

    text: str

    def agrees_with(self, other: "Basis", through: date) -> bool:
        """Whether both say the same of all days up to and with this one."""
        return _until(self.text, through) == _until(other.text, through)


def basis_of(policy: Parameters | Schedule, calendar: WorkingCalendar) -> Basis:
    """Return what read models are computed by."""
    policies = policy.policies if isinstance(policy, Schedule) else (policy,)
    said = {
        "fold": FOLD,
        "policies": [entry for each in policies if (entry := _entry(each))[2]],
        "off": sorted(day.isoformat() for day in calendar.days_off),
        "worked": sorted(day.isoformat() for day in calendar.make_up_days),
    }
    return Basis(orjson.dumps(said).decode())


def found_derived(session: Session, ring: KeyRing, basis: Basis | None) -> None:
    """Write the row of a new deployment, or of one whose names are not indexed yet (None)."""
    row: RowValues = {
        "id": _ONE,
        "made_by": None if basis is None else basis.text,
        "making": None,
        "reached": None,
    }
    session.execute(table_of(Derived).insert(), [DERIVED.sign(ring, row)])


async def require_same_rules(
    database: Database, ring: KeyRing, basis: Basis, *, today: date
) -> None:
    """Let only those go on who compute by what everything was computed by.

    Where nobody is stored yet, or files differ in days to come alone, the new ones are noted.

    Raises:
        RulesChangedError: `juzhu rebuild` has to go through the database first.
        BranchKeyError: the key by which names are indexed is gone.
    """
    if await database.read(lambda session: _agrees(session, ring, basis)):
        return
    await database.write(lambda session: _settle(session, ring, basis, today))


def require_still_same(session: Session, basis: Basis, today: date) -> None:
    """Refuse to write rows by rules that a rebuild has begun to replace, or has replaced.

    No MAC is checked: whoever alters the row only keeps acts away.

    Raises:
        RulesChangedError: this process goes on by the former rules: start it anew.
    """
    made_by = session.scalar(select(Derived.made_by))
    if made_by != basis.text and not _same(made_by, basis, today):
        raise _unfinished() if made_by is None else _changed()


def begin(session: Session, ring: KeyRing, basis: Basis, *, today: date) -> bytes:
    """Begin to compute everything anew, or go on; return the last person that was done.

    From now on nobody serves the database by other rules: its rows will be of both.
    """
    row = _row(session, ring, lock=True)
    if row is None:
        raise tampered("derived")
    if row["making"] != basis.text:
        row |= {"making": basis.text, "reached": None}
        if not _same(row["made_by"], basis, today):
            row["made_by"] = None
        _write(session, ring, row)
    reached = row["reached"]
    return reached if isinstance(reached, bytes) else b""


def reach(session: Session, ring: KeyRing, person: bytes) -> None:
    """Note, in the transaction of a batch, how far it went."""
    row = _row(session, ring, lock=True)
    if row is None:
        raise tampered("derived")
    _write(session, ring, row | {"reached": person})


def end(session: Session, ring: KeyRing, basis: Basis) -> None:
    """Note that everything was computed by this."""
    row = _row(session, ring, lock=True)
    if row is None:
        raise tampered("derived")
    _write(session, ring, row | {"made_by": basis.text, "making": None, "reached": None})


def is_founded(session: Session) -> bool:
    """Whether the row is there: a database of an older release has none."""
    return session.scalar(select(Derived.id)) is not None


def _agrees(session: Session, ring: KeyRing, basis: Basis) -> bool:
    row = _row(session, ring)
    return row is not None and row["made_by"] == basis.text and ring.indexes_names


def _settle(session: Session, ring: KeyRing, basis: Basis, today: date) -> None:
    row = _row(session, ring, lock=True)
    if row is None:
        raise RulesChangedError(
            "An older release computed what this database holds",
            "Run `juzhu rebuild`, on PostgreSQL with the address of the tables' owner, then start "
            "again",
        )
    ring.name_index()
    if not (_same(row["made_by"], basis, today) or _is_empty(session)):
        raise _unfinished() if row["made_by"] is None else _changed()
    _write(session, ring, row | {"made_by": basis.text})


def _changed() -> RulesChangedError:
    return RulesChangedError(
        "The city's rules (JUZHU_RULES) or working days (JUZHU_HOLIDAYS) are not those by which "
        "the read model was computed",
        "Name the former files, or stop every server and run `juzhu rebuild`, then start again",
    )


def _unfinished() -> RulesChangedError:
    return RulesChangedError(
        "A computation of the read model was begun and is not finished",
        "Run `juzhu rebuild` again: it goes on where it stopped; then start again",
    )


def _same(made_by: object, basis: Basis, today: date) -> bool:
    return isinstance(made_by, str) and basis.agrees_with(Basis(made_by), today)


def _is_empty(session: Session) -> bool:
    return not session.scalar(select(exists().where(Person.id.is_not(None))))


def _row(session: Session, ring: KeyRing, *, lock: bool = False) -> RowValues | None:
    wanted = select(table_of(Derived))
    found = session.execute(wanted.with_for_update() if lock else wanted).mappings().one_or_none()
    if found is None:
        return None
    row: RowValues = dict(found)
    DERIVED.require(ring, row)
    return row


def _write(session: Session, ring: KeyRing, row: RowValues) -> None:
    session.execute(update(table_of(Derived)).values(DERIVED.sign(ring, dict(row))))


def _entry(policy: Parameters) -> tuple[str, str, dict[str, object]]:
    """Say from when until when what differs from the Measures as issued."""
    issued, says = Values(), dict[str, object]()
    for reading, choice in policy.readings.departures:
        if reading not in BESIDE_READINGS:
            says[reading] = choice
    for each in fields(Values):
        value = getattr(policy.values, each.name)
        if each.name not in BESIDE_VALUES and value != getattr(issued, each.name):
            says[each.name] = value
    return policy.since.isoformat(), policy.until.isoformat(), dict(sorted(says.items()))


def _until(text: str, through: date) -> Mapping[str, object]:
    """Leave out what is said of later days."""
    said, last = orjson.loads(text), through.isoformat()
    return {
        "fold": said["fold"],
        "policies": [
            (since, min(until, last), says)
            for since, until, says in said["policies"]
            if since <= last
        ],
        "off": [day for day in said["off"] if day <= last],
        "worked": [day for day in said["worked"] if day <= last],
    }
