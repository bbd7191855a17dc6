"""Transfers, deposits and withdrawals: the venue's lists, rights, weights and words, and what the stream tells."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.exchange.binance.booths import heard, open_booth
from tests.unit.sandbox.exchange.stalls import DAY

TRANSFER = "/sapi/v1/asset/transfer"
DEPOSITS = "/sapi/v1/capital/deposit/hisrec"
WITHDRAWALS = "/sapi/v1/capital/withdraw/history"
RIGHTS = ["enableReading", "enableFutures", "permitsUniversalTransfer"]


@pytest.fixture
def booth():
    """A key that may transfer, and a hundred in the main wallet."""
    booth = open_booth()
    booth.control("POST", "do", what="rights", authorities=RIGHTS)
    booth.control("POST", "do", what="deposit", amount="100", wallet="main")
    return booth


def moved(booth, way, amount):
    return booth.post(TRANSFER, type=way, asset="USDT", amount=amount)["tranId"]


def wallets(booth):
    futures = booth.get("/fapi/v3/balance")[0]["balance"]
    return float(futures), float(booth.get("/api/v3/account")["balances"][0]["free"])


def test_a_transfer_is_told_by_its_id_in_its_list_in_income_and_on_the_stream(booth):
    session = booth.stream()
    here = moved(booth, "MAIN_UMFUTURE", "40")
    assert wallets(booth) == (10_040.0, 60.0)
    there = moved(booth, "UMFUTURE_MAIN", "15.5")
    assert wallets(booth) == (10_024.5, 75.5)
    told = [one["a"] for one in heard(session) if one["e"] == "ACCOUNT_UPDATE"]
    assert [(one["m"], one["B"][0]["wb"], one["B"][0]["bc"]) for one in told] == [
        ("DEPOSIT", "10040", "40"),
        ("WITHDRAW", "10024.5", "-15.5"),
    ]
    income = {one["tranId"]: one for one in booth.get("income", incomeType="TRANSFER")}
    assert [income[one]["income"] for one in (here, there)] == ["40", "-15.5"]
    (out,) = booth.get(TRANSFER, type="UMFUTURE_MAIN")["rows"]
    assert set(out) == {"asset", "amount", "type", "status", "tranId", "timestamp"}
    assert (out["tranId"], out["amount"], out["status"]) == (there, "15.5", "CONFIRMED")
    # The first capital came through the main wallet too.
    rows = booth.get(TRANSFER, type="MAIN_UMFUTURE")
    assert (rows["total"], [one["amount"] for one in rows["rows"]]) == (2, ["40", "10000"])
    second = booth.get(TRANSFER, type="MAIN_UMFUTURE", size="1", current="2")
    assert [one["amount"] for one in second["rows"]] == ["10000"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type": "MAIN_UMFUTURE", "asset": "USDT", "amount": "101"}, -5013),
        ({"type": "UMFUTURE_MAIN", "asset": "USDT", "amount": "10001"}, -5013),
        ({"type": "MAIN_UMFUTURE", "asset": "BTC", "amount": "1"}, -5003),
        ({"type": "MAIN_UMFUTURE", "asset": "USDT", "amount": "0"}, -5007),
        ({"type": "MAIN_UMFUTURE", "asset": "USDT", "amount": "NaN"}, -1102),
        ({"type": "MAIN_UMFUTURE", "asset": "USDT", "amount": "1e-999999"}, -1111),
        ({"type": "MAIN_UMFUTURE", "asset": "USDT", "amount": "0.000000001"}, -1111),
        ({"type": "MAIN_UMFUTURE", "asset": "USDT", "amount": "1_0"}, -1111),
        ({"type": "MAIN_UMFUTURE", "asset": "USDT", "amount": "\u0661\u0660"}, -1111),
        ({"type": "MAIN_UMFUTURE", "asset": "USDT"}, -1102),
        ({"type": "MAIN_MARGIN", "asset": "USDT", "amount": "1"}, -1102),
        ({"asset": "USDT", "amount": "1"}, -1102),
    ],
)
def test_a_transfer_that_cannot_be_moves_nothing(booth, fields, code):
    assert booth.code("POST", TRANSFER, fields) == code
    assert wallets(booth) == (10_000.0, 100.0)


def test_a_key_without_the_right_may_read_and_not_transfer(booth):
    booth.control("POST", "do", what="rights", authorities=RIGHTS[:2])
    told = booth.make_reply("POST", TRANSFER, {"type": "MAIN_UMFUTURE", "asset": "USDT", "amount": "1"})
    assert (told.status, told.body["code"]) == (401, -1002)
    assert booth.code("POST", TRANSFER, {"type": "MAIN_UMFUTURE"}, signed=False) == -1102
    assert booth.get(TRANSFER, type="MAIN_UMFUTURE")["total"] == 1
    assert wallets(booth) == (10_000.0, 100.0)


def test_deposits_and_withdrawals_are_listed_newest_first_by_time_state_and_page(booth):
    booth.control("POST", "do", what="deposit", amount="-30", wallet="main")
    booth.control("POST", "do", what="deposit", amount="-20")
    found = booth.get(DEPOSITS)
    assert [(one["amount"], one["status"], one["coin"]) for one in found] == [
        ("100", 1, "USDT"),
        ("10000", 1, "USDT"),
    ]
    assert {
        "id",
        "network",
        "address",
        "addressTag",
        "txId",
        "insertTime",
        "transferType",
        "confirmTimes",
    } <= set(found[0])
    assert booth.get(DEPOSITS, limit="1", offset="1") == found[1:]
    assert booth.get(DEPOSITS, txId=found[1]["txId"]) == found[1:]
    assert booth.get(DEPOSITS, status="0") == booth.get(DEPOSITS, coin="BTC") == []
    now = booth.opened.venue.context.now_ms()
    assert booth.get(DEPOSITS, startTime=now + 1, endTime=now + DAY) == []
    assert booth.code("GET", DEPOSITS, {"startTime": now - 91 * DAY, "endTime": now}) == -1127
    left = booth.get(WITHDRAWALS)
    assert [(one["amount"], one["transactionFee"], one["status"]) for one in left] == [
        ("20", "0", 6),
        ("30", "0", 6),
    ]
    assert left[0]["applyTime"] == "2026-01-01 00:10:00"
    assert wallets(booth) == (9_980.0, 70.0)


def test_who_merely_names_a_key_uses_up_nothing_of_its_account():
    booth = open_booth(limits=1.0)
    forged = [
        booth.make_reply(
            "GET", WITHDRAWALS, {"timestamp": booth.watch.wall(), "signature": "0" * 64}, signed=False
        )
        for _ in range(80)
    ]
    assert {one.body["code"] for one in forged} == {-1022}
    made_up = [booth.code("GET", WITHDRAWALS, headers={"x-mbx-apikey": f"nobody {n}"}) for n in range(5)]
    assert set(made_up) == {-2015}
    assert booth.make_reply("GET", WITHDRAWALS).headers == {"X-SAPI-USED-UID-WEIGHT-1M": "18000"}
    assert booth.make_reply("GET", DEPOSITS).headers == {"X-SAPI-USED-IP-WEIGHT-1M": "86"}


def test_wallets_and_statistics_have_weights_of_their_own(booth):
    told = booth.make_reply("GET", WITHDRAWALS)
    assert told.headers == {"X-SAPI-USED-UID-WEIGHT-1M": "18000"}
    told = booth.make_reply("GET", DEPOSITS)
    assert told.headers == {"X-SAPI-USED-IP-WEIGHT-1M": "1"}
    strict = open_booth(limits=1.0)
    assert [strict.make_reply("GET", WITHDRAWALS).status for _ in range(11)] == [200] * 10 + [429]
    assert strict.make_reply("GET", "income").headers["X-MBX-USED-WEIGHT-1M"] == "30"
    statistics = {"symbol": "BTCUSDT", "period": "5m"}
    asked = [
        strict.make_reply("GET", "/futures/data/openInterestHist", statistics).status for _ in range(1_001)
    ]
    assert asked == [200] * 1_000 + [429]
