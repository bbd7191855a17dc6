"""A day at Hyperliquid: killed around what is signed, and what may go wrong with it."""

from __future__ import annotations

import pytest

from tests.clocks import QuickClock
from tests.contracts.trading_exchanges import HYPERLIQUID
from tests.crash.day import LONG_S, PROTECTIONS, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole
from tests.crash.mortal import Dead
from tests.crash.test_faults import (
    ENTRY,
    EXIT,
    SECOND,
    Case,
    assert_said_by_the_venue,
    clear,
    do,
    fault,
    nothing,
    vetoes,
)
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain import codes

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

SPEED = 5.0
ORDER = {"path": "exchange/order"}
CASES: dict[str, Case] = {
    "lost answer": Case({ENTRY: fault("reset", **ORDER)}),
    "answer without an id": Case({EXIT: fault("no-order-id", **ORDER)}),
    "page instead of an answer": Case({SECOND: fault("html", **ORDER)}),
    "unknown words": Case({EXIT: fault("system-error", code="Something new", **ORDER)}),
    "dropped levels": Case({ENTRY: fault("levels-dropped")}),
    "refused": Case(
        {ENTRY: fault("refused", **ORDER)},
        sent=2,
        venue_says="Hyperliquid refused: Insufficient margin to place order.",
    ),
    "refused stop": Case({ENTRY: fault("stop-refused")}),
    # Whose position the venue took away enters no more by itself.
    "liquidation": Case({SECOND + 1: do("liquidate")}, sent=2),
    "prices that stand still": Case(
        {ENTRY: fault("stale-price"), EXIT: clear}, "silent_stream", sent=2, sees=True
    ),
    "prices that jump": Case(
        {ENTRY: fault("price-spike", share=1.5), EXIT: clear}, "price_jump", sent=2, sees=True
    ),
}
QUIET = Case({})


class Doomed:
    """Lets one process die around its first question of a kind."""

    def __init__(self, question: str, *, is_after: bool) -> None:
        self._question = question
        self._is_after = is_after
        self.is_over = False

    def __call__(self, venue):
        if not self.is_over:
            setattr(venue, self._question, self._dying(getattr(venue, self._question)))
        return venue

    def _dying(self, asked):
        async def die(*given):
            self.is_over = True
            if self._is_after:
                await asked(*given)
            raise Dead

        return die


def day_of(database, name, case=QUIET, asked=lambda venue: venue):
    clock = QuickClock(SPEED)
    book = SqlTradeBook(database, clock)
    words = HYPERLIQUID
    day = live_through(
        book, clock, name, case.deeds, nothing, entry_age_s=LONG_S, words=words, asked=asked, sees=case.sees
    )
    assert day.is_over, day.said
    assert not day.unprotected
    assert_orders_are_whole(book, day.run, day.there)
    assert_money_adds_up(book, day.run, day.there, slots(words), PROTECTIONS)
    assert not [one for one in day.there["positions"] if float(one["qty"])]
    sent = [one for one in book.intents(day.run.id) if one.intent.leg == "entry" and one.move.filled]
    assert case.says in " ".join(codes.CODES[one.code] for one in vetoes(book, day.run))
    assert_said_by_the_venue(book, day.run, case.venue_says)
    return day, len(sent)


@pytest.mark.parametrize("name", CASES)
def test_a_day_with(sqlite_database, name):
    day, sent = day_of(sqlite_database, name.replace(" ", "-"), CASES[name])
    assert sent == CASES[name].sent
    assert day.said == []


@pytest.mark.parametrize(
    ("question", "is_after"),
    [("place", False), ("place", True), ("fills", True)],
    ids=["before the entry", "after the entry", "after its fills were read"],
)
def test_killed_around_an_entry(sqlite_database, question, is_after):
    doomed = Doomed(question, is_after=is_after)
    day, sent = day_of(sqlite_database, f"{question}-{is_after}", asked=doomed)
    assert doomed.is_over
    assert day.said == ["killed"]
    assert sent >= 2
