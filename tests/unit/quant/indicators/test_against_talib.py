"""Equal to TA-Lib within 1e-9 relative, on a long simulated walk and on real bars."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from tests.lazily import Lazy
from tests.shared import shared_dir
from tests.unit.quant.indicators.walks import walk
from vigie.quant.indicators import registry

talib = Lazy("talib")

OURS = {name: indicator.function for name, indicator in registry().items()}
REAL = [
    "binance-perp/BTCUSDT-1h",
    "binance-perp/XRPUSDT-5m",
    "binance-perp/DOGEUSDT-4h",
    "binance-perp/TRXUSDT-1d",
    "binance-spot/USDCUSDT-1h",
    "other-perp/BTC-PERP-1m",
]


def _returns(x):
    return np.diff(x) / x[:-1]


def _wide(x, window, least=1e-4):
    """Where TA-Lib keeps its digits: the deviation is not tiny against the mean."""
    return OURS["standard_deviation"](x, window) / OURS["sma"](x, window) > least


def _pair(high, close, window):
    """Two series of returns, and where TA-Lib does not take the product of their variances for zero."""
    x, y = _returns(close), _returns(high)
    product = OURS["standard_deviation"](x, window) * OURS["standard_deviation"](y, window) * window
    return x, y, product > 2e-7


def _correlated(high, close, window):
    x, y, varied = _pair(high, close, window)
    return OURS["rolling_correlation"](x, y, window), talib.CORREL(x, y, window), 10, varied


# name: ours, TA-Lib's, size of a natural unit (values near zero are compared within 1e-9 of it), where. Worked out
# when a test asks: who only looks for tests compiles nothing.
def cases(b, n):
    h, lo, c, v = b["high"], b["low"], b["close"], b["volume"]
    typical = (h + lo + c) / 3.0
    size = float(np.max(c))
    return {
        "sma": lambda: (OURS["sma"](c, n), talib.SMA(c, n), 0, None),
        "ema": lambda: (OURS["ema"](c, n), talib.EMA(c, n), 0, None),
        "wma": lambda: (OURS["wma"](c, n), talib.WMA(c, n), 0, None),
        "dema": lambda: (OURS["dema"](c, n), talib.DEMA(c, n), 0, None),
        "tema": lambda: (OURS["tema"](c, n), talib.TEMA(c, n), 0, None),
        "kama": lambda: (OURS["kama"](c, n), talib.KAMA(c, n), 0, None),
        "macd": lambda: (OURS["macd"](c, n, 2 * n, 9), talib.MACD(c, n, 2 * n, 9), 1e-3 * size, None),
        "rsi": lambda: (OURS["rsi"](c, n), talib.RSI(c, n), 0, None),
        "stochastic": lambda: (
            OURS["stochastic"](h, lo, c, n, 3, 3),
            talib.STOCH(h, lo, c, n, 3, 0, 3, 0),
            1,
            None,
        ),
        "stoch_rsi": lambda: (OURS["stoch_rsi"](c, n, 14, 1, 3), talib.STOCHRSI(c, n, 14, 3, 0), 100, None),
        "williams_r": lambda: (OURS["williams_r"](h, lo, c, n), talib.WILLR(h, lo, c, n), 0, None),
        "cci": lambda: (OURS["cci"](h, lo, c, n), talib.CCI(h, lo, c, n), 100, _wide(typical, n, 1e-7)),
        "mfi": lambda: (OURS["mfi"](h, lo, c, v, n), talib.MFI(h, lo, c, v, n), 1, None),
        "roc": lambda: (OURS["roc"](c, n), talib.ROC(c, n), 1e-3, None),
        "momentum": lambda: (OURS["momentum"](c, n), talib.MOM(c, n), 0, None),
        "adx": lambda: (
            OURS["adx"](h, lo, c, n),
            (talib.ADX(h, lo, c, n), talib.PLUS_DI(h, lo, c, n), talib.MINUS_DI(h, lo, c, n)),
            0,
            None,
        ),
        "aroon": lambda: (OURS["aroon"](h, lo, n)[::-1], talib.AROON(h, lo, n), 0, None),
        "atr": lambda: (OURS["atr"](h, lo, c, n), talib.ATR(h, lo, c, n), 0, None),
        "natr": lambda: (OURS["natr"](h, lo, c, n), talib.NATR(h, lo, c, n), 0, None),
        "true_range": lambda: (OURS["true_range"](h, lo, c), talib.TRANGE(h, lo, c), 0, None),
        "bollinger": lambda: (OURS["bollinger"](c, n, 2.0), talib.BBANDS(c, n, 2.0, 2.0), 0, _wide(c, n)),
        "standard_deviation": lambda: (OURS["standard_deviation"](c, n), talib.STDDEV(c, n), 0, _wide(c, n)),
        "highest": lambda: (OURS["highest"](h, n), talib.MAX(h, n), 0, None),
        "lowest": lambda: (OURS["lowest"](lo, n), talib.MIN(lo, n), 0, None),
        "rolling_sum": lambda: (OURS["rolling_sum"](c, n), talib.SUM(c, n), 0, None),
        "obv": lambda: (OURS["obv"](c, v), talib.OBV(c, v), 0, None),
        "parabolic_sar": lambda: (OURS["parabolic_sar"](h, lo), talib.SAR(h, lo, 0.02, 0.2), 0, None),
        "rolling_correlation": lambda: _correlated(h, c, n),
        "linear_regression_slope": lambda: (
            OURS["linear_regression_slope"](c, n),
            talib.LINEARREG_SLOPE(c, n),
            1e-3 * size,
            None,
        ),
    }


@cache
def _computed(source, window):
    if source == "walk":
        columns = walk(120_000, seed=5)
    else:
        frame = pl.read_parquet(shared_dir("data", "market", f"{source}.parquet"))
        columns = {
            name: frame[name].to_numpy().astype(float) for name in ("open", "high", "low", "close", "volume")
        }
    return {name: work_out() for name, work_out in cases(columns, window).items()}


NAMES = list(cases(walk(300), 14))


def _check(source, window, name):
    ours, theirs, unit, where = _computed(source, window)[name]
    if not isinstance(ours, tuple):
        ours, theirs = (ours,), (theirs,)
    assert len(ours) == len(theirs)
    for left, right in zip(ours, theirs, strict=True):
        assert (np.isnan(left) == np.isnan(right)).all()
        chosen = ~np.isnan(left) if where is None else ~np.isnan(left) & where
        assert chosen.sum() > 20
        np.testing.assert_allclose(left[chosen], right[chosen], rtol=1e-9, atol=1e-9 * unit)


@pytest.mark.parametrize("window", [2, 14, 50])
@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_walk_of_120_000_bars_then_equal_to_talib(name, window):
    _check("walk", window, name)


@pytest.mark.shared
@pytest.mark.parametrize("source", REAL)
@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_real_bars_then_equal_to_talib(name, source):
    _check(source, 14, name)
