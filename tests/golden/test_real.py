"""The main job on real bars: seven assets, five strategies, their own timeframes, the newest 1,500 bars."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden import runs
from tests.shared import shared_dir

pytestmark = pytest.mark.shared


def test_the_main_job_on_real_bars_gives_the_pinned_trades(tmp_path: Path):
    expected = json.loads(runs.REAL.read_text(encoding="utf-8"))
    found = runs.real_record(runs.real_run(shared_dir(), tmp_path))
    assert runs.differences(expected, found) == []
    assert len(found["slots"]) == 35
    assert found["trades"] == sum(slot["trades"] for slot in found["slots"].values())
    assert found["pnl"] == pytest.approx(sum(slot["pnl"] for slot in found["slots"].values()), abs=1e-6)
