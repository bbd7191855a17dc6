"""Bitget's rows of accounts as records: numbers as text, absence in three spellings, causes of fills."""

from decimal import Decimal as D

import pytest

from vigie.adapters.venues import decimals
from vigie.adapters.venues.bitget import rows

FILL = {
    "tradeId": "12345", "symbol": "ETHUSDT", "orderId": "121212", "price": "1900", "baseVolume": "1",
    "feeDetail": [
        {"deduction": "no", "feeCoin": "USDT", "totalDeductionFee": "", "totalFee": "-1.14"},
        {"deduction": "yes", "feeCoin": "BGB", "totalDeductionFee": "-2", "totalFee": "-2"},
    ],
    "side": "buy", "quoteVolume": "1902", "profit": "102", "enterPointSource": "api", "tradeSide": "buy_single",
    "posMode": "one_way_mode", "tradeScope": "maker", "cTime": "1627293509612", "uTime": "1627293509612",
}  # fmt: skip
POSITION = {
    "marginCoin": "USDT", "symbol": "BTCUSDT", "holdSide": "long", "openDelegateSize": "0", "marginSize": "30",
    "available": "0.01", "locked": "0", "total": "0.01", "leverage": "20", "achievedProfits": "0",
    "openPriceAvg": "60000", "marginMode": "isolated", "posMode": "one_way_mode", "unrealizedPL": "1",
    "liquidationPrice": "-1", "keepMarginRate": "0.004", "markPrice": "60100", "takeProfit": "", "stopLoss": "0",
    "takeProfitId": None, "stopLossId": None, "cTime": "1700807507275", "uTime": "1700807507275",
}  # fmt: skip


def level(kind, price, size=""):
    return {"planType": kind, "triggerPrice": price, "size": size, "symbol": "BTCUSDT"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["coow", "coor", "cpow", "cpor", "stor"], (True, True, False)),
        (["coow", "cpow", "wtow"], (True, True, False)),
        (["coow", "cpor"], (True, False, False)),
        (["trade", "readonly"], (True, True, False)),
        (["stow", "WWOW"], (False, False, True)),
        ([], (False, False, False)),
    ],
)
def test_the_rights_of_a_key_are_read_from_the_venue_s_words(words, told):
    rights = rows.rights(words)
    assert (rights.can_read, rights.can_trade, rights.can_withdraw) == told


@pytest.mark.parametrize("absent", ["", None, "0", "0.00"])
def test_nothing_null_and_zero_all_mean_absent(absent):
    assert decimals.parse_number(absent) is None


@pytest.mark.parametrize("wrong", ["NaN", "Infinity", "1,5", "soon"])
def test_what_is_no_number_is_refused(wrong):
    with pytest.raises((ValueError, ArithmeticError)):
        decimals.parse_number(wrong)


@pytest.mark.parametrize(
    ("paid", "told"), [([("USDT", "-1")], ""), ([("BGB", "-0.05")], "BGB"), ([("USDT", "-1"), ("BGB", "0")], "")]
)  # fmt: skip
def test_a_fee_in_another_coin_is_told(paid, told):
    details = [{"feeCoin": coin, "totalFee": fee, "deduction": "yes"} for coin, fee in paid]
    assert rows.fee_coin({**FILL, "feeDetail": details}) == told
    assert rows.fee_coin({**FILL, "feeDetail": None}) == ""


def test_a_fill_says_its_fee_in_quote_units_and_keeps_the_venue_s_digits():
    fill = rows.fill(FILL, {"clientOid": "c1", "orderSource": "normal", "enterPointSource": "API"})
    assert (fill.instrument, fill.side, fill.qty, fill.price, fill.fee) == (
        "eth-usdt-perp", 1, D(1), D(1900), D("1.14"),
    )  # fmt: skip
    assert (fill.client_id, fill.cause, fill.is_maker, fill.ts) == ("c1", "order", True, 1_627_293_509_612)


@pytest.mark.parametrize(
    ("order", "changed", "cause"),
    [
        ({"orderSource": "normal", "enterPointSource": "API"}, {}, "order"),
        ({"orderSource": "loss_market", "enterPointSource": "SYS"}, {}, "stop"),
        ({"orderSource": "pos_loss_limit", "enterPointSource": "SYS"}, {}, "stop"),
        ({"orderSource": "profit_market", "enterPointSource": "SYS"}, {}, "target"),
        ({"orderSource": "pos_profit_market", "enterPointSource": "SYS"}, {}, "target"),
        ({"orderSource": "liquidation", "enterPointSource": "SYS"}, {}, "liquidation"),
        ({}, {"tradeSide": "burst_sell_single"}, "liquidation"),
        ({}, {"tradeSide": "reduce_close_long"}, "liquidation"),
        ({}, {"tradeSide": "dte_sys_adl_sell_in_single_side_mode"}, "adl"),
        ({}, {"tradeSide": "delivery_sell_single"}, "other"),
        ({"orderSource": "normal", "enterPointSource": "WEB"}, {}, "other"),
        ({}, {"enterPointSource": "ios"}, "other"),
        ({}, {"enterPointSource": "sys"}, "other"),
    ],
)
def test_the_cause_of_a_fill_is_read_from_its_order_and_itself(order, changed, cause):
    fill = rows.fill({**FILL, **changed}, {"clientOid": "c1", **order})
    assert (fill.cause, fill.client_id) == (cause, "c1" if cause == "order" else "")


