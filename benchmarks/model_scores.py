"""What one live score of 200 boosted trees costs, what its effects cost, and ten folds of fitting.

    python -m benchmarks.model_scores

Processor time on one core, of drawn rows. Nothing is compared with a clock of another machine: the same rows are scored
by LightGBM itself beside it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from vigie.quant.models import registry
from vigie.quant.models.flattening import from_lightgbm
from vigie.quant.models.kinds.lightgbm import OPTIONS, ROUNDS
from vigie.quant.models.model_kind import FitSample
from vigie.quant.models.trees import leaf_paths

ROWS, COLUMNS, FOLDS = 55_000, 60, 10
TIMES = 2_000


def each_ms(call: Callable[[int], object], times: int) -> float:
    """Return processor milliseconds of a call."""
    call(0)
    started = time.process_time()
    for number in range(times):
        call(number)
    return (time.process_time() - started) / times * 1e3


def main() -> int:
    """Print a line a measure."""
    import lightgbm

    random = np.random.default_rng(1)
    rows = random.normal(size=(ROWS, COLUMNS))
    target = (rows[:, 0] * rows[:, 1] + random.normal(size=ROWS) > 0.0).astype(float)
    booster = lightgbm.train({**OPTIONS, "seed": 1}, lightgbm.Dataset(rows, target), ROUNDS)
    trees = from_lightgbm(booster)
    paths = leaf_paths(trees)
    print(
        f"one score of {len(trees.roots)} trees: {each_ms(lambda k: trees.scores(rows[k : k + 1]), TIMES):.4f} ms"
    )
    theirs = each_ms(lambda k: booster.predict(rows[k : k + 1], raw_score=True, num_threads=1), 200)
    print(f"  by LightGBM: {theirs:.4f} ms")
    print(f"its effects: {each_ms(lambda k: paths.effects(rows[k]), 200):.3f} ms")
    theirs = each_ms(lambda k: booster.predict(rows[k : k + 1], pred_contrib=True, num_threads=1), 50)
    print(f"  by LightGBM: {theirs:.3f} ms")
    kind, started = registry()["lightgbm"], time.process_time()
    for fold in range(FOLDS):
        # An expanding walk: the last fold learns from nearly all rows.
        until = ROWS * (fold + 4) // (FOLDS + 4)
        kind.fit(FitSample(rows[:until], target[:until], np.ones(until), fold))
    print(f"{FOLDS} folds of {ROWS} x {COLUMNS}, {ROUNDS} trees: {time.process_time() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
