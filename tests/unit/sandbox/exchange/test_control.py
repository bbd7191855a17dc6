"""The control port: lock-step, the clock, deeds, and the state that tests judge by."""

import json

import pytest

from tests.unit.sandbox.exchange.stalls import DAY, HOUR, START, bars_of, open_stall, pushed, sent
from vigie.domain.errors import UsageError

PRICES = [50_000.0, 50_500.0, 51_000.0, 49_000.0, 49_500.0]


@pytest.fixture
def stall():
    """A day of bars by the day and by the half day, in lock-step."""
    stall = open_stall(
        bars_of(PRICES, span=DAY), bars_of(PRICES, "eth-usdt-perp", span=DAY), matcher="model", limits=None
    )
    for symbol in ("BTCUSDT", "ETHUSDT"):
        stall.post("account/set-margin-mode", symbol=symbol, marginMode="isolated")
        stall.post("account/set-leverage", symbol=symbol, leverage="5")
    return stall


def step(stall):
    return stall.control("POST", "step")


def ack(stall, number, phase, **series):
    return stall.control("POST", "ack", number=number, phase=phase, series=series)


def test_about_tells_the_series_in_their_order(stall):
    about = stall.control("GET", "about")
    assert about["series"] == [
        {"series": "BTCUSDT/1d", "span_ms": DAY},
        {"series": "ETHUSDT/1d", "span_ms": DAY},
    ]
    assert (about["matcher"], about["first_ts"], about["capital"]) == ("model", START, "10000")


def test_an_entry_fills_with_the_second_acknowledgement_and_is_pushed_before_it(stall):
    session = stall.stream("fill", "orders")
    sent(session)
    first = step(stall)
    assert (first["number"], first["ts"], first["closed"], first["is_last"]) == (1, START, [], False)
    assert first["opened"][0] == {"series": "BTCUSDT/1d", "ts": START, "price": "50000"}
    stall.place(clientOid="entry")
    assert stall.get("order/detail", symbol="BTCUSDT", clientOid="entry")["state"] == "live"
    ack(stall, 1, 1)
    assert pushed(session, "fill") == []
    told = ack(stall, 1, 2, entry="BTCUSDT/1d")
    stall.opened.venue.publish()
    (fill,) = pushed(session, "fill")
    assert (fill["price"], fill["clientOid"]) == ("50025", "entry")
    assert told == ack(stall, 1, 2, entry="BTCUSDT/1d")
    assert told["account_seq"] == stall.control("GET", "state")["account_seq"]


def test_a_stop_inside_a_bar_is_told_by_the_step_in_which_it_closes(stall):
    for number in (1, 2, 3):
        step(stall)
        ack(stall, number, 1)
        if number == 3:
            stall.place(clientOid="entry", presetStopLossPrice="50000")
        ack(stall, number, 2, entry="BTCUSDT/1d")
    fourth = step(stall)
    assert fourth["fills"] == []
    ack(stall, 4, 1)
    ack(stall, 4, 2)
    fifth = step(stall)
    (stop,) = fifth["fills"]
    assert (stop["clientOid"], stop["side"], stop["cause"], stop["series"]) == (
        "",
        "sell",
        "stop",
        "BTCUSDT/1d",
    )
    assert fifth["closed"][0]["bar"] == [START + 3 * DAY, "51000", "51000", "49000", "49000", "2"]
    rest = stall.get("order/fills")["fillList"][0]
    same = [(rest[name], stop[name]) for name in ("tradeId", "orderId", "price")]
    assert all(left == right for left, right in same)
    assert (float(rest["feeDetail"][0]["totalFee"]), rest["orderSource"]) == (
        -float(stop["fee"]),
        "loss_market",
    )


def test_what_comes_out_of_turn_is_refused_with_what_is_due(stall):
    with pytest.raises(UsageError, match="acknowledgement"):
        ack(stall, 1, 1)
    step(stall)
    with pytest.raises(UsageError, match="acknowledgement"):
        step(stall)
    with pytest.raises(UsageError, match="series must be one of"):
        ack(stall, 1, 1, entry="BTCUSDT/5m")
    with pytest.raises(UsageError, match="number must be a whole number"):
        stall.control("POST", "ack", phase=1)


