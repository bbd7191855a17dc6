"""How often patterns are completed, beside how often the same distances are reached from any bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray, IntArray
from vigie.quant.arrays import floats
from vigie.quant.indicators.atr import atr
from vigie.quant.patterns.chart_pattern import KINDS, ChartPattern, PatternKind, PatternSide
from vigie.quant.stats.first_passage import LEFT_OUT, TARGET, first_passage, passages

# Bars within which a target must be reached: half of the longest pattern.
HORIZON: Final = 60
# Bars of the average true range that distances are multiples of.
ATR_WINDOW: Final = 14
# From so many bars at most, evenly spread, the same distances are tried: more move the rate by less than 1 %.
MOST_STARTS: Final = 2_000
_Prices = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
_SIDES: Final[tuple[PatternSide, ...]] = ("long", "short")


@dataclass(frozen=True, slots=True)
class CompletionRate:
    """Patterns of one kind on one series, and what became of them.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    found : int
        Known by the end of the bars.
    ended : int
        Of them, those whose horizon had passed by the end, without a gap in it.
    completed : int
        Of those that ended, the ones whose target was reached before their invalidation and within the horizon.
    at_any_bar : float or None
        How often the distances of those that ended, as shares of the price and on the same side, are reached from
        other bars of the series: the mean over the patterns; None where none ended, or no
        other bar has a whole horizon.
    at_any_bar_in_ranges : float or None
        The same with distances as multiples of the average true range of each bar. Patterns come when prices move more
        than usual, and far levels are reached more often then, pattern or not.
    """

    kind: PatternKind
    found: int
    ended: int
    completed: int
    at_any_bar: float | None
    at_any_bar_in_ranges: float | None


def completion_rates(
    open: ArrayLike,  # noqa: A002 - the column's name everywhere
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    patterns: Iterable[ChartPattern],
    *,
    gaps: ArrayLike = (),
    horizon: int = HORIZON,
    kinds: Sequence[PatternKind] = KINDS,
) -> list[CompletionRate]:
    """Return how often the patterns of each kind were completed, by what is known at the end of the bars.

    A pattern is entered at the open after the bar where it is known, without waiting for its confirmation. It counts
    once its whole horizon has passed, also where it ended earlier: else near levels would be counted first. One that
    opens beyond its target or its invalidation is left out.

    Parameters
    ----------
    open, high, low, close : float64 arrays, shape (n_bars,)
        Prices up to the instant that is meant.
    patterns : iterable of ChartPattern
        What `find_patterns` returns for the same bars.
    gaps : int64 array
        Bars before which at least one is missing, as in `Bars.gaps`.
    horizon : int
        Bars, >= 1.
    kinds : sequence of str
        Which, in which order.

    Returns
    -------
    list of CompletionRate
        One a kind, those of which none was found too.

    Notes
    -----
    Causal: bars after the last one given are not read. The other bars are up to 2,000 evenly spread ones.
    """
    prices = floats(open), floats(high), floats(low), floats(close)
    held = list(patterns)
    return [_rate(kind, [p for p in held if p.kind == kind], prices, gaps, horizon) for kind in kinds]


def _other_bars(prices: _Prices) -> tuple[IntArray, FloatArray]:
    """Return bars to compare with, and the average true range of each as a share of the next open."""
    opening, n_bars = prices[0], len(prices[0])
    bars = np.unique(np.linspace(0, max(0, n_bars - 2), min(n_bars, MOST_STARTS)).astype(np.int64))
    bars = bars[bars + 1 < n_bars]
    shares = atr(prices[1], prices[2], prices[3], ATR_WINDOW)[bars] / opening[bars + 1]
    is_known = shares > 0.0
    return bars[is_known], shares[is_known]


def _rate(
    kind: PatternKind,
    patterns: Sequence[ChartPattern],
    prices: _Prices,
    gaps: ArrayLike,
    horizon: int,
) -> CompletionRate:
    ended = completed = 0
    rates: list[tuple[float, float]] = []
    others, shares = _other_bars(prices)
    for side in _SIDES:
        starts, ahead, behind = _distances([p for p in patterns if p.side == side], prices[0])
        outcomes, _ = passages(
            *prices, starts, side=side, target=ahead, stop=behind, horizon=horizon, gaps=gaps
        )
        units = atr(prices[1], prices[2], prices[3], ATR_WINDOW)[starts] / prices[0][starts + 1]
        for number in np.flatnonzero(outcomes != LEFT_OUT):
            ended += 1
            completed += int(outcomes[number] == TARGET)
            scales = np.ones(len(others)), shares / units[number]
            found = [
                first_passage(
                    *prices, others, side=side, target=ahead[number] * scale, stop=behind[number] * scale,
                    horizon=horizon, gaps=gaps,
                )
                for scale in scales
            ]  # fmt: skip
            if found[0].counted:
                rates.append((found[0].target / found[0].counted, found[1].target / found[1].counted))
    means = np.mean(rates, axis=0).tolist() if rates else (None, None)
    return CompletionRate(kind, len(patterns), ended, completed, *means)


def _distances(
    patterns: Sequence[ChartPattern], opening: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return where patterns of one side are known, and their distances as shares of the next open."""
    rows = [
        (pattern.known, pattern.target / entry - 1.0, 1.0 - pattern.invalidation / entry)
        for pattern in patterns
        if pattern.known + 1 < len(opening) and (entry := float(opening[pattern.known + 1])) > 0.0
    ]
    starts = np.array([row[0] for row in rows], dtype=np.int64)
    distances = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 2)
    if patterns and patterns[0].side == "short":
        distances = -distances
    is_between = (distances > 0.0).all(axis=1)
    return starts[is_between], distances[is_between, 0].copy(), distances[is_between, 1].copy()
