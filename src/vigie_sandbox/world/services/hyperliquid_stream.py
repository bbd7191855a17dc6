"""Hyperliquid's stream: middle prices, contexts, candles, trades, books and their best prices."""

from __future__ import annotations

import json
from typing import Any

from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.services.hyperliquid import Hyperliquid, candle_objects
from vigie_sandbox.world.venue import SPANS
from vigie_sandbox.world.wire import WorldStreamSession
from vigie_sandbox.world.world import World


def open_stream(world: World, path: str, query: str) -> WorldStreamSession | None:
    """Return a conversation with a new client; None where no stream is at this path."""
    return HyperliquidStreamSession(world) if "/ws" in path else None


class HyperliquidStreamSession:
    """One client of the stream.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._info = Hyperliquid(world)
        self._venue = world.venues["hyperliquid"]
        self._subscriptions: dict[str, dict[str, Any]] = {}
        self._since: dict[str, int] = {}
        self._candles: dict[str, dict[str, Any]] = {}
        self._best: dict[str, list[Any]] = {}

    def receive(self, text: str, now_ms: int) -> list[str]:
        """Answer pings, subscriptions and their end."""
        try:
            request = json.loads(text)
            method = request["method"]
            subscription = request.get("subscription", {})
        except (ValueError, KeyError, TypeError):
            return [
                json.dumps({"channel": "error", "data": "Error parsing JSON into valid websocket request"})
            ]
        if method == "ping":
            return [json.dumps({"channel": "pong"})]
        key = json.dumps(subscription, sort_keys=True)
        if method == "unsubscribe":
            self._subscriptions.pop(key, None)
        elif not self._is_valid(subscription):
            return [json.dumps({"channel": "error", "data": f"Invalid subscription {key}"})]
        else:
            self._subscriptions[key] = subscription
        confirmation = {"method": method, "subscription": subscription}
        return [json.dumps({"channel": "subscriptionResponse", "data": confirmation})]

    def push_to_client(self, now_ms: int) -> list[str]:
        """Return what changed on each subscription."""
        messages: list[str] = []
        for key, subscription in self._subscriptions.items():
            since = self._since.get(key, 0)
            if since // 1_000 == now_ms // 1_000:
                continue
            self._since[key] = now_ms
            channel = subscription["type"]
            updates = self._updates(key, subscription, since or now_ms - 1_000, now_ms)
            messages += [json.dumps({"channel": channel, "data": update}) for update in updates]
        return messages

    def _is_valid(self, subscription: Any) -> bool:
        if not isinstance(subscription, dict):
            return False
        kind = subscription.get("type")
        if kind == "allMids":
            return True
        if self._info.find_coin(subscription.get("coin")) is None:
            return False
        return kind in ("activeAssetCtx", "trades", "l2Book", "bbo") or (
            kind == "candle" and subscription.get("interval") in SPANS
        )

    def _updates(self, key: str, subscription: dict[str, Any], since: int, now: int) -> list[Any]:
        kind = subscription["type"]
        if kind == "allMids":
            return [{"mids": self._info.mids(now)}]
        coin = self._venue.by_symbol[subscription["coin"]]
        if kind == "activeAssetCtx":
            return [{"coin": coin.symbol, "ctx": self._info.context(coin, now)}]
        if kind == "l2Book":
            return [self._info.book(coin, now)]
        if kind == "bbo":
            return self._new_best_quotes(key, self._info.book(coin, now))
        if kind == "trades":
            trades = self._info.trades(coin, since, now)
            return [trades] if trades else []
        return self._new_candles(key, coin, subscription["interval"], now)

    def _new_best_quotes(self, key: str, book: dict[str, Any]) -> list[Any]:
        """Return the best bid and ask where they are others than before: the venue tells nothing else."""
        best = [side[0] for side in book["levels"]]
        if best == self._best.get(key):
            return []
        self._best[key] = best
        return [{"coin": book["coin"], "time": book["time"], "bbo": best}]

    def _new_candles(self, key: str, coin: Coin, interval: str, now: int) -> list[Any]:
        span, previous = SPANS[interval], self._candles.get(key)
        begin = previous["t"] if previous is not None else now - span + 1
        candles = self._venue.candles(coin, span, begin, now + 1, now, limit=20)
        rows = candle_objects(coin, interval, candles)
        if not rows or rows[-1] == previous:
            return []
        self._candles[key] = rows[-1]
        return rows
