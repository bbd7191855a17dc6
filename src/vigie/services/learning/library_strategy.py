"""A model that only a library scores, as a strategy in the memory of the process that loads it: no file has it.

It decides as the file of any other model does (`model_strategy`), at the newest bar alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.signal import Criteria, Criterion
from vigie.services.learning.model_files import StoredModel
from vigie.services.learning.model_strategy import (
    ODDS_OF_RISE,
    ODDS_OF_TARGET,
    refuse_changed_rule,
    sides_of,
    strategy_name,
)
from vigie.trading.catalogue import load
from vigie.trading.loaded_strategy import Strategy
from vigie.trading.strategy import is_above, is_below


@dataclass(frozen=True, slots=True)
class LearnedParams:
    """None: what was learned is fixed."""


def library_strategy(stored: StoredModel) -> Strategy:
    """Return a model as a strategy whose criteria load the library.

    Raises
    ------
    UsageError
        If the rule whose signals it judges is another one by now.
    """
    card = stored.card
    refuse_changed_rule(card)
    return Strategy(
        name=strategy_name(card.name, card.rule), title=card.name, doc=card.name,
        timeframe=card.market.timeframe, params=LearnedParams, warmup=lambda params: 1,
        criteria=partial(_criteria, stored), path="",
    )  # fmt: skip


def _criteria(stored: StoredModel, bars: Bars, params: LearnedParams) -> Criteria:
    card, odds = stored.card, _newest_odds(stored, bars)
    if not card.rule:
        compare = {"is_above": is_above, "is_below": is_below}
        sides: dict[str, tuple[Criterion, ...]] = {
            side: (compare[function](ODDS_OF_RISE, odds, value, or_equal=True),)
            for side, function, value in sides_of(card)
        }
        return Criteria(long=sides.get("long", ()), short=sides.get("short", ()))
    rule = load(card.rule)
    said = rule.criteria(bars, rule.defaults())
    assert card.score.long_from is not None  # else it never trades, and stays a candidate
    reached = is_above(ODDS_OF_TARGET, odds, card.score.long_from, or_equal=True)
    return Criteria(
        (*said.long, reached) if said.long else (), (*said.short, reached) if said.short else (),
        said.long_exit, said.short_exit, said.stop_distance, said.target_distance,
    )  # fmt: skip


def _newest_odds(stored: StoredModel, bars: Bars) -> FloatArray:
    """Return the log-odds of the newest bar, NaN before it.

    One row alone has the same score each time; among others its last digits may depend on how many they are.
    """
    newest = np.array([[bars.feature(name)[-1] for name in stored.card.features]])
    return np.append(np.full(len(bars) - 1, np.nan), stored.log_odds(newest))
