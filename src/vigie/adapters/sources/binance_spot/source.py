"""Binance spot, the host for market data alone: daily closes of the watched assets in USDT, since 2018.

https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints, read in a copy of 2025. A
finished bar never changes: it counts as known from its end. Pairs that are not listed are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.adapters.sources.backfill import next_piece
from vigie.adapters.sources.site import Feed, Site, number, some
from vigie.domain.fact import Measure, Observation
from vigie.domain.refusal import Refusal
from vigie.domain.time import DAY_MS
from vigie.ports.source import Batch, Source

_FIRST_MS: Final = 1_514_764_800_000  # 2018-01-01
_QUOTE: Final = "USDT"
# An answer holds at most so many bars.
_PIECE_DAYS: Final = 1_000
_AGAIN_DAYS: Final = 3


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    close = Measure(
        "market/*/spot_close_usdt",
        "Daily close, Binance spot",
        "usdt",
        site.manifest.id,
        "Last price of a UTC day on Binance's spot market, in USDT.",
        delay="the end of the day",
    )
    return {"daily": Feed(site, "daily", _pull_daily, (close,))}


async def _pull_daily(site: Site, bookmark: str) -> Batch:
    prices = some(await site.json("/api/v3/ticker/price", list), "pairs")
    listed = {row["symbol"] for row in prices}
    symbols = {asset: symbol + _QUOTE for asset, symbol in site.symbols.items() if symbol + _QUOTE in listed}
    now = site.now()
    piece = next_piece(
        bookmark, list(symbols), now, first_ms=_FIRST_MS, days=_PIECE_DAYS, again_days=_AGAIN_DAYS
    )
    facts: list[Observation] = []
    for asset, symbol in symbols.items():
        params = {
            "symbol": symbol,
            "interval": "1d",
            "startTime": piece.start_ms,
            "endTime": piece.end_ms - 1,
            "limit": _PIECE_DAYS,
        }
        for row in await site.json("/api/v3/klines", list, params=params):
            opened, ended = int(row[0]), int(row[6]) + 1
            if opened % DAY_MS or ended != opened + DAY_MS:
                raise ValueError(Refusal("not_whole_day", "a bar of {symbol} is not a day", symbol=symbol))
            if ended <= now:
                facts.append(Observation(f"market/{asset}/spot_close_usdt", opened, ended, number(row[4])))
    if piece.is_newest:
        some(facts, "days")
    return Batch(observations=facts, bookmark=piece.bookmark, has_more=piece.has_more)
