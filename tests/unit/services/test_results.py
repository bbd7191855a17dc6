"""Runs that are kept: what changed since the last one, requests remembered, nothing half written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.shared import ROOT
from tests.unit.services.backtest_material import (
    VENUE,
    files_of,
    market,
    same,
    store_bars,
    write_bars,
    write_instruments,
)
from vigie.domain.account import AccountSettings, Protections, Sizing
from vigie.domain.errors import StorageError, UsageError
from vigie.services.runs import results
from vigie.services.runs.assumptions import assumptions
from vigie.services.runs.backtest import BacktestRequest, SlotRequest, run_backtest
from vigie.services.runs.results import SavedRun
from vigie.wiring.data import open_data
from vigie.wiring.results import open_results


@pytest.fixture
def request_(home: Path, tmp_path: Path) -> BacktestRequest:
    """One slot on stored simulated bars."""
    store_bars(home)
    slots = (SlotRequest("BTC", "1d", "macd_cross"),)
    return BacktestRequest(slots=slots, venue=VENUE, instruments=write_instruments(tmp_path / "i.csv"))


def keep(request: BacktestRequest, folder: Path, **more: object) -> SavedRun:
    home = open_results()
    given = {"runs_folder": home.runs, "registry": home.trials, "write": home.write, **more}
    return results.save_run(run_backtest(open_data(), request), request, folder, **given)


def test_the_first_run_and_the_same_again_give_the_same_files(request_: BacktestRequest, tmp_path: Path):
    first, again = keep(request_, tmp_path / "a"), keep(request_, tmp_path / "b")
    assert (first.is_first, first.changes) == (True, ())
    assert (again.is_first, again.changes) == (False, ())
    assert same([tmp_path / "a", tmp_path / "b"])


def test_what_changed_since_the_last_run_is_said(request_: BacktestRequest, tmp_path: Path):
    kept = keep(request_, tmp_path / "a")
    path = open_results().runs / f"{kept.record['configuration_hash']}.json"
    record = json.loads(path.read_text())
    record["version"] = "0.0.1"
    record["total"]["trades"] = 1
    path.write_text(json.dumps(record))
    changes = keep(request_, tmp_path / "b").changes
    assert changes == (
        ("Vigie", "0.0.1", kept.record["version"]),
        ("trades", "1", str(kept.record["total"]["trades"])),
    )


@pytest.mark.parametrize("content", ["", "{"])
def test_a_damaged_memory_is_as_if_there_were_none(request_: BacktestRequest, tmp_path: Path, content: str):
    kept = keep(request_, tmp_path / "a")
    (open_results().runs / f"{kept.record['configuration_hash']}.json").write_text(content)
    assert keep(request_, tmp_path / "b").is_first


def test_a_request_is_remembered_whole(
    request_: BacktestRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    request = replace(
        request_,
        bars=(write_bars(tmp_path / "BTCUSDT-1d.csv", market().bars("BTC", "1d")),),
        funding=Path("f.csv"),
        start_ms=5,
        account=AccountSettings(
            mode="portfolio", sizing=Sizing(capital=5), protections=Protections(max_positions=2)
        ),
        own_strategies=tmp_path / "mine",
        slots=(SlotRequest("BTC", "1d", "macd_cross", {"fast": 5}),),
    )
    text = json.dumps(results.request_to_plain(request))
    assert results.request_from_plain(json.loads(text)) == replace(
        request, funding=(tmp_path / "f.csv").resolve()
    )
    assert results.request_from_plain(json.loads(json.dumps(results.request_to_plain(request_)))) == request_


def test_the_latest_run_and_any_run_by_folder_or_hash_are_found(request_: BacktestRequest, tmp_path: Path):
    other = replace(request_, last=100)
    first = keep(request_, tmp_path / "a")
    keep(other, tmp_path / "b")
    runs = open_results().runs
    assert results.load_request(runs).last == 100
    assert results.load_request(runs, str(tmp_path / "a")).last is None
    assert results.load_request(runs, first.record["configuration_hash"]).last is None
    with pytest.raises(UsageError, match="run must be a folder with a result"):
        results.load_request(runs, "elsewhere")


def test_every_trial_counts_in_the_verdict_and_a_repeated_one_does_not(
    request_: BacktestRequest, tmp_path: Path
):
    first = keep(request_, tmp_path / "a").verdict
    assert keep(request_, tmp_path / "a").verdict.trials == first.trials == 1
    for fast in (5, 6, 7):
        slots = (SlotRequest("BTC", "1d", "macd_cross", {"fast": fast}),)
        verdict = keep(replace(request_, slots=slots), tmp_path / "b").verdict
    assert verdict.trials == 4
    other_series = (SlotRequest("ETH", "1d", "macd_cross"),)
    assert keep(replace(request_, slots=other_series), tmp_path / "c").verdict.trials == 1


def test_two_configurations_of_many_slots_are_twice_as_many_trials(request_: BacktestRequest, tmp_path: Path):
    slots = tuple(SlotRequest(asset, "1d", "macd_cross") for asset in ("BTC", "ETH", "SOL"))
    assert keep(replace(request_, slots=slots), tmp_path / "a").verdict.trials == 3
    tighter = AccountSettings(sizing=Sizing(stop_atr=1))
    assert keep(replace(request_, slots=slots, account=tighter), tmp_path / "b").verdict.trials == 6


def test_of_several_markets_all_count_where_the_best_is_picked(request_: BacktestRequest, tmp_path: Path):
    slots = tuple(SlotRequest(asset, "1d", "macd_cross") for asset in ("BTC", "ETH", "SOL"))
    picked = keep(replace(request_, slots=slots), tmp_path / "a").verdict
    assert "3 trials (1 variant, 1 look, 3 markets)" in picked.sentence
    alone = keep(request_, tmp_path / "b")
    assert alone.verdict.sentence.endswith("; 2 other markets tried")
    assert alone.record["verdict"]["other_markets"] == 2
    assert {"looks": 1, "variants": 1, "markets": 1}.items() <= alone.record["verdict"].items()


def test_a_copy_of_a_file_under_another_name_is_the_same_history_in_every_span(home: Path, tmp_path: Path):
    bars = market().bars("BTC", "4h")
    day = 86_400_000
    for number, symbol in enumerate(("BTCUSDT", "AAAUSDT", "BBBUSDT")):
        path = write_bars(tmp_path / symbol / f"{symbol}-4h.csv", bars)
        begin = int(bars.ts[0]) + 100 * number * day
        request = BacktestRequest(
            slots=(SlotRequest(str(path), "4h", "ema_cross"),), bars=(path,), venue="x-perp", tick="0.1",
            lot="0.001", start_ms=begin, end_ms=begin + 100 * day,
        )  # fmt: skip
        found = keep(request, tmp_path / f"out{number}").record["verdict"]
        assert (found["trials"], found["looks"], found["other_markets"]) == (number + 1, number + 1, 0)


def test_assumptions_say_what_was_set(request_: BacktestRequest):
    run = run_backtest(open_data(), request_)
    words = assumptions(run, request_)
    assert words["capital"] == "10000 a slot"
    assert words["fees"] == "taker 0.0600% (default), maker 0.0200% (default)"
    assert words["grid"].endswith("(pinned by --instruments)")
    assert words["funding"] == "none given: not charged"
    assert words["protections"] == "off"
    shared = replace(request_, account=AccountSettings(mode="portfolio"), tick="0.1", detail="1h")
    words = assumptions(run_backtest(open_data(), shared), shared)
    assert (words["capital"], words["protections"], words["finer bars"]) == ("10000", "on", "1h")
    assert words["grid"].endswith("(pinned by --instruments, --tick given)")


# Disks


def test_a_writer_that_fails_leaves_no_memory_of_the_run(request_: BacktestRequest, tmp_path: Path):
    def full(folder: Path, files: object) -> None:
        raise StorageError(f"{folder} could not be written: No space left on device")

    with pytest.raises(StorageError, match="No space left"):
        keep(request_, tmp_path / "a", write=full)
    assert not open_results().runs.exists()


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv.pop(1))
sys.argv[0] = "vigie"
from vigie.views.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
main.run()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: file sizes are limited with setrlimit")
@pytest.mark.parametrize(
    ("limit", "said"), [(60_000, "r could not be written"), (100, "trials cannot be counted")]
)
def test_a_full_disk_leaves_the_old_result_whole(
    request_: BacktestRequest, home: Path, tmp_path: Path, limit: int, said: str
):
    kept = keep(request_, tmp_path / "r")
    before = files_of(tmp_path / "r")
    assert max(len(content) for content in before.values()) > 60_000
    # The registry of trials needs half of the larger limit, the report more than all of it.
    words = ["backtest", "--venue", VENUE, "--instruments", str(request_.instruments), "--symbols", "BTC",
             "--strategy", "macd_cross", "--leverage", "1", "--out", str(tmp_path / "r")]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *words],
        env={**os.environ, "VIGIE_HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert files_of(tmp_path / "r") == before
    assert {path.name for path in tmp_path.iterdir()} == {"r", "i.csv"}
    assert results.load_request(open_results().runs).account == request_.account
    assert kept.record == results.read_result(tmp_path / "r")
