"""Hyperliquid's stream of one account: nobody logs in, what is subscribed to is an address.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions, read in copies of late
2025. The venue ends a connection on which it has said nothing for a minute.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.wire import TITLE
from vigie.adapters.venues.private_stream import PrivateStream
from vigie.adapters.venues.signed import Row
from vigie.domain.errors import TransientError
from vigie.ports.trading import Hint

_CHANNELS: Final = ("orderUpdates", "userFills", "userFundings", "clearinghouseState")


@dataclass(slots=True, kw_only=True)
class HyperliquidStream(PrivateStream):
    """The stream of one account.

    Attributes
    ----------
    user : str
        The account's address.
    find_order : callable
        Returns what is known of an order by its id, or None.
    last_state : tuple or None
        Positions and money as they were told last.
    """

    title = TITLE
    address: str
    user: str
    find_order: Callable[[str], Row | None]
    last_state: tuple[Any, Any] | None = None

    async def stream_url(self) -> str:
        """Return the address of the stream."""
        return self.address

    def ping(self) -> str:
        """Return the venue's own word."""
        return '{"method": "ping"}'

    def is_pong(self, text: str) -> bool:
        """Whether a message answers a ping."""
        return text.startswith('{"channel"') and '"pong"' in text[:24]

    async def log_in(self, connection: Any) -> None:
        """Subscribe; returns once every subscription has been answered."""
        for name in _CHANNELS:
            subscription = {"method": "subscribe", "subscription": {"type": name, "user": self.user}}
            await connection.send(json.dumps(subscription))
        missing = len(_CHANNELS)
        while missing:
            message = json.loads(await connection.recv())
            self._refuse_error(message)
            # What is told at once is asked for over REST anyway.
            missing -= message.get("channel") == "subscriptionResponse"

    def parse_hints(self, message: Row) -> Iterable[Hint]:
        """Read one push; the past that a subscription begins with is no news."""
        self._refuse_error(message)
        channel, data = message.get("channel"), message.get("data")
        if channel == "orderUpdates":
            yield from (Hint("order", rows.instrument(update["order"]["coin"])) for update in data or ())
        elif channel == "userFills" and data:
            fill_hints = [self._fill_hint(row) for row in data["fills"] if rows.is_perpetual(row)]
            yield from (() if data.get("isSnapshot") else fill_hints)
        elif channel == "userFundings" and data and not data.get("isSnapshot"):
            yield Hint("balance")
        elif channel == "clearinghouseState" and data:
            yield from self._state_hints(data["clearinghouseState"])

    def _fill_hint(self, row: Row) -> Hint:
        """Return the hint of a fill: with the fill, where it is known what made it."""
        order_row = self.find_order(str(row["oid"]))
        cause = rows.cause_of(row, order_row, self.user)
        hint = self.fill_hint(rows.fill(row, cause))
        is_sure = order_row is not None or cause in ("liquidation", "adl") or rows.client_id(row)
        return hint if is_sure else Hint("fill", hint.instrument)

    def _state_hints(self, state: Row) -> Iterable[Hint]:
        """Return hints of what is not as it was told before: the venue tells it over and over."""
        positions = tuple(
            (item["position"]["coin"], item["position"]["szi"]) for item in state["assetPositions"]
        )
        money = state["marginSummary"]["totalRawUsd"]
        if self.last_state is None or positions != self.last_state[0]:
            yield Hint("position")
        if self.last_state is None or money != self.last_state[1]:
            yield Hint("balance")
        self.last_state = (positions, money)

    def _refuse_error(self, message: Row) -> None:
        if message.get("channel") == "error":
            raise TransientError(
                "stream_said", "{title}'s stream: {value}", title=TITLE, value=str(message.get("data"))[:200]
            )
