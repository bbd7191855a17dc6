"""How often bars were looked at from Python: in the registry of the commands, and never in the way of a run.

Where nothing can be counted the run stands, and says that there is no verdict, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import StorageError
from vigie.domain.trials import TrialCount, TriedVariants
from vigie.engine.run import Run
from vigie.ports.trials import TrialRegistry
from vigie.quant.stats.verdict import Verdict
from vigie.research.confidence import judge_run
from vigie.research.sweep.loop import MemoryRowStore
from vigie.research.sweep.plan import SweepPlan, count_plan_trials
from vigie.research.sweep.trial_names import TrialNames
from vigie.research.sweep.work import Rows
from vigie.services.runs import identity

NOT_COUNTED = "count=False: how often these bars were looked at is not known"
NOT_CHECKED = "check=False: what was not checked may have seen the future"
NO_TRADES = "there were no trades"
NO_COUNT: Final = TrialCount(0, 0, 0, markets=0)


@dataclass(frozen=True, slots=True, eq=False)
class TrialCounting:
    """Where a run was counted.

    Attributes
    ----------
    registry : TrialRegistry or None
        None where it was not.
    reason : str
        Why not.
    """

    registry: TrialRegistry | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, or why there is none."""

    verdict: Verdict | None
    reason: str = ""


def count_run(run: Run, registry: TrialRegistry | None) -> TrialCounting:
    """Count a run as a trial; None counts nothing."""
    return _count_trials(identity.run_trials(run), _start_counting(registry))


def judge_counted_run(run: Run, counted: TrialCounting, *, seed: int) -> Judgement:
    """Judge a run by every trial there is now, as `vigie backtest` does."""
    if counted.registry is None:
        return Judgement(None, counted.reason)
    if not run.checked:
        return Judgement(None, NOT_CHECKED)
    if not run.total.trades:
        return Judgement(None, NO_TRADES)
    try:
        trials = counted.registry.count(identity.traded_series(run))
    except StorageError as fault:
        return Judgement(None, str(fault))
    return Judgement(judge_run(run, trials=trials, seed=seed)[0])


class CountingRowStore(MemoryRowStore):
    """Keeps the rows of a search in memory and counts their trials as they come, while other threads trade."""

    def __init__(self, plan: SweepPlan, registry: TrialRegistry | None) -> None:
        super().__init__(plan.accounts)
        self._names = TrialNames(plan)
        self._counting = _start_counting(registry)

    def keep(self, rows: Rows) -> None:
        """Keep rows; their trials are counted first."""
        if self._counting.registry is not None:
            combinations = rows["combination"][~rows["refused"]].tolist()
            self._counting = _count_trials(self._names.tried_variants(combinations), self._counting)
        super().keep(rows)

    @property
    def counted(self) -> TrialCounting:
        """Where they were counted."""
        return self._counting


def count_search(
    plan: SweepPlan, combinations: Sequence[int], registry: TrialRegistry | None
) -> TrialCounting:
    """Count the combinations of a search; None counts nothing."""
    return _count_trials(TrialNames(plan).tried_variants(combinations), _start_counting(registry))


def _start_counting(registry: TrialRegistry | None) -> TrialCounting:
    return TrialCounting(registry, NOT_COUNTED if registry is None else "")


def _count_trials(trials: Iterable[TriedVariants], counted: TrialCounting) -> TrialCounting:
    if counted.registry is None:
        return counted
    try:
        counted.registry.note(trials)
    except StorageError as fault:
        return TrialCounting(None, str(fault))
    return counted


@dataclass(frozen=True, slots=True)
class TotalTrials:
    """How often the histories of a search were tried: of several, the one that was tried most.

    Attributes
    ----------
    count : TrialCount
        Zeros where it is not known.
    reason : str
        Why not.
    """

    count: TrialCount
    reason: str = ""


def count_all_trials(plan: SweepPlan, counted: TrialCounting) -> TotalTrials:
    """Return how many trials there are now on the series of a search, its own among them."""
    if counted.registry is None:
        return TotalTrials(NO_COUNT, counted.reason)
    try:
        return TotalTrials(count_plan_trials(plan, counted.registry))
    except StorageError as fault:
        return TotalTrials(NO_COUNT, str(fault))
