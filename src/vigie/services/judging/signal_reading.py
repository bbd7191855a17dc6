"""One signal out of a slot's run: what the strategy said at one bar, with the levels an order would have.

Takes a `SlotRun` and a bar; gives a `Signal`. Entries, levels and refusals come from the functions that decide in
a backtest, on the same arrays, so the record shown is the one that would be traded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from vigie.domain.codes import BOTH_SIDES, END_OF_DATA, REFUSALS
from vigie.domain.instrument import Instrument
from vigie.domain.signal import (
    FORMING_CLOSES,
    FORMING_NEARNESS,
    Criterion,
    CriterionState,
    Outlook,
    SideName,
    Signal,
)
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY, SLOT, rules_of, settings_of
from vigie.domain.time import iso
from vigie.engine import kernel
from vigie.engine.run import SlotRun
from vigie.engine.signals import nearness_of, score_of

_NAMES: dict[int, SideName] = {1: "long", -1: "short", 0: "none"}


@dataclass(frozen=True, slots=True)
class _Levels:
    stop: float | None = None
    target: float | None = None
    stop_ticks: int | None = None
    target_ticks: int | None = None
    code: int = 0
    limit: float = 0.0
    value: float = 0.0


def signal_at(run: SlotRun, bar: int) -> Signal:
    """Return what a slot says at the close of one bar.

    Parameters
    ----------
    run : SlotRun
        The slot after a run on its own account; its trades up to the bar give the horizon.
    bar : int
        Index into its bars.

    Returns
    -------
    Signal
    """
    plan, criteria = run.plan, run.criteria
    bars = plan.bars
    ts = int(bars.ts[bar])
    flags = int(run.input.flags[bar])
    has_both_sides = bool(flags & LONG_ENTRY) and bool(flags & SHORT_ENTRY)
    # Without a distance there is neither an entry nor a refusal (rule 1).
    has_distances = not (np.isnan(run.input.stop_unit[bar]) or np.isnan(run.input.target_unit[bar]))
    decided = int(kernel.entry_side(flags)) if has_distances else 0
    forming = 0 if decided or has_both_sides or not has_distances else _forming_side(run, bar)
    levels = _entry_levels(run, bar, decided or forming)
    if has_both_sides:
        levels = _Levels(code=BOTH_SIDES, limit=1.0, value=2.0)
    horizon, trades = _horizon(run, bar)
    exits = (("long", criteria.long_exit), ("short", criteria.short_exit))
    return Signal(
        id=f"{plan.slot}@{iso(ts)}",
        venue=bars.venue,
        slot=plan.slot,
        params=dataclasses.asdict(plan.params),
        ts_bar=ts,
        ts_known=ts + bars.span_ms,
        side=_NAMES[decided],
        forming=_NAMES[forming],
        entry=float(bars.close[bar]),
        stop=levels.stop,
        target=levels.target,
        stop_ticks=levels.stop_ticks,
        target_ticks=levels.target_ticks,
        horizon_bars=horizon,
        horizon_trades=trades,
        long=_outlook(criteria.long, bar, len(bars)),
        short=_outlook(criteria.short, bar, len(bars)),
        exits={side: _criterion_state(criterion, bar) for side, criterion in exits if criterion is not None},
        refusal=REFUSALS.get(levels.code, ""),
        limit=levels.limit,
        value=levels.value,
    )


def _forming_side(run: SlotRun, bar: int) -> int:
    """Return the side that was near for long enough, the nearer one when both were; 0 for none or a tie."""
    first = bar - FORMING_CLOSES + 1
    # An entry that would not be decided does not form either.
    if first < 0 or bar < run.criteria.warmup:
        return 0
    n = len(run.plan.bars)
    nearness = [nearness_of(side, n)[first : bar + 1] for side in (run.criteria.long, run.criteria.short)]
    # NaN is not near.
    forming = [bool((side >= FORMING_NEARNESS).all()) for side in nearness]
    if all(forming):
        return int(np.sign(nearness[0][-1] - nearness[1][-1]))
    return 1 if forming[0] else -1 if forming[1] else 0


def _entry_levels(run: SlotRun, bar: int, side: int) -> _Levels:
    """Return the levels of an entry at this close as the kernel decides them, for a slot without a position."""
    if side == 0:
        return _Levels()
    plan = run.plan
    version = version_at(plan.versions, int(plan.bars.ts[bar]))
    sizing, costs = run.input.sizing, run.input.costs
    slot = np.zeros(1, SLOT)
    # A record without a type of its own: the kernel reads and writes it by field.
    row: Any = slot[0]
    code = kernel.decide_entry(
        row,
        cast(Any, rules_of([version], costs=costs)[0]),
        cast(Any, settings_of(sizing, costs)[0]),
        side,
        sizing.capital,
        sizing.risk_fraction,
        sizing.leverage,
        kernel.NO_LIMIT,
        float(plan.bars.close[bar]),
        float(run.input.stop_unit[bar]),
        float(run.input.target_unit[bar]),
        int(plan.bars.ts[bar]),
    )
    stop, target = int(row["pending_stop_ticks"]), int(row["pending_target_ticks"])
    tick = version.tick
    limit, value = (float(row["limit"]), float(row["value"])) if code else (0.0, 0.0)
    return _Levels(tick.point(stop), tick.point(target), stop, target, int(code), limit, value)


def version_at(versions: Sequence[Instrument], ts: int) -> Instrument:
    """Return the rules that hold at a time; the first ones before any."""
    ordered = sorted(versions, key=lambda version: version.valid_from)
    return [ordered[0], *(version for version in ordered[1:] if version.valid_from <= ts)][-1]


def _horizon(run: SlotRun, bar: int) -> tuple[float | None, int]:
    """Return the bars such a trade lasts, and how many trades say so."""
    max_bars = run.plan.account.sizing.max_bars
    if max_bars:
        return float(max_bars), 0
    closed_trades = run.trades[(run.trades["reason"] != END_OF_DATA) & (run.trades["exit_bar"] <= bar)]
    if len(closed_trades) == 0:
        return None, 0
    return float(np.median(closed_trades["bars_held"])), len(closed_trades)


def _outlook(criteria: tuple[Criterion, ...], bar: int, n_bars: int) -> Outlook:
    return Outlook(
        score=float(score_of(criteria, n_bars)[bar]),
        nearness=float(nearness_of(criteria, n_bars)[bar]),
        criteria=tuple(_criterion_state(criterion, bar) for criterion in criteria),
    )


def _criterion_state(criterion: Criterion, bar: int) -> CriterionState:
    reading = criterion.read()
    threshold = reading.threshold
    return CriterionState(
        name=criterion.name,
        value=float(reading.value[bar]),
        threshold=float(threshold[bar] if isinstance(threshold, np.ndarray) else threshold),
        weight=criterion.weight,
        required=criterion.required,
        holds=bool(reading.holds[bar]),
        nearness=float(criterion.nearness()[bar]),
        sense=criterion.sense,
    )
