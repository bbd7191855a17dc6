"""Bitget's v2 public stream: ticker, candles and trades of USDT perpetuals."""

from __future__ import annotations

import json
from typing import Any, Final

from vigie.domain.time import MINUTE_MS
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.services.bitget import GRANULARITY, PRODUCT, candle_rows, ticker_fields
from vigie_sandbox.world.venue import SPANS
from vigie_sandbox.world.wire import WorldStreamSession, format_on_grid
from vigie_sandbox.world.world import World

_FIRST_CANDLES: Final = 100
_FIRST_TRADES: Final = 50


def open_stream(world: World, path: str, query: str) -> WorldStreamSession | None:
    """Return a conversation with a new client; None where no stream is at this path."""
    return BitgetStreamSession(world) if "/v2/ws/public" in path else None


class BitgetStreamSession:
    """One client of the public stream.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._venue = world.venues["bitget"]
        self._coins = {coin.symbol + "USDT": coin for coin in self._venue.coins}
        self._topics: dict[str, _Topic] = {}

    def receive(self, text: str, now_ms: int) -> list[str]:
        """Answer ``ping``, subscriptions and their end."""
        if text == "ping":
            return ["pong"]
        try:
            request = json.loads(text)
            op, args = request["op"], list(request["args"])
        except (ValueError, KeyError, TypeError):
            return [json.dumps({"event": "error", "code": 30002, "msg": "Unrecognized request"})]
        replies: list[str] = []
        for arg in args:
            replies += self._subscribe(arg, now_ms) if op == "subscribe" else self._unsubscribe(arg, op)
        return replies

    def push_to_client(self, now_ms: int) -> list[str]:
        """Return what changed on each subscription."""
        return [message for topic in self._topics.values() for message in topic.updates(now_ms)]

    def _subscribe(self, arg: Any, now_ms: int) -> list[str]:
        topic = self._topic(arg)
        if topic is None:
            error = {
                "event": "error",
                "arg": arg,
                "code": 30001,
                "msg": "Channel does not exist",
                "op": "subscribe",
            }
            return [json.dumps(error)]
        self._topics[_subscription_key(arg)] = topic
        return [json.dumps({"event": "subscribe", "arg": arg}), *topic.snapshot(now_ms)]

    def _unsubscribe(self, arg: Any, op: str) -> list[str]:
        if op != "unsubscribe":
            return [json.dumps({"event": "error", "code": 30003, "msg": f"Unknown op {op}"})]
        self._topics.pop(_subscription_key(arg), None)
        return [json.dumps({"event": "unsubscribe", "arg": arg})]

    def _topic(self, arg: Any) -> _Topic | None:
        if not isinstance(arg, dict) or str(arg.get("instType", "")).upper() != PRODUCT:
            return None
        channel, coin = str(arg.get("channel", "")), self._coins.get(str(arg.get("instId", "")))
        if coin is None:
            return None
        if channel == "ticker":
            return _TickerTopic(self._venue, coin, arg)
        if channel == "trade":
            return _TradeTopic(self._venue, coin, arg)
        granularity = channel.removeprefix("candle")
        if channel != granularity and granularity in GRANULARITY:
            return _CandleTopic(self._venue, coin, arg, SPANS[GRANULARITY[granularity][0]])
        return None


class _Topic:
    """One subscription: what is sent at first, and what later."""

    def __init__(self, venue: Any, coin: Coin, arg: dict[str, str]) -> None:
        self.venue = venue
        self.coin = coin
        self._arg = arg

    def snapshot(self, now_ms: int) -> list[str]:
        return self.updates(now_ms)

    def updates(self, now_ms: int) -> list[str]:
        raise NotImplementedError

    def message(self, action: str, data: list[Any], now_ms: int) -> str:
        return json.dumps({"action": action, "arg": self._arg, "data": data, "ts": now_ms})


class _TickerTopic(_Topic):
    def __init__(self, venue: Any, coin: Coin, arg: dict[str, str]) -> None:
        super().__init__(venue, coin, arg)
        self._sent = -1

    def updates(self, now_ms: int) -> list[str]:
        if now_ms // 1_000 == self._sent:
            return []
        self._sent = now_ms // 1_000
        ticker = self.venue.ticker(self.coin, now_ms)
        symbol = self._arg["instId"]
        data = ticker_fields(ticker) | {
            "instId": symbol,
            "symbol": symbol,
            "symbolType": "1",
            "nextFundingTime": str(ticker.funding_next_ms),
            "deliveryPrice": "0",
        }
        return [self.message("snapshot", [data], now_ms)]


class _CandleTopic(_Topic):
    def __init__(self, venue: Any, coin: Coin, arg: dict[str, str], span_ms: int) -> None:
        super().__init__(venue, coin, arg)
        self._span = span_ms
        self._sent: list[str] = []

    def snapshot(self, now_ms: int) -> list[str]:
        candles = self.venue.candles(self.coin, self._span, 0, now_ms + 1, now_ms, limit=_FIRST_CANDLES)
        rows = candle_rows(self.coin, candles)
        self._sent = rows[-1] if rows else []
        return [self.message("snapshot", rows, now_ms)]

    def updates(self, now_ms: int) -> list[str]:
        """Send the running bar where it changed, after the last words on those that ended meanwhile."""
        begin = int(self._sent[0]) if self._sent else now_ms - MINUTE_MS
        candles = self.venue.candles(self.coin, self._span, begin, now_ms + 1, now_ms, limit=_FIRST_CANDLES)
        rows = candle_rows(self.coin, candles)
        if not rows or rows[-1] == self._sent:
            return []
        new_rows = rows[1:] if rows[0] == self._sent else rows
        self._sent = rows[-1]
        return [self.message("update", [row], now_ms) for row in new_rows]


class _TradeTopic(_Topic):
    def __init__(self, venue: Any, coin: Coin, arg: dict[str, str]) -> None:
        super().__init__(venue, coin, arg)
        self._since = 0

    def snapshot(self, now_ms: int) -> list[str]:
        self._since = now_ms - _FIRST_TRADES * 1_000
        return self._trades(now_ms, "snapshot")

    def updates(self, now_ms: int) -> list[str]:
        return self._trades(now_ms, "update")

    def _trades(self, now_ms: int, action: str) -> list[str]:
        trades = self.venue.trades(self.coin, self._since, now_ms, _FIRST_TRADES)
        self._since = now_ms
        tick, lot = self.coin.profile.tick, self.coin.profile.lot
        data = [
            {
                "ts": str(trade.ts),
                "price": format_on_grid(trade.price, tick),
                "size": format_on_grid(trade.size, lot),
                "side": "buy" if trade.buy else "sell",
                "tradeId": str(trade.number),
            }
            for trade in reversed(trades)
        ]
        return [self.message(action, data, now_ms)] if data else []


def _subscription_key(arg: Any) -> str:
    return json.dumps(arg, sort_keys=True)
