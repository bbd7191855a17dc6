"""Laws of the figures: scale, order, bounds, and that nothing undefined becomes infinite by accident."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.quant.metrics.monthly import monthly_table
from vigie.quant.metrics.risk import deepest, tail_figures
from vigie.quant.metrics.sampling import period_ends
from vigie.quant.metrics.score import score
from vigie.quant.metrics.summary import Summary, summarise
from vigie.quant.metrics.trades import TradeColumns

LAWS = settings(derandomize=True, deadline=None, max_examples=80)
CURVES = arrays(np.float64, st.integers(0, 120), elements=st.floats(1.0, 1e6))
LOSSES = arrays(np.float64, st.integers(0, 60), elements=st.floats(-1e4, 1e4))
SPANS = st.sampled_from([HOUR_MS, 4 * HOUR_MS, DAY_MS, 7 * DAY_MS])
MAY_BE_INFINITE = {"profit_factor", "cagr", "calmar"}


def summary(equity: np.ndarray, span: int, pnl: np.ndarray, capital: float = 100.0) -> Summary:
    ts = span * np.arange(len(equity))
    return summarise(equity, ts, capital, TradeColumns(pnl=pnl, return_pct=pnl / capital), span_ms=span)


@LAWS
@given(CURVES, SPANS, LOSSES)
def test_figures_stay_in_their_bounds(equity: np.ndarray, span: int, pnl: np.ndarray) -> None:
    ours = dataclasses.asdict(summary(equity, span, pnl))
    for name, value in ours.items():
        if value is not None and name not in MAY_BE_INFINITE:
            assert not math.isinf(value), name
    assert not ours["max_drawdown"] > 0
    assert not ours["max_drawdown"] < -1
    assert not ours["cvar_95"] > ours["var_95"] + 1e-12
    assert not ours["win_rate"] > 1
    assert ours["winning_streak"] + ours["losing_streak"] <= max(len(pnl), 1)


@LAWS
@given(CURVES, SPANS, LOSSES)
def test_the_currency_does_not_matter_to_ratios(equity: np.ndarray, span: int, pnl: np.ndarray) -> None:
    # A power of two scales floats without rounding, so the laws hold exactly.
    one, other = summary(equity, span, pnl), summary(equity * 4.0, span, pnl * 4.0, 400.0)
    for name in ("total_return", "sharpe", "sortino", "max_drawdown", "profit_factor", "payoff", "var_95"):
        assert math.isclose(getattr(one, name), getattr(other, name)) or math.isnan(getattr(one, name))
    assert one.expectancy * 4 == other.expectancy or math.isnan(one.expectancy)


@LAWS
@given(CURVES, SPANS, LOSSES)
def test_the_score_is_part_of_the_summary(equity: np.ndarray, span: int, pnl: np.ndarray) -> None:
    whole = summary(equity, span, pnl)
    short = score(equity, span * np.arange(len(equity)), 100.0, pnl, span_ms=span)
    for field in dataclasses.fields(short):
        ours, theirs = getattr(short, field.name), getattr(whole, field.name)
        assert ours == theirs or (math.isnan(ours) and math.isnan(theirs)), field.name


@LAWS
@given(CURVES)
def test_the_deepest_fall_equals_its_definition(equity: np.ndarray) -> None:
    plain = min(
        (equity[k] / max(100.0, equity[: k + 1].max()) - 1 for k in range(len(equity))), default=math.nan
    )
    assert math.isclose(deepest(equity, 100.0), plain, abs_tol=1e-15) or len(equity) == 0


@LAWS
@given(arrays(np.float64, st.integers(2, 200), elements=st.sampled_from([-0.1, -0.01, 0.0, 0.0, 0.02])))
def test_tails_of_many_equal_returns_equal_numpy(returns: np.ndarray) -> None:
    var, cvar, _ = tail_figures(returns)
    ordered = np.sort(returns)
    assert math.isclose(var, np.percentile(returns, 5), abs_tol=1e-15)
    assert math.isclose(cvar, ordered[: int(0.05 * (len(returns) - 1)) + 1].mean(), abs_tol=1e-15)


@LAWS
@given(st.lists(st.integers(0, 5_000), unique=True, max_size=300), st.sampled_from([1, 4, 16, 24, 48]))
def test_each_day_with_bars_has_exactly_one_end(hours: list[int], span: int) -> None:
    ts = np.array(sorted({hour // span * span for hour in hours}), dtype=np.int64) * HOUR_MS
    ends = period_ends(ts, span * HOUR_MS)
    days = ts // DAY_MS if span < 24 else ts
    assert np.array_equal(days[ends], np.unique(days))


@LAWS
@given(CURVES, SPANS)
def test_months_compound_to_the_whole_return(equity: np.ndarray, span: int) -> None:
    table = monthly_table(equity, span * np.arange(len(equity)), 100.0)
    whole = equity[-1] / 100.0 if len(equity) else 1.0
    assert math.isclose(np.prod(1 + np.nan_to_num(table.months)), whole, rel_tol=1e-9)
    assert math.isclose(np.prod(1 + np.nan_to_num(table.totals)), whole, rel_tol=1e-9)
