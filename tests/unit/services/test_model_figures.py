"""Figures of a model as tables: calibration, its account beside buy-and-hold; older fits say that they have none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from tests.houses import person
from tests.unit.services.learning_material import train, training_home
from vigie.adapters.stores.sql.learned_models import SqlLearnedModels
from vigie.services.learning.reproduction import reproduce_fit
from vigie.services.operation_calls import run_operation

pytest.importorskip("sklearn")
NAMED = {"name": "btc_day"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    house = houses.house(tmp_path_factory.mktemp("figures"))
    return house, train(house)


@pytest.fixture(scope="module")
def older(trained):
    """The same home with a second version that was trained before accounts were recorded."""
    house, made = trained
    evaluation = {name: value for name, value in made.fit.evaluation.items() if name != "equity"}
    models = house.learned_models
    models.add(models.experiment("btc_day"), replace(made.fit, version=2, evaluation=evaluation))
    return house


def ask(house, operation, **more):
    return run_operation(house, person("viewer"), operation, {**NAMED, "version": 1, **more})


def test_the_tenths_hold_every_row_that_was_judged(trained):
    house, made = trained
    rows = ask(house, "models.calibration").rows
    assert len(rows) == 10
    assert sum(row.rows for row in rows) == made.told.skill.rows
    assert [row.said for row in rows] == sorted(row.said for row in rows)


def test_the_account_is_the_days_one_after_the_other(trained):
    house, made = trained
    rows = ask(house, "models.equity").rows
    assert len(rows) == len(made.told.traded.days)
    assert rows[-1].earned == pytest.approx(np.prod(1.0 + made.told.traded.returns) - 1.0, abs=1e-6)
    assert rows[-1].held == pytest.approx(np.prod(1.0 + made.told.traded.held) - 1.0, abs=1e-6)
    assert [row.fold for row in rows] == sorted(row.fold for row in rows)


def test_folds_together_make_the_account_and_buy_and_hold(trained):
    house = trained[0]
    folds, last = ask(house, "models.folds").rows, ask(house, "models.equity").rows[-1]
    assert np.prod([1.0 + fold.earned for fold in folds]) == pytest.approx(1.0 + last.earned, rel=1e-9)
    assert np.prod([1.0 + fold.held for fold in folds]) == pytest.approx(1.0 + last.held, rel=1e-9)


def test_an_older_fit_says_that_its_account_is_missing_and_comes_out_again(older):
    assert ask(older, "models.equity", version=2).rows == []
    assert {(row.earned, row.held) for row in ask(older, "models.folds", version=2).rows} == {(None, None)}
    assert len(ask(older, "models.calibration", version=2).rows) == 10
    assert reproduce_fit(training_home(older), "btc_day", 2).is_equal


@pytest.mark.parametrize("operation", ["models.get", "models.folds", "models.equity", "models.compare"])
def test_one_model_is_read_without_opening_every_fit(older, monkeypatch, operation):
    def fits(store, name=""):
        raise AssertionError("every fit was opened")

    monkeypatch.setattr(SqlLearnedModels, "fits", fits)
    asked = {"models": "btc_day/1,btc_day/2"} if operation == "models.compare" else NAMED
    assert run_operation(older, person("viewer"), operation, asked)


def test_models_are_compared_fold_by_fold(older):
    asked = {"models": "btc_day/1,btc_day/2"}
    rows = run_operation(older, person("viewer"), "models.compare_folds", asked).rows
    assert [(row.number, row.model) for row in rows[:3]] == [
        (1, "btc_day/1"), (1, "btc_day/2"), (2, "btc_day/1"),
    ]  # fmt: skip
    folds = ask(older, "models.folds").rows
    assert [row.earned for row in rows[::2]] == [fold.earned for fold in folds]
    first, second = run_operation(older, person("viewer"), "models.compare", asked).rows
    last = ask(older, "models.equity").rows[-1]
    assert (first.earned, first.held) == pytest.approx((last.earned, last.held), rel=1e-9)
    assert (second.earned, second.held) == (None, None)
    assert first.brier_low <= first.brier_gain <= first.brier_high


def test_models_of_other_markets_and_times_are_compared_with_a_warning(older):
    models = older.learned_models
    own, fit = models.experiment("btc_day"), models.fit("btc_day", 1)
    skill = {**fit.evaluation["skill"], "folds": fit.evaluation["skill"]["folds"][2:]}
    parameters = {**own.parameters, "instrument": "eth-usdt-perp", "horizon": 12}
    models.add(
        replace(own, name="eth_late", parameters=parameters),
        replace(fit, experiment="eth_late", evaluation={**fit.evaluation, "skill": skill}),
    )

    def remarks(names, **more):
        asked = {"models": names, **more}
        return run_operation(older, person("viewer"), "models.compare", asked).remarks

    assert remarks("btc_day/1,btc_day/2") == []
    (said,) = remarks("btc_day/1,eth_late")
    assert "differ in market, what they predict, time judged:" in said
    assert "marché, ce qu’ils prédisent, période jugée" in remarks("btc_day/1,eth_late", language="fr")[0]
    page = houses.Browser(older).get("/lab?a=btc_day/1&b=eth_late/1").text
    assert said in page
    asked = {"name": "btc_day", "version": 1, "language": "fr"}
    assert "1 variante" in run_operation(older, person("viewer"), "models.get", asked).verdict
