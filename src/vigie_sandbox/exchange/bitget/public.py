"""Public market data over REST: time, contracts, candles, tickers, book, funding, open interest, tiers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie_sandbox.exchange.bitget.envelope import PRODUCT_TYPE, BitgetCall
from vigie_sandbox.exchange.bitget.shapes import GRANULARITIES, make_contract_fields
from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.display import DisplayedTicker
from vigie_sandbox.exchange.positioning import PERIODS
from vigie_sandbox.exchange.quotes import Candle, ContractDayStats
from vigie_sandbox.exchange.trade_tape import PublicTrade
from vigie_sandbox.exchange.venue_context import VenueService
from vigie_sandbox.exchange.wire import VenueRefusal

_MAX_SPAN_MS: Final = 90 * DAY_MS
_MAX_RECENT: Final = 1_000
_MAX_FINISHED: Final = 200
_WEEK_MS: Final = 7 * DAY_MS
_MAX_POSITIONING: Final = 30
_FIVE_DECIMALS: Final = Decimal("0.00001")


class BitgetPublicEndpoints(VenueService):
    """Answers that need no key."""

    def time(self, call: BitgetCall) -> object:
        """Return the venue's time."""
        return {"serverTime": str(call.venue_ms)}

    def empty_list(self, _call: BitgetCall) -> object:
        """Return an empty list: the simulated venue has no spot and no margin markets."""
        return []

    def contracts(self, call: BitgetCall) -> object:
        """Return the contracts of a product type."""
        return [
            make_contract_fields(contract, self._context.announced.get(contract.symbol, {}))
            for contract in self._list_contracts(call)
        ]

    def tickers(self, call: BitgetCall) -> object:
        """Return the tickers of a product type."""
        tickers = (self.make_ticker(ticker_fields) for ticker_fields in self._list_contracts(call))
        return [ticker_fields for ticker_fields in tickers if ticker_fields is not None]

    def ticker(self, call: BitgetCall) -> object:
        """Return one ticker, in a list."""
        fields = self.make_ticker(self._context.require_contract(call.needed("symbol")))
        return [] if fields is None else [fields]

    def candles(self, call: BitgetCall) -> object:
        """Return recent bars, the unfinished one last."""
        return self._list_candles(call, _MAX_RECENT, is_finished=False)

    def finished_candles(self, call: BitgetCall) -> object:
        """Return finished bars only, as far back as there are."""
        return self._list_candles(call, _MAX_FINISHED, is_finished=True)

    def depth(self, call: BitgetCall) -> object:
        """Return the book."""
        contract = self._context.require_contract(call.needed("symbol"))
        text = call.text("limit", "100")
        return self.make_book(contract, 50 if text == "max" else call.whole("limit", 100)) | {
            "scale": format_decimal(contract.tick),
            "precision": "scale0",
            "isMaxPrecision": "NO",
        }

    def price(self, call: BitgetCall) -> object:
        """Return last, mark and index price of a contract."""
        contract = self._context.require_contract(call.needed("symbol"))
        ticker = self._context.display.get_ticker(contract)
        mark = "" if ticker is None else format_decimal(ticker.mark)
        return [
            {
                "symbol": contract.symbol,
                "price": "" if ticker is None else format_decimal(ticker.last),
                "indexPrice": mark,
                "markPrice": mark,
                "ts": str(call.now_ms if ticker is None else ticker.ts),
            }
        ]

    def funding(self, call: BitgetCall) -> object:
        """Return the current funding rate of one contract or all."""
        return [self._funding_fields(contract) for contract in self._list_contracts(call)]

    def funding_history(self, call: BitgetCall) -> object:
        """Return past funding rates, newest first, by pages."""
        symbol = self._context.require_contract(call.needed("symbol")).symbol
        size, page = call.whole("pageSize", 20, 1, 100), call.whole("pageNo", 1, 1)
        past = self._context.quotes.funding_history(symbol)[(page - 1) * size : page * size]
        return [
            {"symbol": symbol, "fundingRate": format_decimal(rate), "fundingTime": str(ts)}
            for ts, rate in past
        ]

    def open_interest(self, call: BitgetCall) -> object:
        """Return the open interest of a contract."""
        contract = self._context.require_contract(call.needed("symbol"))
        size = format_decimal(_estimate_open_interest(contract, self._context.quotes.day(contract.symbol)))
        return {"openInterestList": [{"symbol": contract.symbol, "size": size}], "ts": str(call.now_ms)}

    def tiers(self, call: BitgetCall) -> object:
        """Return the position tiers of a contract: one, from its leverage and maintenance rate."""
        contract = self._context.require_contract(call.needed("symbol"))
        return [
            {
                "symbol": contract.symbol,
                "level": "1",
                "startUnit": "0",
                "endUnit": "100000000",
                "leverage": format_decimal(contract.max_leverage),
                "keepMarginRate": format_decimal(contract.maintenance_rate),
            }
        ]

    def trades(self, call: BitgetCall) -> object:
        """Return the newest trades of everybody, newest first."""
        return self._list_trades(call, 100, 100)

    def past_trades(self, call: BitgetCall) -> object:
        """Return trades of everybody within a week, newest first, by pages."""
        return self._list_trades(call, 500, 1_000)

    def long_short(self, call: BitgetCall) -> object:
        """Return how much of what was traded bought and sold, at the ends of periods, oldest first."""
        return self._list_positioning(call, "longRatio", "shortRatio", "longShortRatio")

    def long_short_accounts(self, call: BitgetCall) -> object:
        """Return which accounts are long and short, at the ends of periods, oldest first."""
        return self._list_positioning(call, "longAccountRatio", "shortAccountRatio", "longShortAccountRatio")

    def long_short_positions(self, call: BitgetCall) -> object:
        """Return which positions are long and short, at the ends of periods, oldest first."""
        return self._list_positioning(
            call, "longPositionRatio", "shortPositionRatio", "longShortPositionRatio"
        )

    def make_ticker(self, contract: Contract) -> dict[str, Any] | None:
        """Return a ticker's fields; None before the first price."""
        ticker = self._context.display.get_ticker(contract)
        return (
            None
            if ticker is None or ticker.day is None
            else self._ticker_fields(contract, ticker, ticker.day)
        )

    def make_book(self, contract: Contract, levels: int) -> dict[str, Any]:
        """Return the book's fields."""
        asks, bids, ts = self._context.display.get_book(contract, levels)
        sides = [[[format_decimal(value) for value in row] for row in rows] for rows in (asks, bids)]
        return {"asks": sides[0], "bids": sides[1], "ts": str(ts)}

    def _ticker_fields(
        self, contract: Contract, ticker: DisplayedTicker, day: ContractDayStats
    ) -> dict[str, Any]:
        last, mark = ticker.last, ticker.mark
        rate, _ = self._context.quotes.funding(contract)
        size = format_decimal(contract.lot * 100)
        return {
            "symbol": contract.symbol,
            "lastPr": format_decimal(last),
            "askPr": format_decimal(last + contract.tick),
            "bidPr": format_decimal(last - contract.tick),
            "bidSz": size,
            "askSz": size,
            "high24h": format_decimal(day.high),
            "low24h": format_decimal(day.low),
            "ts": str(ticker.ts),
            "change24h": _format_change(last, day.open),
            "baseVolume": format_decimal(day.volume),
            "quoteVolume": format_decimal(day.turnover),
            "usdtVolume": format_decimal(day.turnover),
            "openUtc": format_decimal(day.midnight),
            "changeUtc24h": _format_change(last, day.midnight),
            "indexPrice": format_decimal(mark),
            "fundingRate": format_decimal(rate),
            "holdingAmount": format_decimal(_estimate_open_interest(contract, day)),
            "deliveryStartTime": None,
            "deliveryTime": None,
            "deliveryStatus": "",
            "open24h": format_decimal(day.open),
            "markPrice": format_decimal(mark),
        }

    def _list_contracts(self, call: BitgetCall) -> list[Contract]:
        if call.product() != PRODUCT_TYPE:
            return []
        return (
            [self._context.require_contract(call.needed("symbol"))]
            if call.text("symbol")
            else list(self._context.exchange.contracts())
        )

    def _list_candles(self, call: BitgetCall, max_candles: int, *, is_finished: bool) -> list[list[str]]:
        symbol, granularity = (
            self._context.require_contract(call.needed("symbol")).symbol,
            call.text("granularity"),
        )
        if granularity not in GRANULARITIES:
            raise VenueRefusal("400171", "Parameter granularity error")
        timeframe, depth_days = GRANULARITIES[granularity]
        now = call.now_ms
        end, start = call.whole("endTime", now + 1), call.whole("startTime", 0)
        limit = call.whole("limit", 100, 1, max_candles)
        if start and end - start > _MAX_SPAN_MS:
            raise VenueRefusal("00001", "startTime and endTime interval cannot be greater than 90 days")
        if not is_finished:
            start = max(start, now - depth_days * DAY_MS)
        rows = self._context.quotes.candles(symbol, timeframe, start, end, limit, is_finished=is_finished)
        return [make_candle_row(candle) for candle in rows]

    def _list_trades(self, call: BitgetCall, default_limit: int, max_limit: int) -> list[dict[str, str]]:
        if call.product() != PRODUCT_TYPE:
            return []
        contract, now = self._context.require_contract(call.needed("symbol")), call.now_ms
        start, end = call.whole("startTime", 0), call.whole("endTime", now)
        if start and call.text("endTime") and end - start > _WEEK_MS:
            raise VenueRefusal("00001", "startTime and endTime interval cannot be greater than 7 days")
        limit, below_id = (
            min(call.whole("limit", default_limit, 1), max_limit),
            call.whole("idLessThan", 2**62),
        )
        trades = self._context.tape.between(
            contract, max(start, now - _WEEK_MS), end, limit, newest=True, below=below_id
        )
        return [make_trade_row(trade, contract.symbol) for trade in trades[::-1]]

    def _list_positioning(
        self, call: BitgetCall, long_field: str, short_field: str, ratio_field: str
    ) -> list[dict[str, str]]:
        contract, period = self._context.require_contract(call.needed("symbol")), call.text("period", "5m")
        if period not in PERIODS:
            raise VenueRefusal("400172", "Parameter verification failed period")
        points = self._context.positioning.history(contract, period, 0, call.now_ms, _MAX_POSITIONING)
        return [
            {
                long_field: format_decimal(point.long_share),
                short_field: format_decimal(1 - point.long_share),
                ratio_field: format_decimal(point.ratio),
                "ts": str(point.ts),
            }
            for point in points
        ]

    def _funding_fields(self, contract: Contract) -> dict[str, Any]:
        rate, next_ms = self._context.quotes.funding(contract)
        return {
            "symbol": contract.symbol,
            "fundingRate": format_decimal(rate),
            "fundingRateInterval": str(contract.funding_hours),
            "nextUpdate": str(next_ms),
            "minFundingRate": "-0.0075",
            "maxFundingRate": "0.0075",
        }


def make_trade_row(trade: PublicTrade, symbol: str) -> dict[str, str]:
    """Return a trade of everybody."""
    return {
        "tradeId": str(trade.number),
        "price": format_decimal(trade.price),
        "size": format_decimal(trade.size),
        "side": "Buy" if trade.is_buy else "Sell",
        "ts": str(trade.ts),
        "symbol": symbol,
    }


def make_candle_row(candle: Candle) -> list[str]:
    """Return time, open, high, low, close, base and quote volume, all strings."""
    return [
        str(candle.ts),
        *(format_decimal(price) for price in (candle.open, candle.high, candle.low, candle.close)),
        format_decimal(candle.volume),
        format_decimal(candle.turnover),
    ]


def _estimate_open_interest(contract: Contract, day: ContractDayStats | None) -> Decimal:
    """Return half a day's volume: nobody else trades here, and clients only need a number that moves."""
    if day is None:
        return Decimal(0)
    return (day.volume / 2 / contract.lot).quantize(Decimal(1)) * contract.lot


def _format_change(last: Decimal, before: Decimal) -> str:
    return format_decimal((last / before - 1).quantize(_FIVE_DECIMALS))
