"""When the newest swings make a pattern: compiled rules, one function a family.

Each takes the newest swings (the newest first, prices times `sign`, so that a bottom is read as a top) and writes kind,
side and levels into a row; 0 where there is none. Distances are compared with the average true range `unit`.

Definitions follow Lo, Mamaysky and Wang (2000), "Foundations of Technical Analysis", Journal of Finance 55, section
II.A (order and levels of the extremes), and for lines, measured moves and flags Bulkowski (2005), Encyclopedia of Chart
Patterns, 2nd edition, and Edwards and Magee (2001), Technical Analysis of Stock Trends, 8th edition, chapters 6 to 14.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from vigie.compiled import BORROWING
from vigie.domain.bar import FloatArray, IntArray
from vigie.quant.patterns.chart_pattern import KINDS

# Columns of a row. The lines follow as (bar, price) of their first and last ends, then the swings' bars and prices.
KIND: Final = 0
SIDE: Final = 1
KNOWN: Final = 2
SWINGS: Final = 3
CONFIRMATION: Final = 4
TARGET: Final = 5
INVALIDATION: Final = 6
UPPER: Final = 7
LOWER: Final = 11
BARS: Final = 15
PRICES: Final = 21
N_COLUMNS: Final = 27
MOST_SWINGS: Final = 6

# What differs by no more, in average true ranges or as a share, is equal: rounding decides no pattern.
NEAR: Final = 1e-9

_TOPS = (KINDS.index("double_top"), KINDS.index("double_bottom"))
_HEADS = (KINDS.index("head_and_shoulders"), KINDS.index("inverse_head_and_shoulders"))
_ASCENDING = KINDS.index("ascending_triangle")
_DESCENDING = KINDS.index("descending_triangle")
_SYMMETRICAL = KINDS.index("symmetrical_triangle")
_RISING = KINDS.index("rising_wedge")
_FALLING = KINDS.index("falling_wedge")
_CHANNEL = KINDS.index("channel")
FLAG: Final = KINDS.index("flag")


@njit(**BORROWING)
def line_at(first: int, first_price: float, last: int, last_price: float, bar: int) -> float:
    """Return the price of a line through two points at a bar.

    Parameters
    ----------
    first, last : int
        Bars of the two points, different.
    first_price, last_price : float
        Their prices.
    bar : int
        Any bar.

    Returns
    -------
    float
        On the line, before and after its points too.
    """
    return first_price + (last_price - first_price) * ((bar - first) / (last - first))


@njit(**BORROWING)
def _write(
    row: FloatArray,
    kind: int,
    side: float,
    swings: int,
    confirmation: float,
    target: float,
    invalidation: float,
) -> None:
    row[KIND], row[SIDE], row[SWINGS] = kind, side, swings
    row[CONFIRMATION], row[TARGET], row[INVALIDATION] = confirmation, target, invalidation


@njit(**BORROWING)
def _draw(
    row: FloatArray, line: int, first: int, first_price: float, last: int, last_price: float, known: int
) -> None:
    row[line], row[line + 1] = first, first_price
    row[line + 2], row[line + 3] = known, line_at(first, first_price, last, last_price, known)


@njit(**BORROWING)
def double_top(
    bars: IntArray,
    prices: FloatArray,
    known: int,
    sign: float,
    unit: float,
    rules: FloatArray,
    row: FloatArray,
) -> bool:
    """Two tops at one level, a valley between, and a rise into the first that began below the valley.

    Lo, Mamaysky and Wang (2000), definition 5 (DTOP); the measured move is the height below the valley (Bulkowski 2005,
    "Double Tops"). The rise before is Bulkowski's; both tops must be neighbours here.

    Parameters
    ----------
    bars, prices : int64 and float64 arrays, shape (6,)
        The newest swings, the newest first, of which four are read.
    known : int
        The bar where the newest is known.
    sign : float
        1, or -1 for a double bottom, whose prices are negated.
    unit : float
        Average true range at `known`.
    rules : float64 array, shape (5,)
        Tolerance, least height, most bars, narrowing, parallel.
    row : float64 array, shape (27,)
        Filled where there is a pattern.

    Returns
    -------
    bool
        Whether there is one.
    """
    top = max(prices[0], prices[2])
    height = top - prices[1]
    if abs(prices[0] - prices[2]) > rules[0] * unit or height < rules[1] * unit:
        return False
    if bars[0] - bars[2] > rules[2] or prices[3] >= prices[1]:
        return False
    kind = _TOPS[0] if sign > 0.0 else _TOPS[1]
    _write(row, kind, -1.0, 3, prices[1], prices[1] - height, top)
    _draw(row, UPPER, bars[2], prices[2], bars[0], prices[0], known)
    _draw(row, LOWER, bars[2], prices[1], bars[0], prices[1], known)
    return True


@njit(**BORROWING)
def head_and_shoulders(
    bars: IntArray,
    prices: FloatArray,
    known: int,
    sign: float,
    unit: float,
    rules: FloatArray,
    row: FloatArray,
) -> bool:
    """A head above two shoulders at one level, valleys at one level, and a rise into it that began below them.

    Lo, Mamaysky and Wang (2000), definition 1 (HS); the measured move is the head's height above the neckline, taken
    from the neckline (Bulkowski 2005, "Head-and-Shoulders Tops").

    Parameters
    ----------
    bars, prices, known, sign, unit, rules, row
        As in `double_top`; six swings are read.

    Returns
    -------
    bool
        Whether there is one.
    """
    slack = rules[0] * unit
    if abs(prices[0] - prices[4]) > slack or abs(prices[1] - prices[3]) > slack:
        return False
    height = prices[2] - line_at(bars[3], prices[3], bars[1], prices[1], bars[2])
    if prices[2] - max(prices[0], prices[4]) <= slack or height < rules[1] * unit:
        return False
    if bars[0] - bars[4] > rules[2] or prices[5] >= min(prices[1], prices[3]):
        return False
    neck = line_at(bars[3], prices[3], bars[1], prices[1], known)
    _write(row, _HEADS[0] if sign > 0.0 else _HEADS[1], -1.0, 5, neck, neck - height, prices[0])
    _draw(row, UPPER, bars[4], prices[4], bars[0], prices[0], known)
    _draw(row, LOWER, bars[3], prices[3], bars[1], prices[1], known)
    return True


@njit(**BORROWING)
def flag(
    bars: IntArray,
    prices: FloatArray,
    known: int,
    sign: float,
    unit: float,
    rules: FloatArray,
    row: FloatArray,
) -> bool:
    """A steep fall, then a short channel that goes sideways or up and gives back at most half of it.

    Edwards and Magee (2001), chapter 11; the measured move is the pole's height from the flag's far end (Bulkowski
    2005, "Flags"). Read with negated prices it is the flag of a rise.

    Parameters
    ----------
    bars, prices, known, sign, unit, rules, row
        As in `double_top`; five swings are read: the pole's start, its end, and three of the flag.

    Returns
    -------
    bool
        Whether there is one.
    """
    pole, most_bars = prices[4] - prices[3], rules[2] / 4.0
    if pole < 2.0 * rules[1] * unit or bars[3] - bars[4] > most_bars or bars[0] - bars[3] > most_bars:
        return False
    top, near = max(prices[0], prices[2]), NEAR * unit
    start = line_at(bars[2], prices[2], bars[0], prices[0], bars[3]) - prices[3]
    end = prices[0] - line_at(bars[3], prices[3], bars[1], prices[1], bars[0])
    if top - prices[3] > 0.5 * pole + near or start <= near:
        return False
    if not rules[4] * start - near <= end <= start / rules[4] + near:
        return False
    slack = rules[0] * unit
    if prices[1] < prices[3] - slack or prices[0] < prices[2] - slack:
        return False
    low = line_at(bars[3], prices[3], bars[1], prices[1], known)
    _write(row, FLAG, -1.0, 5, low, top - pole, top)
    _draw(row, UPPER, bars[2], prices[2], bars[0], prices[0], known)
    _draw(row, LOWER, bars[3], prices[3], bars[1], prices[1], known)
    return True


@njit(**BORROWING)
def between_lines(
    bars: IntArray, prices: FloatArray, known: int, turn: int, unit: float, rules: FloatArray, row: FloatArray
) -> bool:
    """Triangles, wedges and channels: two lines that hold five swings, by how they rise and whether they meet.

    Five touches as Bulkowski (2005) asks for, three of one line and two of the other. A flat line and one that nears it
    make an ascending or descending triangle, lines that near each other from both sides a symmetrical one, lines that
    rise or fall together and near each other a wedge, and lines that keep their distance a channel. Symmetrical
    triangles and flat channels point where the move into them went, rising wedges down, falling wedges up, sloping
    channels along (Edwards and Magee 2001, chapters 8, 9 and 14). Measured moves: first distance of the lines
    for triangles, distance for channels, each from the boundary; the farthest swing for wedges (Bulkowski 2005).

    Parameters
    ----------
    bars, prices, known, unit, rules, row
        As in `double_top`, prices as they are; six swings are read, the oldest for the move into the pattern.
    turn : int
        1 where the newest swing is a high, else -1.

    Returns
    -------
    bool
        Whether there is one.
    """
    if bars[0] - bars[4] > rules[2]:
        return False
    slack = rules[0] * unit
    if abs(prices[2] - line_at(bars[4], prices[4], bars[0], prices[0], bars[2])) > slack:
        return False
    first = line_at(bars[3], prices[3], bars[1], prices[1], bars[4])
    last = line_at(bars[3], prices[3], bars[1], prices[1], bars[0])
    width, end = turn * (prices[4] - first), turn * (prices[0] - last)
    if width < rules[1] * unit or end <= NEAR * unit:
        return False
    three, two = prices[0] - prices[4], last - first
    up, low = (three, two) if turn > 0 else (two, three)
    # The move into the pattern: from a low below it up to a first high, or the other way.
    into = turn if turn * (prices[5] - prices[3]) < 0.0 else 0
    kind, side = _kind_of(up, low, slack, end / width, rules, into)
    if side == 0.0:
        return False
    odd, even = (UPPER, LOWER) if turn > 0 else (LOWER, UPPER)
    _draw(row, odd, bars[4], prices[4], bars[0], prices[0], known)
    _draw(row, even, bars[3], prices[3], bars[1], prices[1], known)
    upper, lower = row[UPPER + 3], row[LOWER + 3]
    if upper - lower <= NEAR * unit:
        return False
    boundary = upper if side > 0.0 else lower
    height = 0.5 * (width + end) if kind == _CHANNEL else width
    target = boundary + side * height
    if kind in (_RISING, _FALLING):
        target = side * max(side * prices[4], side * prices[3])
    # The newest swing on the other side: a low of what points up.
    _write(row, kind, side, 5, boundary, target, prices[0] if side * turn < 0.0 else prices[1])
    return True


@njit(**BORROWING)
def _kind_of(
    up: float, low: float, slack: float, narrowing: float, rules: FloatArray, into: int
) -> tuple[int, float]:
    # From how far both lines rise over the pattern, and the share of their distance that is left.
    if narrowing <= rules[3] + NEAR:
        if abs(up) <= slack:
            return _ASCENDING, 1.0 if low > slack else 0.0
        if abs(low) <= slack:
            return _DESCENDING, -1.0 if up < -slack else 0.0
        if up < 0.0 < low:
            return _SYMMETRICAL, float(into)
        if up > 0.0 and low > 0.0:
            return _RISING, -1.0
        return _FALLING, 1.0 if up < 0.0 and low < 0.0 else 0.0
    if rules[4] - NEAR <= narrowing <= 1.0 / rules[4] + NEAR:
        slope = 0.5 * (up + low)
        if abs(slope) <= slack:
            return _CHANNEL, float(into)
        return _CHANNEL, 1.0 if slope > 0.0 else -1.0
    return _CHANNEL, 0.0


@njit(**BORROWING)
def holds_bars(
    high: FloatArray, low: FloatArray, row: FloatArray, first: int, last: int, slack: float
) -> bool:
    """Tell whether the lines of a pattern hold its bars, and no bar since its last swing reached a level that ends it.

    Parameters
    ----------
    high, low : float64 arrays, shape (n_bars,)
        Prices.
    row : float64 array, shape (27,)
        The pattern.
    first, last : int
        Bars of the first swing between the lines and of the last.
    slack : float
        Quote units that a bar may stand out of the lines.

    Returns
    -------
    bool
        False for one that is over before it is known.
    """
    kind, known = int(row[KIND]), int(row[KNOWN])
    is_head = kind == _HEADS[0] or kind == _HEADS[1]
    for bar in range(first, last + 1):
        # The head stands out of the line over the shoulders.
        over = high[bar] - line_at(int(row[UPPER]), row[UPPER + 1], known, row[UPPER + 3], bar)
        under = line_at(int(row[LOWER]), row[LOWER + 1], known, row[LOWER + 3], bar) - low[bar]
        if (over > slack and kind != _HEADS[0]) or (under > slack and kind != _HEADS[1]):
            return False
    if is_head and not _is_extreme(high, low, row, first, last):
        return False
    side = row[SIDE]
    for bar in range(last + 1, known + 1):
        best, worst = (high[bar], low[bar]) if side > 0.0 else (low[bar], high[bar])
        if side * worst <= side * row[INVALIDATION] or side * best >= side * row[TARGET] - NEAR * slack:
            return False
    return True


@njit(**BORROWING)
def _is_extreme(high: FloatArray, low: FloatArray, row: FloatArray, first: int, last: int) -> bool:
    # The head is the farthest of all bars of its pattern.
    head = row[PRICES + 2]
    for bar in range(first, last + 1):
        if (row[SIDE] < 0.0 and high[bar] > head) or (row[SIDE] > 0.0 and low[bar] < head):
            return False
    return True


def empty_rows(count: int) -> FloatArray:
    """Return rows for patterns, to be filled.

    Parameters
    ----------
    count : int
        Rows.

    Returns
    -------
    float64 array, shape (count, 27)
        Not initialised: pages that nobody writes to cost nothing.
    """
    return np.empty((count, N_COLUMNS))
