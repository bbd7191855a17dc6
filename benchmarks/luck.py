"""Does the verdict call noise luck, and find an edge that is there? Prints a table, writes luck.json.

    python benchmarks/luck.py [--sets 200] [--out benchmarks/luck.json]

Each data set is a simulated history of daily bars on which a family of 100 trials is run; the trial with the
best Sharpe ratio is put before `vigie.quant.stats.verdict`. In pure noise returns know nothing of the past. In
a planted market the price drifts with the position that one rule of the family (averages of 10 and 50 days)
holds, so strongly that this rule's true annual Sharpe ratio is the size stated.

A trial runner is any function from bars and a random generator to a matrix of returns, one column a trial.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numba import njit

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.time import DAY_MS, parse_time
from vigie.quant.stats.verdict import Verdict, verdict

Runner = Callable[[Bars, np.random.Generator], FloatArray]

DAYS = 3 * 365
WARMUP = 200
STEPS = 24
DAILY_VOLATILITY = 0.03
TAIL = 4.0
RULE = (10, 50)
FAMILY = tuple(
    (fast, slow)
    for fast in (2, 3, 5, 8, 10, 13, 16, 20, 25, 30)
    for slow in (35, 40, 50, 60, 75, 90, 110, 130, 160, 200)
)
SIBLINGS = tuple((fast, slow) for fast in range(8, 13) for slow in range(41, 61))
EDGES = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)


@njit
def _path(steps: FloatArray, drift: float, fast: int, slow: int) -> FloatArray:
    # Rows: open, high, low, close; a day drifts with the sign of the rule's position at the close before.
    days, per_day = steps.shape
    bars = np.empty((4, days))
    sums = np.zeros(days + 1)
    log_price = math.log(100.0)
    for day in range(days):
        bias = 0.0
        if day >= slow:
            short = (sums[day] - sums[day - fast]) / fast
            long = (sums[day] - sums[day - slow]) / slow
            bias = (drift if short > long else -drift) / per_day
        bars[0, day] = bars[1, day] = bars[2, day] = math.exp(log_price)
        for step in steps[day]:
            log_price += step + bias
            price = math.exp(log_price)
            bars[1, day] = max(bars[1, day], price)
            bars[2, day] = min(bars[2, day], price)
        bars[3, day] = math.exp(log_price)
        sums[day + 1] = sums[day] + bars[3, day]
    return bars


def market(seed: int, index: int, edge: float = 0.0, days: int = DAYS) -> Bars:
    """Daily bars whose moves have the tails of a t law with 4 degrees of freedom, and an edge or none."""
    rng = np.random.default_rng([seed, index, 0])
    n = WARMUP + days
    size = DAILY_VOLATILITY * np.sqrt((TAIL - 2.0) / rng.chisquare(TAIL, n))
    steps = rng.normal(size=(n, STEPS)) * size[:, None] / math.sqrt(STEPS)
    # Logarithms of symmetric moves drift up as prices; half the variance takes that back.
    steps -= DAILY_VOLATILITY**2 / 2 / STEPS
    open_, high, low, close = _path(steps, edge / math.sqrt(365) * DAILY_VOLATILITY, *RULE)
    ts = parse_time("2020-01-01") + DAY_MS * np.arange(n)
    return Bars("noise-usdt-perp", DAY_MS, ts, open_, high, low, close, np.ones(n))


def crosses(pairs: tuple[tuple[int, int], ...]) -> Runner:
    """Long above, short below: one trial for every pair of moving averages."""

    def run(bars: Bars, _: np.random.Generator) -> FloatArray:
        close = bars.close
        sums = np.concatenate(([0.0], np.cumsum(close)))
        at = np.arange(WARMUP, len(close))
        mean = {n: (sums[at] - sums[at - n]) / n for n in {n for pair in pairs for n in pair}}
        moves = close[at] / close[at - 1] - 1.0
        return np.column_stack([np.where(mean[f] > mean[s], moves, -moves) for f, s in pairs])

    return run


def coins(bars: Bars, rng: np.random.Generator) -> FloatArray:
    """A hundred strangers: each turns round with probability 0.1 a day."""
    moves = bars.close[WARMUP:] / bars.close[WARMUP - 1 : -1] - 1.0
    turns = np.where(rng.random((len(moves), 100)) < 0.1, -1.0, 1.0)
    return np.cumprod(turns, axis=0) * rng.choice([-1.0, 1.0], 100) * moves[:, None]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: shares of data sets, means of figures."""

    trials: str
    edge: float
    sets: int
    called_luck: float
    found: float
    mean_best_sharpe: float
    mean_dsr: float
    mean_pbo: float


def judge(bars: Bars, run: Runner, rng: np.random.Generator, samples: int) -> Verdict:
    """Run the trials, pick the best, ask whether it is luck."""
    returns = run(bars, rng)
    ratios = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
    return verdict(
        returns,
        int(np.argmax(ratios)),
        trials=returns.shape[1],
        seed=int(rng.integers(2**31)),
        samples=samples,
    )


def experiment(
    name: str, run: Runner, *, edge: float, sets: int, seed: int = 1, samples: int = 500, days: int = DAYS
) -> Row:
    """Judge the best of the family on many histories."""
    found = [
        judge(market(seed, k, edge, days), run, np.random.default_rng([seed, k, 1]), samples)
        for k in range(sets)
    ]
    luck = sum(one.is_luck for one in found) / sets
    return Row(
        name,
        edge,
        sets,
        luck,
        1.0 - luck,
        float(np.mean([one.sharpe for one in found])),
        float(np.mean([one.dsr for one in found])),
        float(np.mean([one.pbo for one in found])),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Is noise called luck, is an edge found?")
    parser.add_argument("--sets", type=int, default=200, help="data sets a row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("luck.json"))
    given = parser.parse_args()
    begin = time.perf_counter()
    plan = [
        ("100 moving-average crosses", crosses(FAMILY), 0.0),
        ("100 near-identical crosses", crosses(SIBLINGS), 0.0),
        ("100 independent coin flips", coins, 0.0),
        *(("100 moving-average crosses", crosses(FAMILY), edge) for edge in EDGES),
    ]
    print(
        f"{'trials':28} {'true Sharpe':>11} {'sets':>5} {'luck':>7} {'found':>7} {'best':>6} {'DSR':>5} {'PBO':>5}"
    )
    rows = []
    for name, run, edge in plan:
        row = experiment(name, run, edge=edge, sets=given.sets, seed=given.seed)
        rows.append(
            {key: round(part, 4) if isinstance(part, float) else part for key, part in asdict(row).items()}
        )
        print(
            f"{name:28} {edge:11.1f} {row.sets:5} {row.called_luck:7.1%} {row.found:7.1%} "
            f"{row.mean_best_sharpe:6.2f} {row.mean_dsr:5.2f} {row.mean_pbo:5.2f}",
            flush=True,
        )
    given.out.write_text(json.dumps({"days": DAYS, "seed": given.seed, "rows": rows}, indent=1) + "\n")
    print(f"{time.perf_counter() - begin:.0f} s, {given.out}")


if __name__ == "__main__":
    main()
