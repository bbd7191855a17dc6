"""`/portfolio` of somebody with 2,000 events, and its book after a correction: `python -m benchmarks.holdings_page`.

Ten coins, ten years of daily closes, over real HTTP. ``--write`` puts the table into docs/holdings.md. The reference is
the same page of somebody who holds nothing: its ratio compares machines. Linux only.
"""

from __future__ import annotations

import argparse
import gc
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import httpx

from benchmarks.marked import put
from benchmarks.web_load import processor_ms, served
from vigie.domain.asset import WATCHED
from vigie.domain.fact import Observation
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS
from vigie.services.app_context import AppContext
from vigie.services.operation_calls import run_operation
from vigie.views.cli.main import SERVING_GC_THRESHOLD
from vigie.wiring.app_context import open_app_context

PAGE: Final = Path(__file__).parents[1] / "docs" / "holdings.md"
NAME: Final = "holdings page"
COINS: Final = 10
DAYS: Final = 3_650
EVENTS: Final = 2_000
ASKED: Final = 200
CORRECTIONS: Final = 15
_HEAD: Final = (
    "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"
)


class Times(NamedTuple):
    """Milliseconds on the wall, and what the server's process computed for one answer."""

    p50: float
    p95: float
    processor: float


def coins() -> list[tuple[str, str]]:
    """Return id and ticker of the coins that are held."""
    return [(asset.id, asset.symbol) for asset in WATCHED if asset.kind == "coin"][:COINS]


def close_of(number: int, day: int) -> float:
    """Return a close that differs from day to day, of a coin that grows."""
    return (number + 1) * 10 * math.exp(day / 1_500 + 0.4 * math.sin(day / (40 + number)))


def build(home: Path, today: int) -> AppContext:
    """Fill a home with ten years of daily closes and rates of ten coins."""
    built = open_app_context(home)
    first = today - DAYS * DAY_MS
    for number, (asset, _) in enumerate(coins()):
        built.facts.append(
            Observation(f"onchain/{asset}/price_usd", first + day * DAY_MS, first + (day + 1) * DAY_MS, value)
            for day, value in ((day, close_of(number, day)) for day in range(DAYS))
        )
    built.facts.append(
        Observation(
            "fx/usd/per_eur", first + day * DAY_MS, first + day * DAY_MS, 1.1 + 0.1 * math.sin(day / 99)
        )
        for day in range(DAYS)
    )
    return built


def file_of(events: int, today: int) -> str:
    """Return a file of purchases and, each fifth, a sale of half of one, spread over ten years."""
    begun = datetime.fromtimestamp(today / 1_000, UTC) - timedelta(days=DAYS - 10)
    rows, named = [], coins()
    for number in range(events):
        at = begun + timedelta(days=(DAYS - 20) * number / events)
        ticker, when = named[number % COINS][1], f"{at:%Y-%m-%d %H:%M:%S}"
        is_sale = number >= 5 * COINS and number // COINS % 5 == 4
        rows.append(
            f"{when},0.5,{ticker},{40 + number % 60},EUR,,,"
            if is_sale
            else f"{when},{50 + number % 90},EUR,1.{number % 10},{ticker},0.{1 + number % 9},EUR,"
        )
    return _HEAD + "\n".join(rows)


def asked(url: str, cookies: httpx.Cookies, process: int) -> Times:
    """Ask the page again and again, one after the other, as a person would."""
    times = []
    with httpx.Client(base_url=url, cookies=cookies, timeout=60) as client:
        client.get("/portfolio")
        before = processor_ms(process)
        for _ in range(ASKED):
            begun = time.perf_counter()
            answer = client.get("/portfolio")
            times.append((time.perf_counter() - begun) * 1_000)
            assert answer.status_code == 200, answer.status_code
        computed = (processor_ms(process) - before) / ASKED
    times.sort()
    return Times(median(times), times[int(len(times) * 0.95)], computed)


def corrected(built: AppContext) -> Times:
    """Correct the amount of the first line, and read the worth: ten years of days are computed anew."""
    rows = run_operation(built, OWNER, "holdings.list", {}).rows
    first = min(rows, key=lambda row: row.day)
    whole = {"holding": first.entry, "coin": first.asset, "quantity": first.quantity, "day": first.day}
    walls, spent = [], []
    run_operation(built, OWNER, "holdings.worth", {})
    for number in range(CORRECTIONS):
        run_operation(
            built, OWNER, "holdings.change", {**whole, "amount": str(60 + number), "currency": "EUR"}
        )
        begun, processor = time.perf_counter(), time.process_time()
        run_operation(built, OWNER, "holdings.worth", {})
        walls.append((time.perf_counter() - begun) * 1_000)
        spent.append((time.process_time() - processor) * 1_000)
    walls.sort()
    return Times(median(walls), walls[int(len(walls) * 0.95)], median(spent))


def table(empty: Times, full: Times, book: Times) -> str:
    """Return what was measured."""
    lines = [
        f"**`/portfolio`**, {EVENTS:,} events of {COINS} coins, {DAYS:,} days of closes; ms, {ASKED} answers over HTTP",
        "",
        "| | p50 | p95 | CPU time |",
        "|---|---|---|---|",
    ]
    for name, times in (
        ("nothing is held", empty),
        (f"{EVENTS:,} events", full),
        ("the book after a correction, without the page", book),
    ):
        lines.append(f"| {name} | {times.p50:.1f} | {times.p95:.1f} | {times.processor:.1f} |")
    return "\n".join(
        [*lines, "", f"Times the empty page, of CPU time: {full.processor / empty.processor:.1f}."]
    )


def main(words: Sequence[str]) -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/holdings.md")
    options = parser.parse_args(words)
    today = int(time.time() * 1_000) // DAY_MS * DAY_MS
    with tempfile.TemporaryDirectory(prefix="vigie-holdings-") as folder:
        home = Path(folder)
        built = build(home, today)
        with served(home, is_awaited=False) as (url, cookies, process):
            empty = asked(url, cookies, process)
            values = {"text": file_of(EVENTS, today), "dry_run": False}
            run_operation(built, OWNER, "holdings.import", values)
            full = asked(url, cookies, process)
        gc.set_threshold(*SERVING_GC_THRESHOLD)
        book = corrected(built)
    text = table(empty, full, book)
    print(text)
    if options.write:
        put(PAGE, NAME, text)


if __name__ == "__main__":
    main(sys.argv[1:])
