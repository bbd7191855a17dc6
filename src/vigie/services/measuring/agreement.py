"""Whether prices of one source stand where those of others do: a price that nobody else has is a fault, or news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

# Two prices that differ by less say the same: fees and the time between two readings come to as much.
WITHIN: Final = 0.005


# Source, asset and time of a price: what a source says of an asset, and when it was heard to say so.
Heard = Mapping[str, Mapping[str, tuple[float, int]]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One source beside all others.

    Attributes
    ----------
    prices, compared : int
        Assets that it prices, and those of them of which another source was heard at nearly the same instant.
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


def agreements(heard: Heard, near_ms: int) -> list[Agreement]:
    """Return how each source stands beside the others, by source; prices in one currency.

    Parameters
    ----------
    near_ms : int
        Prices that were heard farther apart are of two moments, and are not compared.
    """
    return [_of(source, heard, near_ms) for source in sorted(heard)]


def _of(source: str, heard: Heard, near_ms: int) -> Agreement:
    gaps = {}
    for asset, (price, ts) in heard[source].items():
        others = [
            held[asset][0]
            for name, held in heard.items()
            if name != source and asset in held and abs(held[asset][1] - ts) <= near_ms
        ]
        if others:
            gaps[asset] = abs(price / median(others) - 1.0)
    widest = max(gaps, key=lambda asset: (gaps[asset], asset), default="")
    return Agreement(
        source,
        len(heard[source]),
        len(gaps),
        sum(gap <= WITHIN for gap in gaps.values()) / len(gaps) if gaps else None,
        gaps[widest] if gaps else None,
        widest,
    )
