"""The real perpetual bars, imported as a user would."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import shared_dir
from tests.unit.data.material import make_desk
from vigie.data.frames import to_raw_rows
from vigie.data.importer import import_files
from vigie.data.quality import check_rows, find_issues
from vigie.services.bar_reading import load_bars

pytestmark = pytest.mark.shared

LATER = 1_790_000_000_000


def test_real_folder_imports_whole_and_twice_changes_nothing(tmp_path: Path):
    folder = shared_dir("data", "market", "binance-perp")
    desk = make_desk(tmp_path, now=LATER)
    report = import_files(desk, [folder])
    assert not report.problems
    assert sum(one.quarantined + one.duplicates + one.revised for one in report.series) == 0
    assert len(report.series) == len(list(folder.glob("*.parquet")))
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.is_file()}
    again = import_files(desk, [folder])
    assert again.changed == 0
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.is_file()} == before
    bars = load_bars(desk.bars, "binance-perp", "BTC", "1d", last=1_500)
    assert (len(bars), bars.close[-1]) == (1_500, pytest.approx(87_608.4, rel=0.1))


def test_real_spot_bars_keep_their_gaps(tmp_path: Path):
    desk = make_desk(tmp_path, now=LATER)
    [one] = import_files(desk, [shared_dir("data", "market", "binance-spot", "BTCUSDT-1h.parquet")]).series
    # As the data's own description says: 27 holes, 122 bars missing.
    assert (one.rows, one.findings.gaps, one.findings.missing) == (70_006, 27, 122)
    stored = desk.bars.read(one.series)
    assert len(stored) == 70_006
    assert find_issues(stored, one.series.span_ms) == one.findings
    assert check_rows(to_raw_rows(stored), span_ms=one.series.span_ms, now_ms=LATER).reasons == {}


def test_bars_of_an_unnamed_venue_import_by_their_name(tmp_path: Path):
    desk = make_desk(tmp_path, now=LATER)
    [one] = import_files(desk, [shared_dir("data", "market", "other-perp")]).series
    assert str(one.series) == "other-perp:btc-usd-perp/1m"


def test_funding_and_marks_in_a_folder_are_named_and_left(tmp_path: Path):
    report = import_files(
        make_desk(tmp_path, now=LATER), [shared_dir("data", "derivatives")], venue="binance-perp"
    )
    assert not report.series
    assert {Path(one.path).name.partition("-")[0] for one in report.problems} == {"funding", "mark", "open"}