def test_the_last_instant_says_so_and_then_the_bars_have_ended(stall):
    last = False
    number = 0
    while not last:
        number += 1
        last = step(stall)["is_last"]
        ack(stall, number, 1)
        ack(stall, number, 2)
    assert number == len(PRICES) + 1
    with pytest.raises(UsageError, match="ended"):
        step(stall)


def test_an_answer_of_the_control_is_plain_json_that_adds_up(stall):
    step(stall)
    stall.place()
    ack(stall, 1, 1)
    ack(stall, 1, 2)
    state = json.loads(json.dumps(stall.control("GET", "state")))
    mine = state["accounts"]["account-1"]
    assert len(mine["orders"]) == len(mine["trades"]) == len(mine["positions"]) == 1
    booked = sum(float(one["amount"]) - float(one["fee"]) for one in mine["bills"])
    assert booked == pytest.approx(float(mine["money"]["cash"]), abs=1e-8)


def test_a_market_that_moves_by_itself_cannot_be_stepped_and_the_other_has_no_speed(stall):
    moving = open_stall()
    with pytest.raises(UsageError, match="--matcher model"):
        step(moving)
    moving.control("POST", "clock", paused=True)
    before = moving.control("GET", "clock")["market_ms"]
    moving.go(60)
    assert moving.control("GET", "clock")["market_ms"] == before
    moving.control("POST", "clock", paused=False, jump_to=before + HOUR)
    moving.go(0)
    assert moving.control("GET", "clock")["market_ms"] == before + HOUR
    with pytest.raises(UsageError, match="no speed"):
        stall.control("POST", "clock", speed=2.0)


@pytest.mark.parametrize(
    ("method", "where", "body", "words"),
    [
        ("POST", "fly", {}, "control answers"),
        ("POST", "do", {"what": "dance"}, "what must be one of"),
        ("POST", "do", {"what": "close", "symbol": "PEPEUSDT"}, "symbol must be one of"),
        ("POST", "do", {"what": "close", "account": "nobody"}, "account must be one of"),
        ("POST", "do", {"what": "close"}, "no_position"),
        ("POST", "do", {"what": "deposit", "amount": "much"}, "amount must be a number"),
        ("POST", "do", {"what": "key", "code": "1"}, "code must be one of"),
        ("POST", "do", {"what": "contract"}, "must name one of"),
        ("POST", "clock", {"colour": "red"}, "must not be told"),
        ("POST", "clock", {"door": "back"}, "door must be wall or market"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_can(stall, method, where, body, words):
    with pytest.raises(UsageError, match=words):
        stall.control(method, where, **body)


def test_a_script_of_faults_is_put_on_at_once(stall):
    script = [{"kind": "html", "after": 3}, {"kind": "reset", "path": "cancel"}]
    told = stall.opened.control.answer("POST", "/control/fault", script)
    assert [one["number"] for one in told] == [1, 2]
    assert [one["kind"] for one in stall.control("GET", "fault")["on"]] == ["html", "reset"]
    assert stall.control("DELETE", "fault", number=1)["on"][0]["kind"] == "reset"


def test_everything_survives_a_restart(tmp_path):
    first = open_stall(home=tmp_path)
    first.post("account/set-margin-mode", marginMode="isolated")
    first.place(clientOid="before", presetStopLossPrice="49000")
    first.place(orderType="limit", price="48000", clientOid="rest")
    first.go(5)
    again = open_stall(home=tmp_path)
    again.watch.seconds = first.watch.seconds
    assert again.key == first.key
    wanted = {"side": "buy", "size": "0.01", "orderType": "market", "marginMode": "isolated"}
    assert again.code("POST", "order/place-order", **wanted, clientOid="before") == "40786"
    assert again.get("order/orders-pending")["entrustedList"][0]["clientOid"] == "rest"
    assert again.get("position/all-position")[0]["total"] == "0.01"
    (plan,) = again.get("order/orders-plan-pending", planType="profit_loss")["entrustedList"]
    assert plan["triggerPrice"] == "49000"
    assert again.get("order/fills") == first.get("order/fills")
