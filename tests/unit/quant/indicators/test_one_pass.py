"""Averages and the range in one pass, and unknown values told by the last one: every bit as one by one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.quant.indicators.walks import walk
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS
from vigie.quant.indicators.atr import atr, beside_averages
from vigie.quant.indicators.ema import ema
from vigie.trading.strategy import atr_of, averages_of

COLUMNS = ("high", "low", "close")
UNKNOWN = (np.nan, np.inf, -np.inf)


def by_runs(function, columns, window: int, warmup: int) -> np.ndarray:
    """What an indicator says of each unbroken run of known bars, each computed as if it were all there is."""
    known = np.logical_and.reduce([np.isfinite(column) for column in columns])
    out, start = np.full(len(known), np.nan), 0
    for stop in [*np.flatnonzero(~known).tolist(), len(known)]:
        if stop - start > warmup:
            out[start:stop] = function(*(column[start:stop].copy() for column in columns), window)
        start = stop + 1
    return out


@pytest.mark.parametrize("unknown", UNKNOWN)
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("at", [0, 1, 13, 14, 15, 49, 50, 150, 298, 299])
def test_unknown_values_cut_the_history_wherever_they_are(at, column, unknown):
    given = {name: values.copy() for name, values in walk(300).items()}
    given[column][at] = unknown
    prices = [given[name] for name in COLUMNS]
    expected = by_runs(atr, prices, 14, 14)
    assert np.isnan(expected[at])
    np.testing.assert_array_equal(atr(*prices, 14), expected)
    averages = [by_runs(ema, [given["close"]], window, window - 1) for window in (20, 50)]
    for window, average in zip((20, 50), averages, strict=True):
        np.testing.assert_array_equal(ema(given["close"], window), average)
    for found, one in zip(beside_averages(*prices, 20, 50, 14), [*averages, expected], strict=True):
        np.testing.assert_array_equal(found, one)


@pytest.mark.parametrize("windows", [(20, 50, 14), (50, 20, 14), (2, 3, 60), (1, 1, 1), (7, 7, 7)])
@pytest.mark.parametrize("n_bars", [0, 1, 2, 3, 14, 15, 20, 49, 50, 51, 61, 62, 400])
def test_one_pass_gives_every_bit_of_three(windows, n_bars):
    given = walk(n_bars)
    prices = [given[name] for name in COLUMNS]
    fast, slow, window = windows
    expected = ema(given["close"], fast), ema(given["close"], slow), atr(*prices, window)
    for found, one in zip(beside_averages(*prices, fast, slow, window), expected, strict=True):
        np.testing.assert_array_equal(found, one)


def test_known_values_too_large_to_be_added_stay_known():
    close = np.tile([1e308, 1.001e308], 100)
    assert np.isfinite(atr(close, close, close, 14)[14:]).all()
    for found, one in zip(
        beside_averages(close, close, close, 3, 5, 14),
        (ema(close, 3), ema(close, 5), atr(close, close, close, 14)),
        strict=True,
    ):
        np.testing.assert_array_equal(found, one)


@pytest.mark.parametrize("windows", [(0, 5, 14), (3, -1, 14), (3, 5, 0), (3.5, 5, 14)])
def test_windows_that_cannot_be_are_refused(windows):
    given = walk(100)
    with pytest.raises(UsageError, match="window must be"):
        beside_averages(*(given[name] for name in COLUMNS), *windows)


def history() -> Bars:
    given = walk(200)
    return Bars(
        "x", HOUR_MS, given["ts"], given["open"], given["high"], given["low"], given["close"], given["volume"]
    )


@pytest.mark.parametrize("kind", ["sealed", "apart"])
@pytest.mark.parametrize("before", ["nothing", "range", "average", "both"])
def test_a_strategy_gets_what_it_would_have_asked_for_one_by_one(before, kind):
    bars, alone = getattr(history(), kind)(), history()
    if before in ("range", "both"):
        atr_of(bars)
    if before in ("average", "both"):
        bars.of(ema, bars.close, 5)
    fast, slow, scale = averages_of(bars, 5, 9)
    np.testing.assert_array_equal(fast, ema(alone.close, 5))
    np.testing.assert_array_equal(slow, ema(alone.close, 9))
    np.testing.assert_array_equal(scale, atr(alone.high, alone.low, alone.close, 14))
    assert not any(part.flags.writeable for part in (fast, slow, scale))
    again = bars.of(ema, bars.close, 5), bars.of(ema, bars.close, 9), atr_of(bars)
    assert all(found is first for found, first in zip(again, (fast, slow, scale), strict=True))
