"""Figures that weigh what tells of a difference, fitted by ``python -m benchmarks.news.fit_copies``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from math import exp
from typing import NamedTuple


class FittedWeights(NamedTuple):
    """Figures that weigh features, as fitted.

    Attributes
    ----------
    least : float
        From which probability on a fact is another.
    """

    intercept: float
    weights: Mapping[str, float]
    least: float

    def probability(self, features: Mapping[str, float]) -> float:
        """Return how likely a fact is altered."""
        total = self.intercept + sum(self.weights.get(name, 0.0) * value for name, value in features.items())
        return 1.0 / (1.0 + exp(-total))


@cache
def load_weights(model: str) -> FittedWeights:
    """Return the figures of a model."""
    text = (resources.files(__package__) / "fitted_weights.json").read_text(encoding="utf-8")
    return FittedWeights(**json.loads(text)[model])
