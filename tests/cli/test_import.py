"""`juzhu import` on both databases: what is registered, held, rejected, and left as it was."""

import asyncio
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from signal import SIGINT, SIGKILL

import pytest
from click.testing import Result

from audit.verify import Intact
from db.database import DatabaseSettings
from db.ledger_check import verify_ledger
from db.ledger_reads import LedgerReads
from db.load import Access, PersonLoad
from db.reads import PERSON_COLUMNS
from db.session import open_database
from keys.root import RootKey, create_root_key
from policies.permission import Scope
from regulation.person_name import match_key
from resolvers.intake.columns import Column
from tests import builders
from tests.builders import disclosure, facts, opened
from tests.cli.imports import Place
from tests.cli.killing import import_struck
from tests.db.test_raw_files import forms
from tests.postgres import StorageFiles
from tests.register_rows import DATA, id_number, row, write_csv, write_xlsx

ROOT = Path(__file__).parents[2]
TODAY = ("--today", "2026-11-22")
BOTH = ["register.gb18030.csv", "register.utf8-bom.csv"]


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    return Place(tmp_path / "home", database_url)


@pytest.fixture
def embedded(sqlite_url: str, tmp_path: Path) -> Place:
    return Place(tmp_path / "home", sqlite_url)


# --- the register of the issue -------------------------------------------------------------------


@pytest.mark.parametrize("file", BOTH)
def test_the_expected_results_are_met(place: Place, file: str) -> None:
    expected = json.loads((DATA / "register.expected.json").read_bytes())
    taken = place.take_file(DATA / file, *TODAY)
    assert taken.result.exit_code == 1
    for count in ("rows", "accepted", "rejected", "held for review"):
        assert taken.report[count] == expected[count]
    assert [one["row"] for one in taken.rows] == list(range(1, 201))
    notable = {one["row"]: one for one in expected["notable"]}
    for one in taken.rows:
        wanted = notable.get(one["row"])
        if wanted is None:
            assert one["result"] == "accepted"
        else:
            assert (one["result"], one["about"]) == (wanted["result"], wanted["about"])
            assert str(one["why"]).startswith(wanted["why"])


def test_one_encoding_after_the_other_and_the_same_file_twice_change_nothing(place: Place) -> None:
    first = place.take_file(DATA / BOTH[0], *TODAY)
    before = place.rows()
    assert (len(before["person"]), len(before["import_row"])) == (190, 2)
    for file in (BOTH[1], BOTH[0], BOTH[1]):
        again = place.take_file(DATA / file, *TODAY)
        assert place.rows() == before
        assert again.codes.count("UNCHANGED") == 190
        for one, other in zip(first.rows, again.rows, strict=True):
            assert (one["result"], one["about"]) == (other["result"], other["about"])


def test_a_workbook_of_the_same_rows_changes_nothing_either(place: Place, tmp_path: Path) -> None:
    rows = [row(serial) for serial in range(5)]
    place.take(rows)
    before = place.rows()
    sheet = write_xlsx(
        tmp_path / "register.xlsx",
        [[column.value for column in rows[0]], *([*cells.values()] for cells in rows)],
    )
    assert place.take_file(sheet).codes == ["UNCHANGED"] * 5
    assert place.rows() == before


# --- what is stored ------------------------------------------------------------------------------


def root_of(place: Place) -> RootKey:
    return RootKey.from_spec(f"file:{place.home / 'keys' / 'root.key'}")


