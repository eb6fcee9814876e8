"""Serving on a port: uvicorn on uvloop and httptools, one process, until a signal ends it.

The imports below are the check that both are there: a server never falls back to a slower loop or
parser. At SIGINT or SIGTERM no new connection is taken, requests in work are finished and
recorded, and only then ledger and database close. A second Ctrl-C does not wait.
"""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import uvicorn
import uvloop

from schema.errors import Language
from schema.reasons import Reason
from server.application import Application
from server.clock import Clock, SystemClock
from server.listening import listen
from server.log import Log, ServerLog
from server.protocol import LimitedHttpProtocol
from server.running import running
from server.settings import Settings
from server.version import own_version

SHUTDOWN_SECONDS: Final = 30
"""How long requests in work may take after a signal; an operation has a shorter limit itself."""

Listening = Callable[[str], None]
"""Told the service's address once it answers."""


def serve(settings: Settings, *, listening: Listening, clock: Clock | None = None) -> None:
    """Serve until a signal; returns when everything is closed.

    Raises:
        AddressTakenError: Somebody else listens on that port.
        SettingsError, DatabaseError, RootKeyError, BranchKeyError, LintError, KeySourceError: As
            `running` says.
    """
    clock = clock or SystemClock()
    log = Log(clock)
    _take_library_logs(log)
    # Before anything is opened: a taken port must not cost a migration.
    with listen(settings) as listener, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listener, clock=clock, log=log, listening=listening))


class _Server(uvicorn.Server):
    """uvicorn's server, whose signals this module handles: it must close after it, in order."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take no signal."""
        yield


async def _serve(
    settings: Settings, listener: socket.socket, *, clock: Clock, log: Log, listening: Listening
) -> None:
    async with running(settings, clock=clock, log=log) as service:
        server = http_server(
            service.application, proxies=settings.proxies, log=log, language=settings.language
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.handle_exit, number, None)
        host, port = listener.getsockname()[:2]
        log.event(
            "listening",
            host=host,
            port=port,
            mode=settings.mode.value,
            revision=service.revision,
            rules=service.rules,
            version=own_version(),
        )
        # What start made stays for good: no collection needs to walk it again and again.
        gc.collect()
        gc.freeze()
        listening(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        await server.serve(sockets=[listener])
        log.event("finished requests")
    log.event("closed")


def http_server(
    application: Application,
    *,
    proxies: str | None = None,
    log: Log | None = None,
    language: Language = "zh-CN",
) -> uvicorn.Server:
    """Uvicorn around the application, deaf to signals.

    Only `proxies` may name another address than their own: the address goes into the audit log and
    counts refused tokens, so nobody else chooses it. What never reaches the application is told to
    `log`, and its error speaks `language`.
    """
    return _Server(
        uvicorn.Config(
            application,
            http=_protocol(log, language),
            ws="none",
            lifespan="off",
            # No word of uvicorn's own access log: it would write whole addresses.
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=proxies is not None,
            forwarded_allow_ips=proxies or "",
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
    )


def _protocol(log: Log | None, spoken: Language) -> type[LimitedHttpProtocol]:
    """The protocol of one server: uvicorn makes one of this class for each connection."""

    def tell(request_id: str, reason: Reason) -> None:
        if log is not None:
            code = reason.code
            log.event("request", request=request_id, status=code.status, code=code.name)

    class Protocol(LimitedHttpProtocol):
        """With this server's log and language."""

        language = spoken
        refused = staticmethod(tell)

    return Protocol


def _take_library_logs(log: Log) -> None:
    """Route what libraries log through ours, which keeps no message of theirs."""
    root = logging.getLogger()
    root.handlers[:] = [ServerLog(log)]
    root.setLevel(logging.WARNING)
