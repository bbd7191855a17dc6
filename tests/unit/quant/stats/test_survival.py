"""Kaplan-Meier and its median: published figures, SciPy's estimate, what must hold of any data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.quant.stats.survival import median_time, survival_curve

# Freireich et al. (1963), weeks in remission of leukaemia, with 6-mercaptopurine and with a placebo; the standard
# worked example. Negative numbers here are censored. R: survfit(Surv(t, d) ~ 1, conf.type = "log-log").
TREATED = (6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35)
PLACEBO = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)


def split(weeks):
    given_ = np.array(weeks, float)
    return np.abs(given_), given_ > 0


times = st.lists(
    st.tuples(st.integers(-50, 50).map(lambda one: one / 4.0), st.booleans()), min_size=1, max_size=60
)


def arrays(pairs):
    return np.array([one for one, _ in pairs]), np.array([seen for _, seen in pairs])


def test_published_medians_and_their_intervals():
    treated, placebo = median_time(*split(TREATED)), median_time(*split(PLACEBO))
    assert (treated.median, treated.low, treated.high) == (23.0, 13.0, math.inf)
    assert (treated.observed, treated.censored) == (9, 12)
    assert (placebo.median, placebo.low, placebo.high) == (8.0, 4.0, 11.0)


def test_published_estimates_and_standard_errors():
    curve = survival_curve(*split(TREATED))
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.survival == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    errors = curve.survival * np.sqrt(curve.greenwood)
    assert errors == pytest.approx([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@given(times)
def test_the_curve_and_its_band_are_those_of_scipy(pairs):
    from scipy.stats import CensoredData, ecdf

    at, seen = arrays(pairs)
    curve = survival_curve(at, seen)
    if not seen.any():
        assert len(curve.times) == 0
        return
    other = ecdf(CensoredData(uncensored=at[seen], right=at[~seen])).sf
    assert curve.survival == pytest.approx(other.evaluate(curve.times), abs=1e-12)
    with np.errstate(all="ignore"):
        band = other.confidence_interval(0.95, method="log-log")
    places = np.searchsorted(other.quantiles, curve.times)
    lower, upper = band.low.probabilities[places], band.high.probabilities[places]
    found = median_time(at, seen)
    for end, shares in ((found.low, lower), (found.high, upper)):
        known = np.where((curve.survival > 0.0) & np.isfinite(shares), shares, math.nan)
        reached = curve.times[known <= 0.5 + 1e-9]
        if len(reached) and min(abs(known[np.isfinite(known)] - 0.5)) > 1e-9:
            assert end == reached[0]


@given(times, st.floats(-1e3, 1e3).map(lambda one: round(one)))
def test_the_interval_holds_the_median_and_moves_with_the_times(pairs, shift):
    at, seen = arrays(pairs)
    found = median_time(at, seen)
    assert found.low <= found.median <= found.high
    moved = median_time(at + shift, seen)
    assert (moved.median, moved.low, moved.high) == pytest.approx(
        (found.median + shift, found.low + shift, found.high + shift)
    )


@given(times)
def test_the_order_changes_nothing_and_without_censoring_it_is_the_plain_median(pairs):
    at, seen = arrays(pairs)
    assert median_time(at[::-1], seen[::-1]) == median_time(at, seen)
    whole = median_time(at, np.ones(len(at), bool))
    assert whole.median == np.sort(at)[math.ceil(len(at) / 2) - 1]


@given(times, st.floats(0.5, 40.0))
def test_waiting_longer_for_those_without_a_report_never_lowers_the_median(pairs, more):
    at, seen = arrays(pairs)
    later = np.where(seen, at, at + more)
    assert median_time(later, seen).median >= median_time(at, seen).median


def test_a_median_that_is_not_reached_is_open_above():
    found = median_time(np.array([1.0, 2.0, 9.0, 9.0, 9.0]), np.array([True, True, False, False, False]))
    assert (found.median, found.high) == (math.inf, math.inf)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.5])
def test_an_interval_of_no_confidence_or_of_all_is_refused(confidence):
    with pytest.raises(UsageError, match="confidence must be in"):
        median_time(np.array([1.0]), np.array([True]), confidence)
