"""`juzhu import --kind permits` on both databases: permits that were issued before the register."""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGKILL

import pytest

from audit.verify import Intact
from db.database import DatabaseSettings
from db.ledger_check import verify_ledger
from db.ledger_reads import LedgerReads
from db.models import Event, PersonNow
from db.session import open_database
from keys.root import RootKey
from resolvers.intake.columns import Column, Kind
from tests.builders import CALENDAR, opened, rebuild_read_model
from tests.cli.imports import Place, Taken
from tests.cli.killing import import_struck
from tests.past_rows import permit, write_past
from tests.register_rows import DATA, id_number, row, write_csv

ROOT = Path(__file__).parents[2]
KIND = ("--kind", "permits")
EXPECTED = DATA / "permits.expected.json"
FILES = ["permits.gb18030.csv", "permits.utf8-bom.csv"]
_EVENT = [column.name for column in Event.__table__.columns]
_NOW = [column.name for column in PersonNow.__table__.columns]


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    return Place(tmp_path / "home", database_url)


def take(place: Place, rows: Sequence[Mapping[Column, str]], *more: str) -> Taken:
    file = write_past(place.home.with_name("permits.csv"), Kind.PERMITS, rows)
    return place.take_file(file, *KIND, "--today", "2026-11-22", *more)


def standing(place: Place) -> list[dict[str, object]]:
    return [dict(zip(_NOW, one, strict=True)) for one in place.rows()["person_now"]]


def events(place: Place) -> list[dict[str, object]]:
    return [dict(zip(_EVENT, one, strict=True)) for one in place.rows()["event"]]


# --- what is stored ------------------------------------------------------------------------------


def test_a_permit_stands_in_the_register_with_the_dates_that_are_printed_on_it(
    place: Place,
) -> None:
    place.take([row(0)])
    taken = take(place, [permit(0, VALID_TO="2026-12-23")])
    assert (taken.codes, taken.result.exit_code) == (["EXPIRY_AS_PRINTED"], 0)
    (stands,) = standing(place)
    assert [stands[name] for name in ("issued_on", "valid_from", "valid_to", "cancelled_on")] == [
        "2025-12-24",
        "2025-12-24",
        "2026-12-23",
        None,
    ]
    assert (stands["permit_number"], stands["issuing_office"]) == ("赤居00000000", "测试公安局")
    assert (stands["clock_start"], stands["revision"]) == ("2025-06-24", 2)


def test_a_cancelled_permit_stands_with_its_day_and_ground(place: Place) -> None:
    place.take([row(0)])
    taken = take(place, [permit(0, CANCELLED_ON="2026-03-02", CANCEL_GROUND="取得本地户籍")])
    assert taken.codes == ["ACCEPTED"]
    (stands,) = standing(place)
    assert (stands["cancelled_on"], stands["cancel_ground"]) == ("2026-03-02", "local_hukou")


def test_a_permit_without_a_number_gets_one_that_says_nothing(place: Place) -> None:
    place.take([row(0)])
    assert take(place, [permit(0, PERMIT_NUMBER="")]).codes == ["ACCEPTED"]
    assert len(str(standing(place)[0]["permit_number"])) == 16


@pytest.mark.parametrize("order", [1, -1])
def test_an_earlier_permit_that_was_cancelled_stands_before_the_present_one(
    place: Place, order: int
) -> None:
    place.take([row(0)])
    rows = [
        permit(0, PERMIT_NUMBER="1", CANCELLED_ON="2026-01-05", CANCEL_GROUND="other"),
        permit(0, PERMIT_NUMBER="2", ISSUED_ON="2026-02-02", VALID_TO="2027-02-02"),
    ]
    taken = take(place, rows[::order])
    assert taken.codes == ["ACCEPTED", "ACCEPTED"]
    (stands,) = standing(place)
    assert [stands[name] for name in ("permit_number", "issued_on", "cancelled_on")] == [
        "2",
        "2026-02-02",
        None,
    ]


