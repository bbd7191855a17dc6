"""What moved most among assets that are traded enough to believe it.

Takes measured assets; gives the largest rises and falls, new highs and lows and unusual volume, with what the
floor left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import UsageError
from vigie.intelligence.market.metrics import AssetMetrics

SPANS: Final = ("1h", "24h", "7d", "30d", "1y")
FLOOR_USD: Final = 10_000_000.0
# Below this many times its usual volume nothing is called unusual.
UNUSUAL: Final = 2.0


@dataclass(frozen=True, slots=True)
class Movers:
    """The movers of one span.

    Attributes
    ----------
    span : str
        One of `SPANS`.
    floor_usd : float
        Volume of 24 hours that an asset needs.
    up, down : tuple of AssetMetrics
        Largest first; only rises, only falls.
    new_highs, new_lows : tuple of AssetMetrics
        Of a year, by volume.
    unusual_volume : tuple of AssetMetrics
        At least twice the usual volume, largest ratio first.
    below_floor, unknown : int
        Assets left out: traded less than the floor, or without volume or change.
    """

    span: str
    floor_usd: float
    up: tuple[AssetMetrics, ...]
    down: tuple[AssetMetrics, ...]
    new_highs: tuple[AssetMetrics, ...]
    new_lows: tuple[AssetMetrics, ...]
    unusual_volume: tuple[AssetMetrics, ...]
    below_floor: int
    unknown: int


def movers(
    measured: Sequence[AssetMetrics], *, span: str = "24h", floor_usd: float = FLOOR_USD, count: int = 10
) -> Movers:
    """Return the movers of a span.

    Parameters
    ----------
    measured : sequence of AssetMetrics
        All assets.
    span : str
        One of `SPANS`.
    floor_usd : float
        Least volume of 24 hours, US dollars, >= 0.
    count : int
        Most entries of each list, >= 1.

    Raises
    ------
    UsageError
        If span, floor or count cannot be.
    """
    if span not in SPANS:
        raise UsageError(f"span must be one of {' '.join(SPANS)}, was {span!r}")
    if not 0 <= floor_usd < math.inf:
        raise UsageError(f"floor_usd must be >= 0, was {floor_usd}")
    if count < 1:
        raise UsageError(f"count must be >= 1, was {count}")

    def change(one: AssetMetrics) -> float:
        return float(getattr(one, f"change_{span}"))

    known = [one for one in measured if not math.isnan(one.volume_24h) and not math.isnan(change(one))]
    traded = [one for one in known if one.volume_24h >= floor_usd]
    return Movers(
        span,
        floor_usd,
        up=_top([one for one in traded if change(one) > 0], change, count),
        down=_top([one for one in traded if change(one) < 0], lambda one: -change(one), count),
        new_highs=_top([one for one in traded if one.new_high_1y == 1], _volume, count),
        new_lows=_top([one for one in traded if one.new_low_1y == 1], _volume, count),
        unusual_volume=_top([one for one in traded if one.volume_ratio >= UNUSUAL], _ratio, count),
        below_floor=len(known) - len(traded),
        unknown=len(measured) - len(known),
    )


def _volume(one: AssetMetrics) -> float:
    return one.volume_24h


def _ratio(one: AssetMetrics) -> float:
    return one.volume_ratio


def _top(
    found: Sequence[AssetMetrics], size: Callable[[AssetMetrics], float], count: int
) -> tuple[AssetMetrics, ...]:
    return tuple(sorted(found, key=lambda one: (-size(one), one.asset))[:count])
