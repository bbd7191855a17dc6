"""Binance's rows, read exactly."""

from decimal import Decimal

import pytest

from vigie.adapters.venues.binance import rows
from vigie.domain.order import Balance, FundingPayment

D = Decimal
TRADE = {
    "symbol": "BTCUSDT", "id": 7, "orderId": 3, "side": "SELL", "price": "50000.10", "qty": "0.020",
    "commission": "0.5", "commissionAsset": "USDT", "time": 1_767_225_600_000, "maker": False,
}  # fmt: skip
HELD = {
    "symbol": "BTCUSDT", "positionAmt": "0.05", "entryPrice": "50000", "markPrice": "50010", "liquidationPrice": "0",
    "updateTime": 5,
}  # fmt: skip


def level(price, kind="STOP_MARKET", side="SELL", quantity="", **more):
    return {
        "symbol": "BTCUSDT", "orderType": kind, "side": side, "triggerPrice": price, "quantity": quantity or "0",
        "closePosition": not quantity, "reduceOnly": bool(quantity), **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("client_id", "kind", "cause"),
    [
        ("a" * 32, "MARKET", "order"),
        (rows.CLOSING_PREFIX + "1-1", "MARKET", "order"),
        ("autoclose-1767", "LIMIT", "liquidation"),
        ("adl_autoclose", "LIMIT", "adl"),
        ("settlement_autoclose-1", "MARKET", "other"),
        ("web_Ab12", "LIMIT", "other"),
        ("android_1", "MARKET", "other"),
        ("x-anything", "STOP_MARKET", "stop"),
        ("a" * 32, "TAKE_PROFIT_MARKET", "target"),
        ("vigie-stop-1767", "MARKET", None),
        ("x-xcKtGhcu1", "MARKET", None),
        ("", "", None),
    ],
)
def test_why_the_venue_traded_is_said_by_the_order_as_far_as_it_can(client_id, kind, cause):
    assert rows.cause_of(client_id, kind) == cause


def test_a_fill_is_ours_only_where_its_order_is():
    assert rows.fill(TRADE, "a" * 32, "order").client_id == "a" * 32
    assert rows.fill(TRADE, "a" * 32, "stop").client_id == ""
    assert rows.fill(TRADE, rows.CLOSING_PREFIX + "1-1", "order").client_id == ""
    told = rows.fill(TRADE, "a" * 32, "order")
    assert (told.side, told.qty, told.price, told.fee, told.id) == (
        -1,
        D("0.020"),
        D("50000.10"),
        D("0.5"),
        "7",
    )


@pytest.mark.parametrize(
    ("coin", "paid", "fee", "told"),
    [("USDT", "0.5", D("0.5"), ""), ("BNB", "0.001", D(0), "BNB"), ("BNB", "0", D(0), "")],
)
def test_a_fee_in_another_coin_is_no_fee_in_ours_and_its_coin_is_told(coin, paid, fee, told):
    row = {**TRADE, "commissionAsset": coin, "commission": paid}
    assert (rows.fill(row, "", "other").fee, rows.fee_coin(row)) == (fee, told)


PUSHED = {
    "s": "BTCUSDT", "t": 7, "i": 3, "S": "SELL", "l": "0.020", "L": "50000.10", "T": 1_767_225_600_000, "m": False,
    "c": "a" * 32, "ot": "MARKET",
}  # fmt: skip


@pytest.mark.parametrize(
    ("paid", "fee"),
    [
        ({}, D(0)),
        ({"n": None, "N": None}, D(0)),
        ({"n": "0", "N": "USDT"}, D(0)),
        ({"n": "0.5", "N": "USDT"}, D("0.5")),
        ({"n": "-0.1", "N": "USDT"}, D("-0.1")),
        ({"n": "0.001", "N": "BNB"}, D(0)),
    ],
)
def test_a_pushed_fill_without_commission_costs_nothing(paid, fee):
    told = rows.pushed_fill(PUSHED | paid)
    assert (told.fee, told.qty, told.price, told.cause, told.client_id) == (
        fee, D("0.020"), D("50000.10"), "order", "a" * 32,
    )  # fmt: skip


@pytest.mark.parametrize("missing", sorted(PUSHED.keys() - {"c", "ot"}))
def test_a_pushed_fill_with_anything_else_missing_is_not_guessed(missing):
    with pytest.raises(KeyError):
        rows.pushed_fill({name: value for name, value in PUSHED.items() if name != missing})


@pytest.mark.parametrize(
    ("levels", "stop", "target"),
    [
        ([], None, None),
        ([level("49000")], "49000", None),
        ([level("49000"), level("53000", "TAKE_PROFIT_MARKET")], "49000", "53000"),
        # While one replaces another: the first that is reached.
        ([level("49000"), level("49500", quantity="0.05")], "49500", None),
        ([level("49000", quantity="0.05")], "49000", None),
        # A part that would stay open is not protected.
        ([level("49000", quantity="0.04")], None, None),
        ([level("49000", quantity="0.03"), level("48000", quantity="0.02")], "48000", None),
        # Of another direction, or one that would open.
        ([level("51000", side="BUY")], None, None),
        ([level("49000", quantity="0.05", reduceOnly=False)], None, None),
        (
            [level("53000", "TAKE_PROFIT_MARKET"), level("52000", "TAKE_PROFIT_MARKET", quantity="0.05")],
            None,
            "52000",
        ),
    ],
)
def test_levels_count_where_they_close_the_whole_position(levels, stop, target):
    told = rows.position(HELD, D(5), levels)
    assert (told.stop, told.target) == (stop and D(stop), target and D(target))


def test_of_a_short_the_lower_stop_is_reached_first():
    held = {**HELD, "positionAmt": "-0.05"}
    told = rows.position(
        held, D(5), [level("51000", side="BUY"), level("50500", side="BUY", quantity="0.05")]
    )
    assert (told.side, told.qty, told.stop, told.liquidation) == (-1, D("0.05"), D(50500), None)


def test_money_and_funding_are_exact():
    row = {"asset": "USDT", "walletBalance": "100.1", "unrealizedProfit": "-0.1", "availableBalance": "90"}
    assert rows.balance({"assets": [{"asset": "BNB"}, row]}, 4) == Balance(
        "USDT", D("100.1"), D(100), D(90), 4
    )
    paid = {"symbol": "BTCUSDT", "tranId": 9, "income": "-0.25", "time": 8}
    assert rows.funding(paid) == FundingPayment("btc-usdt-perp", "9", D("-0.25"), 8)
    with pytest.raises(IndexError):
        rows.balance({"assets": []}, 4)


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED"])
def test_an_order_that_the_venue_ended_is_over(status):
    row = {
        "symbol": "BTCUSDT", "orderId": 1, "clientOrderId": "a", "side": "BUY", "type": "LIMIT", "origQty": "1",
        "executedQty": "0.4", "status": status, "reduceOnly": False, "updateTime": 2, "time": 1, "price": "5",
        "avgPrice": "0",
    }  # fmt: skip
    told = rows.order(row)
    assert (told.state, told.filled, told.price, told.average) == ("cancelled", D("0.4"), D(5), None)
