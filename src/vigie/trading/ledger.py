"""Books amounts: takes float64 products, gives whole numbers of the minor unit, 1e-8 quote, half to even.

Never gives an amount that was not rounded: cash and results are exact sums of booked amounts (rule 12), see
`vigie.quant.money`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from vigie.compiled import INLINED
from vigie.quant.money import BEYOND, MOST_QUOTE, SCALE


@njit(cache=True, nogil=True)
def booked(amount: float) -> int:
    """Round an amount to 1e-8 quote, half to even; return it in minor units.

    Parameters
    ----------
    amount : float
        Quote currency, either sign.

    Returns
    -------
    int
        `vigie.quant.money.BEYOND` for NaN and amounts too large to add.
    """
    scaled = np.rint(amount * SCALE)
    # NaN is beyond, too.
    if not abs(scaled) <= MOST_QUOTE * SCALE:
        return BEYOND
    return int(scaled)


@njit(**INLINED)
def fee(qty: float, price: float, rate: float) -> int:
    """Return the booked fee of a fill in minor units, positive when paid.

    Parameters
    ----------
    qty : float
        Base units, > 0.
    price : float
        Of the fill, quote currency.
    rate : float
        Fraction of notional; negative for a rebate.

    Returns
    -------
    int
        Negative for a rebate.
    """
    return booked(qty * price * rate)


@njit(**INLINED)
def gross_result(side: int, qty: float, entry: float, exit_price: float) -> int:
    """Return the booked result of a closed position before fees and funding, minor units.

    Parameters
    ----------
    side : int
        +1 long, -1 short.
    qty : float
        Base units, > 0.
    entry, exit_price : float
        Fill prices, quote currency.

    Returns
    -------
    int
        Positive for a gain.
    """
    return booked(side * qty * (exit_price - entry))


@njit(**INLINED)
def liquidation_result(qty: float, entry: float, leverage: float) -> int:
    """Return the booked result of a liquidation, minor units: the initial margin is lost, by definition.

    Parameters
    ----------
    qty : float
        Base units, > 0.
    entry : float
        Entry price, quote currency.
    leverage : float
        Multiple that the margin was posted at.

    Returns
    -------
    int
        At most 0.
    """
    return booked(-(qty * entry) / leverage)


@njit(**INLINED)
def funding(side: int, qty: float, mark: float, rate: float) -> int:
    """Return the booked funding of one settlement, minor units: negative when the position pays.

    Parameters
    ----------
    side : int
        +1 long, -1 short.
    qty : float
        Base units, > 0.
    mark : float
        Price of the settlement, quote currency.
    rate : float
        Fraction for this settlement; longs pay where it is positive.

    Returns
    -------
    int
        Positive when the position receives.
    """
    return booked(-side * qty * mark * rate)
