"""Orders and conditional orders as Binance takes and refuses them."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.exchange.binance.booths import BTC, heard, open_booth
from tests.unit.sandbox.exchange.stalls import DAY, FALL
from vigie_sandbox.exchange.binance.client_ids import find_newest, make_next_id
from vigie_sandbox.exchange.core.entities import ExchangeRefusal


@pytest.fixture
def booth():
    booth = open_booth()
    booth.post("leverage", **BTC, leverage=5)
    return booth


def test_an_id_is_taken_while_its_order_is_open_and_free_afterwards(booth):
    limit = {"type": "LIMIT", "price": "40000", "timeInForce": "GTC", "newClientOrderId": "mine"}
    first = booth.place(**limit)
    assert booth.code("POST", "order", {**BTC, "side": "BUY", "quantity": "0.01", **limit}) == -4116
    booth.make_reply("DELETE", "order", {**BTC, "origClientOrderId": "mine"})
    second = booth.place(newClientOrderId="mine")
    assert first["clientOrderId"] == second["clientOrderId"] == "mine"
    assert booth.get("order", **BTC, origClientOrderId="mine")["orderId"] == second["orderId"]
    assert [one["orderId"] for one in booth.get("userTrades", **BTC)] == [second["orderId"]]


def changed(booth, fields):
    told = booth.make_reply("PUT", "order", fields)
    assert told.status == 200, told.body
    return told.body


def test_a_limit_order_is_changed_in_place_and_keeps_its_ids(booth):
    session = booth.stream()
    limit = {"type": "LIMIT", "price": "40000", "timeInForce": "GTC", "newClientOrderId": "mine"}
    placed = booth.place(**limit)
    named = {**BTC, "side": "BUY", "origClientOrderId": "mine"}
    change = {"quantity": "0.02", "price": "41000"}
    told = changed(booth, {**named, **change})
    (rests,) = booth.get("openOrders")
    for one in (told, rests):
        assert (one["orderId"], one["clientOrderId"], one["status"]) == (placed["orderId"], "mine", "NEW")
        assert (Decimal(one["origQty"]), Decimal(one["price"])) == (Decimal("0.02"), Decimal(41_000))
    for wrong, code in (
        ({}, -5027), ({"price": "41000.05"}, -4014), ({"quantity": "0"}, -4003), ({"quantity": "100"}, -2019),
        ({"price": ""}, -1102), ({"side": "SELL"}, -2013), ({"origClientOrderId": "other"}, -2013),
    ):  # fmt: skip
        assert booth.code("PUT", "order", {**named, **change, **wrong}) == code
    assert booth.get("openOrders") == [rests], "what is refused leaves it as it was"
    taken = changed(booth, {**named, **change, "price": "60000"})
    assert (taken["orderId"], taken["status"]) == (placed["orderId"], "FILLED")
    assert Decimal(taken["avgPrice"]) < 60_000, "it takes what is there"
    assert booth.code("PUT", "order", {**named, **change}) == -2011
    pushed = [one["o"] for one in heard(session) if one["e"] == "ORDER_TRADE_UPDATE"]
    assert [(one["x"], one["X"], one["p"]) for one in pushed] == [
        ("NEW", "NEW", "40000"), ("AMENDMENT", "NEW", "41000"), ("AMENDMENT", "NEW", "60000"),
        ("TRADE", "FILLED", "60000"),
    ]  # fmt: skip


def test_an_order_that_is_made_smaller_than_its_fills_ends_and_one_that_may_only_rest_takes_nothing(booth):
    placed = booth.place(
        type="LIMIT", price="40000", timeInForce="GTC", newClientOrderId="part", quantity="0.02"
    )
    exchange = booth.opened.control._context.exchange
    with exchange.change() as books:
        order = exchange.order("account-1", order_id=str(placed["orderId"]))
        books.fill(order, order.price, order.ts, qty=Decimal("0.01"))
    change = {**BTC, "side": "BUY", "quantity": "0.01", "price": "59000"}
    ended = changed(booth, {**change, "origClientOrderId": "part"})
    booth.place(type="LIMIT", price="40000", timeInForce="GTX", newClientOrderId="rest", quantity="0.02")
    shy = changed(booth, {**change, "price": "60000", "origClientOrderId": "rest"})
    assert (ended["status"], shy["status"], booth.get("openOrders")) == ("CANCELED", "CANCELED", [])
    assert (Decimal(ended["executedQty"]), Decimal(shy["executedQty"])) == (Decimal("0.01"), 0)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(st.booleans(), max_size=12))
def test_of_an_id_the_last_order_is_found_and_two_are_never_open(ends):
    records = {}

    class Record:
        def __init__(self, client_id):
            self.client_id, self.is_open = client_id, True

    for is_over in ends:
        try:
            name = make_next_id("mine", records.get, lambda one: one.is_open)
        except ExchangeRefusal:
            assert find_newest("mine", records.get).is_open
        else:
            assert name not in records
            records[name] = Record(name)
        find_newest("mine", records.get).is_open = not is_over
    assert sum(one.is_open for one in records.values()) <= 1
    assert find_newest("mine", records.get) is (list(records.values())[-1] if records else None)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"type": "STOP_MARKET", "stopPrice": "51000"}, -4120),
        ({"type": "NOTHING"}, -1116),
        ({"side": "UP"}, -1117),
        ({"quantity": "0"}, -4003),
        ({"quantity": "x"}, -1100),
        ({"quantity": "0.00001"}, -1111),
        ({"quantity": "100"}, -2019),
        ({"type": "LIMIT", "price": "50000.05", "timeInForce": "GTC"}, -4014),
        ({"type": "LIMIT", "price": "10000", "timeInForce": "GTC", "quantity": "0.0001"}, -4164),
        ({"type": "LIMIT", "price": "60000", "timeInForce": "GTX"}, -5022),
        ({"type": "LIMIT", "price": "40000"}, -1102),
        ({"positionSide": "LONG"}, -4061),
        ({"reduceOnly": "true"}, -2022),
        ({"newClientOrderId": "a" * 37}, -4015),
    ],
)
def test_an_order_that_cannot_be_has_its_code_and_nothing_happens(booth, changed, code):
    wanted = {**BTC, "side": "BUY", "type": "MARKET", "quantity": "0.01", **changed}
    assert booth.code("POST", "order", wanted) == code
    assert booth.get("openOrders") == []
    assert booth.get("/fapi/v3/positionRisk") == []


def test_one_stop_of_a_kind_closes_the_whole_position_and_another_has_a_size(booth):
    assert booth.code("POST", "algoOrder", booth.stop("49000")) == -4509
    booth.place()
    booth.post("algoOrder", **booth.stop("49000"))
    assert booth.code("POST", "algoOrder", booth.stop("49500")) == -4130
    assert (
        booth.code("POST", "algoOrder", booth.stop("50500", closePosition="false", quantity="0.01")) == -2021
    )
    assert booth.code("POST", "algoOrder", booth.stop("49500", quantity="0.01")) == -4136
    sized = {"closePosition": "false", "quantity": "0.01", "reduceOnly": "true", "timeInForce": "GTE_GTC"}
    booth.post("algoOrder", **booth.stop("49500", **sized))
    booth.post("algoOrder", **booth.stop("51000", type="TAKE_PROFIT_MARKET"))
    waiting = booth.get("openAlgoOrders")
    assert [(one["orderType"], one["closePosition"]) for one in waiting] == [
        ("STOP_MARKET", True), ("STOP_MARKET", False), ("TAKE_PROFIT_MARKET", True),
    ]  # fmt: skip
    booth.place("SELL", reduceOnly="true")
    assert booth.get("openAlgoOrders") == []
    ended = booth.get("allAlgoOrders", **BTC)
    assert {one["algoStatus"] for one in ended} == {"EXPIRED"}


def test_an_order_that_a_stop_made_is_plain_and_its_stop_knows_it():
    booth = open_booth(FALL)
    booth.place(quantity="0.02")
    booth.post("algoOrder", **booth.stop("49000", clientAlgoId="guard"))
    booth.watch.seconds += 40
    booth.opened.venue.tick()
    (fired,) = booth.get("allAlgoOrders", **BTC)
    _, out = booth.get("userTrades", **BTC)
    assert (fired["algoStatus"], fired["actualOrderId"]) == ("FINISHED", str(out["orderId"]))
    made = booth.get("order", **BTC, orderId=out["orderId"])
    assert (made["type"], made["origType"], made["clientOrderId"]) == ("MARKET", "MARKET", "guard")
    assert booth.code("DELETE", "algoOrder", {"algoId": fired["algoId"]}) == -2011


def test_a_market_order_that_waits_for_a_price_opens_when_it_comes():
    booth = open_booth(FALL)
    entry = {"side": "SELL", "closePosition": "false", "quantity": "0.01"}
    booth.post("algoOrder", **booth.stop("49500", **entry))
    booth.watch.seconds += 40
    booth.opened.venue.tick()
    (held,) = booth.get("/fapi/v3/positionRisk")
    assert (held["positionAmt"], held["positionSide"]) == ("-0.01", "BOTH")


def test_trades_are_asked_for_by_the_week_or_by_id(booth):
    booth.place()
    (trade,) = booth.get("userTrades", **BTC)
    assert booth.get("userTrades", **BTC, startTime=trade["time"] - 6 * DAY) == [trade]
    assert booth.get("userTrades", **BTC, startTime=trade["time"] - 8 * DAY) == []
    assert booth.get("userTrades", **BTC, fromId=trade["id"]) == [trade]
    assert booth.get("userTrades", **BTC, fromId=trade["id"] + 1) == []
    times = {"startTime": 1, "endTime": 1 + 8 * DAY}
    assert booth.code("GET", "userTrades", {**BTC, **times}) == -1127
    assert booth.code("GET", "userTrades", {**BTC, "fromId": 1, "startTime": 1}) == -1128
    assert booth.code("GET", "userTrades") == -1102


def test_income_says_result_fee_and_funding_apart_and_adds_up_to_the_balance(booth):
    booth.place()
    booth.place("SELL", reduceOnly="true")
    rows = booth.get("income", limit=1_000)
    assert [one["incomeType"] for one in rows] == ["TRANSFER", "COMMISSION", "REALIZED_PNL", "COMMISSION"]
    cash = Decimal(booth.get("/fapi/v3/account")["totalWalletBalance"])
    assert sum(Decimal(one["income"]) for one in rows) == cash
    assert booth.get("income", limit=3, page=2) == rows[3:]


def test_in_hedge_mode_longs_and_shorts_are_apart(booth):
    booth.post("positionSide/dual", dualSidePosition="true")
    assert booth.code("POST", "positionSide/dual", {"dualSidePosition": "true"}) == -4059
    booth.place("BUY", positionSide="LONG")
    booth.place("SELL", positionSide="SHORT")
    held = {one["positionSide"]: one["positionAmt"] for one in booth.get("/fapi/v3/positionRisk")}
    assert held == {"LONG": "0.01", "SHORT": "-0.01"}
    booth.place("SELL", positionSide="LONG")
    assert [one["positionSide"] for one in booth.get("/fapi/v3/positionRisk")] == ["SHORT"]
    assert booth.code("POST", "positionSide/dual", {"dualSidePosition": "false"}) == -4068
