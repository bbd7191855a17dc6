"""Who may ask Binance what, how often, and signed how."""

import pytest

from tests.unit.sandbox.exchange.binance.booths import BTC, V1, open_booth
from vigie_sandbox.exchange.binance.limits import BinanceWeights, RateLimitRefusal


@pytest.fixture
def booth():
    return open_booth()


def test_a_signed_question_is_answered_and_an_unsigned_one_is_not(booth):
    assert booth.get("/fapi/v3/account")["totalWalletBalance"] == "10000"
    assert booth.code("GET", "/fapi/v3/account", signed=False) == -1102


@pytest.mark.parametrize(
    ("headers", "code"), [({}, -2014), ({"x-mbx-apikey": "nobody"}, -2015)], ids=["no key", "unknown key"]
)
def test_a_key_that_is_missing_or_unknown_is_told_as_such(booth, headers, code):
    told = booth.make_reply("GET", "/fapi/v3/account", headers=headers)
    assert (told.status, told.body["code"]) == (401, code)


def test_a_signature_over_other_parameters_is_refused(booth):
    good = f"symbol=BTCUSDT&timestamp={booth.watch.wall()}"
    asked = booth.question(
        "GET", V1 + "openOrders", good + "&signature=" + "0" * 64, {"x-mbx-apikey": booth.key.key}
    )
    assert booth.opened.venue.answer(asked).body["code"] == -1022


@pytest.mark.parametrize(
    ("late_ms", "window", "is_well"),
    [(4_900, None, True), (5_100, None, False), (29_900, 30_000, True), (30_100, 30_000, False), (-900, None, True),
     (-1_100, None, False)],
)  # fmt: skip
def test_a_request_is_taken_within_its_window_and_never_from_the_future(booth, late_ms, window, is_well):
    fields = {} if window is None else {"recvWindow": window}
    told = booth.make_reply("GET", "openOrders", fields, told=booth.watch.wall() - late_ms)
    assert (told.status == 200) is is_well
    assert is_well or told.body["code"] == -1021


def test_a_window_of_more_than_a_minute_cannot_be_asked_for(booth):
    assert booth.code("GET", "openOrders", {"recvWindow": 60_001}) == -1131


@pytest.mark.parametrize("number", ["1e20", "1e30", "1e999999", "1e9999999"])
def test_an_order_of_a_size_or_price_beyond_all_arithmetic_is_refused(booth, number):
    order = {
        **BTC,
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "price": "40000",
        "quantity": "0.01",
    }
    assert booth.make_reply("POST", "order", {**order, "quantity": number}).status == 400
    assert booth.make_reply("POST", "order", {**order, "price": number}).status == 400
    assert booth.make_reply("POST", "batchOrders", {"batchOrders": "[" * 20_000}).status == 400
    assert booth.get("openOrders") == []


def test_what_there_is_not_is_said(booth):
    assert booth.make_reply("GET", "nowhere").status == 404
    assert booth.code("GET", "order", {"symbol": "NOUSDT", "orderId": 1}) == -1121
    assert booth.code("GET", "order", BTC) == -1102


def test_weight_is_counted_and_told(booth):
    booth.make_reply("GET", "ping", signed=False)
    told = booth.make_reply("GET", "ticker/24hr", signed=False)
    assert told.headers["X-MBX-USED-WEIGHT-1M"] == "41"


def test_too_much_weight_is_429_and_who_goes_on_is_banned_for_two_minutes():
    weights = BinanceWeights()
    for _ in range(60):
        weights.count_request("here", 40, 0.0)
    assert weights.count_request("elsewhere", 40, 0.0) == 40
    codes = []
    for _ in range(52):
        with pytest.raises(RateLimitRefusal) as caught:
            weights.count_request("here", 1, 1.0)
        codes.append(caught.value.status)
    assert codes == [429] * 50 + [418, 418]
    with pytest.raises(RateLimitRefusal):
        weights.count_request("here", 1, 120.0)
    assert weights.count_request("here", 1, 122.0) == 1


def test_orders_are_counted_by_account():
    weights = BinanceWeights()
    for _ in range(300):
        counts = weights.count_order("mine", 0.0)
    assert counts == {"10S": 300, "1M": 300}
    with pytest.raises(RateLimitRefusal, match="-1015"):
        weights.count_order("mine", 9.0)
    assert weights.count_order("another", 9.0) == {"10S": 1, "1M": 1}
    assert weights.count_order("mine", 10.0)["1M"] == 301


def test_a_listen_key_lasts_an_hour_unless_it_is_kept(booth):
    def given(method):
        return booth.make_reply(method, "listenKey", signed=False)

    key = given("POST").body["listenKey"]
    enter = booth.opened.venue.add_session
    assert given("POST").body["listenKey"] == key
    booth.watch.seconds += 3_000
    assert given("PUT").status == 200
    booth.watch.seconds += 3_000
    assert enter("/private/ws", {"listenKey": key}).account == "account-1"
    booth.watch.seconds += 601
    assert enter("/private/ws", {"listenKey": key}) is None
    assert given("PUT").body["code"] == -1125
    assert given("POST").body["listenKey"] != key
    given("DELETE")
    assert enter("/private/ws", {"listenKey": key}) is None
