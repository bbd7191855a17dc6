from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.data.material import NOW, change, csv_of, make_bars, make_frame
from vigie.data.instruments.table import shipped_instruments
from vigie.domain.money import GridStep
from vigie.views.cli import data as cli
from vigie.views.cli import file_options
from vigie.views.cli.data import app
from vigie_sandbox.exchange.bitget.history import BitgetHistory, HistoryServer

COMMANDS = ("import", "undo", "fetch", "status", "check", "export", "instruments")


@pytest.fixture
def run(tmp_path: Path):
    def call(*words: str):
        environ = {"VIGIE_HOME": str(tmp_path / "home"), "COLUMNS": "200", "NO_COLOR": "1"}
        return CliRunner(env=environ).invoke(app, list(words))

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "binance-perp"
    path.mkdir()
    make_frame(48).write_parquet(path / "BTCUSDT-1h.parquet")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(run, command: str):
    answer = run(command, "--help")
    assert answer.exit_code == 0
    assert f"Example: vigie data {command} " in answer.stdout


def test_import_status_check_export(run, folder: Path, tmp_path: Path):
    answer = run("import", str(folder))
    assert answer.exit_code == 0, answer.output
    assert "binance-perp:btc-usdt-perp/1h" in answer.stdout
    [row] = json.loads(run("status", "--json").stdout)
    assert (row["series"], row["bars"], row["gaps"]) == ("binance-perp:btc-usdt-perp/1h", 48, 0)
    assert "2024-01-01 00:00" in run("status").stdout
    assert run("check").exit_code == 0
    written = json.loads(run("export", "BTC", "--timeframe", "4h", "--out", str(tmp_path), "--json").stdout)
    assert written[0]["bars"] == 12
    assert (tmp_path / "BTCUSDT_4h.csv").exists()


def test_an_import_is_undone_by_the_command_that_it_names(run, folder: Path):
    assert "there is no import to undo: none has changed a bar" in run("undo").stderr
    receipt = json.loads(run("import", str(folder), "--json").stdout)["receipt"]
    assert json.loads(run("undo", "--dry-run", "--json").stdout)["series"][0]["removed"] == 48
    assert json.loads(run("status", "--json").stdout)[0]["bars"] == 48
    answer = run("undo", receipt)
    assert (answer.exit_code, "binance-perp:btc-usdt-perp/1h" in answer.stdout) == (0, True)
    assert json.loads(run("status", "--json").stdout) == []
    again = run("undo")
    assert (again.exit_code, "undone already" in again.stdout) == (0, True)
    wrong = run("undo", "i1")
    assert (wrong.exit_code, receipt in wrong.stderr) == (2, True)
    assert f"vigie data undo {receipt}" not in run("import", str(folder), "--dry-run").stdout


def test_import_as_json_tells_counts_and_quarantine(run, folder: Path):
    (folder / "BTCUSDT-1h.parquet").unlink()
    (folder / "BTCUSDT-1h.csv").write_text(csv_of(change(make_frame(48), 3, close=-1.0)))
    answer = run("import", str(folder), "--json")
    assert answer.exit_code == 0
    [one] = json.loads(answer.stdout)["series"]
    assert (one["added"], one["reasons"]) == (47, {"close is not positive": 1})
    assert Path(one["quarantine_file"]).exists()


def test_dry_run_writes_nothing(run, folder: Path, tmp_path: Path):
    answer = run("import", str(folder), "--dry-run")
    assert (answer.exit_code, (tmp_path / "home").exists()) == (0, False)
    assert "would be added" in answer.stdout


def test_mistakes_exit_with_2_and_say_what_to_do(run, tmp_path: Path):
    for words in (
        ("import", str(tmp_path / "none")),
        ("fetch", "kraken-perp", "BTC"),
        ("fetch", "bitget-perp", "BTC", "--since", "yesterday"),
        ("export", "BTC", "--format", "xls"),
        ("status", "BTC"),
        ("instruments", "--refresh"),
        ("check", str(tmp_path), "BTC"),
        ("import",),
    ):
        answer = run(*words)
        assert answer.exit_code == 2, words
        assert "Traceback" not in answer.output
    assert "file not found" in run("import", str(tmp_path / "none")).stderr


