"""The windows of a walk-forward: where each trains and where it trades, and the plan of a sweep on such a span."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from vigie.domain.errors import UsageError
from vigie.engine.run import PlannedSlot
from vigie.quant.stats.splits import walk_forward as cut
from vigie.research.sweep.plan import SweepPlan

Scheme = Literal["anchored", "rolling"]
MIN_TRAIN_TRADES: Final = 1


@dataclass(frozen=True, slots=True)
class WalkSettings:
    """How history is walked.

    Attributes
    ----------
    scheme : str
        ``rolling`` moves the training span, ``anchored`` lets it grow from the beginning.
    train, test : int
        Bars (of the finest series) to choose on and to trade.
    gap : int
        Bars left out between them.
    min_trades : int
        Combinations with fewer trades in training are not chosen.
    """

    train: int
    test: int
    scheme: Scheme = "rolling"
    gap: int = 0
    min_trades: int = MIN_TRAIN_TRADES

    def __post_init__(self) -> None:
        """Refuse what cannot be walked."""
        if self.scheme not in ("anchored", "rolling"):
            raise UsageError(
                "scheme_must_anchored_rolling",
                "scheme must be anchored or rolling, was {scheme!r}",
                scheme=self.scheme,
            )
        if self.train < 1 or self.test < 1 or self.gap < 0 or self.min_trades < 1:
            raise UsageError(
                "bad_train_test_min_trades",
                "train, test and min-trades must be >= 1 and gap >= 0, "
                "were {train}, {test}, {min_trades} and {gap}",
                train=self.train,
                test=self.test,
                min_trades=self.min_trades,
                gap=self.gap,
            )


@dataclass(frozen=True, slots=True)
class WindowSpans:
    """Times of one window, epoch milliseconds.

    Attributes
    ----------
    train_from, train_to, test_from, test_to : int
        Trained in [train_from, train_to), traded in [test_from, test_to).
    """

    train_from: int
    train_to: int
    test_from: int
    test_to: int


def finest_slot(plan: SweepPlan) -> PlannedSlot:
    """Return the slot whose bars are counted: the finest, of these the longest.

    Parameters
    ----------
    plan : SweepPlan
        At least one slot.

    Returns
    -------
    PlannedSlot
        The first in the plan where several are as fine and as long.
    """
    return min(plan.slots, key=lambda slot: (slot.bars.span_ms, -(len(slot.bars) - slot.first)))


def window_spans(plan: SweepPlan, walk: WalkSettings) -> tuple[WindowSpans, ...]:
    """Return the times of every window.

    Parameters
    ----------
    plan : SweepPlan
        Windows are counted in bars of its `finest_slot`.
    walk : WalkSettings
        Lengths in these bars.

    Returns
    -------
    tuple of WindowSpans
        In time order; test spans adjoin, and the last may be shorter.

    Raises
    ------
    UsageError
        If the history is too short for one.
    """
    slot = finest_slot(plan)
    ts = slot.bars.ts[slot.first :]
    ends = np.append(ts[1:], ts[-1] + slot.bars.span_ms)
    splits = cut(len(ts), train=walk.train, test=walk.test, anchored=walk.scheme == "anchored", gap=walk.gap)
    if not splits:
        needed = walk.train + walk.gap + 1
        raise UsageError(
            "walk_forward_needs_least_bars",
            "walk-forward needs at least {needed} bars of {timeframe}, had {ts_count}",
            needed=needed,
            timeframe=slot.bars.timeframe,
            ts_count=len(ts),
        )
    spans = []
    for split in splits:
        train, test = split.train[0], split.test[0]
        spans.append(
            WindowSpans(
                int(ts[train.start]), int(ends[train.stop - 1]), int(ts[test.start]), int(ends[test.stop - 1])
            )
        )
    return tuple(spans)


def cut_plan(plan: SweepPlan, start: int, stop: int) -> SweepPlan | None:
    """Return the plan on the bars that close by `stop`, traded from `start` on; None where a series has no bar there.

    Earlier bars stay for the indicators.

    Parameters
    ----------
    plan : SweepPlan
        On the whole history.
    start, stop : int
        Epoch milliseconds: first open that is traded, and last close.

    Returns
    -------
    SweepPlan or None
        Without any bar that closes after `stop`.
    """
    slots = []
    for slot in plan.slots:
        bars = slot.bars
        end = int(np.searchsorted(bars.ts + bars.span_ms, stop, side="right"))
        first = max(slot.first, int(np.searchsorted(bars.ts, start)))
        if first < end:
            slots.append(replace(slot, bars=bars.slice(0, end), first=first))
    return replace(plan, slots=tuple(slots)) if len(slots) == len(plan.slots) else None
