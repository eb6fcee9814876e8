"""The blind indexes as rows: a tag stands for a value and finds a person.

A tag that found somebody once and does no more is kept apart, under a MAC of its own.

A tag that stands already is left as it is (ON CONFLICT DO NOTHING): a unique violation would tell
who is known, and PostgreSQL would write the key into its log.
"""

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.inserting import insert_new_rows
from db.models import FormerLookup, Lookup, NameBirth, table_of
from db.rows import FORMER_LOOKUP, NAME_BIRTH, RowValues
from keys.ring import KeyRing, Tag

ID_NUMBER: Final = 1
ID_NAME: Final = 2
BY_NAME_BIRTH: Final = 3
"""What `lookup.index` says: which blind index a tag is of.

Tags of a name with a birth date stand in a table of their own, since several persons may have the
same one, and come here among the former ones alone.
"""

_AT_ONCE: Final = 10_000
"""Tags asked for in one statement; both databases take about 32,000 parameters."""


def lookup_row(index: int, tag: Tag, person: bytes) -> RowValues:
    """Return the row by which a tag finds a person."""
    return {"index": index, "version": tag.version, "tag": tag.value, "person": person}


def tag_bytes(tag: Tag) -> bytes:
    """Return a tag as a person's row holds it: u32 version, then the tag.

    The row's MAC covers it, so a row of this table that was pointed at another person is found.
    """
    return tag.version.to_bytes(4) + tag.value


def tag_of_bytes(held: bytes) -> Tag:
    """Return the tag that a person's row holds."""
    return Tag(int.from_bytes(held[:4]), held[4:])


def name_birth_row(ring: KeyRing, tag: Tag, person: bytes) -> RowValues:
    """Return the row by which a name with a birth date finds a person, signed."""
    return NAME_BIRTH.sign(ring, {"version": tag.version, "tag": tag.value, "person": person})


def move_name_birth(session: Session, ring: KeyRing, person: bytes, tag: Tag | None) -> None:
    """Let this tag alone find a person by name and birth date; none where it is None.

    Those that did until now are kept as former ones.
    """
    table = table_of(NameBirth)
    mine = table.c.person == person
    stood = {Tag(*row) for row in session.execute(select(table.c.version, table.c.tag).where(mine))}
    session.execute(table.delete().where(mine))
    rows = [
        FORMER_LOOKUP.sign(ring, lookup_row(BY_NAME_BIRTH, each, person)) for each in stood - {tag}
    ]
    insert_new_rows(session, FormerLookup, rows)
    if tag is not None:
        insert_new_rows(session, NameBirth, [name_birth_row(ring, tag, person)])


def retire(session: Session, ring: KeyRing, person: bytes) -> None:
    """Let nobody find a person by any tag, and keep them as former ones (article 28).

    Who asks what became of a number (an auditor) is still told whose it was.
    """
    table = table_of(Lookup)
    mine = table.c.person == person
    tags = session.execute(select(table.c.index, table.c.version, table.c.tag).where(mine)).all()
    session.execute(table.delete().where(mine))
    rows = [
        FORMER_LOOKUP.sign(ring, {"index": index, "version": version, "tag": tag, "person": person})
        for index, version, tag in tags
    ]
    insert_new_rows(session, FormerLookup, rows)
    move_name_birth(session, ring, person, None)


def restore(session: Session, ring: KeyRing, person: RowValues) -> bool:
    """Let the tags of a person's row find the person again; False where one is another's."""
    rows: list[RowValues] = []
    for index, name in ((ID_NUMBER, "number_tag"), (ID_NAME, "name_tag")):
        tag = person[name]
        owner = person["id"]
        if not (isinstance(tag, bytes) and isinstance(owner, bytes)):
            return False
        rows.append(lookup_row(index, tag_of_bytes(tag), owner))
    insert_new_rows(session, Lookup, rows)
    owner, named = person["id"], person["name_birth_tag"]
    if isinstance(owner, bytes) and isinstance(named, bytes):
        move_name_birth(session, ring, owner, tag_of_bytes(named))
    table = table_of(Lookup)
    found = session.scalars(select(table.c.tag).where(table.c.person == person["id"]))
    return {row["tag"] for row in rows} <= set(found)


def adopt(session: Session, ring: KeyRing, person: bytes, absorbed: bytes) -> None:
    """Let desks find a person by all tags that found the file which was merged into theirs."""
    table = table_of(FormerLookup)
    theirs = select(table.c.index, table.c.version, table.c.tag).where(table.c.person == absorbed)
    rows = [
        FORMER_LOOKUP.sign(ring, {"index": index, "version": version, "tag": tag, "person": person})
        for index, version, tag in session.execute(theirs).all()
    ]
    insert_new_rows(session, FormerLookup, rows)


def disown(session: Session, person: bytes, absorbed: bytes) -> None:
    """Take the tags back that a merge lent: the file that is split finds itself again."""
    table = table_of(FormerLookup)
    key = (table.c.index, table.c.version, table.c.tag)
    theirs = session.execute(select(*key).where(table.c.person == absorbed)).all()
    for index, version, tag in theirs:
        session.execute(
            table.delete().where(
                table.c.person == person,
                table.c.index == index,
                table.c.version == version,
                table.c.tag == tag,
            )
        )


def claim(session: Session, tags: Sequence[Tag]) -> list[bytes | None]:
    """Insert the tags of ID numbers, each for a new person's id, and tell which now stand.

    None stands for a tag that another person has, or that came earlier in `tags`. All tags are of
    one version: that of the active key.
    """
    if not tags:
        return []
    mine = {tag: uuid4().bytes for tag in tags}
    rows = [lookup_row(ID_NUMBER, tag, person) for tag, person in mine.items()]
    if insert_new_rows(session, Lookup, rows):
        return [mine.pop(tag, None) for tag in tags]
    persons: dict[bytes, bytes] = {}
    values = [tag.value for tag in mine]
    for start in range(0, len(values), _AT_ONCE):
        found = session.execute(
            select(Lookup.tag, Lookup.person).where(
                Lookup.index == ID_NUMBER,
                Lookup.version == tags[0].version,
                Lookup.tag.in_(values[start : start + _AT_ONCE]),
            )
        )
        persons |= {row.tag: row.person for row in found}
    ids: list[bytes | None] = []
    for tag in tags:
        person = mine.pop(tag, None)
        ids.append(person if person is not None and persons.get(tag.value) == person else None)
    return ids
