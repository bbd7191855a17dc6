"""Noise is called luck, a planted edge is found: histories that nobody looked at while the rules were made.

`make test` has a few of each; `make chaos` all two hundred and one hundred.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.learning.material import HORIZON, SIGMA, History, history
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.domain.time import HOUR_MS
from vigie.engine.backtest import run_slot
from vigie.quant.metrics.sampling import sampled_returns
from vigie.quant.models import registry
from vigie.quant.stats.sharpe import sharpe_sample
from vigie.research.learning.folds import walk_folds
from vigie.research.learning.odds_trading import trade_odds
from vigie.research.learning.walking import walk

pytest.importorskip("sklearn")
# Who knows the rule makes a net Sharpe ratio of 4 with it.
STRENGTH = 0.07
FIRST_SEED = 5_000
NOISE, MOST_FOUND = 200, 10
EDGES, LEAST_FOUND = 100, 80


def is_found(made: History, seed: int) -> bool:
    """Whether logistic regression with the usual folds and costs is called anything but luck."""
    folds = walk_folds(made.rows, embargo_ms=HORIZON * HOUR_MS)
    walked = walk(made.rows, registry()["logistic"], folds, seed=seed)
    return not trade_odds(made.rows, walked, [made.slot], trials=1, seed=seed).verdict.is_luck


def sharpe_of_who_knows(made: History) -> float:
    """Net Sharpe ratio, by the fill model, of who enters with the last day's move and leaves when it is gone."""
    closes = np.log(made.slot.bars.close)
    last_day = np.zeros(len(closes))
    last_day[HORIZON:] = (closes[HORIZON:] - closes[:-HORIZON]) / (SIGMA * np.sqrt(HORIZON))
    flags = (
        np.where(last_day > 1.0, LONG_ENTRY, 0) | np.where(last_day < -1.0, SHORT_ENTRY, 0)
        | np.where(last_day < 0.0, LONG_EXIT, 0) | np.where(last_day > 0.0, SHORT_EXIT, 0)
    ).astype(np.uint8)  # fmt: skip
    outcome = run_slot(replace(made.slot, flags=flags))
    _, returns = sampled_returns(
        outcome.equity, outcome.samples_ts, capital=made.slot.sizing.capital, span_ms=HOUR_MS
    )
    return float(sharpe_sample(returns).sharpe * np.sqrt(365.0))


def test_who_knows_the_planted_rule_makes_a_net_sharpe_ratio_of_4():
    seeds = range(FIRST_SEED + NOISE, FIRST_SEED + NOISE + 6)
    assert 3.8 < np.mean([sharpe_of_who_knows(history(seed, strength=STRENGTH)) for seed in seeds]) < 4.6
    assert np.mean([sharpe_of_who_knows(history(seed)) for seed in seeds]) < 0.0


def test_a_few_of_noise_are_luck_and_a_few_of_edges_are_found():
    assert sum(is_found(history(seed), seed) for seed in range(FIRST_SEED, FIRST_SEED + 8)) <= 1
    seeds = range(FIRST_SEED + NOISE, FIRST_SEED + NOISE + 8)
    assert sum(is_found(history(seed, strength=STRENGTH), seed) for seed in seeds) >= 5


@pytest.mark.chaos
def test_of_200_histories_of_noise_at_most_10_are_anything_but_luck():
    found = [seed for seed in range(FIRST_SEED, FIRST_SEED + NOISE) if is_found(history(seed), seed)]
    assert len(found) <= MOST_FOUND, found


@pytest.mark.chaos
def test_of_100_histories_with_planted_momentum_at_least_80_are_found():
    seeds = range(FIRST_SEED + NOISE, FIRST_SEED + NOISE + EDGES)
    missed = [seed for seed in seeds if not is_found(history(seed, strength=STRENGTH), seed)]
    assert len(missed) <= EDGES - LEAST_FOUND, missed
