"""`verify` on both databases: each row for itself, every "no" the same, each person recorded."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from db.casefile import case_digest
from db.load import Access, PersonLoad
from policies.permission import Scope
from regulation.permit import first_expiry
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.presented import MOST_NAME
from resolvers.records import RowRefusal, Verified
from resolvers.verify import (
    MOST_CASE,
    MOST_DAYS_AHEAD,
    MOST_DAYS_OF_A_PERSON,
    MOST_PERSONS_OF_A_ROW,
    MOST_REF,
    MOST_ROWS,
    NOTICE,
    Terms,
    Verification,
    verify,
)
from tests.builders import (
    ISSUED_ACTIVE,
    TODAY,
    Store,
    active,
    cancelled,
    endorsed,
    id_number,
    issued,
    moved,
    opened,
    person,
    registration,
    suspended,
)

LOAD = PersonLoad(Access.ID_NAME, frozenset({Scope.PRESENTED, Scope.ACTIVE_HOLDERS}), frozenset())
FIELDS = (("Query.verify", "call", "plain"), ("VerifyResult.answer", "read", "plain"))

HOLDER, LAPSED, GONE, NONE, RENEWED, MOVER, EARLY = range(7)
STRANGER = 99


@pytest_asyncio.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A city of seven: holders and others."""
    async with opened(database_url, tmp_path) as found:
        await found.register(
            active(HOLDER),
            suspended(LAPSED),
            cancelled(GONE),
            person(NONE),
            endorsed(RENEWED),
            moved(MOVER),
            person(EARLY, acts=[issued(TODAY)]),
        )
        yield found


def presented(number: int, *, name: str | None = None) -> dict[str, object]:
    return {"idNumber": str(id_number(number)), "name": name or registration(number).name}


def row(number: int = HOLDER, **more: object) -> dict[str, object]:
    return {"ref": f"r{number}", "presented": presented(number), **more}


def terms(store: Store, *, case: str | None = "案-1", case_required: bool = True) -> Terms:
    return Terms(
        today=TODAY,
        case=case,
        case_required=case_required,
        digest=lambda number: case_digest(store.ring, number),
        explain=lambda fault: f"explained {fault}",
        fields=FIELDS,
    )


async def asked(
    store: Store, rows: Sequence[Mapping[str, object]], given: Terms | None = None
) -> Verification:
    return await verify(rows, LOAD, given or terms(store), store.reads, store.ring)


async def one(store: Store, given: Mapping[str, object], by: Terms | None = None) -> Verified:
    found = await asked(store, [given], by)
    (result,) = found.results
    assert isinstance(result, Verified)
    return result


def refused(fault: Fault, *, ref: str = "r0") -> Verified:
    refusal = RowRefusal(fault.code, f"explained {fault}", fault.reason)
    return Verified(ref, None, None, None, None, refusal)


def no(ref: str, on: date = TODAY) -> Verified:
    return Verified(ref, "NO", None, on.isoformat(), NOTICE, None)


def yes(ref: str, *, on: date = TODAY, basis: str = "PRESENTED") -> Verified:
    return Verified(ref, "YES", basis, on.isoformat(), None, None)


async def test_holders_are_a_yes_and_everybody_else_is_the_same_no(store: Store) -> None:
    numbers = [HOLDER, LAPSED, GONE, NONE, RENEWED, MOVER, EARLY, STRANGER]
    found = await asked(store, [row(number) for number in numbers])
    held = {HOLDER, RENEWED, MOVER, EARLY}
    assert found.results == [
        yes(f"r{number}") if number in held else no(f"r{number}") for number in numbers
    ]


async def test_another_name_is_the_same_no_as_nobody(store: Store) -> None:
    wrong = {"ref": "a", "presented": presented(HOLDER, name="别的名字")}
    nobody = {"ref": "a", "presented": presented(STRANGER)}
    assert await one(store, wrong) == await one(store, nobody) == no("a")


async def test_results_stand_in_the_order_of_the_rows_and_duplicates_each_get_theirs(
    store: Store,
) -> None:
    rows = [row(ref="b"), row(LAPSED, ref="a"), row(ref="b"), row(ref="a")]
    found = await asked(store, rows)
    assert [result.ref for result in found.results] == ["b", "a", "b", "a"]
    assert [result.answer for result in found.results] == ["YES", "NO", "YES", "YES"]
    assert len(found.subjects) == 3  # one record for each person that a row found
    assert len(found.missed) == 1


