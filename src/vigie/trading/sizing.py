"""Levels and quantity of an entry: takes a close, a distance unit and an account, gives ticks and lots.

Never enlarges what risk allows; caps are one minimum, floored to lots once (rules 2, 3, 9).
"""

from __future__ import annotations

from numba import njit

from vigie.compiled import INLINED
from vigie.domain.codes import BAD_LEVEL, LEVEL_TOO_CLOSE, LIQUIDATION_TOO_NEAR, NO_EQUITY, TOO_SMALL
from vigie.quant.grid import SNAP, ticks_above, ticks_below, whole_lots

LIQUIDATION_BUFFER = 0.85


@njit(**INLINED)
def stop_ticks(side: int, close: float, distance: float, multiple: int, scale: float, figures: int) -> int:
    """Return the stop as a grid number, rounded away from the close.

    Parameters
    ----------
    side : int
        +1 long, -1 short.
    close, distance : float
        Quote currency; the distance is >= 0.
    multiple, scale, figures : int
        The price grid.

    Returns
    -------
    int
        Ticks.
    """
    if side > 0:
        return ticks_below(close - distance, multiple, scale, figures)
    return ticks_above(close + distance, multiple, scale, figures)


@njit(**INLINED)
def target_ticks(side: int, close: float, distance: float, multiple: int, scale: float, figures: int) -> int:
    """Return the target as a grid number, rounded towards the close.

    Parameters
    ----------
    side : int
        +1 long, -1 short.
    close, distance : float
        Quote currency; the distance is >= 0.
    multiple, scale, figures : int
        The price grid.

    Returns
    -------
    int
        Ticks.
    """
    if side > 0:
        return ticks_below(close + distance, multiple, scale, figures)
    return ticks_above(close - distance, multiple, scale, figures)


@njit(**INLINED)
def liquidation_price(side: int, entry: float, leverage: float, maintenance_rate: float) -> float:
    """Return the price at which an isolated position is closed by the venue (rule 9).

    Parameters
    ----------
    side : int
        +1 long, -1 short.
    entry : float
        Entry price, quote currency.
    leverage : float
        Multiple that the margin was posted at.
    maintenance_rate : float
        Fraction of notional.

    Returns
    -------
    float
        Quote currency, not on the grid.
    """
    return entry * (1.0 - side * (1.0 / leverage - maintenance_rate))


@njit(**INLINED)
def level_refusal(
    side: int,
    equity: float,
    close: float,
    stop: float,
    target: float,
    tick: float,
    leverage: float,
    maintenance_rate: float,
) -> tuple[int, float, float]:
    """Judge the levels of an entry at its decision.

    Parameters
    ----------
    side : int
        +1 long, -1 short.
    equity, close, stop, target, tick : float
        Quote currency.
    leverage : float
        A multiple.
    maintenance_rate : float
        Fraction of notional.

    Returns
    -------
    tuple of int, float, float
        Refusal code (0 when none), limit, value; in the order of rule 3.
    """
    if equity <= 0.0:
        return NO_EQUITY, 0.0, equity
    if stop <= 0.0 or target <= 0.0:
        return BAD_LEVEL, 0.0, min(stop, target)
    nearest = min(abs(close - stop), abs(target - close)) / tick
    if nearest < 1.0 - SNAP:
        return LEVEL_TOO_CLOSE, 1.0, nearest
    room = LIQUIDATION_BUFFER * abs(close - liquidation_price(side, close, leverage, maintenance_rate))
    if abs(close - stop) > room:
        return LIQUIDATION_TOO_NEAR, room, abs(close - stop)
    return 0, 0.0, 0.0


@njit(**INLINED)
def sized_lots(
    equity: float,
    risk_fraction: float,
    close: float,
    stop: float,
    quantity_cap: float,
    lot_multiple: int,
    lot_scale: float,
) -> int:
    """Return the lots that lose `risk_fraction` of equity between close and stop, under the caps.

    Parameters
    ----------
    quantity_cap : float
        The smallest of all caps, base units.

    Returns
    -------
    int
        Floored; 0 where risk or a cap allows less than one lot.
    """
    qty = equity * risk_fraction / abs(close - stop)
    return whole_lots(min(qty, quantity_cap), lot_multiple, lot_scale)


@njit(**INLINED)
def below_minimum(qty: float, price: float, min_qty: float, min_notional: float) -> bool:
    """Tell whether a quantity is zero or below the venue's minimum quantity or notional.

    Parameters
    ----------
    qty, min_qty : float
        Base units.
    price, min_notional : float
        Quote currency.

    Returns
    -------
    bool
        False exactly at the minimum.
    """
    return qty <= 0.0 or qty < min_qty or qty * price < min_notional


@njit(**INLINED)
def needed_quantity(price: float, min_qty: float, min_notional: float, lot: float) -> float:
    """Return the smallest quantity the venue would take at `price`, for the message of `TOO_SMALL`.

    Parameters
    ----------
    price, min_notional : float
        Quote currency.
    min_qty, lot : float
        Base units.

    Returns
    -------
    float
        Base units, not rounded to lots.
    """
    return max(max(min_qty, lot), min_notional / price)


@njit(**INLINED)
def size_refusal(
    qty: float, price: float, min_qty: float, min_notional: float, lot: float
) -> tuple[int, float, float]:
    """Return (`TOO_SMALL`, quantity needed, quantity) or (0, 0, 0).

    Parameters
    ----------
    qty, min_qty, lot : float
        Base units; the quantity after all caps.
    price, min_notional : float
        Quote currency.

    Returns
    -------
    tuple of int, float, float
        Code (0 when none), limit and value in base units.
    """
    if below_minimum(qty, price, min_qty, min_notional):
        return TOO_SMALL, needed_quantity(price, min_qty, min_notional, lot), qty
    return 0, 0.0, 0.0
