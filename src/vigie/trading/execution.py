"""What a market order pays: takes a raw price, gives the fill price with slippage on the grid.

Never better than the raw price: rounding is against us too (rules 0, 4, 5).
"""

from __future__ import annotations

from numba import njit

from vigie.compiled import INLINED
from vigie.quant.grid import grid_price, ticks_above, ticks_below


@njit(**INLINED)
def market_price(
    price: float, direction: int, slip: float, multiple: int, scale: float, figures: int
) -> float:
    """Return the fill price of a market order.

    Parameters
    ----------
    price : float
        The price at which the order meets the market.
    direction : int
        +1 for a buy, -1 for a sell.
    slip : float
        Slippage as a fraction of the price.
    multiple, scale, figures : int, float, int
        The price grid.

    Returns
    -------
    float
        On the grid; at or above `price` for a buy, at or below for a sell.
    """
    slipped = price * (1.0 + direction * slip)
    if direction > 0:
        return grid_price(ticks_above(slipped, multiple, scale, figures), multiple, scale)
    return grid_price(ticks_below(slipped, multiple, scale, figures), multiple, scale)
