"""A stop that somebody moves at the venue: put back where it is further away, said and left where it is nearer."""

from __future__ import annotations

from decimal import Decimal
from itertools import cycle

import pytest

from tests.crash.seconds import TICK_S, told
from tests.crash.test_between_bars import BTC, HELD, RHYTHM, SYMBOL, noted, nothing, order_of_somebody
from tests.crash.test_passed_stops import CLOSED_S, Deaf, closed_at_once
from tests.parity.core_venue import ACCOUNT
from vigie.domain import codes
from vigie.domain.errors import OrderRejected, OutcomeUnknown, TransientError
from vigie.engine.live.fold import steps

# Of the price; where the market is beyond a stop, it is so by less.
FAR, NEAR = Decimal("-0.05"), Decimal("0.002")
QUIET_S = 2 * RHYTHM.orders_s
MOVED, NEARER = "trade.stop_moved", "trade.stop_nearer"


class Moved(Deaf):
    """An exchange where a person moves the stop of bitcoin; what is `beyond` is so of the stop that stood first.

    Attributes
    ----------
    seen : list of tuple
        Where levels stood whenever it was looked, stops and targets.
    put : list of Levels
        What was put on it.
    """

    def __init__(self):
        super().__init__()
        self.seen, self.put, self.first = [], [], None

    def plans(self, kind):
        return [p for p in self.exchange.open_plans(ACCOUNT) if p.symbol == SYMBOL and kind in p.kind]

    def look(self):
        self.seen.append(tuple(tuple(p.trigger for p in self.plans(kind)) for kind in ("stop", "target")))

    def move(self, share, kind="stop"):
        """Move a level by a share of its price, up for a long position where that is more than nothing."""
        self.look()
        (plan,) = self.plans(kind)
        side = next(one.side for one in self.exchange.positions(ACCOUNT) if one.symbol == SYMBOL and one.qty)
        tick = self.exchange.contract(SYMBOL).tick
        there = (plan.trigger * (1 + side * share) / tick).to_integral_value() * tick
        self.exchange.modify_plan(ACCOUNT, plan.id, trigger=there)
        self.look()

    async def positions(self):
        told_of = await super().positions()
        for one in told_of:
            if one.instrument == BTC and one.stop is not None:
                self.first = self.first or one.stop
                self.stop = self.first
        return told_of

    async def protect(self, levels, ts=None):
        self.put.append(levels)
        before = {kind: self.plans(kind) for kind in ("stop", "target")}
        await super().protect(levels, ts)
        for kind, plans in before.items():
            # A level that rode with the entry is no position's: the exchange does not replace it by itself.
            for plan in plans if getattr(levels, kind) is not None else ():
                if any(one.id == plan.id for one in self.plans(kind)):
                    self.exchange.cancel_plan(ACCOUNT, plan_id=plan.id)


def moved(*shares, after_s=QUIET_S, kind="stop"):
    venue = Moved()
    venue.quiet[HELD] = [(1.0, lambda share=share: venue.move(share, kind)) for share in shares]
    venue.quiet[HELD] += [(after_s, venue.look)]
    return venue


def test_a_stop_that_was_moved_away_is_put_back_at_the_next_look_and_said_once(sqlite_database):
    venue = moved(FAR, after_s=RHYTHM.orders_s + TICK_S)
    story = told(sqlite_database, "further", venue)
    before, after, now = venue.seen
    assert before == now != after
    (note,) = noted(sqlite_database, story, MOVED)
    assert note.subject == BTC
    assert [Decimal(note.text[name]) for name in ("stop", "meant")] == [after[0][0], before[0][0]]
    assert not story.naked_s, "it has a stop all the while"
    assert len(venue.put) == 1
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_a_stop_that_is_moved_away_again_and_again_is_put_back_each_time(sqlite_database):
    venue = Moved()
    venue.quiet[HELD] = [(1.0, lambda: venue.move(FAR)), (QUIET_S, nothing)] * 3 + [(1.0, venue.look)]
    story = told(sqlite_database, "again", venue)
    assert venue.seen[-1] == venue.seen[0]
    assert len(noted(sqlite_database, story, MOVED)) == 3


