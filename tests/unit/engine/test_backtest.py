"""The host that replays history: what it refuses, settlements and marks, one slot and many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.material import FREE, HOUR, rules, slot_input, steps, walk
from vigie.domain import codes
from vigie.domain.account import Costs, Protections, Sizing
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.engine.backtest import run_shared, run_slot
from vigie.engine.inputs import SlotInput, check_input, settlements_of

UP = [100.0, 100.0, 101.0, 102.0, 103.0, 104.0, 105.0]


def changed(bars: Bars, **arrays: np.ndarray) -> Bars:
    return replace(bars, **arrays)


# What is refused


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: replace(s, bars=s.bars.slice(0, 0)), "bars must not be empty"),
        (lambda s: replace(s, flags=s.flags[:-1]), "flags must have 7 values like the bars, had 6"),
        (
            lambda s: replace(s, stop_unit=s.stop_unit[:-2]),
            "stop_unit must have 7 values like the bars, had 5",
        ),
        (
            lambda s: replace(s, target_unit=s.target_unit[:0]),
            "target_unit must have 7 values like the bars, had 0",
        ),
        (lambda s: replace(s, first=7), "warm-up must leave at least one of 7 bars, was 7"),
        (lambda s: replace(s, first=-1), "warm-up must leave at least one of 7 bars, was -1"),
        (lambda s: replace(s, bars=changed(s.bars, ts=s.bars.ts[::-1])), "bar 1 does not come after bar 0"),
        (
            lambda s: replace(s, bars=changed(s.bars, close=np.full(7, np.inf))),
            "close .*finite, was inf at bar 0",
        ),
        (
            lambda s: replace(s, versions=()),
            "an instrument needs at least one version of its rules",
        ),
    ],
)
def test_an_input_that_cannot_be_walked_is_refused(change, said):
    with pytest.raises(UsageError, match=said):
        check_input(change(slot_input(steps(UP))))


def test_a_sound_input_passes():
    check_input(slot_input(steps(UP)))


def test_no_slots_and_finer_bars_that_are_not_finer_are_refused():
    with pytest.raises(UsageError, match="a run needs at least one slot"):
        run_shared([], protections=None)
    bars = steps(UP)
    with pytest.raises(UsageError, match="finer bars must be shorter than 1h, were 1h"):
        run_slot(slot_input(bars, detail=bars))
    half = Bars("x", HOUR // 2, bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    third = replace(half, span_ms=HOUR // 3)
    with pytest.raises(UsageError, match="finer bars must share one timeframe"):
        run_shared([slot_input(bars, detail=half), slot_input(steps(UP), detail=third)], protections=None)


# Settlements


def test_settlements_are_floored_to_the_minute_sorted_and_given_their_mark():
    found = settlements_of(
        np.array([8 * HOUR + 59_999, 5]),
        np.array([0.2, 0.1]),
        np.array([0, 8 * HOUR]),
        np.array([50.0, 60.0]),
    )
    assert found.ts.tolist() == [0, 8 * HOUR]
    assert found.rate.tolist() == [0.1, 0.2]
    assert found.mark.tolist() == [50.0, 60.0]


def test_a_settlement_without_a_mark_bar_has_no_mark():
    for marks in (([1], [50.0]), ([], []), (None, None)):
        mark_ts, mark_open = (None if part is None else np.array(part) for part in marks)
        assert np.isnan(settlements_of(np.array([0]), np.array([0.1]), mark_ts, mark_open).mark).all()


# One slot


def test_an_entry_meets_the_next_open_and_the_end_of_the_data_its_close():
    outcome = run_slot(slot_input(steps(UP), long=[1], unit=50.0, sizing=Sizing(leverage=1)))
    assert len(outcome.trades) == 0  # a stop of 100 lies below nought
    assert [codes.CODES[int(code)] for code in outcome.log[:, 6]] == ["bad_level"]
    outcome = run_slot(slot_input(steps(UP), long=[1], unit=5.0))
    (trade,) = outcome.trades
    assert (trade["entry_ts"], trade["entry"], trade["exit_ts"], trade["exit"]) == (
        2 * HOUR,
        100.0,
        7 * HOUR,
        105.0,
    )
    assert codes.REASONS[int(trade["reason"])] == "end_of_data"
    assert outcome.equity[-1] == 10_000 + trade["pnl"] == 10_000 + 5 * trade["qty"]
    assert outcome.equity_ts.tolist() == [k * HOUR for k in range(1, 8)]


def test_decisions_carry_the_number_of_the_slot():
    given = slot_input(steps(UP), long=[1], unit=5.0)
    for guards in (None, Protections()):
        outcome = run_slot(given, number=4, protections=guards)
        assert set(outcome.log[:, 1]) == {4}
        assert set(outcome.trades["slot"]) == {4}


def test_bars_that_only_warm_up_are_neither_traded_nor_sampled():
    given = replace(slot_input(steps(UP), long=[1, 3], unit=5.0), first=3)
    outcome = run_slot(given)
    (trade,) = outcome.trades
    assert trade["entry_ts"] == 4 * HOUR
    assert len(outcome.equity) == 4


def test_refusals_and_the_hash_are_of_the_log():
    outcome = run_slot(slot_input(steps(UP), long=[1, 2], short=[2], unit=5.0))
    words = [codes.CODES[int(code)] for code in outcome.log[outcome.refusals, 6]]
    assert words == ["both_sides"]
    assert len(outcome.decision_hash) == 64


def test_many_trades_outgrow_the_first_logs():
    n = 4_000
    bars = steps(100.0 + (np.arange(n) % 2))
    given = slot_input(
        bars, long=range(0, n, 2), long_exit=range(1, n, 2), unit=20.0, sizing=Sizing(stop_atr=1, leverage=1)
    )
    alone = run_slot(given)
    shared = run_shared([given], protections=None)
    assert len(alone.trades) == len(shared.trades) > 1_500
    assert alone.decision_hash == shared.decision_hash
    assert np.array_equal(alone.equity, shared.equity)
    assert alone.trades["pnl"].tolist() == shared.trades["pnl"].tolist()


@st.composite
def histories(draw: st.DrawFn) -> SlotInput:
    seed = draw(st.integers(0, 10_000))
    count = draw(st.integers(2, 60))
    dice = np.random.default_rng(seed)
    bars = walk(count, seed=seed)
    if draw(st.booleans()) and count > 10:
        bars = changed(bars, ts=bars.ts + np.cumsum(dice.random(count) < 0.1) * 7 * HOUR)
    flags = (dice.integers(0, 16, count) * (dice.random(count) < 0.5)).astype(np.uint8)
    unit = np.where(dice.random(count) < 0.1, np.nan, dice.uniform(0.2, 3.0, count))
    minutes = dice.choice(int(bars.ts[-1] - bars.ts[0] + HOUR) // 60_000, 6, replace=False)
    ts = bars.ts[0] + 60_000 * minutes
    return SlotInput(
        bars, flags, unit, unit, (rules(min_notional=draw(st.sampled_from([0.0, 5_000.0]))),),
        sizing=Sizing(max_bars=draw(st.sampled_from([0, 3])), leverage=draw(st.sampled_from([1.0, 5.0])),
                      target_execution=draw(st.sampled_from(["trigger", "limit"]))),
        costs=Costs(slippage_bps=draw(st.sampled_from([0.0, 5.0, 80.0]))),
        funding=settlements_of(ts, dice.normal(0, 1e-3, 6)),
        first=draw(st.integers(0, count - 1)),
    )  # fmt: skip


@given(histories(), st.booleans())
@settings(derandomize=True, deadline=None, max_examples=200)
def test_what_holds_for_every_run(given: SlotInput, guarded: bool):
    outcome = run_slot(given, protections=Protections() if guarded else None)
    trades = outcome.trades
    tick_free = 1e-9
    assert outcome.equity[-1] == pytest.approx(given.sizing.capital + trades["pnl"].sum(), abs=1e-6)
    for name in ("fees", "funding", "gross"):
        units = trades[name] * 1e8
        assert np.allclose(units, np.rint(units), atol=1e-3)
    for trade in trades:
        bar_in, bar_out = int(trade["entry_bar"]), int(trade["exit_bar"])
        assert given.first < bar_in <= bar_out
        assert trade["qty"] > 0
        assert (
            trade["qty"] * abs(trade["stop"] - given.bars.close[bar_in - 1])
            <= 0.02 * trade["decision_equity"] + 1e-6
        )
        # Never better than the bar allows: buys at or above what was there, sells at or below.
        side = int(trade["side"])
        assert side * (trade["entry"] - given.bars.open[bar_in]) >= -tick_free
        if trade["reason"] != codes.LIQUIDATION:
            best = given.bars.high[bar_out] if side > 0 else given.bars.low[bar_out]
            assert side * (trade["exit"] - best) <= tick_free
        assert trade["mae_pct"] <= 0 <= trade["mfe_pct"]
        assert trade["bars_held"] == bar_out - bar_in + 1
    assert (trades["entry_ts"][1:] >= trades["exit_ts"][:-1] - HOUR).all()


@given(histories())
@settings(derandomize=True, deadline=None, max_examples=100)
def test_protections_only_ever_refuse_or_shrink(given: SlotInput):
    # Every rule off: the shared loop decides what the fast one does; rules on: each first entry is no larger.
    off = Protections(**{name: 0 for name in Protections.__slots__ if name not in KEPT}, max_positions=5)
    alone, free = run_slot(given), run_shared([given], protections=None)
    assert alone.decision_hash == free.decision_hash
    guarded = run_shared([given], protections=off)
    entries = {int(t["entry_ts"]): int(t["lots"]) for t in free.trades}
    if len(guarded.trades) and len(free.trades):
        first = guarded.trades[0]
        assert int(first["lots"]) <= entries[int(first["entry_ts"])]


KEPT = {"daily_loss_fraction", "daily_loss_readings", "max_positions"}


# Many slots


def test_slots_are_traded_in_their_order_and_an_instrument_only_once():
    bars = steps(UP)
    one, two = slot_input(bars, long=[1], unit=5.0), slot_input(bars, short=[1], unit=5.0)
    for order, side in (((one, two), 1), ((two, one), -1)):
        outcome = run_shared(order, protections=Protections())
        (trade,) = outcome.trades
        assert (trade["side"], trade["slot"]) == (side, 0)
        assert [codes.CODES[int(code)] for code in outcome.log[outcome.refusals, 6]] == ["instrument_taken"]


def test_two_instruments_share_the_cash():
    one = slot_input(steps(UP), long=[1], unit=5.0)
    two = slot_input(steps(UP, instrument="eth-usdt-perp"), long=[2], unit=5.0)
    outcome = run_shared([one, two], protections=None)
    assert set(outcome.trades["slot"]) == {0, 1}
    assert outcome.equity[-1] == pytest.approx(10_000 + outcome.trades["pnl"].sum())
    by_slot = {int(t["slot"]): t for t in outcome.trades}
    # The second is sized on what the first has gained by then.
    assert by_slot[1]["decision_equity"] == 10_000 + by_slot[0]["qty"] * 1.0


def test_costs_of_nought_lose_nothing_on_a_flat_price():
    outcome = run_slot(slot_input(steps([100.0] * 9), long=[1], long_exit=[4], unit=2.0, costs=FREE))
    (trade,) = outcome.trades
    assert trade["pnl"] == 0.0
    assert set(outcome.equity) == {10_000.0}
