"""What every trading venue promises, card by card, against a simulated exchange of its kind over HTTP and WebSocket.

The cards are numbered: a venue that cannot keep one must say so here.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import Any, TypeVar

import pytest

from tests.contracts.trading_exchanges import (
    FALL,
    HOUR,
    MINUTE,
    QUIET,
    START,
    VENUES,
    Running,
    Words,
    served,
    stepped,
)
from vigie.adapters.clock import SystemClock
from vigie.adapters.venues.manifest import manifests
from vigie.domain.errors import (
    AuthError,
    ConnectorError,
    InvariantBroken,
    OrderRejected,
    OutcomeUnknown,
    TransientError,
    UsageError,
)
from vigie.ports.trading import Hint, Levels, NewOrder, TradingVenue
from vigie.wiring.data import open_data

pytest.importorskip("ccxt")

D = Decimal
T = TypeVar("T")
TRADING = {one.id: one for one in manifests() if "trading" in one.capabilities}
LEFT = START + (QUIET + FALL + 10) * MINUTE
READS: dict[str, Callable[[TradingVenue, str], Awaitable[Any]]] = {
    "order": lambda venue, btc: venue.order(btc, "a" * 32),
    "open_orders": lambda venue, _: venue.open_orders(),
    "fills": lambda venue, _: venue.fills(0),
    "fundings": lambda venue, _: venue.fundings(0),
    "ledger": lambda venue, _: venue.ledger(0),
    "positions": lambda venue, _: venue.positions(),
    "balance": lambda venue, _: venue.balance(),
}
BROKEN = ("html", "cut-json", "half-body", "null-data", "empty-body")
LOST_ANSWERS = (*BROKEN, "no-order-id", "server-error", "reset", "lost-answer")


def opened(exchange: Running, **changed: Any) -> Any:
    """Return the venue's adapter at an exchange."""
    key = exchange.key
    given = {
        "market": "perp",
        "url": exchange.url,
        "key": key.key,
        "secret": key.secret,
        "passphrase": key.passphrase,
        "demo": True,
        "clock": SystemClock(),
        "interval_ms": 0,
    }
    name = exchange.words.venue
    return import_module(f"vigie.adapters.venues.{name}.trading").open_trading(
        TRADING[name], **{**given, **changed}
    )


def talked(exchange: Running, conversation: Callable[[Any], Awaitable[T]], **changed: Any) -> T:
    """Return what a conversation with the venue ended with."""

    async def run() -> T:
        venue = opened(exchange, **changed)
        try:
            return await asyncio.wait_for(conversation(venue), 30)
        finally:
            await venue.close()

    return asyncio.run(run())


def order(words: Words, number: int = 1, side: int = 1, qty: str = "0.05", **more: Any) -> NewOrder:
    """Return a market order of now."""
    given = {"is_reduce_only": False, "ts": SystemClock().wall_now(), **more}
    return NewOrder(words.btc, f"{number:032x}", side, D(qty), **given)


def exit_of(words: Words, number: int = 2, side: int = -1, qty: str = "0.05") -> NewOrder:
    return order(words, number, side, qty, is_reduce_only=True)


async def entered(words: Words, venue: TradingVenue, **more: Any) -> str:
    """Prepare the account and open a position with a stop and a target."""
    await venue.prepare(words.btc, D(5))
    return await venue.place(order(words, **{"stop": D(49_000), "target": D(53_000), **more}))


@contextmanager
def failing(fault: type[Exception], kind: str) -> Iterator[None]:
    """Expect a fault, and say after what it did not come: an exchange is opened once for several."""
    try:
        yield
    except fault:
        return
    pytest.fail(f"{kind}: {fault.__name__} was not raised")


async def protected(venue: TradingVenue, entry: NewOrder) -> None:
    """Place the levels of an entry that was not filled at once, where they do not ride with it."""
    if not venue.attaches_levels:
        await venue.protect(Levels(entry.instrument, entry.side, entry.stop, entry.target))


def test_every_trading_venue_is_under_contract():
    assert set(TRADING) == {one.venue for one in VENUES}


# Before an order -----------------------------------------------------------------------------------------------


def test_card_01_the_venue_tells_its_time_and_requests_are_signed_by_it(exchange):
    exchange.fault("clock-skew", skew_ms=90_000)

    async def look(venue):
        told = await venue.now()
        return told - SystemClock().wall_now(), await venue.balance()

    ahead, balance = talked(exchange, look)
    assert 89_000 < ahead < 91_000
    assert balance.cash == D(10_000)


