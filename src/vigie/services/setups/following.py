"""The setups of accounts: each run is followed close by close, on the bars it decided on, and each change is written.

The log of a run says which bars were decided on, and with which prices. Whoever reads it from the beginning gets the
same changes as whoever followed it while it grew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from vigie.domain.account import AccountSettings
from vigie.domain.bar import Bars
from vigie.domain.errors import VigieError
from vigie.domain.order import TradeRun
from vigie.domain.signal import Criteria
from vigie.domain.state import Records
from vigie.engine.backtest import run_slot
from vigie.engine.inputs import SlotInput
from vigie.engine.live.fold import steps
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.ports.home import ResultsHome
from vigie.ports.setups import FollowedClose, SetupStore
from vigie.services.setups.folding import SlotFold, change_record
from vigie.services.trading.plans.plan import PlanSlot, TradePlan, load_plan
from vigie.services.trading.plans.trading_stores import TradingStores
from vigie.services.trading.process.decided_histories import DecidedHistories
from vigie.trading import catalogue

LOOK_S: Final = 2.0
END_S: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class FollowedSlot:
    """A slot of an account after a run on its own account, over the bars that were decided on."""

    plan: PlannedSlot
    criteria: Criteria
    input: SlotInput
    trades: Records


class RunFollower:
    """Follows one run.

    Parameters
    ----------
    stores : TradingStores
        Where its plan, its log and its bars are.
    setups : SetupStore
        Where changes are written, under the run's id.
    run : TradeRun
        Which.
    """

    def __init__(self, stores: TradingStores, setups: SetupStore, run: TradeRun) -> None:
        self._stores, self._setups, self._run = stores, setups, run
        self._plan = load_plan(stores.results, run.id)
        lives = setups.lives(run.id)
        self._folds = [SlotFold(lives.get(str(plan_slot.slot), ())) for plan_slot in self._plan.slots]
        self._newest: dict[int, int] = {}
        self._read = 0
        self._histories: DecidedHistories | None = None

    def follow(self) -> int:
        """Write what the closes since the last time changed, and return how many changes that makes."""
        decided = list(self._read_log())
        if len(decided) > len({bar.slot for bar in decided}) or not all(map(self._is_held, decided)):
            # More than one close at once, or other prices than are stored now: read anew, from the log.
            self._histories = None
        return sum(
            self._follow_slot(number, ts)
            for number, ts in sorted(self._newest.items())
            if ts > (self._folds[number].ts_bar or 0)
        )

    def _read_log(self) -> Iterator[steps.ClosedBar]:
        """Yield the bars of what the log says since the last time."""
        for step in self._stores.trades.steps(self._run.id, after=self._read):
            self._read = step.number
            for bar in getattr(steps.decode_step(step), "bars", ()):
                self._newest[bar.slot] = bar.ts
                yield bar

    def _is_held(self, bar: steps.ClosedBar) -> bool:
        """Tell whether the histories have a bar with the prices that it was decided on."""
        if self._histories is None:
            return True
        bars = self._history(bar.slot, bar.ts)
        if not len(bars) or bars.ts[-1] != bar.ts:
            return False
        return all(
            float(getattr(bars, name)[-1]) == getattr(bar, name) for name in ("open", "high", "low", "close")
        )

    def _history(self, number: int, ts: int) -> Bars:
        if self._histories is None:
            self._histories = DecidedHistories(self._stores, self._plan, self._run)
        return self._histories.bars_until(number, ts)

    def _follow_slot(self, number: int, ts: int) -> int:
        fold, plan_slot = self._folds[number], self._plan.slots[number]
        bars = self._history(number, ts)
        slot = _judge(self._stores.results, self._plan, plan_slot, bars)
        # The first close of a run is that of the bar in progress when it began.
        first_ts = self._plan.begun - bars.span_ms + 1 if fold.ts_bar is None else fold.ts_bar + 1
        changes = tuple(fold.take(slot, int(np.searchsorted(bars.ts, first_ts))))
        records = tuple(change_record(change) for change in changes)
        return self._setups.record(FollowedClose(self._run.id, str(plan_slot.slot), fold.lives, records))


def _judge(results: ResultsHome, plan: TradePlan, plan_slot: PlanSlot, bars: Bars) -> FollowedSlot:
    strategy = catalogue.load(plan_slot.slot.strategy, results.strategies).requiring(plan_slot.require)
    # Funding is left out: a settlement may be told late, and what ends a setup must not depend on when it came.
    planned = PlannedSlot(
        slot=plan_slot.slot,
        bars=replace(bars, venue=plan.venue, _memo={}),
        strategy=strategy,
        params=strategy.with_params(plan_slot.params),
        versions=plan_slot.versions,
        account=AccountSettings("isolated", plan_slot.effective_costs, plan_slot.sizing, None),
    )
    criteria, slot_input = prepare_slot(planned)
    return FollowedSlot(planned, criteria, slot_input, run_slot(slot_input).trades)


@dataclass(slots=True)
class SetupFollower:
    """Follows the runs of all accounts until it is told to stop.

    Attributes
    ----------
    stores, setups
        As for `RunFollower`.
    say : callable
        Told what went wrong with a run, once for each reason; it is tried again at the next turn.
    """

    stores: TradingStores
    setups: SetupStore
    say: Callable[[str], None] = print
    _followers: dict[str, RunFollower] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def follow_once(self) -> int:
        """Follow every run to the end of its log, and return how many changes that makes."""
        runs = self.stores.trades.runs_of()
        newest = {run.account: run.id for run in runs}
        n_changes = 0
        for run in runs:
            if self._stopping.is_set():
                break
            last = self.stores.trades.last_step(run.id)
            if last == self._seen.get(run.id, 0):
                continue
            # Kept only when all of it went well: another one begins with what is written.
            follower = self._followers.pop(run.id, None)
            try:
                follower = follower or RunFollower(self.stores, self.setups, run)
                n_changes += follower.follow()
            except VigieError as fault:
                self._report(run, str(fault))
                continue
            self._seen[run.id] = last
            if run.id == newest[run.account]:
                self._followers[run.id] = follower
        return n_changes

    def run(self) -> None:
        """Follow until `stop`."""
        while not self._stopping.is_set():
            try:
                self.follow_once()
            except Exception as fault:  # noqa: BLE001 - the edge of a task: it is tried again
                self.say(f"setups cannot be followed: {fault!r}")
            self._stopping.wait(LOOK_S)

    def stop(self) -> None:
        """Ask it to end."""
        self._stopping.set()

    def _report(self, run: TradeRun, why: str) -> None:
        if self._said.get(run.id) != why:
            self._said[run.id] = why
            self.say(f"setups of account {run.account} cannot be followed: {why}")


@contextmanager
def following(follower: SetupFollower) -> Iterator[None]:
    """Follow beside what the block does."""
    thread = threading.Thread(target=follower.run, name="vigie-setups", daemon=True)
    thread.start()
    try:
        yield
    finally:
        follower.stop()
        thread.join(END_S)