def test_many_permits_of_one_batch_stand_each_with_its_holder(place: Place) -> None:
    place.take([row(serial) for serial in range(250)])
    rows = [permit(serial, PERMIT_NUMBER=id_number(serial)[::-1]) for serial in range(250)]
    assert set(take(place, rows).codes) == {"ACCEPTED"}
    assert {one["valid_to"] for one in standing(place)} == {"2026-12-24"}
    assert set(take(place, rows).codes) == {"UNCHANGED"}
    issued = {one["permit_number"]: one["person"] for one in events(place) if one["permit_number"]}
    assert {one["permit_number"]: one["person"] for one in standing(place)} == issued
    assert len(issued) == 250


# --- what is held, and never stored --------------------------------------------------------------


def test_permits_before_registrations_are_held_with_a_hint_to_import_those_first(
    place: Place,
) -> None:
    taken = take(place, [permit(0)])
    assert taken.codes == ["PERSON_NOT_REGISTERED"]
    assert "import the registrations first" in str(taken.rows[0]["why"])
    place.take([row(0)])
    assert take(place, [permit(0)]).codes == ["ACCEPTED"]


@pytest.mark.parametrize(
    ("changes", "code", "about"),
    [
        ({"NAME": "测试他人"}, "NAME_DIFFERS_FROM_REGISTER", Column.NAME),
        ({"ISSUED_ON": "2025-06-23"}, "NO_REGISTRATION_THEN", Column.ID_NUMBER),
        ({"ISSUED_ON": "2026-11-23"}, "ISSUED_IN_FUTURE", Column.ISSUED_ON),
        ({"VALID_TO": "2025-12-24"}, "EXPIRY_NOT_LATER", Column.VALID_TO),
        ({"PERMIT_NUMBER": "1.50402E+17"}, "PERMIT_NUMBER_DESTROYED", Column.PERMIT_NUMBER),
        ({"CANCELLED_ON": "2026-01-05"}, "CANCELLATION_INCOMPLETE", Column.CANCEL_GROUND),
        ({"CANCEL_GROUND": "其他"}, "CANCELLATION_INCOMPLETE", Column.CANCEL_GROUND),
        (
            {"CANCELLED_ON": "2026-01-05", "CANCEL_GROUND": "遗失"},
            "CANCEL_GROUND_UNKNOWN",
            Column.CANCEL_GROUND,
        ),
        (
            {"CANCELLED_ON": "2025-12-23", "CANCEL_GROUND": "其他"},
            "CANCELLED_BEFORE_ISSUE",
            Column.CANCELLED_ON,
        ),
        (
            {"CANCELLED_ON": "2026-11-23", "CANCEL_GROUND": "其他"},
            "CANCELLED_IN_FUTURE",
            Column.CANCELLED_ON,
        ),
    ],
)
def test_what_can_not_have_been_so_is_held_sealed_and_not_stored(
    place: Place, changes: dict[str, str], code: str, about: Column
) -> None:
    place.take([row(0)])
    before = place.rows()
    taken = take(place, [permit(0, **changes)])
    assert taken.result.exit_code == 1
    assert [(one["result"], one["code"], one["about"]) for one in taken.rows] == [
        ("held for review", code, about.value)
    ]
    after = place.rows()
    assert len(after.pop("import_row")) == 1
    assert after == {table: rows for table, rows in before.items() if table != "import_row"}


@pytest.mark.parametrize(
    "changes",
    [
        {"ISSUED_ON": "2025-06-24", "VALID_TO": "2026-06-24"},
        {
            "VALID_TO": "2027-01-05",
            "ISSUED_ON": "2026-01-05",
            "CANCELLED_ON": "2026-01-06",
            "CANCEL_GROUND": "其他",
        },
    ],
)
def test_two_permits_that_live_at_one_time_are_held(place: Place, changes: dict[str, str]) -> None:
    place.take([row(0)])
    taken = take(place, [permit(0), permit(0, PERMIT_NUMBER="2", **changes)])
    assert taken.codes == ["ACCEPTED", "ANOTHER_PERMIT_STANDS"]


