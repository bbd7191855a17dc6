"""`vigie.sweep` and `vigie.walk_forward` from Python."""

from __future__ import annotations

import math

import pytest

import vigie
from tests.tried import counted
from tests.unit.research.material import history
from vigie.api import frame_of
from vigie.domain.errors import UsageError

GRID = "fast=4:12:4,slow=16:32:8"
STEPS = {"tick": "0.01", "lot": "0.001"}


def test_best_of_a_sweep_is_what_a_backtest_gives():
    bars = history(900)
    found = vigie.sweep(bars, "ema_cross", grid=GRID, **STEPS)
    single = vigie.backtest(bars, "ema_cross", params=found.best, **STEPS)
    assert found.top["sharpe"][0] == single.metrics.sharpe == found.table["score"].max()
    assert found.top["trades"][0] == single.metrics.trades
    assert found.best_run.log.tobytes() == single.run.log.tobytes()


def test_frames_mappings_and_texts_say_the_same_grid():
    frame = frame_of(history(900))
    one = vigie.sweep(frame, "ema_cross", grid=GRID, timeframe="4h", **STEPS)
    two = vigie.sweep(
        frame, "ema_cross", grid={"fast": range(4, 13, 4), "slow": [16, 24, 32]}, timeframe="4h", **STEPS
    )
    assert one.table.equals(two.table)


def test_unnamed_bars_are_counted_by_their_content():
    frame, other = frame_of(history(900)), frame_of(history(900, seed=2))
    assert vigie.sweep(frame, "ema_cross", grid=GRID, timeframe="4h", **STEPS).trials == 9
    assert vigie.sweep(frame, "ema_cross", grid="fast=5,slow=16|20", timeframe="4h", **STEPS).trials == 11
    assert vigie.sweep(other, "ema_cross", grid=GRID, timeframe="4h", **STEPS).trials == 9


def test_named_bars_share_their_count_with_the_command_line():
    vigie.sweep(history(900), "ema_cross", grid=GRID, **STEPS)
    assert counted(history(900)).trials == 9


def test_verdict_plateau_and_map_are_there_when_asked_for():
    found = vigie.sweep(history(900), "ema_cross", grid=GRID, seed=1, **STEPS)
    assert "distinguishable from luck: 9 trials" in found.verdict.sentence
    assert 3 <= found.plateau.neighbours <= 8
    assert found.heat.scores.shape == (3, 3)
    assert found.refused == 0
    test = found.permutation_test(4)
    assert test.samples == 4
    assert test.observed == found.top["score"][0]


def test_several_histories_and_one_account():
    both = [history(seed=1), history(seed=2, instrument="eth-usdt-perp")]
    apart = vigie.sweep(both, "ema_cross", grid="fast=4|8,slow=16", **STEPS)
    assert "sharpe@eth-usdt-perp/4h" in apart.table.columns
    steps = {"tick": {"btc-usdt-perp": "0.01", "eth-usdt-perp": "0.1"}, "lot": "0.001"}
    shared = vigie.sweep(both, "ema_cross", grid="fast=4|8,slow=16", mode="portfolio", **steps)
    assert shared.plan.slots[1].versions[0].tick.value == 0.1
    assert shared.table.height == 2


def test_threads_random_and_tpe():
    bars = history(900)
    drawn = [vigie.sweep(bars, "ema_cross", grid="fast=3:12,slow=20:40", random=20, seed=3, threads=k, **STEPS)
             for k in (1, 2)]  # fmt: skip
    assert drawn[0].table.equals(drawn[1].table)
    learned = vigie.sweep(bars, "ema_cross", grid="fast=3:12,slow=20:40", tpe=20, seed=3, **STEPS)
    assert learned.table.height == 20
    with pytest.raises(UsageError, match="exclude"):
        vigie.sweep(bars, "ema_cross", random=2, tpe=2, **STEPS)


def test_walk_forward_gives_windows_trades_and_equity():
    found = vigie.walk_forward(history(), "ema_cross", grid=GRID, train=500, test=250, **STEPS)
    assert found.windows.height == 4
    assert found.trades["pnl"].sum() == pytest.approx(found.equity["equity"][-1] - 10_000.0, abs=1e-6)
    assert found.trades["window"].to_list() == sorted(found.trades["window"].to_list())
    assert found.trials == 9
    assert math.isnan(found.verdict.pbo)
    with pytest.raises(UsageError, match="rolling needs train and test"):
        vigie.walk_forward(history(), "ema_cross", grid=GRID, **STEPS)


def test_cross_validation_gives_folds_and_paths():
    found = vigie.walk_forward(history(), "ema_cross", grid=GRID, scheme="cpcv", folds=6, **STEPS)
    assert found.windows.height == 15
    assert found.equity.width == 6
    assert "distinguishable from luck" in found.verdict.sentence
    with pytest.raises(UsageError, match="have no trades"):
        _ = found.trades


def test_settings_and_funding_reach_the_sweep():
    bars = history(900)
    free = vigie.sweep(bars, "ema_cross", grid="fast=4,slow=16", taker=0.0, slippage_bps=0.0, **STEPS)
    usual = vigie.sweep(bars, "ema_cross", grid="fast=4,slow=16", **STEPS)
    assert free.table["total_return"][0] > usual.table["total_return"][0]
    funding = [(int(ts), 0.01) for ts in bars.ts[::2]]
    charged = vigie.sweep(bars, "ema_cross", grid="fast=4,slow=16", funding=funding, **STEPS)
    assert charged.table["total_return"][0] != usual.table["total_return"][0]


def test_optional_criteria_gate_a_search_where_they_are_required():
    bars = history(900)
    free = vigie.sweep(bars, "ema_cross", grid=GRID, **STEPS)
    assert free.trials == 9
    found = vigie.sweep(bars, "ema_cross", grid=GRID, require=["trend"], **STEPS)
    single = vigie.backtest(bars, "ema_cross", params=found.best, require="trend", **STEPS)
    assert found.best_run.log.tobytes() == single.run.log.tobytes()
    assert found.table["trades"].sum() < free.table["trades"].sum()
    assert found.trials == 2 * 9
    walked = vigie.walk_forward(
        bars, "ema_cross", train=400, test=200, grid=GRID, require=["trend"], count=False, **STEPS
    )
    assert {slot.strategy.require for slot in walked.plan.slots} == {("trend",)}
