"""Hyperliquid's public ``POST /info``."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

import numpy as np

from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.records import Candles
from vigie_sandbox.world.services.hyperliquid_users import HyperliquidUsers
from vigie_sandbox.world.venue import SPANS
from vigie_sandbox.world.wire import (
    Reply,
    Service,
    ServiceRefusal,
    ServiceRequest,
    format_on_grid,
    format_short,
)
from vigie_sandbox.world.world import World

_MAX_CANDLES: Final = 5_000
_MAX_ROWS: Final = 500
_NO_USER: Final = "0x" + "0" * 40


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return Hyperliquid(world)


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
        users = HyperliquidUsers(self._venue, price_text)
        self._handlers: dict[str, Callable[[dict[str, Any], int], Any]] = {
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
            "userRole": lambda body, _: users.role(body),
            "userFills": users.fills,
            "userFillsByTime": users.fills_by_time,
            "exchangeStatus": lambda _, now: {"specialStatuses": None, "time": now},
        }

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the answer to the question in the body."""
        if request.path.rstrip("/") != "/info":
            raise ServiceRefusal(404, "Not found")
        handler = self._handlers.get(request.body.get("type", "")) if isinstance(request.body, dict) else None
        if handler is None:
            raise ServiceRefusal(422, "Failed to deserialize the JSON body into the target type")
        return Reply(handler(request.body, request.now_ms))

    def find_coin(self, name: Any) -> Coin | None:
        """Return the coin of ``BTC``."""
        return self._venue.by_symbol.get(name)

    def _coin(self, body: dict[str, Any]) -> Coin:
        coin = self.find_coin(body.get("coin"))
        if coin is None:
            raise ServiceRefusal(500, None)
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
        ticker = self._venue.ticker(coin, now)
        return {
            "funding": format_short(ticker.funding, 10),
            "openInterest": format_on_grid(ticker.open_interest, coin.profile.lot),
            "prevDayPx": price_text(ticker.open_24h),
            "dayNtlVlm": format_short(ticker.turnover_24h, 6),
            "premium": format_short(ticker.last / ticker.index - 1.0, 10),
            "oraclePx": price_text(ticker.index),
            "markPx": price_text(ticker.mark),
            "midPx": price_text(ticker.last),
            "impactPxs": [price_text(ticker.bid), price_text(ticker.ask)],
            "dayBaseVlm": format_on_grid(ticker.volume_24h, coin.profile.lot),
        }

    def mids(self, now: int) -> dict[str, str]:
        """Return the middle price of every coin."""
        return {coin.symbol: price_text(self._venue.ticker(coin, now).last) for coin in self._venue.coins}

    def _candles(self, body: dict[str, Any], now: int) -> list[dict[str, Any]]:
        candle_request = body.get("req")
        if not isinstance(candle_request, dict) or candle_request.get("interval") not in SPANS:
            raise ServiceRefusal(422, "Failed to deserialize the JSON body into the target type")
        coin, span = self._coin(candle_request), SPANS[candle_request["interval"]]
        start, end = int(candle_request.get("startTime") or 0), int(candle_request.get("endTime") or now)
        oldest = now - _MAX_CANDLES * span
        candles = self._venue.candles(coin, span, max(start, oldest), end + 1, now, limit=_MAX_CANDLES)
        return candle_objects(coin, candle_request["interval"], candles)

    def _funding(self, body: dict[str, Any], now: int) -> list[dict[str, Any]]:
        coin = self._coin(body)
        ts, rate, premium = self._venue.funding_history(coin, now)
        start, end = int(body.get("startTime") or 0), int(body.get("endTime") or now)
        indices = np.flatnonzero((ts >= start) & (ts <= end))[:_MAX_ROWS]
        return [
            {
                "coin": coin.symbol,
                "fundingRate": format_short(float(rate[i]), 10),
                "premium": format_short(float(premium[i]), 10),
                "time": int(ts[i]),
            }
            for i in indices
        ]

    def _predicted(self, now: int) -> list[Any]:
        rows: list[Any] = []
        for coin in self._venue.coins:
            predictions: list[Any] = []
            for label, name in (("BinPerp", "binance"), ("HlPerp", "hyperliquid"), ("BitgetPerp", "bitget")):
                venue = self._world.venues[name]
                is_listed = coin.symbol in venue.by_symbol
                prediction = {
                    "fundingRate": format_short(venue.funding_now(coin, now), 10),
                    "nextFundingTime": venue.funding_next(now),
                    "fundingIntervalHours": venue.funding_hours,
                }
                predictions.append([label, prediction if is_listed else None])
            rows.append([coin.symbol, predictions])
        return rows

    def trades(self, coin: Coin, since: int, now: int) -> list[dict[str, Any]]:
        """Return the trades after a time, oldest first."""
        return [
            {
                "coin": coin.symbol,
                "side": "B" if trade.buy else "A",
                "px": price_text(trade.price),
                "sz": format_on_grid(trade.size, coin.profile.lot),
                "hash": "0x" + f"{trade.number:064x}",
                "time": trade.ts,
                "tid": trade.number,
                "users": [_NO_USER, _NO_USER],
            }
            for trade in self._venue.trades(coin, since, now)
        ]

    def book(self, coin: Coin, now: int) -> dict[str, Any]:
        """Return twenty levels a side."""
        ticker, lot = self._venue.ticker(coin, now), coin.profile.lot
        step = ticker.last * 1e-4
        asks = [
            {
                "px": level_text(ticker.ask + i * step, ROUND_CEILING),
                "sz": format_on_grid(ticker.ask_size, lot),
                "n": 1 + i % 4,
            }
            for i in range(20)
        ]
        bids = [
            {
                "px": level_text(ticker.bid - i * step, ROUND_FLOOR),
                "sz": format_on_grid(ticker.bid_size, lot),
                "n": 1 + i % 4,
            }
            for i in range(20)
        ]
        return {"coin": coin.symbol, "levels": [bids, asks], "time": ticker.ts}


_NO_SPOT: Final[dict[str, Any]] = {"tokens": [], "universe": []}


def price_text(price: float) -> str:
    """Write a price with five significant figures, or as a whole number where that has more."""
    return f"{price:.1f}" if price >= 10_000.0 else format_short(float(f"{price:.5g}"), 8)


def level_text(price: float, rounding: str) -> str:
    """Write a price of the book with five significant figures at most, away from the other side: none meet."""
    decimal_price = Decimal(repr(price))
    step = Decimal(1).scaleb(min(decimal_price.adjusted() - 4, 0))
    return format(decimal_price.quantize(step, rounding).normalize(), "f")


def candle_objects(coin: Coin, interval: str, candles: Candles) -> list[dict[str, Any]]:
    """Return candles as the venue writes them."""
    rows = []
    for ts, (first, high, low, last, volume) in zip(
        candles.ts.tolist(), candles.rows.T.tolist(), strict=True
    ):
        rows.append(
            {
                "t": ts,
                "T": ts + candles.span_ms - 1,
                "s": coin.symbol,
                "i": interval,
                "o": price_text(first),
                "c": price_text(last),
                "h": price_text(high),
                "l": price_text(low),
                "v": format_on_grid(volume, coin.profile.lot),
                "n": max(1, int(volume * last / 4_000.0)),
            }
        )
    return rows
