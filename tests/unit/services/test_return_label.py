"""The return ahead as a label: judged beside its yardsticks, registered, and traded by the odds of a rise."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from tests.houses import Browser, person
from tests.unit.services.backtest_material import command_line
from tests.unit.services.learning_material import letting_half_through, train, training_home
from tests.unit.services.test_model_evaluation import ASKED, evaluate
from vigie.domain.errors import UsageError
from vigie.services.learning.evaluation_request import stated_choices
from vigie.services.learning.prepared_rows import prepare_rows
from vigie.services.learning.promotion import promote_model
from vigie.services.learning.reproduction import reproduce_fit
from vigie.services.learning.shadow import load_model_strategy
from vigie.services.learning.training import find_experiment, find_model, request_of
from vigie.services.operation_calls import run_operation

pytest.importorskip("sklearn")
OWN = ("price.return_24", "price.body", "calendar.hour_sine")
QUICK = {"folds": 2, "columns": OWN}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A home with a linear regression that learned returns, and a tree that learned directions."""
    built = houses.house(tmp_path_factory.mktemp("returns"))
    with letting_half_through():
        train(built, "much", kind="linear", label="return", **QUICK)
    train(built, "whether", kind="tree", **QUICK)
    return built


def test_an_evaluation_of_a_return_is_a_trial_of_its_own_with_its_yardsticks(house):
    first = evaluate(house, kind="tree", columns=OWN)
    other = evaluate(house, kind="tree", columns=OWN, label="return")
    assert other.traded.verdict.trials == first.traded.verdict.trials + 1
    assert first.values is None
    assert [one.name for one in other.values.yardsticks] == ["last_outcome", "drift"]
    assert other.values.rows == other.skill.rows == first.skill.rows
    assert 0.0 < other.values.mean_error < 0.2
    # What was asked before there were labels is known by the same values.
    assert "label" not in stated_choices(first.request)
    assert stated_choices(other.request)["label"] == "return"


@pytest.mark.parametrize(
    "kind", ["base_rate", "last_outcome", "drift", "tree", "forest", "boosting", "lightgbm"]
)
def test_every_kind_that_learns_amounts_is_judged(house, kind):
    pytest.importorskip("lightgbm")
    told = evaluate(house, kind=kind, columns=OWN, folds=2, label="return")
    assert told.values.rows > 500
    if kind == "drift":
        assert told.values.yardsticks[1].r2 == 0.0


def test_it_is_registered_with_what_it_was_fitted_on_and_made_again(house):
    details = run_operation(house, person("viewer"), "models.get", {"name": "much"})
    assert (details.label, details.kind) == ("return", "linear")
    assert [one.name for one in details.values.yardsticks] == ["last_outcome", "drift"]
    whether = run_operation(house, person("viewer"), "models.get", {"name": "whether"})
    assert (whether.label, whether.values) == ("direction", None)
    assert request_of(find_experiment(house.learned_models, "much")).label == "return"
    with letting_half_through():
        assert reproduce_fit(training_home(house), "much").is_equal
    rows = run_operation(house, person("viewer"), "models.compare", {"models": "much,whether"})
    assert any("what they predict" in remark for remark in rows.remarks)


def test_its_strategy_trades_the_odds_of_a_rise_as_that_of_any_model(house):
    parts = training_home(house)
    moved = promote_model(parts, house.audit, "u1", find_model(parts.models, "much"))
    assert (moved.stage, moved.opening.family) == ("shadow", "binance-perp btc-usdt-perp 1h direction 24")
    strategy = load_model_strategy(house.results, house.learned_models.fit("much", 1))
    assert strategy.title == "much 1: return of the next 24 bars, linear."


def test_what_cannot_be_learned_of_a_label_is_refused_with_a_cure(house):
    for wrong, said in (
        ({"kind": "logistic"}, "no kind of model 'logistic' for an amount such as a return; the nearest is"),
        ({"kind": "tree", "rule": "macd_cross"}, "of the signals of macd_cross it is learned whether each"),
    ):
        with pytest.raises(UsageError, match=said):
            evaluate(house, label="return", **wrong)
        order = {"name": "new", "instrument": "BTC", "label": "return", **wrong}
        with pytest.raises(UsageError, match=said):
            run_operation(house, person("trader"), "models.train", order)
    with pytest.raises(UsageError, match="no kind of model 'linear' for a direction"):
        evaluate(house, kind="linear")


