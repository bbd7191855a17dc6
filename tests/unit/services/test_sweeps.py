"""Sweeps as people ask for them: files, resuming after a kill, counting, refusing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.shared import ROOT
from tests.unit.research.material import history
from vigie.adapters.executors.threads import ThreadExecutor
from vigie.api import frame_of
from vigie.domain.errors import StorageError, UsageError
from vigie.research.series import traded_series
from vigie.research.sweep.loop import Search
from vigie.research.sweep.shuffled import no_progress
from vigie.research.sweep.work import CHUNK
from vigie.services.runs import identity, request_builder, results
from vigie.services.runs.backtest import run_backtest
from vigie.services.searches.sweeps import SweepRequest, make_search, run_sweep
from vigie.wiring.data import open_data
from vigie.wiring.results import open_results

GRID = "fast=4:12:4,slow=8:32:8"


def bars_file(folder: Path, *, seed=1, name="BTCUSDT-4h.csv", n=900) -> Path:
    path = folder / name
    frame_of(history(n, seed=seed)).with_columns(pl.col("timestamp").dt.epoch("ms")).write_csv(path)
    return path


def ask(files, *, grid=GRID, search=None, strategy="ema_cross", **more):
    given = request_builder.build_request(
        open_data(), bars=files, strategy=strategy, tick="0.01", lot="0.001", venue="test-perp",
        account=more.pop("account", None), seed=more.pop("seed", 0),
        **({"protections": more.pop("protections")} if "protections" in more else {}),
    )  # fmt: skip
    return SweepRequest(backtest=given, grid=grid, search=search or Search(), **more)


def sweep(request, folder, *, threads=1, fresh=False):
    home = open_results()
    with ThreadExecutor(threads) as executor:
        return run_sweep(
            open_data(), request, folder, registry=home.trials, write=home.write, executor=executor,
            fresh=fresh, progress=no_progress,
        )  # fmt: skip


@pytest.fixture
def btc(tmp_path):
    return bars_file(tmp_path)


def test_sweep_writes_all_combinations_the_record_and_the_map(btc, tmp_path):
    kept = sweep(ask([btc]), tmp_path / "out")
    table = pl.read_parquet(tmp_path / "out" / "sweep.parquet")
    assert table.height == 10
    assert kept.record["refused"] == 2
    assert kept.record["refused_because"].startswith("ema_cross.fast must be below slow")
    assert table.columns[:4] == ["combination", "fast", "slow", "score"]
    assert table["score"].max() == kept.record["best"]["score"] == kept.record["top"][0]["score"]
    assert json.loads((tmp_path / "out" / "sweep.json").read_text()) == json.loads(json.dumps(kept.record))
    assert (tmp_path / "out" / "heatmap.svg").read_text().startswith("<svg")
    assert not (tmp_path / "out" / "parts").exists()


def test_best_of_a_sweep_is_what_a_backtest_of_its_parameters_gives(btc, tmp_path):
    kept = sweep(ask([btc]), tmp_path / "out")
    best = kept.record["best"]
    given = request_builder.build_request(
        open_data(), bars=[btc], strategy="ema_cross", tick="0.01", lot="0.001", venue="test-perp",
        params={"ema_cross": best["params"]},
    )  # fmt: skip
    run = run_backtest(open_data(), given)
    record = results.save_run(
        run, given, tmp_path / "single", runs_folder=tmp_path / "runs", registry=open_results().trials,
        write=open_results().write,
    ).record  # fmt: skip
    assert record["decision_hash"] == best["decision_hash"]
    assert record["slots"][0]["sharpe"] == best["sharpe"]
    assert record["slots"][0]["trades"] == best["trades"]
    assert record["slots"][0]["calmar"] == pytest.approx(best["calmar"], rel=1e-12)
    assert record["data_fingerprint"] == kept.record["data_fingerprint"]


def test_every_trial_is_counted_once_however_it_is_run(btc, tmp_path):
    registry = open_results().trials
    first = sweep(ask([btc]), tmp_path / "a")
    series = [traded_series(first.plan.slots[0].bars)]
    assert first.record["trials_ever"] == registry.count(series).trials == 10
    sweep(ask([btc], objective="return"), tmp_path / "b", threads=2)
    assert registry.count(series).trials == 10, "the same trials under another objective"
    single = request_builder.build_request(
        open_data(), bars=[btc], strategy="ema_cross", venue="test-perp",
        params={"ema_cross": {"fast": 4, "slow": 16}},
    )  # fmt: skip
    registry.record(identity.run_trials(run_backtest(open_data(), single)))
    assert registry.count(series).trials == 10, "a single backtest of a swept combination is the same trial"
    more = sweep(ask([btc], grid="fast=5,slow=20|30,stop_atr=1|2,taker=0.0002|0.0006"), tmp_path / "c")
    assert more.record["trials_ever"] == registry.count(series).trials == 18
    assert more.record["verdict"]["trials"] == 18


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.services import test_sweeps as t
from vigie.research.sweep import loop, row_store
from vigie.services.searches import sweeps

row_store.PART_ROWS = 1
folder, parts, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[4])
home = t.open_results()

def write(where, files):
    home.write(where, files)
    if len(list(where.glob("part-*.parquet"))) == parts:
        os.kill(os.getpid(), signal.SIGKILL)

with t.ThreadExecutor(2) as executor:
    sweeps.run_sweep(
        t.open_data(), t.resumable(folder.parent, sys.argv[3], seed), folder, registry=home.trials, write=write,
        executor=executor, progress=t.no_progress,
    )
"""


