"""One execution of the engine: from planned slots to results that can be explained.

Takes a plan (slots with bars, strategy and parameters; one account); gives a `Run` with, for every slot, what
the strategy said, what the kernel did and the figures. The same arrays later answer "why".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from vigie.domain.account import AccountSettings, Sizing
from vigie.domain.bar import Bars, BoolArray, FloatArray, IntArray
from vigie.domain.errors import DataError, UsageError
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.signal import Criteria
from vigie.domain.state import Records, joined
from vigie.engine.backtest import Outcome, closes_of, run_shared, run_slot
from vigie.engine.inputs import Settlements, SlotInput, check_input
from vigie.engine.judgement import distances, prove
from vigie.engine.judgement import judge as judge
from vigie.engine.signals import flags_of
from vigie.quant.metrics.benchmark import buy_and_hold
from vigie.quant.metrics.summary import Summary, summarise
from vigie.quant.metrics.trades import TradeColumns
from vigie.trading.strategy import Strategy


@dataclass(frozen=True, slots=True, eq=False)
class PlannedSlot:
    """One slot of a plan, before anything is computed.

    Attributes
    ----------
    slot : SlotId
        Its name.
    bars : Bars
        History, indicator-only bars included.
    first : int
        Bars before it are for indicators only.
    """

    slot: SlotId
    bars: Bars
    strategy: Strategy
    params: Any
    versions: tuple[Instrument, ...]
    account: AccountSettings
    funding: Settlements = field(default_factory=Settlements)
    first: int = 0
    detail: Bars | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SlotRun:
    """What came of one slot.

    Attributes
    ----------
    plan : PlannedSlot
        What was asked for.
    criteria : Criteria
        What the strategy said.
    input : SlotInput
        What the kernel read.
    trades : record array of `TRADE`
        This slot's trades.
    equity : float64 array, shape (n_bars - first,)
        Isolated: the slot's own account. Portfolio: capital plus the slot's booked results and open position.
    summary : Summary
        The figures.
    """

    plan: PlannedSlot
    criteria: Criteria
    input: SlotInput
    trades: Records
    equity: FloatArray
    summary: Summary

    @property
    def hold(self) -> FloatArray:
        """Buy and hold of the same span from the same capital, at each close; computed when asked for."""
        return _hold(self.plan, self.plan.first)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What came of a plan.

    Attributes
    ----------
    account : AccountSettings
        Mode, costs, sizing, protections.
    slots : tuple of SlotRun
        In slot order.
    outcomes : tuple of Outcome
        Isolated: one a slot. Portfolio: a single one.
    total : Summary
        Isolated: of the sum of all accounts, with one slot its own. Portfolio: of the account.
    samples_ts, samples_offset : int64 array, shape (n_samples,), and int
        Close times less the offset.
    equity : float64 array, shape (n_samples,)
        The account (portfolio) or the sum of all accounts (isolated).
    timings : dict of str to float
        Seconds spent in criteria, checks, kernel and metrics.
    checked : bool
        Whether causality and warm-up were checked.
    """

    account: AccountSettings
    slots: tuple[SlotRun, ...]
    outcomes: tuple[Outcome, ...]
    total: Summary
    samples_ts: IntArray
    samples_offset: int
    equity: FloatArray
    timings: dict[str, float]
    checked: bool

    @property
    def equity_ts(self) -> IntArray:
        """Close times of the samples in `equity`."""
        return closes_of(self.samples_ts, self.samples_offset)

    @property
    def log(self) -> Any:
        """The decision log of all slots, in slot order (isolated) or event order (portfolio)."""
        return np.concatenate([outcome.log for outcome in self.outcomes])

    @property
    def values(self) -> FloatArray:
        """Limits and values beside `log`."""
        return np.concatenate([outcome.values for outcome in self.outcomes])


# An account of nothing still has a capital to divide by.
SMALLEST = 1e-12

Ticker = Callable[[str, int, int], None]
Clock = Callable[[], float]


def _quiet(stage: str, done: int, of: int) -> None:
    """Report progress to nobody."""


