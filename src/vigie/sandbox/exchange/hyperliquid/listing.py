"""A simulated market as Hyperliquid would list it: settled in USDC, five figures a price, funding every hour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from vigie.domain.bar import Bars
from vigie.domain.ids import parse_instrument
from vigie.domain.instrument import Instrument
from vigie.domain.money import Step
from vigie.domain.time import HOUR_MS
from vigie.sandbox.exchange.hyperliquid.orders import FIGURES

VENUE: Final = "hyperliquid-perp"
_DECIMALS: Final = 6
_MOST_LEVERAGE: Final = 40.0
_LEAST: Final = 10.0
_TAKER, _MAKER = 0.00045, 0.00015


def name_of(instrument: str) -> str:
    """Return ``btc-usdc-perp`` for ``btc-usdt-perp``."""
    return f"{parse_instrument(instrument).base.lower()}-usdc-perp"


def listed_bars(bars: Bars) -> Bars:
    """Return bars under the venue's name."""
    return replace(bars, instrument=name_of(bars.instrument))


def listed_rules(rules: Instrument, bars: Bars) -> Instrument:
    """Return rules with the venue's grid of prices, minimum and fees."""
    figures = math.floor(math.log10(float(bars.open[0]))) + 1 - FIGURES
    digits = min(max(0, -figures), _DECIMALS - rules.lot.digits)
    return replace(
        rules,
        venue=VENUE,
        name=name_of(rules.name),
        tick=Step(1, digits),
        min_notional=_LEAST,
        max_leverage=min(rules.max_leverage, _MOST_LEVERAGE),
        taker=_TAKER,
        maker=_MAKER,
        significant_figures=FIGURES,
    )


def hourly(fundings: Sequence[tuple[int, Decimal]], hours: int = 8) -> list[tuple[int, Decimal]]:
    """Return settlements of several hours as one of each hour."""
    return [(ts - back * HOUR_MS, rate / hours) for ts, rate in fundings for back in range(hours - 1, -1, -1)]
