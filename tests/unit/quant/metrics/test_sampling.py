"""One value a UTC day, whatever the bars; gaps stay gaps."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.quant.metrics.sampling import period_ends, period_returns, periods_per_year, sampled_returns


def plain_ends(ts: np.ndarray, span_ms: int) -> list[int]:
    if span_ms >= DAY_MS:
        return list(range(len(ts)))
    return list({int(stamp) // DAY_MS: at for at, stamp in enumerate(ts)}.values())


@pytest.mark.parametrize("span", [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 16 * HOUR_MS, DAY_MS, 2 * DAY_MS])
@pytest.mark.parametrize("seed", range(4))
def test_ends_of_bars_with_gaps_equal_a_plain_grouping(span: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ts = 1_700_000_000_000 // span * span + span * np.arange(700)
    ts = ts[rng.random(len(ts)) > 0.2 * (seed % 3)]
    ts = np.delete(ts, np.s_[100:250]) if seed > 1 else ts
    assert period_ends(ts, span).tolist() == plain_ends(ts, span)


def test_the_bar_that_closes_at_midnight_ends_its_day() -> None:
    ts = HOUR_MS * np.arange(49)
    assert period_ends(ts, HOUR_MS).tolist() == [23, 47, 48]


def test_no_bars_have_no_ends() -> None:
    empty = np.empty(0, np.int64)
    assert len(period_ends(empty, HOUR_MS)) == 0
    assert len(period_ends(empty, DAY_MS)) == 0


def test_the_first_return_is_measured_from_the_capital() -> None:
    equity = np.array([110.0, 99.0])
    assert period_returns(equity, np.arange(2), 100.0) == pytest.approx([0.1, -0.1])


def test_returns_end_with_the_ruin_of_the_account() -> None:
    equity = np.array([50.0, -10.0, 20.0, 30.0])
    assert period_returns(equity, np.arange(4), 100.0) == pytest.approx([-0.5, -1.2])


def test_a_year_has_365_days_and_longer_bars_fewer_periods() -> None:
    assert periods_per_year(MINUTE_MS) == periods_per_year(DAY_MS) == 365.0
    assert periods_per_year(5 * DAY_MS) == 73.0


def test_sampled_returns_carry_the_start_of_their_day() -> None:
    ts = 5 * DAY_MS + HOUR_MS * np.arange(30, 60)
    equity = np.linspace(101.0, 130.0, 30)
    stamps, returns = sampled_returns(equity, ts, capital=100.0, span_ms=HOUR_MS)
    assert stamps.tolist() == [6 * DAY_MS, 7 * DAY_MS]
    assert returns == pytest.approx([0.18, 130 / 118 - 1])


def test_bars_of_one_day_and_of_one_hour_give_the_same_returns() -> None:
    equity = 100.0 * np.cumprod(1 + np.random.default_rng(3).normal(0, 0.01, 240))
    hours = HOUR_MS * np.arange(240)
    fine = sampled_returns(equity, hours, capital=100.0, span_ms=HOUR_MS)
    coarse = sampled_returns(equity[23::24], hours[::24], capital=100.0, span_ms=DAY_MS)
    assert np.array_equal(fine[0], coarse[0])
    assert np.array_equal(fine[1], coarse[1])
