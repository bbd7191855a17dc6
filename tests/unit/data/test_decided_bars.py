"""What decisions were made on stays as it was; corrections and new pins are told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.contracts.memory_store import MemoryBars
from vigie.data.decided_bars import COLUMNS, MOST_BARS, DecidedBars, pinned_start
from vigie.data.frames import to_frame
from vigie.domain.bar import Bars
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import HOUR_MS
from vigie.ports.feed import FeedBar

SERIES = SeriesId("bitget-perp", "btc-usdt-perp", "1h")
START = 1_735_689_600_000
KEEP = 5_000


def bars(first, count, *, price=100.0):
    numbers = np.arange(first, first + count)
    close = price + numbers.astype(float)
    return Bars(
        SERIES.instrument, HOUR_MS, START + numbers * HOUR_MS, close - 0.5, close + 1.0, close - 1.0, close,
        np.full(count, 7.0), venue=SERIES.venue,
    )  # fmt: skip


def at(number):
    return START + number * HOUR_MS


@pytest.fixture
def store():
    found = MemoryBars()
    found.upsert(SERIES, to_frame(bars(0, 10)))
    return found


class Told:
    def __init__(self, store, **more):
        self.revised, self.pins, self.volumes = [], [], []
        self.history = DecidedBars(
            store,
            SERIES,
            START,
            KEEP,
            on_revised=self.revised.append,
            on_repinned=self.pins.append,
            on_volume=self.volumes.append,
            **more,
        )

    def others(self):
        found = self.history.other_volumes()
        return {} if found is None else dict(found[2])


def test_each_bar_adds_itself_and_is_asked_for_once(store):
    told = Told(store)
    first = told.history.until(at(7))
    assert first.ts.tolist() == [at(k) for k in range(8)]
    assert told.history.until(at(7)) is first
    assert told.history.until(at(9)).close.tolist() == bars(0, 10).close.tolist()
    assert told.revised == []


def test_a_correction_is_told_once_and_changes_nothing(store):
    told = Told(store)
    told.history.until(at(8))
    store.upsert(SERIES, to_frame(bars(4, 1, price=900.0)))
    used = told.history.until(at(9))
    assert used.close.tolist() == bars(0, 10).close.tolist()
    store.upsert(SERIES, to_frame(bars(10, 1)))
    told.history.until(at(10))
    assert told.revised == [at(4)]


def test_a_volume_summed_in_another_order_is_no_correction(store):
    told = Told(store)
    told.history.until(at(8))
    for number, volume in ((3, 7.0 * (1 + 1e-12)), (4, 7.0 * (1 + 1e-6))):
        store.upsert(SERIES, to_frame(replace(bars(number, 1), volume=np.array([volume]))))
    told.history.check()
    assert (told.volumes, told.revised) == ([at(4)], [])


def test_a_bar_that_is_heard_is_used_as_it_was_told_and_the_store_is_checked_apart(store):
    told = Told(store)
    told.history.until(at(8))
    told.history.add_bar(FeedBar(SERIES.instrument, at(9), 1.0, 4.0, 0.5, 2.0, 3.0))
    used = told.history.until(at(9))
    assert [float(getattr(used, name)[-1]) for name in COLUMNS] == [1.0, 4.0, 0.5, 2.0, 3.0]
    assert len(used) == 10
    assert told.revised == []
    told.history.check()
    assert told.revised == [at(9)]


def test_a_bar_that_comes_after_the_decision_is_told_and_stays_out(store):
    late = MemoryBars()
    late.upsert(SERIES, to_frame(bars(0, 4)))
    late.upsert(SERIES, to_frame(bars(5, 3)))
    told = Told(late)
    told.history.until(at(7))
    late.upsert(SERIES, to_frame(bars(4, 5)))
    assert told.history.until(at(8)).ts.tolist() == [at(k) for k in (0, 1, 2, 3, 5, 6, 7, 8)]
    assert told.revised == [at(4)]


def test_another_process_goes_on_with_the_prices_that_were_decided_on(store):
    decided = {at(6): (1.0, 4.0, 0.5, 2.0), at(8): (107.5, 109.0, 107.0, 108.0)}
    told = Told(store, decided=decided)
    used = told.history.until(at(9))
    assert used.ts.tolist() == [at(k) for k in (0, 1, 2, 3, 4, 5, 6, 8, 9)]
    assert (used.open[6], used.high[6], used.low[6], used.close[6]) == (1.0, 4.0, 0.5, 2.0)
    assert used.volume[6] == 7.0
    assert told.revised == [at(6), at(7)]


def test_the_fingerprint_is_of_what_was_used(store):
    one, other = Told(store).history, Told(store).history
    one.until(at(8)), other.until(at(8))
    assert one.fingerprint() == other.fingerprint() != ""
    store.upsert(SERIES, to_frame(bars(9, 1, price=300.0)))
    one.until(at(9))
    assert one.fingerprint() != other.fingerprint()


def test_a_history_is_pinned_anew_where_it_grew_too_long():
    def start(count):
        return (pinned_start(START, at(count - 1), HOUR_MS, KEEP) - START) // HOUR_MS

    assert start(1) == start(MOST_BARS) == 0
    assert start(MOST_BARS + 1) == MOST_BARS - KEEP
    assert start(2 * MOST_BARS - KEEP) == MOST_BARS - KEEP
    assert start(2 * MOST_BARS - KEEP + 1) == 2 * (MOST_BARS - KEEP)


def test_pinning_anew_is_told_and_the_history_is_short_again():
    store = MemoryBars()
    store.upsert(SERIES, to_frame(bars(0, MOST_BARS + 2)))
    told = Told(store)
    assert len(told.history.until(at(MOST_BARS - 1))) == MOST_BARS
    assert len(told.history.until(at(MOST_BARS))) == KEEP + 1
    assert len(told.history.until(at(MOST_BARS + 1))) == KEEP + 2
    assert told.pins == [at(MOST_BARS - KEEP)]


# Pushed bars --------------------------------------------------------------------------------------------------------


def pushed(number, *, volume=7.0):
    bar = bars(number, 1)
    prices = (bar.open, bar.high, bar.low, bar.close)
    return FeedBar("btc-usdt-perp/1h", at(number), *(float(one[0]) for one in prices), volume, is_pushed=True)


def said(number, *, close=None, volume=7.0):
    bar = pushed(number, volume=volume)
    return bar.open, bar.high, bar.low, bar.close if close is None else close, volume


def test_the_first_pushed_bar_is_decided_on_though_it_is_not_stored(store):
    told = Told(store)
    told.history.add_bar(pushed(10))
    assert told.history.until(at(10)).ts.tolist() == [at(k) for k in range(11)]


@pytest.mark.parametrize(
    ("confirmed", "is_revised"),
    [(said(10), False), (said(10, volume=7.0 * (1 + 1e-12)), False), (said(10, close=111.0), True),
     (said(10, volume=7.5), False), (said(10, close=111.0, volume=7.5), True)],
)  # fmt: skip
def test_what_the_history_says_otherwise_of_a_pushed_bar_is_told_once_and_changes_nothing(
    store, confirmed, is_revised
):
    told = Told(store)
    told.history.add_bar(pushed(10))
    before = told.history.fingerprint()
    told.history.confirm(at(10), confirmed)
    told.history.confirm(at(10), confirmed)
    assert (told.revised, told.history.is_revised()) == ([at(10)] * is_revised, is_revised)
    is_other = confirmed == said(10, volume=7.5)
    assert told.others() == ({at(10): 7.5} if is_other else {})
    assert bool(told.volumes) == is_other
    assert told.history.fingerprint() == before
    told.history.add_bar(pushed(11))
    assert not told.history.is_revised(), "it is the bar of the last decision that counts"
    assert told.others() == ({at(10): 7.5} if is_other else {}), "a later decision may hang on it too"


def test_a_bar_that_was_not_decided_on_is_no_correction(store):
    told = Told(store)
    told.history.confirm(at(9), said(9, close=1.0))
    told.history.add_bar(pushed(10))
    told.history.confirm(at(11), said(11, close=1.0))
    assert told.revised == []


@pytest.mark.parametrize("is_stored", [False, True])
def test_the_next_process_sees_a_pushed_bar_as_it_was_decided_on_with_its_volume(store, is_stored):
    told = Told(store)
    told.history.until(at(9))
    told.history.add_bar(pushed(10, volume=6.5))
    if is_stored:
        store.upsert(SERIES, to_frame(bars(10, 1)))
    again = Told(store, decided={at(10): said(10, volume=6.5)})
    again.history.until(at(10))
    assert again.history.fingerprint() == told.history.fingerprint()
    assert (again.volumes, again.revised) == ([at(10)] * is_stored, [])
    assert again.others() == ({at(10): 7.0} if is_stored else {})


@pytest.mark.parametrize("is_pushed", [True, False])
def test_a_bar_stored_after_the_history_was_prepared_is_in_the_first_decision(store, is_pushed):
    told = Told(store)
    told.history.prepare(at(9))
    store.upsert(SERIES, to_frame(bars(10, 1)))
    told.history.add_bar(replace(pushed(11), is_pushed=is_pushed))
    used = told.history.until(at(11))
    assert used.ts.tolist() == [at(k) for k in range(12)]
    assert told.revised == []
    again = Told(store, decided={at(11): said(11)})
    again.history.until(at(11))
    assert again.history.fingerprint() == told.history.fingerprint(), "the next process sees the same"


def test_a_bar_stored_after_a_decision_stays_out_also_of_the_next_process(store):
    told = Told(store)
    told.history.add_bar(pushed(10))
    store.upsert(SERIES, to_frame(bars(10, 2)))
    told.history.add_bar(pushed(12))
    without = [at(k) for k in (*range(11), 12)]
    assert told.history.until(at(12)).ts.tolist() == without
    again = Told(store, decided={at(10): said(10)})
    again.history.until(at(10))
    again.history.add_bar(pushed(12))
    assert again.history.until(at(12)).ts.tolist() == without


@pytest.mark.parametrize(("factor", "is_revised"), [(1 + 1e-12, False), (1 + 1e-6, True)])
def test_the_next_process_tells_only_volumes_that_differ_and_keeps_the_ones_decided_on(
    store, factor, is_revised
):
    told = Told(store, decided={at(9): said(9, volume=7.0 * factor)})
    assert told.history.until(at(9)).volume[-1] == 7.0 * factor
    assert (told.volumes, told.revised) == ([at(9)] * is_revised, [])
    assert told.others() == ({at(9): 7.0} if is_revised else {})


def test_a_volume_of_which_the_history_agrees_again_and_not_a_push_is_no_other_any_more(store):
    told = Told(store)
    told.history.add_bar(pushed(10))
    told.history.confirm(at(10), said(10, volume=7.5))
    told.history.confirm(at(10), said(10), is_history=False)
    assert told.others() == {at(10): 7.5}
    told.history.confirm(at(10), said(10))
    assert told.others() == {}
    store.upsert(SERIES, to_frame(replace(bars(4, 1), volume=np.array([7.5]))))
    told.history.check()
    assert told.others() == {at(4): 7.5}
    store.upsert(SERIES, to_frame(bars(4, 1)))
    told.history.check()
    assert told.others() == {}


def test_a_correction_that_could_not_be_recorded_refuses_entries_and_is_told_again(store):
    told, faults = Told(store), [StorageError("the disk is full")]

    def record(ts):
        if faults:
            raise faults.pop()
        told.revised.append(ts)

    told.history.on_revised = record
    told.history.add_bar(pushed(10))
    with pytest.raises(StorageError):
        told.history.confirm(at(10), said(10, close=111.0))
    assert told.history.is_revised()
    for _ in range(2):
        told.history.confirm(at(10), said(10, close=111.0))
    assert told.revised == [at(10)]
