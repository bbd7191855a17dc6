"""Binance's public history: klines of USDT-margined perpetuals and of spot.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Kline-Candlestick-Data,
read in a copy of late 2025.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.adapters.venues.history import CcxtHistory, Dialect, make_terms
from vigie.adapters.venues.manifest import Manifest
from vigie.ports.clock import Clock
from vigie.ports.venue import Terms


def fault(answer: object) -> str | None:
    """Say what is wrong with an answer under HTTP 200: rows, or the exchange's description."""
    if isinstance(answer, list) and all(isinstance(row, list) and len(row) >= 6 for row in answer):
        return None
    if isinstance(answer, dict) and isinstance(answer.get("symbols"), list):
        return None
    return "the answer holds neither klines nor symbols"


def terms(name: str, market: Mapping[str, Any]) -> Terms:
    """Make our record; leverage and maintenance of a perpetual are not in the public description."""
    return make_terms(name, market, max_leverage=1.0 if market["spot"] else None)


def _dialect(market: str) -> Dialect:
    kind = "linear" if market == "perp" else "spot"
    return Dialect(
        client="binance",
        options={
            # Tiers are told to accounts only.
            "has": {"fetchCurrencies": False, "fetchMarketLeverageTiers": False},
            "options": {
                "defaultType": "swap" if market == "perp" else "spot",
                "fetchMarkets": {"types": [kind]},
            },
        },
        fault=fault,
        terms=terms,
        transient_codes=frozenset({"-1000", "-1001", "-1003", "-1007", "-1008"}),
    )


PERP: Final = _dialect("perp")
SPOT: Final = _dialect("spot")


def open_history(manifest: Manifest, *, market: str, clock: Clock, url: str | None = None) -> CcxtHistory:
    """Return the history of ``binance-perp`` or ``binance-spot``; nothing is asked until it is used."""
    return CcxtHistory(manifest, PERP if market == "perp" else SPOT, market=market, clock=clock, url=url)
