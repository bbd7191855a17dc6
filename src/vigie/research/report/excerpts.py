"""The bars around every trade, each bar once however many trades need it, packed as small integers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from vigie.domain.bar import Bars, IntArray
from vigie.domain.state import Records

BEFORE: Final = 30
AFTER: Final = 15
# Of a longer trade, this many bars after its entry and before its exit are drawn.
HELD: Final = 100
FIGURES: Final = 6


def bars_to_draw(trades: Records, n_bars: int, budget: int) -> IntArray:
    """Return the indices of the bars to draw, ascending.

    Parameters
    ----------
    trades : record array of `TRADE`
        Of one series of bars, in the order of their entries.
    n_bars : int
        Length of the history.
    budget : int
        Most bars; the trades that came first are left out beyond it.

    Returns
    -------
    int64 array
        Distinct; empty where the last trade alone exceeds the budget.
    """
    mask = np.zeros(n_bars, np.bool_)
    used = 0
    for trade in trades[::-1]:
        entry, exit_bar = int(trade["entry_bar"]), int(trade["exit_bar"])
        spans = [(entry - 1 - BEFORE, exit_bar + AFTER + 1)]
        if exit_bar - entry > 2 * HELD:
            spans = [(entry - 1 - BEFORE, entry + HELD), (exit_bar - HELD, exit_bar + AFTER + 1)]
        new = sum(int((~mask[max(0, a) : b]).sum()) for a, b in spans)
        if used + new > budget:
            break
        used += new
        for a, b in spans:
            mask[max(0, a) : b] = True
    return np.flatnonzero(mask)


def pack_bars(bars: Bars, indices: IntArray) -> dict[str, Any]:
    """Return bars as integers: `seg` first index, count and open time of each stretch; prices as differences.

    ``c`` is the close less the one before, ``o`` the open less the close before, ``h`` and ``l`` what the bar
    reaches beyond its body, all in units of ``10**-d``. ``gap`` lists position and extra milliseconds of bars
    that do not follow the one before at the usual distance.

    Parameters
    ----------
    bars : Bars
        Whole history.
    indices : int64 array
        Bars to pack, ascending.

    Returns
    -------
    dict
        ``span`` in milliseconds, ``d`` decimals of the prices, and the lists; empty lists for no bars.
    """
    if len(indices) == 0:
        return {"span": bars.span_ms, "d": 0, "seg": [], "o": [], "h": [], "l": [], "c": [], "gap": []}
    digits = price_digits(float(np.median(bars.close[indices])))
    unit = 10.0**digits
    open_, high, low, close = (
        np.rint(column[indices] * unit).astype(np.int64)
        for column in (bars.open, bars.high, bars.low, bars.close)
    )
    before = np.concatenate(([0], close[:-1]))
    starts = np.flatnonzero(np.concatenate(([True], np.diff(indices) != 1)))
    counts = np.diff(np.append(starts, len(indices)))
    extra = np.concatenate(([0], np.diff(bars.ts[indices]) - bars.span_ms))
    extra[starts] = 0
    irregular = np.flatnonzero(extra)
    return {
        "span": bars.span_ms,
        "d": digits,
        "seg": [
            [int(indices[s]), int(n), int(bars.ts[indices[s]])] for s, n in zip(starts, counts, strict=True)
        ],
        "o": (open_ - before).tolist(),
        "h": (high - np.maximum(open_, close)).tolist(),
        "l": (np.minimum(open_, close) - low).tolist(),
        "c": (close - before).tolist(),
        "gap": [[int(k), int(extra[k])] for k in irregular],
    }


def price_digits(price: float) -> int:
    """Return how many decimals give a price `FIGURES` significant figures, 0 to 12.

    Parameters
    ----------
    price : float
        Quote currency.

    Returns
    -------
    int
        2 where the price is not above 0.
    """
    if not price > 0:
        return 2
    return max(0, min(12, FIGURES - 1 - math.floor(math.log10(price))))


def shorten_numbers(values: Sequence[float], figures: int = 8) -> list[float | None]:
    """Return numbers with at most `figures` significant figures, None for what is not finite.

    Parameters
    ----------
    values : sequence of float
        May hold NaN and infinities.
    figures : int
        At least 1.

    Returns
    -------
    list of float or None
        In the same order; whole numbers as int, never shortened.
    """
    return [
        None
        if not math.isfinite(value)
        else int(value)
        if value == int(value)
        else float(f"{value:.{figures}g}")
        for value in values
    ]
