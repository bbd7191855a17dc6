"""Binance's USD-M futures over REST: rules, klines, tickers, premium, funding, open interest, ratios."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.sandbox.world.catalogue import Coin
from vigie.sandbox.world.grains import bells, key_of
from vigie.sandbox.world.mood import CROWD, INTEREST, PREMIUM
from vigie.sandbox.world.records import Candles
from vigie.sandbox.world.venue import SPANS
from vigie.sandbox.world.walk import CLOSE, OPEN, VOLUME
from vigie.sandbox.world.wire import Ask, Refusal, Reply, plain, short
from vigie.sandbox.world.world import World

PERIODS: Final = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
_KEPT_MS: Final = 30 * DAY_MS
_FUTURE_MS: Final = 4_133_404_800_000


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
        self._used = (0, 0)
        data = "/futures/data/"
        self._answers: dict[str, Callable[[Ask], Any]] = {
            "/fapi/v1/ping": lambda _: {},
            "/fapi/v1/time": lambda ask: {"serverTime": ask.told_ms},
            "/fapi/v1/exchangeInfo": self._rules,
            "/fapi/v1/klines": lambda ask: self._klines(ask, "symbol"),
            "/fapi/v1/markPriceKlines": lambda ask: self._klines(ask, "symbol"),
            "/fapi/v1/indexPriceKlines": lambda ask: self._klines(ask, "pair"),
            "/fapi/v1/ticker/24hr": lambda ask: self._each(ask, self.day),
            "/fapi/v1/ticker/price": lambda ask: self._each(ask, self._price),
            "/fapi/v2/ticker/price": lambda ask: self._each(ask, self._price),
            "/fapi/v1/ticker/bookTicker": lambda ask: self._each(ask, self._book),
            "/fapi/v1/premiumIndex": lambda ask: self._each(ask, self._premium),
            "/fapi/v1/fundingRate": self._funding,
            "/fapi/v1/fundingInfo": lambda _: [],
            "/fapi/v1/openInterest": self._interest,
            "/fapi/v1/depth": self._depth,
            data + "openInterestHist": self._interest_history,
            data + "globalLongShortAccountRatio": lambda ask: self._ratios(ask, 1.0),
            data + "topLongShortAccountRatio": lambda ask: self._ratios(ask, 0.85),
            data + "topLongShortPositionRatio": lambda ask: self._ratios(ask, 0.6),
            data + "takerlongshortRatio": self._takers,
            data + "basis": self._basis,
        }

    def answer(self, ask: Ask) -> Reply:
        """Return the answer, with the weight that was used this minute."""
        found = self._answers.get(ask.path)
        if found is None:
            raise Refusal(404, {"code": -1000, "msg": f"Path {ask.path} not found"})
        minute = ask.now_ms // MINUTE_MS
        self._used = (minute, self._used[1] + 1 if self._used[0] == minute else 1)
        return Reply(found(ask), headers={"X-MBX-USED-WEIGHT-1M": str(self._used[1])})

    def _coin(self, ask: Ask, name: str = "symbol") -> Coin:
        coin = self._coins.get(ask.query.get(name, ""))
        if coin is None:
            raise Refusal(400, {"code": -1121, "msg": "Invalid symbol."})
        return coin

    def _each(self, ask: Ask, told: Callable[[Coin, int], dict[str, Any]]) -> Any:
        """Answer for one symbol, or for all of them."""
        if "symbol" in ask.query:
            return told(self._coin(ask), ask.now_ms)
        return [told(coin, ask.now_ms) for coin in self._coins.values()]

    def _rules(self, ask: Ask) -> dict[str, Any]:
        limits = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2_400}
        return {
            "timezone": "UTC",
            "serverTime": ask.told_ms,
            "futuresType": "U_MARGINED",
            "rateLimits": [limits],
            "exchangeFilters": [],
            "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
            "symbols": [_symbol(coin) for coin in self._coins.values()],
        }

    def _klines(self, ask: Ask, name: str) -> list[list[Any]]:
        coin, interval = self._coin(ask, name), ask.query.get("interval", "")
        if interval not in SPANS:
            raise Refusal(400, {"code": -1120, "msg": "Invalid interval."})
        span = SPANS[interval]
        limit = min(1_500, ask.whole("limit", 500))
        start, end = ask.whole("startTime", 0), ask.whole("endTime", ask.now_ms) + 1
        if start:
            # From a start on the oldest come first; else the newest.
            end = min(end, (start + span - 1) // span * span + limit * span)
        return kline_rows(coin, self._venue.candles(coin, span, start, end, ask.now_ms, limit=limit))

    def day(self, coin: Coin, now: int) -> dict[str, Any]:
        """Return the 24-hour ticker of one instrument."""
        told, tick, lot = self._venue.ticker(coin, now), coin.profile.tick, coin.profile.lot
        return {
            "symbol": coin.symbol + "USDT",
            "priceChange": plain(told.last - told.open_24h, tick),
            "priceChangePercent": f"{told.change_24h * 100.0:.3f}",
            "weightedAvgPrice": plain(told.turnover_24h / max(told.volume_24h, lot.value), tick),
            "lastPrice": plain(told.last, tick),
            "lastQty": plain(told.bid_size, lot),
            "openPrice": plain(told.open_24h, tick),
            "highPrice": plain(told.high_24h, tick),
            "lowPrice": plain(told.low_24h, tick),
            "volume": plain(told.volume_24h, lot),
            "quoteVolume": f"{told.turnover_24h:.2f}",
            "openTime": told.ts - DAY_MS,
            "closeTime": told.ts,
            "firstId": told.ts // 1_000 - 86_400,
            "lastId": told.ts // 1_000,
            "count": 86_401,
        }

    def _price(self, coin: Coin, now: int) -> dict[str, Any]:
        told = self._venue.ticker(coin, now)
        return {"symbol": coin.symbol + "USDT", "price": plain(told.last, coin.profile.tick), "time": told.ts}

    def _book(self, coin: Coin, now: int) -> dict[str, Any]:
        told, tick, lot = self._venue.ticker(coin, now), coin.profile.tick, coin.profile.lot
        return {
            "symbol": coin.symbol + "USDT",
            "bidPrice": plain(told.bid, tick),
            "bidQty": plain(told.bid_size, lot),
            "askPrice": plain(told.ask, tick),
            "askQty": plain(told.ask_size, lot),
            "time": told.ts,
        }

    def _premium(self, coin: Coin, now: int) -> dict[str, Any]:
        told = self._venue.ticker(coin, now)
        return {
            "symbol": coin.symbol + "USDT",
            "markPrice": f"{told.mark:.8f}",
            "indexPrice": f"{told.index:.8f}",
            "estimatedSettlePrice": f"{told.index:.8f}",
            "lastFundingRate": f"{told.funding:.8f}",
            "interestRate": "0.00010000",
            "nextFundingTime": told.funding_next_ms,
            "time": told.ts,
        }

    def _funding(self, ask: Ask) -> list[dict[str, Any]]:
        coins = [self._coin(ask)] if "symbol" in ask.query else list(self._coins.values())
        limit = min(1_000, ask.whole("limit", 100))
        start, end = ask.whole("startTime", 0), ask.whole("endTime", ask.now_ms)
        rows: list[dict[str, Any]] = []
        for coin in coins:
            ts, rate, _ = self._venue.funding_history(coin, ask.now_ms)
            places = np.flatnonzero((ts >= start) & (ts <= end))
            places = places[:limit] if start else places[-limit:]
            at = (ts[places] - self._venue.tape.first_ms) // HOUR_MS - 1
            prices = self._venue.priced(coin, self._venue.tape.hours()[coin.number, CLOSE, at])
            for place, price in zip(places.tolist(), prices.tolist(), strict=True):
                rows.append(
                    {
                        "symbol": coin.symbol + "USDT",
                        "fundingTime": int(ts[place]),
                        "fundingRate": f"{rate[place]:.8f}",
                        "markPrice": f"{price:.8f}",
                    }
                )
        rows.sort(key=lambda row: row["fundingTime"])
        return rows[:limit] if start else rows[-limit:]

    def _interest(self, ask: Ask) -> dict[str, Any]:
        coin = self._coin(ask)
        size = plain(self._venue.open_interest(coin, ask.now_ms), coin.profile.lot)
        return {"symbol": coin.symbol + "USDT", "openInterest": size, "time": ask.told_ms}

    def _depth(self, ask: Ask) -> dict[str, Any]:
        coin = self._coin(ask)
        told, tick, lot = self._venue.ticker(coin, ask.now_ms), coin.profile.tick, coin.profile.lot
        steps = range(min(1_000, ask.whole("limit", 500)))
        return {
            "lastUpdateId": ask.now_ms,
            "E": ask.told_ms,
            "T": told.ts,
            "bids": [
                [plain(max(tick.value, told.bid - i * tick.value), tick), plain(told.bid_size, lot)]
                for i in steps
            ],
            "asks": [[plain(told.ask + i * tick.value, tick), plain(told.ask_size, lot)] for i in steps],
        }

    def _moments(self, ask: Ask) -> IntArray:
        """Return the ends of the wanted periods, oldest first: thirty days are kept."""
        period = ask.query.get("period", "")
        if period not in PERIODS:
            raise Refusal(400, {"code": -1130, "msg": "Data sent for parameter 'period' is not valid."})
        span, now = SPANS[period], ask.now_ms
        start, end = ask.whole("startTime", 0), min(now, ask.whole("endTime", now))
        if start and start < now - _KEPT_MS:
            raise Refusal(400, {"code": -1130, "msg": "parameter 'startTime' is invalid."})
        limit = min(500, ask.whole("limit", 30))
        first = max(start, now - _KEPT_MS)
        first = (first + span - 1) // span * span
        ends: IntArray = np.arange(first, end + 1, span, dtype=np.int64)
        return ends[:limit] if start else ends[-limit:]

    def _hourly(self, coin: Coin, series: int, ends: IntArray, span_ms: int) -> FloatArray:
        """Return an hourly series at times; within an hour it slides towards the hour before."""
        values = self._world.tape.moods()[series, coin.number].astype(np.float64)
        known = self._world.tape.first_ms + (1 + np.arange(len(values))) * HOUR_MS
        late = 0 if span_ms >= HOUR_MS else HOUR_MS
        found: FloatArray = np.interp(ends - late, known, values)
        return found

    def _interest_history(self, ask: Ask) -> list[dict[str, Any]]:
        coin, ends = self._coin(ask), self._moments(ask)
        span = SPANS[ask.query["period"]]
        size = self._venue.sized(coin, self._hourly(coin, INTEREST, ends, span))
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

    def _ratios(self, ask: Ask, strength: float) -> list[dict[str, Any]]:
        coin, ends = self._coin(ask), self._moments(ask)
        ratio = np.exp(strength * self._hourly(coin, CROWD, ends, SPANS[ask.query["period"]]))
        return [
            {
                "symbol": coin.symbol + "USDT",
                "longShortRatio": f"{r:.4f}",
                "longAccount": f"{r / (1.0 + r):.4f}",
                "shortAccount": f"{1.0 / (1.0 + r):.4f}",
                "timestamp": at,
            }
            for r, at in zip(ratio.tolist(), ends.tolist(), strict=True)
        ]

    def _takers(self, ask: Ask) -> list[dict[str, Any]]:
        coin, ends = self._coin(ask), self._moments(ask)
        hour = np.maximum((ends - self._world.tape.first_ms) // HOUR_MS - 1, 0)
        rows = self._world.tape.hours()[coin.number, :, hour]
        moved = np.log(rows[CLOSE] / rows[OPEN]) / (coin.profile.sigma_day * 0.2)
        noise = bells(key_of(self._world.seed, coin.symbol, "takers"), ends // MINUTE_MS)
        ratio = np.exp(0.25 * np.tanh(moved) + 0.04 * noise)
        volume = self._venue.sized(coin, rows[VOLUME])
        return [
            {
                "buySellRatio": f"{r:.4f}",
                "buyVol": f"{v * r / (1.0 + r):.4f}",
                "sellVol": f"{v / (1.0 + r):.4f}",
                "timestamp": at,
            }
            for r, v, at in zip(ratio.tolist(), volume.tolist(), ends.tolist(), strict=True)
        ]

    def _basis(self, ask: Ask) -> list[dict[str, Any]]:
        coin, ends = self._coin(ask, "pair"), self._moments(ask)
        premium = 0.92 * self._hourly(coin, PREMIUM, ends, SPANS[ask.query["period"]])
        price = self._closes(coin, ends)
        index = price / (1.0 + premium)
        return [
            {
                "pair": coin.symbol + "USDT",
                "contractType": ask.query.get("contractType", "PERPETUAL"),
                "futuresPrice": short(float(price[i])),
                "indexPrice": short(float(index[i])),
                "basis": f"{price[i] - index[i]:.8f}",
                "basisRate": f"{premium[i]:.8f}",
                "annualizedBasisRate": "",
                "timestamp": int(ends[i]),
            }
            for i in range(len(ends))
        ]

    def _closes(self, coin: Coin, ends: IntArray) -> FloatArray:
        hour = np.maximum((ends - self._world.tape.first_ms) // HOUR_MS - 1, 0)
        return self._venue.priced(coin, self._world.tape.hours()[coin.number, CLOSE, hour])


def kline_rows(coin: Coin, candles: Candles) -> list[list[Any]]:
    """Return the venue's rows of twelve."""
    tick, lot = coin.profile.tick, coin.profile.lot
    rows: list[list[Any]] = []
    for ts, (first, high, low, last, volume) in zip(
        candles.ts.tolist(), candles.rows.T.tolist(), strict=True
    ):
        prices = [plain(price, tick) for price in (first, high, low, last)]
        bought = volume * (0.5 + 0.3 * (last - first) / max(high - low, tick.value))
        mean = (first + high + low + last) / 4.0
        rows.append(
            [
                ts,
                *prices,
                plain(volume, lot),
                ts + candles.span_ms - 1,
                f"{volume * mean:.4f}",
                max(1, int(volume * mean / 3_000.0)),
                plain(bought, lot),
                f"{bought * mean:.4f}",
                "0",
            ]
        )
    return rows


def _symbol(coin: Coin) -> dict[str, Any]:
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
            {"filterType": "MIN_NOTIONAL", "notional": short(rules.min_notional)},
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }
