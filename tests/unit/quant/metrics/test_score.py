"""The short form for sweeps in its corner cases; its figures are compared with the summary's elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.quant.metrics.score import score, score_figures
from vigie.quant.metrics.summary import summarise
from vigie.quant.metrics.trades import TradeColumns


def test_no_bars_and_no_trades_are_undefined() -> None:
    ours = score(np.empty(0), np.empty(0, np.int64), 100.0, np.empty(0), span_ms=HOUR_MS)
    assert (ours.total_return, ours.trades) == (0.0, 0)
    assert all(
        math.isnan(value) for value in (ours.sharpe, ours.max_drawdown, ours.win_rate, ours.profit_factor)
    )


def test_a_ruined_account_scores_like_its_summary() -> None:
    equity = np.array([90.0, 20.0, -5.0, -5.0, 3.0])
    ts = DAY_MS * np.arange(5)
    pnl = np.array([-10.0, -70.0, -25.0])
    whole = summarise(equity, ts, 100.0, TradeColumns(pnl=pnl), span_ms=DAY_MS)
    short = score(equity, ts, 100.0, pnl, span_ms=DAY_MS)
    assert short.sharpe == whole.sharpe
    assert short.max_drawdown == whole.max_drawdown == pytest.approx(-1.05)


def test_gains_only_have_an_infinite_profit_factor() -> None:
    ours = score(
        np.array([110.0, 120.0]), DAY_MS * np.arange(2), 100.0, np.array([10.0, 10.0]), span_ms=DAY_MS
    )
    assert (ours.profit_factor, ours.win_rate, ours.max_drawdown) == (math.inf, 1.0, 0.0)


def test_figures_come_in_the_order_of_the_record() -> None:
    figures = score_figures(np.array([110.0, 99.0]), np.arange(2), 100.0, np.array([10.0, -11.0]), 365.0)
    assert figures[0] == pytest.approx(-0.01)
    assert figures[2] == pytest.approx(-0.1)
    assert figures[3:] == pytest.approx((2.0, 0.5, 10 / 11))
