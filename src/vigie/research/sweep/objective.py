"""From the figures of a trial to the number it is ranked by, over one account or several.

A figure that is not defined, because nothing was traded or nothing was lost, counts as what standing aside
gives: 0, and 1 for the profit factor. Nothing traded never wins: see `MIN_TRADES`.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.engine.batch import FIGURES
from vigie.quant.metrics.returns import growths

Objective = Literal["sharpe", "return", "calmar", "profit_factor"]
OBJECTIVES: Final = ("sharpe", "return", "calmar", "profit_factor")
MIN_TRADES: Final = 1

TOTAL_RETURN, SHARPE, DRAWDOWN, TRADES, WIN_RATE, PROFIT_FACTOR = range(len(FIGURES))
_NEUTRAL: Final = {"profit_factor": 1.0}


def parse_objective(text: str) -> Objective:
    """Read the name of an objective.

    Parameters
    ----------
    text : str
        One of `OBJECTIVES`.

    Returns
    -------
    Objective
        The same text.

    Raises
    ------
    UsageError
        If there is none of this name.
    """
    if text not in OBJECTIVES:
        raise UsageError(
            "unknown_objective",
            "objective must be one of {objectives}, was {text!r}",
            objectives=" ".join(OBJECTIVES),
            text=text,
        )
    objective: Objective = text  # type: ignore[assignment]  # looked at just above
    return objective


def calmar(figures: FloatArray, elapsed_ms: float) -> FloatArray:
    """Return growth a year over the deepest drawdown, as in `Summary`; NaN without a drawdown.

    Parameters
    ----------
    figures : float64 array, shape (n, 6)
        In the order of `FIGURES`.
    elapsed_ms : float
        From the open of the first bar to the close of the last.

    Returns
    -------
    float64 array, shape (n,)
        Fraction a year over a fraction; larger is better.
    """
    depth = figures[:, DRAWDOWN]
    yearly = growths(1.0 + figures[:, TOTAL_RETURN], elapsed_ms=elapsed_ms)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(depth < 0, yearly / -depth, np.nan)


def slot_scores(figures: FloatArray, objective: Objective, elapsed_ms: float) -> FloatArray:
    """Return the score of each trial of one account.

    Parameters
    ----------
    figures : float64 array, shape (n, 6)
        In the order of `FIGURES`.

    Returns
    -------
    float64 array, shape (n,)
        Larger is better; never NaN.
    """
    if objective == "calmar":
        values = calmar(figures, elapsed_ms)
    else:
        column = {"sharpe": SHARPE, "return": TOTAL_RETURN, "profit_factor": PROFIT_FACTOR}[objective]
        values = figures[:, column]
    filled: FloatArray = np.where(np.isnan(values), _NEUTRAL.get(objective, 0.0), values)
    return filled


def scores(figures: FloatArray, objective: Objective, elapsed_ms: FloatArray) -> FloatArray:
    """Return the score of each trial: the mean over its accounts.

    Parameters
    ----------
    figures : float64 array, shape (n, n_accounts, 6)
        In the order of `FIGURES`.
    elapsed_ms : float64 array, shape (n_accounts,)
        Span of each account.

    Returns
    -------
    float64 array, shape (n,)
        Larger is better; never NaN.
    """
    total: FloatArray = np.zeros(len(figures))
    for account in range(figures.shape[1]):
        total += slot_scores(figures[:, account], objective, float(elapsed_ms[account]))
    mean: FloatArray = total / figures.shape[1]
    return mean
