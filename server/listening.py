"""The address to serve on, taken before anything else: a taken port must not cost a migration."""

import errno
import socket
from typing import Final

from server.settings import Settings

_BACKLOG: Final = 1024


class AddressTakenError(RuntimeError):
    """The address can't be listened on; `hint` says the next step."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def listen(settings: Settings) -> socket.socket:
    """Listen on the address of the settings.

    Raises:
        AddressTakenError: It is taken, or can't be used.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError:
        raise AddressTakenError(
            "the host to listen on is unknown", hint="correct JUZHU_HOST, or unset it"
        ) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise _refused(error, settings.port) from None
    return listener


def _refused(error: OSError, port: int) -> AddressTakenError:
    if error.errno == errno.EADDRINUSE:
        return AddressTakenError(
            f"port {port} is taken",
            hint=(
                "stop what listens there, or choose another: `juzhu serve --port 8001`, or "
                "`make run PORT=8001` for the demonstration"
            ),
        )
    if error.errno == errno.EACCES:
        return AddressTakenError(
            f"port {port} needs more rights",
            hint="choose a port above 1023 and let a reverse proxy hold the other",
        )
    return AddressTakenError(
        f"port {port} can't be listened on", hint="correct JUZHU_HOST and JUZHU_PORT"
    )
