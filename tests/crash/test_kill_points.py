"""Killed anywhere, whatever became of its orders: none is lost, none is doubled, no position is without its stop."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Set
from contextlib import ExitStack, closing, suppress
from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

import pytest

from tests.clocks import IdleClock
from tests.crash import deaths
from tests.crash.mortal import Dead, Life, Mortal, Network
from tests.parity.core_venue import ACCOUNT, CoreVenue
from tests.parity.feeds import GivenVerdicts
from tests.parity.kept import kept_at
from tests.parity.test_trader_at_the_exchange import at_an_exchange
from tests.parity.test_trader_on_paper import assert_as_in_the_backtest, live_slots, rows
from tests.unhurried import unhurried
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.tables import Base
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.errors import InvariantBroken
from vigie.domain.order import ENDED, TradeRun
from vigie.engine.live.account_monitor import CheckIntervals
from vigie.engine.live.book.orders import OrderSender
from vigie.engine.live.trader import Trader, TraderConfig

SEED, BARS = 38, 24
# Columns of audit records, drawn for each and counted from what was drawn.
DRAWN = {"salt", "digest", "hash"}
# One of how many of each kind of point, and which of them first: all where the answer is kept or lost. Where it is late
# or put off the points of waiting are passed again and again, and where the venue is slow there are more of them.
SHARES = {
    "kept": (1, 0),
    "lost": (1, 0),
    "late": (3, 1),
    "put off": (3, 0),
    "kept, slow": (5, 0),
    "lost, slow": (5, 1),
    "late, slow": (8, 2),
    "put off, slow": (7, 1),
}


def cut(inputs):
    """Only the first bars: every point is died at, so each costs a whole life."""
    made = []
    for name, one in inputs:
        until = int(one.bars.ts[BARS])
        settled = one.funding.ts < until
        funding = replace(
            one.funding,
            ts=one.funding.ts[settled],
            rate=one.funding.rate[settled],
            mark=one.funding.mark[settled],
        )
        short = {field: getattr(one, field)[:BARS] for field in ("flags", "stop_unit", "target_unit")}
        made.append((name, replace(one, bars=one.bars.slice(0, BARS), funding=funding, **short)))
    return made


@lru_cache(maxsize=1)
def material():
    """Every world begins with the same; nothing writes to it."""
    inputs, protections = at_an_exchange(SEED)
    return cut(inputs), protections


class Told(CoreVenue):
    """An exchange that tells at which instant it is, and what has no stop whenever somebody is done with one.

    Attributes
    ----------
    unprotected : list of str
        Contracts that were held without a stop when the next instant was asked for.
    """

    def __init__(self, inputs):
        super().__init__(inputs)
        self.unprotected = []

    async def after(self, number):
        stops = {plan.symbol for plan in self.exchange.open_plans(ACCOUNT) if "stop" in plan.kind}
        held = {one.symbol for one in self.exchange.positions(ACCOUNT) if one.qty}
        self.unprotected += sorted(held - stops)
        return await super().after(number)

    def present(self):
        return self._steps.current()


@dataclass(slots=True)
class Pictured(Life):
    """One process that lives on; at some points it is kept what is left behind if it is killed there.

    Attributes
    ----------
    wanted : set of int
        The points.
    take : callable
        Keeps it, by the point's number.
    """

    wanted: Set[int] = frozenset()
    take: Callable[[int], None] = field(default=lambda number: None)

    def at(self, name: str) -> None:
        """Pass a point."""
        Life.at(self, name)
        if len(self.points) in self.wanted:
            self.take(len(self.points))


class World:
    """An exchange, a book and a clock that outlive every process."""

    def __init__(self, database, name, fate):
        self.inputs, self.protections = material()
        self.clock = IdleClock()
        self.database = database
        self.fate, _, pace = fate.partition(", ")
        self.book = SqlTradeBook(database, self.clock)
        self.venue = Told(self.inputs)
        self.network = Network(self.venue, self.clock, self.fate, is_slow=pace == "slow")
        capital = Decimal(repr(self.inputs[0][1].sizing.capital))
        self.run = TradeRun(f"run-{name}", name, "owner", "core", "demo", "plan", capital, 0)
        self.book.begin(self.run)

    def live(self, life):
        """Let one process live until the feed ends or it dies."""
        book = Mortal("book", self.book, life)
        venue = Mortal("venue", self.venue, life, self.network)
        feed = Mortal("feed", self.venue, life)
        slots = live_slots(self.inputs)
        written = self.book.last_step(self.run.id)
        given = TraderConfig(
            self.run,
            slots,
            self.protections,
            GivenVerdicts(self.inputs),
            lambda *_: (),
            # Points are numbered: nothing may be asked whenever time is ripe, however far the clock has gone.
            intervals=CheckIntervals(orders_s=1e9),
            lease_s=1e7,
            entry_age_s=1e7,
            # Whoever comes back goes on from what was kept of the log half-way.
            replay=kept_at(self.book, self.run, slots, self.protections, written // 2),
        )
        lease = self.book.take(self.run.account, "process", for_s=1e7, by_force=True)
        asyncio.run(self.clock.through(Trader(given, book, venue, feed, self.clock, lease).trade()))

    def left(self, path):
        """Return the world as it is now, with nobody in it; its book goes into a file."""
        with self.database.reading() as connection, closing(sqlite3.connect(path)) as file:
            connection.connection.driver_connection.backup(file)
        found = copy(self)
        found.clock = IdleClock(self.clock.now)
        # What nothing writes to is the same in both.
        same = [self.inputs, *(part for _, one in self.inputs for part in (one.bars, one.funding))]
        known = {id(self.clock): found.clock, **{id(one): one for one in same}}
        found.venue, found.network = deepcopy((self.venue, self.network), known)
        found.database = found.book = None
        return found

    def gone_on(self, database):
        """Let a process go on from the book in a database, and see that everything is whole."""
        self.database, self.book = database, SqlTradeBook(database, self.clock)
        self.live(Life())
        self.assert_whole()

    def assert_whole(self):
        """What was meant, what the venue has and what is booked are one and the same."""
        known = self.book.intents(self.run.id)
        assert all(one.move.state in ENDED for one in known)
        ours = {
            order.client_id: order for order in self.venue.exchange.order_history(ACCOUNT) if order.client_id
        }
        sent = {one.intent.id: one for one in known if one.move.state in ("filled", "cancelled")}
        assert (
            sent.keys() == ours.keys() - {""} == {id_ for id_ in ours if id_ in {k.intent.id for k in known}}
        )
        for id_, one in sent.items():
            assert (ours[id_].side, ours[id_].qty, ours[id_].filled) == (
                one.intent.side,
                one.intent.qty,
                one.move.filled,
            )
        assert not self.venue.unprotected, (
            "every position has its stop, in the process that comes back as well"
        )
        trades = self.venue.exchange.trades(ACCOUNT)
        assert Counter(fill.id for fill in self.book.fills(self.run.id)) == Counter(one.id for one in trades)
        assert not [one for one in self.venue.exchange.positions(ACCOUNT) if one.qty]
        folded = rows(self.book, self.run, self.inputs, self.protections)
        assert folded[1].cash == pytest.approx(float(self.venue.exchange.money(ACCOUNT).cash), abs=1e-6)
        if self.fate != "put off" and all(one.move.state == "filled" for one in known):
            assert_as_in_the_backtest(self.book, self.run, self.inputs, self.protections, folded)


class Place:
    """A folder with fresh databases, and with the files of worlds that were left."""

    def __init__(self, template, folder, stack):
        self._template = template
        self._folder = folder
        self._stack = stack
        self._made = 0
        self._found = None

    def database(self):
        """Open a fresh database."""
        self._made += 1
        path = self._folder / f"fresh-{self._made}.sqlite"
        shutil.copy(self._template, path)
        return unhurried(self._stack.enter_context(closing(open_database(f"sqlite:///{path}"))))

    def path(self, number):
        """Return where the book of a world is that was left at a point."""
        return self._folder / f"left-{number}.sqlite"

    def found(self, number):
        """Return the database as it was left at a point, until another one is asked for.

        It is one for all: whoever opens another one puts every statement together anew.
        """
        self._found = self._found or self.database()
        with closing(sqlite3.connect(self.path(number))) as file:
            into = self._found.engine.raw_connection()
            file.backup(into.driver_connection)
            into.close()
        self.path(number).unlink()
        return self._found


@pytest.fixture
def place(sqlite_template, tmp_path):
    with ExitStack() as stack:
        yield Place(sqlite_template, tmp_path, stack)


def points(database, fate, name=""):
    """Return the points that a process passes which is not killed."""
    world, life = World(database, f"whole-{name}{fate}", fate), Life()
    world.live(life)
    world.assert_whole()
    return life.points


def of_orders(passed):
    """Return the numbers of the points between an intent's writing and the end of what it led to."""
    found, is_under_way = [], False
    for number, name in enumerate(passed, start=1):
        if name == "feed.after before":
            is_under_way = any(one.startswith("venue.place") for one in _until_next(passed, number))
        if is_under_way:
            found.append(number)
    return found


