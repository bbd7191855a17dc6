"""What is opened at the first promotion is what taught the model nothing, whatever is stored meanwhile."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from tests.unit.services.learning_material import ASKED, Hand, trading_either_side, train, training_home
from vigie.data.frames import to_frame
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.services.learning.prepared_rows import prepare_rows
from vigie.services.learning.promotion import promote_model
from vigie.services.learning.training import find_model

pytest.importorskip("sklearn")
SERIES = SeriesId(houses.VENUE, "btc-usdt-perp", "1h")
OWN = ("price.return_24", "price.body", "calendar.hour_sine")


def store(house, first: int, last: int) -> None:
    house.data.bars.upsert(SERIES, to_frame(houses.market().bars("BTC", "1h"))[first:last])


def trained_on(house, first: int, last: int):
    store(house, first, last)
    with trading_either_side():
        return train(house, columns=OWN, kind="logistic", folds=2)


def promote(house):
    parts = training_home(house)
    return promote_model(parts, house.audit, "u1", find_model(parts.models, "btc_day"))


def test_bars_of_before_that_are_fetched_after_the_training_open_nothing_that_taught_it(tmp_path):
    """The newest fifth of a longer past reaches into what the model learned from, and flatters it."""
    house = houses.house(tmp_path, with_bars=False, clock=Hand())
    made = trained_on(house, 3_000, 5_760)
    prepared = prepare_rows(house.data, replace(ASKED, columns=OWN, kind="logistic", folds=2))
    closed = np.count_nonzero(prepared.rows.ts >= made.fit.card["learned_from"]["until_ms"])
    store(house, 0, 3_000)
    assert promote(house).opening.figures.rows == closed


def test_where_nothing_is_stored_of_it_any_more_the_promotion_is_refused(tmp_path):
    house = houses.house(tmp_path, with_bars=False, clock=Hand())
    trained_on(house, 0, 5_760)
    shutil.rmtree(house.home / "bars")
    store(house, 0, 4_000)
    with pytest.raises(UsageError, match="where btc_day 1 stopped learning, can be read: fetch the bars"):
        promote(house)
    assert find_model(house.learned_models, "btc_day").stage == "candidate"
    assert not (house.results.strategies / "model_btc_day.py").exists()
