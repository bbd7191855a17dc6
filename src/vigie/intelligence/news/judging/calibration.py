"""How sure a model may be: logits are divided by one number a language, set by cross-fitting on labelled headlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.intelligence.news.judging.gram_scorer import Floats

BINS: Final = 10
FOLDS: Final = 5
_SEED: Final = 20
_TRIED: Final = np.geomspace(0.2, 5.0, 161)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was set on labelled headlines of one language.

    Attributes
    ----------
    heat : float
        What logits are divided by.
    error : float
        Expected calibration error of headlines that were left out in turn.
    rows : int
        How many headlines.
    """

    heat: float
    error: float
    rows: int


def calibrate(logits: Floats, truth: NDArray[np.int64]) -> Calibration:
    """Return the number of a language; how far off it is comes from headlines that it was not set on."""
    probabilities = np.zeros_like(logits)
    order = np.random.default_rng(_SEED).permutation(len(truth))
    for test_rows in np.array_split(order, FOLDS):
        train_rows = np.setdiff1d(order, test_rows)
        probabilities[test_rows] = softmax(
            logits[test_rows] / fit_temperature(logits[train_rows], truth[train_rows])
        )
    return Calibration(fit_temperature(logits, truth), expected_error(probabilities, truth), len(truth))


def expected_error(probabilities: Floats, truth: NDArray[np.int64]) -> float:
    """Return how far surety and correctness lie apart, over ten equal bins of the likeliest label's probability."""
    confidence, is_right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(np.sum(confidence[bins == bin_number] - is_right[bins == bin_number])))
        for bin_number in range(BINS)
    ]
    return sum(gaps) / len(truth)


def fit_temperature(logits: Floats, truth: NDArray[np.int64]) -> float:
    """Return the number under which the labels of headlines are likeliest."""
    places = np.arange(len(truth))
    losses = [-np.log(softmax(logits / temperature)[places, truth]).mean() for temperature in _TRIED]
    return float(_TRIED[int(np.argmin(losses))])


def softmax(logits: Floats) -> Floats:
    """Return probabilities."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))
