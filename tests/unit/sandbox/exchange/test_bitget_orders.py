"""Orders, levels, positions and money over REST, from a market that falls after half an hour."""

import pytest

from tests.unit.sandbox.exchange.stalls import FALL, MINUTE, START, open_stall


@pytest.fixture
def stall():
    """Ten minutes into a quiet market at 50,000."""
    stall = open_stall(FALL)
    stall.post("account/set-margin-mode", marginMode="isolated")
    stall.post("account/set-leverage", leverage="5")
    return stall


def test_a_market_order_is_acknowledged_with_its_ids_only_and_read_back_by_either(stall):
    placed = stall.place(clientOid="mine-1")
    assert set(placed) == {"orderId", "clientOid"}
    by_id = stall.get("order/detail", symbol="BTCUSDT", orderId=placed["orderId"])
    assert by_id == stall.get("order/detail", symbol="BTCUSDT", clientOid="mine-1")
    told = {
        name: by_id[name] for name in ("state", "baseVolume", "priceAvg", "side", "tradeSide", "reduceOnly")
    }
    assert told == {
        "state": "filled",
        "baseVolume": "0.01",
        "priceAvg": "50025",
        "side": "buy",
        "tradeSide": "buy_single",
        "reduceOnly": "NO",
    }
    assert all(isinstance(value, str) for value in by_id.values())


def test_a_client_id_is_good_once_and_never_again(stall):
    stall.place(clientOid="mine-1")
    stall.place("sell", clientOid="mine-2", reduceOnly="YES")
    wanted = {"side": "buy", "size": "0.01", "orderType": "market", "marginMode": "isolated"}
    for used in ("mine-1", "mine-2"):
        assert stall.code("POST", "order/place-order", **wanted, clientOid=used) == "40786"
    assert stall.code("POST", "order/place-order", **wanted, clientOid="a b") == "40305"
    assert stall.code("POST", "order/place-order", **wanted, clientOid="x" * 51) == "40305"
    assert len(stall.get("order/fills")["fillList"]) == 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"size": "0.00005"}, "40808"),
        ({"size": "0.00015"}, "40808"),
        ({"size": "-1"}, "40020"),
        ({"size": ""}, "400172"),
        ({"size": "100"}, "40762"),
        ({"symbol": "PEPEUSDT"}, "40034"),
        ({"side": "long"}, "400172"),
        ({"orderType": "limit"}, "400172"),
        ({"orderType": "limit", "price": "49999.95"}, "45115"),
        ({"marginMode": ""}, "400172"),
        ({"force": "soon"}, "400172"),
        ({"productType": "GOLD"}, "400172"),
        ({"presetStopLossPrice": "51000"}, "40917"),
        ({"reduceOnly": "YES"}, "22002"),
        ({"orderType": "limit", "price": "100", "size": "0.001"}, "45110"),
    ],
)
def test_what_cannot_be_ordered_is_refused_with_the_venue_s_code(stall, changed, code):
    wanted = {"side": "buy", "size": "0.01", "orderType": "market", "marginMode": "isolated"}
    assert stall.code("POST", "order/place-order", **(wanted | changed)) == code
    assert stall.get("position/all-position") == []


