"""A machine whose clock is set back by an hour while it trades: nothing waits for that hour to pass again."""

from __future__ import annotations

import pytest

from tests.clocks import StandingClock
from tests.crash import market
from tests.crash.seconds import TICK_S, Unruly, told
from tests.parity.core_venue import ACCOUNT, symbol_of
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.domain import codes
from vigie.engine.live.account_monitor import CheckIntervals
from vigie.engine.live.stops.stop_guard import StopDeadlines

BTC, ETH = (name.instrument for name, _ in market.inputs())
HELD, HOUR = 2, 3_600_000
SHIELD, RHYTHM = StopDeadlines(), CheckIntervals()
LOOK_S = SHIELD.look_s + TICK_S


class SetBack(StandingClock):
    """A clock whose hands are set back while seconds go on."""

    back_ms = 0

    def wall_now(self) -> int:
        return self.now - self.back_ms


class Corrected(Unruly):
    """An exchange beside a machine whose clock is set back as soon as a position has no stop, or when it is told to."""

    def __init__(self, *, at_entry=True):
        super().__init__()
        self.clock, self.at_entry = SetBack(), at_entry

    def set_back(self):
        self.clock.back_ms = HOUR

    async def entries_placed(self, instant, series):
        await super().entries_placed(instant, series)
        if self.at_entry and self.unprotected():
            self.set_back()


def test_what_gets_no_stop_is_closed_in_time_though_the_clock_was_set_back_since_its_entry(sqlite_database):
    venue = Corrected()
    venue.drops.add(BTC)
    venue.refuses.add(BTC)
    story = told(sqlite_database, "set-back-closed", venue)
    assert SHIELD.protect_s < story.naked_s[symbol_of(BTC)] <= SHIELD.flatten_s + LOOK_S
    assert codes.PROTECTION in story.account.trades["reason"].tolist()
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_between_bars_is_looked_as_often_as_before(sqlite_database):
    venue = Corrected(at_entry=False)

    def close():
        venue.exchange.force_close(ACCOUNT, symbol_of(BTC), "person")

    venue.quiet[HELD] = [(1, venue.set_back), (1, close), (2 * RHYTHM.positions_s, lambda: None)]
    audit, seen = SqlAuditLog(sqlite_database, venue.clock), []
    begun = audit.newest()
    venue.quiet[HELD].append((0.5, lambda: seen.extend(audit.after(begun, kinds=["trade.paused"]))))
    story = told(sqlite_database, "set-back-watch", venue)
    assert len(seen) == 1, "somebody closed it, and that is known before the next bar"
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)
