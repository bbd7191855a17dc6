"""Whether prices of one source stand where those of others do: a price that nobody else has is a fault, or news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

# Two prices that differ by less say the same: fees and the time between two readings come to as much.
WITHIN: Final = 0.005


@dataclass(frozen=True, slots=True)
class Agreement:
    """One source beside all others.

    Attributes
    ----------
    prices, compared : int
        Assets that it prices, and those of them that another source prices too.
    share : float or None
        Of those, how many stand within `WITHIN` of the middle of the others; None where none can be compared.
    widest : float or None
        The largest gap, as a fraction of the others' price.
    asset : str
        Where that is.
    """

    source: str
    prices: int
    compared: int
    share: float | None
    widest: float | None
    asset: str


def agreements(prices: Mapping[str, Mapping[str, float]]) -> list[Agreement]:
    """Return how each source stands beside the others, by source; prices by source and asset, in one currency."""
    return [_of(source, prices) for source in sorted(prices)]


def _of(source: str, prices: Mapping[str, Mapping[str, float]]) -> Agreement:
    gaps = {}
    for asset, price in prices[source].items():
        others = [held[asset] for name, held in prices.items() if name != source and asset in held]
        if others:
            gaps[asset] = abs(price / median(others) - 1.0)
    widest = max(gaps, key=lambda asset: (gaps[asset], asset), default="")
    return Agreement(
        source,
        len(prices[source]),
        len(gaps),
        sum(gap <= WITHIN for gap in gaps.values()) / len(gaps) if gaps else None,
        gaps[widest] if gaps else None,
        widest,
    )
