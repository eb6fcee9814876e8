"""What the audit log says of the register: the counter that its last change left there.

Whoever puts back the register of an earlier day, state and all, has rows that fit together; they
would have to rewrite the log as well, which `juzhu audit verify` sees. The log is asked in the
transaction that reads or changes the register. This module never writes.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.register_changes import counter_in
from db.models import IS_REGISTER_CHANGE, AuditRecord
from db.stored_type import of_its_type

_NONE: Final = 0
"""The counter before the register's founding."""


def last_counter(session: Session) -> int | None:
    """The counter in the log's last record of a change; None where it can't be read."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    changes = IS_REGISTER_CHANGE["sqlite" if sqlite else "postgresql"]
    found = session.execute(
        select(
            of_its_type(AuditRecord.body, "blob", sqlite=sqlite),
            of_its_type(AuditRecord.leaf_hash, "blob", sqlite=sqlite),
        )
        .where(changes)
        .order_by(AuditRecord.year.desc(), AuditRecord.index.desc())
        .limit(1)
    ).first()
    return _NONE if found is None else counter_in(*found)
