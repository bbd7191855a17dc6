"""Numbers of an asset against what one computes by hand, and NaN where they are not known."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest

from tests.lazily import Lazy
from tests.unit.intelligence.market.material import START, bars, hours, walk
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.metrics import (
    COLUMNS,
    AssetMetrics,
    columns_of,
    measure,
    rank_values,
    with_day_in_progress,
)

talib = Lazy("talib")


def quote(last, ts, **more):
    """Return a quote of one instrument."""
    return Quote("bitget-perp", "abc-usdt-perp", ts, ts, last, **more)


def test_nothing_known_is_nan_everywhere():
    measured = measure("abc", "ABC")
    assert all(math.isnan(getattr(measured, name)) for name in COLUMNS)
    assert measured.ts == 0


def test_changes_refer_to_the_close_one_span_before_the_newest_price():
    close = np.arange(1.0, 201.0)
    measured = measure("abc", "ABC", hourly=hours(close))
    assert measured.ts == START + 200 * HOUR_MS
    assert measured.change_1h == pytest.approx(200 / 199 - 1)
    assert measured.change_24h == pytest.approx(200 / 176 - 1)
    assert measured.change_7d == pytest.approx(200 / 32 - 1)


def test_the_quote_is_newer_than_the_bars():
    end = START + 200 * HOUR_MS
    measured = measure("abc", "ABC", hourly=hours(np.full(200, 100.0)), quote=quote(110.0, end + 60_000))
    assert (measured.price, measured.ts) == (110.0, end + 60_000)
    assert measured.change_1h == pytest.approx(0.1)


def test_what_the_venue_says_of_the_day_is_kept():
    measured = measure(
        "abc", "ABC", hourly=hours(np.full(200, 100.0)),
        quote=quote(110.0, START + 201 * HOUR_MS, change_24h=0.07, volume_24h=5e6),
    )  # fmt: skip
    assert (measured.change_24h, measured.volume_24h) == (0.07, 5e6)


def test_a_hole_at_the_reference_leaves_the_change_unknown():
    ts = START + HOUR_MS * np.array([*range(100), *range(130, 150)])
    measured = measure("abc", "ABC", hourly=hours(np.full(120, 100.0), ts=ts))
    assert math.isnan(measured.change_24h)
    assert measured.change_1h == 0.0


def test_old_daily_bars_give_no_change_of_a_day():
    daily = bars(np.full(60, 100.0))
    measured = measure("abc", "ABC", daily=daily, quote=quote(110.0, START + 60 * DAY_MS + 11 * HOUR_MS))
    assert math.isnan(measured.change_24h)
    assert measured.change_30d == pytest.approx(0.1)
    at_close = measure("abc", "ABC", daily=daily)
    assert at_close.change_24h == 0.0


def test_distances_and_new_highs_of_a_month_and_a_year():
    close = np.full(400, 100.0)
    close[50] = 300.0
    close[380] = 150.0
    daily = bars(close, width=0.0)
    measured = measure("abc", "ABC", daily=daily, quote=quote(160.0, START + 400 * DAY_MS))
    assert measured.from_high_30d == 0.0
    assert measured.new_high_30d == 1.0
    assert measured.from_high_1y == pytest.approx(160 / 300 - 1)
    assert measured.new_high_1y == 0.0
    assert measured.from_low_1y == pytest.approx(0.6)
    assert measured.new_low_30d == 0.0


def test_distances_of_a_year_need_a_year():
    measured = measure("abc", "ABC", daily=bars(np.full(364, 100.0)))
    assert math.isnan(measured.from_high_1y)
    assert measured.from_high_30d < 0


def test_indicators_equal_ta_lib_at_the_last_closed_day():
    daily = bars(walk(400))
    measured = measure("abc", "ABC", daily=daily)
    close, high, low = daily.close, daily.high, daily.low
    assert measured.rsi_14 == pytest.approx(talib.RSI(close, 14)[-1], rel=1e-9)
    assert measured.adx_14 == pytest.approx(talib.ADX(high, low, close, 14)[-1], rel=1e-9)
    assert measured.atr_fraction == pytest.approx(talib.ATR(high, low, close, 14)[-1] / close[-1], rel=1e-9)
    assert measured.sma_50_distance == pytest.approx(close[-1] / close[-50:].mean() - 1)
    assert measured.sma_50_over_200 == pytest.approx(close[-50:].mean() / close[-200:].mean() - 1)
    assert measured.sma_50_slope == pytest.approx(close[-50:].mean() / close[-60:-10].mean() - 1)
    returns = np.diff(np.log(close))[-30:]
    assert measured.volatility_30d == pytest.approx(returns.std(ddof=1) * np.sqrt(365))


def test_stretch_is_told_in_ranges_and_against_its_year():
    daily = bars(walk(400))
    measured = measure("abc", "ABC", daily=daily, quote=quote(daily.close[-1] * 2, START + 400 * DAY_MS))
    reach = talib.ATR(daily.high, daily.low, daily.close, 14)[-1]
    assert measured.stretch_atr == pytest.approx((daily.close[-1] * 2 - daily.close[-20:].mean()) / reach)
    assert measured.stretch_percentile == 1.0


def test_percentiles_need_half_a_year():
    measured = measure("abc", "ABC", daily=bars(walk(150)))
    assert math.isnan(measured.stretch_percentile)
    assert not math.isnan(measured.stretch_atr)


def test_volume_of_a_day_against_its_month():
    daily = bars(np.full(60, 100.0), volume=10.0)
    measured = measure("abc", "ABC", daily=daily, facts={"volume_24h": 3000.0})
    assert measured.volume_24h == 3000.0
    measured = measure("abc", "ABC", daily=daily, quote=quote(100.0, START + 60 * DAY_MS, volume_24h=3000.0))
    assert measured.volume_ratio == pytest.approx(3.0)


def test_volume_of_the_last_24_hours_comes_from_the_bars():
    measured = measure("abc", "ABC", hourly=hours(np.full(48, 2.0), volume=10.0))
    assert measured.volume_24h == pytest.approx(480.0)


def test_spread_funding_and_open_interest_come_from_the_quote():
    said = {"bid": 99.99, "ask": 100.01, "funding_rate": 0.0001, "funding_hours": 1.0}
    measured = measure("abc", "ABC", quote=quote(100.0, 1, open_interest=50.0, mark=101.0, **said))
    assert measured.spread_bps == pytest.approx(2.0)
    assert measured.funding_8h == pytest.approx(0.0008)
    assert measured.open_interest == pytest.approx(5050.0)


def test_facts_fill_what_is_missing_and_never_what_is_known():
    facts = {"price": 5.0, "market_cap": 1e9, "funding_8h": 0.2, "rsi_14": 99.0}
    measured = measure("abc", "ABC", quote=quote(100.0, 1), facts=facts)
    assert (measured.price, measured.market_cap, measured.funding_8h) == (100.0, 1e9, 0.2)
    assert math.isnan(measured.rsi_14)
    assert measure("abc", "ABC", facts=facts).price == 5.0


def test_columns_are_arrays_over_assets():
    table = columns_of([measure("a", "A", facts={"price": 1.0}), measure("b", "B")])
    assert set(table) == {f.name for f in fields(AssetMetrics)} - {"asset", "symbol", "ts"}
    np.testing.assert_array_equal(table["price"], [1.0, np.nan])


def test_ranks_count_from_the_largest():
    np.testing.assert_array_equal(rank_values(np.array([5.0, np.nan, 9.0, 5.0])), [2, np.nan, 1, 3])


def test_the_day_in_progress_counts_in_every_daily_number():
    daily = bars(walk(260))
    start = int(daily.ts[-1]) + DAY_MS
    last = float(daily.close[-1])
    fallen = last * 0.89
    hourly = hours(np.array([last, last * 0.99]), ts=np.array([start, start + HOUR_MS]))
    now = quote(fallen, start + 2 * HOUR_MS + 60_000)
    before = measure("abc", "ABC", daily=daily)
    after = measure("abc", "ABC", daily=daily, hourly=hourly, quote=now)
    running = with_day_in_progress(daily, hourly, fallen, now.ts_event)
    assert (len(running), running.open[-1], running.close[-1]) == (261, last, fallen)
    assert running.low[-1] == fallen < hourly.low.min()
    assert after.volatility_30d > before.volatility_30d
    assert after.volatility_percentile > before.volatility_percentile
    assert after.atr_fraction * after.price > before.atr_fraction * before.price
    assert after.rsi_14 < before.rsi_14
    assert after.adx_14 == pytest.approx(talib.ADX(running.high, running.low, running.close, 14)[-1])
    assert after.sma_50 == pytest.approx(float(np.mean(running.close[-50:])))


def test_a_day_that_has_just_begun_changes_no_range():
    daily = bars(walk(260))
    start, last = int(daily.ts[-1]) + DAY_MS, float(daily.close[-1])
    before = measure("abc", "ABC", daily=daily)
    after = measure("abc", "ABC", daily=daily, quote=quote(last, start + 1_000))
    assert after.atr_fraction == pytest.approx(before.atr_fraction)


def test_an_old_day_is_not_in_progress():
    daily = bars(walk(260))
    late = int(daily.ts[-1]) + 3 * DAY_MS
    assert with_day_in_progress(daily, None, 100.0, late) is daily
    assert with_day_in_progress(daily, None, math.nan, late) is daily
