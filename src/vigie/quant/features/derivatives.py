"""Columns of perpetuals: funding, open interest, basis and liquidations, as they were known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.features._moves import change, logarithm, ratio
from vigie.quant.features._spec import FeatureColumn, FeatureInputs
from vigie.quant.indicators.sma import sma
from vigie.quant.indicators.zscore import zscore

_GROUP: Final = "derivatives"
_FUNDING, _INTEREST, _BASIS = ("funding",), ("open_interest",), ("basis",)
_LIQUIDATIONS: Final = ("liquidations_long", "liquidations_short")


def _value(name: str) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: data.fact(name).copy()


def _mean_funding(data: FeatureInputs) -> FloatArray:
    return sma(data.fact("funding"), 72)


def _funding_zscore(data: FeatureInputs) -> FloatArray:
    return zscore(data.fact("funding"), 168)


def _interest_change(bars: int) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: change(logarithm(data.fact("open_interest")), bars)


def _basis_change(data: FeatureInputs) -> FloatArray:
    return change(data.fact("basis"), 24)


def _liquidated(data: FeatureInputs) -> FloatArray:
    long, short = (np.abs(data.fact(name)) for name in _LIQUIDATIONS)
    return ratio(short - long, long + short, 0.0)


COLUMNS = tuple(
    FeatureColumn(_GROUP, name, compute, lookback, unit, text, "facts", reads)
    for name, compute, lookback, unit, text, reads in (
        ("funding", _value("funding"), 0, "fraction", "Funding rate, the last one known.", _FUNDING),
        ("funding_mean_72", _mean_funding, 71, "fraction",
            "Mean over 72 bars of the funding rate that was known.", _FUNDING),
        ("funding_zscore_168", _funding_zscore, 167, "z",
            "Funding rate less its mean of 168 bars, in deviations.", _FUNDING),
        ("interest_change_24", _interest_change(24), 24, "log",
            "Log change of the open interest over 24 bars.", _INTEREST),
        ("interest_change_168", _interest_change(168), 168, "log",
            "Log change of the open interest over 168 bars.", _INTEREST),
        ("basis", _value("basis"), 0, "fraction",
            "How far the perpetual stands above spot, as it was last known.", _BASIS),
        ("basis_change_24", _basis_change, 24, "fraction", "Change of the basis over 24 bars.", _BASIS),
        ("liquidation_balance", _liquidated, 0, "fraction",
            "Liquidations of shorts less those of longs, as a share of both.", _LIQUIDATIONS),
    )
)  # fmt: skip
