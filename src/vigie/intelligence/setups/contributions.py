"""What counts for and against a setup: families of readings, each in [-1, 1] towards its side, and their mean.

Takes readings that were known at an instant; gives a contribution a family and the total. What is missing or stale
weighs nothing and says so. Contributions rank setups; they refuse none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.setup import SetupSide
from vigie.domain.signal import CriterionState

Family = Literal["criteria", "patterns", "news", "derivatives", "traders"]
Absence = Literal["", "none", "missing", "stale", "short_past", "left_out", "not_built"]
FAMILIES: Final[tuple[Family, ...]] = ("criteria", "patterns", "news", "derivatives", "traders")
USUAL_WEIGHTS: Final[Mapping[Family, float]] = {
    "criteria": 1.0, "patterns": 0.5, "news": 0.5, "derivatives": 0.5, "traders": 0.5,
}  # fmt: skip
# With fewer earlier values nobody can say what is usual.
LEAST_PAST: Final = 30
# What a chart pattern says that no close has confirmed yet, beside one that is confirmed.
UNCONFIRMED: Final = 0.5


@dataclass(frozen=True, slots=True)
class SetupReading:
    """One figure and what it says of the next prices.

    Attributes
    ----------
    name : str
        ``funding``, or the name of a criterion.
    lean : float
        In [-1, 1]: 1 is wholly for rising prices, of a criterion for the setup's side; 0 where it is absent.
    value : float or None
        The figure itself, in its unit.
    unit : str
        As columns of tables have it.
    ts_known : int or None
        When it was known here, epoch milliseconds.
    weight : float
        Within its family.
    absence : str
        Why it says nothing; empty where it does.
    """

    name: str
    lean: float
    value: float | None = None
    unit: str = ""
    ts_known: int | None = None
    weight: float = 1.0
    absence: Absence = ""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One family.

    Attributes
    ----------
    value : float
        In [-1, 1] towards the setup's side; 0 where it is absent.
    weight : float
        In the total; 0 where it is absent.
    readings : tuple of SetupReading
        What it is the weighted mean of, those that are absent beside it.
    absence : str
        Why it counts nothing; empty where it does.
    """

    family: Family
    value: float
    weight: float
    readings: tuple[SetupReading, ...]
    absence: Absence = ""


def contribution_of(
    family: Family, readings: Sequence[SetupReading], side: SetupSide, weight: float
) -> Contribution:
    """Return what the readings of a family say together.

    Parameters
    ----------
    readings : sequence of SetupReading
        None at all: the family is not built.
    weight : float
        Of the family in the total, where it says anything.
    """
    told = [reading for reading in readings if not reading.absence and reading.weight > 0.0]
    if not told or weight <= 0.0:
        absence: Absence = "left_out" if told else readings[0].absence if readings else "not_built"
        return Contribution(family, 0.0, 0.0, tuple(readings), absence or "left_out")
    weights = [reading.weight for reading in told]
    mean = float(np.average([reading.lean for reading in told], weights=weights))
    # Criteria speak of the setup's side already.
    towards = mean if family == "criteria" or side == "long" else -mean
    return Contribution(family, min(1.0, max(-1.0, towards)), weight, tuple(readings))


def total_of(contributions: Sequence[Contribution]) -> float | None:
    """Return the weighted mean of contributions; None where none counts."""
    weight = sum(part.weight for part in contributions)
    return sum(part.weight * part.value for part in contributions) / weight if weight > 0.0 else None


def criteria_readings(criteria: Sequence[CriterionState], ts_known: int) -> list[SetupReading]:
    """Return what the criteria of a setup's side say: 1 where one holds, -1 where it is as far as can be."""
    return [
        SetupReading(
            item.name,
            1.0 if item.holds else 2.0 * min(1.0, max(0.0, item.nearness)) - 1.0,
            item.value,
            ts_known=ts_known,
            weight=item.weight,
        )
        if np.isfinite(item.nearness) or item.holds
        else SetupReading(item.name, 0.0, ts_known=ts_known, weight=item.weight, absence="missing")
        for item in criteria
    ]


def against_the_crowd(past: FloatArray, value: float) -> float | None:
    """Return the lean of a figure that is paid by those who are many: high against its own past leans down.

    Parameters
    ----------
    past : float64 array, shape (n,)
        Earlier values.
    value : float
        The newest.

    Returns
    -------
    float or None
        In [-1, 1]; None with fewer than 30 earlier values.
    """
    if len(past) < LEAST_PAST:
        return None
    below = float(np.mean(past < value)) + 0.5 * float(np.mean(past == value))
    return 1.0 - 2.0 * below


def with_the_move(past: FloatArray, value: float, move: float) -> float | None:
    """Return the lean of new positions that came with a move of the price: the more unusual, the more with the move.

    Parameters
    ----------
    past : float64 array, shape (n,)
        Earlier changes of open interest over the same time, as fractions.
    value : float
        The newest change.
    move : float
        Change of the price over the same time, as a fraction.

    Returns
    -------
    float or None
        In [-1, 1]; 0 where positions were closed; None with fewer than 30 earlier changes.
    """
    if len(past) < LEAST_PAST:
        return None
    if value <= 0.0 or move == 0.0:
        return 0.0
    return float(np.sign(move)) * float(np.mean(past < value))


def of_forced_orders(long_usd: float, short_usd: float) -> float | None:
    """Return the lean of liquidations: forced buying of shorts pushes up, forced selling of longs down.

    Parameters
    ----------
    long_usd, short_usd : float
        Liquidated positions of each side.

    Returns
    -------
    float or None
        In [-1, 1]; None where nothing was liquidated.
    """
    total = long_usd + short_usd
    return (short_usd - long_usd) / total if total > 0.0 else None


def of_pattern(side: SetupSide, *, is_confirmed: bool) -> float:
    """Return the lean of a chart pattern that holds: wholly to its side where it is confirmed, half where it is not.

    Parameters
    ----------
    side : str
        Where it points.
    is_confirmed : bool
        A bar closed beyond its confirmation level.

    Returns
    -------
    float
        1, 0.5, -0.5 or -1.
    """
    return (1.0 if side == "long" else -1.0) * (1.0 if is_confirmed else UNCONFIRMED)
