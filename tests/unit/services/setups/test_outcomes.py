"""What followed: counts always, a rate with its interval from thirty trades on, live and replayed apart."""

from __future__ import annotations

from typing import get_args

import pytest

from vigie.domain.setup import SetupCause
from vigie.ports.setup_counts import SetupEnds
from vigie.quant.stats.proportion import wilson_interval
from vigie.services.setups.outcomes import outcomes_of

ENDS = [
    SetupEnds(False, "target", 12), SetupEnds(False, "stop", 15), SetupEnds(False, "horizon", 2),
    SetupEnds(False, "opposite_signal", 1), SetupEnds(False, "gap_through_level", 3), SetupEnds(False, "closes", 40),
    SetupEnds(False, "not_near", 5), SetupEnds(False, "strategy_changed", 9), SetupEnds(True, "target", 29),
]  # fmt: skip


def test_trades_are_counted_by_how_they_ended_and_nothing_else_is():
    told = outcomes_of(ENDS, is_replayed=False)
    assert (told.entered, told.target, told.stop, told.otherwise) == (30, 12, 15, 3)
    assert (told.no_entry, told.unconfirmed) == (3, 45)
    assert told.target_share == pytest.approx(0.4)
    assert (told.low, told.high) == wilson_interval(12, 30)


def test_under_thirty_there_is_no_rate():
    told = outcomes_of(ENDS, is_replayed=True)
    assert (told.entered, told.target) == (29, 29)
    assert told.target_share is told.low is told.high is None
    assert outcomes_of([], is_replayed=True).entered == 0


def test_every_cause_of_an_end_is_counted_once():
    ends = [SetupEnds(False, cause, 1) for cause in get_args(SetupCause) if cause not in ("near", "decided")]
    told = outcomes_of(ends, is_replayed=False)
    assert told.target + told.stop + told.liquidated + told.otherwise == told.entered
    assert told.entered + told.no_entry + told.unconfirmed == len(ends) - 1
