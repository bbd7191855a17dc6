"""Which changes of setups are told where only so many a day may be: those of which most may be expected.

A change is told if what may be expected of it exceeds the level that lets the wanted number a day pass, as counted over
the last thirty market days. With less history, the first ones of the day are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vigie.domain.time import DAY_MS

HISTORY_DAYS: Final = 30
USUAL_BUDGET: Final = 5
Held = Literal["", "full", "below"]
"""Why a change is not told: the day's number is reached, or too little is expected of it."""


@dataclass(frozen=True, slots=True)
class BudgetCandidate:
    """A change that may be told.

    Attributes
    ----------
    expected_r : float
        What may be expected of it.
    total : float
        Total of its contributions, in [-1, 1]; it decides between equals.
    ts_known : int
        Its close, epoch milliseconds of the market.
    """

    expected_r: float
    total: float
    ts_known: int


@dataclass(frozen=True, slots=True)
class BudgetDecision:
    """What becomes of a change.

    Attributes
    ----------
    held : str
        Empty where it is told.
    threshold : float or None
        Expected R that it must exceed; None while there is less than thirty market days of history, and where all that
        comes fits in the budget.
    rank : int
        Its place among the candidates of the last thirty market days, itself among them; 1 is the best.
    of : int
        How many these are.
    """

    held: Held
    threshold: float | None
    rank: int
    of: int


def decide_budget(
    candidate: BudgetCandidate, past: Sequence[BudgetCandidate], *, told: int, budget: int
) -> BudgetDecision:
    """Return whether a change is told.

    Parameters
    ----------
    candidate : BudgetCandidate
        The change.
    past : sequence of BudgetCandidate
        All that came before it, told or not.
    told : int
        Changes told on the day it would be told on.
    budget : int
        Most a day; 0 for none at all.
    """
    begins = candidate.ts_known - HISTORY_DAYS * DAY_MS
    recent = [earlier for earlier in past if begins < earlier.ts_known <= candidate.ts_known]
    has_history = any(earlier.ts_known <= begins for earlier in past)
    places = sorted((_place(earlier) for earlier in recent), reverse=True)
    rank = 1 + sum(place > _place(candidate) for place in places)
    level = _level(places, budget * HISTORY_DAYS) if has_history else None
    held: Held = ""
    if told >= budget:
        held = "full"
    elif level is not None and not _place(candidate) > level:
        held = "below"
    return BudgetDecision(held, level[0] if level is not None else None, rank, len(places) + 1)


def _place(one: BudgetCandidate) -> tuple[float, float]:
    return one.expected_r, one.total


def _level(places: Sequence[tuple[float, float]], room: int) -> tuple[float, float] | None:
    """Return the best that would not have been told among all that came: with room for all, there is none."""
    return places[room] if room < len(places) else None
