"""Buy and hold by hand; alpha and beta against quantstats."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.lazily import Lazy
from vigie.quant.metrics.benchmark import buy_and_hold, market_figures

pd, qs = Lazy("pandas"), Lazy("quantstats.stats")


def test_holding_pays_fee_and_slippage_on_both_sides() -> None:
    equity = buy_and_hold(
        np.array([100.0, 110.0, 120.0]),
        np.array([110.0, 120.0, 150.0]),
        capital=1_000.0,
        taker=0.001,
        slippage_bps=10.0,
    )
    quantity = 1_000.0 / (100.0 * 1.001 * 1.001)
    assert equity == pytest.approx([110 * quantity, 120 * quantity, 150 * quantity * 0.999 * 0.999])


def test_holding_without_costs_follows_the_price() -> None:
    close = np.array([90.0, 130.0])
    equity = buy_and_hold(np.array([100.0, 90.0]), close, capital=100.0, taker=0.0, slippage_bps=0.0)
    assert equity == pytest.approx(close)
    assert close.tolist() == [90.0, 130.0]


def test_holding_nothing_has_no_curve() -> None:
    assert len(buy_and_hold(np.empty(0), np.empty(0), capital=1.0, taker=0.0, slippage_bps=0.0)) == 0


@pytest.mark.parametrize("seed", range(6))
def test_alpha_and_beta_equal_quantstats(seed: int) -> None:
    rng = np.random.default_rng(seed)
    moves = rng.normal(0, 0.03, 300)
    returns = 0.6 * moves + rng.normal(0.001, 0.01, 300)
    market = 100.0 * np.cumprod(1 + moves)
    alpha, beta = market_figures(returns, market, np.arange(300), 365.0)
    index = pd.date_range("2022-01-01", periods=299)
    greeks = qs.greeks(
        pd.Series(returns[1:], index=index),
        pd.Series(moves[1:], index=index),
        periods=365,
        prepare_returns=False,
    )
    assert beta == pytest.approx(greeks["beta"], rel=1e-9)
    assert alpha == pytest.approx(greeks["alpha"], rel=1e-9)


def test_periods_without_a_market_price_are_left_out() -> None:
    rng = np.random.default_rng(1)
    market = 100.0 * np.cumprod(1 + rng.normal(0, 0.03, 60))
    returns = rng.normal(0, 0.02, 60)
    market[:20] = math.nan
    ends = np.arange(60)
    assert market_figures(returns, market, ends, 365.0) == pytest.approx(
        market_figures(returns[20:], market[20:], ends[:40], 365.0)
    )


def test_no_market_or_a_market_at_rest_has_neither_alpha_nor_beta() -> None:
    returns = np.array([0.01, 0.02, -0.01, 0.0])
    for market in (np.empty(0), np.full(4, 100.0), np.array([1.0, 2.0, math.nan, 3.0])):
        assert all(math.isnan(value) for value in market_figures(returns, market, np.arange(4), 365.0))
