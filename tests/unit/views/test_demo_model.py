"""The demonstration's model: trained where no library that learns is installed, it passes the gates of every model."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import polars as pl
import pytest

from tests import houses
from tests.unit.sandbox.world.hands import Hand
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.demo_world import PAST_DAYS, VENUE, run_file
from vigie.services.learning.gates import LEAST_CLOSES, LEAST_TRADES
from vigie.services.learning.training import TrainingHome
from vigie.services.needs import provide
from vigie.views.cli.demo_model import COIN, NAME, DemoModel
from vigie_sandbox.world.history import write_series
from vigie_sandbox.world.world import World

OPENED = parse_time("2026-11-29")
STRATEGY = "meta_donchian_breakout_wave"


@dataclass(frozen=True)
class Still:
    """The clock of a market that has just opened."""

    now: int = OPENED

    def market_now(self) -> int:
        return self.now

    def wall_now(self) -> int:
        return self.now


def demonstration(folder, *, has_wave: bool):
    """A home with two years of the coin's hours, as an import leaves them."""
    world = World(Hand(), OPENED, has_wave=has_wave, quiet=True, flawless=True)
    house = houses.house(folder / "home", with_bars=False, clock=Still())
    path = write_series(world, "bitget", COIN, "1h", folder)
    house.data.bars.upsert(SeriesId(VENUE, "bnb-usdt-perp", "1h"), pl.read_parquet(path))
    return house


def prepare(house, folder, said):
    return DemoModel(folder / "home", provide(house, TrainingHome), house.audit, said.append).prepare()


@pytest.fixture
def without_libraries(monkeypatch):
    for name in ("sklearn", "lightgbm", "optuna"):
        monkeypatch.setitem(sys.modules, name, None)


def test_it_learns_the_wave_passes_each_gate_and_becomes_a_strategy_of_the_account(
    tmp_path, without_libraries
):
    house, said = demonstration(tmp_path, has_wave=True), []
    assert prepare(house, tmp_path, said)
    assert said == [f"the model trades on paper: {STRATEGY}"]
    (model,) = house.learned_models.models(NAME)
    (fit,) = house.learned_models.fits(NAME)
    assert (model.stage, model.opening.look, fit.figures.is_luck) == ("paper", 1, False)
    assert fit.figures.trades >= LEAST_TRADES
    assert len(house.learned_models.shadow(NAME, 1)) == LEAST_CLOSES
    # What is replayed as the account's past taught it nothing.
    assert fit.card["learned_from"]["until_ms"] < OPENED - PAST_DAYS * DAY_MS
    text = run_file(tmp_path / "home").read_text()
    assert text.count(f'strategy = "{STRATEGY}"') == 1
    # Killed after any step and called again, it is as it was.
    assert prepare(house, tmp_path, said)
    assert run_file(tmp_path / "home").read_text() == text
    assert len(house.learned_models.fits(NAME)) == 1


def test_where_there_is_nothing_to_learn_it_says_so_and_the_account_trades_its_rules(
    tmp_path, without_libraries
):
    house, said = demonstration(tmp_path, has_wave=False), []
    assert not prepare(house, tmp_path, said)
    assert said[0].startswith("the model does not trade: ")
    assert house.learned_models.models(NAME)[0].stage in ("candidate", "shadow")
    assert STRATEGY not in run_file(tmp_path / "home").read_text()
