"""The terminal: Ctrl-C, slots that begin apart, options that are no numbers."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.services.backtest_material import (
    VENUE,
    Vigie,
    command_line,
    market,
    store_bars,
    write_bars,
    write_instruments,
)
from vigie.domain.time import iso


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Vigie:
    """The command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return command_line(monkeypatch, capsys)


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("words", "where", "said"),
    [
        (
            ["backtest", "--strategy", "ema_cross"],
            "vigie.services.runs.request_builder.build_request",
            "nothing was written",
        ),
        (
            ["sweep", "--strategy", "ema_cross"],
            "vigie.services.runs.request_builder.build_request",
            "run the same command again to continue",
        ),
        (
            ["data", "status"],
            "vigie.services.stored_series.series_statuses",
            "run the same command again to continue",
        ),
        (["nothing"], "vigie.views.cli.main.app", "nothing was written"),
    ],
)
def test_ctrl_c_is_answered_with_one_line(
    vigie: Vigie, monkeypatch: pytest.MonkeyPatch, words: list[str], where: str, said: str
):
    monkeypatch.setattr(where, interrupted)
    done = vigie(*words)
    assert (done.code, done.err.strip()) == (130, f"stopped; {said}")


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: signals are others")
def test_ctrl_c_while_the_program_starts_is_no_traceback():
    code = (
        "import os, signal, sys\n"
        # Whoever starts the tests in the background lets them ignore it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Slow:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == 'typer': os.kill(os.getpid(), {int(signal.SIGINT)})\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from vigie.views.cli.main import run\n"
        "run()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (130, "stopped; nothing was written")


def test_slots_of_a_portfolio_that_begin_apart_are_said(vigie: Vigie, home: Path, tmp_path: Path):
    store_bars(home)
    rules = write_instruments(tmp_path / "i.csv")
    (tmp_path / "run.toml").write_text(
        '[[slots]]\ninstruments = ["BTC"]\ntimeframe = "1d"\nstrategy = "ema_cross"\n'
        '[[slots]]\ninstruments = ["BTC"]\ntimeframe = "4h"\nstrategy = "ema_cross"\n'
    )
    common = ["backtest", "run.toml", "--venue", VENUE, "--instruments", rules, "--no-check"]
    warning = "Warning: slots start at different times; set"
    assert warning in vigie(*common, "--mode", "portfolio", "--last", "300").out
    assert warning not in vigie(*common, "--last", "300").out
    start = iso(int(market().bars("BTC", "1d").ts[20]))
    assert warning not in vigie(*common, "--mode", "portfolio", "--from", start).out


def test_a_grid_with_a_dash_is_answered_with_the_form(vigie: Vigie, tmp_path: Path):
    path = write_bars(tmp_path / "BTCUSDT-1d.csv", market().bars("BTC", "1d"))
    done = vigie("sweep", "--bars", path, "--strategy", "ema_cross", "--grid", "fast=5-60")
    assert done.code == 2
    assert "fast must be a number, or a range written fast=5:60:5 (low:high:step), was '5-60'" in done.err


def test_a_capital_of_nothing_is_refused(vigie: Vigie, tmp_path: Path):
    path = write_bars(tmp_path / "BTCUSDT-1d.csv", market().bars("BTC", "1d"))
    done = vigie("backtest", "--bars", path, "--strategy", "ema_cross", "--capital", "0")
    assert (done.code, done.err) == (2, "error: capital must be in [0.01, 9e+10], was 0.0\n")
