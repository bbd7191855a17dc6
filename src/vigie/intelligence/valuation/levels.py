"""At which score, and at which next close, the state of an asset would change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.intelligence.valuation.daily_history import DailyHistory
from vigie.intelligence.valuation.states import ENTER, LEAVE, State
from vigie.intelligence.valuation.votes import DECIMALS, MEAN_DAYS, OTHERS, PRICE_GROUP, Votes

# Prices are looked for from a fifth of the newest close to five times it.
_REACH: Final = 5.0
_HALVINGS: Final = 40


@dataclass(frozen=True, slots=True)
class LevelOfChange:
    """What would change the state.

    Attributes
    ----------
    state : str
        What it would be then.
    score : float
        The score at which it changes.
    is_above : bool
        Whether the score must rise to it.
    price : float or None
        The next close that makes that score while all else stays; None where no close from a fifth to five times
        the newest does.
    """

    state: State
    score: float
    is_above: bool
    price: float | None


def level_of_change(history: DailyHistory, votes: Votes, state: State) -> LevelOfChange:
    """Return the nearest level at which a state changes.

    Parameters
    ----------
    history : DailyHistory
        Whose newest close has a score.
    votes : Votes
        Of it.
    state : str
        At the newest close.
    """
    score = float(votes.score[-1])
    if state == "normal":
        to: State = "stretched" if score >= 0 else "depressed"
        level, is_above = (ENTER, True) if score >= 0 else (-ENTER, False)
    else:
        to, level, is_above = "normal", LEAVE if state == "stretched" else -LEAVE, state == "depressed"
    return LevelOfChange(
        to, level, is_above, _price_at(_next_score(history, votes), level, float(history.close[-1]))
    )


def _next_score(history: DailyHistory, votes: Votes) -> Callable[[float], float]:
    """Return the score as a function of the next close, with the other components as they are."""
    close = history.close
    recent, highest = float(close[1 - MEAN_DAYS :].sum()), float(close.max())
    distances, drawdowns = (_ascending(votes.values[name]) for name in ("mean_distance", "drawdown"))
    rsi_rank = float(votes.ranks["weekly_rsi"][-1])
    others = [float(votes.ranks[name][-1]) for name in OTHERS if name in votes.ranks]
    known = [rank for rank in others if rank == rank]  # not NaN

    def score(price: float) -> float:
        distance = price / ((recent + price) / MEAN_DAYS) - 1.0
        ranks = rsi_rank + _rank(distances, distance) + _rank(drawdowns, price / max(highest, price) - 1.0)
        return (ranks / len(PRICE_GROUP) + sum(known)) / (1 + len(known))

    return score


def _ascending(values: FloatArray) -> FloatArray:
    ascending: FloatArray = np.sort(np.round(values[~np.isnan(values)], DECIMALS))
    return ascending


def _rank(ascending: FloatArray, value: float) -> float:
    left, right = (
        int(np.searchsorted(ascending, round(value, DECIMALS), side)) for side in ("left", "right")
    )
    return (left + right) / len(ascending) - 1.0


def _price_at(score: Callable[[float], float], level: float, close: float) -> float | None:
    low, high = close / _REACH, close * _REACH
    if not score(low) < level <= score(high):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if score(middle) < level else (low, middle)
    return high
