"""Books amounts: takes exact-in-spirit float64 products, gives amounts rounded to 1e-8 quote.

Never keeps an amount that was not rounded: cash and results are plain sums of booked amounts (rule 12).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from vigie.compiled import INLINED


@njit(**INLINED)
def booked(amount: float) -> float:
    """Round an amount to 1e-8 quote, half to even."""
    return np.rint(amount * 1e8) / 1e8


@njit(**INLINED)
def fee(qty: float, price: float, rate: float) -> float:
    """Return the booked fee of a fill in quote units, positive when paid."""
    return booked(qty * price * rate)


@njit(**INLINED)
def gross_result(side: int, qty: float, entry: float, exit_price: float) -> float:
    """Return the booked result of a closed position before fees and funding."""
    return booked(side * qty * (exit_price - entry))


@njit(**INLINED)
def liquidation_result(qty: float, entry: float, leverage: float) -> float:
    """Return the booked result of a liquidation: the initial margin is lost, by definition."""
    return booked(-(qty * entry) / leverage)


@njit(**INLINED)
def funding(side: int, qty: float, mark: float, rate: float) -> float:
    """Return the booked funding of one settlement: negative when the position pays."""
    return booked(-side * qty * mark * rate)
