"""Histories traded on paper book what a backtest books, where its rules change or finer bars end with coarse ones."""

from __future__ import annotations

import numpy as np

from tests.unit.engine.material import HOUR, rules, slot_input, steps
from vigie.domain.account import Protections
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.engine.backtest import run_shared
from vigie.engine.inputs import SlotInput
from vigie.engine.live.paper.paper import PaperRun, trade_on_paper

# Nothing but leverage bounds a position.
UNBOUND = Protections(instrument_exposure_fraction=0.0, correlated_exposure_fraction=0.0, margin_fraction=0.0)


def on_paper(inputs: list[SlotInput], protections: Protections | None) -> PaperRun:
    """Trade slots under names of their own."""
    named = [(SlotId(given.bars.instrument, "1h", "made_up"), given) for given in inputs]
    return trade_on_paper(named, protections)


def test_a_leverage_cap_that_is_lowered_before_the_open_shrinks_a_decided_entry() -> None:
    bars = steps([100.0] * 5)
    given = slot_input(bars, long=[1], unit=0.1)
    later = rules(leverage_cap=1.0, valid_from=2 * HOUR)
    lowered = SlotInput(
        bars, given.flags, given.stop_unit, given.target_unit, (rules(), later), costs=given.costs
    )
    # 500 units were decided on 10,000 at five times; one time buys 100 at 100.
    assert on_paper([lowered], UNBOUND).account.trades["qty"].tolist() == [100.0]
    assert run_shared([lowered], protections=UNBOUND).trades["qty"].tolist() == [100.0]


def halves_of(bars: Bars) -> Bars:
    """Return finer bars of which the second of each bar shows its whole range."""
    n = 2 * len(bars)
    open_, high, low, close = (np.repeat(bars.open, 2) for _ in range(4))
    high[1::2], low[1::2], close[1::2] = bars.high, bars.low, bars.close
    ts = np.arange(n, dtype=np.int64) * (HOUR // 2)
    return Bars(bars.instrument, HOUR // 2, ts, open_, high, low, close, np.ones(n))


def test_stops_of_one_instant_are_booked_in_the_order_of_slots_whether_on_finer_bars_or_not() -> None:
    falls = [100.0, 100.0, 100.0, 90.0, 90.0, 90.0]
    coarse, other = steps(falls), steps(falls, instrument="eth-usdt-perp")
    inputs = [slot_input(coarse, long=[1]), slot_input(other, long=[1], detail=halves_of(other))]
    for trades in (on_paper(inputs, None).account.trades, run_shared(inputs, protections=None).trades):
        assert trades["exit_ts"].tolist() == [4 * HOUR, 4 * HOUR]
        assert trades["slot"].tolist() == [0, 1]
