"""Combinations chosen one round after the other, each learning from those before (Optuna's TPE).

A round has a fixed size whatever the number of threads, and is told in the order it was asked: the same seed
gives the same combinations on any machine, and a sweep that was killed asks again, finds the answers it kept,
and goes on.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from vigie.domain.errors import UsageError
from vigie.engine.run import ProgressCallback
from vigie.ports.executor import Executor
from vigie.research.sweep.loop import RowStore, Search, search_size
from vigie.research.sweep.objective import scores
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.work import Rows, SweepWork

ROUND: Final = 16
# What a refused combination scores, and the most that counts: TPE wants finite numbers.
_WORST: Final = -1e12
_BEST: Final = 1e12
# A small space runs out of new combinations; then the search has seen what it can.
_ROUNDS_WITHOUT_NEWS: Final = 20


def run_tpe(
    plan: SweepPlan, search: Search, executor: Executor, row_store: RowStore, progress: ProgressCallback
) -> None:
    """Try `search.count` different combinations, or all that TPE finds.

    Parameters
    ----------
    plan : SweepPlan
        Assumed checked, see `check_plan`.
    search : Search
        Count and seed.
    executor : Executor
        Where rounds are scored.
    row_store : RowStore
        Its earlier rows answer again what was asked before.
    progress : ProgressCallback
        Called with ``combinations``, done and all after each round.

    Raises
    ------
    UsageError
        If Optuna is not installed.
    """
    study = _study(search.seed)
    scores_by_number = _finite_scores(plan, row_store.load_rows())
    work = SweepWork(plan)
    lengths = [len(axis.values) for axis in plan.space.axes]
    size = search_size(plan, search)
    tried: set[int] = set()
    idle = 0
    while len(tried) < size and idle < _ROUNDS_WITHOUT_NEWS:
        suggestions = []
        for _ in range(ROUND):
            trial = study.ask()
            places = [trial.suggest_int(f"x{at}", 0, length - 1) for at, length in enumerate(lengths)]
            suggestions.append((trial, plan.space.number(places)))
        room = size - len(tried)
        new = [
            number for number in dict.fromkeys(number for _, number in suggestions) if number not in tried
        ][:room]
        missing = [number for number in new if number not in scores_by_number]
        parts = [np.array([number], np.int64) for number in missing]
        for rows in executor.map(work, parts):
            row_store.keep(rows)
            scores_by_number |= _finite_scores(plan, rows)
        for trial, number in suggestions:
            study.tell(trial, scores_by_number.get(number, _WORST))
        tried.update(new)
        idle = 0 if new else idle + 1
        progress("combinations", len(tried), size)


def _finite_scores(plan: SweepPlan, rows: Rows) -> dict[int, float]:
    """Return what TPE is told about each combination."""
    values = scores(rows["figures"], plan.objective, plan.elapsed_ms)
    scores_by_number = {}
    for combination, refused, value in zip(
        rows["combination"].tolist(), rows["refused"].tolist(), values.tolist(), strict=True
    ):
        scores_by_number[combination] = (
            _WORST if refused or math.isnan(value) else min(max(value, _WORST), _BEST)
        )
    return scores_by_number


def _study(seed: int) -> Any:
    try:
        import optuna
    except ImportError as fault:
        raise UsageError(
            "tpe_needs_extra_ml",
            "--tpe needs the extra ml: run `make install` in the checkout, or `pip install 'vigie[ml]'`",
        ) from fault
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
    return optuna.create_study(direction="maximize", sampler=sampler)
