"""What the exchange refuses, and what an account can be set to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.sandbox.exchange.worlds import BTC, ME, D, Wander
from vigie.domain.errors import UsageError
from vigie_sandbox.exchange.core.entities import ExchangeRefusal, OrderRequest

FLAT = (100.0, 100.0, 100.0, 100.0)
STRICT = replace(BTC, min_qty=D("0.1"), max_qty=D(50), min_notional=D(20), max_leverage=D(20))
PLAIN: dict[str, Any] = {"client_id": "x", "symbol": "BTCUSDT", "side": 1, "kind": "market", "qty": D(1)}


@pytest.fixture
def here() -> Wander:
    return Wander([FLAT] * 5, contracts=[STRICT])


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(ExchangeRefusal) as refusal:
        action()
    return refusal.value.code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"symbol": "DOGEUSDT"}, "unknown_symbol"),
        ({"client_id": "a b"}, "bad_id"),
        ({"client_id": "a" * 50}, "bad_id"),
        ({"qty": D("0.005")}, "bad_qty"),
        ({"qty": D(-1)}, "bad_qty"),
        ({"qty": D("0.09")}, "too_small"),
        ({"qty": D("0.19")}, "too_small"),
        ({"qty": D(51)}, "too_large"),
        ({"kind": "limit"}, "bad_price"),
        ({"kind": "limit", "price": D("99.95")}, "bad_price"),
        ({"stop": D("100")}, "bad_level"),
        ({"stop": D("101")}, "bad_level"),
        ({"target": D("99")}, "bad_level"),
        ({"side": -1, "stop": D("99")}, "bad_level"),
        ({"stop": D("98.05")}, "bad_price"),
        ({"reduce_only": True}, "no_position"),
        ({"hold": "long"}, "wrong_form"),
    ],
)
def test_order_that_cannot_be_is_refused_and_leaves_nothing(
    here: Wander, change: dict[str, Any], code: str
) -> None:
    assert code_of(lambda: here.exchange.place(ME, OrderRequest(**{**PLAIN, **change}))) == code
    assert here.exchange.order_history(ME) == []
    assert here.exchange.order(ME, client_id="x") is None


def test_money_that_is_not_there_is_refused_open_orders_counted(here: Wander) -> None:
    here.exchange.open_account("poor", D(100))
    here.exchange.set_leverage("poor", "BTCUSDT", D(5))
    here.exchange.place("poor", OrderRequest("a", "BTCUSDT", 1, "limit", D(4), D(90)))
    assert here.exchange.money("poor").available == D(28)
    assert (
        code_of(lambda: here.exchange.place("poor", OrderRequest("b", "BTCUSDT", 1, "market", D("1.4"))))
        == "no_balance"
    )
    here.exchange.place("poor", OrderRequest("c", "BTCUSDT", 1, "market", D("1.39")))


def test_client_id_is_used_once_for_ever_and_by_each_account_for_itself(here: Wander) -> None:
    order = here.order(1, "1", client_id="once", price=D(90))
    here.exchange.cancel(ME, client_id="once")
    assert code_of(lambda: here.order(1, "1", client_id="once")) == "duplicate_id"
    again = here.exchange.order(ME, client_id="once")
    assert again is not None
    assert (again.id, again.state) == (order.id, "cancelled")
    here.exchange.open_account("other", D(1_000))
    here.exchange.place("other", OrderRequest("once", "BTCUSDT", 1, "market", D(1)))


def test_cancelling_says_whether_there_was_anything(here: Wander) -> None:
    assert code_of(lambda: here.exchange.cancel(ME, client_id="never")) == "order_not_found"
    here.order(1, "1", client_id="done")
    assert code_of(lambda: here.exchange.cancel(ME, client_id="done")) == "order_ended"
    assert code_of(lambda: here.exchange.cancel_plan(ME, plan_id="1")) == "plan_not_found"
    assert code_of(lambda: here.exchange.money("nobody")) == "unknown_account"


def test_modifying_cancels_and_places_under_a_new_id(here: Wander) -> None:
    old = here.order(1, "1", client_id="old", price=D(90), stop=D(80))
    new = here.exchange.modify(ME, old.id, new_client_id="new", qty=D(2), price=D(91))
    assert (new.qty, new.price, new.stop, new.client_id) == (D(2), D(91), D(80), "new")
    assert [order.client_id for order in here.exchange.open_orders(ME)] == ["new"]
    assert (
        code_of(lambda: here.exchange.modify(ME, old.id, new_client_id="z", qty=D(1), price=D(1)))
        == "order_ended"
    )


def test_leverage_and_modes_are_locked_while_something_is_open(here: Wander) -> None:
    here.exchange.set_leverage(ME, "BTCUSDT", D(20))
    assert code_of(lambda: here.exchange.set_leverage(ME, "BTCUSDT", D(21))) == "leverage_refused"
    here.order(1, "1", client_id="rest", price=D(90))
    here.exchange.set_leverage(ME, "BTCUSDT", D(20))
    assert code_of(lambda: here.exchange.set_leverage(ME, "BTCUSDT", D(5))) == "leverage_locked"
    assert code_of(lambda: here.exchange.set_margin_mode(ME, "BTCUSDT", "crossed")) == "margin_mode_locked"
    assert code_of(lambda: here.exchange.set_position_mode(ME, "hedge")) == "position_mode_locked"
    here.exchange.cancel(ME, client_id="rest")
    here.exchange.set_leverage(ME, "BTCUSDT", D(5))
    here.exchange.set_margin_mode(ME, "BTCUSDT", "crossed")
    here.exchange.set_position_mode(ME, "hedge")
    assert here.exchange.leverage(ME, "BTCUSDT") == 5
    assert here.exchange.margin_mode(ME, "BTCUSDT") == "crossed"
    assert here.exchange.position_mode(ME) == "hedge"


def test_hedge_mode_holds_both_sides_and_closes_each_by_its_hold(here: Wander) -> None:
    here.exchange.set_position_mode(ME, "hedge")
    here.order(1, "2", hold="long")
    here.order(-1, "1", hold="short")
    assert [(one.hold, one.side, one.qty) for one in here.exchange.positions(ME)] == [
        ("long", 1, D(2)),
        ("short", -1, D(1)),
    ]
    assert code_of(lambda: here.order(1, "1")) == "wrong_form"
    assert code_of(lambda: here.order(-1, "1", hold="long")) == "wrong_form"
    here.order(-1, "2", hold="long", reduce_only=True)
    assert [one.hold for one in here.exchange.positions(ME)] == ["short"]


def test_one_way_order_against_a_larger_than_the_position_turns_it(here: Wander) -> None:
    here.order(1, "1")
    here.order(-1, "3", stop=D(110))
    (held,) = here.exchange.positions(ME)
    assert (held.side, held.qty, held.entry) == (-1, D(2), D("99.9"))
    assert [(one.is_opening, one.qty) for one in here.exchange.trades(ME)] == [
        (True, D(1)),
        (False, D(1)),
        (True, D(2)),
    ]
    assert [plan.qty for plan in here.exchange.open_plans(ME)] == [D(2)]


def test_adding_averages_the_entry_and_reducing_keeps_it(here: Wander) -> None:
    here.order(1, "1")
    here.order(1, "2", price=D("100.0"))
    (held,) = here.exchange.positions(ME)
    assert held.entry == (D("100.1") + 2 * D("100.0")) / 3
    here.order(-1, "1.5", reduce_only=True)
    (less,) = here.exchange.positions(ME)
    assert (less.entry, less.qty, less.closed, less.exit) == (held.entry, D("1.5"), D("1.5"), D("99.9"))
    assert less.margin == D("1.5") * held.entry / 5


def test_reduce_only_orders_beyond_the_position_push_the_older_out(here: Wander) -> None:
    here.order(1, "2")
    first = here.order(-1, "1", price=D(110), reduce_only=True)
    second = here.order(-1, "1", price=D(111), reduce_only=True)
    third = here.order(-1, "1", price=D(112), reduce_only=True)
    assert [order.id for order in here.exchange.open_orders(ME)] == [second.id, third.id]
    pushed = here.exchange.order(ME, order_id=first.id)
    assert pushed is not None
    assert pushed.reason == "reduce_only_overflow"


def test_reduce_only_never_turns_a_position(here: Wander) -> None:
    here.order(1, "1")
    order = here.order(-1, "3", reduce_only=True)
    assert (order.filled, order.state) == (D(1), "cancelled")
    assert here.exchange.positions(ME) == []


def test_flash_close_takes_dust_that_an_order_may_not(here: Wander) -> None:
    here.order(1, "1")
    here.exchange.change_contract(replace(STRICT, min_qty=D(2)))
    assert code_of(lambda: here.order(-1, "1", reduce_only=True)) == "too_small"
    here.exchange.close_position(ME, "BTCUSDT")
    assert here.exchange.positions(ME) == []
    assert code_of(lambda: here.exchange.close_position(ME, "BTCUSDT")) == "no_position"


def test_levels_of_a_position_need_one_and_the_right_side(here: Wander) -> None:
    assert code_of(lambda: here.exchange.set_levels(ME, "BTCUSDT", stop=D(90), target=None)) == "no_position"
    here.order(-1, "1")
    assert code_of(lambda: here.exchange.set_levels(ME, "BTCUSDT", stop=D(90), target=None)) == "bad_level"
    stop, target = here.exchange.set_levels(
        ME, "BTCUSDT", stop=D(110), target=D(90), stop_client_id="s", target_client_id="t"
    )
    assert (stop.way, target.way, stop.side) == (1, -1, 1)
    assert here.exchange.plan(ME, client_id="s") == stop
    moved = here.exchange.modify_plan(ME, stop.id, trigger=D(105))
    assert moved.trigger == 105
    assert code_of(lambda: here.exchange.modify_plan(ME, stop.id, trigger=D(95))) == "bad_level"
    again = {"stop": D(111), "target": None, "stop_client_id": "s"}
    assert code_of(lambda: here.exchange.set_levels(ME, "BTCUSDT", **again)) == "duplicate_id"  # type: ignore[arg-type]
    here.exchange.cancel_plan(ME, client_id="t")
    assert [plan.kind for plan in here.exchange.open_plans(ME)] == ["pos_stop"]


def test_level_of_a_part_closes_that_part() -> None:
    here = Wander([FLAT, (100, 100, 97, 97), FLAT])
    here.order(1, "3")
    here.exchange.place_plan(ME, OrderRequest("p", "BTCUSDT", -1, "market", D(1)), trigger=D(98), kind="stop")
    here.at(2 * 60_000)
    assert here.exchange.positions(ME)[0].qty == D(2)
    assert here.exchange.trades(ME)[-1].client_id == "p"


def test_closing_only_contract_takes_exits(here: Wander) -> None:
    here.order(1, "1")
    here.exchange.set_status("BTCUSDT", "limit_open")
    assert code_of(lambda: here.order(1, "1")) == "only_closing"
    here.order(-1, "1", reduce_only=True)
    here.exchange.set_status("BTCUSDT", "off")
    assert code_of(lambda: here.order(1, "1")) == "delisted"


def test_deposit_is_billed_and_more_than_is_free_cannot_leave(here: Wander) -> None:
    here.exchange.deposit(ME, D("5.5"))
    assert here.exchange.money(ME).cash == D("10005.5")
    assert [bill.kind for bill in here.exchange.bills(ME)] == ["deposit", "deposit"]
    assert code_of(lambda: here.exchange.deposit(ME, D(-20_000))) == "no_funds"
    assert code_of(lambda: here.exchange.deposit(ME, D(0))) == "bad_amount"


def test_order_before_the_first_price_is_refused() -> None:
    here = Wander([FLAT], ts=-1)
    assert code_of(lambda: here.order(1, "1")) == "no_price"


def test_close_from_outside_needs_a_cause_that_comes_from_there(here: Wander) -> None:
    here.order(1, "1")
    with pytest.raises(UsageError, match="cause must be one of liquidation, adl, person"):
        here.exchange.force_close(ME, "BTCUSDT", "stop")
