"""Transfers, deposits, withdrawals, weeks, trades of everybody and who is long at Bitget: forms, pages, refusals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.sandbox.exchange.stalls import DAY, HOUR, MINUTE, START, bars_of, open_stall, pushed

SPOT = "/api/v2/spot/"
TRANSFER = SPOT + "wallet/transfer"
RECORDS = SPOT + "account/transferRecords"
WINDOW = {"startTime": str(START), "endTime": str(START + 6 * DAY)}
WEEK = 7 * DAY
HOURS = bars_of([40_000.0 + 10.0 * i for i in range(60 * 24)], span=HOUR)


@pytest.fixture
def stall():
    """A key that may transfer, and a hundred in the spot account."""
    stall = open_stall()
    stall.control("POST", "do", what="rights", authorities=["coow", "coor", "cpow", "cpor", "wtow"])
    stall.control("POST", "do", what="deposit", amount="100", wallet="main")
    return stall


def wallets(stall):
    futures = stall.get("account/accounts")[0]["accountEquity"]
    return float(futures), float(stall.get(SPOT + "account/assets")[0]["available"])


def move(stall, out_of, to, amount, **more):
    return stall.post(TRANSFER, fromType=out_of, toType=to, amount=amount, coin="USDT", **more)


def test_a_transfer_is_told_in_its_records_in_the_bills_and_on_the_stream(stall):
    session = stall.stream("account")
    pushed(session, "account")
    made = move(stall, "spot", "usdt_futures", "40", clientOid="mine")
    assert set(made) == {"transferId", "clientOid"}
    assert made["clientOid"] == "mine"
    assert wallets(stall) == (10_040.0, 60.0)
    # The same name again is the same transfer.
    assert move(stall, "spot", "usdt_futures", "40", clientOid="mine") == made
    assert wallets(stall) == (10_040.0, 60.0)
    back = move(stall, "usdt_futures", "spot", "15.5")
    assert [one["equity"] for one in pushed(session, "account")] == ["10040", "10024.5"]
    bills = stall.get("account/bill")["bills"]
    assert [(one["businessType"], one["amount"]) for one in bills] == [
        ("trans_to_exchange", "-15.5"),
        ("trans_from_exchange", "40"),
        ("trans_from_exchange", "10000"),
    ]
    rows = stall.get(RECORDS, coin="USDT", fromType="spot")
    assert [(one["size"], one["toType"], one["status"]) for one in rows] == [
        ("40", "usdt_futures", "Successful"),
        ("10000", "usdt_futures", "Successful"),
    ]
    (out,) = stall.get(RECORDS, coin="USDT", fromType="usdt_futures")
    assert (out["transferId"], out["size"], out["toType"]) == (back["transferId"], "15.5", "spot")
    assert stall.get(RECORDS, coin="USDT", fromType="spot", clientOid="mine") == rows[:1]
    assert stall.get(RECORDS, coin="USDT", fromType="spot", idLessThan=rows[0]["transferId"]) == rows[1:]
    assert stall.get(RECORDS, coin="USDT", fromType="p2p") == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"fromType": "spot", "toType": "usdt_futures", "amount": "101", "coin": "USDT"}, "43012"),
        ({"fromType": "usdt_futures", "toType": "spot", "amount": "10001", "coin": "USDT"}, "43012"),
        ({"fromType": "spot", "toType": "usdt_futures", "amount": "1", "coin": "BTC"}, "40034"),
        ({"fromType": "spot", "toType": "usdt_futures", "amount": "-1", "coin": "USDT"}, "40020"),
        ({"fromType": "spot", "toType": "usdt_futures", "amount": "1e-999999", "coin": "USDT"}, "40808"),
        ({"fromType": "spot", "toType": "usdt_futures", "amount": "0.000000001", "coin": "USDT"}, "40808"),
        ({"fromType": "spot", "toType": "usdt_futures", "amount": "1_0", "coin": "USDT"}, "40808"),
        ({"fromType": "spot", "toType": "usdt_futures", "amount": "\u0661\u0660", "coin": "USDT"}, "40808"),
        ({"fromType": "spot", "toType": "usdt_futures", "coin": "USDT"}, "400172"),
        ({"fromType": "spot", "toType": "spot", "amount": "1", "coin": "USDT"}, "40017"),
        ({"fromType": "spot", "toType": "moon", "amount": "1", "coin": "USDT"}, "400172"),
    ],
)
def test_a_transfer_that_cannot_be_moves_nothing(stall, fields, code):
    assert stall.code("POST", TRANSFER, **fields) == code
    assert wallets(stall) == (10_000.0, 100.0)


def test_a_key_without_the_right_may_read_and_not_transfer(stall):
    stall.control("POST", "do", what="rights", authorities=["coow", "coor", "cpow", "cpor"])
    wanted = {"fromType": "spot", "toType": "usdt_futures", "amount": "1", "coin": "USDT"}
    assert stall.code("POST", TRANSFER, **wanted) == "40014"
    assert len(stall.get(RECORDS, coin="USDT", fromType="spot")) == 1
    assert wallets(stall) == (10_000.0, 100.0)


def test_deposits_and_withdrawals_are_listed_newest_first_by_pages(stall):
    stall.control("POST", "do", what="deposit", amount="-30", wallet="main")
    stall.control("POST", "do", what="deposit", amount="-20")
    came = stall.get(SPOT + "wallet/deposit-records", **WINDOW)
    assert [(one["size"], one["type"], one["status"]) for one in came] == [
        ("100", "deposit", "success"),
        ("10000", "deposit", "success"),
    ]
    names = "orderId tradeId coin type size status toAddress dest chain fromAddress cTime uTime".split()
    assert set(came[0]) == set(names)
    assert stall.get(SPOT + "wallet/deposit-records", **WINDOW, limit="1") == came[:1]
    assert stall.get(SPOT + "wallet/deposit-records", **WINDOW, idLessThan=came[0]["orderId"]) == came[1:]
    assert stall.get(SPOT + "wallet/deposit-records", **WINDOW, orderId=came[1]["orderId"]) == came[1:]
    assert stall.get(SPOT + "wallet/deposit-records", **WINDOW, coin="BTC") == []
    left = stall.get(SPOT + "wallet/withdrawal-records", **WINDOW)
    assert [(one["size"], one["fee"], one["type"]) for one in left] == [
        ("20", "0", "withdraw"),
        ("30", "0", "withdraw"),
    ]
    assert set(left[0]) == {*names, "fee", "clientOid", "confirm", "tag"}
    assert stall.code("GET", SPOT + "wallet/deposit-records") == "400172"
    long = {"startTime": str(START), "endTime": str(START + 91 * DAY)}
    assert stall.code("GET", SPOT + "wallet/withdrawal-records", **long) == "00001"


def test_weeks_begin_on_monday_and_the_running_one_is_among_the_recent_only():
    stall = open_stall(HOURS, minutes=40 * 24 * 60)
    rows = stall.get("market/candles", symbol="BTCUSDT", granularity="1Wutc")
    opens = [int(row[0]) for row in rows]
    assert {datetime.fromtimestamp(ts / 1_000, UTC).strftime("%a %H:%M") for ts in opens} == {"Mon 00:00"}
    assert opens == list(range(opens[0], opens[-1] + 1, WEEK))
    done = stall.get("market/history-candles", symbol="BTCUSDT", granularity="1Wutc")
    assert done == rows[:-1]
    session = stall.stream("candle1Wutc", is_private=False)
    assert pushed(session, "candle1Wutc") == rows
    assert stall.code("GET", "market/candles", granularity="2Wutc") == "400171"


def test_trades_of_everybody_are_told_newest_first_by_pages_of_a_week():
    stall = open_stall(minutes=150)
    rows = stall.get("market/fills-history", symbol="BTCUSDT")
    assert len(rows) == 500
    assert set(rows[0]) == {"tradeId", "price", "size", "side", "ts", "symbol"}
    assert [int(one["tradeId"]) for one in rows] == sorted(
        (int(one["tradeId"]) for one in rows), reverse=True
    )
    assert stall.get("market/fills", symbol="BTCUSDT", limit="1000") == rows[:100]
    older = stall.get("market/fills-history", symbol="BTCUSDT", idLessThan=rows[9]["tradeId"], limit="5")
    assert older == rows[10:15]
    start, end = START + 20 * MINUTE, START + 21 * MINUTE
    inside = stall.get("market/fills-history", symbol="BTCUSDT", startTime=str(start), endTime=str(end))
    assert [int(one["ts"]) for one in inside] == list(range(end - 1, start, -5_000))
    far = {"symbol": "BTCUSDT", "startTime": str(START), "endTime": str(START + 8 * DAY)}
    assert stall.code("GET", "market/fills-history", **far) == "00001"
    assert stall.ask("GET", "market/fills", {"productType": "COIN-FUTURES"})["data"] == []


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("long-short", ("longRatio", "shortRatio", "longShortRatio")),
        ("account-long-short", ("longAccountRatio", "shortAccountRatio", "longShortAccountRatio")),
        ("position-long-short", ("longPositionRatio", "shortPositionRatio", "longShortPositionRatio")),
    ],
)
def test_who_is_long_is_told_at_the_ends_of_periods_and_more_are_where_the_price_rose(path, names):
    stall = open_stall(HOURS, minutes=40 * 24 * 60)
    asked = f"market/{path}"
    rows = stall.get(asked, symbol="BTCUSDT", period="1d")
    assert set(rows[0]) == {*names, "ts"}
    assert [int(one["ts"]) for one in rows] == list(range(START + 11 * DAY, START + 40 * DAY + 1, DAY))
    for one in rows:
        longs, shorts, ratio = (float(one[name]) for name in names)
        assert longs + shorts == pytest.approx(1.0)
        assert longs > 0.5
        assert ratio == pytest.approx(longs / shorts, abs=1e-4)
    assert int(stall.get(asked, symbol="BTCUSDT")[-1]["ts"]) == START + 40 * DAY, "five minutes unless said"
    assert stall.code("GET", asked, period="1w") == "400172"
    assert stall.code("GET", asked, symbol="NONE") == "40034"


def test_who_merely_names_a_key_uses_up_nothing_of_its_account():
    stall = open_stall(limits=1.0)
    path = SPOT + "wallet/deposit-records"
    forged = [stall.ask("GET", path, WINDOW, access_sign="no")["code"] for _ in range(30)]
    assert set(forged) == {"40009"}
    assert stall.ask("GET", path, WINDOW)["code"] == "00000"


def test_each_endpoint_has_its_own_limit():
    stall = open_stall(limits=1.0)
    limits = {
        "market/account-long-short": 1,
        "market/fills-history": 10,
        "market/fills": 20,
        RECORDS: 20,
        SPOT + "wallet/deposit-records": 10,
        SPOT + "wallet/withdrawal-records": 10,
        SPOT + "account/assets": 10,
    }
    for path, most in limits.items():
        fields = {
            "symbol": "BTCUSDT",
            "productType": "USDT-FUTURES",
            "coin": "USDT",
            "fromType": "spot",
            **WINDOW,
        }
        codes = [stall.ask("GET", path, fields)["code"] for _ in range(most + 1)]
        assert codes == ["00000"] * most + ["429"], path
    wanted = {"fromType": "spot", "toType": "usdt_futures", "amount": "1", "coin": "USDT"}
    assert [stall.ask("POST", TRANSFER, wanted)["code"] for _ in range(11)] == ["40014"] * 10 + ["429"]
