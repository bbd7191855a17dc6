"""Coverage is what came, counted on rows that were judged: near its level where time is of one kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.learning.material import history
from tests.unit.research.learning.test_walking import FOLDS, ROWS, WALKED
from vigie.domain.time import HOUR_MS
from vigie.quant.models import registry
from vigie.research.learning.coverage import measure_coverage
from vigie.research.learning.folds import walk_folds
from vigie.research.learning.walking import returns_of, walk

pytest.importorskip("sklearn")


def test_coverage_is_counted_row_by_row():
    told = measure_coverage(ROWS, WALKED)
    judged = np.concatenate([fold.judged for fold in FOLDS])
    came = (ROWS.gains[judged, 0] - ROWS.gains[judged, 1]) / 2.0
    inside = [
        low <= one <= high
        for low, one, high in zip(
            WALKED.intervals.low[judged].tolist(),
            came.tolist(),
            WALKED.intervals.high[judged].tolist(),
            strict=True,
        )
    ]
    assert told.returns == pytest.approx(sum(inside) / len(inside))
    possible = [
        bool(may if target else may_not)
        for may, may_not, target in zip(
            WALKED.intervals.may_come[judged],
            WALKED.intervals.may_stay_away[judged],
            ROWS.target[judged],
            strict=True,
        )
    ]
    assert told.outcomes == pytest.approx(sum(possible) / len(possible))
    assert told.width == pytest.approx(float(np.mean((WALKED.intervals.high - WALKED.intervals.low)[judged])))


def test_intervals_of_noise_hold_nine_of_ten():
    shares = []
    for seed in range(40, 48):
        rows = history(seed, hours=9_000).rows
        folds = walk_folds(rows, embargo_ms=24 * HOUR_MS, folds=4)
        shares.append(measure_coverage(rows, walk(rows, registry()["logistic"], folds, seed=1)).returns)
    # Rows of a day share their hours: a history of 150 days is worth 150 rows.
    assert np.mean(shares) == pytest.approx(0.9, abs=0.04)


def test_a_signal_has_the_return_of_its_trade():
    gains = ROWS.gains.copy()
    gains[:, 1] = np.nan
    assert returns_of(replace(ROWS, gains=gains)).tolist() == ROWS.gains[:, 0].tolist()
