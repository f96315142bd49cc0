"""Who may ask: a loopback Host, the token in the address, reading only; and what every answer says to the browser."""

from __future__ import annotations

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
"""What a token may be; random ones have 256 bits."""

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?")
# Any port: one that was forwarded (ssh -L) has another number on this side. A page elsewhere that had its name
# resolved to 127.0.0.1 (DNS rebinding) still sends its own name.

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # the address holds the token
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer, errors included."""


def new_token() -> str:
    """A random token for addresses."""
    return secrets.token_urlsafe(32)


class Guard:
    """Lets through GET and HEAD of `/<token>/...` from this machine, as `/...`; answers all others itself."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._prefix = f"/{token}/".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send_guarded)
            return
        path = scope["path"][len(self._prefix) - 1 :]
        await self._app({**scope, "path": path, "raw_path": path.encode()}, receive, send_guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if not _LOOPBACK.fullmatch(headers.get("host", "")):
            return PlainTextResponse("This server answers to 127.0.0.1 and localhost alone.\n", 403)
        if origin is not None and not _LOOPBACK.fullmatch(origin.removeprefix("http://")):
            return PlainTextResponse("Not for other origins.\n", 403)
        # The path as bytes, in constant time: how long a refusal takes says nothing of the token.
        given = scope["path"].encode("utf-8", "surrogateescape")[: len(self._prefix)]
        if not secrets.compare_digest(given, self._prefix):
            return PlainTextResponse("Not found.\n", 404)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("This server only reads.\n", 405, {"Allow": "GET, HEAD"})
        return None
