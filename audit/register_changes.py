"""Records of changes of the register: how they are told from others, and the counter in them.

The register's rows vouch for each other, but not that they are the newest: a whole register of an
earlier day fits together too. The log knows better, for it only grows, and each change of the
register left the counter in it (docs/audit-log-format.md, "Changes of the register").

Pure. This module never says what was changed.
"""

import re
from collections.abc import Mapping
from typing import Final

from audit.canonical import NotCanonicalError, load_canonical
from audit.tree import leaf_hash

CHANGE: Final = "register."
"""The action of every record of a change, and of no other, begins so."""

FIRST_BYTES: Final = b'{"action":"' + CHANGE.encode()
"""So begins its body: in canonical JSON `action` stands before every other key."""

_LAST_FACT: Final = re.compile(r"(?:.* )?register:([1-9][0-9]{0,17})")


def is_change(record: Mapping[str, object]) -> bool:
    """Whether a record is one of a change of the register."""
    action = record.get("action")
    return isinstance(action, str) and action.startswith(CHANGE)


def counter_of(record: Mapping[str, object]) -> int | None:
    """The register's counter after this change; None where the record names none."""
    decision = record.get("decision")
    found = _LAST_FACT.fullmatch(decision) if isinstance(decision, str) else None
    return None if found is None else int(found[1])


def counter_in(body: object, leaf: object) -> int | None:
    """The same of a record as it is stored; None where it is not as it was written."""
    if not (isinstance(body, bytes) and isinstance(leaf, bytes) and leaf_hash(body) == leaf):
        return None
    try:
        record = load_canonical(body)
    except NotCanonicalError:
        return None
    return counter_of(record) if is_change(record) else None
