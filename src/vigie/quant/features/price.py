"""Columns of the price alone: returns, shape of the bar, place in a range, volatility."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.features._moves import change, logarithm, ratio, returns
from vigie.quant.features._spec import FeatureColumn, FeatureInputs
from vigie.quant.indicators.correlation import rolling_correlation
from vigie.quant.indicators.deviation import standard_deviation
from vigie.quant.indicators.extremes import highest, lowest
from vigie.quant.indicators.sma import sma
from vigie.quant.indicators.volatility import parkinson_volatility
from vigie.quant.rolling import previous

_GROUP: Final = "price"


def _return_over(bars: int) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: returns(data, bars).copy()


def _opening_gap(data: FeatureInputs) -> FloatArray:
    return data.of(logarithm, data.open) - previous(data.of(logarithm, data.close))


def _range(data: FeatureInputs) -> FloatArray:
    return data.of(logarithm, data.high) - data.of(logarithm, data.low)


def _body(data: FeatureInputs) -> FloatArray:
    return ratio(data.close - data.open, data.high - data.low, 0.0)


def _upper_shadow(data: FeatureInputs) -> FloatArray:
    return ratio(data.high - np.maximum(data.open, data.close), data.high - data.low, 0.0)


def _lower_shadow(data: FeatureInputs) -> FloatArray:
    return ratio(np.minimum(data.open, data.close) - data.low, data.high - data.low, 0.0)


def _position(bars: int) -> Callable[[FeatureInputs], FloatArray]:
    def place(data: FeatureInputs) -> FloatArray:
        top, bottom = data.of(highest, data.high, bars), data.of(lowest, data.low, bars)
        return ratio(data.close - bottom, top - bottom, 0.5)

    return place


def _drawdown(data: FeatureInputs) -> FloatArray:
    return data.close / data.of(highest, data.close, 168) - 1.0


def _deviation(data: FeatureInputs, bars: int) -> FloatArray:
    return data.of(standard_deviation, returns(data), bars)


def _volatility(bars: int) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: _deviation(data, bars).copy()


def _volatility_ratio(data: FeatureInputs) -> FloatArray:
    return ratio(_deviation(data, 24), _deviation(data, 168), 1.0)


def _ranged(data: FeatureInputs) -> FloatArray:
    return parkinson_volatility(data.high, data.low, 24, 1.0)


def _up_share(data: FeatureInputs) -> FloatArray:
    moves = returns(data)
    return sma(np.where(np.isnan(moves), np.nan, (moves > 0.0).astype(np.float64)), 24)


def _autocorrelation(data: FeatureInputs) -> FloatArray:
    return rolling_correlation(returns(data), previous(returns(data)), 72)


def _acceleration(data: FeatureInputs) -> FloatArray:
    return change(returns(data, 24), 24)


COLUMNS = (
    FeatureColumn(_GROUP, "return_1", _return_over(1), 1, "log", "Log return of the close, 1 bar back."),
    FeatureColumn(_GROUP, "return_3", _return_over(3), 3, "log", "Log return of the close, 3 bars back."),
    FeatureColumn(_GROUP, "return_6", _return_over(6), 6, "log", "Log return of the close, 6 bars back."),
    FeatureColumn(_GROUP, "return_12", _return_over(12), 12, "log", "Log return of the close, 12 bars back."),
    FeatureColumn(_GROUP, "return_24", _return_over(24), 24, "log", "Log return of the close, 24 bars back."),
    FeatureColumn(_GROUP, "return_72", _return_over(72), 72, "log", "Log return of the close, 72 bars back."),
    FeatureColumn(_GROUP, "return_168", _return_over(168), 168, "log", "Log return of the close, 168 bars back."),
    FeatureColumn(_GROUP, "acceleration_24", _acceleration, 48, "log",
        "Log return over 24 bars less that over the 24 before."),
    FeatureColumn(_GROUP, "opening_gap", _opening_gap, 1, "log", "Logarithm of the open over the close before."),
    FeatureColumn(_GROUP, "range", _range, 0, "log", "Logarithm of the high over the low."),
    FeatureColumn(_GROUP, "body", _body, 0, "fraction", "Close less open, as a share of the bar's range."),
    FeatureColumn(_GROUP, "upper_shadow", _upper_shadow, 0, "fraction",
        "Part of the bar's range above open and close."),
    FeatureColumn(_GROUP, "lower_shadow", _lower_shadow, 0, "fraction",
        "Part of the bar's range below open and close."),
    FeatureColumn(_GROUP, "position_24", _position(24), 23, "fraction",
        "Place of the close in the range of 24 bars: 0 at the low, 1 at the high."),
    FeatureColumn(_GROUP, "position_168", _position(168), 167, "fraction",
        "Place of the close in the range of 168 bars: 0 at the low, 1 at the high."),
    FeatureColumn(_GROUP, "drawdown_168", _drawdown, 167, "fraction",
        "Close against the highest close of 168 bars, minus 1."),
    FeatureColumn(_GROUP, "volatility_24", _volatility(24), 24, "log", "Deviation of the log returns of 24 bars."),
    FeatureColumn(_GROUP, "volatility_168", _volatility(168), 168, "log",
        "Deviation of the log returns of 168 bars."),
    FeatureColumn(_GROUP, "volatility_ratio", _volatility_ratio, 168, "ratio",
        "Volatility of 24 bars over that of 168."),
    FeatureColumn(_GROUP, "range_volatility_24", _ranged, 23, "log",
        "Volatility of 24 bars from their highs and lows (Parkinson)."),
    FeatureColumn(_GROUP, "up_share_24", _up_share, 24, "fraction",
        "Share of the last 24 bars that closed higher than the one before."),
    FeatureColumn(_GROUP, "autocorrelation_72", _autocorrelation, 73, "fraction",
        "Correlation of each return with the one before, over 72 bars."),
)  # fmt: skip
