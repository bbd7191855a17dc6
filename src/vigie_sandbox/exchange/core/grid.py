"""Exact rounding: money to 1e-8, prices to the tick, quantities to the lot."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from typing import Final

_MONEY_STEP: Final = Decimal("1e-8")
_NEAR_TICK: Final = Decimal("1e-6")
_NEAR_LOT: Final = Decimal("1e-9")
_ONE: Final = Decimal(1)
_MAX_EXPONENT: Final = 15
_SIXTEEN_FIGURES: Final = Context(prec=16, rounding=ROUND_HALF_EVEN)


def round_money(amount: Decimal) -> Decimal:
    """Return an amount as it is booked: to 1e-8, half to even."""
    return amount.quantize(_MONEY_STEP, ROUND_HALF_EVEN)


def round_to_tick(price: Decimal, tick: Decimal, way: int) -> Decimal:
    """Return the grid price at or above (`way` +1) or at or below (-1); within 1e-6 tick of one it is that one."""
    ticks = price / tick
    nearest = ticks.quantize(_ONE, ROUND_HALF_EVEN)
    if abs(ticks - nearest) > _NEAR_TICK:
        nearest = ticks.quantize(_ONE, ROUND_CEILING if way > 0 else ROUND_FLOOR)
    return nearest * tick


def round_to_nearest_tick(price: Decimal, tick: Decimal) -> Decimal:
    """Return the grid price next to a price."""
    return (price / tick).quantize(_ONE, ROUND_HALF_EVEN) * tick


def round_down_to_lot(qty: Decimal, lot: Decimal) -> Decimal:
    """Return the whole lots in a quantity."""
    return (qty / lot + _NEAR_LOT).quantize(_ONE, ROUND_FLOOR) * lot


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Whether a value is a multiple of a step; beyond what a remainder is exact of, none is."""
    return value.adjusted() <= _MAX_EXPONENT and value % step == 0


def add_slippage(price: Decimal, side: int, slippage: Decimal, tick: Decimal) -> Decimal:
    """Return what an order of this side pays at a price: worse by the slippage, rounded to the tick against it."""
    return round_to_tick(price * (1 + side * slippage), tick, side)


def round_to_16_figures(value: Decimal) -> Decimal:
    """Return a quotient with the sixteen figures that a price can carry on the wire."""
    return _SIXTEEN_FIGURES.plus(value)


def format_decimal(number: Decimal) -> str:
    """Write a number without exponent and without needless zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_optional(number: Decimal | None) -> str:
    """Write a number, or nothing where there is none."""
    return "" if number is None else format_decimal(number)
