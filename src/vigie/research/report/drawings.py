"""An account over time as drawings, and its months as a heat map."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.drawing.curves import CurveChart, line_drawing, value_ticks
from vigie.quant.metrics.monthly import MonthlyTable
from vigie.research.report.cells import TableCell, direction
from vigie.research.report.curves import AccountCurve
from vigie.research.report.texts import ReportTexts

HEAT_STEPS: Final = 5
# The drawing of falls shows at least this much, so that no fall looks like none.
LEAST_FALL: Final = -0.002


def equity_drawing(curve: AccountCurve, words: ReportTexts) -> CurveChart:
    """Return the drawing of the account alone, on its own scale, with the capital as a line.

    Parameters
    ----------
    curve : AccountCurve
        At least one sample, thinned for a small file.
    words : ReportTexts
        How values are written.

    Returns
    -------
    CurveChart
        Lines ``capital`` and ``equity``.
    """
    flat = np.full(len(curve.ts), curve.capital)
    return _values_drawing(curve, [("capital", flat), ("equity", curve.equity)], 4, words)


def versus_drawing(curve: AccountCurve, words: ReportTexts) -> CurveChart:
    """Return the drawing of the account and of buy and hold on one scale.

    Parameters
    ----------
    curve : AccountCurve
        At least one sample, thinned for a small file.
    words : ReportTexts
        How values are written.

    Returns
    -------
    CurveChart
        Lines ``hold`` and ``equity``.
    """
    return _values_drawing(curve, [("hold", curve.hold), ("equity", curve.equity)], 3, words)


def _values_drawing(
    curve: AccountCurve, lines: list[tuple[str, FloatArray]], count: int, words: ReportTexts
) -> CurveChart:
    low = float(min(np.min(values) for _, values in lines))
    high = float(max(np.max(values) for _, values in lines))
    marks = [(value, _format_value(value, low, high, words)) for value in value_ticks(low, high, count)]
    return line_drawing(curve.ts, lines, marks=marks, low=low, high=high)


def drawdown_drawing(curve: AccountCurve, words: ReportTexts) -> CurveChart:
    """Return the drawing of the falls.

    Parameters
    ----------
    curve : AccountCurve
        Drawdowns as fractions <= 0.
    words : ReportTexts
        How values are written.

    Returns
    -------
    CurveChart
        One filled line; the scale ends at 0.
    """
    low = min(float(np.min(curve.drawdown)), LEAST_FALL)
    marks = [(v, words.style.percent(v, 0 if low < -0.03 else 1)) for v in value_ticks(low, 0.0, 3)]
    return line_drawing(
        curve.ts, [("drawdown", curve.drawdown)], marks=marks, low=low, high=0.0, area="drawdown"
    )


def _format_value(value: float, low: float, high: float, words: ReportTexts) -> str:
    step = high - low
    digits = 0 if step >= 10 else min(8, max(0, 2 - math.floor(math.log10(step)))) if step > 0 else 2
    return words.style.number(value, digits)


def heat_rows(
    months: MonthlyTable, words: ReportTexts
) -> tuple[list[tuple[int, list[TableCell], TableCell]], str]:
    """Return a row of every year with a cell a month, and from which size on the colour is deepest.

    Parameters
    ----------
    months : MonthlyTable
        Fractions, NaN for months without bars.
    words : ReportTexts
        How values are written.

    Returns
    -------
    tuple of list, str
        Year, twelve cells and the year's total in per cent, ascending; then the size as text.
    """
    known_months = months.months[~np.isnan(months.months)]
    top = heat_scale(known_months)
    rows = []
    for year, row, total in zip(months.years, months.months.tolist(), months.totals.tolist(), strict=True):
        cells = [heat_cell(value, top, words) for value in row]
        text = words.style.number(100 * total, heat_digits(top), sign=True)
        rows.append((year, cells, TableCell(text, direction(total))))
    return rows, words.style.percent(top, 0 if top >= 0.02 else 1)


def heat_scale(returns: Any) -> float:
    """Return the size of return from which on the colour of a month is deepest.

    Parameters
    ----------
    returns : float64 array
        Returns of known months, fractions.

    Returns
    -------
    float
        Fraction: the 90 % quantile of sizes, rounded up to 0.5 %; 0.01 without months.
    """
    if len(returns) == 0:
        return 0.01
    size = float(np.quantile(np.abs(returns), 0.9))
    return max(0.005, math.ceil(size * 200) / 200)


def heat_cell(value: float, top: float, words: ReportTexts) -> TableCell:
    """Return the cell of one month; its kind is ``h`` with a step from -5 to 5.

    Parameters
    ----------
    value : float
        Return of the month, a fraction; NaN gives an empty cell.
    top : float
        Size at which the colour is deepest, a fraction > 0.
    words : ReportTexts
        How values are written.

    Returns
    -------
    TableCell
        Per cent with its sign, without the per cent sign.
    """
    if math.isnan(value):
        return TableCell("", "h0")
    step = max(-HEAT_STEPS, min(HEAT_STEPS, round(value / top * HEAT_STEPS)))
    if step == 0 and abs(value) >= 5e-4:
        step = 1 if value > 0 else -1
    return TableCell(words.style.number(100 * value, heat_digits(top), sign=True), f"h{step}")


def heat_digits(top: float) -> int:
    """Return how many decimals a month is written with.

    Parameters
    ----------
    top : float
        Size at which the colour is deepest, a fraction.

    Returns
    -------
    int
        2 where `top` is below 2 %, else 1.
    """
    return 2 if top < 0.02 else 1
