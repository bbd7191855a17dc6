"""An exit that ends because its position is closed already keeps nobody waiting."""

from __future__ import annotations

from tests.clocks import QuickClock
from tests.parity.core_venue import ACCOUNT, CoreVenue, symbol_of
from tests.parity.test_trader_at_the_exchange import at_an_exchange, trade_at
from tests.parity.test_trader_on_paper import rows
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain import codes

SEED = 7


class Closing(CoreVenue):
    """An exchange where somebody closes a position between our exit and its fill, once."""

    is_done = False

    async def place(self, order):
        order_id = await super().place(order)
        if order.is_reduce_only and not self.is_done:
            self.is_done = True
            self.exchange.force_close(ACCOUNT, symbol_of(order.instrument), "person")
        return order_id


def test_an_exit_may_find_its_position_closed(sqlite_database):
    inputs, protections = at_an_exchange(SEED)
    book = SqlTradeBook(sqlite_database, QuickClock())
    venue = Closing(inputs)
    run, trader = trade_at(venue, inputs, protections, book, "closing")
    assert venue.is_done
    log, account = rows(book, run, inputs, protections)
    assert account.cash == trader.account.cash
    assert codes.OUTSIDE in {row.code for row in log}
