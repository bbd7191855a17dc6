"""The five main strategies once more: TA-Lib's values, plain loops, the conditions as they are written down."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import talib

from tests.shared import shared_dir
from vigie.domain.bar import Bars
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.domain.time import timeframe_ms
from vigie.engine.signals import make_flags
from vigie.trading import catalogue
from vigie_sandbox.market import simulate_market

START_MS = 1_609_459_200_000
LAST = 1_500


def gt(x, y):
    return None if math.isnan(x) or math.isnan(y) else x - y > 1e-9 * max(abs(x), abs(y))


def lt(x, y):
    return gt(y, x)


def le(x, y):
    above = gt(x, y)
    return None if above is None else not above


def ge(x, y):
    return le(y, x)


def crosses(over, back, x, y, i):
    """`over` at i, and `back` at i - 1; None where something is not known."""
    if i == 0:
        return None
    now, before = over(x[i], y[i]), back(x[i - 1], y[i - 1])
    return None if now is None or before is None else now and before


def lists(*arrays):
    return [array.tolist() for array in arrays]


def cross_of(fast, slow):
    def judge(i):
        return crosses(gt, le, fast, slow, i), crosses(lt, ge, fast, slow, i), False, False

    return judge


def macd_cross(bars):
    line, signal = lists(*talib.MACD(bars.close, 12, 26, 9)[:2])
    return cross_of(line, signal)


def ema_cross(bars):
    return cross_of(*lists(talib.EMA(bars.close, 20), talib.EMA(bars.close, 50)))


def rsi_reversion(bars):
    (rsi,) = lists(talib.RSI(bars.close, 14))
    thirty, seventy = [30.0] * len(rsi), [70.0] * len(rsi)

    def judge(i):
        up = crosses(ge, lt, rsi, thirty, i)
        down = crosses(le, gt, rsi, seventy, i)
        return up, down, ge(rsi[i], 60.0), le(rsi[i], 40.0)

    return judge


def adx_trend(bars):
    given = (bars.high, bars.low, bars.close, 14)
    adx, plus, minus = lists(talib.ADX(*given), talib.PLUS_DI(*given), talib.MINUS_DI(*given))

    def trends(i, with_it, against):
        parts = (gt(adx[i], 25.0), gt(with_it[i], against[i]))
        return None if None in parts else all(parts)

    def begins(i, with_it, against):
        now, before = trends(i, with_it, against), trends(i - 1, with_it, against) if i else None
        return None if now is None or before is None else now and not before

    def ends(i, with_it, against):
        parts = (lt(adx[i], 20.0), gt(against[i], with_it[i]))
        return None if None in parts else any(parts)

    def judge(i):
        return begins(i, plus, minus), begins(i, minus, plus), ends(i, plus, minus), ends(i, minus, plus)

    return judge


def bollinger_squeeze(bars):
    upper, middle, lower = lists(*talib.BBANDS(bars.close, 20, 2.0, 2.0))
    (close,) = lists(bars.close)
    width = [(u - low) / m for u, m, low in zip(upper, middle, lower, strict=True)]

    def share(i):
        window = width[max(0, i - 119) : i + 1]
        if len(window) < 120 or any(math.isnan(value) for value in window):
            return None
        return sum(le(value, width[i]) for value in window) / 120

    shares = [share(i) for i in range(len(width))]

    def squeezed(i):
        before = shares[max(0, i - 5) : i]
        return None if len(before) < 5 or None in before else any(le(value, 0.2) for value in before)

    def both(*parts):
        return None if None in parts else all(parts)

    def judge(i):
        return (
            both(crosses(gt, le, close, upper, i), squeezed(i)),
            both(crosses(lt, ge, close, lower, i), squeezed(i)),
            crosses(lt, ge, close, middle, i),
            crosses(gt, le, close, middle, i),
        )

    return judge


BY_HAND = {
    "macd_cross": macd_cross,
    "rsi_reversion": rsi_reversion,
    "ema_cross": ema_cross,
    "bollinger_squeeze": bollinger_squeeze,
    "adx_trend": adx_trend,
}


def flags_by_hand(name, bars):
    judge = BY_HAND[name](bars)
    flags = []
    for i in range(len(bars)):
        up, down, leave_long, leave_short = judge(i)
        # An entry waits until its exit condition is known.
        flags.append(
            LONG_ENTRY * bool(up and leave_long is not None)
            + SHORT_ENTRY * bool(down and leave_short is not None)
            + LONG_EXIT * bool(leave_long)
            + SHORT_EXIT * bool(leave_short)
        )
    return flags


def flags_of_shipped(name, bars):
    strategy = catalogue.load(name)
    return make_flags(strategy.criteria(bars, strategy.defaults()), len(bars)).tolist()


def differences(name, bars):
    ours, theirs = flags_of_shipped(name, bars), flags_by_hand(name, bars)
    assert sum(flag & (LONG_ENTRY | SHORT_ENTRY) > 0 for flag in theirs) >= 5
    return [(i, a, b) for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("ticker", ["BTC", "DOGE"])
def test_flags_on_simulated_bars_equal_those_by_hand(name, ticker):
    timeframe = catalogue.load(name).timeframe
    bars = simulate_market(11, [ticker], START_MS, 2_000, timeframe).bars(ticker)
    assert differences(name, bars) == []


@pytest.mark.shared
@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize(
    "symbol", ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "AVAXUSDT", "DOGEUSDT"]
)
def test_flags_on_real_bars_equal_those_by_hand(name, symbol):
    timeframe = catalogue.load(name).timeframe
    path = shared_dir("data", "market", "binance-perp", f"{symbol}-{timeframe}.parquet")
    frame = pl.read_parquet(path).tail(LAST)
    columns = {key: frame[key].to_numpy() for key in ("open", "high", "low", "close", "volume")}
    ts = frame["timestamp"].to_physical().to_numpy().astype(np.int64)
    bars = Bars(symbol, timeframe_ms(timeframe), ts, **columns)
    assert differences(name, bars) == []
