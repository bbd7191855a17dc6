"""How often what came lay inside the intervals and the sets that were told beforehand, out of sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.quant.models.conformal import LEVEL
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.walking import Walked, returns_of


@dataclass(frozen=True, slots=True)
class Coverage:
    """What conformal intervals came to.

    Attributes
    ----------
    level : float
        How often what comes should be inside.
    returns : float
        Share of rows whose return was in its interval; NaN where none has one.
    width : float
        Mean width of these intervals, as a share of the price.
    outcomes : float
        Share of rows whose outcome was in the predicted set.
    single : float
        Share of rows for which one outcome alone was told to be possible.
    """

    level: float
    returns: float
    width: float
    outcomes: float
    single: float


def measure_coverage(rows: LearningRows, walked: Walked) -> Coverage:
    """Return how often what came was inside, over the rows that were judged.

    Parameters
    ----------
    rows : LearningRows
    walked : Walked
        Of the same rows.

    Returns
    -------
    Coverage
    """
    judged = ~np.isnan(walked.log_odds)
    came = returns_of(rows)
    intervals = walked.intervals
    assert intervals is not None  # of a walk
    low, high = intervals.low, intervals.high
    told = judged & np.isfinite(low) & ~np.isnan(came)
    inside = (low[told] <= came[told]) & (came[told] <= high[told])
    may, may_not = intervals.may_come[judged], intervals.may_stay_away[judged]
    return Coverage(
        level=LEVEL,
        returns=float(inside.mean()) if told.any() else float("nan"),
        width=float((high[told] - low[told]).mean()) if told.any() else float("nan"),
        outcomes=float(np.where(rows.target[judged] == 1.0, may, may_not).mean()),
        single=float((may != may_not).mean()),
    )
