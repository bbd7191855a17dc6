"""The proof that noise is called luck and an edge is found: a small form of it, and the published table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks import coin_flips
from benchmarks.luck import TRIALS, experiment, families, main, market, sweep

import vigie
from tests.shared import ROOT


@pytest.mark.parametrize("name", ["crosses", "free", "siblings", "coins"])
def test_noise_is_called_luck_in_a_small_form_of_the_proof(name: str, home: Path):
    row = experiment(families()[name], drift=0.0, sets=12, seed=3)
    assert row.called_luck >= 0.95
    assert row.counted == TRIALS
    assert list(home.iterdir()) == []


def test_a_planted_edge_is_found_in_a_small_form_of_the_proof():
    row = experiment(families()["crosses"], drift=0.4, sets=6, seed=3)
    assert row.found == 1.0
    assert row.true_sharpe > 1.5


def test_trials_are_traded_by_the_kernel_with_costs_and_without():
    bars = market(3, 0)
    costly, free = (sweep(bars, families()[name], 0) for name in ("crosses", "free"))
    assert len(costly.rows) == len(free.rows) == TRIALS
    assert costly.refused == free.refused == 0
    single = vigie.backtest(bars, "ema_cross", params=costly.best, tick="0.0001", lot="0.0001")
    assert costly.top["sharpe"][0] == single.metrics.sharpe
    assert free.table["total_return"].mean() > costly.table["total_return"].mean()


def test_noise_knows_nothing_of_the_past_and_a_planted_market_does():
    def memory(drift: float) -> float:
        moves = [np.diff(np.log(market(5, k, drift).close)) for k in range(10)]
        weeks = [move[: len(move) // 42 * 42].reshape(-1, 42).sum(axis=1) for move in moves]
        return float(np.mean([np.corrcoef(week[1:], week[:-1])[0, 1] for week in weeks]))

    assert abs(memory(0.0)) < 0.06
    assert memory(0.3) > 0.3


def test_coins_do_not_look_ahead_and_have_nothing_in_common():
    coin = families()["coins"].strategy
    bars = market(1, 0, days=200)
    assert vigie.backtest(bars, coin, tick="0.0001", lot="0.0001").metrics.trades > 10
    drawn = np.array([coin_flips.lots(np.arange(5_000), k) for k in range(1, 21)])
    assert abs(drawn.mean() - 0.5) < 0.01
    others = np.corrcoef(drawn)[~np.eye(20, dtype=bool)]
    assert np.abs(others).max() < 0.06


def test_the_command_prints_the_table_and_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    main(["--sets", "1", "--out", str(tmp_path / "luck.json")])
    written = json.loads((tmp_path / "luck.json").read_text(encoding="utf-8"))
    assert len(written["rows"]) == len(capsys.readouterr().out.splitlines()) - 2
    assert {row["sets"] for row in written["rows"]} == {1}


def test_the_published_table_is_the_benchmarks_own():
    page = (ROOT / "docs" / "overfitting.md").read_text(encoding="utf-8")
    rows = json.loads((ROOT / "benchmarks" / "luck.json").read_text(encoding="utf-8"))["rows"]
    for row in rows:
        line = (
            f"| {row['trials']} | {row['drift']:g} | {row['true_sharpe']:.2f} | {row['sets']} "
            f"| {row['called_luck']:.1%} | {row['found']:.1%} "
            f"| {row['mean_best_sharpe']:.2f} | {row['mean_dsr']:.2f} | {row['mean_pbo']:.2f} |"
        )
        assert line in page
    noise = [row for row in rows if row["drift"] == 0]
    assert all(row["called_luck"] >= 0.95 and row["sets"] == 200 for row in noise)
    assert len(noise) == 4
    assert len(rows) == 10
