"""Binance's user data stream: a listen key opens it, and has to be kept.

https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams, read in copies of 2026. The
venue ends a connection after a day, and does not say again what a lost connection missed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.adapters.venues.binance import rows
from vigie.adapters.venues.binance.wire import TITLE, BinanceWire
from vigie.adapters.venues.private_stream import PrivateStream
from vigie.adapters.venues.signed import Row
from vigie.domain.errors import AuthError, ConnectorError, TransientError
from vigie.domain.time import MINUTE_MS
from vigie.ports.trading import Hint

_ADDRESS: Final = "wss://fstream.binance.com"
_DEMO_ADDRESS: Final = "wss://fstream.binancefuture.com"
_PRIVATE_PATH: Final = "/private/ws?listenKey="
# A key ends after an hour.
_RENEW_EVERY_MS: Final = 20 * MINUTE_MS
_PROBE: Final = json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 1})
_FILL_EVENTS: Final = ("TRADE", "CALCULATED")


def private_address(url: str | None, *, demo: bool) -> str:
    """Return where user data streams are, beside a REST address or at the venue's own."""
    if url is None:
        return _DEMO_ADDRESS if demo else _ADDRESS
    return "ws" + url.rstrip("/").removeprefix("http")


@dataclass(slots=True, kw_only=True)
class BinanceStream(PrivateStream):
    """The user data stream of one account.

    Attributes
    ----------
    wire : BinanceWire
        Gives the listen key.
    probe_timeout_s : float
        How long the first question may stay open. A line that does not answer it may be well all the same: then only
        what REST knows can tell that it is dead.
    """

    title = TITLE
    address: str
    wire: BinanceWire = field(repr=False)
    probe_timeout_s: float = 3.0
    _renewed_ms: int = 0
    _is_answering: bool = True

    async def stream_url(self) -> str:
        """Return the address of the stream, with a fresh listen key."""
        try:
            key = await self.wire.listen_key("POST")
        except (AuthError, ConnectorError) as error:
            raise TransientError(
                "private_stream_failed", "{title}'s private stream: {error}", title=TITLE, error=error
            ) from error
        self._renewed_ms = self.clock.wall_now()
        return self.address + _PRIVATE_PATH + key

    async def log_in(self, connection: Any) -> None:
        """Ask something: the answer says that somebody is there."""
        await connection.send(_PROBE)
        self._is_answering = False
        with suppress(TimeoutError):
            async with asyncio.timeout(self.probe_timeout_s):
                while not self._is_answering:
                    self._is_answering = self.is_pong(await connection.recv())

    def ping(self) -> str:
        """Return a question that has an answer, where it had one before."""
        return _PROBE if self._is_answering else ""

    def is_pong(self, text: str) -> bool:
        """Whether a message answers the question: every event has its kind."""
        return '"e"' not in text

    async def keep_alive(self) -> None:
        """Keep the listen key."""
        now = self.clock.wall_now()
        # Where the clock was set back nobody knows how long ago it was.
        if 0 <= now - self._renewed_ms < _RENEW_EVERY_MS:
            return
        self._renewed_ms = now
        try:
            await self.wire.listen_key("PUT")
        except (AuthError, ConnectorError) as error:
            raise TransientError(
                "private_stream_failed", "{title}'s private stream: {error}", title=TITLE, error=error
            ) from error

    def parse_hints(self, message: Row) -> Iterable[Hint]:
        """Read one event."""
        event = message.get("e")
        if event == "listenKeyExpired":
            raise TransientError(
                "private_stream_listen", "{title}'s private stream: its listen key has expired", title=TITLE
            )
        if event == "ORDER_TRADE_UPDATE":
            order = message["o"]
            yield Hint("order", rows.instrument(order["s"]))
            if order["x"] in _FILL_EVENTS and order["t"]:
                yield self.fill_hint(rows.pushed_fill(order))
        elif event == "ALGO_UPDATE":
            yield Hint("order", rows.instrument(message["o"]["s"]))
        elif event == "ACCOUNT_UPDATE":
            for position in message["a"].get("P", ()):
                yield Hint("position", rows.instrument(position["s"]))
            yield Hint("balance")
