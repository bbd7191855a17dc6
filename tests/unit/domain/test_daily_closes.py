"""When two histories are one: by their daily returns, whatever the scale, timeframe, gaps or cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.tried import DAY_ONE, walk
from tests.unit.research.material import HOUR, history
from vigie.domain.bar import Bars
from vigie.domain.daily_closes import (
    DailyCloses,
    compute_daily_closes,
    is_continuation,
    is_same_history,
    match_histories,
    merge_closings,
)
from vigie.domain.time import DAY_MS


def closings(closes: np.ndarray, first: int = 0) -> DailyCloses:
    return DailyCloses(DAY_ONE + first, closes.astype(np.float32))


def coarser(bars: Bars, count: int) -> Bars:
    """Bars of `count` times the span."""
    n = len(bars) // count * count
    fold = [column[:n].reshape(-1, count) for column in (bars.ts, bars.open, bars.high, bars.low, bars.close)]
    ts, open_, high, low, close = fold
    return Bars(bars.instrument, bars.span_ms * count, ts[:, 0], open_[:, 0], high.max(axis=1), low.min(axis=1),
                close[:, -1], np.ones(n // count), venue=bars.venue)  # fmt: skip


def test_every_timeframe_has_the_same_closes_by_day():
    hourly = history(24 * 50, span=HOUR)
    days = compute_daily_closes(hourly)
    assert days.days == 50
    assert days.first_day == hourly.ts[0] // DAY_MS
    np.testing.assert_array_equal(days.closes, hourly.close[23::24].astype(np.float32))
    for count in (2, 4, 24):
        found = compute_daily_closes(coarser(hourly, count))
        assert found.first_day == days.first_day
        np.testing.assert_array_equal(found.closes, days.closes)


def test_a_day_without_bars_has_no_close():
    bars = history(24 * 10, span=HOUR)
    keep = np.r_[0:48, 96:240]
    holed = Bars(
        "", HOUR, *(getattr(bars, name)[keep] for name in ("ts", "open", "high", "low", "close", "volume"))
    )
    found = compute_daily_closes(holed)
    assert np.isnan(found.closes).tolist() == [False] * 2 + [True] * 2 + [False] * 6
    assert is_same_history(compute_daily_closes(history(1).slice(0, 0)), found) is None


def test_weekly_bars_are_compared_over_weeks():
    daily = history(7 * 40, span=24 * HOUR)
    weekly = compute_daily_closes(coarser(daily, 7))
    assert weekly.days == 40
    assert is_same_history(compute_daily_closes(daily), weekly)
    assert is_same_history(compute_daily_closes(history(7 * 40, span=24 * HOUR, seed=9)), weekly) is False


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1_234.5])
@pytest.mark.parametrize(("begin", "end"), [(0, 500), (0, 60), (200, 260), (440, 500)])
def test_scale_and_cut_make_no_other_history(scale: float, begin: int, end: int):
    closes = walk()
    assert is_same_history(closings(closes), closings(closes[begin:end] * scale, begin))


def test_half_of_thirty_shared_days_must_agree():
    closes = walk(61)
    for agreeing, expected in ((30, True), (31, True), (29, False)):
        returns = closes[1:] / closes[:-1]
        returns[agreeing:] += 0.0021 * np.sign(np.arange(len(returns) - agreeing) % 2 - 0.5)
        other = closes[0] * np.concatenate(([1.0], np.cumprod(returns)))
        assert is_same_history(closings(closes), closings(other)) is expected


def test_another_venue_is_the_same_history_and_another_market_is_not():
    closes, rng = walk(), np.random.default_rng(5)
    other_venue = closes * np.exp(rng.normal(0.0, 0.0003, len(closes)))
    assert is_same_history(closings(closes), closings(other_venue))
    strangers = [closings(walk(seed=seed)) for seed in range(1, 200)]
    assert {is_same_history(closings(closes), one) for one in strangers} == {False}
    assert is_same_history(closings(closes), closings(closes, 1)) is False, (
        "moved by a day it is not the same days"
    )


def test_fewer_days_are_compared_by_content():
    closes = walk()
    whole = closings(closes)
    assert is_same_history(whole, closings(closes[100:129], 100)) is True
    assert is_same_history(whole, closings(closes[100:129] * 2.0, 100)) is None
    assert is_same_history(whole, closings(walk(seed=1)[100:129], 100)) is None
    assert is_same_history(whole, closings(closes[100:130] * 2.0, 100)) is True
    assert is_same_history(closings(closes[:50]), closings(closes[50:], 50)) is None
    unfinished = closes[100:110].copy()
    unfinished[-1] *= 1.01
    assert is_same_history(whole, closings(unfinished, 100)) is True


def test_days_of_the_same_prices_are_kept_as_one_series():
    closes = walk(100)
    early, late = closings(closes[:60]), closings(closes[40:], 40)
    assert is_continuation(early, late)
    assert not is_continuation(early, replace(late, closes=late.closes * 2))
    assert not is_continuation(closings(closes[:60]), closings(closes[60:], 60))
    unfinished = DailyCloses(early.first_day, np.append(early.closes[:-1], np.float32(1.0)))
    for one, other in ((unfinished, late), (late, unfinished)):
        np.testing.assert_array_equal(merge_closings(one, other).closes, closes.astype(np.float32))


def test_many_histories_are_compared_as_each_alone():
    rng = np.random.default_rng(0)
    closes = walk(300)
    known = []
    for seed in range(300):
        mixed = np.where(rng.random(300) < rng.random(), closes, walk(300, seed)) * rng.choice([1.0, 3.0])
        mixed[rng.random(300) < rng.choice([0.0, 0.0, 0.3])] = np.nan
        begin, end = np.sort(rng.integers(0, 301, 2))
        known.append(closings(mixed[begin:end], int(begin)))
    for other in (closings(closes), closings(np.where(np.arange(300) % 7 == 0, closes, np.nan))):
        alone = [is_same_history(one, other) for one in known]
        assert match_histories(known, other) == alone
        assert {True, False, None} <= set(alone)
