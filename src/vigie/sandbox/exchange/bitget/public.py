"""Public market data over REST: time, contracts, candles, tickers, book, funding, open interest, tiers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie.sandbox.exchange.bitget.envelope import PRODUCT, Call
from vigie.sandbox.exchange.bitget.shapes import GRANULARITY, contract_fields
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import Contract
from vigie.sandbox.exchange.crowd import PERIODS
from vigie.sandbox.exchange.desk import Clerk
from vigie.sandbox.exchange.display import Shown
from vigie.sandbox.exchange.quotes import Candle, Day
from vigie.sandbox.exchange.tape import Print
from vigie.sandbox.exchange.wire import Refusal

_LONGEST_MS: Final = 90 * DAY_MS
_RECENT: Final = 1_000
_FINISHED: Final = 200
_WEEK_MS: Final = 7 * DAY_MS
_STANDINGS: Final = 30
_TO_5: Final = Decimal("0.00001")


class PublicAnswers(Clerk):
    """Answers that need no key."""

    def time(self, call: Call) -> object:
        """Return the venue's time."""
        return {"serverTime": str(call.told_ms)}

    def nothing(self, _call: Call) -> object:
        """Return an empty list: the simulated venue has no spot and no margin markets."""
        return []

    def contracts(self, call: Call) -> object:
        """Return the contracts of a product type."""
        return [contract_fields(one, self._desk.announced.get(one.symbol, {})) for one in self._asked(call)]

    def tickers(self, call: Call) -> object:
        """Return the tickers of a product type."""
        found = (self.ticker_of(one) for one in self._asked(call))
        return [one for one in found if one is not None]

    def ticker(self, call: Call) -> object:
        """Return one ticker, in a list."""
        found = self.ticker_of(self._desk.known(call.needed("symbol")))
        return [] if found is None else [found]

    def candles(self, call: Call) -> object:
        """Return recent bars, the unfinished one last."""
        return self._candles(call, _RECENT, finished=False)

    def finished_candles(self, call: Call) -> object:
        """Return finished bars only, as far back as there are."""
        return self._candles(call, _FINISHED, finished=True)

    def depth(self, call: Call) -> object:
        """Return the book."""
        contract = self._desk.known(call.needed("symbol"))
        text = call.text("limit", "100")
        return self.book_of(contract, 50 if text == "max" else call.whole("limit", 100)) | {
            "scale": plain(contract.tick),
            "precision": "scale0",
            "isMaxPrecision": "NO",
        }

    def price(self, call: Call) -> object:
        """Return last, mark and index price of a contract."""
        contract = self._desk.known(call.needed("symbol"))
        shown = self._desk.display.of(contract)
        mark = "" if shown is None else plain(shown.mark)
        return [
            {
                "symbol": contract.symbol,
                "price": "" if shown is None else plain(shown.last),
                "indexPrice": mark,
                "markPrice": mark,
                "ts": str(call.now_ms if shown is None else shown.ts),
            }
        ]

    def funding(self, call: Call) -> object:
        """Return the current funding rate of one contract or all."""
        return [self._funding(one) for one in self._asked(call)]

    def funding_history(self, call: Call) -> object:
        """Return past funding rates, newest first, by pages."""
        symbol = self._desk.known(call.needed("symbol")).symbol
        size, page = call.whole("pageSize", 20, 1, 100), call.whole("pageNo", 1, 1)
        past = self._desk.quotes.funding_history(symbol)[(page - 1) * size : page * size]
        return [{"symbol": symbol, "fundingRate": plain(rate), "fundingTime": str(ts)} for ts, rate in past]

    def interest(self, call: Call) -> object:
        """Return the open interest of a contract."""
        contract = self._desk.known(call.needed("symbol"))
        size = plain(_interest(contract, self._desk.quotes.day(contract.symbol)))
        return {"openInterestList": [{"symbol": contract.symbol, "size": size}], "ts": str(call.now_ms)}

    def tiers(self, call: Call) -> object:
        """Return the position tiers of a contract: one, from its leverage and maintenance rate."""
        contract = self._desk.known(call.needed("symbol"))
        return [
            {
                "symbol": contract.symbol,
                "level": "1",
                "startUnit": "0",
                "endUnit": "100000000",
                "leverage": plain(contract.max_leverage),
                "keepMarginRate": plain(contract.maintenance_rate),
            }
        ]

    def trades(self, call: Call) -> object:
        """Return the newest trades of everybody, newest first."""
        return self._trades(call, 100, 100)

    def past_trades(self, call: Call) -> object:
        """Return trades of everybody within a week, newest first, by pages."""
        return self._trades(call, 500, 1_000)

    def long_short(self, call: Call) -> object:
        """Return how much of what was traded bought and sold, at the ends of periods, oldest first."""
        return self._standings(call, "longRatio", "shortRatio", "longShortRatio")

    def long_short_accounts(self, call: Call) -> object:
        """Return which accounts are long and short, at the ends of periods, oldest first."""
        return self._standings(call, "longAccountRatio", "shortAccountRatio", "longShortAccountRatio")

    def long_short_positions(self, call: Call) -> object:
        """Return which positions are long and short, at the ends of periods, oldest first."""
        return self._standings(call, "longPositionRatio", "shortPositionRatio", "longShortPositionRatio")

    def ticker_of(self, contract: Contract) -> dict[str, Any] | None:
        """Return a ticker's fields; None before the first price."""
        shown = self._desk.display.of(contract)
        return None if shown is None or shown.day is None else self._ticker_fields(contract, shown, shown.day)

    def book_of(self, contract: Contract, levels: int) -> dict[str, Any]:
        """Return the book's fields."""
        asks, bids, ts = self._desk.display.book(contract, levels)
        written = [[[plain(value) for value in row] for row in rows] for rows in (asks, bids)]
        return {"asks": written[0], "bids": written[1], "ts": str(ts)}

    def _ticker_fields(self, contract: Contract, shown: Shown, day: Day) -> dict[str, Any]:
        last, mark = shown.last, shown.mark
        rate, _ = self._desk.quotes.funding(contract)
        size = plain(contract.lot * 100)
        return {
            "symbol": contract.symbol,
            "lastPr": plain(last),
            "askPr": plain(last + contract.tick),
            "bidPr": plain(last - contract.tick),
            "bidSz": size,
            "askSz": size,
            "high24h": plain(day.high),
            "low24h": plain(day.low),
            "ts": str(shown.ts),
            "change24h": _change(last, day.open),
            "baseVolume": plain(day.volume),
            "quoteVolume": plain(day.turnover),
            "usdtVolume": plain(day.turnover),
            "openUtc": plain(day.midnight),
            "changeUtc24h": _change(last, day.midnight),
            "indexPrice": plain(mark),
            "fundingRate": plain(rate),
            "holdingAmount": plain(_interest(contract, day)),
            "deliveryStartTime": None,
            "deliveryTime": None,
            "deliveryStatus": "",
            "open24h": plain(day.open),
            "markPrice": plain(mark),
        }

    def _asked(self, call: Call) -> list[Contract]:
        if call.product() != PRODUCT:
            return []
        return (
            [self._desk.known(call.needed("symbol"))]
            if call.text("symbol")
            else list(self._desk.exchange.contracts())
        )

    def _candles(self, call: Call, most: int, *, finished: bool) -> list[list[str]]:
        symbol, granularity = self._desk.known(call.needed("symbol")).symbol, call.text("granularity")
        if granularity not in GRANULARITY:
            raise Refusal("400171", "Parameter granularity error")
        timeframe, depth_days = GRANULARITY[granularity]
        now = call.now_ms
        end, start = call.whole("endTime", now + 1), call.whole("startTime", 0)
        limit = call.whole("limit", 100, 1, most)
        if start and end - start > _LONGEST_MS:
            raise Refusal("00001", "startTime and endTime interval cannot be greater than 90 days")
        if not finished:
            start = max(start, now - depth_days * DAY_MS)
        rows = self._desk.quotes.candles(symbol, timeframe, start, end, limit, finished=finished)
        return [candle_row(one) for one in rows]

    def _trades(self, call: Call, usual: int, most: int) -> list[dict[str, str]]:
        if call.product() != PRODUCT:
            return []
        contract, now = self._desk.known(call.needed("symbol")), call.now_ms
        start, end = call.whole("startTime", 0), call.whole("endTime", now)
        if start and call.text("endTime") and end - start > _WEEK_MS:
            raise Refusal("00001", "startTime and endTime interval cannot be greater than 7 days")
        limit, below = min(call.whole("limit", usual, 1), most), call.whole("idLessThan", 2**62)
        found = self._desk.tape.between(
            contract, max(start, now - _WEEK_MS), end, limit, newest=True, below=below
        )
        return [trade_row(one, contract.symbol) for one in found[::-1]]

    def _standings(self, call: Call, longs: str, shorts: str, ratio: str) -> list[dict[str, str]]:
        contract, period = self._desk.known(call.needed("symbol")), call.text("period", "5m")
        if period not in PERIODS:
            raise Refusal("400172", "Parameter verification failed period")
        found = self._desk.crowd.history(contract, period, 0, call.now_ms, _STANDINGS)
        return [
            {
                longs: plain(one.longs),
                shorts: plain(1 - one.longs),
                ratio: plain(one.ratio),
                "ts": str(one.ts),
            }
            for one in found
        ]

    def _funding(self, contract: Contract) -> dict[str, Any]:
        rate, at = self._desk.quotes.funding(contract)
        return {
            "symbol": contract.symbol,
            "fundingRate": plain(rate),
            "fundingRateInterval": str(contract.funding_hours),
            "nextUpdate": str(at),
            "minFundingRate": "-0.0075",
            "maxFundingRate": "0.0075",
        }


def trade_row(one: Print, symbol: str) -> dict[str, str]:
    """Return a trade of everybody."""
    return {
        "tradeId": str(one.number),
        "price": plain(one.price),
        "size": plain(one.size),
        "side": "Buy" if one.is_buy else "Sell",
        "ts": str(one.ts),
        "symbol": symbol,
    }


def candle_row(one: Candle) -> list[str]:
    """Return time, open, high, low, close, base and quote volume, all strings."""
    return [
        str(one.ts),
        *(plain(price) for price in (one.open, one.high, one.low, one.close)),
        plain(one.volume),
        plain(one.turnover),
    ]


def _interest(contract: Contract, day: Day | None) -> Decimal:
    """Return half a day's volume: nobody else trades here, and clients only need a number that moves."""
    if day is None:
        return Decimal(0)
    return (day.volume / 2 / contract.lot).quantize(Decimal(1)) * contract.lot


def _change(last: Decimal, before: Decimal) -> str:
    return plain((last / before - 1).quantize(_TO_5))
