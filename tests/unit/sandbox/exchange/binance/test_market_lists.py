"""Weekly klines, trades of everybody, open interest over time: their forms, bounds and refusals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.sandbox.exchange.binance.booths import BTC, open_booth
from tests.unit.sandbox.exchange.stalls import DAY, HOUR, MINUTE, START, bars_of
from vigie_sandbox.exchange.matchers.price_path import PricePath

HISTORY = "/futures/data/openInterestHist"
WEEK = 7 * DAY
DAYS = [40_000.0 + 10.0 * i for i in range(60 * 24)]
HOURS = bars_of(DAYS, span=HOUR)


@pytest.fixture
def booth():
    """Forty days into hourly bars."""
    return open_booth(HOURS, minutes=40 * 24 * 60)


def test_weeks_begin_on_monday_and_the_running_one_is_last(booth):
    rows = booth.get("klines", **BTC, interval="1w")
    assert {datetime.fromtimestamp(row[0] / 1_000, UTC).strftime("%a %H:%M") for row in rows} == {"Mon 00:00"}
    assert [row[0] for row in rows] == list(range(rows[0][0], rows[-1][0] + 1, WEEK))
    assert all(row[6] == row[0] + WEEK - 1 for row in rows)
    days = booth.get("klines", **BTC, interval="1d", limit="1000")
    for week in rows[1:]:
        parts = [day for day in days if week[0] <= day[0] < week[0] + WEEK]
        assert float(week[1]) == float(parts[0][1])
        assert float(week[2]) == max(float(day[2]) for day in parts)
        assert float(week[3]) == min(float(day[3]) for day in parts)
        assert float(week[4]) == float(parts[-1][4])
        assert float(week[5]) == pytest.approx(sum(float(day[5]) for day in parts))
    assert booth.get("klines", **BTC, interval="1w", startTime=rows[1][0], limit="2") == rows[1:3]
    assert booth.get("klines", **BTC, interval="1w", startTime=rows[1][0] + 1, limit="1") == rows[2:3]
    assert booth.code("GET", "klines", {**BTC, "interval": "2w"}) == -1120


def test_aggregates_are_asked_for_by_id_by_time_and_as_the_newest():
    booth = open_booth(minutes=150)
    newest = booth.get("aggTrades", **BTC, limit="5")
    assert set(newest[0]) == {"a", "p", "q", "f", "l", "T", "m"}
    assert booth.get("aggTrades", **BTC, fromId=newest[0]["a"], limit="3") == newest[:3]
    start = START + 20 * MINUTE
    hour = booth.get("aggTrades", **BTC, startTime=start, endTime=start + HOUR, limit="1000")
    assert (hour[0]["T"], hour[-1]["T"], len(hour)) == (start + 4_999, start + HOUR - 1, 720)
    assert booth.get("aggTrades", **BTC, startTime=start, limit="10") == hour[:10]
    assert booth.get("aggTrades", **BTC, endTime=start + HOUR, limit="10") == hour[-10:]
    assert booth.code("GET", "aggTrades", {**BTC, "startTime": start, "endTime": start + HOUR + 1}) == -1127
    assert booth.code("GET", "aggTrades", {**BTC, "limit": "0"}) == -1130
    assert booth.code("GET", "aggTrades", {}) == -1102
    recent = booth.get("trades", **BTC, limit="5")
    assert [(one["id"], one["time"]) for one in recent] == [(one["a"], one["T"]) for one in newest]
    used = booth.make_reply("GET", "aggTrades", BTC).headers["X-MBX-USED-WEIGHT-1M"]
    assert int(booth.make_reply("GET", "aggTrades", BTC).headers["X-MBX-USED-WEIGHT-1M"]) == int(used) + 20


def test_aggregates_from_the_first_id_on_are_those_of_the_first_bar(monkeypatch):
    booth = open_booth(minutes=150)
    looked_at = []
    price = PricePath.get_price
    monkeypatch.setattr(PricePath, "get_price", lambda walk, ts: looked_at.append(ts) or price(walk, ts))
    for first in (0, 1, START // 5_000 - 10):
        (one,) = booth.get("aggTrades", **BTC, fromId=first, limit="1")
        assert one["T"] == START + 4_999
    assert len(looked_at) < 100


def test_open_interest_is_told_at_the_ends_of_periods_of_the_last_thirty_days(booth):
    now = booth.opened.venue.context.now_ms()
    rows = booth.get(HISTORY, **BTC, period="1d")
    assert set(rows[0]) == {"symbol", "sumOpenInterest", "sumOpenInterestValue", "timestamp"}
    assert [one["timestamp"] for one in rows] == list(range(now - 29 * DAY, now + 1, DAY))
    last = rows[-1]
    assert last["sumOpenInterest"] == "24", "half of a day of two an hour"
    assert float(last["sumOpenInterestValue"]) == 24 * DAYS[40 * 24 - 1]
    assert booth.get(HISTORY, **BTC, period="1d", limit="2") == rows[-2:]
    start = rows[3]["timestamp"]
    assert booth.get(HISTORY, **BTC, period="1d", startTime=start, endTime=start + 2 * DAY) == rows[3:6]
    old = {**BTC, "period": "1h", "startTime": now - 31 * DAY}
    assert booth.code("GET", HISTORY, old) == -1130
    assert booth.code("GET", HISTORY, {**BTC, "period": "1w"}) == -1130
    assert booth.code("GET", HISTORY, {**BTC, "period": "1h", "limit": "501"}) == -1130
    assert booth.code("GET", HISTORY, {"period": "1h"}) == -1102


def test_what_is_said_of_everybody_does_not_know_tomorrow(booth):
    before = booth.get(HISTORY, **BTC, period="4h", limit="20")
    booth.watch.seconds += 6 * 60
    booth.opened.venue.tick()
    after = booth.get(HISTORY, **BTC, period="4h", limit="21")
    assert after[:-1] == before
