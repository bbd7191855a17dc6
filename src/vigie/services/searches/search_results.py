"""What `vigie.sweep` and `vigie.walk_forward` give; everything is computed when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from vigie.domain.errors import UsageError
from vigie.engine.run import Run
from vigie.ports.executor import Executor
from vigie.quant.stats.permutation import PermutationTest
from vigie.quant.stats.verdict import Verdict, verdict
from vigie.research import walk_tables
from vigie.research.sweep.findings import plateau_around, run_combination, top_rows
from vigie.research.sweep.loop import Search
from vigie.research.sweep.objective import MIN_TRADES
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.shuffled import permuted_search
from vigie.research.sweep.sweep_verdict import judge_sweep
from vigie.research.sweep.table import SweepTable, rows_to_frame
from vigie.research.sweep.terrain import ScoreHeatMap, ScorePlateau, heat_map
from vigie.research.validation import Validation
from vigie.research.walk_forward import WalkForward
from vigie.services.runs.trial_counting import TotalTrials, TrialCounting, count_all_trials


class CountedSearch:
    """What the result of any search says of its trials, from its plan and of how they were counted."""

    plan: SweepPlan
    counted: TrialCounting

    @cached_property
    def _total_trials(self) -> TotalTrials:
        return count_all_trials(self.plan, self.counted)

    @property
    def trials(self) -> int:
        """All trials on these bars until this was first asked, this search's included; 0 where it is not known."""
        return self._total_trials.count.trials

    @property
    def no_verdict(self) -> str:
        """Why there is no verdict, empty where there is one."""
        return self._total_trials.reason


@dataclass(frozen=True, eq=False)
class SweepResult(CountedSearch):
    """What `sweep` gives; everything below is computed when it is asked for.

    Attributes
    ----------
    plan : SweepPlan
        What was run.
    search : Search
        How combinations were chosen.
    counted : TrialCounting
        Where its combinations were counted as trials, or why they were not.
    workers : callable
        Number of threads in, executor out.
    """

    plan: SweepPlan
    search: Search
    rows: Any
    counted: TrialCounting
    workers: Callable[[int], Executor]
    min_trades: int = MIN_TRADES
    seed: int = 0

    @cached_property
    def table(self) -> pl.DataFrame:
        """Every combination that was run, with its score and figures."""
        refused = self.rows["refused"]
        frame = rows_to_frame(self.plan, self.rows[~refused] if refused.any() else self.rows)
        # In place: a query would wait for threads that polars wakes up first.
        frame.drop_in_place("refused")
        return frame

    @cached_property
    def _full_table(self) -> SweepTable:
        return SweepTable(rows_to_frame(self.plan, self.rows).lazy())

    @property
    def refused(self) -> int:
        """How many combinations the strategy or the account refused."""
        return int(self.rows["refused"].sum())

    @cached_property
    def top(self) -> pl.DataFrame:
        """The ten best combinations, the best first."""
        return top_rows(self.plan, self._full_table, min_trades=self.min_trades)

    @property
    def best(self) -> dict[str, Any]:
        """What was varied, in the best combination."""
        return dict(self.plan.space.values(self._best_combination))

    @property
    def _best_combination(self) -> int:
        return int(self.top["combination"][0])

    @cached_property
    def best_run(self) -> Run:
        """The best combination run whole, as `vigie.backtest` does."""
        return run_combination(self.plan, self._best_combination, check=False, seed=self.seed)

    @property
    def plateau(self) -> ScorePlateau:
        """What lies around the best."""
        return plateau_around(self.plan, self._full_table, self._best_combination)

    @property
    def heat(self) -> ScoreHeatMap | None:
        """Scores over two parameters; None where fewer than two were varied."""
        return heat_map(self.plan.space, self._best_combination, self._full_table.scores)

    @cached_property
    def verdict(self) -> Verdict | None:
        """Whether the best can be told from luck; None where the trials were not counted."""
        if self.no_verdict:
            return None
        return judge_sweep(
            self.plan,
            self._full_table.combinations(),
            self._best_combination,
            trials=self._total_trials.count,
            seed=self.seed,
        )

    def permutation_test(self, permutations: int, *, threads: int = 1) -> PermutationTest:
        """Repeat the search on shuffled histories and compare the best scores."""
        with self.workers(threads) as executor:
            return permuted_search(
                self.plan,
                self.search,
                executor,
                observed=float(self.top["score"][0]),
                permutations=permutations,
                seed=self.seed,
                min_trades=self.min_trades,
            )


@dataclass(frozen=True, eq=False)
class WalkResult(CountedSearch):
    """What `walk_forward` gives.

    Attributes
    ----------
    plan : SweepPlan
        What was run.
    result : WalkForward or Validation
        Windows and the joined account; or folds and paths.
    counted : TrialCounting
        Where its combinations were counted as trials, or why they were not.
    """

    plan: SweepPlan
    result: WalkForward | Validation
    counted: TrialCounting
    seed: int = 0

    @property
    def windows(self) -> pl.DataFrame:
        """One row a window, or a fold."""
        if isinstance(self.result, WalkForward):
            return walk_tables.windows_frame(self.plan, self.result)
        return walk_tables.folds_frame(self.result)

    @property
    def trades(self) -> pl.DataFrame:
        """The trades of all test spans; cross-validation has none of its own."""
        if isinstance(self.result, WalkForward):
            return walk_tables.trades_frame(self.result)
        raise UsageError(
            "kfold_cpcv_split_days_whole",
            "kfold and cpcv split the days of whole runs; they have no trades of their own",
        )

    @property
    def equity(self) -> pl.DataFrame:
        """The joined account, or the daily returns of every path."""
        if isinstance(self.result, WalkForward):
            return walk_tables.equity_frame(self.result)
        return walk_tables.paths_frame(self.result)

    @cached_property
    def verdict(self) -> Verdict | None:
        """Whether the joined account, or the path with the median Sharpe ratio, can be told from luck."""
        if self.no_verdict:
            return None
        result = self.result
        returns = (
            result.daily_returns() if isinstance(result, WalkForward) else result.path_returns[result.typical]
        )
        return verdict(
            np.ascontiguousarray(returns).reshape(-1, 1),
            0,
            trials=self._total_trials.count.at_least(1),
            seed=self.seed,
            periods_per_year=result.periods_per_year,
        )