def test_a_preset_stop_waits_as_a_plan_and_closes_the_position_in_the_fall(stall):
    stall.place(clientOid="mine-1", presetStopLossPrice="49500", presetStopSurplusPrice="52000")
    plans = stall.get("order/orders-plan-pending", planType="profit_loss")["entrustedList"]
    assert {(one["planType"], one["triggerPrice"], one["side"]) for one in plans} == {
        ("loss_plan", "49500", "sell"),
        ("profit_plan", "52000", "sell"),
    }
    stall.go(30)
    assert stall.get("position/all-position") == []
    stop, entry = stall.get("order/fills")["fillList"]
    assert (stop["orderSource"], stop["side"], stop["enterPointSource"]) == ("loss_market", "sell", "sys")
    assert float(stop["price"]) == pytest.approx(49_500 * (1 - 0.0005), abs=0.1)
    assert START + 32 * MINUTE < int(stop["cTime"]) < START + 34 * MINUTE
    assert stall.get("order/orders-plan-pending", planType="profit_loss")["entrustedList"] is None
    ended = stall.get("order/orders-plan-history", planType="profit_loss")["entrustedList"]
    assert {one["planType"]: one["planStatus"] for one in ended} == {
        "loss_plan": "executed",
        "profit_plan": "cancelled",
    }
    money = stall.get("account/accounts")[0]
    gain = float(stop["profit"])
    fees = sum(float(one["feeDetail"][0]["totalFee"]) for one in (stop, entry))
    assert float(money["accountEquity"]) == pytest.approx(10_000 + gain + fees, abs=1e-8)
    bills = stall.get("account/bill")["bills"]
    assert [one["businessType"] for one in bills] == ["sell", "buy", "trans_from_exchange"]
    assert sum(float(one["amount"]) + float(one["fee"]) for one in bills) == pytest.approx(
        float(money["accountEquity"])
    )


def test_levels_of_a_position_are_set_replaced_shown_and_taken_away(stall):
    stall.place()
    both = stall.post(
        "order/place-pos-tpsl",
        holdSide="buy",
        stopLossTriggerPrice="49000",
        stopLossTriggerType="fill_price",
        stopSurplusTriggerPrice="51000",
        stopLossClientOid="stop-1",
    )
    (held,) = stall.get("position/single-position", symbol="BTCUSDT", marginCoin="USDT")
    assert {held["stopLossId"], held["takeProfitId"]} == {one["orderId"] for one in both}
    assert (held["stopLoss"], held["takeProfit"]) == ("49000", "51000")
    moved = stall.post(
        "order/place-tpsl-order",
        planType="pos_loss",
        holdSide="buy",
        triggerPrice="49200",
        triggerType="fill_price",
        clientOid="stop-2",
    )
    (held,) = stall.get("position/all-position")
    assert (held["stopLossId"], held["stopLoss"]) == (moved["orderId"], "49200")
    done = stall.post("order/cancel-plan-order", orderIdList=[moved, {"orderId": "1"}])
    assert [one["orderId"] for one in done["successList"]] == [moved["orderId"]]
    assert [one["errorCode"] for one in done["failureList"]] == ["43025"]
    (held,) = stall.get("position/all-position")
    assert (held["stopLossId"], held["takeProfit"]) == ("", "51000")
    wrong = {"planType": "pos_loss", "holdSide": "buy", "triggerPrice": "50500", "triggerType": "fill_price"}
    assert stall.code("POST", "order/place-tpsl-order", **wrong) == "40917"


def test_limits_rest_are_modified_listed_by_pages_and_cancelled(stall):
    for number in range(5):
        stall.place(orderType="limit", price=str(49_000 + number), clientOid=f"rest-{number}", force="gtc")
    first = stall.get("order/orders-pending", limit=2)
    assert [one["clientOid"] for one in first["entrustedList"]] == ["rest-4", "rest-3"]
    second = stall.get("order/orders-pending", limit=2, idLessThan=first["endId"])
    assert [one["clientOid"] for one in second["entrustedList"]] == ["rest-2", "rest-1"]
    changed = stall.post(
        "order/modify-order", clientOid="rest-0", newClientOid="fresh", newSize="0.02", newPrice="48000"
    )
    assert changed["clientOid"] == "rest-0"
    assert stall.get("order/detail", symbol="BTCUSDT", clientOid="rest-0")["state"] == "canceled"
    fresh = stall.get("order/detail", symbol="BTCUSDT", clientOid="fresh")
    assert (fresh["state"], fresh["size"], fresh["price"]) == ("live", "0.02", "48000")
    assert stall.post("order/cancel-order", clientOid="fresh")["clientOid"] == "fresh"
    assert stall.code("POST", "order/cancel-order", clientOid="fresh") == "22001"
    assert stall.code("POST", "order/cancel-order", clientOid="nobody") == "40109"
    swept = stall.post("order/batch-cancel-orders")
    assert len(swept["successList"]) == 4
    assert stall.get("order/orders-pending")["entrustedList"] is None
    assert len(stall.get("order/orders-history")["entrustedList"]) == 6
    assert stall.code("POST", "order/modify-order", clientOid="rest-1", newSize="1", newPrice="1") == "400172"