def resumable(folder, method, seed):
    search = {"grid": Search(), "random": Search("random", 250, seed), "tpe": Search("tpe", 40, seed)}[method]
    return ask([folder / "BTCUSDT-4h.csv"], grid="fast=3:22,slow=12:40:2", search=search, seed=seed)


@pytest.mark.parametrize(("method", "parts"), [("grid", 2), ("random", 3), ("tpe", 9)])
def test_sweep_killed_midway_and_resumed_gives_the_same_table(
    btc, tmp_path, method, parts, home, monkeypatch
):
    code = [sys.executable, "-c", KILLED, str(tmp_path / "out"), str(parts), method, "5"]
    killed = subprocess.run(code, cwd=ROOT, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "out" / "sweep.parquet").exists()
    left = sorted((tmp_path / "out" / "parts").glob("part-*"))
    assert len(left) == parts
    kept = sum(pl.read_parquet(part).height for part in left)
    seen = []
    request = resumable(tmp_path, method, 5)
    plan_home = open_results()
    with ThreadExecutor(1) as executor:
        resumed = run_sweep(
            open_data(), request, tmp_path / "out", registry=plan_home.trials, write=plan_home.write,
            executor=executor, progress=lambda stage, done, of: seen.append((stage, done, of)),
        )  # fmt: skip
    assert pl.read_parquet(tmp_path / "out" / "sweep.parquet").height == resumed.record["run"]
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "other-home"))
    whole = sweep(resumable(tmp_path, method, 5), tmp_path / "whole")
    assert_frame_equal(
        pl.read_parquet(tmp_path / "out" / "sweep.parquet"),
        pl.read_parquet(tmp_path / "whole" / "sweep.parquet"),
    )
    assert resumed.record == whole.record
    if method != "tpe":
        # A run begins with a quarter of a chunk.
        assert seen[0][1] == kept + CHUNK // 4, "what was kept is not done again"


def test_interrupted_sweep_with_other_settings_is_refused_and_fresh_drops_it(btc, tmp_path):
    parts = tmp_path / "out" / "parts"
    parts.mkdir(parents=True)
    (parts / "plan.json").write_text('{"configuration_hash": "another"}')
    with pytest.raises(UsageError, match="contains an unfinished sweep with other settings"):
        sweep(ask([btc]), tmp_path / "out")
    assert sweep(ask([btc]), tmp_path / "out", fresh=True).record["run"] == 10


def test_full_disk_leaves_the_old_result_and_the_rows_that_were_kept(btc, tmp_path):
    sweep(ask([btc]), tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    home = open_results()

    def full(folder, files):
        if "sweep.json" in files:
            raise StorageError("no space left")
        home.write(folder, files)

    with ThreadExecutor(1) as executor, pytest.raises(StorageError):
        run_sweep(
            open_data(), ask([btc], grid="fast=5,slow=20|30"), tmp_path / "out", registry=home.trials, write=full,
            executor=executor, progress=no_progress,
        )  # fmt: skip
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()} == before
    assert len(list((tmp_path / "out" / "parts").glob("part-*"))) == 1


def test_random_draws_depend_on_the_seed_alone(btc, tmp_path):
    def drawn(seed, name, threads=1):
        search = Search("random", 60, seed)
        request = ask([btc], grid="fast=3:22,slow=30:60", search=search, seed=seed)
        sweep(request, tmp_path / name, threads=threads)
        return pl.read_parquet(tmp_path / name / "sweep.parquet")

    first = drawn(1, "a")
    assert first.height == 60 == first["combination"].n_unique()
    assert_frame_equal(first, drawn(1, "b", threads=2))
    assert first["combination"].to_list() != drawn(2, "c")["combination"].to_list()


def test_tpe_tries_different_combinations_and_threads_change_nothing(btc, tmp_path):
    def tried(name, threads):
        request = ask([btc], grid="fast=3:22,slow=30:60", search=Search("tpe", 48, 3))
        sweep(request, tmp_path / name, threads=threads)
        return pl.read_parquet(tmp_path / name / "sweep.parquet")

    first = tried("a", 1)
    assert first.height == 48 == first["combination"].n_unique()
    assert_frame_equal(first, tried("b", 3))


def test_tpe_finds_more_than_its_first_round(btc, tmp_path):
    request = ask([btc], grid="fast=3:22,slow=30:60", search=Search("tpe", 64, 3), objective="return")
    sweep(request, tmp_path / "a")
    score = pl.read_parquet(tmp_path / "a" / "sweep.parquet")["score"]
    assert score[32:].mean() > score[:16].mean()


def test_own_ranges_of_the_strategy_are_swept_without_a_grid(btc, tmp_path):
    kept = sweep(ask([btc], grid=None), tmp_path / "out")
    assert kept.record["combinations"] == 12 * 19


