"""The slots of a request, each run on its own account over its closed bars.

What signals and setups are read off. A slot that cannot be judged is named, the others are judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.engine.run import PlannedSlot, ProgressCallback, SlotRun, execute
from vigie.services.runs.backtest import plan_slots
from vigie.services.runs.backtest_request import NATIVE, BacktestRequest, SlotRequest
from vigie.trading import catalogue

HISTORY_BARS: Final = 1_500


@dataclass(frozen=True, slots=True)
class RefusedSlot:
    """A slot that cannot be judged, and why."""

    slot: str
    message: str


def run_closed_slots(
    data_stores: DataStores,
    request: BacktestRequest,
    now: int,
    *,
    progress: ProgressCallback | None = None,
) -> Iterator[SlotRun | RefusedSlot]:
    """Yield the run of every slot over its closed bars, or why there is none.

    Parameters
    ----------
    data_stores : DataStores
        Stores.
    request : BacktestRequest
        As for a backtest; each slot is traded on its own. Where no span is asked for it is the newest 1,500 bars.
    now : int
        Which bars are closed, epoch milliseconds of the market.
    progress : callable, optional
        Told stage, done, of.

    Yields
    ------
    SlotRun or RefusedSlot
        First what cannot be planned, then in slot order.
    """
    account = replace(request.account, mode="isolated", protections=None)
    if request.last is None and request.start_ms is None and not request.bars:
        request = replace(request, last=HISTORY_BARS)
    refused: list[RefusedSlot] = []
    plans = _plan_by_series(data_stores, replace(request, account=account), refused)
    yield from refused
    for done, plan in enumerate(plans):
        try:
            run = execute([_drop_open_bars(plan, now)], account, check=request.check, seed=request.seed)
        except UsageError as fault:
            yield RefusedSlot(str(plan.slot), str(fault))
        else:
            yield run.slots[0]
        if progress:
            progress("signals", done + 1, len(plans))


def _plan_by_series(
    data_stores: DataStores, request: BacktestRequest, refused: list[RefusedSlot]
) -> list[PlannedSlot]:
    # Slots of one series are planned together, so that its bars are read once; one that fails spares the others.
    groups: dict[tuple[str, str], list[SlotRequest]] = {}
    for slot_request in request.slots:
        try:
            strategy = catalogue.load(slot_request.strategy, request.own_strategies)
            strategy.with_params(slot_request.params)
        except UsageError as fault:
            refused.append(RefusedSlot(_slot_label(slot_request), str(fault)))
            continue
        timeframe = strategy.timeframe if slot_request.timeframe == NATIVE else slot_request.timeframe
        groups.setdefault((slot_request.instrument, timeframe), []).append(slot_request)
    plans: dict[int, PlannedSlot] = {}
    order = {id(slot_request): index for index, slot_request in enumerate(request.slots)}
    for slots in groups.values():
        try:
            planned = plan_slots(data_stores, replace(request, slots=tuple(slots)))
        except UsageError as fault:
            refused += [RefusedSlot(_slot_label(slot_request), str(fault)) for slot_request in slots]
            continue
        plans.update(
            {order[id(slot_request)]: plan for slot_request, plan in zip(slots, planned, strict=True)}
        )
    return [plans[index] for index in sorted(plans)]


def _slot_label(slot_request: SlotRequest) -> str:
    return f"{slot_request.instrument}/{slot_request.timeframe}/{slot_request.strategy}"


def _drop_open_bars(plan: PlannedSlot, now_ms: int) -> PlannedSlot:
    """Return the slot without bars that are still in progress."""
    bars = plan.bars
    stop = int(np.searchsorted(bars.ts + bars.span_ms, now_ms, side="right"))
    if stop <= plan.first:
        raise UsageError(
            "no_closed_bar_yet",
            "{slot} has no closed bar yet; the first one opens at {ts}",
            slot=plan.slot,
            ts=iso(int(bars.ts[plan.first])),
        )
    return plan if stop == len(bars) else replace(plan, bars=bars.slice(0, stop))
