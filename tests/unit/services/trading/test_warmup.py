"""A strategy that knows something later than it declares is refused before it trades, with both counts of bars."""

from __future__ import annotations

import pytest

from tests import houses
from tests.unit.services.trading.material import BEGUN, FILE, planned
from vigie.domain.errors import UsageError
from vigie.services.trading.account_plans.planning import KEPT_BARS

# The mean of twenty closes is known from the twentieth bar on: nineteen bars say nothing.
NEEDED = 19
STRATEGY = '''"""Above or below its mean of twenty bars."""

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import is_above, param

TIMEFRAME = "1h"


@dataclass(frozen=True)
class Params:
    """How many bars it declares."""

    declared: int = param({declared}, low=0, high=20_000)


def warmup(params: Params) -> int:
    """Bars before anything is known."""
    return params.declared


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge each close by the mean."""
    mean = sma(bars.close, 20)
    above = is_above("above", bars.close / mean - 1.0, 0.0, scale=0.02)
    below = is_above("below", 1.0 - bars.close / mean, 0.0, scale=0.02)
    return Criteria(long=(above,), short=(below,))
'''
SLOT = '[[slots]]\ninstruments = ["BTC"]\nstrategy = "late_mean"\n'


@pytest.fixture
def place(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    return houses.house(tmp_path / "home", clock=clock)


def plan_with(place, folder, declared: int, more: str = ""):
    place.results.strategies.mkdir(parents=True, exist_ok=True)
    file = place.results.strategies / "late_mean.py"
    file.write_text(STRATEGY.format(declared=declared), encoding="utf-8")
    return planned(place, folder, text=FILE[: FILE.index("[[slots]]")] + SLOT + more)


@pytest.mark.parametrize("declared", [0, 1, NEEDED - 1])
def test_too_little_is_refused_when_trading_begins(place, tmp_path, declared):
    with pytest.raises(
        UsageError, match=rf"late_mean declares too short a warm-up: .*\b{declared}\b.*\b{NEEDED}\b"
    ):
        plan_with(place, tmp_path, declared)


def test_too_little_by_a_parameter_of_the_run_file_is_refused_too(place, tmp_path):
    with pytest.raises(UsageError, match="declares too short a warm-up"):
        plan_with(place, tmp_path, NEEDED, "params = { declared = 3 }\n")


@pytest.mark.parametrize("declared", [NEEDED, 4 * NEEDED, KEPT_BARS - 1])
def test_as_much_as_is_needed_or_more_is_traded(place, tmp_path, declared):
    (slot,) = plan_with(place, tmp_path, declared).slots
    assert slot.slot.strategy == "late_mean"


def test_more_than_is_kept_would_never_decide(place, tmp_path):
    with pytest.raises(
        UsageError, match=f"declares a warm-up of {KEPT_BARS} bars, but trading keeps only the"
    ):
        plan_with(place, tmp_path, KEPT_BARS)
