"""Columns and options that a fold chooses come of rows that it learns from; a choice over all rows is caught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.learning.test_leaks import FOLDS, ROWS, way
from vigie.domain.errors import UsageError
from vigie.quant.models import registry
from vigie.quant.models.column_choice import best_columns, widened
from vigie.quant.models.linear import LinearScorer
from vigie.quant.models.model_kind import FitSample
from vigie.quant.models.trees import FlatTrees
from vigie.research.learning import fold_choices
from vigie.research.learning.fold_choices import FoldChoices, search_options
from vigie.research.learning.leaks import find_leaks
from vigie.research.learning.walking import walk

pytest.importorskip("optuna")
pytest.importorskip("lightgbm")
SEARCHED = sorted(name for name, kind in registry().items() if kind.options)


def choosing(kind: str, choices: FoldChoices, spoil=lambda fold: fold):
    return lambda rows, folds: (
        walk(rows, registry()[kind], tuple(spoil(fold) for fold in folds), seed=1, choices=choices).log_odds
    )


@pytest.mark.parametrize("choices", [FoldChoices(columns=3), FoldChoices(tries=3), FoldChoices(2, 3)])
@pytest.mark.parametrize("kind", ["logistic", "tree"])
def test_choices_inside_the_fold_are_not_called_leaking(kind, choices):
    assert find_leaks(way(walk=choosing(kind, choices)), seed=5) == ()


def test_a_choice_of_columns_over_all_rows_is_caught(monkeypatch):
    everything = np.arange(len(ROWS))
    inside = fold_choices.best_columns

    def over_all(values, target, count):
        return inside(rows_of.values[everything], rows_of.target[everything], count)

    rows_of = ROWS

    def asked(rows, folds):
        nonlocal rows_of
        rows_of = rows
        return choosing("logistic", FoldChoices(columns=1))(rows, folds)

    monkeypatch.setattr(fold_choices, "best_columns", over_all)
    assert "outcomes_ahead_in_fit" in {leak.name for leak in find_leaks(way(walk=asked), seed=5)}


def test_a_search_over_all_rows_is_caught():
    """Options that are compared on the rows which are judged."""

    def asked(rows, folds):
        said = np.full(len(rows), np.nan)
        for fold in folds:
            tried = [
                walk(rows, _with_freedom(freedom), (fold,), seed=1).log_odds[fold.judged]
                for freedom in (0.0001, 1.0)
            ]
            target = rows.target[fold.judged]
            said[fold.judged] = max(tried, key=lambda odds: float(np.mean(odds * (target - 0.5))))
        return said

    assert "outcomes_ahead_in_fit" in {leak.name for leak in find_leaks(way(walk=asked), seed=5)}


def _with_freedom(freedom: float):
    kind = registry()["logistic"]
    return replace(kind, fit=lambda sample: kind.fit(replace(sample, options={"freedom": freedom})))


@pytest.mark.parametrize("kind", SEARCHED)
def test_a_search_is_the_same_again_within_its_ranges_and_never_ends_below_the_usual(kind):
    model = registry()[kind]
    found = [
        dict(search_options(ROWS, model, FOLDS[1], FoldChoices(tries=4), values=ROWS.values, seed=3))
        for _ in range(2)
    ]
    assert found[0] == found[1]
    assert found[0].keys() == model.options.keys()
    for name, value in found[0].items():
        one = model.options[name]
        assert one.low <= value <= one.high
        assert not one.is_whole or value == int(value)
    first = search_options(ROWS, model, FOLDS[1], FoldChoices(tries=1), values=ROWS.values, seed=3)
    assert dict(first) == {name: one.usual for name, one in model.options.items()}


def test_too_few_rows_for_a_search_are_told():
    few = replace(FOLDS[0], fitted=FOLDS[0].fitted[:90])
    with pytest.raises(UsageError, match="needs 50 rows on both sides of its cut"):
        search_options(ROWS, registry()["tree"], few, FoldChoices(tries=2), values=ROWS.values, seed=1)


def test_columns_that_say_most_are_kept_and_a_model_of_them_reads_rows_of_all():
    random = np.random.default_rng(4)
    rows = random.normal(size=(4_000, 6))
    target = (rows[:, 4] + 0.5 * rows[:, 1] + random.normal(size=4_000) > 0.0).astype(float)
    chosen = best_columns(rows, target, 2)
    assert chosen.tolist() == [1, 4]
    assert best_columns(rows, target, 9).tolist() == list(range(6))
    for name, form in (("logistic", LinearScorer), ("tree", FlatTrees), ("network", object)):
        model = registry()[name].fit(FitSample(rows[:, chosen], target, np.ones(4_000), 1))
        wide = widened(model, chosen, 6)
        assert isinstance(wide, form)
        assert wide.scores(rows).tolist() == model.scores(rows[:, chosen]).tolist()
