import polars as pl
import pytest

from tests.unit.sandbox.world.hands import HOUR_MS, OPENED_MS, ask, small_world
from vigie.domain.errors import DataError
from vigie_sandbox.world.history import write_history_in_fork


def test_the_past_in_files_is_the_past_that_is_served(tmp_path):
    world = small_world(flawless=False, quiet=True)
    write_history_in_fork(world, "bitget", tmp_path / "inbox")
    names = {path.name for path in (tmp_path / "inbox").iterdir()}
    # Three timeframes of 39 perpetuals, and minutes of the watched ones; Tether has no perpetual.
    assert len(names) == 3 * 39 + 12
    bars = pl.read_parquet(tmp_path / "inbox" / "AVAXUSDT-1h.parquet")
    asked = {"symbol": "AVAXUSDT", "granularity": "1H", "productType": "USDT-FUTURES"}
    rows = ask(world, "bitget", "/api/v2/mix/market/history-candles", limit=200, **asked)["data"]
    newest = bars.tail(200)
    assert newest["timestamp"].dt.epoch("ms").to_list() == [int(row[0]) for row in rows]
    assert newest["close"].to_list() == [float(row[4]) for row in rows]
    assert newest["volume"].to_list() == [float(row[5]) for row in rows]
    assert newest["timestamp"].dt.epoch("ms")[-1] == OPENED_MS - HOUR_MS
    gap = world.flaws.gap
    assert not bars["timestamp"].dt.epoch("ms").is_between(gap.start_ms, gap.end_ms - 1).any()


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path):
    (tmp_path / "inbox").write_text("a file")
    with pytest.raises((DataError, FileExistsError)):
        write_history_in_fork(small_world(), "bitget", tmp_path / "inbox")
