"""What learning costs: columns, folds, a pooled walk, one live score; processor time, each in a process of its own.

    python -m benchmarks.learning_costs [--write] [--only NAME]

Bars are real (VIGIE_SHARED, default: ../shared beside the checkout), rows of scores and folds are drawn. Ends with 1
where a bound is passed. ``--write`` puts the table into docs/learning.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks import features, model_scores
from benchmarks.marked import put
from vigie.domain.account import Costs
from vigie.domain.bar import Bars
from vigie.domain.time import DAY_MS
from vigie.quant.feature_table import compute_features
from vigie.quant.models import registry
from vigie.quant.models.kinds import lightgbm as lightgbm_kind
from vigie.quant.models.storing import from_bytes, to_bytes
from vigie.quant.models.trees import FlatTrees, leaf_paths
from vigie.research.learning.asset_rows import AssetColumns, learning_rows, rising
from vigie.research.learning.feature_inputs import join_inputs
from vigie.research.learning.folds import walk_folds
from vigie.research.learning.walking import walk

NAME: Final = "learning costs"
PAGE: Final = Path(__file__).parents[1] / "docs" / "learning.md"
POOLED_COLUMNS, POOLED_TREES, HORIZON = 60, 300, 24


@dataclass(frozen=True)
class Bound:
    """What is measured, how much of it is allowed, and the unit."""

    text: str
    key: str
    most: float | None
    unit: str


def columns() -> dict[str, float]:
    """Measure all columns of seven assets: the first time in this process, again, and a look at one asset."""
    bars = {asset: features.read_bars(asset) for asset in features.ASSETS}
    count, first = features.measure(bars)
    _, again = features.measure(bars)
    return {
        "count": count,
        "bars": sum(map(len, bars.values())),
        "first_s": first,
        "again_s": again,
        "look_s": features.measure_look(bars),
    }


def scores() -> dict[str, float]:
    """Measure one score, its effects, and ten folds of fitting, beside LightGBM itself."""
    return model_scores.measure()


def memory() -> dict[str, float]:
    """Measure what a model of 200 trees adds to a process that has scored another one already."""
    rows, trees = model_scores.made_trees()
    written = to_bytes(trees)
    small = from_bytes(written, model_scores.COLUMNS)
    assert isinstance(small, FlatTrees)
    small.scores(rows[:1])
    leaf_paths(small).effects(rows[0])
    before = psutil.Process().memory_full_info().uss
    loaded = from_bytes(written, model_scores.COLUMNS)
    assert isinstance(loaded, FlatTrees)
    paths = leaf_paths(loaded)
    loaded.scores(rows[:1])
    paths.effects(rows[0])
    return {"live_mb": max(0.0, psutil.Process().memory_full_info().uss - before) / 1e6}


def pooled() -> dict[str, float]:
    """Measure a walk of ten folds over the pooled rows of seven assets: 300 trees a fold."""
    started = time.process_time()
    bars = {asset: features.read_bars(asset) for asset in features.ASSETS}
    rows = learning_rows([_asset(asset, bars) for asset in features.ASSETS])
    folds = walk_folds(rows, embargo_ms=DAY_MS)
    made = time.process_time() - started
    rounds, lightgbm_kind.ROUNDS = lightgbm_kind.ROUNDS, POOLED_TREES
    started = time.process_time()
    walk(rows, registry()["lightgbm"], folds, seed=1)
    spent = time.process_time() - started
    lightgbm_kind.ROUNDS = rounds
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "pooled_rows": len(rows),
        "pooled_columns": len(rows.columns),
        "rows_s": made,
        "pooled_s": spent,
        "pooled_gb": peak * (1 if sys.platform == "darwin" else 1_024) / 1e9,
    }


def _asset(asset: str, bars: dict[str, Bars]) -> AssetColumns:
    peers = [other for name, other in bars.items() if name != asset]
    values = compute_features(join_inputs(bars[asset], peers)).values
    # Of every asset the same.
    chosen = dict(list(values.items())[:POOLED_COLUMNS])
    return rising(bars[asset], chosen, HORIZON, Costs())


MEASURES: Final[dict[str, Callable[[], dict[str, float]]]] = {
    "columns": columns,
    "scores": scores,
    "memory": memory,
    "pooled": pooled,
}


def run(name: str, *, is_cold: bool = False) -> dict[str, float]:
    """Return what a process of its own measured; a cold one compiles anew first, as after an installation."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "VIGIE_CACHE_DIR": folder} if is_cold else dict(os.environ)
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.learning_costs", "--only", name],
            env=env, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
    found: dict[str, float] = json.loads(told)
    return found


def bounds(found: dict[str, float]) -> list[Bound]:
    """Return a line a figure."""
    return [
        Bound(
            f"{found['count']:.0f} columns x {found['bars']:,.0f} hourly bars of 7 assets",
            "again_s",
            2.0,
            "s",
        ),
        Bound("the same, compiled anew as after an installation", "cold_s", 30.0, "s"),
        Bound("a look at all columns of BTC", "look_s", None, "s"),
        Bound(
            "ten growing folds of 55,000 rows x 60 columns, LightGBM, 200 trees, one thread",
            "folds_s",
            20.0,
            "s",
        ),
        Bound(
            f"ten folds over {found['pooled_rows']:,.0f} pooled rows x {found['pooled_columns']:.0f} columns of 7 "
            f"assets, {POOLED_TREES} trees",
            "pooled_s",
            360.0,
            "s",
        ),
        Bound("its memory at most, with all that it read", "pooled_gb", 1.2, "GB"),
        Bound("one live score of 200 trees", "score_ms", 0.05, "ms"),
        Bound("the same by LightGBM itself", "their_score_ms", None, "ms"),
        Bound("what each column adds to it", "effects_ms", 10.0, "ms"),
        Bound("the same by LightGBM itself", "their_effects_ms", None, "ms"),
        Bound("memory that a model adds to a process", "live_mb", 20.0, "MB"),
    ]


def main() -> int:
    """Measure all, print the table, and with ``--write`` put it into the documentation."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=MEASURES, help="print one measure as JSON")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if given.only:
        sys.stdout.write(json.dumps(MEASURES[given.only]()))
        return 0
    load = os.getloadavg()[0]
    found: dict[str, float] = {}
    for name in MEASURES:
        found |= run(name)
    found["cold_s"] = run("columns", is_cold=True)["first_s"]
    lines = bounds(found)
    head = (
        f"Processor time; the machine had a load of {load:.0f} over {os.cpu_count()} cores.\n\n"
        "| what | bound | measured |\n|---|---|---|\n"
    )
    told = head + "\n".join(_row(line, found[line.key]) for line in lines)
    sys.stdout.write(told + "\n")
    if given.write:
        put(PAGE, NAME, told)
    return int(any(line.most is not None and found[line.key] > line.most for line in lines))


def _row(line: Bound, value: float) -> str:
    bound = "" if line.most is None else f"{line.most:g} {line.unit}"
    return f"| {line.text} | {bound} | {value:.2g} {line.unit} |"


if __name__ == "__main__":
    sys.exit(main())
