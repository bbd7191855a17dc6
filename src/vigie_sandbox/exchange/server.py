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
from vigie_sandbox.asgi import (
    Receive,
    Scope,
    Send,
    handle_lifespan,
    is_from_browser,
    read_body,
    run_until_first_ends,
    send_response,
    wait_for_disconnect,
)
from vigie_sandbox.exchange.control import ExchangeControl
from vigie_sandbox.exchange.faults import ExchangeFault
from vigie_sandbox.exchange.session import END, VenueSession
from vigie_sandbox.exchange.wire import SimulatedVenue, VenueRequest
from vigie_sandbox.world.wire import Reply

# Seconds between two looks at what the market did.
POLL_S: Final = 0.1
_UNAVAILABLE_PAGE: Final = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
_BAD_GATEWAY_PAGE: Final = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"
_CHALLENGE_PAGE: Final = (
    "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
)
_NO_BROWSERS: Final = Reply({"error": "pages of browsers do not turn the exchange's knobs"}, 403)
_FLUSH_S: Final = 5.0
# No venue has it: whoever trades here without the control's address learns the market's time and speed.
_CLOCK_PATH: Final = "/clock"
_GARBAGE_KINDS: Final = ("html", "empty-body", "cut-json")


class ExchangeApp:
    """The venue and its control as one ASGI application, told apart by the port.

    Parameters
    ----------
    venue : SimulatedVenue
        Answers REST and streams.
    control : ExchangeControl
        Answers on `control_port`.
    """

    def __init__(self, venue: SimulatedVenue[Any], control: ExchangeControl, control_port: int) -> None:
        self._venue = venue
        self._control = control
        self._control_port = control_port
        self._storage_error: StorageError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or stream."""
        if scope["type"] == "lifespan":
            await handle_lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._handle_stream(scope, receive, send)
        elif scope["server"][1] == self._control_port:
            await self._handle_control(scope, receive, send)
        else:
            await self._handle_request(scope, receive, send)

    async def run_market(self, poll_s: float = POLL_S) -> None:
        """Let the market go on and its news be told, until cancelled.

        Raises
        ------
        StorageError
            As soon as a change could not be remembered: the venue must end.
        """
        while self._storage_error is None:
            await asyncio.sleep(poll_s)
            self._venue.tick()
        raise self._storage_error

    async def _handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == _CLOCK_PATH:
            await self._send_reply(send, Reply(self._control.answer("GET", "/control/clock", {})))
            return
        request = await _read_request(scope, receive)
        context, is_private = self._venue.context, self._venue.is_private(request)
        method, path = self._venue.get_fault_key(request)
        fault_before = context.faults.before(method, path, context.wall(), is_private=is_private)
        delay_s = context.faults.draw_delay_s(method, path)
        if fault_before is not None:
            await _delay(receive, delay_s)
            await self._send_refusal(fault_before, request, receive, send)
            return
        try:
            reply = self._venue.answer(request)
        except StorageError as error:
            # The books are ahead of the file: whoever asked must not hear of it, nor anybody else.
            self._storage_error = error
            _abort(send)
            return
        fault_after = context.faults.after(method, path)
        await _delay(receive, delay_s)
        if fault_after is None:
            await self._send_reply(send, reply)
        else:
            await self._send_spoilt_reply(fault_after, reply, receive, send)

    async def _send_refusal(
        self, fault: ExchangeFault, request: VenueRequest, receive: Receive, send: Send
    ) -> None:
        """Answer a request that is not taken."""
        if fault.kind == "lost":
            await _delay(receive, fault.seconds)
            _abort(send)
        elif fault.kind == "reset-before":
            _abort(send)
        elif fault.kind == "unavailable":
            await self._send_reply(send, Reply(_UNAVAILABLE_PAGE, 503, "text/html"))
        else:
            await self._send_reply(send, self._venue.refuse_by_fault(fault, request))

    async def _send_spoilt_reply(
        self, fault: ExchangeFault, reply: Reply, receive: Receive, send: Send
    ) -> None:
        """Answer a request that was taken, wrongly."""
        if fault.kind == "lost-answer":
            await _delay(receive, fault.seconds)
            _abort(send)
        elif fault.kind == "late-answer":
            await _delay(receive, fault.seconds)
            await self._send_reply(send, reply)
        elif fault.kind == "reset":
            _abort(send)
        elif fault.kind == "server-error":
            await self._send_reply(send, Reply(_BAD_GATEWAY_PAGE, fault.status, "text/html"))
        elif fault.kind == "half-body":
            await self._send_reply(send, reply, is_half=True)
        elif fault.kind in _GARBAGE_KINDS:
            await self._send_reply(send, _make_garbage(fault.kind, reply))
        else:
            await self._send_reply(send, self._venue.spoil_reply(fault, reply))

    async def _send_reply(self, send: Send, reply: Reply, *, is_half: bool = False) -> None:
        await send_response(
            send,
            reply.body,
            self._venue.context.venue_ms(),
            status=reply.status,
            media=reply.media,
            headers=reply.headers,
            is_half=is_half,
        )

    async def _handle_control(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        if is_from_browser(scope):
            await self._send_reply(send, _NO_BROWSERS)
            return
        try:
            parsed = json.loads(body) if body else {}
            answer: object = self._control.answer(scope["method"], scope["path"], parsed)
            status = 200
        except UsageError as error:
            answer, status = {"error": str(error)}, 400
        except (ValueError, RecursionError):
            answer, status = {"error": "the body must be a JSON object"}, 400
        self._venue.publish()
        # What happened is on the streams before it is told here.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._venue.wait_until_sent(), _FLUSH_S)
        await self._send_reply(send, Reply(answer, status))

    async def _handle_stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        session = self._venue.add_session(
            scope["path"], _parse_query(scope["query_string"].decode("latin-1"))
        )
        if session is None:
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        await run_until_first_ends(
            self._read_messages(session, receive),
            _send_outbox(session, send),
            on_end=lambda: self._venue.remove_session(session),
        )

    async def _read_messages(self, session: VenueSession[Any], receive: Receive) -> None:
        loop = asyncio.get_running_loop()
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return
            text = event.get("text") or (event.get("bytes") or b"").decode("utf-8", "replace")
            session.receive(text, loop.time())


async def _send_outbox(session: VenueSession[Any], send: Send) -> None:
    while True:
        text = await session.outbox.get()
        try:
            if text == END:
                await send({"type": "websocket.close", "code": 1001})
                return
            await send({"type": "websocket.send", "text": text})
        finally:
            session.outbox.task_done()


async def _read_request(scope: Scope, receive: Receive) -> VenueRequest:
    raw = scope["query_string"].decode("latin-1")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = _parse_query(raw)
    client = (scope.get("client") or ("?", 0))[0]
    return VenueRequest(scope["method"], scope["path"], raw, query, await read_body(receive), headers, client)


def _parse_query(raw: str) -> dict[str, str]:
    return dict(parse_qsl(raw, keep_blank_values=True))


def _make_garbage(kind: str, reply: Reply) -> Reply:
    """Return an answer under HTTP 200 that says nothing."""
    if kind == "html":
        return Reply(_CHALLENGE_PAGE, media="text/html")
    if kind == "empty-body":
        return Reply("")
    text = json.dumps(reply.body)
    return Reply(text[: len(text) // 2])


async def _delay(receive: Receive, seconds: float) -> None:
    if not seconds:
        return
    with suppress(TimeoutError):
        await asyncio.wait_for(wait_for_disconnect(receive), seconds)


def _abort(send: Send) -> None:
    """Reset the connection: the server's own object behind `send` holds the transport."""
    transport = send.__self__.transport  # type: ignore[attr-defined]  # the server hands over a method of its own
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # Closing without lingering sends a reset instead of a good-bye.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
