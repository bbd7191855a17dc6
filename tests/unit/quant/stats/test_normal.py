"""The normal law against SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.lazily import Lazy
from vigie.quant.stats.normal import normal_cdf, normal_quantile

stats = Lazy("scipy.stats")


def test_distribution_equals_scipy_in_both_tails() -> None:
    for z in np.linspace(-30, 30, 241):
        assert normal_cdf(float(z)) == pytest.approx(stats.norm.cdf(z), rel=1e-12)


def test_quantile_equals_scipy_in_both_tails() -> None:
    for p in np.concatenate((np.logspace(-15, -1, 30), np.linspace(0.1, 0.999999, 50))):
        assert normal_quantile(float(p)) == pytest.approx(stats.norm.ppf(p), rel=1e-9, abs=1e-12)


def test_quantile_at_the_ends_is_infinite_and_outside_undefined() -> None:
    assert (normal_quantile(0.0), normal_quantile(1.0)) == (-math.inf, math.inf)
    assert math.isnan(normal_quantile(1.1))
    assert math.isnan(normal_quantile(math.nan))
