"""Pushed bars: final when the venue says so, else 2 s after their end with the next one begun; in any order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import StandingClock
from vigie.adapters.venues.board import BarBoard, MarketMessage
from vigie.data.pushed_bars import PushedBars
from vigie.domain.ids import SeriesId
from vigie.domain.time import MINUTE_MS
from vigie.ports.source import Bar

BTC = SeriesId("binance-perp", "btc-usdt-perp", "1m")
OPEN = 1_760_000_400_000 // MINUTE_MS * MINUTE_MS
END = OPEN + MINUTE_MS


def candle(ts, close, *, is_final=False):
    return MarketMessage(
        "BTCUSDT", candle=(ts, 100.0, 110.0, 90.0, close, 5.0), timeframe="1m", is_finished=is_final or None
    )


class Line:
    """A stream's board before the bars that were pushed."""

    def __init__(self, *, says_final, now=END):
        self.clock, self.board = StandingClock(now), BarBoard(BTC.venue)
        self.told = []
        self.pushed = PushedBars(self.clock, says_final, on_bar=self.told.append)

    def push(self, heard):
        bars = self.board.take(BTC.instrument, heard, self.clock.now)
        self.pushed.take(bars, self.board.first_prices(BTC.instrument, heard))

    def close(self, ts=END):
        bar = self.pushed.ended_bar(BTC, ts)
        return None if bar is None else bar.close


def test_a_bar_that_its_venue_calls_final_needs_neither_time_nor_the_next_one():
    line = Line(says_final=True)
    line.push(candle(OPEN, 101.0))
    assert line.close() is None
    line.push(candle(OPEN, 102.0, is_final=True))
    assert line.close() == 102.0
    assert line.pushed.first_price(BTC, END) is None
    line.push(candle(END, 103.0))
    assert line.pushed.first_price(replace(BTC, timeframe="5m"), END) == 100.0


@pytest.mark.parametrize(("seconds", "is_begun"), [(1.999, True), (60.0, False)])
def test_other_bars_are_final_two_seconds_after_their_end_with_the_next_begun(seconds, is_begun):
    line = Line(says_final=False)
    line.push(candle(OPEN, 101.0))
    if is_begun:
        line.push(candle(END, 105.0))
    line.clock.now = END + round(seconds * 1_000)
    assert line.close() is None
    line.push(candle(END, 105.0))
    line.clock.now = max(line.clock.now, END + 2_000)
    assert line.close() == 101.0


def test_the_last_words_within_the_margin_count():
    line = Line(says_final=False)
    line.push(candle(OPEN, 101.0))
    line.push(candle(END, 105.0))
    line.push(candle(OPEN, 101.5))
    line.clock.now = END + 2_000
    assert line.close() == 101.5


def test_a_final_bar_whose_push_was_lost_is_not_guessed():
    line = Line(says_final=True)
    line.push(candle(OPEN, 101.0))
    line.push(candle(END, 105.0))
    line.clock.now = END + 30_000
    assert line.close() is None


def test_a_stream_that_was_cut_gives_only_what_was_final():
    for is_final in (True, False):
        line = Line(says_final=is_final, now=END + 2_000)
        line.push(candle(OPEN, 101.0, is_final=is_final))
        line.push(candle(END, 105.0))
        assert line.close() == 101.0
        line.pushed.forget()
        assert line.close() == (101.0 if is_final else None)


MESSAGES = [
    candle(OPEN, 101.0), candle(OPEN, 102.0), candle(OPEN, 102.5, is_final=True), candle(END, 103.0),
    candle(END, 104.0),
]  # fmt: skip


@given(st.permutations(MESSAGES * 2), st.integers(0, 3))
def test_late_repeated_and_shuffled_pushes_never_change_what_was_final(order, lost):
    line = Line(says_final=True, now=END + 30_000)
    for heard in order[lost:]:
        before = line.close()
        line.push(heard)
        assert before is None or line.close() == before
    was_told = any(one.is_finished for one in order[lost:])
    assert line.close() == (102.5 if was_told else None)


@given(st.permutations(MESSAGES[:2] + MESSAGES[3:]))
def test_without_the_venues_word_a_bar_is_one_that_was_pushed_and_only_with_the_next_begun(order):
    line = Line(says_final=False, now=END + 2_000)
    for heard in order:
        line.push(heard)
        assert line.close() in (None, 101.0, 102.0)
        assert line.close() is None or line.pushed.has_begun(BTC, END)


def bar(close, volume, *, ts=OPEN, is_final=False):
    return Bar(BTC.venue, BTC.instrument, "1m", ts, 100.0, 110.0, 90.0, close, volume, END, is_final=is_final)


@pytest.mark.parametrize(
    ("says_final", "order", "told"),
    [
        (False, [bar(101.0, 5.0), bar(100.5, 4.0), bar(101.5, 5.5)], [0, 2]),
        (False, [bar(101.0, 5.0), bar(102.0, 5.0)], [0, 1]),
        (False, [bar(105.0, 5.0, ts=END), bar(101.0, 5.0)], [0]),
        (True, [bar(101.0, 5.0, is_final=True), bar(100.5, 4.0), bar(102.0, 5.0, is_final=True)], [0, 2]),
        (True, [bar(100.5, 4.0), bar(101.0, 5.0, is_final=True)], [1]),
    ],
    ids=["less volume", "other words", "an older bar", "not final after final", "not final before final"],
)
def test_only_what_a_bar_may_be_decided_on_is_told(says_final, order, told):
    line = Line(says_final=says_final)
    for one in order:
        line.pushed.take([one], [])
    assert line.told == [order[k] for k in told]