async def test_one_fault_spoils_no_other_row(store: Store) -> None:
    rows: list[dict[str, object]] = [
        row(ref="1"),
        {"ref": "2", "presented": {"idNumber": "15040219900101996", "name": "测试"}},
        {"ref": "3", "presented": {"idNumber": "150402900101996", "name": "测试"}},
        {"ref": "4", "presented": {"idNumber": str(id_number(HOLDER)), "name": "测?试"}},
        {"ref": "5"},
        row(LAPSED, ref="6"),
    ]
    found = await asked(store, rows)
    assert found.results == [
        yes("1"),
        refused(Fault.INVALID_ID_NUMBER, ref="2"),
        refused(Fault.ID_NUMBER_FIFTEEN_DIGITS, ref="3"),
        refused(Fault.NAME_UNREADABLE, ref="4"),
        refused(Fault.PRESENTED_OR_ANY_OF, ref="5"),
        no("6"),
    ]


@pytest.mark.parametrize("digits", ["150402199001019960", "", "x" * 18, "150402900101996"])
async def test_no_refusal_holds_what_was_presented(store: Store, digits: str) -> None:
    name = "某某测试"
    result = await one(store, {"ref": "a", "presented": {"idNumber": digits, "name": name}})
    assert result.refusal is not None
    assert name not in repr(result)
    assert not digits or digits not in repr(result)


# --- limits, both sides --------------------------------------------------------------------------


async def test_a_thousand_rows_are_answered_and_one_more_is_too_many(store: Store) -> None:
    rows = [row(number % 3, ref=str(number)) for number in range(MOST_ROWS)]
    found = await asked(store, rows)
    assert len(found.results) == MOST_ROWS
    assert sum(result.answer == "YES" for result in found.results) == 334
    with pytest.raises(ArgumentFaultError) as caught:
        await asked(store, [*rows, row()])
    assert caught.value.fault is Fault.TOO_COMPLEX


async def test_no_rows_have_no_results(store: Store) -> None:
    assert (await asked(store, [])).results == []


async def test_a_row_may_name_three_persons_and_no_fourth(store: Store) -> None:
    three = [presented(LAPSED), presented(STRANGER), presented(HOLDER)]
    assert len(three) == MOST_PERSONS_OF_A_ROW
    assert await one(store, {"ref": "a", "anyOf": three}) == yes("a", basis="ANY_OF_3")
    four = [*three, presented(RENEWED)]
    assert await one(store, {"ref": "r0", "anyOf": four}) == refused(Fault.ANY_OF_COUNT)
    assert await one(store, {"ref": "r0", "anyOf": []}) == refused(Fault.ANY_OF_COUNT)


async def test_the_first_holder_gives_the_yes_and_every_holder_is_recorded(store: Store) -> None:
    two = [presented(NONE), presented(HOLDER), presented(RENEWED)]
    found = await asked(store, [{"ref": "a", "anyOf": two}])
    assert found.results == [yes("a", basis="ANY_OF_2")]
    assert (len(found.subjects), len(found.missed)) == (2, 1)


async def test_nobody_of_three_is_the_same_no(store: Store) -> None:
    nobody = [presented(NONE), presented(LAPSED), presented(STRANGER)]
    assert await one(store, {"ref": "a", "anyOf": nobody}) == no("a")


@pytest.mark.parametrize(
    "more",
    [
        {"presented": None},
        {"presented": None, "anyOf": None},
        {"anyOf": [presented(HOLDER)]},
        {"anyOf": []},
    ],
)
async def test_a_row_presents_one_or_any_of_some(store: Store, more: dict[str, Any]) -> None:
    assert await one(store, {**row(), **more}) == refused(Fault.PRESENTED_OR_ANY_OF)


@pytest.mark.parametrize("length", [1, MOST_REF])
async def test_a_mark_returns_as_it_was_given(store: Store, length: int) -> None:
    mark = ("标记 " * MOST_REF)[:length]
    assert (await one(store, row(ref=mark))).ref == mark


async def test_a_mark_that_is_empty_or_too_long_is_refused_and_still_tells_rows_apart(
    store: Store,
) -> None:
    for last in "ab":
        long = "x" * MOST_REF + last
        assert await one(store, row(ref=long)) == refused(Fault.REF_LENGTH, ref=long)
    assert await one(store, row(ref="")) == refused(Fault.REF_LENGTH, ref="")


async def test_a_day_is_from_today_to_ninety_days_ahead(store: Store) -> None:
    last = TODAY + timedelta(days=MOST_DAYS_AHEAD)
    for day in (TODAY, TODAY + timedelta(days=1), last):
        assert await one(store, row(on=day)) == yes("r0", on=day)
    for day in (TODAY - timedelta(days=1), last + timedelta(days=1), date.min, date.max):
        assert await one(store, row(on=day)) == refused(Fault.DAY_OUT_OF_RANGE)
    assert await one(store, row(on=None)) == yes("r0")


