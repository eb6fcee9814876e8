"""A person under a corrected name or number: the core sealed anew, the tags moved (ADR 19).

The former tags stay, marked as such: a desk finds the person by them, nobody else does. The number
that is given is claimed as a new person's is: one that another has is never taken away.

This module never decides, and never opens the core: who opened it hands it on.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.errors import AlreadyStoredError
from db.facts import Identify
from db.inserting import insert_new_rows
from db.lookup import (
    ID_NAME,
    ID_NUMBER,
    lookup_row,
    move_name_birth,
    tag_bytes,
)
from db.models import FormerLookup, Lookup, PersonNow, table_of
from db.rows import FORMER_LOOKUP, RowValues, integer, tampered
from keys.ring import DataKey, KeyRing, Tag, tag_of
from regulation.id_number import IdNumber, Sex, birth_date, parse_id_number, sex
from regulation.person_name import match_key

IDENTIFIED: Final = "identity-changed"
"""The kind of the event by which a name or a number is corrected."""


def reseal_core(ring: KeyRing, person: RowValues, data_key: DataKey, act: Identify) -> None:
    """Put the new identity into a person's row; what the number says of sex and birth goes with it.

    The key stays, so its generation does: what was sealed under it before is opened as ever.
    """
    owner = person["id"]
    if not isinstance(owner, bytes):
        raise tampered("person")
    number, name = act.number, act.name or str(act.former["name"])
    core = dict(act.former) | {
        "name": name,
        "idNumber": number,
        "sex": "MALE" if sex(number) is Sex.MALE else "FEMALE",
        "birthDate": birth_date(number).isoformat(),
    }
    sealed = ring.seal_group(
        data_key,
        table="person",
        group="core",
        row=owner,
        generation=integer(person["generation"]),
        value=core,
    )
    person |= {
        "core": sealed,
        "core_tag": tag_of(sealed),
        "number_tag": tag_bytes(ring.id_number_tag(number)),
        "name_tag": tag_bytes(ring.id_name_tag(number, match_key(name))),
        "name_birth_tag": tag_bytes(_name_birth(ring, name, number)),
    }


def move_tags(session: Session, ring: KeyRing, person: bytes, act: Identify) -> None:
    """Let the new tags find the person, and keep the former ones for desks and auditors.

    Raises:
        AlreadyStoredError: the number is another person's.
    """
    former_name = str(act.former["name"])
    former_number = parse_id_number(str(act.former["idNumber"]))
    names = {match_key(name) for name in (former_name, act.name or former_name)}
    now = {
        (ID_NUMBER, ring.id_number_tag(act.number)),
        (ID_NAME, ring.id_name_tag(act.number, match_key(act.name or former_name))),
    }
    known = {
        (ID_NAME, ring.id_name_tag(number, name))
        for number in (former_number, act.number)
        for name in names
    }
    table = table_of(Lookup)
    mine = table.c.person == person
    stood = session.execute(select(table.c.index, table.c.version, table.c.tag).where(mine)).all()
    former = known | {(index, Tag(version, tag)) for index, version, tag in stood}
    session.execute(table.delete().where(mine))
    # In the order of a registration, or two that want one number could wait for each other.
    ordered = sorted(now, key=lambda one: (one[0], one[1].version, one[1].value))
    insert_new_rows(session, Lookup, [lookup_row(index, tag, person) for index, tag in ordered])
    found = session.execute(select(table.c.index, table.c.version, table.c.tag).where(mine)).all()
    if {(index, Tag(version, tag)) for index, version, tag in found} != now:
        raise AlreadyStoredError("This number is another person's", "Look the number up again")
    rows = [FORMER_LOOKUP.sign(ring, lookup_row(index, tag, person)) for index, tag in former - now]
    insert_new_rows(session, FormerLookup, rows)
    named = _name_birth(ring, act.name or former_name, act.number)
    move_name_birth(session, ring, person, named)


def _name_birth(ring: KeyRing, name: str, number: IdNumber) -> Tag:
    return ring.name_birth_tag(match_key(name), birth_date(number).isoformat())


def who_else_has(session: Session, number: Tag, person: bytes) -> bytes | None:
    """Find whom a number finds, where it is somebody else than this person."""
    table = table_of(Lookup)
    owner = session.scalar(
        select(table.c.person).where(
            table.c.index == ID_NUMBER,
            table.c.version == number.version,
            table.c.tag == number.value,
        )
    )
    return None if owner == person else owner


def formerly(session: Session, ring: KeyRing, number: Tag) -> bytes | None:
    """Find the one person who had a number before; None where nobody or more than one had.

    Raises:
        RowTamperedError: a row is not as it was written.
    """
    table, now = table_of(FormerLookup), table_of(PersonNow)
    rows = session.execute(
        select(table)
        .join(now, now.c.person == table.c.person)
        .where(
            table.c.index == ID_NUMBER,
            table.c.version == number.version,
            table.c.tag == number.value,
        )
    ).mappings()
    found: list[RowValues] = [dict(row) for row in rows]
    for row in found:
        FORMER_LOOKUP.require(ring, row)
    person = found[0]["person"] if len(found) == 1 else None
    return person if isinstance(person, bytes) else None


def former_names(session: Session, ring: KeyRing, person: bytes) -> frozenset[bytes]:
    """Return the tags of the names and numbers that a person had, as a person's row holds them.

    Raises:
        RowTamperedError: a row is not as it was written.
    """
    table = table_of(FormerLookup)
    wanted = select(table).where(table.c.index == ID_NAME, table.c.person == person)
    tags: set[bytes] = set()
    for row in session.execute(wanted).mappings():
        values: RowValues = dict(row)
        FORMER_LOOKUP.require(ring, values)
        tag = values["tag"]
        if isinstance(tag, bytes):
            tags.add(tag_bytes(Tag(integer(values["version"]), tag)))
    return frozenset(tags)
