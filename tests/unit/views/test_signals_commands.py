"""`vigie signals` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.services.backtest_material import VENUE, Vigie, command_line, market, store_bars, write_bars
from tests.unit.services.strategy_material import with_answer, write
from vigie.domain.time import iso

ALWAYS = """
warm = np.where(np.arange(len(bars)) >= params.window, 1.0, np.nan)
return Criteria(long=(is_above("Warm", warm, 0.0),), short=())"""
SEER = """
later = np.append(bars.close[1:], 0.0)
return Criteria(long=(is_above("Later", later, bars.close),), short=())"""


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vigie:
    return command_line(monkeypatch, capsys)


@pytest.fixture
def stored(home: Path) -> Path:
    store_bars(home)
    return home


def test_one_row_a_slot_with_side_levels_horizon_and_age(vigie: Vigie, stored):
    said = vigie("signals", "--symbols", "BTC,ETH", "--strategy", "ema_cross,macd_cross", "--tick", "0.01")
    assert said.code == 0, said.err
    rows = [line.split()[0] for line in said.out.splitlines() if "/" in line]
    assert rows == [
        "btc-usdt-perp/4h/ema_cross", "btc-usdt-perp/1d/macd_cross",
        "eth-usdt-perp/4h/ema_cross", "eth-usdt-perp/1d/macd_cross",
    ]  # fmt: skip
    assert "bars old" in said.out
    assert "(median of" in said.out
    said_of_age = said.out[said.out.index("Every slot is from a bar that closed") :]
    assert "a signal from then no longer applies" in said_of_age
    assert f"vigie data fetch {VENUE} btc-usdt-perp --timeframe " in said_of_age


def test_json_holds_the_whole_record(vigie: Vigie, stored):
    said = vigie(
        "signals",
        "--symbols",
        "BTC",
        "--strategy",
        "ema_cross",
        "--tick",
        "0.01",
        "--max-bars",
        "9",
        "--json",
    )
    (record,) = json.loads(said.out)["signals"]
    bars = market().bars("BTC", "4h")
    assert (record["slot"], record["venue"]) == ("btc-usdt-perp/4h/ema_cross", VENUE)
    assert (record["bar"], record["entry"]) == (iso(int(bars.ts[-1])), bars.close[-1])
    assert (record["horizon_bars"], record["horizon_trades"]) == (9.0, 0)
    assert record["criteria"][0]["required"]
    assert {"name", "value", "threshold", "weight", "holds", "required", "nearness"} <= set(
        record["criteria"][0]
    )


def test_own_strategy_appears_and_its_criteria_are_explained(vigie: Vigie, stored: Path):
    with_answer(stored / "strategies", ALWAYS, "always")
    said = vigie(
        "signals",
        "--symbols",
        "BTC",
        "--strategy",
        "always",
        "--tick",
        "0.01",
        "--explain",
        "--set",
        "always.window=5",
    )
    assert said.code == 0, said.err
    row = next(line for line in said.out.splitlines() if line.startswith("btc-usdt-perp/1h/always"))
    assert " long " in row
    assert "btc-usdt-perp/1h/always: long, score 1.00" in said.out
    assert "Warm " in said.out


def test_everything_stored_is_judged_where_nothing_is_asked_for(vigie: Vigie, stored):
    said = vigie("signals", "--tick", "0.0001", "--last", "260", "--no-check", "--json")
    assert said.code == 0, said.err
    assert len(json.loads(said.out)["signals"]) == 7 * 10


def test_strategy_that_looks_ahead_ends_with_1_and_the_others_are_shown(vigie: Vigie, stored: Path):
    with_answer(stored / "strategies", SEER, "seer")
    said = vigie("signals", "--symbols", "BTC", "--strategy", "seer,ema_cross", "--tick", "0.01")
    assert said.code == 1
    assert "btc-usdt-perp/4h/ema_cross" in said.out
    assert "btc-usdt-perp/1h/seer: strategy seer looks ahead or repaints: 'Later' at" in said.err


def test_files_and_run_files_are_judged_too(vigie: Vigie, tmp_path: Path):
    path = write_bars(tmp_path / "BTCUSDT-4h.csv", market().bars("BTC", "4h"))
    said = vigie("signals", "--bars", path, "--strategy", "ema_cross", "--json")
    assert said.code == 0, said.err
    (first,) = json.loads(said.out)["signals"]
    run = tmp_path / "run.toml"
    run.write_text(
        '[data]\nbars = ["BTCUSDT-4h.csv"]\n\n[[slots]]\ninstruments = ["BTC"]\nstrategy = "ema_cross"\n'
    )
    (second,) = json.loads(vigie("signals", run, "--json").out)["signals"]
    assert {**first, "age_ms": 0} == {**second, "age_ms": 0}


def test_nothing_stored_ends_with_2_and_the_cure(vigie: Vigie):
    refused = vigie("signals")
    assert refused.code == 2
    assert "vigie data import PATH" in refused.err


def test_unknown_strategy_and_parameter_end_with_2(vigie: Vigie, stored: Path):
    write(stored / "strategies", "mine")
    assert vigie("signals", "--symbols", "BTC", "--strategy", "nothing").code == 2
    refused = vigie("signals", "--symbols", "BTC", "--strategy", "mine", "--set", "mine.span=3")
    assert refused.code == 2
    assert "parameter of mine must be one of window" in refused.err
