"""Numbers that venues write as text, exact both ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from vigie.domain.refusal import Refusal


def parse_number(value: Any) -> Decimal | None:
    """Return a number; venues write absence as nothing, null or zero.

    Raises
    ------
    ValueError, ArithmeticError
        If it is none.
    """
    if value is None or value == "":
        return None
    parsed = Decimal(str(value))
    if not parsed.is_finite():
        raise ValueError(Refusal("number_must_finite", "a number must be finite, was {value!r}", value=value))
    return parsed or None


def parse_amount(value: Any) -> Decimal:
    """Return a number that must be there, zero among them.

    Raises
    ------
    ValueError, ArithmeticError
        If it is missing, or none.
    """
    if value is None or value == "":
        raise ValueError(Refusal("number_missing", "a number is missing"))
    return parse_number(value) or Decimal(0)


def closing_levels(
    whole: Iterable[Decimal], parts: Sequence[tuple[Decimal, Decimal]], qty: Decimal, worse: int
) -> list[Decimal]:
    """Return the levels that each close the last of a position: of the whole, and what parts together leave open.

    Parameters
    ----------
    parts : sequence of (Decimal, Decimal)
        Size and level of those that close no more than that.
    qty : Decimal
        Size of the position.
    worse : int
        Where the price is further away: 1 above, -1 below.
    """
    levels = list(whole)
    if parts and sum(size for size, _ in parts) >= qty:
        levels.append(max((price for _, price in parts), key=lambda price: price * worse))
    return levels


def first_reached(levels: Iterable[Decimal], worse: int) -> Decimal | None:
    """Return of several levels that each close a whole position the one that the price reaches first.

    Parameters
    ----------
    worse : int
        Where the price is further away: 1 above, -1 below.
    """
    return min(levels, key=lambda price: price * worse, default=None)


def format_plain(value: Decimal) -> str:
    """Write a number without exponent and without needless zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
