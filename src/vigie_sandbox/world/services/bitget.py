"""Bitget's v2 public market data of USDT perpetuals over REST.

Envelope, parameters, limits and depths follow the vendor's documentation of late 2025: values are strings,
success is code 00000, `candles` ends with the unfinished bar, `history-candles` has finished ones only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.records import Candles, Ticker
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

# The wire's name of each timeframe, what it is, and how many days back `candles` reaches.
GRANULARITY: Final = {
    "1m": ("1m", 30), "3m": ("3m", 30), "5m": ("5m", 30), "15m": ("15m", 52), "30m": ("30m", 62),
    "1H": ("1h", 83), "2H": ("2h", 120), "4H": ("4h", 240), "6Hutc": ("6h", 360), "12Hutc": ("12h", 720),
    "1Dutc": ("1d", 1440), "3Dutc": ("3d", 1440), "1Wutc": ("1w", 1440),
}  # fmt: skip
PRODUCT: Final = "USDT-FUTURES"
_MAX_SPAN_MS: Final = 90 * DAY_MS
_MARKET: Final = "/api/v2/mix/market/"


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return Bitget(world)


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
        self._handlers: dict[str, Callable[[ServiceRequest], Any]] = {
            "/api/v2/public/time": lambda request: {"serverTime": str(request.service_ms)},
            _MARKET + "contracts": self._contracts,
            _MARKET + "tickers": lambda request: [
                self._ticker(coin, request) for coin in self._requested_coins(request)
            ],
            _MARKET + "ticker": lambda request: [self._ticker(self._coin(request), request)],
            _MARKET + "candles": lambda request: self._candles(request, 1_000, closed_only=False),
            _MARKET + "history-candles": lambda request: self._candles(request, 200, closed_only=True),
            _MARKET + "history-mark-candles": lambda request: self._candles(request, 200, closed_only=True),
            _MARKET + "history-index-candles": lambda request: self._candles(request, 200, closed_only=True),
            _MARKET + "current-fund-rate": self._funding,
            _MARKET + "history-fund-rate": self._funding_history,
            _MARKET + "open-interest": self._interest,
            _MARKET + "symbol-price": self._price,
            _MARKET + "merge-depth": self._depth,
        }

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the answer in Bitget's envelope."""
        handler = self._handlers.get(request.path)
        envelope = {"code": "00000", "msg": "success", "requestTime": request.service_ms}
        if handler is None:
            raise ServiceRefusal(
                404, envelope | {"code": "40404", "msg": "Request URL NOT FOUND", "data": None}
            )
        try:
            return Reply(envelope | {"data": handler(request)})
        except _ParameterError as error:
            raise ServiceRefusal(
                400, envelope | {"code": error.code, "msg": error.message, "data": None}
            ) from None

    def find_coin(self, symbol: str) -> Coin | None:
        """Return the coin of ``BTCUSDT``."""
        return self._coins.get(symbol)

    def _coin(self, request: ServiceRequest) -> Coin:
        symbol = request.query.get("symbol", "").upper()
        coin = self._coins.get(symbol)
        if coin is None:
            raise _ParameterError("40034", f"Parameter {symbol} does not exist")
        return coin

    def _requested_coins(self, request: ServiceRequest) -> list[Coin]:
        if request.query.get("productType", "").upper() != PRODUCT:
            return []
        return [self._coin(request)] if "symbol" in request.query else list(self._coins.values())

    def _contracts(self, request: ServiceRequest) -> list[dict[str, Any]]:
        return [_contract_row(coin) for coin in self._requested_coins(request)]

    def _ticker(self, coin: Coin, request: ServiceRequest) -> dict[str, Any]:
        return ticker_fields(self._venue.ticker(coin, request.now_ms)) | {
            "symbol": coin.symbol + "USDT",
            "usdtVolume": "",
            "deliveryStartTime": None,
            "deliveryTime": None,
            "deliveryStatus": "",
        }

    def _candles(self, request: ServiceRequest, max_limit: int, *, closed_only: bool) -> list[list[str]]:
        coin, name = self._coin(request), request.query.get("granularity", "")
        if name not in GRANULARITY:
            raise _ParameterError("400171", "Parameter granularity error")
        timeframe, depth_days = GRANULARITY[name]
        span = SPANS[timeframe]
        now = request.now_ms
        end, start = _get_int(request, "endTime", now + 1), _get_int(request, "startTime", 0)
        limit = _get_int(request, "limit", 100)
        if not 1 <= limit <= max_limit:
            raise _ParameterError("40020", f"Parameter limit error: 1..{max_limit}")
        if start and end - start > _MAX_SPAN_MS:
            raise _ParameterError("00001", "startTime and endTime interval cannot be greater than 90 days")
        if not closed_only:
            start = max(start, now - depth_days * DAY_MS)
        if closed_only:
            end = min(end, now - span + 1)
        return candle_rows(coin, self._venue.candles(coin, span, start, end, now, limit=limit))

    def _funding(self, request: ServiceRequest) -> list[dict[str, Any]]:
        return [
            {
                "symbol": coin.symbol + "USDT",
                "fundingRate": format_short(self._venue.funding_now(coin, request.now_ms), 8),
                "fundingRateInterval": str(self._venue.funding_hours),
                "nextUpdate": str(self._venue.funding_next(request.now_ms)),
                "minFundingRate": "-0.0075",
                "maxFundingRate": "0.0075",
            }
            for coin in self._requested_coins(request)
        ]

    def _funding_history(self, request: ServiceRequest) -> list[dict[str, Any]]:
        coin = self._coin(request)
        size, page = _get_int(request, "pageSize", 20), _get_int(request, "pageNo", 1)
        if not 1 <= size <= 100 or page < 1:
            raise _ParameterError("40020", "Parameter pageSize or pageNo error")
        ts, rate, _ = self._venue.funding_history(coin, request.now_ms)
        indices = range(len(ts) - 1 - (page - 1) * size, -1, -1)[:size]
        return [
            {
                "symbol": coin.symbol + "USDT",
                "fundingRate": format_short(float(rate[i]), 8),
                "fundingTime": str(ts[i]),
            }
            for i in indices
        ]

    def _interest(self, request: ServiceRequest) -> dict[str, Any]:
        coin = self._coin(request)
        size = format_on_grid(self._venue.open_interest(coin, request.now_ms), coin.profile.lot)
        return {
            "openInterestList": [{"symbol": coin.symbol + "USDT", "size": size}],
            "ts": str(request.service_ms),
        }

    def _price(self, request: ServiceRequest) -> list[dict[str, Any]]:
        coin = self._coin(request)
        ticker = self._venue.ticker(coin, request.now_ms)
        return [
            {
                "symbol": coin.symbol + "USDT",
                "price": format_on_grid(ticker.last, coin.profile.tick),
                "indexPrice": format_short(ticker.index),
                "markPrice": format_short(ticker.mark),
                "ts": str(request.service_ms),
            }
        ]

    def _depth(self, request: ServiceRequest) -> dict[str, Any]:
        coin = self._coin(request)
        ticker = self._venue.ticker(coin, request.now_ms)
        tick, lot = coin.profile.tick, coin.profile.lot
        count = 15 if request.query.get("limit") in (None, "max") else _get_int(request, "limit", 15)
        asks = [
            [
                format_on_grid(ticker.ask + i * tick.value, tick),
                format_on_grid(ticker.ask_size * (i + 1), lot),
            ]
            for i in range(count)
        ]
        bids = [
            [
                format_on_grid(max(tick.value, ticker.bid - i * tick.value), tick),
                format_on_grid(ticker.bid_size * (i + 1), lot),
            ]
            for i in range(count)
        ]
        return {
            "asks": asks,
            "bids": bids,
            "ts": str(request.service_ms),
            "scale": str(tick),
            "precision": "scale0",
        }


