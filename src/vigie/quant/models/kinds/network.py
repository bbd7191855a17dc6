"""A small neural network of scikit-learn; only the library scores it, so that it never trades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.models.linear import Standard, standard_of
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, fit_classifier, library

UNITS = (16,)
PENALTY = 1e-2
ROUNDS = 30


class _Classifier(Protocol):
    def predict_proba(self, rows: FloatArray) -> FloatArray: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    model: _Classifier
    standard: Standard

    def scores(self, rows: FloatArray) -> FloatArray:
        out = np.full(len(rows), np.nan)
        known = ~np.isnan(rows).any(axis=1)
        if known.any():
            out[known] = self.model.predict_proba(self.standard(rows[known]))[:, 1]
        return out


def fit(sample: FitSample) -> _Network:
    """Return the network; its score is a probability.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    FittedModel
    """
    standard = standard_of(sample.rows)
    model = library("sklearn.neural_network").MLPClassifier(
        UNITS,
        alpha=sample.options.get("penalty", PENALTY),
        max_iter=ROUNDS,
        early_stopping=True,
        random_state=sample.seed,
    )
    import warnings

    with warnings.catch_warnings():
        # It ends after its rounds, whether the last one still helped or not.
        warnings.simplefilter("ignore")
        fit_classifier(model, sample, standard(sample.rows))
    return _Network(model, standard)


KIND = ModelKind(
    "network", "class", fit, is_flat=False,
    options={"penalty": OptionRange(PENALTY, 1e-4, 1.0, is_log=True)},
)  # fmt: skip
