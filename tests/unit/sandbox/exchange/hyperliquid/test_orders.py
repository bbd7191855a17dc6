"""Orders, groups, levels and what the venue says to them."""

from decimal import Decimal

import pytest

from tests.unit.sandbox.exchange.hyperliquid.counter import (
    CLOID,
    START,
    level,
    limit,
    market,
    open_counter,
)
from tests.unit.sandbox.exchange.stalls import DAY
from vigie_sandbox.exchange.hyperliquid.errors import BadRequest
from vigie_sandbox.exchange.hyperliquid.shapes import COUNTERPARTY

pytest.importorskip("coincurve")

D = Decimal


@pytest.fixture
def counter():
    return open_counter()


def test_a_market_order_fills_at_once_and_its_fill_has_the_venue_s_words(counter):
    (told,) = counter.place(market(1, c=CLOID))
    assert (told["filled"]["totalSz"], told["filled"]["avgPx"], told["filled"]["cloid"]) == (
        "0.01",
        "50025.0",
        CLOID,
    )
    (fill,) = counter.mine("userFills")
    wanted = {
        "coin": "BTC", "side": "B", "dir": "Open Long", "startPosition": "0.0", "px": "50025.0", "sz": "0.01",
        "closedPnl": "0.0", "crossed": True, "feeToken": "USDC", "cloid": CLOID, "oid": told["filled"]["oid"],
    }  # fmt: skip
    assert {name: fill[name] for name in wanted} == wanted
    assert D(fill["fee"]) == D("50025") * D("0.01") * D("0.0006")


def test_an_order_that_cannot_trade_at_once_and_may_not_rest_is_refused(counter):
    (told,) = counter.place(limit(1, "49000", tif="Ioc"))
    assert told["error"].startswith("Order could not immediately match against any resting orders.")
    (near,) = counter.place(limit(1, "50050", tif="Ioc"))
    assert near["filled"]["avgPx"] <= "50050"


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (limit(1, "50000.5"), "Price must be divisible by tick size."),
        (limit(1, "4000.123"), "Price must be divisible by tick size."),
        (limit(1, "49000", "0.00001"), "Order has invalid size."),
        (limit(1, "49000", "0"), "Order has invalid size."),
        (limit(1, "49000", "0.0001"), "Order must have minimum value of $10."),
        (limit(1, "49000", "20"), "Insufficient margin to place order."),
        (limit(-1, "51000", r=True), "Reduce only order would increase position."),
        (limit(1, "50500", tif="Alo"), "Post only order would have immediately matched."),
        (level(-1, "49000", "sl"), "Reduce only order would increase position."),
    ],
)
def test_an_order_is_refused_by_itself_in_the_venue_s_words(counter, order, words):
    told = counter.place(limit(1, "40000"), order)
    assert "resting" in told[0]
    assert told[1] == {"error": f"{words} asset=0"}


def test_whole_prices_and_five_figures_are_prices(counter):
    told = counter.place(limit(1, "49999"), limit(1, "4999.9"), limit(1, "40000"))
    assert ["resting" in one for one in told] == [True] * 3


def test_a_group_fills_its_entry_and_leaves_its_levels_waiting(counter):
    told = counter.place(market(1), level(-1, "53000", "tp"), level(-1, "49000", "sl"), grouping="normalTpsl")
    assert "filled" in told[0]
    assert told[1:] == ["waitingForTrigger"] * 2
    waiting = {one["orderType"]: one for one in counter.mine("frontendOpenOrders")}
    assert waiting.keys() == {"Stop Market", "Take Profit Market"}
    stop = waiting["Stop Market"]
    assert (stop["side"], stop["isTrigger"], stop["reduceOnly"], stop["triggerCondition"]) == (
        "A", True, True, "Price below 49000",
    )  # fmt: skip
    counter.go(40)
    after = {one["order"]["oid"]: one["status"] for one in counter.mine("historicalOrders")}
    assert after[stop["oid"]] == "filled"
    assert after[waiting["Take Profit Market"]["oid"]] == "siblingFilledCanceled"
    fill = counter.mine("userFillsByTime", startTime=START + 20 * 60_000)[0]
    assert (fill["oid"], fill["dir"], fill["startPosition"]) == (stop["oid"], "Close Long", "0.01")


