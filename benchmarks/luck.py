"""Does the verdict call noise luck, and find an edge that is there? Prints a table, writes luck.json.

    python -m benchmarks.luck [--sets 200] [--quick] [--out benchmarks/luck.json]

Each data set is a simulated history of three years of 4h bars, without a name. `vigie.sweep` trades 100 trials on
it with the product's own kernel and counts them in the registry of a home folder of its own; `verdict` of what it
gives, the line that people read, says whether the best can be told from luck. Nothing here computes a return.

In noise a bar's move knows nothing of the past. In a planted market the price drifts up or down for a month or so
before it turns round, which moving averages can earn; its size is what the best pair of the family earns a year,
measured over all histories of the row together.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

import vigie
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.time import DAY_MS, parse_time
from vigie.quant.stats.verdict import Verdict
from vigie.research.sweep.sweep_verdict import daily_returns
from vigie.services.searches.search_results import SweepResult
from vigie.trading import catalogue

BARS_A_DAY = 6
DAYS = 3 * 365
TRIALS = 100
STEPS = 48
DAILY_VOLATILITY = 0.03
TAIL = 4.0
REGIME_DAYS = 30
COIN = Path(__file__).with_name("coin_flips.py")
FREE = {"taker": 0.0, "maker": 0.0, "slippage_bps": 0.0}
FAMILY = {
    "fast": [5, 8, 10, 13, 16, 20, 25, 30, 35, 40],
    "slow": [45, 50, 60, 70, 80, 95, 110, 130, 155, 180],
}
SIBLINGS = {"fast": list(range(18, 23)), "slow": list(range(46, 66))}
DRIFTS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4)


@dataclass(frozen=True, slots=True)
class Family:
    """A hundred trials: a strategy, what is varied, and what trading costs."""

    name: str
    strategy: Any
    grid: dict[str, list[int]]
    settings: dict[str, Any] = field(default_factory=dict)


def families() -> dict[str, Family]:
    """Return the families of trials by a short name."""
    coin = catalogue.load_file(COIN)
    return {
        "crosses": Family("EMA crosses", "ema_cross", FAMILY),
        "free": Family("EMA crosses, no costs", "ema_cross", FAMILY, FREE),
        "siblings": Family("near-identical EMA crosses, no costs", "ema_cross", SIBLINGS, FREE),
        "coins": Family("coin flips, no costs", coin, {"coin": list(range(1, TRIALS + 1))}, FREE),
    }


@njit()
def _path(steps: FloatArray, drift: FloatArray) -> FloatArray:
    # Rows: open, high, low, close; the path inside a bar is walked, so that its levels are touched as in life.
    n, inside = steps.shape
    bars = np.empty((4, n))
    log_price = math.log(100.0)
    for at in range(n):
        price = math.exp(log_price)
        bars[0, at] = bars[1, at] = bars[2, at] = price
        for step in steps[at]:
            log_price += step + drift[at] / inside
            price = math.exp(log_price)
            bars[1, at] = max(bars[1, at], price)
            bars[2, at] = min(bars[2, at], price)
        bars[3, at] = price
    return bars


def market(
    seed: int, index: int, drift: float = 0.0, days: int = DAYS, bars_a_day: int = BARS_A_DAY, name: str = ""
) -> Bars:
    """Bars whose moves have the tails of a t law with 4 degrees of freedom, and drifting regimes or none.

    Parameters
    ----------
    drift : float
        What a bar of a regime moves on average, in standard deviations of a bar.
    """
    rng = np.random.default_rng([seed, index])
    n = days * bars_a_day
    span_ms = DAY_MS // bars_a_day
    sigma = DAILY_VOLATILITY / math.sqrt(bars_a_day)
    size = sigma * np.sqrt((TAIL - 2.0) / rng.chisquare(TAIL, n))
    steps = rng.normal(size=(n, STEPS)) * size[:, None] / math.sqrt(STEPS)
    # Logarithms of symmetric moves drift up as prices; half the variance takes that back.
    steps -= sigma**2 / 2 / STEPS
    turns = np.where(rng.random(n) < 1 / (REGIME_DAYS * bars_a_day), -1.0, 1.0)
    regime = np.cumprod(turns) * rng.choice([-1.0, 1.0])
    open_, high, low, close = _path(steps, drift * sigma * regime)
    ts = parse_time("2020-01-01") + span_ms * np.arange(n)
    return Bars(name, span_ms, ts, open_, high, low, close, np.ones(n))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: shares of data sets, means of figures.

    `true_sharpe` is the annual Sharpe ratio of the best trial over the days of all data sets together: there
    luck has been averaged out. `counted` is how many trials every verdict was told of.
    """

    trials: str
    drift: float
    sets: int
    true_sharpe: float
    called_luck: float
    found: float
    mean_best_sharpe: float
    mean_dsr: float
    mean_pbo: float
    counted: int


