"""A model over folds: what it says of a row comes of rows before it alone, and is measured as others measure it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.learning.material import history
from vigie.domain.state import SHORT_ENTRY
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.quant.models import registry
from vigie.quant.models.calibration import fit_calibration, probabilities
from vigie.research.learning.folds import walk_folds
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.odds_trading import trade_odds
from vigie.research.learning.skill import auc, measure
from vigie.research.learning.walking import walk

pytest.importorskip("sklearn")
PLANTED = history(7, hours=9_000, strength=0.12)
ROWS = PLANTED.rows
FOLDS = walk_folds(ROWS, embargo_ms=24 * HOUR_MS, folds=4)
WALKED = walk(ROWS, registry()["logistic"], FOLDS, seed=1)


@pytest.mark.parametrize(
    "kind", ["logistic", "tree", "lightgbm", "network", "last_outcome", "drift", "base_rate"]
)
def test_what_comes_later_changes_nothing_of_what_was_said(kind):
    walked = walk(ROWS, registry()[kind], FOLDS, seed=1)
    fold = FOLDS[2]
    later = ROWS.ts >= fold.until_ms
    random = np.random.default_rng(0)
    changed = replace(
        ROWS,
        values=np.where(later[:, None], random.normal(size=ROWS.values.shape), ROWS.values),
        # Outcomes within the fold, too: they are known only after it is judged.
        target=np.where(ROWS.ends >= fold.from_ms, 1.0 - ROWS.target, ROWS.target),
        gains=np.where((ROWS.ends >= fold.from_ms)[:, None], 0.5, ROWS.gains),
        outcomes=ROWS.outcomes,
    )
    again = walk(changed, registry()[kind], FOLDS[:3], seed=1)
    until = np.flatnonzero(ROWS.ts < fold.until_ms)
    for name in ("log_odds", "usual", "is_long", "is_short"):
        assert getattr(again, name)[until].tolist() == pytest.approx(
            getattr(walked, name)[until].tolist(), nan_ok=True, abs=0.0
        ), name
    for name in ("low", "high", "may_come", "may_stay_away"):
        told = getattr(again.intervals, name)[until]
        assert np.array_equal(told, getattr(walked.intervals, name)[until], equal_nan=True), name


def test_planted_momentum_is_found_and_traded_both_ways():
    skill = measure(ROWS, WALKED, seed=3)
    assert skill.says_more
    assert skill.auc > 0.6
    assert [band.came for band in skill.bands[:3]] < [band.came for band in skill.bands[-3:]]
    assert skill.rows == sum(fold.rows for fold in skill.folds) == sum(len(fold.judged) for fold in FOLDS)
    traded = trade_odds(ROWS, WALKED, [PLANTED.slot], trials=1, seed=3)
    assert not traded.verdict.is_luck
    assert {1, -1} <= set(np.unique(traded.trades["side"]).tolist())
    # Nothing is traded before the first bar that was judged, and no day after the last one counts.
    first, last = (PLANTED.slot.bars.ts[ROWS.bars[FOLDS[k].judged[k]]] for k in (0, -1))
    assert traded.trades["entry_ts"].min() > first
    assert traded.trades["exit_ts"].max() <= last + HOUR_MS
    assert (traded.days[0], traded.days[-1]) == (first // DAY_MS, (last + HOUR_MS) // DAY_MS)


def test_a_model_that_says_nothing_is_neither_better_nor_worse_than_the_usual_rate():
    skill = measure(ROWS, walk(ROWS, registry()["base_rate"], FOLDS, seed=1), seed=3)
    assert skill.log_loss_gain == skill.brier_gain == 0.0
    assert [fold.auc for fold in skill.folds] == [0.5] * len(FOLDS)


def test_noise_seldom_says_more_than_the_usual_rate():
    """An interval of 95 % is above 0 once in forty; of ten histories, two would be too many."""
    found = 0
    for seed in range(20, 30):
        noise = history(seed, hours=9_000)
        folds = walk_folds(noise.rows, embargo_ms=24 * HOUR_MS, folds=4)
        found += measure(
            noise.rows, walk(noise.rows, registry()["logistic"], folds, seed=1), seed=3
        ).says_more
    assert found <= 1


def test_an_asset_twice_says_no_more_than_once():
    """Assets move together: what is drawn are weeks, not rows."""

    def twice(values):
        return np.repeat(values, 2, axis=0)

    names = ("ts", "values", "target", "ends", "weights", "gains", "bars")
    assets = np.tile([0, 1], len(ROWS))
    rows = LearningRows(ROWS.columns, **{name: twice(getattr(ROWS, name)) for name in names}, assets=assets)
    fits = tuple(
        replace(fit, fold=replace(fit.fold, judged=twice(2 * fit.fold.judged) + np.tile([0, 1], fit_rows)))
        for fit in WALKED.fits
        for fit_rows in [len(fit.fold.judged)]
    )
    walked = replace(WALKED, log_odds=twice(WALKED.log_odds), usual=twice(WALKED.usual), fits=fits)
    one, both = measure(ROWS, WALKED, seed=3), measure(rows, walked, seed=3)
    assert both.rows == 2 * one.rows
    for kind in ("brier_interval", "log_loss_interval"):
        wanted, found = getattr(one, kind), getattr(both, kind)
        assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), rel=1e-9)


def test_more_trials_make_the_same_result_luck():
    one = trade_odds(ROWS, WALKED, [PLANTED.slot], trials=1, seed=3).verdict
    many = trade_odds(ROWS, WALKED, [PLANTED.slot], trials=10**9, seed=3).verdict
    assert (one.is_luck, many.is_luck) == (False, True)


def test_a_side_that_is_not_traded_has_no_entries():
    gains = ROWS.gains.copy()
    gains[:, 1] = np.nan
    walked = walk(replace(ROWS, gains=gains), registry()["logistic"], FOLDS, seed=1)
    assert not walked.is_short.any()
    assert walked.is_long.any()
    traded = trade_odds(ROWS, walked, [PLANTED.slot], trials=1, seed=3)
    assert SHORT_ENTRY == 2
    assert np.unique(traded.trades["side"]).tolist() == [1]


def test_measures_are_those_of_scikit_learn():
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    random = np.random.default_rng(2)
    target = (random.random(800) < 0.4).astype(float)
    scores = np.round(random.normal(size=800) + target, 1)
    assert auc(scores, target) == pytest.approx(roc_auc_score(target, scores), rel=1e-12)
    assert np.isnan(auc(scores, np.ones(800)))
    skill = measure(ROWS, WALKED, seed=3)
    for number, fold in enumerate(FOLDS):
        said = probabilities(WALKED.log_odds[fold.judged])
        usual = probabilities(WALKED.usual[fold.judged])
        came = ROWS.target[fold.judged]
        own = skill.folds[number]
        assert own.brier == pytest.approx(brier_score_loss(came, said), rel=1e-9)
        assert own.log_loss == pytest.approx(log_loss(came, said), rel=1e-9)
        assert own.log_loss_gain == pytest.approx(log_loss(came, usual) - own.log_loss, abs=1e-12)
        assert own.auc == pytest.approx(roc_auc_score(came, said), rel=1e-9)


def test_calibration_is_a_line_through_what_came():
    random = np.random.default_rng(4)
    scores = random.normal(size=20_000) * 3.0 + 1.0
    target = (random.random(20_000) < probabilities(0.5 * scores - 1.0)).astype(float)
    weights = random.uniform(0.5, 1.5, 20_000)
    found = fit_calibration(scores, target, weights)
    assert (found.slope, found.intercept) == pytest.approx((0.5, -1.0), abs=0.05)
    # A score that says the contrary, and one that says nothing, are worth nothing.
    for worthless in (-scores, np.zeros(20_000)):
        flat = fit_calibration(worthless, target, weights)
        assert flat.slope == 0.0
        share = np.average(target, weights=weights)
        assert probabilities(np.array([flat.intercept]))[0] == pytest.approx(share, abs=1e-3)


def test_calibration_agrees_with_scikit_learn():
    from sklearn.calibration import _SigmoidCalibration

    random = np.random.default_rng(5)
    scores = random.normal(size=500)
    target = (random.random(500) < probabilities(2.0 * scores)).astype(float)
    ours = fit_calibration(scores, target, np.ones(500))
    theirs = _SigmoidCalibration().fit(scores, target)
    assert probabilities(ours.log_odds(scores)) == pytest.approx(theirs.predict(scores), abs=1e-5)
