"""Hours of deaths and faults: `python -m tests.crash.chaos --minutes 60`.

Every other try kills a process at a point there is, each point once with each fate of its orders; the others are
chance: processes that die several times at points drawn, at a venue that is quick, slow, or late beyond every limit,
and days that meet two faults at once. The seed is said; `--seed S --first N` begins at try N of it again.
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
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.clocks import QuickClock, busy
from tests.crash.day import PROTECTIONS, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole
from tests.crash.killing import FATES, PACES, Killer, Point
from tests.crash.test_faults import CASES, together
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook

Try = tuple[str, Callable[[], None]]


def migrated(path: Path) -> Path:
    """Make a database that nobody has open."""
    with closing(open_database(f"sqlite:///{path}")) as database:
        schema.ensure_schema(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@dataclass(frozen=True, slots=True)
class Tries:
    """What is tried, without end, each try by its number and the seed alone.

    Attributes
    ----------
    template : Path
        A migrated database that nobody has open.
    left_out : list of str
        What the days of two faults did not do, as there was nothing to do it to.
    """

    killer: Killer
    points: list[Point]
    template: Path
    seed: int
    left_out: list[str] = field(default_factory=list)

    def number(self, number: int) -> Try:
        """Return a try: the even ones go over the points, the odd ones are chance."""
        turn, place = divmod(number // 2, len(self.points))
        if number % 2 == 0 and turn < len(FATES):
            return self._next_point(turn, place)
        chance = random.Random(f"{self.seed}/{number}")
        return self._two_faults(chance) if chance.random() < 0.25 else self._deaths(chance)

    def _next_point(self, turn: int, place: int) -> Try:
        mixed = random.Random(self.seed).sample(self.points, len(self.points))
        point, fate = mixed[place], list(FATES)[(place + turn) % len(FATES)]
        return f"{point}, {fate}", lambda: self.killer.kill([point], fate, place % 4)

    def _deaths(self, chance: random.Random) -> Try:
        some = chance.choices(self.points, k=chance.randint(1, 4))
        fate, after, pace = chance.choice(list(FATES)), chance.randrange(4), chance.choice(list(PACES))
        seed = chance.randrange(2**31)
        name = f"{some}, {fate} from order {after} on, {pace} by {seed}"
        return name, lambda: self.killer.kill(some, fate, after, pace=pace, seed=seed)

    def _two_faults(self, chance: random.Random) -> Try:
        pair = chance.sample(sorted(CASES), 2)
        return " and ".join(pair), lambda: two_faults(self.template, *pair, self.left_out)


def two_faults(template: Path, one: str, other: str, left_out: list[str]) -> None:
    """Live through a day with both; what must be true with one must be true with two.

    Parameters
    ----------
    left_out : list of str
        Told of what could not be done: a position that one fault kept from being entered cannot be liquidated.
    """
    book_path = template.with_name("pair.sqlite")
    for path in template.parent.glob("pair.sqlite*"):
        path.unlink()
    shutil.copy(template, book_path)
    case = together(CASES[one], CASES[other], left_out)
    for name in (one, other):
        CASES[name].renamed.clear()  # of an earlier day
    clock = QuickClock(case.speed, busy())
    with closing(open_database(f"sqlite:///{book_path}")) as database:
        book = SqlTradeBook(database, clock)
        day = live_through(
            book, clock, "pair", case.deeds, case.cure, entry_age_s=case.age_s, still=case.still,
            is_listed=case.is_listed, renamed=case.renamed, sees=case.sees,
        )  # fmt: skip
        assert day.is_over, day.said
        assert not day.unprotected
        assert_orders_are_whole(book, day.run, day.there, case.foreign)
        assert_money_adds_up(book, day.run, day.there, slots(), PROTECTIONS)


def main() -> int:
    """Try until the time is over; 1 where something failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, help="without it one is drawn and said")
    parser.add_argument("--first", type=int, default=0, help="number of the try to begin with")
    parser.add_argument("--tries", type=int, help="end after so many")
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(2**31) if asked.seed is None else asked.seed
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
        print(f"{len(points)} points of {len(kinds)} kinds; --seed {seed}", flush=True)
        tries = Tries(killer, points, template, seed)
        while time.monotonic() < until and done != asked.tries:
            name, attempt = tries.number(asked.first + done)
            try:
                attempt()
            except Exception as fault:
                failed.append(name)
                again = f"--seed {seed} --first {asked.first + done}"
                print(f"FAILED {again}: {name}: {fault!r}"[:1_000], flush=True)
                traceback.print_exc()
            done += 1
            if done % 50 == 0:
                print(f"{done} tried, {killer.died.total()} deaths, {len(failed)} failed", flush=True)
    print(
        f"{done} tried, {killer.died.total()} deaths at {len(killer.died)} kinds of points, {len(failed)} failed"
    )
    for what, count in sorted(Counter(tries.left_out).items()):
        print(f"{count:5} not done: {what}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
