"""Trade figures against quantstats, and by hand where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.lazily import Lazy
from vigie.domain.errors import UsageError
from vigie.quant.metrics.trades import TradeColumns, column_figures, outcome_figures, quality_figures

pd, qs = Lazy("pandas"), Lazy("quantstats.stats")

NAMES = (
    "trades",
    "win_rate",
    "profit_factor",
    "expectancy",
    "payoff",
    "winning_streak",
    "losing_streak",
    "best",
    "worst",
)


def outcome(*pnl: float) -> dict[str, float]:
    return dict(zip(NAMES, outcome_figures(np.array(pnl, dtype=float)), strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_outcomes_of_random_trades_equal_quantstats(seed: int) -> None:
    pnl = np.random.default_rng(seed).normal(0.002, 0.03, 200)
    ours = outcome(*pnl)
    series = pd.Series(pnl)
    assert ours["win_rate"] == pytest.approx(qs.win_rate(series, prepare_returns=False), rel=1e-9)
    assert ours["profit_factor"] == pytest.approx(qs.profit_factor(series, prepare_returns=False), rel=1e-9)
    assert ours["payoff"] == pytest.approx(qs.payoff_ratio(series, prepare_returns=False), rel=1e-9)
    assert ours["expectancy"] == pytest.approx(pnl.mean(), rel=1e-9)
    assert ours["winning_streak"] == qs.consecutive_wins(series, prepare_returns=False)
    assert ours["losing_streak"] == qs.consecutive_losses(series, prepare_returns=False)
    assert (ours["best"], ours["worst"]) == (pnl.max(), pnl.min())


@pytest.mark.parametrize("seed", range(6))
def test_quality_of_random_trades_equals_quantstats_and_tharp(seed: int) -> None:
    pct = np.random.default_rng(seed).normal(0.1, 2.0, 150)
    sqn, kelly = quality_figures(pct)
    assert sqn == pytest.approx(math.sqrt(150) * pct.mean() / pct.std(ddof=1), rel=1e-9)
    assert kelly == pytest.approx(qs.kelly_criterion(pd.Series(pct), prepare_returns=False), rel=1e-9)


def test_no_trades_are_counted_and_otherwise_undefined() -> None:
    ours = outcome()
    assert (ours["trades"], ours["winning_streak"], ours["losing_streak"]) == (0, 0, 0)
    assert all(
        math.isnan(ours[name]) for name in ("win_rate", "profit_factor", "expectancy", "payoff", "best")
    )


def test_gains_without_a_loss_have_an_infinite_profit_factor_and_no_payoff() -> None:
    ours = outcome(1.0, 2.0)
    assert ours["profit_factor"] == math.inf
    assert math.isnan(ours["payoff"])


def test_losses_without_a_gain_have_a_profit_factor_of_zero() -> None:
    assert outcome(-1.0, -2.0)["profit_factor"] == 0.0


def test_trades_of_exactly_zero_are_no_wins_and_end_both_streaks() -> None:
    ours = outcome(1.0, 1.0, 0.0, 1.0, -1.0, 0.0, -1.0, -1.0)
    assert ours["win_rate"] == pytest.approx(3 / 8)
    assert (ours["winning_streak"], ours["losing_streak"]) == (2, 2)
    assert math.isnan(outcome(0.0)["profit_factor"])


def test_quality_without_variation_or_without_a_loss_is_undefined() -> None:
    assert math.isnan(quality_figures(np.full(10, 0.5))[0])
    assert math.isnan(quality_figures(np.array([1.0, 2.0]))[1])
    assert all(math.isnan(value) for value in quality_figures(np.array([1.0])))


def test_a_column_gives_sum_mean_smallest_and_largest() -> None:
    assert column_figures(np.array([1.0, -2.0, 4.0]), 3) == (3.0, 1.0, -2.0, 4.0)


def test_a_column_that_is_not_known_is_undefined_but_without_trades_sums_to_zero() -> None:
    assert all(math.isnan(value) for value in column_figures(np.empty(0), 3))
    assert column_figures(np.empty(0), 0)[0] == 0.0


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(UsageError, match="fees must have 2 values like pnl, had 3"):
        TradeColumns(pnl=np.zeros(2), fees=np.zeros(3))
