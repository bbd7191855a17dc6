"""Every shipped strategy on the committed bars: the same statistics and the same decisions, whatever computes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.golden import runs
from tests.shared import ROOT
from vigie.domain.codes import CODES
from vigie.engine.journal import decision_hash
from vigie.trading import catalogue

EXPECTED = json.loads(runs.PINNED.read_text(encoding="utf-8"))
BARS = runs.pinned_bars()
# Without compilation a bar costs a hundred times as much: a part of the history is enough to take every path.
SHORT = 700


@pytest.mark.parametrize("name", EXPECTED)
def test_a_golden_run_gives_the_pinned_statistics_and_decisions(name: str):
    found = runs.record(runs.runs(BARS)[name]())
    assert runs.differences(EXPECTED[name], found) == []


def test_every_shipped_strategy_is_pinned_and_trades():
    assert set(catalogue.available()) | {runs.PORTFOLIO, runs.GUARDED} == set(EXPECTED)
    idle = [name for name, record in EXPECTED.items() if record["statistics"]["trades"] < 3]
    assert idle == []


def test_the_shared_account_is_stopped_by_many_rules():
    words = set()
    for name in (runs.PORTFOLIO, runs.GUARDED):
        words |= {CODES[int(code)] for code in np.unique(runs.runs(BARS)[name]().log[:, 6])}
    assert {"instrument_taken", "loss_streak", "daily_loss", "slot_drawdown", "exit_decided_signal",
            "stop", "target"} <= words  # fmt: skip


def test_decisions_are_the_same_with_compilation_off():
    compiled = {
        name: decision_hash(start().log) for name, start in runs.runs(runs.pinned_bars(SHORT)).items()
    }
    plain = subprocess.run(
        [sys.executable, "-m", "tests.golden.runs", str(SHORT)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(plain.stdout) == compiled
    assert len(set(compiled.values())) > len(compiled) / 2


def test_decisions_are_the_same_on_two_threads():
    started = runs.runs(BARS)
    with ThreadPoolExecutor(2) as pool:
        found = dict(
            zip(started, pool.map(lambda start: decision_hash(start().log), started.values()), strict=True)
        )
    assert found == {name: record["decision_hash"] for name, record in EXPECTED.items()}


def test_a_difference_beyond_1e_9_is_found_and_a_smaller_one_is_not():
    record = {"decision_hash": "a", "statistics": {"sharpe": 1.0, "trades": 3, "alpha": None}}

    def changed(**figures: object) -> list[str]:
        return runs.differences(record, {**record, "statistics": {**record["statistics"], **figures}})

    assert changed(sharpe=1.0 + 5e-10) == []
    assert changed(sharpe=1.0 + 5e-9) == ["/statistics/sharpe: expected 1.0, found 1.000000005"]
    assert changed(trades=4) == ["/statistics/trades: expected 3, found 4"]
    assert len(changed(alpha=0.1)) == 1
    assert len(changed(extra=1)) == 1
