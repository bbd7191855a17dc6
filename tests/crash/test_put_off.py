"""Exits that the venue does not take, or whose sending a bar breaks off: sent once, and nobody else waits for them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from tests.crash import market
from tests.crash.seconds import Unruly, told
from tests.crash.test_between_bars import HELD, noted, nothing
from tests.crash.test_sentry import EXIT, inputs
from tests.parity.core_venue import ACCOUNT, symbol_of
from tests.parity.test_trader_on_paper import Dead, rows
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain import codes
from vigie.domain.errors import ConnectorError, OrderRejected, OutcomeUnknown
from vigie.domain.order import ENDED
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.live.book.orders import MOST_UNKNOWN, OrderTimeouts
from vigie.engine.live.stops.stop_guard import StopDeadlines

PATIENCE, SHIELD = OrderTimeouts(), StopDeadlines()
BTC, ETH = (name.instrument for name, _ in market.inputs())


def exits(story):
    """Return how the exits that were decided for the second coin ended."""
    known = [one for one in story.book.intents(story.run.id) if one.intent.instrument == ETH]
    return [one for one in known if (one.intent.leg, one.intent.reason) == ("exit", "signal")]


class Slow(Unruly):
    """An exchange in maintenance that takes an exit between bars, fills it, and answers after the next bar's begin."""

    def __init__(self):
        super().__init__(inputs())
        self.is_open, self.is_sent = False, False
        self.quiet[EXIT + 1] = [(40, self.open), (30, nothing)]

    def open(self):
        self.is_open = True

    async def place(self, order):
        if not (order.is_reduce_only and order.instrument == ETH and self.number > EXIT):
            return await super().place(order)
        if not self.is_open:
            raise ConnectorError("maintenance")
        sent = await super().place(order)
        if not self.is_sent:
            self.is_sent = True
            with self.exchange.change() as books:
                there = self.exchange.order(ACCOUNT, client_id=order.client_id)
                books.fill(there, Decimal(3_000), self._steps.current().ts + 1)
            await self.clock.pause(100)
        return sent


def test_an_exit_whose_sending_a_bar_broke_off_is_found_again(sqlite_database):
    venue = Slow()
    story = told(sqlite_database, "broken-off", venue)
    assert venue.is_sent
    (one,) = exits(story)
    assert (one.move.state, one.move.filled) == ("filled", one.intent.qty)
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_killed_after_an_exit_was_booked_and_before_it_ended_the_next_process_goes_on(
    sqlite_database, monkeypatch
):
    commit, died = SqlTradeBook.commit, []

    def dying(self, lease, change):
        if (
            venue.is_sent
            and not died
            and not change.steps
            and any(one.state in ENDED for one in change.moves)
        ):
            died.append(change)
            raise Dead
        return commit(self, lease, change)

    monkeypatch.setattr(SqlTradeBook, "commit", dying)
    venue = Slow()
    with pytest.raises(Dead):
        told(sqlite_database, "booked", venue)
    story = told(sqlite_database, "booked", venue)
    assert [one.move.state for one in exits(story)] == ["filled"]
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class Shut(Unruly):
    """An exchange that does nothing with one coin for a while.

    Parameters
    ----------
    fault : Exception
        What it says to orders of that coin.
    """

    def __init__(self, made, fault):
        super().__init__(made)
        self.fault, self.is_shut, self.begun = fault, False, []
        self.deeds[EXIT] = self.shut
        self.deeds[EXIT + 1] = lambda: self.begun.append(self.clock.now)
        self.quiet[EXIT + 2] = [(200, self.open), (20, nothing)]

    def shut(self):
        self.begun.append(self.clock.now)
        self.is_shut = True

    def open(self):
        self.is_shut = False

    async def place(self, order):
        if self.is_shut and order.instrument == ETH:
            raise self.fault
        return await super().place(order)

    async def cancel(self, instrument, client_id, ts=None):
        if self.is_shut and instrument == ETH:
            raise ConnectorError("maintenance")
        return await super().cancel(instrument, client_id, ts)

    def held_up_s(self):
        """Return how long the instant of the exit took."""
        return (self.begun[1] - self.begun[0]) / 1_000


