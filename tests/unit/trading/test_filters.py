"""Optional criteria that strategies share: what each holds for, and that none gates an entry."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from tests.unit.engine.material import steps, walk
from vigie.domain.bar import Bars
from vigie.trading.filters import near_trigger, with_trend, with_volume
from vigie.trading.strategy import atr_of


def rising(count: int = 260) -> Bars:
    return steps(np.linspace(100.0, 200.0, count))


def test_the_trend_is_the_side_of_the_long_average():
    up, down = with_trend(rising(), 1), with_trend(rising(), -1)
    assert up.read().holds[-1]
    assert not down.read().holds[-1]
    assert not up.read().holds[:198].any()  # not known yet
    assert (up.sense, down.sense) == ("above", "below")


def test_volume_is_compared_with_its_own_mean():
    bars = rising(30)
    bars.volume[:] = 1.0
    bars.volume[25] = 5.0
    holds = with_volume(bars).read().holds
    assert np.flatnonzero(holds).tolist() == [25]


def test_a_trigger_is_near_within_a_share_of_the_range():
    bars = walk(60)
    atr = atr_of(bars)
    for share, holds in ((0.5, True), (-0.5, True), (1.0, True), (1.5, False), (-1.5, False)):
        assert near_trigger(bars, share * atr).read().holds[-1] == holds
        assert near_trigger(bars, share * atr, limit_atr=2.0).read().holds[-1]
    assert not near_trigger(bars, 0.1 * atr).read().holds[0]


def test_a_flat_market_is_not_near_anything():
    bars = steps([100.0] * 40)
    flat = Bars(bars.instrument, bars.span_ms, bars.ts, *(np.full(40, 100.0) for _ in range(4)), bars.volume)
    reading = near_trigger(flat, np.ones(40)).read()
    assert not reading.holds.any()


def arrays(bars: Bars) -> list[np.ndarray]:
    """Return what was computed of bars so far."""
    kept = [value if isinstance(value, tuple) else (value,) for value in bars._memo.values()]
    return [one for values in kept for one in values if isinstance(one, np.ndarray)]


@pytest.mark.parametrize(
    "make", [lambda b: with_trend(b, 1), with_volume, lambda b: near_trigger(b, b.close - b.open)]
)
def test_none_of_them_gates_an_entry_and_all_are_computed_only_when_asked_for(make):
    bars = walk(300)
    criterion = make(bars)
    assert not criterion.required
    assert arrays(bars) == []
    near = criterion.nearness()
    assert arrays(bars), "what was computed is remembered, so nothing would have been seen before"
    assert np.nanmin(near) >= 0
    assert np.nanmax(near) <= 1


def test_bars_are_let_go_at_once_whatever_was_asked_of_them():
    bars = walk(300)
    made = [with_trend(bars, 1), with_volume(bars), near_trigger(bars, bars.close - bars.open)]
    for one in made:
        one.read()
    held = [weakref.ref(one) for one in arrays(bars)]
    gc.disable()
    try:
        del bars, made, one
        # Millions of bars that wait for the collector of garbage are memory that the next run has to take anew.
        assert held
        assert [one for one in held if one() is not None] == []
    finally:
        gc.enable()
