"""Imports are undone: only what they wrote, only once, whatever came between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event, Thread, current_thread

import pytest

from tests.unit.data.material import change, make_desk, make_frame
from vigie.adapters.stores import files
from vigie.adapters.stores.files import lock_folder, remove_folder
from vigie.adapters.stores.parquet import bars as bars_file
from vigie.data.importer import import_files
from vigie.data.undoing import undo_import
from vigie.domain.errors import StorageError, UsageError
from vigie.domain.ids import SeriesId
from vigie.ports.receipts import KEPT

FRAME = make_frame(48)
BTC = SeriesId("binance-perp", "btc-usdt-perp", "1h")
ETH = SeriesId("binance-perp", "eth-usdt-perp", "1h")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "binance-perp"
    path.mkdir()
    return path


@pytest.fixture
def desk(tmp_path: Path):
    return make_desk(tmp_path / "home")


@pytest.fixture
def bring(desk, folder: Path):
    def call(frame, symbol: str = "BTC") -> str | None:
        source = folder / f"{symbol}USDT-1h.parquet"
        frame.write_parquet(source)
        return import_files(desk, [source]).receipt

    return call


def counts(done) -> tuple[int, int, int, int]:
    return done.total.removed, done.total.restored, done.total.changed_since, done.total.as_before


def test_bars_that_were_added_go_and_can_be_imported_again(desk, bring, tmp_path: Path):
    first = bring(FRAME)
    done = undo_import(desk)
    assert (done.receipt, counts(done)) == (first, (48, 0, 0, 0))
    assert (desk.bars.series(), list((tmp_path / "home" / "bars").iterdir())) == ([], [])
    second = bring(FRAME)
    assert second not in (first, None)
    assert desk.bars.read(BTC).equals(FRAME)


def test_bars_that_were_replaced_come_back(desk, bring):
    bring(FRAME)
    bring(change(FRAME, 5, volume=1.25))
    assert counts(undo_import(desk)) == (0, 1, 0, 0)
    assert desk.bars.read(BTC).equals(FRAME)


def test_what_was_added_and_replaced_in_two_series_is_undone_together(desk, folder: Path):
    for symbol in ("BTC", "ETH"):
        FRAME[:40].write_parquet(folder / f"{symbol}USDT-1h.parquet")
    import_files(desk, [folder])
    for symbol in ("BTC", "ETH"):
        change(FRAME, 3, volume=1.0).write_parquet(folder / f"{symbol}USDT-1h.parquet")
    import_files(desk, [folder])
    newest = desk.receipts.list_receipts()[0]
    assert (set(newest.series), newest.added, newest.revised) == ({BTC, ETH}, 16, 2)
    done = undo_import(desk, newest.id)
    assert counts(done) == (16, 2, 0, 0)
    assert [len(desk.bars.read(one)) for one in (BTC, ETH)] == [40, 40]
    assert desk.bars.read(ETH).equals(FRAME[:40])


def test_what_was_written_anew_since_stays_and_is_counted(desk, bring):
    first = bring(FRAME)
    bring(change(FRAME, 9, volume=7.0))
    assert counts(undo_import(desk, first)) == (47, 0, 1, 0)
    assert desk.bars.read(BTC).equals(change(FRAME, 9, volume=7.0)[9:10])


def test_undoing_twice_changes_nothing_also_after_another_import(desk, bring):
    first = bring(FRAME)
    undo_import(desk)
    assert counts(undo_import(desk)) == (0, 0, 0, 0)
    bring(FRAME)
    again = undo_import(desk, first)
    assert (again.was_undone, again.series) == (True, ())
    assert desk.bars.read(BTC).equals(FRAME)


def test_a_dry_run_says_what_would_go_and_writes_nothing(desk, bring):
    bring(FRAME)
    assert counts(undo_import(desk, dry_run=True)) == (48, 0, 0, 0)
    assert desk.bars.read(BTC).equals(FRAME)
    assert desk.receipts.list_receipts()[0].undone_ms is None


def test_killed_between_receipt_and_bars_nothing_is_lost(desk, bring, monkeypatch):
    bring(FRAME[:40])

    def fail(*_args: object, **_settings: object) -> None:
        raise StorageError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(bars_file, "write_atomically", fail)
        with pytest.raises(StorageError):
            bring(change(FRAME, 3, volume=1.0))
    newest = desk.receipts.list_receipts()[0]
    assert (newest.added, newest.revised) == (8, 1)
    assert counts(undo_import(desk)) == (0, 0, 0, 9)
    assert desk.bars.read(BTC).equals(FRAME[:40])


def test_where_the_receipt_cannot_be_written_no_bar_is(desk, folder: Path):
    class Full:
        def begin(self, ts_ms: int) -> str:
            raise StorageError("the disk is full")

    FRAME.write_parquet(folder / "BTCUSDT-1h.parquet")
    with pytest.raises(StorageError):
        import_files(replace(desk, receipts=Full()), [folder])
    assert desk.bars.holdings() == []


def test_killed_while_undoing_the_rest_is_undone_the_next_time(desk, folder: Path):
    class Killed:
        def __init__(self) -> None:
            self.calls = 0

        def revert(self, *args: object, **settings: object) -> object:
            self.calls += 1
            if self.calls > 1:
                raise StorageError("killed")
            return desk.bars.revert(*args, **settings)

    for symbol in ("BTC", "ETH"):
        FRAME.write_parquet(folder / f"{symbol}USDT-1h.parquet")
    import_files(desk, [folder])
    with pytest.raises(StorageError):
        undo_import(replace(desk, bars=Killed()))
    assert len(desk.bars.series()) == 1
    assert counts(undo_import(desk)) == (48, 0, 0, 48)
    assert desk.bars.series() == []


def test_an_import_that_changes_nothing_leaves_no_receipt(desk, bring):
    bring(FRAME)
    assert bring(FRAME) is None
    assert len(desk.receipts.list_receipts()) == 1


def test_the_newest_receipts_stay_also_where_the_clock_goes_back(desk):
    change_ = FRAME.rename({name: f"former_{name}" for name in FRAME.columns[1:]}).join(FRAME, on="timestamp")
    ids = []
    for number in range(KEPT + 3):
        ids.append(desk.receipts.begin(1_000 - number))
        desk.receipts.keep(ids[-1], BTC, change_)
    assert [one.id for one in desk.receipts.list_receipts()] == list(reversed(ids[-KEPT:]))


def test_an_import_that_is_not_known_is_told_with_those_that_are(desk, bring):
    with pytest.raises(UsageError, match="there is no import to undo: none has changed a bar"):
        undo_import(desk)
    known = bring(FRAME)
    with pytest.raises(UsageError, match=f"import must be one of {known}, was 'i7'"):
        undo_import(desk, "i7")


def test_a_receipt_that_cannot_be_read_says_which(desk, bring):
    receipt = bring(FRAME)
    [path] = (desk.receipts.root / receipt).glob("*.parquet")
    path.write_bytes(b"no Parquet")
    with pytest.raises(StorageError, match=r"cannot be read .* cannot be undone"):
        undo_import(desk)
    assert desk.bars.read(BTC).equals(FRAME)


@pytest.mark.skipif(files.sys.platform == "win32", reason="open files cannot be removed there")
def test_who_waits_for_the_lock_of_a_folder_that_goes_gets_one_of_a_folder_that_is_there(
    tmp_path, monkeypatch
):
    place, holds, waits = tmp_path / "a" / "b", Event(), Event()
    wait_for, tries = files.acquire, []

    def hold() -> None:
        with lock_folder(place):
            holds.set()
            waits.wait(60)
            remove_folder(place, above=1)

    def wait(file: object) -> None:
        if current_thread() is not holder:
            tries.append(file)
            waits.set()
        wait_for(file)

    monkeypatch.setattr(files, "acquire", wait)
    holder = Thread(target=hold)
    holder.start()
    assert holds.wait(60)
    with lock_folder(place):
        assert (place / ".lock").exists()
    holder.join()
    assert len(tries) == 2
