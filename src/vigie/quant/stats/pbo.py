"""Probability of backtest overfitting: whether the best trial of half of the time is any good in the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError

MAX_BLOCKS: Final = 16
MIN_BLOCK_PERIODS: Final = 5
MIN_BLOCKS: Final = 4
# A variance below this share of the mean square is rounding.
_ROUNDING: Final = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Overfitting:
    """Outcome of combinatorially symmetric cross-validation (CSCV).

    Attributes
    ----------
    pbo : float
        Share of the halvings in which the best trial of one half ends in the lower half of the other, in
        [0, 1]; 0.5 for pure noise; the mean over all offsets. NaN with fewer than two trials or too few periods.
    pbo_range : tuple of float
        The lowest and the highest of a single offset.
    loss_probability : float
        Share of the halvings in which it loses money in the other half.
    blocks : int
        Blocks of time, half of them in sample each time.
    logits : float64 array, shape (n_offsets * n_halvings,)
        Logit of its relative rank in the other half, offset after offset; <= 0 counts as overfitted.
    in_sample, out_of_sample : float64 array, shape (n_offsets * n_halvings,)
        Sharpe ratio of a period of the chosen trial in both halves.
    """

    pbo: float
    pbo_range: tuple[float, float]
    loss_probability: float
    blocks: int
    logits: FloatArray
    in_sample: FloatArray
    out_of_sample: FloatArray


@njit(cache=True, nogil=True, error_model="numpy")
def _ratio(total: float, squares: float, n: int) -> float:
    # A trial that did nothing has a Sharpe ratio of zero here: it must be ranked, not skipped.
    variance = (squares - total * total / n) / (n - 1)
    if not variance > _ROUNDING * squares / n:
        return 0.0
    return total / n / math.sqrt(variance)


@njit(cache=True, nogil=True, error_model="numpy")
def _block_sums(returns: FloatArray, blocks: int, first: int) -> tuple[FloatArray, FloatArray]:
    n_periods, n_trials = returns.shape
    length = n_periods // blocks
    sums = np.zeros((blocks, n_trials))
    squares = np.zeros((blocks, n_trials))
    for b in range(blocks):
        for t in range(first + b * length, first + (b + 1) * length):
            for k in range(n_trials):
                sums[b, k] += returns[t, k]
                squares[b, k] += returns[t, k] * returns[t, k]
    return sums, squares


@njit(cache=True, nogil=True, error_model="numpy")
def _is_half(mask: int, blocks: int) -> bool:
    chosen = 0
    for b in range(blocks):
        chosen += (mask >> b) & 1
    return 2 * chosen == blocks


@njit(cache=True, nogil=True, error_model="numpy")
def _relative_rank(values: FloatArray, index: int) -> float:
    # Ties share the mean of their ranks.
    below, equal = 0, 0
    for value in values:
        if value < values[index]:
            below += 1
        elif value == values[index]:
            equal += 1
    return (below + 0.5 * (equal + 1)) / (len(values) + 1)


@njit(cache=True, nogil=True, error_model="numpy")
def _halvings(sums: FloatArray, squares: FloatArray, periods: int, found: FloatArray) -> None:
    # Rows: relative rank out of sample, Sharpe in sample, Sharpe out of sample of each halving's best trial.
    blocks, n_trials = sums.shape
    part = np.empty((4, n_trials))
    ratios = np.empty((2, n_trials))
    at = 0
    # A half and the other half are each in sample once: one pass over the trials serves both.
    for mask in range(1, 1 << blocks, 2):
        if not _is_half(mask, blocks):
            continue
        part[:] = 0.0
        for b in range(blocks):
            row = 0 if (mask >> b) & 1 else 2
            for k in range(n_trials):
                part[row, k] += sums[b, k]
                part[row + 1, k] += squares[b, k]
        for k in range(n_trials):
            ratios[0, k] = _ratio(part[0, k], part[1, k], periods)
            ratios[1, k] = _ratio(part[2, k], part[3, k], periods)
        for half in range(2):
            best = 0
            for k in range(1, n_trials):
                if ratios[half, k] > ratios[half, best]:
                    best = k
            found[0, at] = _relative_rank(ratios[1 - half], best)
            found[1, at] = ratios[half, best]
            found[2, at] = ratios[1 - half, best]
            at += 1


def fitting_blocks(n_periods: int) -> int:
    """Return the even number of blocks, at most 16, that leaves at least five periods in each; 0 if none.

    Parameters
    ----------
    n_periods : int
        Returns in the history of each trial.

    Returns
    -------
    int
        Blocks, 4 to 16; 0 with fewer than 20 periods.
    """
    blocks = min(MAX_BLOCKS, n_periods // MIN_BLOCK_PERIODS) // 2 * 2
    return blocks if blocks >= MIN_BLOCKS else 0


def overfitting(returns: FloatArray, blocks: int | None = None) -> Overfitting:
    """Estimate the probability of backtest overfitting by CSCV, with the Sharpe ratio as the measure.

    Time is cut into `blocks` blocks of equal length. For every choice of half of the blocks, the trial with the best
    Sharpe ratio there is looked up in the rest. Periods that do not fill a block can be left out at either end: the
    blocks are laid at every offset, and the answer is the mean over all of them.

    Parameters
    ----------
    returns : float64 array, shape (n_periods, n_trials)
        Simple returns of the same periods; periods in which a trial is not known (NaN) are left out for all.
    blocks : int, optional
        Even, 4 to 16; by default `fitting_blocks`.

    Returns
    -------
    Overfitting
        Of all ``blocks choose blocks/2`` halvings (12,870 for 16) at each offset.

    Raises
    ------
    UsageError
        If `blocks` is odd or out of range.

    References
    ----------
    Bailey, Borwein, López de Prado and Zhu (2016), "The Probability of Backtest Overfitting", Journal of
    Computational Finance 20(4), the CSCV procedure. Ties share the mean of their ranks.
    """
    if blocks is not None and (blocks % 2 or not MIN_BLOCKS <= blocks <= MAX_BLOCKS):
        raise UsageError(
            "blocks_must_even",
            "blocks must be even and {min_blocks}..{max_blocks}, was {blocks}",
            min_blocks=MIN_BLOCKS,
            max_blocks=MAX_BLOCKS,
            blocks=blocks,
        )
    complete = np.ascontiguousarray(returns[~np.isnan(returns).any(axis=1)], dtype=np.float64)
    n_periods, n_trials = complete.shape
    blocks = fitting_blocks(n_periods) if blocks is None else blocks
    if n_trials < 2 or blocks == 0 or n_periods < 2 * blocks:
        no_values = np.empty(0)
        return Overfitting(math.nan, (math.nan, math.nan), math.nan, 0, no_values, no_values, no_values)
    periods = n_periods // blocks * (blocks // 2)
    offsets = n_periods % blocks + 1
    scores = np.empty((offsets, 3, math.comb(blocks, blocks // 2)))
    for first in range(offsets):
        sums, squares = _block_sums(complete, blocks, first)
        _halvings(sums, squares, periods, scores[first])
    shares = np.mean(scores[:, 0] <= 0.5, axis=1)
    rank, in_sample, out_of_sample = (np.ascontiguousarray(scores[:, row]).ravel() for row in range(3))
    return Overfitting(
        pbo=float(np.count_nonzero(rank <= 0.5)) / len(rank),
        pbo_range=(float(shares.min()), float(shares.max())),
        loss_probability=float(np.count_nonzero(out_of_sample < 0.0)) / len(rank),
        blocks=blocks,
        logits=np.log(rank / (1.0 - rank)),
        in_sample=in_sample,
        out_of_sample=out_of_sample,
    )
