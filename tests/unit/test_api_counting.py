"""Runs from Python are trials like those of commands, and their verdict knows how many there were."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import vigie
from tests.shared import ROOT
from tests.tried import counted
from tests.unit.research.material import history
from vigie.api import frame_of
from vigie.research.sweep.work import PreparedChunk, Rows, SweepWork
from vigie.services.runs import identity
from vigie.wiring.results import open_results

GRID = "fast=4:12:4,slow=16:32:8"
STEPS = {"tick": "0.01", "lot": "0.001"}


def backtest(bars, fast=4, slow=16, **more):
    return vigie.backtest(bars, "ema_cross", params={"fast": fast, "slow": slow}, **STEPS, **more)


def test_a_backtest_is_one_trial_however_often_it_is_repeated():
    for _ in range(3):
        backtest(history(900))
    assert counted(history(900)).trials == 1
    backtest(history(900), fast=5)
    assert counted(history(900)).trials == 2


def test_a_backtest_is_the_same_trial_as_that_of_a_sweep_or_a_command():
    found = vigie.sweep(history(900), "ema_cross", grid=GRID, **STEPS)
    result = backtest(history(900), fast=8, slow=24)
    open_results().trials.record(identity.run_trials(result.run))
    assert found.trials == result.verdict.trials == counted(history(900)).trials == 9


def test_the_verdict_counts_every_trial_on_the_series():
    first = backtest(history(900))
    assert first.verdict.trials == 1
    vigie.sweep(history(900), "ema_cross", grid=GRID, **STEPS)
    vigie.walk_forward(history(900), "macd_cross", train=300, test=100, grid="fast=8|10,slow=20", **STEPS)
    last = backtest(history(900), fast=5)
    assert last.verdict.trials == 12
    assert "luck: 12 trials" in last.verdict.sentence
    assert last.verdict.dsr < backtest(history(900, instrument="eth-usdt-perp"), fast=5).verdict.psr
    assert last.no_verdict == ""


def test_the_same_bars_under_another_name_keep_their_trials():
    vigie.sweep(history(900), "ema_cross", grid=GRID, **STEPS)
    renamed = replace(history(900), instrument="doge-usdt-perp", venue="elsewhere-spot")
    found = backtest(renamed, fast=8, slow=24).verdict
    assert (found.trials, found.variants, found.looks, found.other_markets) == (9, 9, 1, 0)
    scaled = replace(
        renamed, **{name: getattr(renamed, name) * 1e3 for name in ("open", "high", "low", "close")}
    )
    assert backtest(scaled.slice(0, 600), fast=7).verdict.trials == 10, "a cut of it at another price scale"
    assert backtest(history(900, seed=2)).verdict.sentence.endswith("; 1 other market tried")


def test_each_span_that_is_searched_adds_its_trials_and_a_walk_forward_is_one_look():
    bars = history(6 * 62 * 3)
    words = []
    for k in range(3):
        found = vigie.sweep(bars.slice(6 * 62 * k, 6 * 62 * (k + 1)), "ema_cross", grid=GRID, **STEPS)
        words.append(found.verdict.sentence.partition(": ")[2].partition(", DSR")[0])
    assert words == [
        "9 trials (9 variants, 1 look)", "18 trials (9 variants, 2 looks)", "27 trials (9 variants, 3 looks)",
    ]  # fmt: skip
    walked = vigie.walk_forward(bars, "ema_cross", train=300, test=100, grid=GRID, **STEPS)
    assert (walked.verdict.trials, walked.verdict.looks) == (27, 3), "it goes on where the first span ended"


def test_frames_are_counted_by_the_names_they_are_given():
    backtest(frame_of(history(900)), timeframe="4h", instrument="btc-usdt-perp", venue="test-perp")
    vigie.sweep(
        frame_of(history(900)), "ema_cross", grid="fast=5,slow=16",
        instrument="btc-usdt-perp", venue="test-perp", **STEPS,
    )  # fmt: skip
    assert counted(history(900)).trials == 2


def test_frames_without_a_name_are_counted_by_their_content():
    frame, other = frame_of(history(900)), frame_of(history(900, seed=2))
    assert backtest(frame).verdict.trials == 1
    assert backtest(other).verdict.trials == 1
    assert vigie.sweep(frame, "ema_cross", grid="fast=4|5,slow=16", **STEPS).trials == 2
    assert str(backtest(frame).run.slots[0].plan.slot) == "asset-usdt-perp/4h/ema_cross"


def test_uncounted_runs_write_nothing_and_have_no_verdict(home: Path):
    bars = history(900)
    found = [
        backtest(bars, count=False),
        vigie.sweep(bars, "ema_cross", grid=GRID, count=False, **STEPS),
        vigie.walk_forward(bars, "ema_cross", train=300, test=100, grid=GRID, count=False, **STEPS),
    ]
    assert [one.verdict for one in found] == [None] * 3
    assert {one.no_verdict for one in found} == {
        "count=False: how often these bars were looked at is not known"
    }
    assert list(home.iterdir()) == []
    assert backtest(bars, fast=5).verdict.trials == 1


def test_a_home_that_cannot_be_written_costs_the_verdict_and_not_the_run(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    (home / "file").write_text("in the way")
    monkeypatch.setenv("VIGIE_HOME", str(home / "file"))
    bars = history(900)
    found = [
        backtest(bars),
        vigie.sweep(bars, "ema_cross", grid=GRID, **STEPS),
        vigie.walk_forward(bars, "ema_cross", train=300, test=100, grid=GRID, **STEPS),
    ]
    assert found[0].metrics.trades > 0
    assert found[1].best
    for one in found:
        assert one.verdict is None
        assert one.no_verdict.startswith("trials cannot be counted in ")


def test_a_registry_that_breaks_later_costs_the_verdict_only(home: Path):
    result = backtest(history(900))
    (home / "trials.sqlite").write_text("not a database, but longer than nothing" * 50)
    assert result.verdict is None
    assert "file is not a database" in result.no_verdict


def test_a_search_that_breaks_off_has_counted_what_it_ran(monkeypatch: pytest.MonkeyPatch):
    trade, traded = SweepWork.finish, []

    def breaking(work: SweepWork, prepared: PreparedChunk) -> Rows:
        if traded:
            raise RuntimeError("no more")
        traded.append(len(prepared.rows))
        return trade(work, prepared)

    monkeypatch.setattr(SweepWork, "finish", breaking)
    with pytest.raises(RuntimeError):
        vigie.sweep(history(900), "ema_cross", grid="fast=3:12,slow=20:40", check=False, **STEPS)
    assert counted(history(900)).trials == traded[0] > 0


def test_what_a_search_counted_is_asked_when_it_is_read_and_then_stays():
    first = vigie.sweep(history(900), "ema_cross", grid=GRID, **STEPS)
    backtest(history(900), fast=5)
    assert first.trials == first.verdict.trials == 10
    backtest(history(900), fast=6)
    assert first.trials == 10


def test_a_registry_that_breaks_after_a_search_costs_its_verdict_only(home: Path):
    found = vigie.sweep(history(900), "ema_cross", grid=GRID, **STEPS)
    (home / "trials.sqlite").write_text("not a database, but longer than nothing" * 50)
    assert found.verdict is None
    assert found.trials == 0
    assert "file is not a database" in found.no_verdict
    assert found.best


def test_what_was_not_checked_or_never_traded_is_counted_but_not_judged():
    blind = backtest(history(900), check=False)
    assert blind.verdict is None
    assert blind.no_verdict == "check=False: what was not checked may have seen the future"
    bars = history(900)
    still = np.full(len(bars), 100.0)
    calm = backtest(replace(bars, open=still, high=still, low=still, close=still))
    assert calm.verdict is None
    assert calm.no_verdict == "there were no trades"
    assert counted(history(900)).trials == 1


def test_importing_and_simulating_write_nothing(home: Path):
    code = "import vigie, vigie.api, vigie.api_research; vigie.indicators()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    vigie.simulate(history(300), long_entry=[50, 100], atr=np.full(300, 1.0), **STEPS)
    assert list(home.iterdir()) == []
