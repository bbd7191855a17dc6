"""What storing a bar costs: processor time and bytes written, sealing included, over whole months of the bar store.

Three measurements on simulated bars (`benchmarks.market`):

- bars of a minute stored one by one through a month of 31 days, in three parts: the cost must stay flat;
- bars of five minutes, an hour and a day, as many as a month or a year of files holds;
- the bars of 2,000 series at one close, handed to the collector's `BarCollector`, ten closes in a row.

Beside the first stands the way of a file rewritten per bar, measured in the same run. Bytes are counted by the kernel
(`wchar` of ``/proc/self/io``: what the process hands to the system). Linux only.

``python -m benchmarks.bar_store`` prints the table and fails above a budget; ``--write`` puts it into docs/data.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks import market
from benchmarks.marked import put
from vigie.adapters.clock import SystemClock
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.data.collection.bars import BarCollector
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, MINUTE_MS, TIMEFRAME_MS
from vigie.ports.source import Bar
from vigie.wiring.data import open_data

if TYPE_CHECKING:
    from polars import DataFrame

PAGE: Final = Path(__file__).parents[1] / "docs" / "data.md"
NAME: Final = "bar store"
BUDGET_MS: Final = 0.3
BUDGET_BYTES: Final = 4_000
BUDGET_CLOSE_S: Final = 1.0
SERIES: Final = 2_000
CLOSES: Final = 10
# A month of 31 days that begins with the day.
FIRST_MS: Final = 1_767_225_600_000


class Cost(NamedTuple):
    """What some bars cost, each."""

    what: str
    bars: int
    processor_ms: float
    written: float


@dataclass(slots=True)
class Meter:
    """Processor time and bytes of this process since it was made."""

    began_s: float
    began_bytes: int

    @classmethod
    def start(cls) -> Meter:
        """Begin now."""
        return cls(time.process_time(), _written())

    def cost(self, what: str, bars: int) -> Cost:
        """Return what was spent since, for each bar."""
        spent, written = time.process_time() - self.began_s, _written() - self.began_bytes
        return Cost(what, bars, spent * 1e3 / bars, written / bars)


class StandingClock(SystemClock):
    """A clock whose market stands where it is put."""

    def __init__(self) -> None:
        self.now = FIRST_MS

    def market_now(self) -> int:
        """Return the market's time."""
        return self.now


def _written() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))


def frame_of(timeframe: str, bars: int) -> DataFrame:
    """Return simulated bars from the first of the month on."""
    import polars as pl

    walk = market.walk(bars, 7, TIMEFRAME_MS[timeframe])
    columns = dict(zip(("timestamp", *walk._fields[1:6]), walk[:6], strict=True))
    frame = pl.DataFrame(columns).cast(dict.fromkeys(walk._fields[1:6], pl.Float64))
    return frame.with_columns(
        timestamp=(pl.col("timestamp") - walk.ts[0] + FIRST_MS).cast(pl.Datetime("ms", "UTC"))
    )


def one_by_one(timeframe: str, bars: int, parts: Sequence[tuple[str, int]]) -> Iterator[Cost]:
    """Store bars one by one and yield what those of each part cost; a part is named with the bars it ends at."""
    series, frame = SeriesId("bitget-perp", "btc-usdt-perp", timeframe), frame_of(timeframe, bars)
    rows = [frame[at : at + 1] for at in range(bars)]
    with tempfile.TemporaryDirectory(prefix="vigie-bar-store-") as folder:
        store = ParquetBars(Path(folder))
        store.upsert(series, rows[0])
        begin = 1
        for name, end in parts:
            meter = Meter.start()
            for row in rows[begin:end]:
                store.upsert(series, row)
            yield meter.cost(name, end - begin)
            begin = end
        if not store.read(series).equals(frame):
            raise RuntimeError(f"{timeframe}: what was read is not what was stored")


def rewritten(bars: int, samples: int) -> Cost:
    """Return what a bar costs whose month is rewritten for it, on the last day of the month."""
    series, frame = SeriesId("bitget-perp", "btc-usdt-perp", "1m"), frame_of("1m", bars)

    def tell(_change: DataFrame) -> None:
        """Make the store write the files of periods, as an import does."""

    with tempfile.TemporaryDirectory(prefix="vigie-bar-store-") as folder:
        store = ParquetBars(Path(folder))
        store.upsert(series, frame[: bars - samples])
        meter = Meter.start()
        for at in range(bars - samples, bars):
            store.upsert(series, frame[at : at + 1], before=tell)
        return meter.cost("1m, its month rewritten for each bar", samples)


