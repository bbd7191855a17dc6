"""Who gets in at the simulated venue: keys, signatures, times, environments and how often."""

import pytest

from tests.unit.sandbox.exchange.stalls import BTC, MIX, USDT, open_stall
from vigie_sandbox.exchange.bitget.limits import BitgetRateLimits
from vigie_sandbox.exchange.bitget.signing import make_signature

ACCOUNTS = MIX + "account/accounts"


@pytest.fixture
def stall():
    return open_stall()


def test_a_signed_request_is_answered_in_the_envelope(stall):
    answer = stall.ask("GET", ACCOUNTS, USDT)
    assert (answer["code"], answer["msg"], answer["requestTime"]) == ("00000", "success", stall.watch.wall())
    assert answer["data"][0]["accountEquity"] == "10000"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"access_key": ""}, "40001"),
        ({"access_sign": ""}, "40002"),
        ({"access_timestamp": ""}, "40003"),
        ({"access_passphrase": ""}, "40011"),
        ({"access_timestamp": "soon"}, "40005"),
        ({"access_key": "bg_nobody"}, "40037"),
        ({"access_passphrase": "wrong"}, "40012"),
        ({"access_sign": "bm9uc2Vuc2U="}, "40009"),
        ({"paptrading": "0"}, "40099"),
    ],
)
def test_each_wrong_header_has_its_code(stall, changed, code):
    answer = stall.ask("GET", ACCOUNTS, USDT, **changed)
    assert (answer["code"], answer["data"]) == (code, None)


@pytest.mark.parametrize(("late", "code"), [(30_000, "00000"), (30_001, "40008"), (-30_001, "40008")])
def test_a_time_more_than_thirty_seconds_off_is_refused(stall, late, code):
    assert stall.ask("GET", ACCOUNTS, USDT, told=str(stall.watch.wall() - late))["code"] == code


def test_the_signature_covers_the_body_and_the_secret(stall):
    asked = stall.question("POST", "account/set-leverage", {**BTC, "leverage": "5"})
    tampered = type(asked)(
        asked.method,
        asked.path,
        "",
        {},
        asked.body.replace(b'"5"', b'"9"'),
        asked.headers,
        asked.client,
    )
    assert stall.make_reply(tampered).body["code"] == "40009"
    text = asked.headers["access-timestamp"] + "POST" + asked.path + asked.body.decode()
    foreign = stall.question(
        "POST", "account/set-leverage", {**BTC, "leverage": "5"}, access_sign=make_signature("other", text)
    )
    assert stall.make_reply(foreign).body["code"] == "40009"
    assert stall.make_reply(asked).body["code"] == "00000"


def test_the_decoded_query_is_what_clients_sign(stall):
    asked = stall.question("GET", "order/orders-pending", {**USDT, "clientOid": "a b"})
    text = f"{asked.headers['access-timestamp']}GET{asked.path}?clientOid=a b&productType=USDT-FUTURES"
    decoded = stall.question(
        "GET",
        "order/orders-pending",
        {**USDT, "clientOid": "a b"},
        access_sign=make_signature(stall.key.secret, text),
    )
    decoded = type(decoded)(
        decoded.method,
        decoded.path,
        "clientOid=a%20b&productType=USDT-FUTURES",
        decoded.query,
        b"",
        decoded.headers,
        "127.0.0.1",
    )
    assert stall.make_reply(decoded).body["code"] == "00000"


def test_a_live_key_must_come_without_the_demo_header():
    stall = open_stall(is_demo=False)
    assert stall.ask("GET", ACCOUNTS, USDT)["code"] == "40099"
    assert stall.ask("GET", ACCOUNTS, USDT, paptrading="")["code"] == "00000"


def test_market_data_needs_no_key_and_six_product_types_answer(stall):
    for product in ("USDT", "USDC", "COIN", "SUSDT", "SUSDC", "SCOIN"):
        asked = {"productType": f"{product}-FUTURES"}
        listed = stall.ask("GET", "market/contracts", asked, signed=False)["data"]
        assert [one["symbol"] for one in listed] == (["BTCUSDT"] if product == "USDT" else [])
    assert stall.ask("GET", "market/contracts", {"productType": "GOLD"}, signed=False)["code"] == "400172"
    assert stall.ask("GET", "market/nowhere", {}, signed=False)["code"] == "40404"


def test_each_endpoint_counts_its_own_requests_a_second():
    stall = open_stall(limits=1.0)
    replies = [stall.make_reply(stall.question("GET", "account/accounts", USDT)) for _ in range(11)]
    assert [one.headers["x-mbx-used-remain-limit"] for one in replies] == [
        *(str(left) for left in range(9, -1, -1)),
        "0",
    ]
    assert (replies[9].status, replies[10].status, replies[10].body["code"]) == (200, 429, "429")
    assert stall.ask("GET", "order/fills", USDT)["code"] == "00000"
    stall.watch.seconds += 1.0
    assert stall.ask("GET", ACCOUNTS, USDT)["code"] == "00000"


def test_an_address_that_asks_too_often_in_a_minute_waits_five_minutes():
    limits = BitgetRateLimits(0.01)
    assert all(limits.is_within_total("a", second) for second in range(60))
    assert not limits.is_within_total("a", 59.5)
    assert limits.is_within_total("b", 59.5)
    assert not limits.is_within_total("a", 59.5 + 299.9)
    assert limits.is_within_total("a", 59.5 + 300.0)


@pytest.mark.parametrize("code", ["40037", "40018", "40014", "40085"])
def test_a_key_can_be_taken_away_and_given_back(stall, code):
    stall.control("POST", "do", what="key", code=code)
    assert stall.ask("GET", ACCOUNTS, USDT)["code"] == code
    unified = stall.ask("GET", "/api/v3/account/settings", {})["code"]
    assert unified == ("00000" if code == "40085" else code)
    stall.control("POST", "do", what="key", code="")
    assert stall.ask("GET", ACCOUNTS, USDT)["code"] == "00000"
    assert stall.ask("GET", "/api/v3/account/settings", {})["code"] == "40084"


def test_a_key_tells_its_rights_and_may_be_given_the_one_to_withdraw(stall):
    assert stall.get("/api/v2/spot/account/info")["authorities"] == ["coow", "coor", "cpow", "cpor"]
    stall.control("POST", "do", what="rights", authorities=["coow", "wwow"])
    assert stall.get("/api/v2/spot/account/info")["authorities"] == ["coow", "wwow"]


def test_the_clock_of_the_door_may_be_the_market_s(stall):
    stall.control("POST", "clock", door="market", window_ms=5_000)
    market = stall.opened.venue.context.now_ms()
    assert stall.ask("GET", "/api/v2/public/time", {}, signed=False)["data"] == {"serverTime": str(market)}
    assert stall.ask("GET", ACCOUNTS, USDT, told=str(market - 4_000))["code"] == "00000"
    assert stall.ask("GET", ACCOUNTS, USDT, told=str(market - 6_000))["code"] == "40008"


def test_a_skewed_venue_refuses_the_right_time_and_tells_a_wrong_one(stall):
    stall.control("POST", "clock", skew_ms=45_000)
    assert stall.ask("GET", ACCOUNTS, USDT)["code"] == "40008"
    told = stall.ask("GET", "/api/v2/public/time", {}, signed=False)["data"]["serverTime"]
    assert int(told) == stall.watch.wall() + 45_000
    stall.control("POST", "clock", skew_ms=0)
    assert stall.ask("GET", ACCOUNTS, USDT)["code"] == "00000"
