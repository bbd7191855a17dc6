"""What one live score of 200 boosted trees costs, what its effects cost, and ten folds of fitting.

    python -m benchmarks.model_scores

Processor time on one core, of drawn rows. Nothing is compared with a clock of another machine: the same rows are scored
by LightGBM itself beside it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.models import registry
from vigie.quant.models.flattening import from_lightgbm
from vigie.quant.models.kinds.lightgbm import OPTIONS, ROUNDS
from vigie.quant.models.model_kind import FitSample
from vigie.quant.models.trees import FlatTrees, leaf_paths

ROWS, COLUMNS, FOLDS = 55_000, 60, 10
TIMES = 2_000


def each_ms(call: Callable[[int], object], times: int) -> float:
    """Return processor milliseconds of a call."""
    call(0)
    started = time.process_time()
    for number in range(times):
        call(number)
    return (time.process_time() - started) / times * 1e3


def made_trees() -> tuple[FloatArray, FlatTrees]:
    """Return drawn rows, and 200 trees that were fitted on them."""
    return _made()[::2]


def _made() -> tuple[FloatArray, Any, FlatTrees]:
    import lightgbm

    random = np.random.default_rng(1)
    rows = random.normal(size=(ROWS, COLUMNS))
    booster = lightgbm.train({**OPTIONS, "seed": 1}, lightgbm.Dataset(rows, _target(rows)), ROUNDS)
    return rows, booster, from_lightgbm(booster)


def _target(rows: FloatArray) -> FloatArray:
    drawn = np.random.default_rng(2).normal(size=len(rows))
    return (rows[:, 0] * rows[:, 1] + drawn > 0.0).astype(float)


def measure() -> dict[str, float]:
    """Return milliseconds of a score and its effects, ours and LightGBM's, and seconds of ten folds."""
    rows, booster, trees = _made()
    paths, target = leaf_paths(trees), _target(rows)
    found = {
        "score_ms": each_ms(lambda k: trees.scores(rows[k : k + 1]), TIMES),
        "their_score_ms": each_ms(
            lambda k: booster.predict(rows[k : k + 1], raw_score=True, num_threads=1), 200
        ),
        "effects_ms": each_ms(lambda k: paths.effects(rows[k]), 200),
        "their_effects_ms": each_ms(
            lambda k: booster.predict(rows[k : k + 1], pred_contrib=True, num_threads=1), 50
        ),
    }
    kind, started = registry()["lightgbm"], time.process_time()
    for fold in range(FOLDS):
        # An expanding walk: the last fold learns from nearly all rows.
        until = ROWS * (fold + 4) // (FOLDS + 4)
        kind.fit(FitSample(rows[:until], target[:until], np.ones(until), fold))
    return {**found, "folds_s": time.process_time() - started}


def main() -> int:
    """Print a line a measure."""
    for name, value in measure().items():
        print(f"{name}: {value:.4g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
