"""How sure a model may be: logits are divided by one number a language, set by cross-fitting on labelled headlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.intelligence.news.judging.together import Floats

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


def calibrated(logits: Floats, truth: NDArray[np.int64]) -> Calibration:
    """Return the number of a language; how far off it is comes from headlines that it was not set on."""
    found = np.zeros_like(logits)
    order = np.random.default_rng(_SEED).permutation(len(truth))
    for part in np.array_split(order, FOLDS):
        kept = np.setdiff1d(order, part)
        found[part] = softmax(logits[part] / likeliest_heat(logits[kept], truth[kept]))
    return Calibration(likeliest_heat(logits, truth), expected_error(found, truth), len(truth))


def expected_error(probabilities: Floats, truth: NDArray[np.int64]) -> float:
    """Return how far surety and correctness lie apart, over ten equal bins of the likeliest label's probability."""
    surest, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((surest * BINS).astype(int), BINS - 1)
    apart = [abs(float(np.sum(surest[bins == at] - right[bins == at]))) for at in range(BINS)]
    return sum(apart) / len(truth)


def likeliest_heat(logits: Floats, truth: NDArray[np.int64]) -> float:
    """Return the number under which the labels of headlines are likeliest."""
    places = np.arange(len(truth))
    losses = [-np.log(softmax(logits / heat)[places, truth]).mean() for heat in _TRIED]
    return float(_TRIED[int(np.argmin(losses))])


def softmax(logits: Floats) -> Floats:
    """Return probabilities."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
