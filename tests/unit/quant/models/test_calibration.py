"""The line from scores to log-odds is the most likely one, however far some scores lie and however rare a class is."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.quant.models.calibration import fit_calibration


# At the last six, whole steps ended elsewhere; once at a line of the wrong sign.
@pytest.mark.parametrize("seed", [*range(20), 80, 81, 108, 260, 266, 297])
def test_no_line_is_more_likely(seed):
    from scipy.optimize import minimize
    from scipy.special import expit

    draws = np.random.default_rng(seed)
    scores = draws.standard_t(1.2, size=200)
    drawn = draws.uniform(size=200)
    odds = draws.choice([-4.0, 0.0, 4.0]) + scores * draws.choice([0.0, 1.0, 8.0])
    target = (drawn < expit(odds)).astype(float)
    weights = draws.uniform(0.01, 1.0, size=200)
    positive, total = weights[target == 1.0].sum(), weights.sum()
    aim = np.where(target == 1.0, (positive + 1.0) / (positive + 2.0), 1.0 / (total - positive + 2.0))
    at = (scores - scores.mean()) / scores.std()

    def loss(line):
        log_odds = line[0] * at + line[1]
        return float((weights * (np.logaddexp(0.0, log_odds) - aim * log_odds)).sum())

    best, line = minimize(loss, [0.0, 0.0]), fit_calibration(scores, target, weights)
    if best.x[0] <= 0.0:
        # The contrary of a score is not traded.
        assert line.slope == 0.0
    else:
        told = (line.slope * scores.std(), line.intercept + line.slope * scores.mean())
        assert loss(told) == pytest.approx(best.fun, abs=1e-5)