def test_each_of_a_batch_succeeds_or_fails_on_its_own(stall):
    one = {"side": "buy", "size": "0.01", "orderType": "market"}
    told = stall.post(
        "order/batch-place-order",
        marginMode="isolated",
        orderList=[{**one, "clientOid": "b1"}, {**one, "clientOid": "b1"}, {**one, "size": "900"}],
    )
    assert [done["clientOid"] for done in told["successList"]] == ["b1"]
    assert [failed["errorCode"] for failed in told["failureList"]] == ["40786", "40762"]
    assert stall.code("POST", "order/batch-place-order", orderList=[one] * 51) == "400172"


def test_flash_close_takes_dust_and_says_when_there_is_nothing(stall):
    stall.place(size="0.0137")
    assert len(stall.post("order/close-positions")["successList"]) == 1
    assert stall.get("position/all-position") == []
    assert stall.code("POST", "order/close-positions") == "22002"
    (ended,) = stall.get("position/history-position")["list"]
    assert (ended["closeTotalPos"], ended["openAvgPrice"]) == ("0.0137", "50025")
    parts = [float(ended[name]) for name in ("pnl", "openFee", "closeFee", "totalFunding")]
    assert float(ended["netProfit"]) == pytest.approx(sum(parts), abs=1e-8)


def test_older_reduce_only_orders_make_room_for_newer_ones(stall):
    stall.place(size="0.02")
    for number, price in enumerate(("51000", "52000")):
        exits = {"orderType": "limit", "price": price, "reduceOnly": "YES", "clientOid": f"exit-{number}"}
        stall.place("sell", size="0.02", **exits)
    left = stall.get("order/orders-pending")["entrustedList"]
    assert [one["clientOid"] for one in left] == ["exit-1"]


def test_modes_are_locked_while_something_is_open_and_leverage_has_a_bound(stall):
    assert stall.code("POST", "account/set-leverage", leverage="126") == "40893"
    stall.place()
    assert stall.code("POST", "account/set-margin-mode", marginMode="crossed") == "45117"
    assert stall.code("POST", "account/set-position-mode", posMode="hedge_mode") == "40920"
    stall.post("order/close-positions")
    assert stall.post("account/set-position-mode", posMode="hedge_mode") == {"posMode": "hedge_mode"}
    read = stall.get("account/account", symbol="BTCUSDT", marginCoin="USDT")
    assert (read["posMode"], read["marginMode"], read["isolatedLongLever"]) == ("hedge_mode", "isolated", 5)


def test_in_hedge_mode_the_side_is_the_position_s(stall):
    stall.post("account/set-position-mode", posMode="hedge_mode")
    bare = {"side": "buy", "size": "0.01", "orderType": "market", "marginMode": "isolated"}
    assert stall.code("POST", "order/place-order", **bare) == "40774"
    stall.place(tradeSide="open")
    stall.place("sell", tradeSide="open")
    assert {one["holdSide"] for one in stall.get("position/all-position")} == {"long", "short"}
    stall.place("buy", tradeSide="close")
    (left,) = stall.get("position/all-position")
    assert left["holdSide"] == "short"
    last = stall.get("order/fills")["fillList"][0]
    assert (last["side"], last["tradeSide"]) == ("buy", "close")


def test_fill_history_is_not_served_to_demo_accounts(stall):
    assert stall.code("GET", "order/fill-history") == "40404"


