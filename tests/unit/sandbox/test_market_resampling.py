"""Coarser bars agree with the finer ones they are made of."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS, MINUTE_MS, timeframe_ms
from vigie_sandbox.market import Gaps, resample, simulate_market

START = 1_704_067_200_000


def slow_resample(bars: Bars, span: int) -> list[tuple[float, ...]]:
    groups: dict[int, list[int]] = {}
    for i, ts in enumerate(bars.ts.tolist()):
        groups.setdefault(ts // span * span, []).append(i)
    end = bars.ts[-1] + bars.span_ms
    return [
        (
            ts,
            bars.open[rows[0]],
            max(bars.high[i] for i in rows),
            min(bars.low[i] for i in rows),
            bars.close[rows[-1]],
            sum(bars.volume[i] for i in rows),
        )
        for ts, rows in groups.items()
        if ts + span <= end
    ]


@pytest.mark.parametrize("timeframe", ["2h", "4h", "1d"])
def test_each_coarse_bar_is_the_sum_of_its_hours_gaps_included(timeframe: str) -> None:
    gaps = Gaps(listing_days=3, outages_per_year=300)
    fine = simulate_market(3, ["SOL"], START, 1_001, "15m", gaps=gaps).bars("SOL")
    assert len(fine.gaps)
    coarse = resample(fine, timeframe)
    rows = np.array(slow_resample(fine, timeframe_ms(timeframe)))
    for column, name in enumerate(("ts", "open", "high", "low", "close")):
        assert np.array_equal(getattr(coarse, name), rows[:, column])
    np.testing.assert_allclose(coarse.volume, rows[:, 5], rtol=1e-12)


def test_days_made_of_hours_and_of_four_hours_are_equal() -> None:
    market = simulate_market(3, ["BTC"], START, 2_400, "1h")
    direct, stepwise = market.bars("BTC", "1d"), resample(market.bars("BTC", "4h"), "1d")
    for name in ("ts", "open", "high", "low", "close"):
        assert np.array_equal(getattr(direct, name), getattr(stepwise, name))
    np.testing.assert_allclose(direct.volume, stepwise.volume, rtol=1e-12)
    assert len(direct) == 100


def test_an_unfinished_last_bar_is_left_out() -> None:
    market = simulate_market(3, ["BTC"], START, 27, "1h")
    assert market.bars("BTC", "4h").ts[-1] == START + 20 * HOUR_MS
    assert len(market.bars("BTC", "1d")) == 1


def test_a_market_that_starts_inside_a_bar_keeps_the_part_it_has() -> None:
    market = simulate_market(3, ["BTC"], START + 30 * MINUTE_MS, 60, "1m")
    hours = market.bars("BTC", "1h")
    assert hours.ts.tolist() == [START]
    assert hours.open[0] == market.bars("BTC").open[0]


def test_the_same_coarse_bars_are_given_again() -> None:
    market = simulate_market(3, ["BTC"], START, 100, "1h")
    assert market.bars("BTC", "4h") is market.bars("btc-usdt-perp", "4h")
    assert market.bars("BTC", "1h") is market.bars("BTC")


def test_a_finer_timeframe_is_refused() -> None:
    market = simulate_market(3, ["BTC"], START, 100, "4h")
    with pytest.raises(UsageError, match="timeframe must be a multiple of 4h, was 1h"):
        market.bars("BTC", "1h")
    with pytest.raises(UsageError, match="timeframe must be a multiple of 4h, was 6h"):
        market.bars("BTC", "6h")
