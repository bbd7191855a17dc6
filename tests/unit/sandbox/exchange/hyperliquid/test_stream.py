"""What the stream says: subscriptions by address, pings, posted requests, and news of market and account."""

import json

import pytest

from tests.unit.sandbox.exchange.hyperliquid.counter import (
    CLOID,
    heard,
    level,
    market,
    open_counter,
)
from vigie_sandbox.exchange.session import END

pytest.importorskip("coincurve")


@pytest.fixture
def counter():
    return open_counter()


def test_a_ping_is_answered_and_nonsense_is_said_to_be_that(counter):
    session = counter.stream()
    for text in ('{"method": "ping"}', "{", '{"method": "dance"}', '{"method": "subscribe"}'):
        session.receive(text, 0.0)
    told = heard(session)
    assert told[0] == {"channel": "pong"}
    assert [one["channel"] for one in told[1:]] == ["error"] * 3


def test_what_is_subscribed_twice_is_said_so_and_what_was_left_is_silent(counter):
    book = {"type": "l2Book", "coin": "BTC"}
    session = counter.stream(book, book)
    assert [one["channel"] for one in heard(session)] == ["subscriptionResponse", "l2Book", "error"]
    session.receive(json.dumps({"method": "unsubscribe", "subscription": book}), 0.0)
    counter.go(25)
    assert [one["channel"] for one in heard(session)] == ["subscriptionResponse"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"type": "l2Book", "coin": "NONE"},
        {"type": "candle", "coin": "BTC", "interval": "7m"},
        {"type": "nothing"},
    ],
)
def test_a_subscription_that_does_not_exist_is_an_error(counter, wanted):
    (told,) = heard(counter.stream(wanted))
    assert told["data"].startswith("Invalid subscription")


@pytest.mark.parametrize("kind", ["allMids", "l2Book", "bbo", "trades", "candle", "activeAssetCtx"])
def test_the_market_is_told_at_once_and_whenever_it_moves(counter, kind):
    session = counter.stream({"type": kind, "coin": "BTC", "interval": "1m"})
    assert len(heard(session, kind)) == 1
    counter.go(25)
    assert len(heard(session, kind)) >= 1


def test_an_account_is_told_its_fills_orders_funding_and_itself(counter):
    kinds = ("orderUpdates", "userFills", "userEvents", "clearinghouseState", "webData2")
    session = counter.stream(*kinds)
    first = heard(session)
    assert next(one for one in first if one["channel"] == "userFills")["data"]["isSnapshot"] is True
    counter.place(market(1, c=CLOID), level(-1, "49000", "sl"), grouping="normalTpsl")
    told = heard(session)
    fill = next(one for one in told if one["channel"] == "userFills")["data"]
    assert "isSnapshot" not in fill
    assert fill["fills"][0]["cloid"] == CLOID
    assert next(one for one in told if one["channel"] == "user")["data"]["fills"] == fill["fills"]
    updates = [one["data"][0] for one in told if one["channel"] == "orderUpdates"]
    assert {(one["order"].get("cloid"), one["status"]) for one in updates} >= {
        (CLOID, "filled"),
        (None, "open"),
    }
    state = [one for one in told if one["channel"] == "clearinghouseState"][-1]["data"]
    assert state["clearinghouseState"]["assetPositions"][0]["position"]["szi"] == "0.01"


def test_a_stop_that_fires_keeps_its_id_on_the_stream(counter):
    counter.place(market(1), level(-1, "49000", "sl"), grouping="normalTpsl")
    (stop,) = counter.mine("frontendOpenOrders")
    session = counter.stream("orderUpdates", "userFills")
    heard(session)
    counter.go(40)
    told = heard(session)
    last = [one["data"][0] for one in told if one["channel"] == "orderUpdates"][-1]
    assert (last["order"]["oid"], last["status"]) == (stop["oid"], "filled")
    assert [one["data"]["fills"][0]["oid"] for one in told if one["channel"] == "userFills"] == [stop["oid"]]


def test_nobody_hears_of_another_account():
    counter = open_counter(accounts=2)
    other = counter.opened.keys[1]
    session = counter.stream({"type": "orderUpdates", "user": other.key})
    heard(session)
    counter.place(market(1))
    assert heard(session) == []


def test_at_most_ten_accounts_are_told_on_one_connection():
    counter = open_counter(accounts=12)
    session = counter.stream(*({"type": "orderUpdates", "user": one.key} for one in counter.opened.keys))
    assert [one["channel"] for one in heard(session)].count("error") == 2


def test_a_posted_action_and_question_are_answered_with_their_number(counter):
    session = counter.stream()
    action = {"type": "order", "orders": [market(1)], "grouping": "na"}
    posted = [
        {"type": "action", "payload": counter.signed(action)},
        {"type": "info", "payload": {"type": "allMids"}},
        {"type": "info", "payload": {"type": "nothing"}},
    ]
    for number, request in enumerate(posted):
        session.receive(json.dumps({"method": "post", "id": number, "request": request}), 0.0)
    told = [one["data"] for one in heard(session, "post")]
    assert [one["id"] for one in told] == [0, 1, 2]
    assert [one["response"]["type"] for one in told] == ["action", "info", "error"]
    assert "filled" in told[0]["response"]["payload"]["response"]["data"]["statuses"][0]


def test_a_client_that_is_silent_or_says_too_much_is_left(counter):
    session = counter.stream()
    session.send_updates(61.0)
    assert session.outbox.get_nowait() == END
    for _ in range(40):
        session.receive('{"method": "ping"}', 100.0)
    texts = [session.outbox.get_nowait() for _ in range(session.outbox.qsize())]
    assert END in texts
