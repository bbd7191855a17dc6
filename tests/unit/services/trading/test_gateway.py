"""The gateway: every rule refuses alone, with its limit and the value; what is seen is judged by one moment."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from tests import houses
from tests.clocks import StandingClock, settle
from vigie.domain import codes
from vigie.domain.errors import TransientError, UsageError
from vigie.domain.ids import SlotId
from vigie.domain.order import Intent, IntentMove, TradeRun
from vigie.domain.order_caps import OrderCaps
from vigie.domain.quote import OrderBook, Quote
from vigie.domain.time import DAY_MS
from vigie.engine.live.fold.decision_row import DecisionRow
from vigie.engine.live.fold.steps import EntryVeto
from vigie.ports.feed import MarketInstant
from vigie.ports.tradebook import TradeChange
from vigie.services.trading.gateway.caps import count_cancelled, list_entry_times
from vigie.services.trading.gateway.entry_rules import (
    NEVER_S,
    RULES,
    SILENT_S,
    UNKNOWN,
    EntryCheck,
    MarketSnapshot,
    first_refusal,
)
from vigie.services.trading.gateway.gateway import Gateway
from vigie.services.trading.gateway.market_snapshot import ClockDriftMonitor, MarketReader
from vigie.services.trading.log.event_log import describe_limit
from vigie.views.web.pages.trading import words

VENUE, BTC, NAN = "bitget-perp", "btc-usdt-perp", float("nan")
SEEN = MarketSnapshot(
    last=100.0, age_s=1.0, bid=99.99, ask=100.01, reference=100.2, levels=((100.01, 20.0), (100.1, 30.0))
)
GOOD = EntryCheck(
    state="active", is_missed=False, is_stale=False, is_real=True, age_s=3.0, bar_s=3_600.0, price=100.1, qty=2.0,
    drift_s=0.1, market=SEEN, phase="trading", minute_volume=1_000.0,
)  # fmt: skip


def seeing(**more):
    return {"market": replace(SEEN, **more)}


REFUSED = [
    ("trading_state", {"state": "reducing"}, 0.0, 1.0),
    ("not_allowed", {"is_allowed": False}, 0.0, 1.0),
    ("model_demoted", {"is_demoted": True}, 0.0, 1.0),
    ("missed_bar", {"is_missed": True}, 0.0, 1.0),
    ("stale_data", {"is_stale": True}, 0.0, 1.0),
    ("clock_drift", {"drift_s": -1.5}, 1.0, 1.5),
    ("instrument_state", {"phase": "ended"}, 0.0, 1.0),
    ("instrument_state", {"phase": "reducing"}, 0.0, 2.0),
    ("instrument_state", {"phase": "halted"}, 0.0, 3.0),
    ("instrument_state", {"phase": None}, 0.0, 4.0),
    ("silent_stream", seeing(age_s=5.5), 5.0, 5.5),
    ("silent_stream", {"market": None}, 5.0, NEVER_S),
    ("signal_age", {"age_s": 61.0}, 60.0, 61.0),
    ("signal_age", {"age_s": 13.0, "bar_s": 60.0}, 12.0, 13.0),
    ("price_jump", seeing(reference=98.0), 0.005, 100.0 / 98.0 - 1.0),
    ("price_band", {"price": 102.0}, 0.01, 1.0 - 100.0 / 102.0),
    ("spread", seeing(bid=99.9, ask=100.1), 0.001, 100.1 / 99.9 - 1.0),
    ("spread", {"is_small_cap": True, **seeing(bid=99.5, ask=100.5)}, 0.004, 100.5 / 99.5 - 1.0),
    ("depth", seeing(levels=((100.0, 5.0), (100.1, 4.0))), 10.0, 9.0),
    ("clock_drift", {"drift_s": None}, 1.0, NEVER_S),
    ("clock_drift", {"drift_s": NAN}, 1.0, NEVER_S),
    ("silent_stream", seeing(age_s=NAN), 5.0, NEVER_S),
    ("signal_age", {"age_s": NAN}, 60.0, NEVER_S),
    ("price_jump", seeing(reference=None), 0.005, UNKNOWN),
    ("price_jump", seeing(reference=NAN), 0.005, UNKNOWN),
    ("price_jump", seeing(last=NAN), 0.005, UNKNOWN),
    ("price_band", {"price": 0.0}, 0.01, UNKNOWN),
    ("price_band", {"price": NAN}, 0.01, UNKNOWN),
    ("spread", seeing(bid=None), 0.001, UNKNOWN),
    ("spread", seeing(ask=NAN), 0.001, UNKNOWN),
    ("spread", seeing(bid=100.02, ask=100.01), 0.001, UNKNOWN),
    ("depth", seeing(levels=None), 10.0, 0.0),
    ("depth", seeing(levels=()), 10.0, 0.0),
    ("depth", seeing(levels=((100.0, NAN),)), 10.0, 0.0),
    ("slippage", seeing(levels=((100.0, 1.0), (101.0, 49.0))), 0.003, 0.005),
    ("slippage", {"market": replace(SEEN, bid=99.99, levels=((100.0, 1.0), (99.0, 49.0)))}, 0.003, 0.005),
    ("slippage", seeing(levels=((100.0, 1.0), (NAN, 49.0))), 0.003, UNKNOWN),
    ("order_volume", {"minute_volume": 39.0}, 1.95, 2.0),
    ("open_orders", {"instrument_orders": 4}, 4.0, 5.0),
    ("open_orders", {"open_orders": 20}, 20.0, 21.0),
    ("daily_cancels", {"cancels_today": 500}, 500.0, 501.0),
    ("run_orders", {"run_orders": 7, "max_run_orders": 7}, 7.0, 8.0),
    ("order_rate", {"burst": 9.5}, 10.0, 10.5),
    ("order_rate", {"burst": 10}, 10.0, 11.0),
    ("order_rate", {"entries_today": 500}, 500.0, 501.0),
    ("order_rate", {"trades_today": 200}, 200.0, 201.0),
]


def test_an_entry_that_keeps_every_rule_passes():
    assert first_refusal(GOOD) is None


@pytest.mark.parametrize(("word", "changed", "limit", "value"), REFUSED)
def test_each_rule_refuses_alone_with_its_limit_and_the_value(word, changed, limit, value):
    code, *numbers = first_refusal(replace(GOOD, **changed))
    assert codes.VETOES[code] == word
    assert numbers == pytest.approx([limit, value])


def test_every_rule_has_a_case_and_the_first_in_order_counts():
    assert {codes.VETOES[rule.code] for rule in RULES} == {word for word, *_ in REFUSED}
    everything = {key: value for _, changed, *_ in reversed(REFUSED) for key, value in changed.items()}
    for rule in RULES[:2]:
        assert first_refusal(replace(GOOD, **everything))[0] in (codes.TRADING_STATE, rule.code)


@pytest.mark.parametrize(
    "changed",
    [
        {"drift_s": 1.0}, {"age_s": 60.0}, seeing(age_s=5.0), seeing(levels=((100.0, 10.0),)),
        seeing(levels=((100.0, 1.0), (100.5, 49.0))), {"minute_volume": 40.0},
        {"minute_volume": None}, {"minute_volume": NAN},
        {"instrument_orders": 3, "open_orders": 19},
        {"is_small_cap": True, **seeing(bid=99.9, ask=100.1)},
        {"burst": 9, "entries_today": 499, "trades_today": 199, "cancels_today": 499},
        {"run_orders": 6, "max_run_orders": 7}, {"run_orders": 10**6},
    ],
)  # fmt: skip
def test_at_its_limit_a_rule_lets_pass(changed):
    assert first_refusal(replace(GOOD, **changed)) is None


def test_on_paper_an_unseen_market_refuses_nothing():
    assert first_refusal(replace(GOOD, is_real=False, market=None)) is None
    assert first_refusal(replace(GOOD, is_real=False, price=120.0)) is None
    assert first_refusal(replace(GOOD, is_real=False, phase=None)) is None
    assert first_refusal(replace(GOOD, is_real=False, minute_volume=1.0)) is None
    blind = replace(SEEN, reference=None, bid=None, ask=NAN, levels=None)
    assert first_refusal(replace(GOOD, is_real=False, drift_s=None, market=blind)) is None


BOOK = OrderBook(((99.0, 6.0), (98.0, 1.0)), ((101.0, 3.0), (102.0, 5.0)))


class Account:
    """Two slots of bitcoin with an entry pending, and a trade that ended an hour ago."""

    trades = np.zeros(1, [("exit_ts", np.int64)])

    slots = [SimpleNamespace(series=f"{BTC}/1h", span_ms=3_600_000, id=SlotId(BTC, "1h", "x"))] * 2

    def slot(self, number):
        return {"pending_lots": 20, "pending_side": 1, "side": 0}

    def qty(self, number, ts, lots):
        return lots / 10


def gateway(clock, unwished=(), **more):
    book = SimpleNamespace(state=lambda account: "active")
    wishes = SimpleNamespace(vetoes=lambda _, numbers, now: [one for one in unwished if one.slot in numbers])
    return Gateway(
        book,
        "main",
        frozenset,
        clock,
        lambda: wishes,
        lambda name, side: SEEN,
        lambda: 0.1,
        is_real=True,
        **{"phase": lambda name: "trading", **more},
    )


def instant(clock, ago_s=1.0):
    return MarketInstant(2, clock.now - round(ago_s * 1_000), (), ((f"{BTC}/1h", 100.0),))


def test_entries_let_through_count_against_the_rate_until_the_second_is_over():
    clock = StandingClock()
    gate = gateway(clock, entry_times=[clock.now - 1] * 9)
    assert [one.slot for one in gate.vetoes(Account(), [0, 1], instant(clock))] == [1]
    clock.now += 1_001
    assert not gate.vetoes(Account(), [0, 1], instant(clock))


def test_who_enters_for_long_enters_five_times_a_second_whatever_was_let_through_at_once():
    clock, passed = StandingClock(), []
    gate = gateway(clock, entry_times=passed)
    for _ in range(100):
        gate.vetoes(Account(), [0, 1], instant(clock))
        clock.now += 100
    # Ten at once, then one every fifth of a second: the last ten seconds but what was asked for.
    assert len(gate.entry_times) == 10 + 5 * 10 - 1
    late = [ts for ts in gate.entry_times if ts >= clock.now - 5_000]
    assert len(late) == 25


def test_orders_of_a_run_count_those_of_the_same_instant_as_well():
    clock = StandingClock()
    gate = gateway(clock, count_run_orders=lambda: 4, caps=OrderCaps(max_run_orders=5))
    assert gate.vetoes(Account(), [0, 1], instant(clock)) == [EntryVeto(1, codes.RUN_ORDERS, 5.0, 6.0)]


@pytest.mark.parametrize(
    ("only", "is_refused"),
    [
        ((), False),
        ((BTC,), False),
        ((f"{BTC}/1h",), False),
        ((f"{BTC}/4h",), True),
        (("eth-usdt-perp",), True),
    ],
)
def test_only_what_is_on_the_allow_list_enters(only, is_refused):
    clock = StandingClock()
    found = gateway(clock, caps=OrderCaps(only)).vetoes(Account(), [0], instant(clock))
    assert found == ([EntryVeto(0, codes.NOT_ALLOWED, 0.0, 1.0)] if is_refused else [])


def test_a_run_does_not_begin_with_what_is_not_on_the_allow_list():
    slots = [SlotId(BTC, "1h", "x"), SlotId("eth-usdt-perp", "1h", "x")]
    OrderCaps().check(slots)
    with pytest.raises(UsageError, match="orders in eth-usdt-perp/1h/x are not allowed"):
        OrderCaps((BTC,)).check(slots)


def test_what_the_venue_does_not_trade_is_refused_with_why_and_leaves_the_day_as_it_was():
    clock = StandingClock()
    gate = gateway(clock, phase={BTC: "halted"}.get)
    vetoes = gate.vetoes(Account(), [0, 1], instant(clock))
    assert vetoes == [EntryVeto(number, codes.INSTRUMENT_STATE, 0.0, 3.0) for number in (0, 1)]
    assert codes.INSTRUMENT_STATES[vetoes[0].value] == "halted"
    assert not gate.entry_times


def test_orders_that_have_not_ended_count_and_those_of_the_same_instrument_apart():
    clock = StandingClock()
    (veto,) = gateway(clock, open_instruments=lambda: [BTC] * 4).vetoes(Account(), [0], instant(clock))
    assert veto == EntryVeto(0, codes.OPEN_ORDERS, 4.0, 5.0)
    assert not gateway(clock, open_instruments=lambda: ["eth-usdt-perp"] * 4).vetoes(
        Account(), [0], instant(clock)
    )
    (veto,) = gateway(clock, open_instruments=lambda: ["eth-usdt-perp"] * 20).vetoes(
        Account(), [0], instant(clock)
    )
    assert veto == EntryVeto(0, codes.OPEN_ORDERS, 20.0, 21.0)


def test_entries_of_the_same_instant_are_under_way_for_those_that_are_judged_after_them():
    clock = StandingClock()
    few = gateway(clock, open_instruments=lambda: ["sol-usdt-perp"] * 19)
    (veto,) = few.vetoes(Account(), [0, 1], instant(clock))
    assert veto == EntryVeto(1, codes.OPEN_ORDERS, 20.0, 21.0)
    same = gateway(clock, open_instruments=lambda: [BTC] * 3)
    assert same.vetoes(Account(), [0, 1], instant(clock)) == [EntryVeto(1, codes.OPEN_ORDERS, 4.0, 5.0)]


def test_trades_that_ended_today_count_and_those_of_yesterday_do_not():
    clock = StandingClock()
    account, now = Account(), instant(clock)
    account.trades = np.full(300, now.ts // DAY_MS * DAY_MS - 1, [("exit_ts", np.int64)])
    assert not gateway(clock).vetoes(account, [0], now)
    account.trades["exit_ts"][100:] += 1
    assert gateway(clock).vetoes(account, [0], now) == [EntryVeto(0, codes.ORDER_RATE, 200.0, 201.0)]


def test_an_entry_is_measured_against_an_ordinary_minute_of_its_instrument():
    clock = StandingClock()
    (veto,) = gateway(clock, minute_volume={BTC: 30.0}.get).vetoes(Account(), [0], instant(clock))
    assert veto == EntryVeto(0, codes.ORDER_VOLUME, 1.5, 2.0)


def test_a_price_is_one_that_was_heard_just_now():
    own = quote(VENUE, 100.0, bid=99.0, ask=101.0)
    clock = StandingClock()
    sight = MarketReader(VENUE, SimpleNamespace(since=lambda version: (1, [own])), clock, lambda: 1.0)
    clock.now = own.ts_event + 5_000
    assert (sight.price(BTC), sight.price("eth-usdt-perp")) == (100.0, None)
    clock.now += 1
    assert sight.price(BTC) is None


def test_what_was_entered_yesterday_does_not_count_today():
    clock = StandingClock()
    gate = gateway(clock, entry_times=[clock.now - DAY_MS] * 500)
    assert not gate.vetoes(Account(), [0], instant(clock))
    assert len(gate.entry_times) == 1


def test_what_its_owner_stopped_does_not_count_against_the_day():
    clock = StandingClock()
    gate = gateway(clock, [EntryVeto(0, codes.SLOT_PAUSED, 0.0, 1.0)])
    assert [one.slot for one in gate.vetoes(Account(), [0, 1], instant(clock))] == [0]
    assert gate.entry_times == [clock.now]


def entered(house, run, *, count, ts, leg="entry"):
    """Write intents of a run ahead."""
    id_, btc = run.id, Decimal("0.1")
    intents = [
        Intent(f"{id_}-{leg}-{n}".rjust(32, "0"), id_, "main", f"{BTC}/1h/x", BTC, leg, 1, 1, btc, ts, ts)
        for n in range(count)
    ]
    lease = house.trades.take("main", "tests", for_s=60.0, by_force=True)
    house.trades.commit(lease, TradeChange(intents=tuple(intents)))


def run_in(tmp_path):
    """Begin a run in a house of its own; return its clock, the house and the run."""
    clock = StandingClock()
    house = houses.house(tmp_path / "home", with_bars=False, clock=clock)
    first = TradeRun("r1", "main", "owner", VENUE, "demo", "f" * 64, Decimal(1), clock.wall_now())
    house.trades.begin(first)
    return clock, house, first


def test_the_entries_of_the_day_count_on_after_a_restart_and_in_a_new_run(tmp_path):
    clock, house, first = run_in(tmp_path)
    now = clock.wall_now()
    entered(house, first, count=200, ts=now)
    entered(house, first, count=50, ts=now, leg="exit")
    second = replace(first, id="r2")
    house.trades.begin(second)
    entered(house, second, count=300, ts=now)
    passed = list_entry_times(house.trades, house.clock, second)
    assert len(passed) == 500
    # Long enough that none of them counts against the pace.
    clock.now += 500_000
    (veto,) = gateway(clock, entry_times=passed).vetoes(Account(), [0], instant(clock))
    assert (codes.VETOES[veto.code], veto.limit, veto.value) == ("order_rate", 500.0, 501.0)


def test_orders_cancelled_today_count_in_every_run_of_the_account(tmp_path):
    clock, house, first = run_in(tmp_path)
    now = clock.wall_now()
    entered(house, first, count=3, ts=now - 2 * DAY_MS)
    ended(house, first, (now - 2 * DAY_MS, now, now), "cancelled")
    second = replace(first, id="r2")
    house.trades.begin(second)
    entered(house, second, count=2, ts=now)
    ended(house, second, (now, now), "filled")
    since = now // DAY_MS * DAY_MS
    assert (count_cancelled(house.trades, second, since), count_cancelled(house.trades, second, now + 1)) == (
        2,
        0,
    )
    assert house.trades.count_intents("r1") == 3


def ended(house, run, times, state):
    """Say what became of a run's entries."""
    ids = [one.intent.id for one in house.trades.intents(run.id)]
    moves = tuple(IntentMove(id_, state, ts) for id_, ts in zip(ids, times, strict=True))
    house.trades.commit(
        house.trades.take("main", "tests", for_s=60.0, by_force=True), TradeChange(moves=moves)
    )


