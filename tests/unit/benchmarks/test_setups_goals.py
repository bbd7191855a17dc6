"""A goal that is missed is named, and the benchmark of setups fails."""

from __future__ import annotations

from benchmarks.setups import missed_goals


def test_what_takes_longer_than_its_goal_is_missed_and_nothing_else():
    rows = [
        ("a close", 500.0, "500"),
        ("judging", 9e9, ""),
        ("replayed", 60_000.1, "60,000"),
        ("/signals", 58.7, "50"),
    ]
    assert missed_goals(rows) == [
        "replayed: 60,000.1 ms, the goal is 60,000", "/signals: 58.7 ms, the goal is 50"
    ]  # fmt: skip
    assert missed_goals(rows[:2]) == []
