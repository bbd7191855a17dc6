"""The committed file of simulated bars is what the generator still makes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np

from tests.shared import ROOT
from vigie_sandbox.market import VERSION, simulate_market

GOLDEN = ROOT / "tests" / "data" / "golden"
START = 1_704_067_200_000
SEED = 11
COLUMNS = ("open", "high", "low", "close", "volume")


def test_the_generator_still_makes_the_committed_bars(record_property: Callable[[str, object], None]) -> None:
    lines = (GOLDEN / "simulated-2000.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "timestamp,open,high,low,close,volume"
    rows = [line.split(",") for line in lines[1:]]
    bars = simulate_market(SEED, ["BTC"], START, 2_000, "1h").bars("BTC")
    times = [round(datetime.fromisoformat(row[0]).timestamp() * 1_000) for row in rows]
    assert times == bars.ts.tolist()
    committed = np.array([[float(value) for value in row[1:]] for row in rows]).T
    made = np.array([getattr(bars, name) for name in COLUMNS])
    # Libraries differ in the last bit of exp and log; rounding to ticks and lots hides nearly all of it.
    record_property("bit_equal", bool(np.array_equal(committed, made)))
    np.testing.assert_allclose(made, committed, rtol=1e-9)


def test_the_note_beside_the_file_names_its_seed_and_version() -> None:
    note = (GOLDEN / "README.md").read_text(encoding="utf-8")
    assert f"seed {SEED}" in note
    assert f"version {VERSION} " in note
