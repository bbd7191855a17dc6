"""At which hours the calm before a demonstration is narrow enough for a setup of XRP, on seven days.

    python -m benchmarks.demo_calm [--write]

The world of a new demonstration is opened at each hour of each day, and nobody looks at it. What counts is the rank of
the last band of XRP among 120, which the strategy of the demonstration's setups asks to be within a fifth.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from tests.unit.sandbox.world.hands import Hand

from benchmarks.marked import put
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.quant.indicators.bollinger import bollinger_bandwidth
from vigie.quant.indicators.rank_share import rank_share
from vigie.trading.strategies.bollinger_squeeze import Params
from vigie.views.cli.demo import WORLD_SEED
from vigie_sandbox.world.scenes.arc import Arc
from vigie_sandbox.world.world import World

PAGE: Final = Path(__file__).parents[1] / "docs" / "demo.md"
NAME: Final = "demo calm"
COIN: Final = "XRP"
FIRST_DAY: Final = datetime(2026, 11, 30, tzinfo=UTC)
DAYS: Final = 7
HOURS: Final = (2, 6, 10, 14, 18, 22)
# Enough for the ranks, a fraction of the time.
HISTORY_DAYS: Final = 20


def last_rank(opened_ms: int) -> float:
    """Return the rank, in (0, 1], of the last band of the coin when a demonstration opens."""
    world = World(
        Hand(), opened_ms, seed=WORLD_SEED, arc=Arc(opened_ms), has_wave=True, history_days=HISTORY_DAYS
    )
    candles = world.venues["bitget"].candles(
        world.coin_by_symbol[COIN], HOUR_MS, 0, world.now_ms(), world.now_ms()
    )
    closes = np.ascontiguousarray(candles.rows[3][:-1])
    params = Params()
    width = bollinger_bandwidth(closes, params.window, params.deviations)
    return float(rank_share(width, params.rank_window)[-1])


def run() -> str:
    """Measure; return the table."""
    share = Params().narrow_share
    first = int(FIRST_DAY.timestamp() * 1_000)
    counts = [
        sum(last_rank(first + day * DAY_MS + hour * HOUR_MS) <= share for day in range(DAYS))
        for hour in HOURS
    ]
    return "\n".join(
        [
            f"| opened at, UTC | {' | '.join(f'{hour:02}:00' for hour in HOURS)} |",
            f"|---|{'---|' * len(HOURS)}",
            f"| of {DAYS} days, those whose band is narrow | {' | '.join(map(str, counts))} |",
            "",
            f"The days are those from {FIRST_DAY.date()} on.",
        ]
    )


def main() -> int:
    """Measure, print, write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/demo.md")
    given = parser.parse_args()
    text = run()
    print(text)
    if given.write:
        put(PAGE, NAME, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
