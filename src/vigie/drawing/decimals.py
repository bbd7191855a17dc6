"""How many decimals numbers are written with: by their size, and by how far those of one column lie apart.

Pages, pictures and files ask here, so that a price reads alike in all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

# Of the size of a number: what a spread may ask for, so that noise of sums does not show.
_MOST_FIGURES: Final = 8
_MOST: Final = 12


def price_decimals(size: float) -> int:
    """Return how many decimals a price may have: those of five significant digits, and two above a hundred."""
    if size >= 100 or size == 0:
        return 2
    return 3 if size >= 10 else 4 if size >= 1 else min(_MOST, 4 - math.floor(math.log10(size)))


def least_decimals(most: int) -> int:
    """Return how many of a price's decimals are written even where they are zeros."""
    return 2 if most <= 4 else 4


def column_decimals(values: Iterable[object]) -> dict[int, int]:
    """Return how many decimals prices of a column have, by how many a lone one may: of one size all have as many.

    Prices of one size that lie close together, as those of a stablecoin do, have as many more as tell them apart.
    """
    groups: dict[int, list[float]] = {}
    for value in values:
        if isinstance(value, int | float) and math.isfinite(value):
            groups.setdefault(price_decimals(abs(value)), []).append(abs(value))
    return {
        most: max(least_decimals(most), _needed_decimals(sizes, _distinguishing_decimals(sizes, most, 2)))
        for most, sizes in groups.items()
    }


def share_decimals(values: Iterable[object], least: int) -> int:
    """Return how many decimals a column of per cent has: two figures of its largest, and what tells it apart."""
    finite = [value for value in values if isinstance(value, int | float) and math.isfinite(value)]
    largest = max((abs(value) for value in finite), default=0.0)
    if largest == 0:
        return least
    by_size = 1 - math.floor(math.log10(largest))
    return max(
        least, _needed_decimals(finite, min(_MOST, _distinguishing_decimals(finite, max(least, by_size), 1)))
    )


def _distinguishing_decimals(values: list[float], most: int, figures: int) -> int:
    """Return so many decimals that the lowest and the highest differ in so many figures, at least `most`."""
    spread, largest = max(values) - min(values), max(map(abs, values))
    if spread <= 0 or largest <= 0 or not math.isfinite(spread):
        return most
    by_spread = figures - 1 - math.floor(math.log10(spread))
    return max(most, min(_MOST, by_spread, _MOST_FIGURES - 1 - math.floor(math.log10(largest))))


def _needed_decimals(values: list[float], most: int) -> int:
    return max(len(f"{abs(value):.{most}f}".rstrip("0").partition(".")[2]) for value in values)


__all__ = ["column_decimals", "least_decimals", "price_decimals", "share_decimals"]
