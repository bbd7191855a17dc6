"""Binance's USD-M stream: tickers, klines, mark prices, trades and forced orders."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs

from vigie.domain.time import DAY_MS
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.services.binance import kline_rows
from vigie_sandbox.world.venue import SPANS
from vigie_sandbox.world.wire import WorldStreamSession, format_on_grid
from vigie_sandbox.world.world import World

_MAX_ROWS: Final = 20
# These tell of every instrument in one message.
_COMBINED_STREAMS: Final = ("!ticker@arr", "!miniTicker@arr", "!markPrice@arr")

GetUpdates = Callable[[int, int], list[dict[str, Any]]]


def open_stream(world: World, path: str, query: str) -> WorldStreamSession | None:
    """Return a conversation with a new client; None where no stream is at this path."""
    return BinanceStreamSession(world, path, query) if "/ws" in path or "/stream" in path else None


class BinanceStreamSession:
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
        self._streams = {
            name: get_updates for name in names if (get_updates := self._make_updater(name)) is not None
        }

    def receive(self, text: str, now_ms: int) -> list[str]:
        """Answer SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS."""
        try:
            request = json.loads(text)
            method, names = request["method"], list(request.get("params", []))
        except (ValueError, KeyError, TypeError, AttributeError):
            return [json.dumps({"error": {"code": 3, "msg": "Invalid JSON"}})]
        if method == "LIST_SUBSCRIPTIONS":
            return [json.dumps({"result": list(self._streams), "id": request.get("id")})]
        for name in names:
            get_updates = self._make_updater(name)
            if method == "UNSUBSCRIBE":
                self._streams.pop(name, None)
            elif get_updates is not None:
                self._streams[name] = get_updates
                self._since.setdefault(name, now_ms)
        return [json.dumps({"result": None, "id": request.get("id")})]

    def push_to_client(self, now_ms: int) -> list[str]:
        """Return what changed on each stream."""
        messages: list[str] = []
        for name, get_updates in self._streams.items():
            since = self._since.get(name, now_ms - 1_000)
            if since // 1_000 == now_ms // 1_000:
                continue
            self._since[name] = now_ms
            updates: list[Any] = get_updates(since, now_ms)
            if updates and name.startswith(_COMBINED_STREAMS):
                updates = [updates]
            messages += [
                json.dumps({"stream": name, "data": update} if self._wrapped else update)
                for update in updates
            ]
        return messages

    def _make_updater(self, name: str) -> GetUpdates | None:
        """Return what a stream's name stands for; None where there is none."""
        if name == "!forceOrder@arr":
            return lambda since, now: [
                one for coin in self._coins.values() for one in self._forced(coin, since, now)
            ]
        makers_of_all = {
            "!ticker@arr": self._ticker,
            "!miniTicker@arr": self._mini_ticker,
            "!markPrice@arr": self._mark,
        }
        make_row = makers_of_all.get(name.removesuffix("@1s"))
        if make_row is not None:
            return lambda _, now: [make_row(coin, now) for coin in self._coins.values()]
        symbol, _, channel = name.partition("@")
        coin = self._coins.get(symbol)
        if coin is None:
            return None
        makers_of_one = {
            "ticker": self._ticker,
            "miniTicker": self._mini_ticker,
            "bookTicker": self._book,
            "markPrice": self._mark,
        }
        one = makers_of_one.get(channel.removesuffix("@1s"))
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
        ticker, tick, lot = self._venue.ticker(coin, now), coin.profile.tick, coin.profile.lot
        return {
            "e": "24hrTicker",
            "E": ticker.ts,
            "s": coin.symbol + "USDT",
            "p": format_on_grid(ticker.last - ticker.open_24h, tick),
            "P": f"{ticker.change_24h * 100.0:.3f}",
            "w": format_on_grid(ticker.turnover_24h / max(ticker.volume_24h, lot.value), tick),
            "c": format_on_grid(ticker.last, tick),
            "Q": format_on_grid(ticker.bid_size, lot),
            "o": format_on_grid(ticker.open_24h, tick),
            "h": format_on_grid(ticker.high_24h, tick),
            "l": format_on_grid(ticker.low_24h, tick),
            "v": format_on_grid(ticker.volume_24h, lot),
            "q": f"{ticker.turnover_24h:.2f}",
            "O": ticker.ts - DAY_MS,
            "C": ticker.ts,
            "F": ticker.ts // 1_000 - 86_400,
            "L": ticker.ts // 1_000,
            "n": 86_401,
        }

    def _mini_ticker(self, coin: Coin, now: int) -> dict[str, Any]:
        ticker_row = self._ticker(coin, now)
        return {"e": "24hrMiniTicker"} | {name: ticker_row[name] for name in "Escohlvq"}

    def _book(self, coin: Coin, now: int) -> dict[str, Any]:
        ticker, tick, lot = self._venue.ticker(coin, now), coin.profile.tick, coin.profile.lot
        row = {"e": "bookTicker", "u": ticker.ts, "E": ticker.ts, "T": ticker.ts, "s": coin.symbol + "USDT"}
        row |= {"b": format_on_grid(ticker.bid, tick), "B": format_on_grid(ticker.bid_size, lot)}
        return row | {"a": format_on_grid(ticker.ask, tick), "A": format_on_grid(ticker.ask_size, lot)}

    def _mark(self, coin: Coin, now: int) -> dict[str, Any]:
        ticker = self._venue.ticker(coin, now)
        return {
            "e": "markPriceUpdate",
            "E": ticker.ts,
            "s": coin.symbol + "USDT",
            "p": f"{ticker.mark:.8f}",
            "i": f"{ticker.index:.8f}",
            "P": f"{ticker.index:.8f}",
            "r": f"{ticker.funding:.8f}",
            "T": ticker.funding_next_ms,
        }

    def _trades(self, coin: Coin, since: int, now: int, channel: str) -> list[dict[str, Any]]:
        tick, lot = coin.profile.tick, coin.profile.lot
        rows = []
        for trade in self._venue.trades(coin, since, now, _MAX_ROWS):
            row = {
                "e": channel,
                "E": trade.ts,
                "s": coin.symbol + "USDT",
                "p": format_on_grid(trade.price, tick),
            }
            row |= {"q": format_on_grid(trade.size, lot), "T": trade.ts, "m": not trade.buy}
            ids = (
                {"a": trade.number, "f": trade.number, "l": trade.number}
                if channel == "aggTrade"
                else {"t": trade.number}
            )
            rows.append(row | ids)
        return rows

    def _kline(self, coin: Coin, name: str, interval: str, now: int) -> list[dict[str, Any]]:
        """Tell the running bar, after the last words on those that ended since."""
        span = SPANS[interval]
        previous = self._klines.get(name)
        begin = previous[0] if previous is not None else now - span + 1
        rows = kline_rows(coin, self._venue.candles(coin, span, begin, now + 1, now, limit=_MAX_ROWS))
        if not rows or rows[-1] == previous:
            return []
        self._klines[name] = rows[-1]
        return [_kline_message(coin, interval, row, now) for row in rows]

    def _forced(self, coin: Coin, since: int, now: int) -> list[dict[str, Any]]:
        tick, lot = coin.profile.tick, coin.profile.lot
        rows = []
        for liquidation in self._venue.liquidations(coin, since, now):
            size, price = format_on_grid(liquidation.size, lot), format_on_grid(liquidation.price, tick)
            order = {
                "s": coin.symbol + "USDT",
                "S": "BUY" if liquidation.is_buy else "SELL",
                "o": "LIMIT",
                "f": "IOC",
                "q": size,
                "p": price,
                "ap": price,
                "X": "FILLED",
                "l": size,
                "z": size,
                "T": liquidation.ts,
            }
            rows.append({"e": "forceOrder", "E": liquidation.ts, "o": order})
        return rows


def _kline_message(coin: Coin, interval: str, row: list[Any], now: int) -> dict[str, Any]:
    ts, first, high, low, last, volume, end, quote, count, bought, bought_quote, _ = row
    bar = {"t": ts, "T": end, "s": coin.symbol + "USDT", "i": interval, "f": ts // 1_000, "L": now // 1_000}
    bar |= {"o": first, "c": last, "h": high, "l": low, "v": volume, "n": count, "x": end < now, "q": quote}
    bar |= {"V": bought, "Q": bought_quote, "B": "0"}
    return {"e": "kline", "E": now, "s": coin.symbol + "USDT", "k": bar}
