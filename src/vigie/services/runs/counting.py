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
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.trial_names import TrialNames
from vigie.research.sweep.work import Rows
from vigie.services.runs import identity
from vigie.services.searches.sweeps import trials_ever

NOT_COUNTED = "count=False: how often these bars were looked at is not known"
NOT_CHECKED = "check=False: what was not checked may have seen the future"
NO_TRADES = "there were no trades"
NO_COUNT: Final = TrialCount(0, 0, 0, markets=0)


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
    return _noted(identity.trials_of(run), _counting(registry))


def judge_counted(run: Run, counted: Counted, *, seed: int) -> Judgement:
    """Judge a run by every trial there is now, as `vigie backtest` does."""
    if counted.registry is None:
        return Judgement(None, counted.reason)
    if not run.checked:
        return Judgement(None, NOT_CHECKED)
    if not run.total.trades:
        return Judgement(None, NO_TRADES)
    try:
        trials = counted.registry.count(identity.traded_of(run))
    except StorageError as fault:
        return Judgement(None, str(fault))
    return Judgement(judge_run(run, trials=trials, seed=seed)[0])


class CountedRows(MemoryRowStore):
    """Keeps the rows of a search in memory and counts their trials as they come, while other threads trade."""

    def __init__(self, plan: SweepPlan, registry: TrialRegistry | None) -> None:
        super().__init__(plan.accounts)
        self._names = TrialNames(plan)
        self._counted = _counting(registry)

    def keep(self, rows: Rows) -> None:
        """Keep rows; their trials are counted first."""
        if self._counted.registry is not None:
            run = rows["combination"][~rows["refused"]].tolist()
            self._counted = _noted(self._names.tried_variants(run), self._counted)
        super().keep(rows)

    @property
    def counted(self) -> Counted:
        """Where they were counted."""
        return self._counted


def count_search(plan: SweepPlan, combinations: Sequence[int], registry: TrialRegistry | None) -> Counted:
    """Count the combinations of a search; None counts nothing."""
    return _noted(TrialNames(plan).tried_variants(combinations), _counting(registry))


def _counting(registry: TrialRegistry | None) -> Counted:
    return Counted(registry, NOT_COUNTED if registry is None else "")


def _noted(trials: Iterable[TriedVariants], counted: Counted) -> Counted:
    if counted.registry is None:
        return counted
    try:
        counted.registry.note(trials)
    except StorageError as fault:
        return Counted(None, str(fault))
    return counted


@dataclass(frozen=True, slots=True)
class TrialsEver:
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


def count_ever(plan: SweepPlan, counted: Counted) -> TrialsEver:
    """Return how many trials there are now on the series of a search, its own among them."""
    if counted.registry is None:
        return TrialsEver(NO_COUNT, counted.reason)
    try:
        return TrialsEver(trials_ever(plan, counted.registry))
    except StorageError as fault:
        return TrialsEver(NO_COUNT, str(fault))
