"""User data streams tell their own account what happened, and nobody else's."""

import json

from tests.unit.sandbox.exchange.binance.booths import BTC, heard, open_booth
from tests.unit.sandbox.exchange.stalls import FALL


def events(told):
    return [(one["e"], one["o"]["x"] if one["e"] == "ORDER_TRADE_UPDATE" else "") for one in told]


def test_an_order_is_new_then_traded_then_money_and_position_are_told():
    booth = open_booth()
    session = booth.stream()
    placed = booth.place(newClientOrderId="mine")
    told = heard(session)
    assert events(told) == [
        ("ORDER_TRADE_UPDATE", "NEW"),
        ("ORDER_TRADE_UPDATE", "TRADE"),
        ("ACCOUNT_UPDATE", ""),
    ]
    new, trade, account = told
    assert (new["o"]["c"], new["o"]["X"], new["o"]["z"]) == ("mine", "NEW", "0")
    assert (trade["o"]["i"], trade["o"]["X"], trade["o"]["z"]) == (placed["orderId"], "FILLED", "0.01")
    (asked,) = booth.get("userTrades", **BTC)
    names = {"t": "id", "L": "price", "l": "qty", "n": "commission", "T": "time", "m": "maker"}
    assert {long: trade["o"][short] for short, long in names.items()} == {
        long: asked[long] for long in names.values()
    }
    assert account["a"]["B"][0]["wb"] == booth.get("/fapi/v3/account")["totalWalletBalance"]
    assert [(one["s"], one["pa"]) for one in account["a"]["P"]] == [("BTCUSDT", "0.01")]


def test_a_cancelled_order_and_one_that_the_venue_ends_are_told_apart():
    booth = open_booth()
    session = booth.stream()
    limit = {"type": "LIMIT", "price": "40000", "timeInForce": "GTC", "newClientOrderId": "mine"}
    booth.place(**limit)
    booth.make_reply("DELETE", "order", {**BTC, "origClientOrderId": "mine"})
    booth.place(**limit)
    booth.control("POST", "do", what="delist")
    ends = [one["o"]["x"] for one in heard(session) if one["e"] == "ORDER_TRADE_UPDATE"]
    assert ends == ["NEW", "CANCELED", "NEW", "EXPIRED"]


def test_a_stop_that_fires_tells_of_itself_and_of_the_order_it_made():
    booth = open_booth(FALL)
    session = booth.stream()
    booth.place()
    booth.post("algoOrder", **booth.stop("49000", clientAlgoId="guard"))
    heard(session)
    booth.watch.seconds += 40
    booth.opened.venue.tick()
    told = heard(session)
    fired = [one["o"] for one in told if one["e"] == "ALGO_UPDATE"]
    traded = [one["o"] for one in told if one["e"] == "ORDER_TRADE_UPDATE" and one["o"]["x"] == "TRADE"]
    assert [(one["X"], one["ai"]) for one in fired] == [("FINISHED", str(traded[0]["i"]))]
    assert (traded[0]["c"], traded[0]["X"]) == ("guard", "FILLED")


def test_what_the_venue_does_by_itself_has_its_own_names():
    booth = open_booth()
    session = booth.stream()
    for what, prefix, kind in (("liquidate", "autoclose-", "CALCULATED"), ("close", "web_", "TRADE")):
        booth.place()
        heard(session)
        booth.control("POST", "do", what=what)
        traded = [one["o"] for one in heard(session) if one["e"] == "ORDER_TRADE_UPDATE"][-1]
        assert traded["c"].startswith(prefix)
        assert traded["x"] == kind


def test_a_stream_tells_of_its_own_account_only():
    booth = open_booth(accounts=2)
    mine = booth.stream()
    booth.key = booth.opened.keys[1]
    theirs = booth.stream()
    booth.place()
    assert heard(mine) == []
    assert heard(theirs)


def test_markets_are_subscribed_listed_and_left():
    booth = open_booth(FALL, minutes=30)
    session = booth.opened.venue.add_session("/stream", {"streams": "btcusdt@kline_1m"})

    def said(**words):
        booth.watch.seconds += 0.2
        session.receive(json.dumps(words), booth.watch.seconds)

    said(method="SUBSCRIBE", params=["btcusdt@ticker", "nothing@ticker"], id=1)
    told = heard(session)
    assert {one.get("stream") for one in told} == {None, "btcusdt@kline_1m", "btcusdt@ticker"}
    said(method="LIST_SUBSCRIPTIONS", id=2)
    assert heard(session)[0] == {"result": ["btcusdt@kline_1m", "btcusdt@ticker"], "id": 2}
    said(method="UNSUBSCRIBE", params=["btcusdt@ticker"], id=3)
    heard(session)
    booth.watch.seconds += 1.5
    booth.opened.venue.tick()
    bars = [one["data"]["k"] for one in heard(session)]
    # Bars end, and say so, before the running one is told.
    assert [one["x"] for one in bars] == [True, True, False]
    assert [one["t"] - bars[0]["t"] for one in bars] == [0, 60_000, 120_000]
    assert [one["o"] for one in bars[1:]] == [one["c"] for one in bars[:-1]]
