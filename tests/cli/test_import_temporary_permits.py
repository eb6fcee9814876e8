"""`juzhu import --kind temporary-permits` on both databases: article 32 and reading R24."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGKILL

import pytest

from db.models import PersonNow
from resolvers.intake.columns import Column, Kind
from tests.builders import CALENDAR, opened, rebuild_read_model
from tests.cli.imports import Place, Taken
from tests.cli.killing import import_struck
from tests.cli.test_import_permits import root_of
from tests.past_rows import permit, temporary, write_past
from tests.register_rows import DATA, row

KIND = ("--kind", "temporary-permits")
TODAY = ("--today", "2026-11-22")
EXPECTED = DATA / "temporary-permits.expected.json"
FILES = ["temporary-permits.gb18030.csv", "temporary-permits.utf8-bom.csv"]
_NOW = [column.name for column in PersonNow.__table__.columns]


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    return Place(tmp_path / "home", database_url)


def registered(place: Place, day: str) -> None:
    place.take([row(0, ARRIVED_ON="2017-01-10", REGISTERED_ON=day)])


def take(place: Place, rows: Sequence[Mapping[Column, str]], *more: str) -> Taken:
    file = write_past(place.home.with_name("temporary.csv"), Kind.TEMPORARY_PERMITS, rows)
    return place.take_file(file, *KIND, *TODAY, *more)


def clock(place: Place) -> object:
    (one,) = place.rows()["person_now"]
    return dict(zip(_NOW, one, strict=True))["clock_start"]


# --- article 32 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "start_of_clock", "code"),
    [
        ("2018-02-28", "2017-03-01", "ACCEPTED"),
        ("2018-03-30", "2017-03-01", "ACCEPTED"),
        ("2018-03-31", "2018-03-31", "TEMPORARY_NOT_CONTINUED"),
    ],
)
def test_the_time_counts_on_for_who_registered_within_30_days_after_it(
    place: Place, day: str, start_of_clock: str, code: str
) -> None:
    registered(place, day)
    assert clock(place) == day
    assert take(place, [temporary(0)]).codes == [code]
    assert clock(place) == start_of_clock


@pytest.mark.parametrize(
    ("last", "start_of_clock"), [("2017-06-21", "2017-07-03"), ("2017-06-22", "2017-03-01")]
)
def test_only_one_that_was_valid_when_the_measures_took_effect_counts_on(
    place: Place, last: str, start_of_clock: str
) -> None:
    registered(place, "2017-07-03")
    take(place, [temporary(0, TEMPORARY_TO=last)])
    assert clock(place) == start_of_clock


def test_one_that_began_on_the_day_of_the_registration_was_held_by_then(place: Place) -> None:
    registered(place, "2017-03-01")
    assert take(place, [temporary(0)]).codes == ["ACCEPTED"]
    assert clock(place) == "2017-03-01"


@pytest.mark.parametrize("order", [1, -1])
def test_one_that_follows_on_another_continues_it(place: Place, order: int) -> None:
    registered(place, "2018-03-01")
    rows = [
        temporary(0, TEMPORARY_FROM="2016-03-01", TEMPORARY_TO="2017-02-28"),
        temporary(0),
    ]
    assert take(place, rows[::order]).result.exit_code == 0
    assert clock(place) == "2016-03-01"


def test_one_may_come_after_the_permits(place: Place) -> None:
    registered(place, "2018-03-01")
    issued = permit(0, ISSUED_ON="2018-09-01", VALID_TO="2019-09-01")
    file = write_past(place.home.with_name("permits.csv"), Kind.PERMITS, [issued])
    assert place.take_file(file, "--kind", "permits").codes == ["ACCEPTED"]
    assert take(place, [temporary(0)]).codes == ["ACCEPTED"]
    assert clock(place) == "2017-03-01"
    assert place.take_file(file, "--kind", "permits").codes == ["UNCHANGED"]


def test_the_read_model_built_anew_is_the_same(place: Place) -> None:
    registered(place, "2018-03-01")
    take(place, [temporary(0)])

    async def rebuild() -> int:
        async with opened(place.url, place.home, root=root_of(place)) as store:
            return await rebuild_read_model(
                store.database, store.ring, CALENDAR, lambda _done: None
            )

    assert asyncio.run(rebuild()) == 0


# --- what is held --------------------------------------------------------------------------------


def test_who_is_not_registered_is_held_until_the_registration_is_imported(place: Place) -> None:
    assert take(place, [temporary(0)]).codes == ["PERSON_NOT_REGISTERED"]
    registered(place, "2018-03-01")
    assert take(place, [temporary(0)]).codes == ["ACCEPTED"]


@pytest.mark.parametrize(
    ("changes", "code", "about"),
    [
        ({"TEMPORARY_FROM": "2018-03-02"}, "TEMPORARY_AFTER_REGISTRATION", Column.TEMPORARY_FROM),
        ({"TEMPORARY_FROM": "2026-11-23"}, "TEMPORARY_IN_FUTURE", Column.TEMPORARY_FROM),
        ({"TEMPORARY_FROM": "1949-12-31"}, "TEMPORARY_BEFORE_BIRTH", Column.TEMPORARY_FROM),
        ({"TEMPORARY_TO": "2017-03-01"}, "TEMPORARY_NOT_LATER", Column.TEMPORARY_TO),
        ({"NAME": "测试他人"}, "NAME_DIFFERS_FROM_REGISTER", Column.NAME),
    ],
)
def test_what_can_not_have_been_so_is_held_and_not_stored(
    place: Place, changes: dict[str, str], code: str, about: Column
) -> None:
    registered(place, "2018-03-01")
    before = place.rows()
    last = {"TEMPORARY_TO": "2027-01-01"} if "TEMPORARY_FROM" in changes else {}
    taken = take(place, [temporary(0, **(last | changes))])
    assert [(one["result"], one["code"], one["about"]) for one in taken.rows] == [
        ("held for review", code, about.value)
    ]
    after = place.rows()
    assert len(after.pop("import_row")) == 1
    assert after == {table: rows for table, rows in before.items() if table != "import_row"}


# --- files ---------------------------------------------------------------------------------------


def test_the_same_again_changes_nothing_and_doubles_are_rejected(place: Place) -> None:
    registered(place, "2018-03-01")
    assert take(place, [temporary(0)] * 2).codes == ["ACCEPTED", "SAME_ACT_TWICE"]
    before = place.rows()
    assert take(place, [temporary(0)]).codes == ["UNCHANGED"]
    assert place.rows() == before
    differs = take(place, [temporary(0, TEMPORARY_TO="2018-03-01")])
    assert differs.codes == ["RECORDED_DIFFERENTLY"]


@pytest.mark.parametrize("file", FILES)
def test_the_sample_file_comes_to_what_is_expected(place: Place, file: str) -> None:
    place.take_file(DATA / "register.gb18030.csv", *TODAY)
    expected = json.loads(EXPECTED.read_bytes())
    taken = place.take_file(DATA / file, *KIND, *TODAY)
    for count in ("rows", "accepted", "rejected", "held for review"):
        assert taken.report[count] == expected[count]
    notable = [one for one in taken.rows if one["code"] != "ACCEPTED"]
    assert [
        {name: one[name] for name in ("row", "result", "code", "about")} for one in notable
    ] == (expected["notable"])
    before = place.rows()
    for other in FILES:
        place.take_file(DATA / other, *KIND, *TODAY)
    assert place.rows() == before


def test_a_killed_import_goes_on_with_nothing_doubled(place: Place, tmp_path: Path) -> None:
    place.take(
        [row(one, ARRIVED_ON="2017-01-10", REGISTERED_ON="2018-03-01") for one in range(300)]
    )
    rows = [temporary(serial) for serial in range(300)]
    file = write_past(tmp_path / "temporary.csv", Kind.TEMPORARY_PERMITS, rows)
    for commits, after in ((5, 0.0), (10, 0.005)):
        words = (*KIND, *TODAY, "--no-progress")
        killed = import_struck(place, file, *words, commits=commits, after=after)
        assert killed.returncode == -SIGKILL, killed.stderr
    assert place.take_file(file, *KIND, *TODAY).report["accepted"] == 300
    assert len(place.rows()["event"]) == 600
