"""Can a run be believed: its slots as trials, judged with every trial ever made on the same data.

Takes a run and the number of trials from the registry; gives a verdict and the cost at which it stops earning.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.trials import TrialCount
from vigie.engine.run import Run, trade_columns
from vigie.quant.metrics.costs import CostWaterfall, cost_waterfall
from vigie.quant.metrics.sampling import periods_per_year, sampled_returns
from vigie.quant.stats.verdict import Verdict, verdict

COVER: Final = 0.9


def daily_returns(run: Run) -> tuple[FloatArray, list[str]]:
    """Return the returns of every trial of a run on one axis of days, and the trials' names.

    Parameters
    ----------
    run : Run
        Isolated runs give a trial a slot.

    Returns
    -------
    float64 array, shape (n_days, n_trials)
        NaN on days that a trial does not cover. Portfolio runs are one trial, the account.
    names : list of str
    """
    if run.account.mode == "portfolio":
        span = min(slot.plan.bars.span_ms for slot in run.slots)
        series = [sampled_returns(run.equity, run.equity_ts - span, capital=_capital(run), span_ms=span)]
        names = ["account"]
    else:
        series = []
        for slot in run.slots:
            ts = slot.plan.bars.ts[slot.plan.first :]
            series.append(
                sampled_returns(slot.equity, ts, capital=_capital(run), span_ms=slot.plan.bars.span_ms)
            )
        names = [str(slot.plan.slot) for slot in run.slots]
    days = np.unique(np.concatenate([days_of_trial for days_of_trial, _ in series]))
    matrix = np.full((len(days), len(series)), np.nan)
    for column, (days_of_trial, returns) in enumerate(series):
        matrix[np.searchsorted(days, days_of_trial[: len(returns)]), column] = returns
    return matrix, names


def _capital(run: Run) -> float:
    return max(run.account.sizing.capital, 1e-12)


def judge_run(run: Run, *, trials: TrialCount, seed: int) -> tuple[Verdict, str]:
    """Say whether the best of a run can be told from luck.

    Parameters
    ----------
    trials : TrialCount
        All trials ever made on these histories, from the registry; raised to the run's own number. Of several
        histories all count: the best of the run is picked among them.

    Returns
    -------
    Verdict
        About the slot (isolated) or account (portfolio) that is named second.
    str
        Its name.
    """
    matrix, names = daily_returns(run)
    sharpes = [slot.summary.sharpe for slot in run.slots] if len(names) > 1 else [0.0]
    ranked_sharpes = np.nan_to_num(np.array(sharpes, np.float64), nan=-np.inf)
    selected = int(np.argmax(ranked_sharpes)) if len(names) > 1 else 0
    span = min(slot.plan.bars.span_ms for slot in run.slots)
    name = names[selected]
    matrix, selected = keep_comparable(matrix, selected)
    result = verdict(
        matrix,
        selected,
        trials=trials.at_least(len(names)),
        seed=seed,
        periods_per_year=periods_per_year(span),
    )
    return result, name


def keep_comparable(matrix: FloatArray, selected: int) -> tuple[FloatArray, int]:
    """Keep the days of the selected trial and the trials that cover nearly all of them.

    A slot on hourly bars sees fewer days than one on daily bars; comparing over the common days only would throw
    away most of the longer track. What is left out still counts as a trial.

    Parameters
    ----------
    matrix : float64 array, shape (n_days, n_trials)
        As `daily_returns` gives it.
    selected : int
        Column of the trial that is judged.

    Returns
    -------
    float64 array, shape (n_days, n_kept)
    int
        The selected trial's column in it.
    """
    is_known = ~np.isnan(matrix)
    rows = is_known[:, selected]
    if not rows.any():
        return matrix[:, [selected]], 0
    cover = is_known[rows].mean(axis=0)
    keep = cover >= COVER
    return matrix[np.ix_(rows, keep)], int(keep[:selected].sum())


def trade_costs(run: Run) -> CostWaterfall:
    """Return gross, fees, slippage, funding, net and the break-even cost of all trades of a run.

    Parameters
    ----------
    run : Run
        Trades of all its slots count.

    Returns
    -------
    CostWaterfall
        Quote currency; zeros without trades, break-even cost NaN.
    """
    return cost_waterfall(trade_columns(np.concatenate([slot.trades for slot in run.slots])))
