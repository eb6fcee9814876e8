"""The serving process: each candidate on a port of its own, until standard input closes.

`python -m benchmarks.serving HOME [URL]` prints one JSON line: candidate → port. Beside `/graphql`
each port answers any other path with this process's CPU seconds, so that whoever asks can tell
what a round of requests cost. What follows an answer later is done before: each candidate pays for
its own. Nothing is measured here.
"""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

import orjson
import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.city import settings_of
from benchmarks.house import CANDIDATES, house
from server.application import Application
from server.listening import listen
from server.serving import http_server
from server.settings import Settings


def cpu_page(settle: Callable[[], Awaitable[None]]) -> ASGIApp:
    """A page that answers with the CPU seconds of all threads of this process, once settled."""

    async def tell_cpu(_scope: Scope, _receive: Receive, send: Send) -> None:
        await settle()
        body = orjson.dumps(time.process_time())
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return tell_cpu


async def serve(settings: Settings) -> None:
    """Serve all candidates until standard input closes."""
    # Log lines are made and written as in service, to where they cost the least.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    async with house(settings, write_log=lambda line: os.write(nowhere, line)) as opened:
        ports: dict[str, int] = {}
        servers: list[uvicorn.Server] = []
        serving: list[asyncio.Task[None]] = []
        for candidate in CANDIDATES:
            listener = listen(replace(settings, port=0))
            ports[candidate] = listener.getsockname()[1]
            # The server takes any ASGI application; production hands it one kind only.
            application = cast(
                "Application", opened.application(candidate, cpu_page(opened.settle))
            )
            server = http_server(application)
            servers.append(server)
            serving.append(asyncio.create_task(server.serve(sockets=[listener])))
        # As `juzhu serve` does: what start made stays, and no collection walks it.
        gc.collect()
        gc.freeze()
        # The sockets listen already: a connection that comes early waits for its server.
        print(orjson.dumps(ports).decode(), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*serving)
    os.close(nowhere)


def main() -> None:
    """Read the command line and serve."""
    home, *url = sys.argv[1:]
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings_of(Path(home), *url)))


if __name__ == "__main__":
    main()
