"""Columns of the chain: what holders paid against what the coins are worth."""

from __future__ import annotations

from typing import Final

from vigie.domain.bar import FloatArray
from vigie.quant.features._moves import change, logarithm
from vigie.quant.features._spec import FeatureColumn, FeatureInputs

_GROUP: Final = "onchain"
_MVRV: Final = ("mvrv",)


def _mvrv(data: FeatureInputs) -> FloatArray:
    return logarithm(data.fact("mvrv"))


def _mvrv_change(data: FeatureInputs) -> FloatArray:
    return change(_mvrv(data), 168)


COLUMNS = (
    FeatureColumn(_GROUP, "mvrv", _mvrv, 0, "log",
        "Logarithm of the market cap over the realised cap (MVRV).", "facts", _MVRV),
    FeatureColumn(_GROUP, "mvrv_change_168", _mvrv_change, 168, "log",
        "Log change of the MVRV over 168 bars.", "facts", _MVRV),
)  # fmt: skip
