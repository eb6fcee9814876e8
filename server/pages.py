"""Everything that is not `/graphql`: a page for people, and two answers for whoever watches.

The page works without internet and without scripts, under a Content-Security-Policy that allows
its own style sheet and nothing else. Neither it nor the health answers say anything about a person
or repeat anything that was sent, save a host name of harmless characters.
"""

import re
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from string import Template
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.exchange import REQUEST_ID

_CONSOLE: Final = Path(__file__).parent / "console"
_HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_PAGE_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

Health = Callable[[], dict[str, bool]]
"""What is needed to answer, each with whether it is there."""


def pages(*, health: Health, version: str) -> ASGIApp:
    """The router for every address but `/graphql`."""
    page = Template((_CONSOLE / "index.html").read_text(encoding="utf-8"))
    style = (_CONSOLE / "console.css").read_text(encoding="utf-8")

    async def index(request: Request) -> Response:
        host = request.headers.get("host", "")
        address = f"{request.url.scheme}://{host}/graphql" if _HOST.fullmatch(host) else "/graphql"
        text = page.substitute(address=address, version=version)
        return Response(text, media_type="text/html", headers=_PAGE_HEADERS)

    async def console_style(_request: Request) -> Response:
        return Response(style, media_type="text/css", headers=_PAGE_HEADERS)

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"}, headers={"cache-control": "no-store"})

    async def ready(_request: Request) -> Response:
        checks = health()
        whole = all(checks.values())
        return JSONResponse(
            {"status": "ready" if whole else "not ready", "checks": checks},
            status_code=200 if whole else 503,
            headers={"cache-control": "no-store"} | ({} if whole else {"retry-after": "5"}),
        )

    router = Router(
        [
            Route("/", index),
            Route("/console/console.css", console_style),
            Route("/health/live", live),
            Route("/health/ready", ready),
        ],
        redirect_slashes=False,
    )
    return _with_request_id(router)


def _with_request_id(app: ASGIApp) -> ASGIApp:
    """Every answer names its request."""

    async def named(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (REQUEST_ID, token_hex(8).encode())]
                message = {**message, "headers": headers}
            await send(message)

        await app(scope, receive, send_named)

    return named
