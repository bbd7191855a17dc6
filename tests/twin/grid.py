"""The grid of ticks and lots, and the version of the rules in force (fill model, section 0)."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

DOWN, UP = -1, 1
SNAP = 1e-6  # a value this near a grid point, in steps, is that point


def version_at(versions: list[dict], ts: int) -> dict:
    """Rule 0: the last version whose `valid_from` has come; the first one before that."""
    found = versions[0]
    for version in versions:
        if version.get("valid_from", 0) <= ts:
            found = version
    return found


def split_step(text: str) -> tuple[int, int]:
    """Rule 0: a step is m * 10^-d."""
    fraction = Fraction(Decimal(str(text)))
    digits = 0
    while (fraction * 10**digits).denominator != 1:
        digits += 1
    return int(fraction * 10**digits), digits


def point(number: int, step: str) -> float:
    """Rule 0: grid point `number`, in one correctly rounded division (of integers, as Python does it)."""
    multiple, digits = split_step(step)
    return number * multiple / 10**digits


def ticks_per_step(price: float, version: dict) -> int:
    """How many ticks the price grid is wide at `price`: 1, or more under a rule of significant figures."""
    figures = version.get("significant_figures", 0)
    if not figures or price <= 0:
        return 1
    tick = Fraction(Decimal(str(version["tick"])))
    magnitude = Decimal(price).adjusted()  # floor(log10(price)), exactly
    coarse = Fraction(10) ** (magnitude - figures + 1)
    coarse = min(coarse, Fraction(1))  # integers are always allowed
    return (coarse / tick).numerator  # the least multiple of both


def snap(value: float, direction: int) -> int:
    """Rule 0: the integer within 1e-6, otherwise rounded as stated."""
    nearest = round(value)
    if abs(value - nearest) <= SNAP:
        return nearest
    return math.ceil(value) if direction == UP else math.floor(value)


def round_price(value: float, version: dict, direction: int) -> int:
    """Rule 0: a price in ticks, on the grid at that price."""
    width = ticks_per_step(value, version)
    return snap(value / point(width, version["tick"]), direction) * width


def price_of(ticks: int, version: dict) -> float:
    """Rule 0: the price of a number of ticks."""
    return point(ticks, version["tick"])


def floor_lots(quantity: float, version: dict) -> int:
    """Rule 0: floor(qty / lot + 1e-9), never below zero."""
    return max(0, math.floor(quantity / point(1, version["lot"]) + 1e-9))


def quantity_of(lots: int, version: dict) -> float:
    """Rule 0: the quantity of a number of lots."""
    return point(lots, version["lot"])
