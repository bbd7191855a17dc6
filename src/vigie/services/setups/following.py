"""The setups of accounts: each run is followed close by close, on the bars it decided on, and each change is written.

The log of a run says which bars were decided on, and with which prices. Whoever reads it from the beginning gets the
same changes as whoever followed it while it grew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np

from vigie.domain.account import AccountSettings
from vigie.domain.errors import DataError, UsageError, VigieError
from vigie.domain.ids import parse_slot
from vigie.domain.order import TradeRun
from vigie.domain.setup import SetupScope, SideLife
from vigie.domain.signal import Criteria
from vigie.domain.state import Records
from vigie.engine.backtest import run_slot
from vigie.engine.inputs import SlotInput
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.intelligence.setups.life import abandon
from vigie.ports.setups import FollowedCloses, SetupRecorder, StoredChange
from vigie.research.fingerprints import strategy_source
from vigie.services.setups.decided_log import ClosesTogether, DecidedLog
from vigie.services.setups.folding import SlotFold, change_record, digest_of, with_result
from vigie.services.setups.left_open import left_result
from vigie.services.setups.sealed_folding import KeptSetups, SealedFold, silent_strategy
from vigie.services.setups.told_funding import ToldFunding, told_before
from vigie.services.trading.account_plans.account_plan import PlanSlot, load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.trading import catalogue
from vigie.trading.loaded_strategy import Strategy
from vigie.trading.plan_slots import trades_plans

LOOK_S: Final = 2.0


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
    setups : SetupRecorder
        Where changes are written.
    run : TradeRun
        Which; it goes on with the setups that the account's runs before it left open.
    kept : KeptSetups, optional
        What is kept, where it is made anew. Slots whose strategy's file is another one since take from it what only
        that file could say.
    """

    def __init__(
        self,
        stores: TradingStores,
        setups: SetupRecorder,
        run: TradeRun,
        *,
        kept: KeptSetups | None = None,
    ) -> None:
        self._stores, self._setups, self._run = stores, setups, run
        self._scope = SetupScope(run.account, run.is_replayed)
        self._plan = load_plan(stores.results, run.id)
        lives = setups.lives(self._scope)
        self._folds = [self._fold_of(plan_slot, lives, kept) for plan_slot in self._plan.slots]
        traded = {str(plan_slot.slot) for plan_slot in self._plan.slots}
        self._abandoned = {
            slot: sides
            for slot, sides in lives.items()
            if slot not in traded and any(life.state for life in sides)
        }
        self._log = DecidedLog(stores, self._plan, run)
        # Of trades that began in an earlier run.
        begun = _first_entry(lives.values())
        if begun is not None and begun < run.ts:
            self._log.funding.merge(told_before(stores, run, begun))

    @property
    def run_id(self) -> str:
        """Of the run that is followed."""
        return self._run.id

    @property
    def sealed(self) -> Mapping[str, SealedFold]:
        """Return the slots, by id, of which decisions are not made anew: their strategy's file is another one now."""
        return {str(fold.plan.slot): fold for fold in self._folds if isinstance(fold, SealedFold)}

    def follow(
        self, until: int | None = None, *, as_far: Mapping[str, Sequence[SideLife]] | None = None
    ) -> int:
        """Write what the closes since the last time changed, and return how many changes that makes.

        Parameters
        ----------
        until : int, optional
            Number of the step of the log after which nothing is read; None for its end.
        as_far : mapping, optional
            What is kept of each slot, by its id: none is followed further.

        Raises
        ------
        DataError
            If a strategy's file is no longer what the run began with.
        """
        self._log.read(until)
        n_changes, faults = self._abandon(as_far or {}), []
        for number, fold in enumerate(self._folds):
            if self._is_plan_slot(self._plan.slots[number]):
                continue  # What a person planned is no signal of a strategy.
            kept = () if as_far is None else as_far.get(str(self._plan.slots[number].slot), ())
            last = max((life.ts_bar or 0 for life in kept), default=None if as_far is None else 0)
            last = fold.until if isinstance(fold, SealedFold) else last
            try:
                for closes in self._log.closes(number, fold.ts_bar, last):
                    n_changes += self._follow_closes(number, closes)
            except DataError as fault:
                # One slot that cannot be judged does not hold up the others.
                faults.append(fault)
        self._log.let_go()
        if faults:
            raise faults[0]
        self._setups.reach(self._scope, self._run.id, self._log.step)
        return n_changes

    def _fold_of(
        self, plan: PlanSlot, lives: Mapping[str, Sequence[SideLife]], kept: KeptSetups | None
    ) -> SlotFold:
        slot = str(plan.slot)
        if kept is None:
            return SlotFold(lives.get(slot, ()))
        changes = kept.of_run(self._run.id, slot)
        if not self._is_plan_slot(plan) and self._is_another(plan, changes):
            return SealedFold(lives.get(slot, ()), kept.names, plan, changes, kept.lives.get(slot, ()))
        return SlotFold(lives.get(slot, ()), kept.names)

    def _is_another(self, plan: PlanSlot, changes: Sequence[StoredChange]) -> bool:
        """Tell whether a run pinned another file than today's, and none of its changes was sealed with today's."""
        strategy = self._load(plan)
        if strategy_source(strategy) == plan.source:
            return False
        try:
            params = strategy.with_params(plan.params)
        except UsageError:
            return True  # Today's file has not even its parameters.
        # What a plan says can be altered; what a change was sealed with cannot.
        todays = {
            digest_of(strategy, params, plan.sizing, plan.effective_costs, has_capital=has_capital)
            for has_capital in (False, True)
        }
        return not any(change.body["strategy"] in todays for change in changes)

    def _load(self, plan: PlanSlot) -> Strategy:
        return catalogue.load(plan.slot.strategy, self._stores.results.strategies).requiring(plan.require)

    def _is_plan_slot(self, plan: PlanSlot) -> bool:
        name = plan.slot.strategy
        return name == catalogue.PLAN and trades_plans(catalogue.load(name, self._stores.results.strategies))

    def _abandon(self, as_far: Mapping[str, Sequence[SideLife]]) -> int:
        """End what an earlier run left open in slots that this one does not have, and that is not kept as open."""
        if self._log.first_close is None:
            return 0
        n_changes = 0
        # All that the earlier runs told, read once: this one's log begins after them.
        begun = _first_entry(self._abandoned.values())
        told = ToldFunding() if begun is None else told_before(self._stores, self._run, begun)
        for slot, sides in sorted(self._abandoned.items()):
            if any(life.state for life in as_far.get(slot, ())):
                continue
            lives, records = list[SideLife](), list[dict[str, object]]()
            for life in sides:
                after = life
                if life.state:
                    after, change = abandon(life, self._plan.venue, parse_slot(slot), self._log.first_close)
                    result = left_result(self._stores, self._run, slot, life, told)
                    records.append(change_record(with_result(change, *result)))
                lives.append(after)
            n_changes += self._setups.record(
                FollowedCloses(self._scope, self._run.id, slot, tuple(lives), tuple(records))
            )
        self._abandoned = {}
        return n_changes

    def _follow_closes(self, number: int, closes: ClosesTogether) -> int:
        fold, plan_slot = self._folds[number], self._plan.slots[number]
        slot = self._judge(number, closes)
        first = int(np.searchsorted(slot.plan.bars.ts, closes.first))
        changes = tuple(fold.take(slot, first, partial(self._log.settled_by, number)))
        records = tuple(change_record(change) for change in changes)
        return self._setups.record(
            FollowedCloses(self._scope, self._run.id, str(plan_slot.slot), fold.lives, records)
        )

    def _judge(self, number: int, closes: ClosesTogether) -> FollowedSlot:
        plan_slot, is_sealed = self._plan.slots[number], isinstance(self._folds[number], SealedFold)
        strategy = silent_strategy(plan_slot) if is_sealed else self._load(plan_slot)
        if not is_sealed and strategy_source(strategy) != plan_slot.source:
            raise DataError(
                "strategy_is_another_now",
                "{strategy} is another file than when the run began; its setups wait for the run's own file or for "
                "a new run",
                strategy=plan_slot.slot.strategy,
            )
        # No funding here: a settlement may be told late, and what ends a setup must not depend on when it came.
        planned = PlannedSlot(
            slot=plan_slot.slot,
            bars=self._log.history(number, closes),
            strategy=strategy,
            params=strategy.with_params({} if is_sealed else plan_slot.params),
            versions=self._log.versions(number),
            account=AccountSettings("isolated", plan_slot.effective_costs, plan_slot.sizing, None),
        )
        criteria, slot_input = prepare_slot(planned)
        slot_input = self._log.as_decided(number, slot_input)
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
    setups: SetupRecorder
    say: Callable[[str], None] = print
    _followers: dict[SetupScope, RunFollower] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    _stuck: dict[SetupScope, tuple[str, int]] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def follow_once(self) -> int:
        """Follow every run to the end of its log, an account's one after the other; return how many changes."""
        by_scope: dict[SetupScope, list[TradeRun]] = {}
        for run in self.stores.trades.runs_of():
            by_scope.setdefault(SetupScope(run.account, run.is_replayed), []).append(run)
        # What is gone needs no memory.
        for gone in self._followers.keys() - by_scope.keys():
            del self._followers[gone]
        return sum(self._follow_scope(scope, runs) for scope, runs in by_scope.items())

    def _follow_scope(self, scope: SetupScope, runs: Sequence[TradeRun]) -> int:
        reached_run, reached_step = self.setups.reached(scope)
        ids = [run.id for run in runs]
        first = ids.index(reached_run) if reached_run in ids else 0
        n_changes = 0
        for run in runs[first:]:
            if self._stopping.is_set():
                break
            last_step = self.stores.trades.last_step(run.id)
            if run is runs[-1] and self._stuck.get(scope) == (run.id, last_step):
                break
            if (run.id, last_step) == (reached_run, reached_step):
                if run.is_replayed:
                    # A past that grows no more is not kept in memory.
                    self._followers.pop(scope, None)
                continue
            # Kept only when all of it went well: another one begins with what is written.
            follower = self._followers.pop(scope, None)
            try:
                if follower is None or follower.run_id != run.id:
                    follower = RunFollower(self.stores, self.setups, run)
                n_changes += follower.follow()
            except (DataError, UsageError) as fault:
                self._report(run, fault)
                if run is runs[-1]:
                    # Tried again when its log has grown, and not every other second.
                    self._stuck[scope] = run.id, last_step
                    break
                # Its file is gone for good: what it left open ends with the run after it.
                self.setups.reach(scope, run.id, last_step)
                continue
            except Exception as fault:  # noqa: BLE001 - the edge of a task: one account does not hold up the others
                self._report(run, fault)
                break
            self._followers[scope] = follower
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

    def _report(self, run: TradeRun, fault: Exception) -> None:
        why = str(fault) if isinstance(fault, VigieError) else repr(fault)
        if self._said.get(run.id) != why:
            self._said[run.id] = why
            self.say(f"setups of account {run.account} cannot be followed: {why}")


def _first_entry(lives: Iterable[Sequence[SideLife]]) -> int | None:
    """Return when the first trade of some setups that are open was decided; None where none is."""
    entered = (life.ts_entered for sides in lives for life in sides if life.state == "confirmed")
    return min(entered, default=None)
