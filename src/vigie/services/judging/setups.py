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

from vigie.data.decided_bars import bars_fingerprint
from vigie.domain.setup import SetupChange
from vigie.engine.lone_trade import InsideEnd, inside_end
from vigie.engine.run import PlannedSlot, SlotRun
from vigie.intelligence.setups.life import SetupClose, SideLife, advance
from vigie.research.sweep.plan import strategy_source
from vigie.services.judging.signal_reading import signals_of


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
