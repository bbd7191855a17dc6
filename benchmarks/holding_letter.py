"""A letter about what a person owns as a PDF, beside a page without a word: `python -m benchmarks.holding_letter`.

Somebody with 2,000 events of ten coins and ten years of daily closes. Prints wall seconds of the letter, and of its
PDF, with how many times an empty page's it is: that ratio compares machines.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.holdings_page import EVENTS, build, file_of
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS
from vigie.ports.reports import PaperReport
from vigie.services.operation_calls import run_operation

ROUNDS: Final = 7


def seconds(work: Callable[[], object]) -> float:
    """Return the median time of some rounds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return median(times)


def main() -> None:
    """Print the figures."""
    today = int(time.time() * 1_000) // DAY_MS * DAY_MS
    with tempfile.TemporaryDirectory(prefix="vigie-letter-") as folder:
        built = build(Path(folder), today)
        values = {"text": file_of(EVENTS, today), "dry_run": False}
        run_operation(built, OWNER, "holdings.import", values)
        asked = {"span": "month"}
        letter = seconds(lambda: run_operation(built, OWNER, "holdings.letter", asked))
        printed = seconds(lambda: run_operation(built, OWNER, "holdings.letter_pdf", asked))
        empty = seconds(lambda: built.report_printer.report_pdf(PaperReport("Empty", "en", "", [])))
        print(
            f"letter: {letter:.3f} s; its PDF, letter included: {printed:.2f} s, {printed / empty:.1f} times an "
            f"empty page ({empty:.2f} s)"
        )


if __name__ == "__main__":
    main()
