"""What the venue or a person does to positions is booked, and the slot is left alone from then on."""

from __future__ import annotations

import pytest

from tests.clocks import QuickClock
from tests.parity.core_venue import ACCOUNT, CoreVenue
from tests.parity.test_trader_at_the_exchange import at_an_exchange, trade_at
from tests.parity.test_trader_on_paper import rows
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain import codes
from vigie_sandbox.exchange.core.entities import OrderRequest

SEED = 7


class Meddled(CoreVenue):
    """An exchange where somebody closes the first position that is open when a bar begins, once."""

    cause = "person"
    is_done = False

    async def entries_placed(self, instant, series):
        await super().entries_placed(instant, series)
        held = [one for one in self.exchange.positions(ACCOUNT) if one.qty]
        if held and not self.is_done:
            self.is_done = True
            self.exchange.force_close(ACCOUNT, held[0].symbol, self.cause)


def meddled(database, cause):
    inputs, protections = at_an_exchange(SEED)
    book = SqlTradeBook(database, QuickClock())
    venue = Meddled(inputs)
    venue.cause = cause
    run, trader = trade_at(venue, inputs, protections, book, f"meddled-{cause}")
    assert venue.is_done
    log, account = rows(book, run, inputs, protections)
    assert account.cash == trader.account.cash
    return venue, log, account


@pytest.mark.parametrize("cause", ["person", "adl"])
def test_a_position_closed_by_somebody_else_is_booked_and_its_slot_paused(sqlite_database, cause):
    venue, log, account = meddled(sqlite_database, cause)
    outside = [row for row in log if row.code == codes.OUTSIDE]
    assert len(outside) == 1
    later = [row for row in log if row.slot == outside[0].slot and row.ts > outside[0].ts]
    assert codes.ENTRY_INTENT not in {row.code for row in later}
    assert codes.SLOT_PAUSED in {row.code for row in later}
    assert account.cash == pytest.approx(float(venue.exchange.money(ACCOUNT).cash), abs=1e-6)


def test_a_liquidation_by_the_venue_is_booked_as_one(sqlite_database):
    venue, log, account = meddled(sqlite_database, "liquidation")
    assert [row.code for row in log].count(codes.LIQUIDATION) >= 1
    assert account.cash == pytest.approx(float(venue.exchange.money(ACCOUNT).cash), abs=1e-6)


class Stranger(CoreVenue):
    """An exchange where somebody opens a position in one of our instruments before we begin."""

    def __init__(self, inputs):
        super().__init__(inputs)
        self.is_done = False

    async def entries_placed(self, instant, series):
        if not self.is_done and instant.number == 2:
            self.is_done = True
            await self.place_strange()
        await super().entries_placed(instant, series)

    async def place_strange(self):
        contract = self.exchange.contracts()[0]
        qty = contract.lot * 10
        self.exchange.place(ACCOUNT, OrderRequest("stranger", contract.symbol, 1, "market", qty))


def test_nothing_enters_where_the_venue_holds_what_nobody_of_ours_holds(sqlite_database):
    inputs, protections = at_an_exchange(SEED)
    book = SqlTradeBook(sqlite_database, QuickClock())
    venue = Stranger(inputs)
    run, _ = trade_at(venue, inputs, protections, book, "stranger")
    log, _ = rows(book, run, inputs, protections)
    late = [row for row in log if row.ts > log[0].ts]
    assert codes.NOT_RECONCILED in {row.code for row in log}
    assert codes.ENTRY_INTENT not in {row.code for row in late}
    held = [one for one in venue.exchange.positions(ACCOUNT) if one.qty]
    assert [one.qty for one in held] == [venue.exchange.contracts()[0].lot * 10], "nobody touched it"
