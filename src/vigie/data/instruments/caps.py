"""Which assets are small caps: the one place that says it.

A small cap is every asset that is not among the ten largest by market value at the end of 2025,
stablecoins included. Portfolio mode allows 5x on the large ones and 3x on small caps; assets we know nothing
about count as small.
"""

from __future__ import annotations

from typing import Final

from vigie.domain.account import MAX_LEVERAGE
from vigie.domain.ids import parse_instrument

LARGE_CAPS: Final = frozenset({"BTC", "ETH", "USDT", "XRP", "BNB", "USDC", "SOL", "TRX", "DOGE", "ADA"})
SMALL_CAP_LEVERAGE: Final = 3.0


def is_small_cap(instrument: str) -> bool:
    """Return whether the base asset of ``atom-usdt-perp`` is a small cap."""
    return parse_instrument(instrument).base not in LARGE_CAPS


def leverage_cap(instrument: str) -> float:
    """Return Vigie's own leverage cap for an instrument in portfolio mode."""
    return SMALL_CAP_LEVERAGE if is_small_cap(instrument) else MAX_LEVERAGE