class _ParameterError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def _get_int(request: ServiceRequest, name: str, default: int) -> int:
    text = request.query.get(name) or str(default)
    try:
        return int(text)
    except ValueError:
        raise _ParameterError("40020", f"Parameter {name} error") from None


def ticker_fields(ticker: Ticker) -> dict[str, str]:
    """Return what REST and stream call the same."""
    tick, lot = ticker.coin.profile.tick, ticker.coin.profile.lot
    return {
        "lastPr": format_on_grid(ticker.last, tick),
        "bidPr": format_on_grid(ticker.bid, tick),
        "askPr": format_on_grid(ticker.ask, tick),
        "bidSz": format_on_grid(ticker.bid_size, lot),
        "askSz": format_on_grid(ticker.ask_size, lot),
        "open24h": format_on_grid(ticker.open_24h, tick),
        "high24h": format_on_grid(ticker.high_24h, tick),
        "low24h": format_on_grid(ticker.low_24h, tick),
        "change24h": f"{ticker.change_24h:.5f}",
        "fundingRate": format_short(ticker.funding, 8),
        "markPrice": format_short(ticker.mark, tick.digits + 1),
        "indexPrice": format_short(ticker.index, tick.digits + 3),
        "baseVolume": format_on_grid(ticker.volume_24h, lot),
        "quoteVolume": format_short(ticker.turnover_24h, 6),
        "openUtc": format_on_grid(ticker.open_day, tick),
        "changeUtc24h": f"{ticker.last / ticker.open_day - 1.0:.5f}",
        "holdingAmount": format_on_grid(ticker.open_interest, lot),
        "ts": str(ticker.ts),
    }


def candle_rows(coin: Coin, candles: Candles) -> list[list[str]]:
    """Return rows of time, open, high, low, close, base and quote volume, all strings."""
    tick, lot = coin.profile.tick, coin.profile.lot
    rows = []
    for ts, (first, high, low, last, volume) in zip(
        candles.ts.tolist(), candles.rows.T.tolist(), strict=True
    ):
        prices = [format_on_grid(price, tick) for price in (first, high, low, last)]
        quote = format_short(volume * (first + high + low + last) / 4.0, 6)
        rows.append([str(ts), *prices, format_on_grid(volume, lot), quote])
    return rows


def _contract_row(coin: Coin) -> dict[str, Any]:
    rules = coin.profile.rules
    return {
        "symbol": coin.symbol + "USDT",
        "baseCoin": coin.symbol,
        "quoteCoin": "USDT",
        "buyLimitPriceRatio": "0.05",
        "sellLimitPriceRatio": "0.05",
        "feeRateUpRatio": "0.005",
        "makerFeeRate": format_short(rules.maker),
        "takerFeeRate": format_short(rules.taker),
        "openCostUpRatio": "0.01",
        "supportMarginCoins": ["USDT"],
        "minTradeNum": str(rules.lot),
        "priceEndStep": str(rules.tick.multiple),
        "volumePlace": str(rules.lot.digits),
        "pricePlace": str(rules.tick.digits),
        "sizeMultiplier": str(rules.lot),
        "symbolType": "perpetual",
        "minTradeUSDT": format_short(rules.min_notional),
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
