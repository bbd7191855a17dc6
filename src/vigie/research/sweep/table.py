"""Rows of a sweep as frames: a column for each thing that was varied, the score, the figures.

Over several accounts a figure is the mean of theirs (trades: the sum; drawdown: the deepest), and each account's
own figures follow as ``sharpe@btc-usdt-perp/4h``.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import polars as pl

from vigie.domain.bar import FloatArray, IntArray
from vigie.engine.batch import FIGURES
from vigie.research.sweep.objective import DRAWDOWN, TRADES, calmar, scores, slot_scores
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.work import Rows, row_type

SCORES: Final = (
    "score",
    "total_return",
    "sharpe",
    "max_drawdown",
    "calmar",
    "trades",
    "win_rate",
    "profit_factor",
)
# More combinations than these are sampled evenly.
_SAMPLE: Final = 100_000
_OWN: Final = ("score", "total_return", "sharpe", "max_drawdown", "trades", "win_rate", "profit_factor")


def account_names(plan: SweepPlan) -> list[str]:
    """Return a short name for each account of a combination.

    Parameters
    ----------
    plan : SweepPlan
        Mode and slots.

    Returns
    -------
    list of str
        In the order of the accounts; ``account`` for a shared one.
    """
    if plan.is_shared:
        return ["account"]
    return [f"{slot.slot.instrument}/{slot.slot.timeframe}" for slot in plan.slots]


def rows_to_frame(plan: SweepPlan, rows: Rows) -> pl.DataFrame:
    """Return rows as a frame, refused ones included (their figures are NaN).

    Parameters
    ----------
    plan : SweepPlan
        For axes, objective and account names.
    rows : record array of `row_type`
        In the order wanted.

    Returns
    -------
    polars.DataFrame
        ``combination, refused``, a column for each axis, `SCORES`, and figures by account where there are several.
    """
    figures = rows["figures"]
    elapsed = plan.elapsed_ms
    columns: dict[str, Any] = {"combination": rows["combination"], "refused": rows["refused"]}
    for at, axis in enumerate(plan.space.axes):
        columns[axis.name] = plan.space.column(at, rows["combination"])
    columns["score"] = np.where(rows["refused"], np.nan, scores(figures, plan.objective, elapsed))
    columns |= _merge_accounts(figures, elapsed)
    if figures.shape[1] > 1:
        for account, name in enumerate(account_names(plan)):
            own = figures[:, account]
            score = slot_scores(own, plan.objective, float(elapsed[account]))
            values = {"score": np.where(rows["refused"], np.nan, score)}
            values |= {figure: own[:, at] for at, figure in enumerate(FIGURES)}
            columns |= {f"{figure}@{name}": values[figure] for figure in _OWN}
    return pl.DataFrame({name: _series(values) for name, values in columns.items()})


def _series(values: Any) -> pl.Series:
    if values.dtype.kind == "U":
        return pl.Series(values.tolist(), dtype=pl.String)
    return pl.Series(np.ascontiguousarray(values))


def _merge_accounts(figures: FloatArray, elapsed: FloatArray) -> dict[str, FloatArray]:
    """Return the figures of all accounts as one: of the one account as they are."""
    accounts = figures.shape[1]
    yearly = [calmar(figures[:, account], float(elapsed[account])) for account in range(accounts)]
    if accounts == 1:
        figures_by_name = {name: figures[:, 0, column] for column, name in enumerate(FIGURES)}
        return _in_column_order({**figures_by_name, "calmar": yearly[0]})
    merged = {name: _mean(figures[:, :, column]) for column, name in enumerate(FIGURES)}
    merged["max_drawdown"] = figures[:, :, DRAWDOWN].min(axis=1)
    merged["trades"] = figures[:, :, TRADES].sum(axis=1)
    merged["calmar"] = _mean(np.column_stack(yearly))
    return _in_column_order(merged)


def _in_column_order(figures: dict[str, FloatArray]) -> dict[str, FloatArray]:
    return {name: figures[name] for name in SCORES if name != "score"}


def _mean(values: FloatArray) -> FloatArray:
    """Return the mean of what is defined; NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def frame_to_rows(plan: SweepPlan, frame: pl.DataFrame) -> Rows:
    """Read rows back from a frame of `rows_to_frame`.

    Parameters
    ----------
    plan : SweepPlan
        The one that the frame was made with.
    frame : polars.DataFrame
        Its scores are not read.

    Returns
    -------
    record array of `row_type`
        In the order of the frame.
    """
    rows = np.zeros(frame.height, row_type(plan.accounts))
    rows["combination"] = frame["combination"].to_numpy()
    rows["refused"] = frame["refused"].to_numpy()
    for account, name in enumerate(account_names(plan)):
        ending = f"@{name}" if plan.accounts > 1 else ""
        for at, figure in enumerate(FIGURES):
            rows["figures"][:, account, at] = frame[f"{figure}{ending}"].to_numpy()
    return rows


