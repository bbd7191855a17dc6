"""Bars on their way to the store: a gap is filled before the bar after it is there."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clocks import AheadClock, StandingClock
from tests.unit.data.collection.fakes import Bench
from vigie.domain.errors import StorageError, TransientError, UsageError
from vigie.domain.ids import SeriesId
from vigie.ports.source import Bar

MINUTE = 60_000
NOON = 1_760_011_200_000
SERIES = SeriesId("bitget-perp", "btc-usdt-perp", "1m")


def bar(minute: int, close: float = 11.0) -> Bar:
    return Bar("bitget-perp", "btc-usdt-perp", "1m", NOON + minute * MINUTE, 10, 12, 9, close, 5, 0)


def bench_at(minute: float) -> Bench:
    return Bench(clock=StandingClock(NOON + round(minute * MINUTE)))


def stored(bench: Bench) -> list[int]:
    frame = bench.store.read(SERIES)
    return [(ts - NOON) // MINUTE for ts in frame["timestamp"].to_physical().to_list()]


def settle(bench: Bench, times: int = 1) -> None:
    async def go() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        for _ in range(times):
            await bench.bars.store_ready()

    asyncio.run(go())


def begin(bench: Bench, minute: int) -> None:
    """Store one bar, so that the series has a place to go on from."""
    from vigie.data.collection.bars import _frame

    bench.store.upsert(SERIES, _frame([bar(minute)]))


def test_bars_that_follow_each_other_are_stored_without_asking_the_venue():
    bench = bench_at(3.1)
    begin(bench, 0)
    bench.bars.take([bar(1), bar(2)])
    settle(bench)
    assert stored(bench) == [0, 1, 2]
    assert bench.history.pages == []


@pytest.mark.parametrize(
    "ts",
    [NOON + 5 * MINUTE, 4_102_444_800_000, 253_402_300_800_000, NOON * 1_000, 10**17, 10**19, 0, -(10**19)],
)
def test_a_bar_of_no_possible_time_is_left_out_said_once_and_keeps_nothing_back(ts):
    bench = bench_at(3.1)
    begin(bench, 0)
    odd = replace(bar(1), ts=ts // MINUTE * MINUTE)
    bench.bars.take([odd, bar(1), bar(2)])
    bench.bars.take([odd])
    settle(bench, 4)
    assert stored(bench) == [0, 1, 2]
    assert bench.history.pages == []
    assert len(bench.said) == 1
    assert "left out" in bench.said[0]


def test_gap_is_fetched_before_the_bar_after_it_is_stored():
    bench = bench_at(6.1)
    begin(bench, 0)
    bench.bars.take([bar(5)])
    settle(bench)
    assert stored(bench) == [0, 1, 2, 3, 4, 5]


def test_bar_after_a_gap_waits_while_the_venue_does_not_answer():
    bench = bench_at(6.1)
    begin(bench, 0)
    bench.history.errors = [TransientError("time-out")]
    bench.bars.take([bar(5)])
    settle(bench)
    assert stored(bench) == [0]
    assert bench.bars.waiting == 1
    assert bench.said == [f"{SERIES} waits: time-out"]
    bench.clock.jump(30)
    settle(bench)
    assert stored(bench) == [0, 1, 2, 3, 4, 5]
    assert bench.bars.waiting == 0


def test_bar_after_a_gap_waits_no_longer_where_a_clock_that_ran_ahead_is_put_right():
    clock = AheadClock(NOON + round(6.1 * MINUTE))
    bench = Bench(clock=clock)
    begin(bench, 0)
    bench.history.errors = [TransientError("time-out")]
    bench.bars.take([bar(5)])
    settle(bench)
    clock.ahead_ms = 0
    settle(bench)
    assert stored(bench) == [0, 1, 2, 3, 4, 5]


def test_gap_that_the_venue_has_not_written_yet_is_waited_for():
    bench = bench_at(4.1)
    begin(bench, 0)
    bench.history.series_gaps = {NOON + 2 * MINUTE, NOON + 3 * MINUTE}
    bench.bars.take([bar(3)])
    settle(bench)
    assert stored(bench) == [0, 1]
    assert bench.bars.waiting == 1
    bench.history.series_gaps = set()
    bench.clock.jump(10)
    settle(bench)
    assert stored(bench) == [0, 1, 2, 3]


def test_hole_of_the_venue_itself_stops_nothing_in_the_end():
    bench = bench_at(6.1)
    begin(bench, 0)
    bench.history.series_gaps = {NOON + minute * MINUTE for minute in (1, 2, 3, 4)}
    for _ in range(5):
        bench.bars.take([bar(5)])
        settle(bench)
        bench.clock.jump(60)
    assert 5 in stored(bench)
    assert 3 not in stored(bench), "a hole is recorded, never filled"


def test_new_series_begins_with_the_history_that_leads_to_it():
    bench = bench_at(10.1)
    bench.bars.take([bar(9)])
    settle(bench)
    assert stored(bench)[-1] == 9
    assert len(stored(bench)) == 1_499, "1,500 spans, the first of them had begun already"
    assert set(range(-1_000, 10)) <= set(stored(bench))


def test_catching_up_fetches_what_was_missed_though_no_bar_has_come_yet():
    bench = bench_at(8.1)
    begin(bench, 0)
    bench.bars.catch_up([SERIES])
    settle(bench)
    assert stored(bench) == list(range(8))


def test_last_words_on_a_stored_bar_become_its_values():
    bench = bench_at(3.1)
    begin(bench, 0)
    bench.bars.take([bar(1)])
    settle(bench)
    bench.bars.take([bar(1, close=11.5), bar(2)])
    settle(bench)
    assert bench.store.read(SERIES)["close"].to_list() == [11.0, 11.5, 11.0]


def test_series_that_the_venue_does_not_list_is_said_once_and_left():
    bench = bench_at(10.1)
    bench.history.errors = [UsageError("instrument must be listed")]
    for _ in range(3):
        bench.bars.take([bar(9)])
        settle(bench)
    assert len(bench.said) == 1
    assert "is not collected" in bench.said[0]
    assert bench.bars.waiting == 0


def test_bars_of_a_close_are_stored_though_one_series_cannot_be(monkeypatch):
    bench, other = bench_at(3.1), replace(bar(2), instrument="eth-usdt-perp")
    begin(bench, 0)
    bench.bars.take([bar(1), replace(other, ts=bar(1).ts)])
    settle(bench)
    real = bench.store.upsert

    def full(series: SeriesId, frame, **how):
        if series == SERIES:
            raise StorageError("no space left on device")
        return real(series, frame, **how)

    monkeypatch.setattr(bench.store, "upsert", full)
    bench.bars.take([bar(2), other])
    settle(bench)
    assert stored(bench) == [0, 1]
    eth = SeriesId("bitget-perp", "eth-usdt-perp", "1m")
    assert bench.store.read(eth)["timestamp"].to_physical()[-1] == other.ts
    assert bench.said == [f"{SERIES} waits: no space left on device"]
    with pytest.raises(StorageError):
        asyncio.run(bench.bars.flush())
    monkeypatch.undo()
    asyncio.run(bench.bars.flush())
    assert stored(bench) == [0, 1, 2]


def test_appended_bars_are_sealed_within_a_day_though_no_bar_comes(monkeypatch):
    bench, sealed = bench_at(3.1), []
    begin(bench, 0)
    monkeypatch.setattr(bench.store, "seal", lambda series, before_ms: sealed.append((series, before_ms)))
    bench.bars.take([bar(1)])
    settle(bench, 2)
    bench.clock.now += 6 * 60 * MINUTE
    settle(bench, 3)
    now = NOON + round(3.1 * MINUTE)
    assert sealed == [(SERIES, now - 18 * 60 * MINUTE), (SERIES, now - 12 * 60 * MINUTE)]


def test_end_stores_what_needs_nothing_fetched():
    bench = bench_at(3.1)
    begin(bench, 0)
    bench.bars.take([bar(1)])
    settle(bench)
    bench.bars.take([bar(2)])
    asyncio.run(bench.bars.flush())
    assert stored(bench) == [0, 1, 2]


@pytest.mark.parametrize("known", [True, False])
def test_stopping_ends_a_long_fetch_after_its_page(known):
    bench = bench_at(5_000.1)
    if known:
        begin(bench, 0)
    bench.bars.stop()
    bench.bars.take([bar(4_999)])
    settle(bench)
    assert bench.history.pages == []


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(st.lists(st.integers(1, 40), max_size=6), min_size=1, max_size=6))
def test_whatever_arrives_in_whatever_order_no_hole_is_left_before_the_newest_bar(batches):
    bench = bench_at(0.1)
    begin(bench, 0)
    newest = 0
    for batch in batches:
        newest = max([newest, *batch])
        bench.clock.now = max(bench.clock.now, NOON + (newest + 1) * MINUTE + 5_000)
        bench.bars.take([bar(minute) for minute in batch])
        settle(bench)
        assert stored(bench) == list(range(max(stored(bench)) + 1))
    assert newest <= max(stored(bench))


def test_while_a_long_fetch_is_under_way_nothing_else_is_said_to_have_worked():
    bench = bench_at(3.1)
    bench.history.errors = [TransientError("the venue answers nobody")]

    async def go() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        lock = bench.bars._busy[SERIES.venue]
        await lock.acquire()
        asked = asyncio.create_task(bench.bars.fetch([SERIES]))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not asked.done()
        lock.release()
        with pytest.raises(TransientError, match="answers nobody"):
            await asked

    asyncio.run(go())
