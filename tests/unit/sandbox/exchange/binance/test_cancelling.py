"""Many orders cancelled at once, and by a countdown of the market's clock."""

from __future__ import annotations

import json

import pytest

from tests.unit.sandbox.exchange.binance.booths import BTC, heard, open_booth
from tests.unit.sandbox.exchange.stalls import MINUTE, bars_of

# Calm, then a fall through 49,000 in the twentieth minute.
DIP = bars_of([50_000.0] * 20 + [48_000.0] * 100)


@pytest.fixture
def booth():
    return open_booth(DIP)


def rest(booth, name, price="49000"):
    wanted = {"type": "LIMIT", "price": price, "timeInForce": "GTC", "newClientOrderId": name}
    return booth.place("BUY", **wanted)


def many(booth, **fields):
    return booth.make_reply("DELETE", "batchOrders", {**BTC, **fields})


def test_each_of_many_is_cancelled_or_refused_on_its_own_and_in_its_place(booth):
    first, second = rest(booth, "one"), rest(booth, "two")
    ids = json.dumps([first["orderId"], 7, second["orderId"]])
    told = many(booth, orderIdList=ids).body
    assert [one.get("status", one.get("code")) for one in told] == ["CANCELED", -2011, "CANCELED"]
    assert told[0]["clientOrderId"] == "one"
    assert booth.get("openOrders") == []


def test_the_client_s_own_names_do_as_well_in_either_spelling(booth):
    rest(booth, "one")
    rest(booth, "two")
    assert many(booth, origClientOrderIdList='["one"]').body[0]["status"] == "CANCELED"
    told = many(booth, origclientorderidlist='["two","one"]').body
    assert told == [
        booth.get("order", **BTC, origClientOrderId="two"),
        {"code": -2011, "msg": "Unknown order sent."},
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, -1102),
        ({"orderIdList": "[1]", "origClientOrderIdList": '["a"]'}, -1128),
        ({"orderIdList": json.dumps(list(range(11)))}, -1130),
        ({"orderIdList": "[]"}, -1130),
        ({"orderIdList": "7"}, -1130),
        ({"orderIdList": "[7"}, -1130),
        ({"orderIdList": "[" * 20_000}, -1130),
        ({"orderIdList": "[7]", "symbol": "NONE"}, -1121),
    ],
)
def test_a_list_that_is_none_is_refused(booth, fields, code):
    assert many(booth, **fields).body["code"] == code


def test_a_countdown_that_is_not_put_off_cancels_what_rests_before_the_price_comes(booth):
    session = booth.stream()
    rest(booth, "mine")
    booth.place()
    booth.post("algoOrder", **booth.stop("40000"))
    told = booth.post("countdownCancelAll", **BTC, countdownTime=str(8 * MINUTE))
    assert told == {"symbol": "BTCUSDT", "countdownTime": "480000"}
    booth.watch.seconds += 5
    assert booth.get("order", **BTC, origClientOrderId="mine")["status"] == "NEW"
    booth.post("countdownCancelAll", **BTC, countdownTime=str(4 * MINUTE))
    # At sixty times the wall's pace twenty minutes pass at once; the fall comes in the sixth of them.
    booth.watch.seconds += 20
    booth.opened.venue.tick()
    ended = booth.get("order", **BTC, origClientOrderId="mine")
    assert (ended["status"], ended["executedQty"]) == ("CANCELED", "0")
    assert ended["updateTime"] == ended["time"] + 9 * MINUTE
    pushed = [one["o"] for one in heard(session) if one["e"] == "ORDER_TRADE_UPDATE"]
    assert [(one["x"], one["X"]) for one in pushed if one["c"] == "mine"] == [
        ("NEW", "NEW"),
        ("CANCELED", "CANCELED"),
    ]
    assert len(booth.get("openAlgoOrders")) == 1, "conditional orders are another service's"


def test_a_countdown_goes_on_after_a_restart_and_the_one_of_nothing_stops_it(tmp_path):
    booth = open_booth(DIP, home=tmp_path)
    rest(booth, "mine")
    booth.post("countdownCancelAll", **BTC, countdownTime=str(4 * MINUTE))
    again = open_booth(DIP, home=tmp_path)
    again.watch.seconds += 3.9
    assert len(again.get("openOrders")) == 1
    again.watch.seconds += 0.2
    assert again.get("openOrders") == []
    rest(again, "other")
    again.post("countdownCancelAll", **BTC, countdownTime="1000")
    assert again.post("countdownCancelAll", **BTC, countdownTime="0")["countdownTime"] == "0"
    again.watch.seconds += 2
    assert len(again.get("openOrders")) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({**BTC}, -1102),
        ({**BTC, "countdownTime": "-1"}, -1130),
        ({**BTC, "countdownTime": "soon"}, -1100),
        ({"countdownTime": "1000"}, -1102),
    ],
)
def test_a_countdown_that_is_none_is_refused(booth, fields, code):
    assert booth.code("POST", "countdownCancelAll", fields) == code


def test_what_it_weighs(booth):
    used = int(booth.make_reply("GET", "ping", signed=False).headers["X-MBX-USED-WEIGHT-1M"])
    told = booth.make_reply("POST", "countdownCancelAll", {**BTC, "countdownTime": "0"})
    assert int(told.headers["X-MBX-USED-WEIGHT-1M"]) == used + 10
    told = many(booth, orderIdList="[1]")
    assert int(told.headers["X-MBX-USED-WEIGHT-1M"]) == used + 11
