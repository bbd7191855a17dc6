"""A model beside buy-and-hold of the same days: a rise that carries all is not the model's skill."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.stats.bootstrap import sharpe_difference
from vigie.quant.stats.sharpe import sharpe_sample

HoldingAnswer = Literal["beats", "no_more", "worse", "no_trade"]


@dataclass(frozen=True, slots=True)
class AgainstHolding:
    """What an account and buy-and-hold made of the same days, with the same fees and slippage.

    Sharpe ratios, not results, are compared: an account that risks little of its money and one that has all of it in
    the market earn on other scales.

    Attributes
    ----------
    earned, held : float
        Of what the first day began with.
    sharpe, held_sharpe : float
        Annualised; NaN where nothing moved.
    difference : float
        The account's Sharpe ratio minus holding's.
    low, high : float
        95% interval of the difference, by the bootstrap of the verdict, which draws the same days of both.
    """

    earned: float
    held: float
    sharpe: float
    held_sharpe: float
    difference: float
    low: float
    high: float

    @property
    def answer(self) -> HoldingAnswer:
        """Whether it beats holding; without a trade it does not."""
        return answer_of(self.sharpe, self.low, self.high)


def answer_of(sharpe: float, low: float, high: float) -> HoldingAnswer:
    """Return whether an account beats holding.

    Parameters
    ----------
    sharpe : float
        Of the account; NaN where it never traded.
    low, high : float
        Interval of its Sharpe ratio minus holding's.

    Returns
    -------
    str
        ``beats`` where the interval is above 0, ``worse`` where it is below, else ``no_more``; ``no_trade`` where
        nothing was traded.
    """
    if math.isnan(sharpe):
        return "no_trade"
    if low > 0.0:
        return "beats"
    return "worse" if high < 0.0 else "no_more"


def compare_with_holding(
    returns: FloatArray, held: FloatArray, *, seed: int, periods_per_year: float = 365.0
) -> AgainstHolding:
    """Compare an account with buy-and-hold.

    Parameters
    ----------
    returns, held : float64 array, shape (n_days,)
        Simple returns of the account and of holding, of the same days.
    seed : int
        Of the draws.
    periods_per_year : float
        To annualise.

    Returns
    -------
    AgainstHolding
    """
    year = math.sqrt(periods_per_year)
    told = sharpe_difference(returns, held, seed=seed, periods_per_year=periods_per_year)
    return AgainstHolding(
        float(np.prod(1.0 + returns) - 1.0), float(np.prod(1.0 + held) - 1.0),
        year * sharpe_sample(returns).sharpe, year * sharpe_sample(held).sharpe,
        told.value, told.interval.low, told.interval.high,
    )  # fmt: skip
