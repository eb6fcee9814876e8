"""Reading persons: by key, many by their tags, in pages; and the rows that hang on them.

Every row's MAC is verified before it is handed on. A load whose scopes reach nothing finds nothing
and asks the database nothing. The clock's day comes with the facts.

This module never opens a sealed group: the vault does, for whoever holds a disclosure.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import LargeBinary, SmallInteger, Table, bindparam, literal_column, select

from db.database import Database, Prepared, Row
from db.load import Access, Criteria, PersonLoad, ScopeFacts
from db.lookup import ID_NUMBER, tag_bytes
from db.models import Blob, Evidence, FormerLookup, NameBirth, Person, Residence, table_of
from db.person_row import PERSON_COLUMNS, PersonRow
from db.rows import CASEFILE, FORMER_LOOKUP, NAME_BIRTH, PERSON, RESIDENCE, RowValues, tampered
from db.sealed import Vault
from db.statements import (
    CASE_COLUMNS,
    INDEX,
    Shape,
    count_statement,
    formerly_named_statement,
    groups_of,
    ids_statement,
    many_statement,
    named_names,
    named_statement,
    one_statement,
    page_statement,
    shape_of,
    tag_names,
)
from keys.ring import Tag
from policies.permission import Disclosure, Scope

__all__ = ["PERSON_COLUMNS", "PersonReads", "PersonRow"]

_STATEMENTS: Final = 1024
"""Shapes that are remembered; callers choose filters, so their number must have an end."""

_LARGEST: Final = 4096
"""Tags in one statement on SQLite, which takes 32,766 parameters."""

_FORMER_COLUMNS: Final = tuple(column.name for column in table_of(FormerLookup).columns)

_NAMED_COLUMNS: Final = tuple(column.name for column in table_of(NameBirth).columns)

_ANYBODY: Final = PersonLoad(Access.ID_NUMBER, frozenset({Scope.ALL}), frozenset())


class PersonReads:
    """Reads persons of one database. One for the process; it keeps statements and no rows."""

    __slots__ = ("_by_name", "_children", "_database", "_former", "_statements", "_vault")

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._statements: dict[object, Prepared] = {}
        former = table_of(FormerLookup)
        self._former = database.prepare(
            select(former)
            .where(
                former.c.index == literal_column(str(ID_NUMBER), SmallInteger()),
                former.c.version == bindparam("version"),
                former.c.tag == bindparam("key", type_=LargeBinary()),
            )
            .order_by(former.c.person)
        )
        self._by_name = (
            (database.prepare(named_statement()), _NAMED_COLUMNS, NAME_BIRTH),
            (database.prepare(formerly_named_statement()), _FORMER_COLUMNS, FORMER_LOOKUP),
        )
        self._children: dict[tuple[str, int], tuple[Prepared, tuple[str, ...]]] = {}

    async def one(
        self, load: PersonLoad, key: Tag | str | bytes, facts: ScopeFacts
    ) -> PersonRow | None:
        """Find one person by the key that the load's access names.

        Raises:
            RowTamperedError: the row is not as it was written.
        """
        shape = shape_of(load, facts)
        if shape is None:
            return None
        statement = self._statements.get(shape)
        if statement is None:
            statement = self._remember(shape, self._database.prepare(one_statement(shape)))
        parameters = _facts(facts)
        if isinstance(key, Tag):
            parameters |= {"version": key.version, "key": key.value}
        else:
            parameters["key"] = key
        rows = await self._database.fetch(statement, parameters)
        row = next(self._verified(load, rows), None)
        if row is not None and isinstance(key, Tag):
            _require_tag(row, INDEX[load.access], key)
        return row

    async def many(
        self, load: PersonLoad, tags: Sequence[Tag], facts: ScopeFacts
    ) -> dict[Tag, PersonRow]:
        """Find the persons of many tags; a tag that finds nobody is not in the answer.

        Raises:
            RowTamperedError: a row is not as it was written.
        """
        shape = shape_of(load, facts)
        if shape is None:
            return {}
        versions: dict[int, dict[bytes, None]] = {}
        for tag in tags:
            versions.setdefault(tag.version, {})[tag.value] = None
        found: dict[Tag, PersonRow] = {}
        for version, wanted in versions.items():
            rows = await self._of_tags(shape, list(wanted), _facts(facts, version=version))
            for row in self._verified(load, rows):
                value = row.values[-1]
                if isinstance(value, bytes):
                    tag = Tag(version, value)
                    _require_tag(row, INDEX[load.access], tag)
                    found[tag] = row
        return found

    async def page(
        self, load: PersonLoad, criteria: Criteria, facts: ScopeFacts
    ) -> list[PersonRow]:
        """Read a page of at most `criteria.limit` rows; the person's id breaks ties, ascending.

        Rows without a value in an order's column come last, whichever its direction.

        Raises:
            RowTamperedError: a row is not as it was written.
        """
        shape = shape_of(load, facts)
        if shape is None:
            return []
        named = await self._named(criteria)
        if criteria.named is not None and not named:
            return []
        key = (shape, "page", _criteria_shape(criteria), len(named))
        statement = self._statements.get(key)
        if statement is None:
            prepared = self._database.prepare(page_statement(shape, criteria, len(named)))
            statement = self._remember(key, prepared)
        rows = await self._database.page(statement, _parameters(criteria, facts) | named)
        page = list(self._verified(load, rows))
        if criteria.id_number is not None:
            for row in page:
                _require_tag(row, ID_NUMBER, criteria.id_number)
        return page

    async def count(self, load: PersonLoad, criteria: Criteria, facts: ScopeFacts) -> int:
        """Count all rows that the criteria and scopes leave, whatever page is asked for."""
        shape = shape_of(load, facts)
        if shape is None:
            return 0
        named = await self._named(criteria)
        if criteria.named is not None and not named:
            return 0
        key = (shape, "count", _criteria_shape(criteria), len(named))
        statement = self._statements.get(key)
        if statement is None:
            prepared = self._database.prepare(count_statement(shape, criteria, len(named)))
            statement = self._remember(key, prepared)
        ((number, *_),) = await self._database.scan(statement, _parameters(criteria, facts) | named)
        return number if isinstance(number, int) else 0

    async def _named(self, criteria: Criteria) -> dict[str, bytes]:
        """Find whom the criteria name, now or formerly, as parameters of a statement.

        Raises:
            RowTamperedError: a row of an index is not as it was written.
        """
        tag = criteria.named
        if tag is None:
            return {}
        found: dict[bytes, None] = {}
        for statement, names, covered in self._by_name:
            rows = await self._database.fetch(statement, {"version": tag.version, "key": tag.value})
            for row in rows:
                values: RowValues = dict(zip(names, row, strict=True))
                self._vault.require(covered, values)
                if isinstance(values["person"], bytes):
                    found[values["person"]] = None
        if not found:
            return {}
        ids = list(found)
        # Few sizes are few statements; a person who is asked for again changes nothing.
        ids += [ids[-1]] * ((1 << (len(ids) - 1).bit_length()) - len(ids))
        return dict(zip(named_names(len(ids)), ids, strict=True))

    async def of_ids(
        self, load: PersonLoad, persons: Sequence[bytes], facts: ScopeFacts
    ) -> dict[bytes, PersonRow]:
        """Read those of these persons whom the load's scopes reach.

        Raises:
            RowTamperedError: a row is not as it was written.
        """
        shape = shape_of(load, facts)
        if shape is None or not persons:
            return {}
        ids = list(dict.fromkeys(persons))
        size = 1 << (len(ids) - 1).bit_length()
        key = (shape, "ids", size)
        statement = self._statements.get(key)
        if statement is None:
            statement = self._remember(key, self._database.prepare(ids_statement(shape, size)))
        ids += [ids[-1]] * (size - len(ids))
        parameters = _facts(facts) | dict(zip(tag_names(size), ids, strict=True))
        rows = await self._database.fetch(statement, parameters)
        return {row.person: row for row in self._verified(load, rows)}

    async def person_of(self, tag: Tag, facts: ScopeFacts) -> bytes | None:
        """Find the id behind an ID number's tag, whatever became of the person.

        Raises:
            RowTamperedError: the row is not as it was written, or is another person's.
        """
        row = await self.one(_ANYBODY, tag, facts)
        return None if row is None else row.person

    async def former_persons(self, tag: Tag) -> list[bytes]:
        """Find all who once had an ID number and no more; for auditors, who read no person.

        Raises:
            RowTamperedError: a row is not as it was written.
        """
        rows = await self._database.fetch(self._former, {"version": tag.version, "key": tag.value})
        found: list[bytes] = []
        for row in rows:
            values: RowValues = dict(zip(_FORMER_COLUMNS, row, strict=True))
            self._vault.require(FORMER_LOOKUP, values)
            if isinstance(values["person"], bytes):
                found.append(values["person"])
        return found

    async def address_periods(
        self, disclosure: Disclosure, persons: Sequence[PersonRow]
    ) -> dict[bytes, list[dict[str, object]]]:
        """Read the address periods of persons, latest first, none of a voided act (article 12)."""
        found: dict[bytes, list[dict[str, object]]] = {}
        for person, row in await self._of_persons(table_of(Residence), persons):
            if row["voided_on"] is not None:
                self._vault.require(RESIDENCE, row)
                continue
            opened = self._vault.open_period(disclosure, person, row)
            found.setdefault(person.person, []).append(opened)
        for periods in found.values():
            periods.sort(key=_recency, reverse=True)
        return found

    async def evidence(
        self, disclosure: Disclosure, persons: Sequence[PersonRow]
    ) -> dict[bytes, list[dict[str, object]]]:
        """Read what was shown for the permits of persons, in the order of days (article 15)."""
        found: dict[bytes, list[dict[str, object]]] = {}
        for person, row in await self._of_persons(table_of(Evidence), persons):
            opened = self._vault.open_evidence(disclosure, person, row)
            found.setdefault(person.person, []).append(opened)
        for proofs in found.values():
            proofs.sort(key=lambda proof: str(proof["presentedOn"]))
        return found

    async def photos(
        self, disclosure: Disclosure, persons: Sequence[PersonRow]
    ) -> dict[bytes, bytes]:
        """Read the photos of persons; who has none is not in the answer (article 13)."""
        named = await self._photos_named(persons)
        chunks: dict[bytes, dict[int, bytes]] = {}
        for person, row in await self._of_persons(table_of(Blob), persons):
            number, sealed = row["chunk"], row["sealed"]
            if row["id"] != named.get(person.person):
                raise tampered("blob")
            if isinstance(number, int) and isinstance(sealed, bytes):
                chunks.setdefault(person.person, {})[number] = sealed
        found: dict[bytes, bytes] = {}
        for person in persons:
            blob, parts = named.get(person.person), chunks.get(person.person, {})
            if blob is not None:
                ordered = [parts[number] for number in sorted(parts)]
                found[person.person] = self._vault.open_photo(disclosure, person, blob, ordered)
        return found

    async def _photos_named(self, persons: Sequence[PersonRow]) -> dict[bytes, bytes]:
        """Read which blob each person's row names, so that an older or foreign one is refused."""
        named: dict[bytes, bytes] = {}
        stored = await self._of_persons(table_of(Person), persons, owner="id")
        if len(stored) < len({person.person for person in persons}):
            raise tampered("person")
        for person, row in stored:
            self._vault.require(PERSON, row)
            if isinstance(row["photo"], bytes):
                named[person.person] = row["photo"]
        return named

    def _verified(self, load: PersonLoad, rows: Sequence[Row]) -> Iterator[PersonRow]:
        """Check the MAC of every row, and that of the case that gave access to it."""
        groups = groups_of(load)
        start = len(PERSON_COLUMNS) + len(groups)
        by_case = Scope.OPEN_CASE in load.scopes
        for values in rows:
            if by_case:
                case = values[start : start + len(CASE_COLUMNS)]
                self._vault.require(CASEFILE, dict(zip(CASE_COLUMNS, case, strict=True)))
            yield self._vault.person_row(values, groups)

    # --- statements ----------------------------------------------------------------------------

    def _remember(self, key: object, statement: Prepared) -> Prepared:
        if len(self._statements) >= _STATEMENTS:
            self._statements.clear()
        self._statements[key] = statement
        return statement

    async def _of_tags(
        self, shape: Shape, tags: list[bytes], parameters: dict[str, object]
    ) -> Sequence[Row]:
        if self._database.kind == "postgresql":
            parameters["keys"] = tags
            return await self._database.fetch(self._many(shape, None), parameters)
        rows: list[Row] = []
        for start in range(0, len(tags), _LARGEST):
            part = tags[start : start + _LARGEST]
            size = 1 << (len(part) - 1).bit_length()
            # Few sizes are few statements; a tag that is asked for again changes nothing.
            padded = part + [part[-1]] * (size - len(part))
            parameters.update(zip(tag_names(size), padded, strict=True))
            rows += await self._database.fetch(self._many(shape, size), parameters)
        return rows

    def _many(self, shape: Shape, size: int | None) -> Prepared:
        key = (shape, "many", size)
        statement = self._statements.get(key)
        if statement is None:
            statement = self._remember(key, self._database.prepare(many_statement(shape, size)))
        return statement

    async def _of_persons(
        self, table: Table, persons: Sequence[PersonRow], *, owner: str = "person"
    ) -> list[tuple[PersonRow, RowValues]]:
        """Read the rows of a table that hang on these persons, by the column that says whose."""
        if not persons:
            return []
        rows_of = {person.person: person for person in persons}
        ids = list(rows_of)
        size = 1 << (len(ids) - 1).bit_length()
        known = self._children.get((table.name, size))
        if known is None:
            names = tuple(column.name for column in table.columns)
            wanted = table.c[owner].in_([bindparam(f"person{n}") for n in range(size)])
            known = self._database.prepare(select(table).where(wanted)), names
            self._children[table.name, size] = known
        statement, names = known
        ids += [ids[-1]] * (size - len(ids))
        parameters = {f"person{number}": person for number, person in enumerate(ids)}
        rows = await self._database.fetch(statement, parameters)
        place = names.index(owner)
        found: list[tuple[PersonRow, RowValues]] = []
        for row in rows:
            whose = row[place]
            if isinstance(whose, bytes):
                found.append((rows_of[whose], dict(zip(names, row, strict=True))))
        return found


