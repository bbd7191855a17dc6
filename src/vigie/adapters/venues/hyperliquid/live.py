"""Hyperliquid live: asset contexts, best bid and ask, and candles of perpetuals, and the contexts over REST.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions, read in a copy of late
2025. There is no last trade in a context: the middle of the book stands for it. Funding is settled every hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from vigie.adapters.venues.board import MarketMessage, parse_candle, parse_number, parse_price
from vigie.adapters.venues.hyperliquid.history import DIALECT
from vigie.adapters.venues.speech import Speech, StreamSubscription
from vigie.domain.ids import THOUSANDS, InstrumentId
from vigie.domain.time import TIMEFRAME_MS

# How long contexts are good enough; when this client asked for them, and what was listed.
_CONTEXTS_MS: Final = 30_000
_CONTEXTS_KEY: Final = "contexts_asked"


class HyperliquidSpeech:
    """What Hyperliquid says and how."""

    client = "hyperliquid"
    options: Mapping[str, Any] = DIALECT.options
    limit = DIALECT.limit
    transient_codes = DIALECT.transient_codes
    history_days = 20
    facts_elsewhere = False
    pushed_timeframes = frozenset(TIMEFRAME_MS) - {"6h"}
    says_final = False

    def fault(self, answer: object) -> str | None:
        """Say what is wrong with an answer under HTTP 200."""
        return DIALECT.fault(answer)

    def symbol(self, instrument: InstrumentId) -> str:
        """Return ``BTC``, ``kPEPE``."""
        # Coins that are traded by the thousand carry a small k; ours are in capitals.
        return f"k{instrument.base[1:]}" if instrument.base in THOUSANDS else instrument.base

    def instrument(self, symbol: str) -> str | None:
        """Return ``btc-usdc-perp``; None for markets of other builders."""
        return f"{symbol.lower()}-usdc-perp" if symbol.isalnum() and symbol.isascii() else None

    def quote_subscriptions(self, client: Any, symbols: Sequence[str]) -> Sequence[StreamSubscription]:
        """Return a context and a best bid and ask a coin."""
        return _subscriptions(
            client,
            [{"type": kind, "coin": symbol} for symbol in symbols for kind in ("activeAssetCtx", "bbo")],
        )

    def bar_subscriptions(
        self, client: Any, symbols: Sequence[str], timeframes: Sequence[str]
    ) -> Sequence[StreamSubscription]:
        """Return a candle subscription a coin and timeframe."""
        return _subscriptions(
            client,
            [
                {"type": "candle", "coin": symbol, "interval": timeframe}
                for timeframe in timeframes
                for symbol in symbols
            ],
        )

    def parse_message(self, message: object) -> Iterable[MarketMessage] | None:
        """Read a context, a best bid and ask, or candles."""
        if not isinstance(message, dict):
            return None
        channel = message.get("channel")
        data: Any = message.get("data")
        if channel == "activeAssetCtx":
            return [MarketMessage(data["coin"], None, _context_values(data["ctx"]))]
        if channel == "bbo":
            bid, ask = data["bbo"]
            time = int(data["time"])
            values: dict[str, float | int | None] = {
                "bid": parse_price(bid["px"]) if bid else None,
                "ask": parse_price(ask["px"]) if ask else None,
            }
            return [MarketMessage(data["coin"], time, values)]
        if channel == "candle":
            rows = data if isinstance(data, list) else [data]
            return [
                MarketMessage(
                    row["s"],
                    candle=parse_candle([row["t"], row["o"], row["h"], row["l"], row["c"], row["v"]]),
                    timeframe=row["i"],
                )
                for row in rows
            ]
        # A subscription that is refused leaves the others; if all are, the stream is silent.
        return () if channel in ("subscriptionResponse", "error") else None

    def remaining_limit(self, headers: Mapping[str, str]) -> float | None:
        """Return nothing: the venue does not say."""
        return None

    async def tickers(self, client: Any, symbols: Sequence[str]) -> list[MarketMessage]:
        """Ask for the contexts of everything that is listed; asked again soon, for the prices alone.

        Contexts weigh a sixtieth of what an address may ask in a minute, prices a tenth of that.
        """
        now = client.milliseconds()
        asked_ms, coins = client.options.get(_CONTEXTS_KEY, (-_CONTEXTS_MS, frozenset()))
        if now - asked_ms < _CONTEXTS_MS:
            mids = await client.publicPostInfo({"type": "allMids"})
            return [
                MarketMessage(coin, None, {"last": parse_price(mids[coin])}) for coin in coins & mids.keys()
            ]
        meta, contexts = await client.publicPostInfo({"type": "metaAndAssetCtxs"})
        pairs = list(zip(meta["universe"], contexts, strict=True))
        messages = [
            MarketMessage(item["name"], None, _context_values(ctx))
            for item, ctx in pairs
            if not item.get("isDelisted")
        ]
        client.options[_CONTEXTS_KEY] = (now, frozenset(item.symbol for item in messages))
        return messages

    async def funding(self, client: Any, symbol: str, since_ms: int) -> list[tuple[int, float]]:
        """Ask for settlements after a time; an answer holds 500."""
        rows = await client.publicPostInfo(
            {"type": "fundingHistory", "coin": symbol, "startTime": since_ms + 1}
        )
        return sorted((int(row["time"]), float(row["fundingRate"])) for row in rows)


SPEECH: Final[Speech] = HyperliquidSpeech()


def _subscriptions(client: Any, subscriptions: Sequence[Mapping[str, str]]) -> list[StreamSubscription]:
    url = client.urls["api"]["ws"]["public"]
    return [
        StreamSubscription(
            url, [{"method": "subscribe", "subscription": subscription} for subscription in subscriptions]
        )
    ]


def _context_values(ctx: Mapping[str, Any]) -> dict[str, float | int | None]:
    mark, day_before = parse_price(ctx["markPx"]), parse_price(ctx.get("prevDayPx"))
    last = parse_price(ctx.get("midPx")) or mark
    return {
        "last": last,
        "mark": mark,
        "index": parse_price(ctx.get("oraclePx")),
        "change_24h": last / day_before - 1.0 if last and day_before else None,
        "volume_24h": parse_number(ctx.get("dayNtlVlm")),
        "open_interest": parse_number(ctx.get("openInterest")),
        "funding_rate": parse_number(ctx.get("funding")),
        "funding_hours": 1.0,
    }