def test_age_is_measured_on_the_wall_however_fast_the_market_is():
    clock = StandingClock()
    late = instant(clock, ago_s=90.0)
    assert [codes.VETOES[one.code] for one in gateway(clock).vetoes(Account(), [0], late)] == ["signal_age"]
    assert not gateway(clock, speed=lambda: 60.0).vetoes(Account(), [0], late)


def quote(venue, last, *, ago_ms=0, **more):
    now = StandingClock().now - ago_ms
    return Quote(venue, BTC, now, now, last, **more)


@pytest.mark.parametrize(
    ("others", "has_index", "reference"),
    [
        ([], True, 99.0),
        ([], False, None),
        ([quote("binance-perp", 101.0)], True, 101.0),
        ([quote("binance-perp", 101.0, ago_ms=11_000)], True, 99.0),
        ([quote("binance-perp", 101.0), quote("hyperliquid-perp", 103.0)], True, 102.0),
    ],
)
def test_the_second_source_is_another_venue_of_the_same_moment_else_the_index(others, has_index, reference):
    own = quote(VENUE, 100.0, bid=99.0, ask=101.0, index=99.0)
    store = SimpleNamespace(since=lambda version: (1, [*others, own]))
    sight = MarketReader(VENUE, store, StandingClock(), lambda: 1.0, {BTC: BOOK}, has_index=has_index)
    buys, sells = sight.snapshot(BTC, 1), sight.snapshot(BTC, -1)
    assert (buys.last, buys.age_s, buys.reference) == (100.0, 0.0, reference)
    assert (buys.offered, sells.offered) == (8.0, 7.0)
    assert (buys.slippage(4.0), sells.slippage(7.0)) == pytest.approx((0.25 / 101.0, 1.0 / 7.0 / 99.0))
    assert (buys.slippage(8.5), replace(buys, levels=()).slippage(1.0)) == (None, None)
    assert sight.snapshot("eth-usdt-perp", 1) is None


