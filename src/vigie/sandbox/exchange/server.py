"""The simulated venue and its control on two ports of loopback, in one process and one event loop."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qsl

from vigie.domain.errors import StorageError, UsageError
from vigie.sandbox.asgi import Receive, Scope, Send, body_of, gone, is_page, live, say
from vigie.sandbox.exchange.bitget.envelope import Question, Refusal, refused
from vigie.sandbox.exchange.bitget.stream import END, Session
from vigie.sandbox.exchange.bitget.venue import TOO_MANY, BitgetVenue
from vigie.sandbox.exchange.control import Control
from vigie.sandbox.exchange.on_demand import Fault
from vigie.sandbox.world.wire import Reply

# Seconds between two looks at what the market did.
BEAT: Final = 0.1
_OUT: Final = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
_BAD_GATEWAY: Final = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"
_CHECKING: Final = (
    "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
)
_STREAMS: Final = {"/v2/ws/public": False, "/v2/ws/private": True}
_NO_PAGES: Final = Reply({"error": "pages of browsers do not turn the exchange's knobs"}, 403)
_FLUSH_S: Final = 5.0
_WORDS: Final = {
    "40200": "Server upgrade, please try again later",
    "40308": "The contract is being temporarily maintained",
    "45043": "Due to settlement or maintenance reasons, the trade is suspended, please try again later",
    "40015": "System is abnormal, please try again later",
    "40725": "service return an error",
    "40010": "Request timed out",
    "45001": "Unknown error",
    "40917": "Stop price for long positions please < mark price",
    "40893": "Leverage is outside the range of the contract",
    "45117": "Currently holding positions or orders, the margin mode cannot be adjusted",
    "40762": "The order amount exceeds the balance",
}


class ExchangeApp:
    """The venue and its control as one ASGI application, told apart by the port.

    Parameters
    ----------
    venue : BitgetVenue
        Answers REST and streams.
    control : Control
        Answers on `control_port`.
    """

    def __init__(self, venue: BitgetVenue, control: Control, control_port: int) -> None:
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
        asked = await _question(scope, receive)
        desk, route = self._venue.desk, self._venue.route(asked)
        is_private = route is not None and not route.is_public
        before = desk.faults.before(asked.method, asked.path, desk.wall(), is_private=is_private)
        if before is not None:
            await self._denied(before, receive, send)
            return
        try:
            reply = self._venue.answer(asked)
        except StorageError as fault:
            # The books are ahead of the file: whoever asked must not hear of it, nor anybody else.
            self._broken = fault
            _abort(send)
            return
        after = desk.faults.after(asked.method, asked.path)
        if after is None:
            await self._say(send, reply)
        else:
            await self._spoilt(after, reply, receive, send)

    async def _denied(self, fault: Fault, receive: Receive, send: Send) -> None:
        """Answer a request that is not taken."""
        told = self._venue.desk.told_ms()
        if fault.kind == "lost":
            await _hold(receive, fault.seconds)
            _abort(send)
        elif fault.kind == "reset-before":
            _abort(send)
        elif fault.kind == "unavailable":
            await self._say(send, Reply(_OUT, 503, "text/html"))
        elif fault.kind == "rate-limit":
            await self._say(send, Reply(refused(TOO_MANY, told), 429, headers={"Retry-After": "1"}))
        elif fault.kind == "ban":
            await self._say(send, Reply(refused(Refusal("403", "Forbidden"), told), 403))
        else:
            no = Refusal(fault.code, _WORDS.get(fault.code, "refused by a fault"))
            await self._say(send, Reply(refused(no, told), 400))

    async def _spoilt(self, fault: Fault, reply: Reply, receive: Receive, send: Send) -> None:
        """Answer a request that was taken, wrongly."""
        told = self._venue.desk.told_ms()
        body = dict(reply.body) if isinstance(reply.body, dict) else {}
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
        elif fault.kind == "system-error":
            no = Refusal(fault.code, _WORDS.get(fault.code, "System is abnormal"))
            await self._say(send, Reply(refused(no, told), 400))
        elif fault.kind == "half-body":
            await self._say(send, reply, half=True)
        else:
            await self._say(send, _garbage(fault.kind, body))

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
        except ValueError:
            told, status = {"error": "the body must be a JSON object"}, 400
        self._venue.publish()
        # What happened is on the streams before it is told here.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._venue.flushed(), _FLUSH_S)
        await self._say(send, Reply(told, status))

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        is_private = _STREAMS.get(scope["path"])
        if is_private is None:
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        session = self._venue.enter(is_private=is_private)
        tasks = [
            asyncio.create_task(self._listen(session, receive)),
            asyncio.create_task(_write(session, send)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._venue.leave(session)
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for what in ended:
            if isinstance(what, Exception):
                raise what

    async def _listen(self, session: Session, receive: Receive) -> None:
        loop = asyncio.get_running_loop()
        while True:
            heard = await receive()
            if heard["type"] == "websocket.disconnect":
                return
            text = heard.get("text") or (heard.get("bytes") or b"").decode("utf-8", "replace")
            session.hear(text, loop.time())


async def _write(session: Session, send: Send) -> None:
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
    query = dict(parse_qsl(raw, keep_blank_values=True))
    client = (scope.get("client") or ("?", 0))[0]
    return Question(scope["method"], scope["path"], raw, query, await body_of(receive), headers, client)


def _garbage(kind: str, body: Mapping[str, Any]) -> Reply:
    """Return an answer under HTTP 200 that says nothing."""
    if kind == "html":
        return Reply(_CHECKING, media="text/html")
    if kind == "empty-body":
        return Reply("")
    if kind == "cut-json":
        whole = json.dumps(body)
        return Reply(whole[: len(whole) // 2])
    if kind == "no-order-id":
        data = body.get("data")
        acknowledged = {**data, "orderId": None} if isinstance(data, dict) else data
        return Reply({**body, "data": acknowledged})
    return Reply({**body, "code": "00000", "msg": "success", "data": None})


async def _hold(receive: Receive, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(gone(receive), seconds)


def _abort(send: Send) -> None:
    """Reset the connection: the server's own object behind `send` holds the transport."""
    transport = send.__self__.transport  # type: ignore[attr-defined]
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # Closing without lingering sends a reset instead of a good-bye.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
