"""What tests of trained models share: a home of three assets with hourly bars, and an order that is quick."""

from __future__ import annotations

from dataclasses import replace

from tests import houses
from vigie.services.learning.model_evaluation import EvaluationRequest
from vigie.services.learning.training import TrainedModel, TrainingHome, train_model

CHOSEN = ("price.return_24", "price.body", "cross.beta_168", "calendar.hour_sine")
ASKED = EvaluationRequest("BTC", venue=houses.VENUE, kind="tree", columns=CHOSEN, folds=4)


def training_home(house) -> TrainingHome:
    return TrainingHome(house.data, house.learned_models, house.results, house.home)


def train(house, name="btc_day", tell=lambda share, now: None, **changes) -> TrainedModel:
    return train_model(training_home(house), name, replace(ASKED, **changes), owner="u1", tell=tell)