PEPES = [
    ("1000pepe-usdt-perp", 0.0125, "pepe-usdt-perp", 0.0000125),
    ("pepe-usdt-perp", 0.0000125, "1000pepe-usdt-perp", 0.0125),
    ("kpepe-usdt-perp", 0.0125, "1000pepe-usdt-perp", 0.0125),
    ("1000000mog-usdt-perp", 0.4, "mog-usdt-perp", 0.0000004),
]


@pytest.mark.parametrize(("ours", "price", "theirs", "other"), PEPES)
def test_a_price_for_one_coin_guards_a_contract_of_a_thousand(ours, price, theirs, other):
    clock = StandingClock()
    own = Quote(VENUE, ours, clock.now, clock.now, price)

    def refused(last):
        second = Quote("binance-perp", theirs, clock.now, clock.now, last)
        store = SimpleNamespace(since=lambda version: (1, [own, second]))
        seen = MarketReader(VENUE, store, clock, lambda: 1.0).snapshot(ours, 1)
        assert seen.reference == pytest.approx(price * last / other)
        seen = replace(SEEN, last=seen.last, bid=price, ask=price, reference=seen.reference)
        return first_refusal(replace(GOOD, price=price, market=seen))

    assert refused(other) is None
    code, limit, value = refused(other * 0.99)
    assert (codes.VETOES[code], limit) == ("price_jump", 0.005)
    assert value == pytest.approx(1.0 / 0.99 - 1.0)


