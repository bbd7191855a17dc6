"""What tests of trained models share: a clock at the end of a home's bars, a quick order, models that trade."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pytest

from tests import houses
from vigie.domain.time import HOUR_MS, parse_time
from vigie.quant.models.calibration import ScoreLine
from vigie.services.learning import training
from vigie.services.learning.evaluation_request import EvaluationRequest
from vigie.services.learning.training import TrainedModel, TrainingHome, train_model

START = parse_time(houses.START)
END = START + houses.DAYS * 24 * HOUR_MS
CHOSEN = ("price.return_24", "price.body", "cross.beta_168", "calendar.hour_sine")
ASKED = EvaluationRequest("BTC", venue=houses.VENUE, kind="tree", columns=CHOSEN, folds=4)


@dataclass
class Hand:
    """A clock that is set by hand; first at the end of what is stored."""

    now: int = END

    def market_now(self) -> int:
        return self.now

    def wall_now(self) -> int:
        return self.now


def training_home(house) -> TrainingHome:
    return TrainingHome(house.data, house.learned_models, house.results, house.home, house.programs)


def train(house, name="btc_day", tell=lambda share, now: None, **changes) -> TrainedModel:
    return train_model(training_home(house), name, replace(ASKED, **changes), owner="u1", tell=tell)


@contextmanager
def trading_either_side() -> Iterator[None]:
    """Have trainings make models that trade: thresholds are often infinite on bars without an edge."""
    fitted = training.fit_before

    def eager(rows, kind, fold, **given):
        return replace(fitted(rows, kind, fold, **given), long_from=0.0, short_from=-0.05)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "fit_before", eager)
        yield


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
