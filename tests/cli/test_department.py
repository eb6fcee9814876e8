"""`juzhu department`: departments of this release in a register that an earlier one founded."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from cli.home import open_home
from cli.main import main
from db import register_founding
from db.ledger_reads import LedgerReads
from db.register import Department
from db.register_founding import STARTING_DEPARTMENTS
from server.settings import read_settings

LATER = ("statistics", "development-reform", "finance")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def earlier(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a deployment that was founded before some departments were known."""
    environment = {
        "JUZHU_HOME": str(tmp_path),
        "JUZHU_DATABASE_URL": database_url,
        "JUZHU_MODE": "demo",
    }

    async def found() -> None:
        async with open_home(read_settings(environment), now=NOW):
            pass

    known: tuple[Department, ...] = tuple(
        each for each in STARTING_DEPARTMENTS if each.code not in LATER
    )
    with monkeypatch.context() as patched:
        patched.setattr(register_founding, "STARTING_DEPARTMENTS", known)
        asyncio.run(found())
    return environment


def run(environment: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, ["department", *words], env=environment)


def states(environment: dict[str, str]) -> dict[str, str]:
    shown = run(environment, "list", "--json")
    assert shown.exit_code == 0, shown.output
    return {each["department"]: each["state"] for each in orjson.loads(shown.stdout)["departments"]}


def records(environment: dict[str, str]) -> list[tuple[str, str]]:
    async def read() -> list[tuple[str, str]]:
        async with open_home(read_settings(environment), now=NOW) as home:
            page = await LedgerReads(home.database).page(after=None, limit=20)
        said = [orjson.loads(record.body) for record in page]
        return [
            (one["actor"]["client"], one["decision"])
            for one in said
            if one["action"] == "register.departments-added"
        ]

    return asyncio.run(read())


def test_what_lacks_is_shown_and_added_at_once_and_then_nothing_is_left(
    earlier: dict[str, str],
) -> None:
    assert {code for code, state in states(earlier).items() if state == "lacking"} == set(LATER)
    added = run(earlier, "add", "--json")
    assert added.exit_code == 0, added.output
    assert set(orjson.loads(added.stdout)["added"]) == set(LATER)
    assert set(states(earlier).values()) == {"active"}
    again = run(earlier, "add")
    assert again.stdout == "the register has every department of this release already\n"
    ((client, decision),) = records(earlier)
    assert client == "juzhu department"
    assert decision == f"departments:{','.join(orjson.loads(added.stdout)['added'])} register:2"
    verified = CliRunner().invoke(main, ["audit", "verify"], env=earlier)
    assert verified.exit_code == 0, verified.output


def test_one_department_is_added_by_its_code_and_its_officials_can_be_registered(
    earlier: dict[str, str],
) -> None:
    official = ["official", "add", "--department", "statistics", "--official", "s-1"]
    assert CliRunner().invoke(main, official, env=earlier).exit_code == 1
    added = run(earlier, "add", "statistics")
    assert added.exit_code == 0, added.output
    assert added.stdout.startswith("added: statistics, from ")
    assert CliRunner().invoke(main, official, env=earlier).exit_code == 0
    lacking = {code for code, state in states(earlier).items() if state == "lacking"}
    assert lacking == set(LATER) - {"statistics"}


@pytest.mark.parametrize(
    ("code", "why"),
    [("education", "has this department already"), ("weather", "knows no such department")],
)
def test_what_is_there_or_unknown_is_refused_and_nothing_else_added(
    earlier: dict[str, str], code: str, why: str
) -> None:
    refused = run(earlier, "add", "finance", code)
    assert refused.exit_code == 1
    assert why in refused.stderr
    assert "hint:" in refused.stderr
    assert states(earlier)["finance"] == "lacking"
    assert records(earlier) == []
