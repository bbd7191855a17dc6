"""Find chart patterns in bars, each at the bar where it is known."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.compiled import BORROWING
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.quant.arrays import floats
from vigie.quant.indicators._runs import check_positive, check_whole
from vigie.quant.indicators.atr import atr
from vigie.quant.patterns import shapes
from vigie.quant.patterns.chart_pattern import KINDS, ChartPattern, PatternLine, PatternRules, PatternSwing
from vigie.quant.patterns.swings import swing_events

USUAL_RULES: Final = PatternRules()
# A swing can end one pattern of each family.
_FAMILIES: Final = 4
_FEWEST_SWINGS: Final = 4


def find_patterns(
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    *,
    gaps: ArrayLike = (),
    rules: PatternRules = USUAL_RULES,
) -> list[ChartPattern]:
    """Return the chart patterns of some bars, in the order in which they became known.

    Two patterns of one kind and side share no more than a swing: the earlier one counts. One that reached its target
    or its invalidation before it was known is none.

    Parameters
    ----------
    high, low, close : float64 arrays, shape (n_bars,)
        Prices. NaN or an infinite price ends what was forming: nothing bridges it.
    gaps : int64 array
        Bars before which at least one is missing, as in `Bars.gaps`; they end what was forming, too.
    rules : PatternRules
        What counts as level, high enough and near enough.

    Returns
    -------
    list of ChartPattern
        Empty where there are none. A target of 0 or less is no price: such a pattern is left out.

    Raises
    ------
    UsageError
        If lengths differ or a rule is no number that fits.

    Notes
    -----
    Causal: what is found in a shorter history is what is found in the whole one up to its last bar.

    References
    ----------
    Lo, Mamaysky and Wang (2000), "Foundations of Technical Analysis", Journal of Finance 55; Bulkowski (2005),
    Encyclopedia of Chart Patterns; Edwards and Magee (2001), Technical Analysis of Stock Trends. Where they measure
    in per cent or by eye, these rules measure in average true ranges.
    """
    prices = floats(high), floats(low), floats(close)
    if len({len(column) for column in prices}) != 1:
        raise UsageError("patterns_prices_differ", "high, low and close must have equally many values")
    check_whole("atr_window", rules.atr_window)
    for name in ("tolerance_atr", "least_height_atr", "max_bars", "narrowing", "parallel"):
        check_positive(name, getattr(rules, name))
    found: list[ChartPattern] = []
    for run in _unbroken(prices, gaps):
        found += _of_run(prices[0][run], prices[1][run], prices[2][run], run.start, rules)
    return found


def _unbroken(prices: tuple[FloatArray, ...], gaps: ArrayLike) -> list[slice]:
    """Return the longest runs of bars that are known and follow one another."""
    is_known = np.logical_and.reduce([np.isfinite(column) for column in prices])
    n_bars = len(is_known)
    # Both ends of a run: where a bar is missing, and on both sides of an unknown one.
    unknown = np.flatnonzero(~is_known)
    edges = np.unique(
        np.concatenate([[0, n_bars], np.asarray(gaps, dtype=np.int64), unknown, unknown + 1]).astype(np.int64)
    )
    return [
        slice(start, stop)
        for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        if is_known[start]
    ]


def _of_run(
    high: FloatArray, low: FloatArray, close: FloatArray, start: int, rules: PatternRules
) -> list[ChartPattern]:
    bars, turns = swing_events(high, low, rules.swing_bars)
    if len(bars) < _FEWEST_SWINGS:
        return []
    rows = shapes.empty_rows(_FAMILIES * len(bars))
    numbers = np.array(
        [rules.tolerance_atr, rules.least_height_atr, rules.max_bars, rules.narrowing, rules.parallel]
    )
    newest = np.empty(shapes.MOST_SWINGS, np.int64), np.empty((2, shapes.MOST_SWINGS))
    latest = np.full((len(KINDS), 2), -1)
    units = atr(high, low, close, rules.atr_window)
    count = _find(high, low, units, bars, turns, rules.swing_bars, numbers, *newest, latest, rows)
    return [_pattern(row, start) for row in rows[:count].tolist()]


@njit(**BORROWING)
def _find(
    high: FloatArray,
    low: FloatArray,
    units: FloatArray,
    event_bars: IntArray,
    turns: IntArray,
    width: int,
    rules: FloatArray,
    bars: IntArray,
    prices: FloatArray,
    latest: IntArray,
    rows: FloatArray,
) -> int:
    count = held = 0
    for event in range(len(event_bars)):
        turn, bar = turns[event], event_bars[event]
        if held == 0 or turn != turns[event - 1]:
            held = min(held + 1, shapes.MOST_SWINGS)
            for place in range(held - 1, 0, -1):
                bars[place] = bars[place - 1]
                prices[0, place], prices[1, place] = prices[0, place - 1], prices[1, place - 1]
        bars[0], prices[0, 0] = bar, high[bar] if turn > 0 else low[bar]
        prices[1, 0] = -prices[0, 0]
        unit = units[bar + width]
        if not unit > 0.0:
            continue
        for family in range(_FAMILIES):
            row = rows[count]
            if _is_one(family, held, turn, bars, prices, bar + width, unit, rules, row) and _is_new(
                high, low, bars, prices, latest, rules[0] * unit, row
            ):
                count += 1
    return count


@njit(**BORROWING)
def _is_one(
    family: int,
    held: int,
    turn: int,
    bars: IntArray,
    prices: FloatArray,
    known: int,
    unit: float,
    rules: FloatArray,
    row: FloatArray,
) -> bool:
    # Tops are read as they are, bottoms with negated prices; what is written then is turned back.
    towards = prices[0] if turn > 0 else prices[1]
    row[shapes.KNOWN] = known
    if family == 0:
        is_one = held >= 4 and shapes.double_top(bars, towards, known, turn, unit, rules, row)
    elif family == 1:
        is_one = held >= 6 and shapes.head_and_shoulders(bars, towards, known, turn, unit, rules, row)
    elif family == 2:
        is_one = held >= 5 and shapes.flag(bars, towards, known, turn, unit, rules, row)
    else:
        return held >= 6 and shapes.between_lines(bars, prices[0], known, turn, unit, rules, row)
    if is_one and turn < 0:
        row[shapes.SIDE] = -row[shapes.SIDE]
        for column in range(shapes.CONFIRMATION, shapes.INVALIDATION + 1):
            row[column] = -row[column]
        for place in range(4):
            upper = row[shapes.UPPER + place]
            sign = -1.0 if place % 2 == 1 else 1.0
            row[shapes.UPPER + place] = sign * row[shapes.LOWER + place]
            row[shapes.LOWER + place] = sign * upper
    return is_one


@njit(**BORROWING)
def _is_new(
    high: FloatArray,
    low: FloatArray,
    bars: IntArray,
    prices: FloatArray,
    latest: IntArray,
    slack: float,
    row: FloatArray,
) -> bool:
    # Writes the swings into the row, then asks whether the pattern is sound, tradable and shares at most a swing.
    swings = int(row[shapes.SWINGS])
    for place in range(swings):
        row[shapes.BARS + place] = bars[swings - 1 - place]
        row[shapes.PRICES + place] = prices[0, swings - 1 - place]
    kind, side = int(row[shapes.KIND]), 1 if row[shapes.SIDE] > 0.0 else 0
    first, last = bars[swings - 1], bars[0]
    ahead = row[shapes.SIDE] * (row[shapes.TARGET] - row[shapes.CONFIRMATION])
    behind = row[shapes.SIDE] * (row[shapes.CONFIRMATION] - row[shapes.INVALIDATION])
    near = shapes.NEAR * slack
    if not (ahead > near and behind > near and row[shapes.TARGET] > 0.0) or first < latest[kind, side]:
        return False
    # A flag's lines begin where its pole ends.
    inside = bars[swings - 2] if kind == shapes.FLAG else first
    if not shapes.holds_bars(high, low, row, inside, last, slack):
        return False
    latest[kind, side] = last
    return True


def _pattern(row: list[float], start: int) -> ChartPattern:
    def swing(bar: float, price: float) -> PatternSwing:
        return PatternSwing(start + int(bar), price)

    def line(at: int) -> PatternLine:
        return PatternLine(swing(row[at], row[at + 1]), swing(row[at + 2], row[at + 3]))

    count = int(row[shapes.SWINGS])
    return ChartPattern(
        kind=KINDS[int(row[shapes.KIND])],
        side="long" if row[shapes.SIDE] > 0.0 else "short",
        swings=tuple(swing(row[shapes.BARS + n], row[shapes.PRICES + n]) for n in range(count)),
        upper=line(shapes.UPPER),
        lower=line(shapes.LOWER),
        confirmation=row[shapes.CONFIRMATION],
        target=row[shapes.TARGET],
        invalidation=row[shapes.INVALIDATION],
        known=start + int(row[shapes.KNOWN]),
    )
