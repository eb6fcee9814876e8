"""`juzhu client`, `juzhu official`, `juzhu token`: what they print, refuse and exit with."""

import asyncio
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import click
import orjson
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from cli.access_register import account, change, look, today
from cli.audit import audit
from cli.client import client
from cli.keys import keys
from cli.official import official
from cli.token import token
from db.database import DatabaseSettings
from db.ledger_reads import LedgerReads
from db.register import SOON_DAYS
from db.register_changes import Moment
from db.session import open_database
from server.auth import Authenticator
from server.clock import SystemClock, time_of
from server.demonstration import create_issuer
from server.settings import DEMONSTRATION_ISSUER, Mode, read_settings
from tests.server.actors import Roll, es256

LATER = (today() + timedelta(days=200)).isoformat()


@dataclass(frozen=True)
class Terminal:
    """A terminal with the environment of one deployment."""

    home: Path
    environment: dict[str, str]

    def run(self, command: click.Command, *words: str) -> Result:
        return CliRunner().invoke(command, words, env=self.environment)

    def key(self, name: str = "edu") -> Path:
        path = self.home / f"{name}.jwk"
        path.write_text(es256(name).public.jwk())
        return path

    def add(self, *words: str, key: str = "edu", until: str = LATER) -> Result:
        path = str(self.key(key))
        asked = ("add", "--department", "education", "--key", path, "--until", until, *words)
        return self.run(client, *asked)

    def listed(self, command: click.Command, name: str) -> list[dict[str, object]]:
        result = self.run(command, "list", "--json")
        assert result.exit_code == 0, result.output
        rows = orjson.loads(result.stdout)[name]
        assert isinstance(rows, list)
        return rows


