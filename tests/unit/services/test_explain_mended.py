"""Asking why: from another folder, about bars that changed since, about crossings, about a slot half remembered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.services.backtest_material import Vigie, command_line, market, write_bars
from vigie.domain.signal import Criterion, Reading
from vigie.services.runs import explain

TIME = "2022-06-01"
SLOT = "btc-usdt-perp/1d/macd_cross"


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Vigie:
    """The command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return command_line(monkeypatch, capsys)


def run_on_a_file(vigie: Vigie, tmp_path: Path, strategy: str = "macd_cross") -> Path:
    path = write_bars(tmp_path / "in" / "BTCUSDT-1d.csv", market().bars("BTC", "1d"))
    done = vigie(
        "backtest", "--bars", "in/BTCUSDT-1d.csv", "--strategy", strategy, "--out", "r", "--no-check"
    )
    assert done.code == 0, done.err
    return path


def test_a_run_on_a_file_is_explained_from_any_folder(
    vigie: Vigie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run_on_a_file(vigie, tmp_path)
    here = vigie("why", SLOT, TIME)
    assert (here.code, here.err) == (0, "")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert vigie("why", SLOT, TIME).out == here.out
    assert vigie("why", SLOT, TIME, "--run", tmp_path / "r").out == here.out
    record = json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))
    assert record["configuration"]["bars"] == ["BTCUSDT-1d.csv"]
    assert str(tmp_path) not in json.dumps(record), "what is handed on says nothing about the machine"


def test_bars_that_changed_since_are_said(vigie: Vigie, tmp_path: Path):
    path = run_on_a_file(vigie, tmp_path)
    assert "have changed" not in vigie("why", SLOT, TIME).out
    bars = market().bars("BTC", "1d")
    close = bars.close.copy()
    close[3] = (bars.high[3] + bars.low[3]) / 2
    write_bars(path, replace(bars, close=close))
    for more in ([], ["--run", "r"]):
        assert "The bars have changed since that run" in vigie("why", SLOT, TIME, *more).out
        assert json.loads(vigie("why", SLOT, TIME, "--json", *more).out)["bars_changed"] is True


def test_a_crossing_shows_the_bar_before(vigie: Vigie, tmp_path: Path):
    run_on_a_file(vigie, tmp_path)
    now = json.loads(vigie("why", SLOT, "2022-06-02", "--json").out)["criteria"]["long"][0]
    then = json.loads(vigie("why", SLOT, "2022-06-01", "--json").out)["criteria"]["long"][0]
    assert now["name"] == "MACD crosses above its signal"
    assert now["before"] == {"value": then["value"], "threshold": then["threshold"]}
    head = vigie("why", SLOT, "2022-06-02").out.splitlines()[3].split("  ")
    assert [word.strip() for word in head if word.strip()][:5] == [
        "criterion", "value before", "threshold before", "value", "threshold",
    ]  # fmt: skip


def test_what_is_no_crossing_has_nothing_before_it():
    value = np.array([1.0, 2.0, 3.0])
    reading = Reading(value, 2.0, value > 2.0)
    crossing = Criterion("b", replace(reading, is_crossing=True))
    first, second = explain._criterion_rows((Criterion("a", reading), crossing), 2)
    assert first["before"] is None
    assert second["before"] == {"value": 2.0, "threshold": 2.0}
    assert explain._criterion_rows((crossing,), 0)[0]["before"] is None


def test_an_unknown_slot_is_answered_one_a_line_nearest_first(vigie: Vigie, tmp_path: Path):
    run_on_a_file(vigie, tmp_path, strategy="macd_cross,rsi_reversion,ema_cross")
    done = vigie("why", "btc-usdt-perp/1d/ema_cros_", TIME)
    assert done.code == 2
    said, *slots, which = done.err.splitlines()
    assert which == "This is the latest run; use --run FOLDER for another."
    assert said == "error: slot must name one of these, was 'btc-usdt-perp/1d/ema_cros_':"
    assert slots[0] == "  btc-usdt-perp/1d/ema_cross"
    assert len(slots) == 3
    several = vigie("why", "cross", TIME).err.splitlines()
    assert sorted(several[1:-1]) == ["  btc-usdt-perp/1d/ema_cross", "  btc-usdt-perp/1d/macd_cross"]
