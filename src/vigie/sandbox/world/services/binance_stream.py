"""Binance's USD-M stream: tickers, klines, mark prices, trades and forced orders."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs

from vigie.domain.time import DAY_MS
from vigie.sandbox.world.catalogue import Coin
from vigie.sandbox.world.services.binance import kline_rows
from vigie.sandbox.world.venue import SPANS
from vigie.sandbox.world.wire import plain
from vigie.sandbox.world.world import World

_AT_ONCE: Final = 20
# These tell of every instrument in one message.
_TOGETHER: Final = ("!ticker@arr", "!miniTicker@arr", "!markPrice@arr")

News = Callable[[int, int], list[dict[str, Any]]]


class BinanceTalk:
    """One client of the stream.

    Parameters
    ----------
    world : World
        What is shown.
    path, query : str
        ``/ws/btcusdt@ticker``, ``/stream`` with ``streams=...``, or either without names: then the client
        subscribes.
    """

    def __init__(self, world: World, path: str, query: str) -> None:
        self._venue = world.venues["binance"]
        self._coins = {(coin.symbol + "USDT").lower(): coin for coin in self._venue.coins}
        self._wrapped = "/stream" in path
        self._since: dict[str, int] = {}
        self._klines: dict[str, list[Any]] = {}
        if self._wrapped:
            names = "/".join(parse_qs(query).get("streams", [])).split("/")
        else:
            names = path.partition("/ws")[2].split("/")
        self._streams = {name: news for name in names if (news := self._news_of(name)) is not None}

    def receive(self, text: str, now_ms: int) -> list[str]:
        """Answer SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS."""
        try:
            asked = json.loads(text)
            method, names = asked["method"], list(asked.get("params", []))
        except (ValueError, KeyError, TypeError, AttributeError):
            return [json.dumps({"error": {"code": 3, "msg": "Invalid JSON"}})]
        if method == "LIST_SUBSCRIPTIONS":
            return [json.dumps({"result": list(self._streams), "id": asked.get("id")})]
        for name in names:
            news = self._news_of(name)
            if method == "UNSUBSCRIBE":
                self._streams.pop(name, None)
            elif news is not None:
                self._streams[name] = news
                self._since.setdefault(name, now_ms)
        return [json.dumps({"result": None, "id": asked.get("id")})]

    def push_to_client(self, now_ms: int) -> list[str]:
        """Return what changed on each stream."""
        messages: list[str] = []
        for name, news in self._streams.items():
            since = self._since.get(name, now_ms - 1_000)
            if since // 1_000 == now_ms // 1_000:
                continue
            self._since[name] = now_ms
            told: list[Any] = news(since, now_ms)
            if told and name.startswith(_TOGETHER):
                told = [told]
            messages += [json.dumps({"stream": name, "data": one} if self._wrapped else one) for one in told]
        return messages

    def _news_of(self, name: str) -> News | None:
        """Return what a stream's name stands for; None where there is none."""
        if name == "!forceOrder@arr":
            return lambda since, now: [
                one for coin in self._coins.values() for one in self._forced(coin, since, now)
            ]
        for_all = {
            "!ticker@arr": self._ticker,
            "!miniTicker@arr": self._mini_ticker,
            "!markPrice@arr": self._mark,
        }
        told = for_all.get(name.removesuffix("@1s"))
        if told is not None:
            return lambda _, now: [told(coin, now) for coin in self._coins.values()]
        symbol, _, channel = name.partition("@")
        coin = self._coins.get(symbol)
        if coin is None:
            return None
        for_one = {
            "ticker": self._ticker,
            "miniTicker": self._mini_ticker,
            "bookTicker": self._book,
            "markPrice": self._mark,
        }
        one = for_one.get(channel.removesuffix("@1s"))
        if one is not None:
            return lambda _, now: [one(coin, now)]
        if channel in ("trade", "aggTrade"):
            return lambda since, now: self._trades(coin, since, now, channel)
        if channel == "forceOrder":
            return lambda since, now: self._forced(coin, since, now)
        interval = channel.removeprefix("kline_")
        if interval != channel and interval in SPANS:
            return lambda _, now: self._kline(coin, name, interval, now)
        return None

    def _ticker(self, coin: Coin, now: int) -> dict[str, Any]:
        told, tick, lot = self._venue.ticker(coin, now), coin.profile.tick, coin.profile.lot
        return {
            "e": "24hrTicker",
            "E": told.ts,
            "s": coin.symbol + "USDT",
            "p": plain(told.last - told.open_24h, tick),
            "P": f"{told.change_24h * 100.0:.3f}",
            "w": plain(told.turnover_24h / max(told.volume_24h, lot.value), tick),
            "c": plain(told.last, tick),
            "Q": plain(told.bid_size, lot),
            "o": plain(told.open_24h, tick),
            "h": plain(told.high_24h, tick),
            "l": plain(told.low_24h, tick),
            "v": plain(told.volume_24h, lot),
            "q": f"{told.turnover_24h:.2f}",
            "O": told.ts - DAY_MS,
            "C": told.ts,
            "F": told.ts // 1_000 - 86_400,
            "L": told.ts // 1_000,
            "n": 86_401,
        }

    def _mini_ticker(self, coin: Coin, now: int) -> dict[str, Any]:
        whole = self._ticker(coin, now)
        return {"e": "24hrMiniTicker"} | {name: whole[name] for name in "Escohlvq"}

    def _book(self, coin: Coin, now: int) -> dict[str, Any]:
        told, tick, lot = self._venue.ticker(coin, now), coin.profile.tick, coin.profile.lot
        row = {"e": "bookTicker", "u": told.ts, "E": told.ts, "T": told.ts, "s": coin.symbol + "USDT"}
        row |= {"b": plain(told.bid, tick), "B": plain(told.bid_size, lot)}
        return row | {"a": plain(told.ask, tick), "A": plain(told.ask_size, lot)}

    def _mark(self, coin: Coin, now: int) -> dict[str, Any]:
        told = self._venue.ticker(coin, now)
        return {
            "e": "markPriceUpdate",
            "E": told.ts,
            "s": coin.symbol + "USDT",
            "p": f"{told.mark:.8f}",
            "i": f"{told.index:.8f}",
            "P": f"{told.index:.8f}",
            "r": f"{told.funding:.8f}",
            "T": told.funding_next_ms,
        }

    def _trades(self, coin: Coin, since: int, now: int, channel: str) -> list[dict[str, Any]]:
        tick, lot = coin.profile.tick, coin.profile.lot
        told = []
        for one in self._venue.trades(coin, since, now, _AT_ONCE):
            row = {"e": channel, "E": one.ts, "s": coin.symbol + "USDT", "p": plain(one.price, tick)}
            row |= {"q": plain(one.size, lot), "T": one.ts, "m": not one.buy}
            ids = (
                {"a": one.number, "f": one.number, "l": one.number}
                if channel == "aggTrade"
                else {"t": one.number}
            )
            told.append(row | ids)
        return told

    def _kline(self, coin: Coin, name: str, interval: str, now: int) -> list[dict[str, Any]]:
        """Tell the running bar, after the last words on those that ended since."""
        span = SPANS[interval]
        before = self._klines.get(name)
        begin = before[0] if before is not None else now - span + 1
        rows = kline_rows(coin, self._venue.candles(coin, span, begin, now + 1, now, limit=_AT_ONCE))
        if not rows or rows[-1] == before:
            return []
        self._klines[name] = rows[-1]
        return [_kline_message(coin, interval, row, now) for row in rows]

    def _forced(self, coin: Coin, since: int, now: int) -> list[dict[str, Any]]:
        tick, lot = coin.profile.tick, coin.profile.lot
        told = []
        for one in self._venue.liquidations(coin, since, now):
            size, price = plain(one.size, lot), plain(one.price, tick)
            order = {
                "s": coin.symbol + "USDT",
                "S": "BUY" if one.bought else "SELL",
                "o": "LIMIT",
                "f": "IOC",
                "q": size,
                "p": price,
                "ap": price,
                "X": "FILLED",
                "l": size,
                "z": size,
                "T": one.ts,
            }
            told.append({"e": "forceOrder", "E": one.ts, "o": order})
        return told


def _kline_message(coin: Coin, interval: str, row: list[Any], now: int) -> dict[str, Any]:
    ts, first, high, low, last, volume, end, quote, count, bought, bought_quote, _ = row
    bar = {"t": ts, "T": end, "s": coin.symbol + "USDT", "i": interval, "f": ts // 1_000, "L": now // 1_000}
    bar |= {"o": first, "c": last, "h": high, "l": low, "v": volume, "n": count, "x": end < now, "q": quote}
    bar |= {"V": bought, "Q": bought_quote, "B": "0"}
    return {"e": "kline", "E": now, "s": coin.symbol + "USDT", "k": bar}
