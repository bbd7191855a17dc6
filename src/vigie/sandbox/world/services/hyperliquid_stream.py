"""Hyperliquid's stream: middle prices, contexts, candles, trades, books and their best prices."""

from __future__ import annotations

import json
from typing import Any

from vigie.sandbox.world.catalogue import Coin
from vigie.sandbox.world.services.hyperliquid import Hyperliquid, candle_objects
from vigie.sandbox.world.venue import SPANS
from vigie.sandbox.world.world import World


class HyperliquidTalk:
    """One client of the stream.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._info = Hyperliquid(world)
        self._venue = world.venues["hyperliquid"]
        self._subscribed: dict[str, dict[str, Any]] = {}
        self._since: dict[str, int] = {}
        self._candles: dict[str, dict[str, Any]] = {}
        self._best: dict[str, list[Any]] = {}

    def receive(self, text: str, now_ms: int) -> list[str]:
        """Answer pings, subscriptions and their end."""
        try:
            asked = json.loads(text)
            method = asked["method"]
            wanted = asked.get("subscription", {})
        except (ValueError, KeyError, TypeError):
            return [
                json.dumps({"channel": "error", "data": "Error parsing JSON into valid websocket request"})
            ]
        if method == "ping":
            return [json.dumps({"channel": "pong"})]
        key = json.dumps(wanted, sort_keys=True)
        if method == "unsubscribe":
            self._subscribed.pop(key, None)
        elif not self._is_known(wanted):
            return [json.dumps({"channel": "error", "data": f"Invalid subscription {key}"})]
        else:
            self._subscribed[key] = wanted
        told = {"method": method, "subscription": wanted}
        return [json.dumps({"channel": "subscriptionResponse", "data": told})]

    def push_to_client(self, now_ms: int) -> list[str]:
        """Return what changed on each subscription."""
        messages: list[str] = []
        for key, wanted in self._subscribed.items():
            since = self._since.get(key, 0)
            if since // 1_000 == now_ms // 1_000:
                continue
            self._since[key] = now_ms
            channel = wanted["type"]
            told = self._news(key, wanted, since or now_ms - 1_000, now_ms)
            messages += [json.dumps({"channel": channel, "data": one}) for one in told]
        return messages

    def _is_known(self, wanted: Any) -> bool:
        if not isinstance(wanted, dict):
            return False
        kind = wanted.get("type")
        if kind == "allMids":
            return True
        if self._info.coin_of(wanted.get("coin")) is None:
            return False
        return kind in ("activeAssetCtx", "trades", "l2Book", "bbo") or (
            kind == "candle" and wanted.get("interval") in SPANS
        )

    def _news(self, key: str, wanted: dict[str, Any], since: int, now: int) -> list[Any]:
        kind = wanted["type"]
        if kind == "allMids":
            return [{"mids": self._info.mids(now)}]
        coin = self._venue.by_symbol[wanted["coin"]]
        if kind == "activeAssetCtx":
            return [{"coin": coin.symbol, "ctx": self._info.context(coin, now)}]
        if kind == "l2Book":
            return [self._info.book(coin, now)]
        if kind == "bbo":
            return self._changed(key, self._info.book(coin, now))
        if kind == "trades":
            trades = self._info.trades(coin, since, now)
            return [trades] if trades else []
        return self._bars(key, coin, wanted["interval"], now)

    def _changed(self, key: str, book: dict[str, Any]) -> list[Any]:
        """Return the best bid and ask where they are others than before: the venue tells nothing else."""
        best = [side[0] for side in book["levels"]]
        if best == self._best.get(key):
            return []
        self._best[key] = best
        return [{"coin": book["coin"], "time": book["time"], "bbo": best}]

    def _bars(self, key: str, coin: Coin, interval: str, now: int) -> list[Any]:
        span, before = SPANS[interval], self._candles.get(key)
        begin = before["t"] if before is not None else now - span + 1
        found = self._venue.candles(coin, span, begin, now + 1, now, limit=20)
        told = candle_objects(coin, interval, found)
        if not told or told[-1] == before:
            return []
        self._candles[key] = told[-1]
        return told
