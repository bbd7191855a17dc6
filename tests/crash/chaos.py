"""Hours of deaths and faults: `python -m tests.crash.chaos --minutes 60`.

First a process dies at every point there is, each with another fate of its orders; then, until the time is over,
processes die several times at points drawn by chance, and days meet two faults at once.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

from tests.clocks import QuickClock
from tests.crash.day import PROTECTIONS, SPEED, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole
from tests.crash.killing import FATES, Killer, Point
from tests.crash.test_faults import CASES, together
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook

Try = tuple[str, Callable[[], None]]


def migrated(path: Path) -> Path:
    """Make a database that nobody has open."""
    with closing(open_database(f"sqlite:///{path}")) as database:
        schema.ready(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def tries(killer: Killer, points: list[Point], template: Path, chance: random.Random) -> Iterator[Try]:
    """Yield what is tried, without end: every point once, then with every other fate, then what chance says."""
    fates = list(FATES)
    mixed = chance.sample(points, len(points))
    for turn, (number, point) in product(range(len(fates)), enumerate(mixed)):
        fate, after = fates[(number + turn) % len(fates)], number % 4
        yield f"{point}, {fate}", lambda: killer.kill([point], fate, after)  # noqa: B023 - called before the next
    while True:
        if chance.random() < 0.25:
            pair = chance.sample(sorted(CASES), 2)
            yield " and ".join(pair), lambda: two_faults(template, *pair)  # noqa: B023
        else:
            some = chance.choices(points, k=chance.randint(1, 4))
            fate, after = chance.choice(fates), chance.randrange(4)
            yield f"{some}, {fate}", lambda: killer.kill(some, fate, after)  # noqa: B023


def two_faults(template: Path, one: str, other: str) -> None:
    """Live through a day with both; what must be true with one must be true with two."""
    book_path = template.with_name("pair.sqlite")
    shutil.copy(template, book_path)
    clock = QuickClock(SPEED)
    with closing(open_database(f"sqlite:///{book_path}")) as database:
        book = SqlTradeBook(database, clock)
        case = together(CASES[one], CASES[other])
        day = live_through(book, clock, "pair", case.deeds, case.cure)
        assert day.is_over, day.said
        assert not day.naked
        assert_orders_are_whole(book, day.run, day.there, case.foreign)
        assert_money_adds_up(book, day.run, day.there, slots(), PROTECTIONS)
    for path in template.parent.glob("pair.sqlite*"):
        path.unlink()


def main() -> int:
    """Try until the time is over; 1 where something failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    until = time.monotonic() + asked.minutes * 60
    failed: list[str] = []
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        template = migrated(Path(folder) / "template.sqlite")
        killer = Killer(template, Path(folder))
        points = killer.points()
        kinds = Counter(f"{point.way:5} {point.kind}" for point in points)
        for kind, count in sorted(kinds.items()):
            print(f"{count:5} {kind}")
        print(f"{len(points)} points of {len(kinds)} kinds", flush=True)
        for name, attempt in tries(killer, points, template, random.Random(asked.seed)):
            if time.monotonic() > until:
                break
            try:
                attempt()
            except Exception as fault:
                failed.append(name)
                print(f"FAILED {name}: {fault!r}"[:1_000], flush=True)
                traceback.print_exc()
            done += 1
            if done % 50 == 0:
                print(f"{done} tried, {killer.died.total()} deaths, {len(failed)} failed", flush=True)
    print(
        f"{done} tried, {killer.died.total()} deaths at {len(killer.died)} kinds of points, {len(failed)} failed"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
