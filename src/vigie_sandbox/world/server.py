"""The services under one port: a plain ASGI application, and a server of it for commands and tests."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import parse_qsl

from vigie.domain.errors import UsageError
from vigie_sandbox.asgi import (
    Receive,
    Scope,
    Send,
    handle_lifespan,
    is_from_browser,
    listen_on,
    make_server,
    read_body,
    run_until_first_ends,
    send_response,
    wait_for_disconnect,
)
from vigie_sandbox.world.control import WorldControl
from vigie_sandbox.world.faults import ServiceFault
from vigie_sandbox.world.imap.server import serve_imap
from vigie_sandbox.world.newsroom.newsroom import Newsroom
from vigie_sandbox.world.services import make_services, open_stream
from vigie_sandbox.world.smtp_server import serve_smtp
from vigie_sandbox.world.wire import Reply, ServiceRefusal, ServiceRequest, WorldStreamSession
from vigie_sandbox.world.world import World

# Seconds between two looks for news on a stream.
POLL_S: Final = 0.5
# The knobs of the world are for programs on this machine, not for whatever site its browser is on.
_NO_BROWSERS: Final = Reply({"error": "pages of browsers do not turn the world's knobs"}, 403)
_UNAVAILABLE_PAGE: Final = Reply(
    "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>", 503, "text/html"
)
_CHALLENGE_PAGE: Final = (
    "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
)


class WorldApp:
    """The world as an ASGI application: ``/<service>/...``, ``/clock``, ``/scenes`` and ``/faults``.

    Parameters
    ----------
    world : World
        What is shown.
    poll_s : float
        Seconds between two looks for news on a stream.

    Attributes
    ----------
    archive : Archive
        Of its newsroom, from which letters are made, too.
    """

    def __init__(self, world: World, *, poll_s: float = POLL_S) -> None:
        self.world = world
        self._poll_s = poll_s
        newsroom = Newsroom(world)
        self.archive = newsroom.archive
        self._services = make_services(world, newsroom)
        self._control = WorldControl(world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, stream, or life of a server."""
        if scope["type"] == "lifespan":
            await handle_lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._handle_stream(scope, receive, send)
        else:
            await self._handle_request(scope, receive, send)

    async def _handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, body = scope["path"], await read_body(receive)
        name, _, service_path = path.lstrip("/").partition("/")
        if name not in self._services:
            reply = (
                _NO_BROWSERS if is_from_browser(scope) else self._control_reply(scope["method"], path, body)
            )
            await _send_reply(send, reply, self.world.now_ms())
            return
        now = self.world.now_ms()
        service_ms = now + self.world.faults.skew_ms(name)
        fault = self.world.faults.take_request_fault(name, "/" + service_path)
        if self.world.schedule.is_venue_out(name, now):
            await _send_reply(send, _UNAVAILABLE_PAGE, service_ms)
        elif fault is None:
            await _send_reply(
                send, self._service_reply(name, "/" + service_path, scope, body, now, service_ms), service_ms
            )
        else:
            await self._send_fault(
                fault,
                lambda: self._service_reply(name, "/" + service_path, scope, body, now, service_ms),
                receive,
                send,
                service_ms,
            )

    def _service_reply(
        self, name: str, path: str, scope: Scope, body: bytes, now: int, service_ms: int
    ) -> Reply:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            parsed = json.loads(body) if body else None
            headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
            return self._services[name].answer(ServiceRequest(path, query, now, service_ms, parsed, headers))
        except ServiceRefusal as refusal:
            return Reply(refusal.body, refusal.status)
        except ValueError:
            return Reply({"error": "the body is not JSON"}, 400)

    def _control_reply(self, method: str, path: str, body: bytes) -> Reply:
        try:
            return self._control.answer(method, path, json.loads(body) if body else {})
        except UsageError as fault:
            return Reply({"error": str(fault)}, 400)
        except ValueError:
            return Reply({"error": "the body must be a JSON object"}, 400)

    async def _send_fault(
        self,
        fault: ServiceFault,
        make_reply: Callable[[], Reply],
        receive: Receive,
        send: Send,
        service_ms: int,
    ) -> None:
        if fault.kind == "429":
            wait = {"Retry-After": str(fault.retry_after)}
            await _send_reply(
                send, Reply({"error": "Too Many Requests", "code": "429"}, 429, headers=wait), service_ms
            )
        elif fault.kind == "5xx":
            await _send_reply(send, Reply(_UNAVAILABLE_PAGE.body, fault.status, "text/html"), service_ms)
        elif fault.kind == "timeout":
            with suppress(TimeoutError):
                await asyncio.wait_for(wait_for_disconnect(receive), fault.seconds)
            await _send_reply(send, Reply("", 504, "text/plain"), service_ms)
        elif fault.kind == "half-body":
            await _send_reply(send, make_reply(), service_ms, is_half=True)
        else:
            await _send_reply(send, Reply(_CHALLENGE_PAGE), service_ms)

    async def _handle_stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        name, _, rest = scope["path"].lstrip("/").partition("/")
        await receive()
        session = open_stream(self.world, name, "/" + rest, scope["query_string"].decode("latin-1"))
        if session is None or self.world.schedule.is_venue_out(name, self.world.now_ms()):
            await send({"type": "websocket.close", "code": 1013})
            return
        await send({"type": "websocket.accept"})
        await run_until_first_ends(
            self._read_messages(name, session, receive, send), self._push_updates(name, session, send)
        )

    async def _read_messages(
        self, name: str, session: WorldStreamSession, receive: Receive, send: Send
    ) -> None:
        """Answer what the client says until it leaves."""
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return
            text = event.get("text") or (event.get("bytes") or b"").decode("utf-8", "replace")
            for reply in session.receive(text, self.world.now_ms()):
                await send({"type": "websocket.send", "text": reply})

    async def _push_updates(self, name: str, session: WorldStreamSession, send: Send) -> None:
        """Send the news, beat by beat, until the stream is cut."""
        while True:
            await asyncio.sleep(self._poll_s)
            now = self.world.now_ms()
            if self.world.faults.take_stream_cut(name) or self.world.schedule.is_venue_out(name, now):
                await send({"type": "websocket.close", "code": 1001})
                return
            updates = session.push_to_client(now)
            if not self.world.faults.is_silent(name):
                for message in updates:
                    await send({"type": "websocket.send", "text": message})


async def _send_reply(send: Send, reply: Reply, date_ms: int, *, is_half: bool = False) -> None:
    """Send a reply; half of it breaks off in the middle of the body."""
    await send_response(
        send,
        reply.body,
        date_ms,
        status=reply.status,
        media=reply.media,
        headers=reply.headers,
        is_half=is_half,
    )


@contextmanager
def serving(world: World, *, poll_s: float = 0.01, port: int = 0) -> Iterator[str]:
    """Serve a world from a thread and give its address, ``http://127.0.0.1:40123``; its mail servers run beside it.

    Parameters
    ----------
    world : World
        Driven by its own hand; it is served until the block ends.
    poll_s : float
        Seconds between two looks for news on a stream.
    port : int
        0 takes a free one.
    """
    import threading

    app = WorldApp(world, poll_s=poll_s)
    server = make_server(app)
    is_open = threading.Event()

    async def serve_all(listener: socket.socket) -> None:
        async with serve_smtp(world), serve_imap(app.archive):
            is_open.set()
            await server.serve(sockets=[listener])

    with listen_on(port) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(serve_all(listener)), daemon=True)
        thread.start()
        is_open.wait(timeout=10)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)
