"""What every request passes before a page is looked for: known host, bounded body, and headers on the way out.

Pure ASGI, so that streams are not held back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigie.views.web.request_origin import is_forwarded

MAX_BODY: Final = 1_048_576
BODY_SECONDS: Final = 20.0
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")

CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types default",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
# The word in the address is the key: no search engine keeps it, no page that is opened from there is told it, and what
# an ended link shows is not kept either.
SHARED: Final = "/portfolio/shared/"
SHARED_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
UNNAMED_PROXY: Final = (
    "a proxy passes requests on and was not named: everybody behind it counts as one address, so the wrong passwords "
    "of one make all wait; set VIGIE_PROXY to its address, 127.0.0.1 where it runs on this machine"
)


class SecurityMiddleware:
    """Refuses unknown hosts and oversized or endless bodies; adds the security headers.

    Parameters
    ----------
    hosts : iterable of str
        Names the server answers to, without ports; also on loopback, against DNS rebinding.
    is_secure : bool
        Whether people reach it by HTTPS.
    warn : callable, optional
        Tells the operator, once, that a proxy passes requests on that was not named; None where one was.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str] = (),
        *,
        is_secure: bool = False,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._app = app
        self._warn = warn
        self._hosts = {host.lower() for host in (*LOOPBACK, *hosts)}
        self._is_secure = is_secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if self._warn is not None and is_forwarded(headers):
            self._warn(UNNAMED_PROXY)
            self._warn = None

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                if scope.get("path", "").startswith(SHARED):
                    out.update(SHARED_HEADERS)
                for name, value in HEADERS.items():
                    out.setdefault(name, value)
                if self._is_secure:
                    out.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        refusal = self._refusal(headers)
        if refusal is not None:
            await refusal(scope, receive, guarded)
            return
        await self._app(scope, _limit_body(receive), guarded)

    def _refusal(self, headers: Headers) -> PlainTextResponse | None:
        name, _, port = headers.get("host", "").lower().rpartition(":")
        host = name if name and port.isdigit() else headers.get("host", "").lower()
        if host not in self._hosts:
            return PlainTextResponse("This server does not answer to that host name.\n", 421)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return PlainTextResponse(f"The body may hold at most {MAX_BODY} bytes.\n", 413)
        return None


def _limit_body(receive: Receive) -> Receive:
    """Return a `receive` that ends a body that is too long or too slow."""
    received = 0
    is_complete = False
    # Of the whole body: one byte every now and then must not hold it open.
    deadline = asyncio.get_running_loop().time() + BODY_SECONDS

    async def bounded() -> Message:
        nonlocal received, is_complete
        if is_complete:
            return await receive()
        try:
            seconds_left = max(0.0, deadline - asyncio.get_running_loop().time())
            message: dict[str, Any] = dict(await asyncio.wait_for(receive(), seconds_left))
        except TimeoutError:
            return {"type": "http.disconnect"}
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if received > MAX_BODY:
                return {"type": "http.disconnect"}
        return message

    return bounded
