"""What it costs to list what is stored: processor time of ``vigie data status`` over a thousand series.

``python -m benchmarks.data_status`` makes a home of 1,001 series of simulated hours (`benchmarks.market`), a month in
each file, and lists it three ways, each the median of several rounds, each round with a store that remembers nothing:

- *summaries*: as it is shipped, from what each file says of itself;
- *every bar*: with ``--deep``, which reads all of them: what the summaries save;
- *the command*: a process of its own, start of Python and table included.

It prints the table and fails above the budget, which holds for the first; ``--write`` puts it into docs/data.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.bar_store import frame_of
from benchmarks.marked import put
from vigie.domain.ids import SeriesId
from vigie.services.stored_series import series_statuses
from vigie.wiring.data import open_data

PAGE: Final = Path(__file__).parents[1] / "docs" / "data.md"
NAME: Final = "data status"
SERIES: Final = 1_001
HOURS: Final = 31 * 24
ROUNDS: Final = 7
BUDGET_S: Final = 0.5


def filled(home: Path, series: int = SERIES) -> None:
    """Store so many series, each of a month of hours."""
    store, frame = open_data(home).bars, frame_of("1h", HOURS)
    for number in range(series):
        store.upsert(SeriesId("bitget-perp", f"c{number}-usdt-perp", "1h"), frame)


def listed(home: Path, series: int = SERIES, *, is_deep: bool) -> float:
    """Return the processor seconds of listing everything once, by a store that was just opened."""
    desk = open_data(home)
    begun = time.process_time()
    rows = series_statuses(desk, is_deep=is_deep)
    spent = time.process_time() - begun
    if len(rows) != series or any(row.bars != HOURS or row.unreadable for row in rows):
        raise SystemExit("what is listed is not what was stored")
    return spent


def commanded(home: Path) -> float:
    """Return the processor seconds of the command, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "vigie", "data", "status", "--home", str(home)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(home: Path, rounds: int = ROUNDS) -> list[tuple[str, float]]:
    """Return what each way takes: the median of rounds."""
    ways = {
        "`vigie data status`, the listing alone": lambda: listed(home, is_deep=False),
        "the same with `--deep`, which reads every bar": lambda: listed(home, is_deep=True),
        "`vigie data status`, the whole command": lambda: commanded(home),
    }
    return [(name, statistics.median(way() for _ in range(rounds))) for name, way in ways.items()]


def table(found: list[tuple[str, float]], series: int = SERIES) -> str:
    """Return the measurement as Markdown."""
    first = found[0][1]
    goals = [f"{BUDGET_S:g} s: {'met' if first <= BUDGET_S else '**missed**'}", "", ""]
    lines = [
        f"| {series:,} series, {HOURS} bars each | processor, s | against the first | goal |",
        "|---|---:|---:|---|",
        *(
            f"| {name} | {s:.3f} | {s / first:.1f} | {goal} |"
            for (name, s), goal in zip(found, goals, strict=True)
        ),
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure, print, and fail above the budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/data.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-data-status-") as folder:
        filled(Path(folder))
        found = measured(Path(folder))
    text = (
        f"{table(found)}\n\nMeasured on {datetime.now(UTC).date()}, Linux, {os.cpu_count()} processors shared "
        f"with other work: the median of {ROUNDS} rounds, by `python -m benchmarks.data_status`."
    )
    print(text)
    if given.write:
        put(PAGE, NAME, text)
    return int(found[0][1] > BUDGET_S)


if __name__ == "__main__":
    sys.exit(main())
