"""Hyperliquid's public history: candle snapshots of perpetuals, the latest 5,000 of each timeframe.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint#candle-snapshot, read in a
copy of late 2025. No key is ever given: with one, ccxt sends two signed actions when it loads the markets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigie.adapters.venues.history import CcxtHistory, Dialect, make_terms
from vigie.adapters.venues.manifest import Manifest
from vigie.adapters.venues.weight_budget import WeightLimit
from vigie.domain.money import GridStep
from vigie.ports.clock import Clock
from vigie.ports.venue import Terms

SIGNIFICANT_FIGURES: Final = 5
PRICE_DECIMALS: Final = 6
_MIN_NOTIONAL: Final = 10.0


_PRICE: Final = re.compile(r"\d+(\.\d+)?")


def fault(answer: object) -> str | None:
    """Say what is wrong with an answer under HTTP 200: a list is none, nor are mids, nor a book of two sides."""
    if isinstance(answer, list):
        return None
    if isinstance(answer, dict) and answer:
        levels = answer.get("levels")
        is_book = (
            isinstance(levels, list) and len(levels) == 2 and all(isinstance(item, list) for item in levels)
        )
        if is_book or all(isinstance(item, str) and _PRICE.fullmatch(item) for item in answer.values()):
            return None
    return "the answer is neither a list nor prices nor a book"


def terms(name: str, market: Mapping[str, Any]) -> Terms:
    """Make our record: tick from the size decimals, maintenance as half of the smallest margin."""
    size_decimals = int(market["info"]["szDecimals"])
    leverage = float(market["info"]["maxLeverage"])
    return make_terms(
        name,
        market,
        tick=GridStep(1, PRICE_DECIMALS - size_decimals),
        lot=GridStep(1, size_decimals),
        min_qty=GridStep(1, size_decimals).value,
        min_notional=_MIN_NOTIONAL,
        max_leverage=leverage,
        maintenance_rate=0.5 / leverage,
        significant_figures=SIGNIFICANT_FIGURES,
    )


# https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits: what an address may
# ask in a minute; what a question weighs, and one more for so many rows of its answer of 500. ccxt counts less.
_WEIGHT_PER_MINUTE: Final = 1_200
_LIGHT_KINDS: Final = frozenset({"l2Book", "allMids", "exchangeStatus"})
_USUAL_WEIGHT: Final = 20
_ROWS_PER_WEIGHT: Final = {"candleSnapshot": 60, "fundingHistory": 20}
_ROWS_PER_ANSWER: Final = 500


def weigh(query: Mapping[str, Any]) -> int:
    """Return what a question weighs at most."""
    kind = str(query.get("type", ""))
    rows = _ROWS_PER_WEIGHT.get(kind)
    return 2 if kind in _LIGHT_KINDS else _USUAL_WEIGHT + (-(-_ROWS_PER_ANSWER // rows) if rows else 0)


DIALECT: Final = Dialect(
    client="hyperliquid",
    options={
        "has": {"fetchCurrencies": False},
        "options": {"defaultType": "swap", "fetchMarkets": {"types": ["swap"]}},
    },
    fault=fault,
    terms=terms,
    limit=WeightLimit(_WEIGHT_PER_MINUTE, weigh),
)


def open_history(manifest: Manifest, *, market: str, clock: Clock, url: str | None = None) -> CcxtHistory:
    """Return the history of ``hyperliquid-perp``; nothing is asked until it is used."""
    return CcxtHistory(manifest, DIALECT, market=market, clock=clock, url=url)
