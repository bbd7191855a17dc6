"""A rise that carries everything is not a model's skill: beside buy-and-hold it is said; a planted edge beats holding.

`make test` has a few histories; `make chaos` twelve of a rise and twenty of planted momentum.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from tests.unit.research.learning.material import HORIZON, SIGMA, History, history
from tests.unit.research.learning.test_noise_and_edge import STRENGTH
from vigie.domain.time import HOUR_MS
from vigie.quant.models import registry
from vigie.research.learning.against_holding import AgainstHolding, compare_with_holding
from vigie.research.learning.folds import walk_folds
from vigie.research.learning.odds_trading import trade_odds
from vigie.research.learning.walking import walk

# Yearly Sharpe ratio of holding that is planted: it carries whoever is long.
RISE = 4.0
FIRST_RISE, FIRST_EDGE = 7_000, 5_200


class Judged(NamedTuple):
    is_luck: bool
    beside: AgainstHolding


def judge(made: History, seed: int, kind: str = "logistic") -> Judged:
    folds = walk_folds(made.rows, embargo_ms=HORIZON * HOUR_MS)
    walked = walk(made.rows, registry()[kind], folds, seed=seed)
    traded = trade_odds(made.rows, walked, [made.slot], trials=1, seed=seed)
    return Judged(traded.verdict.is_luck, compare_with_holding(traded.returns, traded.held, seed=seed))


def rising(seed: int) -> Judged:
    return judge(history(seed, drift=RISE * SIGMA / np.sqrt(8_760)), seed)


def edge(seed: int) -> Judged:
    return judge(history(seed, strength=STRENGTH), seed)


def test_what_a_rise_carried_is_more_than_luck_and_does_not_beat_holding():
    told = [rising(seed) for seed in (FIRST_RISE + 3, FIRST_RISE + 6)]
    assert [one.is_luck for one in told] == [False, False]
    assert {one.beside.answer for one in told} <= {"no_more", "worse"}
    for _, beside in told:
        assert beside.held > 1.0
        assert beside.low < beside.difference < beside.high
        assert beside.difference == pytest.approx(beside.sharpe - beside.held_sharpe)


def test_a_planted_edge_beats_holding():
    told = [edge(seed) for seed in (FIRST_EDGE, FIRST_EDGE + 1, FIRST_EDGE + 5)]
    assert [one.beside.answer for one in told] == ["beats"] * 3


def test_a_yardstick_that_never_trades_does_not_beat_holding():
    made = judge(history(FIRST_RISE), FIRST_RISE, kind="base_rate")
    assert (made.is_luck, made.beside.answer, made.beside.earned) == (True, "no_trade", 0.0)
    assert np.isnan(made.beside.difference)


def test_the_answer_follows_the_interval_alone():
    beside = AgainstHolding(0.1, 0.1, 1.0, 1.0, 0.5, -0.1, 1.1)
    assert beside.answer == "no_more"
    assert replace(beside, low=0.0).answer == "no_more"
    assert replace(beside, low=0.01).answer == "beats"
    assert replace(beside, low=-0.9, high=-0.1).answer == "worse"
    assert replace(beside, sharpe=np.nan, low=0.01).answer == "no_trade"


@pytest.mark.chaos
def test_of_12_rises_none_beats_holding_though_some_are_told_from_luck():
    told = [rising(seed) for seed in range(FIRST_RISE, FIRST_RISE + 12)]
    assert sum(not one.is_luck for one in told) >= 3
    assert "beats" not in [one.beside.answer for one in told]


@pytest.mark.chaos
def test_of_20_histories_with_planted_momentum_at_least_15_beat_holding():
    told = [edge(seed) for seed in range(FIRST_EDGE, FIRST_EDGE + 20)]
    assert sum(one.beside.answer == "beats" for one in told) >= 15
