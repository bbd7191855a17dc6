"""Columns of the usual indicators, as numbers that do not depend on the level of the price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.features._moves import ratio
from vigie.quant.features._spec import FeatureColumn, FeatureInputs
from vigie.quant.indicators.adx import adx
from vigie.quant.indicators.aroon import aroon
from vigie.quant.indicators.bollinger import bollinger_bandwidth
from vigie.quant.indicators.cci import cci
from vigie.quant.indicators.donchian import donchian
from vigie.quant.indicators.ema import ema
from vigie.quant.indicators.kama import kama
from vigie.quant.indicators.macd import macd
from vigie.quant.indicators.mfi import mfi
from vigie.quant.indicators.natr import natr
from vigie.quant.indicators.regression import linear_regression_slope
from vigie.quant.indicators.rsi import rsi
from vigie.quant.indicators.stochastic import stochastic
from vigie.quant.indicators.supertrend import supertrend
from vigie.quant.indicators.zscore import zscore

_GROUP: Final = "indicators"


def _rsi(bars: int) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: rsi(data.close, bars)


def _macd(data: FeatureInputs) -> FloatArray:
    return macd(data.close)[2] / data.close


def _trend(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    return np.stack(adx(high, low, close))


def _directional(data: FeatureInputs) -> FloatArray:
    _, plus, minus = data.of(_trend, data.high, data.low, data.close)
    difference: FloatArray = plus - minus
    return difference


def _trend_strength(data: FeatureInputs) -> FloatArray:
    return np.array(data.of(_trend, data.high, data.low, data.close)[0])


def _average_range(data: FeatureInputs) -> FloatArray:
    return natr(data.high, data.low, data.close)


def _distance(data: FeatureInputs) -> FloatArray:
    return zscore(data.close)


def _bandwidth(data: FeatureInputs) -> FloatArray:
    return bollinger_bandwidth(data.close)


def _stochastic(data: FeatureInputs) -> FloatArray:
    return stochastic(data.high, data.low, data.close)[0]


def _cci(data: FeatureInputs) -> FloatArray:
    return cci(data.high, data.low, data.close)


def _mfi(data: FeatureInputs) -> FloatArray:
    return mfi(data.high, data.low, data.close, data.volume)


def _aroon(data: FeatureInputs) -> FloatArray:
    up, down = aroon(data.high, data.low, 25)
    # What models learned from it and strategies were tested on keeps its sign.
    difference: FloatArray = down - up
    return difference


def _average(data: FeatureInputs, bars: int) -> FloatArray:
    return data.of(ema, data.close, bars)


def _from_average(bars: int) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: data.close / _average(data, bars) - 1.0


def _cross(data: FeatureInputs) -> FloatArray:
    return _average(data, 12) / _average(data, 48) - 1.0


def _channel(data: FeatureInputs) -> FloatArray:
    upper, _, lower = donchian(data.high, data.low, 55)
    return ratio(data.close - lower, upper - lower, 0.5)


def _supertrend(data: FeatureInputs) -> FloatArray:
    return supertrend(data.high, data.low, data.close)[1]


def _from_kama(data: FeatureInputs) -> FloatArray:
    return data.close / kama(data.close) - 1.0


def _slope(data: FeatureInputs) -> FloatArray:
    return linear_regression_slope(data.close, 48) / data.close


COLUMNS = (
    FeatureColumn(_GROUP, "rsi_14", _rsi(14), 14, "index", "Relative strength index of 14 bars, from 0 to 100."),
    FeatureColumn(_GROUP, "rsi_42", _rsi(42), 42, "index", "Relative strength index of 42 bars, from 0 to 100."),
    FeatureColumn(_GROUP, "macd_histogram", _macd, 33, "fraction",
        "MACD (12, 26, 9) less its signal, as a share of the close."),
    FeatureColumn(_GROUP, "adx_14", _trend_strength, 27, "index",
        "Strength of the trend (ADX) of 14 bars, from 0 to 100."),
    FeatureColumn(_GROUP, "directional_14", _directional, 14, "index",
        "Rises less falls (+DI less -DI) of 14 bars, from -100 to 100."),
    FeatureColumn(_GROUP, "average_range_14", _average_range, 14, "index",
        "Average true range of 14 bars, in per cent of the close."),
    FeatureColumn(_GROUP, "zscore_20", _distance, 19, "z", "Close less its mean of 20 bars, in deviations."),
    FeatureColumn(_GROUP, "bandwidth_20", _bandwidth, 19, "fraction",
        "Width of the Bollinger bands of 20 bars, as a share of their middle."),
    FeatureColumn(_GROUP, "stochastic_14", _stochastic, 17, "index", "Slow stochastic %K of 14 bars, from 0 to 100."),
    FeatureColumn(_GROUP, "cci_20", _cci, 19, "index", "Commodity channel index of 20 bars."),
    FeatureColumn(_GROUP, "mfi_14", _mfi, 14, "index", "Money flow index of 14 bars, from 0 to 100."),
    FeatureColumn(_GROUP, "aroon_25", _aroon, 25, "index", "Aroon down less Aroon up of 25 bars, from -100 to 100."),
    FeatureColumn(_GROUP, "ema_distance_12", _from_average(12), 11, "fraction",
        "Close against its exponential average of 12 bars, minus 1."),
    FeatureColumn(_GROUP, "ema_distance_48", _from_average(48), 47, "fraction",
        "Close against its exponential average of 48 bars, minus 1."),
    FeatureColumn(_GROUP, "ema_distance_200", _from_average(200), 199, "fraction",
        "Close against its exponential average of 200 bars, minus 1."),
    FeatureColumn(_GROUP, "ema_cross_12_48", _cross, 47, "fraction",
        "Exponential average of 12 bars against that of 48, minus 1."),
    FeatureColumn(_GROUP, "channel_55", _channel, 54, "fraction",
        "Place of the close in the Donchian channel of 55 bars: 0 at its low, 1 at its high."),
    FeatureColumn(_GROUP, "supertrend", _supertrend, 10, "flag",
        "Side of the Supertrend (10, 3): 1 below the price, -1 above."),
    FeatureColumn(_GROUP, "kama_distance", _from_kama, 10, "fraction",
        "Close against Kaufman's adaptive average of 10 bars, minus 1."),
    FeatureColumn(_GROUP, "slope_48", _slope, 47, "fraction",
        "Slope of the regression line of 48 closes, a bar, as a share of the close."),
)  # fmt: skip
