"""A file of 100,000 rows into a home, beside reading the same text as bare CSV: `python -m benchmarks.holdings_import`.

Prints wall and processor seconds, the most memory that the process held above what it had before, and how many times
the work of the reference it is: that ratio compares machines.
"""

from __future__ import annotations

import csv
import io
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from vigie.domain.person import OWNER
from vigie.services.operation_calls import run_operation
from vigie.wiring.app_context import open_app_context

ROWS: Final = 100_000
# 2024-01-01, in seconds.
_BEGUN: Final = 1_704_067_200
_HEAD: Final = (
    "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"
)


def file_of(rows: int) -> str:
    """Return a file of purchases, one each five minutes."""
    lines = (
        f"{datetime.fromtimestamp(_BEGUN + 300 * number, UTC):%Y-%m-%d %H:%M:%S},"
        f"{100 + number % 900}.{number % 100:02},EUR,0.00{1_000 + number % 9_000},BTC,0.{1 + number % 9},EUR,"
        for number in range(rows)
    )
    return _HEAD + "\n".join(lines)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor seconds."""
    begun, spent = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - spent


def main(rows: int = ROWS) -> None:
    """Print the figures."""
    text = file_of(rows)
    _, bare = timed(lambda: [list(row) for row in csv.reader(io.StringIO(text))])
    with tempfile.TemporaryDirectory() as folder:
        built = open_app_context(Path(folder))
        before = _most_memory()
        for name, values in (("dry run", {}), ("import", {"dry_run": False}), ("again", {"dry_run": False})):
            wall, spent = timed(
                lambda v=values: run_operation(built, OWNER, "holdings.import", {"text": text, **v})
            )
            print(
                f"{name}: {wall:.1f} s, {spent:.1f} processor s, {spent / bare:.0f} times bare CSV "
                f"({bare:.3f} s), {(_most_memory() - before) / 1e6:.0f} MB more at most"
            )


def _most_memory() -> float:
    # Linux counts in kilobytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
