"""What real perpetuals look like: the ranges that the simulated market is held to.

Measured by `facts.measure_facts` over nine USDT perpetuals of Binance (BTC ETH BNB SOL XRP AVAX DOGE TRX
ATOM), from 2019 at the earliest to the end of 2025. The tests measure them again where the real bars are,
and hold simulated ones to them, margins included, everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RealRange:
    """The lowest and highest value over the real perpetuals, and how far beyond a simulated one may lie."""

    low: float
    high: float
    margin: float

    def holds(self, value: float) -> bool:
        """Whether a simulated value is near enough to the real ones."""
        return self.low - self.margin <= value <= self.high + self.margin


REAL_RANGES: Final[dict[str, dict[str, RealRange]]] = {
    "1h": {
        "tail_index": RealRange(2.284, 3.195, 0.15),
        "memory 1": RealRange(0.254, 0.415, 0.05),
        "memory 5": RealRange(0.171, 0.298, 0.05),
        "memory 10": RealRange(0.137, 0.310, 0.05),
        "memory 24": RealRange(0.140, 0.261, 0.05),
        "memory 50": RealRange(0.092, 0.194, 0.05),
        "echo": RealRange(-0.031, 0.020, 0.02),
        "volume_on_range": RealRange(0.785, 0.896, 0.02),
        "volume_on_return": RealRange(0.435, 0.558, 0.03),
        "volume_memory": RealRange(0.727, 0.864, 0.10),
        "range_over_return": RealRange(0.982, 1.177, 0.05),
    },
    "1d": {
        "tail_index": RealRange(2.255, 4.435, 0.60),
        "memory 1": RealRange(0.126, 0.331, 0.08),
        "memory 5": RealRange(0.066, 0.210, 0.08),
        "memory 10": RealRange(0.013, 0.219, 0.08),
        "memory 24": RealRange(0.040, 0.099, 0.10),
        "memory 50": RealRange(0.003, 0.106, 0.10),
        "echo": RealRange(-0.150, 0.009, 0.10),
        "volume_on_range": RealRange(0.774, 0.866, 0.08),
        "volume_on_return": RealRange(0.402, 0.536, 0.10),
        "volume_memory": RealRange(0.655, 0.855, 0.12),
        "range_over_return": RealRange(0.894, 1.170, 0.05),
    },
}

# Correlations of daily returns 2023-2025, every pair: with BTC, among the others.
REAL_CORRELATION_WITH_BTC: Final = RealRange(0.324, 0.796, 0.10)
REAL_CORRELATION_OF_OTHERS: Final = RealRange(0.290, 0.743, 0.10)
