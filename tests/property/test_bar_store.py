"""Bars stored, revised and undone in any order, with kills at any point, are one history: nothing lost or doubled."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.memory_store import MemoryBars
from tests.unit.data.material import START, make_frame
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.adapters.stores.parquet.summaries import summarize_times
from vigie.domain.ids import SeriesId
from vigie.domain.time import TIMEFRAME_MS
from vigie.ports.store import BarStore

BARS = 1_000
Step = tuple[str, int, int]

# Mostly a few bars at the end, as they close; also late ones, revisions, pages of a history, and undoing.
steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 40), st.integers(0, 3)),
        st.tuples(st.just("append"), st.integers(1, 40), st.integers(0, 3)),
        st.tuples(st.just("revise"), st.integers(0, BARS), st.integers(1, 5)),
        st.tuples(st.just("last"), st.integers(0, 9), st.integers(1, 5)),
        st.tuples(st.just("late"), st.integers(0, BARS), st.integers(1, 80)),
        st.tuples(st.just("page"), st.integers(65, 200), st.integers(0, 3)),
        st.tuples(st.just("undo"), st.integers(0, 20), st.just(0)),
    ),
    min_size=1,
    max_size=25,
)


@dataclass
class History:
    """A store, and what was done with it."""

    store: BarStore
    series: SeriesId
    told: list[pl.DataFrame]
    end: int = 0

    def rows(self, step: Step, bars: pl.DataFrame) -> pl.DataFrame:
        kind, first, second = step
        if kind in ("append", "page"):  # behind the newest, at times after a gap
            begin = self.end + second
            self.end = begin + first
            return bars[begin : begin + first]
        if kind == "last":  # the newest bar again, with the next ones
            begin = max(self.end - 1, 0)
            self.end = begin + second
            return bars[begin : self.end].with_columns(volume=pl.col("volume") + first)
        if kind == "revise":
            begin = first % max(self.end, 1)
            return bars[begin : begin + second].with_columns(volume=pl.col("volume") + first + 1)
        return bars[first % max(self.end, 1) :][:second]

    def take(self, step: Step, bars: pl.DataFrame) -> object:
        if step[0] == "undo":
            if not self.told:
                return None
            return self.store.revert(self.series, self.told[step[1] % len(self.told)])
        rows = self.rows(step, bars)
        if rows.is_empty():
            return None
        before = self.told.append if step[0] in ("page", "late") else None
        count = len(self.told)
        dry = self.store.upsert(self.series, rows, dry_run=True, before=before)
        assert len(self.told) == count
        done = self.store.upsert(self.series, rows, before=before)
        counts = (done.added, done.revised, done.same)
        assert counts == (dry.added, dry.revised, dry.same)
        assert done.files == dry.files
        return *counts, done.replaced.rows()


@given(steps=steps, timeframe=st.sampled_from(["1m", "1h", "4h", "1d"]), cut=st.integers(0, BARS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_tail_and_files_are_one_history_whatever_is_done(steps: list[Step], timeframe: str, cut: int):
    series = SeriesId("binance-perp", "btc-usdt-perp", timeframe)
    span = TIMEFRAME_MS[timeframe]
    bars = make_frame(6_000, timeframe=timeframe, start=START + 20 * 86_400_000)
    with TemporaryDirectory() as folder:
        history, plain = History(ParquetBars(Path(folder)), series, []), History(MemoryBars(), series, [])
        versions: dict[object, list[object]] = {}
        for step in steps:
            # Another process: nothing is known but the files.
            history.store = ParquetBars(Path(folder))
            assert history.take(step, bars) == plain.take(step, bars)
            stored = plain.store.read(series)
            assert history.store.read(series).equals(stored)
            content = stored.rows()
            assert versions.setdefault(history.store.version(series), content) == content
            low = START + 20 * 86_400_000 + cut * span
            for bounds in ({"start_ms": low}, {"end_ms": low}, {"start_ms": low, "end_ms": low + 30 * span}):
                assert history.store.read(series, **bounds).equals(plain.store.read(series, **bounds))
            assert history.store.read(series, last=cut + 1).equals(stored.tail(cut + 1))
            assert history.store.series() == plain.store.series()
            told, expected = history.store.holdings(), plain.store.holdings()
            assert [history.store.summary(one) for one in told] == [
                plain.store.summary(one) for one in expected
            ]


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed_at(number: int) -> Iterator[list[str]]:
    """End at the n-th change of the disk, before it or (odd numbers) right behind it."""
    calls: list[str] = []
    patch = pytest.MonkeyPatch()

    def mortal(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **settings: object) -> object:
            calls.append(name)
            is_last = len(calls) - 1 == number // 2
            if is_last and number % 2 == 0:
                raise Killed
            done = real(*args, **settings)
            if is_last:
                raise Killed
            return done

        return call

    for owner, name in ((os, "replace"), (os, "fsync"), (Path, "unlink")):
        patch.setattr(owner, name, mortal(name, getattr(owner, name)))
    try:
        yield calls
    finally:
        patch.undo()


SERIES = SeriesId("binance-perp", "btc-usdt-perp", "4h")
FRAME = make_frame(700, timeframe="4h", start=START - 200 * 14_400_000)
REVISED = FRAME.with_columns(volume=pl.col("volume") + 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    """A series in files of two years, in recent bars and in a tail; and what its import changed."""
    folder = tmp_path_factory.mktemp("home")
    store, told = ParquetBars(folder), list[pl.DataFrame]()
    store.upsert(SERIES, FRAME[:300], before=told.append)
    for at in range(300, 400):
        store.upsert(SERIES, FRAME[at : at + 1])
    return folder, told[0]


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda store, _: store.upsert(SERIES, FRAME[424:430]), id="bars that seal the tail"),
        pytest.param(lambda store, _: store.upsert(SERIES, FRAME[640:650]), id="bars that seal a month"),
        pytest.param(lambda store, _: store.upsert(SERIES, REVISED[396:402]), id="a revision in the tail"),
        pytest.param(lambda store, _: store.seal(SERIES, 1 << 60), id="the tail alone"),
        pytest.param(lambda store, _: store.upsert(SERIES, REVISED[150:260]), id="a revision of files"),
        pytest.param(lambda store, _: store.upsert(SERIES, REVISED[380:398]), id="a revision of both"),
        pytest.param(lambda store, _: store.upsert(SERIES, FRAME[380:640]), id="a page of a history"),
        pytest.param(lambda store, told: store.revert(SERIES, told), id="an undone import"),
    ],
)
def test_killed_at_any_change_of_the_disk_nothing_is_lost_and_nothing_is_twice(
    act: Callable[[ParquetBars, pl.DataFrame], object], home: tuple[Path, pl.DataFrame], tmp_path: Path
):
    built, told = home
    before = ParquetBars(built).read(SERIES).rows()
    tail_ms = FRAME["timestamp"].to_physical()[385]
    number, is_over = 0, False
    while not is_over:
        folder = tmp_path / str(number)
        shutil.copytree(built, folder)
        with killed_at(number) as calls:
            try:
                act(ParquetBars(folder), told)
            except Killed:
                pass
            else:
                is_over = len(calls) <= number // 2
        found = ParquetBars(folder).read(SERIES)
        newest = ParquetBars(folder).read(SERIES, start_ms=tail_ms)
        short = [ParquetBars(folder).summary(holding).summary for holding in ParquetBars(folder).holdings()]
        act(ParquetBars(folder), told)
        after = ParquetBars(folder).read(SERIES).rows()
        times = found["timestamp"]
        assert times.is_sorted()
        assert times.is_unique().all()
        # Each bar is as before or as after, and there if it is there before and after.
        assert set(found.rows()) <= set(before) | set(after)
        assert {row[0] for row in before} & {row[0] for row in after} <= set(times)
        assert short == [summarize_times(times.to_physical(), SERIES.span_ms)]
        # The newest bars are the same for who reads them alone.
        assert newest.equals(found.filter(times.to_physical() >= tail_ms))
        shutil.rmtree(folder)
        number += 1
    assert number > 4