def test_a_target_that_is_not_cancelled_keeps_the_other_coin_waiting_no_longer_than_one_round(
    sqlite_database,
):
    limits = [
        (name, replace(one, sizing=replace(one.sizing, target_execution="limit"))) for name, one in inputs()
    ]
    venue = Shut(limits, ConnectorError("maintenance"))
    story = told(sqlite_database, "target-stays", venue)
    assert venue.held_up_s() <= PATIENCE.exit_s + 2 * PATIENCE.look_s
    assert [one.move.state for one in exits(story)] == ["filled"]
    assert len(noted(sqlite_database, story, "trade.exit_waits")) == 1
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_an_exit_that_is_never_answered_keeps_the_other_coin_waiting_no_longer_than_its_absence_takes(
    sqlite_database,
):
    venue = Shut(inputs(), OutcomeUnknown("no answer"))
    story = told(sqlite_database, "mute", venue)
    proof_s = PATIENCE.window_s + 2 * PATIENCE.look_s
    assert PATIENCE.window_s < venue.held_up_s() <= MOST_UNKNOWN * proof_s
    assert [one.move.state for one in exits(story)] == ["filled"]
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class ShutToTheEnd(Shut):
    """An exchange that takes the exit of one coin only when nothing comes after it any more."""

    def __init__(self):
        super().__init__(inputs(), ConnectorError("maintenance"))
        self.quiet.clear()
        self.asked = 0

    async def place(self, order):
        if self.number > market.BARS and order.instrument == ETH:
            self.asked += 1
            self.is_shut = self.asked < 3
        return await super().place(order)


def test_an_exit_that_is_put_off_to_the_end_is_the_only_one_of_its_position(sqlite_database):
    venue = ShutToTheEnd()
    story = told(sqlite_database, "to-the-end", venue)
    assert venue.asked == 3
    meant = [one for one in story.book.intents(story.run.id) if one.intent.instrument == ETH]
    assert [(one.intent.leg, one.intent.reason, one.move.state) for one in meant] == [
        ("entry", "signal", "filled"),
        ("exit", "signal", "filled"),
    ]
    ended = [int(row["reason"]) for row in story.account.trades if row["slot"] == 1]
    assert ended == [codes.SIGNAL]
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class Suspended(Unruly):
    """An exchange that closes nothing for ten minutes."""

    is_suspended = True

    async def flash_close(self, instrument, ts=None):
        if self.is_suspended:
            raise OrderRejected("suspended")
        await super().flash_close(instrument, ts)


def test_that_a_position_cannot_be_closed_at_once_is_said_once_and_again_to_whoever_lets_it_trade(
    sqlite_database,
):
    venue, ending, name = Suspended(inputs()), set(), "suspended"
    venue.deeds[HELD] = lambda: ending.add(BTC)
    venue.quiet[HELD + 1] = [
        (
            300,
            lambda: SqlTradeBook(sqlite_database, venue.clock).request_state(name, "active", by="u", why=""),
        ),
        (300, lambda: setattr(venue, "is_suspended", False)),
        (30, nothing),
    ]
    story = told(sqlite_database, name, venue, ending_instruments=lambda: ending)
    assert len(noted(sqlite_database, story, "trade.halted")) == 2
    assert story.book.state(name) == "halted"
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class Stubborn(Unruly):
    """An exchange that forgets the stop of a coin and neither takes another nor closes the position for minutes."""

    def __init__(self):
        super().__init__(inputs())
        self.drops.add(BTC)
        self.refuses.add(BTC)

    async def flash_close(self, instrument, ts=None):
        if instrument in self.refuses:
            raise OrderRejected("suspended")
        await super().flash_close(instrument, ts)


