"""Changing catchments: a department loads, public security approves, either of them retires.

A catchment is part of the register of who may act (ADR 12): its rows are under the register's MAC,
and each change raises the register's counter and is a record of the log, by the official whose
token was shown. No change is undone: a catchment that was wrong is retired, and another is loaded.

This module never reads a token and never sees a person; it counts no further than the least number.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from audit.entry import Actor
from db.database import Database
from db.ledger import Ledger
from db.models import PersonNow, table_of
from db.register import snapshot_of
from db.register_changes import Moment
from db.register_record import RegisterAct, record
from db.register_refusals import RegisterError
from db.register_rows import CATCHMENT, RegisterRows, rows_to_change
from db.rows import RowValues
from keys.ring import KeyRing
from regulation import divisions

APPROVER: Final = "community-police"
"""The role of public security that answers for a catchment: it knows who lives in a township."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LISTED: Final = "juzhu catchment list shows all"


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """The official who makes a change, as a token and the register say."""

    department: str
    official: str
    roles: frozenset[str]
    division: str | None
    actor: Actor


class CatchmentRegistrar:
    """Changes the catchments of one deployment; its methods are work for `Database.write`."""

    __slots__ = ("_by", "_ledger", "_ring")

    def __init__(self, database: Database, ring: KeyRing, by: By) -> None:
        self._ring = ring
        self._by = by
        # Never started: it only appends within the changes' own transactions.
        self._ledger = Ledger(database, deployment=ring.deployment)

    def load(
        self,
        session: Session,
        *,
        name: str,
        places: Sequence[str],
        first: date,
        last: date | None,
        moment: Moment,
    ) -> str:
        """Store a version that waits for approval; its id.

        Raises:
            RegisterError: the name or the days can't be, or another version has days of these.
        """
        rows = rows_to_change(session, self._ring)
        if not _NAME.fullmatch(name):
            raise RegisterError(
                "a catchment's name is 1 to 64 of a-z, 0-9 and -", hint="give one, as school-12"
            )
        if last is not None and last < max(first, moment.day):
            raise RegisterError(
                "the last day lies before the first, or has passed", hint="give a later --until"
            )
        until = None if last is None else last.isoformat()
        if any(
            each.overlaps(first.isoformat(), until)
            for each in snapshot_of(rows).catchments
            if (each.department, each.name) == (self._by.department, name)
        ):
            raise RegisterError(
                "another version of this catchment has some of these days",
                hint=f"retire it first, or begin after its last day: {_LISTED}",
            )
        identity, listed = uuid4(), " ".join(sorted(set(places)))
        rows.add(
            CATCHMENT,
            {
                "id": identity.bytes,
                "department": self._by.department,
                "name": name,
                "places": listed,
                "valid_from": first.isoformat(),
                "valid_until": until,
                "loaded_by": self._by.official,
                "approved_by": None,
                "approved_at": None,
                "retired_at": None,
            },
        )
        self._seal(session, rows, RegisterAct.CATCHMENT_LOADED, moment, _facts(identity.hex, rows))
        return identity.hex

    def approve(self, session: Session, *, version: str, least: int, moment: Moment) -> None:
        """Let a version be used, as public security of the place and another department.

        Raises:
            RegisterError: it is another's to do, there is no such version that waits, or too few
                are registered in it.
        """
        by = self._by
        if APPROVER not in by.roles:
            raise RegisterError(
                "only public security approves a catchment",
                hint=f"show the token of an official who acts as {APPROVER}",
            )
        rows = rows_to_change(session, self._ring)
        row = _version(rows, version)
        if row["approved_at"] is not None or row["retired_at"] is not None:
            raise RegisterError("this version does not wait for approval", hint=_LISTED)
        if row["department"] == by.department:
            raise RegisterError(
                "who loaded a catchment does not approve it", hint="ask another department"
            )
        places = str(row["places"]).split()
        if by.division is None or not all(divisions.within(each, by.division) for each in places):
            raise RegisterError(
                "some of its townships lie outside this official's division",
                hint="load one catchment a county, and have each approved there",
            )
        if population(session, places, least) < least:
            raise RegisterError(
                f"fewer than {least} persons are registered in it",
                hint="retire it and load a larger one: a small one would locate persons",
            )
        rows.change(CATCHMENT, row, approved_by=by.official, approved_at=moment.time)
        self._seal(session, rows, RegisterAct.CATCHMENT_APPROVED, moment, _facts(version, rows))

    def retire(self, session: Session, *, version: str, moment: Moment) -> None:
        """Take a version out of use, at once and for good.

        Raises:
            RegisterError: it is another's to do, or there is no such version in use or waiting.
        """
        rows = rows_to_change(session, self._ring)
        row = _version(rows, version)
        if row["department"] != self._by.department and APPROVER not in self._by.roles:
            raise RegisterError(
                "a catchment is retired by its department or by public security",
                hint="show a token of one of the two",
            )
        if row["retired_at"] is not None:
            raise RegisterError("the version is retired already", hint="nothing is left to do")
        rows.change(CATCHMENT, row, retired_at=moment.time)
        self._seal(session, rows, RegisterAct.CATCHMENT_RETIRED, moment, _facts(version, rows))

    def _seal(
        self,
        session: Session,
        rows: RegisterRows,
        act: RegisterAct,
        moment: Moment,
        facts: dict[str, str | None],
    ) -> None:
        counter = rows.seal()
        draft = record(act, self._by.actor, version=counter, time=moment.time, facts=facts)
        self._ledger.append_within(session, [draft])


def population(session: Session, places: Sequence[str], least: int) -> int:
    """How many persons are registered in these townships, counted to `least` and no further."""
    now = table_of(PersonNow).c
    some = (
        select(literal_column("1"))
        .where(now.township.in_(places), now.clock_start.is_not(None))
        .limit(least)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def _version(rows: RegisterRows, version: str) -> RowValues:
    try:
        identity = UUID(hex=version).bytes
    except ValueError:
        identity = b""
    row = next((row for row in rows.of(CATCHMENT) if row["id"] == identity), None)
    if row is None:
        raise RegisterError("no catchment has this id", hint=_LISTED)
    return row


def _facts(version: str, rows: RegisterRows) -> dict[str, str | None]:
    row = _version(rows, version)
    listed = str(row["places"])
    return {
        "catchment": version,
        "department": str(row["department"]),
        "name": str(row["name"]),
        "places": str(len(listed.split())),
        "digest": sha256(listed.encode()).hexdigest(),
        "from": str(row["valid_from"]),
        "until": None if row["valid_until"] is None else str(row["valid_until"]),
    }