@pytest.mark.parametrize("theirs", ["pepe-usdc-perp", "pepe-usdt-spot", "pepecoin-usdt-perp", "pepe"])
def test_another_coin_currency_or_market_is_no_second_source(theirs):
    clock = StandingClock()
    quotes = [
        Quote(VENUE, "1000pepe-usdt-perp", clock.now, clock.now, 0.0125),
        Quote("binance-perp", theirs, clock.now, clock.now, 0.0000125),
    ]
    sight = MarketReader(VENUE, SimpleNamespace(since=lambda version: (1, quotes)), clock, lambda: 1.0)
    seen = sight.snapshot("1000pepe-usdt-perp", 1)
    # Where nothing else is said, a coin is meant as a perpetual against USDT.
    assert seen.reference == (pytest.approx(0.0125) if theirs == "pepe" else None)


@pytest.mark.parametrize(("said_ms", "heard_ms", "age_s"), [(3_600_000, 0, 3_600.0), (-200, 700, 0.7)])
def test_a_ticker_is_as_old_as_the_venue_says_and_never_younger_than_it_was_heard(said_ms, heard_ms, age_s):
    now = StandingClock().now
    own = Quote(VENUE, BTC, ts_event=now - said_ms, ts_known=now - heard_ms, last=100.0)
    sight = MarketReader(
        VENUE, SimpleNamespace(since=lambda version: (1, [own])), StandingClock(), lambda: 1.0
    )
    assert sight.snapshot(BTC, 1).age_s == age_s


