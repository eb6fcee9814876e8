"""`juzhu import --kind endorsements` on both databases: in the window, late ones as printed."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGKILL

import pytest

from db.models import PersonNow
from resolvers.intake.columns import Column, Kind
from tests.cli.imports import Place, Taken
from tests.cli.killing import import_struck
from tests.past_rows import endorsement, permit, write_past
from tests.register_rows import DATA, row

KIND = ("--kind", "endorsements")
TODAY = ("--today", "2026-11-22")
EXPECTED = DATA / "endorsements.expected.json"
FILES = ["endorsements.gb18030.csv", "endorsements.utf8-bom.csv"]
ISSUED = {"ISSUED_ON": "2025-07-01", "VALID_TO": "2026-07-01"}
_NOW = [column.name for column in PersonNow.__table__.columns]


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    return Place(tmp_path / "home", database_url)


def holders(place: Place, *rows: Mapping[Column, str]) -> None:
    """Register person 0 with permits; by default one that expires on 2026-07-01."""
    place.take([row(0)])
    write = write_past(
        place.home.with_name("permits.csv"), Kind.PERMITS, rows or [permit(0, **ISSUED)]
    )
    assert set(place.take_file(write, "--kind", "permits", *TODAY).codes) == {"ACCEPTED"}


def take(place: Place, rows: Sequence[Mapping[Column, str]], *more: str) -> Taken:
    file = write_past(place.home.with_name("endorsements.csv"), Kind.ENDORSEMENTS, rows)
    return place.take_file(file, *KIND, *TODAY, *more)


def standing(place: Place) -> list[object]:
    (one,) = place.rows()["person_now"]
    now = dict(zip(_NOW, one, strict=True))
    return [now["valid_to"], now["clock_start"]]


# --- articles 14 and 20 --------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2026-06-01", "2026-07-01", "2026-07-02", "2026-08-03"])
def test_an_endorsement_in_its_window_or_the_grace_keeps_the_clock(place: Place, day: str) -> None:
    holders(place)
    assert take(place, [endorsement(0, ENDORSED_ON=day)]).codes == ["ACCEPTED"]
    assert standing(place) == ["2027-07-01", "2025-06-24"]


def test_one_after_the_grace_counts_afresh_and_its_expiry_is_taken_as_printed(
    place: Place,
) -> None:
    holders(place)
    taken = take(place, [endorsement(0, ENDORSED_ON="2026-08-04", VALID_TO="2027-08-04")])
    assert taken.codes == ["ENDORSED_AFTER_GRACE"]
    assert standing(place) == ["2027-08-04", "2026-08-04"]


def test_an_expiry_that_is_printed_otherwise_is_a_mark(place: Place) -> None:
    holders(place)
    assert take(place, [endorsement(0, VALID_TO="2027-06-30")]).codes == ["EXPIRY_AS_PRINTED"]
    assert standing(place)[0] == "2027-06-30"


@pytest.mark.parametrize("order", [1, -1])
def test_the_endorsements_of_many_years_stand_in_their_order(place: Place, order: int) -> None:
    place.take([row(0, ARRIVED_ON="2020-01-01", REGISTERED_ON="2020-01-02")])
    issued = permit(0, ISSUED_ON="2020-07-02", VALID_TO="2021-07-02")
    file = write_past(place.home.with_name("permits.csv"), Kind.PERMITS, [issued])
    place.take_file(file, "--kind", "permits", *TODAY)
    rows = [
        endorsement(0, ENDORSED_ON=f"{year}-06-20", VALID_TO=f"{year + 1}-07-02")
        for year in range(2021, 2027)
    ]
    taken = take(place, rows[::order])
    assert taken.result.exit_code == 0
    assert standing(place) == ["2027-07-02", "2020-01-02"]
    before = place.rows()
    assert take(place, rows).codes == ["UNCHANGED"] * 6
    assert place.rows() == before


def test_one_of_a_permit_that_was_cancelled_since_stands_before_the_cancellation(
    place: Place,
) -> None:
    holders(place, permit(0, **ISSUED, CANCELLED_ON="2026-09-01", CANCEL_GROUND="other"))
    assert take(place, [endorsement(0)]).codes == ["ACCEPTED"]
    assert standing(place)[0] == "2027-07-01"


# --- what is held --------------------------------------------------------------------------------


def test_endorsements_before_permits_are_held_with_a_hint_to_import_those_first(
    place: Place,
) -> None:
    assert take(place, [endorsement(0)]).codes == ["PERSON_NOT_REGISTERED"]
    place.take([row(0)])
    taken = take(place, [endorsement(0)])
    assert taken.codes == ["NO_PERMIT_THEN"]
    assert "import the permits first" in str(taken.rows[0]["why"])


@pytest.mark.parametrize(
    ("changes", "code", "about"),
    [
        ({"ENDORSED_ON": "2026-05-31"}, "ENDORSED_TOO_EARLY", Column.ENDORSED_ON),
        ({"ENDORSED_ON": "2025-06-30"}, "NO_PERMIT_THEN", Column.ENDORSED_ON),
        ({"ENDORSED_ON": "2025-06-01"}, "NO_REGISTRATION_THEN", Column.ID_NUMBER),
        ({"ENDORSED_ON": "2026-11-23"}, "ENDORSED_IN_FUTURE", Column.ENDORSED_ON),
        ({"VALID_TO": "2026-07-01"}, "EXPIRY_NOT_LATER", Column.VALID_TO),
        ({"VALID_TO": "2026-06-15"}, "EXPIRY_NOT_LATER", Column.VALID_TO),
        ({"NAME": "测试他人"}, "NAME_DIFFERS_FROM_REGISTER", Column.NAME),
    ],
)
def test_what_does_not_fit_the_history_is_held_and_not_stored(
    place: Place, changes: dict[str, str], code: str, about: Column
) -> None:
    holders(place)
    before = place.rows()
    taken = take(place, [endorsement(0, **changes)])
    assert [(one["result"], one["code"], one["about"]) for one in taken.rows] == [
        ("held for review", code, about.value)
    ]
    after = place.rows()
    assert len(after.pop("import_row")) == 1
    assert after == {table: rows for table, rows in before.items() if table != "import_row"}


def test_one_of_the_day_of_the_cancellation_or_later_is_held(place: Place) -> None:
    holders(place, permit(0, **ISSUED, CANCELLED_ON="2026-06-20", CANCEL_GROUND="other"))
    rows = [endorsement(0, ENDORSED_ON=day) for day in ("2026-06-20", "2026-06-21", "2026-06-19")]
    assert take(place, rows).codes == ["HISTORY_BROKEN", "NO_PERMIT_THEN", "ACCEPTED"]


def test_an_earlier_one_after_which_a_later_one_is_too_early_is_held(place: Place) -> None:
    holders(place)
    rows = [endorsement(0, ENDORSED_ON="2026-06-25"), endorsement(0, ENDORSED_ON="2026-06-15")]
    assert take(place, rows).codes == ["ACCEPTED", "HISTORY_BROKEN"]


def test_the_same_endorsement_twice_is_rejected_and_a_changed_one_held(place: Place) -> None:
    holders(place)
    assert take(place, [endorsement(0)] * 2).codes == ["ACCEPTED", "SAME_ACT_TWICE"]
    assert take(place, [endorsement(0, VALID_TO="2028-01-01")]).codes == ["RECORDED_DIFFERENTLY"]


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_the_sample_file_comes_to_what_is_expected(place: Place, file: str) -> None:
    place.take_file(DATA / "register.gb18030.csv", *TODAY)
    place.take_file(DATA / "permits.gb18030.csv", "--kind", "permits", *TODAY)
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


def test_a_file_of_endorsements_is_told_by_its_headings(place: Place) -> None:
    wrong = place.run(DATA / FILES[0], "--kind", "permits")
    assert wrong.exit_code == 2
    assert "this looks like a file of endorsements, not of permits" in wrong.stderr


def test_a_killed_import_of_endorsements_goes_on_with_nothing_doubled(
    place: Place, tmp_path: Path
) -> None:
    place.take([row(serial) for serial in range(300)])
    permits = [permit(serial, **ISSUED) for serial in range(300)]
    place.take_file(
        write_past(tmp_path / "permits.csv", Kind.PERMITS, permits), "--kind", "permits", *TODAY
    )
    rows = [endorsement(serial) for serial in range(300)]
    rows[9] = endorsement(9, ENDORSED_ON="2026-08-04")
    file = write_past(tmp_path / "endorsements.csv", Kind.ENDORSEMENTS, rows)
    for commits, after in ((5, 0.0), (10, 0.005)):
        words = (*KIND, *TODAY, "--no-progress")
        killed = import_struck(place, file, *words, commits=commits, after=after)
        assert killed.returncode == -SIGKILL, killed.stderr
    taken = place.take_file(file, *KIND, *TODAY)
    assert taken.report["accepted"] == 300
    assert [code for code in taken.codes if code != "ACCEPTED"] == ["ENDORSED_AFTER_GRACE"]
    assert len(place.rows()["event"]) == 900
