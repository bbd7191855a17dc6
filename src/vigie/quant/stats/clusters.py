"""How far a mean could have been otherwise where values that belong together came together: bootstrap over groups."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.quant.stats.bootstrap import Interval


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Counts and sums of values by group, and how often each group was drawn in each resampled history.

    Attributes
    ----------
    of : int64 array, shape (n_values,)
        Which group each value belongs to, from 0.
    drawn : float64 array, shape (samples, n_groups)
        How often.
    signs : float64 array, shape (samples, n_groups)
        1 or -1.
    """

    of: IntArray
    drawn: FloatArray
    signs: FloatArray


def draw_clusters(groups: IntArray, *, seed: int, samples: int = 4_000) -> Clusters:
    """Draw as many groups as there are, with replacement, once for each resampled history.

    Parameters
    ----------
    groups : int64 array, shape (n_values,)
        Label of the group of each value: its calendar week, say.
    seed : int
        The same seed gives the same draws.
    samples : int
        Resampled histories, >= 1.

    Returns
    -------
    Clusters
        The groups numbered from 0, and the draws.

    Raises
    ------
    UsageError
        If fewer than one history is asked for.

    Notes
    -----
    Cameron, Gelbach and Miller (2008), "Bootstrap-Based Improvements for Inference with Clustered Errors", the pairs
    cluster bootstrap.
    """
    if samples < 1:
        raise UsageError("bad_samples", "samples must be >= 1, was {samples}", samples=samples)
    _, of = np.unique(groups, return_inverse=True)
    n_groups = int(of.max()) + 1 if len(of) else 0
    rng = np.random.default_rng(seed)
    drawn = (
        rng.multinomial(n_groups, np.full(n_groups, 1.0 / n_groups), size=samples).astype(np.float64)
        if n_groups
        else np.empty((samples, 0))
    )
    signs = rng.choice(np.array([-1.0, 1.0]), size=drawn.shape)
    return Clusters(of.astype(np.int64), drawn, signs)


def cluster_means(values: FloatArray, clusters: Clusters, mask: BoolArray) -> FloatArray:
    """Return the mean of some values in each resampled history.

    Parameters
    ----------
    values : float64 array, shape (n_values,)
        No NaN where the mask holds.
    clusters : Clusters
        Of all values.
    mask : bool array, shape (n_values,)
        Of which.

    Returns
    -------
    float64 array, shape (samples,)
        NaN where a history has none of them.
    """
    n_groups = clusters.drawn.shape[1]
    of = clusters.of[mask]
    counts = clusters.drawn @ np.bincount(of, minlength=n_groups).astype(np.float64)
    sums = clusters.drawn @ np.bincount(of, weights=values[mask], minlength=n_groups)
    means = np.full(len(counts), math.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def mean_interval(means: FloatArray, *, confidence: float = 0.95) -> Interval:
    """Return the central interval of resampled means; NaN where there are none.

    Parameters
    ----------
    means : float64 array, shape (samples,)
        As `cluster_means` gives them.
    confidence : float
        In (0, 1).

    Returns
    -------
    Interval
        Of percentiles.
    """
    known = means[~np.isnan(means)]
    if not len(known):
        return Interval(math.nan, math.nan)
    low, high = np.quantile(known, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    return Interval(float(low), float(high))


def better_p_value(values: FloatArray, clusters: Clusters, mask: BoolArray) -> float:
    """Return how likely so high a mean of some values, beside that of the rest, is where both are the same.

    Each group's part of the difference gets a random sign: with few groups it is not too sure of itself, as resampled
    groups are.

    Parameters
    ----------
    values, clusters, mask
        As for `cluster_means`.

    Returns
    -------
    float
        ``(1 + as large) / (1 + histories)``, in (0, 1]; NaN where there is no rest.

    Notes
    -----
    Cameron, Gelbach and Miller (2008), section 3.4: the wild cluster bootstrap with the null imposed, signs by
    Rademacher.
    """
    count, n_groups = int(np.count_nonzero(mask)), clusters.drawn.shape[1]
    if count in (0, len(values)):
        return math.nan
    apart = values - values.mean()
    parts = np.where(mask, apart / count, -apart / (len(values) - count))
    by_group = np.bincount(clusters.of, weights=parts, minlength=n_groups)
    # Rounding may not tell a history apart that is the observed one.
    observed = by_group.sum() * (1.0 - 1e-9)
    as_large = np.count_nonzero(clusters.signs @ by_group >= observed)
    return (1 + int(as_large)) / (1 + len(clusters.signs))
