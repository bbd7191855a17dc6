"""Rates of different intervals are made comparable, weighed by their own past and set against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.domain.errors import UsageError
from vigie.intelligence.market.funding import (
    VenueFundingRate,
    funding_rows,
    funding_spreads,
    median_8h,
    per_8h,
    per_year,
)
from vigie.intelligence.market.historical_range import share_below, usual_range

BITCOIN = [
    VenueFundingRate("bitcoin", "bitget-perp", 0.0001, 8.0, 5),
    VenueFundingRate("bitcoin", "hyperliquid-perp", 0.00005, 1.0),
    VenueFundingRate("bitcoin", "binance-perp", -0.0001, 4.0),
]


def test_hourly_and_four_hourly_rates_become_rates_of_eight_hours_and_a_year():
    assert per_8h(0.0000125, 1.0) == pytest.approx(0.0001)
    assert per_8h(0.00005, 4.0) == pytest.approx(0.0001)
    assert per_year(0.0001, 8.0) == pytest.approx(0.1095)
    assert per_year(0.0000125, 1.0) == pytest.approx(0.1095)


@pytest.mark.parametrize("hours", [0.0, -1.0, float("nan"), float("inf")])
def test_an_interval_that_cannot_be_is_refused(hours):
    for convert in (per_8h, per_year):
        with pytest.raises(UsageError, match="hours between settlements must be above 0"):
            convert(0.1, hours)


def test_rows_are_highest_first_within_an_asset():
    rows = funding_rows(
        [
            *BITCOIN,
            VenueFundingRate("aave", "bitget-perp", 0.1, 8.0),
            VenueFundingRate("aave", "x-perp", math.nan, 8.0),
        ]
    )
    assert [row.venue for row in rows] == ["bitget-perp", "hyperliquid-perp", "bitget-perp", "binance-perp"]
    assert [row.asset for row in rows] == ["aave", "bitcoin", "bitcoin", "bitcoin"]
    assert rows[1].per_8h == pytest.approx(0.0004)
    assert (rows[2].ts, rows[2].rate, rows[2].hours) == (5, 0.0001, 8.0)


def test_venues_are_set_against_each_other():
    rows = funding_rows([*BITCOIN, VenueFundingRate("aave", "bitget-perp", 0.1, 8.0)])
    (spread,) = funding_spreads(rows)
    assert (spread.asset, spread.venues) == ("bitcoin", 3)
    assert (spread.highest.venue, spread.lowest.venue) == ("hyperliquid-perp", "binance-perp")
    assert spread.per_8h == pytest.approx(0.0006)
    assert spread.per_year == pytest.approx(0.657)


def test_an_outlier_is_one_of_its_own_history():
    past = np.linspace(-0.0002, 0.0002, 200)
    histories = {("bitcoin", "bitget-perp"): past, ("bitcoin", "hyperliquid-perp"): past}
    rows = {row.venue: row for row in funding_rows(BITCOIN, histories)}
    assert rows["hyperliquid-perp"].is_outlier
    assert rows["hyperliquid-perp"].percentile == 1.0
    assert not rows["bitget-perp"].is_outlier
    assert rows["bitget-perp"].percentile == pytest.approx(0.75, abs=0.01)
    assert rows["bitget-perp"].history == 200


def test_a_short_history_makes_no_outlier():
    rows = funding_rows(BITCOIN[:1], {("bitcoin", "bitget-perp"): np.full(89, -1.0)})
    assert math.isnan(rows[0].percentile)
    assert not rows[0].is_outlier


def test_the_median_is_over_all_rates():
    assert median_8h(funding_rows(BITCOIN)) == pytest.approx(0.0001)
    assert math.isnan(median_8h([]))


def test_ties_count_by_half():
    assert share_below(1.0, np.array([0.0, 1.0, 1.0, 2.0, np.nan]), 4) == 0.5
    assert math.isnan(share_below(1.0, np.array([0.0, np.nan]), 2))


def test_the_usual_range_leaves_a_tenth_out_on_either_side():
    assert usual_range(np.arange(101.0), 50) == pytest.approx((10, 50, 90))
    assert all(math.isnan(x) for x in usual_range(np.arange(10.0), 50))
