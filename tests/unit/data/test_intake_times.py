from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from vigie.data.intake.times import to_milliseconds

MS = 1_704_067_200_000  # 2024-01-01


@pytest.mark.parametrize("factor", [1_000, 1, 1 / 1_000, 1 / 1_000_000], ids=["s", "ms", "us", "ns"])
def test_epoch_unit_is_told_by_size(factor: float):
    counts = pl.Series([round(MS / factor), round((MS + 3_600_000) / factor)])
    assert to_milliseconds(counts).to_list() == [MS, MS + 3_600_000]


def test_units_may_change_within_a_file():
    # Binance's spot dumps went from milliseconds to microseconds in 2025.
    assert to_milliseconds(pl.Series([MS, MS * 1_000])).to_list() == [MS, MS]


def test_seconds_with_a_fraction_keep_their_milliseconds():
    assert to_milliseconds(pl.Series([MS / 1_000 + 0.5, float("nan")])).to_list() == [MS + 500, None]


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T00:00:00Z",
        "2024-01-01 00:00:00",
        "2024-01-01T00:00:00.000",
        "2024-01-01 00:00:00+00:00",
        "2024-01-01 00:00:00 UTC",
        "2024-01-01T02:00:00+02:00",
        "2024-01-01 00:00",
        "2024/01/01",
        "2024-01-01",
        '"2024-01-01"',
        str(MS),
        str(MS // 1_000),
    ],
)
def test_iso_text_and_digits(text: str):
    assert to_milliseconds(pl.Series([text])).to_list() == [MS]


def test_forms_may_be_mixed_and_what_is_no_time_is_null():
    column = pl.Series(["2024-01-01", "soon", None, str(MS), "2024-01-01T00:00:00Z", "01/02/2024"])
    assert to_milliseconds(column).to_list() == [MS, None, None, MS, MS, None]


def test_typed_columns():
    assert to_milliseconds(pl.Series([date(2024, 1, 1)])).to_list() == [MS]
    naive = pl.Series([datetime(2024, 1, 1)])  # noqa: DTZ001
    assert to_milliseconds(naive).to_list() == [MS]
    assert to_milliseconds(pl.Series([datetime(2024, 1, 1, tzinfo=UTC)])).to_list() == [MS]
    berlin = naive.dt.offset_by("1h").dt.replace_time_zone("Europe/Berlin")
    assert to_milliseconds(berlin.cast(pl.Datetime("ns", "Europe/Berlin"))).to_list() == [MS]
