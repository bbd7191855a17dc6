"""Limit targets rest beside the stop: filled by half, by both, cancelled by somebody; of the two none survives."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.crash import market
from tests.crash.seconds import Unruly, told
from tests.parity.core_venue import ACCOUNT, symbol_of
from tests.parity.test_trader_on_paper import Dead, assert_as_in_the_backtest, rows
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain import codes
from vigie.domain.errors import OrderRejected
from vigie.domain.order import ENDED
from vigie_sandbox.exchange.core.entities import OrderRequest

BTC, ETH = (name.instrument for name, _ in market.inputs())
SYMBOL = symbol_of(BTC)
HELD, EXIT = 2, 3


def resting():
    """The hours of two coins, with targets that are limit orders, near enough to be met."""
    return [
        (name, replace(one, sizing=replace(one.sizing, target_execution="limit", target_atr=0.6)))
        for name, one in market.inputs()
    ]


def whole(story):
    """Everything has ended, nothing is held or rests, and the log read again is the venue's money."""
    known = story.book.intents(story.run.id)
    assert all(one.move.state in ENDED for one in known)
    assert not [one for one in story.venue.exchange.positions(ACCOUNT) if one.qty]
    assert not story.venue.exchange.open_orders(ACCOUNT)
    _, account = rows(story.book, story.run, story.venue.inputs, market.PROTECTIONS)
    assert account.cash == pytest.approx(story.cash(), abs=1e-6)
    return known, account


def test_targets_rest_as_orders_of_their_own_and_the_run_is_the_backtests(sqlite_database):
    story = told(sqlite_database, "rest", Unruly(resting()))
    known, account = whole(story)
    assert_as_in_the_backtest(story.book, story.run, story.venue.inputs, market.PROTECTIONS)
    targets = [one for one in known if one.intent.leg == "target"]
    entries = [one for one in known if one.intent.leg == "entry"]
    assert len(targets) == len(entries) == len(account.trades)
    assert {one.move.state for one in targets} == {"filled", "cancelled"}
    assert account.trades["reason"].tolist().count(codes.TARGET) == sum(
        one.move.state == "filled" for one in targets
    )


class Both(Unruly):
    """An exchange where the target is filled by half while the exit is on its way."""

    is_done = False

    async def cancel(self, instrument, client_id, ts=None):
        if instrument == BTC and not self.is_done:
            self.is_done = True
            self.fill_half(client_id)
        return await super().cancel(instrument, client_id, ts)

    def fill_half(self, client_id):
        with self.exchange.change() as books:
            order = self.exchange.order(ACCOUNT, client_id=client_id)
            lot = self.exchange.contract(SYMBOL).lot
            books.fill(
                order, order.price, self._steps.current().ts, qty=order.qty // (2 * lot) * lot, is_maker=True
            )


def test_an_exit_beside_a_target_that_is_filled_by_half_closes_the_rest(sqlite_database):
    venue = Both([(n, replace(one, sizing=replace(one.sizing, target_atr=5.0))) for n, one in resting()])
    story = told(sqlite_database, "both", venue)
    known, _ = whole(story)
    assert venue.is_done
    halves = [one for one in known if one.intent.leg == "target" and 0 < one.move.filled < one.intent.qty]
    assert [one.move.state for one in halves] == ["cancelled"]


class Unwilling(Unruly):
    """An exchange where no limit order may rest."""

    async def place(self, order):
        if order.limit is not None:
            raise OrderRejected("no limits now")
        return await super().place(order)


def test_a_target_that_may_not_rest_becomes_a_trigger(sqlite_database):
    venue = Unwilling(resting())
    seen = []
    venue.deeds[HELD] = lambda: seen.extend(plan.kind for plan in venue.exchange.open_plans(ACCOUNT))
    story = told(sqlite_database, "trigger", venue)
    whole(story)
    assert "pos_target" in seen


class Amended(Unruly):
    """An exchange where a hand moves the target of bitcoin where it rests; `often` times, each time it is put back."""

    def __init__(self, often):
        super().__init__(
            [(n, replace(one, sizing=replace(one.sizing, target_atr=5.0))) for n, one in resting()]
        )
        self.often, self.prices, self.ts = often, [], []

    def orders(self):
        return [
            one for one in self.exchange.open_orders(ACCOUNT) if one.symbol == SYMBOL and one.kind == "limit"
        ]

    async def order(self, instrument, client_id):
        for one in self.orders() if instrument == BTC and self.number == HELD else ():
            if one.client_id == client_id and self.often:
                self.often -= 1
                self.prices.append(one.price)
                self.ts.append(self.clock.now)
                tick = self.exchange.contract(SYMBOL).tick
                there = (one.price * (1 - one.side * Decimal("0.01")) / tick).to_integral_value() * tick
                self.exchange.amend(ACCOUNT, one.id, qty=one.qty, price=there)
        return await super().order(instrument, client_id)


def test_a_target_that_somebody_moves_where_it_rests_is_put_back_and_said(sqlite_database):
    venue, seen = Amended(1), []
    venue.quiet[HELD] = [(13.0, lambda: seen.extend(venue.orders()))]
    story = told(sqlite_database, "amended", venue)
    whole(story)
    assert [one.price for one in seen] == venue.prices
    notes = SqlAuditLog(sqlite_database, venue.clock).after(story.begun, kinds=["trade.target_moved"])
    assert [(one.subject, one.text["meant"]) for one in notes] == [(BTC, f"{venue.prices[0]:f}")]


