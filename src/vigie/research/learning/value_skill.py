"""How much closer to what came a model of amounts is than its yardsticks, out of sample, and how far that may be luck.

Intervals are of blocks of time, drawn whole, as those of `skill`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.models.model_kind import ModelKind
from vigie.quant.stats.bootstrap import Interval
from vigie.quant.stats.clusters import cluster_means, draw_clusters, mean_interval
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.skill import WEEK_MS
from vigie.research.learning.walking import Walked, read

# By the column of `LearningRows.outcomes` that says them.
YARDSTICKS: Final = ("last_outcome", "drift")


@dataclass(frozen=True, slots=True)
class YardstickSkill:
    """A model beside one yardstick, on the same rows.

    Attributes
    ----------
    name : str
        A kind: ``last_outcome``, what came last comes again; ``drift``, the mean of all before.
    r2 : float
        Share of the yardstick's squared error that the model saves: above 0 where it is closer to what came.
    r2_interval : Interval
        Of 95 %, over blocks of a week.
    mean_error : float
        Mean absolute error of the yardstick.
    """

    name: str
    r2: float
    r2_interval: Interval
    mean_error: float


@dataclass(frozen=True, slots=True)
class ValueSkill:
    """How close a model of amounts came, over all folds.

    Attributes
    ----------
    rows : int
        Rows that were judged.
    mean_error : float
        Mean absolute error of the model.
    yardsticks : tuple of YardstickSkill
    """

    rows: int
    mean_error: float
    yardsticks: tuple[YardstickSkill, ...]

    @property
    def says_more(self) -> bool:
        """Whether it is closer than every yardstick, and that is no luck."""
        return all(one.r2_interval.low > 0.0 for one in self.yardsticks)


def measure_values(rows: LearningRows, walked: Walked, kind: ModelKind, *, seed: int) -> ValueSkill:
    """Return how close the amounts that a model said came to what came, on rows that it was not fitted on.

    Parameters
    ----------
    rows : LearningRows
        Whose amounts are learned.
    walked : Walked
        Of the same rows.
    kind : ModelKind
        That walked.
    seed : int
        Of the draws.

    Returns
    -------
    ValueSkill
    """
    said = np.full(len(rows), np.nan)
    for fit in walked.fits:
        said[fit.fold.judged] = fit.model.scores(read(rows, kind)[fit.fold.judged])
    judged = np.flatnonzero(~np.isnan(walked.log_odds))
    came = rows.learned[judged]
    errors = said[judged] - came
    clusters = draw_clusters(rows.ts[judged] // WEEK_MS, seed=seed, samples=1_000)
    everything = np.ones(len(judged), bool)

    def beside(name: str, guesses: FloatArray) -> YardstickSkill:
        missed = guesses - came
        whole = float((missed**2).mean())
        interval = mean_interval(cluster_means(missed**2 - errors**2, clusters, everything))
        return YardstickSkill(
            name,
            1.0 - float((errors**2).mean()) / whole,
            Interval(interval.low / whole, interval.high / whole),
            float(np.abs(missed).mean()),
        )

    return ValueSkill(
        len(judged),
        float(np.abs(errors).mean()),
        tuple(beside(name, rows.outcomes[judged, number]) for number, name in enumerate(YARDSTICKS)),
    )
