"""The plans of all accounts followed: what became of each is noted once, and facts say what marks say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
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
_NEVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class _SeenAccount:
    """How an account was when its plans were followed last, and when time alone changes something."""

    key: tuple[str, str, str, int]
    ts_due: int
    has_plans: bool


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
    _seen: dict[str, _SeenAccount] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def follow_once(self) -> int:
        """Note what became of plans since the last time; return how many marks that makes."""
        n_marks, revision = 0, self.sources.plans.revision()
        for run in self.sources.logs.trades.accounts():
            try:
                n_marks += self._follow_changed(run, revision)
            except (VigieError, OSError) as fault:
                self._seen.pop(run.account, None)
                self._report(run.account, str(fault))
        return n_marks

    def _follow_changed(self, run: TradeRun, revision: str) -> int:
        """Follow an account where plans, its log or the hour changed something since the last time."""
        seen, now = self._seen.get(run.account), self.sources.data.clock.market_now()
        # Of an account without plans the log says nothing of any.
        has_plans = seen is None or seen.has_plans
        step = self.sources.logs.trades.last_step(run.id) if has_plans else 0
        key = (run.id, run.owner, revision, step)
        if seen is not None and key == seen.key and now < seen.ts_due:
            return 0
        self._seen.pop(run.account, None)
        armed = [] if run.is_replayed else self.sources.plans.armed(run.account)
        n_marks = self._follow_account(run, armed, now)
        due = min((ts for marked in armed for ts in _due_times(marked) if ts > now), default=_NEVER)
        self._seen[run.account] = _SeenAccount(key if armed else (*key[:3], 0), due, has_plans=bool(armed))
        return n_marks

    def _follow_account(self, run: TradeRun, armed: Sequence[MarkedPlan], now: int) -> int:
        if not armed:
            return 0
        n_marks = sum(
            note_outcome(self.sources, marked, outcome_of(self.sources, marked, now))
            for marked in armed
            if not _is_over(marked, now)
        )
        # Last: what was tried already is not planned once more, not for a moment.
        publish(self.sources, run.account, load_plan(self.sources.logs.results, run.id))
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


def _due_times(marked: MarkedPlan) -> tuple[int, ...]:
    """Return when a plan may expire, or is settled, without anything that is written."""
    until, span = marked.plan.until, timeframe_ms(marked.plan.timeframe)
    settled = () if marked.ts_cancelled is None else (marked.ts_cancelled + 2 * span + 1,)
    return (until + 1, until + span + 1, *settled)


def _is_over(marked: MarkedPlan, now: int) -> bool:
    """Return whether nothing of a plan is to be noted any more."""
    if any(mark in marked.marks for mark in NOTED_ENDS.values()):
        return True
    # What was decided just before it was cancelled is entered all the same, within the next bar.
    is_settled = marked.ts_cancelled is not None and now > marked.ts_cancelled + 2 * timeframe_ms(
        marked.plan.timeframe
    )
    return is_settled and "entered" not in marked.marks