def test_several_series_give_means_and_their_own_columns(tmp_path):
    files = [bars_file(tmp_path), bars_file(tmp_path, seed=2, name="ETHUSDT-4h.csv")]
    kept = sweep(ask(files), tmp_path / "out")
    table = pl.read_parquet(tmp_path / "out" / "sweep.parquet")
    own = [f"score@{name}-usdt-perp/4h" for name in ("btc", "eth")]
    mean = table.select((pl.col(own[0]) + pl.col(own[1])) / 2).to_series()
    assert table["score"].to_list() == pytest.approx(mean.to_list(), rel=1e-12)
    assert (
        table["trades"].to_list()
        == (table["trades@btc-usdt-perp/4h"] + table["trades@eth-usdt-perp/4h"]).to_list()
    )
    assert [row["slot"] for row in kept.record["best"]["slots"]] == [
        "btc-usdt-perp/4h/ema_cross", "eth-usdt-perp/4h/ema_cross",
    ]  # fmt: skip


def test_portfolio_mode_sweeps_one_account(tmp_path):
    files = [bars_file(tmp_path), bars_file(tmp_path, seed=2, name="ETHUSDT-4h.csv")]
    kept = sweep(ask(files, account={"mode": "portfolio"}, grid="fast=4|8,slow=16|24"), tmp_path / "out")
    assert kept.record["mode"] == "portfolio"
    table = pl.read_parquet(tmp_path / "out" / "sweep.parquet")
    assert not [name for name in table.columns if "@" in name]
    best = table.filter(pl.col("score") == pl.col("score").max())
    assert best["sharpe"][0] == kept.findings.best.total.sharpe


def test_permutations_give_a_p_value_of_the_whole_search(btc, tmp_path):
    kept = sweep(ask([btc], permutations=9, seed=4), tmp_path / "a")
    again = sweep(ask([btc], permutations=9, seed=4), tmp_path / "b", threads=2)
    test = kept.record["permutation"]
    assert test == again.record["permutation"]
    assert test["samples"] == 9
    assert 0.1 <= test["p_value"] <= 1.0
    assert test["observed"] == kept.record["best"]["score"]
    assert kept.record["verdict"]["permutation_p"] == test["p_value"]


def test_combinations_that_hardly_trade_rank_last(btc, tmp_path):
    kept = sweep(ask([btc], grid="fast=4,slow=16,risk_fraction=0.00000001|0.01"), tmp_path / "out")
    assert kept.record["best"]["params"]["risk_fraction"] == 0.01
    assert kept.record["top"][1]["trades"] == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"grid": "fast=900,slow=1000"}, "fast must be 2..500, was 900"),
        ({"grid": "speed=1:2"}, "grid may name fast slow"),
        ({"grid": "fast=5:2"}, "low <= high"),
        ({"grid": "fast"}, "must look like"),
        ({"grid": "fast=1.5"}, "whole number"),
        ({"grid": "fast=50,slow=20"}, "no combination is possible: ema_cross.fast must be below slow"),
        ({"grid": "leverage=9"}, "no combination is possible: leverage must be in"),
        ({"min_trades": 0}, "min-trades must be >= 1"),
        ({"permutations": -1}, "permutations must be >= 0"),
        ({"strategy": "ema_cross,macd_cross"}, "one strategy"),
    ],
)
def test_what_cannot_be_swept_is_refused_with_the_reason(btc, tmp_path, more, words):
    with pytest.raises(UsageError, match=words):
        sweep(ask([btc], **more), tmp_path / "out")
    assert not (tmp_path / "out" / "sweep.parquet").exists()


def test_random_and_tpe_exclude_one_another():
    with pytest.raises(UsageError, match="use either --random or --tpe"):
        make_search(10, 10, 0)
    assert make_search(None, 7, 2) == Search("tpe", 7, 2)


def test_strategy_that_looks_ahead_is_refused_before_anything_is_swept(btc, tmp_path, home):
    own = home / "strategies"
    own.mkdir()
    (own / "peeker.py").write_text(PEEKER)
    given = request_builder.build_request(
        open_data(), bars=[btc], strategy="peeker", venue="test-perp", own_strategies=own, timeframes=["4h"]
    )
    with pytest.raises(UsageError, match="peeker looks ahead"):
        sweep(SweepRequest(backtest=given, grid="shift=1:3"), tmp_path / "out")
    assert not (open_results().runs.parent / "trials.sqlite").exists()


PEEKER = '''"""Knows tomorrow's close."""
from dataclasses import dataclass

import numpy as np

from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above, is_below, param

TIMEFRAME = "4h"


@dataclass(frozen=True, slots=True)
class Params:
    shift: int = param(1, low=1, high=5)


def warmup(params):
    return 0


def criteria(bars, params):
    ahead = np.concatenate((bars.close[params.shift :], np.full(params.shift, np.nan)))
    return Criteria(
        long=(is_above("Tomorrow is higher", ahead, bars.close),),
        short=(is_below("Tomorrow is lower", ahead, bars.close),),
    )
'''
