"""Stops are looked at whatever else is waited for, and whatever else cannot be read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.crash import market
from tests.crash.seconds import TICK_S, Unruly, told
from tests.crash.test_between_bars import HELD, noted, nothing, without_a_stop
from tests.parity.core_venue import ACCOUNT, symbol_of
from tests.parity.test_trader_on_paper import Dead
from vigie.domain import codes
from vigie.domain.errors import ConnectorError, OutcomeUnknown, TransientError
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.live.account_monitor import CheckIntervals
from vigie.engine.live.book.orders import OrderTimeouts
from vigie.engine.live.stops.stop_guard import StopDeadlines
from vigie.engine.live.stops.stop_monitor import StopMonitor

RHYTHM, SHIELD, PATIENCE = CheckIntervals(), StopDeadlines(), OrderTimeouts()
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

    monkeypatch.setattr(StopMonitor, "_scan", blind)
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


def test_every_time_that_stops_cannot_be_looked_at_is_said_once_whatever_the_words(sqlite_database):
    venue = Wordy(inputs())
    venue.quiet[HELD] = [
        (seconds, lambda is_away=is_away: setattr(venue, "is_away", is_away))
        for seconds, is_away in ((5, True), (60, False), (25, True), (60, False), (30, False))
    ]
    story = told(sqlite_database, "wordy", venue)
    assert len(noted(sqlite_database, story, "trade.blind")) == 2


class Away(Unruly):
    """An exchange that is out of reach for a while."""

    is_away = False

    def check(self):
        if self.is_away:
            raise TransientError("out of reach")

    async def positions(self):
        self.check()
        return await super().positions()

    async def protect(self, levels, ts=None):
        self.check()
        await super().protect(levels, ts)

    async def flash_close(self, instrument, ts=None):
        self.check()
        await super().flash_close(instrument, ts)


class Wordy(Away):
    """It says something else every time."""

    def check(self):
        if self.is_away:
            raise TransientError(f"out of reach at {self.clock.now}")


def test_a_process_that_begins_while_the_venue_is_out_of_reach_closes_nothing_for_it(sqlite_database):
    venue = Away(inputs())

    def died():
        venue.is_away = True
        raise Dead

    venue.quiet[HELD] = [(20, died)]
    with pytest.raises(Dead):
        told(sqlite_database, "away", venue)
    back = venue.clock.now + round(4 * SHIELD.flatten_s * 1_000)

    def check():
        if venue.clock.now < back:
            raise TransientError("out of reach")

    venue.check = check
    story = told(sqlite_database, "away", venue)
    assert "flatten" not in {one.intent.leg for one in story.book.intents(story.run.id)}
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class Dying(Unruly):
    """An exchange where a process dies when its entry is filled, which has no stop yet, beside an exit that waits."""

    attaches_levels = False
    is_done = False

    async def place(self, order):
        if order.is_reduce_only and order.instrument == ETH and self.number == ENTRY:
            raise TransientError("maintenance", after_s=PATIENCE.exit_s)
        return await super().place(order)

    async def entries_placed(self, instant, series):
        if instant.number == ENTRY and not self.is_done:
            self.is_done = True
            await super().entries_placed(instant, series)
            without_a_stop(self)
            raise Dead
        await super().entries_placed(instant, series)


def beside_an_exit():
    """BTC is entered at the instant at which ETH is exited."""
    made, bar = [], ENTRY - 2
    for name, one in inputs():
        flags = np.zeros(market.BARS, np.uint8)
        flags[0 if name.instrument == ETH else bar] = LONG_ENTRY
        flags[bar if name.instrument == ETH else bar + 3] = LONG_EXIT
        made.append((name, replace(one, flags=flags)))
    return made


@pytest.mark.parametrize("is_refused", [False, True])
def test_an_entry_that_was_filled_when_its_process_died_gets_its_stop_before_anything_else(
    sqlite_database, is_refused
):
    venue, name = Dying(beside_an_exit()), f"unbooked-{is_refused}"
    venue.refuses |= {BTC} if is_refused else set()
    with pytest.raises(Dead):
        told(sqlite_database, name, venue)
    assert SYMBOL in venue.unprotected()
    story = told(sqlite_database, name, venue)
    assert story.naked_s.get(SYMBOL, 0.0) <= (SHIELD.flatten_s + 1 if is_refused else 0) + TICK_S
    reasons = [one["reason"] for one in story.account.trades if one["slot"] == 0]
    assert (codes.PROTECTION in reasons) == is_refused
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class Arriving(Unruly):
    """An exchange where the entry of a process that died arrives while the next one waits for an exit."""

    attaches_levels = False
    LATE_S = 4.0

    def __init__(self):
        super().__init__(beside_an_exit())
        self.sent, self.due = None, 0

    async def place(self, order):
        if self.number == ENTRY and order.is_reduce_only:
            raise TransientError("maintenance", after_s=PATIENCE.exit_s)
        if self.number == ENTRY and self.sent is None:
            self.sent, self.due = order, self.clock.now + round(self.LATE_S * 1_000)
            raise Dead
        return await super().place(order)

    async def positions(self):
        if self.due and self.clock.now >= self.due:
            self.due = 0
            await super().place(self.sent)
            with self.exchange.change() as books:
                there = self.exchange.order(ACCOUNT, client_id=self.sent.client_id)
                books.fill(there, (self.sent.stop + self.sent.target) / 2, self._steps.current().ts)
            without_a_stop(self)
        return await super().positions()


def test_an_entry_that_arrives_after_its_process_died_gets_its_stop_before_it_is_booked(sqlite_database):
    venue = Arriving()
    with pytest.raises(Dead):
        told(sqlite_database, "arriving", venue)
    story = told(sqlite_database, "arriving", venue)
    assert venue.due == 0
    assert story.naked_s.get(SYMBOL, 0.0) <= RHYTHM.orders_s + 2 * TICK_S
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


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
