"""Calendar months and years, compounded; months without bars are not zero."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.lazily import Lazy
from vigie.domain.time import DAY_MS, parse_time
from vigie.quant.metrics.monthly import monthly_table

pd, qs = Lazy("pandas"), Lazy("quantstats.stats")


def test_months_and_years_equal_quantstats() -> None:
    returns = np.random.default_rng(5).normal(0.001, 0.02, 900)
    index = pd.date_range("2021-03-10", periods=900)
    expected = qs.monthly_returns(pd.Series(returns, index=index), prepare_returns=False)
    ts = parse_time("2021-03-10") + DAY_MS * np.arange(900)
    table = monthly_table(100.0 * np.cumprod(1 + returns), ts, 100.0)
    assert table.years == tuple(int(year) for year in expected.index)
    assert np.nan_to_num(table.months) == pytest.approx(expected.to_numpy()[:, :12], rel=1e-9, abs=1e-15)
    assert table.totals == pytest.approx(expected["EOY"].to_numpy(), rel=1e-9)


def test_months_without_bars_are_unknown_and_the_next_counts_from_the_last_value() -> None:
    ts = np.array([parse_time("2022-01-15"), parse_time("2022-04-01")])
    table = monthly_table(np.array([110.0, 121.0]), ts, 100.0)
    assert table.months[0, [0, 3]] == pytest.approx([0.1, 0.1])
    assert np.isnan(table.months[0, [1, 2, 4]]).all()
    assert table.totals == pytest.approx([0.21])


def test_a_ruined_account_has_no_further_months() -> None:
    ts = np.array([parse_time("2022-01-15"), parse_time("2022-02-01")])
    table = monthly_table(np.array([0.0, 0.0]), ts, 100.0)
    assert table.months[0, 0] == -1.0
    assert math.isnan(table.months[0, 1])


def test_no_bars_make_an_empty_table() -> None:
    assert monthly_table(np.empty(0), np.empty(0, np.int64), 100.0).years == ()
