"""The demonstration: simulated bars where none are stored, stored ones where they are, and why afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.services.backtest_material import VENUE, files_of, market, rows_of
from vigie.data.frames import to_frame
from vigie.domain.ids import SeriesId
from vigie.services import demo
from vigie.services.runs.backtest import no_progress
from vigie.services.runs.explain import explain_bar
from vigie.services.runs.results import load_request
from vigie.services.runs.simulated import simulated_market, simulated_plans
from vigie.trading import catalogue
from vigie.wiring.data import open_data
from vigie.wiring.results import open_results


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demonstration on few bars."""
    demo.run_demo(
        open_data(), open_results(), tmp_path / "demo", seed=7, bars=120, language="en", progress=no_progress
    )
    return tmp_path / "demo"


def test_without_stored_bars_every_strategy_runs_on_seven_simulated_assets(folder: Path):
    names = [row["slot"] for row in rows_of(folder / "summary.csv")]
    assert len(names) == 7 * len(catalogue.available()) + 1
    record = json.loads((folder / "result.json").read_text())
    assert record["simulated"] is True
    assert {slot["bars"] for slot in record["slots"]} == {120}
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert "imulated" in report
    assert "the simulated venue" in report


def test_the_same_seed_gives_the_same_files_and_another_seed_others(folder: Path, tmp_path: Path):
    for seed, name in ((7, "again"), (8, "other")):
        demo.run_demo(
            open_data(),
            open_results(),
            tmp_path / name,
            seed=seed,
            bars=120,
            language="en",
            progress=no_progress,
        )
    assert files_of(tmp_path / "again") == files_of(folder)
    assert files_of(tmp_path / "other")["trades.csv"] != files_of(folder)["trades.csv"]


def test_why_can_be_asked_of_the_simulated_market_afterwards(folder: Path):
    trade = rows_of(folder / "trades.csv")[0]
    answer = explain_bar(open_data(), load_request(open_results().runs), trade["slot"], trade["entry_ts"])
    assert answer["position"]["entry_price"] == float(trade["entry_price"])
    assert "entry_intent" in answer["codes"]


def test_stored_bars_are_used_where_a_venue_has_every_timeframe(tmp_path: Path):
    desk = open_data()
    for timeframe in ("1h", "4h"):
        bars = market().bars("BTC", timeframe)
        desk.bars.upsert(SeriesId("bitget-perp", bars.instrument, timeframe), to_frame(bars))
    run, kept = demo.run_demo(
        desk, open_results(), tmp_path / "a", seed=7, bars=100, language="en", progress=no_progress
    )
    assert kept.record["simulated"] is True  # the daily bars are missing
    daily = market().bars("BTC", "1d")
    desk.bars.upsert(SeriesId("bitget-perp", daily.instrument, "1d"), to_frame(daily))
    run, kept = demo.run_demo(
        desk, open_results(), tmp_path / "b", seed=7, bars=100, language="en", progress=no_progress
    )
    assert kept.record["simulated"] is False
    assert {slot.plan.slot.instrument for slot in run.slots} == {"btc-usdt-perp"}
    assert {slot.plan.bars.venue for slot in run.slots} == {"bitget-perp"}
    assert all(len(slot.plan.bars) == 100 for slot in run.slots)
    # The stored bars of a demonstration's home are invented, whatever their venue is called.
    home = replace(open_results(), is_simulated=True)
    _, kept = demo.run_demo(desk, home, tmp_path / "c", seed=7, bars=100, language="en", progress=no_progress)
    assert kept.record["simulated"] is True


def test_the_next_steps_are_commands_that_work_as_they_stand(folder: Path):
    run, kept = demo.run_demo(
        open_data(), open_results(), folder, seed=7, bars=120, language="en", progress=no_progress
    )
    lines = demo.next_steps(run, kept)
    assert any(str(folder / "report.html") in line for line in lines)
    assert any("vigie data fetch" in line for line in lines)
    assert not any("install" in line for line in lines)
    assert any("vigie[live]" in line for line in demo.next_steps(run, kept, has_connectors=False))
    (asked,) = (line.split() for line in lines if "vigie why " in line)
    assert explain_bar(open_data(), load_request(open_results().runs), asked[2], asked[3])
    at_home = demo.next_steps(run, kept, has_connectors=False, is_demo_home=True)
    assert not any("data fetch" in line or "install" in line for line in at_home)


def test_simulated_slots_carry_the_venue_that_says_so():
    plans = simulated_plans(simulated_market(7, 40), remembered_account(), 40)
    assert {plan.bars.venue for plan in plans} == {VENUE}
    assert all(plan.funding.ts[0] >= plan.bars.ts[0] for plan in plans)


def remembered_account():
    from vigie.domain.account import AccountSettings

    return AccountSettings()