@pytest.fixture
def terminal(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    environment = {
        "JUZHU_HOME": str(tmp_path),
        "JUZHU_DATABASE_URL": database_url,
        "JUZHU_MODE": "demo",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Terminal(tmp_path, environment)


def refused(result: Result, code: int) -> str:
    """The two lines of a refusal, on standard error alone."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines[0].startswith("error: ")
    assert lines[1].startswith("hint: ")
    return result.stderr


def test_a_departments_key_is_added_listed_and_revoked(terminal: Terminal) -> None:
    result = terminal.add()
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"added: client education of education, until {LATER}\nkey: ")
    assert result.stderr == ""
    (row,) = terminal.listed(client, "clients")
    assert (row["client"], row["department"], row["state"]) == ("education", "education", "active")
    assert str(row["key"]) in terminal.run(client, "list").stdout
    assert terminal.run(client, "revoke", "education").stdout == "revoked: client education\n"
    (row,) = terminal.listed(client, "clients")
    assert row["state"] == "revoked"
    assert "revoked already" in refused(terminal.run(client, "revoke", "education"), 1)


def test_keys_rotate_by_add_switch_revoke(terminal: Terminal) -> None:
    first = orjson.loads(terminal.add("--json", "--id", "edu-1").stdout)
    assert (first["client"], first["algorithm"], first["activeKeys"]) == ("edu-1", "ES256", 1)
    second = orjson.loads(terminal.add("--json", "--id", "edu-1", key="new").stdout)
    assert second["activeKeys"] == 2
    assert "juzhu client revoke" in refused(terminal.add("--id", "edu-1", key="third"), 1)
    result = terminal.run(client, "revoke", "edu-1", "--key", first["key"], "--json")
    assert orjson.loads(result.stdout)["key"] == first["key"]
    states = {row["key"]: row["state"] for row in terminal.listed(client, "clients")}
    assert states == {first["key"]: "revoked", second["key"]: "active"}


@pytest.mark.parametrize(("days", "warned"), [(SOON_DAYS, True), (SOON_DAYS + 1, False)])
def test_a_key_that_ends_soon_is_warned_of(terminal: Terminal, days: int, *, warned: bool) -> None:
    until = (today() + timedelta(days=days)).isoformat()
    added = terminal.add(until=until)
    listed = terminal.run(client, "list")
    for result in (added, listed):
        assert result.exit_code == 0
        assert result.stderr.startswith("warning: key ") is warned
        assert (until in result.stderr) is warned


def test_a_private_key_is_refused_and_nothing_is_stored(terminal: Terminal) -> None:
    key = es256("edu").key
    path = terminal.home / "private.pem"
    path.write_bytes(key.as_pem(private=True))
    asked = ("--department", "education", "--key", str(path), "--until", LATER)
    text = refused(terminal.run(client, "add", *asked), 2)
    assert text.startswith("error: this is a private key\nhint: keep it secret")
    assert str(key.as_dict(private=True)["d"]) not in text


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add",), 2),
        (("add", "--department", "education", "--key", "/nowhere", "--until", LATER), 2),
        (("revoke",), 2),
        (("nonsense",), 2),
    ],
)
def test_a_misspelt_command_exits_2(terminal: Terminal, words: tuple[str, ...], code: int) -> None:
    result = terminal.run(client, *words)
    assert (result.exit_code, result.stdout) == (code, "")


def test_a_day_that_has_passed_or_is_no_day_is_refused(terminal: Terminal) -> None:
    assert "last day has passed" in refused(terminal.add(until="2020-01-01"), 1)
    assert terminal.add(until="2026-02-30").exit_code == 2
    assert terminal.add(until="soon").exit_code == 2


def test_an_official_is_added_listed_and_ended(terminal: Terminal) -> None:
    words = ("add", "--department", "community-police", "--official", "P-9", "--division", "150402")
    added = orjson.loads(terminal.run(official, *words, "--json").stdout)
    assert (added["role"], added["until"]) == ("community-police", None)
    assert "holds today" in refused(terminal.run(official, *words), 1)
    (row,) = terminal.listed(official, "officials")
    assert (row["id"], row["division"], row["state"]) == (added["id"], "150402", "active")
    assert "P-9" in terminal.run(official, "list").stdout
    assert terminal.run(official, "end", added["id"]).stdout == f"ended: entry {added['id']}\n"
    (row,) = terminal.listed(official, "officials")
    assert row["state"] == "ended"
    assert "no entry has this id" in refused(terminal.run(official, "end", "00"), 1)
    again = terminal.run(official, *words, "--until", LATER)
    assert again.stdout.startswith("added: P-9 of community-police as community-police; entry ")


def test_lists_of_a_new_database_are_empty(terminal: Terminal) -> None:
    terminal.add()
    assert terminal.run(official, "list").stdout == "no official yet\n"


def demonstrate(terminal: Terminal) -> None:
    """What loading demonstration data does for tokens."""
    key = create_issuer(read_settings(terminal.environment)).public_key()
    moment = Moment(today(), time_of(SystemClock().now()))
    change(
        "juzhu run",
        None,
        lambda registrar: partial(
            registrar.add_key,
            issuer=DEMONSTRATION_ISSUER,
            kid=key.kid,
            jwk=key.jwk(),
            until=None,
            moment=moment,
        ),
    )


def test_an_official_gets_no_role_that_the_department_does_not_have(terminal: Terminal) -> None:
    words = ("add", "--department", "education", "--official", "E-1", "--role")
    text = refused(terminal.run(official, *words, "auditor"), 1)
    assert "officials of this department don't have this role" in text
    assert "one of: education" in text
    assert terminal.run(official, *words, "education").exit_code == 0


def test_a_department_that_nobody_knows_is_refused_as_such(terminal: Terminal) -> None:
    words = ("add", "--department", "weather", "--official", "W-1", "--role", "auditor")
    assert "no such department" in refused(terminal.run(official, *words), 1)


def test_a_demonstration_token_is_one_that_the_server_takes(terminal: Terminal) -> None:
    demonstrate(terminal)
    words = ("--department", "education", "--official", "demo-01", "--purpose", "school-place")
    result = terminal.run(token, *words)
    assert result.exit_code == 0, result.output
    roll = Roll()
    roll.snapshot = look()
    identity = Authenticator(
        register=roll, provider=None, audience="juzhu", demonstration=True, clock=SystemClock()
    ).identify(result.stdout.strip().encode())
    assert (identity.department, identity.official) == ("education", "demo-01")
    assert identity.purposes == frozenset({"school-place"})
    answer = orjson.loads(terminal.run(token, *words, "--json").stdout)
    assert answer["token"].count(".") == 2
    assert answer["expires"] > time_of(SystemClock().now())


def test_the_demonstration_key_is_its_owners_alone(terminal: Terminal) -> None:
    demonstrate(terminal)
    path = read_settings(terminal.environment).demonstration_key
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    text = refused(terminal.run(token, "--department", "education"), 1)
    assert "chmod 600" in text
    path.chmod(0o600)
    path.write_text("{}")
    assert "can't be read as a key" in refused(terminal.run(token, "--department", "education"), 1)


def test_a_token_needs_demonstration_data(terminal: Terminal) -> None:
    text = refused(terminal.run(token, "--department", "education"), 1)
    assert "`make run` creates it" in text


def test_a_token_of_nobody_is_refused_with_the_reason(terminal: Terminal) -> None:
    demonstrate(terminal)
    text = refused(terminal.run(token, "--department", "weather"), 1)
    assert "one of: auditor, civil-affairs, community-police" in text
    text = refused(terminal.run(token, "--department", "auditor"), 1)
    assert "juzhu official add" in text


@pytest.mark.parametrize("name", ["张三", "demo 01", "", "x" * 129])
def test_a_token_for_a_name_that_the_server_refuses_is_not_printed(
    terminal: Terminal, name: str
) -> None:
    demonstrate(terminal)
    result = terminal.run(token, "--department", "education", "--official", name)
    text = refused(result, 1)
    assert "never by a name" in text
    assert not name or name not in text


def test_production_has_no_demonstration_tokens(terminal: Terminal) -> None:
    demonstrate(terminal)
    production = terminal.environment | {
        "JUZHU_MODE": Mode.PRODUCTION.value,
        "JUZHU_ROOT_KEY": "file:/etc/juzhu/root.key",
        "JUZHU_AUDIENCE": "juzhu",
    }
    result = Terminal(terminal.home, production).run(token, "--department", "education")
    assert "don't exist in production" in refused(result, 1)


def test_a_wrong_setting_exits_2_and_is_not_repeated(terminal: Terminal) -> None:
    wrong = Terminal(terminal.home, terminal.environment | {"JUZHU_MODE": "hunter2"})
    text = refused(wrong.run(client, "list"), 2)
    assert "JUZHU_MODE" in text
    assert "hunter2" not in text


async def statement(terminal: Terminal, words: str, **values: object) -> None:
    """What somebody who may write to the database does past every command."""
    settings = read_settings(terminal.environment)
    where = DatabaseSettings(url=settings.database_url, home=settings.home)
    async with await open_database(where) as database:
        await database.write(lambda session: session.execute(text(words), values))


def test_a_row_altered_by_hand_is_named_by_every_command_of_the_register(
    terminal: Terminal,
) -> None:
    demonstrate(terminal)
    assert terminal.add("--id", "edu-1").exit_code == 0
    asyncio.run(statement(terminal, "UPDATE client SET department = 'housing'"))
    for result in (
        terminal.run(client, "list"),
        terminal.run(client, "list", "--json"),
        terminal.run(official, "list"),
        terminal.add("--id", "edu-2", key="new"),
        terminal.run(client, "revoke", "edu-1"),
        terminal.run(token, "--department", "education"),
    ):
        assert "The register is not as it was written: client edu-1" in refused(result, 1)
    asyncio.run(statement(terminal, "UPDATE client SET department = 'education'"))
    (row,) = terminal.listed(client, "clients")
    assert row["state"] == "active"


def actors(terminal: Terminal) -> list[dict[str, object]]:
    """Who changed the register, by the log; nothing of it may be broken."""
    result = terminal.run(audit, "verify", "--json")
    assert (result.exit_code, orjson.loads(result.stdout)["intact"]) == (0, True)
    settings = read_settings(terminal.environment)

    async def read() -> list[dict[str, object]]:
        where = DatabaseSettings(url=settings.database_url, home=settings.home, writing=False)
        async with await open_database(where) as database:
            records = await LedgerReads(database).page(after=None, limit=100)
        bodies = [orjson.loads(record.body) for record in reversed(records)]
        return [{"action": one["action"], **one.get("actor", {})} for one in bodies]

    return asyncio.run(read())


def test_the_log_says_who_changed_the_register(terminal: Terminal) -> None:
    words = ("--department", "auditor", "--official", "a-1", "--by", "head-7")
    entry = orjson.loads(terminal.run(official, "add", *words, "--json").stdout)["id"]
    assert terminal.run(official, "end", entry).exit_code == 0
    assert terminal.add("--by", "head-7").exit_code == 0
    assert terminal.run(client, "revoke", "education", "--by", "head-8").exit_code == 0
    me = account()
    found = [
        (one["action"], one["client"], one.get("official"), one["authentication"])
        for one in actors(terminal)[1:]
    ]
    assert found == [
        ("register.founded", "juzhu", None, "machine"),
        ("register.official-added", "juzhu official", "head-7", f"machine:{me}"),
        ("register.official-ended", "juzhu official", me, f"machine:{me}"),
        ("register.client-added", "juzhu client", "head-7", f"machine:{me}"),
        ("register.client-revoked", "juzhu client", "head-8", f"machine:{me}"),
    ]


def test_a_name_for_by_is_refused_and_nothing_is_changed(terminal: Terminal) -> None:
    assert "staff number" in refused(terminal.add("--by", "王小明"), 1)
    assert "no register yet" in refused(terminal.run(client, "list"), 1)


def test_a_register_is_read_and_changed_only_with_its_root_key(terminal: Terminal) -> None:
    assert terminal.add().exit_code == 0
    (terminal.home / "keys" / "root.key").rename(terminal.home / "away.key")
    for result in (terminal.run(client, "list"), terminal.add("--id", "x", key="new")):
        assert "root key" in refused(result, 1)


def test_production_founds_a_register_only_under_a_root_key_made_on_purpose(
    terminal: Terminal,
) -> None:
    production = terminal.environment | {
        "JUZHU_MODE": Mode.PRODUCTION.value,
        "JUZHU_ROOT_KEY": f"file:{terminal.home / 'root.key'}",
        "JUZHU_AUDIENCE": "juzhu",
    }
    city = Terminal(terminal.home, production)
    assert "for a new deployment make one" in refused(city.add(), 1)
    assert city.run(keys, "create-root", str(terminal.home / "root.key")).exit_code == 0
    assert city.add().exit_code == 0
    (row,) = city.listed(client, "clients")
    assert row["state"] == "active"


@contextmanager
def served(home: Path) -> Iterator[None]:
    """Hold the writer's lock, as a server does."""
    with (home / "writer.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_a_change_beside_a_server_on_sqlite_is_refused_and_a_list_is_not(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"JUZHU_HOME": str(tmp_path), "JUZHU_DATABASE_URL": sqlite_url}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal(tmp_path, environment)
    assert terminal.add().exit_code == 0
    with served(tmp_path):
        text = refused(terminal.add(key="new"), 1)
        assert "Stop the server" in text
        assert len(terminal.listed(client, "clients")) == 1
