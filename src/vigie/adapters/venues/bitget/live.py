"""Bitget live: v2 ticker and candle channels of USDT-margined perpetuals, and the tickers over REST.

https://www.bitget.com/api-doc/contract/websocket/public/Tickers-Channel and .../Candlesticks-Channel, read in
copies of late 2025. A candle carries no word that it is finished: it is when a later one begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from vigie.adapters.venues.bitget.history import DIALECT
from vigie.adapters.venues.board import MarketMessage, parse_candle, parse_number, parse_price
from vigie.adapters.venues.speech import Speech, StreamSubscription, UsdtSymbols

_PRODUCT: Final = "USDT-FUTURES"
_CHANNELS: Final = {
    "1m": "candle1m", "5m": "candle5m", "15m": "candle15m", "30m": "candle30m", "1h": "candle1H",
    "4h": "candle4H", "6h": "candle6Hutc", "12h": "candle12Hutc", "1d": "candle1Dutc",
}  # fmt: skip
_TIMEFRAMES: Final = {channel: timeframe for timeframe, channel in _CHANNELS.items()}
# The venue advises fewer than 50 channels a connection.
_CHANNELS_PER_CONNECTION: Final = 48
_SETTLEMENTS_PER_PAGE: Final = 100
_MAX_PAGES: Final = 4


class BitgetSpeech(UsdtSymbols):
    """What Bitget says and how."""

    client = "bitget"
    options: Mapping[str, Any] = DIALECT.options
    transient_codes = DIALECT.transient_codes
    history_days = 90
    facts_elsewhere = False
    pushed_timeframes = frozenset(_CHANNELS)
    says_final = False

    def fault(self, answer: object) -> str | None:
        """Say what is wrong with an answer under HTTP 200: success is a code, not the status."""
        return DIALECT.fault(answer)

    def quote_subscriptions(self, client: Any, symbols: Sequence[str]) -> Sequence[StreamSubscription]:
        """Return one subscription a symbol."""
        return _subscriptions(client, [("ticker", symbol) for symbol in symbols])

    def bar_subscriptions(
        self, client: Any, symbols: Sequence[str], timeframes: Sequence[str]
    ) -> Sequence[StreamSubscription]:
        """Return one subscription a symbol and timeframe."""
        return _subscriptions(
            client, [(_CHANNELS[timeframe], symbol) for timeframe in timeframes for symbol in symbols]
        )

    def parse_message(self, message: object) -> Iterable[MarketMessage] | None:
        """Read a push of a ticker or a candle."""
        if not isinstance(message, dict) or "data" not in message or "action" not in message:
            return None
        channel, symbol = message["arg"]["channel"], message["arg"]["instId"]
        if channel == "ticker":
            return [_parse_ticker(row) for row in message["data"]]
        if channel in _TIMEFRAMES:
            timeframe = _TIMEFRAMES[channel]
            return [
                MarketMessage(symbol, candle=parse_candle(row), timeframe=timeframe)
                for row in message["data"]
            ]
        return None

    def remaining_limit(self, headers: Mapping[str, str]) -> float | None:
        """Return the requests that are left."""
        return parse_number(headers.get("x-mbx-used-remain-limit"))

    async def tickers(self, client: Any, symbols: Sequence[str]) -> list[MarketMessage]:
        """Ask for all tickers, and when and how often funding is settled."""
        query = {"productType": _PRODUCT}
        answer = await client.publicMixGetV2MixMarketTickers(query)
        funding = await client.publicMixGetV2MixMarketCurrentFundRate(query)
        hours = {row["symbol"]: row for row in funding["data"]}
        return [_parse_ticker({**row, "funding": hours.get(row["symbol"], {})}) for row in answer["data"]]

    async def funding(self, client: Any, symbol: str, since_ms: int) -> list[tuple[int, float]]:
        """Ask for settlements, newest page first, until one is older than wanted."""
        rates: dict[int, float] = {}
        for page in range(1, _MAX_PAGES + 1):
            answer = await client.publicMixGetV2MixMarketHistoryFundRate(
                {
                    "symbol": symbol,
                    "productType": _PRODUCT,
                    "pageSize": str(_SETTLEMENTS_PER_PAGE),
                    "pageNo": str(page),
                }
            )
            rows = {int(row["fundingTime"]): float(row["fundingRate"]) for row in answer["data"]}
            rates |= rows
            if len(rows) < _SETTLEMENTS_PER_PAGE or min(rows) <= since_ms:
                break
        return sorted((ts, rate) for ts, rate in rates.items() if ts > since_ms)


SPEECH: Final[Speech] = BitgetSpeech()


def _subscriptions(client: Any, channels: Sequence[tuple[str, str]]) -> list[StreamSubscription]:
    url = client.urls["api"]["ws"]["public"]
    args = [{"instType": _PRODUCT, "channel": channel, "instId": symbol} for channel, symbol in channels]
    return [
        StreamSubscription(url, [{"op": "subscribe", "args": args[start : start + _CHANNELS_PER_CONNECTION]}])
        for start in range(0, len(args), _CHANNELS_PER_CONNECTION)
    ]


def _parse_ticker(row: Mapping[str, Any]) -> MarketMessage:
    funding = row.get("funding") or {}
    next_ts = parse_number(row.get("nextFundingTime") or funding.get("nextUpdate"))
    return MarketMessage(
        row.get("instId") or row["symbol"],
        int(row["ts"]) if row.get("ts") else None,
        {
            "last": parse_price(row["lastPr"]),
            "bid": parse_price(row.get("bidPr")),
            "ask": parse_price(row.get("askPr")),
            "mark": parse_price(row.get("markPrice")),
            "index": parse_price(row.get("indexPrice")),
            "change_24h": parse_number(row.get("change24h")),
            "volume_24h": parse_number(row.get("quoteVolume")),
            "open_interest": parse_number(row.get("holdingAmount")),
            "funding_rate": parse_number(row.get("fundingRate")),
            "funding_next_ts": int(next_ts) if next_ts else None,
            "funding_hours": parse_number(funding.get("fundingRateInterval")),
        },
    )
