from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import shared_dir
from tests.unit.data.material import START, change, drop, make_desk, make_frame
from vigie.data.agreement import BarDifference, comparable_pairs, compare_series
from vigie.data.importer import import_files
from vigie.data.resample import resample
from vigie.domain.ids import SeriesId
from vigie.services.data import check_bars

HOUR = 3_600_000


def of(timeframe: str) -> SeriesId:
    return SeriesId("binance-perp", "btc-usdt-perp", timeframe)


@pytest.fixture
def store(tmp_path: Path):
    store = make_desk(tmp_path).bars
    fine = make_frame(48)
    store.upsert(of("1h"), fine)
    store.upsert(of("4h"), resample(fine, source_ms=HOUR, target_ms=4 * HOUR).whole)
    return store


def test_resampled_bars_agree_with_their_source(store):
    found = compare_series(store, of("4h"), of("1h"))
    assert (found.compared, found.differing, found.partial, found.examples) == (12, 0, 0, ())


def test_bar_that_differs_is_named_with_both_values(store):
    native = change(store.read(of("4h")), 3, high=999.0)
    high = float(store.read(of("4h"))["high"][3])
    store.upsert(of("4h"), native)
    found = compare_series(store, of("4h"), of("1h"))
    assert (found.differing, found.in_price) == (1, 1)
    assert found.examples == (BarDifference(START + 12 * HOUR, "high", 999.0, high),)


def test_volume_may_differ_by_rounding_only(store):
    exact = store.read(of("4h"))
    store.upsert(of("4h"), change(exact, 3, volume=float(exact["volume"][3]) * (1 + 1e-12)))
    assert compare_series(store, of("4h"), of("1h")).differing == 0
    store.upsert(of("4h"), change(exact, 3, volume=float(exact["volume"][3]) * 1.001))
    found = compare_series(store, of("4h"), of("1h"))
    assert (found.differing, found.in_price, found.examples[0].column) == (1, 0, "volume")


def test_bars_with_missing_parts_are_counted_not_compared(tmp_path: Path):
    store = make_desk(tmp_path).bars
    fine = make_frame(48)
    store.upsert(of("1h"), drop(fine, 9))
    store.upsert(of("4h"), change(resample(fine, source_ms=HOUR, target_ms=4 * HOUR).whole, 2, high=1e6))
    found = compare_series(store, of("4h"), of("1h"))
    assert (found.compared, found.differing, found.partial) == (11, 0, 1)


def test_pairs_are_of_one_instrument_and_divide():
    other = SeriesId("binance-perp", "eth-usdt-perp", "1h")
    series = [of("1h"), of("4h"), of("6h"), other]
    assert list(comparable_pairs(series)) == [(of("4h"), of("1h")), (of("6h"), of("1h"))]


@pytest.mark.shared
def test_real_perpetual_bars_agree_across_timeframes(tmp_path: Path):
    folder = shared_dir("data", "market", "binance-perp")
    desk = make_desk(tmp_path / "home", now=1_790_000_000_000)
    files = [path for name in ("1h", "4h", "1d") for path in sorted(folder.glob(f"*-{name}.parquet"))]
    import_files(desk, files)
    result = check_bars(desk)
    assert result.is_sound
    assert len(result.agreements) == len(files)
    assert all(one.compared > 1_000 for one in result.agreements)
    assert [one for one in result.agreements if one.differing] == []


@pytest.mark.shared
def test_real_bars_that_disagree_are_found(tmp_path: Path):
    # The 5m files have five empty bars on 2025-01-14 that the hourly files do not have.
    folder = shared_dir("data", "market", "binance-perp")
    desk = make_desk(tmp_path / "home", now=1_790_000_000_000)
    import_files(desk, [folder / "BTCUSDT-5m.parquet", folder / "BTCUSDT-1h.parquet"])
    [found] = check_bars(desk).agreements
    assert (found.compared, found.differing) == (8_784, 4)
    assert found.examples[0].ts_ms == 1_736_859_600_000
