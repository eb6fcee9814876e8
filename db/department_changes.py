"""Adding departments to a register that was founded by an earlier release.

What a department is called, and whether its officials are registered, is the release's and never an
operator's own words: rules, roles and texts speak of these codes.

This module never reads a clock, and never changes or ends a department that is there.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from audit.entry import Actor
from db.database import Database
from db.ledger import Ledger
from db.register import snapshot_of
from db.register_changes import Moment
from db.register_founding import STARTING_DEPARTMENTS
from db.register_record import RegisterAct, record
from db.register_refusals import RegisterError
from db.register_rows import DEPARTMENT, rows_to_change
from keys.ring import KeyRing

_LISTED: Final = "juzhu department list shows all"


class DepartmentRegistrar:
    """Adds departments; its method is work for `Database.write`."""

    __slots__ = ("_actor", "_ledger", "_ring")

    def __init__(self, database: Database, ring: KeyRing, actor: Actor) -> None:
        self._ring = ring
        self._actor = actor
        # Never started: it only appends within the changes' own transactions.
        self._ledger = Ledger(database, deployment=ring.deployment)

    def add(self, session: Session, *, codes: Sequence[str], moment: Moment) -> tuple[str, ...]:
        """Add these departments of the release, or all that lack if none is named; which were.

        Nothing is changed and nothing recorded where none lacks.

        Raises:
            RegisterError: the release knows no such department, or the register has it already.
        """
        rows = rows_to_change(session, self._ring)
        there = {each.code for each in snapshot_of(rows).departments}
        known = {each.code: each for each in STARTING_DEPARTMENTS}
        for code in codes:
            if code not in known:
                raise RegisterError("this release knows no such department", hint=_LISTED)
            if code in there:
                raise RegisterError("the register has this department already", hint=_LISTED)
        wanted = [code for code in known if code not in there and (not codes or code in codes)]
        for code in wanted:
            department = known[code]
            rows.add(
                DEPARTMENT,
                {
                    "code": code,
                    "zh": department.zh,
                    "en": department.en,
                    "officials_registered": int(department.officials_registered),
                    "valid_from": moment.day.isoformat(),
                    "valid_until": None,
                },
            )
        if wanted:
            draft = record(
                RegisterAct.DEPARTMENTS_ADDED,
                self._actor,
                version=rows.seal(),
                time=moment.time,
                facts={"departments": ",".join(wanted)},
            )
            self._ledger.append_within(session, [draft])
        return tuple(wanted)
