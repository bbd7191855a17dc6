"""Money of an address: between spot and perpetuals, to others, out of the venue, and as margin of a position."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.sandbox.exchange.hyperliquid.counter import Counter, bars, heard, market, open_counter
from tests.unit.sandbox.exchange.stalls import DAY, MINUTE, START
from vigie_sandbox.exchange.hyperliquid.signing import _TYPED_ACTIONS, _make_typed_digest

DEFAULT = {"status": "ok", "response": {"type": "default"}}
STRANGER = "0x" + "12" * 20


@pytest.fixture
def counter():
    counter = open_counter(accounts=2)
    counter.act({"type": "updateLeverage", "asset": 0, "isCross": False, "leverage": 5})
    return counter


def by_main(counter: Counter, kind: str, **fields: Any) -> Any:
    """Return the answer to what the account's own wallet signs in plain words."""
    return counter.make_reply("/exchange", worded(counter, kind, **fields)).body


def worded(counter: Counter, kind: str, *, secret: str = "", **fields: Any) -> dict[str, Any]:
    """Return a request that the account's own wallet signs in plain words."""
    from coincurve import PrivateKey

    counter.nonce = max(counter.nonce + 1, counter.opened.venue.context.wall())
    timed = "nonce" if any(name == "nonce" for _, name in _TYPED_ACTIONS[kind][1]) else "time"
    action = {"type": kind, "hyperliquidChain": "Testnet", "signatureChainId": "0x66eee", **fields}
    action[timed] = counter.nonce
    key = PrivateKey(bytes.fromhex((secret or counter.wallet.main)[2:]))
    made = key.sign_recoverable(_make_typed_digest(action, kind), hasher=None)
    signature = {"r": "0x" + made[:32].hex(), "s": "0x" + made[32:64].hex(), "v": 27 + made[64]}
    return {"action": action, "nonce": counter.nonce, "signature": signature}


def wallets(counter: Counter, user: str = "") -> tuple[float, float]:
    """Return what perpetuals and spot have."""
    user = user or counter.wallet.key
    perp = counter.info("clearinghouseState", user=user)["marginSummary"]["accountValue"]
    spot = counter.info("spotClearinghouseState", user=user)["balances"]
    return float(perp), float(spot[0]["total"]) if spot else 0.0


def ledger(counter: Counter, user: str = "") -> list[dict[str, Any]]:
    rows = counter.info("userNonFundingLedgerUpdates", user=user or counter.wallet.key, startTime=0)
    return [one["delta"] for one in rows]


def test_money_goes_to_spot_and_back_and_is_told_as_such(counter):
    session = counter.stream("userNonFundingLedgerUpdates")
    assert by_main(counter, "usdClassTransfer", amount="40.5", toPerp=False) == DEFAULT
    assert wallets(counter) == (9_959.5, 40.5)
    assert by_main(counter, "usdClassTransfer", amount="0.5", toPerp=True) == DEFAULT
    assert wallets(counter) == (9_960.0, 40.0)
    moves = [
        {"type": "accountClassTransfer", "usdc": "40.5", "toPerp": False},
        {"type": "accountClassTransfer", "usdc": "0.5", "toPerp": True},
    ]
    assert ledger(counter) == [{"type": "deposit", "usdc": "10000.0"}, *moves]
    first, *told = [one["data"] for one in heard(session, "userNonFundingLedgerUpdates")]
    assert first["isSnapshot"] is True
    assert [row["delta"] for row in first["nonFundingLedgerUpdates"]] == ledger(counter)[:1]
    assert [row["delta"] for one in told for row in one["nonFundingLedgerUpdates"]] == moves


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"amount": "10000.1", "toPerp": False}, "err"),
        ({"amount": "0.1", "toPerp": True}, "err"),
        ({"amount": "0.1 subaccount:0x12", "toPerp": False}, "err"),
        ({"amount": "0.0000001", "toPerp": False}, None),
        ({"amount": "1e22", "toPerp": False}, None),
        ({"amount": "1e30", "toPerp": False}, None),
        ({"amount": "1e999999", "toPerp": False}, None),
        ({"amount": "1e-999999", "toPerp": False}, None),
        ({"amount": "\u0661", "toPerp": False}, None),
        ({"amount": "-1", "toPerp": False}, None),
        ({"amount": "1", "toPerp": "no"}, None),
    ],
)
def test_a_transfer_that_cannot_be_moves_nothing(counter, fields, status):
    told = by_main(counter, "usdClassTransfer", **fields)
    assert (told["status"] if isinstance(told, dict) else None) == status
    assert wallets(counter) == (10_000.0, 0.0)


WORDS = [
    ("usdClassTransfer", {"amount": "1", "toPerp": False}),
    ("usdSend", {"amount": "1", "destination": STRANGER}),
    ("withdraw3", {"amount": "5", "destination": STRANGER}),
]


