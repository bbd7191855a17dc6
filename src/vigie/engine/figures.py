"""What a run came to: the figures and curves of each slot and of all of them together.

Takes outcomes of the kernel; gives records that reports read. Nothing here decides anything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from vigie.domain.account import AccountSettings
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.signal import Criteria
from vigie.domain.state import Records, joined
from vigie.engine.backtest import Outcome, closes_of
from vigie.engine.inputs import SlotInput
from vigie.engine.records import SMALLEST, PlannedSlot, SlotRun, buy_and_hold_curve, capital_of
from vigie.quant.metrics.summary import Summary, summarise
from vigie.quant.metrics.trades import TradeColumns


def measure_slots(
    plans: Sequence[PlannedSlot],
    prepared: list[tuple[Criteria, SlotInput]],
    outcomes: tuple[Outcome, ...],
    account: AccountSettings,
    market: BitcoinPrices,
) -> tuple[SlotRun, ...]:
    """Return each slot with its trades, its equity and its figures."""
    slots = []
    for number, (plan, (criteria, slot_input)) in enumerate(zip(plans, prepared, strict=True)):
        if account.mode == "portfolio":
            trades = outcomes[0].trades[outcomes[0].trades["slot"] == number]
            equity = own_equity(plan, trades)
        else:
            trades, equity = outcomes[number].trades, outcomes[number].equity
        summary = summarise(
            equity,
            plan.bars.ts[plan.first :],
            capital_of(plan.account),
            trade_columns(trades),
            span_ms=plan.bars.span_ms,
            market=market.closes_of_slot(plan),
            hold=buy_and_hold_curve(plan, len(plan.bars) - 1),
            bars_in_position=held_bars(trades, len(plan.bars)),
        )
        slots.append(SlotRun(plan, criteria, slot_input, trades, equity, summary))
    return tuple(slots)


def measure_total(
    slots: tuple[SlotRun, ...], outcomes: tuple[Outcome, ...], account: AccountSettings, market: BitcoinPrices
) -> tuple[Summary, IntArray, int, FloatArray]:
    """Return the figures of all slots together, and their equity: times, what these lie behind the closes, values."""
    # One slot on its own capital is its own total.
    capital = capital_of(account)
    if account.mode == "portfolio":
        outcome = outcomes[0]
        samples, offset, equity, trades = (
            outcome.samples_ts,
            outcome.samples_offset,
            outcome.equity,
            outcome.trades,
        )
    elif len(slots) == 1:
        bars, first = slots[0].plan.bars, slots[0].plan.first
        return slots[0].summary, bars.ts[first:], bars.span_ms, slots[0].equity
    else:
        samples, equity = summed_equity(slots)
        trades = joined([run.trades for run in slots])
        trades = trades[np.argsort(trades["exit_ts"], kind="stable")]
        offset, capital = 0, capital * len(slots)
    span = min(run.plan.bars.span_ms for run in slots)
    ts = closes_of(samples, offset)
    hold = math.fsum(float(buy_and_hold_curve(run.plan, len(run.plan.bars) - 1)[-1]) for run in slots)
    total = summarise(
        equity,
        ts - span,
        max(capital, SMALLEST),
        trade_columns(trades),
        span_ms=span,
        market=market.prices_at(ts),
        hold=np.array([hold / len(slots) if account.mode == "portfolio" else hold]),
        bars_in_position=bars_in_position(trades, ts, span),
    )
    return total, samples, offset, equity


def trade_columns(trades: Records) -> TradeColumns:
    """Return the columns that the metrics read."""
    return TradeColumns(
        pnl=np.ascontiguousarray(trades["pnl"]),
        return_pct=np.ascontiguousarray(trades["return_pct"]),
        fees=np.ascontiguousarray(trades["fees"]),
        funding=np.ascontiguousarray(trades["funding"]),
        slippage=np.ascontiguousarray(trades["slippage"]),
        bars_held=trades["bars_held"].astype(np.float64),
        mae_pct=np.ascontiguousarray(trades["mae_pct"]),
        mfe_pct=np.ascontiguousarray(trades["mfe_pct"]),
        notional=trades["qty"] * (trades["entry"] + trades["exit"]),
    )


def held_bars(trades: Records, n_bars: int) -> int:
    """Return how many bars had a position at any moment; a bar shared by two trades counts once."""
    if len(trades) == 0:
        return 0
    first, last = trades["entry_bar"], trades["exit_bar"]
    shared = int((first[1:] == last[:-1]).sum())
    return min(int((last - first + 1).sum()) - shared, n_bars)


def bars_in_position(trades: Records, ts: Any, span: int) -> int:
    """Return how many base bars of the account had any position."""
    n = len(ts)
    change = np.zeros(n + 1, np.int64)
    opens = ts - span
    np.add.at(change, np.searchsorted(opens, trades["entry_ts"]), 1)
    np.add.at(change, np.minimum(np.searchsorted(opens, trades["exit_ts"]), n), -1)
    return int((np.cumsum(change[:-1]) > 0).sum())


def own_equity(plan: PlannedSlot, trades: Records) -> FloatArray:
    """Return what a slot's trades alone did to the account's capital, at each close of its bars.

    Open positions count at their price difference and entry fee share; funding counts when its trade ends.
    """
    bars = plan.bars
    n = len(bars)
    booked = np.zeros(n + 1)
    closed = np.searchsorted(bars.ts, trades["exit_ts"] - bars.span_ms)
    np.add.at(booked, np.minimum(closed, n), trades["pnl"])
    # In place: fresh memory costs more than the sums.
    equity = np.cumsum(booked[:n], out=booked[:n])
    equity += plan.account.sizing.capital
    for trade in trades:
        inside = slice(int(trade["entry_bar"]), int(trade["exit_bar"]))
        equity[inside] += trade["side"] * trade["qty"] * (bars.close[inside] - trade["entry"])
    return equity[plan.first :]


def summed_equity(slots: Sequence[SlotRun]) -> tuple[Any, FloatArray]:
    """Return the sum of all accounts at every close of any of them; an account not begun counts its capital."""
    # Slots mostly share their bars: where the times of all lie is found once for each series.
    series = {(id(run.plan.bars), run.plan.first): run.plan for run in slots}
    times = {key: plan.bars.ts[plan.first :] + plan.bars.span_ms for key, plan in series.items()}
    first, *others = times.values()
    ts = (
        first
        if all(np.array_equal(first, other) for other in others)
        else np.unique(np.concatenate([first, *others]))
    )
    indices = {key: np.searchsorted(closes, ts, side="right") - 1 for key, closes in times.items()}
    has_begun = {key: index >= 0 for key, index in indices.items()}
    total = np.zeros(len(ts))
    for run in slots:
        key = (id(run.plan.bars), run.plan.first)
        total += np.where(has_begun[key], run.equity[indices[key]], run.plan.account.sizing.capital)
    return ts, total


class BitcoinPrices:
    """Prices of bitcoin at other series' closes, each asked for once.

    All series of bitcoin are read together: the finest may cover the last weeks of years.
    """

    def __init__(self, plans: Sequence[PlannedSlot], stored_bitcoin: Bars | None = None) -> None:
        bitcoin_bars = {id(plan.bars): plan.bars for plan in plans if plan.slot.instrument.startswith("btc-")}
        self.series = sorted(bitcoin_bars.values(), key=lambda bars: bars.span_ms)
        if not self.series and stored_bitcoin is not None and len(stored_bitcoin):
            self.series = [stored_bitcoin]
        self._closes: dict[tuple[int, int], FloatArray] = {}

    def closes_of_slot(self, plan: PlannedSlot) -> FloatArray:
        """Return the price at each close of a slot, NaN where not known; empty without bitcoin."""
        bars = plan.bars
        if any(bars is own for own in self.series):
            return bars.close[plan.first :]
        key = (id(bars), plan.first)
        if key not in self._closes:
            self._closes[key] = self.prices_at(bars.ts[plan.first :] + bars.span_ms)
        return self._closes[key]

    def prices_at(self, closes: IntArray) -> FloatArray:
        """Return the price at these times, NaN before the first close and after the last; empty without bitcoin."""
        if not self.series:
            return np.empty(0)
        times, prices = self._price_line
        if len(times) == len(closes) and np.array_equal(times, closes):
            return prices
        index = np.searchsorted(times, closes, side="right") - 1
        is_known = (index >= 0) & (closes <= times[-1])
        return np.where(is_known, prices[np.maximum(index, 0)], np.nan)

    @cached_property
    def _price_line(self) -> tuple[IntArray, FloatArray]:
        """Times and prices of all series, each time once.

        Made when somebody asks: a run of one series of bitcoin never does, and sorting minutes of years would take
        longer than to trade them.
        """
        closes = [bars.ts + bars.span_ms for bars in self.series]
        if len(closes) == 1:
            return closes[0], self.series[0].close
        # Where several close at once the finest is read.
        times, first = np.unique(np.concatenate(closes), return_index=True)
        return times, np.concatenate([bars.close for bars in self.series])[first]