def test_an_accepted_row_stands_in_the_register_as_it_was_given(place: Place) -> None:
    groups = ("core", "contact", "residence")
    cells = row(7, NAME="测试•巴根", WORKPLACE="=1+1", ARRIVED_ON="2025/06/16")
    place.take([cells])

    async def look() -> tuple[dict[str, object], list[dict[str, object]]]:
        async with opened(place.url, place.home, root=root_of(place)) as store:
            load = PersonLoad(Access.ID_NAME, frozenset({Scope.ALL}), frozenset(groups))
            tag = store.ring.id_name_tag(id_number(7), match_key("测试巴根"))
            found = await store.reads.one(load, tag, facts())
            assert found is not None
            values = dict(zip(PERSON_COLUMNS, found.values, strict=False))
            leave = disclosure(*groups)
            return values, [store.vault.open(leave, found, group) for group in groups]

    values, (core, contact, residence) = asyncio.run(look())
    assert core == {
        "name": "测试·巴根",
        "idNumber": id_number(7),
        "sex": "MALE",
        "ethnicity": "蒙古族",
        "birthDate": cells[Column.BIRTH_DATE],
    }
    assert contact == {
        "phone": cells[Column.PHONE],
        "workplace": "=1+1",
        "hukouAddress": cells[Column.HUKOU_ADDRESS],
    }
    assert residence == {"address": cells[Column.CURRENT_ADDRESS]}
    stored = [values[name] for name in ("county", "arrived_on", "registered_on", "reason", "late")]
    assert stored == ["150404", "2025-06-16", "2025-06-24", "务工", 0]


def test_late_registration_is_marked_in_the_register_too(place: Place) -> None:
    taken = place.take([row(0), row(1, REGISTERED_ON="2025-07-24")])
    assert taken.result.exit_code == 0
    assert taken.codes == ["ACCEPTED", "REGISTERED_LATE"]
    late = [one[7] for one in place.rows()["person_now"]]
    assert sorted(map(str, late)) == ["0", "1"]


def test_held_rows_are_sealed_and_rejected_ones_not_stored_at_all(place: Place) -> None:
    held = row(1, SEX="女")
    taken = place.take([row(0), held, row(2, NAME="?")])
    assert taken.codes == ["ACCEPTED", "SEX_CONTRADICTS", "NAME_UNREADABLE"]
    rows = place.rows()
    assert (len(rows["person"]), len(rows["import_row"])) == (1, 1)
    job, number, _, code, _, sealed = rows["import_row"][0]
    assert (number, code) == (2, "SEX_CONTRADICTS")
    assert isinstance(job, bytes)
    assert isinstance(sealed, bytes)

    async def open_row() -> dict[str, object]:
        async with opened(place.url, place.home, root=root_of(place)) as store:
            return store.ring.open_held_row(job, 2, sealed)

    assert asyncio.run(open_row()) == {column.name: cell for column, cell in held.items()}


def test_a_person_with_other_content_is_held_and_the_register_stays(place: Place) -> None:
    place.take([row(0), row(1)])
    before = place.rows()
    changed = row(0, CURRENT_ADDRESS="测试新居1号")
    taken = place.take([changed, row(1)])
    assert taken.codes == ["DIFFERS_FROM_REGISTER", "UNCHANGED"]
    assert taken.result.exit_code == 1
    after = place.rows()
    assert len(after.pop("import_row")) == 1
    assert after == {table: rows for table, rows in before.items() if table != "import_row"}


def test_a_person_whom_no_import_registered_is_held(place: Place) -> None:
    place.take([row(0)])

    async def register() -> None:
        async with opened(place.url, place.home, root=root_of(place)) as store:
            await store.register(builders.person(3))

    asyncio.run(register())
    taken = place.take([row(0), row(1, ID_NUMBER=builders.id_number(3), BIRTH_DATE="", SEX="")])
    assert taken.codes == ["UNCHANGED", "REGISTERED_OTHERWISE"]


def test_whom_an_earlier_row_registers_or_holds_a_later_one_can_not(place: Place) -> None:
    taken = place.take(
        [
            row(0, SEX="男"),
            row(0),
            row(1, CURRENT_ADDRESS=""),
            row(1),
            row(1, ID_NUMBER=f" {id_number(1)}"),
        ]
    )
    assert taken.codes == [
        "SEX_CONTRADICTS",
        "DUPLICATE_ROW",
        "REQUIRED_MISSING",
        "ACCEPTED",
        "DUPLICATE_ROW",
    ]
    assert [one["why"] for one in taken.rows][1] == (
        "the same person stands in an earlier row (row 1)"
    )


