"""A look at columns before any model is fitted, over the first part of the time alone.

Whoever has seen the end of a history and chooses by it has tested nothing. So the last part is not read at all. Folds
of an evaluation judge a part of the first: who chooses by this look leaves only the newest part of time to test it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.quant.feature_table import FeatureTable
from vigie.quant.labels.label import Labels
from vigie.quant.stats.dependence import autocorrelation, information_by_chance, mutual_information
from vigie.quant.stats.stability import stability_index
from vigie.quant.stats.stationarity import StationarityTest, adf, kpss

# Share of the time that may be looked at.
SEEN_SHARE: Final = 0.7
# Fewer bars say too little of a distribution with a look-back of 168 in it.
LEAST_BARS: Final = 500
# The tests of a level read at most so many values, the newest of the part that is seen: more say no more, and the lags
# of a test grow with them.
TESTED_VALUES: Final = 5_000
_QUANTILES: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """What is seen of one column.

    Attributes
    ----------
    name : str
        Its full name.
    known : int
        Bars with a value.
    missing_share : float
        Share of bars after the first value that have none: gaps, not the warm-up.
    mean, deviation, least, low, median, high, most : float
        Of the known values; `low` and `high` are the quantiles at 5 and 95 %.
    wanders, keeps : StationarityTest or None
        ADF, whose small p-value speaks against wandering, and KPSS, whose small one speaks against a level.
    lag_one, lag_horizon : float or None
        Autocorrelation at one bar and at the label's horizon.
    information, by_chance : float or None
        What the column says of the label, in nats, and what 1 in 20 columns would say by chance.
    stability : float or None
        Population stability index of the second half against the first.
    """

    name: str
    known: int
    missing_share: float
    mean: float
    deviation: float
    least: float
    low: float
    median: float
    high: float
    most: float
    wanders: StationarityTest | None
    keeps: StationarityTest | None
    lag_one: float | None
    lag_horizon: float | None
    information: float | None
    by_chance: float | None
    stability: float | None


def seen_part(bars: Bars) -> Bars:
    """Return the bars that close within the first 70% of the time.

    Parameters
    ----------
    bars : Bars
        The whole history.

    Returns
    -------
    Bars
        Copies: nothing leads back to the bars after them.

    Raises
    ------
    UsageError
        If that leaves fewer than 500 bars.
    """
    count = 0
    if len(bars):
        first, last = int(bars.ts[0]), int(bars.ts[-1]) + bars.span_ms
        until = first + round(SEEN_SHARE * (last - first))
        count = int(np.searchsorted(bars.ts + bars.span_ms, until, side="right"))
    if count < LEAST_BARS:
        raise UsageError(
            "too_few_bars_to_explore",
            "{instrument} {timeframe} has {count} bars in the first 70% of its time; exploring needs {least}: "
            "fetch or import a longer history, or choose a shorter timeframe",
            instrument=bars.instrument,
            timeframe=bars.timeframe,
            count=count,
            least=LEAST_BARS,
        )
    return bars.slice(0, count)


def look_at(table: FeatureTable, labels: Labels, horizon: int) -> list[ColumnLook]:
    """Return what is seen of each column of a table.

    Parameters
    ----------
    table : FeatureTable
        Over the seen bars.
    labels : Labels
        Of the same bars.
    horizon : int
        Bars ahead that the labels are about.

    Returns
    -------
    list of ColumnLook
        In the order of the table.
    """
    return [_look(name, values, labels.values, horizon) for name, values in table.values.items()]


def _look(name: str, values: FloatArray, labels: FloatArray, horizon: int) -> ColumnLook:
    is_known = ~np.isnan(values)
    known = values[is_known]
    low, median, high = np.quantile(known, _QUANTILES).tolist()
    half = len(values) // 2
    tested = known[-TESTED_VALUES:]
    return ColumnLook(
        name=name,
        known=len(known),
        missing_share=1.0 - float(is_known[int(np.argmax(is_known)) :].mean()),
        mean=float(known.mean()),
        deviation=float(known.std()),
        least=float(known.min()),
        low=low,
        median=median,
        high=high,
        most=float(known.max()),
        wanders=adf(tested),
        keeps=kpss(tested),
        lag_one=autocorrelation(values, 1),
        lag_horizon=autocorrelation(values, horizon),
        information=mutual_information(values, labels),
        by_chance=information_by_chance(values, labels),
        stability=stability_index(values[:half], values[half:]),
    )


def seen_until(bars: Bars) -> str:
    """Return when the last seen bar closed, as a day and an hour UTC.

    Parameters
    ----------
    bars : Bars
        The seen part.

    Returns
    -------
    str
        ``2024-02-11T08:00:00Z``.
    """
    return iso(int(bars.ts[-1]) + bars.span_ms)