def sweep(bars: Bars, family: Family, seed: int) -> SweepResult:
    """Try the hundred."""
    # Looking ahead is proved once a strategy elsewhere; here it would be proved again on each of 200 histories.
    return vigie.sweep(
        bars, family.strategy, grid=family.grid, tick="0.0001", lot="0.0001", check=False, seed=seed,
        **family.settings,
    )  # fmt: skip


@contextmanager
def home() -> Iterator[None]:
    """Count in a home folder of its own, which is gone afterwards."""
    before = os.environ.get("VIGIE_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VIGIE_HOME"] = folder
        try:
            yield
        finally:
            del os.environ["VIGIE_HOME"]
            if before is not None:
                os.environ["VIGIE_HOME"] = before


def experiment(family: Family, *, drift: float, sets: int, seed: int = 1, days: int = DAYS) -> Row:
    """Sweep and judge many histories."""
    verdicts: list[Verdict] = []
    sums = np.zeros((2, TRIALS))
    with home():
        for index in range(sets):
            result = sweep(market(seed, index, drift, days), family, index)
            if result.verdict is None:
                raise AssertionError(f"a counted sweep must have a verdict: {result.no_verdict}")
            verdicts.append(result.verdict)
            returns = daily_returns(result.plan, np.arange(TRIALS))
            sums += returns.sum(axis=0), (returns**2).sum(axis=0)
    counted = {one.trials for one in verdicts}
    if counted != {TRIALS}:
        raise AssertionError(f"each data set must count {TRIALS} trials, had {sorted(counted)}")
    luck = sum(one.is_luck for one in verdicts) / sets
    return Row(
        trials=family.name,
        drift=drift,
        sets=sets,
        true_sharpe=_pooled(sums, sets * len(returns)),
        called_luck=luck,
        found=1.0 - luck,
        mean_best_sharpe=float(np.mean([one.sharpe for one in verdicts])),
        mean_dsr=float(np.mean([one.dsr for one in verdicts])),
        mean_pbo=float(np.mean([one.pbo for one in verdicts])),
        counted=counted.pop(),
    )


def _pooled(sums: FloatArray, periods: int) -> float:
    mean = sums[0] / periods
    ratios = mean / np.sqrt(sums[1] / periods - mean**2)
    return float(ratios.max() * math.sqrt(365.0))


def plan() -> list[tuple[Family, float]]:
    """Return the rows of the table."""
    known = families()
    noise = [(family, 0.0) for family in known.values()]
    return noise + [(known["crosses"], drift) for drift in DRIFTS]


def main(asked: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Is noise called luck, is an edge found?")
    parser.add_argument("--sets", type=int, default=200, help="data sets a row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="5 data sets a row, nothing written")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("luck.json"))
    given = parser.parse_args(asked)
    sets = 5 if given.quick else given.sets
    begin = time.perf_counter()
    print(
        f"{'100 trials of':37} {'drift':>5} {'true SR':>7} {'sets':>5} {'luck':>7} {'found':>7} {'best':>6} DSR  PBO"
    )
    rows = []
    for family, drift in plan():
        row = experiment(family, drift=drift, sets=sets, seed=given.seed)
        rows.append(
            {key: round(part, 4) if isinstance(part, float) else part for key, part in asdict(row).items()}
        )
        print(
            f"{row.trials:37} {drift:5.2f} {row.true_sharpe:7.2f} {row.sets:5} {row.called_luck:7.1%} "
            f"{row.found:7.1%} {row.mean_best_sharpe:6.2f} {row.mean_dsr:.2f} {row.mean_pbo:.2f}",
            flush=True,
        )
    said = f"{time.perf_counter() - begin:.0f} s"
    if not given.quick:
        given.out.write_text(json.dumps({"days": DAYS, "seed": given.seed, "rows": rows}, indent=1) + "\n")
        said += f", {given.out}"
    print(said)


if __name__ == "__main__":
    main()
