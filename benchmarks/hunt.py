"""Can a span be hunted? Noise, searched on one part of its history after the other until a verdict is kind.

    python -m benchmarks.hunt [--sets 1000] [--quick] [--out benchmarks/hunt.json]

Each history is noise of 496 days of hourly bars under a name of its own. `vigie.sweep` tries 90 pairs of averages on
each of its eight spans of 62 days, one after the other, and the verdict of the best is read after each, as a person
reads it who stops at the first that is called anything but luck. All histories are counted in one registry. The same
verdicts are read once more as if each span were the first: what hunting gains where looks do not add up.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.luck import FREE, Family, home, market, sweep
from vigie.domain.bar import Bars
from vigie.domain.trials import TrialCount
from vigie.quant.stats.verdict import Verdict
from vigie.research.sweep.sweep_verdict import judge_sweep

SPANS = 8
DAYS = 62
BARS_A_DAY = 24
PAIRS = {"fast": [5, 8, 10, 13, 16, 20, 25, 30, 35], "slow": [45, 50, 60, 70, 80, 95, 110, 130, 155, 180]}
TRIALS = 90
# How the eight spans follow one another, by the first day of each.
ORDERS = {
    "disjoint": [DAYS * k for k in range(SPANS)],
    "overlapping by half": [DAYS // 2 * k for k in range(SPANS)],
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: how many histories were called anything but luck in one of their spans.

    `if_forgotten` is the same where each span is judged as if it were the first look.
    """

    trials: str
    spans: str
    sets: int
    found: int
    if_forgotten: int


def families() -> list[Family]:
    """Return the families of trials."""
    return [
        Family("EMA crosses, no costs", "ema_cross", PAIRS, FREE),
        Family("EMA crosses", "ema_cross", PAIRS),
    ]


def hunted(bars: Bars, family: Family, begins: list[int], seed: int) -> tuple[list[Verdict], list[Verdict]]:
    """Search one span after the other; return the verdicts, and those of a registry that forgets."""
    told, forgotten = [], []
    for look, begin in enumerate(begins, 1):
        span = bars.slice(begin * BARS_A_DAY, (begin + DAYS) * BARS_A_DAY)
        result = sweep(span, family, seed)
        found = result.verdict
        if found is None or (found.trials, found.variants, found.looks) != (TRIALS * look, TRIALS, look):
            raise AssertionError(f"look {look} must count {TRIALS * look} trials, was {found}")
        told.append(found)
        best = int(result.top["combination"][0])
        alone = TrialCount(TRIALS, TRIALS, 1)
        forgotten.append(
            found if look == 1 else judge_sweep(result.plan, np.arange(TRIALS), best, trials=alone, seed=seed)
        )
    return told, forgotten


def experiment(family: Family, order: str, *, sets: int, seed: int = 1) -> Row:
    """Hunt many histories."""
    found = [0, 0]
    with home():
        for index in range(sets):
            bars = market(seed, index, days=DAYS * SPANS, bars_a_day=BARS_A_DAY, name=f"noise-{index}")
            for place, verdicts in enumerate(hunted(bars, family, ORDERS[order], index)):
                found[place] += any(not one.is_luck for one in verdicts)
    return Row(family.name, order, sets, *found)


def main(asked: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Can a span be hunted?")
    parser.add_argument("--sets", type=int, default=1_000, help="histories a row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="5 histories a row, nothing written")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("hunt.json"))
    given = parser.parse_args(asked)
    sets = 5 if given.quick else given.sets
    begin = time.perf_counter()
    print(f"{'90 trials a span of':24} {'eight spans':20} {'sets':>5} {'found':>6} if forgotten")
    rows = []
    # Costs as the program charges them, and none, which makes noise look best; spans that overlap on fewer histories.
    costly, free = families()
    plan = [
        (costly, "disjoint", sets),
        (free, "disjoint", sets),
        (free, "overlapping by half", -(-sets // 10)),
    ]
    for family, order, count in plan:
        row = experiment(family, order, sets=count, seed=given.seed)
        rows.append(asdict(row))
        shares = f"{row.found / row.sets:6.1%} {row.if_forgotten / row.sets:.1%}"
        print(f"{row.trials:24} {row.spans:20} {row.sets:5} {shares}", flush=True)
    said = f"{time.perf_counter() - begin:.0f} s"
    if not given.quick:
        given.out.write_text(json.dumps({"days": DAYS, "seed": given.seed, "rows": rows}, indent=1) + "\n")
        said += f", {given.out}"
    print(said)


if __name__ == "__main__":
    main()
