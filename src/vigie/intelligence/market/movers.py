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


def find_movers(
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
        raise UsageError(
            "unknown_span", "span must be one of {spans}, was {span!r}", spans=" ".join(SPANS), span=span
        )
    if not 0 <= floor_usd < math.inf:
        raise UsageError("bad_floor_usd", "floor_usd must be >= 0, was {floor_usd}", floor_usd=floor_usd)
    if count < 1:
        raise UsageError("bad_count", "count must be >= 1, was {count}", count=count)

    def change(asset: AssetMetrics) -> float:
        return float(getattr(asset, f"change_{span}"))

    known = [
        asset for asset in measured if not math.isnan(asset.volume_24h) and not math.isnan(change(asset))
    ]
    traded = [asset for asset in known if asset.volume_24h >= floor_usd]
    return Movers(
        span,
        floor_usd,
        up=_top([asset for asset in traded if change(asset) > 0], change, count),
        down=_top([asset for asset in traded if change(asset) < 0], lambda asset: -change(asset), count),
        new_highs=_top([asset for asset in traded if asset.new_high_1y == 1], _volume, count),
        new_lows=_top([asset for asset in traded if asset.new_low_1y == 1], _volume, count),
        unusual_volume=_top(
            [asset for asset in traded if asset.volume_ratio >= UNUSUAL], _volume_ratio, count
        ),
        below_floor=len(known) - len(traded),
        unknown=len(measured) - len(known),
    )


def _volume(asset: AssetMetrics) -> float:
    return asset.volume_24h


def _volume_ratio(asset: AssetMetrics) -> float:
    return asset.volume_ratio


def _top(
    assets: Sequence[AssetMetrics], size: Callable[[AssetMetrics], float], count: int
) -> tuple[AssetMetrics, ...]:
    return tuple(sorted(assets, key=lambda asset: (-size(asset), asset.asset))[:count])
