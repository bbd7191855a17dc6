"""Money as whole numbers of the minor unit, 1e-8 quote: from an amount to int64 and back, and exact sums.

A sum of float64 ends beside the decimal one; a sum of integers is the decimal one in any order. What leaves the range
becomes `BEYOND` and stays it: the host refuses the run, and nothing ever wraps around.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vigie.domain.account import MAX_CAPITAL

# Minor units in one of the quote currency, as the divisor of floats and as an integer.
SCALE: Final = 1e8
PER_QUOTE: Final = 100_000_000
MOST_QUOTE: Final = MAX_CAPITAL
MOST: Final = 9_000_000_000_000_000_000
BEYOND: Final = 2**63 - 1
# A constant: a zero written in place is a type of its own to the compiler, and compiles its callee once more.
NOTHING: Final = 0
# Not written into their callers: there are many, and the first run would compile a fifth longer.
_CALLED: Final[dict[str, Any]] = {"cache": True, "nogil": True}
# Every integer up to here is a float64.
_EXACT: Final = 2**53


@njit(**_CALLED)
def minor_of(amount: float) -> int:
    """Return an amount that was booked before, or paid in, in minor units: the nearest whole number of them.

    Fractions are scaled apart from the whole part: the product of a large amount and 1e8 would be rounded itself.

    Parameters
    ----------
    amount : float
        Quote currency.

    Returns
    -------
    int
        Minor units (1e-8 quote); `BEYOND` above `MOST_QUOTE` either way, and for NaN.
    """
    if not abs(amount) <= MOST_QUOTE:
        return BEYOND
    whole = int(amount)
    return whole * PER_QUOTE + int(np.rint((amount - whole) * SCALE))


@njit(**_CALLED)
def amount_of(minor: int) -> float:
    """Return minor units in quote, as the float64 nearest to the decimal.

    Parameters
    ----------
    minor : int
        Minor units (1e-8 quote); `BEYOND` is not recognised, callers check it first.

    Returns
    -------
    float
        Quote currency.
    """
    if abs(minor) <= _EXACT:
        return minor / SCALE
    whole = minor // PER_QUOTE
    return whole + (minor - whole * PER_QUOTE) / SCALE


@njit(**_CALLED)
def add(total: int, amount: int) -> int:
    """Add minor units; what leaves the range stays `BEYOND`.

    Parameters
    ----------
    total, amount : int
        Minor units, either sign.

    Returns
    -------
    int
        Minor units, exact; `BEYOND` where either side or the sum is above `MOST` either way.
    """
    if abs(total) > MOST or abs(amount) > MOST:
        return BEYOND
    # Compared apart, because the sum itself could wrap around.
    if (total > 0 and amount > MOST - total) or (total < 0 and amount < -MOST - total):
        return BEYOND
    return total + amount
