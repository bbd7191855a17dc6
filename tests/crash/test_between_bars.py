"""What happens at the venue while nothing else does: seen within seconds, not at the next bar."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.crash import market
from tests.crash.seconds import TICK_S, Unruly, told
from tests.parity.core_venue import ACCOUNT, symbol_of
from tests.parity.test_trader_on_paper import live_slots, rows
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain import codes
from vigie.domain.errors import TransientError
from vigie.domain.order import FundingPayment
from vigie.engine.live.account_monitor import AWAY_S, LEAST, CheckIntervals
from vigie.engine.live.book.account_memory import restore_memory
from vigie.engine.live.book.foreign import money_steps
from vigie.engine.live.fold import steps
from vigie.ports.listed_venue import LedgerEntry
from vigie_sandbox.exchange.core.entities import OrderRequest

RHYTHM = CheckIntervals()
BTC, ETH = (name.instrument for name, _ in market.inputs())
SYMBOL = symbol_of(BTC)
# Entered at instant 2; nothing else is sent until instant 4.
HELD = 2


def nothing():
    pass


def quiet(number, seconds, deed):
    """A market that stands still after an instant; something is done in the middle of it."""
    venue = Unruly()
    venue.quiet[number] = [(seconds / 2, lambda: deed(venue)), (seconds / 2, nothing)]
    return venue


def noted(database, story, kind):
    return SqlAuditLog(database, story.venue.clock).after(story.begun, kinds=[kind])


def without_a_stop(venue):
    for plan in venue.exchange.open_plans(ACCOUNT):
        if plan.symbol == SYMBOL:
            venue.exchange.cancel_plan(ACCOUNT, plan_id=plan.id)


def closed_by_somebody(venue):
    venue.exchange.force_close(ACCOUNT, SYMBOL, "person")


def closed_in_parts(venue):
    """A person closes a third of the position, then the rest, at another price."""
    (held,) = [one for one in venue.exchange.positions(ACCOUNT) if one.symbol == SYMBOL]
    lot = venue.exchange.contract(SYMBOL).lot
    for number, qty in enumerate((third := held.qty / 3 // lot * lot, held.qty - third)):
        venue.exchange.place(
            ACCOUNT, OrderRequest(f"person-{number}", SYMBOL, -held.side, "market", qty, reduce_only=True)
        )


def order_of_somebody(venue):
    price = venue.exchange.contract(SYMBOL).tick * 1_000
    venue.exchange.place(ACCOUNT, OrderRequest("stranger", SYMBOL, 1, "limit", Decimal(1), price))


def test_a_stop_that_is_gone_is_put_again(sqlite_database):
    story = told(sqlite_database, "gone", quiet(HELD, 126, without_a_stop))
    print(f"{story.naked_s[SYMBOL]} s without a stop")
    assert story.naked_s[SYMBOL] <= RHYTHM.orders_s + 2 * TICK_S
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_where_no_stop_can_be_put_the_position_is_closed(sqlite_database):
    venue = quiet(HELD, 126, without_a_stop)
    venue.refuses.add(BTC)
    story = told(sqlite_database, "bare", venue)
    assert story.naked_s[SYMBOL] <= RHYTHM.orders_s + 10.0 + 1.0
    assert codes.PROTECTION in story.account.trades["reason"].tolist()
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_a_position_that_somebody_closes_is_booked_before_the_next_bar_and_its_slot_paused(sqlite_database):
    story = told(sqlite_database, "closed", quiet(HELD, 126, closed_by_somebody))
    taken = [steps.decode_step(one) for one in story.book.steps(story.run.id)]
    booked = [one for one in taken if isinstance(one, steps.BarsClosed) and one.leaves and not one.bars]
    assert [[leave.reason for leave in one.leaves] for one in booked] == [[codes.OUTSIDE]]
    log, account = rows(story.book, story.run, market.inputs(), market.PROTECTIONS)
    assert codes.SLOT_PAUSED in {row.code for row in log}
    assert len(noted(sqlite_database, story, "trade.paused")) == 1
    assert account.cash == pytest.approx(story.cash(), abs=1e-6)


def resumed(database, number):
    """A run in which a person says before an instant that the account may go on."""
    venue = quiet(HELD, 126, closed_by_somebody)
    name = f"resumed-{number}"
    venue.deeds[number] = lambda: SqlTradeBook(database, venue.clock).request_state(
        name, "active", by="u", why=""
    )
    story = told(database, name, venue)
    log, _ = rows(story.book, story.run, market.inputs(), market.PROTECTIONS)
    return [codes.CODES[row.code] for row in log if row.slot == 0]


def test_a_person_lets_a_paused_slot_enter_again(sqlite_database):
    log = resumed(sqlite_database, HELD + 2)
    assert log.count("entry_intent") == 2
    assert "slot_paused" not in log


def test_what_a_person_said_before_the_pause_does_not_lift_it(sqlite_database):
    log = resumed(sqlite_database, 1)
    assert log.count("entry_intent") == 1
    assert "slot_paused" in log


def test_an_order_that_is_not_ours_is_told_once_and_not_touched(sqlite_database):
    story = told(sqlite_database, "stranger", quiet(HELD, 126, order_of_somebody))
    assert len(noted(sqlite_database, story, "trade.unexplained_order")) == 1
    left = story.venue.exchange.open_orders(ACCOUNT)
    assert [one.client_id for one in left] == ["stranger"]


def deposit(venue):
    venue.exchange.deposit(ACCOUNT, Decimal("512.25"))


def test_money_that_somebody_pays_in_is_explained_and_traded_with(sqlite_database):
    story = told(sqlite_database, "deposit", quiet(HELD, 126, deposit))
    taken = [steps.decode_step(one) for one in story.book.steps(story.run.id)]
    adjusted = [one for one in taken if isinstance(one, steps.CashAdjusted)]
    assert [one.amount for one in adjusted] == [0.0, 512.25]
    notes = [one.text for one in noted(sqlite_database, story, "trade.money")]
    assert [(one["amount"], one["way"]) for one in notes] == [(0.0, "found"), (512.25, "came_in")]
    assert (notes[-1]["money"], notes[-1]["currency"]) == ("512.25", "USDT")
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class Moving(Unruly):
    """An exchange that does not tell of money for a while, in which somebody moves some, and then lists it."""

    def __init__(self, amounts):
        super().__init__()
        self.amounts, self.entries, self.is_silent = [Decimal(one) for one in amounts], [], False
        self.quiet[HELD] = [(40, self.hush), (AWAY_S / 2, self.move), (AWAY_S, self.hush), (40, nothing)]

    def hush(self):
        self.is_silent = not self.is_silent

    def move(self):
        for number, amount in enumerate(self.amounts):
            self.exchange.deposit(ACCOUNT, amount)
            self.entries.append(LedgerEntry(self.clock.market_now() + number, amount, is_transfer=True))

    async def balance(self):
        if self.is_silent:
            raise TransientError("503: busy")
        return await super().balance()

    async def ledger(self, since_ms):
        return [one for one in self.entries if one.ts >= since_ms]


@pytest.mark.parametrize("amounts", [("500", "-600"), ("500", "-500"), ("512.25",)])
def test_each_movement_of_money_is_an_event_of_its_own(sqlite_database, amounts):
    venue = Moving(amounts)
    story = told(sqlite_database, f"moved{'+'.join(amounts)}", venue)
    notes = [one.text for one in noted(sqlite_database, story, "trade.money")]
    assert [(one["amount"], one["way"]) for one in notes[1:]] == [
        (float(one), "paid_in" if float(one) > 0 else "paid_out") for one in amounts
    ]
    assert [one["moved"] for one in notes[1:]] == [one.ts for one in venue.entries]
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)
    # Whoever comes next tells none of them again.
    memory = restore_memory(story.run, live_slots(venue.inputs), market.PROTECTIONS, story.book)
    assert memory.transfers_ts == venue.entries[-1].ts


def test_what_no_movement_explains_is_told_beside_those_that_are_listed():
    moved = [LedgerEntry(5, Decimal(500), is_transfer=True), LedgerEntry(6, Decimal(-600), is_transfer=True)]
    found = money_steps(-130.0, moved, 9, LEAST)
    assert [(one.amount, one.why, one.moved) for one in found] == [
        (500.0, "paid_in", 5), (-600.0, "paid_out", 6), (-30.0, "went_out", 0),
    ]  # fmt: skip
    assert money_steps(0.0, [], 9, LEAST) == []


@pytest.mark.parametrize(("deed", "fills"), [(closed_by_somebody, 1), (closed_in_parts, 2)])
def test_each_fill_of_somebody_else_is_an_event_of_its_own_once(sqlite_database, deed, fills):
    story = told(sqlite_database, f"hands-{fills}", quiet(HELD, 126, deed))
    notes = noted(sqlite_database, story, "trade.foreign_fill")
    sent = {one.intent.id for one in story.book.intents(story.run.id)}
    filled = story.book.fills(story.run.id)
    strange = [one for one in filled if one.client_id not in sent and one.cause not in ("stop", "target")]
    assert any(one.client_id in sent for one in filled)
    assert [(one.subject, one.text["qty"], one.text["at"]) for one in notes] == [
        (one.instrument, f"{one.qty:f}", one.ts) for one in strange
    ]
    assert len(notes) == fills
    assert len({one.text["qty"] for one in notes}) == fills


class Settling(Unruly):
    """An exchange where funding is settled while a position is held, and the position is closed by somebody."""

    PAID = Decimal("-7.5")

    def __init__(self):
        super().__init__()
        self.paid = []
        self.quiet[HELD] = [
            (2 * RHYTHM.positions_s, self.settle),
            (2 * RHYTHM.positions_s, lambda: closed_by_somebody(self)),
            (2 * RHYTHM.positions_s, nothing),
        ]

    def settle(self):
        self.paid.append(FundingPayment(BTC, "settled", self.PAID, self._steps.current().ts + 1_000))

    async def fundings(self, since_ms):
        return [*await super().fundings(since_ms), *self.paid]

    async def balance(self):
        told_of = await super().balance()
        return replace(told_of, cash=told_of.cash + sum(one.amount for one in self.paid))


def test_funding_that_was_seen_between_bars_is_booked_with_the_position_that_ends_there(sqlite_database):
    story = told(sqlite_database, "settled", Settling())
    taken = [steps.decode_step(one) for one in story.book.steps(story.run.id)]
    paid = [one.amount for step in taken for one in getattr(step, "payments", ())]
    assert paid.count(float(Settling.PAID)) == 1
    assert [one.amount for one in taken if isinstance(one, steps.CashAdjusted)] == [0.0]
    _, account = rows(story.book, story.run, market.inputs(), market.PROTECTIONS)
    assert account.cash == pytest.approx(story.cash() + float(Settling.PAID), abs=1e-6)


def test_an_instrument_that_is_taken_away_is_left_before_and_not_entered_again(sqlite_database):
    ending = set()
    venue = Unruly()
    venue.deeds[HELD] = lambda: ending.add(BTC)
    story = told(sqlite_database, "ending", venue, ending_instruments=lambda: ending)
    log, account = rows(story.book, story.run, market.inputs(), market.PROTECTIONS)
    mine = account.trades[account.trades["slot"] == 0]
    assert mine["reason"].tolist() == [codes.PROTECTION]
    assert codes.INSTRUMENT_STATE in {row.code for row in log if row.slot == 0}
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_in_lock_step_there_is_no_time_between_bars(sqlite_database):
    story = told(sqlite_database, "still", Unruly())
    assert not story.naked_s
    taken = [steps.decode_step(one) for one in story.book.steps(story.run.id)]
    assert all(one.bars for one in taken if isinstance(one, steps.BarsClosed))
