from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.unit.data.material import NOW, START, change, csv_of, drop, make_desk, make_frame
from vigie.data.importer import import_files, read_file
from vigie.domain.errors import DataError, UsageError
from vigie.domain.ids import SeriesId

HOUR = 3_600_000
FRAME = make_frame(48)
BTC = SeriesId("binance-perp", "btc-usdt-perp", "1h")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "binance-perp"
    path.mkdir()
    return path


@pytest.fixture
def desk(tmp_path: Path):
    return make_desk(tmp_path / "home")


def tree(home: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(file.relative_to(home)): (file.stat().st_mtime_ns, file.read_bytes())
        for file in sorted(home.rglob("*"))
        if file.is_file()
    }


def test_import_stores_what_the_file_holds(folder: Path, desk):
    FRAME.write_parquet(folder / "BTCUSDT-1h.parquet")
    report = import_files(desk, [folder])
    one = report.series[0]
    assert (one.series, one.rows, one.added, one.quarantined) == (BTC, 48, 48, 0)
    assert desk.bars.read(BTC).equals(FRAME)


def test_importing_twice_changes_no_file(folder: Path, desk, tmp_path: Path):
    (folder / "BTCUSDT-1h.csv").write_text(csv_of(change(FRAME, 7, close=-1.0)))
    import_files(desk, [folder])
    before = tree(tmp_path / "home")
    report = import_files(desk, [folder])
    assert tree(tmp_path / "home") == before
    assert (report.changed, report.series[0].same, report.series[0].files_written) == (0, 47, ())
    assert sum("quarantine" in name for name in before) == 1


def test_dry_run_says_what_would_change_and_writes_nothing(folder: Path, desk, tmp_path: Path):
    FRAME[:40].write_parquet(folder / "BTCUSDT-1h.parquet")
    import_files(desk, [folder])
    change(FRAME, 3, volume=1.0).write_parquet(folder / "BTCUSDT-1h.parquet")
    before = tree(tmp_path / "home")
    report = import_files(desk, [folder], dry_run=True)
    one = report.series[0]
    assert (one.added, one.revised, one.same, one.files_written, one.quarantine_file) == (8, 1, 39, (), None)
    assert tree(tmp_path / "home") == before


def test_bad_rows_go_to_quarantine_with_reason_source_and_row_and_the_rest_is_stored(folder: Path, desk):
    source = folder / "BTCUSDT-1h.csv"
    lines = csv_of(FRAME).splitlines()
    lines[10] = ",".join([*lines[10].split(",")[:4], "dear", "1.0"])
    source.write_text("\n".join(lines))
    report = import_files(desk, [source])
    one = report.series[0]
    assert (one.rows, one.added, one.quarantined) == (48, 47, 1)
    assert one.quarantine_file is not None
    kept = pl.read_csv(one.quarantine_file).row(0, named=True)
    assert kept["reason"] == "close is missing or not a number"
    assert (kept["source"], kept["row"], kept["line"]) == (str(source), 11, lines[10])
    assert desk.bars.read(BTC).equals(drop(FRAME, 9))


def test_every_row_is_stored_refused_or_counted(folder: Path, desk):
    rows = pl.concat([change(FRAME, 4, high=0.0), FRAME[20:22]]).reverse()
    (folder / "BTCUSDT-1h.csv").write_text(csv_of(rows))
    one = import_files(desk, [folder]).series[0]
    assert one.rows == one.added + one.same + one.revised + one.duplicates + one.quarantined == 50
    assert one.was_unsorted


def test_former_values_of_revised_bars_are_kept_in_quarantine(folder: Path, desk):
    source = folder / "BTCUSDT-1h.parquet"
    FRAME.write_parquet(source)
    import_files(desk, [source])
    change(FRAME, 5, volume=1.25).write_parquet(source)
    one = import_files(desk, [source]).series[0]
    assert (one.added, one.revised, one.same) == (0, 1, 47)
    assert one.quarantine_file is not None
    kept = pl.read_csv(one.quarantine_file).row(0, named=True)
    assert kept["reason"].startswith("stored before with these values")
    assert kept["volume"] == FRAME["volume"][5]
    assert desk.bars.read(BTC)["volume"][5] == 1.25


def test_files_of_one_series_are_joined_before_they_are_judged(folder: Path, desk):
    (folder / "BTCUSDT-1h-2024-01.csv").write_text(csv_of(FRAME[:30]))
    (folder / "BTCUSDT-1h-2024-02.csv").write_text(csv_of(FRAME[28:]))
    one = import_files(desk, [folder]).series[0]
    assert (len(one.files), one.added, one.duplicates) == (2, 48, 2)
    other = change(FRAME, 29, close=FRAME["close"][29] * 1.0001, high=1e3)
    (folder / "BTCUSDT-1h-2024-02.csv").write_text(csv_of(other[28:]))
    one = import_files(desk, [folder]).series[0]
    assert one.reasons == {"same time, different values": 2}
    assert one.quarantine_file is not None
    assert pl.read_csv(one.quarantine_file)["source"].n_unique() == 2


