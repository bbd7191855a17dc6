"""What public channels push: ticker, candles, trades and books."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from vigie.domain.time import MINUTE_MS
from vigie.sandbox.exchange.bitget.public import PublicAnswers, candle_row
from vigie.sandbox.exchange.bitget.shapes import GRANULARITY
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import Contract
from vigie.sandbox.exchange.desk import Desk

_FIRST_CANDLES: Final = 100
_FIRST_TRADES: Final = 50
_LEVELS: Final = {"books": 50, "books1": 1, "books5": 5, "books15": 15}

News = Callable[[], list[str]]
"""Returns what has changed since the last call; the first time, all of it."""


def topic(
    desk: Desk, public: PublicAnswers, arg: dict[str, str], channel: str, contract: Contract
) -> News | None:
    """Return what a public channel tells of a contract, or None where there is no such channel."""
    if channel == "ticker":
        return _Changes(desk, arg, lambda: _ticker(desk, public, contract)).news
    if channel in _LEVELS:
        levels = _LEVELS[channel]
        return _Changes(desk, arg, lambda: _book(desk, public, contract, levels)).news
    if channel == "trade":
        return _Trades(desk, arg, contract).news
    granularity = channel.removeprefix("candle")
    if channel != granularity and granularity in GRANULARITY:
        return _Candles(desk, arg, contract, GRANULARITY[granularity][0]).news
    return None


def message(action: str, arg: dict[str, str], data: list[Any], ts: int) -> str:
    """Return a push as it is sent."""
    return json.dumps({"action": action, "arg": arg, "data": data, "ts": ts})


class _Changes:
    """Snapshots, sent where anything but their time has changed."""

    def __init__(self, desk: Desk, arg: dict[str, str], shown: Callable[[], dict[str, Any] | None]) -> None:
        self._desk = desk
        self._arg = arg
        self._shown = shown
        self._sent: dict[str, Any] = {}

    def news(self) -> list[str]:
        shown = self._shown()
        if shown is None:
            return []
        bare = {name: value for name, value in shown.items() if name != "ts"}
        if bare == self._sent:
            return []
        self._sent = bare
        return [message("snapshot", self._arg, [shown], self._desk.now_ms())]


class _Candles:
    """Rows: many at first, then the running bar, after the last words on those that ended meanwhile."""

    def __init__(self, desk: Desk, arg: dict[str, str], contract: Contract, timeframe: str) -> None:
        self._desk = desk
        self._arg = arg
        self._symbol = contract.symbol
        self._timeframe = timeframe
        self._sent: list[str] = []

    def news(self) -> list[str]:
        now = self._desk.now_ms()
        begin = int(self._sent[0]) if self._sent else 0
        found = self._desk.quotes.candles(
            self._symbol, self._timeframe, begin, now + 1, _FIRST_CANDLES, finished=False
        )
        rows = [candle_row(one) for one in found]
        if not rows or rows[-1] == self._sent:
            return []
        fresh = rows[1:] if rows[0] == self._sent else rows
        is_first, self._sent = not self._sent, rows[-1]
        if is_first:
            return [message("snapshot", self._arg, fresh, now)]
        return [message("update", self._arg, [row], now) for row in fresh]


class _Trades:
    """The trades of everybody since the last call, newest first; the first time, some of the newest."""

    def __init__(self, desk: Desk, arg: dict[str, str], contract: Contract) -> None:
        self._desk = desk
        self._arg = arg
        self._contract = contract
        self._last: int | None = None

    def news(self) -> list[str]:
        before = -1 if self._last is None else self._last
        fresh = self._desk.tape.after(self._contract, before, _FIRST_TRADES)
        if not fresh:
            return []
        action, self._last = "snapshot" if self._last is None else "update", fresh[-1].number
        rows = [
            {
                "ts": str(one.ts),
                "price": plain(one.price),
                "size": plain(one.size),
                "side": "buy" if one.is_buy else "sell",
                "tradeId": str(one.number),
            }
            for one in fresh[::-1]
        ]
        return [message(action, self._arg, rows, self._desk.now_ms())]


def _ticker(desk: Desk, public: PublicAnswers, contract: Contract) -> dict[str, Any] | None:
    told = public.ticker_of(contract)
    if told is None:
        return None
    left_out = ("usdtVolume", "deliveryStartTime", "deliveryTime", "deliveryStatus")
    _, at = desk.quotes.funding(contract)
    return {name: value for name, value in told.items() if name not in left_out} | {
        "instId": contract.symbol,
        "symbolType": "1",
        "nextFundingTime": str(at),
        "deliveryPrice": "0",
    }


def _book(desk: Desk, public: PublicAnswers, contract: Contract, levels: int) -> dict[str, Any] | None:
    told = public.book_of(contract, levels)
    return (told | {"checksum": 0, "seq": desk.now_ms() // MINUTE_MS}) if told["asks"] else None
