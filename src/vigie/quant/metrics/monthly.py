"""Return of every calendar month and year, for the heat map of a report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class MonthlyTable:
    """Returns of UTC calendar months, compounded, not annualised.

    Attributes
    ----------
    years : tuple of int
        Ascending, without holes.
    months : float64 array, shape (n_years, 12)
        Fractions; NaN where there are no bars or nothing was left.
    totals : float64 array, shape (n_years,)
        Return of each year, from the last value before it.
    """

    years: tuple[int, ...]
    months: FloatArray
    totals: FloatArray


def monthly_table(equity: FloatArray, ts: IntArray, capital: float) -> MonthlyTable:
    """Return the account's return of every month and year.

    Parameters
    ----------
    equity : float64 array, shape (n_bars,)
        Account value at the close of every bar.
    ts : int64 array, shape (n_bars,)
        Open times of the bars, epoch milliseconds UTC; a bar belongs to the month of its open time.
    capital : float
        Account value before the first bar.

    Returns
    -------
    MonthlyTable
        Empty without bars.
    """
    if len(ts) == 0:
        return MonthlyTable((), np.empty((0, 12)), np.empty(0))
    month = ts.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    first = int(month[0]) // 12
    n_years = int(month[-1]) // 12 - first + 1
    months = np.full(n_years * 12, np.nan)
    _fill_returns(months, month - first * 12, equity, capital)
    totals = np.full(n_years, np.nan)
    _fill_returns(totals, month // 12 - first, equity, capital)
    years = tuple(range(1970 + first, 1970 + first + n_years))
    return MonthlyTable(years, months.reshape(n_years, 12), totals)


def _fill_returns(cells: FloatArray, cell: IntArray, equity: FloatArray, capital: float) -> None:
    ends = np.append(np.flatnonzero(np.diff(cell)), len(cell) - 1)
    last = equity[ends]
    before = np.concatenate(([capital], last[:-1]))
    has_capital = before > 0
    cells[cell[ends[has_capital]]] = last[has_capital] / before[has_capital] - 1.0
