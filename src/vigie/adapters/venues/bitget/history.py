"""Bitget's public history: v2 candles of USDT-margined perpetuals.

https://www.bitget.com/api-doc/contract/market/Get-History-Candle-Data, read in a copy of late 2025.
Days open at 00:00 UTC (ccxt asks for ``1Dutc``; the plain ``1D`` opens at UTC+8).
"""

from __future__ import annotations

from typing import Final

from vigie.adapters.venues.history import CcxtHistory, Dialect, make_terms
from vigie.adapters.venues.manifest import Manifest
from vigie.ports.clock import Clock

_SUCCESS: Final = "00000"


def fault(answer: object) -> str | None:
    """Say what is wrong with an answer under HTTP 200: success is a code, not the status."""
    if not isinstance(answer, dict) or "code" not in answer:
        return "the answer is not in Bitget's envelope"
    if answer["code"] == _SUCCESS and not isinstance(answer.get("data"), list | dict):
        return "the answer says success and holds no data"
    return None


DIALECT: Final = Dialect(
    client="bitget",
    options={
        "has": {"fetchCurrencies": False},
        "options": {"defaultType": "swap", "uta": False, "fetchMarkets": {"types": ["swap"]}},
    },
    fault=fault,
    terms=make_terms,
    # Timed out (ccxt calls it a wrong key), system error, release window, too many requests.
    transient_codes=frozenset({"40010", "40015", "40725", "40808", "40910", "45001", "429"}),
)


def open_history(manifest: Manifest, *, market: str, clock: Clock, url: str | None = None) -> CcxtHistory:
    """Return the history of ``bitget-perp``; nothing is asked until it is used."""
    return CcxtHistory(manifest, DIALECT, market=market, clock=clock, url=url)
