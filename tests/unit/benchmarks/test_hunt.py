"""The proof that a span cannot be hunted: a small form of it, and the published table."""

from __future__ import annotations

import json

from benchmarks.hunt import ORDERS, SPANS, TRIALS, families, home, hunted, market

from tests.shared import ROOT


def test_each_span_of_a_hunt_is_judged_by_all_before_it():
    family = families()[1]
    bars = market(3, 0, days=62 * 3, bars_a_day=24, name="noise")
    with home():
        told, forgotten = hunted(bars, family, ORDERS["overlapping by half"][:3], 0)
    assert [one.trials for one in told] == [TRIALS, 2 * TRIALS, 3 * TRIALS]
    assert [one.trials for one in forgotten] == [TRIALS] * 3
    assert all(one.dsr < other.dsr for one, other in zip(told[1:], forgotten[1:], strict=True))


def test_the_published_table_is_the_benchmarks_own():
    page = (ROOT / "docs" / "overfitting.md").read_text(encoding="utf-8")
    written = json.loads((ROOT / "benchmarks" / "hunt.json").read_text(encoding="utf-8"))
    for row in written["rows"]:
        found, forgotten = (row[name] / row["sets"] for name in ("found", "if_forgotten"))
        assert (
            f"| {row['trials']} | {row['spans']} | {row['sets']:,} | {found:.1%} | {forgotten:.1%} |" in page
        )
    assert (written["days"], SPANS) == (62, 8)
    costly, free, _ = written["rows"]
    assert costly["sets"] == free["sets"] == 1_000
    assert costly["found"] <= 50
    assert free["if_forgotten"] > 4 * free["found"]