def test_card_02_a_clock_that_jumps_is_read_again_after_one_refusal(exchange, words):
    async def look(venue):
        await venue.prepare(words.btc, D(5))
        exchange.fault("clock-skew", skew_ms=90_000)
        with pytest.raises(TransientError, match=words.expired):
            await venue.place(order(words))
        await venue.place(order(words))
        return await venue.order(words.btc, f"{1:032x}")

    assert talked(exchange, look).state == "filled"
    assert len(exchange.state()["trades"]) == 1


@pytest.mark.parametrize("name", ["key", "secret", "passphrase"])
def test_card_03_a_wrong_key_is_said_as_such_and_without_showing_it(exchange, name, words):
    if name not in words.secrets:
        assert not getattr(exchange.key, name), f"{words.venue} has no {name}"
        return
    right = getattr(exchange.key, name)
    wrong = "bm9ib2R5IGtub3dzIHRoaXM"
    for bad in (wrong, right[::-1] if name == "passphrase" else right[:-4] + right[-4:][::-1]):
        with pytest.raises(AuthError) as caught:
            talked(exchange, lambda venue: venue.balance(), **{name: bad})
        told = repr(caught.value) + str(caught.value.__cause__) + str(caught.value.__context__)
        assert all(
            secret not in told for secret in (wrong, exchange.key.secret, exchange.key.passphrase or wrong)
        )


def test_card_04_a_key_tells_what_it_may_do(exchange, words):
    rights = talked(exchange, lambda venue: venue.rights())
    assert (rights.can_read, rights.can_trade, rights.can_withdraw) == (True, True, False)
    if words.venue == "hyperliquid":
        # An agent never withdraws; the account's own wallet does.
        rights = talked(exchange, lambda venue: venue.rights(), secret=exchange.key.main)
        assert (rights.can_read, rights.can_trade, rights.can_withdraw) == (True, True, True)
        return
    exchange.do("rights", authorities=list(words.withdrawing))
    rights = talked(exchange, lambda venue: venue.rights())
    assert (rights.can_read, rights.can_trade, rights.can_withdraw) == (True, False, True)
    code, said = words.no_right
    exchange.do("key", code=code)
    with pytest.raises(AuthError, match=said):
        talked(exchange, lambda venue: venue.rights())


def test_card_05_money_is_told_exactly(exchange, words):
    balance = talked(exchange, lambda venue: venue.balance())
    assert (balance.currency, balance.cash, balance.equity, balance.available) == (
        words.currency, D(10_000), D(10_000), D(10_000),
    )  # fmt: skip


def test_card_06_one_way_mode_isolated_margin_and_leverage_are_set_and_read_back(exchange, words):
    async def prepare(venue):
        first = await venue.prepare(words.btc, D(5))
        return first, await venue.prepare(words.btc, D(5)), await venue.prepare(words.btc, D(7))

    first, again, other = talked(exchange, prepare)
    assert (first.leverage, first.is_isolated, first.is_one_way) == (D(5), True, True)
    assert again == first
    assert other.leverage == D(7)
    there = exchange.opened.venue.context.exchange
    assert there.leverage("account-1", words.symbol) == D(7)
    assert there.margin_mode("account-1", words.symbol) == "isolated"


def test_card_07_leverage_that_the_venue_refuses_stays_what_it_is(exchange, words):
    async def prepare(venue):
        await venue.prepare(words.btc, D(5))
        exchange.fault("leverage-refused")
        return await venue.prepare(words.btc, D(9))

    assert talked(exchange, prepare).leverage == D(5)


def test_card_08_a_mode_that_cannot_be_changed_is_refused_with_the_cure(exchange, words):
    inside = exchange.opened.venue.context.exchange
    if words.venue == "hyperliquid":
        # Positions always net there; margin is what may be locked.
        inside.set_margin_mode("account-1", words.symbol, "crossed")
    else:
        inside.set_position_mode("account-1", "hedge")
    exchange.fault("mode-refused", path=words.settings)
    with pytest.raises(ConnectorError, match=words.locked_cure):
        talked(exchange, lambda venue: venue.prepare(words.btc, D(5)))
    setup = talked(exchange, lambda venue: venue.prepare(words.btc, D(5)))
    assert (setup.is_one_way, setup.is_isolated) == (True, True)
    assert exchange.state()["position_mode"] == "one_way"


def test_card_09_a_unified_account_is_refused_with_the_cure(exchange, words):
    exchange.do("key", code=words.unified)
    with pytest.raises(ConnectorError, match=words.unified_cure):
        talked(exchange, lambda venue: venue.prepare(words.btc, D(5)))


