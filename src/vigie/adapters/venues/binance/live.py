"""Binance live: ticker, mark price and kline streams of USDT-margined perpetuals, and the same over REST.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams, read in a copy of
2026. A kline says itself when it is finished. Open interest is not streamed: it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from vigie.adapters.venues.binance.history import PERP
from vigie.adapters.venues.board import MarketMessage, parse_candle, parse_number, parse_price
from vigie.adapters.venues.speech import Speech, StreamSubscription, UsdtSymbols
from vigie.domain.time import TIMEFRAME_MS

_STREAMS_PER_CONNECTION: Final = 100
_PER_MINUTE: Final = 2_400.0
_USUAL_HOURS: Final = 8.0
_SETTLEMENTS_PER_REQUEST: Final = 1_000


class BinanceSpeech(UsdtSymbols):
    """What Binance says and how."""

    client = "binance"
    options: Mapping[str, Any] = PERP.options
    transient_codes = PERP.transient_codes
    history_days = 180
    facts_elsewhere = True  # the source of futures statistics has open interest and basis, with their history
    pushed_timeframes = frozenset(TIMEFRAME_MS)
    says_final = True

    def fault(self, answer: object) -> str | None:
        """Say what is wrong with an answer under HTTP 200: a list, or an object that is no refusal."""
        if isinstance(answer, list):
            return None
        if not isinstance(answer, dict) or not answer:
            return "the answer is neither a list nor an object"
        return "the answer refuses" if "code" in answer and "msg" in answer else None

    def quote_subscriptions(self, client: Any, symbols: Sequence[str]) -> Sequence[StreamSubscription]:
        """Return a ticker and a mark price a symbol."""
        names = [name.lower() for name in symbols]
        return _subscriptions(
            client, [stream for name in names for stream in (f"{name}@ticker", f"{name}@markPrice@1s")]
        )

    def bar_subscriptions(
        self, client: Any, symbols: Sequence[str], timeframes: Sequence[str]
    ) -> Sequence[StreamSubscription]:
        """Return a kline stream a symbol and timeframe."""
        return _subscriptions(
            client, [f"{name.lower()}@kline_{timeframe}" for timeframe in timeframes for name in symbols]
        )

    def parse_message(self, message: object) -> Iterable[MarketMessage] | None:
        """Read a ticker, a mark price, a best bid and ask, or a kline, also inside a combined stream."""
        if not isinstance(message, dict):
            return None
        data = message.get("data", message)
        event = data.get("e")
        if event == "kline":
            row = data["k"]
            candle = parse_candle([row["t"], row["o"], row["h"], row["l"], row["c"], row["v"]])
            return [
                MarketMessage(
                    data["s"], candle=candle, timeframe=row["i"], is_finished=True if row["x"] else None
                )
            ]
        if event == "24hrTicker":
            return [MarketMessage(data["s"], int(data["E"]), _ticker_values(data))]
        if event == "markPriceUpdate":
            return [MarketMessage(data["s"], int(data["E"]), _mark_values(data))]
        if event == "bookTicker":
            values = {"bid": parse_price(data["b"]), "ask": parse_price(data["a"])}
            return [MarketMessage(data["s"], int(data["E"]), values)]
        return () if "id" in message else None  # what is said to a subscription

    def remaining_limit(self, headers: Mapping[str, str]) -> float | None:
        """Return the weight that is left of this minute."""
        used_weight = next(
            (value for key, value in headers.items() if key.lower() == "x-mbx-used-weight-1m"), None
        )
        return None if used_weight is None else max(_PER_MINUTE - float(used_weight), 0.0)

    async def tickers(self, client: Any, symbols: Sequence[str]) -> list[MarketMessage]:
        """Ask for all tickers and mark prices, and for the open interest of the symbols."""
        days = await client.fapiPublicGetTicker24hr()
        marks = {row["symbol"]: row for row in await client.fapiPublicGetPremiumIndex()}
        books = {row["symbol"]: row for row in await client.fapiPublicGetTickerBookTicker()}
        hours = {row["symbol"]: row for row in await client.fapiPublicGetFundingInfo()}
        listed_symbols = {row["symbol"] for row in days}
        interest = {
            symbol: await client.fapiPublicGetOpenInterest({"symbol": symbol})
            for symbol in symbols
            if symbol in listed_symbols
        }
        messages = []
        for row in days:
            name = row["symbol"]
            mark, book = marks.get(name, {}), books.get(name, {})
            values = {
                "last": parse_price(row["lastPrice"]),
                "change_24h": _fraction(row.get("priceChangePercent")),
                "volume_24h": parse_number(row.get("quoteVolume")),
                "bid": parse_price(book.get("bidPrice")),
                "ask": parse_price(book.get("askPrice")),
                "mark": parse_price(mark.get("markPrice")),
                "index": parse_price(mark.get("indexPrice")),
                "funding_rate": parse_number(mark.get("lastFundingRate")),
                "funding_next_ts": int(mark["nextFundingTime"]) or None if mark else None,
                "funding_hours": parse_number(hours.get(name, {}).get("fundingIntervalHours"))
                or _USUAL_HOURS,
                "open_interest": parse_number(interest.get(name, {}).get("openInterest")),
            }
            messages.append(MarketMessage(name, int(row["closeTime"]), values))
        return messages

    async def funding(self, client: Any, symbol: str, since_ms: int) -> list[tuple[int, float]]:
        """Ask for settlements after a time."""
        rows = await client.fapiPublicGetFundingRate(
            {"symbol": symbol, "startTime": str(since_ms + 1), "limit": str(_SETTLEMENTS_PER_REQUEST)}
        )
        return sorted((int(row["fundingTime"]), float(row["fundingRate"])) for row in rows)


SPEECH: Final[Speech] = BinanceSpeech()


def _subscriptions(client: Any, streams: Sequence[str]) -> list[StreamSubscription]:
    url = client.get_ws_url("linear", "market")
    return [
        StreamSubscription(
            url,
            [
                {
                    "method": "SUBSCRIBE",
                    "params": list(streams[start : start + _STREAMS_PER_CONNECTION]),
                    "id": start + 1,
                }
            ],
        )
        for start in range(0, len(streams), _STREAMS_PER_CONNECTION)
    ]


def _ticker_values(data: Mapping[str, Any]) -> dict[str, float | int | None]:
    return {
        "last": parse_price(data["c"]),
        "change_24h": _fraction(data.get("P")),
        "volume_24h": parse_number(data.get("q")),
    }


def _mark_values(data: Mapping[str, Any]) -> dict[str, float | int | None]:
    return {
        "mark": parse_price(data["p"]),
        "index": parse_price(data.get("i")),
        "funding_rate": parse_number(data.get("r")),
        "funding_next_ts": int(data["T"]) or None,
    }


def _fraction(percent: object) -> float | None:
    value = parse_number(percent)
    return None if value is None else value / 100.0
