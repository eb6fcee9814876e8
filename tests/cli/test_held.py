"""`juzhu held list` tells which rows wait for a decision and why, and never what they hold."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from db.session import DatabaseSettings, open_database
from resolvers.intake import held
from resolvers.intake.codes import Code
from resolvers.intake.codes import Result as Becomes
from resolvers.intake.columns import Column
from tests.cli.imports import Place
from tests.register_rows import id_number, row


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    return Place(tmp_path / "home", database_url)


def listed(place: Place, *options: str) -> Result:
    return CliRunner().invoke(main, ["held", "list", *options], env=place.environment)


def test_every_reason_to_hold_a_row_is_about_a_column() -> None:
    assert set(held.ABOUT) == {code for code in Code if code.result is Becomes.HELD}


def test_held_rows_are_listed_with_the_reason_of_the_report(place: Place) -> None:
    taken = place.take(
        [
            row(0),
            row(1, SEX="女", NAME="哨兵"),
            row(2, BIRTH_DATE="1990-01-01"),
            row(3, ETHNICITY="哨兵族"),
            row(4, REASON="哨兵"),
            row(5, REGISTERED_ON="2025-06-01"),
            row(6, SEX="哨兵"),
            row(7, NAME="?"),
        ]
    )
    place.take([row(0, PHONE="199"), row(1, SEX="女", NAME="哨兵")])
    found = listed(place, "--json")
    assert found.exit_code == 0
    rows = json.loads(found.stdout)["held"]
    reported = [one for one in taken.rows if one["result"] == "held for review"]
    assert [(one["row"], one["code"], one["about"]) for one in rows] == [
        *((one["row"], one["code"], one["about"]) for one in reported),
        (1, "DIFFERS_FROM_REGISTER", Column.ID_NUMBER.value),
    ]
    assert [one["why"] for one in rows[:6]] == [one["why"] for one in reported]
    assert rows[0]["import"] == rows[5]["import"] != rows[6]["import"]
    assert all(one["heldAt"].endswith("Z") for one in rows)
    for text in (found.stdout, listed(place).stdout):
        assert "哨兵" not in text
        assert id_number(1) not in text


def test_all_held_rows_are_listed_however_many(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.take([row(2 * serial, SEX="男") for serial in range(7)])
    monkeypatch.setattr(held, "_AT_ONCE", 3)
    rows = json.loads(listed(place, "--json").stdout)["held"]
    assert [one["row"] for one in rows] == list(range(1, 8))


def test_held_rows_are_listed_beside_a_server_in_either_language(place: Place) -> None:
    place.take([row(0)])
    assert listed(place).stdout == "no row is held\n"
    place.take([row(1, SEX="女")])

    async def beside() -> Result:
        async with await open_database(DatabaseSettings(url=place.url, home=place.home)):
            return await asyncio.to_thread(listed, place, "--language", "zh-CN")

    line = asyncio.run(beside()).stdout
    assert line.split("\t")[3:] == ["SEX_CONTRADICTS", "性别", "性别与号码不符\n"]


def test_without_a_database_the_next_step_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'juzhu.db'}")
    found = listed(place)
    assert found.exit_code == 1
    assert "error: There is no database yet\nhint: " in found.stderr
    assert not place.home.exists()
