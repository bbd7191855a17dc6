from itertools import pairwise

import pytest

from tests.unit.sandbox.world.hands import DAY_MS, HOUR_MS, MINUTE_MS, OPENED_MS, ask, go, small_world
from vigie.domain.time import TIMEFRAME_MS
from vigie_sandbox.world.wire import ServiceRefusal

MARKET = "/api/v2/mix/market/"
PRODUCT = {"productType": "USDT-FUTURES"}


@pytest.fixture
def world():
    return small_world()


def bitget(world, path, **query):
    return ask(world, "bitget", path, **query)["data"]


def refused(world, path, **query):
    with pytest.raises(ServiceRefusal) as caught:
        bitget(world, path, **query)
    return caught.value.status, caught.value.body["code"]


def test_every_answer_comes_in_the_envelope(world):
    answer = ask(world, "bitget", "/api/v2/public/time")
    assert answer["code"] == "00000"
    assert answer["requestTime"] == world.now_ms()
    assert answer["data"] == {"serverTime": str(world.now_ms())}


def test_39_contracts_are_listed_with_their_grid(world):
    contracts = bitget(world, MARKET + "contracts", **PRODUCT)
    assert len(contracts) == 39
    first = contracts[0]
    assert (first["symbol"], first["pricePlace"], first["priceEndStep"]) == ("BTCUSDT", "1", "1")
    assert first["symbolStatus"] == "normal"
    assert bitget(world, MARKET + "contracts", productType="COIN-FUTURES") == []


def test_a_ticker_agrees_with_the_running_minute(world):
    go(world, 42_000)
    (ticker,) = bitget(world, MARKET + "ticker", symbol="BTCUSDT", **PRODUCT)
    row = bitget(world, MARKET + "candles", symbol="BTCUSDT", granularity="1m", limit=1, **PRODUCT)[-1]
    assert ticker["lastPr"] == row[4]
    assert float(ticker["low24h"]) <= float(row[3]) <= float(row[2]) <= float(ticker["high24h"])
    assert float(ticker["bidPr"]) < float(ticker["lastPr"]) < float(ticker["askPr"])


def test_history_has_finished_bars_only_and_candles_ends_with_the_unfinished_one(world):
    go(world, 20 * MINUTE_MS)
    asked = {"symbol": "BTCUSDT", "granularity": "1H", "limit": "3"}
    recent = bitget(world, MARKET + "candles", **asked, **PRODUCT)
    history = bitget(world, MARKET + "history-candles", **asked, **PRODUCT)
    assert [int(row[0]) for row in recent] == [OPENED_MS - 2 * HOUR_MS, OPENED_MS - HOUR_MS, OPENED_MS]
    assert [int(row[0]) for row in history] == [OPENED_MS - i * HOUR_MS for i in (3, 2, 1)]
    assert recent[:2] == history[1:]


def test_pages_back_in_time_meet_without_gap_or_overlap(world):
    asked = {"symbol": "SOLUSDT", "granularity": "1H", "limit": "200"}
    seen, end = [], world.now_ms()
    for _ in range(4):
        page = bitget(world, MARKET + "history-candles", endTime=str(end), **asked, **PRODUCT)
        seen = [int(row[0]) for row in page] + seen
        end = seen[0]
    assert seen == list(range(seen[0], OPENED_MS, HOUR_MS))
    assert len(seen) == 800


@pytest.mark.parametrize("granularity", ["5m", "15m", "4H", "6Hutc", "1Dutc", "1Wutc"])
def test_coarser_bars_are_made_of_the_finer_ones(world, granularity):
    fine = "1m" if granularity.endswith("m") else "1H"
    coarse = bitget(
        world, MARKET + "candles", symbol="ETHUSDT", granularity=granularity, limit="3", **PRODUCT
    )
    begin, end = int(coarse[0][0]), int(coarse[1][0])
    asked = {"symbol": "ETHUSDT", "granularity": fine, "startTime": str(begin), "endTime": str(end)}
    parts = bitget(world, MARKET + "candles", limit="1000", **asked, **PRODUCT)
    assert (end - begin) / (MINUTE_MS if fine == "1m" else HOUR_MS) == len(parts)
    assert coarse[0][1] == parts[0][1]
    assert float(coarse[0][2]) == max(float(row[2]) for row in parts)
    assert float(coarse[0][3]) == min(float(row[3]) for row in parts)
    assert coarse[0][4] == parts[-1][4]


