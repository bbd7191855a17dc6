"""Indicators that TA-Lib does not have, against slow loops written from their sources."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import fmean, pstdev, stdev

import numpy as np
import pytest

from tests.unit.quant.indicators.walks import walk
from vigie.domain.time import DAY_MS
from vigie.quant.indicators import registry

OURS = {name: indicator.function for name, indicator in registry().items()}
NAN = float("nan")
N_BARS = 300
COLUMNS = walk(N_BARS, seed=9)
OPEN, H, L, C, V = (COLUMNS[name].tolist() for name in ("open", "high", "low", "close", "volume"))
TS = COLUMNS["ts"].tolist()


def rolling(function, window, *series):
    """`function` of the last `window` values of each series."""
    return [
        function(*(s[i - window + 1 : i + 1] for s in series)) if i >= window - 1 else NAN
        for i in range(len(series[0]))
    ]


def agree(ours, twin):
    np.testing.assert_allclose(ours, twin, rtol=1e-9, atol=1e-12, equal_nan=True)


def wma(x, n):
    return rolling(lambda w: sum((k + 1) * value for k, value in enumerate(w)) / (n * (n + 1) / 2), n, x)


def mid_range(n):
    return rolling(lambda h, lo: (max(h) + min(lo)) / 2, n, H, L)


def true_range(i):
    return max(H[i] - L[i], abs(H[i] - C[i - 1]), abs(L[i] - C[i - 1]))


def atr(n):
    out = [NAN] * N_BARS
    out[n] = sum(true_range(i) for i in range(1, n + 1)) / n
    for i in range(n + 1, N_BARS):
        out[i] = (out[i - 1] * (n - 1) + true_range(i)) / n
    return out


def ema(x, n):
    out = [NAN] * len(x)
    out[n - 1] = sum(x[:n]) / n
    for i in range(n, len(x)):
        out[i] = out[i - 1] + 2 / (n + 1) * (x[i] - out[i - 1])
    return out


@pytest.mark.parametrize("n", [2, 9, 20])
def test_hma_when_walk_then_equal_to_twin(n):
    quick, slow = wma(C, n // 2), wma(C, n)
    raw = [2 * a - b for a, b in zip(quick, slow, strict=True)]
    agree(OURS["hma"](C, n), wma(raw, math.isqrt(n)))


def test_vwma_when_walk_then_equal_to_twin():
    twin = rolling(lambda c, v: sum(a * b for a, b in zip(c, v, strict=True)) / sum(v), 20, C, V)
    agree(OURS["vwma"](C, V, 20), twin)


def test_vwma_when_nothing_traded_then_unknown_until_something_is():
    volume = np.array(V)
    volume[50:90] = 0.0
    out = OURS["vwma"](C, volume, 20)
    assert np.flatnonzero(np.isnan(out)).tolist() == [*range(19), *range(69, 90)]


def test_bollinger_bandwidth_and_percent_b_when_walk_then_equal_to_twin():
    mean, spread = rolling(fmean, 20, C), rolling(pstdev, 20, C)
    width = [4 * s / m for m, s in zip(mean, spread, strict=True)]
    agree(OURS["bollinger_bandwidth"](C, 20, 2.0), width)
    place = [(c - (m - 2 * s)) / (4 * s) for c, m, s in zip(C, mean, spread, strict=True)]
    agree(OURS["bollinger_percent_b"](C, 20, 2.0), place)


def test_zscore_when_walk_then_equal_to_twin():
    agree(OURS["zscore"](C, 15), rolling(lambda w: (w[-1] - fmean(w)) / pstdev(w), 15, C))


def test_rank_share_when_walk_with_ties_then_equal_to_twin():
    x = np.round(np.array(C)).tolist()
    twin = rolling(lambda w: sum(a - w[-1] <= 1e-9 * max(abs(a), abs(w[-1])) for a in w) / 30, 30, x)
    agree(OURS["rank_share"](x, 30), twin)


def test_rank_share_when_values_differ_in_the_last_digit_then_they_count_as_equal():
    x = [1.0, 1.0 + 4e-10, 1.0 - 4e-10, 2.0]
    assert OURS["rank_share"](x, 3)[2] == 1.0
    assert OURS["rank_share"](x, 2).tolist()[1:] == [1.0, 1.0, 1.0]


def test_donchian_when_walk_then_equal_to_twin():
    upper, middle, lower = OURS["donchian"](H, L, 20)
    agree(upper, rolling(max, 20, H))
    agree(lower, rolling(min, 20, L))
    agree(middle, mid_range(20))


def test_keltner_when_walk_then_equal_to_twin():
    middle, half = ema(C, 20), atr(10)
    middle = [m if i >= 19 else NAN for i, m in enumerate(middle)]
    for ours, sign in zip(OURS["keltner"](H, L, C, 20, 10, 2.0), (1, 0, -1), strict=True):
        agree(ours, [m + sign * 2 * a for m, a in zip(middle, half, strict=True)])


@pytest.mark.parametrize(("n", "multiplier"), [(10, 3.0), (5, 1.0)])
def test_supertrend_when_walk_then_equal_to_twin(n, multiplier):
    # The form of ta.supertrend: a direction of -1 there is an uptrend, here it is +1.
    distance = atr(n)
    line, direction = [NAN] * N_BARS, [NAN] * N_BARS
    upper = lower = None
    for i in range(n, N_BARS):
        top = (H[i] + L[i]) / 2 + multiplier * distance[i]
        bottom = (H[i] + L[i]) / 2 - multiplier * distance[i]
        if upper is None:
            upper, lower, direction[i] = top, bottom, -1.0
        else:
            was_up = line[i - 1] != upper
            lower = bottom if bottom > lower or C[i - 1] < lower else lower
            upper = top if top < upper or C[i - 1] > upper else upper
            if was_up:
                direction[i] = -1.0 if C[i] < lower else 1.0
            else:
                direction[i] = 1.0 if C[i] > upper else -1.0
        line[i] = lower if direction[i] > 0 else upper
    ours_line, ours_direction = OURS["supertrend"](H, L, C, n, multiplier)
    assert {-1.0, 1.0} <= set(direction)
    agree(ours_line, line)
    agree(ours_direction, direction)


def test_ichimoku_when_walk_then_equal_to_twin():
    conversion, base, span = mid_range(9), mid_range(26), mid_range(52)
    a = [(x + y) / 2 for x, y in zip(conversion, base, strict=True)]
    twin = (conversion, base, [NAN] * 25 + a[:-25], [NAN] * 25 + span[:-25])
    for ours, expected in zip(OURS["ichimoku"](H, L), twin, strict=True):
        agree(ours, expected)


def test_cmf_when_walk_then_equal_to_twin():
    flow = [((c - lo) - (h - c)) / (h - lo) * v for h, lo, c, v in zip(H, L, C, V, strict=True)]
    agree(OURS["cmf"](H, L, C, V, 20), rolling(lambda f, v: sum(f) / sum(v), 20, flow, V))


def test_vwap_when_several_days_then_anchored_at_each_midnight():
    twin = []
    for i, ts in enumerate(TS):
        day = [k for k in range(i + 1) if TS[k] // DAY_MS == ts // DAY_MS]
        twin.append(sum((H[k] + L[k] + C[k]) / 3 * V[k] for k in day) / sum(V[k] for k in day))
    agree(OURS["vwap"](TS, H, L, C, V), twin)


def test_volatilities_when_walk_then_equal_to_twins():
    returns = [NAN] + [math.log(b / a) for a, b in pairwise(C)]
    twin = [stdev(returns[i - 29 : i + 1]) * math.sqrt(8760) if i >= 30 else NAN for i in range(N_BARS)]
    agree(OURS["realised_volatility"](C, 30, 8760.0), twin)
    twin = rolling(
        lambda h, lo: math.sqrt(
            sum(math.log(a / b) ** 2 for a, b in zip(h, lo, strict=True)) / (4 * 30 * math.log(2)) * 365
        ),
        30,
        H,
        L,
    )
    agree(OURS["parkinson_volatility"](H, L, 30), twin)
    terms = [
        0.5 * math.log(h / lo) ** 2 - (2 * math.log(2) - 1) * math.log(c / o) ** 2
        for o, h, lo, c in zip(OPEN, H, L, C, strict=True)
    ]
    agree(
        OURS["garman_klass_volatility"](OPEN, H, L, C, 30),
        rolling(lambda t: math.sqrt(fmean(t) * 365), 30, terms),
    )


def test_volatility_when_a_price_is_not_positive_then_unknown_until_it_has_left():
    close = np.array(C)
    close[100] = 0.0
    out = OURS["realised_volatility"](close, 30)
    assert np.flatnonzero(np.isnan(out)).tolist() == [*range(30), *range(100, 131)]


def test_pivots_when_several_days_then_from_the_day_before():
    twin = [[NAN] * N_BARS for _ in range(7)]
    for i, ts in enumerate(TS):
        before = [k for k in range(N_BARS) if TS[k] // DAY_MS == ts // DAY_MS - 1]
        if before:
            high, low, close = max(H[k] for k in before), min(L[k] for k in before), C[before[-1]]
            p = (high + low + close) / 3
            r1, s1, r2, s2 = 2 * p - low, 2 * p - high, p + high - low, p - high + low
            r3, s3 = high + 2 * (p - low), low - 2 * (high - p)
            for row, value in zip(twin, (p, r1, s1, r2, s2, r3, s3), strict=True):
                row[i] = value
    for ours, expected in zip(OURS["pivots"](TS, H, L, C), twin, strict=True):
        agree(ours, expected)


def test_pivots_when_a_day_is_missing_then_the_last_stored_day_counts():
    ts = [0, DAY_MS, 4 * DAY_MS, 5 * DAY_MS]
    pivot = OURS["pivots"](ts, [3.0, 6, 9, 9], [1.0, 2, 3, 9], [2.0, 4, 6, 9])[0]
    agree(pivot, [NAN, 2.0, 4.0, 6.0])


@pytest.mark.parametrize(("left", "right"), [(2, 2), (3, 1)])
def test_swings_when_walk_then_equal_to_twin(left, right):
    high, low = [NAN] * N_BARS, [NAN] * N_BARS
    top = bottom = NAN
    for i in range(left + right, N_BARS):
        m = i - right
        around = [k for k in range(m - left, i + 1) if k != m]
        top = H[m] if all(H[k] < H[m] for k in around) else top
        bottom = L[m] if all(L[k] > L[m] for k in around) else bottom
        high[i], low[i] = top, bottom
    ours_high, ours_low = OURS["swings"](H, L, left, right)
    agree(ours_high, high)
    agree(ours_low, low)


def test_earlier_rank_when_values_repeat_then_equal_to_a_count():
    values = [round(close, 0) for close in C]
    twin = [sum((x > y) - (x < y) for y in values[:i]) / i if i >= 30 else NAN for i, x in enumerate(values)]
    assert len(set(values)) < N_BARS / 2
    agree(OURS["earlier_rank"](values), twin)