def test_the_levels_of_an_entry_that_rests_wait_with_it(counter):
    told = counter.place(limit(1, "49500"), level(-1, "49000", "sl"), grouping="normalTpsl")
    assert told[1] == "waitingForFill"
    (row,) = counter.mine("frontendOpenOrders")
    assert [one["triggerPx"] for one in row["children"]] == ["49000.0"]


def test_an_entry_that_is_refused_takes_its_levels_along(counter):
    told = counter.place(market(1, "20"), level(-1, "49000", "sl"), grouping="normalTpsl")
    assert told == [{"error": "Insufficient margin to place order. asset=0"}]
    assert counter.mine("frontendOpenOrders") == []


def test_a_stop_that_is_refused_leaves_its_entry_naked(counter):
    counter.opened.control.answer("POST", "/control/fault", {"kind": "stop-refused"})
    told = counter.place(market(1), level(-1, "49000", "sl"), grouping="normalTpsl")
    assert "filled" in told[0]
    assert told[1]["error"].startswith("Invalid TP/SL price.")
    assert counter.mine("frontendOpenOrders") == []


def test_a_level_of_a_whole_position_replaces_the_one_before_it(counter):
    counter.place(market(1))
    first, second = (
        counter.place(level(-1, price, "sl", "0", c=name), grouping="positionTpsl")[0]["resting"]
        for price, name in (("49000", CLOID), ("49200", CLOID[:-1] + "c"))
    )
    (waiting,) = counter.mine("frontendOpenOrders")
    assert (waiting["oid"], waiting["isPositionTpsl"], waiting["triggerPx"]) == (
        second["oid"],
        True,
        "49200.0",
    )
    assert counter.mine("orderStatus", oid=first["oid"])["order"]["status"] == "canceled"
    (wrong,) = counter.place(level(-1, "51000", "sl", "0"), grouping="positionTpsl")
    assert wrong == {"error": "Invalid TP/SL price. asset=0"}


def test_a_client_id_is_good_once_for_orders_and_triggers_alike(counter):
    counter.place(market(1, c=CLOID))
    same = [
        counter.place(market(1, c=CLOID))[0],
        counter.place(level(-1, "49000", "sl", c=CLOID))[0],
        counter.place(level(-1, "49000", "sl", "0", c=CLOID), grouping="positionTpsl")[0],
    ]
    assert same == [{"error": "Duplicate cloid asset=0"}] * 3


def test_an_order_is_found_by_either_id_and_what_is_not_there_is_said_so(counter):
    (told,) = counter.place(limit(1, "49000", c=CLOID))
    by_id, by_cloid = (counter.mine("orderStatus", oid=oid) for oid in (told["resting"]["oid"], CLOID))
    assert by_id == by_cloid
    assert (by_id["status"], by_id["order"]["status"], by_id["order"]["order"]["tif"]) == (
        "order",
        "open",
        "Gtc",
    )
    assert counter.mine("orderStatus", oid=1) == {"status": "unknownOid"}
    assert counter.info("orderStatus", user="0x" + "1" * 40, oid=CLOID) == {"status": "unknownOid"}


def test_an_order_is_cancelled_once_by_either_id(counter):
    told = counter.place(limit(1, "49000", c=CLOID), limit(1, "48900"))
    cancels = [{"a": 0, "o": told[1]["resting"]["oid"]}]
    by_cloid = {"type": "cancelByCloid", "cancels": [{"asset": 0, "cloid": CLOID}]}
    answers = [
        counter.act({"type": "cancel", "cancels": cancels}),
        counter.act(by_cloid),
        counter.act(by_cloid),
    ]
    statuses = [one["response"]["data"]["statuses"][0] for one in answers]
    assert statuses[:2] == ["success", "success"]
    assert statuses[2]["error"].startswith("Order was never placed, already canceled, or filled.")


