"""A work list is read off an index of its own division, on both databases, however full it is.

The rows are made up: enough of them that a database counts, and nothing of them is ever opened.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import ClauseElement, text
from sqlalchemy.orm import Session

from db.inserting import insert_rows
from db.load import Access, Criteria, PersonLoad
from db.models import ApplicationNow, Base, PersonNow, Report
from db.rows import RowValues
from db.statements import count_statement, named_names, page_statement, shape_of
from db.work_rows import Applications, Reports, Wanted
from db.work_rows import count_statement as work_count
from db.work_rows import page_statement as work_page
from policies.permission import Scope
from regulation.permit import PermitStatus
from tests.builders import COUNTY, OTHER_COUNTY, TODAY, TOWNSHIP, Store, facts, opened

MANY = 12_000
LISTED = PersonLoad(Access.LIST, frozenset({Scope.OWN_DIVISION}), frozenset({"core"}))
ANYBODY = Criteria(
    equals=(), ranges=(), statuses=None, id_number=None, order=(), after=None, limit=51
)
EXPIRY = (("valid_to", False),)
SOON = TODAY + timedelta(days=30)


def filled(model: type[Base], number: int, **given: str | int | bytes | None) -> RowValues:
    """A row of which only what a list looks at is said."""
    blanks: dict[type, str | int | bytes] = {str: "", int: 0, bytes: b"\0"}
    values: RowValues = {
        column.name: None if column.nullable else blanks[column.type.python_type]
        for column in model.__table__.columns
    }
    identity = "person" if model is PersonNow else "id"
    return values | {identity: number.to_bytes(16, "big")} | given


def person_rows() -> list[RowValues]:
    """Two counties of holders, their permits spread over three years; one in fifty was late."""
    rows = []
    for number in range(MANY):
        expiry = TODAY + timedelta(days=number % 1000 - 700)
        rows.append(
            filled(
                PersonNow,
                number,
                county=COUNTY if number % 2 else OTHER_COUNTY,
                township=f"{COUNTY}{number % 24:03d}" if number % 2 else f"{OTHER_COUNTY}100",
                registered_on=(TODAY - timedelta(days=number % 900)).isoformat(),
                late=int(number % 50 == 1),
                permit=number.to_bytes(16, "big"),
                permit_number=str(number),
                valid_from=(expiry - timedelta(days=365)).isoformat(),
                valid_to=expiry.isoformat(),
            )
        )
    return rows


def application_rows() -> list[RowValues]:
    """Applications of three years; one in forty is open."""
    rows = []
    for number in range(MANY):
        filed = TODAY - timedelta(days=number % 1000)
        rows.append(
            filled(
                ApplicationNow,
                number,
                county=COUNTY if number % 2 else OTHER_COUNTY,
                township=f"{COUNTY}{number % 24:03d}" if number % 2 else f"{OTHER_COUNTY}100",
                state="accepted" if number % 40 == 1 else "issued",
                filed_on=filed.isoformat(),
                accepted_on=filed.isoformat(),
                due_on=(filed + timedelta(days=30)).isoformat(),
                closed_on=None if number % 40 == 1 else TODAY.isoformat(),
            )
        )
    return rows


def report_rows() -> list[RowValues]:
    """Reports of three years; one in forty waits for its follow-up."""
    return [
        filled(
            Report,
            number,
            county=COUNTY if number % 2 else OTHER_COUNTY,
            township=f"{COUNTY}{number % 24:03d}" if number % 2 else f"{OTHER_COUNTY}100",
            state="open" if number % 40 == 1 else "followed_up",
            reported_on=(TODAY - timedelta(days=number % 1000)).isoformat(),
        )
        for number in range(MANY)
    ]


@pytest.fixture
async def full(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    def fill(session: Session) -> None:
        insert_rows(session, PersonNow, person_rows())
        insert_rows(session, ApplicationNow, application_rows())
        insert_rows(session, Report, report_rows())
        session.connection().exec_driver_sql("ANALYZE")

    async with opened(database_url, tmp_path) as store:
        await store.database.write(fill)
        yield store


async def plan(store: Store, statement: ClauseElement, values: dict[str, object]) -> str:
    """How the database would go about it."""
    postgres = store.database.kind == "postgresql"
    words = statement.compile(dialect=store.database.dialect)
    given = tuple(values[name] for name in getattr(words, "positiontup", None) or ())

    def explain(session: Session) -> Sequence[object]:
        how = "EXPLAIN" if postgres else "EXPLAIN QUERY PLAN"
        return session.connection().exec_driver_sql(f"{how} {words}", given).fetchall()

    return "\n".join(str(row) for row in await store.database.read(explain))


def between(low: date | None, high: date) -> Criteria:
    day = None if low is None else low.isoformat()
    return replace(ANYBODY, ranges=(("valid_to", day, high.isoformat()),), order=EXPIRY)


LISTS = {
    "in window": (
        replace(between(TODAY, SOON), statuses=frozenset({PermitStatus.ACTIVE})),
        "valid_to_person",
    ),
    "in grace": (
        replace(
            between(TODAY - timedelta(days=31), TODAY - timedelta(days=1)),
            statuses=frozenset({PermitStatus.SUSPENDED}),
        ),
        "valid_to_person",
    ),
    "lapsed": (
        replace(
            between(None, TODAY - timedelta(days=32)), statuses=frozenset({PermitStatus.SUSPENDED})
        ),
        "valid_to_person",
    ),
    "late": (replace(ANYBODY, late=True, order=(("registered_on", False),)), "late"),
}


def values_of(criteria: Criteria, division: str) -> dict[str, object]:
    found: dict[str, object] = {
        "division": division, "day": TODAY.isoformat(), "limit": criteria.limit
    }  # fmt: skip
    for name, low, high in criteria.ranges:
        found |= {f"low_{name}": low, f"high_{name}": high}
    return found


@pytest.mark.parametrize("division", [COUNTY, TOWNSHIP], ids=["county", "township"])
@pytest.mark.parametrize("name", LISTS)
async def test_a_page_of_a_list_comes_off_its_index_in_order(
    full: Store, name: str, division: str
) -> None:
    criteria, index = LISTS[name]
    shape = shape_of(LISTED, facts(division=division))
    assert shape is not None
    said = await plan(full, page_statement(shape, criteria), values_of(criteria, division))
    place = "county" if division == COUNTY else "township"
    named = f"ix_person_now_late_{place}" if index == "late" else f"ix_person_now_{place}_{index}"
    assert named in said, said
    # PostgreSQL may sort the few rows that the index gives; it never walks the table for them.
    assert "TEMP B-TREE" not in said, said
    assert "Seq Scan" not in said, said


@pytest.mark.parametrize(
    "order", [(), EXPIRY, (("registered_on", True),)], ids=["no order", "expiry", "registration"]
)
async def test_whom_a_name_stands_for_is_looked_up_by_id_and_no_list_is_walked(
    full: Store, order: tuple[tuple[str, bool], ...]
) -> None:
    shape = shape_of(LISTED, facts(division=COUNTY))
    assert shape is not None
    criteria = replace(ANYBODY, order=order)
    values = values_of(criteria, COUNTY) | {
        name: number.to_bytes(16, "big") for number, name in enumerate(named_names(2))
    }
    for statement in (page_statement(shape, criteria, 2), count_statement(shape, criteria, 2)):
        said = await plan(full, statement, values)
        key = "pk_person_now" if full.database.kind == "postgresql" else "autoindex_person_now_1"
        assert key in said, said
        assert "Seq Scan" not in said, said
        assert "ix_person_now" not in said, said


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_is_counted_off_an_index_of_its_division(full: Store, name: str) -> None:
    criteria, index = LISTS[name]
    shape = shape_of(LISTED, facts(division=TOWNSHIP))
    assert shape is not None
    said = await plan(full, count_statement(shape, criteria), values_of(criteria, TOWNSHIP))
    named = "ix_person_now_late_township" if index == "late" else f"ix_person_now_township_{index}"
    assert named in said, said


async def test_an_index_of_late_registrations_holds_no_other(full: Store) -> None:
    words = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'ix_person_now_late_county'",
        "postgresql": (
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_person_now_late_county'"
        ),
    }[full.database.kind]
    (said,) = await full.database.read(lambda session: list(session.scalars(text(words))))
    assert "late = 1" in said


WORK: dict[str, tuple[Wanted, str]] = {
    "open": (Applications(), "ix_application_now_open_{}"),
    "overdue": (Applications(overdue=True), "ix_application_now_open_{}"),
    "due soon": (
        Applications(due_soon=True, warned_through=TODAY.isoformat()),
        "ix_application_now_open_{}",
    ),
    "reports": (Reports(state="open"), "ix_report_{}_state_reported_on_id"),
    "late reports": (
        Reports(state="open", timeliness="late"),
        "ix_report_{}_state_reported_on_id",
    ),
}


@pytest.mark.parametrize("place", ["county", "township"])
@pytest.mark.parametrize("name", WORK)
async def test_open_applications_and_reports_come_off_an_index_of_the_division(
    full: Store, name: str, place: str
) -> None:
    wanted, index = WORK[name]
    values: dict[str, object] = {
        "division": COUNTY if place == "county" else TOWNSHIP, "day": TODAY.isoformat(),
        "limit": 51, "after_day": "2025-01-01", "after_id": bytes(16), **wanted.values,
    }  # fmt: skip
    for statement in (
        work_page(wanted, place, begun=False),
        work_page(wanted, place, begun=True),
        work_count(wanted, place),
    ):
        said = await plan(full, statement, values)
        # PostgreSQL may join two indexes of the table, where it makes either better.
        named = index.format(place) if full.database.kind == "sqlite" else " on ix_"
        assert named in said.replace(" using ix_", " on ix_"), said
        assert "TEMP B-TREE" not in said, said
        assert "Seq Scan" not in said, said
