"""Every kind of model on noise and on planted momentum: how often it is called anything but luck.

    python -m benchmarks.noise_and_edge [--noise 200] [--edges 100] [--kinds logistic,tree] [--minutes 60] [--write]

Three years of made-up hours each, the usual ten folds, costs on, seeds fixed: of noise at most one in twenty may be
found, of momentum (a net Sharpe ratio of 4 for who knows the rule) four in five should be. Kinds take turns, a history
each, until the histories or the minutes are over; what was reached stands in the table. ``--write`` puts it into
docs/learning.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.unit.research.learning.material import History, history, with_returns
from tests.unit.research.learning.test_noise_and_edge import FIRST_SEED, HORIZON, NOISE, STRENGTH

from benchmarks.marked import put
from vigie.domain.time import HOUR_MS
from vigie.quant.models import registry
from vigie.research.learning.folds import walk_folds
from vigie.research.learning.odds_trading import trade_odds
from vigie.research.learning.walking import walk

NAME: Final = "noise and edge"
PAGE: Final = Path(__file__).parents[1] / "docs" / "learning.md"


@dataclass
class Tally:
    """What was found of a kind so far."""

    noise: int = 0
    noise_found: int = 0
    edges: int = 0
    edges_found: int = 0
    spent_s: float = 0.0


def is_found(made: History, kind: str, seed: int) -> bool:
    """Return whether a kind of model is called anything but luck on a history."""
    # What learns no direction learns the return, and trades the odds of a rise that it says.
    rows = with_returns(made.rows) if registry()[kind].target == "value" else made.rows
    folds = walk_folds(rows, embargo_ms=HORIZON * HOUR_MS)
    walked = walk(rows, registry()[kind], folds, seed=seed)
    return not trade_odds(rows, walked, [made.slot], trials=1, seed=seed).verdict.is_luck


def measure(kinds: list[str], noise: int, edges: int, minutes: float) -> dict[str, Tally]:
    """Return what was found of each kind within the minutes."""
    tallies = {kind: Tally() for kind in kinds}
    end = time.monotonic() + 60.0 * minutes
    # Two of noise and one of momentum in turn, so that both are known whenever the time is over.
    plan = [(number, False) for number in range(noise)], [(number, True) for number in range(edges)]
    order = sorted(plan[0] + plan[1], key=lambda one: (one[0] / (edges if one[1] else noise), one[1]))
    for number, is_edge in order:
        seed = FIRST_SEED + (NOISE if is_edge else 0) + number
        made = history(seed, strength=STRENGTH if is_edge else 0.0)
        for kind, tally in tallies.items():
            if time.monotonic() > end:
                return tallies
            started = time.process_time()
            found = is_found(made, kind, seed)
            tally.spent_s += time.process_time() - started
            if is_edge:
                tally.edges, tally.edges_found = tally.edges + 1, tally.edges_found + found
            else:
                tally.noise, tally.noise_found = tally.noise + 1, tally.noise_found + found
    return tallies


def table_of(tallies: dict[str, Tally]) -> str:
    """Return the table as it stands in the documentation."""
    head = "| Kind | noise called more than luck | momentum found | processor time a history |\n|---|---|---|---|\n"
    return head + "\n".join(
        f"| {kind} | {tally.noise_found} of {tally.noise} | {tally.edges_found} of {tally.edges} | "
        f"{tally.spent_s / max(tally.noise + tally.edges, 1):.1f} s |"
        for kind, tally in tallies.items()
    )


def main() -> int:
    """Measure and print; ends with 1 where more than 1 in 20 of noise is found, or fewer than 4 in 5 of momentum."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--noise", type=int, default=200)
    parser.add_argument("--edges", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--kinds", default=",".join(registry()))
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    tallies = measure(given.kinds.split(","), given.noise, given.edges, given.minutes)
    told = table_of(tallies)
    sys.stdout.write(told + "\n")
    if given.write:
        put(PAGE, NAME, told)
    return int(any(is_beyond(kind, tally) for kind, tally in tallies.items()))


def is_beyond(kind: str, tally: Tally) -> bool:
    """Return whether a kind misses a bound; one that learns of no column has no momentum to find."""
    learns = registry()[kind].reads == "columns" and kind != "base_rate"
    return 20 * tally.noise_found > tally.noise or (learns and 5 * tally.edges_found < 4 * tally.edges)


if __name__ == "__main__":
    sys.exit(main())
