"""One column seen closely: every value of the first 70% of the time in one range, nothing after it."""

from __future__ import annotations

import numpy as np
import pytest

from tests import houses
from tests.houses import person
from vigie.data.frames import to_bars, to_frame
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.services.operation_calls import run_operation

SERIES = SeriesId(houses.VENUE, "btc-usdt-perp", "1h")


def look(house, column="price.return_24", **more):
    asked = {"venue": houses.VENUE, "instrument": "BTC", "column": column, **more}
    return run_operation(house, person("viewer"), "features.column", asked)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return houses.house(tmp_path_factory.mktemp("column"))


def test_every_value_that_was_seen_lies_in_one_range_of_one_half(house):
    seen = look(house)
    (row,) = run_operation(
        house, person("viewer"), "features.explore",
        {"venue": houses.VENUE, "instrument": "BTC", "columns": "price.return_24"},
    ).rows  # fmt: skip
    assert sum(one.earlier + one.later for one in seen.rows) == row.known
    assert [one.low for one in seen.rows[1:]] == [one.high for one in seen.rows[:-1]]
    assert {one.lag: one.correlation for one in seen.lags}[1] == row.lag_one
    assert {one.lag: one.correlation for one in seen.lags}[24] == row.lag_horizon


def test_what_comes_after_is_not_seen(tmp_path):
    house = houses.house(tmp_path)
    before = look(house)
    bars = to_bars(house.data.bars.read(SERIES), SERIES)
    for values in (bars.open, bars.high, bars.low, bars.close):
        values.flags.writeable = True
        values[int(0.75 * len(values)) :] *= 1.5
    house.data.bars.upsert(SERIES, to_frame(bars))
    assert look(house).rows == before.rows


def test_a_column_without_a_value_is_refused_with_the_reason(house):
    with pytest.raises(UsageError, match=r"news\.sentiment"):
        look(house, "news.sentiment")


def test_a_column_of_one_half_alone_has_counts_there_only(house):
    seen = look(house, "price.return_168")
    assert sum(one.later for one in seen.rows) > sum(one.earlier for one in seen.rows) > 0
    assert np.isfinite([one.low for one in seen.rows]).all()