def prepare_slot(plan: PlannedSlot) -> tuple[Criteria, SlotInput]:
    """Let the strategy judge the bars and lay out what the kernel reads.

    Raises
    ------
    UsageError
        If the strategy raises or returns what is no criteria, with its name.
    """
    criteria = judge(plan.strategy, plan.bars, plan.params)
    try:
        flags = flags_of(criteria, len(plan.bars))
        unit, target = distances(criteria, plan.bars)
    except DataError as fault:
        raise UsageError(f"strategy {plan.strategy.name}: {fault}") from fault
    given = SlotInput(
        bars=plan.bars,
        flags=flags,
        stop_unit=unit,
        target_unit=target,
        versions=plan.versions,
        sizing=within_venue(plan.account.sizing, plan.versions, int(plan.bars.ts[-1])),
        costs=plan.account.costs,
        funding=plan.funding,
        first=plan.first,
        detail=plan.detail,
    )
    check_input(given)
    return criteria, given


def within_venue(sizing: Sizing, versions: tuple[Instrument, ...], last_ts: int) -> Sizing:
    """Return the sizing with the leverage that the venue allowed at most for this instrument during the bars."""
    allowed = min((v.max_leverage for v in versions if v.valid_from <= last_ts), default=sizing.leverage)
    return sizing if allowed >= sizing.leverage else replace(sizing, leverage=allowed)


def execute(
    plans: Sequence[PlannedSlot],
    account: AccountSettings,
    *,
    check: bool = True,
    seed: int = 0,
    clock: Clock = time.perf_counter,
    progress: Ticker = _quiet,
) -> Run:
    """Run a plan.

    Parameters
    ----------
    plans : sequence of PlannedSlot
        In slot order.
    account : AccountSettings
        Mode and settings of the account.
    check : bool
        Whether to prove causality and warm-up.
    seed : int
        Where the causality check cuts.
    clock : callable
        Seconds, for the timings only; nothing that is decided reads it.
    progress : callable
        Told stage, done, of.

    Raises
    ------
    UsageError
        If there is nothing to run, or a strategy is refused.
    """
    if not plans:
        raise UsageError("a run needs at least one slot, had none")
    timings = {"criteria": 0.0, "checks": 0.0, "kernel": 0.0, "metrics": 0.0}
    prepared: list[tuple[Criteria, SlotInput]] = []
    proven: list[tuple[int, Strategy, Any]] = []
    rng = np.random.default_rng(seed)
    for at, plan in enumerate(plans):
        started = clock()
        prepared.append(prepare_slot(plan))
        judged = clock()
        asked = (id(plan.bars), plan.strategy, plan.params)
        if check and asked not in proven:
            refuse_leaks(plan, prepared[-1][0], rng)
            proven.append(asked)
        timings["criteria"] += judged - started
        timings["checks"] += clock() - judged
        progress("strategies", at + 1, len(plans))
    started = clock()
    outcomes = _trade([given for _, given in prepared], account, progress)
    traded = clock()
    timings["kernel"] += traded - started
    slots = _measure_slots(plans, prepared, outcomes, account)
    total, samples_ts, offset, equity = _measure_total(slots, outcomes, account)
    timings["metrics"] += clock() - traded
    return Run(
        account=account,
        slots=slots,
        outcomes=outcomes,
        total=total,
        samples_ts=samples_ts,
        samples_offset=offset,
        equity=equity,
        timings=timings,
        checked=check,
    )


def refuse_leaks(plan: PlannedSlot, criteria: Criteria, rng: np.random.Generator) -> None:
    """Refuse a strategy that looks ahead, repaints, or signals inside its warm-up.

    Raises
    ------
    UsageError
        With the bar, the criterion and the two values.
    """
    prove(plan.strategy, plan.params, plan.bars, criteria, rng)


def _trade(inputs: list[SlotInput], account: AccountSettings, progress: Ticker) -> tuple[Outcome, ...]:
    if account.mode == "portfolio":
        progress("kernel", 0, 1)
        outcome = run_shared(inputs, protections=account.protections)
        progress("kernel", 1, 1)
        return (outcome,)
    outcomes = []
    for number, given in enumerate(inputs):
        outcomes.append(run_slot(given, number=number, protections=account.protections))
        progress("kernel", number + 1, len(inputs))
    return tuple(outcomes)


