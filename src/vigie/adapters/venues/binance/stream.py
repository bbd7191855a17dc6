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
from vigie.adapters.venues.binance.wire import TITLE, Wire
from vigie.adapters.venues.hearing import PrivateStream
from vigie.adapters.venues.signed import Row
from vigie.domain.errors import AuthError, ConnectorError, TransientError
from vigie.domain.time import MINUTE_MS
from vigie.ports.trading import Hint

_ADDRESS: Final = "wss://fstream.binance.com"
_DEMO_ADDRESS: Final = "wss://fstream.binancefuture.com"
_PRIVATE: Final = "/private/ws?listenKey="
# A key ends after an hour.
_KEEP_MS: Final = 20 * MINUTE_MS
_QUESTION: Final = json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 1})
_TRADED: Final = ("TRADE", "CALCULATED")


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
    wire : Wire
        Gives the listen key.
    answer_s : float
        How long the first question may stay open. A line that does not answer it may be well all the same: then only
        what REST knows can tell that it is dead.
    """

    title = TITLE
    address: str
    wire: Wire = field(repr=False)
    answer_s: float = 3.0
    _kept_ms: int = 0
    _answers: bool = True

    async def where(self) -> str:
        """Return the address of the stream, with a fresh listen key."""
        try:
            key = await self.wire.listen_key("POST")
        except (AuthError, ConnectorError) as error:
            raise TransientError(f"{TITLE}'s private stream: {error}") from error
        self._kept_ms = self.clock.wall_now()
        return self.address + _PRIVATE + key

    async def enter(self, line: Any) -> None:
        """Ask something: the answer says that somebody is there."""
        await line.send(_QUESTION)
        self._answers = False
        with suppress(TimeoutError):
            async with asyncio.timeout(self.answer_s):
                while not self._answers:
                    self._answers = self.is_pong(await line.recv())

    def ping(self) -> str:
        """Return a question that has an answer, where it had one before."""
        return _QUESTION if self._answers else ""

    def is_pong(self, text: str) -> bool:
        """Whether a message answers the question: every event has its kind."""
        return '"e"' not in text

    async def beat(self) -> None:
        """Keep the listen key."""
        now = self.clock.wall_now()
        # Where the clock was set back nobody knows how long ago it was.
        if 0 <= now - self._kept_ms < _KEEP_MS:
            return
        self._kept_ms = now
        try:
            await self.wire.listen_key("PUT")
        except (AuthError, ConnectorError) as error:
            raise TransientError(f"{TITLE}'s private stream: {error}") from error

    def hints_of(self, told: Row) -> Iterable[Hint]:
        """Read one event."""
        event = told.get("e")
        if event == "listenKeyExpired":
            raise TransientError(f"{TITLE}'s private stream: its listen key has expired")
        if event == "ORDER_TRADE_UPDATE":
            order = told["o"]
            yield Hint("order", rows.instrument(order["s"]))
            if order["x"] in _TRADED and order["t"]:
                yield self.heard(rows.pushed_fill(order))
        elif event == "ALGO_UPDATE":
            yield Hint("order", rows.instrument(told["o"]["s"]))
        elif event == "ACCOUNT_UPDATE":
            for one in told["a"].get("P", ()):
                yield Hint("position", rows.instrument(one["s"]))
            yield Hint("balance")
