"""Money beside the trading wallet, and margin of a position: what moves, what is refused, what a restart remembers."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.unit.sandbox.exchange.worlds import ME, D, Wander
from vigie_sandbox.exchange.core.entities import ExchangeRefusal

CALM = [(100.0, 100.0, 100.0, 100.0)] * 30
YOU = "you"


def code_of(act) -> str:
    with pytest.raises(ExchangeRefusal) as refused:
        act()
    return refused.value.code


def wealth(here: Wander, *accounts: str) -> Decimal:
    return sum(
        (here.exchange.money(one).cash + here.exchange.get_main_balance(one) for one in accounts), D(0)
    )


def test_a_transfer_moves_money_between_the_wallets_and_back_and_none_is_made_or_lost():
    here = Wander(CALM)
    here.exchange.deposit(ME, D(300), wallet="main")
    assert (here.exchange.money(ME).cash, here.exchange.get_main_balance(ME)) == (D(10_000), D(300))
    here.exchange.transfer(ME, D(120))
    assert (here.exchange.money(ME).cash, here.exchange.get_main_balance(ME)) == (D(10_120), D(180))
    here.exchange.transfer(ME, D(-1_000))
    assert (here.exchange.money(ME).cash, here.exchange.get_main_balance(ME)) == (D(9_120), D(1_180))
    assert wealth(here, ME) == D(10_300)
    told = [(one.kind, one.wallet, one.amount, one.main) for one in here.exchange.moves(ME)]
    assert told == [
        ("deposit", "trading", D(10_000), D(0)),
        ("deposit", "main", D(300), D(300)),
        ("transfer", "trading", D(120), D(180)),
        ("transfer", "trading", D(-1_000), D(1_180)),
    ]
    bills = {one.id: one.amount for one in here.exchange.bills(ME)}
    assert [bills.get(one.bill_id) for one in here.exchange.moves(ME)] == [D(10_000), None, D(120), D(-1_000)]


def test_a_wallet_gives_what_it_has_and_a_transfer_not_what_a_position_binds():
    here = Wander(CALM)
    here.order(1, "100")
    free = here.exchange.money(ME).available
    assert code_of(lambda: here.exchange.transfer(ME, -free - D("0.00000001"))) == "no_funds"
    assert code_of(lambda: here.exchange.transfer(ME, D("0.1"))) == "no_funds"
    assert code_of(lambda: here.exchange.deposit(ME, D(-1), wallet="main")) == "no_funds"
    assert code_of(lambda: here.exchange.transfer(ME, D(0))) == "bad_amount"
    here.exchange.transfer(ME, -free)
    assert here.exchange.money(ME).available == 0
    assert here.exchange.get_main_balance(ME) == free


def test_a_transfer_under_a_name_that_was_used_is_the_first_one():
    here = Wander(CALM)
    first = here.exchange.transfer(ME, D(-10), "mine")
    assert here.exchange.transfer(ME, D(-10), "mine") == first
    assert here.exchange.get_main_balance(ME) == D(10)


def test_money_that_is_sent_arrives_and_what_goes_to_a_stranger_is_gone():
    here = Wander(CALM)
    here.exchange.open_account(YOU, D(50))
    here.exchange.send(ME, D(30), address="0xyou", recipient=YOU, sender_address="0xme")
    assert wealth(here, ME, YOU) == D(10_050)
    assert here.exchange.money(YOU).cash == D(80)
    here.exchange.send(ME, D(20), address="0xnobody")
    assert wealth(here, ME, YOU) == D(10_030)
    assert [one.address for one in here.exchange.moves(ME, "sent")] == ["0xyou", "0xnobody"]
    assert [one.address for one in here.exchange.moves(YOU, "received")] == ["0xme"]
    assert code_of(lambda: here.exchange.send(ME, D(20_000), address="0xyou", recipient=YOU)) == "no_funds"


def test_a_fee_of_a_withdrawal_is_paid_on_top_and_booked():
    here = Wander(CALM)
    here.exchange.deposit(ME, D(-99), fee=D(1))
    assert here.exchange.money(ME).cash == D(9_900)
    assert (here.exchange.bills(ME)[-1].amount, here.exchange.bills(ME)[-1].fee) == (D(-99), D(1))


def test_margin_that_is_added_moves_the_liquidation_and_binds_money_that_comes_back():
    here = Wander(CALM)
    here.order(1, "10")
    before, cash = here.exchange.positions(ME)[0], here.exchange.money(ME).cash
    free = here.exchange.money(ME).available
    held = here.exchange.add_margin(ME, "BTCUSDT", D(50))
    assert held.margin == before.margin + 50
    assert held.liquidation == before.liquidation - 5
    assert here.exchange.money(ME).cash == cash
    assert here.exchange.money(ME).available == free - 50
    # Half of the position takes half of what was added along.
    here.order(-1, "5", reduce_only=True)
    assert here.exchange.positions(ME)[0].added == 25
    assert here.exchange.positions(ME)[0].liquidation == held.liquidation
    here.order(1, "5")
    assert here.exchange.positions(ME)[0].added == 25
    here.order(-1, "10", reduce_only=True)
    money = here.exchange.money(ME)
    assert money.available == money.cash == money.equity


def test_a_liquidation_takes_what_was_added_too():
    fall = [*CALM[:2], (100.0, 100.0, 60.0, 60.0), *[(60.0, 60.0, 60.0, 60.0)] * 3]
    here = Wander(fall)
    here.order(1, "10")
    here.exchange.add_margin(ME, "BTCUSDT", D(50))
    margin = here.exchange.positions(ME)[0].margin
    cash = here.exchange.money(ME).cash
    here.at(5 * 60_000)
    assert here.exchange.positions(ME) == []
    assert here.exchange.money(ME).cash == cash - margin.quantize(D("1e-8"))


def test_margin_is_taken_out_down_to_what_must_stay_and_not_of_crossed_or_missing_positions():
    here = Wander(CALM)
    assert code_of(lambda: here.exchange.add_margin(ME, "BTCUSDT", D(1))) == "no_position"
    here.order(1, "10")
    here.exchange.add_margin(ME, "BTCUSDT", D(50))
    assert code_of(lambda: here.exchange.add_margin(ME, "BTCUSDT", D(-51))) == "too_little_margin"
    assert code_of(lambda: here.exchange.add_margin(ME, "BTCUSDT", D(0))) == "bad_amount"
    assert code_of(lambda: here.exchange.add_margin(ME, "BTCUSDT", D(20_000))) == "no_funds"
    # The fill cost slippage: a part of what was added makes up for it.
    here.exchange.add_margin(ME, "BTCUSDT", D(-49))
    crossed = Wander(CALM)
    crossed.exchange.set_margin_mode(ME, "BTCUSDT", "crossed")
    crossed.order(1, "10")
    assert code_of(lambda: crossed.exchange.add_margin(ME, "BTCUSDT", D(1))) == "not_isolated"


def test_a_countdown_cancels_orders_of_its_contract_at_its_time_and_not_what_waits_for_a_price(tmp_path):
    dips = [*CALM[:4], (100.0, 100.0, 90.0, 100.0), *CALM]
    here = Wander(dips, memory=tmp_path / "memory")
    bought = here.order(1, "1", price=D(99))
    here.order(1, "1")
    here.exchange.set_levels(ME, "BTCUSDT", stop=D(50), target=None)
    here.exchange.set_countdown(ME, "BTCUSDT", 90_000)
    here.at(60_000)
    here.exchange.set_countdown(ME, "BTCUSDT", 90_000)
    here.at(149_999)
    assert here.exchange.order(ME, order_id=bought.id).is_open
    # Nobody looks before the price has come to the order: it was cancelled on the market's way there.
    again = Wander(dips, memory=tmp_path / "memory", ts=149_999)
    again.at(6 * 60_000)
    ended = again.exchange.order(ME, order_id=bought.id)
    assert (ended.state, ended.reason, ended.ts_updated) == ("cancelled", "countdown", 150_000)
    assert [plan.state for plan in again.exchange.open_plans(ME)] == ["live"]
    later = again.order(1, "1", price=D(99))
    again.at(20 * 60_000)
    assert again.exchange.order(ME, order_id=later.id).is_open, "a countdown runs once"


def test_a_countdown_of_nothing_stops_it():
    here = Wander(CALM)
    bought = here.order(1, "1", price=D(99))
    here.exchange.set_countdown(ME, "BTCUSDT", 1_000)
    here.exchange.set_countdown(ME, "BTCUSDT", 0)
    here.at(60_000)
    assert here.exchange.order(ME, order_id=bought.id).is_open


def test_a_memory_of_before_there_were_wallets_is_read_with_a_movement_for_each_deposit(tmp_path):
    file = tmp_path / "memory"
    here = Wander(CALM, memory=file)
    here.exchange.deposit(ME, D(5))
    here.order(1, "1")
    head, *lines = file.read_text().splitlines()
    kept = []
    for line in lines:
        rows = [row for row in json.loads(line) if row[0] != "move"]
        for table, _, row in rows:
            if table == "position":
                row.pop()
            if table == "account":
                del row["main"], row["countdowns"]
        kept.append(json.dumps(rows))
    file.write_text("\n".join([head, *kept]) + "\n")
    again = Wander(CALM, memory=file)
    assert [(one.kind, one.amount) for one in again.exchange.moves(ME)] == [
        ("deposit", D(10_000)),
        ("deposit", D(5)),
    ]
    assert again.exchange.money(ME).cash == here.exchange.money(ME).cash
    assert again.exchange.positions(ME)[0].added == 0
    once_more = Wander(CALM, memory=file)
    assert once_more.exchange.moves(ME) == again.exchange.moves(ME)