# An order's life -----------------------------------------------------------------------------------------------


def test_card_10_an_order_below_the_minimum_is_rejected_and_nothing_happens(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        with pytest.raises(OrderRejected, match=words.bad_size):
            await venue.place(order(words, qty="0.00001"))
        with pytest.raises(OrderRejected, match=words.too_small):
            await venue.place(order(words, limit=D(10_000), qty="0.0001"))

    talked(exchange, trade)
    assert exchange.state()["orders"] == []


def test_card_11_a_placed_order_is_read_back_by_its_own_id(exchange, words):
    async def trade(venue):
        id_ = await entered(words, venue)
        return id_, await venue.order(words.btc, f"{1:032x}"), await venue.order(words.btc, "f" * 32)

    id_, found, absent = talked(exchange, trade)
    assert (found.order_id, found.client_id, found.side, found.qty) == (id_, f"{1:032x}", 1, D("0.05"))
    assert (found.state, found.filled, found.kind, found.is_reduce_only) == (
        "filled",
        D("0.05"),
        "market",
        False,
    )
    assert absent is None


def test_card_12_a_duplicate_is_the_order_that_is_there_and_another_order_of_that_id_stops_trading(
    exchange, words
):
    async def trade(venue):
        id_ = await entered(words, venue)
        again = await venue.place(order(words, stop=D(49_000)))
        with pytest.raises(InvariantBroken, match="its id was used by someone else"):
            await venue.place(order(words, qty="0.06"))
        return id_, again

    first, again = talked(exchange, trade)
    assert first == again
    assert len(exchange.state()["trades"]) == 1


def test_card_13_an_order_that_was_signed_too_long_ago_dies_at_the_venue(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        with pytest.raises(TransientError, match=words.expired):
            await venue.place(order(words, ts=SystemClock().wall_now() - 31_000))
        await venue.place(order(words, ts=SystemClock().wall_now() - 25_000))

    talked(exchange, trade)
    assert len(exchange.state()["orders"]) == 1


def test_card_14_stop_and_target_ride_with_the_entry_and_are_told_with_the_position(exchange, words):
    async def trade(venue):
        await entered(words, venue)
        return await venue.positions(), await venue.open_orders()

    (held,), waiting = talked(exchange, trade)
    assert (held.instrument, held.side, held.qty, held.leverage) == (words.btc, 1, D("0.05"), D(5))
    assert (held.stop, held.target) == (D(49_000), D(53_000))
    assert held.liquidation < 50_000 < held.entry
    assert sorted((one.kind, one.price, one.side, one.is_reduce_only) for one in waiting) == [
        ("stop", D(49_000), -1, True),
        ("target", D(53_000), -1, True),
    ]


def test_card_15_a_stop_fills_by_itself_and_its_fill_says_so(exchange, words):
    async def trade(venue):
        id_ = await entered(words, venue)
        exchange.jump(QUIET + FALL + 10)
        return id_, await venue.fills(0), await venue.positions(), await venue.balance()

    id_, (entry, stop), held, balance = talked(exchange, trade)
    assert (entry.order_id, entry.client_id, entry.side, entry.cause) == (id_, f"{1:032x}", 1, "order")
    assert (stop.client_id, stop.side, stop.cause, stop.qty) == ("", -1, "stop", D("0.05"))
    assert D(48_900) < stop.price < D(49_000)
    assert held == []
    result = (stop.price - entry.price) * D("0.05") - entry.fee - stop.fee
    assert balance.cash == balance.equity == D(10_000) + result


def test_card_16_a_position_is_protected_anew_and_what_stood_is_taken_away(exchange, words):
    async def trade(venue):
        await entered(words, venue)
        await venue.protect(Levels(words.btc, 1, D(49_500), None, stop_id="b" * 32))
        once = await venue.positions(), await venue.open_orders()
        await venue.protect(Levels(words.btc, 1, D(49_600), D(52_000)))
        return once, (await venue.positions(), await venue.open_orders())

    ((first,), waiting), ((second,), more) = talked(exchange, trade)
    assert (first.stop, first.target) == (D(49_500), None)
    assert [(one.kind, one.price, one.client_id) for one in waiting] == [("stop", D(49_500), "b" * 32)]
    assert (second.stop, second.target) == (D(49_600), D(52_000))
    assert len(more) == 2


def test_card_17_an_unprotected_position_is_seen_and_protected(exchange, words):
    exchange.fault("levels-dropped", times=words.level_orders or 1)

    async def trade(venue):
        await entered(words, venue)
        (bare,) = await venue.positions()
        await venue.protect(Levels(words.btc, 1, D(49_000), D(53_000)))
        return bare, (await venue.positions())[0]

    bare, safe = talked(exchange, trade)
    assert (bare.stop, bare.target) == (None, None)
    assert (safe.stop, safe.target) == (D(49_000), D(53_000))


def test_card_18_a_stop_on_the_wrong_side_of_the_price_is_rejected(exchange, words):
    async def trade(venue):
        await entered(words, venue)
        with pytest.raises(OrderRejected, match=words.bad_level):
            await venue.protect(Levels(words.btc, 1, D(51_000), None))
        return await venue.positions()

    (held,) = talked(exchange, trade)
    assert held.stop == D(49_000)


def test_card_18_a_stop_off_ticks_that_changed_is_rejected_and_the_rules_asked_then_say_which(
    exchange, words
):
    data = open_data(urls={words.venue: exchange.url})

    def tick():
        (told,) = data.feed(f"{words.venue}-perp").terms([words.btc])
        return D(str(told.tick))

    async def trade(venue):
        await entered(words, venue)
        exchange.do("contract", tick="10")
        with pytest.raises(OrderRejected):
            await venue.protect(Levels(words.btc, 1, D(49_505), None))
        # Prices have five figures at Hyperliquid, whatever else: no tick is told there, and none changes.
        fresh = D(10) if words.venue == "hyperliquid" else tick()
        await venue.protect(Levels(words.btc, 1, D(49_505) // fresh * fresh, None))
        return fresh, await venue.positions()

    fresh, (held,) = talked(exchange, trade)
    assert (fresh, held.stop) == (D(10), D(49_500))


def test_card_19_a_resting_order_is_cancelled_once(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        await venue.place(order(words, limit=D(40_000)))
        (waiting,) = await venue.open_orders()
        first = await venue.cancel(words.btc, waiting.client_id)
        return (
            waiting,
            first,
            await venue.cancel(words.btc, waiting.client_id),
            await venue.cancel(words.btc, "f" * 32),
        )

    waiting, first, again, unknown = talked(exchange, trade)
    assert (waiting.kind, waiting.price, waiting.state) == ("limit", D(40_000), "live")
    assert (first, again, unknown) == (True, False, False)


def test_card_20_an_exit_only_makes_a_position_smaller(exchange, words):
    async def trade(venue):
        await entered(words, venue)
        await venue.place(exit_of(words, qty="0.05"))
        with pytest.raises(OrderRejected, match=words.flat):
            await venue.place(exit_of(words, 3))
        return await venue.positions(), await venue.fills(0)

    held, fills = talked(exchange, trade)
    assert held == []
    assert [(one.client_id, one.cause) for one in fills] == [(f"{1:032x}", "order"), (f"{2:032x}", "order")]


def test_card_20_an_exit_of_more_than_is_held_turns_no_position_round(exchange, words):
    async def trade(venue):
        await entered(words, venue)
        with suppress(OrderRejected):
            await venue.place(exit_of(words, qty="0.08"))
        return await venue.positions(), await venue.fills(0)

    held, (entry, *left) = talked(exchange, trade)
    assert [one.side for one in held if one.side != entry.side] == []
    assert sum(one.qty for one in (*held, *left)) == entry.qty


def test_card_21_a_position_is_closed_whatever_its_size_and_closing_nothing_is_well(exchange, words):
    async def trade(venue):
        await entered(words, venue, qty="0.0137")
        await venue.flash_close(words.btc)
        await venue.flash_close(words.btc)
        return await venue.positions()

    assert talked(exchange, trade) == []


@pytest.mark.parametrize(
    ("what", "cause"), [("liquidate", "liquidation"), ("adl", "adl"), ("close", "other")]
)
def test_card_22_what_the_venue_or_a_person_closes_is_told_as_that(exchange, what, cause, words):
    async def trade(venue):
        await entered(words, venue)
        exchange.do(what)
        return await venue.fills(0)

    *_, last = talked(exchange, trade)
    assert (last.cause, last.client_id) == (cause, "")


def test_card_23_fills_come_oldest_first_from_a_time_on_and_more_than_a_page_of_them(exchange, words):
    # Hyperliquid's pages hold two thousand; how they are turned is tried by itself.
    many = 30 if words.venue == "hyperliquid" else 105

    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        for number in range(1, many + 1):
            await venue.place(order(words, number, 1 if number % 2 else -1, "0.001"))
        every = await venue.fills(0)
        return every, await venue.fills(every[-1].ts + 1)

    every, none = talked(exchange, trade)
    assert [one.client_id for one in every] == [f"{number:032x}" for number in range(1, many + 1)]
    assert none == []


def test_card_24_fills_are_joined_to_their_orders_by_a_process_that_did_not_place_them(exchange, words):
    talked(exchange, partial(entered, words))
    fresh = talked(exchange, lambda venue: venue.fills(0))
    assert [(one.client_id, one.cause) for one in fresh] == [(f"{1:032x}", "order")]


def test_card_25_funding_is_told_with_its_settlement_and_sign(exchange, words):
    async def trade(venue):
        await entered(words, venue, stop=D(40_000))
        exchange.jump(3 * 60)
        return await venue.fundings(0), await venue.fundings(START + 4 * HOUR)

    (paid,), none = talked(exchange, trade)
    assert (paid.instrument, paid.ts) == (words.btc, START + 2 * HOUR)
    assert D("-0.3") < paid.amount < D("-0.2")
    assert none == []


@pytest.mark.parametrize("words", VENUES, ids=[one.venue for one in VENUES])
def test_card_26_in_lock_step_the_same_orders_fill_at_the_open_and_their_stop_inside_the_bar(words):
    with served(stepped(words)) as exchange:

        async def trade(venue):
            await venue.prepare(words.btc, D(5))
            begun = exchange.control("POST", "step")["number"]
            exchange.control("POST", "ack", {"number": begun, "phase": 1})
            entry = order(words, stop=D(49_000), target=D(53_000))
            await venue.place(entry)
            waiting = await venue.order(words.btc, f"{1:032x}")
            series = {f"{1:032x}": f"{words.symbol}/1h"}
            exchange.control("POST", "ack", {"number": begun, "phase": 2, "series": series})
            filled = await venue.order(words.btc, f"{1:032x}")
            await protected(venue, entry)
            for _ in range(4):
                number = exchange.control("POST", "step")["number"]
                exchange.control("POST", "ack", {"number": number, "phase": 1})
                exchange.control("POST", "ack", {"number": number, "phase": 2})
            return waiting.state, filled.state, await venue.fills(0), await venue.positions()

        waiting, filled, (entry, stop), held = talked(exchange, trade)
    assert (waiting, filled, held) == ("live", "filled", [])
    assert (entry.cause, stop.cause) == ("order", "stop")
    assert stop.price < D(49_000)


# Answers that go wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READS)
def test_card_27_an_answer_that_cannot_be_understood_is_never_nothing(exchange, name, words):
    async def read(venue):
        for kind in BROKEN:
            await READS[name](venue, words.btc)
            exchange.fault(kind, method="GET", path=words.reads)
            with failing(TransientError, kind):
                await READS[name](venue, words.btc)

    talked(exchange, read)


def test_card_28_an_order_that_may_have_arrived_is_unknown_and_was_not_sent_twice(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        for number, kind in enumerate(LOST_ANSWERS, start=1):
            exchange.fault(kind, method="POST", path=words.orders, seconds=0.2)
            with failing(OutcomeUnknown, kind):
                await venue.place(order(words, number, 1, "0.001"))
            assert (await venue.order(words.btc, f"{number:032x}")).state == "filled", kind
            assert len(exchange.state()["trades"]) == number, kind

    talked(exchange, trade)


def test_card_29_a_system_error_and_a_code_that_nobody_knows_leave_an_order_unknown(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        for number, code in enumerate(words.unclear, start=1):
            exchange.fault("system-error", code=code, method="POST", path=words.orders)
            with pytest.raises(OutcomeUnknown, match=code):
                await venue.place(order(words, number, 1, "0.001"))

    talked(exchange, trade)
    assert len(exchange.state()["trades"]) == len(words.unclear)


def test_card_30_an_order_that_was_lost_on_its_way_is_unknown_too(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        for number, kind in enumerate(("lost", "reset-before"), start=1):
            exchange.fault(kind, method="POST", path=words.orders, seconds=0.2)
            with failing(OutcomeUnknown, kind):
                await venue.place(order(words, number))
            assert await venue.order(words.btc, f"{number:032x}") is None, kind

    talked(exchange, trade)


def test_card_31_where_nobody_listens_nothing_was_sent(exchange, words):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        api = venue._wire._client.urls["api"]
        # Only what is ordered goes astray: what is asked before is answered.
        api[words.api] = f"http://127.0.0.1:{port}"
        with pytest.raises(TransientError, match="Connect"):
            await venue.place(order(words))

    talked(exchange, trade)
    assert exchange.state()["orders"] == []


def test_card_32_too_many_requests_are_said_with_the_pause_that_is_asked_for(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        exchange.fault("rate-limit", method="POST", path=words.orders)
        with pytest.raises(TransientError) as caught:
            await venue.place(order(words))
        return caught.value.after_s

    assert talked(exchange, trade) == 1.0
    assert exchange.state()["orders"] == []


def test_card_33_maintenance_stops_orders_and_lets_reads_wait(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        exchange.fault("maintenance")
        with pytest.raises(ConnectorError, match=words.halted):
            await venue.place(order(words))
        if not words.halted_read:
            # What is public there is told all the same.
            assert await venue.positions() == []
            return
        with pytest.raises(TransientError, match=words.halted_read):
            await venue.positions()

    talked(exchange, trade)


def test_card_33_maintenance_met_by_a_setting_is_waited_for_as_it_is_by_a_read(exchange, words):
    async def prepare(venue):
        await venue.prepare(words.btc, D(5))
        exchange.fault("maintenance", method="POST", times=1)
        with pytest.raises(TransientError, match=words.halted):
            await venue.prepare(words.btc, D(7))
        return await venue.prepare(words.btc, D(7))

    assert talked(exchange, prepare).leverage == D(7)


def test_card_34_a_contract_that_is_gone_cannot_be_traded(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        exchange.do("delist")
        with pytest.raises(ConnectorError, match=words.gone):
            await venue.place(order(words))

    talked(exchange, trade)


def test_card_35_a_key_that_was_revoked_is_said_on_reads_and_orders_alike(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        exchange.do("key", code=words.revoked)
        with pytest.raises(AuthError):
            await venue.place(order(words))
        with pytest.raises(AuthError):
            await venue.order(words.btc, f"{1:032x}")

    talked(exchange, trade)


def test_card_36_an_order_that_is_not_shown_yet_is_absent_and_not_an_error(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        exchange.fault("unseen", seconds=600)
        await venue.place(order(words))
        first = await venue.order(words.btc, f"{1:032x}")
        (there,) = exchange.state()["orders"]
        exchange.opened.venue.context.faults.hide_order(there["id"], 0)
        return first, await venue.order(words.btc, f"{1:032x}")

    first, later = talked(exchange, trade)
    assert first is None
    assert later.state == "filled"


def test_card_37_a_partial_fill_keeps_its_rest_and_gives_it_up(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        exchange.fault("partial-fill", share=0.4)
        await venue.place(order(words))
        part = await venue.order(words.btc, f"{1:032x}")
        await venue.cancel(words.btc, f"{1:032x}")
        return part, await venue.order(words.btc, f"{1:032x}")

    part, ended = talked(exchange, trade)
    # What must trade at once keeps no rest.
    state = "cancelled" if words.venue == "hyperliquid" else "partial"
    assert (part.state, part.filled) == (state, D("0.02"))
    assert (ended.state, ended.filled) == ("cancelled", D("0.02"))


# The private stream --------------------------------------------------------------------------------------------


async def heard(
    venue: Any, until: Callable[[list[Hint]], bool], deed: Awaitable[Any] | None = None
) -> list[Hint]:
    """Listen until what was told suffices; the deed is done once the stream stands."""
    told: list[Hint] = []
    async with asyncio.timeout(20), aclosing(venue.hints()) as hints:
        async for hint in hints:
            told.append(hint)
            if hint.kind == "connected" and deed is not None:
                await deed
                deed = None
            if until(told):
                return told
    return told


def kinds(told: list[Hint]) -> list[str]:
    return [one.kind for one in told]


def test_card_38_the_stream_tells_orders_fills_positions_and_money(exchange, words):
    def is_all(told):
        return {"connected", "order", "fill", "position", "balance"} <= set(kinds(told))

    told = talked(exchange, lambda venue: heard(venue, is_all, entered(words, venue)))
    assert told[0] == Hint("connected")
    (fill,) = [one.fill for one in told if one.kind == "fill"]
    assert (fill.instrument, fill.client_id, fill.side, fill.qty) == (words.btc, f"{1:032x}", 1, D("0.05"))
    assert fill.fee > 0


def test_card_39_a_fill_that_is_pushed_is_the_fill_that_is_asked_for(exchange, words):
    async def trade(venue):
        told = await heard(venue, lambda told: "fill" in kinds(told), entered(words, venue))
        return told[-1].fill, (await venue.fills(0))[0]

    pushed, asked = talked(exchange, trade)
    assert pushed == asked


def test_card_39_fills_without_a_fee_and_liquidations_are_pushed_and_cut_no_stream(exchange, words):
    exchange.do("contract", taker="0", maker="0")

    async def trade(venue):
        async def deeds():
            await entered(words, venue)
            exchange.do("liquidate")

        told = await heard(venue, lambda told: kinds(told).count("fill") == 2, deeds())
        return told, await venue.fills(0)

    told, asked = talked(exchange, trade)
    assert "lost" not in kinds(told)
    pushed = [one.fill for one in told if one.kind == "fill"]
    assert pushed == list(asked)
    assert [(one.cause, one.fee) for one in pushed] == [("order", 0), ("liquidation", 0)]


def test_card_39_somebody_else_s_liquidation_on_the_other_side_of_a_fill_leaves_it_ours(exchange, words):
    many = 7  # two of them at a simulated Hyperliquid

    async def trade(venue):
        async def deeds():
            await venue.prepare(words.btc, D(5))
            for number in range(1, many + 1):
                await venue.place(order(words, number, 1 if number % 2 else -1, "0.001"))

        told = await heard(venue, lambda told: kinds(told).count("fill") == many, deeds())
        return [one.fill for one in told if one.kind == "fill"], await venue.fills(0)

    pushed, asked = talked(exchange, trade)
    assert [(one.cause, one.client_id) for one in asked] == [
        ("order", f"{number:032x}") for number in range(1, many + 1)
    ]
    assert pushed == list(asked)


def test_card_40_a_stream_that_is_cut_comes_back_and_says_that_it_was_away(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))

        async def cut():
            exchange.fault("cut-stream")
            await venue.place(order(words))

        return await heard(venue, lambda told: kinds(told).count("connected") == 2, cut())

    told = kinds(talked(exchange, trade))
    assert told.index("lost") < len(told) - 1 - told[::-1].index("connected")


def test_card_41_a_login_that_is_refused_is_tried_again_for_ever(exchange):
    exchange.fault("login-refused")

    async def trade(venue):
        venue._stream.clock = Impatient()
        return await heard(venue, lambda told: kinds(told).count("lost") == 3 or "connected" in kinds(told))

    assert kinds(talked(exchange, trade)) == ["lost"] * 3
    exchange.control("DELETE", "fault", {"kind": "login-refused"})
    assert kinds(talked(exchange, trade)) == ["connected"]


def test_card_42_a_stream_without_a_pong_is_left(exchange):
    async def trade(venue):
        venue._stream.ping_s = 0.05

        async def die():
            exchange.fault("dead-stream")

        return await heard(venue, lambda told: "lost" in kinds(told), die())

    assert kinds(talked(exchange, trade))[-1] == "lost"


def test_card_43_a_stream_that_answers_pings_and_keeps_fills_to_itself_is_left(exchange, words):
    async def trade(venue):
        hours = Hours()
        venue._stream.clock = hours
        await venue.prepare(words.btc, D(5))
        await venue.fills(0)

        async def miss():
            await venue.fills(0)
            exchange.fault("silent-stream")
            await venue.place(order(words))
            await venue.fills(0)
            hours.late_ms = 6_000
            await venue.fills(0)

        return await heard(venue, lambda told: "lost" in kinds(told), miss())

    assert kinds(talked(exchange, trade))[-1] == "lost"


def test_card_43_a_stream_that_tells_its_fills_is_not_left_however_long_ago_they_were(exchange, words):
    async def trade(venue):
        venue._stream.clock = hours = Hours()
        await venue.prepare(words.btc, D(5))
        told: list[Hint] = []
        async with asyncio.timeout(20), aclosing(venue.hints()) as hints:
            async for hint in hints:
                told.append(hint)
                if hint.kind == "connected":
                    await venue.fills(0)
                    await venue.place(order(words))
                elif kinds(told).count("fill") == 1 and not hours.late_ms:
                    await venue.fills(0)
                    hours.late_ms = 6_000
                    await venue.fills(0)
                    await venue.place(order(words, 2))
                if kinds(told).count("fill") == 2 or hint.kind == "lost":
                    break
        return told

    assert "lost" not in kinds(talked(exchange, trade))


@pytest.mark.parametrize(
    ("kind", "times"), [("double-pushes", 2), ("late-pushes", 1), ("shuffled-pushes", 1)]
)
def test_card_44_what_is_pushed_twice_late_or_in_another_order_is_told_all_the_same(
    exchange, kind, times, words
):
    exchange.fault(kind, seconds=0.2)

    def is_all(told):
        return kinds(told).count("fill") == times and {"order", "position"} <= set(kinds(told))

    told = talked(exchange, lambda venue: heard(venue, is_all, entered(words, venue)))
    assert exchange.control("GET", "fault")["happened"][kind] > 0
    (fill,) = {one.fill for one in told if one.kind == "fill"}
    assert (fill.client_id, fill.qty) == (f"{1:032x}", D("0.05"))


class Impatient(SystemClock):
    """Waits for nothing."""

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Hours(Impatient):
    """A clock that the test moves."""

    late_ms = 0

    def wall_now(self) -> int:
        return super().wall_now() + self.late_ms


# Addresses and keys --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://api.example.com", "ws://10.0.0.7"])
def test_card_45_a_key_is_not_sent_in_clear_text_to_another_machine(exchange, url):
    with pytest.raises(UsageError, match="https or wss"):
        opened(exchange, url=url)


def test_card_46_no_secret_is_logged_or_shown(exchange, caplog, words):
    caplog.set_level("DEBUG")

    async def trade(venue):
        await heard(venue, lambda told: "fill" in kinds(told), entered(words, venue))
        exchange.fault("system-error", method="POST", path=words.orders)
        with pytest.raises(OutcomeUnknown) as caught:
            await venue.place(order(words, 2))
        parts = (venue, venue._wire, venue._stream, venue._wire._client, caught.value, caught.value.__cause__)
        return " ".join(repr(one) + str(one) for one in parts)

    shown = talked(exchange, trade) + caplog.text
    key = exchange.key
    # An account's address is no secret: everybody may look it up.
    hidden = [name for name in words.secrets if not (name == "key" and words.venue == "hyperliquid")]
    assert [name for name in hidden if getattr(key, name).removeprefix("0x") in shown] == []


def test_card_47_whatever_changes_an_account_dies_at_the_venue_when_it_was_signed_too_long_ago(
    exchange, words
):
    async def changed(venue, ts):
        """Yield what each change ended with."""
        for change in (
            lambda: venue.protect(Levels(words.btc, 1, D(49_500), None), ts),
            lambda: venue.cancel(words.btc, f"{2:032x}", ts),
            lambda: venue.flash_close(words.btc, ts),
        ):
            try:
                yield await change()
            except TransientError as fault:
                yield str(fault)

    async def standing(venue):
        (held,), waiting = await venue.positions(), await venue.open_orders()
        return held.qty, held.stop, held.target, {one.order_id for one in waiting}

    async def trade(venue):
        await entered(words, venue)
        await venue.place(order(words, 2, limit=D(40_000)))
        before = await standing(venue)
        late = [one async for one in changed(venue, SystemClock().wall_now() - 31_000)]
        after = await standing(venue)
        timely = [one async for one in changed(venue, SystemClock().wall_now() - 25_000)]
        return before, late, after, timely, await venue.positions()

    before, late, after, timely, held = talked(exchange, trade)
    assert before == after
    assert [re.search(words.expired, str(one)) is not None for one in late] == [True] * 3
    assert (timely, held) == ([None, True, None], [])


def test_card_48_the_ledger_adds_up_to_the_cash_and_tells_results_from_money_that_was_moved(exchange, words):
    async def trade(venue):
        await entered(words, venue, stop=D(40_000))
        exchange.do("deposit", amount=500)
        # What comes to another wallet is not of the account that is traded until it is transferred.
        exchange.do("deposit", amount=300, wallet="main")
        exchange.do("transfer", amount=200)
        exchange.jump(3 * 60)
        exchange.do("transfer", amount=-50)
        exchange.do("deposit", amount=-120)
        await venue.place(exit_of(words))
        return await venue.ledger(START), await venue.balance(), await venue.ledger(START + 2 * HOUR)

    told, after, later = talked(exchange, trade)
    assert sum(one.amount for one in told) == after.cash
    moved = sorted(one.amount for one in told if one.is_transfer)
    assert moved == [D(-120), D(-50), D(200), D(500), D(10_000)]
    results = sum(one.amount for one in told if not one.is_transfer)
    assert D(-82) < results < D(-79), "a fall of 1,500 on a twentieth of a coin, fees and funding"
    assert [one.ts for one in told] == sorted(one.ts for one in told)
    assert {one.amount for one in later} < {one.amount for one in told}
    assert D(500) not in {one.amount for one in later}
