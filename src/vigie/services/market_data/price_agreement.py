"""Whether prices of one source stand where those of others do: a price that nobody else has is a fault, or news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

# Two prices that differ by less say the same: fees and the time between two readings come to as much.
TOLERANCE: Final = 0.005


# Source, asset and time of a price: what a source says of an asset, and when it was heard to say so.
PricesBySource = Mapping[str, Mapping[str, tuple[float, int]]]


@dataclass(frozen=True, slots=True)
class PriceAgreement:
    """One source beside all others.

    Attributes
    ----------
    prices, compared : int
        Assets that it prices, and those of them of which another source was heard at nearly the same instant.
    share : float or None
        Of those, how many stand within `TOLERANCE` of the middle of the others; None where none can be compared.
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


def price_agreements(prices_by_source: PricesBySource, near_ms: int) -> list[PriceAgreement]:
    """Return how each source stands beside the others, by source; prices in one currency.

    Parameters
    ----------
    near_ms : int
        Prices that were heard farther apart are of two moments, and are not compared.
    """
    return [_source_agreement(source, prices_by_source, near_ms) for source in sorted(prices_by_source)]


def _source_agreement(source: str, prices_by_source: PricesBySource, near_ms: int) -> PriceAgreement:
    gaps = {}
    for asset, (price, ts) in prices_by_source[source].items():
        other_prices = [
            prices[asset][0]
            for name, prices in prices_by_source.items()
            if name != source and asset in prices and abs(prices[asset][1] - ts) <= near_ms
        ]
        if other_prices:
            gaps[asset] = abs(price / median(other_prices) - 1.0)
    widest = max(gaps, key=lambda asset: (gaps[asset], asset), default="")
    return PriceAgreement(
        source,
        len(prices_by_source[source]),
        len(gaps),
        sum(gap <= TOLERANCE for gap in gaps.values()) / len(gaps) if gaps else None,
        gaps[widest] if gaps else None,
        widest,
    )
