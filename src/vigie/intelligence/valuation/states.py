"""The state at each close, and the moves that override its word."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.intelligence.valuation.daily_history import DailyHistory
from vigie.quant.indicators.atr import atr

ENTER: Final = 0.6
LEAVE: Final = 0.4
CLOSES: Final = 2
RANGE_DAYS: Final = 14
SHARP_RANGES: Final = 2.0
# The last digits of a mean of ranks decide nothing.
_SLACK: Final = 1e-9
State = Literal["stretched", "normal", "depressed"]
STATES: Final[tuple[State, State]] = ("stretched", "depressed")
UNKNOWN: Final = 9


def states_of(score: FloatArray) -> IntArray:
    """Return the state at each close: 1 stretched, 0 normal, -1 depressed, 9 where no score is known.

    Stretched begins with the second close in a row with a score of at least 0.6 and lasts until a score of 0.4 or
    less; depressed likewise from -0.6 to -0.4.

    Parameters
    ----------
    score : float64 array, shape (n_days,)
        NaN where not known.

    Returns
    -------
    int64 array, shape (n_days,)
        From nothing that came later.
    """
    states = np.full(len(score), UNKNOWN, np.int64)
    state = highs = lows = 0
    for index, value in enumerate(score.tolist()):
        if value != value:  # NaN
            state = highs = lows = 0
            continue
        highs = highs + 1 if value >= ENTER - _SLACK else 0
        lows = lows + 1 if value <= _SLACK - ENTER else 0
        if state * value <= LEAVE + _SLACK:
            state = 0
        if highs >= CLOSES:
            state = 1
        elif lows >= CLOSES:
            state = -1
        states[index] = state
    return states


def state_name(state: int) -> State | None:
    """Return the word of a state; None where it is not known."""
    names: dict[int, State] = {1: "stretched", 0: "normal", -1: "depressed"}
    return names.get(state)


def moves_in_ranges(history: DailyHistory) -> FloatArray:
    """Return the move of each day in average daily ranges of the 14 days before it.

    Of a day with a close alone the range is taken as twice the move from the close before: so wide is that of a random
    walk on average (Feller 1951, "The asymptotic distribution of the range of sums of independent random variables").

    Returns
    -------
    float64 array, shape (n_days,)
        NaN while no range is known.
    """
    close = history.close
    before = np.concatenate((close[:1], close[:-1]))
    half = np.abs(close - before) / 2.0
    high = np.where(np.isnan(history.high), np.maximum(close, before) + half, history.high)
    low = np.where(np.isnan(history.low), np.minimum(close, before) - half, history.low)
    ranges = atr(high, low, close, RANGE_DAYS)
    usual = np.concatenate((np.full(1, np.nan), ranges[:-1]))[: len(close)]
    moves = np.full(len(close), np.nan)
    np.divide(close - before, usual, out=moves, where=usual > 0)
    return moves
