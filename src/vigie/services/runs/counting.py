"""How often bars were looked at from Python: in the registry of the commands, and never in the way of a run.

Where nothing can be counted the run stands, and says that there is no verdict, and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
# Trials in one transaction, so that memory does not grow with a search.
TOGETHER: Final = 8_192


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


class Tally:
    """The trials of a search: named as they come, recorded some thousands at a time.

    Parameters
    ----------
    registry : TrialRegistry or None
        None counts nothing.
    """

    def __init__(self, plan: SweepPlan, registry: TrialRegistry | None) -> None:
        self._plan = plan
        self._registry = registry
        self._reason = "" if registry is not None else NOT_COUNTED
        self._names = TrialNames(plan)
        self._waiting: list[tuple[str, str]] = []

    def add(self, combinations: Sequence[int]) -> None:
        """Count combinations."""
        if not self._reason:
            self._waiting += self._names.pairs(combinations)
            if len(self._waiting) >= TOGETHER:
                self._record()

    def _record(self) -> None:
        if self._registry is None or not self._waiting:
            return
        try:
            self._registry.record(self._waiting)
        except StorageError as fault:
            self._reason = str(fault)
        self._waiting = []

    def total(self) -> tuple[int, str]:
        """Return all trials ever made.

        Returns
        -------
        int
            On the series that was looked at most; 0 where it is not known.
        str
            Why not.
        """
        self._record()
        if self._registry is None or self._reason:
            return 0, self._reason
        try:
            return trials_ever(self._plan, self._registry), ""
        except StorageError as fault:
            return 0, str(fault)


class CountedRows(MemoryKeeper):
    """Keeps the rows of a search in memory and counts their trials while other threads go on."""

    def __init__(self, plan: SweepPlan, registry: TrialRegistry | None) -> None:
        super().__init__(plan.accounts)
        self.tally = Tally(plan, registry)

    def keep(self, rows: Rows) -> None:
        """Keep rows and count them."""
        super().keep(rows)
        self.tally.add(rows["combination"][~rows["refused"]].tolist())


def count_search(
    plan: SweepPlan, combinations: Sequence[int], registry: TrialRegistry | None
) -> tuple[int, str]:
    """Count the combinations of a search that is over; see `Tally.total`."""
    tally = Tally(plan, registry)
    tally.add(combinations)
    return tally.total()
