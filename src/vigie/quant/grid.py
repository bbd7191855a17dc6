"""Ticks and lots: from a price to a grid number and back, as the fill model's rule 0 says.

Takes prices and a grid; gives integers. A value within 1e-6 of a grid point is that point.
"""

from __future__ import annotations

import math

from numba import njit

from vigie.compiled import INLINED

SNAP = 1e-6
LOT_SNAP = 1e-9


@njit(**INLINED)
def grid_price(ticks: int, multiple: int, scale: float) -> float:
    """Return the price of a grid number in one correctly rounded division.

    Parameters
    ----------
    ticks : int
        Grid number: the price in ticks.
    multiple, scale : int, float
        The tick is ``multiple / scale``; `scale` is a power of ten.

    Returns
    -------
    float
        Quote currency.
    """
    return ticks * multiple / scale


@njit(cache=True, nogil=True)
def coarse_ticks(price: float, multiple: int, scale: float, significant_figures: int) -> int:
    """Return how many ticks one price step is at `price` when significant figures are limited.

    One where they are not. A step is never coarser than 1: venues with this rule always accept integers.

    Parameters
    ----------
    price : float
        Quote currency; sets how many digits lie before the point.
    multiple, scale : int, float
        The tick is ``multiple / scale``; `scale` is a power of ten.
    significant_figures : int
        Most digits of a price; 0 for no limit.

    Returns
    -------
    int
        Ticks, >= 1: grid numbers that are multiples of it are allowed prices.
    """
    if significant_figures == 0:
        return 1
    power = 1.0
    exponent = 0
    while price >= power * 10.0:
        power *= 10.0
        exponent += 1
    while price < power and exponent > -16:
        power /= 10.0
        exponent -= 1
    decimals = significant_figures - 1 - exponent
    if decimals < 0:
        decimals = 0
    # The step is 10**-decimals, counted in the tick's last digit so that only integers are multiplied.
    step = 1
    digits = 0
    while scale >= 10.0:
        scale /= 10.0
        digits += 1
    while digits > decimals:
        step *= 10
        digits -= 1
    # The points of both grids: of a tick of 0.25 not every one has few figures.
    common, rest = step, multiple
    while rest > 0:
        common, rest = rest, common % rest
    return step // common


@njit(cache=True, nogil=True)
def ticks_below(price: float, multiple: int, scale: float, significant_figures: int) -> int:
    """Return the highest grid number at or below `price`.

    Parameters
    ----------
    price : float
        Quote currency.
    multiple, scale : int, float
        The tick is ``multiple / scale``; `scale` is a power of ten.
    significant_figures : int
        Most digits of a price; 0 for no limit.

    Returns
    -------
    int
        Ticks. A price within `SNAP` of a grid point, counted in steps, takes that point, even from just below
        it.
    """
    # Asked before the call: it is not written into its callers, and few grids limit figures.
    steps = 1 if significant_figures == 0 else coarse_ticks(price, multiple, scale, significant_figures)
    number = price / (steps * multiple / scale)
    nearest = round(number)
    if abs(number - nearest) <= SNAP:
        return int(nearest) * steps
    return math.floor(number) * steps


@njit(cache=True, nogil=True)
def ticks_above(price: float, multiple: int, scale: float, significant_figures: int) -> int:
    """Return the lowest grid number at or above `price`.

    Parameters
    ----------
    price : float
        Quote currency.
    multiple, scale : int, float
        The tick is ``multiple / scale``; `scale` is a power of ten.
    significant_figures : int
        Most digits of a price; 0 for no limit.

    Returns
    -------
    int
        Ticks. A price within `SNAP` of a grid point, counted in steps, takes that point, even from just above
        it.
    """
    # As in `ticks_below`.
    steps = 1 if significant_figures == 0 else coarse_ticks(price, multiple, scale, significant_figures)
    number = price / (steps * multiple / scale)
    nearest = round(number)
    if abs(number - nearest) <= SNAP:
        return int(nearest) * steps
    return math.ceil(number) * steps


@njit(**INLINED)
def whole_lots(qty: float, multiple: int, scale: float) -> int:
    """Return the whole lots in a quantity, forgiving a 1e-9 lot of rounding error; 0 when negative.

    Parameters
    ----------
    qty : float
        Base units.
    multiple, scale : int, float
        The lot is ``multiple / scale`` base units; `scale` is a power of ten.

    Returns
    -------
    int
        Lots, rounded down.
    """
    lots = math.floor(qty / (multiple / scale) + LOT_SNAP)
    return lots if lots > 0 else 0
