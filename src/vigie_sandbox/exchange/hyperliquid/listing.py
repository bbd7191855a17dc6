"""A simulated market as Hyperliquid would list it: settled in USDC, five figures a price, funding every hour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from vigie.domain.ids import parse_instrument
from vigie.domain.money import GridStep
from vigie.domain.time import HOUR_MS
from vigie_sandbox.exchange.hyperliquid.orders import MAX_FIGURES
from vigie_sandbox.exchange.wire import ListedCoin

VENUE: Final = "hyperliquid-perp"
_DECIMALS: Final = 6
_MAX_LEVERAGE: Final = 40.0
_MIN_NOTIONAL: Final = 10.0
_TAKER, _MAKER = 0.00045, 0.00015


def list_coin(coin: ListedCoin) -> ListedCoin:
    """Return a coin under the venue's name, with its grid of prices, its minimum and its fees."""
    bars, rules, fundings = coin
    name = f"{parse_instrument(rules.name).base.lower()}-usdc-perp"
    digits = MAX_FIGURES - 1 - math.floor(math.log10(float(bars.open[0])))
    listed_rules = replace(
        rules,
        venue=VENUE,
        name=name,
        tick=GridStep(1, min(max(0, digits), _DECIMALS - rules.lot.digits)),
        min_notional=_MIN_NOTIONAL,
        max_leverage=min(rules.max_leverage, _MAX_LEVERAGE),
        taker=_TAKER,
        maker=_MAKER,
        significant_figures=MAX_FIGURES,
    )
    return replace(bars, instrument=name), listed_rules, split_into_hours(fundings)


def split_into_hours(fundings: Sequence[tuple[int, Decimal]], hours: int = 8) -> list[tuple[int, Decimal]]:
    """Return settlements of several hours as one of each hour."""
    return [
        (ts - hours_back * HOUR_MS, rate / hours)
        for ts, rate in fundings
        for hours_back in range(hours - 1, -1, -1)
    ]
