"""Walk-forward: choose parameters on the past, trade what came next with them, move on, join what was traded.

Takes a sweep's plan and two lengths in bars; gives a window a step, and one account that traded every test span
in turn. Every window sees only bars up to its own end; earlier bars warm its indicators and are not traded.
Positions are closed at the end of each span.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.state import Records
from vigie.engine.batch import FIGURES
from vigie.engine.run import ProgressCallback, Run, execute, with_account
from vigie.ports.executor import Executor
from vigie.quant.metrics.sampling import YEAR_MS, period_ends, period_returns, periods_per_year
from vigie.quant.metrics.score import score
from vigie.quant.stats.permutation import PermutationTest
from vigie.research.sweep.loop import Search
from vigie.research.sweep.objective import Objective, scores, slot_scores
from vigie.research.sweep.plan import SweepPlan, variant_slots
from vigie.research.sweep.shuffled import (
    best_combination,
    compare_with_shuffled,
    no_progress,
    refuse_finer,
    search_rows,
    shuffled_slots,
)
from vigie.research.sweep.space import Number
from vigie.research.walk_windows import WalkSettings, WindowSpans, cut_plan, finest_slot, window_spans


@dataclass(frozen=True, slots=True, eq=False)
class WalkWindow:
    """What came of one window.

    Attributes
    ----------
    combination : int
        The one chosen; -1 when none traded enough in training: then nothing is traded.
    params : dict
        Its values, by name.
    in_sample, out_of_sample : float
        Score in training and in the test; NaN where nothing was traded.
    in_sample_return, out_of_sample_return : float
        Fractions of the spans.
    run : Run or None
        The test span as a backtest runs it.
    """

    spans: WindowSpans
    combination: int
    params: dict[str, Number]
    in_sample: float
    out_of_sample: float
    in_sample_return: float
    out_of_sample_return: float
    run: Run | None

    @property
    def trades(self) -> Records | None:
        """Trades of the test span."""
        return None if self.run is None else np.concatenate([outcome.trades for outcome in self.run.outcomes])


@dataclass(frozen=True, slots=True, eq=False)
class WalkForward:
    """Every window and the account that traded all test spans in turn.

    Attributes
    ----------
    windows : tuple of WalkWindow
        In time order.
    equity_ts, equity : arrays
        Close times, and the account: each window begins with what the one before left.
    capital : float
        What it began with.
    span_ms : int
        Length of its bars.
    tried : int64 array
        Combinations that were run in any window.
    """

    windows: tuple[WalkWindow, ...]
    equity_ts: IntArray
    equity: FloatArray
    capital: float
    span_ms: int
    tried: IntArray

    @property
    def efficiency(self) -> float:
        """Mean yearly return out of sample over that in sample (Pardo); NaN where training earned nothing."""
        inside = [_yearly(w.in_sample_return, w.spans.train_to - w.spans.train_from) for w in self.windows]
        outside = [_yearly(w.out_of_sample_return, w.spans.test_to - w.spans.test_from) for w in self.windows]
        earned = float(np.mean(inside))
        return float(np.mean(outside)) / earned if earned > 0 else math.nan

    @property
    def profitable_share(self) -> float:
        """Share of the test spans that earned something."""
        return float(np.mean([window.out_of_sample_return > 0 for window in self.windows]))

    @property
    def trades(self) -> int:
        """Trades of all test spans."""
        return sum(len(window.trades) for window in self.windows if window.trades is not None)

    @property
    def pnl(self) -> FloatArray:
        """Net results of all trades, in window order."""
        parts = [window.trades["pnl"] for window in self.windows if window.trades is not None]
        return np.ascontiguousarray(np.concatenate(parts)) if parts else np.zeros(0)

    def daily_returns(self) -> FloatArray:
        """Return what the account earned, a value a day (or a bar, from one day up).

        Returns
        -------
        float64 array, shape (n_periods,)
            Fractions of the account at the end of the period before; ends where the account reached 0.
        """
        ends = period_ends(self.equity_ts - self.span_ms, self.span_ms)
        return period_returns(self.equity, ends, self.capital)

    def score(self, objective: Objective) -> float:
        """Return the score of the joined account.

        Parameters
        ----------
        objective : Objective
            What a search ranks by, see `vigie.research.sweep.objective`.

        Returns
        -------
        float
            Out of sample, of the test spans only; larger is better, never NaN.
        """
        figures = score(
            self.equity, self.equity_ts - self.span_ms, self.capital, self.pnl, span_ms=self.span_ms
        )
        row = np.array([[float(getattr(figures, name)) for name in FIGURES]])
        return float(
            slot_scores(row, objective, float(self.equity_ts[-1] - self.equity_ts[0] + self.span_ms))[0]
        )

    @property
    def periods_per_year(self) -> float:
        """To annualise `daily_returns`."""
        return periods_per_year(self.span_ms)


def _yearly(gain: float, span_ms: int) -> float:
    return gain * YEAR_MS / span_ms


def walk_forward(
    plan: SweepPlan,
    search: Search,
    walk: WalkSettings,
    executor: Executor,
    *,
    progress: ProgressCallback = no_progress,
) -> WalkForward:
    """Walk a plan through its history.

    Parameters
    ----------
    plan : SweepPlan
        What is varied over which bars; assumed checked for causality.
    search : Search
        How combinations are chosen in each training span.

    Returns
    -------
    WalkForward
        At least one window; one in which nothing was chosen leaves the account as it was.

    Raises
    ------
    UsageError
        If the history is too short.
    """
    spans = window_spans(plan, walk)
    capital = plan.account.sizing.capital * plan.accounts
    windows, times, curves, tried = [], [], [np.array([capital])], []
    for number, span in enumerate(spans):
        window, ts, equity, ran = _run_window(plan, search, walk, span, executor, float(curves[-1][-1]))
        tried.append(ran)
        windows.append(window)
        times.append(ts)
        curves.append(equity)
        progress("windows", number + 1, len(spans))
    return WalkForward(
        windows=tuple(windows),
        equity_ts=np.concatenate(times),
        equity=np.concatenate(curves[1:]),
        capital=capital,
        span_ms=min(slot.bars.span_ms for slot in plan.slots),
        tried=np.unique(np.concatenate(tried)),
    )


def _run_window(
    plan: SweepPlan, search: Search, walk: WalkSettings, span: WindowSpans, executor: Executor, capital: float
) -> tuple[WalkWindow, IntArray, FloatArray, IntArray]:
    train = cut_plan(plan, span.train_from, span.train_to)
    test = cut_plan(plan, span.test_from, span.test_to)
    if train is None or test is None:
        raise UsageError(
            "each_series_must_cover_every",
            "each series must cover every window; leave out those that start later or end earlier",
        )
    rows = search_rows(train, search, executor)
    combination, inside = best_combination(train, rows, walk.min_trades)
    ran = rows["combination"][~rows["refused"]]
    if combination < 0:
        return (*_idle_window(test, span, capital), ran)
    row = rows[rows["combination"] == combination][0]
    gain = float(np.mean(row["figures"][:, 0]))
    return (*_trade_window(test, span, combination, (inside, gain), capital), ran)


def _trade_window(
    plan: SweepPlan, span: WindowSpans, combination: int, inside: tuple[float, float], capital: float
) -> tuple[WalkWindow, IntArray, FloatArray]:
    slots = variant_slots(plan, combination)
    if slots is None:
        raise UsageError(
            "combination_refused_test_span",
            "combination {combination} is refused on the test span",
            combination=combination,
        )
    # The account goes on with what the window before left, in equal parts.
    sizing = replace(slots[0].account.sizing, capital=max(capital, 0.0) / plan.accounts)
    account = replace(slots[0].account, sizing=sizing)
    run = execute([with_account(slot, account) for slot in slots], account, check=False)
    window = WalkWindow(
        spans=span,
        combination=combination,
        params=plan.space.values(combination),
        in_sample=inside[0],
        out_of_sample=float(scores(_figures(plan, run), plan.objective, plan.elapsed_ms)[0]),
        in_sample_return=inside[1],
        out_of_sample_return=run.total.total_return,
        run=run,
    )
    return window, run.equity_ts, run.equity


def _figures(plan: SweepPlan, run: Run) -> FloatArray:
    summaries = [run.total] if plan.is_shared else [slot.summary for slot in run.slots]
    return np.array([[[float(getattr(summary, name)) for name in FIGURES] for summary in summaries]])


def _idle_window(
    plan: SweepPlan, span: WindowSpans, capital: float
) -> tuple[WalkWindow, IntArray, FloatArray]:
    """Return a window in which nothing was chosen: the account stands still."""
    slot = finest_slot(plan)
    ts = slot.bars.ts[slot.first :] + slot.bars.span_ms
    nan = math.nan
    return WalkWindow(span, -1, {}, nan, nan, 0.0, 0.0, None), ts, np.full(len(ts), capital)


def permuted_walk(
    plan: SweepPlan,
    search: Search,
    walk: WalkSettings,
    executor: Executor,
    *,
    observed: float,
    permutations: int,
    seed: int,
    progress: ProgressCallback = no_progress,
) -> PermutationTest:
    """Walk shuffled histories the same way and compare the scores of the joined accounts.

    Parameters
    ----------
    plan : SweepPlan
        On its real bars.
    search : Search
        Repeated in every window of every shuffle.
    walk : WalkSettings
        As of the walk that is judged.
    executor : Executor
        Where chunks are scored.
    observed : float
        `WalkForward.score` on the real bars.
    permutations : int
        Shuffled histories, >= 1.
    seed : int
        Of the shuffles: the same seed gives the same ones.
    progress : ProgressCallback
        Called after each shuffle.

    Returns
    -------
    PermutationTest
        With the p-value of `observed`.

    Raises
    ------
    UsageError
        If the plan has finer bars, `permutations` is below 1, or the history is too short.
    """
    refuse_finer(plan.slots)

    def statistic(number: int) -> float:
        shuffled_plan = replace(plan, slots=shuffled_slots(plan.slots, seed, number))
        return walk_forward(shuffled_plan, search, walk, executor).score(plan.objective)

    return compare_with_shuffled(observed, statistic, permutations=permutations, progress=progress)


def count_choices(result: WalkForward, names: list[str]) -> dict[str, Any]:
    """Return how often each value of each parameter was chosen, by name, most often first.

    Parameters
    ----------
    result : WalkForward
        Windows in which nothing was chosen do not count.
    names : list of str
        Parameters of the space.

    Returns
    -------
    dict of str to dict
        By name: how many windows chose each value; equal counts in order of first choice.
    """
    counts_by_name: dict[str, Any] = {}
    for name in names:
        chosen = [window.params[name] for window in result.windows if window.params]
        counts = {value: chosen.count(value) for value in dict.fromkeys(chosen)}
        counts_by_name[name] = dict(sorted(counts.items(), key=lambda item: -item[1]))
    return counts_by_name