def _measure_slots(
    plans: Sequence[PlannedSlot],
    prepared: list[tuple[Criteria, SlotInput]],
    outcomes: tuple[Outcome, ...],
    account: AccountSettings,
) -> tuple[SlotRun, ...]:
    market = _Market(plans)
    slots = []
    for number, (plan, (criteria, given)) in enumerate(zip(plans, prepared, strict=True)):
        if account.mode == "portfolio":
            trades = outcomes[0].trades[outcomes[0].trades["slot"] == number]
            equity = own_equity(plan, trades)
        else:
            trades, equity = outcomes[number].trades, outcomes[number].equity
        summary = summarise(
            equity,
            plan.bars.ts[plan.first :],
            _capital(plan.account),
            columns_of(trades),
            span_ms=plan.bars.span_ms,
            market=market.closes_of_slot(plan),
            hold=_hold(plan, len(plan.bars) - 1),
            bars_in_position=held_bars(trades, len(plan.bars)),
        )
        slots.append(SlotRun(plan, criteria, given, trades, equity, summary))
    return tuple(slots)


def _measure_total(
    slots: tuple[SlotRun, ...], outcomes: tuple[Outcome, ...], account: AccountSettings
) -> tuple[Summary, IntArray, int, FloatArray]:
    # One slot on its own capital is its own total.
    capital = _capital(account)
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
    hold = sum(float(_hold(run.plan, len(run.plan.bars) - 1)[-1]) for run in slots)
    total = summarise(
        equity,
        ts - span,
        max(capital, SMALLEST),
        columns_of(trades),
        span_ms=span,
        market=_Market([run.plan for run in slots]).at(ts),
        hold=np.array([hold / len(slots) if account.mode == "portfolio" else hold]),
        bars_in_position=bars_in_position(trades, ts, span),
    )
    return total, samples, offset, equity


def _capital(account: AccountSettings) -> float:
    return max(account.sizing.capital, SMALLEST)


def _hold(plan: PlannedSlot, since: int) -> FloatArray:
    # Buy and hold from the slot's first open, at the closes from bar `since` on.
    costs = plan.account.costs
    return buy_and_hold(
        plan.bars.open[plan.first :],
        plan.bars.close[since:],
        capital=_capital(plan.account),
        taker=costs.taker,
        slippage_bps=costs.slippage_bps,
    )


def columns_of(trades: Records) -> TradeColumns:
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
    closes = bars.ts + bars.span_ms
    np.add.at(booked, np.minimum(np.searchsorted(closes, trades["exit_ts"]), n), trades["pnl"])
    equity = plan.account.sizing.capital + np.cumsum(booked[:n])
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
    places = {key: np.searchsorted(own, ts, side="right") - 1 for key, own in times.items()}
    begun = {key: place >= 0 for key, place in places.items()}
    total = np.zeros(len(ts))
    for run in slots:
        key = (id(run.plan.bars), run.plan.first)
        total += np.where(begun[key], run.equity[places[key]], run.plan.account.sizing.capital)
    return ts, total


class _Market:
    """Prices of bitcoin, the finest series of a run, at other series' closes; each asked for once."""

    def __init__(self, plans: Sequence[PlannedSlot]) -> None:
        bitcoin = [plan.bars for plan in plans if plan.slot.instrument.startswith("btc-")]
        self._bars = min(bitcoin, key=lambda bars: bars.span_ms) if bitcoin else None
        self._known: dict[tuple[int, int], FloatArray] = {}

    def closes_of_slot(self, plan: PlannedSlot) -> FloatArray:
        """Return the price at each close of a slot, NaN where not known; empty without bitcoin."""
        bars = plan.bars
        if self._bars is None or bars is self._bars:
            return np.empty(0) if self._bars is None else bars.close[plan.first :]
        key = (id(bars), plan.first)
        if key not in self._known:
            self._known[key] = self.at(bars.ts[plan.first :] + bars.span_ms)
        return self._known[key]

    def at(self, closes: IntArray) -> FloatArray:
        """Return the price at these times, NaN before the first bar's close; empty without bitcoin."""
        if self._bars is None:
            return np.empty(0)
        own = self._bars.ts + self._bars.span_ms
        if len(own) == len(closes) and np.array_equal(own, closes):
            return self._bars.close
        place = np.searchsorted(own, closes, side="right") - 1
        return np.where(place >= 0, self._bars.close[np.maximum(place, 0)], np.nan)


def position_mask(trades: Records, n_bars: int) -> BoolArray:
    """Return the bars on which a slot held a position at any moment."""
    mask = np.zeros(n_bars, np.bool_)
    for trade in trades:
        mask[int(trade["entry_bar"]) : int(trade["exit_bar"]) + 1] = True
    return mask


def with_account(plan: PlannedSlot, account: AccountSettings) -> PlannedSlot:
    """Return the same slot under other settings."""
    return replace(plan, account=account)
