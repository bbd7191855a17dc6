"""A yardstick: says of every row what is usual."""

from __future__ import annotations

import numpy as np

from vigie.quant.models.linear import LinearScorer
from vigie.quant.models.model_kind import FitSample, ModelKind


def fit(sample: FitSample) -> LinearScorer:
    """Return the weighted mean of the target, whatever the columns.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    LinearScorer
    """
    columns = sample.rows.shape[1]
    mean = float(np.average(sample.target, weights=sample.weights))
    return LinearScorer(np.zeros(columns), np.zeros(columns), mean)


KIND = ModelKind("base_rate", "both", fit)
