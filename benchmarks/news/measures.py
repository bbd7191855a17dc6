"""Figures of labels: macro-F1, flips, the surest half, with intervals from drawing the rows again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

DRAWS = 1000
SEED = 7
# Of a normal distribution, for intervals of 95 %.
WIDE = 1.959964


def macro_f1(truth, said, labels=3):
    """Return the mean of F1 over the labels."""
    found = []
    for label in range(labels):
        hits = np.sum((truth == label) & (said == label))
        both = np.sum(truth == label) + np.sum(said == label)
        found.append(2 * hits / both if both else 0.0)
    return float(np.mean(found))


def flips(truth, said):
    """Return the share of rows called positive that are negative, and the other way round."""
    return float(np.mean(np.abs(truth - said) == 2))


def surest_half(truth, probabilities):
    """Return how many are right of the half whose likeliest label is likeliest."""
    order = np.argsort(-probabilities.max(axis=1), kind="stable")[: len(truth) // 2]
    return float(np.mean(probabilities.argmax(axis=1)[order] == truth[order]))


def interval(figure: Callable[..., float], *columns):
    """Return a figure with its 95 % interval: the rows are drawn anew a thousand times."""
    draw = np.random.default_rng(SEED)
    count = len(columns[0])
    drawn = []
    for _ in range(DRAWS):
        rows = draw.integers(0, count, count)
        drawn.append(figure(*(column[rows] for column in columns)))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return {"value": figure(*columns), "low": float(low), "high": float(high)}


def shown(found, digits=2):
    """Return a figure with its interval as text."""
    return f"{found['value']:.{digits}f} ({found['low']:.{digits}f} to {found['high']:.{digits}f})"


def precision(truth, said):
    """Return the share of what was said that is so."""
    return float(np.sum(truth & said) / np.sum(said)) if np.sum(said) else float("nan")


def recall(truth, said):
    """Return the share of what is so that was said."""
    return float(np.sum(truth & said) / np.sum(truth)) if np.sum(truth) else float("nan")


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return Wilson's interval of 95 % of a share."""
    if not count:
        return 0.0, 1.0
    share, square = hits / count, WIDE**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = WIDE * (share * (1 - share) / count + square / (4 * count**2)) ** 0.5 / (1 + square / count)
    return max(0.0, middle - half), min(1.0, middle + half)
