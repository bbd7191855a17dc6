"""Whether a model beats buy-and-hold is said wherever its verdict is: operations, card, pages and terminal."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests import houses
from tests.houses import Browser, person
from tests.unit.services.backtest_material import command_line
from tests.unit.services.learning_material import train
from vigie.research.learning import walking
from vigie.research.learning.against_holding import AgainstHolding
from vigie.services.learning.holding_words import say_against_holding
from vigie.services.operation_calls import run_operation

pytest.importorskip("sklearn")
# As a rise makes it: told from luck, and less steady than holding.
CARRIED = {
    "earned": 0.2, "held": 2.0, "sharpe": 1.9, "held_sharpe": 3.5, "difference": -1.6, "low": -3.6, "high": 0.4,
}  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Version 1 as trained, then: carried by a rise, of before it was kept, of before accounts were kept."""
    house = houses.house(tmp_path_factory.mktemp("holding"))
    fitted = walking.fit_before

    def eager(rows, kind, fold, **given):
        return replace(fitted(rows, kind, fold, **given), long_from=0.0, short_from=-0.05)

    # Thresholds are often infinite on bars without an edge.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walking, "fit_before", eager)
        made = train(house)
    assert len(made.told.traded.trades) > 10
    models, fit = house.learned_models, made.fit
    told = replace(fit.figures, is_luck=False)
    former = {name: value for name, value in fit.evaluation.items() if name != "against_holding"}
    oldest = {name: value for name, value in former.items() if name != "equity"}
    for number, changes in enumerate(
        (
            {"figures": told, "evaluation": {**fit.evaluation, "against_holding": CARRIED}},
            {"evaluation": former},
            {"evaluation": oldest},
        ),
        2,
    ):
        models.add(models.experiment("btc_day"), replace(fit, version=number, **changes))
    return house, made


def details(house, version, language="en"):
    asked = {"name": "btc_day", "version": version, "language": language}
    return run_operation(house, person("viewer"), "models.get", asked)


def test_a_training_keeps_it_in_the_registry_and_on_the_card(trained):
    house, made = trained
    beside = made.told.against_holding
    told = details(house, 1)
    assert told.holding.held == beside.held == pytest.approx((1 + made.told.traded.held).prod() - 1)
    assert (told.holding.answer, told.holding.difference) == (beside.answer, beside.difference)
    assert beside.difference == pytest.approx(beside.sharpe - beside.held_sharpe)
    assert beside.sharpe == pytest.approx(made.told.traded.verdict.sharpe)
    assert told.holding_text == say_against_holding(beside, "en") == made.fit.card["holding"]
    assert made.fit.card["beats_holding"] == (beside.answer == "beats")
    assert "buy and hold made" in told.holding_text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "It does not beat holding"), ("fr", "Il ne fait pas mieux que conserver")],
)
def test_more_than_luck_is_told_beside_holding_on_both_pages(trained, language, said):
    house = trained[0]
    told = details(house, 2, language)
    assert (told.is_luck, told.holding.answer, said in told.holding_text) == (False, "no_more", True)
    browser = Browser(house, language=language)
    badge = {"en": "not more than holding", "fr": "pas plus que conserver"}[language]
    page, listed = browser.get("/lab/btc_day?version=2").text, browser.get("/lab").text
    assert said in page
    assert badge in page
    # Of four versions one is more than luck.
    assert listed.count(badge) == 1
    assert badge not in browser.get("/lab/btc_day?version=1").text


def test_a_list_says_of_each_version_whether_it_beats_holding(trained):
    house, made = trained
    rows = run_operation(house, person("viewer"), "models.list", {}).rows
    first = made.told.against_holding.answer == "beats"
    assert {row.version: row.beats_holding for row in rows} == {1: first, 2: False, 3: first, 4: None}


def test_of_an_older_version_it_is_made_of_the_days_that_it_kept(trained):
    house, made = trained
    former, beside = details(house, 3), made.told.against_holding
    assert former.holding.held == pytest.approx(beside.held, abs=1e-5)
    assert former.holding.answer == beside.answer
    oldest = details(house, 4)
    assert (oldest.holding, oldest.holding_text) == (None, "")
    page = Browser(house).get("/lab/btc_day?version=4")
    assert (page.status_code, 'id="against-holding"' in page.text) == (200, False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "minus that of holding: \u22121.60 [\u22123.60; +0.40]. It does not beat holding"),
        ({"low": 0.2}, "It beats holding"),
        ({"high": -0.2}, "It is worse than holding"),
        (
            {"sharpe": float("nan"), "difference": float("nan")},
            "The model did not trade, so there is nothing to compare with holding",
        ),
    ],
)
def test_each_answer_has_its_sentence(changes, said):
    beside = AgainstHolding(**{**CARRIED, **changes})
    assert said in say_against_holding(beside, "en")
    french = say_against_holding(beside, "fr")
    assert "holding" not in french
    assert "conserver" in french


def test_the_terminal_says_it_after_the_verdict_and_not_of_what_nothing_trades(home, monkeypatch, capsys):
    houses.fill(home)
    vigie = command_line(monkeypatch, capsys)
    how = ("BTC", "--columns", "price.return_24,price.body", "--folds", "4")
    words = " ".join(vigie("model", "evaluate", *how).out.split())
    assert words.index("from luck") < words.index("buy and hold made")
    french = " ".join(vigie("model", "evaluate", *how, "--language", "fr").out.split())
    assert "le buy and hold a fait" in french
    assert "buy and hold made" not in french
    found = json.loads(vigie("model", "evaluate", *how, "--json").out)
    assert set(found["against_holding"]) == set(CARRIED)
    amounts = (*how, "--kind", "linear", "--label", "volatility")
    assert "buy and hold" not in vigie("model", "evaluate", *amounts).out
    assert "against_holding" not in json.loads(vigie("model", "evaluate", *amounts, "--json").out)
    assert vigie("model", "train", "btc_day", *how).code == 0
    assert "buy and hold made" in " ".join(vigie("model", "show", "btc_day").out.split())
