"""The Parquet store where it meets the disk: periods, crashes, full disks, two writers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import polars as pl
import pytest

from tests.unit.data.material import START, change, make_frame
from vigie.adapters.stores import files
from vigie.adapters.stores.parquet import bars as bars_file
from vigie.adapters.stores.parquet import periods
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.adapters.stores.parquet.bookmarks import JsonBookmarks, merge_spans
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and limits")

HOUR = 3_600_000
BTC = SeriesId("binance-perp", "btc-usdt-perp", "1h")
MINUTES = SeriesId("binance-perp", "btc-usdt-perp", "1m")
FRAME = make_frame(400, start=START - 200 * HOUR)


def state(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in sorted(root.rglob("*.parquet"))
    }


def test_asking_again_brings_no_words_into_the_table_of_the_interpreter(tmp_path, monkeypatch):
    store, brought = ParquetBars(tmp_path), []
    store.upsert(BTC, FRAME)
    assert store.series() == [BTC]
    monkeypatch.setattr(sys, "intern", lambda word: brought.append(word) or word)
    assert store.series() == [BTC]
    assert len(store.read(BTC, last=1)) == 1
    assert store.version(BTC) is not None
    words = {BTC.venue, BTC.instrument, BTC.timeframe, *(file.name for file in tmp_path.rglob("*.parquet"))}
    assert words.isdisjoint(brought)


class TestPeriods:
    def test_hours_and_longer_go_by_year_shorter_bars_by_month(self):
        assert [name for name, _ in periods.split(FRAME, HOUR)] == ["2023.parquet", "2024.parquet"]
        minutes = make_frame(3 * 1_440, timeframe="1m", start=START - 86_400_000)
        assert [name for name, _ in periods.split(minutes, 60_000)] == ["2023-12.parquet", "2024-01.parquet"]

    def test_pieces_lie_in_their_period_and_join_to_the_whole(self):
        pieces = periods.split(FRAME, HOUR)
        assert pl.concat([piece for _, piece in pieces]).equals(FRAME)
        for name, piece in pieces:
            first, after = periods.period_range(name)
            times = piece["timestamp"].to_physical()
            assert first <= times.min() <= times.max() < after

    @pytest.mark.parametrize(
        ("name", "span"),
        [("2024.parquet", 366 * 24), ("2023-12.parquet", 31 * 24), ("2024-02.parquet", 29 * 24)],
    )
    def test_range_of_a_period(self, name: str, span: int):
        first, after = periods.period_range(name)
        assert after - first == span * HOUR

    def test_other_files_are_no_periods(self):
        assert not periods.is_period("2024.parquet.123.tmp")
        assert not periods.is_period("notes.parquet")


def test_only_the_period_that_changes_is_written(tmp_path: Path):
    store = ParquetBars(tmp_path)
    store.upsert(BTC, FRAME)
    before = state(tmp_path)
    store.upsert(BTC, change(FRAME, 399, volume=1.5))
    after = state(tmp_path)
    assert before["2023.parquet"] == after["2023.parquet"]
    assert before["2024.parquet"] != after["2024.parquet"]


def test_damaged_file_is_named_with_the_cure(tmp_path: Path):
    store = ParquetBars(tmp_path)
    store.upsert(BTC, FRAME)
    path = tmp_path / "binance-perp/btc-usdt-perp/1h/2024.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(StorageError, match=r"2024\.parquet cannot be read .*; move it away and import"):
        store.read(BTC)


class TestFullDisk:
    @POSIX
    def test_old_bars_stay_when_a_file_cannot_be_written_whole(self, tmp_path: Path):
        import resource

        store = ParquetBars(tmp_path)
        store.upsert(BTC, FRAME)
        before = state(tmp_path)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
        try:
            with pytest.raises(StorageError, match="could not be written: File too large; the previous"):
                store.upsert(BTC, change(FRAME, 300, volume=1.5))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, handler)
        assert state(tmp_path) == before
        assert not list(tmp_path.rglob("*.tmp"))
        assert store.read(BTC).equals(FRAME)

    def test_disk_that_fills_up_between_two_files_keeps_both_readable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        store = ParquetBars(tmp_path)
        store.upsert(BTC, FRAME)
        written: list[Path] = []

        def second_fails(path: Path, content: bytes, *, durable_name: bool = True) -> None:
            if written:
                raise StorageError("no space left on device")
            written.append(path)
            files.write_atomically(path, content, durable_name=durable_name)

        monkeypatch.setattr(bars_file, "write_atomically", second_fails)
        revised = FRAME.with_columns(volume=pl.lit(1.5))
        with pytest.raises(StorageError):
            store.upsert(BTC, revised)
        now = store.read(BTC)
        assert len(now) == 400
        assert now["volume"].to_list() == [1.5] * 200 + FRAME["volume"].to_list()[200:]
        monkeypatch.undo()
        assert store.upsert(BTC, revised).revised == 200
        assert store.read(BTC).equals(revised)

    def test_folder_that_cannot_be_made_is_named(self, tmp_path: Path):
        (tmp_path / "home").write_text("a file in the way")
        with pytest.raises(StorageError, match=r"cannot be written.*set VIGIE_HOME"):
            ParquetBars(tmp_path / "home").upsert(BTC, FRAME)


@POSIX
def test_killed_between_two_files_nothing_is_lost_and_the_next_import_finishes(tmp_path: Path):
    store = ParquetBars(tmp_path)
    store.upsert(BTC, FRAME[:300])
    FRAME.write_parquet(tmp_path / "in.parquet")
    script = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        import polars as pl
        from vigie.adapters.stores.parquet.bars import ParquetBars
        from vigie.domain.ids import SeriesId
        root = Path(sys.argv[1])
        real, calls = os.replace, []
        def replace(source, target):
            calls.append(target)
            if len(calls) == 2:
                os.kill(os.getpid(), signal.SIGKILL)  # the second file lies aside, not yet renamed
            real(source, target)
        os.replace = replace
        series = SeriesId("binance-perp", "btc-usdt-perp", "1h")
        frame = pl.read_parquet(root / "in.parquet").with_columns(volume=pl.lit(2.5))
        ParquetBars(root).upsert(series, frame)
        """
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, env=os.environ)
    assert done.returncode == -signal.SIGKILL
    now = store.read(BTC)
    assert len(now) == 300
    assert now["volume"].to_list() == [2.5] * 200 + FRAME["volume"].to_list()[200:300]
    wanted = FRAME.with_columns(volume=pl.lit(2.5))
    store.upsert(BTC, wanted)
    assert store.read(BTC).equals(wanted)
    assert not list(tmp_path.rglob("*.tmp"))


