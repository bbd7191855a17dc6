"""Bitget's v2 public market data of USDT perpetuals over REST.

Envelope, parameters, limits and depths follow the vendor's documentation of late 2025: values are strings,
success is code 00000, `candles` ends with the unfinished bar, `history-candles` has finished ones only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie.sandbox.world.catalogue import Coin
from vigie.sandbox.world.records import Candles, Ticker
from vigie.sandbox.world.venue import SPANS
from vigie.sandbox.world.wire import Ask, Refusal, Reply, plain, short
from vigie.sandbox.world.world import World

# The wire's name of each timeframe, what it is, and how many days back `candles` reaches.
GRANULARITY: Final = {
    "1m": ("1m", 30), "3m": ("3m", 30), "5m": ("5m", 30), "15m": ("15m", 52), "30m": ("30m", 62),
    "1H": ("1h", 83), "2H": ("2h", 120), "4H": ("4h", 240), "6Hutc": ("6h", 360), "12Hutc": ("12h", 720),
    "1Dutc": ("1d", 1440), "3Dutc": ("3d", 1440), "1Wutc": ("1w", 1440),
}  # fmt: skip
PRODUCT: Final = "USDT-FUTURES"
_LONGEST_MS: Final = 90 * DAY_MS
_MARKET: Final = "/api/v2/mix/market/"


class Bitget:
    """Answers REST questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._venue = world.venues["bitget"]
        self._coins = {coin.profile.ticker + "USDT": coin for coin in self._venue.coins}
        self._answers: dict[str, Callable[[Ask], Any]] = {
            "/api/v2/public/time": lambda ask: {"serverTime": str(ask.told_ms)},
            _MARKET + "contracts": self._contracts,
            _MARKET + "tickers": lambda ask: [self._ticker(coin, ask) for coin in self._asked(ask)],
            _MARKET + "ticker": lambda ask: [self._ticker(self._coin(ask), ask)],
            _MARKET + "candles": lambda ask: self._candles(ask, 1_000, finished=False),
            _MARKET + "history-candles": lambda ask: self._candles(ask, 200, finished=True),
            _MARKET + "history-mark-candles": lambda ask: self._candles(ask, 200, finished=True),
            _MARKET + "history-index-candles": lambda ask: self._candles(ask, 200, finished=True),
            _MARKET + "current-fund-rate": self._funding,
            _MARKET + "history-fund-rate": self._funding_history,
            _MARKET + "open-interest": self._interest,
            _MARKET + "symbol-price": self._price,
            _MARKET + "merge-depth": self._depth,
        }

    def answer(self, ask: Ask) -> Reply:
        """Return the answer in Bitget's envelope."""
        found = self._answers.get(ask.path)
        envelope = {"code": "00000", "msg": "success", "requestTime": ask.told_ms}
        if found is None:
            raise Refusal(404, envelope | {"code": "40404", "msg": "Request URL NOT FOUND", "data": None})
        try:
            return Reply(envelope | {"data": found(ask)})
        except _Refused as no:
            raise Refusal(400, envelope | {"code": no.code, "msg": no.message, "data": None}) from None

    def coin_of(self, symbol: str) -> Coin | None:
        """Return the coin of ``BTCUSDT``."""
        return self._coins.get(symbol)

    def _coin(self, ask: Ask) -> Coin:
        symbol = ask.query.get("symbol", "").upper()
        coin = self._coins.get(symbol)
        if coin is None:
            raise _Refused("40034", f"Parameter {symbol} does not exist")
        return coin

    def _asked(self, ask: Ask) -> list[Coin]:
        if ask.query.get("productType", "").upper() != PRODUCT:
            return []
        return [self._coin(ask)] if "symbol" in ask.query else list(self._coins.values())

    def _contracts(self, ask: Ask) -> list[dict[str, Any]]:
        return [_contract(coin) for coin in self._asked(ask)]

    def _ticker(self, coin: Coin, ask: Ask) -> dict[str, Any]:
        return ticker_fields(self._venue.ticker(coin, ask.now_ms)) | {
            "symbol": coin.symbol + "USDT",
            "usdtVolume": "",
            "deliveryStartTime": None,
            "deliveryTime": None,
            "deliveryStatus": "",
        }

    def _candles(self, ask: Ask, most: int, *, finished: bool) -> list[list[str]]:
        coin, name = self._coin(ask), ask.query.get("granularity", "")
        if name not in GRANULARITY:
            raise _Refused("400171", "Parameter granularity error")
        timeframe, depth_days = GRANULARITY[name]
        span = SPANS[timeframe]
        now = ask.now_ms
        end, start = _integer(ask, "endTime", now + 1), _integer(ask, "startTime", 0)
        limit = _integer(ask, "limit", 100)
        if not 1 <= limit <= most:
            raise _Refused("40020", f"Parameter limit error: 1..{most}")
        if start and end - start > _LONGEST_MS:
            raise _Refused("00001", "startTime and endTime interval cannot be greater than 90 days")
        if not finished:
            start = max(start, now - depth_days * DAY_MS)
        if finished:
            end = min(end, now - span + 1)
        return candle_rows(coin, self._venue.candles(coin, span, start, end, now, limit=limit))

    def _funding(self, ask: Ask) -> list[dict[str, Any]]:
        return [
            {
                "symbol": coin.symbol + "USDT",
                "fundingRate": short(self._venue.funding_now(coin, ask.now_ms), 8),
                "fundingRateInterval": str(self._venue.funding_hours),
                "nextUpdate": str(self._venue.funding_next(ask.now_ms)),
                "minFundingRate": "-0.0075",
                "maxFundingRate": "0.0075",
            }
            for coin in self._asked(ask)
        ]

    def _funding_history(self, ask: Ask) -> list[dict[str, Any]]:
        coin = self._coin(ask)
        size, page = _integer(ask, "pageSize", 20), _integer(ask, "pageNo", 1)
        if not 1 <= size <= 100 or page < 1:
            raise _Refused("40020", "Parameter pageSize or pageNo error")
        ts, rate, _ = self._venue.funding_history(coin, ask.now_ms)
        places = range(len(ts) - 1 - (page - 1) * size, -1, -1)[:size]
        return [
            {
                "symbol": coin.symbol + "USDT",
                "fundingRate": short(float(rate[i]), 8),
                "fundingTime": str(ts[i]),
            }
            for i in places
        ]

    def _interest(self, ask: Ask) -> dict[str, Any]:
        coin = self._coin(ask)
        size = plain(self._venue.open_interest(coin, ask.now_ms), coin.profile.lot)
        return {
            "openInterestList": [{"symbol": coin.symbol + "USDT", "size": size}],
            "ts": str(ask.told_ms),
        }

    def _price(self, ask: Ask) -> list[dict[str, Any]]:
        coin = self._coin(ask)
        told = self._venue.ticker(coin, ask.now_ms)
        return [
            {
                "symbol": coin.symbol + "USDT",
                "price": plain(told.last, coin.profile.tick),
                "indexPrice": short(told.index),
                "markPrice": short(told.mark),
                "ts": str(ask.told_ms),
            }
        ]

    def _depth(self, ask: Ask) -> dict[str, Any]:
        coin = self._coin(ask)
        told = self._venue.ticker(coin, ask.now_ms)
        tick, lot = coin.profile.tick, coin.profile.lot
        count = 15 if ask.query.get("limit") in (None, "max") else _integer(ask, "limit", 15)
        asks = [
            [plain(told.ask + i * tick.value, tick), plain(told.ask_size * (i + 1), lot)]
            for i in range(count)
        ]
        bids = [
            [plain(max(tick.value, told.bid - i * tick.value), tick), plain(told.bid_size * (i + 1), lot)]
            for i in range(count)
        ]
        return {"asks": asks, "bids": bids, "ts": str(ask.told_ms), "scale": str(tick), "precision": "scale0"}


