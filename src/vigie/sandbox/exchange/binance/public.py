"""Public market data over REST: time, contracts, klines, tickers, book, funding, open interest."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.sandbox.exchange.binance.envelope import COIN, Call
from vigie.sandbox.exchange.binance.limits import ORDERS, WEIGHT_A_MINUTE
from vigie.sandbox.exchange.binance.shapes import agg_fields, contract_fields, kline_rows, print_fields, to_8
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import Contract
from vigie.sandbox.exchange.crowd import PERIODS
from vigie.sandbox.exchange.desk import Clerk
from vigie.sandbox.exchange.quotes import span_of
from vigie.sandbox.exchange.wire import Refusal

INTERVALS: Final = ("1m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w")
_MOST_KLINES: Final = 1_500
_MOST_RATES: Final = 1_000
_MOST_TRADES: Final = 1_000
_MOST_STANDINGS: Final = 500
_STANDING_DAYS: Final = 30
_TO_3: Final = Decimal("0.001")


class PublicAnswers(Clerk):
    """Answers that need no key."""

    def time(self, call: Call) -> object:
        """Return the venue's time."""
        return {"serverTime": call.told_ms}

    def ping(self, _call: Call) -> object:
        """Return nothing, to say that somebody is there."""
        return {}

    def nothing(self, _call: Call) -> object:
        """Return an empty list."""
        return []

    def rules(self, call: Call) -> object:
        """Return limits and contracts."""
        limits = [("REQUEST_WEIGHT", "MINUTE", 1, WEIGHT_A_MINUTE)]
        limits += [
            ("ORDERS", "SECOND" if span < 60 else "MINUTE", span % 60 or 1, most) for span, most in ORDERS
        ]
        names = ("rateLimitType", "interval", "intervalNum", "limit")
        contracts = self._desk.exchange.contracts()
        return {
            "timezone": "UTC",
            "serverTime": call.told_ms,
            "futuresType": "U_MARGINED",
            "rateLimits": [dict(zip(names, one, strict=True)) for one in limits],
            "exchangeFilters": [],
            "assets": [{"asset": COIN, "marginAvailable": True, "autoAssetExchange": "-10000"}],
            "symbols": [
                contract_fields(one, self._desk.announced.get(one.symbol, {}).get("off")) for one in contracts
            ],
        }

    def klines(self, call: Call) -> object:
        """Return bars, the unfinished one last: from a start on the oldest first, else the newest."""
        symbol = self._desk.known(call.text("pair") or call.needed("symbol")).symbol
        interval = call.needed("interval")
        if interval not in INTERVALS:
            raise Refusal("-1120", "Invalid interval.")
        limit = min(call.whole("limit", 500, 1), _MOST_KLINES)
        start, end = call.whole("startTime", 0), call.whole("endTime", call.now_ms) + 1
        span = span_of(interval)
        if start:
            end = min(end, self._desk.quotes.opened(start + span - 1, span) + limit * span)
        found = self._desk.quotes.candles(symbol, interval, start, end, limit, finished=False)
        return kline_rows(found, span)

    def depth(self, call: Call) -> object:
        """Return the book."""
        contract = self._desk.known(call.needed("symbol"))
        book, ts = self.book_of(contract, call.whole("limit", 500, 1, 1_000))
        return {"lastUpdateId": ts, "E": ts, "T": ts, **book}

    def day(self, call: Call) -> object:
        """Return the last 24 hours."""
        return self._each(call, self.day_of)

    def price(self, call: Call) -> object:
        """Return last prices."""
        return self._each(call, self._price_of)

    def book(self, call: Call) -> object:
        """Return the best bid and ask."""
        return self._each(call, self._best_of)

    def premium(self, call: Call) -> object:
        """Return mark and index price, and the coming settlement."""
        return self._each(call, self._premium_of)

    def rates(self, call: Call) -> object:
        """Return past settlements, oldest first."""
        symbol = self._desk.known(call.needed("symbol")).symbol
        limit = min(call.whole("limit", 100, 1), _MOST_RATES)
        start, end = call.whole("startTime", 0), call.whole("endTime", call.now_ms)
        past = [one for one in self._desk.quotes.funding_history(symbol)[::-1] if start <= one[0] <= end]
        mark = plain(self._desk.quotes.last(symbol) or Decimal(0))
        return [
            {"symbol": symbol, "fundingTime": ts, "fundingRate": plain(rate), "markPrice": mark}
            for ts, rate in (past[:limit] if start else past[-limit:])
        ]

    def intervals(self, _call: Call) -> object:
        """Return how often contracts settle funding."""
        return [
            {
                "symbol": one.symbol,
                "adjustedFundingRateCap": "0.02000000",
                "adjustedFundingRateFloor": "-0.02000000",
                "fundingIntervalHours": one.funding_hours,
                "disclaimer": False,
            }
            for one in self._desk.exchange.contracts()
        ]

    def interest(self, call: Call) -> object:
        """Return half a day's volume as open interest: nobody else trades here."""
        contract = self._desk.known(call.needed("symbol"))
        day = self._desk.quotes.day(contract.symbol)
        size = (
            Decimal(0) if day is None else (day.volume / 2 / contract.lot).quantize(Decimal(1)) * contract.lot
        )
        return {"symbol": contract.symbol, "openInterest": plain(size), "time": call.now_ms}

    def aggregates(self, call: Call) -> object:
        """Return trades of everybody, oldest first: from an id or a time on, else the newest."""
        contract = self._desk.known(call.needed("symbol"))
        limit = min(call.whole("limit", 500, 1), _MOST_TRADES)
        start, end = call.whole("startTime", 0), call.whole("endTime", call.now_ms)
        if call.text("startTime") and call.text("endTime") and end - start > HOUR_MS:
            raise Refusal("-1127", "More than 1 hours between startTime and endTime.")
        if call.text("fromId"):
            found = self._desk.tape.since(contract, call.whole("fromId", 0), limit)
            found = [one for one in found if start <= one.ts <= end]
        else:
            newest = not call.text("startTime")
            found = self._desk.tape.between(contract, start, end, limit, newest=newest)
        return [agg_fields(one) for one in found]

    def trades(self, call: Call) -> object:
        """Return the newest trades of everybody, oldest first."""
        contract = self._desk.known(call.needed("symbol"))
        found = self._desk.tape.last(contract, min(call.whole("limit", 500, 1), _MOST_TRADES))
        return [print_fields(one) for one in found]

    def interests(self, call: Call) -> object:
        """Return open interest at the ends of periods of the last thirty days, oldest first."""
        contract, period = self._desk.known(call.needed("symbol")), call.needed("period")
        if period not in PERIODS:
            raise Refusal("-1130", "invalid period.")
        limit = call.whole("limit", 30, 1, _MOST_STANDINGS)
        oldest = call.now_ms - _STANDING_DAYS * DAY_MS
        start, end = call.whole("startTime", oldest), call.whole("endTime", call.now_ms)
        for name, time in (("startTime", start), ("endTime", end)):
            if time < oldest or start > end:
                raise Refusal("-1130", f"parameter '{name}' is invalid.")
        return [
            {
                "symbol": contract.symbol,
                "sumOpenInterest": to_8(one.interest),
                "sumOpenInterestValue": to_8(one.interest * one.price),
                "timestamp": one.ts,
            }
            for one in self._desk.crowd.history(contract, period, start, end, limit)
        ]

    def day_of(self, contract: Contract) -> dict[str, Any] | None:
        """Return the 24-hour ticker of one contract; None before the first price."""
        shown = self._desk.display.of(contract)
        if shown is None or shown.day is None:
            return None
        last, day, now = shown.last, shown.day, shown.ts
        return {
            "symbol": contract.symbol,
            "priceChange": plain(last - day.open),
            "priceChangePercent": plain(((last / day.open - 1) * 100).quantize(_TO_3)),
            "weightedAvgPrice": plain(last),
            "lastPrice": plain(last),
            "lastQty": plain(contract.lot * 100),
            "openPrice": plain(day.open),
            "highPrice": plain(day.high),
            "lowPrice": plain(day.low),
            "volume": plain(day.volume),
            "quoteVolume": plain(day.turnover),
            "openTime": now - DAY_MS,
            "closeTime": now,
            "firstId": 1,
            "lastId": 2,
            "count": 2,
        }

    def book_of(self, contract: Contract, levels: int) -> tuple[dict[str, Any], int]:
        """Return asks and bids of one contract, and when they were so."""
        asks, bids, ts = self._desk.display.book(contract, levels)
        rows = (("bids", bids), ("asks", asks))
        return {name: [[plain(value) for value in row] for row in part] for name, part in rows}, ts

    def _price_of(self, contract: Contract) -> dict[str, Any] | None:
        shown = self._desk.display.of(contract)
        if shown is None:
            return None
        return {"symbol": contract.symbol, "price": plain(shown.last), "time": shown.ts}

    def _best_of(self, contract: Contract) -> dict[str, Any] | None:
        shown, size = self._desk.display.of(contract), plain(contract.lot * 100)
        if shown is None:
            return None
        return {
            "symbol": contract.symbol,
            "bidPrice": plain(shown.last - contract.tick),
            "bidQty": size,
            "askPrice": plain(shown.last + contract.tick),
            "askQty": size,
            "time": shown.ts,
        }

    def _premium_of(self, contract: Contract) -> dict[str, Any] | None:
        # A question of its own, which goes on being answered where tickers stand still.
        mark = self._desk.mark(contract.symbol) or self._desk.quotes.last(contract.symbol)
        if mark is None:
            return None
        rate, at = self._desk.quotes.funding(contract)
        return {
            "symbol": contract.symbol,
            "markPrice": plain(mark),
            "indexPrice": plain(mark),
            "estimatedSettlePrice": plain(mark),
            "lastFundingRate": plain(rate),
            "interestRate": "0.00010000",
            "nextFundingTime": at,
            "time": self._desk.now_ms(),
        }

    def _each(self, call: Call, told: Callable[[Contract], dict[str, Any] | None]) -> object:
        """Answer for one contract, or for all of them."""
        if call.text("symbol"):
            return told(self._desk.known(call.text("symbol"))) or {}
        every = (told(one) for one in self._desk.exchange.contracts())
        return [one for one in every if one is not None]