def test_orders_and_triggers_are_changed(counter):
    counter.place(market(1))
    resting, stop = counter.place(limit(1, "49000"), level(-1, "48000", "sl"))
    modifies = [
        {"oid": resting["resting"]["oid"], "order": limit(1, "48500", "0.02")},
        {"oid": stop["resting"]["oid"], "order": level(-1, "48800", "sl")},
        {"oid": 999_999, "order": limit(1, "48500")},
    ]
    told = counter.act({"type": "batchModify", "modifies": modifies})["response"]["data"]["statuses"]
    assert "Cannot modify" in told[2]["error"]
    waiting = {one["oid"]: one for one in counter.mine("frontendOpenOrders")}
    assert waiting[told[0]["resting"]["oid"]]["limitPx"] == "48500.0"
    assert waiting[stop["resting"]["oid"]]["triggerPx"] == "48800.0"


def test_leverage_and_margin_are_set_together_and_not_while_a_position_is_open(counter):
    action = {"type": "updateLeverage", "asset": 0, "isCross": True, "leverage": 7}
    assert counter.act(action)["status"] == "ok"
    assert counter.mine("activeAssetData", coin="BTC")["leverage"] == {"type": "cross", "value": 7}
    assert counter.act({**action, "leverage": 200})["response"] == "Invalid leverage value"
    counter.place(market(1))
    locked = counter.act({**action, "isCross": False})
    assert locked == {"status": "err", "response": "Cannot switch leverage type with open position."}


def test_an_action_that_came_too_late_or_twice_or_to_the_other_network_does_nothing(counter):
    now = counter.opened.venue.context.venue_ms()
    assert "expired" in counter.place(limit(1, "49000"), expiresAfter=now - 1)
    assert "does not exist" in counter.place(limit(1, "49000"), is_test=False)
    request = counter.signed({"type": "order", "orders": [limit(1, "49000")], "grouping": "na"})
    first, again = (counter.make_reply("/exchange", request).body for _ in range(2))
    assert first["status"] == "ok"
    assert "duplicate nonce" in again["response"]
    assert len(counter.mine("openOrders")) == 1


def test_the_main_wallet_acts_for_itself_and_an_agent_that_was_removed_for_nobody(counter):
    assert "resting" in counter.place(limit(1, "49000"), secret=counter.wallet.main)[0]
    counter.opened.control.answer("POST", "/control/do", {"what": "key", "code": "revoked"})
    assert counter.place(limit(1, "49000")) == f"User or API Wallet {counter.wallet.agent} does not exist."
    assert counter.info("userRole", user=counter.wallet.agent) == {"role": "missing"}


def test_an_account_may_act_as_often_as_it_has_traded_and_ten_thousand_times(counter):
    counter.opened.venue._weights._n_actions[counter.wallet.key] = 9_999
    assert "resting" in counter.place(limit(1, "49000"))[0]
    assert counter.place(limit(1, "49000")).startswith("Too many cumulative requests sent (10001 > 10000)")


def test_a_liquidation_says_so_and_takes_the_margin(counter):
    counter.place(market(1))
    counter.opened.control.answer("POST", "/control/do", {"what": "liquidate"})
    last = counter.mine("userFills")[0]
    assert (last["dir"], last["liquidation"]["liquidatedUser"], last["cloid"]) == (
        "Liquidated Isolated Long", counter.wallet.key, None,
    )  # fmt: skip


def test_fills_on_the_other_side_of_a_liquidation_carry_the_address_of_whom_it_liquidated(counter):
    for number in range(8):
        counter.place(market(-1 if number % 2 else 1))
    told = [row.get("liquidation", {}).get("liquidatedUser") for row in counter.mine("userFills")]
    assert 0 < sum(one == COUNTERPARTY for one in told) < len(told)
    assert set(told) == {COUNTERPARTY, None}


def test_money_is_worth_what_is_left_without_positions_and_the_positions(counter):
    counter.place(market(1, "0.05"))
    for _ in range(4):
        state = counter.mine("clearinghouseState")
        summary, (held,) = state["marginSummary"], state["assetPositions"]
        worth = D(held["position"]["szi"]) * D(held["position"]["positionValue"]) / D("0.05")
        assert D(summary["totalRawUsd"]) + worth == D(summary["accountValue"])
        counter.go(7)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'{"type": "nothing"}', b'{"type": "l2Book"}', b'{"type": "orderStatus"}',
        b'{"type": "openOrders", "user": "me"}', b'{"type": "candleSnapshot", "req": {"coin": "BTC"}}',
        b'{"type": "userFillsByTime", "user": "0x0000000000000000000000000000000000000001", "startTime": "x"}',
    ],
)  # fmt: skip
def test_a_question_that_is_none_is_refused_and_harms_nothing(counter, body):
    assert counter.make_reply("/info", body).status == 422
    assert counter.make_reply("/exchange", body).status == 422
    assert counter.info("meta")["universe"][0]["name"] == "BTC"