def rank_rows(frame: pl.LazyFrame, *, min_trades: int, count: int) -> pl.DataFrame:
    """Return the best combinations, the best first; those with fewer trades come after all others.

    Ties go to the combination that was counted first.

    Parameters
    ----------
    frame : polars.LazyFrame
        Of `rows_to_frame`; refused ones are left out.
    min_trades : int
        Over all accounts.
    count : int
        Most rows.

    Returns
    -------
    polars.DataFrame
        Empty where all were refused.
    """
    enough = pl.col("trades") >= min_trades
    return (
        frame.filter(~pl.col("refused"))
        .with_columns(enough.alias("_enough"))
        .sort(["_enough", "score", "combination"], descending=[True, True, False])
        .head(count)
        .drop("_enough")
        .collect()
    )


class SweepTable:
    """All rows of a sweep, read as they are needed.

    Parameters
    ----------
    frame : polars.LazyFrame
        Of `rows_to_frame`, in memory or over files.
    """

    def __init__(self, frame: pl.LazyFrame) -> None:
        self.frame = frame

    def counts(self) -> tuple[int, int]:
        """Return how many combinations were run and how many were refused.

        Returns
        -------
        tuple of int, int
            Run, refused.
        """
        row = self.frame.select(
            (~pl.col("refused")).sum().alias("run"), pl.col("refused").sum().alias("no")
        ).collect()
        return int(row["run"][0]), int(row["no"][0])

    def combinations(self) -> IntArray:
        """Return the combinations that were run, or an even sample of them.

        Returns
        -------
        int64 array
            Ascending, at most 100,000.
        """
        run, _ = self.counts()
        step = max(1, math.ceil(run / _SAMPLE))
        frame = self.frame.filter(~pl.col("refused")).select("combination").gather_every(step).collect()
        sample: IntArray = np.sort(frame["combination"].to_numpy())
        return sample

    def scores(self, combinations: list[int]) -> dict[int, float]:
        """Return the scores of those of some combinations that were run.

        Parameters
        ----------
        combinations : list of int
            Numbers, in any order.

        Returns
        -------
        dict of int to float
            By number; those refused or not tried are absent.
        """
        is_wanted = pl.col("combination").is_in(combinations) & ~pl.col("refused")
        rows = self.frame.filter(is_wanted).select("combination", "score").collect()
        return dict(zip(rows["combination"].to_list(), rows["score"].to_list(), strict=True))

    def known_scores(self, combinations: list[int]) -> FloatArray:
        """Return the scores of those that were run, in the order given.

        Parameters
        ----------
        combinations : list of int
            Numbers, in any order.

        Returns
        -------
        float64 array
            Shorter than `combinations` where some were refused or not tried.
        """
        scores_by_number = self.scores(combinations)
        return np.array([scores_by_number[k] for k in combinations if k in scores_by_number])
