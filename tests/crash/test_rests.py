"""What is too small to be ordered, and what the venue will not close: booked to the last digit, never the end."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.crash import market
from tests.crash.seconds import Unruly, told
from tests.parity.core_venue import ACCOUNT, symbol_of
from tests.parity.test_trader_on_paper import Dead, rows
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain import codes
from vigie.domain.errors import OrderRejected
from vigie.domain.order import ENDED
from vigie.engine.live.book.intent_writer import MOST_ATTEMPTS
from vigie.engine.live.fold import steps

BTC, ETH = (name.instrument for name, _ in market.inputs())
# Bars of the market at which entries and exits of both coins are sent.
ENTRY, EXIT = 1, 3


def smaller_lots(venue, share):
    """Let the venue fill a share of the next order, in lots that are finer than ours."""
    contract = venue.exchange.contract(symbol_of(BTC))
    venue.exchange.change_contract(replace(contract, lot=contract.lot / 100, min_qty=contract.lot / 100))
    venue.exchange.split_next_orders(Decimal(share))


def whole(story):
    """Everything has ended, nothing is held, and the log read again is the venue's money."""
    known = story.book.intents(story.run.id)
    assert all(one.move.state in ENDED for one in known)
    assert not [one for one in story.venue.exchange.positions(ACCOUNT) if one.qty]
    _, account = rows(story.book, story.run, market.inputs(), market.PROTECTIONS)
    assert account.cash == pytest.approx(story.cash(), abs=1e-6)
    return account


@pytest.mark.parametrize("share", ["0.00317", "0.50317"])
def test_an_entry_that_is_no_whole_lots_is_closed_at_once_and_its_cost_booked(sqlite_database, share):
    venue = Unruly()
    venue.deeds[ENTRY] = lambda: smaller_lots(venue, share)
    story = told(sqlite_database, f"dust-{share}", venue)
    account = whole(story)
    log = [steps.decode_step(one) for one in story.book.steps(story.run.id)]
    swept = [one for one in log if isinstance(one, steps.CashAdjusted)]
    assert [(one.instrument, one.amount < 0, len(one.fills)) for one in swept] == [(BTC, True, 2)]
    assert BTC not in {account.slots[number].id.instrument for number in account.trades["slot"][:1]}
    assert "flatten" in {one.intent.leg for one in story.book.intents(story.run.id)}


def test_what_is_left_of_an_exit_and_too_small_to_be_ordered_is_closed_at_once(sqlite_database):
    venue = Unruly()
    venue.deeds[EXIT] = lambda: smaller_lots(venue, "0.9999")
    story = told(sqlite_database, "rest", venue)
    account = whole(story)
    assert account.trades["reason"].tolist().count(codes.SIGNAL) == 2, "it ended for what was decided"
    known = story.book.intents(story.run.id)
    assert [one.intent.reason for one in known if one.intent.leg == "flatten"] == ["dust"]


def test_a_position_that_cannot_be_closed_halts_the_account_and_is_tried_again(sqlite_database):
    venue = Unruly()
    venue.deeds[EXIT] = lambda: setattr(venue, "no_exits", 2 * MOST_ATTEMPTS)
    story = told(sqlite_database, "stuck", venue)
    whole(story)
    assert story.book.state("stuck") == "halted"
    assert not story.naked_s, "it kept its stop"
    known = [one for one in story.book.intents(story.run.id) if one.intent.leg == "exit"]
    assert {one.move.reason for one in known if one.move.state == "rejected"} == {"no exits now"}


def test_an_order_that_the_venue_took_and_denies_halts_the_account(sqlite_database):
    venue = Unruly()
    venue.denies.add(BTC)
    story = told(sqlite_database, "denied", venue)
    whole(story)
    assert story.book.state("denied") == "halted"
    assert any("denies" in one.move.reason for one in story.book.intents(story.run.id))


def test_killed_before_the_end_is_written_down_its_exits_find_their_fills(sqlite_database, monkeypatch):
    commit, written = SqlTradeBook.commit, []

    def dying(self, lease, change):
        if any(step.kind == "closed" and '"ends":[0,1]' in step.body for step in change.steps):
            written.append(change)
            if len(written) == 1:
                raise Dead
        return commit(self, lease, change)

    monkeypatch.setattr(SqlTradeBook, "commit", dying)
    venue = Unruly()
    with pytest.raises(Dead):
        told(sqlite_database, "end", venue)
    story = told(sqlite_database, "end", venue)
    whole(story)
    assert len(written) == 2


class Stale(Unruly):
    """An exchange where a position is closed while its exit is on its way, and is listed for some seconds more."""

    LATE_S = 3.0

    def __init__(self):
        super().__init__()
        self.before, self.until, self.refused = [], 0, 0

    async def place(self, order):
        if order.instrument == BTC and order.is_reduce_only:
            if not self.until:
                self.before = await super().positions()
                self.until = self.clock.now + round(self.LATE_S * 1_000)
                self.exchange.force_close(ACCOUNT, symbol_of(BTC), "person")
            self.refused += 1
            raise OrderRejected("no position to close")
        return await super().place(order)

    async def positions(self):
        return self.before if self.clock.now < self.until else await super().positions()


def test_an_exit_that_is_refused_because_its_position_is_gone_halts_nothing(sqlite_database):
    venue = Stale()
    story = told(sqlite_database, "stale", venue)
    whole(story)
    assert venue.refused
    assert story.book.state("stale") == "active"
