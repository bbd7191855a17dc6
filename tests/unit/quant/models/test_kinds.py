"""Each kind of model keeps the contract, and what is scored without its library is what the library says."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tests.unit.quant.models.material import outcomes, sample
from vigie.domain.errors import DataError, UsageError
from vigie.quant.models import model_kind, registry
from vigie.quant.models.flattening import from_hist_boosting, from_lightgbm, from_sklearn_trees
from vigie.quant.models.linear import LinearScorer
from vigie.quant.models.model_kind import FitSample
from vigie.quant.models.storing import from_bytes, to_bytes
from vigie.quant.models.trees import leaf_paths

pytest.importorskip("sklearn")
KINDS = sorted(registry())
LEARNED = [name for name in KINDS if registry()[name].reads == "columns" and name != "base_rate"]
AMOUNTS = [name for name in LEARNED if registry()[name].target != "class"]
FRESH = np.random.default_rng(11).normal(size=(400, 6))


def fitted(name: str, material: FitSample | None = None):
    kind, learned = registry()[name], material or sample()
    if kind.reads == "outcomes":
        learned = FitSample(outcomes(learned), learned.target, learned.weights, learned.seed)
    return kind.fit(learned), learned


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_deterministic_scores_each_row_alone_and_knows_nothing_of_a_row_with_a_gap(name):
    model, learned = fitted(name)
    again, _ = fitted(name)
    rows = learned.rows[:300].copy()
    scores = model.scores(rows)
    assert scores.tolist() == again.scores(rows).tolist()
    assert scores[7:9] == pytest.approx(model.scores(rows[7:9]), rel=1e-12)
    assert np.isfinite(scores).all()
    rows[5, 0] = np.nan
    assert np.flatnonzero(np.isnan(model.scores(rows))).tolist() == [5]


@pytest.mark.parametrize("name", LEARNED)
def test_a_kind_finds_what_is_there_to_be_learned(name):
    model, _ = fitted(name, sample(6_000))
    fresh = sample(3_000, seed=8)
    scores = model.scores(fresh.rows)
    above = scores[fresh.target == 1.0][:, None] > scores[fresh.target == 0.0][None, :1_000]
    assert above.mean() > 0.62


# One run of a network is no measure of weights.
@pytest.mark.parametrize("name", [name for name in LEARNED if name != "network"])
def test_weights_count(name):
    plain = sample()
    # Where a positive row counts a hundredfold, the mean score is greater.
    heavy = FitSample(plain.rows, plain.target, np.where(plain.target == 1.0, 100.0, 1.0), plain.seed)
    kind = registry()[name]
    assert kind.fit(heavy).scores(FRESH).mean() > kind.fit(plain).scores(FRESH).mean() + 0.1


@pytest.mark.parametrize("name", [name for name in LEARNED if registry()[name].target != "value"])
def test_one_class_is_refused(name):
    plain = sample(300)
    with pytest.raises(DataError, match="all 300 rows have the same outcome"):
        registry()[name].fit(FitSample(plain.rows, np.ones(300), plain.weights))


def amounts(count: int, seed: int = 3) -> FitSample:
    """How much came, small as returns are."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, 6))
    came = 0.01 * (rows[:, 2] + 0.5 * rows[:, 0] + random.normal(size=count))
    return FitSample(rows, came, random.uniform(0.5, 1.5, count), seed, is_value=True)


@pytest.mark.parametrize("name", AMOUNTS)
def test_a_kind_of_amounts_is_deterministic_and_comes_closer_than_their_mean(name):
    kind = registry()[name]
    model, fresh = kind.fit(amounts(4_000)), amounts(3_000, seed=8)
    said = model.scores(fresh.rows)
    assert said.tolist() == kind.fit(amounts(4_000)).scores(fresh.rows).tolist()
    saved = 1.0 - ((said - fresh.target) ** 2).mean() / ((fresh.target - fresh.target.mean()) ** 2).mean()
    assert 0.15 < saved < 0.62
    data = to_bytes(model)
    assert from_bytes(data, 6).scores(fresh.rows).tobytes() == said.tobytes()


