"""Stops are looked at whatever else is waited for, and whatever else cannot be read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.crash import market
from tests.crash.seconds import TICK_S, Unruly, told
from tests.crash.test_between_bars import HELD, noted, nothing, without_a_stop
from tests.parity.core_venue import ACCOUNT, symbol_of
from vigie.domain.errors import ConnectorError, OutcomeUnknown, TransientError
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.live.orders import Patience
from vigie.engine.live.sentry import Sentry
from vigie.engine.live.shield import Shield
from vigie.engine.live.watch import Rhythm

RHYTHM, SHIELD, PATIENCE = Rhythm(), Shield(), Patience()
BTC, ETH = (name.instrument for name, _ in market.inputs())
SYMBOL = symbol_of(BTC)
# Stop and target far away: only what is decided ends a trade.
FAR = 5.0
DECISIONS = {BTC: {0: LONG_ENTRY, 7: LONG_EXIT}, ETH: {0: SHORT_ENTRY, 2: SHORT_EXIT, 4: LONG_ENTRY}}
# Bars at whose instants the other coin is exited, and entered again.
EXIT, ENTRY = 3, 5


def inputs():
    """BTC is held from the first bar to the seventh, while ETH comes and goes."""
    made = []
    for name, one in market.inputs():
        flags = np.zeros(market.BARS, np.uint8)
        for bar, flag in DECISIONS[name.instrument].items():
            flags[bar] = flag
        sizing = replace(one.sizing, stop_atr=FAR, target_atr=FAR)
        made.append((name, replace(one, flags=flags, sizing=sizing)))
    return made


class Waiting(Unruly):
    """An exchange where an order of the other coin is waited for while a stop disappears."""

    def __init__(self, *, is_exit):
        super().__init__(inputs())
        self.is_exit, self.is_done = is_exit, False
        self.is_open = True

    async def place(self, order):
        is_second = order.is_reduce_only or self._steps.current().number > ENTRY
        if order.instrument == ETH and order.is_reduce_only == self.is_exit and is_second:
            if not self.is_done:
                self.is_done = True
                without_a_stop(self)
                self.is_open = False
            if not self.is_exit:
                raise OutcomeUnknown("no answer")
            if not self.is_open:
                raise ConnectorError("maintenance")
        return await super().place(order)


@pytest.mark.parametrize("is_exit", [True, False])
def test_a_stop_that_is_gone_is_put_again_while_another_coin_is_waited_for(sqlite_database, is_exit):
    venue = Waiting(is_exit=is_exit)
    venue.deeds[EXIT + 2] = lambda: setattr(venue, "is_open", True)
    story = told(sqlite_database, f"beside-{is_exit}", venue)
    assert venue.is_done
    print(f"{story.naked_s[SYMBOL]} s without a stop")
    assert story.naked_s[SYMBOL] <= RHYTHM.orders_s + SHIELD.protect_s + SHIELD.look_s + 2 * TICK_S
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_without_looking_beside_instants_it_stays_away_for_long(sqlite_database, monkeypatch):
    async def blind(self):
        pass

    monkeypatch.setattr(Sentry, "_look", blind)
    story = told(sqlite_database, "blind", Waiting(is_exit=False))
    assert story.naked_s[SYMBOL] >= PATIENCE.window_s - TICK_S


def test_an_exit_that_is_not_taken_keeps_the_other_coin_waiting_no_longer_than_one_round(sqlite_database):
    venue = Waiting(is_exit=True)
    begun = []
    venue.deeds[EXIT] = lambda: begun.append(venue.clock.now)
    venue.deeds[EXIT + 1] = lambda: begun.append(venue.clock.now)
    venue.quiet[EXIT + 2] = [(200, lambda: setattr(venue, "is_open", True)), (20, nothing)]
    story = told(sqlite_database, "late-exit", venue)
    assert begun[1] - begun[0] <= (PATIENCE.exit_s + 2 * PATIENCE.look_s) * 1_000
    assert len(noted(sqlite_database, story, "trade.exit_waits")) == 1
    known = [one for one in story.book.intents(story.run.id) if one.intent.slot == str(inputs()[1][0])]
    exits = [one for one in known if one.intent.leg == "exit" and one.intent.reason == "signal"]
    assert [one.move.state for one in exits] == ["filled"], "the same exit, once"
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class Unreadable(Unruly):
    """An exchange with an order of somebody else that cannot be read."""

    async def open_orders(self):
        raise ConnectorError("an order of kind 'iceberg' cannot be read")


def test_an_order_that_cannot_be_read_hides_no_stop_that_is_gone(sqlite_database):
    venue = Unreadable()
    venue.quiet[HELD] = [(63, lambda: without_a_stop(venue)), (63, nothing)]
    story = told(sqlite_database, "unreadable", venue)
    assert story.naked_s[SYMBOL] <= RHYTHM.orders_s + 2 * TICK_S
    assert [one.text["why"] for one in noted(sqlite_database, story, "trade.unreadable")] == [
        "an order of kind 'iceberg' cannot be read"
    ]


class Hidden(Unruly):
    """An exchange that shows no positions for a while."""

    is_hidden = False

    async def positions(self):
        if self.is_hidden:
            raise TransientError("busy")
        return await super().positions()


def test_that_stops_cannot_be_looked_at_is_said_and_nothing_is_closed_for_it(sqlite_database):
    venue = Hidden(inputs())
    venue.quiet[HELD] = [
        (5, lambda: setattr(venue, "is_hidden", True)),
        (90, lambda: setattr(venue, "is_hidden", False)),
        (30, nothing),
    ]
    story = told(sqlite_database, "hidden", venue)
    assert [one.text["why"] for one in noted(sqlite_database, story, "trade.blind")] == ["busy"]
    assert [one.text["why"] for one in noted(sqlite_database, story, "trade.unanswered")] == ["busy"]
    assert not noted(sqlite_database, story, "trade.unprotected")
    assert not story.naked_s


def test_a_target_that_somebody_took_away_is_put_again(sqlite_database):
    venue = Unruly(inputs())
    seen = []

    def taken_away():
        for plan in venue.exchange.open_plans(ACCOUNT):
            if plan.symbol == SYMBOL and "target" in plan.kind:
                venue.exchange.cancel_plan(ACCOUNT, plan_id=plan.id)

    def targets():
        return [
            p.trigger for p in venue.exchange.open_plans(ACCOUNT) if p.symbol == SYMBOL and "target" in p.kind
        ]

    venue.quiet[HELD] = [
        (12, lambda: seen.append(targets())),
        (1, taken_away),
        (1, lambda: seen.append(targets())),
        (2 * RHYTHM.orders_s + 2, lambda: seen.append(targets())),
    ]
    story = told(sqlite_database, "target", venue)
    assert seen[0] == seen[2] != seen[1] == []
    assert not story.naked_s, "its stop stands all the while"
    assert len(noted(sqlite_database, story, "trade.target_lost")) == 1
