"""Binance's USD-M futures over REST: rules, klines, tickers, premium, funding, open interest, ratios."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.derivatives_state import INTEREST, LONG_SHORT, PREMIUM
from vigie_sandbox.world.hashed_random import derive_key, normals
from vigie_sandbox.world.price_walk import CLOSE, OPEN, VOLUME
from vigie_sandbox.world.records import Candles
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

PERIODS: Final = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
_RETENTION_MS: Final = 30 * DAY_MS
_FUTURE_MS: Final = 4_133_404_800_000


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return Binance(world)


class Binance:
    """Answers REST questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._venue = world.venues["binance"]
        self._coins = {coin.symbol + "USDT": coin for coin in self._venue.coins}
        self._used_weight = (0, 0)
        data = "/futures/data/"
        self._handlers: dict[str, Callable[[ServiceRequest], Any]] = {
            "/fapi/v1/ping": lambda _: {},
            "/fapi/v1/time": lambda request: {"serverTime": request.service_ms},
            "/fapi/v1/exchangeInfo": self._rules,
            "/fapi/v1/klines": lambda request: self._klines(request, "symbol"),
            "/fapi/v1/markPriceKlines": lambda request: self._klines(request, "symbol"),
            "/fapi/v1/indexPriceKlines": lambda request: self._klines(request, "pair"),
            "/fapi/v1/ticker/24hr": lambda request: self._for_each(request, self.day_ticker),
            "/fapi/v1/ticker/price": lambda request: self._for_each(request, self._price),
            "/fapi/v2/ticker/price": lambda request: self._for_each(request, self._price),
            "/fapi/v1/ticker/bookTicker": lambda request: self._for_each(request, self._book),
            "/fapi/v1/premiumIndex": lambda request: self._for_each(request, self._premium),
            "/fapi/v1/fundingRate": self._funding,
            "/fapi/v1/fundingInfo": lambda _: [],
            "/fapi/v1/openInterest": self._interest,
            "/fapi/v1/depth": self._depth,
            data + "openInterestHist": self._interest_history,
            data + "globalLongShortAccountRatio": lambda request: self._ratios(request, 1.0),
            data + "topLongShortAccountRatio": lambda request: self._ratios(request, 0.85),
            data + "topLongShortPositionRatio": lambda request: self._ratios(request, 0.6),
            data + "takerlongshortRatio": self._takers,
            data + "basis": self._basis,
        }

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the answer, with the weight that was used this minute."""
        handler = self._handlers.get(request.path)
        if handler is None:
            raise ServiceRefusal(404, {"code": -1000, "msg": f"Path {request.path} not found"})
        minute = request.now_ms // MINUTE_MS
        self._used_weight = (minute, self._used_weight[1] + 1 if self._used_weight[0] == minute else 1)
        return Reply(handler(request), headers={"X-MBX-USED-WEIGHT-1M": str(self._used_weight[1])})

    def _coin(self, request: ServiceRequest, name: str = "symbol") -> Coin:
        coin = self._coins.get(request.query.get(name, ""))
        if coin is None:
            raise ServiceRefusal(400, {"code": -1121, "msg": "Invalid symbol."})
        return coin

    def _for_each(self, request: ServiceRequest, make_row: Callable[[Coin, int], dict[str, Any]]) -> Any:
        """Answer for one symbol, or for all of them."""
        if "symbol" in request.query:
            return make_row(self._coin(request), request.now_ms)
        return [make_row(coin, request.now_ms) for coin in self._coins.values()]

    def _rules(self, request: ServiceRequest) -> dict[str, Any]:
        limits = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2_400}
        return {
            "timezone": "UTC",
            "serverTime": request.service_ms,
            "futuresType": "U_MARGINED",
            "rateLimits": [limits],
            "exchangeFilters": [],
            "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
            "symbols": [_symbol_row(coin) for coin in self._coins.values()],
        }

    def _klines(self, request: ServiceRequest, name: str) -> list[list[Any]]:
        coin, interval = self._coin(request, name), request.query.get("interval", "")
        if interval not in SPANS:
            raise ServiceRefusal(400, {"code": -1120, "msg": "Invalid interval."})
        span = SPANS[interval]
        limit = min(1_500, request.get_int("limit", 500))
        start, end = request.get_int("startTime", 0), request.get_int("endTime", request.now_ms) + 1
        if start:
            # From a start on the oldest come first; else the newest.
            end = min(end, (start + span - 1) // span * span + limit * span)
        return kline_rows(coin, self._venue.candles(coin, span, start, end, request.now_ms, limit=limit))

    def day_ticker(self, coin: Coin, now: int) -> dict[str, Any]:
        """Return the 24-hour ticker of one instrument."""
        ticker, tick, lot = self._venue.ticker(coin, now), coin.profile.tick, coin.profile.lot
        return {
            "symbol": coin.symbol + "USDT",
            "priceChange": format_on_grid(ticker.last - ticker.open_24h, tick),
            "priceChangePercent": f"{ticker.change_24h * 100.0:.3f}",
            "weightedAvgPrice": format_on_grid(ticker.turnover_24h / max(ticker.volume_24h, lot.value), tick),
            "lastPrice": format_on_grid(ticker.last, tick),
            "lastQty": format_on_grid(ticker.bid_size, lot),
            "openPrice": format_on_grid(ticker.open_24h, tick),
            "highPrice": format_on_grid(ticker.high_24h, tick),
            "lowPrice": format_on_grid(ticker.low_24h, tick),
            "volume": format_on_grid(ticker.volume_24h, lot),
            "quoteVolume": f"{ticker.turnover_24h:.2f}",
            "openTime": ticker.ts - DAY_MS,
            "closeTime": ticker.ts,
            "firstId": ticker.ts // 1_000 - 86_400,
            "lastId": ticker.ts // 1_000,
            "count": 86_401,
        }

    def _price(self, coin: Coin, now: int) -> dict[str, Any]:
        ticker = self._venue.ticker(coin, now)
        return {
            "symbol": coin.symbol + "USDT",
            "price": format_on_grid(ticker.last, coin.profile.tick),
            "time": ticker.ts,
        }

    def _book(self, coin: Coin, now: int) -> dict[str, Any]:
        ticker, tick, lot = self._venue.ticker(coin, now), coin.profile.tick, coin.profile.lot
        return {
            "symbol": coin.symbol + "USDT",
            "bidPrice": format_on_grid(ticker.bid, tick),
            "bidQty": format_on_grid(ticker.bid_size, lot),
            "askPrice": format_on_grid(ticker.ask, tick),
            "askQty": format_on_grid(ticker.ask_size, lot),
            "time": ticker.ts,
        }

    def _premium(self, coin: Coin, now: int) -> dict[str, Any]:
        ticker = self._venue.ticker(coin, now)
        return {
            "symbol": coin.symbol + "USDT",
            "markPrice": f"{ticker.mark:.8f}",
            "indexPrice": f"{ticker.index:.8f}",
            "estimatedSettlePrice": f"{ticker.index:.8f}",
            "lastFundingRate": f"{ticker.funding:.8f}",
            "interestRate": "0.00010000",
            "nextFundingTime": ticker.funding_next_ms,
            "time": ticker.ts,
        }

    def _funding(self, request: ServiceRequest) -> list[dict[str, Any]]:
        coins = [self._coin(request)] if "symbol" in request.query else list(self._coins.values())
        limit = min(1_000, request.get_int("limit", 100))
        start, end = request.get_int("startTime", 0), request.get_int("endTime", request.now_ms)
        rows: list[dict[str, Any]] = []
        for coin in coins:
            ts, rate, _ = self._venue.funding_history(coin, request.now_ms)
            indices = np.flatnonzero((ts >= start) & (ts <= end))
            indices = indices[:limit] if start else indices[-limit:]
            hours = (ts[indices] - self._venue.tape.first_ms) // HOUR_MS - 1
            prices = self._venue.to_venue_prices(coin, self._venue.tape.hours()[coin.number, CLOSE, hours])
            for index, price in zip(indices.tolist(), prices.tolist(), strict=True):
                rows.append(
                    {
                        "symbol": coin.symbol + "USDT",
                        "fundingTime": int(ts[index]),
                        "fundingRate": f"{rate[index]:.8f}",
                        "markPrice": f"{price:.8f}",
                    }
                )
        rows.sort(key=lambda row: row["fundingTime"])
        return rows[:limit] if start else rows[-limit:]

    def _interest(self, request: ServiceRequest) -> dict[str, Any]:
        coin = self._coin(request)
        size = format_on_grid(self._venue.open_interest(coin, request.now_ms), coin.profile.lot)
        return {"symbol": coin.symbol + "USDT", "openInterest": size, "time": request.service_ms}

    def _depth(self, request: ServiceRequest) -> dict[str, Any]:
        coin = self._coin(request)
        ticker, tick, lot = self._venue.ticker(coin, request.now_ms), coin.profile.tick, coin.profile.lot
        steps = range(min(1_000, request.get_int("limit", 500)))
        return {
            "lastUpdateId": request.now_ms,
            "E": request.service_ms,
            "T": ticker.ts,
            "bids": [
                [
                    format_on_grid(max(tick.value, ticker.bid - i * tick.value), tick),
                    format_on_grid(ticker.bid_size, lot),
                ]
                for i in steps
            ],
            "asks": [
                [format_on_grid(ticker.ask + i * tick.value, tick), format_on_grid(ticker.ask_size, lot)]
                for i in steps
            ],
        }

    def _period_ends(self, request: ServiceRequest) -> IntArray:
        """Return the ends of the wanted periods, oldest first: thirty days are kept."""
        period = request.query.get("period", "")
        if period not in PERIODS:
            raise ServiceRefusal(
                400, {"code": -1130, "msg": "Data sent for parameter 'period' is not valid."}
            )
        span, now = SPANS[period], request.now_ms
        start, end = request.get_int("startTime", 0), min(now, request.get_int("endTime", now))
        if start and start < now - _RETENTION_MS:
            raise ServiceRefusal(400, {"code": -1130, "msg": "parameter 'startTime' is invalid."})
        limit = min(500, request.get_int("limit", 30))
        first = max(start, now - _RETENTION_MS)
        first = (first + span - 1) // span * span
        ends: IntArray = np.arange(first, end + 1, span, dtype=np.int64)
        return ends[:limit] if start else ends[-limit:]

    def _hourly_values(self, coin: Coin, series: int, ends: IntArray, span_ms: int) -> FloatArray:
        """Return an hourly series at times; within an hour it slides towards the hour before."""
        values = self._world.tape.derivatives()[series, coin.number].astype(np.float64)
        times = self._world.tape.first_ms + (1 + np.arange(len(values))) * HOUR_MS
        lag = 0 if span_ms >= HOUR_MS else HOUR_MS
        interpolated: FloatArray = np.interp(ends - lag, times, values)
        return interpolated

    def _interest_history(self, request: ServiceRequest) -> list[dict[str, Any]]:
        coin, ends = self._coin(request), self._period_ends(request)
        span = SPANS[request.query["period"]]
        size = self._venue.to_venue_sizes(coin, self._hourly_values(coin, INTEREST, ends, span))
        value = size * self._closes(coin, ends)
        return [
            {
                "symbol": coin.symbol + "USDT",
                "sumOpenInterest": f"{size[i]:.8f}",
                "sumOpenInterestValue": f"{value[i]:.8f}",
                "CMCCirculatingSupply": f"{coin.supply:.8f}",
                "timestamp": int(ends[i]),
            }
            for i in range(len(ends))
        ]

    def _ratios(self, request: ServiceRequest, strength: float) -> list[dict[str, Any]]:
        coin, ends = self._coin(request), self._period_ends(request)
        ratio = np.exp(strength * self._hourly_values(coin, LONG_SHORT, ends, SPANS[request.query["period"]]))
        return [
            {
                "symbol": coin.symbol + "USDT",
                "longShortRatio": f"{r:.4f}",
                "longAccount": f"{r / (1.0 + r):.4f}",
                "shortAccount": f"{1.0 / (1.0 + r):.4f}",
                "timestamp": end_ms,
            }
            for r, end_ms in zip(ratio.tolist(), ends.tolist(), strict=True)
        ]

    def _takers(self, request: ServiceRequest) -> list[dict[str, Any]]:
        coin, ends = self._coin(request), self._period_ends(request)
        hour = np.maximum((ends - self._world.tape.first_ms) // HOUR_MS - 1, 0)
        rows = self._world.tape.hours()[coin.number, :, hour]
        moves = np.log(rows[CLOSE] / rows[OPEN]) / (coin.profile.sigma_day * 0.2)
        noise = normals(derive_key(self._world.seed, coin.symbol, "takers"), ends // MINUTE_MS)
        ratio = np.exp(0.25 * np.tanh(moves) + 0.04 * noise)
        volume = self._venue.to_venue_sizes(coin, rows[VOLUME])
        return [
            {
                "buySellRatio": f"{r:.4f}",
                "buyVol": f"{v * r / (1.0 + r):.4f}",
                "sellVol": f"{v / (1.0 + r):.4f}",
                "timestamp": end_ms,
            }
            for r, v, end_ms in zip(ratio.tolist(), volume.tolist(), ends.tolist(), strict=True)
        ]

    def _basis(self, request: ServiceRequest) -> list[dict[str, Any]]:
        coin, ends = self._coin(request, "pair"), self._period_ends(request)
        premium = 0.92 * self._hourly_values(coin, PREMIUM, ends, SPANS[request.query["period"]])
        price = self._closes(coin, ends)
        index = price / (1.0 + premium)
        return [
            {
                "pair": coin.symbol + "USDT",
                "contractType": request.query.get("contractType", "PERPETUAL"),
                "futuresPrice": format_short(float(price[i])),
                "indexPrice": format_short(float(index[i])),
                "basis": f"{price[i] - index[i]:.8f}",
                "basisRate": f"{premium[i]:.8f}",
                "annualizedBasisRate": "",
                "timestamp": int(ends[i]),
            }
            for i in range(len(ends))
        ]

    def _closes(self, coin: Coin, ends: IntArray) -> FloatArray:
        hour = np.maximum((ends - self._world.tape.first_ms) // HOUR_MS - 1, 0)
        return self._venue.to_venue_prices(coin, self._world.tape.hours()[coin.number, CLOSE, hour])


def kline_rows(coin: Coin, candles: Candles) -> list[list[Any]]:
    """Return the venue's rows of twelve."""
    tick, lot = coin.profile.tick, coin.profile.lot
    rows: list[list[Any]] = []
    for ts, (first, high, low, last, volume) in zip(
        candles.ts.tolist(), candles.rows.T.tolist(), strict=True
    ):
        prices = [format_on_grid(price, tick) for price in (first, high, low, last)]
        bought = volume * (0.5 + 0.3 * (last - first) / max(high - low, tick.value))
        mean = (first + high + low + last) / 4.0
        rows.append(
            [
                ts,
                *prices,
                format_on_grid(volume, lot),
                ts + candles.span_ms - 1,
                f"{volume * mean:.4f}",
                max(1, int(volume * mean / 3_000.0)),
                format_on_grid(bought, lot),
                f"{bought * mean:.4f}",
                "0",
            ]
        )
    return rows


def _symbol_row(coin: Coin) -> dict[str, Any]:
    rules = coin.profile.rules
    tick, lot = str(rules.tick), str(rules.lot)
    return {
        "symbol": coin.symbol + "USDT",
        "pair": coin.symbol + "USDT",
        "contractType": "PERPETUAL",
        "deliveryDate": _FUTURE_MS,
        "onboardDate": 1_569_398_400_000,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": coin.symbol,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": rules.tick.digits,
        "quantityPrecision": rules.lot.digits,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "100000000", "tickSize": tick},
            {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "1000000000", "stepSize": lot},
            {"filterType": "MARKET_LOT_SIZE", "minQty": lot, "maxQty": "100000000", "stepSize": lot},
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MIN_NOTIONAL", "notional": format_short(rules.min_notional)},
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }
