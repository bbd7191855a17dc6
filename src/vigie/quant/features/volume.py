"""Columns of the volume: how much was traded, on which side, and what it moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.features._moves import ratio, returns
from vigie.quant.features._spec import FeatureColumn, FeatureInputs
from vigie.quant.indicators.cmf import cmf
from vigie.quant.indicators.correlation import rolling_correlation
from vigie.quant.indicators.rolling_sum import rolling_sum
from vigie.quant.indicators.sma import sma
from vigie.quant.indicators.zscore import zscore

_GROUP: Final = "volume"
# Returns are told for a million of the quote currency traded.
_MILLION: Final = 1e6


def _against_mean(bars: int) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: ratio(data.volume, data.of(sma, data.volume, bars), 1.0)


def _zscore(data: FeatureInputs) -> FloatArray:
    return zscore(data.volume, 168)


def _flow(data: FeatureInputs) -> FloatArray:
    return cmf(data.high, data.low, data.close, data.volume, 24)


def _signed_share(data: FeatureInputs) -> FloatArray:
    signed = np.sign(returns(data)) * data.volume
    traded = np.where(np.isnan(signed), np.nan, data.volume)
    return ratio(rolling_sum(signed, 24), rolling_sum(traded, 24), 0.0)


def _illiquidity(data: FeatureInputs) -> FloatArray:
    moves = np.abs(returns(data))
    turnover = np.where(np.isnan(moves), np.nan, data.close * data.volume)
    return ratio(rolling_sum(moves, 24) * _MILLION, rolling_sum(turnover, 24), np.nan)


def _with_moves(data: FeatureInputs) -> FloatArray:
    return rolling_correlation(np.abs(returns(data)), data.volume, 72)


COLUMNS = (
    FeatureColumn(_GROUP, "ratio_24", _against_mean(24), 23, "ratio", "Volume over its mean of 24 bars."),
    FeatureColumn(_GROUP, "ratio_168", _against_mean(168), 167, "ratio", "Volume over its mean of 168 bars."),
    FeatureColumn(_GROUP, "zscore_168", _zscore, 167, "z", "Volume less its mean of 168 bars, in deviations."),
    FeatureColumn(_GROUP, "flow_24", _flow, 23, "fraction",
        "Chaikin money flow of 24 bars: volume by where bars close."),
    FeatureColumn(_GROUP, "signed_share_24", _signed_share, 24, "fraction",
        "Volume of rising bars less that of falling ones, as a share of all, over 24 bars."),
    FeatureColumn(_GROUP, "illiquidity_24", _illiquidity, 24, "log",
        "Absolute log returns of 24 bars for a million of the quote currency traded (Amihud)."),
    FeatureColumn(_GROUP, "move_correlation_72", _with_moves, 72, "fraction",
        "Correlation of volume and absolute return over 72 bars."),
)  # fmt: skip
