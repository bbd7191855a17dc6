"""Answers and pushes have the keys that the venue documents, all of them text but the few that are not."""

import pytest

from tests.unit.sandbox.exchange.stalls import FALL, open_stall, pushed, sent

# From the vendor's samples of late 2025.
ORDER_PUSH = """accBaseVolume cTime clientOid feeDetail fillFee fillFeeCoin fillNotionalUsd fillPrice baseVolume
fillTime force instId leverage marginCoin marginMode notionalUsd orderId orderType pnl posMode posSide price priceAvg
reduceOnly side size enterPointSource status tradeScope tradeId tradeSide presetStopSurplusPrice totalProfits
presetStopLossPrice cancelReason uTime"""
POSITION_PUSH = """posId instId marginCoin marginSize marginMode holdSide posMode total available frozen openPriceAvg
leverage achievedProfits unrealizedPL unrealizedPLR liquidationPrice keepMarginRate marginRate cTime breakEvenPrice
totalFee deductedFee markPrice uTime assetMode autoMargin"""
FILL_PUSH = """orderId clientOid tradeId symbol orderType side price baseVolume quoteVolume profit tradeSide posMode
tradeScope feeDetail cTime uTime"""
ACCOUNT_PUSH = "marginCoin frozen available maxOpenPosAvailable maxTransferOut equity usdtEquity"
ALGO_PUSH = """instId orderId clientOid triggerPrice triggerType planType price size actualSize orderType side tradeSide
posSide marginCoin status posMode enterPointSource stopSurplusTriggerType stopLossTriggerType stpMode cTime uTime"""
DETAIL = """symbol size orderId clientOid baseVolume priceAvg fee price state side force totalProfits posSide marginCoin
presetStopSurplusPrice presetStopLossPrice quoteVolume orderType leverage marginMode reduceOnly enterPointSource
tradeSide posMode orderSource cancelReason cTime uTime"""
FILL = """tradeId symbol orderId price baseVolume feeDetail side quoteVolume profit enterPointSource tradeSide posMode
tradeScope cTime"""
POSITION = """marginCoin symbol holdSide openDelegateSize marginSize available locked total leverage achievedProfits
openPriceAvg marginMode posMode unrealizedPL liquidationPrice keepMarginRate markPrice marginRatio breakEvenPrice
totalFee deductedFee takeProfit stopLoss takeProfitId stopLossId cTime uTime"""
ACCOUNT = """marginCoin locked available crossedMaxAvailable isolatedMaxAvailable maxTransferOut accountEquity
usdtEquity btcEquity crossedRiskRate unrealizedPL coupon crossedUnrealizedPL isolatedUnrealizedPL"""
PLAN = """planType symbol size orderId clientOid price callbackRatio triggerPrice triggerType planStatus side posSide
marginCoin marginMode enterPointSource tradeSide posMode orderType stopSurplusTriggerPrice stopSurplusExecutePrice
stopSurplusTriggerType stopLossTriggerPrice stopLossExecutePrice stopLossTriggerType cTime uTime"""
PAST_POSITION = """marginCoin symbol holdSide openAvgPrice closeAvgPrice marginMode openTotalPos closeTotalPos pnl
netProfit totalFunding openFee closeFee ctime utime"""
TICKER = """symbol lastPr askPr bidPr bidSz askSz high24h low24h ts change24h baseVolume quoteVolume usdtVolume openUtc
changeUtc24h indexPrice fundingRate holdingAmount deliveryStartTime deliveryTime deliveryStatus open24h markPrice"""
TICKER_PUSH = """instId lastPr bidPr askPr bidSz askSz open24h high24h low24h change24h fundingRate nextFundingTime
markPrice indexPrice holdingAmount baseVolume quoteVolume openUtc symbolType symbol deliveryPrice ts"""


@pytest.fixture(scope="module")
def told():
    """Return what each endpoint and channel says of a protected position and of its end."""
    stall = open_stall(FALL)
    stall.post("account/set-margin-mode", marginMode="isolated")
    session = stall.stream("orders", "orders-algo", "fill", "positions", "account")
    public = stall.stream("ticker", is_private=False)
    sent(session)
    stall.place(clientOid="mine", presetStopLossPrice="49500", presetStopSurplusPrice="52000")
    found = {
        "detail": stall.get("order/detail", symbol="BTCUSDT", clientOid="mine"),
        "position": stall.get("position/all-position")[0],
        "plan": stall.get("order/orders-plan-pending", planType="profit_loss")["entrustedList"][0],
        "account": stall.get("account/accounts")[0],
        "ticker": stall.get("market/ticker", symbol="BTCUSDT")[0],
        "ticker push": pushed(public, "ticker")[-1],
    }
    for message in sent(session):
        if message["data"]:
            found[message["arg"]["channel"] + " push"] = message["data"][-1]
    stall.go(40)
    found["fill"] = stall.get("order/fills")["fillList"][0]
    found["past position"] = stall.get("position/history-position")["list"][0]
    return found


@pytest.mark.parametrize(
    ("what", "documented"),
    [
        ("orders push", ORDER_PUSH),
        ("positions push", POSITION_PUSH),
        ("fill push", FILL_PUSH),
        ("account push", ACCOUNT_PUSH),
        ("orders-algo push", ALGO_PUSH),
        ("ticker push", TICKER_PUSH),
        ("detail", DETAIL),
        ("fill", FILL),
        ("position", POSITION),
        ("account", ACCOUNT),
        ("plan", PLAN),
        ("past position", PAST_POSITION),
        ("ticker", TICKER),
    ],
)
def test_every_documented_key_is_there(told, what, documented):
    assert set(documented.split()) - set(told[what]) == set()


def test_values_are_text_but_for_lists_nulls_and_the_leverage_of_a_pushed_position(told):
    odd = {
        (what, key): type(value).__name__
        for what, row in told.items()
        for key, value in row.items()
        if not isinstance(value, str)
    }
    assert odd == {
        ("orders push", "feeDetail"): "list",
        ("fill push", "feeDetail"): "list",
        ("fill", "feeDetail"): "list",
        ("account", "assetList"): "list",
        ("positions push", "leverage"): "int",
        ("ticker", "deliveryStartTime"): "NoneType",
        ("ticker", "deliveryTime"): "NoneType",
    }


def test_the_fills_of_rest_carry_no_id_of_the_client_s(told):
    assert "clientOid" not in told["fill"]
    assert told["fill push"]["clientOid"] == "mine"
