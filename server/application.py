"""The ASGI application: `/graphql` first and without a router, everything else through one.

Matching one path by hand saves more than the rest of the HTTP layer costs. This module never
opens anything: it is handed what answers.
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

GRAPHQL_PATH: Final = "/graphql"


class Application:
    """Hands a request to what answers its address."""

    __slots__ = ("_graphql", "_pages")

    def __init__(self, *, graphql: ASGIApp, pages: ASGIApp) -> None:
        self._graphql = graphql
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; nothing else is spoken here."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["path"] == GRAPHQL_PATH:
            await self._graphql(scope, receive, send)
        else:
            await self._pages(scope, receive, send)
