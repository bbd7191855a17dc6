"""Correlations equal numpy and SciPy, say how sure they are, and put related assets together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lazily import Lazy
from tests.unit.intelligence.market.material import START, bars
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.correlation import align_closes, correlations

stats = Lazy("scipy.stats")


def prices(n, count, seed, missing=0.0):
    """Return prices of assets that share a part of their movement, some of them missing."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(0, 0.02, n)[:, None] * rng.uniform(-1, 1, count)
    values = np.exp(np.cumsum(shared + rng.normal(0, 0.02, (n, count)), axis=0))
    values[rng.random((n, count)) < missing] = np.nan
    return values


def names(count):
    """Return names in an order that is not theirs by cluster."""
    return tuple(f"a{k:02d}" for k in range(count))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    n=st.integers(30, 120),
    count=st.integers(1, 6),
    seed=st.integers(0, 10_000),
    missing=st.sampled_from([0.0, 0.05, 0.3]),
    method=st.sampled_from(["pearson", "spearman"]),
    order=st.sampled_from(["cluster", "name"]),
)
def test_matrices_are_symmetric_bounded_and_equal_the_textbook(n, count, seed, missing, method, order):
    values = prices(n, count, seed, missing)
    found = correlations(names(count), values, method=method, order=order)
    r = found.values
    np.testing.assert_array_equal(r, r.T)
    np.testing.assert_array_equal(found.observations, found.observations.T)
    known = ~np.isnan(r)
    assert np.all(np.abs(r[known]) <= 1)
    assert np.all(r.diagonal()[known.diagonal()] == 1)
    assert np.all(found.low[known] <= r[known])
    assert np.all(found.high[known] >= r[known])
    assert sorted(found.names) == list(names(count))
    returns = np.diff(np.log(values), axis=0)
    at = [int(name[1:]) for name in found.names]
    for i, j in np.ndindex(count, count):
        both = ~np.isnan(returns[:, at[i]]) & ~np.isnan(returns[:, at[j]])
        assert found.observations[i, j] == both.sum()
        assert np.isnan(r[i, j]) == (both.sum() < 20)
        if both.sum() >= 20 and i != j:
            a, b = returns[both, at[i]], returns[both, at[j]]
            wanted = np.corrcoef(a, b)[0, 1] if method == "pearson" else stats.spearmanr(a, b)[0]
            assert r[i, j] == pytest.approx(wanted, abs=1e-9)


def test_the_interval_is_fishers():
    values = prices(101, 2, 3)
    found = correlations(("a", "b"), values, order="name")
    returns = np.diff(np.log(values), axis=0)
    wanted = stats.pearsonr(returns[:, 0], returns[:, 1]).confidence_interval(0.95)
    assert found.low[0, 1] == pytest.approx(wanted.low, abs=1e-9)
    assert found.high[0, 1] == pytest.approx(wanted.high, abs=1e-9)
    wider = correlations(("a", "b"), values, order="name", level=0.99)
    assert wider.low[0, 1] < found.low[0, 1]
    ranked = correlations(("a", "b"), values, order="name", method="spearman")
    r, n = ranked.values[0, 1], 100
    assert ranked.high[0, 1] == pytest.approx(
        np.tanh(np.arctanh(r) + 1.959964 * np.sqrt((1 + r * r / 2) / (n - 3))), abs=1e-6
    )


def test_equal_values_share_their_rank():
    steps = np.array([0.0, 0.01, 0.01, -0.01, 0.0, 0.02] * 6)
    other = np.random.default_rng(1).normal(0, 0.01, len(steps))
    values = np.exp(np.cumsum(np.stack([steps, other], axis=1), axis=0))
    returns = np.round(np.diff(np.log(values), axis=0), 12)
    found = correlations(
        ("a", "b"), np.vstack([np.ones(2), np.exp(np.cumsum(returns, axis=0))]), method="spearman"
    )
    assert -1 <= found.values[0, 1] <= 1


def test_a_price_that_never_moves_has_no_correlation():
    values = prices(60, 2, 5)
    values[:, 1] = 0.1
    found = correlations(("a", "b"), values, order="name")
    assert np.isnan(found.values[0, 1])
    assert np.isnan(found.values[1, 1])
    assert found.values[0, 0] == 1


def test_a_hole_costs_the_returns_on_both_of_its_sides():
    values = prices(60, 2, 5)
    values[30, 0] = np.nan
    found = correlations(("a", "b"), values, order="name")
    assert found.observations.tolist() == [[57, 57], [57, 59]]


def test_related_assets_stand_together_whatever_their_order():
    rng = np.random.default_rng(2)
    first, second = rng.normal(0, 0.02, (2, 300))
    moves = np.stack([(first, second)[k % 2] + rng.normal(0, 0.005, 300) for k in range(6)], axis=1)
    values = np.exp(np.cumsum(moves, axis=0))
    found = correlations(names(6), values)
    kinds = [int(name[1:]) % 2 for name in found.names]
    assert kinds in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])
    assert correlations(names(6), values, order="name").names == names(6)


def test_closes_of_bars_lie_on_one_grid():
    first = bars([1.0, 2.0, 3.0])
    later = bars([5.0, 6.0], ts=[START + 2 * DAY_MS, START + 4 * DAY_MS])
    ts, values = align_closes({"a": first, "b": later})
    assert ts.tolist() == [START + k * DAY_MS for k in range(1, 6)]
    np.testing.assert_array_equal(values[:, 0], [1, 2, 3, np.nan, np.nan])
    np.testing.assert_array_equal(values[:, 1], [np.nan, np.nan, 5, np.nan, 6])
    ts, values = align_closes({"a": first, "b": later}, start=START + 2 * DAY_MS + 1, end=START + 4 * DAY_MS)
    assert ts.tolist() == [START + 3 * DAY_MS, START + 4 * DAY_MS]
    np.testing.assert_array_equal(values[:, 0], [3, np.nan])


def test_closes_of_no_bars_are_an_empty_grid():
    ts, values = align_closes({"a": bars([])})
    assert (len(ts), values.shape) == (0, (0, 1))
    with pytest.raises(UsageError, match="one timeframe, were of 2"):
        align_closes({"a": bars([1.0]), "b": bars([1.0], span=1)})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "kendall"}, "method must be one of pearson spearman"),
        ({"order": "random"}, "order must be one of cluster name"),
        ({"level": 1.0}, "level must be in"),
        ({"least": 3}, "least must be >= 4"),
    ],
)
def test_what_cannot_be_is_refused(given, words):
    with pytest.raises(UsageError, match=words):
        correlations(("a",), prices(30, 1, 1), **given)
    with pytest.raises(UsageError, match="values must have 2 columns"):
        correlations(("a", "b"), prices(30, 1, 1))
    with pytest.raises(UsageError, match="1 to 100 assets, were 0"):
        correlations((), prices(30, 1, 1))