def test_a_permit_may_be_issued_on_the_day_on_which_the_earlier_one_was_cancelled(
    place: Place,
) -> None:
    place.take([row(0)])
    taken = take(
        place,
        [
            permit(0, PERMIT_NUMBER="1", CANCELLED_ON="2026-01-05", CANCEL_GROUND="other"),
            permit(0, PERMIT_NUMBER="2", ISSUED_ON="2026-01-05", VALID_TO="2027-01-05"),
        ],
    )
    assert taken.codes == ["ACCEPTED", "ACCEPTED"]


def test_one_number_on_the_permits_of_two_persons_is_held(place: Place) -> None:
    place.take([row(0), row(1), row(2)])
    rows = [permit(serial, PERMIT_NUMBER="7") for serial in range(3)]
    assert take(place, rows[:2]).codes == ["ACCEPTED", "PERMIT_NUMBER_TAKEN"]
    assert take(place, rows[2:]).codes == ["PERMIT_NUMBER_TAKEN"]


def test_the_same_permit_twice_in_a_file_is_rejected_and_a_changed_one_held(place: Place) -> None:
    place.take([row(0)])
    taken = take(place, [permit(0, ISSUED_ON="?"), permit(0), permit(0)])
    assert taken.codes == ["DATE_UNREADABLE", "ACCEPTED", "SAME_ACT_TWICE"]
    assert taken.rows[2]["why"] == (
        "the same act of that person and day stands in an earlier row (row 2)"
    )
    assert take(place, [permit(0, VALID_TO="2027-12-24")]).codes == ["RECORDED_DIFFERENTLY"]


# --- the same again ------------------------------------------------------------------------------


def root_of(place: Place) -> RootKey:
    return RootKey.from_spec(f"file:{place.home / 'keys' / 'root.key'}")


def test_the_same_permits_again_in_english_or_without_numbers_change_nothing(
    place: Place, tmp_path: Path
) -> None:
    place.take([row(serial) for serial in range(5)])
    rows = [permit(serial) for serial in range(5)]
    take(place, rows)
    before = place.rows()
    assert take(place, rows).codes == ["UNCHANGED"] * 5
    english = write_past(tmp_path / "english.csv", Kind.PERMITS, rows, english=True)
    assert place.take_file(english, *KIND).codes == ["UNCHANGED"] * 5
    assert take(place, [one | {Column.PERMIT_NUMBER: ""} for one in rows]).codes == (
        ["UNCHANGED"] * 5
    )
    assert place.rows() == before


@pytest.mark.parametrize("file", FILES)
def test_the_sample_file_comes_to_what_is_expected(place: Place, file: str) -> None:
    place.take_file(DATA / "register.gb18030.csv", "--today", "2026-11-22")
    expected = json.loads(EXPECTED.read_bytes())
    taken = place.take_file(DATA / file, *KIND, "--today", "2026-11-22")
    for count in ("rows", "accepted", "rejected", "held for review"):
        assert taken.report[count] == expected[count]
    notable = [one for one in taken.rows if one["code"] != "ACCEPTED"]
    assert [
        {name: one[name] for name in ("row", "result", "code", "about")} for one in notable
    ] == (expected["notable"])
    before = place.rows()
    for other in FILES:
        place.take_file(DATA / other, *KIND, "--today", "2026-11-22")
    assert place.rows() == before


def test_the_read_model_built_anew_is_the_same(place: Place) -> None:
    place.take([row(0), row(1)])
    take(place, [permit(0), permit(1, CANCELLED_ON="2026-01-05", CANCEL_GROUND="1")])

    async def rebuild() -> int:
        async with opened(place.url, place.home, root=root_of(place)) as store:
            return await rebuild_read_model(
                store.database, store.ring, CALENDAR, lambda _done: None
            )

    before = place.rows()
    assert asyncio.run(rebuild()) == 0
    assert place.rows() == before


# --- dry runs, the wrong kind, the audit log -----------------------------------------------------


