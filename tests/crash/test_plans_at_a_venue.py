"""A plan of a demo account over the wire, whatever its venue does and whenever its process is killed.

One try, one entry, one stop, one target; and what is told of the plan is what the venue has.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.clocks import QuickClock, busy
from tests.contracts.trading_exchanges import BINANCE, BITGET, HOUR, HYPERLIQUID, START, Words
from tests.crash import test_binance, test_hyperliquid
from tests.crash.day import LONG_S, PLAIN, PROTECTIONS, SPEED, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole
from tests.crash.mortal import Life, Mortal
from tests.crash.test_faults import CASES, nothing
from tests.parity.kept import _folded_to, plan_of
from tests.parity.material import Inputs
from tests.parity.test_trader_on_paper import live_slots
from tests.unit.services.plans import material
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.account import AccountSettings, Costs, Sizing
from vigie.domain.ids import SlotId
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.ports.plans import MarkedPlan
from vigie.services.plans.plan_states import _tries
from vigie.services.trading.log.account_view import AccountView
from vigie.trading import catalogue

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

STOP, TARGET = 49_900.0, 50_150.0
STOPPED, UNFILLED = ("closed", "stop"), ("refused", "not_filled")
# What becomes of a plan that enters at the first close and would be stopped in the third bar.
BECAME = {
    "lost": UNFILLED, "reset-before": UNFILLED, "refused": UNFILLED, "stop-refused": UNFILLED, "halt": UNFILLED,
    "lost-answer": STOPPED, "late-answer": STOPPED, "unseen and no answer": STOPPED, "levels-dropped": STOPPED,
    "rate-limit": STOPPED, "ban": STOPPED, "maintenance of orders": STOPPED, "silent-stream": STOPPED,
    "double-pushes": STOPPED, "clock-skew": STOPPED, "partial-fill": STOPPED,
    "stale-price": ("refused", "silent_stream"), "liquidate": ("closed", "liquidation"), "close": ("closed", "outside"),
    "announce": ("closed", "protection"),
}  # fmt: skip
DEATHS = 10
# The same over the wires of the other venues with accounts for practice: what differs there is when a level is placed.
ELSEWHERE = {
    "binance": (
        BINANCE, test_binance,
        {
            "lost answer of a stop": STOPPED, "refused": UNFILLED, "dropped stop": STOPPED,
            "prices that stand still": ("refused", "silent_stream"), "prices that jump": ("refused", "price_jump"),
        },
    ),
    "hyperliquid": (
        HYPERLIQUID, test_hyperliquid,
        {
            "lost answer": STOPPED, "refused": UNFILLED, "dropped levels": STOPPED, "refused stop": STOPPED,
            "prices that stand still": ("refused", "silent_stream"), "prices that jump": ("refused", "price_jump"),
        },
    ),
}  # fmt: skip
# `make test` has a day of each kind; all others are left to `make chaos`.
ALWAYS = ("lost-answer", "refused", "halt", "levels-dropped", "stale-price", "clock-skew", "liquidate")
ALWAYS_ELSEWHERE = ("refused", "lost answer of a stop", "dropped levels")
DAYS = [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.chaos) for name in BECAME]
DAYS_ELSEWHERE = [
    (venue, name) if name in ALWAYS_ELSEWHERE else pytest.param(venue, name, marks=pytest.mark.chaos)
    for venue, (_, _, became) in ELSEWHERE.items()
    for name in became
]


def planned(words: Words = BITGET, sizing: Sizing = PLAIN) -> Inputs:
    """Return the day's market with a plan armed from its first bar on."""
    ((_, given),) = slots(words, sizing)
    bars, count = given.bars, len(given.bars.ts)
    said = {
        "side": 1.0, "low": STOP, "high": TARGET, "stop": STOP, "target": TARGET, "until": 9e15, "armed": 1.0,
    }  # fmt: skip
    columns = {f"plan.{name}": np.full(count, value) for name, value in said.items()}
    bars = replace(bars, features={**bars.features, **columns}, _memo={})
    strategy = catalogue.load(catalogue.PLAN)
    slot = SlotId(bars.instrument, "2h", catalogue.PLAN)
    account = AccountSettings("portfolio", Costs(), sizing)
    asked = PlannedSlot(slot, bars, strategy, strategy.params(), words.rules(), account)
    return [(slot, prepare_slot(asked)[1])]


