"""Every field of the record against an independent figure, and the record's corner cases."""

from __future__ import annotations

import dataclasses
import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import empyrical
import numpy as np
import pytest

from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS, parse_time
from vigie.quant.metrics.score import score
from vigie.quant.metrics.summary import Summary, summarise
from vigie.quant.metrics.trades import TradeColumns

DOCS = Path(__file__).resolve().parents[4] / "docs" / "metrics.md"


def account(seed: int = 7, days: int = 400, n: int = 60) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    bars = days * 24
    pnl = rng.normal(5, 100, n)
    return {
        "equity": 10_000.0 * np.cumprod(1 + rng.normal(2e-5, 0.004, bars)),
        "ts": parse_time("2023-01-01") + HOUR_MS * np.arange(bars),
        "capital": 10_000.0,
        "trades": TradeColumns(
            pnl=pnl,
            return_pct=pnl / 90,
            fees=rng.uniform(1, 5, n),
            funding=rng.normal(0, 2, n),
            slippage=rng.uniform(0, 3, n),
            bars_held=rng.integers(1, 60, n),
            mae_pct=-rng.uniform(0, 5, n),
            mfe_pct=rng.uniform(0, 5, n),
            notional=rng.uniform(1e4, 9e4, n),
        ),
        "span_ms": HOUR_MS,
        "market": 100.0 * np.cumprod(1 + rng.normal(0, 0.005, bars)),
        "hold": np.linspace(10_000, 13_000, bars),
    }


def independent(given: dict) -> dict[str, float]:
    equity, trades, capital = given["equity"], given["trades"], given["capital"]
    daily = equity[23::24]
    returns = np.diff(daily, prepend=capital) / np.concatenate(([capital], daily[:-1]))
    market = given["market"][23::24]
    moves = market[1:] / market[:-1] - 1
    beta = np.cov(returns[1:], moves)[0, 1] / moves.var(ddof=1)
    underwater = daily / np.maximum.accumulate(np.concatenate(([capital], daily)))[1:] - 1
    depth = (equity / np.maximum(np.maximum.accumulate(equity), capital)).min() - 1
    cagr = (equity[-1] / capital) ** (365 / len(daily)) - 1
    pnl, pct = trades.pnl, trades.return_pct
    win, loss = pnl[pnl > 0], -pnl[pnl < 0]
    signs = "".join("+" if x > 0 else "-" for x in pnl)
    p = len(win) / len(pnl)
    centred = returns - returns.mean()
    m2 = (centred**2).mean()
    n = len(returns)
    g2 = (centred**4).mean() / m2**2 - 3
    return {
        "capital": capital,
        "final_equity": equity[-1],
        "total_return": equity[-1] / capital - 1,
        "cagr": cagr,
        "volatility": returns.std(ddof=1) * math.sqrt(365),
        "sharpe": empyrical.sharpe_ratio(returns, annualization=365),
        "sortino": empyrical.sortino_ratio(returns, annualization=365),
        "omega": empyrical.omega_ratio(returns, annualization=1),
        "skew": math.sqrt(n * (n - 1)) / (n - 2) * (centred**3).mean() / m2**1.5,
        "kurtosis": (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6),
        "var_95": empyrical.value_at_risk(returns),
        "cvar_95": empyrical.conditional_value_at_risk(returns),
        "tail_ratio": empyrical.tail_ratio(returns),
        "ulcer_index": math.sqrt((underwater**2).sum() / (n - 1)),
        "max_drawdown": depth,
        "calmar": cagr / -depth,
        "trades": len(pnl),
        "win_rate": p,
        "profit_factor": win.sum() / loss.sum(),
        "expectancy": pnl.mean(),
        "payoff": win.mean() / loss.mean(),
        "winning_streak": max(map(len, signs.split("-"))),
        "losing_streak": max(map(len, signs.split("+"))),
        "best_trade": pnl.max(),
        "worst_trade": pnl.min(),
        "sqn": math.sqrt(len(pct)) * pct.mean() / pct.std(ddof=1),
        "kelly": p - (1 - p) / (win.mean() / loss.mean()),
        "fees": trades.fees.sum(),
        "funding": trades.funding.sum(),
        "slippage": trades.slippage.sum(),
        "turnover": trades.notional.sum() / daily.mean() / (len(daily) / 365),
        "bars_held": trades.bars_held.mean(),
        "mae_pct": trades.mae_pct.mean(),
        "worst_mae_pct": trades.mae_pct.min(),
        "mfe_pct": trades.mfe_pct.mean(),
        "worst_mfe_pct": trades.mfe_pct.min(),
        "exposure": trades.bars_held.sum() / len(equity),
        "buy_hold_return": 0.3,
        "beta": beta,
        "alpha": (returns[1:].mean() - beta * moves.mean()) * 365,
        "periods": n,
        "years": n / 365,
    }


