"""A stop that the price has passed and that does not act: seen by the price that is heard and the venue's own mark."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.crash.seconds import TICK_S, Unruly, told
from tests.crash.test_between_bars import BTC, HELD, noted, nothing
from vigie.domain import codes
from vigie.engine.live.account_monitor import CheckIntervals
from vigie.engine.live.stops.stop_monitor import PASSED_S

RHYTHM = CheckIntervals()
# Within so long it is seen twice, and gone.
CLOSED_S = RHYTHM.orders_s + 2 * PASSED_S + 1.0


class Deaf(Unruly):
    """An exchange whose stop of bitcoin does not act while the market is beyond it.

    Attributes
    ----------
    beyond : set of str
        What is beyond the stop: the ``price`` that is heard, the venue's ``mark``.
    """

    def __init__(self):
        super().__init__()
        self.beyond, self.stop, self.side, self.closed_ts = set(), Decimal(1), 1, 0

    def off(self, what):
        return self.stop * (1 - self.side * Decimal("0.01") * (1 if what in self.beyond else -1))

    def priced(self, instrument):
        return float(self.off("price")) if instrument == BTC else None

    async def positions(self):
        told = await super().positions()
        for one in told:
            if one.instrument == BTC and one.stop is not None:
                self.stop, self.side = one.stop, one.side
        return [replace(one, mark=self.off("mark")) if one.instrument == BTC else one for one in told]

    async def flash_close(self, instrument, ts=None):
        self.closed_ts = self.closed_ts or self.clock.now
        await super().flash_close(instrument, ts)


def deaf(beyond, *, for_s):
    """A market that stands still while bitcoin is held, and goes beyond its stop for some seconds."""
    venue, begun = Deaf(), []

    def go():
        begun.append(venue.clock.now)
        venue.beyond = set(beyond)

    venue.quiet[HELD] = [(20, go), (for_s, lambda: setattr(venue, "beyond", set())), (60, nothing)]
    return venue, begun


def closed_at_once(story):
    known = story.book.intents(story.run.id)
    return [one.intent for one in known if one.intent.reason == "stop_passed"]


def test_a_stop_that_does_not_act_is_seen_twice_told_once_and_its_position_closed(sqlite_database):
    venue, begun = deaf({"price", "mark"}, for_s=60)
    story = told(sqlite_database, "deaf", venue, last_price=venue.priced)
    assert PASSED_S - TICK_S <= (venue.closed_ts - begun[0]) / 1_000 <= CLOSED_S
    (intent,) = closed_at_once(story)
    assert (intent.instrument, intent.leg) == (BTC, "flatten")
    assert [one.subject for one in noted(sqlite_database, story, "trade.stop_passed")] == [BTC]
    assert codes.PROTECTION in story.account.trades["reason"].tolist()
    assert story.book.state("deaf") == "active"
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


@pytest.mark.parametrize(("beyond", "for_s"), [({"price"}, 60), ({"mark"}, 60), ({"price", "mark"}, 3)])
def test_one_witness_or_a_moment_closes_nothing(sqlite_database, beyond, for_s):
    venue, _ = deaf(beyond, for_s=for_s)
    story = told(sqlite_database, f"seen-{'-'.join(sorted(beyond))}-{for_s}", venue, last_price=venue.priced)
    assert not venue.closed_ts
    assert not closed_at_once(story)
    assert not noted(sqlite_database, story, "trade.stop_passed")


def test_where_no_price_is_heard_the_venues_mark_alone_closes_nothing(sqlite_database):
    venue, _ = deaf({"mark"}, for_s=60)
    story = told(sqlite_database, "unheard", venue)
    assert not closed_at_once(story)
