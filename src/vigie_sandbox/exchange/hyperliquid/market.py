"""What anybody may ask of the market: contracts, contexts, mids, book, candles, funding, trades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vigie_sandbox.exchange.core.entities import ZERO, Contract
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.hyperliquid.errors import BadRequest
from vigie_sandbox.exchange.hyperliquid.shapes import count_size_decimals, format_price, format_side
from vigie_sandbox.exchange.quotes import Candle, get_span_ms
from vigie_sandbox.exchange.trade_tape import PublicTrade
from vigie_sandbox.exchange.venue_context import VenueContext, VenueService

INTERVALS: Final = ("1m", "5m", "15m", "30m", "1h", "2h", "4h", "12h", "1d", "1w")
# The venue's weeks begin on Thursdays.
WEEK_OFFSET_MS: Final = 0
MAX_CANDLES: Final = 5_000
_MAX_ROWS: Final = 500
_BOOK_LEVELS: Final = 20
_MAX_TRADES: Final = 10
_NO_SPOT: Final[dict[str, Any]] = {"tokens": [], "universe": []}

InfoRequest = Mapping[str, Any]


class HyperliquidMarketInfo(VenueService):
    """Answers that need no account."""

    def __init__(self, context: VenueContext) -> None:
        super().__init__(context)
        self.handlers: Mapping[str, Callable[[InfoRequest], Any]] = {
            "meta": lambda _: self.make_meta(),
            "metaAndAssetCtxs": lambda _: [
                self.make_meta(),
                [self.make_context(contract) for contract in self._list_contracts()],
            ],
            "allMids": lambda _: self.make_mids(),
            "l2Book": lambda body: self.make_book(self.require_contract(body)),
            "candleSnapshot": self._answer_candles,
            "fundingHistory": self._list_fundings,
            "recentTrades": lambda body: self._list_trades(self.require_contract(body)),
            "perpDexs": lambda _: [None],
            "spotMeta": lambda _: _NO_SPOT,
            "spotMetaAndAssetCtxs": lambda _: [_NO_SPOT, []],
            "exchangeStatus": lambda _: {"specialStatuses": None, "time": self._context.venue_ms()},
        }

    def require_contract(self, body: InfoRequest) -> Contract:
        """Return the contract of a coin, in the very spelling of `make_meta`."""
        contract = self.find_by_coin(body.get("coin"))
        if contract is None:
            raise BadRequest(f"coin {body.get('coin')!r}")
        return contract

    def find_by_coin(self, coin: object) -> Contract | None:
        """Return the contract of a coin; None where there is none."""
        return next((contract for contract in self._list_contracts() if contract.base == coin), None)

    def find_by_asset(self, asset: object) -> Contract | None:
        """Return the contract of an index in `make_meta`."""
        if isinstance(asset, bool) or not isinstance(asset, int):
            return None
        contracts = self._list_contracts()
        return contracts[asset] if 0 <= asset < len(contracts) else None

    def get_asset_index(self, symbol: str) -> int:
        """Return the index of a contract in `make_meta`."""
        return [contract.symbol for contract in self._list_contracts()].index(symbol)

    def make_meta(self) -> dict[str, Any]:
        """Return the contracts; what was delisted keeps its place."""
        universe = []
        for contract in self._list_contracts():
            row: dict[str, Any] = {
                "name": contract.base,
                "szDecimals": count_size_decimals(contract),
                "maxLeverage": int(contract.max_leverage),
                "marginTableId": 50,
            }
            universe.append(row | ({"isDelisted": True} if contract.status == "off" else {}))
        return {"universe": universe, "marginTables": [], "collateralToken": 0}

    def make_context(self, contract: Contract) -> dict[str, Any]:
        """Return what is told of a contract beside its book."""
        ticker = self._context.display.get_ticker(contract)
        day = None if ticker is None else ticker.day
        rate, _ = self._context.quotes.funding(contract)
        # The oracle is of other exchanges, and the mark follows it.
        oracle_price = None if ticker is None else format_price(ticker.mark)
        last_price = None if ticker is None else format_price(ticker.last)
        return {
            "funding": format_decimal(rate),
            "openInterest": format_decimal(ZERO if day is None else day.volume / 2),
            "prevDayPx": format_price(ZERO if day is None else day.open),
            "dayNtlVlm": format_decimal(ZERO if day is None else day.turnover),
            "premium": "0.0",
            "oraclePx": oracle_price,
            "markPx": oracle_price,
            "midPx": last_price,
            "impactPxs": [last_price, last_price],
            "dayBaseVlm": format_decimal(ZERO if day is None else day.volume),
        }

    def make_mids(self) -> dict[str, str]:
        """Return the middle price of every coin."""
        tickers = {item.base: self._context.display.get_ticker(item) for item in self._list_contracts()}
        return {coin: format_price(item.last) for coin, item in tickers.items() if item is not None}

    def make_book(self, contract: Contract) -> dict[str, Any]:
        """Return twenty levels a side."""
        asks, bids, ts = self._context.display.get_book(contract, _BOOK_LEVELS)
        levels = [
            [{"px": format_price(price), "sz": format_price(size), "n": 1} for price, size in rows]
            for rows in (bids, asks)
        ]
        return {"coin": contract.base, "time": ts, "levels": levels}

    def list_candles(self, contract: Contract, interval: str, start: int, end: int) -> list[dict[str, Any]]:
        """Return bars that open in [start, end], the running one among them."""
        candles = self._context.quotes.candles(
            contract.symbol, interval, start, end + 1, MAX_CANDLES, is_finished=False
        )
        return [make_candle_row(candle, contract.base, interval) for candle in candles]

    def _list_contracts(self) -> list[Contract]:
        return list(self._context.exchange.contracts())

    def _answer_candles(self, body: InfoRequest) -> list[dict[str, Any]]:
        candle_request = body.get("req")
        if not isinstance(candle_request, dict) or candle_request.get("interval") not in INTERVALS:
            raise BadRequest("req")
        now = self._context.now_ms()
        start, end = (
            read_integer(candle_request, "startTime", 0),
            read_integer(candle_request, "endTime", now),
        )
        return self.list_candles(
            self.require_contract(candle_request), candle_request["interval"], start, end
        )

    def _list_trades(self, contract: Contract) -> list[dict[str, Any]]:
        return [
            make_trade_row(trade, contract.base)
            for trade in self._context.tape.last(contract, _MAX_TRADES)[::-1]
        ]

    def _list_fundings(self, body: InfoRequest) -> list[dict[str, Any]]:
        contract, now = self.require_contract(body), self._context.now_ms()
        start, end = read_integer(body, "startTime", 0), read_integer(body, "endTime", now)
        past = self._context.quotes.funding_history(contract.symbol)[::-1]
        return [
            {"coin": contract.base, "fundingRate": format_decimal(rate), "premium": "0.0", "time": ts}
            for ts, rate in past
            if start <= ts <= end
        ][:_MAX_ROWS]


def make_trade_row(trade: PublicTrade, base: str) -> dict[str, Any]:
    """Return a trade of everybody as the venue writes it."""
    return {
        "coin": base,
        "side": format_side(1 if trade.is_buy else -1),
        "px": format_price(trade.price),
        "sz": format_price(trade.size),
        "time": trade.ts,
        "hash": f"0x{trade.number:064x}",
        "tid": trade.number,
        "users": ["0x" + "0" * 40] * 2,
    }


def make_candle_row(candle: Candle, base: str, interval: str) -> dict[str, Any]:
    """Return a bar as the venue writes it."""
    span = get_span_ms(interval)
    return {
        "t": candle.ts,
        "T": candle.ts + span - 1,
        "s": base,
        "i": interval,
        "o": format_price(candle.open),
        "c": format_price(candle.close),
        "h": format_price(candle.high),
        "l": format_price(candle.low),
        "v": format_price(candle.volume),
        "n": max(1, int(candle.volume)),
    }


def read_integer(body: InfoRequest, name: str, default: int) -> int:
    """Return a whole number of a question; absent and null are the default."""
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequest(f"{name} {value!r}")
    return value
