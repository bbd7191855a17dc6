"""The right to trade that a dead process left behind is taken over, also where the clock was set back since it died."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from tests.clocks import JumpingClock
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.errors import Conflict
from vigie.services.trading.process.trading import LEASE_S, acquire_lease

HOUR = 3_600_000


class Kept(JumpingClock):
    """A clock beside which another process keeps its right."""

    keep = staticmethod(lambda: None)

    async def pause(self, seconds):
        await super().pause(seconds)
        self.keep()


def taken(database, clock, account):
    book, said = SqlTradeBook(database, clock), []
    lease = book.take(account, "before", for_s=LEASE_S)
    clock.now -= HOUR
    if isinstance(clock, Kept):
        clock.keep = lambda: book.keep(lease, for_s=LEASE_S)
    made = asyncio.run(acquire_lease(book, account, "next", clock, said.append))
    return book, lease, made, said


def test_a_right_that_nobody_keeps_is_not_waited_for_for_an_hour(sqlite_database):
    clock = JumpingClock()
    book, before, made, said = taken(sqlite_database, clock, "left")
    assert (made.holder, made.token) == ("next", before.token + 1)
    assert LEASE_S <= sum(clock.waits) < 2 * LEASE_S
    assert len(said) == 1
    # Whoever was not dead after all cannot trade any more.
    with pytest.raises(Conflict):
        book.keep(before, for_s=LEASE_S)
    told = SqlAuditLog(sqlite_database, clock).before(1 << 62, limit=1, kinds=["trade.lease"])
    assert [one.text for one in told] == [{"holder": "next", "token": made.token, "by_force": False}], (
        "nobody closed everything: what the process before it saw is over"
    )


def test_a_right_that_is_kept_in_the_last_moment_stays_too(sqlite_database):
    class Late(SqlTradeBook):
        def take(self, account, holder, **more):
            # Kept after the last look.
            if more.keys() != {"for_s"} and (found := super().holder(account)):
                self.keep(found, for_s=LEASE_S)
            return super().take(account, holder, **more)

    clock = JumpingClock()
    book = Late(sqlite_database, clock)
    book.take("late", "before", for_s=LEASE_S)
    clock.now -= HOUR
    with pytest.raises(Conflict, match="is leased to before"):
        asyncio.run(acquire_lease(book, "late", "next", clock, lambda _: None))


def test_the_right_of_a_process_that_is_proven_dead_is_taken_at_once(sqlite_database):
    clock, said, asked = JumpingClock(), [], []
    book = SqlTradeBook(sqlite_database, clock)
    before = book.take("dead", "before", for_s=LEASE_S)

    def is_dead(lease):
        asked.append(lease)
        return True

    house = SimpleNamespace(trades=book)
    made = asyncio.run(acquire_lease(house.trades, "dead", "next", clock, said.append, is_dead))
    assert (made.holder, made.token) == ("next", before.token + 1)
    assert asked == [before]
    assert not clock.waits, "nothing was waited for"
    assert said == ["before is gone: the right to trade dead was taken over at once"]


def test_a_right_that_is_kept_after_it_was_proven_dead_is_waited_for(sqlite_database):
    clock, said = Kept(), []
    book = SqlTradeBook(sqlite_database, clock)
    lease = book.take("alive", "before", for_s=LEASE_S)
    clock.keep = lambda: book.keep(lease, for_s=LEASE_S)

    def is_dead(_lease):
        clock.now += 1
        book.keep(lease, for_s=LEASE_S)
        return True

    with pytest.raises(Conflict, match="is leased to before"):
        asyncio.run(acquire_lease(book, "alive", "next", clock, said.append, is_dead))
    assert len(said) == 1


def test_a_right_that_is_kept_stays_where_it_is(sqlite_database):
    with pytest.raises(Conflict, match="is leased to before"):
        taken(sqlite_database, Kept(), "kept")
