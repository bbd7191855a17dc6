"""Scoring a combination through the account loop: one account for all slots, protections, finer bars.

Slower than the batch of `work`, for everything the fast loop leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.engine.backtest import Outcome, run_shared, run_slot
from vigie.engine.inputs import SlotInput
from vigie.engine.run import PlannedSlot
from vigie.quant.metrics.sampling import period_ends, periods_per_year
from vigie.quant.metrics.score import score_figures

SMALLEST: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class AccountResult:
    """What came of one account.

    Attributes
    ----------
    figures : tuple of float
        In the order of `FIGURES`.
    ts : int64 array, shape (n_periods,)
        Open of the last bar of every sampling period.
    samples : float64 array, shape (n_periods,)
        Account value there.
    """

    figures: tuple[float, ...]
    ts: IntArray
    samples: FloatArray


def trade_accounts(slots: tuple[PlannedSlot, ...], inputs: list[SlotInput]) -> list[AccountResult]:
    """Trade one combination and score its accounts.

    Parameters
    ----------
    slots : tuple of PlannedSlot
        With the combination's parameters and account.
    inputs : list of SlotInput
        Of `prepare_slot`.

    Returns
    -------
    list of AccountResult
        One an account: one a slot, or a single one in portfolio mode.
    """
    account = slots[0].account
    capital = account.sizing.capital
    if account.mode == "portfolio":
        span = min(slot.bars.span_ms for slot in slots)
        return [_score_account(run_shared(inputs, protections=account.protections), span, capital)]
    outcomes = [run_slot(slot_input, protections=account.protections) for slot_input in inputs]
    return [
        _score_account(outcome, slot.bars.span_ms, capital)
        for outcome, slot in zip(outcomes, slots, strict=True)
    ]


def _score_account(outcome: Outcome, span: int, capital: float) -> AccountResult:
    ts = outcome.equity_ts - span
    ends = period_ends(ts, span)
    pnl = np.ascontiguousarray(outcome.trades["pnl"])
    equity = np.ascontiguousarray(outcome.equity)
    figures = score_figures(equity, ends, max(capital, SMALLEST), pnl, periods_per_year(span))
    return AccountResult(figures, ts[ends], equity[ends])
