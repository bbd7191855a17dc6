"""What makes two runs the same, and two trials the same trial: the source and the place of files count."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.services.backtest_material import VENUE, market, store_bars, write_bars
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.trial_names import TrialNames
from vigie.services.runs import backtest, identity
from vigie.services.runs.backtest import BacktestRequest, SlotRequest, plan_slots
from vigie.services.searches.sweeps import SweepRequest, plan_sweep
from vigie.trading.catalogue import SHIPPED
from vigie.wiring.data import open_data


def slot_request(home: Path, **more: object) -> BacktestRequest:
    return BacktestRequest(
        slots=(SlotRequest("BTC", "4h", "mine", {"fast": 8}),),
        venue=VENUE, tick="0.1", lot="0.001", own_strategies=home / "strategies", **more,
    )  # fmt: skip


def own_strategy(home: Path, last_line: str) -> None:
    (home / "strategies").mkdir(exist_ok=True)
    text = (SHIPPED / "ema_cross.py").read_text(encoding="utf-8")
    (home / "strategies" / "mine.py").write_text(text + last_line, encoding="utf-8")


def names_of(swept: SweepPlan, combination: int) -> tuple[str, str]:
    (tried,) = TrialNames(swept).tried_variants([combination])
    return tried.variants[0], tried.former[0]


def test_every_edit_of_a_strategy_is_a_trial_more(home: Path):
    store_bars(home)
    trials = set()
    for edit in range(6):
        own_strategy(home, f"# idea {edit}\n")
        (plan,) = plan_slots(open_data(), slot_request(home))
        trials.add(identity.slot_trial_hashes(plan))
    own_strategy(home, "# idea 5\n")
    (again,) = plan_slots(open_data(), slot_request(home))
    assert identity.slot_trial_hashes(again) in trials
    assert len(trials) == 6


@pytest.mark.parametrize("edit", ["", "# { braces } stay\n"])
def test_a_sweep_names_its_trials_as_a_backtest_does(home: Path, edit: str):
    store_bars(home)
    own_strategy(home, edit)
    (plan,) = plan_slots(open_data(), slot_request(home))
    swept = plan_sweep(open_data(), SweepRequest(slot_request(home), grid="fast=7|8"))
    assert names_of(swept, 1) == identity.slot_trial_hashes(plan)
    assert names_of(swept, 0) != identity.slot_trial_hashes(plan)


def test_files_of_one_name_in_two_folders_are_two_configurations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = write_bars(tmp_path / "a" / "BTCUSDT-4h.csv", market().bars("BTC", "4h"))
    (tmp_path / "b").mkdir()
    shutil.copy(path, tmp_path / "b")
    monkeypatch.chdir(tmp_path)

    def ask(file: Path) -> BacktestRequest:
        return BacktestRequest(slots=(SlotRequest(str(file), "4h", "ema_cross"),), bars=(file,))

    a, b = ask(Path("a/BTCUSDT-4h.csv")), ask(Path("b/BTCUSDT-4h.csv"))
    assert backtest.configuration_hash(a) != backtest.configuration_hash(b)
    assert backtest.configuration_hash(a) == backtest.configuration_hash(ask(path))
    # What is written down keeps the names alone: it says nothing about the machine.
    assert backtest.backtest_configuration(a) == backtest.backtest_configuration(b)
    assert backtest.backtest_configuration(a)["slots"][0]["instrument"] == "BTCUSDT-4h.csv"


@pytest.mark.parametrize("name", ["instruments", "funding", "mark"])
def test_the_place_of_every_other_file_counts_too(tmp_path: Path, name: str):
    base = BacktestRequest(slots=(SlotRequest("BTC", "4h", "ema_cross"),), venue=VENUE)
    here, there = (replace(base, **{name: tmp_path / folder / "f.csv"}) for folder in ("a", "b"))
    assert len({backtest.configuration_hash(one) for one in (base, here, there)}) == 3


def test_what_is_required_besides_is_another_trial_and_another_configuration(home: Path):
    store_bars(home)
    own_strategy(home, "")
    asked = slot_request(home)
    gated = replace(asked, slots=(replace(asked.slots[0], require=("trend",)),))
    names = [identity.slot_trial_hashes(plan_slots(open_data(), one)[0]) for one in (asked, gated)]
    assert names[0] != names[1]
    assert backtest.configuration_hash(asked) != backtest.configuration_hash(gated)
    assert "require" not in backtest.backtest_configuration(asked)["slots"][0]
    swept = plan_sweep(open_data(), SweepRequest(gated, grid="fast=7|8"))
    assert names_of(swept, 1) == names[1]
