"""ADF and KPSS are those of statsmodels, whose values are kept as a table with the version that made it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.quant.stats.drawn_series import KINDS, LENGTHS, make
from vigie.quant.stats.stationarity import adf, kpss

TABLE = json.loads(
    (Path(__file__).parents[3] / "data" / "stationarity" / "statsmodels.json").read_text("utf-8")
)
VALUES = TABLE["values"]


def test_table_when_read_then_every_kind_and_length_is_in_it_and_its_maker_is_named():
    assert TABLE["made_by"].startswith("statsmodels 0.15.0")
    assert len(VALUES) == len(KINDS) * len(LENGTHS)


@pytest.mark.parametrize("row", VALUES, ids=lambda row: f"{row['kind']}-{row['count']}")
def test_tests_of_a_level_when_run_then_equal_to_statsmodels_within_a_millionth(row):
    series = make(row["kind"], row["count"], row["seed"])
    for test, name in ((adf, "adf"), (kpss, "kpss")):
        found = test(series)
        statistic, p_value, lags = row[name]
        assert found.statistic == pytest.approx(statistic, abs=1e-6)
        assert found.p_value == pytest.approx(p_value, abs=1e-6)
        assert found.lags == lags


@pytest.mark.parametrize("test", [adf, kpss])
def test_tests_of_a_level_when_they_say_nothing_then_none(test):
    assert test(np.full(100, 3.0)) is None
    assert test(np.arange(11.0)) is None
    assert test(np.append(np.arange(50.0), np.nan)) is None


def test_adf_when_steps_are_all_equal_then_none():
    assert adf(np.arange(200.0)) is None
