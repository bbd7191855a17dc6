"""What streams tell of the market: mids, books, best prices, trades, candles, contexts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.exchange.hyperliquid.market import (
    INTERVALS,
    HyperliquidMarketInfo,
    make_candle_row,
    make_trade_row,
)
from vigie_sandbox.exchange.venue_context import VenueContext

GetUpdates = Callable[[], list[Any]]
"""Returns what has changed since the last call; the first time, what there is."""
_FIRST_ROWS = 1
_MAX_PER_POLL = 20


def open_topic(
    context: VenueContext, market_info: HyperliquidMarketInfo, subscription: Mapping[str, Any]
) -> GetUpdates | None:
    """Return what a subscription is told, or None where there is no such one."""
    kind = subscription.get("type")
    if kind == "allMids":
        return _HyperliquidSnapshotTopic(lambda: {"mids": market_info.make_mids()}).updates
    contract = market_info.find_by_coin(subscription.get("coin"))
    if contract is None:
        return None
    if kind == "l2Book":
        return _HyperliquidSnapshotTopic(lambda: market_info.make_book(contract)).updates
    if kind == "bbo":
        return _HyperliquidSnapshotTopic(lambda: _make_best_quote(market_info.make_book(contract))).updates
    if kind == "activeAssetCtx":
        return _HyperliquidSnapshotTopic(
            lambda: {"coin": contract.base, "ctx": market_info.make_context(contract)}
        ).updates
    if kind == "trades":
        return _HyperliquidTradeTopic(context, contract).updates
    interval = subscription.get("interval")
    if kind == "candle" and interval in INTERVALS:
        return _HyperliquidCandleTopic(context, contract, str(interval)).updates
    return None


def _make_best_quote(book: dict[str, Any]) -> dict[str, Any]:
    first = [rows[0] if rows else None for rows in book["levels"]]
    return {"coin": book["coin"], "time": book["time"], "bbo": first}


class _HyperliquidSnapshotTopic:
    """Told where anything but the time has changed."""

    def __init__(self, make_data: Callable[[], dict[str, Any]]) -> None:
        self._make_data = make_data
        self._last_sent: dict[str, Any] = {}

    def updates(self) -> list[Any]:
        data = self._make_data()
        data_without_time = {name: value for name, value in data.items() if name != "time"}
        if data_without_time == self._last_sent:
            return []
        self._last_sent = data_without_time
        return [data]


class _HyperliquidCandleTopic:
    """The running bar, after the last words on those that ended meanwhile."""

    def __init__(self, context: VenueContext, contract: Contract, interval: str) -> None:
        self._context = context
        self._contract = contract
        self._interval = interval
        self._last_sent: dict[str, Any] = {}

    def updates(self) -> list[Any]:
        now = self._context.now_ms()
        start, limit = (self._last_sent["t"], 100) if self._last_sent else (0, _FIRST_ROWS)
        candles = self._context.quotes.candles(
            self._contract.symbol, self._interval, start, now + 1, limit, is_finished=False
        )
        rows = [make_candle_row(candle, self._contract.base, self._interval) for candle in candles]
        if not rows or rows[-1] == self._last_sent:
            return []
        new_rows = rows[1:] if rows[0] == self._last_sent else rows
        self._last_sent = rows[-1]
        return new_rows


class _HyperliquidTradeTopic:
    """The trades of everybody since the last call; the first time, the newest."""

    def __init__(self, context: VenueContext, contract: Contract) -> None:
        self._context = context
        self._contract = contract
        self._last_number: int | None = None

    def updates(self) -> list[Any]:
        last_number, limit = (
            (-1, _FIRST_ROWS) if self._last_number is None else (self._last_number, _MAX_PER_POLL)
        )
        new_trades = self._context.tape.after(self._contract, last_number, limit)
        if not new_trades:
            return []
        self._last_number = new_trades[-1].number
        return [[make_trade_row(trade, self._contract.base) for trade in new_trades]]
