"""What market streams tell: tickers, best bid and ask, marks, klines, books and trades."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from vigie.sandbox.exchange.binance.public import INTERVALS, PublicAnswers
from vigie.sandbox.exchange.binance.shapes import agg_fields, kline_rows
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import Contract
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.quotes import span_of
from vigie.sandbox.exchange.tape import Print

_AT_ONCE: Final = 20
_LEVELS: Final = 20

News = Callable[[], list[dict[str, Any]]]
"""Returns what has changed since the last call; the first time, what is."""


def topic(desk: Desk, public: PublicAnswers, name: str) -> News | None:
    """Return what a stream of a name tells, or None where there is no such stream."""
    symbol, _, channel = name.partition("@")
    contract = next((one for one in desk.exchange.contracts() if one.symbol.lower() == symbol.lower()), None)
    if contract is None:
        return None
    told = {
        "ticker": lambda: _ticker(public, contract),
        "miniTicker": lambda: _mini_ticker(public, contract),
        "markPrice": lambda: _mark(desk, contract),
        "bookTicker": lambda: _best(desk, contract),
    }.get(channel.partition("@")[0])
    if told is not None:
        return _Changes(told).news
    if channel.startswith("depth"):
        return _Changes(lambda: _book(public, contract)).news
    if channel in ("trade", "aggTrade"):
        return _Trades(desk, contract, channel).news
    interval = channel.removeprefix("kline_")
    return _Klines(desk, contract, interval).news if interval != channel and interval in INTERVALS else None


class _Changes:
    """A message wherever anything but its time has changed."""

    def __init__(self, told: Callable[[], dict[str, Any] | None]) -> None:
        self._told = told
        self._sent: dict[str, Any] = {}

    def news(self) -> list[dict[str, Any]]:
        told = self._told()
        if told is None:
            return []
        bare = {name: value for name, value in told.items() if name not in "ETOCuU" and name != "pu"}
        if bare == self._sent:
            return []
        self._sent = bare
        return [told]


class _Klines:
    """The running bar, after the last words on those that ended meanwhile."""

    def __init__(self, desk: Desk, contract: Contract, interval: str) -> None:
        self._desk = desk
        self._symbol = contract.symbol
        self._interval = interval
        self._span = span_of(interval)
        self._sent: list[Any] = []

    def news(self) -> list[dict[str, Any]]:
        now = self._desk.now_ms()
        begin = self._sent[0] if self._sent else now - self._span + 1
        found = self._desk.quotes.candles(
            self._symbol, self._interval, begin, now + 1, _AT_ONCE, finished=False
        )
        rows = kline_rows(found, self._span)
        if not rows or rows[-1] == self._sent:
            return []
        fresh, self._sent = rows[1:] if rows[0] == self._sent else rows, rows[-1]
        return [self._message(row, now) for row in fresh]

    def _message(self, row: list[Any], now: int) -> dict[str, Any]:
        ts, first, high, low, last, volume, end, quote, count, bought, bought_quote, _ = row
        bar = {
            "t": ts, "T": end, "s": self._symbol, "i": self._interval, "f": 1, "L": 2, "o": first, "c": last,
            "h": high, "l": low, "v": volume, "n": count, "x": end < now, "q": quote, "V": bought,
            "Q": bought_quote, "B": "0",
        }  # fmt: skip
        return {"e": "kline", "E": now, "s": self._symbol, "k": bar}


class _Trades:
    """The trades of everybody since the last call; the first time, the newest."""

    def __init__(self, desk: Desk, contract: Contract, channel: str) -> None:
        self._desk = desk
        self._contract = contract
        self._channel = channel
        self._last: int | None = None

    def news(self) -> list[dict[str, Any]]:
        tape, now = self._desk.tape, self._desk.now_ms()
        before, most = (-1, 1) if self._last is None else (self._last, _AT_ONCE)
        fresh = tape.after(self._contract, before, most)
        if fresh:
            self._last = fresh[-1].number
        head = {"e": self._channel, "E": now, "s": self._contract.symbol}
        written = agg_fields if self._channel == "aggTrade" else _trade_fields
        return [head | written(one) for one in fresh]


def _trade_fields(one: Print) -> dict[str, Any]:
    return {
        "t": one.number, "p": plain(one.price), "q": plain(one.size), "T": one.ts, "m": not one.is_buy, "X": "MARKET",
    }  # fmt: skip


def _ticker(public: PublicAnswers, contract: Contract) -> dict[str, Any] | None:
    day = public.day_of(contract)
    if day is None:
        return None
    names = {
        "p": "priceChange", "P": "priceChangePercent", "w": "weightedAvgPrice", "c": "lastPrice",
        "Q": "lastQty", "o": "openPrice", "h": "highPrice", "l": "lowPrice", "v": "volume", "q": "quoteVolume",
        "O": "openTime", "C": "closeTime", "F": "firstId", "L": "lastId", "n": "count",
    }  # fmt: skip
    head = {"e": "24hrTicker", "E": day["closeTime"], "s": contract.symbol}
    return head | {short: day[name] for short, name in names.items()}


def _mini_ticker(public: PublicAnswers, contract: Contract) -> dict[str, Any] | None:
    whole = _ticker(public, contract)
    return None if whole is None else {name: whole[name] for name in "Escohlvq"} | {"e": "24hrMiniTicker"}


def _mark(desk: Desk, contract: Contract) -> dict[str, Any] | None:
    mark = desk.mark(contract.symbol) or desk.quotes.last(contract.symbol)
    if mark is None:
        return None
    rate, at = desk.quotes.funding(contract)
    price = plain(mark)
    return {
        "e": "markPriceUpdate", "E": desk.now_ms(), "s": contract.symbol, "p": price, "i": price, "P": price,
        "r": plain(rate), "T": at,
    }  # fmt: skip


def _best(desk: Desk, contract: Contract) -> dict[str, Any] | None:
    asks, bids, now = desk.display.book(contract, 1)
    if not asks or not bids:
        return None
    sides = {"b": bids[0][0], "B": bids[0][1], "a": asks[0][0], "A": asks[0][1]}
    return {"e": "bookTicker", "u": now, "E": now, "T": now, "s": contract.symbol} | {
        name: plain(value) for name, value in sides.items()
    }


def _book(public: PublicAnswers, contract: Contract) -> dict[str, Any] | None:
    told, now = public.book_of(contract, _LEVELS)
    if not told["asks"]:
        return None
    head = {"e": "depthUpdate", "E": now, "T": now, "s": contract.symbol, "U": now, "u": now, "pu": now - 1}
    return head | {"b": told["bids"], "a": told["asks"]}
