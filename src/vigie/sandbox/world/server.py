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
from vigie.sandbox.asgi import (
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
from vigie.sandbox.world.control import Control
from vigie.sandbox.world.faults import Fault
from vigie.sandbox.world.letters.porter import giving_letters
from vigie.sandbox.world.newsroom.newsroom import Newsroom
from vigie.sandbox.world.postman import taking_mail
from vigie.sandbox.world.services import talk_for, the_services
from vigie.sandbox.world.wire import Ask, Conversation, Refusal, Reply
from vigie.sandbox.world.world import World

# Seconds between two looks for news on a stream.
BEAT: Final = 0.5
# The knobs of the world are for programs on this machine, not for whatever site its browser is on.
_NO_PAGES: Final = Reply({"error": "pages of browsers do not turn the world's knobs"}, 403)
_OUT: Final = Reply(
    "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>", 503, "text/html"
)
_WRONG: Final = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


class WorldApp:
    """The world as an ASGI application: ``/<service>/...``, ``/clock``, ``/scenes`` and ``/faults``.

    Parameters
    ----------
    world : World
        What is shown.
    beat : float
        Seconds between two looks for news on a stream.

    Attributes
    ----------
    archive : Archive
        Of its newsroom, from which letters are made, too.
    """

    def __init__(self, world: World, *, beat: float = BEAT) -> None:
        self.world = world
        self._beat = beat
        newsroom = Newsroom(world)
        self.archive = newsroom.archive
        self._services = the_services(world, newsroom)
        self._control = Control(world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, stream, or life of a server."""
        if scope["type"] == "lifespan":
            await handle_lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._stream(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, body = scope["path"], await read_body(receive)
        name, _, rest = path.lstrip("/").partition("/")
        if name not in self._services:
            reply = _NO_PAGES if is_from_browser(scope) else self._controlled(scope["method"], path, body)
            await _say(send, reply, self.world.now_ms())
            return
        now = self.world.now_ms()
        told = now + self.world.faults.skew_ms(name)
        fault = self.world.faults.meet(name, "/" + rest)
        if self.world.playbill.venue_out(name, now):
            await _say(send, _OUT, told)
        elif fault is None:
            await _say(send, self._truth(name, "/" + rest, scope, body, now, told), told)
        else:
            await self._wrong(
                fault, lambda: self._truth(name, "/" + rest, scope, body, now, told), receive, send, told
            )

    def _truth(self, name: str, path: str, scope: Scope, body: bytes, now: int, told: int) -> Reply:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            parsed = json.loads(body) if body else None
            headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
            return self._services[name].answer(Ask(path, query, now, told, parsed, headers))
        except Refusal as no:
            return Reply(no.body, no.status)
        except ValueError:
            return Reply({"error": "the body is not JSON"}, 400)

    def _controlled(self, method: str, path: str, body: bytes) -> Reply:
        try:
            return self._control.answer(method, path, json.loads(body) if body else {})
        except UsageError as fault:
            return Reply({"error": str(fault)}, 400)
        except ValueError:
            return Reply({"error": "the body must be a JSON object"}, 400)

    async def _wrong(
        self, fault: Fault, truth: Callable[[], Reply], receive: Receive, send: Send, told: int
    ) -> None:
        if fault.kind == "429":
            wait = {"Retry-After": str(fault.retry_after)}
            await _say(send, Reply({"error": "Too Many Requests", "code": "429"}, 429, headers=wait), told)
        elif fault.kind == "5xx":
            await _say(send, Reply(_OUT.body, fault.status, "text/html"), told)
        elif fault.kind == "timeout":
            with suppress(TimeoutError):
                await asyncio.wait_for(wait_for_disconnect(receive), fault.seconds)
            await _say(send, Reply("", 504, "text/plain"), told)
        elif fault.kind == "half-body":
            await _say(send, truth(), told, half=True)
        else:
            await _say(send, Reply(_WRONG), told)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        name, _, rest = scope["path"].lstrip("/").partition("/")
        await receive()
        talk = talk_for(self.world, name, "/" + rest, scope["query_string"].decode("latin-1"))
        if talk is None or self.world.playbill.venue_out(name, self.world.now_ms()):
            await send({"type": "websocket.close", "code": 1013})
            return
        await send({"type": "websocket.accept"})
        await run_until_first_ends(self._listen(name, talk, receive, send), self._report(name, talk, send))

    async def _listen(self, name: str, talk: Conversation, receive: Receive, send: Send) -> None:
        """Answer what the client says until it leaves."""
        while True:
            heard = await receive()
            if heard["type"] == "websocket.disconnect":
                return
            text = heard.get("text") or (heard.get("bytes") or b"").decode("utf-8", "replace")
            for reply in talk.receive(text, self.world.now_ms()):
                await send({"type": "websocket.send", "text": reply})

    async def _report(self, name: str, talk: Conversation, send: Send) -> None:
        """Send the news, beat by beat, until the stream is cut."""
        while True:
            await asyncio.sleep(self._beat)
            now = self.world.now_ms()
            if self.world.faults.cut(name) or self.world.playbill.venue_out(name, now):
                await send({"type": "websocket.close", "code": 1001})
                return
            news = talk.push_to_client(now)
            if not self.world.faults.silent(name):
                for message in news:
                    await send({"type": "websocket.send", "text": message})


async def _say(send: Send, reply: Reply, told_ms: int, *, half: bool = False) -> None:
    """Send a reply; half of it breaks off in the middle of the body."""
    await send_response(
        send,
        reply.body,
        told_ms,
        status=reply.status,
        media=reply.media,
        headers=reply.headers,
        is_half=half,
    )


@contextmanager
def serving(world: World, *, beat: float = 0.01, port: int = 0) -> Iterator[str]:
    """Serve a world from a thread and give its address, ``http://127.0.0.1:40123``; its mail servers run beside it.

    Parameters
    ----------
    world : World
        Driven by its own hand; it is served until the block ends.
    beat : float
        Seconds between two looks for news on a stream.
    port : int
        0 takes a free one.
    """
    import threading

    app = WorldApp(world, beat=beat)
    server = make_server(app)
    is_open = threading.Event()

    async def both(listening: socket.socket) -> None:
        async with taking_mail(world), giving_letters(app.archive):
            is_open.set()
            await server.serve(sockets=[listening])

    with listen_on(port) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(both(listening)), daemon=True)
        thread.start()
        is_open.wait(timeout=10)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)
