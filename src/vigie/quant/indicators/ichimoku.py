"""Ichimoku: conversion and base line and the cloud, as they lie over each bar."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.extremes import highest, lowest


def _ichimoku(
    high: FloatArray,
    low: FloatArray,
    conversion: int,
    base: int,
    span: int,
    displacement: int,
    *lines: FloatArray,
) -> None:
    for window, line in zip((conversion, base, span), (lines[0], lines[1], lines[3]), strict=True):
        np.add(highest(high, window), lowest(low, window), out=line)
        line /= 2.0
    lines[2][:] = (lines[0] + lines[1]) / 2.0
    ahead = min(displacement - 1, len(high))
    for line in lines[2:]:
        line[ahead:] = line[: len(line) - ahead].copy()


def ichimoku(
    high: ArrayLike,
    low: ArrayLike,
    conversion: int = 9,
    base: int = 26,
    span: int = 52,
    displacement: int = 26,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return conversion line, base line and the two edges of the cloud over each bar, in quote currency.

    The cloud over a bar was known ``displacement - 1`` bars before. The lagging line is the close drawn back
    in time: to use it, compare the close with the one ``displacement - 1`` bars ago.

    Parameters
    ----------
    high, low : float64 array, shape (n_bars,)
        Prices.
    conversion, base, span : int
        Bars of the three mid-ranges, >= 1.
    displacement : int
        Bars by which the cloud is drawn ahead, the current one counted, >= 1.

    Returns
    -------
    conversion, base, span_a, span_b : float64 array, shape (n_bars,)
        NaN until their windows, and for the cloud the displacement, are full.

    References
    ----------
    Hosoda (1969); in the form of TradingView, Ichimoku Cloud, whose offset is ``displacement - 1``.
    """
    conversion, base = check_whole("conversion", conversion), check_whole("base", base)
    span, displacement = check_whole("span", span), check_whole("displacement", displacement)
    parameters = (conversion, base, span, displacement)
    a, b, c, d = compute(_ichimoku, (high, low), parameters, _warmups(*parameters))
    return a, b, c, d


def _warmups(conversion: int, base: int, span: int, displacement: int) -> tuple[int, ...]:
    return (
        conversion - 1,
        base - 1,
        max(conversion, base) + displacement - 2,
        span + displacement - 2,
    )


INDICATORS = (
    Indicator(
        ichimoku,
        inputs=("high", "low"),
        outputs=("conversion", "base", "span_a", "span_b"),
        warmups=_warmups,
        formula="mid-ranges of 9, 26 and 52 bars; the cloud drawn 26 bars ahead, this one counted",
        source="Hosoda (1969), as TradingView Ichimoku Cloud",
        flat=("price", "price", "price", "price"),
    ),
)
