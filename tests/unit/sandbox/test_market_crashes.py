"""Flash crashes: a fall of minutes that mostly recovers within the hour."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.domain.time import MINUTE_MS
from vigie_sandbox.market import simulate_market
from vigie_sandbox.market.paths import CRASH_DEPTH, STATE_SIZE, _advance_crash

START = 1_577_836_800_000


def test_in_hourly_bars_a_crash_is_a_wick_with_volume() -> None:
    market = simulate_market(1, ["BTC"], START, 50_000, "1h")
    bars = market.bars("BTC")
    crashes = [crash for crash in market.crashes if crash.depth < -0.06]
    assert len(crashes) >= 5
    for crash in crashes:
        i = int(np.searchsorted(bars.ts, crash.ts))
        assert bars.ts[i] == crash.ts
        below = np.log(bars.low[i] / min(bars.open[i], bars.close[i]))
        # A crash near the end of its bar closes low and recovers in the next.
        later = max(bars.close[i], bars.close[i + 1])
        assert np.log(bars.low[i] / later) < 0.5 * crash.depth
        assert below < 0.0
        assert bars.volume[i] > 1.5 * np.median(bars.volume[max(i - 48, 0) : i])


def test_in_minute_bars_a_crash_falls_for_minutes_and_recovers_within_two_hours() -> None:
    market = simulate_market(1, ["BTC"], START, 400_000, "1m")
    bars = market.bars("BTC")
    crash = min((crash for crash in market.crashes), key=lambda crash: crash.depth)
    assert crash.depth < -0.05
    i = int(np.searchsorted(bars.ts, crash.ts))
    before = bars.close[i - 1]
    bottom = i + int(np.argmin(bars.low[i : i + 10]))
    assert bottom - i <= 4
    assert np.log(bars.low[bottom] / before) < 0.8 * crash.depth
    assert np.log(bars.close[i + 120] / before) > 0.5 * crash.depth


def test_a_crash_of_the_market_strikes_every_asset_and_one_of_an_asset_only_that() -> None:
    market = simulate_market(1, ["BTC", "ETH", "SOL"], START, 50_000, "1h")
    common = min((crash for crash in market.crashes if not crash.ticker), key=lambda crash: crash.depth)
    for ticker in market.assets:
        bars = market.bars(ticker)
        i = int(np.searchsorted(bars.ts, common.ts))
        assert np.log(bars.low[i] / bars.open[i]) < 0.8 * common.depth
    own = min((crash for crash in market.crashes if crash.ticker == "SOL"), key=lambda crash: crash.depth)
    falls = {}
    for ticker in market.assets:
        bars = market.bars(ticker)
        i = int(np.searchsorted(bars.ts, own.ts))
        falls[ticker] = np.log(bars.low[i] / bars.open[i])
    assert falls["SOL"] < 0.8 * own.depth < 2.0 * min(falls["BTC"], falls["ETH"])


@pytest.mark.parametrize("span", [1.0, 5.0, 60.0, 1_440.0])
def test_a_crash_reaches_its_depth_once_and_ends(span: float) -> None:
    state = np.zeros(STATE_SIZE)
    path = [_advance_crash(state, -0.10 if k == 0 else 0.0, 0.37, span) for k in range(400)]
    assert min(far for _, far in path) == -0.10
    assert path[-1] == (0.0, 0.0)
    assert state[CRASH_DEPTH] == 0.0
    assert all(far <= end <= 0.0 for end, far in path)


def test_crashes_are_told_in_time_order_with_bar_times() -> None:
    market = simulate_market(1, 6, START, 100_000, "15m")
    times = [crash.ts for crash in market.crashes]
    assert times == sorted(times)
    assert all(ts % (15 * MINUTE_MS) == 0 for ts in times)
    assert {crash.ticker for crash in market.crashes} <= {"", *market.assets}
    assert any(crash.depth > 0 for crash in market.crashes)
