"""What streams tell of the market: mids, books, best prices, trades, candles, contexts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vigie.sandbox.exchange.core.words import Contract
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.hyperliquid.market import INTERVALS, MarketAnswers, candle_row, trade_row

News = Callable[[], list[Any]]
"""Returns what has changed since the last call; the first time, what there is."""
_FIRST = 1
_AT_ONCE = 20


def topic(desk: Desk, market: MarketAnswers, wanted: Mapping[str, Any]) -> News | None:
    """Return what a subscription is told, or None where there is no such one."""
    kind = wanted.get("type")
    if kind == "allMids":
        return _Changes(lambda: {"mids": market.mids()}).news
    contract = market.by_coin(wanted.get("coin"))
    if contract is None:
        return None
    if kind == "l2Book":
        return _Changes(lambda: market.book(contract)).news
    if kind == "bbo":
        return _Changes(lambda: _best(market.book(contract))).news
    if kind == "activeAssetCtx":
        return _Changes(lambda: {"coin": contract.base, "ctx": market.context(contract)}).news
    if kind == "trades":
        return _Trades(desk, contract).news
    interval = wanted.get("interval")
    if kind == "candle" and interval in INTERVALS:
        return _Candles(desk, contract, str(interval)).news
    return None


def _best(book: dict[str, Any]) -> dict[str, Any]:
    first = [rows[0] if rows else None for rows in book["levels"]]
    return {"coin": book["coin"], "time": book["time"], "bbo": first}


class _Changes:
    """Told where anything but the time has changed."""

    def __init__(self, shown: Callable[[], dict[str, Any]]) -> None:
        self._shown = shown
        self._told: dict[str, Any] = {}

    def news(self) -> list[Any]:
        shown = self._shown()
        bare = {name: value for name, value in shown.items() if name != "time"}
        if bare == self._told:
            return []
        self._told = bare
        return [shown]


class _Candles:
    """The running bar, after the last words on those that ended meanwhile."""

    def __init__(self, desk: Desk, contract: Contract, interval: str) -> None:
        self._desk = desk
        self._contract = contract
        self._interval = interval
        self._told: dict[str, Any] = {}

    def news(self) -> list[Any]:
        now = self._desk.now_ms()
        begin, many = (self._told["t"], 100) if self._told else (0, _FIRST)
        found = self._desk.quotes.candles(
            self._contract.symbol, self._interval, begin, now + 1, many, finished=False
        )
        rows = [candle_row(one, self._contract.base, self._interval) for one in found]
        if not rows or rows[-1] == self._told:
            return []
        fresh = rows[1:] if rows[0] == self._told else rows
        self._told = rows[-1]
        return fresh


class _Trades:
    """The trades of everybody since the last call; the first time, the newest."""

    def __init__(self, desk: Desk, contract: Contract) -> None:
        self._desk = desk
        self._contract = contract
        self._last: int | None = None

    def news(self) -> list[Any]:
        before, most = (-1, _FIRST) if self._last is None else (self._last, _AT_ONCE)
        fresh = self._desk.tape.after(self._contract, before, most)
        if not fresh:
            return []
        self._last = fresh[-1].number
        return [[trade_row(one, self._contract.base) for one in fresh]]