def chosen(passed, share, first):
    """Return one in `share` of the points of each kind: counted through, kinds that take turns could be missed."""
    places = of_orders(passed)
    known, met, found = Counter(passed[number - 1] for number in places), Counter(), []
    for number in places:
        kind = passed[number - 1]
        if met[kind] % share == first % min(share, known[kind]):
            found.append(number)
        met[kind] += 1
    return found


def _until_next(passed, number):
    rest = passed[number:]
    end = rest.index("feed.after before") if "feed.after before" in rest else len(rest)
    return rest[:end]


def die_everywhere(place, fate, *, numbers, name=""):
    """Let a process go on from what one leaves behind that is killed at each point; everything must be whole.

    Until it dies each of them does the same: it is done once, and what is there at each point is kept, in place of
    being done again for each. That it is what a process leaves which dies there is a test of its own.
    """
    passed = points(place.database(), fate, name)
    survived = Counter()
    for number, world in kept_at_points(place, fate, set(numbers(passed)), name):
        world.gone_on(place.found(number))
        survived[passed[number - 1]] += 1
    return survived


def kept_at_points(place, fate, wanted, name=""):
    """Return each point with the world as it was there, its book in a file of the place."""
    kept = []
    world = World(place.database(), f"{name}{fate}", fate)
    life = Pictured(wanted=wanted, take=lambda number: kept.append((number, world.left(place.path(number)))))
    world.live(life)
    assert {number for number, _ in kept} == wanted, "a process passed fewer points than another one"
    return kept


