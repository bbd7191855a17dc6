"""What single trades were like: win rate, profit factor, payoff, SQN, Kelly, streaks, excursions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np
from numba import njit

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.quant.metrics.returns import FLAT

UNKNOWN: Final[FloatArray] = np.empty(0)


def _unknown() -> FloatArray:
    return UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class TradeColumns:
    """Closed trades in the order of their exits, one array a quantity; a column left out is not known.

    Attributes
    ----------
    pnl : float64 array, shape (n_trades,)
        Gross result less both fees plus funding, quote currency.
    return_pct : float64 array, shape (n_trades,)
        100 x pnl / equity at the decision.
    fees, funding, slippage : float64 array, shape (n_trades,)
        Quote currency: fees and slippage as cost (>= 0, a rebate is negative), funding as received.
    bars_held : float64 or int64 array, shape (n_trades,)
        Entry and exit bar included.
    mae_pct, mfe_pct : float64 array, shape (n_trades,)
        Worst (<= 0) and best (>= 0) move against the entry price while held, per cent.
    notional : float64 array, shape (n_trades,)
        Entry plus exit value (both sides), quote currency.
    """

    pnl: FloatArray = field(default_factory=_unknown)
    return_pct: FloatArray = field(default_factory=_unknown)
    fees: FloatArray = field(default_factory=_unknown)
    funding: FloatArray = field(default_factory=_unknown)
    slippage: FloatArray = field(default_factory=_unknown)
    bars_held: FloatArray = field(default_factory=_unknown)
    mae_pct: FloatArray = field(default_factory=_unknown)
    mfe_pct: FloatArray = field(default_factory=_unknown)
    notional: FloatArray = field(default_factory=_unknown)

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        n = len(self.pnl)
        for index, column in enumerate(self.columns()):
            if len(column) not in (0, n):
                name = fields(self)[index].name
                raise UsageError(f"{name} must have {n} values like pnl, had {len(column)}")

    def columns(self) -> tuple[FloatArray, ...]:
        """Return all columns in the order of their declaration.

        Returns
        -------
        tuple of float64 array
            Each of shape (n_trades,), or (0,) where it is not known.
        """
        return (
            self.pnl,
            self.return_pct,
            self.fees,
            self.funding,
            self.slippage,
            self.bars_held,
            self.mae_pct,
            self.mfe_pct,
            self.notional,
        )


NO_TRADES: Final = TradeColumns()


@njit(cache=True, nogil=True, error_model="numpy")
def outcome_figures(pnl: FloatArray) -> tuple[float, float, float, float, float, float, float, float, float]:
    """Return what the results of the trades say, in quote currency where they have a unit.

    Parameters
    ----------
    pnl : float64 array, shape (n_trades,)
        Net results in the order of the exits.

    Returns
    -------
    trades : float
        How many.
    win_rate : float
        Share with pnl > 0, fraction. NaN without trades.
    profit_factor : float
        Sum of gains over sum of losses. Infinite with gains and no losses; NaN with neither.
    expectancy : float
        Mean pnl a trade, quote currency. NaN without trades.
    payoff : float
        Mean gain over mean loss. NaN unless there is at least one of each.
    winning_streak, losing_streak : float
        Most gains, most losses in a row; a trade of exactly zero ends both.
    best_trade, worst_trade : float
        Largest and smallest pnl, quote currency. NaN without trades.
    """
    n = len(pnl)
    nan = math.nan
    if n == 0:
        return 0.0, nan, nan, nan, nan, 0.0, 0.0, nan, nan
    gains, losses = 0.0, 0.0
    wins, defeats = 0, 0
    run, longest_win, longest_loss = 0, 0, 0
    best, worst = pnl[0], pnl[0]
    for x in pnl:
        if x > 0.0:
            gains += x
            wins += 1
            run = run + 1 if run > 0 else 1
            longest_win = max(longest_win, run)
        elif x < 0.0:
            losses -= x
            defeats += 1
            run = run - 1 if run < 0 else -1
            longest_loss = max(longest_loss, -run)
        else:
            run = 0
        if x > best:
            best = x
        if x < worst:
            worst = x
    factor = nan
    if losses > 0.0:
        factor = gains / losses
    elif gains > 0.0:
        factor = math.inf
    payoff = (gains / wins) / (losses / defeats) if wins > 0 and defeats > 0 else nan
    expectancy = (gains - losses) / n
    return (
        float(n),
        wins / n,
        factor,
        expectancy,
        payoff,
        float(longest_win),
        float(longest_loss),
        best,
        worst,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def quality_figures(return_pct: FloatArray) -> tuple[float, float]:
    """Return the system quality number and the Kelly fraction from the returns of the trades.

    Parameters
    ----------
    return_pct : float64 array, shape (n_trades,)
        Result of each trade in per cent of equity at its decision.

    Returns
    -------
    sqn : float
        Root of n times mean over standard deviation (n - 1), not annualised, not capped at 100 trades; the
        same as with R multiples when the risk fraction is constant. NaN without variation.
    kelly : float
        ``p - (1 - p) / b`` with p the share of gains among trades that are not zero and b mean gain over mean
        loss; fraction of the present stake's unit, negative for a losing system. NaN unless both occur.

    References
    ----------
    Tharp (2008), "The Definitive Guide to Position Sizing"; Kelly (1956), "A New Interpretation of
    Information Rate"; equal to quantstats.kelly_criterion.
    """
    n = len(return_pct)
    if n < 2:
        return math.nan, math.nan
    gains, losses = 0.0, 0.0
    wins, defeats = 0, 0
    for x in return_pct:
        if x > 0.0:
            gains += x
            wins += 1
        elif x < 0.0:
            losses -= x
            defeats += 1
    mean = (gains - losses) / n
    squares = 0.0
    for x in return_pct:
        squares += (x - mean) * (x - mean)
    deviation = math.sqrt(squares / (n - 1))
    sqn = math.sqrt(n) * mean / deviation if deviation > FLAT else math.nan
    kelly = math.nan
    if wins > 0 and defeats > 0:
        p = wins / (wins + defeats)
        payoff = (gains / wins) / (losses / defeats)
        # Gains that are nothing beside the losses: no number says how much to risk.
        if payoff > 0.0 and not math.isinf((1.0 - p) / payoff):
            kelly = p - (1.0 - p) / payoff
    return sqn, kelly


@njit(cache=True, nogil=True, error_model="numpy")
def column_figures(column: FloatArray, n_trades: int) -> tuple[float, float, float, float]:
    """Return sum, mean, smallest and largest of a column; NaN where it is not known.

    Used for fees, funding, slippage and notional (sums, quote currency; 0 without trades), for bars held
    (mean) and for the excursions MAE and MFE (mean and worst, for both the smallest; per cent of the entry).

    Parameters
    ----------
    column : float64 array, shape (n_trades,)
        Any unit; of another length where the column is not known.
    n_trades : int
        Closed trades.

    Returns
    -------
    sum, mean, low, high : float
        In the unit of the column. Without trades the sum is 0 and the rest NaN.
    """
    nan = math.nan
    if n_trades == 0:
        return 0.0, nan, nan, nan
    if len(column) != n_trades:
        return nan, nan, nan, nan
    total = 0.0
    low, high = column[0], column[0]
    for x in column:
        total += x
        if x < low:
            low = x
        if x > high:
            high = x
    return total, total / len(column), low, high
