"""Split conformal prediction: how far a score may be wrong, by rows that neither the model nor its line was fitted on.

An interval holds what comes as often as its level says, whatever the model is worth, as far as what comes is like what
those rows were; how often it did is measured on the rows that are judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray, IntArray
from vigie.quant.models.calibration import ScoreLine, fit_calibration
from vigie.quant.models.linear import weighted_line

LEVEL: Final = 0.9


@dataclass(frozen=True, slots=True)
class ConformalBounds:
    """From a score to an interval of the return, and to the outcomes that may come.

    Attributes
    ----------
    slope, intercept : float
        Of the line from a score to log-odds.
    margin : float
        Log-odds against an outcome up to which it may still come; infinite where too few rows say so.
    middle, worth : float
        The expected return at log-odds of 0, and what each unit of them adds.
    reach : float
        Half the width of the interval of the return; infinite where too few rows say so.
    """

    slope: float
    intercept: float
    margin: float
    middle: float
    worth: float
    reach: float

    def outcomes(self, scores: FloatArray) -> tuple[BoolArray, BoolArray]:
        """Return where the class may come, and where it may stay away.

        Parameters
        ----------
        scores : float64 array, shape (n_rows,)

        Returns
        -------
        tuple of bool arrays, shape (n_rows,)
        """
        log_odds = self._line.log_odds(scores)
        return -log_odds <= self.margin, log_odds <= self.margin

    def returns(self, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the ends of the interval of the return.

        Parameters
        ----------
        scores : float64 array, shape (n_rows,)

        Returns
        -------
        tuple of float64 arrays, shape (n_rows,)
        """
        expected = self.middle + self.worth * self._line.log_odds(scores)
        return expected - self.reach, expected + self.reach

    @property
    def _line(self) -> ScoreLine:
        return ScoreLine(self.slope, self.intercept)


def fit_conformal(
    scores: FloatArray,
    target: FloatArray,
    returns: FloatArray,
    weights: FloatArray,
    *,
    older: IntArray,
    newer: IntArray,
    level: float = LEVEL,
) -> ConformalBounds:
    """Return bounds: a line through the older rows, and how far the newer ones lay from it.

    Parameters
    ----------
    scores : float64 array, shape (n_rows,)
        Of rows that the model was not fitted on.
    target : float64 array, shape (n_rows,)
        0 or 1.
    returns : float64 array, shape (n_rows,)
        NaN where not known.
    weights : float64 array, shape (n_rows,)
    older, newer : int64 array
        Rows of which none is in both.
    level : float
        How often what comes is inside, in (0, 1).

    Returns
    -------
    ConformalBounds

    References
    ----------
    Papadopoulos, Proedrou, Vovk and Gammerman (2002), "Inductive Confidence Machines for Regression"; Vovk, Gammerman
    and Shafer (2005), "Algorithmic Learning in a Random World", section 4.2.
    """
    line = fit_calibration(scores[older], target[older], weights[older])
    log_odds = line.log_odds(scores)
    against = np.where(target == 1.0, -log_odds, log_odds)
    known = older[~np.isnan(returns[older])]
    middle, worth = _line_of(log_odds[known], returns[known], weights[known])
    missed = np.abs(returns[newer] - (middle + worth * log_odds[newer]))
    return ConformalBounds(
        line.slope, line.intercept, _upper(against[newer], level), middle, worth,
        _upper(missed[~np.isnan(missed)], level),
    )  # fmt: skip


def _line_of(x: FloatArray, y: FloatArray, weights: FloatArray) -> tuple[float, float]:
    if not len(x):
        return 0.0, 0.0
    mean, middle, worth = weighted_line(x, y, weights)
    return middle - worth * mean, worth


def _upper(values: FloatArray, level: float) -> float:
    """Return the value that one more of the same kind is at most with a probability of the level."""
    place = int(np.ceil((len(values) + 1) * level))
    return float(np.sort(values)[place - 1]) if place <= len(values) else float("inf")
