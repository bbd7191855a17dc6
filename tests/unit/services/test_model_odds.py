"""The odds of an asset: what its newest promoted model said at the last close, why, and that none has passed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tests import houses
from tests.houses import Browser, person
from tests.unit.services.learning_material import END, START, Hand, training_home
from tests.unit.services.test_promotion import OWN, follow, promote, trading_model
from vigie.domain.learned import ColumnEffect, ShadowDecision
from vigie.domain.time import HOUR_MS
from vigie.quant.features import registry
from vigie.quant.models.calibration import probabilities
from vigie.quant.models.linear import LinearScorer
from vigie.quant.models.trees import FlatTrees, leaf_paths
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_files import StoredModel, read_stored_model
from vigie.services.learning.model_strategy import ODDS_OF_RISE
from vigie.services.learning.promotion import demote_model
from vigie.services.learning.training import find_model
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.studio.board_filler import fill_plan
from vigie.services.studio.plan import BoardPlan, PartPlan
from vigie.views.web.language import UserLanguage
from vigie.views.web.model_decision import model_decision
from vigie.views.web.rendering import environment

pytest.importorskip("sklearn")
ASKED = {"assets": "bitcoin"}
CLOSES = 3


def odds(house, **asked):
    return run_operation(house, person("viewer"), "models.odds", asked or ASKED).rows


def effects(house):
    return run_operation(house, person("viewer"), "models.effects", {"asset": "bitcoin"}).rows


@pytest.fixture(scope="module")
def shadowed(tmp_path_factory):
    """A home in which a model in the shadow decided at the last closes."""
    hand = Hand()
    house = houses.house(tmp_path_factory.mktemp("odds"), clock=hand)
    made = trading_model(house)
    promote(house)
    follow(house, hand, CLOSES)
    return house, made


def test_nothing_is_said_of_an_asset_without_a_model_and_no_edge_of_one_whose_models_stay_candidates(
    tmp_path,
):
    house = houses.house(tmp_path)
    assert odds(house) == odds(house, assets="") == []
    trading_model(house)
    (row,) = odds(house)
    assert (row.asset, row.model, row.probability, row.trained) == ("bitcoin", None, None, 1)
    assert effects(house) == odds(house, assets="ethereum") == []
    for language, words in (("en", "No edge found"), ("fr", "Aucun avantage trouvé")):
        assert words in Browser(house, language=language).get("/asset/bitcoin").text


def test_the_probability_is_that_of_the_last_close_with_its_record(shadowed):
    house, made = shadowed
    (row,) = odds(house)
    said = house.learned_models.shadow("btc_day", 1)[-1]
    assert row.probability == float(probabilities(np.array([said.log_odds]))[0])
    assert (row.model, row.stage, row.closes, row.ts) == (
        "btc_day/1",
        "shadow",
        CLOSES,
        said.ts_bar + HOUR_MS,
    )
    assert (row.log_loss_gain, row.is_luck) == (made.fit.figures.log_loss_gain, made.fit.figures.is_luck)
    assert [one.asset for one in odds(house, assets="")] == ["bitcoin"]


def test_effects_and_base_add_up_to_the_log_odds_that_were_said(shadowed):
    house, made = shadowed
    rows, stored = effects(house), read_stored_model(house.home, made.fit)
    assert {row.column for row in rows} == set(OWN)
    assert [abs(row.effect) for row in rows] == sorted((abs(row.effect) for row in rows), reverse=True)
    assert all(row.text for row in rows)
    assert isinstance(stored.scorer, LinearScorer)
    score, said = stored.card.score, house.learned_models.shadow("btc_day", 1)[-1]
    base = score.intercept + score.slope * stored.scorer.base
    assert base + sum(row.effect for row in rows) == pytest.approx(said.log_odds, rel=1e-9)


def test_effects_of_trees_are_those_of_their_paths_in_log_odds(shadowed):
    card = LearnedCard.model_validate(shadowed[1].fit.card)
    card = card.model_copy(update={"score": card.score.model_copy(update={"slope": 2.0})})
    # price.body at most 0 says -1, else +1.
    trees = FlatTrees(
        np.array([0]), np.array([1, -1, -1]), np.zeros(3), np.array([1, 0, 0]), np.array([2, 0, 0]),
        np.array([0.0, -1.0, 1.0]), np.array([10.0, 5.0, 5.0]), 0.0, 3,
    )  # fmt: skip
    row = np.array([0.1, 0.5, 0.2])
    told = StoredModel(trees, card).largest_effects(row)
    assert told == (ColumnEffect(OWN[1], 0.5, 2.0 * leaf_paths(trees).effects(row)[1]),)
    assert StoredModel(trees, card).largest_effects(np.array([0.1, np.nan, 0.2])) == ()


def test_of_many_columns_the_five_that_moved_the_log_odds_most_are_told(shadowed):
    names = tuple(registry())[:8]
    card = LearnedCard.model_validate(shadowed[1].fit.card).model_copy(update={"columns": names})
    scorer = LinearScorer(np.array([1.0, -7.0, 3.0, 0.5, -2.0, 0.0, 6.0, -4.0]), np.zeros(8), 0.1)
    told = StoredModel(scorer, card).largest_effects(np.ones(8))
    assert [one.name for one in told] == [names[place] for place in (1, 6, 7, 2, 4)]
    assert [one.effect for one in told] == [
        card.score.slope * weight for weight in (-7.0, 6.0, -4.0, 3.0, -2.0)
    ]


def test_a_board_has_the_odds_as_a_table(shadowed):
    house = shadowed[0]
    plan = BoardPlan(language="fr", parts=[PartPlan(kind="table", table="odds", assets="bitcoin")])
    (part,) = bound(house, fill_plan)(person("viewer"), plan).board.parts
    (row,) = part.rows
    assert row[0] == "Bitcoin"
    assert row[1] == pytest.approx(100 * odds(house)[0].probability, abs=0.05)
    assert part.columns[1].unit == "%"
    other = BoardPlan(parts=[PartPlan(kind="table", table="odds", assets="ethereum")])
    assert "no edge found" in str(bound(house, fill_plan)(person("viewer"), other).missing)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Odds", "that the price rises over the next 24 bars", "Record and effects", "Usual rate")),
        ("fr", ("Probabilité d’un modèle", "que le prix monte", "Bilan et effets", "ombre")),
    ],
)
def test_the_page_of_an_asset_shows_the_odds_and_offers_them_to_the_studio(shadowed, language, words):
    browser = Browser(shadowed[0], language=language)
    page = browser.get("/asset/bitcoin").text
    for word in words:
        assert word in page
    assert "/studio?add=table&amp;table=odds&amp;assets=bitcoin" in page
    assert 'id="odds"' not in browser.get("/asset/ethereum").text
    past = browser.get(f"/asset/bitcoin?as_of={START + 100 * HOUR_MS}").text
    assert 'id="odds"' not in past


def test_more_than_luck_is_told_beside_holding_on_the_page_of_an_asset_and_a_board(tmp_path):
    hand = Hand()
    house = houses.house(tmp_path, clock=hand)
    made = trading_model(house, is_luck=False)
    assert made.fit.card["beats_holding"] is False
    promote(house)
    follow(house, hand, 1)
    (row,) = odds(house)
    assert (row.is_luck, row.beats_holding) == (False, False)
    for language, words, verdict in (
        ("en", "It does not beat buy and hold", "more than luck, not than holding"),
        ("fr", "Il ne fait pas mieux que le buy and hold", "plus que le hasard, pas plus que conserver"),
    ):
        assert words in Browser(house, language=language).get("/asset/bitcoin").text
        plan = BoardPlan(language=language, parts=[PartPlan(kind="table", table="odds", assets="bitcoin")])
        (part,) = bound(house, fill_plan)(person("viewer"), plan).board.parts
        assert part.rows[0][-1] == verdict


def test_a_model_taken_back_has_no_odds_any_more(tmp_path):
    hand = Hand()
    house = houses.house(tmp_path, clock=hand)
    trading_model(house)
    promote(house)
    parts = training_home(house)
    assert odds(house)[0].model == "btc_day/1"
    assert odds(house)[0].probability is None
    demote_model(parts, house.audit, "u1", find_model(parts.models, "btc_day"), "candidate")
    assert odds(house)[0].model is None


def decision(house, **asked):
    given = {"strategy": "model_btc_day", "ts_known": END, **asked}
    return run_operation(house, person("viewer"), "models.decision", given)


def test_a_decision_tells_what_its_model_said_at_that_close_and_nothing_of_another(shadowed):
    house, made = shadowed
    told, (row,) = decision(house), odds(house)
    stored = read_stored_model(house.home, made.fit)
    assert told.model == "btc_day/1"
    assert told.probability == row.probability == probabilities(np.array([told.log_odds]))[0]
    assert [one.column for one in told.effects] == [one.column for one in effects(house)]
    assert {one.column for one in told.effects} <= set(stored.card.columns)
    for other in ({"ts_known": START + 5 * HOUR_MS}, {"strategy": "ema_cross"}, {"strategy": "model_other"}):
        assert (decision(house, **other).model, decision(house, **other).effects) == ("", [])


@pytest.mark.parametrize(
    ("language", "words"), [("en", "its log-odds as a probability"), ("fr", "sa log-cote en probabilité")]
)
def test_a_page_asks_for_it_only_beside_log_odds_and_says_it_in_both_languages(shadowed, language, words):
    house, _ = shadowed
    asked: list[str] = []

    class Context:
        def call(self, name, **given):
            asked.append(name)
            return run_operation(house, person("viewer"), name, given)

    plain, learned = SimpleNamespace(name="MACD crosses above its signal"), SimpleNamespace(name=ODDS_OF_RISE)
    assert model_decision(Context(), "model_btc_day", "btc-usdt-perp", [plain], END) is None
    assert asked == []
    said = model_decision(Context(), "model_btc_day", "btc-usdt-perp", [plain, learned], END)
    page = (
        environment(language)
        .get_template("model_decision.html")
        .render(said=said, lang=UserLanguage(language))
    )
    assert words in page
    assert all(one.column in page for one in said.effects)


def test_of_two_versions_that_spoke_at_one_close_neither_is_told(tmp_path):
    house = houses.house(tmp_path / "home")
    for version in (trading_model(house).model.version, trading_model(house).model.version):
        house.learned_models.note_shadow("btc_day", version, ShadowDecision(START, 1, 0.5 - version, "x"))
    given = {"strategy": "model_btc_day", "ts_known": START + HOUR_MS}
    assert run_operation(house, person("viewer"), "models.decision", given).model == ""
