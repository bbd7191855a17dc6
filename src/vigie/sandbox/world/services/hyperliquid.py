"""Hyperliquid's public ``POST /info``."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

import numpy as np

from vigie.sandbox.world.catalogue import Coin
from vigie.sandbox.world.records import Candles
from vigie.sandbox.world.venue import SPANS
from vigie.sandbox.world.wire import Ask, Refusal, Reply, plain, short
from vigie.sandbox.world.world import World

_MOST_CANDLES: Final = 5_000
_MOST_ROWS: Final = 500
_NO_USER: Final = "0x" + "0" * 40


class Hyperliquid:
    """Answers info questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._venue = world.venues["hyperliquid"]
        self._answers: dict[str, Callable[[dict[str, Any], int], Any]] = {
            "meta": lambda _, __: self._meta(),
            "metaAndAssetCtxs": lambda _, now: [
                self._meta(),
                [self.context(coin, now) for coin in self._venue.coins],
            ],
            "allMids": lambda _, now: self.mids(now),
            "candleSnapshot": self._candles,
            "fundingHistory": self._funding,
            "predictedFundings": lambda _, now: self._predicted(now),
            "recentTrades": lambda body, now: self.trades(self._coin(body), now - 60_000, now)[::-1],
            "l2Book": lambda body, now: self.book(self._coin(body), now),
            "perpDexs": lambda _, __: [None],
            "spotMeta": lambda _, __: _NO_SPOT,
            "spotMetaAndAssetCtxs": lambda _, __: [_NO_SPOT, []],
            "exchangeStatus": lambda _, now: {"specialStatuses": None, "time": now},
        }

    def answer(self, ask: Ask) -> Reply:
        """Return the answer to the question in the body."""
        if ask.path.rstrip("/") != "/info":
            raise Refusal(404, "Not found")
        found = self._answers.get(ask.body.get("type", "")) if isinstance(ask.body, dict) else None
        if found is None:
            raise Refusal(422, "Failed to deserialize the JSON body into the target type")
        return Reply(found(ask.body, ask.now_ms))

    def coin_of(self, name: Any) -> Coin | None:
        """Return the coin of ``BTC``."""
        return self._venue.by_symbol.get(name)

    def _coin(self, body: dict[str, Any]) -> Coin:
        coin = self.coin_of(body.get("coin"))
        if coin is None:
            raise Refusal(500, None)
        return coin

    def _meta(self) -> dict[str, Any]:
        universe = [
            {
                "name": coin.symbol,
                "szDecimals": coin.profile.lot.digits,
                "maxLeverage": int(min(40.0, coin.profile.max_leverage / 2.0)),
                "marginTableId": 50,
            }
            for coin in self._venue.coins
        ]
        return {"universe": universe, "marginTables": [], "collateralToken": 0}

    def context(self, coin: Coin, now: int) -> dict[str, Any]:
        """Return what is told of an instrument beside its price."""
        told = self._venue.ticker(coin, now)
        return {
            "funding": short(told.funding, 10),
            "openInterest": plain(told.open_interest, coin.profile.lot),
            "prevDayPx": price_text(told.open_24h),
            "dayNtlVlm": short(told.turnover_24h, 6),
            "premium": short(told.last / told.index - 1.0, 10),
            "oraclePx": price_text(told.index),
            "markPx": price_text(told.mark),
            "midPx": price_text(told.last),
            "impactPxs": [price_text(told.bid), price_text(told.ask)],
            "dayBaseVlm": plain(told.volume_24h, coin.profile.lot),
        }

    def mids(self, now: int) -> dict[str, str]:
        """Return the middle price of every coin."""
        return {coin.symbol: price_text(self._venue.ticker(coin, now).last) for coin in self._venue.coins}

    def _candles(self, body: dict[str, Any], now: int) -> list[dict[str, Any]]:
        asked = body.get("req")
        if not isinstance(asked, dict) or asked.get("interval") not in SPANS:
            raise Refusal(422, "Failed to deserialize the JSON body into the target type")
        coin, span = self._coin(asked), SPANS[asked["interval"]]
        start, end = int(asked.get("startTime") or 0), int(asked.get("endTime") or now)
        oldest = now - _MOST_CANDLES * span
        found = self._venue.candles(coin, span, max(start, oldest), end + 1, now, limit=_MOST_CANDLES)
        return candle_objects(coin, asked["interval"], found)

    def _funding(self, body: dict[str, Any], now: int) -> list[dict[str, Any]]:
        coin = self._coin(body)
        ts, rate, premium = self._venue.funding_history(coin, now)
        start, end = int(body.get("startTime") or 0), int(body.get("endTime") or now)
        places = np.flatnonzero((ts >= start) & (ts <= end))[:_MOST_ROWS]
        return [
            {
                "coin": coin.symbol,
                "fundingRate": short(float(rate[i]), 10),
                "premium": short(float(premium[i]), 10),
                "time": int(ts[i]),
            }
            for i in places
        ]

    def _predicted(self, now: int) -> list[Any]:
        rows: list[Any] = []
        for coin in self._venue.coins:
            sides: list[Any] = []
            for shown, name in (("BinPerp", "binance"), ("HlPerp", "hyperliquid"), ("BitgetPerp", "bitget")):
                venue = self._world.venues[name]
                listed = coin.symbol in venue.by_symbol
                told = {
                    "fundingRate": short(venue.funding_now(coin, now), 10),
                    "nextFundingTime": venue.funding_next(now),
                    "fundingIntervalHours": venue.funding_hours,
                }
                sides.append([shown, told if listed else None])
            rows.append([coin.symbol, sides])
        return rows

    def trades(self, coin: Coin, since: int, now: int) -> list[dict[str, Any]]:
        """Return the trades after a time, oldest first."""
        return [
            {
                "coin": coin.symbol,
                "side": "B" if one.buy else "A",
                "px": price_text(one.price),
                "sz": plain(one.size, coin.profile.lot),
                "hash": "0x" + f"{one.number:064x}",
                "time": one.ts,
                "tid": one.number,
                "users": [_NO_USER, _NO_USER],
            }
            for one in self._venue.trades(coin, since, now)
        ]

    def book(self, coin: Coin, now: int) -> dict[str, Any]:
        """Return twenty levels a side."""
        told, lot = self._venue.ticker(coin, now), coin.profile.lot
        step = told.last * 1e-4
        asks = [
            {
                "px": level_text(told.ask + i * step, ROUND_CEILING),
                "sz": plain(told.ask_size, lot),
                "n": 1 + i % 4,
            }
            for i in range(20)
        ]
        bids = [
            {
                "px": level_text(told.bid - i * step, ROUND_FLOOR),
                "sz": plain(told.bid_size, lot),
                "n": 1 + i % 4,
            }
            for i in range(20)
        ]
        return {"coin": coin.symbol, "levels": [bids, asks], "time": told.ts}


