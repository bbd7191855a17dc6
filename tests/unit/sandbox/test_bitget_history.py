from __future__ import annotations

import json
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.unit.data.material import START, make_bars
from vigie.data.instruments.table import shipped_instruments
from vigie_sandbox.exchange.bitget.faults import HistoryFault
from vigie_sandbox.exchange.bitget.history import BitgetHistory, HistoryServer
from vigie_sandbox.exchange.wire import VenueRefusal

HOUR, DAY = 3_600_000, 86_400_000
BARS = make_bars(3_000)
NOW = START + 2_999 * HOUR + HOUR // 2
CONTRACTS = [
    line.instrument
    for line in shipped_instruments()
    if line.instrument.full_name == "bitget-perp:btc-usdt-perp"
]
VENUE = BitgetHistory([BARS], CONTRACTS, now=lambda: NOW)
MARKET = "/api/v2/mix/market/"


def candles(path: str = "candles", **query: object) -> list[list[str]]:
    asked = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "granularity": "1H"} | query
    answer = VENUE.answer(MARKET + path, {key: str(value) for key, value in asked.items()})
    assert isinstance(answer, list)
    return answer


def test_recent_candles_end_with_the_one_in_progress():
    rows = candles()
    assert len(rows) == 100
    assert int(rows[-1][0]) == START + 2_999 * HOUR
    assert all(isinstance(value, str) for value in rows[-1])
    assert float(rows[-1][6]) == pytest.approx(float(rows[-1][5]) * float(rows[-1][4]))


def test_history_candles_are_finished_and_bounded_by_the_end():
    rows = candles("history-candles", endTime=START + 500 * HOUR, limit=200)
    assert (int(rows[0][0]), int(rows[-1][0])) == (START + 300 * HOUR, START + 499 * HOUR)
    assert int(candles("history-candles")[-1][0]) == START + 2_998 * HOUR


def test_recent_candles_reach_83_days_back():
    assert candles(startTime=START, endTime=START + 80 * DAY, limit=1000)[0][0] == str(
        NOW - 83 * DAY + HOUR // 2
    )
    assert candles(startTime=START, endTime=START + 20 * DAY) == []


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("candles", {"limit": 1001}, "40020"),
        ("history-candles", {"limit": 201}, "40020"),
        ("candles", {"startTime": START, "endTime": START + 91 * DAY}, "00001"),
        ("candles", {"granularity": "1D"}, "400171"),
        ("candles", {"symbol": "PEPEUSDT"}, "40034"),
        ("candles", {"startTime": "soon"}, "40020"),
        ("depths", {}, "40404"),
    ],
)
def test_refusals_carry_a_code(path: str, query: dict[str, object], code: str):
    with pytest.raises(VenueRefusal) as refusal:
        candles(path, **query)
    assert refusal.value.code == code


def test_contracts_are_listed_for_their_product_only():
    [one] = VENUE.answer(MARKET + "contracts", {"productType": "USDT-FUTURES"})  # type: ignore[misc]
    assert (one["symbol"], one["sizeMultiplier"], one["pricePlace"], one["priceEndStep"]) == (
        "BTCUSDT",
        "0.0001",
        "1",
        "1",
    )
    assert VENUE.answer(MARKET + "contracts", {"productType": "COIN-FUTURES"}) == []


def test_envelope_status_and_faults_on_the_wire():
    plan = {2: HistoryFault(503, "down", {"Retry-After": "3"})}
    with HistoryServer(VENUE, faults=lambda number, _path: plan.get(number)) as server:
        with urlopen(f"{server.url}/api/v2/public/time") as answer:
            said = json.load(answer)
        assert (said["code"], said["msg"], said["data"]) == ("00000", "success", {"serverTime": str(NOW)})
        with pytest.raises(HTTPError) as down:
            urlopen(f"{server.url}/api/v2/public/time")
        assert (down.value.code, down.value.headers["Retry-After"]) == (503, "3")
        with pytest.raises(HTTPError) as missing:
            urlopen(f"{server.url}/nowhere")
        assert json.load(missing.value)["code"] == "40404"
    assert server.requests == ["/api/v2/public/time", "/api/v2/public/time", "/nowhere"]
