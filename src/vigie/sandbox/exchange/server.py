"""The simulated venue and its control on two ports of loopback, in one process and one event loop."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qsl

from vigie.domain.errors import StorageError, UsageError
from vigie.sandbox.asgi import Receive, Scope, Send, body_of, converse, gone, is_page, live, say
from vigie.sandbox.exchange.control import Control
from vigie.sandbox.exchange.on_demand import Fault
from vigie.sandbox.exchange.session import END, Session
from vigie.sandbox.exchange.wire import Question, Venue
from vigie.sandbox.world.wire import Reply

# Seconds between two looks at what the market did.
BEAT: Final = 0.1
_OUT: Final = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
_BAD_GATEWAY: Final = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"
_CHECKING: Final = (
    "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
)
_NO_PAGES: Final = Reply({"error": "pages of browsers do not turn the exchange's knobs"}, 403)
_FLUSH_S: Final = 5.0
# No venue has it: whoever trades here without the control's address learns the market's time and speed.
_CLOCK: Final = "/clock"
_NOTHING: Final = ("html", "empty-body", "cut-json")


class ExchangeApp:
    """The venue and its control as one ASGI application, told apart by the port.

    Parameters
    ----------
    venue : Venue
        Answers REST and streams.
    control : Control
        Answers on `control_port`.
    """

    def __init__(self, venue: Venue[Any], control: Control, control_port: int) -> None:
        self._venue = venue
        self._control = control
        self._control_port = control_port
        self._broken: StorageError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or stream."""
        if scope["type"] == "lifespan":
            await live(receive, send)
        elif scope["type"] == "websocket":
            await self._stream(scope, receive, send)
        elif scope["server"][1] == self._control_port:
            await self._controlled(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def keep_going(self, beat: float = BEAT) -> None:
        """Let the market go on and its news be told, until cancelled.

        Raises
        ------
        StorageError
            As soon as a change could not be remembered: the venue must end.
        """
        while self._broken is None:
            await asyncio.sleep(beat)
            self._venue.tick()
        raise self._broken

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == _CLOCK:
            await self._say(send, Reply(self._control.answer("GET", "/control/clock", {})))
            return
        asked = await _question(scope, receive)
        desk, is_private = self._venue.desk, self._venue.is_private(asked)
        method, path = self._venue.named(asked)
        before = desk.faults.before(method, path, desk.wall(), is_private=is_private)
        lag_s = desk.faults.lag_s(method, path)
        if before is not None:
            await _hold(receive, lag_s)
            await self._denied(before, asked, receive, send)
            return
        try:
            reply = self._venue.answer(asked)
        except StorageError as fault:
            # The books are ahead of the file: whoever asked must not hear of it, nor anybody else.
            self._broken = fault
            _abort(send)
            return
        after = desk.faults.after(method, path)
        await _hold(receive, lag_s)
        if after is None:
            await self._say(send, reply)
        else:
            await self._spoilt(after, reply, receive, send)

    async def _denied(self, fault: Fault, asked: Question, receive: Receive, send: Send) -> None:
        """Answer a request that is not taken."""
        if fault.kind == "lost":
            await _hold(receive, fault.seconds)
            _abort(send)
        elif fault.kind == "reset-before":
            _abort(send)
        elif fault.kind == "unavailable":
            await self._say(send, Reply(_OUT, 503, "text/html"))
        else:
            await self._say(send, self._venue.denied(fault, asked))

    async def _spoilt(self, fault: Fault, reply: Reply, receive: Receive, send: Send) -> None:
        """Answer a request that was taken, wrongly."""
        if fault.kind == "lost-answer":
            await _hold(receive, fault.seconds)
            _abort(send)
        elif fault.kind == "late-answer":
            await _hold(receive, fault.seconds)
            await self._say(send, reply)
        elif fault.kind == "reset":
            _abort(send)
        elif fault.kind == "server-error":
            await self._say(send, Reply(_BAD_GATEWAY, fault.status, "text/html"))
        elif fault.kind == "half-body":
            await self._say(send, reply, half=True)
        elif fault.kind in _NOTHING:
            await self._say(send, _garbage(fault.kind, reply))
        else:
            await self._say(send, self._venue.spoilt(fault, reply))

    async def _say(self, send: Send, reply: Reply, *, half: bool = False) -> None:
        await say(
            send,
            reply.body,
            self._venue.desk.told_ms(),
            status=reply.status,
            media=reply.media,
            headers=reply.headers,
            half=half,
        )

    async def _controlled(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await body_of(receive)
        if is_page(scope):
            await self._say(send, _NO_PAGES)
            return
        try:
            parsed = json.loads(body) if body else {}
            told: object = self._control.answer(scope["method"], scope["path"], parsed)
            status = 200
        except UsageError as wrong:
            told, status = {"error": str(wrong)}, 400
        except (ValueError, RecursionError):
            told, status = {"error": "the body must be a JSON object"}, 400
        self._venue.publish()
        # What happened is on the streams before it is told here.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._venue.flushed(), _FLUSH_S)
        await self._say(send, Reply(told, status))

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        session = self._venue.enter(scope["path"], _query(scope["query_string"].decode("latin-1")))
        if session is None:
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        await converse(
            self._listen(session, receive), _write(session, send), leave=lambda: self._venue.leave(session)
        )

    async def _listen(self, session: Session[Any], receive: Receive) -> None:
        loop = asyncio.get_running_loop()
        while True:
            heard = await receive()
            if heard["type"] == "websocket.disconnect":
                return
            text = heard.get("text") or (heard.get("bytes") or b"").decode("utf-8", "replace")
            session.hear(text, loop.time())


async def _write(session: Session[Any], send: Send) -> None:
    while True:
        text = await session.outbox.get()
        try:
            if text == END:
                await send({"type": "websocket.close", "code": 1001})
                return
            await send({"type": "websocket.send", "text": text})
        finally:
            session.outbox.task_done()


async def _question(scope: Scope, receive: Receive) -> Question:
    raw = scope["query_string"].decode("latin-1")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = _query(raw)
    client = (scope.get("client") or ("?", 0))[0]
    return Question(scope["method"], scope["path"], raw, query, await body_of(receive), headers, client)


def _query(raw: str) -> dict[str, str]:
    return dict(parse_qsl(raw, keep_blank_values=True))


def _garbage(kind: str, reply: Reply) -> Reply:
    """Return an answer under HTTP 200 that says nothing."""
    if kind == "html":
        return Reply(_CHECKING, media="text/html")
    if kind == "empty-body":
        return Reply("")
    whole = json.dumps(reply.body)
    return Reply(whole[: len(whole) // 2])


async def _hold(receive: Receive, seconds: float) -> None:
    if not seconds:
        return
    with suppress(TimeoutError):
        await asyncio.wait_for(gone(receive), seconds)


def _abort(send: Send) -> None:
    """Reset the connection: the server's own object behind `send` holds the transport."""
    transport = send.__self__.transport  # type: ignore[attr-defined]  # the server hands over a method of its own
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # Closing without lingering sends a reset instead of a good-bye.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
