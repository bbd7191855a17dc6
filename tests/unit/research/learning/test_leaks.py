"""Each planted leak is caught by its name, and none of ten clean ways of learning is called leaking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.unit.research.learning.material import HORIZON, LOOKS, history, with_returns
from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.quant.models import registry
from vigie.quant.models.linear import standard_of
from vigie.research.learning.folds import LearnFold, walk_folds
from vigie.research.learning.leaks import (
    LearningWay,
    ListedAsset,
    find_leaks,
    refuse_leaking_rows,
    refuse_leaks_of,
)
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.walking import walk

pytest.importorskip("sklearn")
# With something to learn in it: where a score is worth nothing, whatever it knows is not said either.
MADE = history(3, hours=4_000, strength=0.12)
ROWS, CLOSE = MADE.rows, MADE.slot.bars.close
EMBARGO = HORIZON * HOUR_MS
FOLDS = walk_folds(ROWS, embargo_ms=EMBARGO, folds=4)
BAR_TS = MADE.slot.bars.ts + HOUR_MS
# What a publisher said at each hour, and what it says today: every fifth figure was revised a week later.
SAID = np.random.default_rng(9).normal(size=len(CLOSE))
REVISED = np.where(np.arange(len(CLOSE)) % 5 == 0, SAID + 1.0, SAID)


def by(kind: str) -> Any:
    return lambda rows, folds: walk(rows, registry()[kind], folds, seed=1).log_odds


def honest_columns(count: int, known_by: int | None) -> Mapping[str, FloatArray]:
    logs = np.log(CLOSE[:count])
    moves = {
        f"return_{look}": np.concatenate([np.full(look, np.nan), logs[look:] - logs[:-look]])
        for look in LOOKS
    }
    return {**moves, "said": SAID[:count]}


def way(**changes: Any) -> LearningWay:
    clean = LearningWay(ROWS, FOLDS, EMBARGO, by("logistic"), honest_columns, len(CLOSE), BAR_TS)
    return replace(clean, **changes)


def smoothed(count: int, known_by: int | None) -> Mapping[str, FloatArray]:
    """A regime by a mean that stands in the middle of its window."""
    window = np.ones(49) / 49
    return {**honest_columns(count, known_by), "regime": np.convolve(CLOSE[:count], window, "same")}


def tomorrow(count: int, known_by: int | None) -> Mapping[str, FloatArray]:
    nearer = np.append(CLOSE[1:count], np.nan)
    return {**honest_columns(count, known_by), "next_close": nearer}


def revised(count: int, known_by: int | None) -> Mapping[str, FloatArray]:
    """The newest words about each hour, whatever was known then."""
    told = REVISED if known_by is None else np.where(known_by >= BAR_TS + 7 * DAY_MS, REVISED, SAID)
    return {**honest_columns(count, known_by), "news": told[:count]}


def in_bins_over_all(rows: LearningRows, folds: tuple[LearnFold, ...]) -> FloatArray:
    """Quarters of each column, by all rows."""
    edges = np.quantile(rows.values, [0.25, 0.5, 0.75], axis=0)
    bins = (rows.values[:, None, :] > edges[None]).sum(axis=1).astype(float)
    return by("logistic")(replace(rows, values=bins), folds)


def scaled_over_all(rows: LearningRows, folds: tuple[LearnFold, ...]) -> FloatArray:
    """Each column by mean and deviation of all rows, cut at two deviations: else what learns scales it anew."""
    scaled = np.clip(standard_of(rows.values)(rows.values), -2.0, 2.0)
    return by("logistic")(replace(rows, values=scaled), folds)


def selected_over_all(rows: LearningRows, folds: tuple[LearnFold, ...]) -> FloatArray:
    alike = np.abs(standard_of(rows.values)(rows.values).T @ (rows.target - rows.target.mean()))
    best = np.argsort(alike)[-1:]
    kept = replace(rows, columns=tuple(rows.columns[k] for k in best), values=rows.values[:, best])
    return by("logistic")(kept, folds)


def fitted_on_all(rows: LearningRows, folds: tuple[LearnFold, ...]) -> FloatArray:
    """Labels of the future: each fold learns from all rows."""
    everything = np.arange(len(rows))
    return by("logistic")(rows, tuple(replace(fold, fitted=everything) for fold in folds))


def without_purge() -> tuple[LearnFold, ...]:
    return tuple(
        replace(
            fold,
            calibrated=np.flatnonzero((ROWS.ts >= ROWS.ts[fold.calibrated[0]]) & (ROWS.ts < fold.from_ms)),
        )
        for fold in FOLDS
    )


def with_the_answer() -> LearningRows:
    """The outcome with some noise, so that it is no copy."""
    nearly = ROWS.target + np.random.default_rng(2).normal(size=len(ROWS)) * 0.3
    return replace(ROWS, values=np.column_stack([ROWS.values[:, :5], nearly]))


FIRST = int(ROWS.ts[0])
LISTED = (
    ListedAsset("alive", FIRST - DAY_MS),
    ListedAsset("gone", FIRST - DAY_MS, FIRST + 50 * DAY_MS),
    ListedAsset("gone before", FIRST - 90 * DAY_MS, FIRST - DAY_MS),
)
PLANTED = {
    "embargo of zero": (lambda: way(embargo_ms=0), "embargo_of_zero", ""),
    "overlapping labels": (lambda: way(folds=without_purge()), "overlapping_labels", "fold 1"),
    "a column from tomorrow": (lambda: way(columns=tomorrow), "column_from_tomorrow", "next_close"),
    "smoothed regimes": (lambda: way(columns=smoothed), "column_from_tomorrow", "regime"),
    "revised news": (lambda: way(columns=revised), "revised_values", "news"),
    "target in a column": (lambda: way(rows=with_the_answer()), "outcome_in_a_column", "noise_b"),
    "scaler over all": (lambda: way(walk=scaled_over_all), "values_ahead_in_fit", ""),
    "quarters over all": (lambda: way(walk=in_bins_over_all), "values_ahead_in_fit", ""),
    "selector over all": (lambda: way(walk=selected_over_all), "outcomes_ahead_in_fit", ""),
    "future label": (lambda: way(walk=fitted_on_all), "outcomes_ahead_in_fit", ""),
    "only survivors": (lambda: way(chosen=("alive",), listed=LISTED), "only_survivors", "gone"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_leak_is_caught_by_its_name(planted):
    make, name, where = PLANTED[planted]
    found = {(leak.name, leak.where) for leak in find_leaks(make(), seed=5)}
    assert (name, where) in found
    # Nothing else is blamed for it, but that a fit knows what lies ahead.
    assert {leak for leak, _ in found} <= {name, "values_ahead_in_fit", "outcomes_ahead_in_fit"}
    with pytest.raises(UsageError, match=f"knows the future: .*{name}"):
        refuse_leaks_of(make(), seed=5)


CLEAN = {
    **{
        kind: {"walk": by(kind)}
        for kind in ("base_rate", "last_outcome", "drift", "logistic", "tree", "forest")
    },
    "boosting": {"walk": by("boosting")},
    "other folds": {"folds": walk_folds(ROWS, embargo_ms=EMBARGO, folds=7)},
    "assets that went are among them": {"chosen": ("alive", "gone"), "listed": LISTED},
    "nothing went": {"chosen": ("alive",), "listed": LISTED[:1]},
}


@pytest.mark.parametrize("clean", CLEAN)
def test_a_clean_way_of_learning_is_not_called_leaking(clean):
    assert len(CLEAN) == 10
    assert find_leaks(way(**CLEAN[clean]), seed=5) == ()


def test_a_fit_that_knows_returns_ahead_is_caught_and_one_that_does_not_is_clean():
    rows = with_returns(ROWS)

    def ahead(given: LearningRows, folds: tuple[LearnFold, ...]) -> FloatArray:
        # Calibrated by what was known, fitted on what was not.
        everything = np.arange(len(given))
        return by("linear")(given, tuple(replace(fold, fitted=everything) for fold in folds))

    assert find_leaks(way(rows=rows, walk=by("linear")), seed=5) == ()
    assert "outcomes_ahead_in_fit" in {leak.name for leak in find_leaks(way(rows=rows, walk=ahead), seed=5)}


def test_what_is_seen_without_a_fit_is_refused_before_one_is_made():
    refuse_leaking_rows(ROWS, FOLDS)
    with pytest.raises(UsageError, match=r"knows the future: overlapping_labels \(fold 1\)"):
        refuse_leaking_rows(ROWS, without_purge())
    with pytest.raises(UsageError, match=r"knows the future: outcome_in_a_column \(noise_b\)"):
        refuse_leaking_rows(with_the_answer(), FOLDS)


@pytest.mark.parametrize("markets", [1, 3])
def test_column_that_follows_a_few_long_outcomes_by_luck_is_not_called_a_leak(markets):
    # Six outcomes of 600 bars each, and a column that only grows with time.
    count = 3_600
    age = np.arange(count, dtype=float)
    slow = replace(
        ROWS, columns=("age",), ts=ROWS.ts[:count], values=age[:, None], target=(age >= count / 2).astype(float),
        ends=ROWS.ends[:count], weights=np.full(count, 1.0 / 600), gains=ROWS.gains[:count],
        assets=np.arange(count, dtype=np.int64) % markets, bars=ROWS.bars[:count], outcomes=np.empty((0, 2)),
    )  # fmt: skip
    refuse_leaking_rows(replace(slow, weights=slow.weights * markets), ())
    with pytest.raises(UsageError, match=r"knows the future: outcome_in_a_column \(age\)"):
        refuse_leaking_rows(replace(slow, weights=np.full(count, 1.0)), ())
