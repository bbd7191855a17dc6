"""Exact decimals of holdings: a context of their own, rounding when booked, sharing without loss, plain texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import (
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps
from typing import ParamSpec, TypeVar

# Products of four numbers of 36 digits are exact in it, and quotients of two such numbers that differ stay different.
EXACT = Context(
    prec=160,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
ZERO = Decimal(0)
MONEY_STEP = Decimal("1E-8")
COIN_STEP = Decimal("1E-18")
CENT = Decimal("0.01")
WHOLE = Decimal(1)
TOO_LARGE = Decimal("1E18")
PLAIN = re.compile(r"[0-9]+(?:\.[0-9]{1,18})?", re.ASCII)

P = ParamSpec("P")
R = TypeVar("R")


def exactly(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function in the exact context, whatever the thread's own is.

    Parameters
    ----------
    function : callable
        What calculates.

    Returns
    -------
    callable
        The same, exact.
    """

    @wraps(function)
    def run(*given: P.args, **named: P.kwargs) -> R:
        with localcontext(EXACT):
            return function(*given, **named)

    return run


def book(amount: Decimal) -> Decimal:
    """Round an amount of money to 1e-8, half to even.

    Parameters
    ----------
    amount : Decimal
        Exact.

    Returns
    -------
    Decimal
        As it is booked.
    """
    return amount.quantize(MONEY_STEP)


def in_cents(amount: Decimal) -> Decimal:
    """Round to cents, half away from zero.

    Parameters
    ----------
    amount : Decimal
        A sum.

    Returns
    -------
    Decimal
        With two decimals.
    """
    return amount.quantize(CENT, ROUND_HALF_UP)


def in_whole(amount: Decimal) -> Decimal:
    """Round to whole units of money, half away from zero.

    Parameters
    ----------
    amount : Decimal
        A sum.

    Returns
    -------
    Decimal
        A whole number.
    """
    return amount.quantize(WHOLE, ROUND_HALF_UP)


def total(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """Add amounts; unknown if one of them is.

    Parameters
    ----------
    amounts : sequence of Decimal or None
        What is added.

    Returns
    -------
    Decimal or None
        The plain sum.
    """
    found = ZERO
    for amount in amounts:
        if amount is None:
            return None
        found += amount
    return found


def share(amount: Decimal | None, quantities: Sequence[Decimal]) -> list[Decimal | None]:
    """Share an amount by quantity: each part booked, the last takes the rest.

    Parameters
    ----------
    amount : Decimal or None
        What is shared; unknown gives unknown parts.
    quantities : sequence of Decimal
        Of the parts.

    Returns
    -------
    list of Decimal or None
        One a part; they add up to the amount.
    """
    if amount is None:
        return [None] * len(quantities)
    if len(quantities) == 1:
        return [amount]
    whole, left = sum(quantities, ZERO), amount
    parts: list[Decimal | None] = []
    for quantity in quantities[:-1]:
        part = book(amount * quantity / whole)
        parts.append(part)
        left -= part
    return [*parts, left] if quantities else []


def share_coins(coins: Decimal, quantities: Sequence[Decimal]) -> list[Decimal]:
    """Share coins by quantity: each part rounded to 18 decimals, the last takes the rest, none below zero.

    Parameters
    ----------
    coins : Decimal
        What is shared.
    quantities : sequence of Decimal
        What the parts go by.

    Returns
    -------
    list of Decimal
        One a part; they add up to the coins.
    """
    whole, left = sum(quantities, ZERO), coins
    parts: list[Decimal] = []
    for quantity in quantities[:-1]:
        part = min((coins * quantity / whole).quantize(COIN_STEP), left)
        parts.append(part)
        left -= part
    return [*parts, left] if quantities else []


def parse_plain(given: object) -> Decimal | None:
    """Read a plain decimal of at most 18 decimals, not negative, below 1e18.

    Parameters
    ----------
    given : object
        A text, where the number is good.

    Returns
    -------
    Decimal or None
        Nothing where it is no such number.
    """
    if not isinstance(given, str) or not PLAIN.fullmatch(given):
        return None
    number = Decimal(given)
    return number if number < TOO_LARGE else None


def plain(number: Decimal | None) -> str | None:
    """Write a number without exponent and without zeros at its end.

    Parameters
    ----------
    number : Decimal or None
        Exact; nothing is unknown.

    Returns
    -------
    str or None
        Its digits.
    """
    if number is None:
        return None
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