def _require_tag(row: PersonRow, index: int, tag: Tag) -> None:
    """Refuse a person that somebody pointed a tag at by hand: the row's MAC covers its own tags."""
    if not row.is_found_by(index, tag_bytes(tag)):
        raise tampered("lookup")


def _facts(facts: ScopeFacts, *, version: int | None = None) -> dict[str, object]:
    return {
        "day": facts.day.isoformat(),
        "division": facts.division,
        "case": facts.case,
        "version": version,
    }


def _criteria_shape(criteria: Criteria) -> object:
    """All of the criteria that changes the statement's words, and no value."""
    return (
        tuple(name for name, _ in criteria.equals),
        tuple((name, low is None, high is None) for name, low, high in criteria.ranges),
        criteria.statuses,
        criteria.id_number is None,
        criteria.late,
        criteria.order,
        None if criteria.after is None else tuple(value is None for value in criteria.after),
    )


def _parameters(criteria: Criteria, facts: ScopeFacts) -> dict[str, object]:
    parameters = _facts(facts)
    parameters["limit"] = criteria.limit
    parameters |= {f"equal_{name}": value for name, value in criteria.equals}
    for name, low, high in criteria.ranges:
        parameters[f"low_{name}"], parameters[f"high_{name}"] = low, high
    if criteria.id_number is not None:
        parameters |= {"version": criteria.id_number.version, "key": criteria.id_number.value}
    if criteria.after is not None:
        *values, person = criteria.after
        parameters |= {f"after{place}": value for place, value in enumerate(values)}
        parameters["after_person"] = person
    return parameters


def _recency(period: dict[str, object]) -> tuple[bool, str, str]:
    """Where a period stands: the current one is the latest."""
    changed = period["changedOn"]
    return changed is None, str(changed or ""), str(period["from"])
