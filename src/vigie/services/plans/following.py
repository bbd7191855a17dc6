"""The plans of all accounts followed: what became of each is noted once, and facts say what marks say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.errors import VigieError
from vigie.domain.order import TradeRun
from vigie.domain.time import timeframe_ms
from vigie.ports.plans import MarkedPlan
from vigie.services.plans.arming import publish
from vigie.services.plans.noting import NOTED_ENDS, note_outcome
from vigie.services.plans.plan_sources import PlanSources
from vigie.services.plans.plan_states import outcome_of
from vigie.services.trading.account_plans.account_plan import load_plan

LOOK_S: Final = 2.0


@dataclass(slots=True)
class PlanFollower:
    """Follows armed plans until it is told to stop.

    Attributes
    ----------
    sources : PlanSources
    say : callable
        Told what went wrong with an account's plans, once for each reason; it is tried again at the next turn.
    """

    sources: PlanSources
    say: Callable[[str], None] = print
    _said: dict[str, str] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def follow_once(self) -> int:
        """Note what became of plans since the last time; return how many marks that makes."""
        n_marks = 0
        for run in self.sources.logs.trades.accounts():
            try:
                n_marks += self._follow_account(run)
            except (VigieError, OSError) as fault:
                self._report(run.account, str(fault))
        return n_marks

    def _follow_account(self, run: TradeRun) -> int:
        armed = self.sources.plans.armed(run.account)
        if not armed or run.is_replayed:
            return 0
        account_plan = load_plan(self.sources.logs.results, run.id)
        publish(self.sources, run.account, account_plan)
        now = self.sources.data.clock.market_now()
        n_marks = sum(
            note_outcome(self.sources, marked, outcome_of(self.sources, marked, now))
            for marked in armed
            if not _is_over(marked, now)
        )
        if n_marks:
            publish(self.sources, run.account, account_plan)
        return n_marks

    def run(self) -> None:
        """Follow until `stop`."""
        while not self._stopping.is_set():
            try:
                self.follow_once()
            except Exception as fault:  # noqa: BLE001 - the edge of a task: it is tried again
                self._report("", repr(fault))
            self._stopping.wait(LOOK_S)

    def stop(self) -> None:
        """Ask it to end."""
        self._stopping.set()

    def _report(self, account: str, why: str) -> None:
        if self._said.get(account) != why:
            self._said[account] = why
            self.say(f"plans of account {account or 'any'} cannot be followed: {why}")


def _is_over(marked: MarkedPlan, now: int) -> bool:
    """Return whether nothing of a plan is to be noted any more."""
    if any(mark in marked.marks for mark in NOTED_ENDS.values()):
        return True
    # What was decided just before it was cancelled is entered all the same, within the next bar.
    is_settled = marked.ts_cancelled is not None and now > marked.ts_cancelled + 2 * timeframe_ms(
        marked.plan.timeframe
    )
    return is_settled and "entered" not in marked.marks
