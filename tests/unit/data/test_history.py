from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.data.material import START, drop, make_bars, make_desk, make_frame
from vigie.data.frames import to_frame
from vigie.data.history import load
from vigie.data.resample import resample
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.services.bar_reading import load_bars

HOUR = 3_600_000
BTC = SeriesId("binance-perp", "btc-usdt-perp", "1h")
FRAME = make_frame(600, start=START - 300 * HOUR)  # two yearly files


@pytest.fixture
def store(tmp_path: Path):
    store = make_desk(tmp_path).bars
    store.upsert(BTC, FRAME)
    return store


def test_bars_come_back_as_writable_arrays(store):
    bars = load(store, BTC).bars
    assert to_frame(bars).equals(FRAME)
    assert (bars.instrument, bars.venue, bars.span_ms) == ("btc-usdt-perp", "binance-perp", HOUR)
    for name in ("ts", "open", "high", "low", "close", "volume"):
        array = getattr(bars, name)
        assert array.flags.c_contiguous
        assert array.flags.writeable
    assert bars.ts.dtype == np.int64


def test_span_is_half_open_and_last_counts_back_from_its_end(store):
    bars = load(store, BTC, start_ms=START, end_ms=START + 10 * HOUR).bars
    assert (bars.ts[0], bars.ts[-1], len(bars)) == (START, START + 9 * HOUR, 10)
    bars = load(store, BTC, end_ms=START + 10 * HOUR, last=20).bars
    assert (bars.ts[0], bars.ts[-1], len(bars)) == (START - 10 * HOUR, START + 9 * HOUR, 20)
    assert len(load(store, BTC, last=10_000).bars) == 600


def test_timeframe_that_is_not_stored_is_resampled_from_the_longest_that_divides_it(store):
    store.upsert(SeriesId(BTC.venue, BTC.instrument, "1m"), make_frame(50, timeframe="1m"))
    four = SeriesId(BTC.venue, BTC.instrument, "4h")
    loaded = load(store, four, last=10)
    expected = resample(FRAME, source_ms=HOUR, target_ms=4 * HOUR).whole.tail(10)
    assert loaded.native == "1h"
    assert to_frame(loaded.bars).equals(expected)


def test_partial_resampled_bars_are_left_out_and_listed(tmp_path: Path):
    store = make_desk(tmp_path).bars
    store.upsert(BTC, drop(make_frame(16), 5))
    loaded = load(store, SeriesId(BTC.venue, BTC.instrument, "4h"))
    assert loaded.bars.ts.tolist() == [START, START + 8 * HOUR, START + 12 * HOUR]
    assert loaded.partial == (START + 4 * HOUR,)


def test_nothing_stored_is_said_with_the_way_to_get_it(store):
    with pytest.raises(UsageError, match="`vigie data fetch bitget-perp BTCUSDT --timeframe 1h`"):
        load_bars(store, "bitget-perp", "BTC", "1h")
    with pytest.raises(UsageError, match=r"1m are stored \(stored: 1h\)"):
        load_bars(store, "binance-perp", "BTC", "1m")
    with pytest.raises(UsageError, match="are stored for that period"):
        load_bars(store, "binance-perp", "BTC", "1h", start_ms=START + 10_000 * HOUR)
    with pytest.raises(UsageError, match="last must be >= 1, was 0"):
        load_bars(store, "binance-perp", "BTC", "1h", last=0)


def test_every_spelling_of_an_instrument_is_understood(store):
    for spelling in ("BTC", "BTCUSDT", "btc-usdt-perp", "BTC/USDT:USDT"):
        assert len(load_bars(store, "binance-perp", spelling, "1h", last=5)) == 5


def test_venue_that_margins_in_usdc_understands_the_usual_spelling(tmp_path: Path):
    store = make_desk(tmp_path).bars
    store.upsert(SeriesId("hyperliquid-perp", "btc-usdc-perp", "1h"), make_frame(5))
    assert load_bars(store, "hyperliquid-perp", "BTCUSDT", "1h").instrument == "btc-usdc-perp"


def test_only_the_files_that_are_needed_are_read(store):
    # The oldest file is damaged: reading the newest bars never opens it.
    oldest = Path(store.holdings()[0].files[0])
    oldest.write_bytes(b"damaged")
    assert len(load(store, BTC, last=100).bars) == 100
    assert len(load(store, BTC, start_ms=START).bars) == 300


def test_bars_of_arrays_survive_the_way_through_a_frame():
    bars = make_bars(10)
    assert to_frame(bars)["close"].to_list() == bars.close.tolist()
