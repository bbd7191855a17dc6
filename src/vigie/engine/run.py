"""One execution of the engine: from planned slots to results that can be explained.

Takes a plan (slots with bars, strategy and parameters; one account); gives a `Run` with, for every slot, what
the strategy said, what the kernel did and the figures. The same arrays later answer "why".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from vigie.domain.account import AccountSettings, Sizing
from vigie.domain.bar import Bars
from vigie.domain.errors import DataError, UsageError
from vigie.domain.instrument import Instrument
from vigie.domain.signal import Criteria
from vigie.engine.backtest import Outcome, run_shared, run_slot
from vigie.engine.figures import BitcoinPrices, measure_slots, measure_total
from vigie.engine.figures import trade_columns as trade_columns
from vigie.engine.inputs import SlotInput, check_input
from vigie.engine.judgement import judge as judge
from vigie.engine.judgement import prove, stop_and_target_units
from vigie.engine.records import PlannedSlot as PlannedSlot
from vigie.engine.records import Run as Run
from vigie.engine.records import SlotRun as SlotRun
from vigie.engine.records import with_account as with_account
from vigie.engine.signals import make_flags
from vigie.trading.loaded_strategy import Strategy

ProgressCallback = Callable[[str, int, int], None]
ReadClock = Callable[[], float]


def _no_progress(stage: str, done: int, total: int) -> None:
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
        flags = make_flags(criteria, len(plan.bars))
        stop_unit, target_unit = stop_and_target_units(criteria, plan.bars)
    except DataError as fault:
        raise UsageError(
            "strategy_refused", "strategy {name}: {fault}", name=plan.strategy.name, fault=fault
        ) from fault
    slot_input = SlotInput(
        bars=plan.bars,
        flags=flags,
        stop_unit=stop_unit,
        target_unit=target_unit,
        versions=plan.versions,
        sizing=cap_leverage(plan.account.sizing, plan.versions, int(plan.bars.ts[-1])),
        costs=plan.costs,
        funding=plan.funding,
        first=plan.first,
        detail=plan.detail,
    )
    check_input(slot_input)
    return criteria, slot_input


def cap_leverage(sizing: Sizing, versions: tuple[Instrument, ...], last_ts: int) -> Sizing:
    """Return the sizing with the leverage that the venue allowed at most for this instrument during the bars."""
    allowed = min((v.max_leverage for v in versions if v.valid_from <= last_ts), default=sizing.leverage)
    return sizing if allowed >= sizing.leverage else replace(sizing, leverage=allowed)


def execute(
    plans: Sequence[PlannedSlot],
    account: AccountSettings,
    *,
    check: bool = True,
    seed: int = 0,
    clock: ReadClock = time.perf_counter,
    progress: ProgressCallback = _no_progress,
    bitcoin: Bars | None = None,
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
    bitcoin : Bars, optional
        What alpha and beta are measured against where no slot trades bitcoin; nothing that is decided reads it.

    Raises
    ------
    UsageError
        If there is nothing to run, or a strategy is refused.
    """
    if not plans:
        raise UsageError("run_needs_least_one_slot", "a run needs at least one slot")
    timings = {"criteria": 0.0, "checks": 0.0, "kernel": 0.0, "metrics": 0.0}
    prepared: list[tuple[Criteria, SlotInput]] = []
    proven: list[tuple[int, Strategy, Any]] = []
    rng = np.random.default_rng(seed) if check else None
    for index, plan in enumerate(plans):
        started_at = clock()
        prepared.append(prepare_slot(plan))
        judged_at = clock()
        proof_key = (id(plan.bars), plan.strategy, plan.params)
        if rng is not None and proof_key not in proven:
            refuse_leaks(plan, prepared[-1][0], rng)
            proven.append(proof_key)
        timings["criteria"] += judged_at - started_at
        timings["checks"] += clock() - judged_at
        progress("strategies", index + 1, len(plans))
    started_at = clock()
    outcomes = _trade_slots([slot_input for _, slot_input in prepared], account, progress)
    traded_at = clock()
    timings["kernel"] += traded_at - started_at
    market = BitcoinPrices(plans, bitcoin)
    slots = measure_slots(plans, prepared, outcomes, account, market)
    total, samples_ts, offset, equity = measure_total(slots, outcomes, account, market)
    timings["metrics"] += clock() - traded_at
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
        market=tuple(f"{bars.instrument}/{bars.timeframe}" for bars in market.series),
    )


def refuse_leaks(plan: PlannedSlot, criteria: Criteria, rng: np.random.Generator) -> None:
    """Refuse a strategy that looks ahead, repaints, or declares too short a warm-up.

    Raises
    ------
    UsageError
        With the bar, the criterion and the two values; with the bars that are declared and needed.
    """
    prove(plan.strategy, plan.params, plan.bars, criteria, rng)


def _trade_slots(
    inputs: list[SlotInput], account: AccountSettings, progress: ProgressCallback
) -> tuple[Outcome, ...]:
    if account.mode == "portfolio":
        progress("kernel", 0, 1)
        outcome = run_shared(inputs, protections=account.protections)
        progress("kernel", 1, 1)
        return (outcome,)
    outcomes = []
    for number, slot_input in enumerate(inputs):
        outcomes.append(run_slot(slot_input, number=number, protections=account.protections))
        progress("kernel", number + 1, len(inputs))
    return tuple(outcomes)