class Busy(Moved):
    """An exchange that takes no levels for a while, for one reason or another."""

    def __init__(self):
        super().__init__()
        self.is_busy, self.refused = True, 0
        self.whys = cycle((TransientError("busy"), OutcomeUnknown("no answer"), OrderRejected("not now")))

    async def protect(self, levels, ts=None):
        if self.is_busy:
            self.refused += 1
            raise next(self.whys)
        await super().protect(levels, ts)


def test_a_stop_that_is_not_taken_for_a_while_is_put_back_at_the_first_look_after_that(sqlite_database):
    venue = Busy()
    venue.quiet[HELD] = [
        (1.0, lambda: venue.move(FAR)), (8 * RHYTHM.orders_s, lambda: setattr(venue, "is_busy", False)),
        (RHYTHM.orders_s + TICK_S, venue.look),
    ]  # fmt: skip
    story = told(sqlite_database, "busy", venue)
    assert venue.refused >= 8, "asked at every look"
    assert venue.seen[-1] == venue.seen[0] != venue.seen[1]
    assert len(noted(sqlite_database, story, MOVED)) == 1
    assert not noted(sqlite_database, story, "trade.stop_stays"), "it was not put back yet, so it did not go"


def test_a_stop_that_was_moved_nearer_stays_there_and_is_said_once(sqlite_database):
    venue = moved(NEAR, after_s=5 * RHYTHM.orders_s)
    story = told(sqlite_database, "nearer", venue)
    _, after, now = venue.seen
    assert now == after
    assert not venue.put
    assert [Decimal(one.text["stop"]) for one in noted(sqlite_database, story, NEARER)] == [after[0][0]]
    assert not noted(sqlite_database, story, MOVED)
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_a_target_that_is_put_again_leaves_a_stop_where_it_was_moved_nearer(sqlite_database):
    venue = moved(NEAR)

    def without_target():
        for plan in venue.plans("target"):
            venue.exchange.cancel_plan(ACCOUNT, plan_id=plan.id)

    venue.quiet[HELD] += [(1.0, without_target), (3 * RHYTHM.orders_s, venue.look)]
    told(sqlite_database, "target", venue)
    assert venue.seen[-1] == venue.seen[1]
    assert len(venue.put) == 1


def test_a_stop_that_stands_a_tick_beside_is_left_alone(sqlite_database):
    venue = Moved()

    def beside():
        (plan,) = venue.plans("stop")
        tick = venue.exchange.contract(SYMBOL).tick
        venue.exchange.modify_plan(ACCOUNT, plan.id, trigger=plan.trigger - tick)

    venue.quiet[HELD] = [(1.0, beside), (3 * RHYTHM.orders_s, nothing)]
    story = told(sqlite_database, "tick", venue)
    assert not venue.put
    assert not noted(sqlite_database, story, MOVED) + noted(sqlite_database, story, NEARER)


def test_where_a_moved_stop_is_not_put_back_and_the_price_passes_where_it_stood_the_position_is_closed(
    sqlite_database,
):
    venue, begun = moved(FAR), []
    venue.refuses.add(BTC)

    def fall():
        begun.append(venue.clock.now)
        venue.beyond = {"price", "mark"}

    venue.quiet[HELD] += [(1.0, fall), (60.0, nothing)]
    story = told(sqlite_database, "passed", venue, last_price=venue.priced)
    assert venue.seen[-1] == venue.seen[1], "it was not taken"
    assert len(noted(sqlite_database, story, MOVED)) == 1, "said once for as long as it stands there"
    assert (venue.closed_ts - begun[0]) / 1_000 <= CLOSED_S
    assert [one.leg for one in closed_at_once(story)] == ["flatten"]
    assert codes.PROTECTION in story.account.trades["reason"].tolist()
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_what_is_due_between_bars_is_done_where_bars_come_more_often(sqlite_database):
    venue, short_s = Moved(), 0.8 * RHYTHM.orders_s
    venue.quiet = {number: [(short_s, nothing)] for number in range(HELD, len(venue.inputs[0][1].flags))}
    venue.deeds[HELD] = lambda: order_of_somebody(venue)
    story = told(sqlite_database, "short", venue)
    assert len(noted(sqlite_database, story, "trade.unexplained_order")) == 1
    taken = [steps.decode_step(one) for one in story.book.steps(story.run.id)]
    assert any(isinstance(one, steps.CashAdjusted) for one in taken), "the venue's money was compared"
