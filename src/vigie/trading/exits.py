"""Whether a level was touched inside a bar: takes a position's levels and one bar, gives the reason.

The stop comes before the target: what happened first inside a bar is not known, so the worse is taken (rule 5).
"""

from __future__ import annotations

from numba import njit

from vigie.compiled import INLINED
from vigie.domain.codes import LIQUIDATION, STOP, TARGET


@njit(**INLINED)
def touched(
    side: int, stop: float, target: float, liquidation: float, open_: float, high: float, low: float
) -> int:
    """Return why a position ends inside a bar: `LIQUIDATION`, `STOP`, `TARGET`, or 0 when it stays open.

    Liquidation only happens on a bar that opens at or beyond its price: the stop is nearer and fills first
    otherwise (rule 9).

    Parameters
    ----------
    side : int
        +1 long, -1 short.
    stop, target, liquidation : float
        Levels of the position, quote currency.
    open_, high, low : float
        The bar, quote currency.

    Returns
    -------
    int
        Code of the reason; a level that is met exactly is touched.
    """
    if side > 0:
        if open_ <= liquidation:
            return LIQUIDATION
        if low <= stop:
            return STOP
        if high >= target:
            return TARGET
        return 0
    if open_ >= liquidation:
        return LIQUIDATION
    if high >= stop:
        return STOP
    if low <= target:
        return TARGET
    return 0


@njit(**INLINED)
def touch_price(side: int, level: float, open_: float, is_stop: bool) -> float:
    """Return the raw price at which a touched level meets the market, the open when the bar opened through it.

    Parameters
    ----------
    side : int
        +1 long, -1 short.
    level : float
        The touched stop or target, quote currency.
    open_ : float
        Of the bar, quote currency.
    is_stop : bool
        Whether the level is the stop; else it is the target.

    Returns
    -------
    float
        Quote currency, before slippage: a gap worsens a stop and improves a target.
    """
    worse_down = (side > 0) == is_stop
    if worse_down:
        return min(open_, level)
    return max(open_, level)


@njit(**INLINED)
def beyond_liquidation(side: int, liquidation: float, price: float) -> bool:
    """Tell whether a price is at or beyond the liquidation price.

    Parameters
    ----------
    side : int
        +1 long, -1 short.
    liquidation, price : float
        Quote currency.

    Returns
    -------
    bool
        For a long at or below, for a short at or above.
    """
    return price <= liquidation if side > 0 else price >= liquidation