def test_no_value_stands_in_the_database_files_the_report_or_the_output(
    place: Place, storage_files: StorageFiles
) -> None:
    words = {"NAME": "哨兵巴特尔", "CURRENT_ADDRESS": "哨兵小区二号", "WORKPLACE": "哨兵公司"}
    taken = place.take(
        [
            row(100, **words),
            row(101, **words, SEX="女"),
            row(102, **words, ARRIVED_ON="哨兵"),
            row(100, **words),
        ]
    )
    assert taken.codes == ["ACCEPTED", "SEX_CONTRADICTS", "DATE_UNREADABLE", "DUPLICATE_ROW"]
    said = f"{taken.report}{taken.result.stdout}{taken.result.stderr}".encode()
    written = [path.read_bytes() for path in storage_files()]
    sentinels = ["哨兵", id_number(100), id_number(101), id_number(102), row(101)[Column.PHONE]]
    for sentinel in sentinels:
        for form in forms(sentinel):
            assert form not in said
            assert not any(form in content for content in written)


def test_whom_an_import_registered_stands_in_the_audit_log(place: Place) -> None:
    place.take([row(serial) for serial in range(3)])

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
    assert record["purpose"] == {"code": "residence-registration", "article": "10"}
    subjects = record["subjects"]
    assert isinstance(subjects, list)
    registered = {bytes.fromhex(subject["person"]) for subject in subjects}
    assert registered == {one[0] for one in place.rows()["person"]}


# --- dry runs ------------------------------------------------------------------------------------


def test_a_dry_run_needs_no_deployment_and_makes_none(embedded: Place) -> None:
    taken = embedded.take_file(DATA / BOTH[0], "--dry-run", *TODAY)
    assert (taken.report["accepted"], taken.report["held for review"]) == (190, 2)
    assert not embedded.home.exists()
    assert "dry run" in taken.result.stdout


def test_a_dry_run_compares_with_the_register_and_writes_nothing(place: Place) -> None:
    place.take([row(0), row(1)])
    before = place.rows()
    taken = place.take([row(0), row(1, PHONE="19900000000"), row(2), row(3, SEX="女")], "--dry-run")
    assert taken.codes == ["UNCHANGED", "DIFFERS_FROM_REGISTER", "ACCEPTED", "SEX_CONTRADICTS"]
    assert place.rows() == before


def test_a_dry_run_works_beside_a_server_and_an_import_is_refused(embedded: Place) -> None:
    embedded.take([row(0)])
    file = write_csv(embedded.home.with_name("register.csv"), [row(0)])

    async def beside() -> list[Result]:
        settings = DatabaseSettings(url=embedded.url, home=embedded.home)
        async with await open_database(settings):
            arguments: list[tuple[str, ...]] = [("--dry-run",), ()]
            return [await asyncio.to_thread(embedded.run, file, *more) for more in arguments]

    dry, wet = asyncio.run(beside())
    assert dry.exit_code == 0
    assert wet.exit_code == 1
    assert wet.stderr.startswith("error: Another Juzhu process is writing")
    assert "hint:" in wet.stderr


# --- killed and started again --------------------------------------------------------------------


def test_a_killed_import_goes_on_where_it_stopped_with_nothing_doubled(
    place: Place, tmp_path: Path
) -> None:
    rows = [row(serial, SEX="") for serial in range(1500)]
    rows[50] = row(50, SEX="男")
    rows[120] = row(120, NAME="?")
    rows[1499] = row(7)
    file = write_csv(tmp_path / "register.csv", rows)
    chance = random.Random(20261122)  # noqa: S311 — for moments, not for secrets
    for commits in (1, 5, 30, 60):
        after = chance.choice((0.0, chance.uniform(0.001, 0.02)))
        killed = import_struck(place, file, "--no-progress", commits=commits, after=after)
        assert killed.returncode == -SIGKILL, killed.stderr
    taken = place.take_file(file)
    assert taken.result.exit_code == 1

    stored = place.rows()
    assert (len(stored["person"]), len(stored["import_row"])) == (1497, 1)
    assert len(stored["lookup"]) == 2 * 1497
    assert len(stored["import_person"]) == len(stored["person_now"]) == 1497
    assert set(taken.codes) == {
        "TAKEN_FROM_NUMBER",
        "SEX_CONTRADICTS",
        "NAME_UNREADABLE",
        "DUPLICATE_ROW",
    }
    assert taken.report["accepted"] == 1497