def test_a_position_without_levels_of_its_own_takes_those_that_wait():
    held = rows.position(
        POSITION, [level("loss_plan", "58000", "0.01"), level("profit_plan", "65000", "0.01")]
    )
    assert (held.stop, held.target, held.liquidation, held.leverage) == (D(58_000), D(65_000), None, D(20))


def test_levels_of_a_part_protect_nothing_and_the_last_of_several_counts():
    assert rows.position(POSITION, [level("loss_plan", "58000", "0.009")]).stop is None
    both = [level("loss_plan", "58000", "0.004"), level("loss_plan", "57000", "0.006")]
    assert rows.position(POSITION, both).stop == D(57_000)
    assert rows.position({**POSITION, "holdSide": "short"}, both).stop == D(58_000)


def test_a_level_of_the_whole_position_needs_no_size():
    held = rows.position(POSITION, [level("pos_loss", "58000"), level("normal_plan", "1")])
    assert (held.stop, held.target) == (D(58_000), None)


def test_a_level_of_the_whole_position_that_is_told_with_its_size_is_one():
    held = rows.position(POSITION, [level("pos_loss", "58000", "0.01")])
    assert (held.stop, held.stops) == (D(58_000), 1)


@pytest.mark.parametrize(("side", "stop", "target"), [("long", 58_000, 64_000), ("short", 57_000, 66_000)])
def test_of_several_that_each_close_it_all_the_first_that_is_reached_counts_in_any_order(side, stop, target):
    levels = [
        level("pos_loss", "58000"), level("pos_loss", "57000"), level("loss_plan", "57500", "0.01"),
        level("pos_profit", "66000"), level("pos_profit", "64000"),
    ]  # fmt: skip
    for plans in (levels, levels[::-1]):
        held = rows.position({**POSITION, "holdSide": side}, plans)
        assert (held.stop, held.target, held.stops) == (D(stop), D(target), 3)
    # What the row tells of itself is one of them.
    held = rows.position({**POSITION, "holdSide": "long", "stopLoss": "58500"}, levels)
    assert held.stop == D(58_500)


def test_an_order_is_read_from_its_detail_and_from_lists_alike():
    row = {
        "symbol": "BTCUSDT", "orderId": "7", "clientOid": "c", "side": "sell", "orderType": "limit", "size": "0.02",
        "baseVolume": "", "price": "70000", "priceAvg": "", "reduceOnly": "YES", "cTime": "5", "uTime": "",
    }  # fmt: skip
    one, other = rows.order({**row, "state": "canceled"}), rows.order({**row, "status": "cancelled"})
    assert one == other
    assert (one.state, one.filled, one.is_reduce_only, one.average, one.side) == (
        "cancelled",
        D(0),
        True,
        None,
        -1,
    )
    with pytest.raises(KeyError):
        rows.order({**row, "state": "sleeping"})


def test_money_is_told_without_open_results_and_by_the_margin_coin():
    other = {"marginCoin": "USDC", "accountEquity": "1", "available": "1"}
    row = {
        "marginCoin": "USDT", "accountEquity": "105.5", "unrealizedPL": "5.5", "available": "90",
        "isolatedMaxAvailable": "80",
    }  # fmt: skip
    balance = rows.balance([other, row], 9)
    assert (balance.cash, balance.equity, balance.available) == (D(100), D("105.5"), D(80))
    with pytest.raises(IndexError):
        rows.balance([other], 9)


def test_funding_keeps_its_sign_and_the_time_of_its_settlement():
    row = {"billId": "3", "symbol": "BTCUSDT", "amount": "-0.004992", "cTime": "1100", "uTime": "1000"}
    paid = rows.funding(row)
    assert (paid.amount, paid.ts, paid.id) == (D("-0.004992"), 1_000, "3")
    assert rows.funding({**row, "uTime": ""}).ts == 1_100


def test_a_contract_without_a_name_of_ours_keeps_the_venue_s():
    assert [rows.instrument(name) for name in ("1000PEPEUSDT", "币安人生USDT")] == [
        "1000pepe-usdt-perp",
        "币安人生USDT",
    ]


@pytest.mark.parametrize(
    ("value", "text"), [("0.0100", "0.01"), ("1E+2", "100"), ("5", "5"), ("1e-7", "0.0000001")]
)
def test_numbers_are_sent_plain(value, text):
    assert decimals.format_plain(D(value)) == text