@pytest.mark.parametrize(
    "action",
    [
        {"type": "order", "orders": [], "grouping": "na"},
        {"type": "order", "orders": [limit(1, "49000")], "grouping": "all"},
        {"type": "order", "orders": [{**limit(1, "49000"), "a": 9}], "grouping": "na"},
        {"type": "order", "orders": [{**limit(1, "49000"), "b": "yes"}], "grouping": "na"},
        {"type": "order", "orders": [{**limit(1, "49000"), "p": 49_000}], "grouping": "na"},
        {"type": "order", "orders": [{**limit(1, "49000"), "c": "mine"}], "grouping": "na"},
        {"type": "order", "orders": [{**limit(1, "49000"), "t": {}}], "grouping": "na"},
        {"type": "order", "orders": [{**level(-1, "49000", "sl"), "t": {"trigger": {}}}], "grouping": "na"},
        {"type": "cancel", "cancels": [{}]},
        {"type": "cancelByCloid", "cancels": [{"asset": 0, "cloid": None}]},
        {"type": "batchModify", "modifies": [None]},
        {"type": "updateLeverage", "asset": 0, "isCross": 1, "leverage": 5},
        {"type": "everything"},
    ],
)
def test_an_action_that_is_none_is_refused_and_harms_nothing(counter, action):
    assert counter.make_reply("/exchange", counter.signed(action)).status == 422
    assert counter.mine("openOrders") == []


def test_what_waits_is_cancelled_when_its_time_has_come_also_after_a_restart(tmp_path):
    home = tmp_path / "home"
    counter = open_counter(capital=D(2_000_000), home=home)

    def now():
        return counter.opened.venue.context.venue_ms()

    def scheduled(**time):
        return counter.act({"type": "scheduleCancel", **time})

    counter.place(market(1))
    refused = scheduled(time=now() + 60_000)["response"]
    assert refused == (
        "Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $500.25000."
    )
    counter.place(market(1, "20"))
    told = counter.place(limit(1, "40000"), level(-1, "39000", "sl"))
    assert ["resting" in one for one in told] == [True, True]
    assert "at least 5 seconds" in scheduled(time=now() + 4_000)["response"]
    with pytest.raises(BadRequest):
        counter.opened.venue._action_handler.handle(
            counter.signed({"type": "scheduleCancel", "time": "soon"}), "/exchange"
        )
    # Put off, taken away, and set at last.
    for time in ({"time": now() + 6_000}, {}, {"time": now() + 60_000}):
        assert scheduled(**time)["status"] == "ok"
    counter.go(55)
    assert len(counter.mine("openOrders")) == 2
    again = open_counter(capital=D(2_000_000), home=home, watch=counter.watch)
    again.go(6)
    assert again.mine("openOrders") == []
    for one in told:
        status = again.mine("orderStatus", oid=one["resting"]["oid"])
        assert status["order"]["status"] == "scheduledCancel"
    assert again.mine("clearinghouseState")["assetPositions"]


def test_what_waits_is_cancelled_ten_times_a_day_at_most():
    counter = open_counter(capital=D(2_000_000))
    counter.place(market(1, "20.01"))
    told = []
    for _ in range(11):
        at = counter.opened.venue.context.venue_ms() + 5_000
        told.append(counter.act({"type": "scheduleCancel", "time": at})["status"])
        counter.go(5)
    assert told == [*["ok"] * 10, "err"]
    # A new day begins at midnight.
    counter.watch.seconds += DAY / 1_000
    at = counter.opened.venue.context.venue_ms() + 5_000
    assert counter.act({"type": "scheduleCancel", "time": at})["status"] == "ok"