@pytest.mark.parametrize(("kind", "fields"), WORDS)
def test_what_was_signed_once_moves_money_once(counter, kind, fields):
    body = worded(counter, kind, **fields)
    assert counter.make_reply("/exchange", body).body == DEFAULT
    before = wallets(counter)
    for later in range(3):
        told = counter.make_reply("/exchange", {**body, "nonce": body["nonce"] + later}).body
        assert told["response"].startswith("Invalid nonce")
    assert wallets(counter) == before


@pytest.mark.parametrize(("kind", "fields"), WORDS)
def test_what_was_signed_for_the_other_network_moves_nothing(counter, kind, fields):
    told = by_main(counter, kind, hyperliquidChain="Mainnet", **fields)
    assert told["status"] == "err"
    assert "hyperliquidChain" in told["response"]
    assert wallets(counter) == (10_000.0, 0.0)


@pytest.mark.parametrize("kind", ["usdSend", "withdraw3"])
@pytest.mark.parametrize("amount", ["1e22", "1e999999"])
def test_an_amount_beyond_all_arithmetic_is_malformed(counter, kind, amount):
    assert isinstance(by_main(counter, kind, amount=amount, destination=STRANGER), str)
    assert wallets(counter) == (10_000.0, 0.0)


@pytest.mark.parametrize("number", ["1e20", "1e30", "1e999999", "1e9999999"])
def test_an_order_beyond_all_arithmetic_is_refused(counter, number):
    wanted = market(1)
    for name in ("s", "p"):
        action = {"type": "order", "orders": [{**wanted, name: number}], "grouping": "na"}
        assert "Failed to deserialize" in counter.act(action)
    assert counter.mine("clearinghouseState")["assetPositions"] == []


def test_an_agent_moves_no_money(counter):
    for kind, fields in (
        ("usdClassTransfer", {"amount": "1", "toPerp": False}),
        ("usdSend", {"amount": "1", "destination": STRANGER}),
        ("withdraw3", {"amount": "5", "destination": STRANGER}),
    ):
        told = by_main(counter, kind, secret=counter.wallet.secret, **fields)
        assert told["response"].startswith("Must deposit before performing actions. User: 0x")
    assert wallets(counter) == (10_000.0, 0.0)


def test_money_that_is_sent_arrives_at_the_other_address(counter):
    me, you = (one.key for one in counter.opened.keys)
    assert by_main(counter, "usdSend", amount="25", destination=you) == DEFAULT
    assert (wallets(counter), wallets(counter, you)) == ((9_975.0, 0.0), (10_025.0, 0.0))
    told = {"type": "internalTransfer", "usdc": "25.0", "user": me, "destination": you, "fee": "0.0"}
    assert ledger(counter)[-1] == ledger(counter, you)[-1] == told
    assert by_main(counter, "usdSend", amount="5", destination=STRANGER) == DEFAULT
    assert wallets(counter) == (9_970.0, 0.0)
    assert by_main(counter, "usdSend", amount="5", destination=me)["status"] == "err"
    assert by_main(counter, "usdSend", amount="20000", destination=you)["status"] == "err"
    assert (wallets(counter), wallets(counter, you)) == ((9_970.0, 0.0), (10_025.0, 0.0))


def test_a_withdrawal_costs_a_dollar_of_itself(counter):
    assert by_main(counter, "withdraw3", amount="100", destination=STRANGER) == DEFAULT
    assert wallets(counter) == (9_900.0, 0.0)
    left = ledger(counter)[-1]
    assert left == {"type": "withdraw", "usdc": "99.0", "nonce": counter.nonce, "fee": "1.0"}
    assert by_main(counter, "withdraw3", amount="1", destination=STRANGER)["status"] == "err"
    assert by_main(counter, "withdraw3", amount="9900.1", destination=STRANGER)["status"] == "err"
    assert wallets(counter) == (9_900.0, 0.0)


def test_money_that_came_to_spot_is_no_deposit_of_perpetuals(counter):
    counter.opened.control.answer("POST", "/control/do", {"what": "deposit", "amount": "7", "wallet": "main"})
    assert wallets(counter) == (10_000.0, 7.0)
    told = ledger(counter)[-1]
    assert (told["type"], told["amount"], told["destination"]) == ("spotTransfer", "7.0", counter.wallet.key)


# -- margin of a position ------------------------------------------------------------------------------------------


def margin(counter: Counter, dollars: float, **changed: Any) -> Any:
    action = {"type": "updateIsolatedMargin", "asset": 0, "isBuy": True, "ntli": int(dollars * 1_000_000)}
    return counter.act({**action, **changed})


def held(counter: Counter) -> dict[str, Any]:
    return counter.mine("clearinghouseState")["assetPositions"][0]["position"]


