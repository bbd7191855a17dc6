from __future__ import annotations

from itertools import groupby

import polars as pl
import pytest

from tests.unit.data.material import START, drop, make_frame
from vigie.data.resample import resample
from vigie.domain.errors import UsageError

MINUTE, HOUR = 60_000, 3_600_000


@pytest.mark.parametrize("target", [5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 24 * HOUR])
def test_equals_a_plain_loop(target: int):
    frame = make_frame(3_000, timeframe="1m", start=START + 7 * MINUTE)
    made = resample(frame, source_ms=MINUTE, target_ms=target)
    rows = list(frame.with_columns(pl.col("timestamp").to_physical()).iter_rows())
    whole, partial = [], []
    for bucket, group in groupby(rows, key=lambda row: row[0] // target * target):
        part = list(group)
        if len(part) < target // MINUTE:
            partial.append((bucket, len(part)))
            continue
        high, low = max(row[2] for row in part), min(row[3] for row in part)
        whole.append((bucket, part[0][1], high, low, part[-1][4], sum(row[5] for row in part)))
    got = list(made.whole.with_columns(pl.col("timestamp").to_physical()).iter_rows())
    assert [row[:5] for row in got] == [row[:5] for row in whole]
    assert [row[5] for row in got] == pytest.approx([row[5] for row in whole], rel=1e-12)
    assert list(made.partial.with_columns(pl.col("timestamp").to_physical()).iter_rows()) == partial


def test_bar_with_a_missing_part_is_listed_not_made():
    made = resample(drop(make_frame(8), 5), source_ms=HOUR, target_ms=4 * HOUR)
    assert made.whole["timestamp"].to_physical().to_list() == [START]
    assert made.partial.with_columns(pl.col("timestamp").to_physical()).rows() == [(START + 4 * HOUR, 3)]


@pytest.mark.parametrize("target", [HOUR, 30 * MINUTE, 90 * MINUTE])
def test_target_must_be_a_longer_multiple(target: int):
    with pytest.raises(UsageError, match="target timeframe must be a multiple of 1h"):
        resample(make_frame(8), source_ms=HOUR, target_ms=target)


def test_nothing_makes_nothing():
    made = resample(make_frame(8).clear(), source_ms=HOUR, target_ms=4 * HOUR)
    assert (len(made.whole), len(made.partial)) == (0, 0)


@pytest.mark.parametrize("parts", [4, 240])
def test_a_bar_has_the_same_volume_to_the_last_digit_whatever_stands_beside_it(parts: int):
    span = 4 * HOUR // parts
    frame = make_frame(9 * parts, timeframe="1h" if parts == 4 else "1m")
    tenths = pl.Series("volume", [(n * 7_919 % 99_991) / 10.0 for n in range(len(frame))])
    frame = frame.with_columns(tenths)
    together = resample(frame, source_ms=span, target_ms=4 * HOUR).whole["volume"].to_list()
    assert len(together) == 9
    for first in range(9):
        for count in range(1, 10 - first):
            some = frame.slice(first * parts, count * parts)
            made = resample(some, source_ms=span, target_ms=4 * HOUR).whole["volume"].to_list()
            assert made == together[first : first + count]


def test_volumes_are_summed_one_after_the_other():
    frame = make_frame(4).with_columns(pl.Series("volume", [268_832.9, 553_238.0, 349_214.6, 289_583.8]))
    assert resample(frame, source_ms=HOUR, target_ms=4 * HOUR).whole["volume"].to_list() == [1_460_869.3]
