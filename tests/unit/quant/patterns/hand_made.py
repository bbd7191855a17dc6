"""Series made by hand: straight legs through points, bars of a small height around them."""

from __future__ import annotations

import numpy as np

WICK = 0.125
# The bar and price of each turn; the last swing of the pattern is the last but one.
SERIES = {
    "double_top": [(0, 110), (20, 90), (30, 100), (35, 95), (40, 100.25), (46, 94)],
    "head_and_shoulders": [
        (0, 120), (20, 90), (28, 100), (33, 95), (41, 106), (49, 95.25), (54, 100.25), (60, 93),
    ],
    "ascending_triangle": [
        (0, 110), (20, 85), (30, 100), (36, 92), (42, 100.25), (47, 95.25), (51, 100), (54, 97),
    ],
    "symmetrical_triangle": [
        (0, 110), (20, 80), (30, 100), (36, 90), (42, 98), (47, 92.5), (51, 96.5), (54, 95),
    ],
    "rising_wedge": [
        (0, 110), (20, 88), (30, 100), (36, 93), (42, 102.5), (48, 99), (52, 104.5), (55, 102.5),
    ],
    "channel": [
        (0, 110), (20, 88), (30, 100), (36, 93.75), (42, 103.5), (48, 97.5), (54, 107.25), (58, 104),
    ],
    "flag": [(0, 100), (30, 80), (44, 100), (48, 96.5), (52, 99), (56, 95.5), (60, 98)],
}  # fmt: skip
SIDES = {
    "double_top": "short", "head_and_shoulders": "short", "ascending_triangle": "long",
    "symmetrical_triangle": "long", "rising_wedge": "short", "channel": "long", "flag": "long",
}  # fmt: skip
MIRRORED = {
    "double_top": "double_bottom", "head_and_shoulders": "inverse_head_and_shoulders",
    "ascending_triangle": "descending_triangle", "rising_wedge": "falling_wedge",
}  # fmt: skip
MIRRORED |= {other: kind for kind, other in MIRRORED.items()}


def through(points):
    """Return high, low and close of a path."""
    bars, prices = zip(*points, strict=True)
    path = np.interp(np.arange(bars[-1] + 1), bars, prices)
    return path + WICK, path - WICK, path


def mirrored(columns, around=256.0):
    """Return high, low and close turned upside down."""
    high, low, close = columns
    return around - low, around - high, around - close


def opposite(side):
    return "short" if side == "long" else "long"


def wandering(seed, n_bars=1200, start=300.0):
    """Return high, low and close that wander in ticks, so that sums of them are exact."""
    generator = np.random.default_rng(seed)
    ticks = generator.integers(-8, 9, n_bars).cumsum() / 8.0
    close = start + ticks - min(0.0, ticks.min())
    high = close + generator.integers(0, 9, n_bars) / 8.0
    low = close - generator.integers(0, 9, n_bars) / 8.0
    return high, low, close
