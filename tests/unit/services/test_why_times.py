"""Why, asked with the times of trades.csv: where a position began, where it ended, and where to look instead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.engine.material import plan, walk
from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.engine.run import Run, execute
from vigie.services.runs.explain import _position_changes
from vigie.services.runs.folders import refuse_foreign_folder
from vigie.trading import catalogue


def run() -> Run:
    reversion = catalogue.load("rsi_reversion")
    planned = [replace(plan(walk(3_000), of=reversion), params=reversion.defaults())]
    return execute(planned, planned[0].account)


def test_the_bar_of_an_entry_names_the_bar_that_decided_it():
    slot = run().slots[0]
    trade = slot.trades[0]
    said = _position_changes(slot, int(trade["entry_bar"]), int(trade["entry_ts"]))
    assert any("was opened at this open" in line and iso(int(trade["decision_ts"])) in line for line in said)


def test_the_close_time_of_an_inside_exit_points_to_its_bar():
    slot = run().slots[0]
    ts = slot.plan.bars.ts
    inside = [t for t in slot.trades if t["exit_bar"] + 1 < len(ts) and t["exit_ts"] == ts[t["exit_bar"] + 1]]
    trade = inside[0]
    bar = int(trade["exit_bar"])
    assert any(iso(int(ts[bar])) in line for line in _position_changes(slot, bar + 1, int(trade["exit_ts"])))
    assert any("inside this bar" in line for line in _position_changes(slot, bar, int(ts[bar])))


def test_a_folder_of_something_else_is_refused(tmp_path: Path):
    refuse_foreign_folder(tmp_path)
    refuse_foreign_folder(tmp_path / "new")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="--out must be a new folder or that of an earlier"):
        refuse_foreign_folder(tmp_path)
    (tmp_path / "result.json").write_text("{}", encoding="utf-8")
    refuse_foreign_folder(tmp_path)
