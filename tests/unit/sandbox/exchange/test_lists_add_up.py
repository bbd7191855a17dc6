"""Whatever is done with money, what each venue lists of it adds up to what it says that there is, in both wallets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.exchange.binance.booths import open_booth
from tests.unit.sandbox.exchange.hyperliquid.counter import market, open_counter
from tests.unit.sandbox.exchange.hyperliquid.test_money import by_main, margin
from tests.unit.sandbox.exchange.stalls import DAY, START, open_stall

pytest.importorskip("coincurve")
D = Decimal
ZERO = D(0)
STRANGER = "0x" + "12" * 20
WINDOW = {"startTime": str(START), "endTime": str(START + 6 * DAY)}
SPOT = "/api/v2/spot/"
Step = tuple[str, int, int]


class Bank(Protocol):
    """A venue, as far as money is concerned."""

    def do(self, what: str, side: int, amount: int) -> None:
        """Do something; a refusal changes nothing."""

    def held(self) -> tuple[Decimal, Decimal]:
        """Return what is in the trading wallet, open results apart, and in the main one."""

    def listed(self) -> tuple[Decimal, Decimal, Decimal]:
        """Return what came to the venue less what left it, what moved to trading, and what trading made."""


class Bitget:
    def __init__(self) -> None:
        self.stall = open_stall()
        self.stall.control("POST", "do", what="rights", authorities=["coow", "coor", "cpow", "cpor", "wtow"])
        self.stall.post("account/set-margin-mode", marginMode="isolated")

    def do(self, what: str, side: int, amount: int) -> None:
        if what == "transfer":
            ways = ("spot", "usdt_futures") if side > 0 else ("usdt_futures", "spot")
            fields = {"fromType": ways[0], "toType": ways[1], "amount": str(amount), "coin": "USDT"}
            self.stall.ask("POST", SPOT + "wallet/transfer", fields)
        elif what == "trade":
            self.stall.ask("POST", "order/place-order", order_of(side))
        else:
            outside(self.stall.opened, what, side * amount)

    def held(self) -> tuple[Decimal, Decimal]:
        (money,) = self.stall.get("account/accounts")
        cash = D(money["accountEquity"]) - D(money["unrealizedPL"])
        return cash, D(self.stall.get(SPOT + "account/assets")[0]["available"])

    def listed(self) -> tuple[Decimal, Decimal, Decimal]:
        get = self.stall.get
        came = sum(
            (D(one["size"]) for one in get(SPOT + "wallet/deposit-records", **WINDOW, limit="100")), ZERO
        )
        left = sum(
            (D(one["size"]) for one in get(SPOT + "wallet/withdrawal-records", **WINDOW, limit="100")), ZERO
        )
        there, back = (
            sum(
                (D(one["size"]) for one in get(SPOT + "account/transferRecords", coin="USDT", fromType=name)),
                ZERO,
            )
            for name in ("spot", "usdt_futures")
        )
        bills = get("account/bill")["bills"]
        moved = [one for one in bills if one["businessType"].startswith("trans_")]
        assert sum((D(one["amount"]) for one in moved), ZERO) == there - back
        made = sum((D(one["amount"]) + D(one["fee"]) for one in bills if one not in moved), ZERO)
        return came - left, there - back, made


class Binance:
    def __init__(self) -> None:
        self.booth = open_booth()
        rights = ["enableReading", "enableFutures", "permitsUniversalTransfer"]
        self.booth.control("POST", "do", what="rights", authorities=rights)

    def do(self, what: str, side: int, amount: int) -> None:
        if what == "transfer":
            way = "MAIN_UMFUTURE" if side > 0 else "UMFUTURE_MAIN"
            fields = {"type": way, "asset": "USDT", "amount": amount}
            self.booth.make_reply("POST", "/sapi/v1/asset/transfer", fields)
        elif what == "trade":
            fields = {
                "symbol": "BTCUSDT",
                "side": "BUY" if side > 0 else "SELL",
                "type": "MARKET",
                "quantity": "0.01",
            }
            self.booth.make_reply("POST", "order", fields)
        else:
            outside(self.booth.opened, what, side * amount)

    def held(self) -> tuple[Decimal, Decimal]:
        futures = D(self.booth.get("/fapi/v3/balance")[0]["balance"])
        return futures, D(self.booth.get("/api/v3/account")["balances"][0]["free"])

    def listed(self) -> tuple[Decimal, Decimal, Decimal]:
        get = self.booth.get
        came = sum((D(one["amount"]) for one in get("/sapi/v1/capital/deposit/hisrec")), ZERO)
        left = sum((D(one["amount"]) for one in get("/sapi/v1/capital/withdraw/history")), ZERO)
        there, back = (
            sum(
                (D(one["amount"]) for one in get("/sapi/v1/asset/transfer", type=name, size="100")["rows"]),
                ZERO,
            )
            for name in ("MAIN_UMFUTURE", "UMFUTURE_MAIN")
        )
        income = get("income", limit="1000")
        moved = [one for one in income if one["incomeType"] == "TRANSFER"]
        assert sum((D(one["income"]) for one in moved), ZERO) == there - back
        made = sum((D(one["income"]) for one in income if one not in moved), ZERO)
        return came - left, there - back, made


class Hyperliquid:
    def __init__(self) -> None:
        self.counter = open_counter()
        self.counter.act({"type": "updateLeverage", "asset": 0, "isCross": False, "leverage": 5})

    def do(self, what: str, side: int, amount: int) -> None:
        if what == "transfer":
            by_main(self.counter, "usdClassTransfer", amount=str(amount), toPerp=side > 0)
        elif what == "send":
            kind = "usdSend" if side > 0 else "withdraw3"
            by_main(self.counter, kind, amount=str(amount), destination=STRANGER)
        elif what == "margin":
            margin(self.counter, side * amount)
        elif what == "trade":
            self.counter.place(market(side))
        else:
            outside(self.counter.opened, what, side * amount)

    def held(self) -> tuple[Decimal, Decimal]:
        state = self.counter.mine("clearinghouseState")
        gains = sum((D(one["position"]["unrealizedPnl"]) for one in state["assetPositions"]), ZERO)
        spot = self.counter.mine("spotClearinghouseState")["balances"]
        cash = D(state["marginSummary"]["accountValue"]) - gains
        return cash, D(spot[0]["total"]) if spot else ZERO

    def listed(self) -> tuple[Decimal, Decimal, Decimal]:
        came = moved = ZERO
        for row in self.counter.mine("userNonFundingLedgerUpdates", startTime=0):
            delta: dict[str, Any] = row["delta"]
            amount = D(delta.get("usdc") or delta["amount"]) + D(delta.get("fee") or 0)
            if delta["type"] == "accountClassTransfer":
                moved += amount if delta["toPerp"] else -amount
                continue
            is_in = delta["type"] == "deposit" or delta.get("destination") == self.counter.wallet.key
            came += amount if is_in else -amount
            if delta["type"] != "spotTransfer":
                moved += amount if is_in else -amount
        fills = self.counter.mine("userFills")
        return came, moved, sum((D(one["closedPnl"]) - D(one["fee"]) for one in fills), ZERO)


def outside(opened: Any, what: str, amount: int) -> None:
    """Let money come or go, in one of the wallets."""
    from vigie.domain.errors import UsageError

    wallet = "main" if what == "saved" else "trading"
    try:
        opened.control.answer(
            "POST", "/control/do", {"what": "deposit", "amount": str(amount), "wallet": wallet}
        )
    except UsageError:
        return


def order_of(side: int) -> dict[str, str]:
    """Return a market order as Bitget takes it."""
    return {
        "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginCoin": "USDT", "marginMode": "isolated",
        "side": "buy" if side > 0 else "sell", "size": "0.01", "orderType": "market",
    }  # fmt: skip


step = st.tuples(
    st.sampled_from(["transfer", "trade", "deposit", "saved", "send", "margin"]),
    st.sampled_from([1, -1]),
    st.integers(1, 6_000),
)


@pytest.mark.parametrize("venue", [Bitget, Binance, Hyperliquid])
@settings(max_examples=25, derandomize=True, deadline=None)
@given(steps=st.lists(step, max_size=12))
def test_lists_and_wallets_add_up(venue: type[Bank], steps: list[Step]) -> None:
    bank = venue()
    for what, side, amount in steps:
        if what in ("send", "margin") and venue is not Hyperliquid:
            continue
        bank.do(what, side, amount)
    trading, main = bank.held()
    came, moved, made = bank.listed()
    assert trading == moved + made
    assert main == came - moved
    assert trading + main == came + made
