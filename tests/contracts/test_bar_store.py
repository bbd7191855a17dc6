"""What every bar store promises; the Parquet store and a store in memory keep it alike."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.contracts.memory_store import MemoryBars
from tests.unit.data.material import START, change, drop, make_frame
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.domain.ids import SeriesId
from vigie.ports.store import BarStore, BarSummary, RevertResult

HOUR = 3_600_000
BTC = SeriesId("binance-perp", "btc-usdt-perp", "1h")
MINUTES = SeriesId("binance-perp", "btc-usdt-perp", "1m")
FRAME = make_frame(400, start=START - 200 * HOUR)


@pytest.fixture(params=["parquet", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BarStore:
    return ParquetBars(tmp_path) if request.param == "parquet" else MemoryBars()


def test_empty_store_holds_nothing_and_reads_empty_frames(store: BarStore):
    assert store.holdings() == []
    assert store.read(BTC).schema == FRAME.schema
    assert store.read(BTC, last=5).is_empty()


def test_what_was_stored_is_read(store: BarStore):
    change = store.upsert(BTC, FRAME)
    assert (change.added, change.revised, change.same) == (400, 0, 0)
    assert store.read(BTC).equals(FRAME)
    assert [holding.series for holding in store.holdings()] == [BTC]


def test_a_summary_says_what_the_bars_do_after_every_change(store: BarStore):
    def summary(series: SeriesId) -> BarSummary | None:
        found = next(one for one in store.holdings() if one.series == series)
        quick, deep = (store.summary(found, is_deep=is_deep) for is_deep in (False, True))
        assert quick == deep
        assert quick.unreadable == ()
        return quick.summary

    minutes = make_frame(3_000, timeframe="1m", start=START - 1_500 * 60_000)
    for series, frame in ((BTC, FRAME), (MINUTES, minutes)):
        first, last = frame["timestamp"].to_physical()[0], frame["timestamp"].to_physical()[-1]
        # Holes inside a file and over the border of two: a year or a month ends in the middle.
        middle = len(frame) // 2
        store.upsert(
            series, pl.concat([frame[:40], frame[41:60], frame[63 : middle - 2], frame[middle + 3 :]])
        )
        assert summary(series) == BarSummary(first, last, len(frame) - 9, 3, 9)
        store.upsert(series, frame[middle - 10 : middle + 10])
        assert summary(series) == BarSummary(first, last, len(frame) - 4, 2, 4)
        store.upsert(series, frame)
        assert summary(series) == BarSummary(first, last, len(frame), 0, 0)


def test_storing_again_changes_nothing(store: BarStore):
    store.upsert(BTC, FRAME)
    again = store.upsert(BTC, FRAME)
    assert (again.added, again.revised, again.same, again.files) == (0, 0, 400, ())


def test_bars_are_added_before_between_and_after(store: BarStore):
    for rows in (FRAME[100:120], FRAME[300:], FRAME[:50], FRAME[50:350]):
        store.upsert(BTC, rows)
    assert store.read(BTC).equals(FRAME)


def test_revised_bars_take_the_new_values_and_give_back_the_old(store: BarStore):
    store.upsert(BTC, FRAME)
    revised = change(FRAME, 7, volume=1.5)[5:10]
    change_ = store.upsert(BTC, revised)
    assert (change_.added, change_.revised, change_.same) == (0, 1, 4)
    assert change_.replaced.equals(FRAME[7:8])
    assert store.read(BTC).equals(change(FRAME, 7, volume=1.5))


def test_dry_run_says_the_same_and_changes_nothing(store: BarStore):
    store.upsert(BTC, FRAME[:300])
    rows = change(FRAME, 299, volume=1.5)
    dry = store.upsert(BTC, rows, dry_run=True)
    assert store.read(BTC).equals(FRAME[:300])
    wet = store.upsert(BTC, rows)
    assert (dry.added, dry.revised, dry.same, dry.files) == (wet.added, wet.revised, wet.same, wet.files)


def test_reading_a_span_and_the_last_ones(store: BarStore):
    store.upsert(BTC, drop(FRAME, 250))
    kept = drop(FRAME, 250)
    cut = store.read(BTC, start_ms=START - 10 * HOUR, end_ms=START + 10 * HOUR)
    assert cut.equals(FRAME[190:210])
    assert store.read(BTC, last=300).equals(kept.tail(300))
    assert store.read(BTC, end_ms=START, last=10).equals(FRAME[190:200])
    assert store.read(BTC, start_ms=START, last=10_000).equals(kept[200:])
    assert store.read(BTC, start_ms=START + 10_000 * HOUR).is_empty()


def test_series_are_apart(store: BarStore):
    store.upsert(BTC, FRAME)
    minutes = make_frame(50_000, timeframe="1m", start=START)
    store.upsert(MINUTES, minutes)
    assert store.read(MINUTES).equals(minutes)
    assert store.read(BTC).equals(FRAME)
    assert [holding.series for holding in store.holdings()] == [MINUTES, BTC]
    assert store.series(BTC.venue, BTC.instrument) == [MINUTES, BTC]
    assert (store.series(BTC.venue, "nothing"), store.series("nowhere")) == ([], [])


def test_frames_of_other_types_are_stored_as_bars(store: BarStore):
    loose = FRAME.with_columns(pl.col("timestamp").dt.cast_time_unit("us"), extra=pl.lit(1))
    store.upsert(BTC, loose)
    assert store.read(BTC).equals(FRAME)


def test_a_change_is_told_before_and_can_be_taken_back_twice(store: BarStore):
    store.upsert(BTC, FRAME[:100])
    told: list[pl.DataFrame] = []
    store.upsert(BTC, change(FRAME, 7, volume=1.5), before=told.append)
    store.upsert(BTC, change(FRAME, 150, volume=2.5)[150:151])
    [news] = told
    assert (len(news), news["former_volume"].drop_nulls().to_list()) == (301, [FRAME["volume"][7]])
    assert store.revert(BTC, news, dry_run=True) == RevertResult(299, 1, 1, 0)
    assert len(store.read(BTC)) == 400
    assert store.revert(BTC, news) == RevertResult(299, 1, 1, 0)
    assert store.read(BTC).equals(pl.concat([FRAME[:100], change(FRAME, 150, volume=2.5)[150:151]]))
    assert store.revert(BTC, news) == RevertResult(0, 0, 1, 300)


def test_who_tells_no_change_is_not_asked(store: BarStore):
    told: list[pl.DataFrame] = []
    store.upsert(BTC, FRAME)
    store.upsert(BTC, FRAME, before=told.append)
    assert told == []


def test_a_series_without_a_bar_is_none(store: BarStore):
    told: list[pl.DataFrame] = []
    store.upsert(BTC, FRAME, before=told.append)
    store.revert(BTC, told[0])
    assert (store.holdings(), store.series(), len(store.read(BTC))) == ([], [], 0)
    store.upsert(BTC, FRAME)
    assert store.read(BTC).equals(FRAME)
