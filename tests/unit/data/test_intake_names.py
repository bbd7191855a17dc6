from __future__ import annotations

from pathlib import Path

import pytest

from vigie.data.intake.names import BarFileName, read_name, read_timeframe
from vigie.domain.errors import UsageError


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("binance-perp/BTCUSDT-1h.parquet", BarFileName("binance-perp", "btc-usdt-perp", "1h")),
        ("binance-spot/BTCUSDT_1d.csv", BarFileName("binance-spot", "btc-usdt-spot", "1d")),
        ("bitget-perp/BTC_USDT-1h.feather", BarFileName("bitget-perp", "btc-usdt-perp", "1h")),
        ("bitget-perp/BTC_USDT_USDT-1h-futures.feather", BarFileName("bitget-perp", "btc-usdt-perp", "1h")),
        ("other-perp/BTC-PERP-1m.parquet", BarFileName("other-perp", "btc-usd-perp", "1m")),
        ("binance-perp/BTCUSDT-1m-2023-05.zip", BarFileName("binance-perp", "btc-usdt-perp", "1m")),
        ("binance-perp/Binance_ETHUSDT_d.csv", BarFileName("binance-perp", "eth-usdt-perp", "1d")),
        ("binance-perp/SOLUSDT-60m.json.gz", BarFileName("binance-perp", "sol-usdt-perp", "1h")),
        ("binance-perp/1000PEPEUSDT-4H.csv", BarFileName("binance-perp", "1000pepe-usdt-perp", "4h")),
        ("binance-perp/BTCUSDT_PERP-1h.csv", BarFileName("binance-perp", "btc-usdt-perp", "1h")),
        ("binance-perp/BUSD_USDT-1h.csv", BarFileName("binance-perp", "busd-usdt-perp", "1h")),
        ("binance-perp/BTC_FDUSD-1h.csv", BarFileName("binance-perp", "btc-fdusd-perp", "1h")),
        ("binance-spot/ETH_BUSD-1h.csv", BarFileName("binance-spot", "eth-busd-spot", "1h")),
        ("binance-perp/XRPUSDT.csv", BarFileName("binance-perp", "xrp-usdt-perp", "")),
    ],
)
def test_names_in_use_are_understood(path: str, expected: BarFileName):
    assert read_name(Path(path)) == expected


def test_options_win_over_the_name():
    named = read_name(Path("x/ETHUSDT-1h.csv"), venue="bitget-perp", symbol="BTC", timeframe="4h")
    assert named == BarFileName("bitget-perp", "btc-usdt-perp", "4h")


def test_relative_path_takes_the_working_folder_as_venue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "bitget-perp"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert read_name(Path("BTCUSDT-1h.csv")).venue == "bitget-perp"


def test_folder_that_is_no_venue_is_refused_with_the_cure():
    with pytest.raises(UsageError, match=r"'downloads'.*pass --venue"):
        read_name(Path("downloads/BTCUSDT-1h.csv"))


def test_folder_may_be_anything_where_no_venue_is_needed():
    named = read_name(Path("downloads/BTCUSDT-1h.csv"), needs_venue=False)
    assert named == BarFileName("", "btc-usdt-perp", "1h")


def test_name_without_symbol_is_refused_with_the_cure():
    with pytest.raises(UsageError, match="is unknown; pass --symbol BTCUSDT or name the file"):
        read_name(Path("binance-perp/candles.csv"))


@pytest.mark.parametrize(
    "name",
    [
        "BTCUSDT-2024",
        "BTCUSDT-2024-1h",
        "BTCUSDT-60",
        "BTCUSDT_240628",
        "BTC-2024",
        "BTCUSDT-data",
        "BTC_FDUSD_PERP",
        "BTCUSDT-1M",
    ],
)
def test_a_year_a_date_or_a_word_is_no_currency(name: str):
    with pytest.raises(UsageError, match=rf"symbol of {name}\.csv is unknown; pass --symbol BTCUSDT"):
        read_name(Path(f"binance-perp/{name}.csv"))
    assert read_name(Path(f"binance-perp/{name}.csv"), symbol="BTCUSDT").instrument == "btc-usdt-perp"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("mark-BTCUSDT-1h.parquet", "mark prices"), ("BTC_USDT_USDT-8h-funding_rate.feather", "funding rates")],
)
def test_other_series_are_not_taken_for_bars(name: str, kind: str):
    with pytest.raises(UsageError, match=kind):
        read_name(Path("binance-perp") / name)


def test_timeframe_we_do_not_keep_is_refused_by_name():
    with pytest.raises(UsageError, match=r"timeframe must be one of .*, was '3m'"):
        read_name(Path("binance-perp/BTCUSDT-3m.csv"))


@pytest.mark.parametrize(
    ("word", "expected"), [("1M", None), ("usdt", None), ("240m", "4h"), ("1min", "1m"), ("1D", "1d")]
)
def test_timeframe_words(word: str, expected: str | None):
    assert read_timeframe(word) == expected
