"""What tests of trained models share: a home of three assets with hourly bars, and an order that is quick."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from vigie.quant.models.calibration import ScoreLine
from vigie.services.learning import training
from vigie.services.learning.evaluation_request import EvaluationRequest
from vigie.services.learning.training import TrainedModel, TrainingHome, train_model

CHOSEN = ("price.return_24", "price.body", "cross.beta_168", "calendar.hour_sine")
ASKED = EvaluationRequest("BTC", venue=houses.VENUE, kind="tree", columns=CHOSEN, folds=4)


def training_home(house) -> TrainingHome:
    return TrainingHome(house.data, house.learned_models, house.results, house.home, house.programs)


def train(house, name="btc_day", tell=lambda share, now: None, **changes) -> TrainedModel:
    return train_model(training_home(house), name, replace(ASKED, **changes), owner="u1", tell=tell)


@contextmanager
def letting_half_through() -> Iterator[None]:
    """Have trainings let through the half of the rows whose scores are higher, whatever these are worth."""
    fitted = training.fit_before

    def halving(rows, kind, fold, **given):
        made = fitted(rows, kind, fold, **given)
        middle = float(np.median(made.model.scores(rows.values)))
        return replace(made, calibration=ScoreLine(1.0, 0.0), long_from=middle)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "fit_before", halving)
        yield