def test_a_file_that_cannot_be_used_does_not_stop_the_others(folder: Path, desk):
    FRAME.write_parquet(folder / "BTCUSDT-1h.parquet")
    (folder / "ETHUSDT-1h.csv").write_text("a,b\n1,2\n")
    (folder / "notes.csv").write_text(csv_of(FRAME))
    (folder / "README.md").write_text("x")
    report = import_files(desk, [folder])
    assert [one.series for one in report.series] == [BTC]
    assert [Path(problem.path).name for problem in report.problems] == ["notes.csv", "ETHUSDT-1h.csv"]
    assert [Path(path).name for path in report.skipped] == ["README.md"]


def test_file_without_a_single_bar_is_a_problem_with_the_reasons(folder: Path, desk):
    # Days that open at 16:00 UTC, as some venues serve them.
    shifted = make_frame(20, timeframe="1d", start=START + 16 * HOUR)
    shifted.write_parquet(folder / "BTCUSDT-1d.parquet")
    report = import_files(desk, [folder])
    assert not report.series
    assert "no row is a valid bar (time is not a multiple of the timeframe: 20)" in report.problems[0].message
    assert desk.bars.holdings() == []


def test_unfinished_last_bar_is_not_stored(folder: Path, tmp_path: Path):
    desk = make_desk(tmp_path / "home", now=START + 47 * HOUR + 1)
    FRAME.write_parquet(folder / "BTCUSDT-1h.parquet")
    one = import_files(desk, [folder]).series[0]
    assert (one.added, one.reasons) == (47, {"unfinished": 1})


def test_timeframe_is_told_from_the_median_spacing(folder: Path, desk):
    drop(make_frame(30, timeframe="4h"), 3, 4, 9).write_parquet(folder / "BTCUSDT.parquet")
    assert import_files(desk, [folder]).series[0].series.timeframe == "4h"


def test_bars_closer_than_the_name_says_are_refused(folder: Path, desk):
    make_frame(60, timeframe="1m").write_parquet(folder / "BTCUSDT-1h.parquet")
    report = import_files(desk, [folder])
    assert "the rows are 1 minutes apart, but the timeframe given is" in report.problems[0].message


def test_days_under_the_name_of_hours_are_no_hours_with_gaps(folder: Path, desk):
    make_frame(60, timeframe="1d").write_parquet(folder / "BTCUSDT-1h.parquet")
    report = import_files(desk, [folder])
    assert "the timeframe given is 1h, but the rows are at least 1d" in report.problems[0].message
    with pytest.raises(DataError, match="the rows are at least 1d apart"):
        read_file(folder / "BTCUSDT-1h.parquet", now_ms=NOW)


def test_hours_in_which_little_was_traded_are_hours(folder: Path, desk):
    frame = make_frame(60)
    frame.filter(pl.int_range(pl.len()) % 7 % 3 == 0).write_parquet(folder / "BTCUSDT-1h.parquet")
    assert import_files(desk, [folder]).series[0].findings.gaps


def test_missing_path_is_the_callers_mistake(desk, tmp_path: Path):
    with pytest.raises(UsageError, match="file not found"):
        import_files(desk, [tmp_path / "none"])


def test_progress_counts_series(folder: Path, desk):
    FRAME.write_parquet(folder / "BTCUSDT-1h.parquet")
    FRAME.write_parquet(folder / "ETHUSDT-1h.parquet")
    told: list[tuple[int, int, str]] = []
    import_files(desk, [folder], progress=lambda *step: told.append(step))
    assert told == [(0, 2, "btc-usdt-perp 1h"), (1, 2, "eth-usdt-perp 1h"), (2, 2, "")]


class TestReadFile:
    NOW = START + 100 * HOUR

    def test_gives_the_bars_without_storing_them(self, tmp_path: Path):
        path = tmp_path / "BTCUSDT-1h.parquet"
        FRAME.write_parquet(path)
        series, bars = read_file(path, now_ms=self.NOW)
        assert series == SeriesId("", "btc-usdt-perp", "1h")
        assert bars.equals(FRAME)

    def test_leaves_an_unfinished_last_bar_out(self, tmp_path: Path):
        path = tmp_path / "BTCUSDT-1h.parquet"
        FRAME.write_parquet(path)
        _, bars = read_file(path, now_ms=START + 47 * HOUR + 1)
        assert len(bars) == 47

    def test_refuses_text_in_a_price_with_row_and_cure(self, tmp_path: Path):
        path = tmp_path / "BTCUSDT-1h.csv"
        lines = csv_of(FRAME).splitlines()
        lines[4] = lines[4].replace(lines[4].split(",")[1], "abc")
        path.write_text("\n".join(lines))
        with pytest.raises(DataError, match=r"row 5 .*open is missing or not a number.*`vigie data import`"):
            read_file(path, now_ms=self.NOW)

    def test_refuses_unsorted_times(self, tmp_path: Path):
        path = tmp_path / "BTCUSDT-1h.csv"
        path.write_text(csv_of(FRAME.reverse()))
        with pytest.raises(DataError, match="times must be ascending"):
            read_file(path, now_ms=self.NOW)

    def test_refuses_a_missing_an_empty_and_a_wrong_file(self, tmp_path: Path):
        path = tmp_path / "BTCUSDT-1h.csv"
        with pytest.raises(UsageError, match="file not found"):
            read_file(path, now_ms=self.NOW)
        path.write_text("")
        with pytest.raises(DataError, match="the file is empty"):
            read_file(path, now_ms=self.NOW)
        path.write_text("timestamp,open,high,low,volume\n1,2,3,4,5\n")
        with pytest.raises(DataError, match="close not found among"):
            read_file(path, now_ms=self.NOW)
