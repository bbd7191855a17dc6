"""Another program trades the same account at the venue, as a Vigie of another home: nothing is entered beside it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.crash.seconds import Unruly, told
from tests.crash.test_between_bars import ETH, HELD, RHYTHM, SYMBOL, noted, nothing
from tests.parity.core_venue import ACCOUNT
from vigie.domain.order import Fill, Intent, TradeRun
from vigie.ports.tradebook import TradeChange
from vigie.trading.intents import trial_id
from vigie_sandbox.exchange.core.entities import OrderRequest

THEIRS = "c" * 32


def resting(venue, name=THEIRS):
    price = venue.exchange.contract(SYMBOL).tick * 1_000
    venue.exchange.place(ACCOUNT, OrderRequest(name, SYMBOL, 1, "limit", Decimal(1), price))


def filled(venue):
    """It buys another coin, of which this account knows nothing."""
    venue.theirs.append(
        Fill(
            "doge-usdt-perp", "7", "8", THEIRS, 1, Decimal(1), Decimal(1), Decimal(0), venue._steps.current().ts,
            is_maker=False, cause="order",
        )
    )  # fmt: skip


class Shared(Unruly):
    """An exchange where somebody else has the same key."""

    def __init__(self):
        super().__init__()
        self.theirs = []

    async def fills(self, since_ms):
        return [*await super().fills(since_ms), *self.theirs]


def traded(database, name, deed):
    venue = Shared()
    venue.quiet[HELD] = [(1.0, lambda: deed(venue)), (3 * RHYTHM.positions_s, nothing)]
    return told(database, name, venue)


def entries(story):
    return [one for one in story.book.intents(story.run.id) if one.intent.leg == "entry"]


@pytest.mark.parametrize("deed", [resting, filled], ids=["resting", "filled"])
def test_an_account_that_another_program_trades_enters_nothing_more_and_says_so_once(sqlite_database, deed):
    story = traded(sqlite_database, deed.__name__, deed)
    (note,) = noted(sqlite_database, story, "trade.halted")
    assert note.text["why"].startswith("another program trades this account at the venue: order ccc")
    assert story.book.state(story.run.account) == "halted"
    states = [one.move.state for one in entries(story)]
    assert states == ["filled", "filled", "expired", "expired"], "what came before, and what came after"
    left = {one.client_id for one in story.venue.exchange.open_orders(ACCOUNT)}
    assert left == ({THEIRS} if deed is resting else set()), "what is theirs is not touched"


def nothing_to(_venue):
    pass


def test_an_order_of_an_earlier_run_of_this_book_is_no_other_programs(sqlite_database):
    story = traded(sqlite_database, "first", nothing_to)
    before = TradeRun("run-before", "before", "owner", "core", "demo", "plan", Decimal(10_000), 0)
    story.book.begin(before)
    lease = story.book.take("before", "tests", for_s=1e7)
    slot = entries(story)[0].intent.slot
    known = Intent(THEIRS, "run-before", "before", slot, ETH, "target", 1, 1, Decimal(1), 1, 1)
    story.book.commit(lease, TradeChange(intents=(known,)))
    again = traded(sqlite_database, "second", resting)
    assert_goes_on(sqlite_database, again)


def test_an_order_that_only_tried_the_account_out_stops_nothing(sqlite_database):
    name = trial_id("bitget-perp", ETH, 1, 1)
    assert_goes_on(sqlite_database, traded(sqlite_database, "trial", lambda venue: resting(venue, name)))


def assert_goes_on(database, again):
    assert not noted(database, again, "trade.halted")
    assert len(noted(database, again, "trade.unexplained_order")) == 1
