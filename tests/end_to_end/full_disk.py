"""A disk with no room left, for the processes of one PostgreSQL server.

The kernel refuses what they write beyond a size, as it refuses every file's next page on a full
disk. It needs neither root nor a small disk: an account may limit its own processes.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import Server

# Imports come first: the account that the server runs as may not be able to read Python's files.
_LIMIT = """
import os, resource, sys
user, group, size, *processes = map(int, sys.argv[1:])
if os.geteuid() != user:
    os.setgroups([]); os.setgid(group); os.setuid(user)
for process in processes:
    try:
        hard = resource.prlimit(process, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(process, resource.RLIMIT_FSIZE, (hard if size < 0 else size, hard))
    except ProcessLookupError:
        pass
"""


@contextmanager
def full_disk(server: Server, size: int) -> Iterator[None]:
    """No process of the server may write beyond `size` bytes of any file; its new ones neither."""
    main = int(server.say("SELECT pg_read_file('postmaster.pid')").split()[0])
    _limit(main, size)
    try:
        yield
    finally:
        _limit(main, -1)


def _limit(main: int, size: int) -> None:
    try:
        owner = Path(f"/proc/{main}").stat()
    except FileNotFoundError:
        return  # the server has ended for want of room
    numbers = (owner.st_uid, owner.st_gid, size, main, *_children(main))
    subprocess.run([sys.executable, "-c", _LIMIT, *map(str, numbers)], check=True, cwd="/")


def _children(main: int) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "stat").read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        # pid (name) state parent …; a name may hold blanks and parentheses.
        if int(told.rpartition(")")[2].split()[1]) == main:
            yield int(process.name)
