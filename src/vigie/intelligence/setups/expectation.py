"""What a setup may be expected to make in R: the mean of those like it that ended, drawn towards what is less sure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# A mean of so many ended setups counts half.
SHRINKAGE: Final = 30


@dataclass(frozen=True, slots=True)
class EndedTrade:
    """A setup that was traded, alone and by the fill model, and ended.

    Attributes
    ----------
    strategy, instrument, regime : str
        As it was decided.
    ts_known : int
        When its end could be known, epoch milliseconds.
    r : float
        What it made over what it risked.
    """

    strategy: str
    instrument: str
    regime: str
    ts_known: int
    r: float


@dataclass(frozen=True, slots=True)
class ExpectedR:
    """What may be expected of a change.

    Attributes
    ----------
    value : float
        In R; 0 where nothing is known.
    alike, of_strategy : int
        How many ended ones of the same strategy, instrument and regime it comes from, and of the strategy.
    """

    value: float
    alike: int
    of_strategy: int


def expected_r(
    ended: Iterable[EndedTrade], *, strategy: str, instrument: str, regime: str, ts: int
) -> ExpectedR:
    """Return the mean of ended setups of one strategy, instrument and regime, shrunk to the strategy's, that to 0.

    Parameters
    ----------
    ended : iterable of EndedTrade
        Live ones.
    strategy, instrument, regime : str
        Of the setup that is judged.
    ts : int
        Only those count whose end was known by then: a result of later must not decide what is told now.

    Notes
    -----
    The weight of a mean of n is n / (n + 30): the posterior mean of a normal law whose prior is worth 30 observations.
    """
    known = [setup for setup in ended if setup.strategy == strategy and setup.ts_known <= ts]
    alike = [setup.r for setup in known if (setup.instrument, setup.regime) == (instrument, regime)]
    of_strategy = shrunk([setup.r for setup in known], 0.0)
    return ExpectedR(shrunk(alike, of_strategy), len(alike), len(known))


def shrunk(values: list[float], towards: float) -> float:
    """Return the mean of some values, drawn towards another figure by n / (n + 30)."""
    if not values:
        return towards
    weight = len(values) / (len(values) + SHRINKAGE)
    return weight * (sum(values) / len(values)) + (1.0 - weight) * towards
