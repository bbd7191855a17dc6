"""How long a position is without its stop, to a quarter of a second, whatever else is waited for meanwhile."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest

from tests.crash import market
from tests.crash.seconds import TICK_S, Unruly, told
from tests.parity.core_venue import symbol_of
from vigie.domain import codes
from vigie.engine.live.stops.stop_guard import StopDeadlines
from vigie_sandbox.exchange.core.entities import ExchangeRefusal

SHIELD = StopDeadlines()
BTC, ETH = (name.instrument for name, _ in market.inputs())
LOOK_S = SHIELD.look_s + TICK_S


def rest_is_waited_for(venue):
    venue.exchange.split_next_orders(Decimal("0.4"))
    return symbol_of(BTC)


def the_other_entry_is_lost(venue):
    venue.loses.add(ETH)
    return symbol_of(BTC)


WAITING = [rest_is_waited_for, the_other_entry_is_lost]


@pytest.mark.parametrize("waiting", WAITING)
def test_a_stop_is_put_on_what_is_filled_while_more_is_waited_for(sqlite_database, waiting):
    venue = Unruly()
    symbol = waiting(venue)
    venue.drops.add(BTC)
    story = told(sqlite_database, f"put-{waiting.__name__}", venue)
    print(f"{waiting.__name__}: {story.naked_s[symbol]} s without a stop")
    assert 0 < story.naked_s[symbol] <= SHIELD.protect_s + LOOK_S
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


@pytest.mark.parametrize("waiting", WAITING)
def test_what_gets_no_stop_is_closed_while_more_is_waited_for(sqlite_database, waiting):
    venue = Unruly()
    symbol = waiting(venue)
    venue.drops.add(BTC)
    venue.refuses.add(BTC)
    story = told(sqlite_database, f"closed-{waiting.__name__}", venue)
    print(f"{waiting.__name__}: {story.naked_s[symbol]} s without a stop")
    assert SHIELD.protect_s < story.naked_s[symbol] <= SHIELD.flatten_s + LOOK_S
    reasons = story.account.trades["reason"].tolist()
    assert codes.PROTECTION in reasons
    assert codes.OUTSIDE not in reasons, "we closed it: its slot is not paused"
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_where_stops_are_orders_of_their_own_none_is_waited_for(sqlite_database):
    venue = Unruly()
    venue.attaches_levels = False
    venue.exchange.split_next_orders(Decimal("0.4"))
    venue.drops.add(BTC)
    story = told(sqlite_database, "own-orders", venue)
    assert 0 < story.naked_s[symbol_of(BTC)] <= LOOK_S
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class Distant(Unruly):
    """An exchange that keeps every stop, and whose answers about positions come after the last deadline."""

    is_far = False

    async def positions(self):
        if self.is_far:
            await self.clock.pause(SHIELD.flatten_s + 1.0)
        return await super().positions()

    async def protect(self, levels, ts=None):
        if self.is_far:
            await self.clock.pause(SHIELD.flatten_s + 1.0)
        await super().protect(levels, ts)

    async def flash_close(self, instrument, ts=None):
        # Asked for again where nobody can read that it worked.
        with suppress(ExchangeRefusal):
            await super().flash_close(instrument, ts)


def test_where_no_answer_comes_before_the_last_deadline_a_position_is_closed_though_it_had_its_stop(
    sqlite_database,
):
    venue = Distant()
    venue.deeds[1] = lambda: setattr(venue, "is_far", True)
    venue.quiet[2] = [(60, lambda: setattr(venue, "is_far", False)), (20, lambda: None)]
    story = told(sqlite_database, "distant", venue)
    assert not story.naked_s
    reasons = story.account.trades["reason"].tolist()
    assert codes.PROTECTION in reasons
    assert codes.OUTSIDE not in reasons
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)