def test_every_field_equals_an_independent_figure() -> None:
    given = account()
    ours = dataclasses.asdict(summarise(**given))
    expected = independent(given)
    times = {name for name in ours if name.startswith(("drawdown_", "longest_"))}
    assert set(expected) == set(ours) - times
    assert {name: ours[name] for name in expected} == pytest.approx(expected, rel=1e-9)


def test_dates_of_the_drawdown_are_whole_milliseconds_of_real_closes() -> None:
    given = account()
    ours = summarise(**given)
    trough = int(np.searchsorted(given["ts"], ours.drawdown_trough_ts - HOUR_MS))
    start = int(np.searchsorted(given["ts"], ours.drawdown_start_ts - HOUR_MS))
    assert isinstance(ours.drawdown_trough_ts, int)
    assert given["equity"][trough] / given["equity"][start] - 1 == pytest.approx(ours.max_drawdown)
    end = given["ts"][-1] + HOUR_MS if ours.drawdown_recovery_ts is None else ours.drawdown_recovery_ts
    assert ours.drawdown_ms == end - ours.drawdown_start_ts


def test_a_run_without_bars_says_so_instead_of_zero() -> None:
    ours = summarise(np.empty(0), np.empty(0, np.int64), 100.0, span_ms=HOUR_MS)
    assert (ours.final_equity, ours.total_return, ours.trades, ours.periods) == (100.0, 0.0, 0, 0)
    undefined = (
        "cagr",
        "sharpe",
        "max_drawdown",
        "calmar",
        "exposure",
        "turnover",
        "alpha",
        "buy_hold_return",
    )
    assert all(math.isnan(getattr(ours, name)) for name in undefined)


def test_an_account_that_never_traded_is_flat_and_has_no_ratios() -> None:
    ours = summarise(np.full(480, 100.0), HOUR_MS * np.arange(480), 100.0, span_ms=HOUR_MS)
    assert (ours.total_return, ours.cagr, ours.volatility, ours.max_drawdown) == (0.0, 0.0, 0.0, 0.0)
    assert (ours.exposure, ours.turnover, ours.fees) == (0.0, 0.0, 0.0)
    assert ours.drawdown_start_ts is None
    assert math.isnan(ours.sharpe)
    assert math.isnan(ours.calmar)


def test_bars_in_position_replace_the_sum_of_bars_held() -> None:
    given = account()
    assert summarise(**given, bars_in_position=960).exposure == pytest.approx(0.1)


def test_exposure_from_bars_held_never_exceeds_all_bars() -> None:
    trades = TradeColumns(pnl=np.ones(2), bars_held=np.array([8.0, 8.0]))
    ours = summarise(np.full(10, 100.0), DAY_MS * np.arange(10), 100.0, trades, span_ms=DAY_MS)
    assert ours.exposure == 1.0


def test_arrays_that_may_not_be_written_or_are_views_are_welcome() -> None:
    given = account()
    plain = summarise(**given)
    equity = np.repeat(given["equity"], 2)[::2]
    locked = given["ts"].copy()
    locked.flags.writeable = False
    assert summarise(**{**given, "equity": equity, "ts": locked}) == plain


def test_arrays_of_different_lengths_and_no_capital_are_refused() -> None:
    given = account()
    with pytest.raises(UsageError, match="of one length, were 9600, 9599"):
        summarise(**{**given, "ts": given["ts"][1:]})
    with pytest.raises(UsageError, match="capital must be > 0, was 0"):
        summarise(**{**given, "capital": 0.0})


def test_the_score_of_a_sweep_equals_the_summary() -> None:
    given = account()
    whole = summarise(**given)
    short = score(given["equity"], given["ts"], given["capital"], given["trades"].pnl, span_ms=HOUR_MS)
    for field in dataclasses.fields(short):
        assert getattr(short, field.name) == getattr(whole, field.name), field.name


def test_every_figure_is_explained_in_the_docs() -> None:
    text = DOCS.read_text(encoding="utf-8")
    missing = [field.name for field in dataclasses.fields(Summary) if f"`{field.name}`" not in text]
    assert not missing


def test_results_without_compilation_are_the_same_to_the_last_bit(tmp_path: Path) -> None:
    given = account(days=60)
    (tmp_path / "given").write_bytes(pickle.dumps(given))
    program = (
        "import pickle, sys; from dataclasses import astuple;"
        "from vigie.quant.metrics.summary import summarise;"
        "given = pickle.load(open(sys.argv[1], 'rb'));"
        "print([v and float(v).hex() for v in astuple(summarise(**given))])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "given")],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    ours = [value and float(value).hex() for value in dataclasses.astuple(summarise(**given))]
    assert answer.stdout.strip() == str(ours)