class Slow(Amended):
    """An exchange that cancels at once and answers late."""

    async def cancel(self, instrument, client_id, ts=None):
        is_cancelled = await super().cancel(instrument, client_id, ts)
        if self.number == HELD:
            await self.clock.pause(10.0)
        return is_cancelled


def test_one_that_a_bar_interrupts_while_it_is_put_back_is_no_trigger(sqlite_database):
    venue, seen, triggers = Slow(1), [], []

    def look():
        seen.extend(one.price for one in venue.orders())
        triggers.extend(plan for plan in venue.exchange.open_plans(ACCOUNT) if plan.kind == "pos_target")

    venue.quiet[HELD] = [(7.0, lambda: None)]
    venue.quiet[EXIT] = [(13.0, look)]
    story = told(sqlite_database, "interrupted", venue)
    whole(story)
    assert venue.prices == seen
    assert not triggers


def test_one_that_is_moved_for_ever_is_put_back_ever_later(sqlite_database):
    venue = Amended(1_000)
    venue.quiet[HELD] = [(300.0, lambda: setattr(venue, "often", 0)), (10.0, lambda: None)]
    story = told(sqlite_database, "amended-for-ever", venue)
    known, _ = whole(story)
    slot = next(one.intent.slot for one in known if one.intent.instrument == BTC)
    tries = [one for one in known if one.intent.leg == "target" and one.intent.slot == slot]
    assert 3 < max(one.intent.attempt for one in tries) <= 8


def test_a_target_that_somebody_cancels_becomes_a_trigger_within_seconds(sqlite_database):
    venue = Unruly([(n, replace(one, sizing=replace(one.sizing, target_atr=5.0))) for n, one in resting()])
    seen = []

    def cancelled():
        for order in venue.exchange.open_orders(ACCOUNT):
            venue.exchange.cancel(ACCOUNT, client_id=order.client_id)

    def look():
        seen.extend(plan.kind for plan in venue.exchange.open_plans(ACCOUNT))

    venue.quiet[HELD] = [(12, cancelled), (8, look)]
    story = told(sqlite_database, "cancelled", venue)
    whole(story)
    assert seen.count("pos_target") == 2
    assert not story.naked_s


class Twice(Unruly):
    """An exchange that fills a resting target and the stop beside it, which it does not keep reduce-only.

    Parameters
    ----------
    share : str
        How much of the target is filled.
    later_ms : int
        How much later the stop is filled.
    """

    def __init__(self, share, later_ms):
        super().__init__(
            [(n, replace(one, sizing=replace(one.sizing, target_atr=5.0))) for n, one in resting()]
        )
        self.share, self.later_ms, self.stopped = Decimal(share), later_ms, ""
        self.quiet[HELD] = [(10, self.fill_both), (40, lambda: None)]

    def fill_both(self):
        with self.exchange.change() as books:
            target = next(one for one in self.exchange.open_orders(ACCOUNT) if one.symbol == SYMBOL)
            ts, lot = self._steps.current().ts + 5, self.exchange.contract(SYMBOL).lot
            stop = self.exchange.place(
                ACCOUNT, OrderRequest("", SYMBOL, target.side, "market", target.qty, None)
            )
            self.stopped = stop.id
            books.fill(target, target.price, ts, qty=self.share * target.qty // lot * lot, is_maker=True)
            books.fill(stop, target.price, ts + self.later_ms)

    async def fills(self, since_ms):
        return [
            replace(one, cause="stop") if one.order_id == self.stopped else one
            for one in await super().fills(since_ms)
        ]


@pytest.mark.parametrize(("share", "later_ms"), [("1", 1), ("1", -1), ("0.5", 1)])
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_position_that_stop_and_target_both_closed_is_not_left_reversed(
    sqlite_database, monkeypatch, share, later_ms, is_killed
):
    commit, told_of = SqlTradeBook.commit, []
    intents, reads = SqlTradeBook.intents, []

    def read(self, run, *, open_only=False):
        reads.append(open_only)
        return intents(self, run, open_only=open_only)

    def dying(self, lease, change):
        if any(note.kind == "trade.reversed" for note in change.notes):
            told_of.append(change)
            if is_killed and len(told_of) == 1:
                raise Dead
        return commit(self, lease, change)

    monkeypatch.setattr(SqlTradeBook, "commit", dying)
    venue, name = Twice(share, later_ms), f"twice-{share}-{later_ms}-{is_killed}"
    if is_killed:
        with pytest.raises(Dead):
            told(sqlite_database, name, venue)
    monkeypatch.setattr(SqlTradeBook, "intents", read)
    story = told(sqlite_database, name, venue)
    assert all(reads), "who rights it does not read all that was ever meant"
    whole(story)
    assert len(told_of) == 1 + is_killed
    assert story.naked_s.get(SYMBOL, 0.0) <= 20
    ended = [one for one in story.account.trades if one["slot"] == 0]
    assert ended[0]["reason"] in (codes.STOP, codes.TARGET)
