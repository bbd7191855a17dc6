"""Who moves with whom: correlations of log returns with their interval and number of observations.

Takes closes over common times; gives a matrix in which related assets stand together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.quant.stats.normal import normal_quantile

Method = Literal["pearson", "spearman"]
Order = Literal["cluster", "name"]
METHODS: Final = ("pearson", "spearman")
ORDERS: Final = ("cluster", "name")
LEAST: Final = 20
MOST_ASSETS: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class Correlations:
    """A correlation matrix.

    Attributes
    ----------
    names : tuple of str
        In the order of rows and columns.
    values : float64 array, shape (n, n)
        In [-1, 1]; 1 on the diagonal; NaN where too few observations are shared or nothing moved.
    low, high : float64 array, shape (n, n)
        Interval of each value by Fisher's z.
    observations : int64 array, shape (n, n)
        Returns that both assets have.
    method : str
        ``pearson`` or ``spearman``.
    level : float
        Of the interval, 0.95.
    """

    names: tuple[str, ...]
    values: FloatArray
    low: FloatArray
    high: FloatArray
    observations: IntArray
    method: Method
    level: float


def align_closes(
    bars: Mapping[str, Bars], *, start: int | None = None, end: int | None = None
) -> tuple[IntArray, FloatArray]:
    """Return closing times on one even grid, and the closes; NaN where an asset has no bar.

    Parameters
    ----------
    bars : mapping of str to Bars
        Of one timeframe.
    start, end : int, optional
        First and last closing time, inclusive.

    Returns
    -------
    ts : int64 array, shape (n_times,)
    values : float64 array, shape (n_times, n_assets)
        In the order of the mapping.
    """
    spans = {asset_bars.span_ms for asset_bars in bars.values()}
    if len(spans) > 1:
        raise UsageError(
            "bars_must_one_timeframe",
            "bars must be of one timeframe, were of {spans_count}",
            spans_count=len(spans),
        )
    non_empty = [asset_bars for asset_bars in bars.values() if len(asset_bars)]
    if not non_empty:
        return np.zeros(0, np.int64), np.zeros((0, len(bars)))
    span = non_empty[0].span_ms
    first = min(int(asset_bars.ts[0]) for asset_bars in non_empty) + span
    last = max(int(asset_bars.ts[-1]) for asset_bars in non_empty) + span
    if start is not None and start > first:
        first += -(-(start - first) // span) * span
    last = min(last, end) if end is not None else last
    ts = np.arange(first, last + 1, span, dtype=np.int64)
    values = np.full((len(ts), len(bars)), np.nan)
    for column, asset_bars in enumerate(bars.values()):
        at = (asset_bars.ts + span - first) // span
        inside = (at >= 0) & (at < len(ts)) & ((asset_bars.ts + span - first) % span == 0)
        values[at[inside], column] = asset_bars.close[inside]
    return ts, values


def correlations(
    names: tuple[str, ...],
    values: FloatArray,
    *,
    method: Method = "pearson",
    order: Order = "cluster",
    level: float = 0.95,
    least: int = LEAST,
) -> Correlations:
    """Return the correlations of log returns, pairwise complete.

    Parameters
    ----------
    names : tuple of str
        Of the columns, 1 to 100.
    values : float64 array, shape (n_times, n_assets)
        Prices on an even grid, as from `align_closes`; a return needs both of its ends.
    method : str
        ``pearson``, or ``spearman`` (correlation of ranks).
    order : str
        ``cluster`` puts assets that move together side by side, ``name`` sorts by name.
    level : float
        Of the interval, in (0, 1).
    least : int
        Observations a value needs, >= 4.

    Notes
    -----
    Interval: tanh(atanh(r) -+ z * s) with s = 1 / sqrt(n - 3), for ranks s = sqrt((1 + r^2 / 2) / (n - 3)).

    References
    ----------
    Fisher (1921), On the "probable error" of a coefficient of correlation. Bonett and Wright (2000), Sample size
    requirements for estimating Pearson, Kendall and Spearman correlations.
    """
    _check(names, values, method, order, level, least)
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = np.diff(np.log(values), axis=0)
    returns[~np.isfinite(returns)] = np.nan
    r, n = _matrix(returns, method, least)
    low, high = _interval(r, n, method, level)
    at = _cluster_order(r) if order == "cluster" else sorted(range(len(names)), key=lambda k: names[k])
    pick = np.ix_(at, at)
    return Correlations(tuple(names[k] for k in at), r[pick], low[pick], high[pick], n[pick], method, level)


def _check(
    names: tuple[str, ...], values: FloatArray, method: str, order: str, level: float, least: int
) -> None:
    if not 1 <= len(names) <= MOST_ASSETS:
        raise UsageError(
            "too_many_assets_to_compare",
            "give 1 to {most_assets} assets, were {names_count}",
            most_assets=MOST_ASSETS,
            names_count=len(names),
        )
    if values.ndim != 2 or values.shape[1] != len(names):
        raise UsageError(
            "values_must_columns",
            "values must have {names_count} columns, had shape {shape}",
            names_count=len(names),
            shape=values.shape,
        )
    if method not in METHODS:
        raise UsageError(
            "unknown_method",
            "method must be one of {methods}, was {method!r}",
            methods=" ".join(METHODS),
            method=method,
        )
    if order not in ORDERS:
        raise UsageError(
            "unknown_order",
            "order must be one of {orders}, was {order!r}",
            orders=" ".join(ORDERS),
            order=order,
        )
    if not 0 < level < 1:
        raise UsageError("bad_level", "level must be in (0, 1), was {level}", level=level)
    if least < 4:
        raise UsageError("bad_least", "least must be >= 4, was {least}", least=least)


def _matrix(returns: FloatArray, method: str, least: int) -> tuple[FloatArray, IntArray]:
    count = returns.shape[1]
    known = ~np.isnan(returns)
    is_whole = bool(known.all())
    columns = [
        _rank_values(returns[:, k]) if is_whole and method == "spearman" else returns[:, k]
        for k in range(count)
    ]
    r = np.full((count, count), np.nan)
    n = np.zeros((count, count), dtype=np.int64)
    for i in range(count):
        for j in range(i, count):
            both = known[:, i] & known[:, j]
            n[i, j] = n[j, i] = int(np.count_nonzero(both))
            if n[i, j] < least:
                continue
            a, b = columns[i], columns[j]
            if not is_whole:
                a, b = a[both], b[both]
                if method == "spearman":
                    a, b = _rank_values(a), _rank_values(b)
            r[i, j] = r[j, i] = 1.0 if i == j and np.ptp(a) > 0 else _pearson(a, b)
    return r, n


def _pearson(a: FloatArray, b: FloatArray) -> float:
    x, y = a - a.mean(), b - b.mean()
    # Sums, not products of BLAS: its threads cost more than they give where other requests use the cores too.
    scale = math.sqrt(float((x * x).sum())) * math.sqrt(float((y * y).sum()))
    # A column that never moves leaves rounding errors of its mean, not a movement.
    if scale == 0 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return math.nan
    return min(1.0, max(-1.0, float((x * y).sum()) / scale))


def _rank_values(values: FloatArray) -> FloatArray:
    """Return ranks from 1, ties sharing their mean."""
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[at], dtype=np.float64)


def _interval(r: FloatArray, n: IntArray, method: str, level: float) -> tuple[FloatArray, FloatArray]:
    reach = normal_quantile(0.5 + level / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt((1 + r * r / 2 if method == "spearman" else 1.0) / np.maximum(n - 3, 1))
        middle = np.arctanh(r)
        low, high = np.tanh(middle - reach * spread), np.tanh(middle + reach * spread)
    return low, high


def _cluster_order(r: FloatArray) -> list[int]:
    """Return the order of leaves of average-linkage clustering on 1 - r; unknown pairs count as unrelated."""
    distance = 1.0 - np.nan_to_num(r, nan=0.0)
    distances = distance.copy()
    np.fill_diagonal(distances, np.inf)
    groups: list[list[int]] = [[k] for k in range(len(r))]
    for _ in range(len(r) - 1):
        i, j = sorted(divmod(int(np.argmin(distances)), len(r)))
        a, b = len(groups[i]), len(groups[j])
        mean = (a * distances[i] + b * distances[j]) / (a + b)
        distances[i], distances[:, i] = mean, mean
        distances[i, i] = np.inf
        distances[j], distances[:, j] = np.inf, np.inf
        groups[i], groups[j] = _join_groups(distance, groups[i], groups[j]), []
    return groups[0]


def _join_groups(distance: FloatArray, a: list[int], b: list[int]) -> list[int]:
    """Return two groups as one, each turned so that near leaves meet."""
    orientations = [(x, y) for x in (a, a[::-1]) for y in (b, b[::-1])]
    left, right = min(orientations, key=lambda pair: float(distance[pair[0][-1], pair[1][0]]))
    return [*left, *right]
