"""Where stops are orders of their own: killed between an entry and its stop, and what may go wrong with either."""

from __future__ import annotations

import pytest

from tests.clocks import QuickClock
from tests.contracts.trading_exchanges import BINANCE
from tests.crash.day import LONG_S, PROTECTIONS, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole
from tests.crash.mortal import Dead
from tests.crash.test_faults import ENTRY, EXIT, Case, assert_said_by_the_venue, clear, fault, nothing, vetoes
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain import codes

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

# A stop's seconds are not over before it was asked for, on a busy machine either.
SPEED = 5.0
ORDER = {"method": "POST", "path": "/fapi/v1/order"}
STOP = {"method": "POST", "path": "algoOrder"}
CASES: dict[str, Case] = {
    "unclear exit": Case({EXIT: fault("system-error", **ORDER)}),
    "lost answer of a stop": Case({ENTRY: fault("reset", **STOP)}),
    "refused": Case(
        {ENTRY: fault("refused", **ORDER)}, sent=2, venue_says="Binance -2019: Margin is insufficient."
    ),
    "dropped stop": Case({ENTRY: fault("levels-dropped", times=2)}),
    "prices that stand still": Case(
        {ENTRY: fault("stale-price"), EXIT: clear}, "silent_stream", sent=2, sees=True
    ),
    "prices that jump": Case(
        {ENTRY: fault("price-spike", share=1.5), EXIT: clear}, "price_jump", sent=2, sees=True
    ),
}


class Doomed:
    """Lets one process die around its first entry, the stop that follows it, or the reading of the entry's fills.

    Parameters
    ----------
    what : str
        ``place``, ``stop`` or ``fills``.
    """

    def __init__(self, what: str, *, is_after: bool) -> None:
        self._what = what
        self._is_after = is_after
        self.is_over = False

    def __call__(self, venue):
        inner, name = (venue._levels, "protect") if self._what == "stop" else (venue, self._what)
        if not self.is_over:
            setattr(inner, name, self._dying(getattr(inner, name)))
        return venue

    def _dying(self, asked):
        async def die(*given):
            if self._is_after:
                answer = await asked(*given)
                if self._what == "fills" and not answer:
                    return answer
            self.is_over = True
            raise Dead

        return die


QUIET = Case({})


def day_of(database, name, case=QUIET, asked=lambda venue: venue):
    clock = QuickClock(SPEED)
    book = SqlTradeBook(database, clock)
    day = live_through(
        book, clock, name, case.deeds, nothing, entry_age_s=LONG_S, words=BINANCE, asked=asked, sees=case.sees
    )
    assert day.is_over, day.said
    assert not day.unprotected
    assert_orders_are_whole(book, day.run, day.there)
    assert_money_adds_up(book, day.run, day.there, slots(), PROTECTIONS)
    assert not [one for one in day.there["positions"] if float(one["qty"])]
    known = book.intents(day.run.id)
    sent = [one for one in known if one.intent.leg == "entry" and one.move.filled]
    assert len(sent) == case.sent
    assert case.says in " ".join(codes.CODES[one.code] for one in vetoes(book, day.run))
    assert_said_by_the_venue(book, day.run, case.venue_says)
    return day


@pytest.mark.parametrize("name", CASES)
def test_a_day_with(sqlite_database, name):
    day_of(sqlite_database, name.replace(" ", "-"), CASES[name])


@pytest.mark.parametrize(
    ("what", "is_after"),
    [("place", True), ("stop", False), ("stop", True)],
    ids=["after the entry and its stop", "between the entry and its stop", "after its stop"],
)
def test_killed_around_an_entry_and_its_stop(sqlite_database, what, is_after):
    doomed = Doomed(what, is_after=is_after)
    day = day_of(sqlite_database, f"{what}-{is_after}", asked=doomed)
    assert doomed.is_over
    assert day.said == ["killed"]
