"""The measurements rest on equality: programs that differ are found, and nothing is measured then."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks import equality, market, ours, run, yardstick


@pytest.mark.parametrize("mirror", [1, -1])
@pytest.mark.parametrize("name", equality.SITUATIONS)
def test_kernel_twin_and_yardstick_agree_in_the_situation(name: str, mirror: int):
    assert list(equality._situation(name, equality.SITUATIONS[name], mirror)) == []


def test_yardstick_and_kernel_agree_on_a_walk():
    walk = market.walk(3_000, 11, market.HOUR_MS)
    found = yardstick.run(walk, 10, 30)
    outcome = equality.run_slot(equality._prepared(walk, {}, {"fast": 10, "slow": 30}))
    assert len(outcome.trades) > 30
    assert list(equality._against_yardstick("walk", outcome, *found)) == []


def test_a_difference_in_one_fee_is_found():
    walk = market.walk(1_500, 12, market.HOUR_MS)
    other = yardstick.MARKET._replace(taker=0.00061)
    outcome = equality.run_slot(equality._prepared(walk, {}))
    found = list(equality._against_yardstick("walk", outcome, *yardstick.run(walk, 20, 50, other)))
    assert "walk: fees differs from the yardstick's" in found


def test_a_situation_that_does_not_arise_is_found():
    calm = equality.Situation((equality.CALM,) * 6, {2: 1}, (equality.STOP,))
    assert list(equality._situation("calm", calm, 1)) == [
        "calm: must end by (3,), the kernel's trades end by (6,)"
    ]


def test_nothing_is_measured_where_programs_differ(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(run, "disagreements", lambda: iter(["W1: fees differ"]))
    monkeypatch.setattr(run, "Bench", None)
    assert run.main(["--out", str(tmp_path / "latest.json")]) == 1
    assert "W1: fees differ" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_row_is_written_with_the_keys_that_readers_know():
    row = run.Row("W1", 1.5, "yardstick", 0.5, 3.0, 123.4, "<= 5x", True)
    keys = ["workload", "ours_ms", "reference", "reference_ms", "ratio", "rss_mb"]
    assert list(json.loads(json.dumps(row.plain()))) == keys


def test_walks_are_the_same_from_the_same_seed_and_lie_on_the_tick():
    first, again = (market.walk(5_000, 3, market.HOUR_MS) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first[:6], again[:6], strict=True))
    ticks = np.concatenate([first.open, first.high, first.low, first.close]) * 10
    assert np.allclose(ticks, np.rint(ticks), atol=1e-6)
    assert (first.low <= np.minimum(first.open, first.close)).all()
    assert (first.high >= np.maximum(first.open, first.close)).all()


def test_every_workload_has_its_contenders():
    for name in ("w1_vigie", "w2_vigie", "w2_vigie_2", "w3_vigie", "w4_vigie", "w5_vigie", "checks_vigie"):
        assert callable(getattr(ours, name))
