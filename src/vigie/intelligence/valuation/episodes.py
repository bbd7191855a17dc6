"""Episodes of a state that do not overlap, and what followed them beside random starts.

Episodes of one asset are never put together with those of another: assets move together, and would count twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.intelligence.valuation.daily_history import DailyHistory
from vigie.intelligence.valuation.states import STATES, UNKNOWN, State
from vigie.quant.stats.circular_shift import circular_shift_p_value
from vigie.quant.stats.medians import median_interval, random_start_medians

HORIZONS: Final = (30, 91, 365)
# Two states and two horizons are tested: those of which ten episodes can be expected.
TESTED: Final = (30, 91)
LEAST_EPISODES: Final = 10
LEVEL: Final = 0.05 / (len(STATES) * len(TESTED))
SEED: Final = 21
_CODES: Final = {"stretched": 1, "depressed": -1}


@dataclass(frozen=True, slots=True)
class Episode:
    """One start and what followed.

    Attributes
    ----------
    day : int
        UTC day since 1970 at whose close it starts.
    price : float
        That close.
    change : float or None
        Of the price over the horizon; None while it is not over.
    """

    day: int
    price: float
    change: float | None


@dataclass(frozen=True, slots=True)
class Following:
    """What followed a state over one horizon.

    Attributes
    ----------
    state : str
    horizon_days : int
    episodes : tuple of Episode
        In the order of time; those that are not over count in no figure.
    count : int
        Episodes that are over.
    median, low, high : float or None
        Of the changes, with the 95 % interval; None for fewer than ten.
    random_median, random_low, random_high : float or None
        Middle, and middle 95 %, of medians of as many random starts.
    p_value : float or None
        By circular shift, where it is tested.
    differs : bool
        Whether it is below 0.05 / 4.
    """

    state: State
    horizon_days: int
    episodes: tuple[Episode, ...]
    count: int
    median: float | None = None
    low: float | None = None
    high: float | None = None
    random_median: float | None = None
    random_low: float | None = None
    random_high: float | None = None
    p_value: float | None = None
    differs: bool = False


def episode_starts(states: IntArray, state: State, horizon_days: int) -> IntArray:
    """Return the closes that start an episode: the first in a state, then the first one a horizon later, and so on.

    Parameters
    ----------
    states : int64 array, shape (n_days,)
        As `states_of` gives them.

    Returns
    -------
    int64 array
        Indices at least `horizon_days` apart.
    """
    starts, free = [], 0
    for index in np.flatnonzero(states == _CODES[state]).tolist():
        if index >= free:
            starts.append(index)
            free = index + horizon_days
    return np.array(starts, np.int64)


def what_followed(
    history: DailyHistory, states: IntArray, state: State, horizon_days: int, *, seed: int = SEED
) -> Following:
    """Return the episodes of one asset, state and horizon, with figures from ten on.

    Parameters
    ----------
    history : DailyHistory
        Of one asset.
    states : int64 array, shape (n_days,)
        Its states.
    seed : int
        Of the random starts.
    """
    starts = episode_starts(states, state, horizon_days)
    is_over = starts + horizon_days < len(history)
    changes = history.close[horizon_days:] / history.close[:-horizon_days] - 1.0
    episodes = tuple(
        Episode(
            int(history.days[start]), float(history.close[start]), float(changes[start]) if over else None
        )
        for start, over in zip(starts.tolist(), is_over.tolist(), strict=True)
    )
    over_starts = starts[is_over]
    if len(over_starts) < LEAST_EPISODES:
        return Following(state, horizon_days, episodes, len(over_starts))
    own = changes[over_starts]
    first = int(np.argmax(states != UNKNOWN))
    possible = changes[first:]
    interval = median_interval(own)
    chance = random_start_medians(possible, len(own), horizon_days, seed=seed)
    low, middle, high = np.quantile(chance, [0.025, 0.5, 0.975]).tolist()
    p_value = _p_value(possible, over_starts - first) if horizon_days in TESTED else None
    return Following(
        state, horizon_days, episodes, len(own), float(np.median(own)), interval.low, interval.high,
        middle, low, high, p_value, p_value is not None and p_value < LEVEL,
    )  # fmt: skip


def _p_value(changes: FloatArray, starts: IntArray) -> float:
    return circular_shift_p_value(np.log1p(changes), starts)


def all_that_followed(history: DailyHistory, states: IntArray, *, seed: int = SEED) -> list[Following]:
    """Return what followed both states over each horizon."""
    return [
        what_followed(history, states, state, horizon, seed=seed) for state in STATES for horizon in HORIZONS
    ]
