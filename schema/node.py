"""Opaque global ids: what `Node.id` shows and `node(id)` takes.

An id is made for one audience (a department): another department gets another id for the same
row, so that ids can't be joined across departments. What an id says only the key ring can tell.
"""

import strawberry

from policies.catalogue import Kind
from schema.sources import Column, Derived, Moment, about, declared

PERSON = "Person"
PERMIT = "Permit"


def _person_id(moment: Moment, _arguments: dict[str, object], person: bytes) -> str:
    return moment.encode(PERSON, person)


def _permit_id(moment: Moment, _arguments: dict[str, object], permit: bytes) -> str:
    return moment.encode(PERMIT, permit)


PERSON_ID = Derived((Column("person"),), _person_id)
PERMIT_ID = Derived((Column("permit"),), _permit_id)


@strawberry.interface(
    description=about(
        "可用全局编号重新取得的对象。编号不透明，只对本部门有效。",
        "An object that can be fetched again by its global id. Ids are opaque and hold for one "
        "department only.",
    )
)
class Node:
    """Relay's Node."""

    id: strawberry.ID = declared(
        PERSON_ID, "全局编号。", "The global id.", kind=Kind.OBJECT, governed=False
    )
