"""Importing in a process that gets a signal at the n-th commit of its database.

Counted in commits, not in seconds, so that a faster machine is hit in the middle too. `after` moves
the blow by so many seconds: 0 hits before the commit is made, more hits behind it or in the next.
"""

import os
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL, Signals
from typing import Final

from tests.cli.imports import Place

_ROOT: Final = Path(__file__).resolve().parents[2]
_PROGRAM: Final = """
import os, sys, threading
from sqlalchemy import event
from sqlalchemy.engine import Engine
from resolvers.intake import importing
importing.BATCH = 10
from cli.import_ import import_
after, number, commits = float(sys.argv.pop()), int(sys.argv.pop()), int(sys.argv.pop())
def strike():
    os.kill(os.getpid(), number)
@event.listens_for(Engine, "commit")
def count(connection):
    global commits
    commits -= 1
    if commits == 0 and after:
        threading.Timer(after, strike).start()
    elif commits == 0:
        strike()
import_()
"""


def import_struck(
    place: Place,
    *arguments: object,
    commits: int,
    after: float = 0.0,
    signal: Signals = SIGKILL,
) -> subprocess.CompletedProcess[str]:
    """`juzhu import` with these arguments in ten rows a step, struck at its n-th commit."""
    words = [*arguments, commits, int(signal), after]
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM, *map(str, words)],
        cwd=_ROOT,
        env={**os.environ, **place.environment},
        capture_output=True,
        check=False,
        text=True,
    )
