"""Streams of the simulated venue: login, subscriptions, what is pushed, and what faults do to pushes."""

import json

import pytest

from tests.unit.sandbox.exchange.stalls import FALL, MINUTE, START, bars_of, open_stall, pushed, sent
from vigie_sandbox.exchange.bitget.signing import make_signature
from vigie_sandbox.exchange.session import END

PRIVATE = ("orders", "orders-algo", "fill", "positions", "account")


@pytest.fixture
def stall():
    stall = open_stall(FALL)
    stall.post("account/set-margin-mode", marginMode="isolated")
    return stall


def login(stall, told, **changed):
    sign = make_signature(stall.key.secret, f"{told}GET/user/verify")
    wanted = {"apiKey": stall.key.key, "passphrase": stall.key.passphrase, "timestamp": told, "sign": sign}
    session = stall.opened.venue.add_session("/v2/ws/private")
    stall.say(session, "login", wanted | changed)
    return sent(session)


def test_the_time_of_a_login_is_in_seconds_or_milliseconds(stall):
    now = stall.watch.wall()
    assert login(stall, str(now // 1_000)) == [{"event": "login", "code": 0}]
    assert login(stall, str(now)) == [{"event": "login", "code": 0}]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"apiKey": "bg_nobody"}, 30011),
        ({"passphrase": "wrong"}, 30012),
        ({"timestamp": "soon"}, 30013),
        ({"timestamp": "1767225600"}, 30014),
        ({"sign": "wrong"}, 30015),
    ],
)
def test_each_wrong_login_has_its_code(stall, changed, code):
    (told,) = login(stall, str(stall.watch.wall() // 1_000), **changed)
    assert (told["event"], told["code"]) == ("error", code)


def test_ping_is_answered_and_silence_of_two_minutes_is_ended(stall):
    session = stall.stream()
    sent(session)
    session.receive("ping", stall.watch.seconds)
    assert sent(session) == ["pong"]
    stall.watch.seconds += 119.0
    stall.opened.venue.tick()
    assert sent(session) == []
    stall.watch.seconds += 2.0
    stall.opened.venue.tick()
    assert sent(session) == [END]


def test_what_cannot_be_subscribed_is_refused(stall):
    session = stall.opened.venue.add_session("/v2/ws/private")
    stall.say(session, "subscribe", {"instType": "USDT-FUTURES", "channel": "orders", "instId": "default"})
    stall.say(session, "subscribe", {"instType": "SPOT", "channel": "orders", "instId": "default"})
    stall.say(session, "fly", {"channel": "orders"})
    session.receive("{", stall.watch.seconds)
    assert [one["code"] for one in sent(session)] == [30004, 30001, 30003, 30002]
    public = stall.opened.venue.add_session("/v2/ws/public")
    stall.say(public, "subscribe", {"instType": "USDT-FUTURES", "channel": "orders", "instId": "BTCUSDT"})
    stall.say(public, "subscribe", {"instType": "USDT-FUTURES", "channel": "ticker", "instId": "PEPEUSDT"})
    assert [one["code"] for one in sent(public)] == [30001, 30001]
    for _ in range(11):
        public.receive("ping", stall.watch.seconds)
    assert sent(public)[-2:] == [
        {"event": "error", "code": 30007, "msg": "request over limit, connection close"},
        END,
    ]


def test_an_order_s_life_is_pushed_with_its_fill_position_and_money(stall):
    session = stall.stream(*PRIVATE)
    told = sent(session)
    assert [one["event"] for one in told if "event" in one] == ["login", *["subscribe"] * 5]
    assert [one["arg"]["channel"] for one in told if "action" in one] == ["positions", "account"]
    placed = stall.place(clientOid="mine-1", presetStopLossPrice="49500")
    by_channel = {name: [] for name in PRIVATE}
    for message in sent(session):
        assert (message["action"], type(message["ts"])) == ("snapshot", int)
        by_channel[message["arg"]["channel"]] += message["data"]
    statuses = [one["status"] for one in by_channel["orders"]]
    assert statuses[-1] == "filled"
    last = by_channel["orders"][-1]
    assert (last["orderId"], last["clientOid"], last["accBaseVolume"]) == (
        placed["orderId"],
        "mine-1",
        "0.01",
    )
    (fill,) = by_channel["fill"]
    assert (fill["tradeId"], fill["clientOid"], fill["side"]) == (last["tradeId"], "mine-1", "buy")
    (held,) = by_channel["positions"]
    assert (held["instId"], held["total"], held["leverage"]) == ("BTCUSDT", "0.01", 10)
    (plan,) = by_channel["orders-algo"]
    assert (plan["planType"], plan["status"], plan["triggerPrice"]) == ("sl", "live", "49500")
    assert float(by_channel["account"][-1]["equity"]) == pytest.approx(10_000 - 0.25 - 0.30015)


def test_a_closed_position_is_pushed_as_an_empty_list(stall):
    stall.place(presetStopLossPrice="49500")
    session = stall.stream("positions", "fill")
    sent(session)
    stall.go(30)
    told = sent(session)
    assert [one["data"] for one in told if one["arg"]["channel"] == "positions"][-1] == []
    (fill,) = [row for one in told if one["arg"]["channel"] == "fill" for row in one["data"]]
    assert (fill["side"], fill["clientOid"]) == ("sell", "")


def test_nobody_hears_of_another_s_account():
    stall = open_stall(FALL, accounts=2)
    session = stall.stream("orders", "fill")
    sent(session)
    stall.key = stall.opened.keys[1]
    stall.place()
    assert sent(session) == []
    assert len(stall.get("order/fills")["fillList"]) == 1


def test_public_channels_tell_ticker_candles_book_and_trades_as_the_market_moves(stall):
    channels = ("ticker", "candle1m", "books5", "trade")
    session = stall.stream(*channels, is_private=False)
    first = [one for one in sent(session) if "action" in one]
    assert [(one["arg"]["channel"], one["action"]) for one in first] == [
        (name, "snapshot") for name in channels
    ]
    stall.opened.venue.tick()
    sent(session)
    stall.opened.venue.tick()
    assert sent(session) == []
    stall.go(24)
    told = {}
    for one in sent(session):
        told.setdefault(one["arg"]["channel"], []).extend(one["data"])
    assert set(told) == set(channels)
    assert float(told["ticker"][-1]["lastPr"]) < 49_500.0
    times = [int(row[0]) for row in told["candle1m"]]
    assert times == sorted(times)
    assert times[-1] == START + 34 * MINUTE
    assert len(told["books5"][-1]["asks"]) == 5
    stall.say(session, "unsubscribe", {"instType": "USDT-FUTURES", "channel": "ticker", "instId": "BTCUSDT"})
    assert sent(session)[-1]["event"] == "unsubscribe"
    stall.go(2)
    assert pushed(session, "ticker") == []


def fault(stall, kind, **wanted):
    return stall.control("POST", "fault", kind=kind, **wanted)


def fills(stall, session):
    return [one["tradeId"] for one in pushed(session, "fill")]


def test_pushes_come_twice_are_lost_or_stop_while_ping_is_answered(stall):
    session = stall.stream("fill")
    sent(session)
    fault(stall, "double-pushes")
    stall.place()
    twice = fills(stall, session)
    assert len(twice) == 2 == len(twice) / len(set(twice))
    stall.control("DELETE", "fault")
    fault(stall, "lost-pushes", path="fill")
    stall.place()
    assert fills(stall, session) == []
    stall.place()
    assert len(fills(stall, session)) == 1
    fault(stall, "silent-stream")
    stall.place()
    session.receive("ping", stall.watch.seconds)
    assert sent(session) == ["pong"]
    stall.control("DELETE", "fault")
    fault(stall, "dead-stream")
    stall.place()
    session.receive("ping", stall.watch.seconds)
    assert sent(session) == []


def test_pushes_come_late_or_in_another_order(stall):
    session = stall.stream("fill")
    sent(session)
    fault(stall, "late-pushes", seconds=3.0)
    stall.place()
    assert fills(stall, session) == []
    stall.go(3.1)
    assert len(fills(stall, session)) == 1
    stall.control("DELETE", "fault")
    fault(stall, "shuffled-pushes", seconds=1.0)
    for _ in range(8):
        stall.place()
    stall.go(1.0)
    shuffled = fills(stall, session)
    assert len(set(shuffled)) == 8
    assert shuffled != sorted(shuffled)


def test_a_stream_is_cut_and_the_next_login_is_refused(stall):
    session = stall.stream("fill")
    sent(session)
    fault(stall, "cut-stream")
    stall.place()
    assert sent(session) == [END]
    fault(stall, "login-refused", code="30015")
    assert login(stall, str(stall.watch.wall()))[0]["code"] == 30015
    stall.control("DELETE", "fault", kind="login-refused")
    assert login(stall, str(stall.watch.wall())) == [{"event": "login", "code": 0}]


def test_a_stale_price_stands_still_and_a_spike_is_told_but_not_traded():
    stall = open_stall(bars_of([50_000.0 + i for i in range(100)]))
    before = stall.get("market/ticker", symbol="BTCUSDT")[0]
    fault(stall, "stale-price")
    stall.go(10)
    assert stall.get("market/ticker", symbol="BTCUSDT")[0] == before
    stall.control("DELETE", "fault")
    fault(stall, "price-spike", share=1.5)
    told = float(stall.get("market/ticker", symbol="BTCUSDT")[0]["lastPr"])
    stall.place()
    traded = float(stall.get("order/fills")["fillList"][0]["price"])
    assert told == pytest.approx(50_020 * 1.5, rel=1e-3)
    assert traded == pytest.approx(50_020 * 1.0005, rel=1e-4)


def test_messages_are_json_with_the_argument_that_was_subscribed(stall):
    session = stall.stream("account")
    (told,) = sent(session, "account")[-1:]
    assert json.dumps(told["arg"]) == '{"instType": "USDT-FUTURES", "channel": "account", "coin": "default"}'