class _Refused(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def _integer(ask: Ask, name: str, default: int) -> int:
    text = ask.query.get(name) or str(default)
    try:
        return int(text)
    except ValueError:
        raise _Refused("40020", f"Parameter {name} error") from None


def ticker_fields(told: Ticker) -> dict[str, str]:
    """Return what REST and stream call the same."""
    tick, lot = told.coin.profile.tick, told.coin.profile.lot
    return {
        "lastPr": plain(told.last, tick),
        "bidPr": plain(told.bid, tick),
        "askPr": plain(told.ask, tick),
        "bidSz": plain(told.bid_size, lot),
        "askSz": plain(told.ask_size, lot),
        "open24h": plain(told.open_24h, tick),
        "high24h": plain(told.high_24h, tick),
        "low24h": plain(told.low_24h, tick),
        "change24h": f"{told.change_24h:.5f}",
        "fundingRate": short(told.funding, 8),
        "markPrice": short(told.mark, tick.digits + 1),
        "indexPrice": short(told.index, tick.digits + 3),
        "baseVolume": plain(told.volume_24h, lot),
        "quoteVolume": short(told.turnover_24h, 6),
        "openUtc": plain(told.open_day, tick),
        "changeUtc24h": f"{told.last / told.open_day - 1.0:.5f}",
        "holdingAmount": plain(told.open_interest, lot),
        "ts": str(told.ts),
    }


def candle_rows(coin: Coin, candles: Candles) -> list[list[str]]:
    """Return rows of time, open, high, low, close, base and quote volume, all strings."""
    tick, lot = coin.profile.tick, coin.profile.lot
    rows = []
    for ts, (first, high, low, last, volume) in zip(
        candles.ts.tolist(), candles.rows.T.tolist(), strict=True
    ):
        prices = [plain(price, tick) for price in (first, high, low, last)]
        quote = short(volume * (first + high + low + last) / 4.0, 6)
        rows.append([str(ts), *prices, plain(volume, lot), quote])
    return rows


def _contract(coin: Coin) -> dict[str, Any]:
    rules = coin.profile.rules
    return {
        "symbol": coin.symbol + "USDT",
        "baseCoin": coin.symbol,
        "quoteCoin": "USDT",
        "buyLimitPriceRatio": "0.05",
        "sellLimitPriceRatio": "0.05",
        "feeRateUpRatio": "0.005",
        "makerFeeRate": short(rules.maker),
        "takerFeeRate": short(rules.taker),
        "openCostUpRatio": "0.01",
        "supportMarginCoins": ["USDT"],
        "minTradeNum": str(rules.lot),
        "priceEndStep": str(rules.tick.multiple),
        "volumePlace": str(rules.lot.digits),
        "pricePlace": str(rules.tick.digits),
        "sizeMultiplier": str(rules.lot),
        "symbolType": "perpetual",
        "minTradeUSDT": short(rules.min_notional),
        "maxSymbolOrderNum": "200",
        "maxProductOrderNum": "1000",
        "maxPositionNum": "150",
        "symbolStatus": "normal",
        "offTime": "-1",
        "limitOpenTime": "-1",
        "deliveryTime": "",
        "deliveryStartTime": "",
        "deliveryPeriod": "",
        "launchTime": "",
        "fundInterval": "8",
        "minLever": "1",
        "maxLever": f"{rules.max_leverage:g}",
        "posLimit": "0.1",
        "maintainTime": "",
        "maxMarketOrderQty": "",
        "maxOrderQty": "",
        "openTime": "",
        "isRwa": "NO",
    }
