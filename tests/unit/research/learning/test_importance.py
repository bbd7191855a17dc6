"""A column is worth what a model loses without it: the planted one most, noise nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.learning.test_walking import FOLDS, PLANTED, ROWS, WALKED
from vigie.quant.models import registry
from vigie.quant.models.calibration import probabilities
from vigie.research.learning.importance import permutation_importance
from vigie.research.learning.odds_trading import results_by_year, trade_odds
from vigie.research.learning.walking import walk


def test_the_planted_column_is_missed_most_and_noise_not_at_all():
    told = permutation_importance(ROWS, WALKED, registry()["logistic"], seed=1)
    assert told == permutation_importance(ROWS, WALKED, registry()["logistic"], seed=1)
    worth = {one.name: one for one in told}
    assert told[0].name == "return_24"
    assert told[0].folds_worse == len(FOLDS)
    assert abs(worth["noise_a"].loss_added) < 0.1 * told[0].loss_added
    assert [one.loss_added for one in told] == sorted((one.loss_added for one in told), reverse=True)


def test_importance_is_the_loss_that_a_shuffle_adds_out_of_fold():
    """One fold, one column, counted by hand."""
    fit = WALKED.fits[0]
    only = replace(WALKED, fits=(fit,))
    told = {one.name: one for one in permutation_importance(ROWS, only, registry()["logistic"], seed=4)}
    random = np.random.default_rng((4, 0))
    values, target = ROWS.values[fit.fold.judged], ROWS.target[fit.fold.judged]

    def loss(rows: np.ndarray) -> float:
        said = probabilities(fit.calibration.log_odds(fit.model.scores(rows)))
        return float(np.mean(-np.log(np.where(target == 1.0, said, 1.0 - said))))

    shuffled = [values.copy() for _ in range(3)]
    for one in shuffled:
        one[:, 0] = random.permutation(values[:, 0])
    added = np.mean([loss(one) - loss(values) for one in shuffled])
    assert told[ROWS.columns[0]].loss_added == pytest.approx(added, rel=1e-9)


def test_yardsticks_have_no_columns_to_miss():
    kind = registry()["drift"]
    assert permutation_importance(ROWS, walk(ROWS, kind, FOLDS, seed=1), kind, seed=1) == ()


def test_years_make_up_the_whole():
    traded = trade_odds(ROWS, WALKED, [PLANTED.slot], trials=1, seed=3)
    years = results_by_year(traded)
    assert [year.year for year in years] == sorted({year.year for year in years})
    assert sum(year.days for year in years) == len(traded.returns)
    assert sum(year.trades for year in years) == len(traded.trades)
    assert np.prod([1.0 + year.earned for year in years]) == pytest.approx(
        np.prod(1.0 + traded.returns), rel=1e-12
    )


def test_buy_and_hold_stands_beside_the_account_on_the_same_days():
    traded = trade_odds(ROWS, WALKED, [PLANTED.slot], trials=1, seed=3)
    assert len(traded.held) == len(traded.returns) == len(traded.days)
    bars, costs = PLANTED.slot.bars, PLANTED.slot.costs
    own = ROWS.bars[~np.isnan(WALKED.log_odds)]
    first, last = int(own[0]), int(own[-1]) + 1
    paid = (1.0 - costs.slippage_bps / 1e4) * (1.0 - costs.taker)
    cost = (1.0 + costs.slippage_bps / 1e4) * (1.0 + costs.taker)
    wanted = bars.close[last] / bars.open[first] * paid / cost
    assert np.prod(1.0 + traded.held) == pytest.approx(wanted, rel=1e-12)
