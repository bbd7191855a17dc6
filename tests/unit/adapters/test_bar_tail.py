"""The tail of a series where it meets the disk: torn and damaged records, full disks, kills, old homes, readers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import polars as pl
import pytest

from tests.unit.data.material import START, change, make_frame
from vigie.adapters.stores.parquet.bars import MAX_APPENDED, ParquetBars
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and limits")

HOUR = 3_600_000
BTC = SeriesId("binance-perp", "btc-usdt-perp", "1h")
MINUTES = SeriesId("binance-perp", "btc-usdt-perp", "1m")
FRAME = make_frame(3_000, timeframe="1m")


def one_by_one(store: ParquetBars, series: SeriesId, frame: pl.DataFrame) -> None:
    for at in range(len(frame)):
        store.upsert(series, frame[at : at + 1])


def folder_of(root: Path, series: SeriesId) -> Path:
    return root / series.venue / series.instrument / series.timeframe


def names(root: Path, series: SeriesId) -> list[str]:
    return sorted(file.name for file in folder_of(root, series).iterdir() if file.name != ".lock")


def test_bars_one_by_one_are_appended_and_sealed_daily(tmp_path: Path):
    store = ParquetBars(tmp_path)
    one_by_one(store, MINUTES, FRAME[:1_500])
    assert names(tmp_path, MINUTES) == ["recent.parquet", "tail.bars"]
    sealed = pl.read_parquet(folder_of(tmp_path, MINUTES) / "recent.parquet")
    assert 1_500 - 1_440 <= len(sealed) < 1_440
    assert store.read(MINUTES).equals(FRAME[:1_500])


def test_recent_bars_move_into_the_files_of_their_periods(tmp_path: Path):
    store, hours = ParquetBars(tmp_path), make_frame(1_500, start=START - 40 * 24 * HOUR)
    one_by_one(store, BTC, hours)
    assert names(tmp_path, BTC) == ["2023.parquet", "2024.parquet", "recent.parquet", "tail.bars"]
    assert store.read(BTC).equals(hours)
    for file in ("2023.parquet", "2024.parquet", "recent.parquet"):
        held = pl.read_parquet(folder_of(tmp_path, BTC) / file)
        assert held.equals(
            hours.filter(pl.col("timestamp").is_between(held["timestamp"][0], held["timestamp"][-1]))
        )


def test_a_tail_is_sealed_on_demand_when_it_is_old_enough(tmp_path: Path):
    store = ParquetBars(tmp_path)
    one_by_one(store, MINUTES, FRAME[:10])
    assert not store.seal(MINUTES, START)
    assert names(tmp_path, MINUTES) == ["tail.bars"]
    assert store.seal(MINUTES, START + 1)
    assert pl.read_parquet(folder_of(tmp_path, MINUTES) / "recent.parquet").equals(FRAME[:10])
    assert not store.seal(MINUTES, START + 1)
    one_by_one(store, MINUTES, FRAME[10:20])
    assert store.read(MINUTES).equals(FRAME[:20])
    assert not store.seal(BTC, START)


def test_the_newest_bar_told_again_is_one_record_more(tmp_path: Path):
    store = ParquetBars(tmp_path)
    one_by_one(store, MINUTES, FRAME[:10])
    tail = folder_of(tmp_path, MINUTES) / "tail.bars"
    inode, size = tail.stat().st_ino, tail.stat().st_size
    told = store.upsert(MINUTES, change(FRAME, 9, volume=1.5)[9:11])
    assert (told.added, told.revised, told.replaced.rows()) == (1, 1, FRAME[9:10].rows())
    assert (tail.stat().st_ino, tail.stat().st_size) == (inode, size + 128)
    assert store.read(MINUTES).equals(change(FRAME, 9, volume=1.5)[:11])
    assert store.upsert(MINUTES, FRAME[10:11]).files == ()


def test_series_are_sealed_at_different_times(tmp_path: Path):
    store, bar = ParquetBars(tmp_path), make_frame(1_441, timeframe="5m")
    sealed_at: list[int] = []
    for coin in ("btc", "eth", "sol", "xrp"):
        series = SeriesId("binance-perp", f"{coin}-usdt-perp", "5m")
        for at in range(289):
            store.upsert(series, bar[at : at + 1])
            if "recent.parquet" in names(tmp_path, series):
                sealed_at.append(at)
                break
    assert len(set(sealed_at)) == 4


def test_an_append_writes_nothing_but_its_record(tmp_path: Path):
    store = ParquetBars(tmp_path)
    store.upsert(MINUTES, FRAME[:2_000])
    one_by_one(store, MINUTES, FRAME[2_000:2_003])
    folder = folder_of(tmp_path, MINUTES)
    before = {file.name: (file.stat().st_ino, file.read_bytes()) for file in folder.iterdir()}
    store.upsert(MINUTES, FRAME[2_003:2_004])
    for name, (inode, content) in before.items():
        file = folder / name
        assert file.stat().st_ino == inode
        assert file.read_bytes()[: len(content)] == content
        assert file.stat().st_size - len(content) == (64 if name == "tail.bars" else 0)


@pytest.mark.parametrize("cut", [1, 63, 64, 65, 127])
@pytest.mark.parametrize("fill", [b"", b"\0"], ids=["short", "zeros"])
def test_an_append_that_was_cut_is_not_read_and_the_next_takes_its_place(
    tmp_path: Path, cut: int, fill: bytes
):
    store = ParquetBars(tmp_path)
    one_by_one(store, MINUTES, FRAME[:100])
    tail = folder_of(tmp_path, MINUTES) / "tail.bars"
    content = tail.read_bytes()
    tail.write_bytes(content[:-cut] + fill * cut)
    left = 100 - -(-cut // 64)
    assert ParquetBars(tmp_path).read(MINUTES).equals(FRAME[:left])
    one_by_one(store, MINUTES, FRAME[left:150])
    assert store.read(MINUTES).equals(FRAME[:150])


@pytest.mark.parametrize("content", [b"", bytes(64), bytes(192)])
def test_a_new_tail_that_a_power_cut_left_empty_is_none(tmp_path: Path, content: bytes):
    store = ParquetBars(tmp_path)
    store.upsert(MINUTES, FRAME[:100])
    store.upsert(MINUTES, FRAME[100:101])
    (folder_of(tmp_path, MINUTES) / "tail.bars").write_bytes(content)
    assert store.read(MINUTES).equals(FRAME[:100])
    assert len(store.holdings()[0].files) == 1
    one_by_one(store, MINUTES, FRAME[100:110])
    assert store.read(MINUTES).equals(FRAME[:110])


@pytest.mark.parametrize(
    ("at", "why"), [(70, "damaged at byte 64"), (20, "header is damaged"), (0, "no tail of bars")]
)
def test_a_damaged_tail_is_named_with_the_cure(tmp_path: Path, at: int, why: str):
    store = ParquetBars(tmp_path)
    one_by_one(store, MINUTES, FRAME[:200])
    tail = folder_of(tmp_path, MINUTES) / "tail.bars"
    content = bytearray(tail.read_bytes())
    content[at] ^= 1
    tail.write_bytes(content)
    with pytest.raises(StorageError, match=rf"tail\.bars cannot be read \(.*{why}.*move it away"):
        store.read(MINUTES)


@POSIX
def test_on_a_full_disk_what_was_stored_stays_and_it_goes_on_later(tmp_path: Path):
    import resource

    store = ParquetBars(tmp_path)
    one_by_one(store, MINUTES, FRAME[:100])
    size = (folder_of(tmp_path, MINUTES) / "tail.bars").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, hard))
    try:
        with pytest.raises(StorageError, match=r"tail\.bars could not be written.*Free some space"):
            store.upsert(MINUTES, FRAME[100:103])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert store.read(MINUTES).equals(FRAME[:100])
    store.upsert(MINUTES, FRAME[100:103])
    assert store.read(MINUTES).equals(FRAME[:103])


def test_a_home_without_tails_is_read_and_goes_on(tmp_path: Path):
    folder = folder_of(tmp_path, MINUTES)
    folder.mkdir(parents=True)
    FRAME[:1_000].write_parquet(folder / "2024-01.parquet")
    store = ParquetBars(tmp_path)
    assert store.read(MINUTES).equals(FRAME[:1_000])
    assert store.upsert(MINUTES, FRAME[995:1_000]).same == 5
    seen = store.version(MINUTES)
    assert store.upsert(MINUTES, FRAME[995:1_000]).same == 5
    assert store.version(MINUTES) == seen
    one_by_one(store, MINUTES, FRAME[1_000:1_010])
    assert store.version(MINUTES) != seen
    assert store.read(MINUTES).equals(FRAME[:1_010])


def test_bars_that_another_version_put_behind_the_tail_are_read(tmp_path: Path):
    store = ParquetBars(tmp_path)
    store.upsert(MINUTES, FRAME[:1_000])
    one_by_one(store, MINUTES, FRAME[1_000:1_010])
    FRAME[:1_500].write_parquet(folder_of(tmp_path, MINUTES) / "2024-01.parquet")
    assert store.read(MINUTES).equals(FRAME[:1_500])


def test_each_append_and_each_revision_is_another_version(tmp_path: Path):
    store, seen = ParquetBars(tmp_path), set()
    store.upsert(MINUTES, FRAME[:MAX_APPENDED])
    for at in range(MAX_APPENDED, MAX_APPENDED + 20):
        store.upsert(MINUTES, FRAME[at : at + 1])
        seen.add(store.version(MINUTES))
        store.upsert(MINUTES, change(FRAME, at, volume=1.5)[at : at + 1])
        seen.add(store.version(MINUTES))
        store.upsert(MINUTES, change(FRAME, 3, volume=float(at))[3:4])
        seen.add(store.version(MINUTES))
    assert len(seen) == 60


def test_a_reader_beside_the_writer_sees_every_bar_once(tmp_path: Path):
    hours = make_frame(800)
    wrong: list[int] = []
    is_over = threading.Event()

    def read() -> None:
        mine = ParquetBars(tmp_path)
        while not is_over.is_set():
            found = mine.read(BTC)
            if not found.equals(hours[: len(found)]):
                wrong.append(len(found))

    reader = threading.Thread(target=read)
    reader.start()
    one_by_one(ParquetBars(tmp_path), BTC, hours)
    is_over.set()
    reader.join()
    assert wrong == []


@POSIX
def test_killed_while_bars_are_appended_those_that_were_stored_are_there_once(tmp_path: Path):
    hours = make_frame(4_000)
    hours.write_parquet(tmp_path / "in.parquet")
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        import polars as pl
        from vigie.adapters.stores.parquet.bars import ParquetBars
        from vigie.domain.ids import SeriesId
        root = Path(sys.argv[1])
        frame, store = pl.read_parquet(root / "in.parquet"), ParquetBars(root / "home")
        series = SeriesId("binance-perp", "btc-usdt-perp", "1h")
        for at in range(len(store.read(series)), len(frame)):
            store.upsert(series, frame[at : at + 1])
            print(at + 1, flush=True)
        """
    )
    stored = 0
    for wanted in (30, 97, 230):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=os.environ
        ) as writer:
            assert writer.stdout is not None
            for line in writer.stdout:
                stored = int(line)
                if stored >= wanted:
                    writer.kill()
                    break
            stored = max([stored, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        found = ParquetBars(tmp_path / "home").read(BTC)
        assert stored <= len(found) <= stored + 1
        assert found.equals(hours[: len(found)])