_NO_SPOT: Final[dict[str, Any]] = {"tokens": [], "universe": []}


def price_text(price: float) -> str:
    """Write a price with five significant figures, or as a whole number where that has more."""
    return f"{price:.1f}" if price >= 10_000.0 else short(float(f"{price:.5g}"), 8)


def level_text(price: float, rounding: str) -> str:
    """Write a price of the book with five significant figures at most, away from the other side: none meet."""
    exact = Decimal(repr(price))
    step = Decimal(1).scaleb(min(exact.adjusted() - 4, 0))
    return format(exact.quantize(step, rounding).normalize(), "f")


def candle_objects(coin: Coin, interval: str, candles: Candles) -> list[dict[str, Any]]:
    """Return candles as the venue writes them."""
    told = []
    for ts, (first, high, low, last, volume) in zip(
        candles.ts.tolist(), candles.rows.T.tolist(), strict=True
    ):
        told.append(
            {
                "t": ts,
                "T": ts + candles.span_ms - 1,
                "s": coin.symbol,
                "i": interval,
                "o": price_text(first),
                "c": price_text(last),
                "h": price_text(high),
                "l": price_text(low),
                "v": plain(volume, coin.profile.lot),
                "n": max(1, int(volume * last / 4_000.0)),
            }
        )
    return told
