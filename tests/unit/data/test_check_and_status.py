from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.unit.data.material import NOW, START, change, drop, make_desk, make_frame
from vigie.adapters.stores.parquet import bars as bars_module
from vigie.data.quality import BarFindings
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.services.data import check_bars, export_bars
from vigie.services.stored_series import series_statuses

HOUR = 3_600_000
BTC = SeriesId("binance-perp", "btc-usdt-perp", "1h")
ETH = SeriesId("bitget-perp", "eth-usdt-perp", "4h")


@pytest.fixture
def desk(tmp_path: Path):
    desk = make_desk(tmp_path / "home")
    desk.bars.upsert(BTC, drop(make_frame(96), 5, 6, 20))
    desk.bars.upsert(ETH, make_frame(80, timeframe="4h"))
    return desk


def test_status_says_span_bars_gaps_age_and_size(desk):
    first, second = series_statuses(desk)
    assert (first.series, first.bars, first.gaps, first.missing) == (BTC, 93, 2, 3)
    assert (first.first_ms, first.last_ms) == (START, START + 95 * HOUR)
    assert first.age_ms == NOW - START - 96 * HOUR
    assert first.size_bytes == sum(
        file.stat().st_size for file in (desk.bars.root / "binance-perp").rglob("*.parquet")
    )
    assert second.series == ETH


def test_status_reads_no_bars_and_deep_reads_all(desk, monkeypatch):
    shallow = series_statuses(desk)
    assert series_statuses(desk, is_deep=True) == shallow
    monkeypatch.setattr(bars_module, "load_bars", lambda path: pytest.fail(f"{path} was read"))
    assert series_statuses(desk) == shallow


def test_status_of_files_of_earlier_versions_reads_them(desk):
    before = series_statuses(desk)
    for holding in desk.bars.holdings():
        for file in holding.files:
            pl.read_parquet(file).write_parquet(file)
    assert [replace(one, size_bytes=0) for one in series_statuses(desk)] == [
        replace(one, size_bytes=0) for one in before
    ]


@pytest.mark.parametrize("content", [b"", b"damaged", b"PAR1 cut off", b"PAR1" + bytes(40) + b"PAR1"])
def test_status_survives_a_file_that_cannot_be_read_and_names_it(desk, content):
    desk.bars.upsert(BTC, make_frame(24, start=START - 24 * HOUR))
    path = Path(desk.bars.holdings()[0].files[1])
    path.write_bytes(content)
    for is_deep in (False, True):
        first, second = series_statuses(desk, is_deep=is_deep)
        assert (first.bars, first.first_ms, first.last_ms) == (24, START - 24 * HOUR, START - HOUR)
        assert [fault.split(" cannot be read")[0] for fault in first.unreadable] == [str(path)]
        assert second.bars == 80
    Path(desk.bars.holdings()[0].files[0]).write_bytes(content)
    nothing = series_statuses(desk)[0]
    assert (nothing.bars, nothing.first_ms, nothing.age_ms, nothing.files) == (0, None, None, 2)
    assert len(nothing.unreadable) == 2


def test_deep_finds_what_a_summary_cannot_know(desk):
    path = Path(desk.bars.holdings()[0].files[0])
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(len(whole) // 2) + whole[4 + len(whole) // 2 :])
    assert series_statuses(desk)[0].unreadable == ()
    assert series_statuses(desk, is_deep=True)[0].unreadable[0].startswith(str(path))


def test_selection_by_venue_symbol_and_timeframe(desk):
    assert [one.series for one in series_statuses(desk, symbols=["ETHUSDT"])] == [ETH]
    assert [one.series for one in series_statuses(desk, venue="binance-perp")] == [BTC]
    assert [one.series for one in series_statuses(desk, timeframe="4h")] == [ETH]
    with pytest.raises(UsageError, match="no stored bars match"):
        series_statuses(desk, venue="binance-perp", symbols=["ETH"])


def test_empty_home_has_no_status(tmp_path: Path):
    assert series_statuses(make_desk(tmp_path)) == []


def test_check_of_sound_bars_reports_findings_only(desk):
    result = check_bars(desk)
    assert result.is_sound
    assert result.has_findings
    assert result.series[0].findings == BarFindings(gaps=2, missing=3, longest_gap=2)
    assert result.series[0].gaps[0] == (START + 5 * HOUR, START + 7 * HOUR)


def test_check_finds_what_somebody_broke_in_the_files(desk):
    path = Path(desk.bars.holdings()[0].files[0])
    frame = change(pl.read_parquet(path), 3, high=1.0)
    pl.concat([frame, frame[10:11]]).write_parquet(path)
    result = check_bars(desk, symbols=["BTC"])
    one = result.series[0]
    assert not result.is_sound
    assert (one.reasons, one.duplicates, one.was_unsorted) == ({"high is below low": 1}, 1, True)
    assert (one.bad[0].ts_ms, one.bad[0].reason) == (START + 3 * HOUR, "high is below low")


def test_check_names_an_unfinished_last_bar(tmp_path: Path):
    desk = make_desk(tmp_path, now=START + 47 * HOUR + 1)
    desk.bars.upsert(BTC, make_frame(48))
    assert check_bars(desk).series[0].reasons == {"unfinished": 1}


@pytest.mark.parametrize("damaged", [0, 1], ids=["a period", "a tail"])
def test_check_goes_on_after_a_file_that_cannot_be_read(desk, damaged: int):
    if damaged:
        desk.bars.upsert(ETH, make_frame(81, timeframe="4h")[80:])
    Path(desk.bars.holdings()[damaged].files[-1]).write_bytes(b"damaged")
    result = check_bars(desk)
    assert not result.is_sound
    assert "cannot be read" in result.series[damaged].problem
    assert result.series[1 - damaged].is_sound


class TestExport:
    @pytest.mark.parametrize("form", ["csv", "parquet"])
    def test_exported_bars_import_the_same(self, desk, tmp_path: Path, form: str):
        from vigie.services.data import import_bars

        out = tmp_path / "binance-perp"
        [one] = export_bars(desk, out, venue="binance-perp", form=form)
        assert Path(one.path) == out / f"BTCUSDT_1h.{form}"
        again = make_desk(tmp_path / "other")
        import_bars(again, [out])
        assert again.bars.read(BTC).equals(desk.bars.read(BTC))

    def test_csv_has_iso_times(self, desk, tmp_path: Path):
        [one] = export_bars(desk, tmp_path, venue="binance-perp")
        head = Path(one.path).read_text().splitlines()[:2]
        assert head[0] == "timestamp,open,high,low,close,volume"
        assert head[1].startswith("2024-01-01T00:00:00Z,100.0,")

    def test_other_timeframe_is_resampled_and_span_is_cut(self, desk, tmp_path: Path):
        [one] = export_bars(desk, tmp_path, symbols=["ETH"], timeframe="1d", end_ms=START + 72 * HOUR)
        assert (Path(one.path).name, one.bars) == ("ETHUSDT_1d.csv", 3)

    def test_several_venues_get_a_folder_each(self, desk, tmp_path: Path):
        paths = {Path(one.path).relative_to(tmp_path) for one in export_bars(desk, tmp_path)}
        assert paths == {Path("binance-perp/BTCUSDT_1h.csv"), Path("bitget-perp/ETHUSDT_4h.csv")}

    def test_unknown_format_is_refused(self, desk, tmp_path: Path):
        with pytest.raises(UsageError, match="format must be one of csv parquet, was 'xls'"):
            export_bars(desk, tmp_path, form="xls")
