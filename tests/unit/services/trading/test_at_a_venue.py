"""An account at a venue: set up before the first order, and closed as a whole, also what no log knows of."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from tests import houses
from tests.unit.services.trading.material import BEGUN, FILE, AtOnce, RunningClock, planned, run_file
from vigie.domain.errors import (
    AuthError,
    ConnectorError,
    Forbidden,
    OutcomeUnknown,
    StorageError,
    TransientError,
    UsageError,
)
from vigie.domain.order import Balance, Intent, VenueOrder, VenuePosition
from vigie.domain.time import DAY_MS
from vigie.engine.live.book.orders import OrderTimeouts
from vigie.engine.live.fold import steps
from vigie.ports.listed_venue import FeeLevel, InstrumentState
from vigie.ports.tradebook import TradeChange
from vigie.ports.trading import InstrumentSetup, KeyRights
from vigie.services.needs import bound
from vigie.services.runs import request_builder
from vigie.services.trading.flattening import flattening
from vigie.services.trading.log.trading_events import find_open_concerns
from vigie.services.trading.process import startup, trading
from vigie.views.cli import trade_runs

BTC, ETH, DOGE = "btc-usdt-perp", "eth-usdt-perp", "doge-usdt-perp"
SENT = "e" * 32


class Venue:
    """An account that holds what it is given; closing works at the second time only."""

    venue = "bitget-perp"

    def __init__(self, *held: str, leverage: str = "5", can_withdraw: bool = False, closes: bool = True):
        self.held, self.prepared, self.asked = list(held), [], 0
        self._leverage, self._can_withdraw, self._closes = Decimal(leverage), can_withdraw, closes

    async def rights(self):
        return KeyRights(can_read=True, can_trade=True, can_withdraw=self._can_withdraw)

    async def prepare(self, instrument, leverage):
        self.prepared.append((instrument, leverage))
        return InstrumentSetup(instrument, self._leverage, is_isolated=True, is_one_way=True)

    async def balance(self):
        return Balance("USDT", self.equity, self.equity, self.equity, BEGUN)

    async def fee_level(self, instrument):
        return FeeLevel(Decimal("0.0004"), Decimal("-0.0001"))

    async def positions(self):
        return [VenuePosition(one, 1, Decimal(1), Decimal(100), Decimal(5), BEGUN) for one in self.held]

    async def fills(self, since_ms):
        return []

    async def ledger(self, since_ms):
        return []

    async def flash_close(self, instrument, ts=None):
        self.asked += 1
        if self.asked == 1:
            raise OutcomeUnknown("nobody knows")
        if self._closes:
            self.held.remove(instrument)


@pytest.fixture
def house(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    return houses.house(tmp_path / "home", clock=clock)


def close_all(house, plan, venue, said, *entries):
    async def process():
        clock = RunningClock(BEGUN, BEGUN + 999 * DAY_MS)
        live = replace(house, clock=clock)
        run = bound(live, trading.begin_run)(plan, "owner")
        if entries:
            before = live.trades.take(plan.account, "trader", for_s=30.0)
            intents = tuple(one(run.id, plan) for one in entries)
            live.trades.commit(before, TradeChange(intents=intents))
        lease = live.trades.take(plan.account, "a person", for_s=30.0, by_force=True)
        hands = asyncio.ensure_future(clock.run())
        try:
            return await flattening.flatten(
                trading.TradeJob(live, run, plan, lease, clock, venue), said.append
            )
        finally:
            hands.cancel()

    return asyncio.run(process())


def test_every_instrument_is_set_up_once_before_the_first_order(house, tmp_path):
    venue = Venue()
    asyncio.run(startup.set_up_account(venue, planned(house, tmp_path)))
    assert venue.prepared == [(f"{coin}-usdt-perp", Decimal("5.0")) for coin in ("btc", "eth", "sol")]


class Gone(Venue):
    """An account at a venue that does not know one of its contracts any more.

    Parameters
    ----------
    phase : str
        What its list says of that contract.
    fault : Exception
        How it answers a setting of it.
    """

    def __init__(self, phase, fault):
        super().__init__()
        self.phase, self.fault = phase, fault

    async def prepare(self, instrument, leverage):
        if instrument == ETH:
            raise self.fault
        return await super().prepare(instrument, leverage)

    async def states(self, instruments):
        return [InstrumentState(one, one, self.phase if one == ETH else "trading") for one in instruments]


@pytest.mark.parametrize(
    "fault",
    [ConnectorError("40309: the contract has been removed"), TransientError("-4108: it is being settled")],
    ids=["removed", "settled"],
)
def test_a_contract_that_is_gone_keeps_no_other_from_being_traded_after_a_restart(house, tmp_path, fault):
    plan, venue = planned(house, tmp_path), Gone("ended", fault)
    asyncio.run(startup.set_up_account(venue, plan))
    assert [name for name, _ in venue.prepared] == [BTC, "sol-usdt-perp"]
    with pytest.raises(type(fault), match=str(fault)):
        asyncio.run(startup.set_up_account(Gone("trading", fault), plan))
    # Who is asked for a rest is left alone, and waited for.
    with pytest.raises(TransientError, match="429"):
        asyncio.run(startup.set_up_account(Gone("ended", TransientError("429: too many", after_s=5.0)), plan))


class Busy(Venue):
    """An account that is busy for a while, and whose key is refused then.

    Parameters
    ----------
    times : int or None
        How often it is busy; None is for ever.
    after_s : float or None
        For how long it asks to be left alone.
    """

    def __init__(self, times, after_s=None):
        super().__init__()
        self.times, self.after_s, self.looks = times, after_s, 0

    async def rights(self):
        self.looks += 1
        if self.times is None or self.looks <= self.times:
            raise TransientError("429: too many requests", after_s=self.after_s)
        raise AuthError("40037: the key does not exist")


def traded(house, plan, venue):
    async def process():
        venue.clock = clock = RunningClock(BEGUN, BEGUN + 999 * DAY_MS)
        live = replace(house, clock=clock)
        run = bound(live, trading.begin_run)(plan, "owner")
        lease = await trading.acquire_lease(live.trades, plan.account, "tests", clock, print)
        hands = asyncio.ensure_future(clock.run())
        try:
            await trading.trade(
                trading.TradeJob(live, run, plan, lease, clock, venue), print, asyncio.Event()
            )
        finally:
            hands.cancel()

    with pytest.raises((AuthError, TransientError)) as fault:
        asyncio.run(process())
    ended = house.audit.after(0, kinds=["trade.ended"])
    assert [(one.subject, one.text["why"]) for one in ended] == [(plan.account, str(fault.value))]
    return str(fault.value)


def test_an_account_that_is_busy_for_a_moment_ends_nothing_and_why_a_process_ended_is_written(
    house, tmp_path
):
    venue = Busy(times=3)
    assert traded(house, planned(house, tmp_path), venue) == "40037: the key does not exist"
    assert venue.looks == 4
    assert (
        find_open_concerns(house.audit, house.trades, house.trades.run("main"), [])[0].kind == "trade.ended"
    )


class Kept:
    """A book that tells when the right to trade was kept."""

    def __init__(self, book, venue):
        self._book, self._venue, self.at = book, venue, []

    def __getattr__(self, name):
        return getattr(self._book, name)

    def keep(self, lease, *, for_s):
        self.at.append(self._venue.clock.wall_now())
        return self._book.keep(lease, for_s=for_s)


@pytest.mark.parametrize(
    ("times", "after_s"), [(60, None), (2, 2 * trading.LEASE_S)], ids=["maintenance", "patience"]
)
def test_a_venue_that_is_busy_for_long_as_a_process_begins_is_waited_for_and_told_once(
    house, tmp_path, times, after_s
):
    venue = Busy(times, after_s)
    book = Kept(house.trades, venue)
    house = replace(house, trades=book)
    assert traded(house, planned(house, tmp_path), venue) == "40037: the key does not exist"
    assert venue.looks == times + 1
    # The right to trade never ended meanwhile.
    times_kept = [*book.at, venue.clock.wall_now()]
    assert times_kept[-1] - times_kept[0] > 2 * trading.LEASE_S * 1_000
    assert max(np.diff(times_kept)) < trading.LEASE_S * 1_000
    told = house.audit.after(0, kinds=["trade.unanswered"])
    assert [(one.subject, one.text["why"]) for one in told] == [("main", "429: too many requests")]


def test_a_process_that_waits_for_a_venue_can_be_stopped(house, tmp_path):
    venue, stop = Busy(None), asyncio.Event()
    plan = planned(house, tmp_path)

    async def process():
        clock = RunningClock(BEGUN, BEGUN + 999 * DAY_MS)
        waited = startup.wait_until_set_up(
            venue, plan, clock, stop, startup.WaitCallbacks(stop.set, 10.0, print)
        )
        hands = asyncio.ensure_future(clock.run())
        try:
            await waited
        finally:
            hands.cancel()

    with pytest.raises(TransientError, match="429"):
        asyncio.run(process())


class Still(Venue):
    """An account that holds nothing, whose venue is busy whenever it is set up again.

    Parameters
    ----------
    busy : callable
        Whether it is so now.
    """

    attaches_levels, equity = True, Decimal(10_000)

    def __init__(self, busy):
        super().__init__()
        self.busy, self.looks = busy, 0

    async def rights(self):
        self.looks += 1
        if self.busy():
            raise TransientError("429: too many requests")
        return await super().rights()

    async def now(self):
        return BEGUN

    async def fundings(self, since_ms):
        return []

    async def open_orders(self):
        return []

    async def order(self, instrument, client_id):
        return None

    async def states(self, instruments):
        return [InstrumentState(one, one, "trading") for one in instruments]

    async def hints(self):
        await asyncio.Event().wait()
        yield


def test_a_venue_that_is_busy_while_an_account_is_taken_up_again_ends_nothing(house, tmp_path):
    plan, said, away = planned(house, tmp_path, mode="demo"), [], []

    class Away:
        """A book that cannot be written once."""

        def __getattr__(self, name):
            return getattr(house.trades, name)

        def commit(self, lease, change):
            if not away and any(step.ts >= BEGUN + DAY_MS // 4 for step in change.steps):
                away.append(clock.wall_now())
                raise StorageError("the folder cannot be written")
            return house.trades.commit(lease, change)

    def is_busy():
        return bool(away) and clock.wall_now() < away[0] + 1_500 * trading.LEASE_S

    async def process():
        asyncio.get_running_loop().set_default_executor(AtOnce())
        live = replace(house, clock=clock, trades=Away())
        run = bound(live, trading.begin_run)(plan, "owner")
        lease = await trading.acquire_lease(live.trades, plan.account, "tests", clock, said.append)
        hands = asyncio.ensure_future(clock.run())
        job = trading.TradeJob(live, run, plan, lease, clock, venue, speed=lambda: RunningClock.SPEED)
        await trading.trade(job, said.append, clock.is_over)
        await hands
        return run

    clock, venue = RunningClock(BEGUN, BEGUN + DAY_MS), Still(is_busy)
    run = asyncio.run(process())
    opened = [
        one for one in map(steps.decode_step, house.trades.steps(run.id)) if isinstance(one, steps.BarsOpened)
    ]
    assert opened[-1].ts > BEGUN + 3 * DAY_MS // 4, "it went on to the end"
    assert not house.audit.after(0, kinds=["trade.ended"])
    told = house.audit.after(0, kinds=["trade.unanswered"])
    assert {(one.subject, one.text["why"]) for one in told} == {("main", "429: too many requests")}
    assert 1 < len(told) < 6
    assert sum("once the venue answers: 429" in line for line in said) == len(told)


def test_another_leverage_than_asked_for_is_refused_with_the_cure(house, tmp_path):
    with pytest.raises(ConnectorError, match=r"keeps leverage 3 for .* set leverage = 3"):
        asyncio.run(startup.set_up_account(Venue(leverage="3"), planned(house, tmp_path)))


@pytest.mark.parametrize(("equity", "is_enough"), [("9900", True), ("9899.99", False), ("12000", True)])
def test_more_capital_than_the_account_has_is_refused_but_for_a_hundredth(house, tmp_path, equity, is_enough):
    venue, plan = Venue(), planned(house, tmp_path)
    venue.equity = Decimal(equity)
    if is_enough:
        asyncio.run(startup.check_funds(venue, plan))
        return
    with pytest.raises(UsageError, match=r"capital is 10000, .* has 9899.99 USDT; set capital"):
        asyncio.run(startup.check_funds(venue, plan))


def levels_of(plan, taker="0.0004", maker="-0.0001"):
    return {one.slot.instrument: FeeLevel(Decimal(taker), Decimal(maker)) for one in plan.slots}


def test_fees_that_nobody_states_are_those_of_the_account_and_make_no_other_plan_of_it(house, tmp_path):
    plan = planned(house, tmp_path)
    asked = request_builder.build_request(house.data, config=run_file(tmp_path, FILE))
    taken = startup.with_account_fees(plan, asked, levels_of(plan))
    assert {(one.effective_costs.taker, one.effective_costs.maker) for one in taken.slots} == {
        (0.0004, -0.0001)
    }
    assert {one.effective_costs.slippage_bps for one in taken.slots} == {plan.slots[0].costs.slippage_bps}
    assert [one.costs for one in taken.live_slots()] == [one.effective_costs for one in taken.slots]
    assert taken.fingerprint == plan.fingerprint
    assert not startup.describe_other_fees(taken, levels_of(plan))


def test_a_fee_that_the_run_file_states_is_counted_with_and_said_where_the_venue_takes_another(
    house, tmp_path
):
    text = f"{FILE}\n[costs]\ntaker = 0.001\n"
    asked = request_builder.build_request(house.data, config=run_file(tmp_path, text))
    plan = planned(house, tmp_path, text=text, mode="demo")
    levels = levels_of(plan)
    taken = startup.with_account_fees(plan, asked, levels)
    assert {(one.effective_costs.taker, one.effective_costs.maker) for one in taken.slots} == {
        (0.001, -0.0001)
    }
    said = startup.describe_other_fees(taken, levels)
    assert len(said) == len(levels)
    assert "takes 0.0004 of each fill, the run file or the settings count with 0.001" in said[0]


def test_what_the_account_pays_is_asked_once_an_instrument(house, tmp_path):
    venue, plan = Venue(), planned(house, tmp_path)
    assert asyncio.run(startup.read_fee_levels(venue, plan)) == levels_of(plan)


def test_a_key_that_may_withdraw_trades_nothing(house, tmp_path):
    venue = Venue(can_withdraw=True)
    with pytest.raises(Forbidden, match="withdraw"):
        asyncio.run(startup.set_up_account(venue, planned(house, tmp_path)))
    assert not venue.prepared


def test_flatten_closes_what_the_log_does_not_know_of_and_leaves_other_instruments_alone(house, tmp_path):
    venue, said = Venue(BTC, DOGE), []
    assert close_all(house, planned(house, tmp_path), venue, said) == 1
    assert venue.held == [DOGE]
    assert said == [f"closed {BTC}, which the log did not know of"]


def test_what_cannot_be_closed_is_said(house, tmp_path):
    with pytest.raises(UsageError, match=f"still open at the venue: {BTC}; close it there"):
        close_all(house, planned(house, tmp_path), Venue(BTC, closes=False), [])


class InMaintenance(Venue):
    """Nothing of bitcoin can be closed."""

    async def flash_close(self, instrument, ts=None):
        if instrument == BTC:
            raise ConnectorError("40200: in maintenance")
        self.held.remove(instrument)


def test_a_contract_in_maintenance_keeps_no_other_open_and_is_named_with_what_the_venue_said(house, tmp_path):
    venue = InMaintenance(BTC, ETH)
    with pytest.raises(UsageError, match=rf"still open at the venue: {BTC} \(40200: in maintenance\); close"):
        close_all(house, planned(house, tmp_path), venue, [])
    assert venue.held == [BTC]


class Arriving(Venue):
    """An entry that was sent before arrives at a look, rests half filled, and is cancelled."""

    def __init__(self, at_look):
        super().__init__()
        self.at_look, self.looks, self.order_state = at_look, 0, "partial"

    async def order(self, instrument, client_id):
        self.looks += 1
        if self.at_look is None or self.looks < self.at_look:
            return None
        if self.looks == self.at_look:
            self.held.append(instrument)
        return VenueOrder(
            instrument, "7", client_id, 1, "market", Decimal(2), Decimal(1), self.order_state, False, 0, 0
        )  # fmt: skip

    async def cancel(self, instrument, client_id, ts=None):
        assert (instrument, client_id) == (BTC, SENT)
        self.order_state = "cancelled"
        return True


def entry(run, plan):
    slot = next(one.slot for one in plan.slots if one.slot.instrument == BTC)
    return Intent(
        SENT, run, plan.account, str(slot), BTC, "entry", 1, 2, Decimal(2), BEGUN, BEGUN,
        ts_expires=BEGUN + 60_000,
    )  # fmt: skip


def test_an_entry_that_arrives_after_the_taking_over_is_cancelled_and_what_it_opened_closed(house, tmp_path):
    venue, said = Arriving(at_look=12), []
    assert close_all(house, planned(house, tmp_path), venue, said, entry) == 1
    assert (venue.held, venue.order_state) == ([], "cancelled")
    assert said == [
        "waiting until no order that is under way can arrive any more",
        f"closed {BTC}, which an entry opened that was not booked yet",
    ]
    run = house.trades.run(planned(house, tmp_path).account)
    known = [(one.intent.leg, one.move.state) for one in house.trades.intents(run.id)]
    assert known[1:] == [("flatten", "filled")], "what is sent was written down before, and has ended"


def test_an_entry_that_never_arrives_is_looked_for_until_its_signature_is_over(house, tmp_path):
    venue, said = Arriving(at_look=None), []
    assert close_all(house, planned(house, tmp_path), venue, said, entry) == 0
    # A look a second for as long as the signature is good.
    assert venue.looks > 30


def test_an_entry_that_cannot_be_read_back_is_never_called_done(house, tmp_path):
    class Closed(Venue):
        async def order(self, instrument, client_id):
            raise ConnectorError("40309: the contract is gone")

    with pytest.raises(UsageError, match=rf"an entry is still pending for {BTC} \(40309"):
        close_all(house, planned(house, tmp_path), Closed(), [], entry)


class Resting(Venue):
    """An account with a target that rests, of which nothing is held any more."""

    def __init__(self):
        super().__init__()
        self.cancelled = []

    async def cancel(self, instrument, client_id, ts=None):
        self.cancelled.append((instrument, client_id))
        return True


def target(run, plan):
    slot = next(one.slot for one in plan.slots if one.slot.instrument == BTC)
    return Intent(
        SENT, run, plan.account, str(slot), BTC, "target", -1, 2, Decimal(2), BEGUN, BEGUN, target=Decimal(120)
    )  # fmt: skip


def test_a_target_that_rests_is_cancelled_or_it_would_close_a_later_position(house, tmp_path):
    venue = Resting()
    close_all(house, planned(house, tmp_path), venue, [], target)
    assert venue.cancelled == [(BTC, SENT)]


class Left(Venue):
    """An account where a killed run's entry became what it became.

    Parameters
    ----------
    state : str
        Of its order; empty where the venue never heard of it.
    held : sequence of lists
        What is held at each look at positions, the last of them from then on.
    """

    def __init__(self, state, *held):
        super().__init__()
        self.state, self.looks, self.asked_for, self.is_closed = state, list(held), [], False

    async def order(self, instrument, client_id):
        self.asked_for.append(client_id)
        if not self.state:
            return None
        filled = Decimal(0 if self.state == "live" else 1)
        return VenueOrder(
            instrument, "7", client_id, 1, "market", Decimal(2), filled, self.state, False, 0, 0
        )

    async def positions(self):
        self.held = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return await super().positions()

    async def close(self):
        self.is_closed = True


def begin_anew(house, plan, venue, said, entries=(entry,), monkeypatch=None):
    """Begin a new run in the place of one that was killed; return how long was asked, in seconds."""
    clock = RunningClock(BEGUN, BEGUN + 999 * DAY_MS)
    live = replace(house, clock=clock)
    run = bound(live, trading.begin_run)(plan, "owner")
    before = live.trades.take(plan.account, "killed", for_s=1.0)
    live.trades.commit(before, TradeChange(intents=tuple(one(run.id, plan) for one in entries)))
    monkeypatch.setattr(trade_runs, "_venue", lambda plan, clock, url: venue)
    trader = SimpleNamespace(app_context=live, clock=clock, url=None)

    async def process():
        hands = asyncio.ensure_future(clock.run())
        lease = await trading.acquire_lease(live.trades, plan.account, "next", clock, said.append)
        begun = clock.wall_now()
        try:
            await trade_runs._check_nothing_open(trader, plan, lease, SimpleNamespace(say=said.append))
            # The right to trade was kept for as long as that took.
            assert live.trades.holder(plan.account).token == lease.token
        finally:
            hands.cancel()
        return (clock.wall_now() - begun) / 1_000

    return asyncio.run(process())


@pytest.mark.parametrize(
    ("venue", "says"),
    [
        (Left("filled", [BTC]), f"a position in {BTC}"),
        (Left("filled", [], [BTC]), f"a position in {BTC}"),
        (Left("partial", []), rf"an order \(entry\) of {BTC}"),
        (Left("live", []), rf"an order \(entry\) of {BTC}"),
    ],
)
def test_a_new_run_forgets_nothing_that_was_sent_and_not_booked(house, tmp_path, monkeypatch, venue, says):
    plan, said = planned(house, tmp_path, mode="demo"), []
    with pytest.raises(
        UsageError, match=rf"left open at bitget-perp: {says}.*without --new-run.*flatten --account"
    ):
        begin_anew(house, plan, venue, said, monkeypatch=monkeypatch)
    assert (set(venue.asked_for), venue.is_closed) == ({SENT}, True)
    assert said[-1] == "asking bitget-perp what became of 1 orders that the run before left open"


@pytest.mark.parametrize("state", ["filled", "cancelled"])
def test_a_new_run_begins_where_what_was_left_has_ended_and_nothing_is_held(
    house, tmp_path, monkeypatch, state
):
    venue = Left(state, [ETH])
    begin_anew(house, planned(house, tmp_path, mode="demo"), venue, [], monkeypatch=monkeypatch)
    assert venue.asked_for == [SENT]


def test_that_an_order_never_came_is_proven_before_a_new_run_begins(house, tmp_path, monkeypatch):
    plan, venue = planned(house, tmp_path, mode="demo"), Left("", [])

    def just_signed(run, plan):
        return replace(entry(run, plan), ts=BEGUN + DAY_MS)

    waited_s = begin_anew(house, plan, venue, [], (just_signed,), monkeypatch=monkeypatch)
    assert waited_s > OrderTimeouts().window_s
    assert len(venue.asked_for) > 2


@pytest.mark.parametrize(("mode", "entries"), [("demo", ()), ("paper", (entry,))])
def test_nobody_is_asked_where_nothing_was_left_at_a_venue(house, tmp_path, monkeypatch, mode, entries):
    plan, venue, said = planned(house, tmp_path, mode=mode), Left("filled", [BTC]), []
    begin_anew(house, plan, venue, said, entries, monkeypatch=monkeypatch)
    assert not venue.asked_for
    assert not [line for line in said if "asking" in line]
