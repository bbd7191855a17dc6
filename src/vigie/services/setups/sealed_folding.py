"""One slot of a run that was decided with another file of its strategy than today's.

What the strategy said of nearness, scores and horizons, and that a setup formed, is taken as it was sealed. All else
is made anew from the log, which tells decisions, exits and distances itself: entries, levels, what ends a setup and
when, R and funding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final

from vigie.domain.bar import Bars
from vigie.domain.setup import SetupChange, SideLife
from vigie.domain.signal import Criteria, CriterionState, Outlook, Signal
from vigie.domain.state import LONG_EXIT, SHORT_EXIT
from vigie.engine.inputs import Settlements
from vigie.intelligence.setups.life import LOST_CLOSES, REST_CLOSES, is_former
from vigie.ports.setups import StoredChange
from vigie.services.judging.signal_reading import EntryLevels, JudgedSlot, entry_levels
from vigie.services.setups.folding import SlotFold
from vigie.services.trading.account_plans.account_plan import PlanSlot
from vigie.trading.loaded_strategy import Strategy

_NAN: Final = float("nan")
_NUMBERS: Final = ("value", "threshold", "nearness")
# Where nothing is kept nothing happened: the side was not far for long enough.
_NEAR: Final = Outlook(_NAN, 1.0, ())


@dataclass(frozen=True)
class KeptSetups:
    """What is kept of an account's setups, by slot.

    Attributes
    ----------
    changes : mapping of str to sequence of StoredChange
        In the order they were written.
    lives : mapping of str to sequence of SideLife
        What is remembered at the last close that was followed.
    """

    changes: Mapping[str, Sequence[StoredChange]]
    lives: Mapping[str, Sequence[SideLife]]

    @cached_property
    def names(self) -> frozenset[str]:
        """Ids of all setups, whatever their slot."""
        return frozenset(change.setup for changes in self.changes.values() for change in changes)

    def of_run(self, run: str, slot: str) -> list[StoredChange]:
        """Return the changes of a slot that were written for one run."""
        return [change for change in self.changes.get(slot, ()) if change.run == run]


class SealedFold(SlotFold):
    """The setups of such a slot up to a close.

    Parameters
    ----------
    lives : sequence of SideLife
        As for `SlotFold`.
    names : collection of str
        Ids of setups that are kept.
    plan : PlanSlot
        The slot as its run pinned it.
    changes : sequence of StoredChange
        What is kept of this slot and run.
    remembered : sequence of SideLife
        What is kept of its sides after the last close that was followed, in this run or a later one.
    """

    def __init__(
        self,
        lives: Sequence[SideLife],
        names: Collection[str],
        plan: PlanSlot,
        changes: Sequence[StoredChange],
        remembered: Sequence[SideLife],
    ) -> None:
        super().__init__(lives, names)
        self.plan, self.changes = plan, changes
        self._at = {(change.ts_bar, change.side): change for change in changes}
        self._left = {(change.setup, change.state) for change in changes}
        self._remembered = {life.side: life for life in remembered}
        self._flags, self._is_over = 0, False
        self._levels: Callable[[int], EntryLevels] = lambda _: EntryLevels()
        self._after = [] if changes else [self.lives]

    @property
    def until(self) -> int:
        """Open time of the last bar whose close was followed."""
        return max((life.ts_bar or 0 for life in self._remembered.values()), default=0)

    @property
    def lives(self) -> tuple[SideLife, ...]:
        """What is remembered of both sides; how near they are only the strategy could say."""
        return tuple(self._with_nearness(life) for life in super().lives)

    def possible(self) -> list[tuple[SideLife, ...]]:
        """Return what may be remembered at the end of the run, the likeliest first.

        A worker may have stopped following at any close after the last change: its file had changed by then. After as
        many closes as a side rests there is no other difference than that closes are missing.
        """
        found: list[tuple[SideLife, ...]] = []
        for lives in (self.lives, *self._after):
            if lives not in found:
                found.append(lives)
        return found

    def _take_close(
        self,
        slot: JudgedSlot,
        bar: int,
        signal: Signal,
        digests: tuple[str, str],
        settled: Callable[[int], Settlements] | None,
    ) -> Iterator[SetupChange]:
        if self._is_over:
            return
        before, self._flags = list(self._lives), int(slot.input.flags[bar])
        self._levels = partial(entry_levels, slot, bar)
        changes = list(super()._take_close(slot, bar, signal, digests, settled))
        told = {(change.setup, change.state) for change in changes}
        if not self._left and told:
            # Nothing is kept from here on: the run was not followed further.
            self._lives, self._is_over = before, True
            return
        self._left -= told
        if not self._left and len(self._after) <= REST_CLOSES:
            self._after.append(self.lives)
        yield from changes

    def _digests(self, slot: JudgedSlot) -> tuple[str, str]:
        """Return the digests that the first changes of this run were sealed with: all others must have the same.

        Where it changed nothing, what was open before it had the same: a changed strategy would have ended it.
        """
        sealed = [str(change.body["strategy"]) for change in self.changes]
        sealed += [life.strategy for life in self._lives if life.state]
        return (
            next((digest for digest in sealed if not is_former(digest)), ""),
            next((digest for digest in sealed if is_former(digest)), ""),
        )

    def _amend_signal(self, life: SideLife, signal: Signal) -> tuple[SideLife, Signal]:
        holds = bool(self._flags & (LONG_EXIT if life.side == "long" else SHORT_EXIT))
        exits: dict[str, CriterionState] = {
            life.side: CriterionState("", _NAN, _NAN, 0.0, True, holds, _NAN, "")
        }
        kept = self._at.get((signal.ts_bar, life.side))
        if kept is None:
            return life, replace(signal, forming="none", exits=exits, long=_NEAR, short=_NEAR)
        body = kept.body
        outlook = Outlook(_number(body["score"]), _number(body["nearness"]), _criteria(body["criteria"]))
        signal = replace(signal, forming="none", exits=exits, long=outlook, short=outlook)
        if kept.state == "forming":
            levels = self._levels(1 if life.side == "long" else -1)
            signal = replace(signal, forming=life.side, stop=levels.stop, target=levels.target)
        if not self.plan.sizing.max_bars:
            signal = replace(signal, horizon_bars=_level(body["horizon_bars"]))
        return replace(life, far_closes=LOST_CLOSES - 1) if kept.cause == "not_near" else life, signal

    def _with_nearness(self, life: SideLife) -> SideLife:
        kept = self._remembered.get(life.side)
        if kept is None or (kept.setup, kept.ts_bar) != (life.setup, life.ts_bar):
            return life
        return replace(
            life,
            far_closes=kept.far_closes,
            nearness=kept.nearness,
            missing=kept.missing,
            missing_at=kept.missing_at,
            unmet=kept.unmet,
        )


@dataclass(frozen=True, slots=True)
class _NoParams:
    """Of a strategy that says nothing."""


def silent_strategy(plan: PlanSlot) -> Strategy:
    """Return a strategy that says nothing, in place of a file that is another one now.

    Parameters
    ----------
    plan : PlanSlot
        Whose name and file it has.
    """
    slot = plan.slot
    return Strategy(
        name=slot.strategy, title="", doc="", timeframe=slot.timeframe, params=_NoParams, warmup=lambda _: 0,
        criteria=_say_nothing, path="", digest=plan.source,
    )  # fmt: skip


def _say_nothing(bars: Bars, params: object) -> Criteria:
    return Criteria((), ())


def _level(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _criteria(told: object) -> tuple[CriterionState, ...]:
    if not isinstance(told, Sequence):
        return ()
    return tuple(
        CriterionState(**{**state, **{name: _number(state[name]) for name in _NUMBERS}}) for state in told
    )
