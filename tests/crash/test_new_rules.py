"""A venue changes its grid while an account trades: orders keep to it from then on, what is held is closed whole."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.crash import market
from tests.crash.seconds import Unruly, told
from tests.crash.test_between_bars import noted
from tests.parity.core_venue import ACCOUNT, symbol_of
from tests.parity.feeds import GivenVerdicts, HistoryFeed
from tests.parity.test_trader_on_paper import Dead, begin, live_slots, rows
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.errors import OrderRejected, TransientError
from vigie.domain.money import GridStep, parse_step
from vigie.domain.order import ENDED
from vigie.engine.backtest import run_shared
from vigie.engine.live.account_monitor import CheckIntervals
from vigie.engine.live.book.orders import OrderTimeouts
from vigie.engine.live.fold import steps
from vigie.engine.live.paper.paper_venue import PaperVenue
from vigie.engine.live.stops.level_grid import round_to_grid
from vigie.engine.live.stops.stop_guard import StopDeadlines
from vigie.engine.live.trader import Trader, TraderConfig
from vigie.trading import sizing
from vigie_sandbox.exchange.core.entities import ExchangeRefusal

BTC, ETH = (name.instrument for name, _ in market.inputs())
# Instants after which nothing is held, and one at which both coins are.
FREE, HELD = 4, 2
TIMES = 100
# A stop that is gone is seen at the next look, and waited for no longer than this.
CLOSED_S = CheckIntervals().orders_s + StopDeadlines().flatten_s - StopDeadlines().protect_s


def coarser(step):
    """Return a grid that is a hundred times as coarse."""
    return GridStep(step.multiple * TIMES, step.digits)


class Ruling(Unruly):
    """An exchange that makes the lots of bitcoin coarser after an instant, and says so where it is asked."""

    def __init__(self, number):
        super().__init__()
        self.known = [one.versions[0] for _, one in self.inputs]
        self.deeds[number] = self.change

    def change(self):
        btc = self.known[0]
        fresh = replace(btc, lot=coarser(btc.lot), min_qty=coarser(btc.lot).value)
        self.known[0] = fresh
        lot = Decimal(str(fresh.lot))
        contract = self.exchange.contract(symbol_of(BTC))
        self.exchange.change_contract(replace(contract, lot=lot, min_qty=lot))


class Stepping(Unruly):
    """An exchange that makes the ticks of bitcoin coarser while it is held, and an hour later forgets its levels."""

    def __init__(self):
        super().__init__()
        self.known = [one.versions[0] for _, one in self.inputs]
        self.deeds[HELD] = self.change
        self.quiet[HELD + 1] = [(1.0, self.forget), (60.0, self.look)]
        self.put: set[tuple[str, Decimal]] = set()

    def change(self):
        fresh = replace(self.known[0], tick=coarser(self.known[0].tick))
        self.known[0] = fresh
        contract = self.exchange.contract(symbol_of(BTC))
        self.exchange.change_contract(replace(contract, tick=Decimal(str(fresh.tick))))

    def forget(self):
        for plan in self.plans():
            self.exchange.cancel_plan(ACCOUNT, plan_id=plan.id)

    def look(self):
        self.put = {("stop" if "stop" in plan.kind else "target", plan.trigger) for plan in self.plans()}

    def plans(self):
        return [one for one in self.exchange.open_plans(ACCOUNT) if one.symbol == symbol_of(BTC)]


class Unsaid(Stepping):
    """An exchange whose new ticks are heard of only where its rules are asked, and that takes no level off them.

    Parameters
    ----------
    answers : list of str
        What becomes of a question: it ``fails``, is never over (``silent``), or is answered, as every later one is.
    """

    def __init__(self, *answers):
        super().__init__()
        self.heard, self.answers, self.asked = list(self.known), list(answers), []

    async def ask(self, instrument):
        self.asked.append(instrument)
        answer = self.answers.pop(0) if self.answers else "answered"
        if answer == "fails":
            raise TransientError("busy")
        if answer == "silent":
            await self.clock.pause(1e6)
        self.heard = list(self.known)

    async def protect(self, levels, ts=None):
        try:
            await super().protect(levels, ts)
        except ExchangeRefusal as fault:
            raise OrderRejected(f"{fault.code}: {fault}") from fault


def resting(inputs):
    """Return the same hours with targets that are limit orders, too far away to be met."""
    return [
        (name, replace(one, sizing=replace(one.sizing, target_execution="limit", target_atr=5.0)))
        for name, one in inputs
    ]


class Belated(Unsaid):
    """An exchange where limit targets may not rest before its ticks changed."""

    def __init__(self):
        super().__init__()
        self.is_changed, self.rested = False, []
        self.inputs = resting(self.inputs)
        del self.quiet[HELD + 1]

    def change(self):
        super().change()
        self.heard, self.is_changed = list(self.known), True

    async def place(self, order):
        if order.limit is None:
            return await super().place(order)
        if not self.is_changed:
            raise TransientError("no limits now")
        if order.instrument == BTC:
            self.rested.append((order.side, order.limit))
        return await super().place(order)


class Rested(Unsaid):
    """An exchange whose ticks change while limit targets rest, which it lets rest where they are.

    Parameters
    ----------
    share : str
        How much of the target of bitcoin is filled when it is cancelled.
    """

    def __init__(self, share=""):
        super().__init__()
        self.inputs = resting(self.inputs)
        self.share, self.beside, self.seen = share, [], []
        self.again()

    def again(self):
        self.quiet[HELD + 1] = [(40.0, self.see)]

    def targets(self):
        return [one for one in self.exchange.open_orders(ACCOUNT) if one.symbol == symbol_of(BTC)]

    def see(self):
        self.seen = [(one.price, one.qty) for one in self.targets()]

    async def place(self, order):
        if (order.instrument, order.limit is None) == (BTC, False):
            self.beside.append(len(self.targets()))
        return await super().place(order)

    async def cancel(self, instrument, client_id, ts=None):
        if instrument == BTC and self.share:
            with self.exchange.change() as books:
                order = self.exchange.order(ACCOUNT, client_id=client_id)
                part = order.qty * Decimal(self.share) // order_lot(self) * order_lot(self)
                books.fill(order, order.price, self._steps.current().ts, qty=part, is_maker=True)
            self.share = ""
        return await super().cancel(instrument, client_id, ts)


def order_lot(venue):
    return venue.exchange.contract(symbol_of(BTC)).lot


def intents(story, leg):
    return [one for one in story.book.intents(story.run.id) if one.intent.leg == leg]


def ruled(story):
    found = [steps.decode_step(one) for one in story.book.steps(story.run.id)]
    return [one for one in found if isinstance(one, steps.RulesChanged)]


def assert_whole(story):
    assert all(one.move.state in ENDED for one in story.book.intents(story.run.id))
    _, account = rows(story.book, story.run, story.venue.inputs, market.PROTECTIONS)
    assert account.cash == pytest.approx(story.cash(), abs=1e-6)
    assert account.decision_hash == story.account.decision_hash


def test_entries_keep_to_lots_that_changed_and_are_those_of_a_backtest_that_knows_when(sqlite_database):
    venue = Ruling(FREE)
    story = told(sqlite_database, "coarser", venue, rules=lambda: tuple(venue.known))
    (step,) = ruled(story)
    assert [(one.instrument, one.lot) for one in step.rules] == [
        (BTC, str(parse_step(str(venue.known[0].lot))))
    ]
    assert_whole(story)
    later = [one for one in intents(story, "entry") if one.intent.instrument == BTC][-1]
    assert (later.move.state, later.intent.qty % Decimal(str(venue.known[0].lot))) == ("filled", 0)
    versions = {BTC: (market.inputs()[0][1].versions[0], replace(venue.known[0], valid_from=step.ts))}
    known = [
        replace(one, versions=versions.get(name.instrument, one.versions)) for name, one in market.inputs()
    ]
    backtest = run_shared(known, protections=market.PROTECTIONS)
    assert story.account.decision_hash == backtest.decision_hash
    assert story.account.cash == pytest.approx(backtest.equity[-1], abs=1e-6)
    assert [one.subject for one in noted(sqlite_database, story, "trade.rules")] == [BTC]


def test_who_is_not_told_of_them_is_refused(sqlite_database):
    story = told(sqlite_database, "untold", Ruling(FREE))
    assert not ruled(story)
    later = [one for one in intents(story, "entry") if one.intent.instrument == BTC][-1]
    assert (later.move.state, "bad_qty" in later.move.reason) == ("rejected", True)


def test_what_was_bought_in_lots_of_before_is_closed_at_once_when_its_exit_is_refused(sqlite_database):
    venue = Ruling(HELD)
    story = told(sqlite_database, "held", venue, rules=lambda: tuple(venue.known))
    assert_whole(story)
    tries = [one for one in intents(story, "exit") if one.intent.instrument == BTC]
    assert tries[0].move.state == "rejected"
    (dust,) = intents(story, "flatten")
    assert (dust.intent.instrument, dust.intent.qty) == (BTC, tries[0].intent.qty)
    assert len(tries) == 1, "what will be refused again is not tried again"
    assert story.book.state("held") == "active"


def test_a_stop_that_is_put_anew_after_ticks_changed_is_on_their_grid_and_not_nearer(sqlite_database):
    venue = Stepping()
    story = told(sqlite_database, "stepping", venue, rules=lambda: tuple(venue.known))
    assert_whole(story)
    assert not intents(story, "flatten"), "a stop off the grid is refused, and its position closed"
    entry = next(one.intent for one in intents(story, "entry") if one.intent.instrument == BTC)
    tick, before = Decimal(str(venue.known[0].tick)), {"stop": entry.stop, "target": entry.target}
    assert {name for name, _ in venue.put} == before.keys()
    for name, price in venue.put:
        away = entry.side * (before[name] - price)
        assert (price % tick, 0 < away < tick) == (0, True)


@pytest.mark.parametrize("answers", [(), ("fails",), ("silent",)])
def test_a_stop_that_is_refused_is_put_on_the_grid_that_the_venue_then_says(sqlite_database, answers):
    venue = Unsaid(*answers)
    name = "-".join(("unsaid", *answers))
    story = told(sqlite_database, name, venue, rules=lambda: tuple(venue.heard), ask_rules=venue.ask)
    assert_whole(story)
    assert not intents(story, "flatten")
    assert set(venue.asked) == {BTC}
    assert story.naked_s[symbol_of(BTC)] < CLOSED_S
    tick = Decimal(str(venue.known[0].tick))
    assert {name for name, _ in venue.put} == {"stop", "target"}
    assert all(price % tick == 0 for _, price in venue.put)
    # What was heard then holds from the next bar on.
    assert [one.instrument for step in ruled(story) for one in step.rules] == [BTC]


def test_a_position_whose_stop_is_refused_is_closed_in_time_whether_or_not_rules_can_be_asked(
    sqlite_database,
):
    venue = Unsaid(*["silent", "fails"] * 50)
    story = told(sqlite_database, "unheard", venue, rules=lambda: tuple(venue.heard), ask_rules=venue.ask)
    assert [one.intent.instrument for one in intents(story, "flatten")] == [BTC]
    assert story.naked_s[symbol_of(BTC)] <= CLOSED_S + StopDeadlines().read_s


def test_a_limit_target_that_could_not_rest_before_ticks_changed_rests_on_their_grid(sqlite_database):
    venue = Belated()
    story = told(sqlite_database, "belated", venue, rules=lambda: tuple(venue.heard), ask_rules=venue.ask)
    assert_whole(story)
    tick, entry = Decimal(str(venue.known[0].tick)), intents(story, "entry")[0].intent
    (side, put), *_ = venue.rested
    target = next(one.intent for one in intents(story, "target") if one.intent.instrument == BTC).target
    assert (side, put % tick) == (-entry.side, 0)
    assert 0 <= entry.side * (target - put) < tick, "towards the price"
    assert not noted(sqlite_database, story, "trade.target_refused")


def assert_rests_on_the_new_grid(database, story, left):
    venue = story.venue
    assert_whole(story)
    tick = Decimal(str(venue.known[0].tick))
    first, second, *_ = [one for one in intents(story, "target") if one.intent.instrument == BTC]
    assert first.intent.target % tick, "it was decided on the grid of before"
    assert (first.move.state, first.intent.attempt, second.intent.attempt) == ("cancelled", 1, 2)
    assert second.intent.target == first.intent.target, "what was decided stays"
    ((price, qty),) = venue.seen
    assert (price % tick, qty) == (0, second.intent.qty)
    assert second.intent.qty == first.intent.qty - first.move.filled == left(first.intent.qty)
    assert abs(price - first.intent.target) < tick
    assert set(venue.beside) == {0}, "of two at once both may be filled"
    assert story.naked_s.get(symbol_of(BTC), 0.0) == 0.0
    assert not noted(database, story, "trade.target_refused")
    assert not noted(database, story, "trade.target_lost")


@pytest.mark.parametrize("share", ["", "0.5"])
def test_a_limit_target_that_rests_when_ticks_change_is_put_on_their_grid(sqlite_database, share):
    venue = Rested(share)
    story = told(sqlite_database, f"rested-{share}", venue, rules=lambda: tuple(venue.known))

    def left(qty):
        lot = order_lot(venue)
        return qty - qty * Decimal(share or "0") // lot * lot

    assert_rests_on_the_new_grid(sqlite_database, story, left)


def test_a_target_that_the_venue_does_not_take_on_their_grid_for_a_while_waits_for_no_bar(
    sqlite_database, monkeypatch
):
    venue, refused = Rested(), []
    venue.quiet[HELD + 1] = [(2 * OrderTimeouts().exit_s + 40.0, venue.see)]
    place = venue.place

    async def placed(order):
        if venue.beside and (order.instrument, order.limit is None) == (BTC, False):
            refused.append(venue.clock.now)
            if venue.clock.now < refused[0] + 1_000 * (OrderTimeouts().exit_s + 10.0):
                raise TransientError("no limits now")
        return await place(order)

    monkeypatch.setattr(venue, "place", placed)
    story = told(sqlite_database, "rested-late", venue, rules=lambda: tuple(venue.known))
    assert len(refused) > 2
    assert_rests_on_the_new_grid(sqlite_database, story, lambda qty: qty)


@pytest.mark.parametrize("where", ["cancelled", "written", "placed"])
def test_who_is_killed_while_a_target_moves_to_the_new_grid_leaves_one_that_the_next_one_puts_there(
    sqlite_database, monkeypatch, where
):
    venue, killed = Rested(), []
    commit, cancel, place = SqlTradeBook.commit, venue.cancel, venue.place

    def die():
        killed.append(where)
        venue.again()
        raise Dead

    def is_moved(change):
        return any(
            (one.leg, one.attempt) == ("target", 2) and one.instrument == BTC for one in change.intents
        )

    def committed(self, lease, change):
        made = commit(self, lease, change)
        if where == "written" and not killed and is_moved(change):
            die()
        return made

    async def cancelled(instrument, client_id, ts=None):
        done = await cancel(instrument, client_id, ts)
        if where == "cancelled" and not killed and instrument == BTC:
            die()
        return done

    async def placed(order):
        done = await place(order)
        if where == "placed" and not killed and order.instrument == BTC and len(venue.beside) == 2:
            die()
        return done

    monkeypatch.setattr(SqlTradeBook, "commit", committed)
    monkeypatch.setattr(venue, "cancel", cancelled)
    monkeypatch.setattr(venue, "place", placed)
    name = f"rested-{where}"
    with pytest.raises(Dead):
        told(sqlite_database, name, venue, rules=lambda: tuple(venue.known))
    story = told(sqlite_database, name, venue, rules=lambda: tuple(venue.known))
    assert killed == [where]
    assert_rests_on_the_new_grid(sqlite_database, story, lambda qty: qty)


def test_on_paper_a_limit_target_rests_where_it_was_decided_whatever_ticks_became_meanwhile(sqlite_database):
    inputs = [
        (name, replace(one, sizing=replace(one.sizing, target_execution="limit", target_atr=1.0)))
        for name, one in market.inputs()
    ]
    book, slots, met = SqlTradeBook(sqlite_database, market.CLOCK), live_slots(inputs), []
    run = begin(book, "paper-ticks")
    venue = PaperVenue(run, slots, HistoryFeed(inputs), book, market.CLOCK)
    fresh = [replace(one.versions[0], tick=coarser(one.versions[0].tick)) for _, one in inputs]

    def hear(step):
        met.append(step)
        venue.change_rules(step)

    given = TraderConfig(
        run, slots, market.PROTECTIONS, GivenVerdicts(inputs), lambda *_: (), lease_s=1e7, entry_age_s=1e7,
        # Heard at the instant at which the first entries are decided.
        rules=lambda: fresh if book.intents(run.id) or venue._applied_number > 1 else (), on_rules=hear,
    )  # fmt: skip
    lease = book.take(run.account, "tests", for_s=1e7, by_force=True)
    asyncio.run(Trader(given, book, venue, venue, market.CLOCK, lease).trade())
    meant = {one.intent.id: one.intent for one in book.intents(run.id) if one.intent.leg == "target"}
    filled = {one.client_id: one.price for one in book.fills(run.id) if one.client_id in meant}
    assert len(met) == 1
    assert any(meant[id_].target % Decimal(str(fresh[0].tick)) for id_ in filled), "off the new grid"
    assert filled == {id_: meant[id_].target for id_ in filled}


@pytest.mark.parametrize(
    ("tick", "figures", "side", "price", "put"),
    [
        ("0.5", 0, 1, "100.4", "100.0"), ("0.5", 0, -1, "100.1", "100.5"), ("0.5", 0, 1, "100.5", "100.5"),
        ("0.5", 0, 1, "100.4999999", "100.4999999"), ("500", 0, 1, "100.4", "100.4"),
        ("0.1", 5, 1, "12345.6", "12345"), ("0.1", 5, -1, "12345.6", "12346"), ("0.1", 5, 1, "123456.7", "123456"),
        ("0.001", 5, 1, "12.3456", "12.345"), ("0.1", 5, 1, "1234.5", "1234.5"),
    ],
)  # fmt: skip
def test_levels_keep_to_the_grid_of_now_as_they_are_rounded_where_they_are_decided(
    tick, figures, side, price, put
):
    rules = replace(market.inputs()[0][1].versions[0], tick=parse_step(tick), significant_figures=figures)
    assert round_to_grid(rules, side, Decimal(price)) == Decimal(put)
    step, ticks = parse_step(tick), sizing.stop_ticks
    decided = ticks(side, float(price), 0.0, step.multiple, step.scale, figures)
    assert round_to_grid(rules, side, Decimal(price)) == pytest.approx(
        Decimal(str(step.point(decided) or price))
    )


def test_the_step_comes_back_from_the_disk_as_it_was_taken():
    rule = steps.OrderRules(BTC, "0.1", "0.001", 5, 0.001, None, 5.0, 0.004)
    step = steps.RulesChanged(7, (rule, replace(rule, instrument=ETH, max_qty=1_200.0)))
    assert steps.decode_step(steps.encode_step(step)) == step