async def test_a_day_ahead_asks_about_that_day(store: Store) -> None:
    ends = TODAY + timedelta(days=30)
    number = 50
    since = ends.replace(year=ends.year - 1)
    assert first_expiry(since) == ends
    await store.register(person(number, acts=[issued(since)]))
    rows = [row(number, ref=str(days), on=TODAY + timedelta(days=days)) for days in (0, 30, 31, 90)]
    found = await asked(store, [*rows, row(ref="other", on=TODAY + timedelta(days=31))])
    assert [result.answer for result in found.results] == ["YES", "YES", "NO", "NO", "YES"]


async def test_one_person_may_be_asked_about_on_four_days_a_call(store: Store) -> None:
    days = [TODAY + timedelta(days=ahead) for ahead in range(MOST_DAYS_OF_A_PERSON + 1)]
    four = [row(ref=str(day), on=day) for day in days[:-1]]
    again = row(ref="again", on=days[0])
    within = await asked(store, [*four, again, row(RENEWED, ref="other", on=days[-1])])
    assert [result.answer for result in within.results] == ["YES"] * 6
    over = await asked(
        store,
        [
            *four,
            {"ref": "fifth", "anyOf": [presented(NONE), presented(HOLDER)], "on": days[-1]},
            row(RENEWED, ref="other"),
        ],
    )
    assert [result.refusal is None for result in over.results] == [False] * 5 + [True]
    assert {result.refusal for result in over.results[:5]} == {
        refused(Fault.DAY_OUT_OF_RANGE).refusal
    }
    assert len(over.subjects) == 1


# --- cases ---------------------------------------------------------------------------------------


async def test_a_row_needs_a_case_of_its_own_or_the_requests(store: Store) -> None:
    nameless = terms(store, case=None)
    assert await one(store, row(), nameless) == refused(Fault.CASE_REQUIRED)
    assert await one(store, row(case=""), nameless) == refused(Fault.CASE_REQUIRED)
    assert await one(store, row(case=" \t"), nameless) == refused(Fault.CASE_REQUIRED)
    assert await one(store, row(case=None), nameless) == refused(Fault.CASE_REQUIRED)
    assert await one(store, row(case="案-2"), nameless) == yes("r0")
    assert await one(store, row(), terms(store)) == yes("r0")


async def test_a_purpose_that_needs_no_case_asks_for_none(store: Store) -> None:
    free = terms(store, case=None, case_required=False)
    found = await asked(store, [row()], free)
    assert found.results == [yes("r0")]
    assert found.subjects[0].case is None


async def test_the_rows_own_case_is_the_one_recorded(store: Store) -> None:
    found = await asked(store, [row(case="案-2"), row(), row(case="  案-2 ")])
    cases = [subject.case for subject in found.subjects]
    own, of_request = case_digest(store.ring, "案-2").hex(), case_digest(store.ring, "案-1").hex()
    assert cases == [own, of_request, own]
    assert "案" not in repr(found.subjects)


async def test_a_case_has_its_longest(store: Store) -> None:
    assert await one(store, row(case="x" * MOST_CASE)) == yes("r0")
    assert await one(store, row(case="x" * (MOST_CASE + 1))) == refused(Fault.CASE_LENGTH)


async def test_a_presented_name_has_its_longest(store: Store) -> None:
    assert (await one(store, {"ref": "r0", "presented": presented(HOLDER, name="名" * MOST_NAME)}))[
        1
    ] == "NO"
    long = {"ref": "r0", "presented": presented(HOLDER, name="名" * (MOST_NAME + 1))}
    assert await one(store, long) == refused(Fault.NAME_LENGTH)


# --- what the record says ------------------------------------------------------------------------


async def test_who_was_found_is_recorded_with_the_plans_fields_and_a_miss_by_its_tag(
    store: Store,
) -> None:
    found = await asked(store, [row(), row(LAPSED), row(STRANGER)])
    assert [subject.fields for subject in found.subjects] == [FIELDS]
    assert found.missed == (
        store.ring.miss_tag(id_number(LAPSED)),
        store.ring.miss_tag(id_number(STRANGER)),
    )


async def test_without_a_row_scope_everybody_is_a_no(store: Store) -> None:
    nowhere = PersonLoad(Access.ID_NAME, frozenset({Scope.NONE}), frozenset())
    found = await verify([row()], nowhere, terms(store), store.reads, store.ring)
    assert found.results == [no("r0")]


def test_the_holder_of_these_tests_holds_through_the_ninetieth_day() -> None:
    assert first_expiry(ISSUED_ACTIVE) >= TODAY + timedelta(days=MOST_DAYS_AHEAD)