def closes(series: int, times: int) -> list[tuple[float, float]]:
    """Hand the bars of many series at one close to the collector; return processor and wall seconds of each close."""
    clock = StandingClock()
    with tempfile.TemporaryDirectory(prefix="vigie-bar-store-") as folder:
        os.environ["VIGIE_HOME"] = folder
        desk = replace(open_data(), bars=ParquetBars(Path(folder) / "bars"), clock=clock)
        keeper = BarCollector(desk, _fail)
        first = frame_of("1m", 2)
        names = [f"c{number}-usdt-perp" for number in range(series)]
        for name in names:
            for at in range(2):
                desk.bars.upsert(SeriesId("bitget-perp", name, "1m"), first[at : at + 1])

        def close(number: int) -> tuple[float, float]:
            ts = FIRST_MS + (number + 2) * MINUTE_MS
            clock.now = ts + MINUTE_MS + 2_000
            keeper.take([Bar("bitget-perp", name, "1m", ts, 10.0, 12.0, 9.0, 11.0, 5.0, 0) for name in names])
            spent, began = time.process_time(), time.perf_counter()
            asyncio.run(keeper.store_ready())
            if keeper.waiting:
                raise RuntimeError(f"{keeper.waiting} bars were not stored")
            return time.process_time() - spent, time.perf_counter() - began

        close(0)  # looks once how far each series has come
        return [close(number) for number in range(1, times + 1)]


def _fail(words: str) -> None:
    raise RuntimeError(words)


def table(costs: Sequence[Cost], before: Cost, found: Sequence[tuple[float, float]]) -> str:
    """Return what was measured in Markdown."""
    lines = ["| Bars | Stored | Processor, ms a bar | Written, bytes a bar |", "|---|---|---|---|"]
    lines += [
        f"| {one.what} | {one.bars:,} | {one.processor_ms:.3f} | {one.written:,.0f} |"
        for one in [*costs, before]
    ]
    minutes = costs[2]
    spent, wall = max(one[0] for one in found), max(one[1] for one in found)
    less = f"{before.processor_ms / minutes.processor_ms:,.0f}"
    bytes_less = f"{before.written / minutes.written:,.0f}"
    return "\n".join(lines) + (
        f"\n\nOn the last days of a month an appended bar takes {less} times less processor time and writes "
        f"{bytes_less} times less than a bar whose month is rewritten. The bars of {SERIES:,} series at one close take "
        f"{spent:.2f} s of processor and {wall:.2f} s on the wall, the most of {len(found)} closes. Budgets: "
        f"{BUDGET_MS} ms and {BUDGET_BYTES:,} bytes a bar of a minute, sealing included, and {BUDGET_CLOSE_S:g} s of "
        "processor a close. Over a month the processor time of a bar is flat; its bytes grow with the days "
        "stored, because sealing rewrites the month's file once a day."
    )


def measured(say: Callable[[str], None]) -> tuple[list[Cost], Cost, list[tuple[float, float]]]:
    """Measure everything."""
    day = DAY_MS // MINUTE_MS
    parts = [("1m, days 1 to 10", 10 * day), ("1m, days 11 to 20", 20 * day), ("1m, days 21 to 31", 31 * day)]
    costs = list(one_by_one("1m", 31 * day, parts))
    say("minutes are measured")
    for timeframe, bars in (("5m", 8_928), ("1h", 8_760), ("1d", 365)):
        costs += one_by_one(
            timeframe, bars, [(f"{timeframe}, a {'month' if timeframe == '5m' else 'year'}", bars)]
        )
    say("longer bars are measured")
    return costs, rewritten(31 * day, 40), closes(SERIES, CLOSES)


def main() -> int:
    """Measure, print, and fail above a budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/data.md")
    given = parser.parse_args()
    costs, before, found = measured(lambda words: print(words, file=sys.stderr, flush=True))
    today = datetime.now(UTC).date()
    text = f"{table(costs, before, found)}\n\nMeasured on {today}, Linux, {os.cpu_count()} processors, simulated bars."
    print(text)
    if given.write:
        put(PAGE, NAME, text)
    is_met = all(one.processor_ms <= BUDGET_MS and one.written <= BUDGET_BYTES for one in costs[:3])
    return 0 if is_met and max(one[0] for one in found) <= BUDGET_CLOSE_S else 1


if __name__ == "__main__":
    sys.exit(main())
