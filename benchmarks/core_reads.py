"""Reads as SQLAlchemy does them: the statements of `db.reads`, executed by Core in a session.

What a user of SQLAlchemy would have: each statement is built once and kept, Core keeps what it
compiled, a session runs it off the event loop. No ORM. Rows and tags are checked as ours are. Only
what the benchmark's questions need is here.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import Select
from sqlalchemy.orm import Session

from db.database import Database, Row
from db.load import Criteria, PersonLoad, ScopeFacts
from db.lookup import tag_bytes
from db.person_row import PersonRow
from db.rows import tampered
from db.sealed import Vault
from db.statements import (
    INDEX,
    groups_of,
    many_statement,
    page_statement,
    shape_of,
    tag_names,
)
from keys.ring import Tag

_SQLITE = "sqlite"


class CoreReads:
    """Persons by their tags and in pages."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._statements: dict[object, Select[*tuple[object, ...]]] = {}

    async def many(
        self, load: PersonLoad, tags: Sequence[Tag], facts: ScopeFacts
    ) -> dict[Tag, PersonRow]:
        """The persons of these tags, which are of one version.

        Raises:
            RowTamperedError: a row is not as it was written, or is another person's.
        """
        shape = shape_of(load, facts)
        if shape is None or not tags:
            return {}
        parameters = _facts(facts) | {"version": tags[0].version}
        values = list(dict.fromkeys(tag.value for tag in tags))
        size: int | None = None
        if self._database.kind == _SQLITE:
            size = 1 << (len(values) - 1).bit_length()
            padded = values + [values[-1]] * (size - len(values))
            parameters |= dict(zip(tag_names(size), padded, strict=True))
        else:
            parameters["keys"] = values
        statement = self._statements.get((shape, size))
        if statement is None:
            statement = self._statements[shape, size] = many_statement(shape, size)
        found: dict[Tag, PersonRow] = {}
        for row in await self._run(statement, parameters):
            checked = self._vault.person_row(row, groups_of(load))
            value = row[-1]
            if isinstance(value, bytes):
                tag = Tag(tags[0].version, value)
                if not checked.is_found_by(INDEX[load.access], tag_bytes(tag)):
                    raise tampered("lookup")
                found[tag] = checked
        return found

    async def page(
        self, load: PersonLoad, criteria: Criteria, facts: ScopeFacts
    ) -> list[PersonRow]:
        """A page of persons."""
        shape = shape_of(load, facts)
        if shape is None:
            return []
        nulls = None if criteria.after is None else tuple(each is None for each in criteria.after)
        key = (shape, criteria.statuses, criteria.order, nulls)
        statement = self._statements.get(key)
        if statement is None:
            statement = self._statements[key] = page_statement(shape, criteria)
        parameters = _facts(facts) | {"limit": criteria.limit}
        if criteria.after is not None:
            *values, person = criteria.after
            parameters |= {f"after{place}": value for place, value in enumerate(values)}
            parameters["after_person"] = person
        rows = await self._run(statement, parameters)
        return [self._vault.person_row(row, groups_of(load)) for row in rows]

    async def _run(
        self, statement: Select[*tuple[object, ...]], parameters: Mapping[str, object]
    ) -> list[Row]:
        def work(session: Session) -> list[Row]:
            rows = session.execute(statement, parameters).all()
            return [cast("Row", tuple(row)) for row in rows]

        return await self._database.read(work)


def _facts(facts: ScopeFacts) -> dict[str, object]:
    return {"day": facts.day.isoformat(), "division": facts.division, "case": facts.case}