def test_candles_agree_with_the_bars_and_end_with_the_running_one(stall):
    stall.go(25.5)
    asked = {"symbol": "BTCUSDT", "granularity": "1m"}
    rows = stall.get("market/candles", **asked, limit=3)
    finished = stall.get("market/history-candles", **asked, limit=2)
    assert [int(row[0]) for row in rows] == [START + number * MINUTE for number in (33, 34, 35)]
    assert finished == rows[:2]
    assert rows[1][1:5] == ["49200", "49200", "49000", "49000"]
    assert float(rows[2][1]) == 49_000.0 > float(rows[2][4]) > 48_800.0
    coarse = stall.get("market/candles", symbol="BTCUSDT", granularity="5m", limit=1)
    assert coarse[0][1:5] == ["49000", "49000", rows[2][4], rows[2][4]]
    (ticker,) = stall.get("market/ticker", symbol="BTCUSDT")
    assert ticker["lastPr"] == rows[2][4]
    assert ticker["high24h"] == "50000"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": 1_001}, "40020"),
        ({"granularity": "1D"}, "400171"),
        ({"symbol": "PEPEUSDT"}, "40034"),
        ({"startTime": START, "endTime": START + 91 * 1_440 * MINUTE}, "00001"),
    ],
)
def test_candles_out_of_bounds_are_refused(stall, query, code):
    asked = {"symbol": "BTCUSDT", "granularity": "1m", **query}
    assert stall.ask("GET", "market/candles", {"productType": "USDT-FUTURES", **asked})["code"] == code


def test_a_liquidation_an_adl_and_a_person_close_from_outside_and_say_so(stall):
    seen = {}
    for what in ("liquidate", "adl", "close"):
        stall.place()
        stall.control("POST", "do", what=what, symbol="BTCUSDT")
        fill = stall.get("order/fills")["fillList"][0]
        seen[what] = (fill["tradeSide"], fill["enterPointSource"])
        assert stall.get("position/all-position") == []
    assert seen == {
        "liquidate": ("burst_sell_single", "sys"),
        "adl": ("dte_sys_adl_sell_in_single_side_mode", "sys"),
        "close": ("sell_single", "web"),
    }


def test_a_halted_and_a_delisted_contract_say_so_and_take_no_orders(stall):
    wanted = {"side": "buy", "size": "0.01", "orderType": "market", "marginMode": "isolated"}
    stall.control("POST", "do", what="halt", symbol="BTCUSDT")
    assert stall.get("market/contracts")[0]["symbolStatus"] == "maintain"
    assert stall.code("POST", "order/place-order", **wanted) == "40308"
    stall.control("POST", "do", what="resume", symbol="BTCUSDT")
    stall.place()
    stall.control("POST", "do", what="announce", symbol="BTCUSDT", in_ms=60_000)
    assert stall.get("market/contracts")[0]["offTime"] == str(stall.opened.venue.context.now_ms() + 60_000)
    stall.control("POST", "do", what="delist", symbol="BTCUSDT")
    assert stall.get("market/contracts")[0]["symbolStatus"] == "off"
    assert stall.code("POST", "order/place-order", **wanted) == "40309"
    assert stall.get("position/all-position") == []


def test_a_contract_s_steps_change_between_load_and_order(stall):
    stall.control("POST", "do", what="contract", symbol="BTCUSDT", lot="0.01", min_qty="0.01", tick="0.5")
    (told,) = stall.get("market/contracts")
    steps = [told[name] for name in ("sizeMultiplier", "minTradeNum", "pricePlace", "priceEndStep")]
    assert steps == ["0.01", "0.01", "1", "5"]
    wanted = {"side": "buy", "orderType": "limit", "marginMode": "isolated"}
    assert stall.code("POST", "order/place-order", **wanted, size="0.015", price="49000") == "40808"
    assert stall.code("POST", "order/place-order", **wanted, size="0.01", price="49000.1") == "45115"


def test_money_comes_and_goes_and_somebody_else_orders(stall):
    stall.control("POST", "do", what="deposit", amount="-400.5")
    assert stall.get("account/accounts")[0]["accountEquity"] == "9599.5"
    stall.control("POST", "do", what="foreign_order", side="sell", size="0.02", client_id="not-ours")
    (held,) = stall.get("position/all-position")
    assert (held["holdSide"], held["total"]) == ("short", "0.02")
    assert stall.get("order/detail", symbol="BTCUSDT", clientOid="not-ours")["state"] == "filled"
