"""Columns of the market: what other instruments did, and how this one moves with them.

The market is the plain mean of the returns of the other instruments whose bars are known; no asset is named. One whose
bars have not begun is left out; where one that has begun is not known, the market is not known either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numba import njit

from vigie.compiled import BORROWING
from vigie.domain.bar import BoolArray, FloatArray
from vigie.quant.features._moves import change, logarithm, ratio, returns
from vigie.quant.features._spec import FeatureColumn, FeatureInputs
from vigie.quant.indicators.correlation import rolling_correlation
from vigie.quant.indicators.deviation import standard_deviation

_GROUP: Final = "cross"
_MEAN, _BREADTH, _SPREAD, _RANK = range(4)


@njit(**BORROWING)
def _compare(own: FloatArray, others: FloatArray, has_begun: BoolArray, out: FloatArray) -> None:
    # `others` has a row an instrument; a mean without one of them would be that of another market.
    for i in range(len(own)):
        count, total, rising, below, is_gap = 0, 0.0, 0, 0, False
        for k in range(others.shape[0]):
            move = others[k, i]
            if np.isnan(move):
                is_gap = is_gap or has_begun[k]
                continue
            has_begun[k] = True
            count += 1
            total += move
            rising += 1 if move > 0.0 else 0
            below += 1 if move < own[i] else 0
        if is_gap or count == 0 or np.isnan(own[i]):
            for m in range(4):
                out[m, i] = np.nan
            continue
        mean = total / count
        everyone = (total + own[i]) / (count + 1)
        squares = (own[i] - everyone) * (own[i] - everyone)
        for k in range(others.shape[0]):
            if not np.isnan(others[k, i]):
                squares += (others[k, i] - everyone) * (others[k, i] - everyone)
        out[0, i] = mean
        out[1, i] = (rising + (1 if own[i] > 0.0 else 0)) / (count + 1)
        out[2, i] = np.sqrt(squares / (count + 1))
        out[3, i] = below / count


def _compared(data: FeatureInputs, bars: int) -> FloatArray:
    """Return mean, breadth, spread and rank of the returns over some bars, a row each."""
    return data.once(_compare_all, bars)


def _compare_all(data: FeatureInputs, bars: int) -> FloatArray:
    out = np.full((4, len(data)), np.nan)
    if data.peers:
        others = np.stack([change(data.of(logarithm, peer), bars) for peer in data.peers])
        _compare(returns(data, bars), others, np.zeros(len(others), np.bool_), out)
    return out


def _row(row: int, bars: int) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: _compared(data, bars)[row].copy()


def _relative(bars: int) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: returns(data, bars) - _compared(data, bars)[_MEAN]


def _with_market(data: FeatureInputs) -> FloatArray:
    # A key of numbers alone: a row of the answer is another view at each call.
    return data.once(_correlate, 168)


def _correlate(data: FeatureInputs, bars: int) -> FloatArray:
    return rolling_correlation(returns(data), _compared(data, 1)[_MEAN], bars)


def _beta(data: FeatureInputs) -> FloatArray:
    market = _compared(data, 1)[_MEAN]
    own = data.of(standard_deviation, returns(data), 168)
    return _with_market(data) * ratio(own, standard_deviation(market, 168), 0.0)


def _correlation(data: FeatureInputs) -> FloatArray:
    return _with_market(data).copy()


COLUMNS = tuple(
    FeatureColumn(_GROUP, name, compute, lookback, unit, text, "peers")
    for name, compute, lookback, unit, text in (
        ("market_return_1", _row(_MEAN, 1), 1, "log", "Mean log return of the other instruments over 1 bar."),
        ("market_return_24", _row(_MEAN, 24), 24, "log", "Mean log return of the other instruments over 24 bars."),
        ("market_return_168", _row(_MEAN, 168), 168, "log",
            "Mean log return of the other instruments over 168 bars."),
        ("beta_168", _beta, 168, "ratio", "How far the price moves when the others move by 1, over 168 bars."),
        ("correlation_168", _correlation, 168, "fraction",
            "Correlation of the returns with the mean of the others', over 168 bars."),
        ("relative_return_24", _relative(24), 24, "log", "Log return over 24 bars less the mean of the others'."),
        ("relative_return_168", _relative(168), 168, "log", "Log return over 168 bars less the mean of the others'."),
        ("breadth_24", _row(_BREADTH, 24), 24, "fraction",
            "Share of all instruments, this one included, that rose over 24 bars."),
        ("dispersion_24", _row(_SPREAD, 24), 24, "log", "Deviation of the returns of all instruments over 24 bars."),
        ("rank_24", _row(_RANK, 24), 24, "fraction",
            "Share of the other instruments that rose less, or fell more, over 24 bars."),
    )
)  # fmt: skip
