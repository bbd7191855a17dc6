"""Without the extra `ml` a training is refused before it is ordered, at each door, and no column is computed."""

from __future__ import annotations

import sys

import pytest

from tests import houses
from tests.houses import Browser, person
from tests.unit.services.learning_material import ASKED, train, training_home
from vigie.domain.errors import UsageError
from vigie.quant.models import registry
from vigie.services.learning import model_evaluation, reproduction, training
from vigie.services.learning.model_evaluation import evaluate_model
from vigie.services.learning.reproduction import reproduce_fit
from vigie.services.operation_calls import run_operation

LEARNING = ("sklearn", "lightgbm", "optuna")
NEEDING = sorted(name for name, kind in registry().items() if kind.fitted_by)


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A home with one model, where the extra is missing from now on, and computing a column is a failure."""
    house = houses.house(tmp_path)
    train(house, kind="logistic", columns=("price.return_24",))
    for name in LEARNING:
        monkeypatch.setitem(sys.modules, name, None)

    def computed(*asked, **more):
        raise AssertionError("columns are computed before the refusal")

    for module in (training, model_evaluation, reproduction):
        monkeypatch.setattr(module, "prepare_rows", computed)
    return house


def order(kind):
    label = "return" if "class" not in registry()[kind].target and kind == "linear" else "direction"
    return {"name": "new", "instrument": "BTC", "venue": houses.VENUE, "kind": kind, "label": label}


@pytest.mark.parametrize("kind", NEEDING)
def test_an_order_is_refused_and_no_job_waits(house, kind):
    with pytest.raises(UsageError, match=r'learning needs (sklearn|lightgbm): pip install "vigie\[ml\]"'):
        run_operation(house, person("trader"), "models.train", order(kind))
    assert house.jobs.list() == []


def test_a_search_is_refused_and_what_needs_no_library_is_not(house):
    asked = order("logistic")
    assert registry()["logistic"].options
    with pytest.raises(UsageError, match="learning needs optuna"):
        run_operation(house, person("trader"), "models.train", {**asked, "search": 3})
    run_operation(house, person("trader"), "models.train", asked)
    assert [job.kind for job in house.jobs.list()] == ["train"]


def test_a_job_that_another_installation_ordered_fails_at_once(house):
    with pytest.raises(UsageError, match="learning needs sklearn"):
        train(house, name="tree", kind="tree", columns=("price.return_24",))
    with pytest.raises(UsageError, match="learning needs sklearn"):
        evaluate_model(house.data, house.results.trials, ASKED)


def test_a_fit_that_cannot_be_made_anew_is_refused_before_it_takes_time(house, monkeypatch):
    models = house.learned_models
    monkeypatch.setattr(
        reproduction, "request_of", lambda experiment: ASKED if experiment.name == "btc_day" else None
    )
    assert [experiment.name for experiment in models.experiments()] == ["btc_day"]
    with pytest.raises(UsageError, match="learning needs sklearn"):
        reproduce_fit(training_home(house), "btc_day")


@pytest.mark.parametrize(
    ("language", "said", "option"),
    [
        ("en", "learning needs lightgbm: pip install", "LightGBM (needs lightgbm)"),
        ("fr", "pip install", "LightGBM (nécessite lightgbm)"),
    ],
)
def test_the_form_says_what_is_missing_before_and_after_the_order(house, language, said, option):
    browser = Browser(house, language=language)
    assert option in browser.get("/lab").text
    answer = browser.post("/lab/train", order("lightgbm"), follow=False)
    assert said in answer.text
    assert ("learning needs" in answer.text) == (language == "en")
    assert house.jobs.list() == []


def test_choices_name_what_is_missing(house):
    kinds = run_operation(house, person("viewer"), "models.choices", {}).kinds
    assert {kind.name: kind.lacks for kind in kinds} == {
        name: kind.fitted_by for name, kind in registry().items()
    }
