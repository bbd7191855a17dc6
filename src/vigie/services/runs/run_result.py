"""What `vigie.backtest` gives; everything is computed when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from vigie.engine.journal import decision_hash
from vigie.engine.run import Run
from vigie.quant.metrics.summary import Summary
from vigie.quant.stats.verdict import Verdict
from vigie.research import tables
from vigie.services.runs.trial_counting import Judgement, TrialCounting, judge_counted_run


@dataclass(frozen=True, eq=False)
class Result:
    """What `backtest` gives; frames are made when they are asked for.

    Attributes
    ----------
    run : Run
        Everything, for `vigie.why` and for reports.
    counted : TrialCounting
        Where the run was counted as a trial, or why it was not.
    seed : int
        Of the verdict's statistics.
    """

    run: Run
    counted: TrialCounting
    seed: int = 0

    def __repr__(self) -> str:
        """Say the result in one line."""
        slots, total = self.run.slots, self.metrics
        name = slots[0].plan.slot if len(slots) == 1 else f"{len(slots)} slots"
        trades = f"{total.trades} trade{'' if total.trades == 1 else 's'}"
        figures = f"{trades}, return {total.total_return:+.2%}, Sharpe {total.sharpe:.2f}"
        return f"<Result {name}: {figures}, decisions {self.decision_hash[:12]}>"

    @property
    def metrics(self) -> Summary:
        """The figures: of the one slot, or of the total."""
        return self.run.slots[0].summary if len(self.run.slots) == 1 else self.run.total

    @cached_property
    def trades(self) -> pl.DataFrame:
        """Every trade."""
        return tables.all_trades(self.run)

    @cached_property
    def summary(self) -> pl.DataFrame:
        """One row a slot and a total."""
        return tables.summary_frame(self.run)

    @cached_property
    def refusals(self) -> pl.DataFrame:
        """Every refused entry."""
        return tables.refusals_frame(self.run.log, self.run.values, tables.slot_names(self.run))

    @cached_property
    def equity(self) -> pl.DataFrame:
        """Equity samples."""
        return tables.equity_frame(self.run)

    @property
    def decision_hash(self) -> str:
        """SHA-256 of all decisions."""
        return decision_hash(self.run.log)

    @cached_property
    def _judgement(self) -> Judgement:
        return judge_counted_run(self.run, self.counted, seed=self.seed)

    @property
    def verdict(self) -> Verdict | None:
        """Whether the result can be told from luck, given every trial ever made on these bars; None if not known."""
        return self._judgement.verdict

    @property
    def no_verdict(self) -> str:
        """Why there is no verdict, empty where there is one."""
        return self._judgement.reason
