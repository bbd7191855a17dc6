from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.shared import shared_dir
from tests.unit.data.material import NOW, START, make_frame
from vigie.data.funding import read_funding, read_marks
from vigie.domain.errors import DataError, UsageError

HOUR = 3_600_000


def test_settlements_by_instrument_floored_to_the_minute(tmp_path: Path):
    path = tmp_path / "funding.csv"
    path.write_text(
        "timestamp,symbol,funding_rate\n"
        "2024-01-01T08:00:00.007Z,ETHUSDT,-0.0002\n"
        "2024-01-01T08:00:00.012Z,BTCUSDT,0.0002\n"
        "2024-01-01T00:00:00Z,BTCUSDT,0.0001\n"
    )
    found = read_funding(path)
    assert found["btc-usdt-perp"].ts.tolist() == [START, START + 8 * HOUR]
    assert found["btc-usdt-perp"].rate.tolist() == [1e-4, 2e-4]
    assert found["eth-usdt-perp"].rate.tolist() == [-2e-4]


def test_venue_spellings_and_files_of_one_symbol(tmp_path: Path):
    path = tmp_path / "BTCUSDT-fundingRate-2024-01.csv"
    path.write_text(f"calc_time,funding_interval_hours,last_funding_rate\n{START},8,0.0001\n")
    assert list(read_funding(path)) == ["btc-usdt-perp"]


def test_repeated_settlement_counts_once_and_a_contradiction_is_refused(tmp_path: Path):
    path = tmp_path / "funding.csv"
    path.write_text(f"timestamp,symbol,funding_rate\n{START},BTCUSDT,0.0001\n{START},BTCUSDT,0.0001\n")
    assert len(read_funding(path)["btc-usdt-perp"].ts) == 1
    path.write_text(f"timestamp,symbol,funding_rate\n{START},BTCUSDT,0.0001\n{START + 5},BTCUSDT,0.0002\n")
    with pytest.raises(DataError, match="two funding rates for one settlement of btc-usdt-perp"):
        read_funding(path)


def test_an_instrument_that_is_spelt_in_two_ways_keeps_all_its_settlements(tmp_path: Path):
    path = tmp_path / "funding.csv"
    rows = [f"{START},BTCUSDT,0.0001", f"{START + 8 * HOUR},btc-usdt-perp,0.0002", f"{START},ETHUSDT,0.0003"]
    path.write_text("\n".join(["timestamp,symbol,funding_rate", *rows]))
    found = read_funding(path)
    assert found["btc-usdt-perp"].rate.tolist() == [1e-4, 2e-4]
    assert found["eth-usdt-perp"].rate.tolist() == [3e-4]
    path.write_text("\n".join(["timestamp,symbol,funding_rate", *rows, f"{START},btc-usdt-perp,0.5"]))
    with pytest.raises(DataError, match="two funding rates for one settlement of btc-usdt-perp"):
        read_funding(path)


@pytest.mark.parametrize("rate", ["1", "-2.5"])
def test_a_rate_that_is_more_than_the_position_is_no_fraction(tmp_path: Path, rate: str):
    path = tmp_path / "funding.csv"
    path.write_text(f"timestamp,symbol,funding_rate\n{START},BTCUSDT,{rate}\n")
    with pytest.raises(DataError, match=rf"in \(-1, 1\), was {rate}"):
        read_funding(path)


def test_what_cannot_be_read_is_refused(tmp_path: Path):
    path = tmp_path / "funding.csv"
    with pytest.raises(UsageError, match="file not found"):
        read_funding(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="columns must be timestamp, symbol, funding_rate, were a, b"):
        read_funding(path)
    path.write_text(f"timestamp,symbol,funding_rate\n{START},BTCUSDT,much\n")
    with pytest.raises(DataError, match="time or rate cannot be read in"):
        read_funding(path)
    parquet = tmp_path / "funding.parquet"
    parquet.write_bytes(b"nothing")
    with pytest.raises(DataError, match="not a readable Parquet"):
        read_funding(parquet)


def test_marks_need_no_volume(tmp_path: Path):
    path = tmp_path / "mark-BTCUSDT-1h.parquet"
    make_frame(10).drop("volume").write_parquet(path)
    marks = read_marks(path, now_ms=NOW)
    assert (marks.instrument, marks.timeframe, len(marks)) == ("btc-usdt-perp", "1h", 10)
    assert marks.volume.tolist() == [0.0] * 10


def test_bad_mark_refuses_the_file(tmp_path: Path):
    path = tmp_path / "mark-BTCUSDT-1h.parquet"
    make_frame(10).drop("volume").with_columns(high=pl.lit(1.0)).write_parquet(path)
    with pytest.raises(DataError, match="row 1: high is below low"):
        read_marks(path, now_ms=NOW)


@pytest.mark.shared
def test_real_funding_and_marks():
    folder = shared_dir("data", "derivatives")
    found = read_funding(folder / "funding-binance-usdtm.parquet")
    assert len(found["btc-usdt-perp"].ts) == 6_914
    assert sum(len(one.ts) for one in found.values()) == 37_237
    assert all((one.ts % 60_000 == 0).all() for one in found.values())
    assert len(read_marks(folder / "mark-BTCUSDT-1h.parquet", now_ms=1_790_000_000_000)) == 52_813
