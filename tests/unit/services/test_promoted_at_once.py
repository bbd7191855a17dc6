"""Of two versions that are promoted at once one rises, and the file that accounts read is its own."""

from __future__ import annotations

import pytest

from tests import houses
from tests.unit.services.learning_material import Hand, trading_either_side, train, training_home
from vigie.domain.errors import Conflict
from vigie.services.learning import promotion
from vigie.services.learning.model_strategy import load_model_strategy, strategy_path
from vigie.services.learning.promotion import demote_model, promote_model
from vigie.services.learning.training import find_fit, find_model

pytest.importorskip("sklearn")
OWN = ("price.return_24", "price.body", "calendar.hour_sine")


def test_the_file_of_the_version_that_rose_stands_whoever_wrote_last(tmp_path, monkeypatch):
    house = houses.house(tmp_path, clock=Hand())
    parts = training_home(house)
    with trading_either_side():
        for _ in range(2):
            train(house, columns=OWN, kind="logistic", folds=2)
    write = promotion._write_strategy

    def meanwhile(parts, fit, stored):
        # Another process has gone all the way between the look at what stands and the writing.
        monkeypatch.setattr(promotion, "_write_strategy", write)
        promote_model(parts, house.audit, "u2", find_model(parts.models, "btc_day", 2))
        write(parts, fit, stored)

    monkeypatch.setattr(promotion, "_write_strategy", meanwhile)
    with pytest.raises(Conflict, match="btc_day 2 stands above candidate"):
        promote_model(parts, house.audit, "u1", find_model(parts.models, "btc_day", 1))
    assert [one.stage for one in parts.models.models()] == ["candidate", "shadow"]
    assert load_model_strategy(house.results, find_fit(parts.models, "btc_day", 2)).name == "model_btc_day"


def test_a_promotion_to_a_later_stage_that_comes_too_late_writes_no_file(tmp_path, monkeypatch):
    house = houses.house(tmp_path, clock=Hand())
    parts = training_home(house)
    with trading_either_side():
        for _ in range(2):
            train(house, columns=OWN, kind="logistic", folds=2)
    risen = promote_model(parts, house.audit, "u1", find_model(parts.models, "btc_day", 1))
    monkeypatch.setattr(promotion, "check_gates", lambda *_: None)
    demote_model(parts, house.audit, "u2", risen, "candidate")
    promote_model(parts, house.audit, "u2", find_model(parts.models, "btc_day", 2))
    path = strategy_path(house.results, find_fit(parts.models, "btc_day", 2))
    path.write_text("# edited by its owner\n")
    with pytest.raises(Conflict):
        promote_model(parts, house.audit, "u1", risen)
    assert path.read_text() == "# edited by its owner\n"
