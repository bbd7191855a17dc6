"""Hyperliquid's stream of one account: nobody logs in, what is subscribed to is an address.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions, read in copies of late
2025. The venue ends a connection on which it has said nothing for a minute.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from vigie.adapters.venues.hearing import PrivateStream
from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.wire import TITLE
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
    made : callable
        Returns what is known of an order by its id, or None.
    last : tuple or None
        Positions and money as they were told last.
    """

    title = TITLE
    address: str
    user: str
    made: Callable[[str], Row | None]
    last: tuple[Any, Any] | None = None

    async def where(self) -> str:
        """Return the address of the stream."""
        return self.address

    def ping(self) -> str:
        """Return the venue's own word."""
        return '{"method": "ping"}'

    def is_pong(self, text: str) -> bool:
        """Whether a message answers a ping."""
        return text.startswith('{"channel"') and '"pong"' in text[:24]

    async def enter(self, line: Any) -> None:
        """Subscribe; returns once every subscription has been answered."""
        for name in _CHANNELS:
            asked = {"method": "subscribe", "subscription": {"type": name, "user": self.user}}
            await line.send(json.dumps(asked))
        missing = len(_CHANNELS)
        while missing:
            told = json.loads(await line.recv())
            self._check(told)
            # What is told at once is asked for over REST anyway.
            missing -= told.get("channel") == "subscriptionResponse"

    def hints_of(self, told: Row) -> Iterable[Hint]:
        """Read one push; the past that a subscription begins with is no news."""
        self._check(told)
        channel, data = told.get("channel"), told.get("data")
        if channel == "orderUpdates":
            yield from (Hint("order", rows.instrument(one["order"]["coin"])) for one in data or ())
        elif channel == "userFills" and data:
            found = [self._fill(row) for row in data["fills"] if rows.is_perpetual(row)]
            yield from (() if data.get("isSnapshot") else found)
        elif channel == "userFundings" and data and not data.get("isSnapshot"):
            yield Hint("balance")
        elif channel == "clearinghouseState" and data:
            yield from self._state(data["clearinghouseState"])

    def _fill(self, row: Row) -> Hint:
        """Return the hint of a fill: with the fill, where it is known what made it."""
        made = self.made(str(row["oid"]))
        cause = rows.cause_of(row, made, self.user)
        hint = self.heard(rows.fill(row, cause))
        is_sure = made is not None or cause in ("liquidation", "adl") or rows.client_id(row)
        return hint if is_sure else Hint("fill", hint.instrument)

    def _state(self, state: Row) -> Iterable[Hint]:
        """Return hints of what is not as it was told before: the venue tells it over and over."""
        held = tuple((one["position"]["coin"], one["position"]["szi"]) for one in state["assetPositions"])
        money = state["marginSummary"]["totalRawUsd"]
        if self.last is None or held != self.last[0]:
            yield Hint("position")
        if self.last is None or money != self.last[1]:
            yield Hint("balance")
        self.last = (held, money)

    def _check(self, told: Row) -> None:
        if told.get("channel") == "error":
            raise TransientError(f"{TITLE}'s stream: {str(told.get('data'))[:200]}")
