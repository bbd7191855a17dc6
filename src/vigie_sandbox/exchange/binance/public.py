"""Public market data over REST: time, contracts, klines, tickers, book, funding, open interest."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie_sandbox.exchange.binance.envelope import COIN, BinanceCall
from vigie_sandbox.exchange.binance.limits import MAX_WEIGHT_PER_MINUTE, ORDER_LIMITS
from vigie_sandbox.exchange.binance.shapes import (
    format_8_decimals,
    make_aggregate_fields,
    make_contract_fields,
    make_kline_rows,
    make_trade_row,
)
from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.positioning import PERIODS
from vigie_sandbox.exchange.quotes import get_span_ms
from vigie_sandbox.exchange.venue_context import VenueService
from vigie_sandbox.exchange.wire import VenueRefusal

INTERVALS: Final = ("1m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w")
_MAX_KLINES: Final = 1_500
_MAX_RATES: Final = 1_000
_MAX_TRADES: Final = 1_000
_MAX_POSITIONING: Final = 500
_POSITIONING_DAYS: Final = 30
_THREE_DECIMALS: Final = Decimal("0.001")


class BinancePublicEndpoints(VenueService):
    """Answers that need no key."""

    def time(self, call: BinanceCall) -> object:
        """Return the venue's time."""
        return {"serverTime": call.venue_ms}

    def ping(self, _call: BinanceCall) -> object:
        """Return nothing, to say that somebody is there."""
        return {}

    def empty_list(self, _call: BinanceCall) -> object:
        """Return an empty list."""
        return []

    def exchange_info(self, call: BinanceCall) -> object:
        """Return limits and contracts."""
        limits = [("REQUEST_WEIGHT", "MINUTE", 1, MAX_WEIGHT_PER_MINUTE)]
        limits += [
            ("ORDERS", "SECOND" if span < 60 else "MINUTE", span % 60 or 1, max_count)
            for span, max_count in ORDER_LIMITS
        ]
        names = ("rateLimitType", "interval", "intervalNum", "limit")
        contracts = self._context.exchange.contracts()
        return {
            "timezone": "UTC",
            "serverTime": call.venue_ms,
            "futuresType": "U_MARGINED",
            "rateLimits": [dict(zip(names, limit_row, strict=True)) for limit_row in limits],
            "exchangeFilters": [],
            "assets": [{"asset": COIN, "marginAvailable": True, "autoAssetExchange": "-10000"}],
            "symbols": [
                make_contract_fields(limit_row, self._context.announced.get(limit_row.symbol, {}).get("off"))
                for limit_row in contracts
            ],
        }

    def klines(self, call: BinanceCall) -> object:
        """Return bars, the unfinished one last: from a start on the oldest first, else the newest."""
        symbol = self._context.require_contract(call.text("pair") or call.needed("symbol")).symbol
        interval = call.needed("interval")
        if interval not in INTERVALS:
            raise VenueRefusal("-1120", "Invalid interval.")
        limit = min(call.whole("limit", 500, 1), _MAX_KLINES)
        start, end = call.whole("startTime", 0), call.whole("endTime", call.now_ms) + 1
        span = get_span_ms(interval)
        if start:
            end = min(end, self._context.quotes.find_open_ms(start + span - 1, span) + limit * span)
        candles = self._context.quotes.candles(symbol, interval, start, end, limit, is_finished=False)
        return make_kline_rows(candles, span)

    def depth(self, call: BinanceCall) -> object:
        """Return the book."""
        contract = self._context.require_contract(call.needed("symbol"))
        book, ts = self.make_book(contract, call.whole("limit", 500, 1, 1_000))
        return {"lastUpdateId": ts, "E": ts, "T": ts, **book}

    def day_ticker(self, call: BinanceCall) -> object:
        """Return the last 24 hours."""
        return self._answer_each(call, self.make_day_ticker)

    def price(self, call: BinanceCall) -> object:
        """Return last prices."""
        return self._answer_each(call, self._make_price)

    def best_quotes(self, call: BinanceCall) -> object:
        """Return the best bid and ask."""
        return self._answer_each(call, self._make_best_quote)

    def mark_prices(self, call: BinanceCall) -> object:
        """Return mark and index price, and the coming settlement."""
        return self._answer_each(call, self._make_mark_price)

    def funding_rates(self, call: BinanceCall) -> object:
        """Return past settlements, oldest first."""
        symbol = self._context.require_contract(call.needed("symbol")).symbol
        limit = min(call.whole("limit", 100, 1), _MAX_RATES)
        start, end = call.whole("startTime", 0), call.whole("endTime", call.now_ms)
        past = [
            settlement
            for settlement in self._context.quotes.funding_history(symbol)[::-1]
            if start <= settlement[0] <= end
        ]
        mark = format_decimal(self._context.quotes.last(symbol) or Decimal(0))
        return [
            {"symbol": symbol, "fundingTime": ts, "fundingRate": format_decimal(rate), "markPrice": mark}
            for ts, rate in (past[:limit] if start else past[-limit:])
        ]

    def funding_intervals(self, _call: BinanceCall) -> object:
        """Return how often contracts settle funding."""
        return [
            {
                "symbol": contract.symbol,
                "adjustedFundingRateCap": "0.02000000",
                "adjustedFundingRateFloor": "-0.02000000",
                "fundingIntervalHours": contract.funding_hours,
                "disclaimer": False,
            }
            for contract in self._context.exchange.contracts()
        ]

    def open_interest(self, call: BinanceCall) -> object:
        """Return half a day's volume as open interest: nobody else trades here."""
        contract = self._context.require_contract(call.needed("symbol"))
        day = self._context.quotes.day(contract.symbol)
        size = (
            Decimal(0) if day is None else (day.volume / 2 / contract.lot).quantize(Decimal(1)) * contract.lot
        )
        return {"symbol": contract.symbol, "openInterest": format_decimal(size), "time": call.now_ms}

    def aggregate_trades(self, call: BinanceCall) -> object:
        """Return trades of everybody, oldest first: from an id or a time on, else the newest."""
        contract = self._context.require_contract(call.needed("symbol"))
        limit = min(call.whole("limit", 500, 1), _MAX_TRADES)
        start, end = call.whole("startTime", 0), call.whole("endTime", call.now_ms)
        if call.text("startTime") and call.text("endTime") and end - start > HOUR_MS:
            raise VenueRefusal("-1127", "More than 1 hours between startTime and endTime.")
        if call.text("fromId"):
            trades = self._context.tape.since(contract, call.whole("fromId", 0), limit)
            trades = [trade for trade in trades if start <= trade.ts <= end]
        else:
            is_newest_first = not call.text("startTime")
            trades = self._context.tape.between(contract, start, end, limit, newest=is_newest_first)
        return [make_aggregate_fields(trade) for trade in trades]

    def trades(self, call: BinanceCall) -> object:
        """Return the newest trades of everybody, oldest first."""
        contract = self._context.require_contract(call.needed("symbol"))
        trades = self._context.tape.last(contract, min(call.whole("limit", 500, 1), _MAX_TRADES))
        return [make_trade_row(trade) for trade in trades]

    def open_interest_history(self, call: BinanceCall) -> object:
        """Return open interest at the ends of periods of the last thirty days, oldest first."""
        contract, period = self._context.require_contract(call.needed("symbol")), call.needed("period")
        if period not in PERIODS:
            raise VenueRefusal("-1130", "invalid period.")
        limit = call.whole("limit", 30, 1, _MAX_POSITIONING)
        oldest = call.now_ms - _POSITIONING_DAYS * DAY_MS
        start, end = call.whole("startTime", oldest), call.whole("endTime", call.now_ms)
        for name, time in (("startTime", start), ("endTime", end)):
            if time < oldest or start > end:
                raise VenueRefusal("-1130", f"parameter '{name}' is invalid.")
        return [
            {
                "symbol": contract.symbol,
                "sumOpenInterest": format_8_decimals(point.open_interest),
                "sumOpenInterestValue": format_8_decimals(point.open_interest * point.price),
                "timestamp": point.ts,
            }
            for point in self._context.positioning.history(contract, period, start, end, limit)
        ]

    def make_day_ticker(self, contract: Contract) -> dict[str, Any] | None:
        """Return the 24-hour ticker of one contract; None before the first price."""
        ticker = self._context.display.get_ticker(contract)
        if ticker is None or ticker.day is None:
            return None
        last, day, now = ticker.last, ticker.day, ticker.ts
        return {
            "symbol": contract.symbol,
            "priceChange": format_decimal(last - day.open),
            "priceChangePercent": format_decimal(((last / day.open - 1) * 100).quantize(_THREE_DECIMALS)),
            "weightedAvgPrice": format_decimal(last),
            "lastPrice": format_decimal(last),
            "lastQty": format_decimal(contract.lot * 100),
            "openPrice": format_decimal(day.open),
            "highPrice": format_decimal(day.high),
            "lowPrice": format_decimal(day.low),
            "volume": format_decimal(day.volume),
            "quoteVolume": format_decimal(day.turnover),
            "openTime": now - DAY_MS,
            "closeTime": now,
            "firstId": 1,
            "lastId": 2,
            "count": 2,
        }

    def make_book(self, contract: Contract, levels: int) -> tuple[dict[str, Any], int]:
        """Return asks and bids of one contract, and when they were so."""
        asks, bids, ts = self._context.display.get_book(contract, levels)
        rows = (("bids", bids), ("asks", asks))
        return {name: [[format_decimal(value) for value in row] for row in part] for name, part in rows}, ts

    def _make_price(self, contract: Contract) -> dict[str, Any] | None:
        ticker = self._context.display.get_ticker(contract)
        if ticker is None:
            return None
        return {"symbol": contract.symbol, "price": format_decimal(ticker.last), "time": ticker.ts}

    def _make_best_quote(self, contract: Contract) -> dict[str, Any] | None:
        ticker, size = self._context.display.get_ticker(contract), format_decimal(contract.lot * 100)
        if ticker is None:
            return None
        return {
            "symbol": contract.symbol,
            "bidPrice": format_decimal(ticker.last - contract.tick),
            "bidQty": size,
            "askPrice": format_decimal(ticker.last + contract.tick),
            "askQty": size,
            "time": ticker.ts,
        }

    def _make_mark_price(self, contract: Contract) -> dict[str, Any] | None:
        # A question of its own, which goes on being answered where tickers stand still.
        mark = self._context.mark(contract.symbol) or self._context.quotes.last(contract.symbol)
        if mark is None:
            return None
        rate, due_ms = self._context.quotes.funding(contract)
        return {
            "symbol": contract.symbol,
            "markPrice": format_decimal(mark),
            "indexPrice": format_decimal(mark),
            "estimatedSettlePrice": format_decimal(mark),
            "lastFundingRate": format_decimal(rate),
            "interestRate": "0.00010000",
            "nextFundingTime": due_ms,
            "time": self._context.now_ms(),
        }

    def _answer_each(
        self, call: BinanceCall, make_fields: Callable[[Contract], dict[str, Any] | None]
    ) -> object:
        """Answer for one contract, or for all of them."""
        if call.text("symbol"):
            return make_fields(self._context.require_contract(call.text("symbol"))) or {}
        rows = (make_fields(item) for item in self._context.exchange.contracts())
        return [item for item in rows if item is not None]