def test_failures_exit_with_1(run, folder: Path):
    (folder / "ETHUSDT-1h.csv").write_text("a,b\n")
    answer = run("import", str(folder))
    assert answer.exit_code == 1
    assert "columns must be timestamp" in answer.stderr
    assert "btc-usdt-perp" in answer.stdout


def test_check_of_a_file_stores_nothing(run, folder: Path, tmp_path: Path):
    assert run("check", str(folder / "BTCUSDT-1h.parquet")).exit_code == 0
    change(make_frame(48), 3, low=1e9).write_parquet(folder / "BTCUSDT-1h.parquet")
    answer = run("check", str(folder / "BTCUSDT-1h.parquet"))
    assert answer.exit_code == 1
    assert "high is below low" in answer.stdout
    assert not (tmp_path / "home").exists()


def test_strict_check_fails_for_a_finding(run, folder: Path):
    change(make_frame(48), 3, volume=0.0).write_parquet(folder / "BTCUSDT-1h.parquet")
    run("import", str(folder))
    assert run("check").exit_code == 0
    assert run("check", "--strict").exit_code == 1


def test_instruments_as_table_and_json(run):
    assert "hyperliquid-perp:btc-usdc-perp" in run("instruments", "BTC").stdout
    [row] = json.loads(run("instruments", "BTC", "--venue", "bitget-perp", "--json").stdout)
    assert (row["name"], row["tick"], row["is_display"]) == ("btc-usdt-perp", "0.1", False)


def test_empty_home_says_what_to_do_next(run):
    assert "vigie data import PATH" in run("status").stdout


def test_nothing_heavy_is_imported_for_help():
    script = (
        "import sys, vigie.views.cli.data\n"
        "print([name for name in ('numpy', 'polars', 'ccxt', 'numba') if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ
    )
    assert shown.stdout.strip() == "[]"


def test_fetch_over_the_wire_and_once_more(run):
    pytest.importorskip("ccxt")
    contracts = [
        line.instrument
        for line in shipped_instruments()
        if line.instrument.full_name == "bitget-perp:btc-usdt-perp"
    ]
    bars = make_bars(200, venue="bitget-perp")
    with HistoryServer(BitgetHistory([bars], contracts, now=lambda: NOW)) as server:
        words = (
            "fetch",
            "bitget-perp",
            "BTC",
            "--since",
            "2024-01-01",
            "--until",
            "2024-01-05",
            "--url",
            server.url,
        )
        first = run(*words)
        assert first.exit_code == 0, first.output
        assert "bitget-perp:btc-usdt-perp/1h" in first.stdout
        assert first.stderr == ""  # no progress bar where nobody looks
        again = json.loads(run(*words, "--json").stdout)
    assert (again["series"][0]["pages"], again["failures"]) == (0, [])
    [row] = json.loads(run("status", "--json").stdout)
    assert (row["bars"], row["gaps"]) == (96, 0)


def test_refresh_over_the_wire_keeps_a_version(run):
    pytest.importorskip("ccxt")
    old = next(
        line.instrument
        for line in shipped_instruments()
        if line.instrument.full_name == "bitget-perp:btc-usdt-perp"
    )
    changed = replace(old, tick=GridStep(5, 1))
    with HistoryServer(BitgetHistory([make_bars(1)], [changed], now=lambda: NOW)) as server:
        answer = run("instruments", "--refresh", "--venue", "bitget-perp", "--url", server.url)
    assert answer.exit_code == 0, answer.output
    assert "changed: btc-usdt-perp" in answer.stdout
    [row] = json.loads(run("instruments", "BTC", "--venue", "bitget-perp", "--json").stdout)
    assert row["tick"] == "0.5"


