"""Setups of a slot: the kernel's own trade ends them, and what is known at a close depends on nothing later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.engine.material import FREE, plan, slot_input, steps, strategy, walk
from vigie.domain import codes
from vigie.domain.account import AccountSettings, Costs
from vigie.domain.bar import Bars
from vigie.domain.setup import ENDED, EntryTerms
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.engine.backtest import run_slot
from vigie.engine.lone_trade import InsideEnd, inside_end
from vigie.engine.run import execute
from vigie.services.setups.folding import SlotFold
from vigie.trading import catalogue

CAUSES = {
    codes.STOP: {"stop"},
    codes.TARGET: {"target"},
    codes.LIQUIDATION: {"liquidation"},
    codes.SIGNAL: {"exit_condition", "opposite_signal"},
    codes.TIME: {"horizon"},
}
SHIPPED = ("donchian_breakout", "rsi_reversion", "supertrend_flip", "bollinger_squeeze", "macd_cross")


def run_of(bars: Bars, name: str = ""):
    # Fees and slippage as they usually are: an R without them is another one.
    account = AccountSettings(mode="isolated", costs=Costs())
    of = catalogue.load(name) if name else None
    return execute([plan(bars, of=of, account=account)], account, check=False).slots[0]


def setup_changes(run, first=0):
    return list(SlotFold().take(run, first))


def names() -> list[str]:
    return ["", *SHIPPED]


def test_the_strategies_that_are_tried_are_shipped():
    assert set(SHIPPED) <= set(catalogue.available(None))


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_confirmed_setup_ends_as_the_fill_model_ends_its_trade(name, seed):
    run = run_of(walk(900, seed=seed), name)
    changes = list(setup_changes(run))
    compared = 0
    for change in changes:
        end = next((one for one in changes if one.setup == change.setup and one.state in ENDED), None)
        if change.state != "confirmed" or end is None:
            continue
        bar = int(np.searchsorted(run.plan.bars.ts, change.ts_bar))
        flags = run.input.flags.copy()
        # The one entry, every exit, and opposite signals, which end it.
        own, other = (LONG_ENTRY, SHORT_ENTRY) if change.side == "long" else (SHORT_ENTRY, LONG_ENTRY)
        both = (flags & (own | other)) == (own | other)
        flags[both] &= np.uint8(255 ^ own ^ other)
        flags[np.arange(len(flags)) != bar] &= np.uint8(255 ^ own)
        flags[: bar + 1] = 0
        flags[bar] = own
        sizing = replace(run.input.sizing, max_bars=change.horizon_bars)
        outcome = run_slot(replace(run.input, flags=flags, sizing=sizing))
        if not len(outcome.trades) or outcome.trades["decision_ts"][0] != outcome.log[0, 0]:
            continue
        trade = outcome.trades[0]
        if trade["reason"] == codes.END_OF_DATA:
            continue
        assert end.cause in CAUSES[int(trade["reason"])]
        is_inside = trade["reason"] in (codes.STOP, codes.TARGET, codes.LIQUIDATION)
        # What is decided at a close is filled at the next bar's first price.
        last = int(trade["exit_bar"]) - (0 if is_inside else 1)
        assert end.ts_bar == run.plan.bars.ts[last]
        # Settled at that close, as the fill model settles what is open after the last bar.
        whole = replace(run.input, flags=flags, sizing=sizing)
        parts = {name: getattr(whole, name)[: last + 1] for name in ("flags", "stop_unit", "target_unit")}
        cut = replace(whole, bars=whole.bars.slice(0, last + 1), **parts)
        own_trade = trade if is_inside else run_slot(cut).trades[0]
        distance = abs(float(run.plan.bars.close[bar]) - own_trade["stop"])
        assert end.r == pytest.approx(own_trade["pnl"] / (own_trade["qty"] * distance), abs=6e-5)
        compared += 1
    assert compared > 0 or not [one for one in changes if one.state in ENDED and one.horizon_bars]


@pytest.mark.parametrize("name", names())
def test_a_shorter_history_gives_the_beginning_of_the_same_changes(name):
    bars = walk(700, seed=7)
    whole = list(setup_changes(run_of(bars, name)))
    assert whole
    for stop in (200, 431, 432, 433, 434, 435, 699):
        known = [change for change in whole if change.ts_bar <= bars.ts[stop - 1]]
        assert repr(list(setup_changes(run_of(bars.slice(0, stop), name)))) == repr(known)


def test_only_the_end_of_a_confirmed_setup_has_an_r():
    changes = setup_changes(run_of(walk(900, seed=1)))
    confirmed = {change.setup for change in changes if change.state == "confirmed"}
    assert {change.state for change in changes if change.r is not None} <= set(ENDED)
    without = [change for change in changes if change.state in ENDED and change.r is None]
    assert all(change.setup not in confirmed or change.cause == "gap_through_level" for change in without)


def test_the_first_bar_of_what_is_read_may_be_chosen():
    run = run_of(walk(300))
    changes = list(setup_changes(run, first=100))
    assert changes
    assert min(change.ts_bar for change in changes) >= run.plan.bars.ts[100]


@pytest.mark.parametrize(
    ("closes", "end"),
    [
        ([100.0, 100.0, 100.0, 96.0, 100.0], (4, "stop")),
        ([100.0, 100.0, 100.0, 104.0, 100.0], (4, "target")),
        ([100.0, 100.0, 100.0, 100.0, 100.0], None),
    ],
)
def test_a_lone_trade_ends_where_its_levels_are_reached(closes, end):
    slot = slot_input(steps([100.0, *closes]), long=[1], unit=1.5)
    told = inside_end(slot, 1, "long", 6, EntryTerms(1.5, 1.5, 5.0))
    assert (told and (told.bar, told.event)) == end


def test_an_entry_beyond_its_stop_is_refused_at_the_open():
    bars = steps([100.0, 100.0, 100.0, 100.0])
    bars.open[2], bars.low[2], bars.close[2] = 90.0, 89.0, 90.0
    assert inside_end(slot_input(bars, long=[1]), 1, "long", 4, EntryTerms(1.0, 1.0, 5.0)) == InsideEnd(
        2, "gap_through_level"
    )


def test_what_happens_after_the_bars_that_are_read_is_not_known():
    slot = slot_input(steps([100.0, 100.0, 100.0, 96.0]), long=[0], unit=1.5)
    assert inside_end(slot, 0, "long", 3, EntryTerms(1.5, 1.5, 5.0)) is None
    assert inside_end(slot, 0, "long", 4, EntryTerms(1.5, 1.5, 5.0)).event == "stop"


def test_a_strategy_without_criteria_has_no_setups():
    from vigie.domain.signal import Criteria

    run = execute(
        [plan(walk(100), of=strategy(lambda bars, params: Criteria(long=(), short=())))],
        AccountSettings(mode="isolated", costs=FREE),
        check=False,
    ).slots[0]
    assert list(setup_changes(run)) == []


def test_an_entry_that_the_next_open_makes_impossible_is_refused():
    bars = steps([100.0, 100.0, 100.0, 100.0])
    # So far above the decision that the liquidation would come before the stop.
    bars.open[2], bars.high[2], bars.close[2] = 117.0, 118.0, 117.0
    slot = slot_input(bars, long=[1], unit=7.8)
    assert inside_end(slot, 1, "long", 4, EntryTerms(7.8, 7.8, 5.0)) == InsideEnd(2, "entry_refused")


def test_what_ended_a_trade_in_bars_that_nobody_followed_is_told_at_the_next_close():
    run = run_of(walk(900, seed=2), "ema_cross")
    tried = 0
    for confirmed in [change for change in setup_changes(run) if change.state == "confirmed"]:
        bar = int(np.searchsorted(run.plan.bars.ts, confirmed.ts_bar))
        terms = EntryTerms(
            float(run.input.stop_unit[bar]), float(run.input.target_unit[bar]), run.input.sizing.leverage
        )
        end = inside_end(run.input, bar, confirmed.side, len(run.plan.bars), terms)
        if end is None or not confirmed.horizon_bars < end.bar - bar < 200:
            continue
        fold = SlotFold()
        list(fold.take(run_until(run, bar + 1), 0))
        (told, *_) = [one for one in fold.take(run, end.bar + 5) if one.setup == confirmed.setup]
        assert told.cause == end.event
        tried += 1
    assert tried > 0


def run_until(run, stop):
    return run_of(run.plan.bars.slice(0, stop), run.plan.strategy.name)
