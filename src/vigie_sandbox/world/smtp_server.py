"""The world's mail server: SMTP on loopback, from and for anybody, which goes wrong where it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from vigie_sandbox.asgi import listen_on
from vigie_sandbox.world.mailbox import MAX_MAIL_BYTES
from vigie_sandbox.world.world import World

SERVICE: Final = "mail"
_NAME: Final = "mail.simulated.example"
_LATER: Final = "451 4.7.1 too many messages; try again later"
_REFUSED: Final = "554 5.7.1 this message is refused"
# Said before it was taken: whoever sends keeps it and comes again.
_NO_ROOM: Final = "452 4.3.1 the message cannot be kept now; try again later"
_TIMED_OUT: Final = "451 4.4.2 timed out"
_NONSENSE: Final = "HTTP/1.1 400 Bad Request"


@asynccontextmanager
async def serve_smtp(world: World, port: int = 0) -> AsyncIterator[int]:
    """Take mail for a world on loopback while the block runs; give the port.

    Raises
    ------
    UsageError
        If the port is taken.
    """
    loop = asyncio.get_running_loop()
    listener = listen_on(port)
    server = await loop.create_server(lambda: _make_smtp(world, loop), sock=listener)
    bound_port: int = listener.getsockname()[1]
    world.mailbox.port = bound_port
    try:
        yield bound_port
    finally:
        world.mailbox.port = None
        server.close()


class SmtpHandler:
    """Takes messages into a world's mailbox.

    Faults of the service ``mail``: ``429`` asks to come again, ``5xx`` refuses, ``timeout`` is silent and takes
    nothing, ``half-body`` takes the message and breaks off before it says so, ``wrong-json`` answers as no mail server
    does. Their `path` is the first recipient's address.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd asks for this name
        """Answer a whole message."""
        recipients = [str(address) for address in envelope.rcpt_tos]
        fault = self._world.faults.take_request_fault(SERVICE, recipients[0])
        kind = "" if fault is None else fault.kind
        if fault is not None and kind == "timeout":
            await asyncio.sleep(fault.seconds)
            return _TIMED_OUT
        if kind in ("429", "5xx", "wrong-json"):
            return {"429": _LATER, "5xx": _REFUSED, "wrong-json": _NONSENSE}[kind]
        try:
            mail = self._world.mailbox.receive(
                str(envelope.mail_from or ""), recipients, bytes(envelope.content), self._world.now_ms()
            )
        except OSError:
            return _NO_ROOM
        if kind == "half-body":
            server.transport.abort()
        return f"250 2.0.0 taken as {mail.number}"


def _make_smtp(world: World, loop: asyncio.AbstractEventLoop) -> Any:
    from aiosmtpd.smtp import SMTP  # third party, only needed when somebody sends

    return SMTP(
        SmtpHandler(world), hostname=_NAME, ident="simulated", data_size_limit=MAX_MAIL_BYTES,
        enable_SMTPUTF8=True, timeout=60, loop=loop,
    )  # fmt: skip