def test_amounts_without_the_library_are_its_own():
    lightgbm, ensemble = pytest.importorskip("lightgbm"), pytest.importorskip("sklearn.ensemble")
    learned = amounts(3_000)
    given = (learned.rows, learned.target)
    options = {"objective": "regression", "num_leaves": 15, "num_threads": 1, "verbosity": -1}
    booster = lightgbm.train(options, lightgbm.Dataset(*given), 40)
    assert from_lightgbm(booster).scores(FRESH) == pytest.approx(booster.predict(FRESH), rel=1e-12)
    boosted = ensemble.HistGradientBoostingRegressor(max_iter=30, early_stopping=False).fit(*given)
    assert from_hist_boosting(boosted).scores(FRESH) == pytest.approx(boosted.predict(FRESH), rel=1e-12)
    forest = ensemble.RandomForestRegressor(20, max_depth=5, random_state=0).fit(*given)
    assert from_sklearn_trees(list(forest.estimators_), 0).scores(FRESH) == pytest.approx(
        forest.predict(FRESH), rel=1e-12
    )


def test_scores_without_lightgbm_are_its_own_and_effects_too():
    lightgbm = pytest.importorskip("lightgbm")
    learned = sample(3_000)
    for leaves in (2, 31):
        options = {"objective": "binary", "num_leaves": leaves, "num_threads": 1, "verbosity": -1}
        booster = lightgbm.train(options, lightgbm.Dataset(learned.rows, learned.target), 40)
        trees = from_lightgbm(booster)
        assert trees.scores(FRESH) == pytest.approx(booster.predict(FRESH, raw_score=True), rel=1e-12)
        told = booster.predict(FRESH[:60], pred_contrib=True)
        paths = leaf_paths(trees)
        assert np.array([paths.effects(row) for row in FRESH[:60]]) == pytest.approx(told[:, :-1], abs=1e-9)
        assert paths.base == pytest.approx(told[0, -1], abs=1e-9)


def test_what_lightgbm_reads_as_zero_goes_the_way_of_zero():
    """Values nearer to 0 than its thresholds beside 0 were asked like any other."""
    lightgbm = pytest.importorskip("lightgbm")
    random = np.random.default_rng(3)
    rows = random.normal(size=(2_000, 2)) * np.array([1.0, 1e-36])
    rows[random.random(2_000) < 0.3] *= [1.0, 1e36]
    target = (rows[:, 0] + np.sign(np.where(np.abs(rows[:, 1]) > 1e-3, rows[:, 1], 0.0)) > 0.0).astype(float)
    options = {"objective": "binary", "num_threads": 1, "verbosity": -1}
    booster = lightgbm.train(options, lightgbm.Dataset(rows, target), 20)
    trees = from_lightgbm(booster)
    near = [0.0, -0.0, 5e-324, 1e-36, 1e-35, float(np.float32(1e-35)), 1.1e-35, 1e300]
    fresh = np.array([[one, sign * value] for one in (-0.5, 0.5) for value in near for sign in (1.0, -1.0)])
    assert np.any(np.abs(trees.threshold[trees.column == 1]) < 2e-35)
    assert trees.scores(fresh) == pytest.approx(booster.predict(fresh, raw_score=True), rel=1e-12)


def test_lightgbm_that_learned_nothing_and_what_has_no_single_score_are_told():
    lightgbm = pytest.importorskip("lightgbm")
    learned = sample(400)
    quiet = {"num_threads": 1, "verbosity": -1}
    flat = lightgbm.train(
        {**quiet, "objective": "binary", "min_data_in_leaf": 300}, lightgbm.Dataset(learned.rows, learned.target), 3
    )  # fmt: skip
    assert from_lightgbm(flat).scores(FRESH) == pytest.approx(flat.predict(FRESH, raw_score=True), rel=1e-12)
    three = lightgbm.train(
        {**quiet, "objective": "multiclass", "num_class": 3},
        lightgbm.Dataset(learned.rows, np.arange(400) % 3), 2,
    )  # fmt: skip
    with pytest.raises(DataError, match="no single score"):
        from_lightgbm(three)
    rows = np.column_stack([np.arange(400) % 5, learned.rows[:, 0]])
    told = lightgbm.train(
        {**quiet, "objective": "binary", "min_data_per_group": 5, "cat_smooth": 1},
        lightgbm.Dataset(rows, (rows[:, 0] > 2).astype(float), categorical_feature=[0]), 3,
    )  # fmt: skip
    with pytest.raises(DataError, match="asks for categories"):
        from_lightgbm(told)


