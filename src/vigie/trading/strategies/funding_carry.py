"""Funding carry: take the side that is paid when funding is extreme, leave when it is normal again.

Source: Schmeling, M., Schrimpf, A. and Todorov, K. (2023), Crypto carry, BIS Working Papers 1087. The paper's carry
trade is hedged; this is its directional half and bears the price.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.filters import with_trend, with_volume
from vigie.trading.strategy import crosses_above, crosses_below, is_above, is_below, param

TIMEFRAME = "4h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window of the mean rate in bars; rates in basis points per settlement."""

    window: int = param(6, low=1, high=500, search=(2, 24), step=2)
    extreme_bps: float = param(3.0, low=0.1, high=100.0, search=(1.0, 10.0), step=1.0)
    normal_bps: float = param(1.0, low=-10.0, high=50.0, search=(0.0, 2.0), step=0.5)

    def __post_init__(self) -> None:
        """Refuse an exit beyond the entry."""
        if self.normal_bps >= self.extreme_bps:
            raise UsageError(
                "bad_funding_carry_normal_bps",
                "funding_carry.normal_bps must be below extreme_bps ({extreme_bps}), was {normal_bps}",
                extreme_bps=self.extreme_bps,
                normal_bps=self.normal_bps,
            )


def warmup(params: Params) -> int:
    """Bars before the mean exists at a bar and at the one before it, with funding known from the first bar."""
    return params.window


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar; without a funding series nothing is known and nothing is traded."""
    rate = bars.feature("funding_rate") * 1e4
    mean = bars.of(sma, rate, params.window)
    volume = with_volume(bars)
    return Criteria(
        long=(
            crosses_below("Shorts pay an extreme rate", mean, -params.extreme_bps),
            with_trend(bars, 1),
            volume,
        ),
        short=(
            crosses_above("Longs pay an extreme rate", mean, params.extreme_bps),
            with_trend(bars, -1),
            volume,
        ),
        long_exit=is_above("Shorts' rate is normal again", mean, -params.normal_bps, or_equal=True),
        short_exit=is_below("Longs' rate is normal again", mean, params.normal_bps, or_equal=True),
    )
