"""What a changed strategy ends: settled it counts as a trade, and without an R it is void."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from vigie.intelligence.setups.record import EndedSetup
from vigie.services.setups.checking import _as_kept
from vigie.services.setups.ended import _kind, late_count


@dataclass(frozen=True)
class End:
    cause: str
    body: dict[str, object]


@pytest.mark.parametrize(("r", "kind"), [(-1.0, "trade"), (None, "void")])
def test_what_a_changed_strategy_ends_counts_where_it_has_an_r(r, kind):
    assert _kind(End("strategy_changed", {"r": r})) == kind


def test_what_was_kept_before_it_was_settled_still_agrees_and_nothing_else_does():
    made = {"cause": "strategy_changed", "r": -1.0, "funding": 0.0, "rates": []}
    assert _as_kept(made, End("strategy_changed", {"cause": "strategy_changed", "r": None}))["r"] is None
    assert _as_kept({**made, "cause": "stop"}, End("stop", {"cause": "stop", "r": None}))["r"] == -1.0


def test_late_is_what_was_first_sealed_when_its_end_was_known():
    ended = [
        EndedSetup(name, "trade", "s", "btc", "", "day", 100, 1.0) for name in ("early", "late", "never")
    ]
    sealed = [("late", 120), ("early", 130), ("early", 99), ("late", 100), ("open", 150)]
    assert late_count(ended, sealed) == 1