def test_weeks_open_on_monday(world):
    rows = bitget(world, MARKET + "candles", symbol="BTCUSDT", granularity="1Wutc", limit="2", **PRODUCT)
    assert all((int(row[0]) // DAY_MS + 3) % 7 == 0 for row in rows)


def test_minutes_are_kept_for_seven_days(world):
    start = OPENED_MS - OPENED_MS % DAY_MS - 7 * DAY_MS
    asked = {"symbol": "BTCUSDT", "granularity": "1m", "endTime": str(start + 2 * MINUTE_MS)}
    rows = bitget(world, MARKET + "candles", **asked, **PRODUCT)
    assert [int(row[0]) for row in rows] == [start, start + MINUTE_MS]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"symbol": "NOPEUSDT", "granularity": "1H"}, "40034"),
        ({"symbol": "BTCUSDT", "granularity": "7m"}, "400171"),
        ({"symbol": "BTCUSDT", "granularity": "1H", "limit": "1001"}, "40020"),
        ({"symbol": "BTCUSDT", "granularity": "1H", "endTime": "soon"}, "40020"),
        ({"symbol": "BTCUSDT", "granularity": "1H", "startTime": "1", "endTime": "1767000000000"}, "00001"),
    ],
)
def test_questions_that_cannot_be_answered_are_refused_with_the_code(world, query, code):
    assert refused(world, MARKET + "candles", **query, **PRODUCT) == (400, code)


def test_an_unknown_path_is_404(world):
    assert refused(world, "/api/v2/mix/order/place-order") == (404, "40404")


def test_funding_is_settled_every_eight_hours_newest_first(world):
    rows = bitget(world, MARKET + "history-fund-rate", symbol="BTCUSDT", pageSize="100", **PRODUCT)
    times = [int(row["fundingTime"]) for row in rows]
    assert times[0] == OPENED_MS // (8 * HOUR_MS) * 8 * HOUR_MS
    assert all(before - after == 8 * HOUR_MS for before, after in pairwise(times))
    (now,) = bitget(world, MARKET + "current-fund-rate", symbol="BTCUSDT", **PRODUCT)
    assert int(now["nextUpdate"]) == times[0] + 8 * HOUR_MS
    second = bitget(
        world, MARKET + "history-fund-rate", symbol="BTCUSDT", pageSize="10", pageNo="2", **PRODUCT
    )
    assert second == rows[10:20]


def test_settled_funding_does_not_change_later(world):
    asked = {"symbol": "ETHUSDT", "pageSize": "20", **PRODUCT}
    before = bitget(world, MARKET + "history-fund-rate", **asked)
    go(world, 8 * HOUR_MS)
    assert bitget(world, MARKET + "history-fund-rate", **asked)[1:] == before[:-1]


def test_open_interest_and_depth_answer(world):
    interest = bitget(world, MARKET + "open-interest", symbol="BTCUSDT", **PRODUCT)
    assert float(interest["openInterestList"][0]["size"]) > 0
    book = bitget(world, MARKET + "merge-depth", symbol="BTCUSDT", limit="5", **PRODUCT)
    assert float(book["bids"][0][0]) < float(book["asks"][0][0])
    assert len(book["asks"]) == 5


def test_the_gap_is_missing_on_one_venue_only():
    world = small_world(flawless=False)
    gap = world.flaws.gap
    asked = {
        "granularity": "1H",
        "startTime": str(gap.start_ms - HOUR_MS),
        "endTime": str(gap.end_ms + HOUR_MS),
    }
    rows = bitget(world, MARKET + "candles", symbol=gap.symbol + "USDT", **asked, **PRODUCT)
    assert [int(row[0]) for row in rows] == [gap.start_ms - HOUR_MS, gap.end_ms]
    elsewhere = world.venues["binance"]
    coin = elsewhere.by_symbol[gap.symbol]
    assert len(elsewhere.candles(coin, HOUR_MS, gap.start_ms, gap.end_ms, world.now_ms())) == 6


def test_every_timeframe_of_the_house_is_served(world):
    names = {
        "1m": "1m",
        "5m": "5m",
        "15m": "15m",
        "30m": "30m",
        "1h": "1H",
        "2h": "2H",
        "4h": "4H",
        "6h": "6Hutc",
    }
    names |= {"12h": "12Hutc", "1d": "1Dutc"}
    assert set(names) == set(TIMEFRAME_MS)
    for timeframe, granularity in names.items():
        rows = bitget(
            world, MARKET + "candles", symbol="BTCUSDT", granularity=granularity, limit="2", **PRODUCT
        )
        assert int(rows[1][0]) - int(rows[0][0]) == TIMEFRAME_MS[timeframe]