def test_two_importers_at_once_lose_nothing(tmp_path: Path):
    FRAME.write_parquet(tmp_path / "in.parquet")
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        import polars as pl
        from vigie.adapters.stores.parquet.bars import ParquetBars
        from vigie.domain.ids import SeriesId
        root, half = Path(sys.argv[1]), int(sys.argv[2])
        frame = pl.read_parquet(root / "in.parquet").gather_every(2, half)
        store = ParquetBars(root)
        series = SeriesId("binance-perp", "btc-usdt-perp", "1h")
        for start in range(0, len(frame), 5):
            store.upsert(series, frame[start : start + 5])
        """
    )
    importers = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), half], env=os.environ) for half in "01"
    ]
    assert [importer.wait(timeout=60) for importer in importers] == [0, 0]
    assert ParquetBars(tmp_path).read(BTC).equals(FRAME)


def test_bookmarks_join_where_they_touch(tmp_path: Path):
    marks = JsonBookmarks(tmp_path)
    assert marks.empty(BTC) == []
    marks.mark_empty(BTC, [(50, 60), (10, 20)])
    marks.mark_empty(BTC, [(20, 30), (55, 70)])
    assert marks.empty(BTC) == [(10, 30), (50, 70)]
    assert merge_spans([(1, 9), (2, 3)]) == [(1, 9)]


def test_damaged_bookmarks_are_named_with_the_cure(tmp_path: Path):
    marks = JsonBookmarks(tmp_path)
    marks.mark_empty(BTC, [(1, 2)])
    [path] = tmp_path.rglob("*.json")
    path.write_text("{")
    with pytest.raises(StorageError, match=r"cannot be read.*delete it and fetch again"):
        marks.empty(BTC)
