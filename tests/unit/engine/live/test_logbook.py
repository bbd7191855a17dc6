"""What a process was told not long ago is asked again, also where the clock was set back since."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from tests.clocks import JumpingClock
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.errors import Conflict, StorageError
from vigie.domain.order import TradeRun
from vigie.engine.live.book.logbook import FRESH_MS, Logbook
from vigie.ports.tradebook import AuditNote


@dataclass
class Told:
    """A book that counts how often it is asked."""

    state_now: str = "active"
    kept: int = 0
    lease: Any = field(default_factory=lambda: SimpleNamespace(account="main"))

    def state(self, _account: str) -> str:
        return self.state_now

    def keep(self, lease: Any, *, for_s: float) -> Any:
        self.kept += 1
        return lease


def logbook(clock: JumpingClock, book: Told) -> Logbook:
    nothing: Any = None
    looks: Any = SimpleNamespace(note_sending=lambda: None)
    asked: Any = book
    return Logbook(asked, clock, nothing, looks, book.lease, 10.0, lambda _: "")


@pytest.mark.parametrize("moved_ms", [FRESH_MS, -3_600_000, -1])
def test_a_halt_and_a_lost_right_are_heard_whichever_way_the_clock_went(moved_ms):
    clock, book = JumpingClock(), Told()
    log = logbook(clock, book)
    assert log.may_enter()
    asyncio.run(log.confirm_lease())
    book.state_now, clock.now = "halted", clock.now + moved_ms
    assert not log.may_enter()
    asyncio.run(log.confirm_lease())
    assert book.kept == 2


def test_within_two_seconds_nobody_is_asked_again():
    clock, book = JumpingClock(), Told()
    log = logbook(clock, book)
    asyncio.run(log.confirm_lease())
    clock.now += FRESH_MS - 1
    asyncio.run(log.confirm_lease())
    assert book.kept == 1


def asleep(database: Any, account: str) -> tuple[SqlTradeBook, Logbook]:
    """Return the log of a process that slept until its right to trade had ended."""
    clock = JumpingClock()
    book = SqlTradeBook(database, clock)
    book.begin(TradeRun(f"run-{account}", account, "owner", "core", "demo", "plan", Decimal(1), 0))
    lease = book.take(account, "before", for_s=30.0)
    memory = SimpleNamespace(intents={}, open={}, unwritten={}, bookings=None)
    lookout: Any = SimpleNamespace(fills=(), fundings=(), memory=memory)
    writer: Any = SimpleNamespace(run=SimpleNamespace(is_replayed=False))
    log = Logbook(book, clock, writer, lookout, lease, 30.0, lambda _: "")
    log.renew_lease()
    clock.now += 60_000
    return book, log


def test_who_slept_until_the_right_had_ended_writes_on_where_nobody_wanted_it(sqlite_database):
    _, log = asleep(sqlite_database, "slept")
    log.commit(notes=[AuditNote("trade.halted", "slept", {"why": "it slept"})])
    newest = SqlAuditLog(sqlite_database, JumpingClock()).before(1 << 62, limit=1, kinds=["trade.halted"])
    assert [one.subject for one in newest] == ["slept"]


def test_who_slept_until_somebody_took_the_right_writes_nothing(sqlite_database):
    book, log = asleep(sqlite_database, "taken")
    book.take("taken", "next", for_s=30.0)
    with pytest.raises(Conflict, match="nothing was written"):
        log.commit(notes=[AuditNote("trade.halted", "taken", {"why": "it slept"})])


@pytest.mark.parametrize("back_ms", [0, 3_600_000])
def test_who_cannot_ask_signs_with_the_right_there_was_for_as_long_as_that_lasts(back_ms):
    clock, book = JumpingClock(), Told()
    log = logbook(clock, book)
    with pytest.raises(StorageError, match="the lease to trade has expired and cannot be renewed:"):
        asyncio.run(log.last_lease_time())
    kept = asyncio.run(log.confirm_lease())
    clock.now += 9_999
    assert asyncio.run(log.last_lease_time()) == kept
    clock.now -= back_ms
    assert asyncio.run(log.last_lease_time()) == kept
    clock.now += 1
    with pytest.raises(StorageError, match="the lease to trade has expired and cannot be"):
        asyncio.run(log.last_lease_time())
    assert book.kept == 1