def test_a_kill_leaves_no_report_and_the_old_one_whole(embedded: Place, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "register.csv", [row(serial) for serial in range(2000)])
    report = tmp_path / "report.json"
    report.write_text("old")
    killed = import_struck(embedded, file, "--report", report, commits=50)
    assert killed.returncode == -SIGKILL, killed.stderr
    assert report.read_text() == "old"


def test_an_interrupt_is_told_with_the_next_step(embedded: Place, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "register.csv", [row(serial) for serial in range(2000)])
    report = tmp_path / "r.json"
    done = import_struck(embedded, file, "--report", report, commits=50, signal=SIGINT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: interrupted\nhint: start it again: it goes on where it stopped\n"
    assert sorted(path.name for path in tmp_path.iterdir() if "r.json" in path.name) == []
    assert embedded.take_file(file).report["accepted"] == 2000


_ON_A_SMALL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from resolvers.intake import importing
importing.BATCH = 100
from cli.import_ import import_
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop()),) * 2)
import_()
"""


def test_an_import_that_fills_the_disk_is_told_and_goes_on_when_there_is_room(
    embedded: Place, tmp_path: Path
) -> None:
    embedded.take([row(5000)])
    file = write_csv(tmp_path / "register.csv", [row(serial) for serial in range(3000)])
    done = subprocess.run(
        [sys.executable, "-c", _ON_A_SMALL_DISK, str(file), "--no-progress", str(3 << 20)],
        cwd=ROOT,
        env={**os.environ, **embedded.environment},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: The disk is full or failing")
    assert "hint: Free some room" in done.stderr
    before = len(embedded.rows()["person"])
    assert 1 < before < 3001
    taken = embedded.take_file(file)
    assert (taken.report["accepted"], set(taken.codes)) == (3000, {"ACCEPTED"})
    assert len(embedded.rows()["person"]) == 3001


# --- judged by another day -----------------------------------------------------------------------


def test_a_day_in_the_future_to_judge_by_is_warned_of(embedded: Place, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "register.csv", [row(0)])
    warned = embedded.run(file, "--dry-run", "--today", "9998-12-31")
    assert warned.exit_code == 0
    assert warned.stderr.startswith("warning: --today lies in the future")
    assert embedded.run(file, "--dry-run", "--today", "2025-07-01").stderr == ""


# --- a deployment that is not there --------------------------------------------------------------


def test_an_import_makes_keys_and_database_as_a_demonstration_does(embedded: Place) -> None:
    embedded.take([row(0)])
    key = embedded.home / "keys" / "root.key"
    assert key.stat().st_mode & 0o777 == 0o600
    again = embedded.take([row(0)])
    assert again.codes == ["UNCHANGED"]


def test_production_makes_no_keys_in_passing(place: Place, tmp_path: Path) -> None:
    create_root_key(tmp_path / "root.key")
    file = write_csv(tmp_path / "register.csv", [row(0)])
    result = place.run(
        file,
        JUZHU_MODE="production",
        JUZHU_ROOT_KEY=f"file:{tmp_path / 'root.key'}",
        JUZHU_AUDIENCE="juzhu",
    )
    assert result.exit_code == 1
    assert "error: There is no deployment here" in result.stderr
    assert "juzhu keys create-root" in result.stderr
    assert not place.home.exists()


def test_a_lost_root_key_is_told_and_not_replaced(place: Place) -> None:
    place.take([row(0)])
    (place.home / "keys" / "root.key").unlink()
    result = place.run(write_csv(place.home.with_name("register.csv"), [row(1)]))
    assert result.exit_code == 1
    assert "root.key doesn't exist" in result.stderr
    assert not (place.home / "keys" / "root.key").exists()
