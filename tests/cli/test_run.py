"""`juzhu run` as a newcomer meets it: a process of its own, an empty folder, a free port."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx2
import pytest
from click.testing import CliRunner

from cli.demo import DEMO_CASE, DEMO_HOLDER_NAME, DEMO_HOLDER_NUMBER
from cli.run import run as run_command

ROOT = Path(__file__).parents[2]
TOKEN = re.compile(r"^token for ([a-z-]+) \(12 hours\):\n(\S+)$", re.MULTILINE)
ADDRESS = re.compile(r"http://127\.0\.0\.1:[0-9]+")
SECONDS = 60


def environment(home: Path, **more: str) -> dict[str, str]:
    """Only what is named, so that no setting of the machine matters."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUZHU_")}
    return {**kept, "JUZHU_HOME": str(home), "PORT": "0", "PERSONS": "200", **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli.main", *arguments]


@dataclass
class Run:
    """A process of `juzhu run`, with what it has said so far."""

    process: "subprocess.Popen[str]"
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read both streams beside, or a full pipe would stop it."""
        self._readers = [
            threading.Thread(target=_read, args=(stream, lines), daemon=True)
            for stream, lines in (
                (self.process.stdout, self.out),
                (self.process.stderr, self.err),
            )
        ]
        for reader in self._readers:
            reader.start()

    @property
    def said(self) -> str:
        return "".join(self.out)

    def until(self, words: str) -> str:
        """Wait until standard output holds these words; all of it."""
        end = time.monotonic() + SECONDS
        while words not in self.said:
            assert self.process.poll() is None, "".join(self.err)
            assert time.monotonic() < end, "".join(self.err)
            time.sleep(0.02)
        return self.said

    def greeting(self) -> str:
        """All that it prints before it serves quietly."""
        self.until("curl -s ")
        return self.until("-d '")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and wait for the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(SECONDS)
        self.close()
        return code

    def close(self) -> None:
        """Read to the end of what it said."""
        for reader in self._readers:
            reader.join(SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


def _read(stream: IO[str] | None, lines: list[str]) -> None:
    assert stream is not None
    lines.extend(iter(stream.readline, ""))  # a list grows line by line, as they come


@contextmanager
def started(home: Path, **more: str) -> Iterator[Run]:
    process = subprocess.Popen(
        command("run"),
        cwd=ROOT,
        env=environment(home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    run = Run(process)
    try:
        yield run
    finally:
        if process.poll() is None:
            run.end(signal.SIGKILL)


def refused(home: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a run that ends before it serves."""
    done = subprocess.run(
        command("run", *arguments),
        cwd=ROOT,
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def refused_at_once(home: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
    """The same in this process, for what is refused before anything is opened."""
    result = CliRunner().invoke(run_command, list(arguments), env=environment(home, **more))
    return result.exit_code, result.stdout, result.stderr


def two_lines(done: tuple[int, str, str], code: int) -> str:
    """A clear refusal: an error and a hint on standard error alone, and no traceback."""
    returned, out, err = done
    assert (returned, out) == (code, ""), err
    lines = err.splitlines()
    assert lines[0].startswith("error: "), err
    assert lines[1].startswith("hint: ")
    assert len(lines) == 2
    return err


def rows(home: Path, statement: str) -> list[tuple[object, ...]]:
    path = home / "juzhu.db"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        return database.execute(statement).fetchall()


def persons(home: Path) -> list[tuple[object, ...]]:
    return rows(home, "SELECT person FROM person_now ORDER BY person")


# --- what it prints works ------------------------------------------------------------------------


def asked(
    address: str,
    token: str,
    document: str,
    variables: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, object]:
    answer = httpx2.post(
        f"{address}/graphql",
        json={"query": document, "variables": variables},
        headers={"authorization": f"Bearer {token}", **(headers or {})},
        timeout=SECONDS,
    )
    assert answer.status_code == 200, answer.text
    answered: dict[str, object] = answer.json()
    assert "errors" not in answered, answered
    data = answered["data"]
    assert isinstance(data, dict)
    return data


def pasted(line: str) -> dict[str, object]:
    """What the printed line answers: pasted into a shell, or read as a shell would."""
    if shutil.which("curl"):
        done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=SECONDS, check=True)
        answered: dict[str, object] = json.loads(done.stdout)
        return answered
    words = shlex.split(line)
    assert words[:2] == ["curl", "-s"]
    given = dict(zip(words[3::2], words[4::2], strict=True)) if len(words) % 2 else {}
    headers = dict(
        words[place + 1].split(": ", 1) for place, word in enumerate(words) if word == "-H"
    )
    sent = httpx2.post(words[2], content=given["-d"].encode(), headers=headers, timeout=SECONDS)
    parsed: dict[str, object] = sent.json()
    return parsed


@pytest.mark.long
def test_a_first_run_prints_an_address_tokens_and_a_line_that_answers(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    with started(home) as run:
        said = run.greeting()
        (address, *_) = ADDRESS.findall(said)
        tokens = dict(TOKEN.findall(said))
        assert {"education", "social-insurance", "housing", "receiving-office"} <= set(tokens)
        line = next(line for line in said.splitlines() if line.startswith("curl "))
        answered = pasted(line)
        assert answered["data"] == {
            "person": {
                "permit": {"active": True, "entitled": True},
                "residence": {"division": {"name": "西屯街道"}, "continuousAtLeast": True},
            }
        }
        assert "audit" in answered["extensions"]  # type: ignore[operator]  # an object
        for department, token in tokens.items():
            viewer = asked(address, token, "{viewer{department}}")
            assert viewer == {"viewer": {"department": department}}
        desk = {"Juzhu-Purpose": "desk-list"}
        listed = asked(address, tokens["receiving-office"], "{persons{totalCount}}", headers=desk)
        assert listed["persons"]["totalCount"] > 0  # type: ignore[index]  # an object
        (case,) = re.findall(r"^  Juzhu-Case: (\S+)$", said, re.MULTILINE)
        held = {"Juzhu-Purpose": "annual-endorsement", "Juzhu-Case": case}
        document = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){name}}"
        assert asked(
            address,
            tokens["receiving-office"],
            document,
            {"n": DEMO_HOLDER_NUMBER, "m": DEMO_HOLDER_NAME},
            held,
        ) == {"person": {"name": DEMO_HOLDER_NAME}}
        assert DEMO_CASE not in said, "the header's value is percent-encoded"
        assert len(persons(home)) == 200
        assert run.end() == 0
    events = [json.loads(line)["event"] for line in run.err if line.startswith("{")]
    assert events[0] == "listening"
    assert events[-2:] == ["finished requests", "closed"]
    for path in (home, home / "keys"):
        assert path.stat().st_mode & 0o077 == 0
    for path in (home / "keys" / "root.key", home / "juzhu.db"):
        assert path.stat().st_mode & 0o777 == 0o600
    verified = subprocess.run(
        command("audit", "verify"),
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verified.returncode, verified.stdout[:7]) == (0, "intact:")


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home that one run made and left, and what that run said."""
    home = tmp_path_factory.mktemp("city") / "home"
    with started(home) as run:
        said = run.greeting()
        assert run.end() == 0
    return home, said


@pytest.fixture
def made(first_run: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy of that home for a test of one's own."""
    return shutil.copytree(first_run[0], tmp_path / "home")


@pytest.mark.long
def test_started_again_it_reuses_what_is_there(made: Path, first_run: tuple[Path, str]) -> None:
    before, key = persons(made), (made / "keys" / "root.key").read_bytes()
    first = dict(TOKEN.findall(first_run[1]))
    with started(made, PERSONS="300") as run:
        said = run.greeting()
        assert persons(made) == before
        # A token of the first run is still good: the issuer is the same.
        (address, *_) = ADDRESS.findall(said)
        assert asked(address, first["housing"], "{viewer{department}}")
        # One process serves; a second one on the same folder is refused and disturbs nothing.
        assert "Another Juzhu process is writing" in two_lines(refused(made), 1)
        assert asked(address, first["housing"], "{viewer{department}}")
        assert run.end(signal.SIGTERM) == 0
    said = "".join(run.err)
    assert "reusing the city of 200 persons" in said
    assert "PERSONS is ignored" in said
    assert not any("persons/s" in line or "city:" in line for line in run.err)
    assert (made / "keys" / "root.key").read_bytes() == key


# --- interrupted ---------------------------------------------------------------------------------


def until_loading(run: Run, home: Path, most: int) -> int:
    """Wait until some persons are stored, and not all; how many."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        assert run.process.poll() is None, "".join(run.err)
        try:
            ((count,),) = rows(home, "SELECT count(*) FROM person")
        except sqlite3.OperationalError:
            count = 0
        assert isinstance(count, int)
        if 0 < count < most:
            return count
        time.sleep(0.005)
    raise AssertionError("nothing was loaded in time")


@pytest.mark.long
def test_a_load_that_was_killed_is_finished_by_the_next_run(tmp_path: Path) -> None:
    with started(tmp_path, PERSONS="3000") as run:
        begun = until_loading(run, tmp_path, 3000)
        assert run.end(signal.SIGKILL) == -signal.SIGKILL
        assert run.said == ""
    half = set(persons(tmp_path))
    assert begun <= len(half) < 3000
    with started(tmp_path, PERSONS="3000") as run:
        said = run.greeting()
        whole = set(persons(tmp_path))
        assert len(whole) == 3000
        assert half < whole
        for table, each in (("person", 1), ("lookup", 2)):
            ((count,),) = rows(tmp_path, f"SELECT count(*) FROM {table}")  # noqa: S608 - names from here
            assert count == 3000 * each
        line = next(line for line in said.splitlines() if line.startswith("curl "))
        assert pasted(line)["data"]["person"]["permit"]["active"] is True  # type: ignore[index]  # objects
        assert run.end() == 0


@pytest.mark.long
def test_an_interrupt_while_loading_is_told_with_the_next_step(tmp_path: Path) -> None:
    with started(tmp_path, PERSONS="3000") as run:
        until_loading(run, tmp_path, 3000)
        assert run.end(signal.SIGINT) == 1
    told = "".join(run.err)
    assert "Traceback" not in told
    assert told.splitlines()[-2:] == [
        "error: interrupted",
        "hint: start it again: it goes on where it stopped",
    ]


# --- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("persons", ["abc", "0", "-1", "1.5", "1000001", "５０", "1e3"])
def test_a_wrong_number_of_persons_is_exit_2_and_makes_nothing(
    tmp_path: Path, persons: str
) -> None:
    home = tmp_path / "home"
    text = two_lines(refused_at_once(home, PERSONS=persons), 2)
    assert "PERSONS must be a number from 1 to 1000000" in text
    assert not home.exists()


@pytest.mark.parametrize("port", ["abc", "-1", "65536"])
def test_a_wrong_port_is_exit_2_and_makes_nothing(tmp_path: Path, port: str) -> None:
    home = tmp_path / "home"
    assert "PORT" in two_lines(refused_at_once(home, PORT=port), 2)
    assert not home.exists()


def test_a_taken_port_is_exit_1_and_makes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = two_lines(refused_at_once(home, PORT=str(port)), 1)
        assert f"port {port} is taken" in text
        assert "PORT=8001" in text
        assert two_lines(refused_at_once(home, "--port", str(port)), 1) == text
    assert not home.exists()


def test_production_is_refused_and_makes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    production: Mapping[str, str] = {
        "JUZHU_MODE": "production",
        "JUZHU_ROOT_KEY": f"file:{home / 'root.key'}",
        "JUZHU_AUDIENCE": "juzhu",
    }
    assert "juzhu serve" in two_lines(refused_at_once(home, **production), 2)
    assert not home.exists()


def test_a_home_below_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "JUZHU_HOME" in two_lines(refused_at_once(tmp_path / "file" / "home"), 1)


_AS_NOBODY = """
import os, sys
import cli.main, cli.run, encodings.idna, uvloop
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
cli.main.main(["run"])
"""


@pytest.mark.parametrize(
    ("inside", "said"),
    [("home", "JUZHU_HOME"), ("home/deeper", "JUZHU_HOME"), (".", "may not be written")],
)
def test_a_home_that_may_not_be_written_is_a_clear_error(inside: str, said: str) -> None:
    # pytest's own folders are closed to other accounts; root may write everywhere.
    with tempfile.TemporaryDirectory(prefix="juzhu-") as folder:
        Path(folder).chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY],
            cwd=ROOT,
            env=environment(Path(folder) / inside),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        Path(folder).chmod(0o755)
        assert said in two_lines((done.returncode, done.stdout, done.stderr), 1)
        assert list(Path(folder).iterdir()) == []


def test_a_spoilt_note_of_the_city_is_a_clear_error(made: Path) -> None:
    (made / "demonstration.json").write_text("{")
    assert "demonstration.json can't be read" in two_lines(refused(made), 1)


def test_a_lost_root_key_is_told_and_never_made_anew(made: Path) -> None:
    (made / "keys" / "root.key").unlink()
    assert "root.key doesn't exist" in two_lines(refused(made), 1)
    assert not (made / "keys" / "root.key").exists()