def test_a_form_says_which_kinds_learn_which_label(house):
    kinds = {
        one.name: one.labels for one in run_operation(house, person("viewer"), "models.choices", {}).kinds
    }
    assert kinds["linear"] == ["return"]
    assert kinds["network"] == kinds["logistic"] == ["direction"]
    assert kinds["forest"] == ["direction", "return"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Linear regression, return of the next 24 bars", "Against the yardstick Last outcome: R²")),
        ("fr", ("Régression linéaire, rendement des 24 prochaines bougies", "Face au repère")),
    ],
)
def test_its_page_says_how_close_it_came(house, language, words):
    browser = Browser(house, language=language)
    page = browser.get("/lab/much").text
    for word in words:
        assert word in page
    assert 'name="label"' in browser.get("/lab").text
    assert 'id="values"' not in browser.get("/lab/whether").text


def test_commands_take_the_label_and_tell_its_figures(house, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("VIGIE_HOME", str(house.home))
    monkeypatch.chdir(tmp_path)
    vigie = command_line(monkeypatch, capsys)
    asked = ("BTC", "--venue", houses.VENUE, "--columns", ",".join(OWN), "--folds", "2", "--kind", "linear")
    told = vigie("model", "evaluate", *asked, "--label", "return")
    text = " ".join(told.out.split())
    assert told.code == 0, told.err
    assert "linear, return of the next 24 bars" in text
    assert "Against drift, R²" in text
    shown = vigie("model", "show", "much", "--language", "fr")
    assert "Face au repère « moyenne de tout le passé », R²" in " ".join(shown.out.split())
    record = json.loads(vigie("model", "evaluate", *asked, "--label", "return", "--json").out)
    assert {one["name"] for one in record["values"]["yardsticks"]} == {"last_outcome", "drift"}
    wrong = vigie("model", "evaluate", *asked, "--label", "volume")
    assert wrong.code != 0
    assert "label must be direction, return or volatility, was 'volume'" in " ".join(wrong.err.split())


def test_a_volatility_is_forecast_beside_its_yardsticks_and_nothing_trades_it(house):
    told = evaluate(house, kind="linear", columns=("price.volatility_24", *OWN), label="volatility")
    assert [one.name for one in told.values.yardsticks] == ["last_outcome", "drift"]
    assert 0.0 < told.values.mean_error < 0.02
    assert len(told.traded.trades) == 0
    assert told.coverage.returns != told.coverage.returns  # of no return, no interval
    prepared = prepare_rows(house.data, replace(ASKED, kind="linear", columns=OWN, label="volatility"))
    bars, rows = prepared.markets[0].bars, prepared.rows
    steps = np.diff(np.log(bars.close))
    for row in range(0, len(rows), 501):
        at = int(rows.bars[row])
        ahead, before = (np.sqrt(np.mean(steps[a : a + 24] ** 2)) for a in (at, at - 24))
        known = [np.sqrt(np.mean(steps[a : a + 24] ** 2)) for a in range(at - 23)]
        assert rows.amounts[row] == pytest.approx(ahead)
        assert rows.target[row] == float(ahead > np.mean(known))
        # What came last is the volatility of as many bars before, known at the close.
        assert rows.outcomes[row, 0] == pytest.approx(before) or row == 0


def test_a_volatility_is_not_registered(house, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("VIGIE_HOME", str(house.home))
    monkeypatch.chdir(tmp_path)
    vigie = command_line(monkeypatch, capsys)
    asked = ("BTC", "--venue", houses.VENUE, "--columns", ",".join(OWN), "--folds", "2", "--kind", "linear")
    told = vigie("model", "evaluate", *asked, "--label", "volatility", "--language", "fr")
    assert told.code == 0, told.err
    text = " ".join(told.out.split())
    assert "Une volatilité est prévue, pas tradée." in text
    assert "trades" not in text.partition("R²")[2]
    refused = vigie("model", "train", "calm", *asked, "--label", "volatility")
    assert refused.code != 0
    assert "not traded, so no model of it is registered" in " ".join(refused.err.split())
    with pytest.raises(UsageError):
        run_operation(
            house,
            person("trader"),
            "models.train",
            {"name": "calm", "instrument": "BTC", "label": "volatility"},
        )
    assert {one.name for one in house.learned_models.models()} == {"much", "whether"}