def test_venue_that_cannot_be_reached_exits_with_1(run, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("ccxt")
    monkeypatch.setattr("vigie.adapters.clock.SystemClock.sleep", lambda _self, _seconds: None)
    answer = run("fetch", "bitget-perp", "BTC", "--url", "http://127.0.0.1:9")
    assert answer.exit_code == 1
    assert "the same command goes on from there" in answer.stderr


def test_progress_bar_appears_on_a_terminal_only_after_a_second(monkeypatch: pytest.MonkeyPatch):
    started: list[str] = []

    class Late:
        daemon = False

        def __init__(self, after_s: float, start: object) -> None:
            started.append(f"after {after_s:g} s")

        def start(self) -> None:
            started.append("waiting")

        def cancel(self) -> None:
            started.append("cancelled")

    monkeypatch.setattr(cli, "Timer", Late)
    monkeypatch.setattr(cli.sys.stderr, "isatty", lambda: True, raising=False)
    with cli._progress_bar("fetching") as told:
        told(1, 2, "x")
    assert started == ["after 1 s", "waiting", "cancelled"]


BROKER = "Date;Ouverture;Haut;Bas;Clôture\n01/02/2024 00:00;1,5;2;1;1\n01/02/2024 01:00;1;2;1;1,5\n"
SAID = (
    "--map", "open=Ouverture,high=Haut,low=Bas", "--map", "close=Clôture", "--date-format", "DD/MM/YYYY HH:mm",
    "--decimal", ",", "--tz", "UTC+1", "--stamp", "close", "--no-volume",
)  # fmt: skip


@pytest.fixture
def broker(tmp_path: Path) -> Path:
    path = tmp_path / "other-spot" / "BTCUSD-1h.csv"
    path.parent.mkdir()
    path.write_text(BROKER, encoding="utf-8")
    return path


def asked(monkeypatch: pytest.MonkeyPatch, answer: bool) -> list[str]:
    """Answer each question, and return what was asked."""
    questions: list[str] = []
    monkeypatch.setattr(file_options.typer, "confirm", lambda text: questions.append(text) or answer)
    monkeypatch.setattr(file_options, "is_terminal", lambda: True)
    return questions


def test_a_person_is_shown_three_rows_first_and_asked(run, broker: Path, monkeypatch: pytest.MonkeyPatch):
    questions = asked(monkeypatch, answer=False)
    refused = run("import", str(broker), *SAID)
    assert refused.exit_code == 1
    assert questions == ["Are these rows right?"]
    assert "2024-01-31T22:00:00Z" in refused.stdout
    assert "1.5" in refused.stdout
    assert "unknown" in refused.stdout
    assert json.loads(run("status", "--json").stdout) == []
    asked(monkeypatch, answer=True)
    assert run("import", str(broker), *SAID).exit_code == 0
    [row] = json.loads(run("status", "--json").stdout)
    assert (row["series"], row["bars"]) == ("other-spot:btc-usd-spot/1h", 2)


@pytest.mark.parametrize("more", [("--yes",), ("--json",), ("--dry-run",)])
def test_who_says_yes_and_programs_are_not_asked(run, broker: Path, monkeypatch: pytest.MonkeyPatch, more):
    questions = asked(monkeypatch, answer=False)
    assert run("import", str(broker), *SAID, *more).exit_code == 0
    assert questions == []


def test_a_script_is_never_asked(run, broker: Path):
    answer = run("import", str(broker), *SAID)
    assert answer.exit_code == 0, answer.output
    assert "Volume unknown" in answer.stdout
    again = run("check", str(broker), *SAID)
    assert again.exit_code == 0, again.output


def test_a_file_that_cannot_be_understood_is_refused_before_anybody_is_asked(run, broker: Path, monkeypatch):
    questions = asked(monkeypatch, answer=True)
    answer = run(
        "import", str(broker), "--map", "open=Ouverture,high=Haut,low=Bas,close=Clôture", "--no-volume"
    )
    assert (answer.exit_code, questions) == (2, [])
    assert "line 2: time '01/02/2024 00:00' is not valid; accepted:" in answer.output
