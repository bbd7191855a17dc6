"""`vigie sweep` and `vigie walk-forward` as typed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from tests.unit.services.test_sweeps import bars_file
from vigie.domain.errors import UsageError
from vigie.views.cli.main import app

GRID = "fast=4:12:4,slow=16:32:8"


def call(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def btc(tmp_path):
    return bars_file(tmp_path)


def common(btc):
    return (
        "--bars",
        btc,
        "--strategy",
        "ema_cross",
        "--venue",
        "test-perp",
        "--tick",
        "0.01",
        "--grid",
        GRID,
    )


def test_sweep_prints_the_best_the_terrain_and_the_verdict(btc, tmp_path):
    result = call("sweep", *common(btc), "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "9 of 9 combinations run" in result.output
    assert "Near the best: " in result.output
    assert "fast down, slow across" in result.output
    assert "distinguishable from luck: 9 trials" in result.output
    assert str(tmp_path / "out") in result.output.replace("\n", "")


def test_sweep_as_json_is_the_record(btc, tmp_path):
    result = call(
        "sweep", *common(btc), "--out", tmp_path / "out", "--json", "--threads", 2, "--objective", "calmar"
    )
    record = json.loads(result.stdout)
    assert record == json.loads((tmp_path / "out" / "sweep.json").read_text())
    assert record["objective"] == "calmar"
    assert record["configuration"]["search"] == {"method": "grid", "count": 0, "seed": 0}
    assert {"params", "score", "decision_hash", "slots"} <= set(record["best"])


def test_sweep_reads_the_same_run_file_as_a_backtest(btc, tmp_path):
    config = tmp_path / "run.toml"
    config.write_text(
        f'[account]\nstop_atr = 1.5\n[venue]\nid = "test-perp"\n[data]\nbars = ["{btc.name}"]\ntick = "0.01"\n'
        '[[slots]]\ninstruments = ["BTC"]\nstrategy = "ema_cross"\n'
    )
    result = call(
        "sweep", config, "--grid", "fast=4|8,slow=16", "--random", 1, "--json", "--out", tmp_path / "out"
    )
    assert result.exit_code == 0, result.output
    record = json.loads(result.stdout)
    assert record["configuration"]["account"]["sizing"]["stop_atr"] == 1.5
    assert record["run"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--objective", "fame"), "objective must be one of sharpe return calmar profit_factor, was 'fame'"),
        (("--random", 3, "--tpe", 3), "use either --random or --tpe"),
        (("--threads", 9_999), "threads must be 1..256"),
        (("--strategy", "nonsense"), "strategy must be one of"),
        (("--capital", -1), "capital must be in"),
    ],
)
def test_sweep_refuses_with_the_reason(btc, tmp_path, words, said):
    result = call("sweep", *common(btc), "--out", tmp_path / "out", *words)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def test_walk_forward_prints_windows_and_the_verdict(btc, tmp_path):
    words = ("--train", 300, "--test", 150, "--out", tmp_path / "out")
    result = call("walk-forward", *common(btc), *words, "--permutations", 3)
    assert result.exit_code == 0, result.output
    assert "Out of sample, joined" in result.output
    assert "efficiency" in result.output
    assert "Permutation p-value" in result.output
    assert "distinguishable from luck: 9 trials" in result.output
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"windows.csv", "trades.csv", "equity.parquet", "walk_forward.json"}
    lines = (tmp_path / "out" / "windows.csv").read_text().splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("window,train_from,train_to,test_from,test_to,fast,slow,in_sample")
    assert lines[1].split(",")[1].endswith("Z")


@pytest.mark.parametrize(("scheme", "folds", "paths"), [("kfold", 5, 1), ("cpcv", 28, 7)])
def test_cross_validation_prints_folds_and_the_spread(btc, tmp_path, scheme, folds, paths):
    words = ("--scheme", scheme, "--purge", 12, "--embargo", 6)
    result = call("walk-forward", *common(btc), *words, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "Sharpe out of sample" in result.output
    assert "PBO" in result.output
    record = json.loads((tmp_path / "out" / "validation.json").read_text())
    assert len(record["folds"]) == folds
    assert record["paths"] == paths == len(record["path_sharpes"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "folds.csv",
        "paths.parquet",
        "validation.json",
    }


def test_walk_forward_as_json_is_the_record_and_counts_its_trials(btc, tmp_path):
    words = ("--train", 300, "--test", 150, "--scheme", "anchored", "--json")
    first = json.loads(call("walk-forward", *common(btc), *words, "--out", tmp_path / "a").stdout)
    assert first == json.loads((tmp_path / "a" / "walk_forward.json").read_text())
    assert first["verdict"]["trials"] == 9 == first["tried"]
    swept = json.loads(call("sweep", *common(btc), "--json", "--out", tmp_path / "b").stdout)
    assert swept["trials_ever"] == 9, "the same combinations on the same series are the same trials"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--scheme rolling needs --train and --test"),
        (("--train", 5, "--test", 5, "--folds", 4), "go with kfold and cpcv"),
        (("--scheme", "kfold", "--train", 5), "go with anchored and rolling"),
        (("--scheme", "kfold", "--test-groups", 2), "goes with cpcv"),
        (("--scheme", "kfold", "--permutations", 5), "--permutations goes with anchored and rolling"),
        (("--scheme", "spiral"), "scheme must be anchored, rolling, kfold or cpcv"),
        (("--train", 5_000, "--test", 5), "at least 5001 bars"),
    ],
)
def test_walk_forward_refuses_with_the_reason(btc, tmp_path, words, said):
    result = call("walk-forward", *common(btc), "--out", tmp_path / "out", *words)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["sweep", "walk-forward"])
def test_help_has_an_example(command):
    result = call(command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"vigie {command}" in result.output


HOLDER = """
import sys, time
from pathlib import Path
from vigie.adapters.stores.process_locks import hold_folder

with hold_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_second_sweep_on_a_folder_is_told_who_holds_it_and_takes_over_a_dead_ones(btc, tmp_path):
    out = tmp_path / "out"
    code = [sys.executable, "-c", HOLDER, str(out)]
    with subprocess.Popen(code, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline().strip() == b"held"
        refused = call("sweep", *common(btc), "--out", out, "--fresh")
        assert isinstance(refused.exception, UsageError)
        assert str(refused.exception) == (
            f"{out} is in use by another sweep (process {holder.pid}); wait until that one ends, stop it, "
            "or give another --out"
        )
        assert [path.name for path in out.iterdir()] == [".sweep.lock"]
        holder.kill()
    (out / ".sweep.parquet.4000000.tmp").write_bytes(b"left by a sweep that was killed")
    done = call("sweep", *common(btc), "--out", out)
    assert done.exit_code == 0, done.output
    assert {path.name for path in out.iterdir()} == {"sweep.parquet", "sweep.json", "heatmap.svg"}


def test_refused_sweep_leaves_no_folder(btc, tmp_path):
    call("sweep", *common(btc), "--out", tmp_path / "out", "--min-trades", 0)
    call("sweep", *common(btc)[:-1], "fast=50,slow=20", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()