def test_a_clock_that_is_off_is_said_once_measured_often_and_said_again_when_it_is_right():
    clock, said, theirs = StandingClock(), [], [2_000, TransientError("busy"), 2_000, 0, 0]

    class Venue:
        async def now(self):
            told = theirs.pop(0)
            if isinstance(told, Exception):
                raise told
            return clock.now + told

    async def story():
        sight = ClockDriftMonitor(Venue(), clock, said.append)
        measuring = asyncio.ensure_future(sight.run())
        await settle()
        assert sight.drift_s == -2.0
        await clock.advance(16)
        assert sight.drift_s == 0.0
        await clock.advance(590)
        assert len(theirs) == 1
        measuring.cancel()

    asyncio.run(story())
    assert [line.partition(" from")[0] for line in said] == [
        "this machine's clock is -2.00 s", "this machine's clock is +0.00 s",
    ]  # fmt: skip
    assert "NTP" in said[0]


@pytest.mark.parametrize(
    ("code", "limit", "value", "told"),
    [
        (codes.SPREAD, 0.001, 0.0021, "limit 0.001, was 0.0021"),
        (codes.SPREAD, 0.001, UNKNOWN, "limit 0.001, it was not known"),
        (codes.SILENT_STREAM, SILENT_S, NEVER_S, "limit 5, it was not known"),
        (codes.DEPTH, 12.5, 0.0, "limit 12.5, it was not known"),
        (codes.MISSED_BAR, 0.0, 1.0, "its moment had passed"),
        (codes.INSTRUMENT_STATE, 0.0, 3.0, "halted"),
    ],
)
def test_a_refusal_is_told_in_words_where_there_is_no_figure(code, limit, value, told):
    row = DecisionRow(0, 0, 1, 5, 90, 110, code, limit, value)
    context = SimpleNamespace(text=str.upper, lang=SimpleNamespace(number=lambda figure, _: f"{figure:g}"))
    assert describe_limit(row) == told
    shown = "–" if code in codes.YES_OR_NO else "NOT KNOWN" if "not known" in told else f"{value:g}"
    assert words.found_text(context, codes.CODES[code], value) == shown


def test_every_rule_that_says_yes_or_no_has_its_words():
    for code in codes.YES_OR_NO:
        assert "was" not in describe_limit(DecisionRow(0, 0, 1, 5, 90, 110, code, 0.0, 1.0))
