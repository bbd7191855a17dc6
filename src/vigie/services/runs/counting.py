"""How often bars were looked at from Python: in the registry of the commands, and never in the way of a run.

Where nothing can be counted the run stands, and says that there is no verdict, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vigie.domain.errors import StorageError
from vigie.engine.run import Run
from vigie.ports.trials import TrialRegistry
from vigie.quant.stats.verdict import Verdict
from vigie.research.belief import judge_run
from vigie.research.sweep.loop import MemoryKeeper
from vigie.research.sweep.plan import SweepPlan, TrialNames
from vigie.research.sweep.work import Rows
from vigie.services.runs import identity
from vigie.services.searches.sweeps import trials_ever

NOT_COUNTED = "count=False: how often these bars were looked at is not known"
NOT_CHECKED = "check=False: what was not checked may have seen the future"
NO_TRADES = "there were no trades"


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
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


def count_run(run: Run, registry: TrialRegistry | None) -> Counted:
    """Count a run as a trial; None counts nothing."""
    if registry is None:
        return Counted(None, NOT_COUNTED)
    try:
        registry.note(identity.trials_of(run))
    except StorageError as fault:
        return Counted(None, str(fault))
    return Counted(registry)


def judge_counted(run: Run, counted: Counted, *, seed: int) -> Judgement:
    """Judge a run by every trial there is now, as `vigie backtest` does."""
    if counted.registry is None:
        return Judgement(None, counted.reason)
    if not run.checked:
        return Judgement(None, NOT_CHECKED)
    if not run.total.trades:
        return Judgement(None, NO_TRADES)
    try:
        trials = counted.registry.count(identity.series_names(run))
    except StorageError as fault:
        return Judgement(None, str(fault))
    return Judgement(judge_run(run, trials=trials, seed=seed)[0])


class CountedRows(MemoryKeeper):
    """Keeps the rows of a search in memory and names their trials as they come, while other threads trade."""

    def __init__(self, plan: SweepPlan, registry: TrialRegistry | None) -> None:
        super().__init__(plan.accounts)
        self._plan = plan
        self._registry = registry
        self._names = TrialNames(plan)
        self._pairs: list[tuple[str, str]] = []

    def keep(self, rows: Rows) -> None:
        """Keep rows and name their trials."""
        super().keep(rows)
        if self._registry is not None:
            self._pairs += self._names.pairs(rows["combination"][~rows["refused"]].tolist())

    def count(self) -> tuple[int, str]:
        """Count them; see `count_search`."""
        return _counted(self._plan, self._pairs, self._registry)


def count_search(
    plan: SweepPlan, combinations: Sequence[int], registry: TrialRegistry | None
) -> tuple[int, str]:
    """Count the combinations of a search.

    Returns
    -------
    int
        All trials ever made on the series that was looked at most; 0 where it is not known.
    str
        Why not.
    """
    return _counted(plan, TrialNames(plan).pairs(combinations), registry)


def _counted(
    plan: SweepPlan, trials: Iterable[tuple[str, str]], registry: TrialRegistry | None
) -> tuple[int, str]:
    if registry is None:
        return 0, NOT_COUNTED
    try:
        registry.record(trials)
        return trials_ever(plan, registry), ""
    except StorageError as fault:
        return 0, str(fault)
