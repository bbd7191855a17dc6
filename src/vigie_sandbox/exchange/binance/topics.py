"""What market streams tell: tickers, best bid and ask, marks, klines, books and trades."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from vigie_sandbox.exchange.binance.public import INTERVALS, BinancePublicEndpoints
from vigie_sandbox.exchange.binance.shapes import make_aggregate_fields, make_kline_rows
from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.quotes import get_span_ms
from vigie_sandbox.exchange.trade_tape import PublicTrade
from vigie_sandbox.exchange.venue_context import VenueContext

_MAX_PER_POLL: Final = 20
_BOOK_LEVELS: Final = 20

GetUpdates = Callable[[], list[dict[str, Any]]]
"""Returns what has changed since the last call; the first time, what is."""


def open_topic(
    context: VenueContext, public_endpoints: BinancePublicEndpoints, name: str
) -> GetUpdates | None:
    """Return what a stream of a name tells, or None where there is no such stream."""
    symbol, _, channel = name.partition("@")
    contract = next(
        (item for item in context.exchange.contracts() if item.symbol.lower() == symbol.lower()), None
    )
    if contract is None:
        return None
    make_data = {
        "ticker": lambda: _make_ticker(public_endpoints, contract),
        "miniTicker": lambda: _make_mini_ticker(public_endpoints, contract),
        "markPrice": lambda: _make_mark(context, contract),
        "bookTicker": lambda: _make_best_quote(context, contract),
    }.get(channel.partition("@")[0])
    if make_data is not None:
        return _BinanceSnapshotTopic(make_data).updates
    if channel.startswith("depth"):
        return _BinanceSnapshotTopic(lambda: _make_book(public_endpoints, contract)).updates
    if channel in ("trade", "aggTrade"):
        return _BinanceTradeTopic(context, contract, channel).updates
    interval = channel.removeprefix("kline_")
    return (
        _BinanceKlineTopic(context, contract, interval).updates
        if interval != channel and interval in INTERVALS
        else None
    )


class _BinanceSnapshotTopic:
    """A message wherever anything but its time has changed."""

    def __init__(self, make_data: Callable[[], dict[str, Any] | None]) -> None:
        self._make_data = make_data
        self._last_sent: dict[str, Any] = {}

    def updates(self) -> list[dict[str, Any]]:
        data = self._make_data()
        if data is None:
            return []
        data_without_times = {
            name: value for name, value in data.items() if name not in "ETOCuU" and name != "pu"
        }
        if data_without_times == self._last_sent:
            return []
        self._last_sent = data_without_times
        return [data]


class _BinanceKlineTopic:
    """The running bar, after the last words on those that ended meanwhile."""

    def __init__(self, context: VenueContext, contract: Contract, interval: str) -> None:
        self._context = context
        self._symbol = contract.symbol
        self._interval = interval
        self._span_ms = get_span_ms(interval)
        self._last_sent: list[Any] = []

    def updates(self) -> list[dict[str, Any]]:
        now = self._context.now_ms()
        start = self._last_sent[0] if self._last_sent else now - self._span_ms + 1
        candles = self._context.quotes.candles(
            self._symbol, self._interval, start, now + 1, _MAX_PER_POLL, is_finished=False
        )
        rows = make_kline_rows(candles, self._span_ms)
        if not rows or rows[-1] == self._last_sent:
            return []
        new_rows, self._last_sent = rows[1:] if rows[0] == self._last_sent else rows, rows[-1]
        return [self._make_message(row, now) for row in new_rows]

    def _make_message(self, row: list[Any], now: int) -> dict[str, Any]:
        (
            ts,
            open_price,
            high,
            low,
            close_price,
            volume,
            close_ms,
            turnover,
            n_trades,
            bought_volume,
            bought_turnover,
            _,
        ) = row
        bar = {
            "t": ts, "T": close_ms, "s": self._symbol, "i": self._interval, "f": 1, "L": 2, "o": open_price,
            "c": close_price,
            "h": high, "l": low, "v": volume, "n": n_trades, "x": close_ms < now, "q": turnover, "V": bought_volume,
            "Q": bought_turnover, "B": "0",
        }  # fmt: skip
        return {"e": "kline", "E": now, "s": self._symbol, "k": bar}


class _BinanceTradeTopic:
    """The trades of everybody since the last call; the first time, the newest."""

    def __init__(self, context: VenueContext, contract: Contract, channel: str) -> None:
        self._context = context
        self._contract = contract
        self._channel = channel
        self._last_number: int | None = None

    def updates(self) -> list[dict[str, Any]]:
        tape, now = self._context.tape, self._context.now_ms()
        last_number, limit = (-1, 1) if self._last_number is None else (self._last_number, _MAX_PER_POLL)
        new_trades = tape.after(self._contract, last_number, limit)
        if new_trades:
            self._last_number = new_trades[-1].number
        head = {"e": self._channel, "E": now, "s": self._contract.symbol}
        make_fields = make_aggregate_fields if self._channel == "aggTrade" else _make_trade_fields
        return [head | make_fields(trade) for trade in new_trades]


def _make_trade_fields(trade: PublicTrade) -> dict[str, Any]:
    return {
        "t": trade.number, "p": format_decimal(trade.price), "q": format_decimal(trade.size), "T": trade.ts,
        "m": not trade.is_buy, "X": "MARKET",
    }  # fmt: skip


def _make_ticker(public_endpoints: BinancePublicEndpoints, contract: Contract) -> dict[str, Any] | None:
    day = public_endpoints.make_day_ticker(contract)
    if day is None:
        return None
    names = {
        "p": "priceChange", "P": "priceChangePercent", "w": "weightedAvgPrice", "c": "lastPrice",
        "Q": "lastQty", "o": "openPrice", "h": "highPrice", "l": "lowPrice", "v": "volume", "q": "quoteVolume",
        "O": "openTime", "C": "closeTime", "F": "firstId", "L": "lastId", "n": "count",
    }  # fmt: skip
    head = {"e": "24hrTicker", "E": day["closeTime"], "s": contract.symbol}
    return head | {short: day[name] for short, name in names.items()}


def _make_mini_ticker(public_endpoints: BinancePublicEndpoints, contract: Contract) -> dict[str, Any] | None:
    ticker = _make_ticker(public_endpoints, contract)
    return None if ticker is None else {name: ticker[name] for name in "Escohlvq"} | {"e": "24hrMiniTicker"}


def _make_mark(context: VenueContext, contract: Contract) -> dict[str, Any] | None:
    mark = context.mark(contract.symbol) or context.quotes.last(contract.symbol)
    if mark is None:
        return None
    rate, due_ms = context.quotes.funding(contract)
    price = format_decimal(mark)
    return {
        "e": "markPriceUpdate", "E": context.now_ms(), "s": contract.symbol, "p": price, "i": price, "P": price,
        "r": format_decimal(rate), "T": due_ms,
    }  # fmt: skip


def _make_best_quote(context: VenueContext, contract: Contract) -> dict[str, Any] | None:
    asks, bids, now = context.display.get_book(contract, 1)
    if not asks or not bids:
        return None
    sides = {"b": bids[0][0], "B": bids[0][1], "a": asks[0][0], "A": asks[0][1]}
    return {"e": "bookTicker", "u": now, "E": now, "T": now, "s": contract.symbol} | {
        name: format_decimal(value) for name, value in sides.items()
    }


def _make_book(public_endpoints: BinancePublicEndpoints, contract: Contract) -> dict[str, Any] | None:
    book, now = public_endpoints.make_book(contract, _BOOK_LEVELS)
    if not book["asks"]:
        return None
    head = {"e": "depthUpdate", "E": now, "T": now, "s": contract.symbol, "U": now, "u": now, "pu": now - 1}
    return head | {"b": book["bids"], "a": book["asks"]}
