"""The setups of one slot, read off its run close by close.

Takes a `SlotRun`; gives the changes of both sides. What the fill model does inside a bar is asked of the kernel, on the
arrays that a backtest reads.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from vigie.data.decided_bars import bars_fingerprint
from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.setup import SetupChange
from vigie.domain.time import iso
from vigie.engine.lone_trade import InsideEnd, inside_end
from vigie.engine.run import PlannedSlot, ProgressCallback, SlotRun
from vigie.intelligence.setups.life import SetupClose, SideLife, advance
from vigie.research.sweep.plan import strategy_source
from vigie.services.judging.closed_slots import RefusedSlot, run_closed_slots
from vigie.services.judging.signal_reading import signals_of
from vigie.services.runs.backtest_request import BacktestRequest


def strategy_digest(plan: PlannedSlot) -> str:
    """Return the SHA-256 of a slot's strategy: its code, what a setting requires of it, its parameters."""
    text = json.dumps(
        [strategy_source(plan.strategy), dataclasses.asdict(plan.params)], sort_keys=True, default=str
    )
    return hashlib.sha256(text.encode()).hexdigest()


def setup_changes(run: SlotRun, *, first: int | None = None) -> Iterator[SetupChange]:
    """Yield the changes of a slot's setups, in the order of their closes; of one close, long before short.

    Parameters
    ----------
    run : SlotRun
        The slot after a run on its own account.
    first : int, optional
        Index of the first bar whose close is read; the first one that is traded where it is not given.

    Yields
    ------
    SetupChange
    """
    bars, strategy = run.plan.bars, strategy_digest(run.plan)
    at_bars = range(run.plan.first if first is None else first, len(bars))
    sides = [_Side(SideLife("long")), _Side(SideLife("short"))]
    for bar, signal in zip(at_bars, signals_of(run, at_bars), strict=True):
        close = SetupClose(signal, strategy, partial(bars_fingerprint, bars, bar + 1))
        for side in sides:
            change = side.take(run, bar, close)
            if change is not None:
                yield change


@dataclass(slots=True)
class _Side:
    """One side with what the fill model makes of its confirmed setup."""

    life: SideLife
    end: InsideEnd | None = None

    def take(self, run: SlotRun, bar: int, close: SetupClose) -> SetupChange | None:
        inside = self.end.event if self.end is not None and self.end.bar == bar else None
        self.life, change = advance(self.life, close, inside)
        if change is not None:
            is_confirmed = change.state == "confirmed"
            # Beyond its horizon it has expired, whatever its trade would do; the close itself still counts.
            stop = bar + change.horizon_bars + 1
            self.end = inside_end(run.input, bar, self.life.side, stop) if is_confirmed else None
        return change


@dataclass(frozen=True, slots=True)
class SetupReplay:
    """Setups of stored bars.

    Attributes
    ----------
    changes : tuple of SetupChange
        By the time they could be known, then by slot and side.
    refused : tuple of RefusedSlot
        Strategies that look ahead, slots without bars.
    n_slots, n_closes : int
        Slots that were judged, and closes of all of them.
    """

    changes: tuple[SetupChange, ...]
    refused: tuple[RefusedSlot, ...]
    n_slots: int
    n_closes: int


def replay_setups(
    data_stores: DataStores, request: BacktestRequest, *, progress: ProgressCallback | None = None
) -> SetupReplay:
    """Return the setups of stored bars, as they would have come close by close.

    Parameters
    ----------
    data_stores : DataStores
        Stores and the clock that says which bars are closed.
    request : BacktestRequest
        As for a backtest; each slot on its own. Where no span is asked for it is the newest 1,500 bars.
    progress : callable, optional
        Told stage, done, of.

    Raises
    ------
    UsageError
        If no slot can be judged; the message is that of the first.
    """
    changes: list[SetupChange] = []
    refused: list[RefusedSlot] = []
    n_slots = n_closes = 0
    now = data_stores.clock.market_now()
    for run in run_closed_slots(data_stores, request, now, progress=progress):
        if isinstance(run, RefusedSlot):
            refused.append(run)
        else:
            changes += setup_changes(run)
            n_slots, n_closes = n_slots + 1, n_closes + len(run.plan.bars) - run.plan.first
    if refused and not n_slots:
        raise UsageError(refused[0].message)
    changes.sort(key=lambda change: (change.ts_known, str(change.slot), change.side))
    return SetupReplay(tuple(changes), tuple(refused), n_slots, n_closes)


def change_record(change: SetupChange) -> dict[str, Any]:
    """Return a change as plain values, for JSON and for what is kept: times as numbers and in ISO UTC."""
    return {
        "setup": change.setup,
        "venue": change.venue,
        "slot": str(change.slot),
        "side": change.side,
        "state": change.state,
        "cause": change.cause,
        "known_at": iso(change.ts_known),
        "ts_bar": change.ts_bar,
        "ts_known": change.ts_known,
        "ts_begun": change.ts_begun,
        "entry": change.entry,
        "stop": change.stop,
        "target": change.target,
        "horizon_bars": change.horizon_bars,
        "score": change.score,
        "nearness": change.nearness,
        "criteria": [dataclasses.asdict(criterion) for criterion in change.criteria],
        "strategy": change.strategy,
        "bars": change.bars,
    }