def test_scores_without_scikit_learn_are_its_own():
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
        RandomForestClassifier,
    )
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    learned = sample(3_000)
    rows, target = learned.rows, learned.target.astype(int)
    forest = RandomForestClassifier(20, max_depth=7, random_state=0).fit(rows, target)
    tree = DecisionTreeClassifier(max_depth=5, random_state=0).fit(rows, target)
    values = DecisionTreeRegressor(max_depth=5, random_state=0).fit(rows, rows[:, 3])
    boosting = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(rows, target)
    amounts = HistGradientBoostingRegressor(max_iter=30, random_state=0).fit(rows, rows[:, 3])
    for flat, told in (
        (from_sklearn_trees(list(forest.estimators_), 1), forest.predict_proba(FRESH)[:, 1]),
        (from_sklearn_trees([tree], 1), tree.predict_proba(FRESH)[:, 1]),
        (from_sklearn_trees([values], 0), values.predict(FRESH)),
        (from_hist_boosting(boosting), boosting.decision_function(FRESH)),
        (from_hist_boosting(amounts), amounts.predict(FRESH)),
    ):
        assert flat.scores(FRESH) == pytest.approx(told, rel=1e-12, abs=1e-15)
    model, _ = fitted("logistic", learned)
    assert isinstance(model, LinearScorer)
    scaled = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    library = LogisticRegression(C=0.3, solver="newton-cholesky", tol=1e-8).fit(
        scaled, target, sample_weight=learned.weights
    )
    fresh = (FRESH - rows.mean(axis=0)) / rows.std(axis=0)
    assert model.scores(FRESH) == pytest.approx(library.decision_function(fresh), rel=1e-9, abs=1e-12)
    assert model.base + model.effects(FRESH[0]).sum() == pytest.approx(model.scores(FRESH[:1])[0], rel=1e-12)
    line, of_amounts = fitted("linear", FitSample(rows, rows[:, 3], learned.weights))
    ridge = Ridge(alpha=10.0, solver="cholesky").fit(scaled, of_amounts.target, sample_weight=learned.weights)
    assert line.scores(FRESH) == pytest.approx(ridge.predict(fresh), rel=1e-12, abs=1e-13)


def test_a_column_that_never_moves_weighs_nothing():
    learned = sample(500)
    rows = learned.rows.copy()
    rows[:, 4] = 7.0
    model = registry()["logistic"].fit(FitSample(rows, learned.target, learned.weights))
    assert isinstance(model, LinearScorer)
    assert model.weights[4] == pytest.approx(0.0, abs=1e-12)


def test_weights_that_are_not_numbers_are_refused():
    with pytest.raises(DataError, match="weights of the model"):
        LinearScorer(np.array([np.nan]), np.zeros(1), 0.0)


def test_a_library_that_is_missing_or_does_not_start_is_told_with_its_cure(monkeypatch):
    with pytest.raises(UsageError, match=r'pip install "vigie\[ml\]"'):
        model_kind.library("nothing_of_this_name")

    def fail(name: str) -> None:
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(model_kind.importlib, "import_module", fail)
    with pytest.raises(UsageError, match="install OpenMP"):
        model_kind.library("lightgbm")


def test_the_registry_imports_no_library_that_learns():
    code = (
        "import sys; from vigie.quant.models import registry; registry();"
        "print(sorted({'sklearn', 'lightgbm', 'optuna'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_names_the_library_that_fits_it(name, monkeypatch):
    parts = [part for part in sys.modules if part.partition(".")[0] in ("sklearn", "lightgbm")]
    for part in ("sklearn", "lightgbm", *parts):
        monkeypatch.setitem(sys.modules, part, None)
    library = registry()[name].fitted_by
    if library:
        with pytest.raises(UsageError, match=f"learning needs {library}: pip install"):
            fitted(name)
    else:
        model, learned = fitted(name)
        assert np.isfinite(model.scores(learned.rows)).all()
