"""Digits: no drift, no trace of an outlier, no cancellation; same bits without compilation; cheap import."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest

from tests.unit.quant.indicators.walks import walk
from vigie.quant.indicators.correlation import rolling_correlation
from vigie.quant.indicators.deviation import standard_deviation
from vigie.quant.indicators.mfi import mfi
from vigie.quant.indicators.regression import linear_regression_slope
from vigie.quant.indicators.rolling_sum import rolling_sum
from vigie.quant.indicators.rsi import rsi
from vigie.quant.indicators.sma import sma
from vigie.quant.indicators.stoch_rsi import stoch_rsi
from vigie.quant.indicators.wma import wma


@pytest.mark.parametrize("function", [sma, wma, rolling_sum, standard_deviation, linear_regression_slope])
def test_window_when_an_outlier_has_left_then_no_trace_of_it(function):
    clean = walk(400)["close"]
    dirty = clean.copy()
    dirty[150] = 1e15
    ours, expected = function(dirty, 20), function(clean, 20)
    np.testing.assert_allclose(ours[170:], expected[170:], rtol=1e-12, atol=1e-14)


def test_deviation_when_tiny_against_the_mean_then_all_digits_kept():
    rng = np.random.default_rng(4)
    price = 1.0 + np.round(rng.normal(0.0, 2e-8, 300), 10)
    exact = []
    for i in range(19, 300):
        window = [Fraction(value) for value in price[i - 19 : i + 1].tolist()]
        mean = sum(window) / 20
        exact.append(sqrt(sum((value - mean) ** 2 for value in window) / 20))
    np.testing.assert_allclose(standard_deviation(price, 20)[19:], exact, rtol=1e-9)


def test_sma_when_a_million_bars_then_no_drift():
    x = walk(1_000_000, seed=8)["close"]
    last = sum(Fraction(value) for value in x[-50:].tolist()) / 50
    assert sma(x, 50)[-1] == pytest.approx(float(last), rel=1e-14)


@pytest.mark.parametrize("function", [standard_deviation, linear_regression_slope])
def test_window_when_prices_come_to_rest_then_exactly_zero_once_it_is_full(function):
    x = walk(150)["close"]
    x[70:] = 0.3
    assert (function(x, 20)[89:] == 0.0).all()
    assert (function(x, 20)[80:89] != 0.0).all()


def test_correlation_when_one_series_rests_then_zero_and_never_beyond_one():
    x = walk(300)["close"]
    still = x.copy()
    still[100:200] = 5.0
    out = rolling_correlation(x, still, 20)
    assert (out[119:200] == 0.0).all()
    assert np.nanmax(np.abs(rolling_correlation(x, 3.0 * x + 7.0, 20))) <= 1.0


def test_rsi_when_prices_only_rise_or_fall_then_its_ends():
    rising = np.arange(1.0, 60.0)
    assert (rsi(rising, 14)[14:] == 100.0).all()
    assert (rsi(rising[::-1], 14)[14:] == 0.0).all()


def test_stoch_rsi_when_prices_rest_then_last_digits_of_rsi_are_no_range():
    close = walk(200)["close"]
    close[100:] = close[99]
    k, _ = stoch_rsi(close, 14, 14)
    assert (k[130:] == 0.0).all()


def test_mfi_when_typical_prices_differ_in_the_last_digit_only_then_no_flow():
    high, low = np.array([11.434, 11.382, 11.434]), np.array([11.282, 11.272, 11.282])
    close = np.array([11.304, 11.366, 11.304])
    assert len({*((high + low + close) / 3.0).tolist()}) == 2
    assert mfi(high, low, close, np.ones(3), 2)[-1] == 0.0


def test_indicators_when_compilation_is_off_then_same_bits():
    code = (
        "from hashlib import sha256\n"
        "from tests.unit.quant.indicators.walks import walk, answer\n"
        "from vigie.quant.indicators import registry\n"
        "columns = walk(260, seed=3)\n"
        "for name, entry in registry().items():\n"
        "    bits = b''.join(a.tobytes() for a in answer(entry, columns))\n"
        "    print(name, sha256(bits).hexdigest())\n"
    )
    compiled, plain = (
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "NUMBA_DISABLE_JIT": off},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for off in ("0", "1")
    )
    assert len(compiled) >= 35
    assert compiled == plain


def test_package_when_imported_then_without_the_compiler():
    code = "import sys, vigie.quant.indicators; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
