"""The valuation at the newest close: its word, what speaks for it, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from vigie.intelligence.valuation.daily_history import DailyHistory
from vigie.intelligence.valuation.levels import LevelOfChange, level_of_change
from vigie.intelligence.valuation.states import (
    SHARP_RANGES,
    State,
    moves_in_ranges,
    state_name,
    states_of,
)
from vigie.intelligence.valuation.votes import COMPONENTS, LEAST_DAYS, PRICE_GROUP, Votes, votes_of

Word = Literal["stretched", "normal", "depressed", "sharp_fall", "sharp_rise", "unknown"]
Missing = Literal["none", "short", "old"]
# In which unit each component is written; a change has a sign.
UNITS: Final = {
    "weekly_rsi": "index", "mean_distance": "change", "drawdown": "change", "mvrv": "ratio", "funding": "rate",
    "fear_greed": "index",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ComponentReading:
    """One component at the newest close.

    Attributes
    ----------
    name : str
        One of `COMPONENTS`.
    is_of_price : bool
        Whether it is a third of the price's vote; else it is a vote of its own.
    value : float or None
        In the unit of `UNITS`; None where not known.
    rank : float or None
        Among its earlier values, in [-1, 1].
    earlier : int
        How many of them there are.
    first_day : int or None
        UTC day since 1970 of the first of them.
    missing : str
        Why there is no rank: ``none``, no value is known; ``old``, only older ones; ``short``, fewer than 730 earlier
        ones. Empty where there is one.
    """

    name: str
    is_of_price: bool
    value: float | None
    rank: float | None
    earlier: int
    first_day: int | None
    missing: Missing | Literal[""] = ""

    @property
    def share_below(self) -> float | None:
        """The share of earlier values below this one, equal ones by half."""
        return None if self.rank is None else (self.rank + 1.0) / 2.0


@dataclass(frozen=True, slots=True)
class Valuation:
    """What is said of one asset at its newest close.

    Attributes
    ----------
    day : int
        UTC day since 1970 of the close.
    price : float
    word : str
        The state, unless a sharp move overrides it.
    state : str or None
        None where no score is known.
    since_day : int or None
        Since which close the state holds.
    score, price_vote : float or None
    components : tuple of ComponentReading
        In the order of `COMPONENTS`.
    move, move_ranges : float or None
        Change of the day as a fraction, and in average daily ranges.
    volatility, volatility_rank : float or None
        Of 30 days, a year's worth, and its rank: it has no direction.
    level : LevelOfChange or None
        What would change the state.
    days, carried_days : int
        Of the history, and those of them without a price of their own.
    """

    day: int
    price: float
    word: Word
    state: State | None
    since_day: int | None
    score: float | None
    price_vote: float | None
    components: tuple[ComponentReading, ...]
    move: float | None
    move_ranges: float | None
    volatility: float | None
    volatility_rank: float | None
    level: LevelOfChange | None
    days: int
    carried_days: int


def valuation_of(history: DailyHistory) -> Valuation | None:
    """Return the valuation at the newest close of a history; None where it has no day."""
    if not len(history):
        return None
    votes = votes_of(history)
    states = states_of(votes.score)
    state = state_name(int(states[-1]))
    move = _known(moves_in_ranges(history)[-1])
    word: Word = state or "unknown"
    if move is not None and abs(move) > SHARP_RANGES:
        word = "sharp_fall" if move < 0 else "sharp_rise"
    changed = np.flatnonzero(states != states[-1])
    since = int(changed[-1]) + 1 if len(changed) else 0
    close = history.close
    return Valuation(
        day=int(history.days[-1]),
        price=float(close[-1]),
        word=word,
        state=state,
        since_day=int(history.days[since]) if state is not None else None,
        score=_known(votes.score[-1]),
        price_vote=_known(votes.price[-1]),
        components=tuple(_component(history, votes, name) for name in COMPONENTS),
        move=float(close[-1] / close[-2] - 1.0) if len(close) > 1 else None,
        move_ranges=move,
        volatility=_known(votes.volatility[-1]),
        volatility_rank=_known(votes.volatility_rank[-1]),
        level=level_of_change(history, votes, state) if state is not None else None,
        days=len(history),
        carried_days=int(np.count_nonzero(history.is_carried)),
    )


def _component(history: DailyHistory, votes: Votes, name: str) -> ComponentReading:
    is_of_price = name in PRICE_GROUP
    values = votes.values.get(name)
    known = np.flatnonzero(~np.isnan(values)) if values is not None else np.zeros(0, np.int64)
    if values is None or not len(known):
        return ComponentReading(name, is_of_price, None, None, 0, None, "none")
    value, rank = _known(values[-1]), _known(votes.ranks[name][-1])
    earlier = len(known) - (value is not None)
    missing: Missing | Literal[""] = ""
    if rank is None:
        missing = "short" if earlier < LEAST_DAYS else "old"
    first_day = int(history.days[known[0]])
    return ComponentReading(name, is_of_price, value, rank, earlier, first_day, missing)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
