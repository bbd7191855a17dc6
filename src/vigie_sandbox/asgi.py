"""What every server of the sandbox does with its wire: read a body, say an answer, end a stream, serve."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from email.utils import formatdate
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from vigie.domain.errors import UsageError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_MAX_BODY: Final = 1 << 20
_MISDIRECTED: Final = b"the sandbox answers under the names of this machine only: 127.0.0.1, localhost, [::1]"


async def handle_lifespan(receive: Receive, send: Send) -> None:
    """Answer the life of a server, from its start to its end."""
    while True:
        event = await receive()
        await send({"type": event["type"] + ".complete"})
        if event["type"] == "lifespan.shutdown":
            return


async def read_body(receive: Receive) -> bytes:
    """Return what a request carries, cut where it is absurdly long."""
    body = b""
    while len(body) <= _MAX_BODY:
        event = await receive()
        if event["type"] == "http.disconnect":
            break
        body += event.get("body", b"")
        if not event.get("more_body", False):
            break
    return body


async def wait_for_disconnect(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def run_until_first_ends(
    *coroutines: Coroutine[Any, Any, None], on_end: Callable[[], None] = lambda: None
) -> None:
    """Let the sides of a stream go on until one of them ends; what any of them failed with is raised.

    Parameters
    ----------
    on_end : callable
        Called before the other sides are stopped.
    """
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        on_end()
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def send_response(
    send: Send,
    body: object,
    date_ms: int,
    *,
    status: int = 200,
    media: str = "application/json",
    headers: Mapping[str, str] | None = None,
    is_half: bool = False,
) -> None:
    """Send an answer, as JSON or, where it is text, as it is; half of it breaks off in the middle."""
    encoded = (body if isinstance(body, str) else json.dumps(body)).encode()
    header_fields = {
        "Content-Type": media,
        "Content-Length": str(len(encoded)),
        "Date": formatdate(date_ms / 1_000, usegmt=True),
        **(headers or {}),
    }
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in header_fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    sent = encoded[: len(encoded) // 2] if is_half else encoded
    await send({"type": "http.response.body", "body": sent, "more_body": is_half})


def is_from_browser(scope: Scope) -> bool:
    """Whether a browser's page asks: the knobs of the sandbox are for programs on this machine."""
    return any(name in (b"origin", b"sec-fetch-site") for name, _ in scope["headers"])


def restrict_to_loopback(app: Application) -> Application:
    """Return an application that answers under the names of this machine alone.

    A page from elsewhere that gives its own name the address of this machine says that name as host; one that opens a
    stream says where it comes from.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_loopback_request(scope):
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            pairs = [(b"content-type", b"text/plain"), (b"content-length", str(len(_MISDIRECTED)).encode())]
            await send({"type": "http.response.start", "status": 421, "headers": pairs})
            await send({"type": "http.response.body", "body": _MISDIRECTED})

    return guarded


def _is_loopback_request(scope: Scope) -> bool:
    hosts = [b"//" + value for name, value in scope["headers"] if name == b"host"]
    origins = [value for name, value in scope["headers"] if name == b"origin"]
    return len(hosts) == 1 and all(map(_is_local, hosts + (origins if scope["type"] == "websocket" else [])))


def _is_local(address: bytes) -> bool:
    try:
        host = urlsplit(address.decode("latin-1")).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def listen_on(port: int) -> socket.socket:
    """Return a socket that listens on loopback; port 0 takes a free one.

    Raises
    ------
    UsageError
        If the port is taken.
    """
    # Named as TCP: only then does asyncio switch off the delay that holds a body back 40 ms behind its head.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError as fault:
        listener.close()
        raise UsageError(
            f"port must be free, was {port} ({fault.strerror}); name another one, or 0 for a free one"
        ) from None
    return listener


def make_server(app: Application) -> Any:
    """Return a uvicorn server of an application, under names of this machine; the caller brings the sockets."""
    import uvicorn  # third party, only needed to serve

    config = uvicorn.Config(
        restrict_to_loopback(app),
        http="h11",
        ws="websockets-sansio",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        date_header=False,
        server_header=False,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
