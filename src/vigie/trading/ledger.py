"""Books amounts: takes float64 products, gives whole numbers of the minor unit, 1e-8 quote, half to even.

Cash and results are kept as int64 of minor units, so the sum of booked amounts is exact in any order (rule 12); float64
appears again where a price, a size or a person needs it. A sum beyond `MOST` becomes `BEYOND` and stays it: the host
refuses the run, and nothing ever wraps around.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vigie.compiled import INLINED
from vigie.domain.account import MAX_CAPITAL

# Minor units in one of the quote currency, as the divisor of floats and as an integer.
SCALE: Final = 1e8
PER_QUOTE: Final = 100_000_000
MOST_QUOTE: Final = MAX_CAPITAL
MOST: Final = 9_000_000_000_000_000_000
BEYOND: Final = 2**63 - 1
# A constant: a zero written in place is a type of its own to the compiler, and compiles its callee once more.
NOTHING: Final = 0
# Not written into their callers: conversions and sums are many, and would make the first run compile a fifth longer.
_CALLED: Final[dict[str, Any]] = {"cache": True, "nogil": True}
# Every integer up to here is a float64.
_EXACT: Final = 2**53


@njit(**_CALLED)
def booked(amount: float) -> int:
    """Round an amount to 1e-8 quote, half to even; return it in minor units."""
    scaled = np.rint(amount * SCALE)
    # NaN is beyond, too.
    if not abs(scaled) <= MOST_QUOTE * SCALE:
        return BEYOND
    return int(scaled)


@njit(**_CALLED)
def minor_of(amount: float) -> int:
    """Return an amount that was booked before, or paid in, in minor units: the nearest whole number of them.

    Fractions are scaled apart from the whole part: the product of a large amount and 1e8 would be rounded itself.
    """
    if not abs(amount) <= MOST_QUOTE:
        return BEYOND
    whole = int(amount)
    return whole * PER_QUOTE + int(np.rint((amount - whole) * SCALE))


@njit(**_CALLED)
def amount_of(minor: int) -> float:
    """Return minor units in quote, as the float64 nearest to the decimal."""
    if abs(minor) <= _EXACT:
        return minor / SCALE
    whole = minor // PER_QUOTE
    return whole + (minor - whole * PER_QUOTE) / SCALE


@njit(**_CALLED)
def add(total: int, amount: int) -> int:
    """Add minor units; what leaves the range stays `BEYOND`."""
    if abs(total) > MOST or abs(amount) > MOST:
        return BEYOND
    # Compared apart, because the sum itself could wrap around.
    if (total > 0 and amount > MOST - total) or (total < 0 and amount < -MOST - total):
        return BEYOND
    return total + amount


@njit(**INLINED)
def fee(qty: float, price: float, rate: float) -> int:
    """Return the booked fee of a fill in minor units, positive when paid."""
    return booked(qty * price * rate)


@njit(**INLINED)
def gross_result(side: int, qty: float, entry: float, exit_price: float) -> int:
    """Return the booked result of a closed position before fees and funding, minor units."""
    return booked(side * qty * (exit_price - entry))


@njit(**INLINED)
def liquidation_result(qty: float, entry: float, leverage: float) -> int:
    """Return the booked result of a liquidation, minor units: the initial margin is lost, by definition."""
    return booked(-(qty * entry) / leverage)


@njit(**INLINED)
def funding(side: int, qty: float, mark: float, rate: float) -> int:
    """Return the booked funding of one settlement, minor units: negative when the position pays."""
    return booked(-side * qty * mark * rate)