def test_a_position_that_can_be_neither_protected_nor_closed_holds_the_others_up_for_seconds(sqlite_database):
    venue, begun = Stubborn(), []
    for number in (1, 2):
        venue.deeds[number] = lambda: begun.append(venue.clock.now)
    venue.quiet[2] = [(120, venue.refuses.clear), (40, nothing)]
    story = told(sqlite_database, "stubborn", venue)
    assert begun[1] - begun[0] <= (SHIELD.hold_s + PATIENCE.entry_s) * 1_000
    assert symbol_of(BTC) not in venue.unprotected()
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class Clinging(Unruly):
    """An exchange that lets targets rest without their position, and cancels none while it is shut."""

    is_shut = False

    async def order(self, instrument, client_id):
        found = await super().order(instrument, client_id)
        rests = self.is_shut and found is not None and found.kind == "limit"
        return replace(found, state="live") if rests else found

    async def cancel(self, instrument, client_id, ts=None):
        if self.is_shut:
            raise ConnectorError("maintenance")
        return await super().cancel(instrument, client_id, ts)


def test_beside_a_target_that_cannot_be_cancelled_nothing_enters_and_the_others_trade_on(sqlite_database):
    flags = {BTC: {0: LONG_ENTRY, 4: LONG_ENTRY}, ETH: {0: SHORT_ENTRY, 2: SHORT_EXIT, 4: LONG_ENTRY}}
    coins = []
    for name, one in inputs():
        decided = np.zeros(market.BARS, np.uint8)
        for bar, flag in flags[name.instrument].items():
            decided[bar] = flag
        sizing = replace(one.sizing, target_execution="limit")
        coins.append((name, replace(one, flags=decided, sizing=sizing)))
    venue, begun = Clinging(coins), []

    def closed_by_somebody():
        venue.exchange.force_close(ACCOUNT, symbol_of(BTC), "person")
        venue.is_shut = True

    venue.quiet[HELD] = [
        (5, closed_by_somebody),
        (
            60,
            lambda: SqlTradeBook(sqlite_database, venue.clock).request_state(
                "clinging", "active", by="u", why=""
            ),
        ),
        (20, nothing),
    ]
    for number in (HELD + 1, HELD + 2):
        venue.deeds[number] = lambda: begun.append(venue.clock.now)
    venue.quiet[6] = [(1, lambda: setattr(venue, "is_shut", False)), (60, nothing)]
    story = told(sqlite_database, "clinging", venue)
    assert begun[1] - begun[0] <= 3 * (PATIENCE.exit_s + 2 * PATIENCE.look_s) * 1_000
    assert not venue.exchange.open_orders(ACCOUNT)
    log, _ = rows(story.book, story.run, coins, market.PROTECTIONS)
    assert {row.slot for row in log if row.code == codes.NOT_RECONCILED} == {0}
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class StopBeside(Shut):
    """An exchange whose stop closes a coin right after its exit was put off; then it takes orders again."""

    async def order(self, instrument, client_id):
        if self.is_shut and instrument == BTC:
            with self.exchange.change() as books:
                held = books.require_account(ACCOUNT).positions[symbol_of(ETH), "net"]
                books.close_position_at(held, held.entry, self._steps.current().ts, "stop")
            self.open()
        return await super().order(instrument, client_id)


@pytest.mark.parametrize("entry", [SHORT_ENTRY, LONG_ENTRY], ids=["again", "turned"])
def test_nothing_enters_beside_an_exit_that_was_put_off(sqlite_database, entry):
    flags = {BTC: {0: LONG_ENTRY, 2: LONG_EXIT}, ETH: {0: SHORT_ENTRY, 2: SHORT_EXIT | entry, 6: LONG_ENTRY}}
    coins = []
    for name, one in inputs():
        decided = np.zeros(market.BARS, np.uint8)
        for bar, flag in flags[name.instrument].items():
            decided[bar] = flag
        coins.append((name, replace(one, flags=decided)))
    story = told(sqlite_database, f"beside-{entry}", StopBeside(coins, ConnectorError("maintenance")))
    assert [(one.move.state, one.move.filled) for one in exits(story)] == [("expired", 0)]
    log, _ = rows(story.book, story.run, coins, market.PROTECTIONS)
    assert [row.slot for row in log if row.code == codes.NOT_RECONCILED] == [1]
    ended = [int(row["reason"]) for row in story.account.trades if row["slot"] == 1]
    assert ended == [codes.STOP, codes.END_OF_DATA], "the slot enters again when the exit is over"
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)
