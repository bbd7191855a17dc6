"""The venue's rows as our records."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.world.captured import samples
from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.levels import trigger_order
from vigie.adapters.venues.hyperliquid.rows import HyperliquidContract
from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.exchange.hyperliquid.orders import is_valid_price

D = Decimal
FILE = ("leaderboard", "hyperliquid-info-samples.json")
CLOID = "0x" + "ab" * 16
USER = "0x" + "ec" * 20
ORDER = {
    "coin": "BTC", "side": "B", "limitPx": "52500.0", "sz": "0.0", "oid": 91, "timestamp": 5, "isTrigger": False,
    "triggerPx": "0.0", "reduceOnly": False, "orderType": "Limit", "origSz": "0.05", "tif": "Ioc", "cloid": CLOID,
}  # fmt: skip
STOP = {
    **ORDER, "side": "A", "sz": "0.05", "oid": 92, "isTrigger": True, "triggerPx": "49000.0", "reduceOnly": True,
    "orderType": "Stop Market", "tif": None, "cloid": None, "isPositionTpsl": False,
}  # fmt: skip
WHOLE = {**STOP, "sz": "0.0", "isPositionTpsl": True}
PRICES = st.decimals("0.000001", "1000000", allow_nan=False, allow_infinity=False, places=9)


def status(told, **changed):
    return rows.order({"order": {**ORDER, **changed}, "status": told, "statusTimestamp": 9})


@pytest.mark.parametrize(
    ("told", "rest", "state", "filled"),
    [
        ("open", "0.05", "live", "0"),
        ("open", "0.02", "partial", "0.03"),
        ("triggered", "0.05", "live", "0"),
        ("filled", "0.05", "filled", "0.05"),
        ("canceled", "0.02", "cancelled", "0.03"),
        ("marginCanceled", "0.05", "cancelled", "0"),
        ("iocCancelRejected", "0.05", "cancelled", "0"),
        ("rejected", "0.05", "cancelled", "0"),
    ],
)
def test_an_order_is_read_as_what_became_of_it(told, rest, state, filled):
    order = status(told, sz=rest)
    assert (order.state, order.filled, order.qty) == (state, D(filled), D("0.05"))
    assert (order.client_id, order.order_id, order.kind, order.instrument) == (
        "ab" * 16, "91", "market", "btc-usdc-perp",
    )  # fmt: skip


@pytest.mark.parametrize("bad", [{"sz": None}, {"sz": "NaN"}, {"side": "X"}, {"origSz": True}])
def test_an_order_with_something_missing_is_not_guessed(bad):
    with pytest.raises((KeyError, ValueError, ArithmeticError)):
        status("open", **bad)


def test_a_trigger_is_a_stop_or_a_target_at_its_price():
    stop, target = rows.open_order(STOP), rows.open_order({**STOP, "orderType": "Take Profit Market"})
    assert (stop.kind, target.kind, stop.price, stop.side, stop.client_id) == (
        "stop", "target", D(49_000), -1, "",
    )  # fmt: skip


POSITION = {
    "coin": "BTC", "szi": "0.05", "entryPx": "50025.0", "leverage": {"type": "isolated", "value": 5},
    "positionValue": "2500.0", "liquidationPx": None, "unrealizedPnl": "-1.25",
}  # fmt: skip


@pytest.mark.parametrize(
    ("levels", "stop"),
    [
        ([], None),
        ([STOP], D(49_000)),
        ([{**STOP, "sz": "0.03"}], None),
        ([{**STOP, "sz": "0.03"}, {**STOP, "sz": "0.02", "triggerPx": "48000.0"}], D(48_000)),
        ([{**STOP, "sz": "0.0", "isPositionTpsl": True}], D(49_000)),
        ([WHOLE, {**WHOLE, "triggerPx": "47000.0"}], D(49_000)),
        ([{**WHOLE, "triggerPx": "47000.0"}, WHOLE], D(49_000)),
        ([STOP, {**WHOLE, "triggerPx": "47000.0"}], D(49_000)),
        ([{**STOP, "side": "B"}], None),
    ],
)
def test_a_position_is_protected_where_levels_close_all_of_it(levels, stop):
    held = rows.position(POSITION, levels, 7)
    assert (held.side, held.qty, held.mark, held.stop, held.liquidation) == (
        1,
        D("0.05"),
        D(50_000),
        stop,
        None,
    )


@given(price=PRICES, decimals=st.integers(0, 5), up=st.booleans())
@settings(derandomize=True, deadline=None, max_examples=300)
def test_a_price_is_moved_to_the_next_one_that_the_venue_takes(price, decimals, up):
    contract = Contract("BTCUSDC", "BTC", "USDC", D(1), D(1).scaleb(-decimals))
    found = HyperliquidContract("BTC", 0, decimals).price(price, up=up)
    assert not found or is_valid_price(found, contract)
    assert found >= price if up else found <= price
    assert abs(found - price) <= max(price * D("0.0001"), D(1).scaleb(decimals - 6))
    if is_valid_price(price, contract):
        assert found == price


@given(
    price=st.decimals("1", "90000", places=4),
    kind=st.sampled_from(["sl", "tp"]),
    side=st.sampled_from([1, -1]),
)
@settings(derandomize=True, deadline=None, max_examples=100)
def test_a_level_that_is_off_the_grid_triggers_earlier_never_later(price, kind, side):
    row = trigger_order(HyperliquidContract("BTC", 0, 4), side, D("0.05"), price, kind, "")
    trigger, limit = D(row["t"]["trigger"]["triggerPx"]), D(row["p"])
    # A stop of a long waits below the price: earlier is higher.
    is_below = (kind == "sl") == (side < 0)
    assert trigger >= price if is_below else trigger <= price
    assert (limit - trigger) * side > 0


def test_a_fill_says_why_the_venue_traded():
    row = {"coin": "BTC", "dir": "Close Long", "cloid": None}
    made = {"isTrigger": True, "orderType": "Stop Market"}
    assert rows.cause_of({**row, "dir": "Liquidated Isolated Long"}, None, USER) == "liquidation"
    assert rows.cause_of({**row, "dir": "Auto-Deleveraging"}, None, USER) == "adl"
    assert rows.cause_of({**row, "cloid": CLOID}, made, USER) == "stop"
    assert rows.cause_of(row, {**made, "orderType": "Take Profit Market"}, USER) == "target"
    assert rows.cause_of({**row, "cloid": CLOID}, {"isTrigger": False}, USER) == "order"
    assert rows.cause_of(row, {"isTrigger": False}, USER) == "other"
    assert rows.cause_of(row, {"isTrigger": False, "is_ours": True}, USER) == "order"


@given(
    way=st.sampled_from(
        ["Open Long", "Close Long", "Close Short", "Auto-Deleveraging", "Liquidated Isolated Long"]
    ),
    trigger=st.sampled_from([None, "Stop Market", "Take Profit Market"]),
    is_ours=st.booleans(),
    told=st.sampled_from([str, str.upper, str.title]),
)
def test_a_liquidation_is_ours_only_where_it_names_our_account(way, trigger, is_ours, told):
    row = {"coin": "BTC", "dir": way, "cloid": CLOID if is_ours else None}
    made = {"isTrigger": bool(trigger), "orderType": trigger or "Limit"}
    address = "0x" + told(USER.removeprefix("0x"))
    mine = {**row, "liquidation": {"liquidatedUser": address, "markPx": "1", "method": "market"}}
    assert rows.cause_of(mine, made, USER) == "liquidation"
    theirs = {**row, "dir": way.replace("Liquidated Isolated", "Close")}
    met = {**theirs, "liquidation": {**mine["liquidation"], "liquidatedUser": "0x" + "0f" * 20}}
    assert rows.cause_of(met, made, USER) == rows.cause_of(theirs, made, USER) != "liquidation"


@pytest.mark.shared
def test_captured_fills_are_read_and_those_of_spot_are_not_ours():
    told = samples(*FILE)["http_user_fills_dust_conversion.json"]
    read = [rows.fill(row, rows.cause_of(row, None, USER)) for row in told if rows.is_perpetual(row)]
    assert [(one.instrument, one.side, one.qty, one.is_maker, one.cause) for one in read] == [
        ("arb-usdc-perp", 1, D("8552.3"), True, "other"),
        ("jup-usdc-perp", 1, D("440.0"), True, "other"),
        ("manta-usdc-perp", -1, D("114.3"), False, "other"),
    ]


@pytest.mark.shared
def test_a_captured_fill_that_met_a_liquidation_is_one_of_the_liquidated_account_only():
    (row,) = samples(*FILE)["ws_user_fill_liquidation.json"]["data"]["fills"]
    assert rows.cause_of(row, None, row["liquidation"]["liquidatedUser"]) == "liquidation"
    met = rows.fill(row, rows.cause_of(row, None, USER))
    assert (met.cause, met.client_id) == ("order", row["cloid"].removeprefix("0x"))
