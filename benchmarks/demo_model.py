"""On how many days the demonstration's model passes its gates, by the day on which the simulated market opens.

    python -m benchmarks.demo_model [--days 21] [--step 3]

Wave and columns were chosen on 14 other opening times of the same seed; decision 39 has their figures.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.demo_world import VENUE
from vigie.services.learning.training import TrainingHome
from vigie.services.needs import provide
from vigie.views.cli.demo import WORLD_SEED
from vigie.views.cli.demo_model import COIN, NAME, TIMEFRAME, DemoModel
from vigie.wiring.app_context import open_app_context
from vigie_sandbox.world.history import write_series
from vigie_sandbox.world.world import World

FIRST = parse_time("2026-11-01")


@dataclass(frozen=True, slots=True)
class StandingClock:
    """A clock that stands where the market opened."""

    now: int

    def market_now(self) -> int:
        """Return that time."""
        return self.now

    def wall_now(self) -> int:
        """Return that time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Nothing waits here."""

    async def sleep_async(self, seconds: float) -> None:
        """Nothing waits here."""


def try_day(start_ms: int, folder: Path, said: list[str]) -> tuple[bool, str]:
    """Return whether the model of a market that opens then trades on paper, with its figures."""
    world = World(lambda: 0.0, start_ms, seed=WORLD_SEED, has_wave=True, quiet=True, flawless=True)
    house = open_app_context(folder / "home", clock=StandingClock(start_ms))
    series = SeriesId(VENUE, f"{COIN.lower()}-usdt-perp", TIMEFRAME)
    house.data.bars.upsert(series, pl.read_parquet(write_series(world, "bitget", COIN, TIMEFRAME, folder)))
    passed = DemoModel(folder / "home", provide(house, TrainingHome), house.audit, said.append).prepare()
    figures = house.learned_models.fits(NAME)[-1].figures
    return passed, f"AUC {figures.auc:.3f}, {figures.trades} trades, Sharpe ratio {figures.sharpe:.2f}"


def main() -> None:
    """Try each day and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--step", type=int, default=3)
    asked = parser.parse_args()
    count = 0
    for number in range(asked.days):
        said: list[str] = []
        with tempfile.TemporaryDirectory() as folder:
            passed, figures = try_day(FIRST + number * asked.step * DAY_MS, Path(folder), said)
        count += passed
        print(
            f"day {number * asked.step:3}: {'paper' if passed else 'not'}; {figures}; {said[-1]}", flush=True
        )
    print(f"{count} of {asked.days} days pass")


if __name__ == "__main__":
    main()
