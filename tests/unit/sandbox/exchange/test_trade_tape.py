"""The trades of everybody: those of a finished bar have its volume, and nobody sees tomorrow's."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.sandbox.exchange.stalls import FALL, MINUTE, START, bars_of, open_stall, pushed


@pytest.fixture
def stall():
    """Thirty-five minutes in: the price has fallen for five."""
    return open_stall(FALL, minutes=35.0)


def test_the_trades_of_a_finished_bar_lie_in_it_and_have_its_volume(stall):
    desk = stall.opened.venue.context
    contract = desk.require_contract("BTCUSDT")
    for minute in (3, 31, 34):
        start = START + minute * MINUTE
        found = desk.tape.between(contract, start, start + MINUTE - 1, 100, newest=False)
        place = minute
        assert len(found) == 12
        assert all(FALL.low[place] <= float(one.price) <= FALL.high[place] for one in found)
        assert sum(one.size for one in found) == pytest.approx(Decimal(2), abs=Decimal("0.01"))
    falling = desk.tape.between(contract, START + 31 * MINUTE, START + 32 * MINUTE - 1, 100, newest=False)
    assert sum(not one.is_buy for one in falling) > 6


def test_lists_agree_whichever_way_they_are_asked_for_and_end_now(stall):
    desk = stall.opened.venue.context
    contract, now = desk.require_contract("BTCUSDT"), desk.now_ms()
    every = desk.tape.between(contract, 0, now + 10 * MINUTE, 10_000, newest=False)
    assert [one.number for one in every] == list(range(every[0].number, every[-1].number + 1))
    assert every[0].ts >= START
    assert every[-1].ts <= now < every[-1].ts + MINUTE // 12
    assert desk.tape.last(contract, 20) == every[-20:]
    assert desk.tape.after(contract, every[-4].number, 20) == every[-3:]
    assert desk.tape.after(contract, every[4].number, 20) == every[-20:]
    assert desk.tape.after(contract, every[-1].number, 20) == []
    assert desk.tape.since(contract, every[7].number, 5) == every[7:12]
    assert desk.tape.since(contract, every[-2].number, 50) == every[-2:]
    assert desk.tape.between(contract, every[5].ts, every[300].ts, 10, newest=True) == every[291:301]
    older = desk.tape.between(contract, 0, now, 10, newest=True, below=every[100].number)
    assert older == every[90:100]


def test_the_stream_tells_the_very_trades_of_the_list(stall):
    desk = stall.opened.venue.context
    session = stall.stream("trade", is_private=False)
    before = desk.tape.last(desk.require_contract("BTCUSDT"), 1)[0].number
    stall.go(0.5)
    fresh = [row for row in pushed(session, "trade") if int(row["tradeId"]) > before]
    listed = {row["tradeId"]: row for row in stall.get("market/fills", symbol="BTCUSDT")}
    assert len(fresh) >= 6
    for row in fresh:
        same = listed[row["tradeId"]]
        assert (row["price"], row["size"], row["ts"]) == (same["price"], same["size"], same["ts"])
        assert row["side"] == same["side"].lower()


def test_a_gap_has_no_trades():
    early, late = bars_of([100.0] * 5), bars_of([100.0] * 20)
    desk = open_stall(late, minutes=15.0).opened.venue.context
    contract = desk.require_contract("BTCUSDT")
    whole = len(desk.tape.between(contract, 0, desk.now_ms(), 10_000, newest=False))
    holed = open_stall(joined(early, late), minutes=15.0).opened.venue.context
    left = holed.tape.between(holed.require_contract("BTCUSDT"), 0, holed.now_ms(), 10_000, newest=False)
    assert len(left) == whole - 5 * 12
    assert not [one for one in left if START + 5 * MINUTE <= one.ts < START + 10 * MINUTE]


def test_there_is_never_more_in_the_trades_than_in_the_running_bar():
    stall = open_stall(bars_of([50_000.0] * 60, volume=40.0), minutes=31.0)
    desk = stall.opened.venue.context
    contract = desk.require_contract("BTCUSDT")
    for _ in range(60):
        stall.go(2 / 60)
        (bar,) = desk.quotes.candles(
            "BTCUSDT", "1m", desk.now_ms() - MINUTE + 1, desk.now_ms() + 1, 1, is_finished=False
        )
        found = desk.tape.between(contract, bar.ts, desk.now_ms(), 100, newest=False)
        assert sum(one.size for one in found) <= bar.volume
        assert sum(one.size for one in found) >= bar.volume - 2 * 40 * Decimal(1) / 12


def test_a_halted_contract_has_no_trades_before_it_goes_on_nor_after_a_restart(tmp_path):
    stall = open_stall(FALL, minutes=20.0, home=tmp_path)
    desk = stall.opened.venue.context
    contract = desk.require_contract("BTCUSDT")
    stall.control("POST", "do", what="halt", symbol="BTCUSDT")
    stall.go(3)
    assert desk.tape.last(contract, 1)[0].ts < START + 20 * MINUTE
    assert desk.tape.between(contract, START + 20 * MINUTE, desk.now_ms(), 100, newest=True) == []
    stall.control("POST", "do", what="resume", symbol="BTCUSDT")
    stall.go(1)
    after = desk.tape.last(contract, 20)
    assert [one.ts >= START + 20 * MINUTE for one in after] == [False] * 8 + [True] * 12
    assert after[8].ts >= START + 23 * MINUTE
    assert desk.tape.since(contract, after[7].number + 1, 2) == after[8:10]
    again = open_stall(FALL, minutes=20.0, home=tmp_path).opened.venue.context
    assert (
        again.tape.between(contract, START, START + 23 * MINUTE, 12, newest=True)[-1].ts < START + 20 * MINUTE
    )


def joined(early, late):
    """Return the first five minutes, then those from the tenth on."""
    import numpy as np

    keep = np.r_[0:5, 10:20]
    columns = [getattr(late, name)[keep] for name in ("ts", "open", "high", "low", "close", "volume")]
    return type(early)(early.instrument, early.span_ms, *columns)
