"""Weights of labels by how few others use the same bars: ten labels of one move are not ten witnesses."""

from __future__ import annotations

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.labels.label import NO_BAR, Labels


def uniqueness(labels: Labels) -> FloatArray:
    """Return for each label the mean, over the bars of its span, of 1 over how many labels use that bar.

    Parameters
    ----------
    labels : Labels
        With their spans.

    Returns
    -------
    float64 array, shape (n_bars,)
        In (0, 1]; 1 where no other label uses any of its bars, 0 where there is no label.

    References
    ----------
    Lopez de Prado (2018), Advances in Financial Machine Learning, section 4.4.
    """
    n_bars = len(labels)
    weights = np.zeros(n_bars)
    is_known = labels.last != NO_BAR
    first, last = labels.first[is_known], labels.last[is_known]
    steps = np.bincount(first, minlength=n_bars + 1) - np.bincount(last + 1, minlength=n_bars + 1)
    users = np.cumsum(steps)[:n_bars]
    shares = np.divide(1.0, users, out=np.zeros(n_bars), where=users > 0)
    until = np.concatenate(([0.0], np.cumsum(shares)))
    weights[is_known] = (until[last + 1] - until[first]) / (last - first + 1)
    return weights
