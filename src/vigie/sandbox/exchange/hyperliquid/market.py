"""What anybody may ask of the market: contracts, contexts, mids, book, candles, funding, trades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import ZERO, Contract
from vigie.sandbox.exchange.desk import Clerk, Desk
from vigie.sandbox.exchange.hyperliquid.errors import BadRequest
from vigie.sandbox.exchange.hyperliquid.shapes import px, side_word, sz_decimals
from vigie.sandbox.exchange.quotes import Candle, span_of
from vigie.sandbox.exchange.tape import Print

INTERVALS: Final = ("1m", "5m", "15m", "30m", "1h", "2h", "4h", "12h", "1d", "1w")
# The venue's weeks begin on Thursdays.
WEEKS_FROM_MS: Final = 0
MOST_CANDLES: Final = 5_000
_MOST_ROWS: Final = 500
_LEVELS: Final = 20
_TRADES: Final = 10
_NO_SPOT: Final[dict[str, Any]] = {"tokens": [], "universe": []}

Body = Mapping[str, Any]


class MarketAnswers(Clerk):
    """Answers that need no account."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.table: Mapping[str, Callable[[Body], Any]] = {
            "meta": lambda _: self.meta(),
            "metaAndAssetCtxs": lambda _: [self.meta(), [self.context(one) for one in self._contracts()]],
            "allMids": lambda _: self.mids(),
            "l2Book": lambda body: self.book(self.contract(body)),
            "candleSnapshot": self._candles,
            "fundingHistory": self._funding,
            "recentTrades": lambda body: self._trades(self.contract(body)),
            "perpDexs": lambda _: [None],
            "spotMeta": lambda _: _NO_SPOT,
            "spotMetaAndAssetCtxs": lambda _: [_NO_SPOT, []],
            "exchangeStatus": lambda _: {"specialStatuses": None, "time": self._desk.told_ms()},
        }

    def contract(self, body: Body) -> Contract:
        """Return the contract of a coin, in the very spelling of `meta`."""
        found = self.by_coin(body.get("coin"))
        if found is None:
            raise BadRequest(f"coin {body.get('coin')!r}")
        return found

    def by_coin(self, coin: object) -> Contract | None:
        """Return the contract of a coin; None where there is none."""
        return next((one for one in self._contracts() if one.base == coin), None)

    def by_asset(self, asset: object) -> Contract | None:
        """Return the contract of an index in `meta`."""
        if isinstance(asset, bool) or not isinstance(asset, int):
            return None
        known = self._contracts()
        return known[asset] if 0 <= asset < len(known) else None

    def asset(self, symbol: str) -> int:
        """Return the index of a contract in `meta`."""
        return [one.symbol for one in self._contracts()].index(symbol)

    def meta(self) -> dict[str, Any]:
        """Return the contracts; what was delisted keeps its place."""
        universe = []
        for one in self._contracts():
            row: dict[str, Any] = {
                "name": one.base,
                "szDecimals": sz_decimals(one),
                "maxLeverage": int(one.max_leverage),
                "marginTableId": 50,
            }
            universe.append(row | ({"isDelisted": True} if one.status == "off" else {}))
        return {"universe": universe, "marginTables": [], "collateralToken": 0}

    def context(self, contract: Contract) -> dict[str, Any]:
        """Return what is told of a contract beside its book."""
        shown = self._desk.display.of(contract)
        day = None if shown is None else shown.day
        rate, _ = self._desk.quotes.funding(contract)
        # The oracle is of other exchanges, and the mark follows it.
        oracle = None if shown is None else px(shown.mark)
        told = None if shown is None else px(shown.last)
        return {
            "funding": plain(rate),
            "openInterest": plain(ZERO if day is None else day.volume / 2),
            "prevDayPx": px(ZERO if day is None else day.open),
            "dayNtlVlm": plain(ZERO if day is None else day.turnover),
            "premium": "0.0",
            "oraclePx": oracle,
            "markPx": oracle,
            "midPx": told,
            "impactPxs": [told, told],
            "dayBaseVlm": plain(ZERO if day is None else day.volume),
        }

    def mids(self) -> dict[str, str]:
        """Return the middle price of every coin."""
        shown = {one.base: self._desk.display.of(one) for one in self._contracts()}
        return {coin: px(one.last) for coin, one in shown.items() if one is not None}

    def book(self, contract: Contract) -> dict[str, Any]:
        """Return twenty levels a side."""
        asks, bids, ts = self._desk.display.book(contract, _LEVELS)
        levels = [
            [{"px": px(price), "sz": px(size), "n": 1} for price, size in rows] for rows in (bids, asks)
        ]
        return {"coin": contract.base, "time": ts, "levels": levels}

    def candles(self, contract: Contract, interval: str, start: int, end: int) -> list[dict[str, Any]]:
        """Return bars that open in [start, end], the running one among them."""
        found = self._desk.quotes.candles(
            contract.symbol, interval, start, end + 1, MOST_CANDLES, finished=False
        )
        return [candle_row(one, contract.base, interval) for one in found]

    def _contracts(self) -> list[Contract]:
        return list(self._desk.exchange.contracts())

    def _candles(self, body: Body) -> list[dict[str, Any]]:
        asked = body.get("req")
        if not isinstance(asked, dict) or asked.get("interval") not in INTERVALS:
            raise BadRequest("req")
        now = self._desk.now_ms()
        start, end = whole(asked, "startTime", 0), whole(asked, "endTime", now)
        return self.candles(self.contract(asked), asked["interval"], start, end)

    def _trades(self, contract: Contract) -> list[dict[str, Any]]:
        return [trade_row(one, contract.base) for one in self._desk.tape.last(contract, _TRADES)[::-1]]

    def _funding(self, body: Body) -> list[dict[str, Any]]:
        contract, now = self.contract(body), self._desk.now_ms()
        start, end = whole(body, "startTime", 0), whole(body, "endTime", now)
        past = self._desk.quotes.funding_history(contract.symbol)[::-1]
        return [
            {"coin": contract.base, "fundingRate": plain(rate), "premium": "0.0", "time": ts}
            for ts, rate in past
            if start <= ts <= end
        ][:_MOST_ROWS]


def trade_row(one: Print, base: str) -> dict[str, Any]:
    """Return a trade of everybody as the venue writes it."""
    return {
        "coin": base,
        "side": side_word(1 if one.is_buy else -1),
        "px": px(one.price),
        "sz": px(one.size),
        "time": one.ts,
        "hash": f"0x{one.number:064x}",
        "tid": one.number,
        "users": ["0x" + "0" * 40] * 2,
    }


def candle_row(one: Candle, base: str, interval: str) -> dict[str, Any]:
    """Return a bar as the venue writes it."""
    span = span_of(interval)
    return {
        "t": one.ts,
        "T": one.ts + span - 1,
        "s": base,
        "i": interval,
        "o": px(one.open),
        "c": px(one.close),
        "h": px(one.high),
        "l": px(one.low),
        "v": px(one.volume),
        "n": max(1, int(one.volume)),
    }


def whole(body: Body, name: str, default: int) -> int:
    """Return a whole number of a question; absent and null are the default."""
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequest(f"{name} {value!r}")
    return value
