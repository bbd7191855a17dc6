"""The odds of an asset: what its newest promoted model said at the last close, why, and that none has passed."""

from __future__ import annotations

import numpy as np
import pytest

from tests import houses
from tests.houses import Browser, person
from tests.unit.services.learning_material import training_home
from tests.unit.services.test_promotion import OWN, START, Hand, follow, promote, trading_model
from vigie.domain.learned import ColumnEffect
from vigie.domain.time import HOUR_MS
from vigie.quant.models.calibration import probabilities
from vigie.quant.models.linear import LinearScorer
from vigie.quant.models.trees import FlatTrees, leaf_paths
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_files import StoredModel, read_stored_model
from vigie.services.learning.promotion import demote_model
from vigie.services.learning.training import find_model
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.studio.board_filler import fill_plan
from vigie.services.studio.plan import BoardPlan, PartPlan

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
    hand = Hand(START + houses.DAYS * 24 * HOUR_MS)
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


def test_a_model_taken_back_has_no_odds_any_more(tmp_path):
    hand = Hand(START + houses.DAYS * 24 * HOUR_MS)
    house = houses.house(tmp_path, clock=hand)
    trading_model(house)
    promote(house)
    parts = training_home(house)
    assert odds(house)[0].model == "btc_day/1"
    assert odds(house)[0].probability is None
    demote_model(parts, house.audit, "u1", find_model(parts.models, "btc_day"), "candidate")
    assert odds(house)[0].model is None