def test_margin_is_added_and_taken_out_and_no_money_is_made(counter):
    counter.place(market(1))
    before, state = held(counter), counter.mine("clearinghouseState")
    session = counter.stream("clearinghouseState")
    heard(session)
    assert margin(counter, 20) == DEFAULT
    after, now = held(counter), counter.mine("clearinghouseState")
    assert Decimal(after["marginUsed"]) == Decimal(before["marginUsed"]) + 20
    assert Decimal(after["leverage"]["rawUsd"]) == Decimal(before["leverage"]["rawUsd"]) + 20
    assert Decimal(after["liquidationPx"]) == Decimal(before["liquidationPx"]) - 2_000
    assert after["leverage"]["value"] == 5
    assert now["marginSummary"]["accountValue"] == state["marginSummary"]["accountValue"]
    assert Decimal(now["withdrawable"]) == Decimal(state["withdrawable"]) - 20
    (told,) = [one["data"]["clearinghouseState"] for one in heard(session, "clearinghouseState")]
    assert told["assetPositions"][0]["position"] == after
    assert margin(counter, -19.5) == DEFAULT
    assert Decimal(held(counter)["marginUsed"]) == Decimal(before["marginUsed"]) + Decimal("0.5")
    assert len(ledger(counter)) == 1, "margin is no movement of money"


def test_of_a_short_as_well_whatever_side_is_said(counter):
    counter.place(market(-1))
    before = held(counter)
    assert margin(counter, 20, isBuy=True) == DEFAULT
    assert Decimal(held(counter)["liquidationPx"]) == Decimal(before["liquidationPx"]) + 2_000


@pytest.mark.parametrize(
    ("dollars", "words"), [(-1, "would remain"), (20_000, "margin available"), (0, "amount")]
)
def test_what_must_stay_and_what_is_not_there_are_refused(counter, dollars, words):
    counter.place(market(1))
    before = held(counter)
    told = margin(counter, dollars)
    assert told["status"] == "err"
    assert words in told["response"]
    assert held(counter) == before


def test_without_an_isolated_position_there_is_no_margin_to_change(counter):
    assert margin(counter, 5)["status"] == "err"
    counter.act({"type": "updateLeverage", "asset": 0, "isCross": True, "leverage": 5})
    counter.place(market(1))
    assert "cross" in margin(counter, 5)["response"]


@pytest.mark.parametrize("changed", [{"asset": 9}, {"ntli": "5"}, {"ntli": True}, {"isBuy": 1}])
def test_a_change_of_margin_that_is_none_is_malformed(counter, changed):
    counter.place(market(1))
    assert isinstance(margin(counter, 5, **changed), str)


def test_profit_may_be_taken_out_down_to_a_tenth_of_what_the_position_is_worth():
    rise = bars([50_000.0] * 15 + [60_000.0] * 60)
    counter = open_counter(rise)
    counter.act({"type": "updateLeverage", "asset": 0, "isCross": False, "leverage": 40})
    counter.place(market(1))
    counter.go(20)
    # Worth 600, with 12.5 of margin and almost 100 of profit: 60 must stay.
    assert margin(counter, -13)["status"] == "err", "the margin itself never goes below nothing"
    assert margin(counter, -12) == DEFAULT
    assert float(held(counter)["marginUsed"]) == pytest.approx(100.25, abs=0.1)


def test_margin_that_was_added_keeps_a_position_that_would_have_been_taken_away():
    prices = [50_000.0] * 15 + [39_500.0] * 60
    kept, lost = open_counter(bars(prices)), open_counter(bars(prices))
    for one in (kept, lost):
        one.act({"type": "updateLeverage", "asset": 0, "isCross": False, "leverage": 5})
        one.place(market(1))
    assert margin(kept, 20) == DEFAULT
    for one in (kept, lost):
        one.go(40)
    assert held(kept)["szi"] == "0.01"
    assert lost.mine("clearinghouseState")["assetPositions"] == []


def test_weeks_begin_on_thursday():
    hours = bars([50_000.0 + i for i in range(60 * 24)])
    days = type(hours)(
        hours.instrument, 60 * MINUTE, START + (hours.ts - START) * 60, hours.open, hours.high, hours.low,
        hours.close, hours.volume,
    )  # fmt: skip
    counter = open_counter(days, begins_ms=START + 40 * DAY)
    asked = {"coin": "BTC", "interval": "1w", "startTime": 0, "endTime": START + 40 * DAY}
    rows = counter.info("candleSnapshot", req=asked)
    told = {datetime.fromtimestamp(one["t"] / 1_000, UTC).strftime("%a %H:%M") for one in rows}
    assert told == {"Thu 00:00"}
    assert [one["t"] for one in rows] == [START + week * 7 * DAY for week in range(6)]
    assert all(one["T"] == one["t"] + 7 * DAY - 1 for one in rows)
    assert (rows[1]["o"], rows[1]["c"]) == ("50167.0", "50335.0")
    session = counter.stream({"type": "candle", "coin": "BTC", "interval": "1w"})
    assert heard(session, "candle")[-1]["data"]["t"] == rows[-1]["t"]


def test_recent_trades_are_those_of_the_stream(counter):
    session = counter.stream({"type": "trades", "coin": "BTC"})
    counter.go(0.5)
    told = [row for one in heard(session, "trades") for row in one["data"]]
    listed = counter.info("recentTrades", coin="BTC")
    assert len(listed) == 10
    assert [one["tid"] for one in listed] == sorted((one["tid"] for one in listed), reverse=True)
    assert told[-1] == listed[0]
    assert counter.make_reply("/info", {"type": "recentTrades", "coin": "NONE"}).status == 422