def killed_at(database, fate, number):
    """Return a world whose process was killed at a point."""
    world, life = World(database, fate, fate), Life(until=number)
    with suppress(Dead):
        world.live(life)
    assert life.is_over, f"no process was killed at point {number}"
    return world


@pytest.mark.parametrize("fate", [*deaths.FATES, *deaths.SLOW])
def test_killed_at_every_point_of_an_orders_life(place, fate, record_property):
    survived = die_everywhere(place, fate, numbers=lambda passed: chosen(passed, *SHARES[fate]))
    deaths.told(record_property, fate, survived)
    assert {name.split()[0] for name in survived} >= {
        "venue.place",
        "venue.order",
        "book.commit",
        "feed.after",
    }
    assert survived.total() >= {"kept": 110, "lost": 110, "late": 85, "put off": 45}.get(fate, 25)


def told_of(world):
    """Return everything that outlives a process: the rows of the book, the venue, the network, the time."""
    with world.database.reading() as connection:
        rows = {
            table.name: [
                [value for column, value in row.items() if column not in DRAWN]
                for row in connection.execute(table.select()).mappings()
            ]
            for table in Base.metadata.sorted_tables
        }
    venue, network = world.venue, world.network
    asked = ("order_history", "open_plans", "positions", "trades", "bills", "money")
    there = [repr(getattr(venue.exchange, name)(ACCOUNT)) for name in asked]
    sent = [network.came, network._late, network._spoiled, network._since]
    return rows, there, venue.exchange.seq, venue.present(), venue.unprotected, sent, world.clock.now


def test_what_is_kept_at_a_point_is_what_a_process_leaves_that_dies_there(place):
    # Here most is on its way: orders that come later, questions and answers.
    fate = "late, slow"
    passed = points(place.database(), fate)
    places = {}
    for number in of_orders(passed):
        places.setdefault(passed[number - 1], []).append(number)
    # One of each kind, each further on in the life of the process.
    wanted = {many[at * len(many) // len(places)] for at, many in enumerate(places.values())}
    for number, world in kept_at_points(place, fate, wanted):
        killed = killed_at(place.database(), fate, number)
        with closing(open_database(f"sqlite:///{place.path(number)}")) as world.database:
            assert told_of(world) == told_of(killed), f"{passed[number - 1]}, point {number}"


def test_without_intents_written_ahead_the_matrix_fails(place, monkeypatch):
    commit = SqlTradeBook.commit

    def late(self, lease, change):
        # Intents are written when they have ended, as if nothing were written ahead.
        late.waiting |= {one.id: one for one in change.intents}
        ended = tuple(late.waiting.pop(move.id) for move in change.moves if move.id in late.waiting)
        return commit(self, lease, replace(change, intents=ended))

    late.waiting = {}
    monkeypatch.setattr(SqlTradeBook, "commit", late)
    with pytest.raises((AssertionError, InvariantBroken)):
        die_everywhere(place, "kept", name="behind-", numbers=lambda passed: [_after(passed, "venue.place")])


def test_without_reading_back_the_matrix_fails(place, monkeypatch):
    async def nothing(self, intent, signed_ts):
        return None

    monkeypatch.setattr(OrderSender, "_read_back", nothing)
    with pytest.raises((AssertionError, InvariantBroken)):
        die_everywhere(place, "lost", name="blind-", numbers=lambda passed: [_after(passed, "venue.place")])


def _after(passed, name):
    return passed.index(f"{name} after") + 1
