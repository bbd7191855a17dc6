"""What public channels push: ticker, candles, trades and books."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from vigie.domain.time import MINUTE_MS
from vigie_sandbox.exchange.bitget.public import BitgetPublicEndpoints, make_candle_row
from vigie_sandbox.exchange.bitget.shapes import GRANULARITIES
from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.venue_context import VenueContext

_FIRST_CANDLES: Final = 100
_FIRST_TRADES: Final = 50
_BOOK_LEVELS: Final = {"books": 50, "books1": 1, "books5": 5, "books15": 15}

GetUpdates = Callable[[], list[str]]
"""Returns what has changed since the last call; the first time, all of it."""


def open_topic(
    context: VenueContext,
    public_endpoints: BitgetPublicEndpoints,
    arg: dict[str, str],
    channel: str,
    contract: Contract,
) -> GetUpdates | None:
    """Return what a public channel tells of a contract, or None where there is no such channel."""
    if channel == "ticker":
        return _BitgetSnapshotTopic(
            context, arg, lambda: _make_ticker(context, public_endpoints, contract)
        ).updates
    if channel in _BOOK_LEVELS:
        levels = _BOOK_LEVELS[channel]
        return _BitgetSnapshotTopic(
            context, arg, lambda: _make_book(context, public_endpoints, contract, levels)
        ).updates
    if channel == "trade":
        return _BitgetTradeTopic(context, arg, contract).updates
    granularity = channel.removeprefix("candle")
    if channel != granularity and granularity in GRANULARITIES:
        return _BitgetCandleTopic(context, arg, contract, GRANULARITIES[granularity][0]).updates
    return None


def make_message(action: str, arg: dict[str, str], data: list[Any], ts: int) -> str:
    """Return a push as it is sent."""
    return json.dumps({"action": action, "arg": arg, "data": data, "ts": ts})


class _BitgetSnapshotTopic:
    """Snapshots, sent where anything but their time has changed."""

    def __init__(
        self, context: VenueContext, arg: dict[str, str], make_data: Callable[[], dict[str, Any] | None]
    ) -> None:
        self._context = context
        self._arg = arg
        self._make_data = make_data
        self._last_sent: dict[str, Any] = {}

    def updates(self) -> list[str]:
        data = self._make_data()
        if data is None:
            return []
        data_without_time = {name: value for name, value in data.items() if name != "ts"}
        if data_without_time == self._last_sent:
            return []
        self._last_sent = data_without_time
        return [make_message("snapshot", self._arg, [data], self._context.now_ms())]


class _BitgetCandleTopic:
    """Rows: many at first, then the running bar, after the last words on those that ended meanwhile."""

    def __init__(
        self, context: VenueContext, arg: dict[str, str], contract: Contract, timeframe: str
    ) -> None:
        self._context = context
        self._arg = arg
        self._symbol = contract.symbol
        self._timeframe = timeframe
        self._last_sent: list[str] = []

    def updates(self) -> list[str]:
        now = self._context.now_ms()
        start = int(self._last_sent[0]) if self._last_sent else 0
        candles = self._context.quotes.candles(
            self._symbol, self._timeframe, start, now + 1, _FIRST_CANDLES, is_finished=False
        )
        rows = [make_candle_row(candle) for candle in candles]
        if not rows or rows[-1] == self._last_sent:
            return []
        new_rows = rows[1:] if rows[0] == self._last_sent else rows
        is_first, self._last_sent = not self._last_sent, rows[-1]
        if is_first:
            return [make_message("snapshot", self._arg, new_rows, now)]
        return [make_message("update", self._arg, [row], now) for row in new_rows]


class _BitgetTradeTopic:
    """The trades of everybody since the last call, newest first; the first time, some of the newest."""

    def __init__(self, context: VenueContext, arg: dict[str, str], contract: Contract) -> None:
        self._context = context
        self._arg = arg
        self._contract = contract
        self._last_number: int | None = None

    def updates(self) -> list[str]:
        last_number = -1 if self._last_number is None else self._last_number
        new_trades = self._context.tape.after(self._contract, last_number, _FIRST_TRADES)
        if not new_trades:
            return []
        action, self._last_number = (
            "snapshot" if self._last_number is None else "update",
            new_trades[-1].number,
        )
        rows = [
            {
                "ts": str(trade.ts),
                "price": format_decimal(trade.price),
                "size": format_decimal(trade.size),
                "side": "buy" if trade.is_buy else "sell",
                "tradeId": str(trade.number),
            }
            for trade in new_trades[::-1]
        ]
        return [make_message(action, self._arg, rows, self._context.now_ms())]


def _make_ticker(
    context: VenueContext, public_endpoints: BitgetPublicEndpoints, contract: Contract
) -> dict[str, Any] | None:
    ticker = public_endpoints.make_ticker(contract)
    if ticker is None:
        return None
    omitted = ("usdtVolume", "deliveryStartTime", "deliveryTime", "deliveryStatus")
    _, due_ms = context.quotes.funding(contract)
    return {name: value for name, value in ticker.items() if name not in omitted} | {
        "instId": contract.symbol,
        "symbolType": "1",
        "nextFundingTime": str(due_ms),
        "deliveryPrice": "0",
    }


def _make_book(
    context: VenueContext, public_endpoints: BitgetPublicEndpoints, contract: Contract, levels: int
) -> dict[str, Any] | None:
    book = public_endpoints.make_book(contract, levels)
    return (book | {"checksum": 0, "seq": context.now_ms() // MINUTE_MS}) if book["asks"] else None
