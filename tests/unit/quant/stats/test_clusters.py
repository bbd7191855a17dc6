"""Bootstrap over groups, and Benjamini and Hochberg: against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.domain.errors import UsageError
from vigie.quant.stats.clusters import better_p_value, cluster_means, draw_clusters, mean_interval
from vigie.quant.stats.multiplicity import benjamini_hochberg


def everything(values):
    return np.ones(len(values), dtype=bool)


def test_one_value_a_group_gives_the_usual_error_of_a_mean():
    values = np.random.default_rng(1).normal(0.3, 1.0, 400)
    interval = mean_interval(cluster_means(values, draw_clusters(np.arange(400), seed=7), everything(values)))
    half = 1.96 * values.std() / 20.0
    assert interval.low == pytest.approx(values.mean() - half, abs=0.02)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.02)


def test_values_that_move_together_within_a_week_widen_the_interval():
    weeks = np.repeat(np.arange(40), 10)
    values = np.random.default_rng(2).normal(0.0, 1.0, 40)[weeks]
    together = mean_interval(cluster_means(values, draw_clusters(weeks, seed=7), everything(values)))
    apart = mean_interval(cluster_means(values, draw_clusters(np.arange(400), seed=7), everything(values)))
    assert together.high - together.low > 2.5 * (apart.high - apart.low)


def test_the_same_seed_gives_the_same_and_one_group_gives_its_mean():
    values, weeks = np.array([1.0, 2.0, 6.0]), np.array([5, 5, 5])
    first, second = (cluster_means(values, draw_clusters(weeks, seed=3), everything(values)) for _ in "ab")
    assert np.array_equal(first, second)
    assert mean_interval(first).low == mean_interval(first).high == 3.0
    with pytest.raises(UsageError, match="samples must be >= 1"):
        draw_clusters(weeks, seed=3, samples=0)


def test_a_better_part_has_a_small_p_value_and_an_equal_one_has_not():
    rng = np.random.default_rng(4)
    values, mask = rng.normal(0.0, 1.0, 600), np.arange(600) % 2 == 0
    clusters = draw_clusters(np.arange(600) // 6, seed=5)
    assert better_p_value(values, clusters, mask) > 0.02
    assert better_p_value(np.where(mask, values + 1.0, values), clusters, mask) == pytest.approx(1 / 4_001)
    assert np.isnan(better_p_value(values, clusters, everything(values)))


def test_benjamini_hochberg_rejects_as_in_the_paper_and_leaves_out_what_was_not_tested():
    # Section 3.2 of the paper: four of fifteen at 5 %, where Bonferroni rejects three.
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.0,
    ]  # fmt: skip
    assert benjamini_hochberg(p_values).tolist() == [True] * 4 + [False] * 11
    with_untested = benjamini_hochberg([float("nan"), *p_values[::-1]])
    assert with_untested.tolist() == [False] * 12 + [True] * 4
    assert benjamini_hochberg([]).tolist() == []