def test_a_dry_run_says_the_same_and_writes_nothing(place: Place) -> None:
    rows = [permit(0), permit(1), permit(9), permit(0, ISSUED_ON="2026-01-01")]
    codes = ["PERSON_NOT_REGISTERED"] * 4
    assert take(place, rows, "--dry-run").codes == codes
    place.take([row(0), row(1)])
    before = place.rows()
    dry = take(place, rows, "--dry-run").codes
    assert place.rows() == before
    assert dry == take(place, rows).codes
    assert dry == ["ACCEPTED", "ACCEPTED", "PERSON_NOT_REGISTERED", "ANOTHER_PERMIT_STANDS"]


def test_a_file_of_another_kind_is_refused_with_the_kind_that_it_looks_like(
    place: Place, tmp_path: Path
) -> None:
    registrations = write_csv(tmp_path / "register.csv", [row(0)])
    permits = write_past(tmp_path / "permits.csv", Kind.PERMITS, [permit(0)])
    wrong = place.run(registrations, *KIND)
    assert wrong.exit_code == 2
    assert wrong.stderr == (
        "error: this looks like a file of registrations, not of permits\n"
        "hint: give --kind registrations, or the file of permits\n"
    )
    wrong = place.run(permits)
    assert wrong.exit_code == 2
    assert wrong.stderr.startswith("error: this looks like a file of permits, not of registrations")


def test_whose_permits_came_in_stands_in_the_audit_log_with_the_purpose(place: Place) -> None:
    place.take([row(serial) for serial in range(3)])
    take(place, [permit(0), permit(1), permit(2, NAME="?")])

    async def look() -> dict[str, object]:
        settings = DatabaseSettings(url=place.url, home=place.home, writing=False)
        async with await open_database(settings) as database:
            verdicts = await verify_ledger(database, lambda _done, _total: None)
            assert all(isinstance(verdict, Intact) for verdict in verdicts)
            newest = await LedgerReads(database).page(after=None, limit=1)
            body: dict[str, object] = json.loads(newest[0].body)
            return body

    record = asyncio.run(look())
    assert record["action"] == "import"
    assert record["purpose"] == {"code": "permit-application", "article": "17"}
    subjects = record["subjects"]
    assert isinstance(subjects, list)
    holders = {one["person"] for one in events(place) if one["kind"] == "permit-issued"}
    assert {bytes.fromhex(subject["person"]) for subject in subjects} == holders
    assert len(holders) == 2


def test_no_value_of_a_permit_row_is_said(place: Place) -> None:
    place.take([row(0)])
    taken = take(place, [permit(0, NAME="哨兵", PERMIT_NUMBER="哨兵", CANCEL_GROUND="哨兵")])
    said = f"{taken.report}{taken.result.stdout}{taken.result.stderr}"
    assert "哨兵" not in said
    assert id_number(0) not in said


# --- killed and started again --------------------------------------------------------------------


def test_a_killed_import_of_permits_goes_on_with_nothing_doubled(
    place: Place, tmp_path: Path
) -> None:
    place.take([row(serial) for serial in range(600)])
    rows = [permit(serial) for serial in range(600)]
    rows[50] = permit(50, VALID_TO="2025-01-01")
    rows[120] = permit(120, NAME="?")
    file = write_past(tmp_path / "permits.csv", Kind.PERMITS, rows)
    chance = random.Random(20261122)  # noqa: S311 — for moments, not for secrets
    for commits in (1, 5, 10, 20):
        after = chance.choice((0.0, chance.uniform(0.001, 0.02)))
        killed = import_struck(place, file, *KIND, "--no-progress", commits=commits, after=after)
        assert killed.returncode == -SIGKILL, killed.stderr
    taken = place.take_file(file, *KIND)
    assert taken.report["accepted"] == 598
    stored = place.rows()
    assert len(stored["import_row"]) == 1
    issued = [one["person"] for one in events(place) if one["kind"] == "permit-issued"]
    assert len(issued) == len(set(issued)) == 598
    # What the killed half stored is this import's own, not "unchanged".
    assert "UNCHANGED" not in taken.codes