def assert_one_try(book, day, became=None, foreign=frozenset(), words=BITGET):
    """Everything is whole, and the plan's page would say what the venue has."""
    assert day.is_over, day.said
    assert not day.unprotected
    inputs = planned(words)
    assert_orders_are_whole(book, day.run, day.there, foreign)
    assert_money_adds_up(book, day.run, day.there, inputs, PROTECTIONS)
    assert not [one for one in day.there["positions"] if float(one["qty"])]
    assert not [one for one in day.there["plans"] if one["state"] == "live"], "no level outlives its position"
    entries = [one for one in book.intents(day.run.id) if one.intent.leg == "entry"]
    assert len(entries) <= 1
    log = _folded_to(book, day.run, plan_of(day.run, live_slots(inputs), PROTECTIONS), 2**31)
    plan = material.plan_of(
        inputs[0][0].instrument, START, timeframe="2h", until=2**60, stop=STOP, target=TARGET,
        venue=f"{words.venue}-perp",
    )  # fmt: skip
    (told,) = _tries(AccountView(day.run.id, log), MarkedPlan(plan, 1, "", {"armed": START + HOUR}))
    assert (told.qty or 0.0) == pytest.approx(float(sum(one.move.filled for one in entries)))
    assert became is None or (told.state, told.code) == became
    return told


@pytest.mark.parametrize("name", DAYS)
def test_a_plan_on_a_day_with(sqlite_database, name):
    case = CASES[name]
    clock = QuickClock(case.speed, busy())
    book = SqlTradeBook(sqlite_database, clock)
    day = live_through(
        book, clock, name.replace(" ", "-"), case.deeds, case.cure, entry_age_s=case.age_s, still=case.still,
        is_listed=case.is_listed, renamed=case.renamed, sees=case.sees, traded=planned,
    )  # fmt: skip
    assert_one_try(book, day, BECAME[name], case.foreign)


@pytest.mark.parametrize(("venue", "name"), DAYS_ELSEWHERE)
def test_a_plan_at_another_venue_on_a_day_with(sqlite_database, venue, name):
    words, module, became = ELSEWHERE[venue]
    case = module.CASES[name]
    clock = QuickClock(module.SPEED)
    book = SqlTradeBook(sqlite_database, clock)
    day = live_through(
        book, clock, f"{venue}-{name}".replace(" ", "-"), case.deeds, nothing, entry_age_s=LONG_S, words=words,
        sees=case.sees, traded=planned,
    )  # fmt: skip
    told = assert_one_try(book, day, became[name], words=words)
    # What the plan's page says of an order that the venue refused.
    assert told.words.startswith(case.venue_says) if became[name] == UNFILLED else not told.words


@pytest.mark.parametrize(
    "is_after", [pytest.param(False, marks=pytest.mark.chaos, id="before"), pytest.param(True, id="after")]
)
@pytest.mark.parametrize("venue", ELSEWHERE)
def test_a_plan_at_another_venue_whose_process_is_killed_around_its_order(sqlite_database, venue, is_after):
    words, module, _ = ELSEWHERE[venue]
    doomed = module.Doomed("place", is_after=is_after)
    clock = QuickClock(module.SPEED)
    book = SqlTradeBook(sqlite_database, clock)
    day = live_through(
        book, clock, f"{venue}-killed-{is_after}", {}, nothing, entry_age_s=LONG_S, words=words, asked=doomed,
        traded=planned,
    )  # fmt: skip
    assert doomed.is_over
    told = assert_one_try(book, day, words=words)
    # An entry that was sent is what it would have been; one that was not may be too late for the next process.
    assert (told.state, told.code) == STOPPED or (not is_after and told.state == "refused")


class Lives:
    """Gives each process a venue to ask; the first dies at a point, those after it live."""

    def __init__(self, until: int) -> None:
        self.lives = [Life(until)]

    def ask(self, venue):
        if self.lives[-1].is_over:
            self.lives.append(Life())
        return Mortal("venue", venue, self.lives[-1])


@pytest.mark.parametrize("fate", ["kept", "lost-answer"])
def test_a_plan_whose_process_is_killed_anywhere(sqlite_database, fate):
    deeds = CASES[fate].deeds if fate in CASES else {}

    def lived(until: int):
        clock, lives = QuickClock(SPEED, busy()), Lives(until)
        book = SqlTradeBook(sqlite_database, clock)
        day = live_through(book, clock, f"{fate}-{until}", deeds, nothing, asked=lives.ask, traded=planned)
        return assert_one_try(book, day), lives.lives

    whole, (life,) = lived(0)
    assert (whole.state, whole.code) == STOPPED
    first = next(number for number, point in enumerate(life.points, 1) if point == "venue.place before")
    points = sorted({first, first + 1, *np.linspace(first, len(life.points), DEATHS - 2, dtype=int).tolist()})
    deaths = 0
    for point in points:
        told, lives = lived(point)
        deaths += lives[0].is_over
        # An entry that was not sent is never sent later; one that was is what it would have been.
        assert (told.state, told.code) == STOPPED or (told.state == "refused" and point <= first)
    assert deaths >= len(points) - 2
